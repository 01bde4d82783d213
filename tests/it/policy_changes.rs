//! After a policy change, earlier filings remain valid for a transition and must then be renewed.
use candor_tests::fixtures::{list_finding_codes, no_dealings};
use candor_tests::steps::{
    FILE_DISCLOSURE, PUBLISH_SOLICITATION, REAFFIRM_DISCLOSURE, SAVE_DRAFT, WITHDRAW_DISCLOSURE,
    reaffirmation, signatory_attestation, text,
};
use candor_tests::{TestApp, stories};
use serde_json::{Value, json};

stories![
    reaffirming_takes_one_step,
    reaffirming_is_refused_when_questions_changed,
    old_answers_count_until_the_transition_is_over,
    old_answers_to_unchanged_questions_remain_valid,
    a_solicitation_keeps_its_pinned_policy,
];

const SECOND_EFFECTIVE_FROM: &str = "2026-04-01";
const LOOK_BACK: (&str, &str) =
    ("[parameters.lookBackMonths]\nvalue = 0", "[parameters.lookBackMonths]\nvalue = 12");
/// A change that adds no question: answers to the older version remain valid.
const FRESHNESS: (&str, &str) =
    ("[parameters.freshnessDays]\nvalue = 365", "[parameters.freshnessDays]\nvalue = 182");

async fn reaffirming_takes_one_step(app: TestApp) {
    let firm = app.register_firm("Perennial Paving").await;
    let sign = |version: i64| reaffirmation(&firm, version);
    let fault = app.fault_code(&firm.token, REAFFIRM_DISCLOSURE, sign(1)).await;
    assert_eq!(fault, "CONFLICT", "nothing is filed yet");
    let first = app.file_and_load_disclosure(&firm, no_dealings()).await;
    let (draft, _) = app.save_draft(&firm, json!({})).await;
    app.advance_to("2026-12-01T20:00:00Z");
    let again = app.mutate_ok(&firm.token, REAFFIRM_DISCLOSURE, sign(1)).await["disclosure"].take();
    assert_eq!((&again["kind"], &again["version"]), (&json!("NO_CHANGE"), &json!(2)));
    assert_eq!(again["canonical"], first["canonical"]);
    assert_eq!(again["sha256"], first["sha256"]);
    assert_eq!(again["filedAt"], "2026-12-01T20:00:00+00:00");
    let data = "query($id: ID!, $draft: ID!) { disclosure(id: $id) { status }
        draft: disclosure(id: $draft) { status } }";
    let ids = json!({ "id": first["id"], "draft": draft });
    let data = app.query(&firm.token, data, ids).await;
    assert_eq!(data["disclosure"]["status"], "SUPERSEDED");
    assert_eq!(data["draft"]["status"], "DRAFT", "the draft being written stays");

    let preparer = app.invite_member(&firm, "PREPARER").await;
    assert_eq!(app.fault_code(&preparer, REAFFIRM_DISCLOSURE, sign(2)).await, "FORBIDDEN");
    let rival = app.register_firm("Rival Paving").await;
    assert_eq!(app.fault_code(&rival.token, REAFFIRM_DISCLOSURE, sign(2)).await, "NOT_FOUND");
    let mut unsigned = sign(2);
    unsigned["attestation"]["agreed"] = json!(false);
    let errors = app.mutation_errors(&firm.token, REAFFIRM_DISCLOSURE, unsigned).await;
    assert_eq!(errors, ["attestation.agreed required"]);
    let reason = json!({ "id": again["id"], "reason": "Not so." });
    app.mutate_ok(&firm.token, WITHDRAW_DISCLOSURE, reason).await;
    let fault = app.fault_code(&firm.token, REAFFIRM_DISCLOSURE, sign(2)).await;
    assert_eq!(fault, "CONFLICT", "a withdrawn disclosure cannot be reaffirmed");
    app.assert_verifies().await;
}

