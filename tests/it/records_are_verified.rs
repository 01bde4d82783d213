//! Whoever changes the record by hand, past every trigger, is found out by `verify`.
use candor_schema::SubjectId;
use candor_schema::canonical::{canonical, sha256};
use candor_tests::fixtures::{Firm, agreements_statement, e_verify_agreement};
use candor_tests::steps::{CANCEL_SOLICITATION, WITHDRAW_DISCLOSURE, WITHDRAW_BID, text};
use candor_tests::{TestApp, Engine, stories};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

stories![
    a_changed_byte_is_named,
    a_missing_entry_is_named,
    forged_facts_do_not_replay,
    a_forged_outcome_does_not_replay,
    a_reference_to_nothing_is_named,
    what_is_cut_off_a_chain_is_named,
    a_status_that_nobody_gave_is_named,
    what_was_replaced_whole_is_named,
];

/// A firm with a filing and an admitted bid, whose identifiers are returned.
async fn record(app: &TestApp) -> (Firm, Value, Value) {
    let department = app.create_department("BSS").await;
    let solicitation = app.publish_solicitation(&department, "2026-03-10T22:00:00Z").await;
    let firm = app.register_firm("Prime Paving").await;
    app.submit_bid(&firm, &solicitation, "90000").await;
    let filed = app.file_and_load_disclosure(&firm, agreements_statement(&[e_verify_agreement()])).await;
    let admitted = app.submit_bid(&firm, &solicitation, "100000").await;
    assert_eq!(admitted["bid"]["status"], "ADMITTED");
    app.assert_verifies().await;
    (firm, filed, admitted)
}

/// Takes the triggers of a frozen table away, as only who owns the database can.
async fn thaw(app: &TestApp, table: &str) {
    for event in ["update", "delete"] {
        let of =
            if app.engine == Engine::Postgres { format!(" ON {table}") } else { String::new() };
        app.run_sql(&format!("DROP TRIGGER {table}_no_{event}{of}")).await.expect("an owner's hand");
    }
}

/// Changes one word of one row, has it named, and puts it back.
async fn named(app: &TestApp, table: &str, column: &str, of: &str, word: [&str; 2], wrong: &str) {
    let change = |from: &str, to: &str| {
        format!("UPDATE {table} SET {column} = replace({column}, '{from}', '{to}') WHERE {of}")
    };
    let [old, new] = word;
    app.run_sql(&change(old, new)).await.expect("a hand on the record");
    assert_eq!(app.find_inconsistency().await, wrong);
    app.run_sql(&change(new, old)).await.expect("a hand on the record");
    app.assert_verifies().await;
}

async fn a_changed_byte_is_named(app: TestApp) {
    let (_, filed, admitted) = record(&app).await;
    let (disclosure, bid) = (text(&filed["id"]), text(&admitted["bid"]["id"]));
    let decision = text(&admitted["decision"]["id"]);
    for table in ["filing", "decision", "ledger", "policy"] {
        thaw(&app, table).await;
    }
    app.assert_verifies().await;
    let one = "version = 1";
    let told = format!("filing {disclosure}: its statement does not match its digest");
    named(&app, "filing", "statement", one, ["USCIS", "USCIT"], &told).await;
    let digest = text(&filed["sha256"]);
    let other = digest.replacen(['6', '1'], "0", 1);
    named(&app, "filing", "sha256", one, [&digest, &other], &told).await;
    let told = format!("filing {disclosure}: its digest is not the one that was signed");
    named(&app, "filing", "attestation", one, [&digest, &other], &told).await;

    let admits = "outcome = 'ADMIT'";
    let told = format!("decision {decision}: its facts do not match their digest");
    named(&app, "decision", "facts", admits, ["Prime Paving", "Prime Pawing"], &told).await;
    let hash = text(&admitted["decision"]["factsHash"]);
    let other = hash.chars().rev().collect::<String>();
    named(&app, "decision", "facts_sha256", admits, [&hash, &other], &told).await;
    let told = format!("decision {decision}: its findings do not match their digest");
    named(&app, "decision", "decision", admits, ["USCIS", "USCIT"], &told).await;

    let submitted = format!("subject = '{bid}' AND action = 'bid.submitted'");
    let told = format!("ledger of {bid}, entry 2: its content does not match its hash");
    for (column, word) in [
        ("data", ["100000.00", "100000.01"]),
        ("actor", ["prime-paving", "prime-pawing"]),
        ("action", ["bid.submitted", "bid.withdrawn"]),
        ("at", ["2026-02-02", "2026-02-01"]),
    ] {
        let of = if column == "action" {
            format!("subject = '{bid}' AND sequence = 2")
        } else {
            submitted.clone()
        };
        named(&app, "ledger", column, &of, word, &told).await;
    }
    let first = format!("subject = '{bid}' AND sequence = 1");
    let told = format!("ledger of {bid}, entry 1: its content does not match its hash");
    named(&app, "ledger", "data", &first, ["ADMIT", "BLOCK"], &told).await;

    let told = "policy version 1: its terms do not match its digest";
    named(
        &app,
        "policy",
        "terms",
        "version = 1",
        ["City of Los Angeles", "City of Las Vegas"],
        told,
    )
    .await;
}

