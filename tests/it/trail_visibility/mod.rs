//! An audit trail shows each reader the entries and keys that `access.toml` allows.
pub mod acts;
mod table;
pub mod trail;

use std::collections::{BTreeMap, BTreeSet};

use candor_schema::ledger::model::LedgerAction;
use candor_tests::{Role, TestApp, stories};
use serde_json::{Value, json};

use crate::edge_and_node_access_agree::edges::Schema;
use crate::edge_and_node_access_agree::maker::Maker;
use crate::edge_and_node_access_agree::objects::load_all_ids;
use acts::act;
use table::{KEYS_OF_WHOLE_ENTRIES, Share, Table};
use trail::{Entry, Person, Subject, recomputed, trail};

stories![every_reader_sees_what_the_access_table_allows];

/// After every bid is opened.
const OPENED: &str = "2026-04-14T21:00:15Z";
/// Actions that no trail here contains, and why.
const NOT_SHOWN: &[(LedgerAction, &str)] = &[
    (LedgerAction::IdentifierDisputeOpened, "a dispute is no node"),
    (LedgerAction::IdentifierDisputeDecided, "a dispute is no node"),
    (LedgerAction::IdentifierDisputeClosed, "a dispute is no node"),
    (LedgerAction::MergeProposed, "a proposal to merge is no node"),
    (LedgerAction::MergeProposalMerged, "a proposal to merge is no node"),
    (LedgerAction::MergeProposalDismissed, "a proposal to merge is no node"),
    (LedgerAction::PolicyChangeProposed, "a proposed change is no node"),
    (LedgerAction::PolicyChangeConfirmed, "a proposed change is no node"),
    (LedgerAction::PolicyChangeWithdrawn, "a proposed change is no node"),
    (LedgerAction::RegisterAdded, "a register is no node"),
    (LedgerAction::ImportBegan, "an import is no node"),
    (LedgerAction::ImportFinished, "an import is no node"),
    (LedgerAction::ClockAccepted, "the service is no node"),
    (LedgerAction::ApiKeyCreated, "an API key is no node"),
    (LedgerAction::ApiKeyRevoked, "an API key is no node"),
];

/// What one person reads of one subject.
struct Reading<'a> {
    person: &'a Person,
    id: &'a str,
    /// None if the subject is not visible to the person.
    entries: Option<Vec<Entry>>,
}

/// Everything that each person reads, with inconsistencies within a trail.
async fn read_all<'a>(
    app: &TestApp,
    people: &'a [Person],
    ids: &'a [String],
    wrong: &mut Vec<String>,
) -> Vec<Reading<'a>> {
    let mut readings = Vec::new();
    for person in people {
        for id in ids {
            let entries = trail(app, person, id, wrong).await;
            readings.push(Reading { person, id, entries });
        }
    }
    readings
}

/// Returns how an entry differs from the table.
fn compare_entry(
    table: &Table,
    subject: &Subject,
    reading: &Reading<'_>,
    whole: &Entry,
    people: &BTreeMap<String, BTreeSet<String>>,
) -> Option<String> {
    let concerned = subject.concerned(whole);
    let column = reading.person.column(subject, concerned.as_deref());
    let shown = reading.entries.iter().flatten().find(|entry| entry["id"] == whole["id"]);
    let action = whole["action"].as_str().unwrap_or_default();
    let keys = match table.share(action, column) {
        Share::Whole => return (shown != Some(whole)).then(|| format!("{column}: {shown:?}")),
        Share::Nothing => return shown.map(|shown| format!("{column}: {shown}")),
        Share::Keys(keys) => keys,
    };
    let actor = whole["actor"].as_str().unwrap_or_default();
    let firm = concerned.or_else(|| subject.organization.clone());
    let is_own = firm.and_then(|firm| people.get(&firm)).is_some_and(|its| its.contains(actor));
    let shows_actor =
        actor == "candor" || keys.contains("actor") || (is_own && keys.contains("own_actor"));
    let data = whole["data"].as_object().expect("an object").iter();
    let data =
        data.filter(|(key, _)| keys.contains(*key)).map(|(key, it)| (key.clone(), it.clone()));
    let expected = json!({
        "id": whole["id"], "subject": whole["subject"], "at": whole["at"],
        "action": action, "actor": if shows_actor { json!(actor) } else { Value::Null },
        "data": data.collect::<serde_json::Map<_, _>>(),
        "sequence": null, "previous": null, "hash": null,
    });
    (shown != Some(&expected)).then(|| {
        let shown = shown.map_or_else(|| "nothing".to_owned(), ToString::to_string);
        format!("{column}: {shown}\nthe table: {expected}")
    })
}

