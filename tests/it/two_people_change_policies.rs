//! Where the policy says so, one administrator proposes a publication, a suspension or a reinstatement,
//! and another confirms it.
use candor_tests::steps::{
    CONFIRM_POLICY_PROPOSAL, ONE_PERSON, PUBLISH_POLICY, REINSTATE_POLICY, SUSPEND_POLICY,
    TWO_PEOPLE, WITHDRAW_POLICY_PROPOSAL, text,
};
use candor_tests::{Role, TestApp, amend_policy_text, stories};
use serde_json::{Value, json};

stories![
    two_people: two_people_publish,
    two_people_suspend_and_reinstate,
    a_proposal_is_withdrawn_or_lapses,
    the_same_person_does_not_count_twice,
];
stories![without_policy: the_first_policy_says_whether_two_people_publish_it];

const PROPOSALS: &str = "query($pending: Boolean!) { policyProposals(onlyPending: $pending) {
    totalCount nodes { id kind status policyVersion effectiveFrom draft sha256 rules citation
    suspensionId proposedBy proposedAt expiresAt decidedBy decidedAt differences { name } } } }";

fn version(number: u32, from: &str) -> Value {
    let law = amend_policy_text(number, from, &[(ONE_PERSON, TWO_PEOPLE)]);
    json!({ "input": { "text": law } })
}

fn admins(app: &TestApp) -> [String; 2] {
    ["first-administrator", "second-administrator"].map(|name| app.token(name, &[Role::Admin]))
}

async fn confirm(app: &TestApp, token: &str, proposal: &Value) -> Value {
    app.mutate(token, CONFIRM_POLICY_PROPOSAL, json!({ "id": proposal["id"] })).await
}

#[track_caller]
fn only_message(payload: &Value) -> String {
    let errors = payload["userErrors"].as_array().expect("a list");
    assert_eq!(errors.len(), 1, "{payload:#}");
    text(&errors[0]["message"])
}

async fn two_people_publish(app: TestApp) {
    let [first, second] = admins(&app);
    let payload = app.mutate_ok(&first, PUBLISH_POLICY, version(2, "2026-03-01")).await;
    assert_eq!(payload["policy"], Value::Null);
    let proposal = &payload["proposal"];
    assert_eq!(
        (&proposal["kind"], &proposal["status"]),
        (&json!("PUBLICATION"), &json!("PENDING"))
    );
    // Seven days after Monday, February 2: until Monday the 9th has ended.
    assert_eq!(proposal["expiresAt"], "2026-02-10T08:00:00+00:00");
    assert_eq!(proposal["differences"], json!([{ "name": "effectiveFrom" }]));
    // Proposing it again finds the same proposal.
    let again = app.mutate_ok(&second, PUBLISH_POLICY, version(2, "2026-03-01")).await;
    assert_eq!(again["proposal"]["id"], proposal["id"]);
    assert_eq!(app.select_number("SELECT COUNT(*) FROM policy").await, 1);
    for (role, sees) in [(Role::Auditor, true), (Role::BcaReviewer, true), (Role::Admin, true)] {
        let token = app.token("staff", &[role]);
        let data = app.query(&token, PROPOSALS, json!({ "pending": true })).await;
        let shown = &data["policyProposals"]["nodes"][0];
        assert_eq!(shown["id"] == proposal["id"], sees);
        assert_eq!(shown["proposedBy"], "first-administrator");
        assert_eq!(shown["effectiveFrom"], "2026-03-01");
        assert_eq!(shown["draft"], "Draft for the City Attorney");
    }
    for role in [Role::Bidder, Role::ContractOfficer] {
        let token = app.token("somebody", &[role]);
        assert_eq!(
            app.fault_code(&token, PROPOSALS, json!({ "pending": true })).await,
            "FORBIDDEN"
        );
    }
    let refused = only_message(&confirm(&app, &first, proposal).await);
    assert!(refused.contains("another administrator has to confirm it"), "{refused}");
    let confirmed = confirm(&app, &second, proposal).await;
    assert_eq!(confirmed["policy"]["version"], 2, "{confirmed:#}");
    assert_eq!(confirmed["proposal"]["status"], "CONFIRMED");
    assert_eq!(confirmed["proposal"]["decidedBy"], "second-administrator");
    let refused = only_message(&confirm(&app, &second, proposal).await);
    assert!(refused.contains("confirmed already"), "{refused}");
    // What cannot be published cannot be proposed, and a proposal is checked again when it is confirmed.
    for (text, expected) in [
        (version(2, "2026-05-01"), "already published"),
        (version(4, "2026-05-01"), "The next policy version is 3"),
        (version(3, "2026-03-01"), "must take effect after version 2"),
        (version(3, "2026-02-02"), "has begun already"),
    ] {
        let message = only_message(&app.mutate(&first, PUBLISH_POLICY, text).await);
        assert!(message.contains(expected), "{message}");
    }
    let mut proposals = Vec::new();
    for from in ["2026-04-01", "2026-05-01"] {
        let payload = app.mutate_ok(&first, PUBLISH_POLICY, version(3, from)).await;
        proposals.push(payload["proposal"].clone());
    }
    confirm(&app, &second, &proposals[1]).await;
    let refused = only_message(&confirm(&app, &second, &proposals[0]).await);
    assert!(refused.contains("Policy version 3 is already published"), "{refused}");
    app.assert_verifies().await;
}