async fn a_missing_entry_is_named(app: TestApp) {
    let (_, _, admitted) = record(&app).await;
    let bid = text(&admitted["bid"]["id"]);
    thaw(&app, "ledger").await;
    let gone = format!("DELETE FROM ledger WHERE subject = '{bid}' AND sequence = 1");
    app.run_sql(&gone).await.expect("a hand on the record");
    let told = format!("ledger of {bid}, entry 2: sequence 1 is missing");
    assert_eq!(app.find_inconsistency().await, told);
    // Moved up, it does not fit the place: what it continued is not there.
    let moved = format!("UPDATE ledger SET sequence = 1 WHERE subject = '{bid}'");
    app.run_sql(&moved).await.expect("a hand on the record");
    let told = format!("ledger of {bid}, entry 1: it does not continue the entry before it");
    assert_eq!(app.find_inconsistency().await, told);
}

/// The one decision that admits: its facts, and what it says.
async fn kept(app: &TestApp, column: &str) -> String {
    let select = format!("SELECT {column} FROM decision WHERE outcome = 'ADMIT'");
    let engine = app.database.read.get_database_backend();
    let row = sea_orm::Statement::from_string(engine, select);
    let row = app.database.read.query_one_raw(row).await.expect("an answer").expect("a row");
    row.try_get_by_index(0).expect("a text")
}

async fn forged_facts_do_not_replay(app: TestApp) {
    let (_, _, admitted) = record(&app).await;
    thaw(&app, "decision").await;
    // Facts by which the bid would have been refused, with a digest that fits them.
    let mut facts: Value = serde_json::from_str(&kept(&app, "facts").await).expect("JSON");
    facts["organization"]["disclosure"] = Value::Null;
    let forged = canonical(&facts).expect("JSON");
    let forge = format!(
        "UPDATE decision SET facts = '{}', facts_sha256 = '{}' WHERE outcome = 'ADMIT'",
        forged.text, forged.sha256
    );
    app.run_sql(&forge).await.expect("a hand on the record");
    let told = format!(
        "decision {}: deciding again from its facts gives another decision",
        text(&admitted["decision"]["id"])
    );
    assert_eq!(app.find_inconsistency().await, told);
}

async fn a_forged_outcome_does_not_replay(app: TestApp) {
    let (_, _, admitted) = record(&app).await;
    thaw(&app, "decision").await;
    // The note is taken away, with a digest that fits what is left.
    let mut said: Value = serde_json::from_str(&kept(&app, "decision").await).expect("JSON");
    said["findings"] = json!([]);
    let text_of = canonical(&said).expect("JSON").text;
    let forge = format!(
        "UPDATE decision SET decision = '{text_of}', decision_sha256 = '{}' WHERE outcome = 'ADMIT'",
        sha256(&text_of)
    );
    app.run_sql(&forge).await.expect("a hand on the record");
    let told = format!(
        "decision {}: deciding again from its facts gives another decision",
        text(&admitted["decision"]["id"])
    );
    assert_eq!(app.find_inconsistency().await, told);
}

async fn a_reference_to_nothing_is_named(app: TestApp) {
    record(&app).await;
    let orphan =
        "UPDATE bid SET organization_id = id, disclosure_id = NULL WHERE status = 'REFUSED'";
    if app.engine == Engine::Postgres {
        // No hand on the file switches its foreign keys off.
        app.run_sql(orphan).await.expect_err("there is no such organization");
        return;
    }
    let file = app.database.migrating();
    let switch = async |to: &str| {
        let switch = format!("PRAGMA foreign_keys = {to}");
        file.execute_unprepared(&switch).await.expect("a hand on the file");
    };
    switch("OFF").await;
    file.execute_unprepared(orphan).await.expect("a hand on the file");
    switch("ON").await;
    let told = "a row of bid refers to a row of organization that is not there";
    assert_eq!(app.find_inconsistency().await, told);
}

/// Takes entries away, with a chain that holds without them, has their subject named, and puts them
/// back.
async fn without(app: &TestApp, entries: &str, subject: &str) {
    let kept = format!("CREATE TABLE kept AS SELECT * FROM ledger WHERE {entries}");
    for by_hand in [kept, format!("DELETE FROM ledger WHERE {entries}")] {
        app.run_sql(&by_hand).await.expect("a hand on the record");
    }
    assert!(app.select_number("SELECT COUNT(*) FROM kept").await > 0, "{entries}");
    let wrong = app.find_inconsistency().await;
    let uuid = SubjectId::parse(subject).map_or(subject.to_owned(), |id| id.uuid.to_string());
    assert!(wrong.contains(subject) || wrong.contains(&uuid), "{entries}: {wrong}");
    for by_hand in ["INSERT INTO ledger SELECT * FROM kept", "DROP TABLE kept"] {
        app.run_sql(by_hand).await.expect("a hand on the record");
    }
}

