//! People's names from their tokens are shown beside their subjects, to whoever sees the subjects.
use candor_tests::fixtures::no_dealings;
use candor_tests::steps::{ACCEPT_DISCLOSURE, TAKE_REVIEW};
use candor_tests::{Role, TestApp, stories};
use serde_json::{Value, json};

stories![
    names_are_shown_beside_subjects,
    an_unreadable_name_is_ignored,
    a_changed_name_is_stored_at_most_once_a_minute,
];

const VIEWER: &str = "{ viewer { subject name } }";
const DISCLOSURE: &str = "query($id: ID!) { disclosure(id: $id) { reviewer reviewerName
    clarifications { askedBy askedByName } reviews { decidedBy decidedByName reopenedByName } } }";
const TRAIL: &str = "query($id: ID!) { auditTrail(subject: $id) {
    nodes { action actor actorName } } }";

async fn names_are_shown_beside_subjects(app: TestApp) {
    let firm = app.register_firm("Prime Paving").await;
    let filed = app.file_and_load_disclosure(&firm, no_dealings()).await["id"].clone();
    let reviewer_token = app.named_token("first", Role::BcaReviewer, "  First   Reviewer ");
    let viewer = app.query(&reviewer_token, VIEWER, json!({})).await;
    assert_eq!(viewer["viewer"], json!({ "subject": "first", "name": "First Reviewer" }));
    app.mutate_ok(&reviewer_token, TAKE_REVIEW, json!({ "id": filed })).await;
    app.mutate_ok(&reviewer_token, ACCEPT_DISCLOSURE, json!({ "id": filed })).await;

    let by_ana = json!([{ "decidedBy": "first", "decidedByName": "First Reviewer", "reopenedByName": null }]);
    let data = app.query(&reviewer_token, DISCLOSURE, json!({ "id": filed })).await;
    assert_eq!(data["disclosure"]["reviews"], by_ana);
    let reviewer = (&data["disclosure"]["reviewer"], &data["disclosure"]["reviewerName"]);
    assert_eq!(reviewer, (&json!("first"), &json!("First Reviewer")));
    // The firm sees who decided, and not who is assigned.
    let data = app.query(&firm.token, DISCLOSURE, json!({ "id": filed })).await;
    assert_eq!(data["disclosure"]["reviews"], by_ana);
    let reviewer = (&data["disclosure"]["reviewer"], &data["disclosure"]["reviewerName"]);
    assert_eq!(reviewer, (&Value::Null, &Value::Null));

    // The ledger's actor has a name wherever it is shown, and nowhere else.
    let auditor = app.token("auditor", &[Role::Auditor]);
    let named = async |token: &str| {
        let data = app.query(token, TRAIL, json!({ "id": filed })).await;
        let nodes = data["auditTrail"]["nodes"].as_array().expect("entries").clone();
        let names = nodes.iter().map(|it| (it["actor"].is_null(), it["actorName"].clone()));
        names.collect::<Vec<_>>()
    };
    let seen = named(&auditor).await;
    assert!(seen.iter().any(|(_, name)| name == "First Reviewer"), "{seen:?}");
    let seen = named(&firm.token).await;
    assert!(seen.iter().all(|(_, name)| name != "First Reviewer"), "{seen:?}");
    // The same subject of another issuer is another person, without that name.
    assert_eq!(app.select_number("SELECT count(*) FROM person").await, 1);
    app.assert_verifies().await;
}

async fn an_unreadable_name_is_ignored(app: TestApp) {
    for name in ["", "  ", "Some\u{202E}body", &"n".repeat(201)] {
        let token = app.named_token("first", Role::BcaReviewer, name);
        let viewer = app.query(&token, VIEWER, json!({})).await;
        assert_eq!(viewer["viewer"], json!({ "subject": "first", "name": null }), "{name:?}");
    }
    assert_eq!(app.select_number("SELECT count(*) FROM person").await, 0);
}

async fn a_changed_name_is_stored_at_most_once_a_minute(app: TestApp) {
    let count_statements = async |token: &str| {
        let before = app.count_statements();
        app.query(token, VIEWER, json!({})).await;
        app.count_statements() - before
    };
    let stored = async |name: &str| {
        let select = format!("SELECT count(*) FROM person WHERE name = '{name}'");
        app.select_number(&select).await
    };
    let earlier = app.named_token("first", Role::BcaReviewer, "First Reviewer");
    // The first request of a token reads memberships, too.
    let nameless_first = count_statements(&app.reviewer_token()).await;
    let nameless = count_statements(&app.reviewer_token()).await;
    assert!(count_statements(&earlier).await > nameless_first, "the first sign-in stores the name");
    assert_eq!(count_statements(&earlier).await, nameless, "and later ones do nothing");
    let renamed = app.named_token("first", Role::BcaReviewer, "Lead Reviewer");
    assert_eq!(count_statements(&renamed).await, nameless_first, "not twice in a minute");
    assert_eq!((stored("First Reviewer").await, stored("Lead Reviewer").await), (1, 0));
    app.advance_to("2026-02-02T20:01:01Z");
    app.query(&renamed, VIEWER, json!({})).await;
    assert_eq!((stored("First Reviewer").await, stored("Lead Reviewer").await), (0, 1));
}