async fn two_people_suspend_and_reinstate(app: TestApp) {
    let [first, second] = admins(&app);
    let department = app.create_department("BSS").await;
    let firm = app.register_firm("Prime Paving").await;
    let solicitation = app.publish_solicitation(&department, "2026-02-20T20:00:00Z").await;
    let order = json!({ "input": {
        "version": 1, "rules": ["disclosure.missing"], "citation": "26STCP00417",
    } });
    let payload = app.mutate_ok(&first, SUSPEND_POLICY, order.clone()).await;
    assert_eq!(payload["suspension"], Value::Null);
    let refused = app.submit_bid(&firm, &solicitation, "1000").await;
    assert_eq!(refused["decision"]["outcome"], "BLOCK", "a proposal changes nothing");
    // A court's order is carried out in the minute in which the second person confirms it.
    app.advance_to("2026-02-02T20:05:00Z");
    let confirmed = confirm(&app, &second, &payload["proposal"]).await;
    let suspension = &confirmed["suspension"];
    assert_eq!(suspension["reinstatedAt"], Value::Null, "{confirmed:#}");
    let admitted = app.submit_bid(&firm, &solicitation, "1000").await;
    assert_eq!(admitted["decision"]["outcome"], "ADMIT", "{admitted:#}");
    assert_eq!(app.fault_code(&first, SUSPEND_POLICY, order).await, "CONFLICT");

    let end = json!({ "input": { "suspensionId": suspension["id"], "citation": "Vacated." } });
    let payload = app.mutate_ok(&second, REINSTATE_POLICY, end.clone()).await;
    assert_eq!(payload["suspension"], Value::Null);
    assert_eq!(payload["proposal"]["suspensionId"], suspension["id"]);
    let refused = only_message(&confirm(&app, &second, &payload["proposal"]).await);
    assert!(refused.contains("another administrator"), "{refused}");
    let confirmed = confirm(&app, &first, &payload["proposal"]).await;
    assert_eq!(confirmed["suspension"]["reinstatedAt"], "2026-02-02T20:05:00+00:00");
    assert_eq!(app.fault_code(&first, REINSTATE_POLICY, end).await, "CONFLICT");
    app.assert_verifies().await;
}

