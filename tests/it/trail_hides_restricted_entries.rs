//! What an audit trail hides: entries of a former contract holder, positions in a chain, and the
//! existence of a sealed bid.
use candor_tests::due_times::march::DUE;
use candor_tests::fixtures::{agreements_statement, no_dealings};
use candor_tests::steps::{detention_agreement, text};
use candor_tests::{Role, TestApp, stories};
use serde_json::{Value, json};

use crate::trail_visibility::trail::TRAIL;

stories![
    each_holder_of_a_contract_reads_its_own_entries,
    a_cursor_of_a_hidden_entry_is_refused,
    no_other_trail_reveals_a_sealed_bid,
];

const LAST_SEALED_INSTANT: &str = "2026-03-10T22:00:14.999999Z";

/// Loads the entries of a subject that a user may read; none if the subject is not visible to the
/// user.
async fn load_entries(app: &TestApp, token: &str, subject: &str) -> Option<Vec<Value>> {
    let variables = json!({ "id": subject, "first": 100 });
    let answer = app.execute(token, TRAIL, variables).await;
    let trail = &answer["data"]["auditTrail"];
    let entries = trail["nodes"].as_array()?.clone();
    assert_eq!(trail["totalCount"], entries.len(), "hidden entries are not counted: {trail:#}");
    Some(entries)
}

fn list_actions(entries: &[Value]) -> Vec<String> {
    entries.iter().map(|entry| text(&entry["action"])).collect()
}

async fn each_holder_of_a_contract_reads_its_own_entries(app: TestApp) {
    let department = app.create_department("BSS").await;
    let holder = app.register_firm("Perennial Paving").await;
    app.file_and_load_disclosure(&holder, agreements_statement(&[detention_agreement()])).await;
    let assignee = app.register_disclosing_firm("Spicebush Roads").await;
    let days = ("2026-01-01", "2026-12-31");
    let clause = json!({ "clauseVersion": 1 });
    let contract = app.record_contract(&department, &holder, "C-1", days, clause).await;
    let own = load_entries(&app, &holder.token, &contract).await.expect("a trail");
    assert_eq!(list_actions(&own), ["contract.recorded"]);
    assert_eq!(load_entries(&app, &assignee.token, &contract).await, None);

    let input = json!({
        "contractId": contract, "action": "ASSIGNMENT", "assigneeId": assignee.id,
    });
    let assignment = app.propose_renewal(&department, input).await;
    let executed = app.execute_renewal(&department, &assignment).await;
    assert_eq!(executed["renewal"]["status"], "EXECUTED", "{executed:#}");

    let own = load_entries(&app, &assignee.token, &contract).await.expect("a trail");
    assert_eq!(list_actions(&own), ["contract.modified"]);
    assert!(!json!(own).to_string().contains(&holder.id), "{own:#?}");
    assert_eq!(load_entries(&app, &holder.token, &contract).await, None);
    let auditor = app.token("auditor", &[Role::Auditor]);
    let all = load_entries(&app, &auditor, &contract).await.expect("a trail");
    assert_eq!(list_actions(&all), ["contract.recorded", "contract.modified"]);
}

async fn a_cursor_of_a_hidden_entry_is_refused(app: TestApp) {
    let firm = app.register_disclosing_firm("Prime Paving").await;
    let filed = app.file_and_load_disclosure(&firm, no_dealings()).await;
    let id = text(&filed["id"]);
    let take = "mutation($id: ID!) { takeReview(id: $id) {
        disclosure { id } userErrors { path code message } } }";
    app.mutate_ok(&app.reviewer_token(), take, json!({ "id": id })).await;
    let auditor = app.token("auditor", &[Role::Auditor]);
    let all = load_entries(&app, &auditor, &id).await.expect("a trail");
    assert_eq!(list_actions(&all), ["disclosure.filed", "review.taken"]);
    let own = load_entries(&app, &firm.token, &id).await.expect("a trail");
    assert_eq!(list_actions(&own), ["disclosure.filed"]);
    for name in ["sequence", "previous", "hash"] {
        assert_eq!(own[0][name], Value::Null, "{name}");
        assert_ne!(all[0][name], Value::Null, "{name}");
    }
    let from = |cursor: &Value| json!({ "id": id, "first": 1, "after": cursor });
    let next = app.query(&auditor, TRAIL, from(&all[0]["id"])).await;
    assert_eq!(next["auditTrail"]["nodes"][0]["action"], "review.taken");
    let next = app.query(&firm.token, TRAIL, from(&own[0]["id"])).await;
    assert_eq!(next["auditTrail"]["nodes"], json!([]));
    for forged in [&all[1]["id"], &json!("2"), &json!("evt_00000000000000000000000000")] {
        let code = app.fault_code(&firm.token, TRAIL, from(forged)).await;
        assert_eq!(code, "BAD_USER_INPUT", "{forged}");
    }
}

async fn no_other_trail_reveals_a_sealed_bid(app: TestApp) {
    let department = app.create_department("BSS").await;
    let solicitation = app.publish_solicitation(&department, DUE).await;
    let firm = app.register_firm("Prime Paving").await;
    let filed = text(&app.file_and_load_disclosure(&firm, no_dealings()).await["id"]);
    let staff = [
        department.token.clone(),
        app.reviewer_token(),
        app.supervisor_token("supervisor"),
        app.token("analyst", &[Role::CaoAnalyst]),
        app.token("auditor", &[Role::Auditor]),
        app.token("administrator", &[Role::Admin]),
    ];
    let subjects = [&solicitation, &department.id, &firm.id, &filed];
    let read = async || {
        let mut trails = Vec::new();
        for token in &staff {
            for subject in subjects {
                trails.push(load_entries(&app, token, subject).await);
            }
        }
        trails
    };
    let before = read().await;
    let bid = app.submit_admitted_bid(&firm, &solicitation, "100000").await;
    assert_eq!(read().await, before);
    app.advance_to(LAST_SEALED_INSTANT);
    assert_eq!(read().await, before);
    for token in &staff {
        assert_eq!(load_entries(&app, token, &bid).await, None);
    }
    assert!(load_entries(&app, &firm.token, &bid).await.is_some(), "the firm reads its own");
}