async fn reaffirming_is_refused_when_questions_changed(app: TestApp) {
    let firm = app.register_firm("Perennial Paving").await;
    let first = app.file_and_load_disclosure(&firm, no_dealings()).await;
    app.publish_policy_version(2, SECOND_EFFECTIVE_FROM, &[LOOK_BACK]).await;
    let sign = |version: i64| reaffirmation(&firm, version);
    // A microsecond before the new policy takes effect, the old one applies.
    app.advance_to("2026-04-01T06:59:59.999999Z");
    let again = app.mutate_ok(&firm.token, REAFFIRM_DISCLOSURE, sign(1)).await["disclosure"].take();
    assert_eq!(again["policyVersion"], 1);
    app.advance_to("2026-04-01T07:00:00Z");
    let answer = app.execute(&firm.token, REAFFIRM_DISCLOSURE, sign(2)).await;
    let fault = &answer["errors"][0];
    assert_eq!(fault["extensions"]["code"], "CONFLICT");
    let message = text(&fault["message"]);
    let news = "how long ago an agreement may have ended and still be listed";
    assert!(message.contains(news), "{message}");
    assert!(!message.contains("proposed"), "unchanged questions are not listed: {message}");
    assert!(message.contains(&text(&again["id"])), "{message}");

    // The suggested fix works: a draft with `copyFrom`, filed under the new version.
    let input = json!({ "organizationId": firm.id, "copyFrom": again["id"] });
    let draft =
        app.mutate_ok(&firm.token, SAVE_DRAFT, json!({ "input": input })).await["disclosure"]
            .take();
    assert_eq!(draft["gaps"], json!([]));
    let input =
        json!({ "id": draft["id"], "revision": 1, "attestation": signatory_attestation("it") });
    let third =
        app.mutate_ok(&firm.token, FILE_DISCLOSURE, json!({ "input": input })).await["disclosure"]
            .take();
    assert_eq!((&third["policyVersion"], &third["version"]), (&json!(2), &json!(3)));
    assert_eq!(third["sha256"], first["sha256"]);
    app.assert_verifies().await;
}

async fn old_answers_count_until_the_transition_is_over(app: TestApp) {
    let department = app.create_department("BSS").await;
    let firm = app.register_disclosing_firm("Perennial Paving").await;
    app.publish_policy_version(2, SECOND_EFFECTIVE_FROM, &[LOOK_BACK]).await;
    app.advance_to("2026-04-01T20:00:00Z");
    for (due, status) in [
        // May 31 is the sixtieth day after April 1: a microsecond before local midnight.
        ("2026-06-01T06:59:59.999999Z", "ADMITTED"),
        ("2026-06-01T07:00:00Z", "HELD"),
    ] {
        let solicitation = app.publish_solicitation(&department, due).await;
        let payload = app.submit_bid(&firm, &solicitation, "100000").await;
        assert_eq!(payload["bid"]["status"], status, "{due}");
        assert_eq!(payload["decision"]["policyVersion"], 2);
        if status == "ADMITTED" {
            assert_eq!(payload["decision"]["findings"], json!([]));
            continue;
        }
        assert_eq!(list_finding_codes(&payload["decision"]), ["disclosure.outdated_terms"]);
        let finding = &payload["decision"]["findings"][0];
        // Monday, June 1; five business days later is Monday the 8th.
        assert_eq!(finding["cureBy"], "2026-06-09T07:00:00+00:00");
        let message = text(&finding["message"]);
        assert!(message.contains("version 1") && message.contains("Version 2"), "{message}");
    }
    app.file_and_load_disclosure(&firm, no_dealings()).await;
    let solicitation = app.publish_solicitation(&department, "2026-06-10T20:00:00Z").await;
    app.submit_admitted_bid(&firm, &solicitation, "100000").await;
    app.assert_verifies().await;
}

