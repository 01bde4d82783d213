//! What an audit trail hides: the entries of who held a contract before, places in a chain, and
//! that there is a sealed bid.
use candor_tests::affairs::{agreements, nothing};
use candor_tests::steps::{detention, text};
use candor_tests::{City, Role, stories};
use serde_json::{Value, json};

use crate::trail_tells_each_reader::trail::TRAIL;

stories![
    each_holder_of_a_contract_reads_its_own_entries,
    a_cursor_of_a_hidden_entry_is_refused,
    no_other_trail_tells_of_a_sealed_bid,
];

const DUE: &str = "2026-03-10T22:00:00Z";
const SEALED: &str = "2026-03-10T22:00:14.999999Z";

/// The entries that somebody reads of a subject; none if it does not exist to them.
async fn entries(city: &City, token: &str, subject: &str) -> Option<Vec<Value>> {
    let asked = json!({ "id": subject, "first": 100 });
    let answer = city.ask(token, TRAIL, asked).await;
    let trail = &answer["data"]["auditTrail"];
    let entries = trail["nodes"].as_array()?.clone();
    assert_eq!(trail["totalCount"], entries.len(), "hidden entries are not counted: {trail:#}");
    Some(entries)
}

fn actions(entries: &[Value]) -> Vec<String> {
    entries.iter().map(|entry| text(&entry["action"])).collect()
}

async fn each_holder_of_a_contract_reads_its_own_entries(city: City) {
    let department = city.department("BSS").await;
    let holder = city.firm("Perennial Paving").await;
    city.filed(&holder, agreements(&[detention()])).await;
    let assignee = city.disclosing("Spicebush Roads").await;
    let days = ("2026-01-01", "2026-12-31");
    let clause = json!({ "clauseVersion": 1 });
    let contract = city.recorded(&department, &holder, "C-1", days, clause).await;
    let own = entries(&city, &holder.token, &contract).await.expect("a trail");
    assert_eq!(actions(&own), ["contract.recorded"]);
    assert_eq!(entries(&city, &assignee.token, &contract).await, None);

    let input = json!({
        "contractId": contract, "action": "ASSIGNMENT", "assigneeId": assignee.id,
    });
    let assignment = city.proposed(&department, input).await;
    let executed = city.executed(&department, &assignment).await;
    assert_eq!(executed["renewal"]["status"], "EXECUTED", "{executed:#}");

    let own = entries(&city, &assignee.token, &contract).await.expect("a trail");
    assert_eq!(actions(&own), ["contract.carried_on"]);
    assert!(!json!(own).to_string().contains(&holder.id), "{own:#?}");
    assert_eq!(entries(&city, &holder.token, &contract).await, None);
    let auditor = city.token("auditor", &[Role::Auditor]);
    let all = entries(&city, &auditor, &contract).await.expect("a trail");
    assert_eq!(actions(&all), ["contract.recorded", "contract.carried_on"]);
}

async fn a_cursor_of_a_hidden_entry_is_refused(city: City) {
    let firm = city.disclosing("Prime Paving").await;
    let filed = city.filed(&firm, nothing()).await;
    let id = text(&filed["id"]);
    let take = "mutation($id: ID!) { takeReview(id: $id) {
        disclosure { id } userErrors { path code message } } }";
    city.done(&city.reviewer(), take, json!({ "id": id })).await;
    let auditor = city.token("auditor", &[Role::Auditor]);
    let all = entries(&city, &auditor, &id).await.expect("a trail");
    assert_eq!(actions(&all), ["disclosure.filed", "review.taken"]);
    let own = entries(&city, &firm.token, &id).await.expect("a trail");
    assert_eq!(actions(&own), ["disclosure.filed"]);
    for name in ["sequence", "previous", "hash"] {
        assert_eq!(own[0][name], Value::Null, "{name}");
        assert_ne!(all[0][name], Value::Null, "{name}");
    }
    let from = |cursor: &Value| json!({ "id": id, "first": 1, "after": cursor });
    let next = city.data(&auditor, TRAIL, from(&all[0]["id"])).await;
    assert_eq!(next["auditTrail"]["nodes"][0]["action"], "review.taken");
    let next = city.data(&firm.token, TRAIL, from(&own[0]["id"])).await;
    assert_eq!(next["auditTrail"]["nodes"], json!([]));
    for forged in [&all[1]["id"], &json!("2"), &json!("evt_00000000000000000000000000")] {
        let code = city.fault(&firm.token, TRAIL, from(forged)).await;
        assert_eq!(code, "BAD_USER_INPUT", "{forged}");
    }
}

async fn no_other_trail_tells_of_a_sealed_bid(city: City) {
    let department = city.department("BSS").await;
    let solicitation = city.solicited(&department, DUE).await;
    let firm = city.firm("Prime Paving").await;
    let filed = text(&city.filed(&firm, nothing()).await["id"]);
    let staff = [
        department.token.clone(),
        city.reviewer(),
        city.supervisor("supervisor"),
        city.token("analyst", &[Role::CaoAnalyst]),
        city.token("auditor", &[Role::Auditor]),
        city.token("administrator", &[Role::Admin]),
    ];
    let subjects = [&solicitation, &department.id, &firm.id, &filed];
    let read = async || {
        let mut trails = Vec::new();
        for token in &staff {
            for subject in subjects {
                trails.push(entries(&city, token, subject).await);
            }
        }
        trails
    };
    let before = read().await;
    let bid = city.admitted(&firm, &solicitation, "100000").await;
    assert_eq!(read().await, before);
    city.advance_to(SEALED);
    assert_eq!(read().await, before);
    for token in &staff {
        assert_eq!(entries(&city, token, &bid).await, None);
    }
    assert!(entries(&city, &firm.token, &bid).await.is_some(), "the firm reads its own");
}