async fn what_is_cut_off_a_chain_is_named(app: TestApp) {
    let department = app.create_department("BOE").await;
    let due = "2026-03-10T22:00:00Z";
    let [first, second] =
        [app.publish_solicitation(&department, due).await, app.publish_solicitation(&department, due).await];
    let (firm, other) = (app.register_firm("Prime Paving").await, app.register_disclosing_firm("Harbor Hauling").await);
    let old = text(&app.file_and_load_disclosure(&firm, agreements_statement(&[e_verify_agreement()])).await["id"]);
    let new = text(&app.file_and_load_disclosure(&firm, agreements_statement(&[e_verify_agreement()])).await["id"]);
    let taken = app.submit_admitted_bid(&firm, &first, "100000").await;
    app.mutate_ok(&firm.token, WITHDRAW_BID, json!({ "id": taken })).await;
    let closed = app.submit_bid(&other, &second, "100000").await;
    let closed = text(&closed["bid"]["id"]);
    let reason = |id: &str| json!({ "id": id, "reason": "By mistake." });
    app.mutate_ok(&department.token, CANCEL_SOLICITATION, reason(&second)).await;
    app.mutate_ok(&firm.token, WITHDRAW_DISCLOSURE, reason(&new)).await;
    app.assert_verifies().await;
    thaw(&app, "ledger").await;

    for (subject, after) in [
        (&firm.id, 0),
        (&department.id, 0),
        (&old, 0),
        (&old, 1),
        (&new, 1),
        (&first, 0),
        (&first, 1),
        (&second, 2),
        (&closed, 0),
        (&closed, 1),
        (&closed, 2),
        (&taken, 2),
    ] {
        let entries = format!("subject = '{subject}' AND sequence > {after}");
        without(&app, &entries, subject).await;
    }
    without(&app, "subject LIKE 'pol_%'", "pol_").await;
    without(&app, "action = 'register.added' AND subject LIKE 'reg_%'", "register").await;
    app.assert_verifies().await;
}

async fn a_status_that_nobody_gave_is_named(app: TestApp) {
    let (_, filed, admitted) = record(&app).await;
    let (disclosure, bid) = (text(&filed["id"]), text(&admitted["bid"]["id"]));
    let told = format!("bid {bid}: its status is CLOSED, and the ledger says ADMITTED");
    named(&app, "bid", "status", "decision_outcome = 'ADMIT'", ["ADMITTED", "CLOSED"], &told)
        .await;
    let told =
        format!("disclosure {disclosure}: its status is SUPERSEDED, and the ledger says FILED");
    named(&app, "disclosure", "status", "version = 1", ["FILED", "SUPERSEDED"], &told).await;
    let reopened = "UPDATE solicitation SET status = 'DRAFT', published_at = NULL, \
        policy_version = NULL";
    app.run_sql("UPDATE bid SET status = 'CLOSED' WHERE status = 'ADMITTED'").await.expect("a hand");
    app.run_sql(reopened).await.expect("a hand on the record");
    let wrong = app.find_inconsistency().await;
    assert!(wrong.contains("solicitation") || wrong.contains(&bid), "{wrong}");
}

/// A hand that replaces a text replaces its digests too; the ledger's chain it would have to
/// write anew as well.
async fn what_was_replaced_whole_is_named(app: TestApp) {
    let (_, filed, _) = record(&app).await;
    for table in ["filing", "decision"] {
        thaw(&app, table).await;
    }
    let facts = kept(&app, "facts").await.replace("Prime Paving", "Prime Pawing");
    let forge = format!(
        "UPDATE decision SET facts = '{facts}', facts_sha256 = '{}' WHERE outcome = 'ADMIT'",
        sha256(&facts)
    );
    app.run_sql(&forge).await.expect("a hand on the record");
    let wrong = app.find_inconsistency().await;
    assert!(wrong.starts_with("decision ") && wrong.ends_with("is not what the ledger says"));

    let said = text(&filed["canonical"]).replace("USCIS", "TSA");
    let (old, new) = (text(&filed["sha256"]), sha256(&said));
    let forge = format!(
        "UPDATE filing SET statement = '{said}', sha256 = '{new}',
            attestation = replace(attestation, '{old}', '{new}')"
    );
    app.run_sql(&forge).await.expect("a hand on the record");
    let disclosure = text(&filed["id"]);
    let wrong = app.find_inconsistency().await;
    assert!(wrong.starts_with(&format!("filing {disclosure}: ")), "{wrong}");
}