async fn old_answers_to_unchanged_questions_remain_valid(app: TestApp) {
    let department = app.create_department("BSS").await;
    let firm = app.register_disclosing_firm("Perennial Paving").await;
    app.publish_policy_version(2, SECOND_EFFECTIVE_FROM, &[FRESHNESS]).await;
    app.advance_to("2026-06-20T20:00:00Z");
    let solicitation = app.publish_solicitation(&department, "2026-07-10T20:00:00Z").await;
    let payload = app.submit_bid(&firm, &solicitation, "100000").await;
    assert_eq!(payload["bid"]["status"], "ADMITTED");
    assert_eq!(payload["decision"]["policyVersion"], 2);
    // They can be reaffirmed under the new version.
    let sign = |version: i64| reaffirmation(&firm, version);
    let again = app.mutate_ok(&firm.token, REAFFIRM_DISCLOSURE, sign(1)).await["disclosure"].take();
    assert_eq!(again["policyVersion"], 2);
    // 182 days is the limit of the new version.
    app.advance_to("2026-12-01T20:00:00Z");
    for (due, findings) in
        [("2026-12-19T20:00:00Z", json!([])), ("2026-12-20T20:00:00Z", json!(["disclosure.stale"]))]
    {
        let solicitation = app.publish_solicitation(&department, due).await;
        let payload = app.submit_bid(&firm, &solicitation, "100000").await;
        assert_eq!(json!(list_finding_codes(&payload["decision"])), findings, "{due}");
    }
    app.assert_verifies().await;
}

async fn a_solicitation_keeps_its_pinned_policy(app: TestApp) {
    let department = app.create_department("BSS").await;
    let notice = ("The City asks every bidder", "The City now asks every bidder");
    let drafted = app.create_solicitation(&department, "2026-08-10T20:00:00Z", json!({})).await;
    let pinned = app.publish_solicitation(&department, "2026-08-10T20:00:00Z").await;
    let firm = app.register_disclosing_firm("Perennial Paving").await;
    app.publish_policy_version(2, SECOND_EFFECTIVE_FROM, &[LOOK_BACK, notice]).await;
    app.advance_to("2026-07-10T20:00:00Z");
    app.mutate_ok(&department.token, PUBLISH_SOLICITATION, json!({ "id": drafted })).await;
    let data = "query($id: ID!) { solicitation(id: $id) { policyVersion notice }
        policy { version notice { text } } }";
    for (id, version, words) in
        [(&pinned, 1, "The City asks every"), (&drafted, 2, "The City now asks every")]
    {
        let data = app.query(&firm.token, data, json!({ "id": id })).await;
        assert_eq!(data["solicitation"]["policyVersion"], version);
        assert!(text(&data["solicitation"]["notice"]).contains(words), "{data}");
        assert_eq!(data["policy"]["version"], 2, "the one in force");
    }
    // Old answers are outdated only under the new version.
    let payload = app.submit_bid(&firm, &pinned, "100000").await;
    assert_eq!(payload["bid"]["status"], "ADMITTED");
    assert_eq!(payload["decision"]["policyVersion"], 1);
    let payload = app.submit_bid(&firm, &drafted, "100000").await;
    assert_eq!(list_finding_codes(&payload["decision"]), ["disclosure.outdated_terms"]);
    // New answers also satisfy the old questions.
    let bid = json!({ "id": payload["bid"]["id"] });
    app.mutate_ok(&firm.token, candor_tests::steps::WITHDRAW_BID, bid).await;
    app.file_and_load_disclosure(&firm, no_dealings()).await;
    let payload = app.submit_bid(&firm, &drafted, "100000").await;
    assert_eq!(payload["decision"]["findings"], json!([]));
    let rival = app.register_disclosing_firm("Rival Paving").await;
    let payload = app.submit_bid(&rival, &pinned, "100000").await;
    assert_eq!(payload["decision"]["findings"], json!([]));

    let as_of = "query($at: DateTime) { policy(asOf: $at) { version effectiveFrom } }";
    for (at, version) in [
        ("2026-04-01T06:59:59.999999Z", json!(1)),
        ("2026-04-01T07:00:00Z", json!(2)),
        ("2019-12-31T00:00:00Z", Value::Null),
    ] {
        let data = app.query(&firm.token, as_of, json!({ "at": at })).await;
        let policy = &data["policy"];
        let found = if policy.is_null() { &Value::Null } else { &policy["version"] };
        assert_eq!(found, &version, "{at}");
    }
    app.assert_verifies().await;
}