async fn a_proposal_is_withdrawn_or_lapses(app: TestApp) {
    let [first, second] = admins(&app);
    let suspend = |rule: &str| json!({ "input": { "version": 1, "rules": [rule], "citation": "26STCP00417" } });
    let withdrawn = app.mutate_ok(&first, SUSPEND_POLICY, suspend("disclosure.stale")).await;
    let lapsing = app.mutate_ok(&first, SUSPEND_POLICY, suspend("disclosure.missing")).await;
    let id = json!({ "id": withdrawn["proposal"]["id"] });
    let auditor = app.token("staff", &[Role::Auditor]);
    for document in [CONFIRM_POLICY_PROPOSAL, WITHDRAW_POLICY_PROPOSAL] {
        assert_eq!(app.fault_code(&auditor, document, id.clone()).await, "FORBIDDEN");
        let unknown = json!({ "id": "ppr_01h455vb4pex5vsknk084sn02q" });
        assert_eq!(app.fault_code(&second, document, unknown).await, "NOT_FOUND");
    }
    let payload = app.mutate_ok(&first, WITHDRAW_POLICY_PROPOSAL, id.clone()).await;
    assert_eq!(payload["proposal"]["status"], "WITHDRAWN");
    let refused = only_message(&confirm(&app, &second, &withdrawn["proposal"]).await);
    assert!(refused.contains("was withdrawn"), "{refused}");
    // The last microsecond of the last day is in time, and the first one after it is not.
    app.advance_to("2026-02-10T08:00:00Z");
    let refused = only_message(&confirm(&app, &second, &lapsing["proposal"]).await);
    assert!(refused.contains("The time to confirm this change is over"), "{refused}");
    let data = app.query(&auditor, PROPOSALS, json!({ "pending": false })).await;
    let listed = data["policyProposals"]["nodes"].as_array().expect("proposals").iter();
    let statuses: Vec<_> = listed.map(|it| text(&it["status"])).collect();
    assert_eq!(statuses, ["LAPSED", "WITHDRAWN"]);
    let data = app.query(&auditor, PROPOSALS, json!({ "pending": true })).await;
    assert_eq!(data["policyProposals"]["totalCount"], 0);
    let again = app.mutate_ok(&first, SUSPEND_POLICY, suspend("disclosure.missing")).await;
    assert_ne!(again["proposal"]["id"], lapsing["proposal"]["id"]);
    app.advance_to("2026-02-18T07:59:59.999999Z");
    let confirmed = confirm(&app, &second, &again["proposal"]).await;
    assert_eq!(confirmed["proposal"]["status"], "CONFIRMED", "{confirmed:#}");
    app.assert_verifies().await;
}

async fn the_same_person_does_not_count_twice(app: TestApp) {
    let [first, _] = admins(&app);
    app.mutate_ok(&first, PUBLISH_POLICY, version(2, "2026-03-01")).await;
    let decided = "outcome = 'CONFIRMED', decided_at = '2026-02-03T20:00:00+00:00'";
    for change in [
        &*format!("UPDATE policy_proposal SET {decided}, decided_by = proposed_by"),
        &format!("UPDATE policy_proposal SET {decided}"),
        "UPDATE policy_proposal SET outcome = 'CONFIRMED', decided_by = 'another',
            decided_at = '2026-02-10T08:00:00+00:00'",
        "UPDATE policy_proposal SET proposed_by = 'another'",
        "UPDATE policy_proposal SET terms = '{}', outcome = 'WITHDRAWN', decided_by = 'another',
            decided_at = '2026-02-03T20:00:00+00:00'",
        "DELETE FROM policy_proposal",
    ] {
        app.run_sql(change).await.expect_err(change);
    }
    let number = "SELECT COUNT(*) FROM policy_proposal WHERE outcome IS NULL";
    assert_eq!(app.select_number(number).await, 1);
    app.assert_verifies().await;
}

async fn the_first_policy_says_whether_two_people_publish_it(app: TestApp) {
    let [first, second] = admins(&app);
    let payload = app.mutate_ok(&first, PUBLISH_POLICY, version(1, "2026-02-03")).await;
    assert_eq!(payload["policy"], Value::Null, "its text says that two people publish");
    let refused = only_message(&confirm(&app, &first, &payload["proposal"]).await);
    assert!(refused.contains("another administrator"), "{refused}");
    let one = text(&version(1, "2026-02-04")["input"]["text"]).replace(TWO_PEOPLE, ONE_PERSON);
    let published =
        app.mutate_ok(&second, PUBLISH_POLICY, json!({ "input": { "text": one } })).await;
    assert_eq!(published["policy"]["version"], 1);
    let refused = only_message(&confirm(&app, &second, &payload["proposal"]).await);
    assert!(refused.contains("already published"), "{refused}");
    // Until it begins, nothing else is in force, and a request that needs a policy says so.
    let department = app.create_department("BSS").await;
    let drafted = app.create_solicitation(&department, "2026-02-10T20:00:00Z", json!({})).await;
    let publish = candor_tests::steps::PUBLISH_SOLICITATION;
    let payload = app.mutate(&department.token, publish, json!({ "id": drafted })).await;
    let expected = "No policy is in force yet, so this cannot be done now. Policy version 1 takes \
                    effect on Wednesday, February 4, 2026.";
    assert_eq!(only_message(&payload), expected);
    app.advance_to("2026-02-04T08:00:00Z");
    app.mutate_ok(&department.token, publish, json!({ "id": drafted })).await;
    app.assert_verifies().await;
}
