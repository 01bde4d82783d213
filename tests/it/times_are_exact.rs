//! Every time has the precision that both databases store: whole microseconds, without leap seconds.
use candor_tests::steps::AMEND_SOLICITATION;
use candor_tests::{TestApp, stories};
use chrono::{DateTime, Utc};
use serde_json::json;

stories![a_due_time_is_answered_as_it_is_stored, a_finer_time_changes_nothing];

const DUE: &str = "query($id: ID!) { solicitation(id: $id) { dueAt addenda { dueAt } } }";

/// Times as typed, and as they are stored.
const TIMES: [(&str, &str); 6] = [
    ("2026-03-10T22:00:00Z", "2026-03-10T22:00:00Z"),
    ("2026-03-10T22:00:00.1234567Z", "2026-03-10T22:00:00.123456Z"),
    ("2026-03-10T22:00:00.999999999Z", "2026-03-10T22:00:00.999999Z"),
    ("2026-03-10T22:00:00.000000001Z", "2026-03-10T22:00:00Z"),
    ("2026-06-30T23:59:60Z", "2026-07-01T00:00:00Z"),
    ("2026-06-30T16:59:60.7500009-07:00", "2026-07-01T00:00:00.75Z"),
];

fn time(text: &str) -> DateTime<Utc> {
    text.parse().expect("a time")
}

async fn a_due_time_is_answered_as_it_is_stored(app: TestApp) {
    let department = app.create_department("BSS").await;
    for (typed, stored) in TIMES {
        let id = app.create_solicitation(&department, typed, json!({})).await;
        let data = app.query(&department.token, DUE, json!({ "id": id })).await;
        let due = data["solicitation"]["dueAt"].as_str().expect("a time");
        assert_eq!(time(due), time(stored), "{typed}");
    }
    app.assert_verifies().await;
}

async fn a_finer_time_changes_nothing(app: TestApp) {
    let department = app.create_department("BSS").await;
    let id = app.publish_solicitation(&department, "2026-03-10T22:00:00.5Z").await;
    // The same time to the microsecond is no change, and so no earlier and no later due time.
    for typed in ["2026-03-10T22:00:00.500000999Z", "2026-03-10T22:00:00.5000001Z"] {
        let change = json!({ "id": id, "dueAt": typed, "addendum": "Bring a broom." });
        app.mutate_ok(&department.token, AMEND_SOLICITATION, json!({ "input": change })).await;
    }
    let moved = "SELECT COUNT(*) FROM addendum WHERE previous_due_at IS NOT NULL";
    assert_eq!(app.select_number(moved).await, 0);
    let leap = json!({ "id": id, "dueAt": "2026-06-30T23:59:60.25Z", "addendum": "Later." });
    app.mutate_ok(&department.token, AMEND_SOLICITATION, json!({ "input": leap })).await;
    let data = app.query(&department.token, DUE, json!({ "id": id })).await;
    let solicitation = &data["solicitation"];
    for due in [&solicitation["dueAt"], &solicitation["addenda"][2]["dueAt"]] {
        assert_eq!(time(due.as_str().expect("a time")), time("2026-07-01T00:00:00.25Z"));
    }
    // Filters and the policy's time are read alike.
    let filter = json!({
        "submittedFrom": "2026-06-30T23:59:60Z", "submittedBefore": "2026-07-01T00:00:00.0000005Z",
    });
    let query =
        "query($filter: BidFilter) { screenBids(filter: $filter) { nodes { bid { id } } } }";
    let answer = app.execute(&app.reviewer_token(), query, json!({ "filter": filter })).await;
    assert!(format!("{answer:?}").contains("submitted"), "an empty span is refused: {answer:?}");
    let query = "query($at: DateTime) { policy(asOf: $at) { id } }";
    for at in ["2026-01-05T23:59:60.9Z", "2026-02-01T00:00:00.123456789Z"] {
        let data = app.query(&app.reviewer_token(), query, json!({ "at": at })).await;
        assert_ne!(data["policy"]["id"], json!(null), "{at}");
    }
}