async fn every_reader_sees_what_the_access_table_allows(app: TestApp) {
    let table = Table::read();
    let all: BTreeSet<&str> = LedgerAction::ALL.iter().map(|action| action.as_str()).collect();
    assert_eq!(table.actions(), all);

    let schema = Schema::read();
    let mut maker =
        Maker { app: &app, schema: &schema, walked: BTreeSet::new(), wrong: Vec::new() };
    let mut viewers = Box::pin(maker.make()).await;
    let acts = Box::pin(act(&app)).await;
    viewers.extend(acts.viewers);
    let mut asking = Vec::new();
    for (who, token) in viewers {
        asking.push(Person::of(&app, who, token).await);
    }
    let mut people = BTreeMap::<String, BTreeSet<String>>::new();
    for person in &asking {
        for organization in &person.organizations {
            people.entry(organization.clone()).or_default().insert(person.principal.clone());
        }
    }
    for (organization, token) in acts.former {
        let former = Person::of(&app, "a former member", token).await;
        assert!(former.organizations.is_empty());
        people.entry(organization).or_default().insert(former.principal);
    }

    // Drafts have no entries; a decision is in the trail of its subject.
    let mut ids = load_all_ids(&app).await;
    ids.remove("FederalAward");
    ids.remove("Decision");
    let ids: Vec<String> = ids.into_values().flatten().collect();
    let mut wrong = Vec::new();
    let until = candor_schema::ledger::model::format_time(app.now());
    let (some, others) = asking.split_at(asking.len() / 2);
    let (mut wrong_of_some, mut wrong_of_others) = (Vec::new(), Vec::new());
    let (mut readings, of_others) = tokio::join!(
        read_all(&app, some, &ids, &mut wrong_of_some),
        read_all(&app, others, &ids, &mut wrong_of_others)
    );
    readings.extend(of_others);
    wrong.append(&mut wrong_of_some);
    wrong.append(&mut wrong_of_others);

    // What the firm reads of its sealed bid is compared with what an auditor reads once it is
    // opened.
    app.advance_to(OPENED);
    let auditor = app.token("staff", &[Role::Auditor]);
    let auditor = Person::of(&app, "auditor", auditor).await;
    let mut occurred = BTreeSet::new();
    let mut compared = BTreeMap::<String, usize>::new();
    for id in &ids {
        let subject = Subject::of(&app, &auditor, id).await;
        let Some(whole) = trail(&app, &auditor, id, &mut wrong).await else {
            for reading in readings.iter().filter(|it| it.id == id) {
                let shown = reading.entries.iter().flatten().count();
                if shown > 0 {
                    wrong.push(format!("{id} {}: {shown} entries of a draft", reading.person.who));
                }
            }
            continue;
        };
        if let Err(why) = recomputed(&whole) {
            wrong.push(format!("{id}: {why}"));
        }
        let at = |entry: &Entry| entry["at"].as_str().unwrap_or_default().to_owned();
        let whole: Vec<Entry> = whole.into_iter().filter(|it| at(it) <= until).collect();
        occurred
            .extend(whole.iter().map(|it| it["action"].as_str().unwrap_or_default().to_owned()));
        for entry in &whole {
            let known = table.keys(entry["action"].as_str().unwrap_or_default());
            let keys = entry["data"].as_object().into_iter().flat_map(|data| data.keys());
            for key in keys
                .filter(|key| !KEYS_OF_WHOLE_ENTRIES.contains(&&***key) && !known.contains(*key))
            {
                wrong.push(format!("{} {key}: not in the table", entry["action"]));
            }
        }
        for reading in readings.iter().filter(|it| it.id == id) {
            let Some(entries) = &reading.entries else { continue };
            for entry in &whole {
                let found = compare_entry(&table, &subject, reading, entry, &people);
                wrong.extend(
                    found.map(|it| {
                        format!("{id} {} {}, as {it}", entry["action"], reading.person.who)
                    }),
                );
            }
            let places =
                entries.iter().map(|entry| whole.iter().position(|it| it["id"] == entry["id"]));
            let places: Option<Vec<usize>> = places.collect();
            if !places.is_some_and(|places| places.is_sorted()) {
                wrong.push(format!("{id} {}: out of order, or unknown", reading.person.who));
            }
            *compared.entry(reading.person.kind.clone()).or_default() += entries.len();
        }
    }
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong.join("\n"));
    assert_every_action_occurred(&occurred);
    for kind in ["BIDDER", "CONTRACT_OFFICER", "BCA_REVIEWER", "AUDITOR", "PROCUREMENT_SYSTEM"] {
        assert!(compared.get(kind).is_some_and(|count| *count > 0), "{kind} read nothing");
    }
}

/// Asserts that every action occurred except the listed ones.
fn assert_every_action_occurred(occurred: &BTreeSet<String>) {
    let not_shown: BTreeSet<&str> = NOT_SHOWN.iter().map(|(action, _)| action.as_str()).collect();
    let all = LedgerAction::ALL.iter().map(|action| action.as_str());
    let missing: Vec<&str> =
        all.filter(|it| !occurred.contains(*it) && !not_shown.contains(it)).collect();
    let shown: Vec<&&str> = not_shown.iter().filter(|it| occurred.contains(**it)).collect();
    assert!(missing.is_empty(), "no trail shows {missing:?}");
    assert!(shown.is_empty(), "a trail shows {shown:?} after all");
}
