//! The ordinance changes: what was filed counts on for a while, and is then answered anew.
use candor_tests::fixtures::{codes, nothing};
use candor_tests::steps::{FILE, PUBLISH, REAFFIRM, SAVE, WITHDRAW, signature, text};
use candor_tests::{TestApp, stories};
use serde_json::{Value, json};

stories![
    a_certificate_of_no_change_takes_one_step,
    a_certificate_is_refused_where_the_questions_changed,
    old_answers_count_until_the_transition_is_over,
    old_answers_to_the_same_questions_count_on,
    a_solicitation_keeps_the_policy_that_it_pinned,
];

const SECOND: &str = "2026-04-01";
const LOOK_BACK: (&str, &str) =
    ("[parameters.lookBackMonths]\nvalue = 0", "[parameters.lookBackMonths]\nvalue = 12");
/// Not among what is asked: answers to the older version answer this one too.
const FRESHNESS: (&str, &str) =
    ("[parameters.freshnessDays]\nvalue = 365", "[parameters.freshnessDays]\nvalue = 182");

async fn a_certificate_of_no_change_takes_one_step(app: TestApp) {
    let firm = app.firm("Perennial Paving").await;
    let sign = json!({ "organization": firm.id, "attestation": signature("Perennial Paving") });
    let fault = app.fault(&firm.token, REAFFIRM, sign.clone()).await;
    assert_eq!(fault, "CONFLICT", "nothing is filed yet");
    let first = app.filed(&firm, nothing()).await;
    let (draft, _) = app.draft(&firm, json!({})).await;
    app.advance_to("2026-12-01T20:00:00Z");
    let again = app.done(&firm.token, REAFFIRM, sign.clone()).await["disclosure"].take();
    assert_eq!((&again["kind"], &again["version"]), (&json!("NO_CHANGE"), &json!(2)));
    assert_eq!(again["canonical"], first["canonical"]);
    assert_eq!(again["sha256"], first["sha256"]);
    assert_eq!(again["filedAt"], "2026-12-01T20:00:00+00:00");
    let seen = "query($id: ID!, $draft: ID!) { disclosure(id: $id) { status }
        draft: disclosure(id: $draft) { status } }";
    let ids = json!({ "id": first["id"], "draft": draft });
    let seen = app.data(&firm.token, seen, ids).await;
    assert_eq!(seen["disclosure"]["status"], "SUPERSEDED");
    assert_eq!(seen["draft"]["status"], "DRAFT", "the draft being written stays");

    let preparer = app.member(&firm, "PREPARER").await;
    assert_eq!(app.fault(&preparer, REAFFIRM, sign.clone()).await, "FORBIDDEN");
    let rival = app.firm("Rival Paving").await;
    assert_eq!(app.fault(&rival.token, REAFFIRM, sign.clone()).await, "NOT_FOUND");
    let mut unsigned = sign.clone();
    unsigned["attestation"]["agreed"] = json!(false);
    let told = app.to_mend(&firm.token, REAFFIRM, unsigned).await;
    assert_eq!(told, ["attestation.agreed required"]);
    let reason = json!({ "id": again["id"], "reason": "Not so." });
    app.done(&firm.token, WITHDRAW, reason).await;
    let fault = app.fault(&firm.token, REAFFIRM, sign).await;
    assert_eq!(fault, "CONFLICT", "what was withdrawn is not reaffirmed");
    app.verified().await;
}

async fn a_certificate_is_refused_where_the_questions_changed(app: TestApp) {
    let firm = app.firm("Perennial Paving").await;
    let first = app.filed(&firm, nothing()).await;
    app.enacted(2, SECOND, &[LOOK_BACK]).await;
    let sign = json!({ "organization": firm.id, "attestation": signature("Perennial Paving") });
    // A microsecond before it begins the old one is in force.
    app.advance_to("2026-04-01T06:59:59.999999Z");
    let again = app.done(&firm.token, REAFFIRM, sign.clone()).await["disclosure"].take();
    assert_eq!(again["policyVersion"], 1);
    app.advance_to("2026-04-01T07:00:00Z");
    let answer = app.ask(&firm.token, REAFFIRM, sign).await;
    let fault = &answer["errors"][0];
    assert_eq!(fault["extensions"]["code"], "CONFLICT");
    let message = text(&fault["message"]);
    let news = "how long ago an agreement may have ended and still be listed";
    assert!(message.contains(news), "{message}");
    assert!(!message.contains("proposed"), "what is the same is not told: {message}");
    assert!(message.contains(&text(&again["id"])), "{message}");

    // What it says to do works: a draft with copyFrom, filed under the new version.
    let input = json!({ "organizationId": firm.id, "copyFrom": again["id"] });
    let draft = app.done(&firm.token, SAVE, json!({ "input": input })).await["disclosure"].take();
    assert_eq!(draft["gaps"], json!([]));
    let input = json!({ "id": draft["id"], "revision": 1, "attestation": signature("it") });
    let third = app.done(&firm.token, FILE, json!({ "input": input })).await["disclosure"].take();
    assert_eq!((&third["policyVersion"], &third["version"]), (&json!(2), &json!(3)));
    assert_eq!(third["sha256"], first["sha256"]);
    app.verified().await;
}

async fn old_answers_count_until_the_transition_is_over(app: TestApp) {
    let department = app.department("BSS").await;
    let firm = app.disclosing("Perennial Paving").await;
    app.enacted(2, SECOND, &[LOOK_BACK]).await;
    app.advance_to("2026-04-01T20:00:00Z");
    for (due, status) in [
        // 31 May is the sixtieth day after 1 April: a microsecond before local midnight.
        ("2026-06-01T06:59:59.999999Z", "ADMITTED"),
        ("2026-06-01T07:00:00Z", "HELD"),
    ] {
        let solicitation = app.solicited(&department, due).await;
        let payload = app.submit(&firm, &solicitation, "100000").await;
        assert_eq!(payload["bid"]["status"], status, "{due}");
        assert_eq!(payload["decision"]["policyVersion"], 2);
        if status == "ADMITTED" {
            assert_eq!(payload["decision"]["findings"], json!([]));
            continue;
        }
        assert_eq!(codes(&payload["decision"]), ["disclosure.outdated_terms"]);
        let finding = &payload["decision"]["findings"][0];
        // Monday, 1 June; five business days end with Monday the 8th.
        assert_eq!(finding["cureBy"], "2026-06-09T07:00:00+00:00");
        let message = text(&finding["message"]);
        assert!(message.contains("version 1") && message.contains("Version 2"), "{message}");
    }
    app.filed(&firm, nothing()).await;
    let solicitation = app.solicited(&department, "2026-06-10T20:00:00Z").await;
    app.admitted(&firm, &solicitation, "100000").await;
    app.verified().await;
}

async fn old_answers_to_the_same_questions_count_on(app: TestApp) {
    let department = app.department("BSS").await;
    let firm = app.disclosing("Perennial Paving").await;
    app.enacted(2, SECOND, &[FRESHNESS]).await;
    app.advance_to("2026-06-20T20:00:00Z");
    let solicitation = app.solicited(&department, "2026-07-10T20:00:00Z").await;
    let payload = app.submit(&firm, &solicitation, "100000").await;
    assert_eq!(payload["bid"]["status"], "ADMITTED");
    assert_eq!(payload["decision"]["policyVersion"], 2);
    // And can be reaffirmed under the new one.
    let sign = json!({ "organization": firm.id, "attestation": signature("Perennial Paving") });
    let again = app.done(&firm.token, REAFFIRM, sign).await["disclosure"].take();
    assert_eq!(again["policyVersion"], 2);
    // 182 days is what the new version allows.
    app.advance_to("2026-12-01T20:00:00Z");
    for (due, findings) in
        [("2026-12-19T20:00:00Z", json!([])), ("2026-12-20T20:00:00Z", json!(["disclosure.stale"]))]
    {
        let solicitation = app.solicited(&department, due).await;
        let payload = app.submit(&firm, &solicitation, "100000").await;
        assert_eq!(json!(codes(&payload["decision"])), findings, "{due}");
    }
    app.verified().await;
}

async fn a_solicitation_keeps_the_policy_that_it_pinned(app: TestApp) {
    let department = app.department("BSS").await;
    let notice = ("The City asks every bidder", "The City now asks every bidder");
    let drafted = app.drafted(&department, "2026-08-10T20:00:00Z", json!({})).await;
    let pinned = app.solicited(&department, "2026-08-10T20:00:00Z").await;
    let firm = app.disclosing("Perennial Paving").await;
    app.enacted(2, SECOND, &[LOOK_BACK, notice]).await;
    app.advance_to("2026-07-10T20:00:00Z");
    app.done(&department.token, PUBLISH, json!({ "id": drafted })).await;
    let seen = "query($id: ID!) { solicitation(id: $id) { policyVersion notice }
        policy { version notice { text } } }";
    for (id, version, words) in
        [(&pinned, 1, "The City asks every"), (&drafted, 2, "The City now asks every")]
    {
        let seen = app.data(&firm.token, seen, json!({ "id": id })).await;
        assert_eq!(seen["solicitation"]["policyVersion"], version);
        assert!(text(&seen["solicitation"]["notice"]).contains(words), "{seen}");
        assert_eq!(seen["policy"]["version"], 2, "the one in force");
    }
    // Old answers are outdated by the new version alone.
    let payload = app.submit(&firm, &pinned, "100000").await;
    assert_eq!(payload["bid"]["status"], "ADMITTED");
    assert_eq!(payload["decision"]["policyVersion"], 1);
    let payload = app.submit(&firm, &drafted, "100000").await;
    assert_eq!(codes(&payload["decision"]), ["disclosure.outdated_terms"]);
    // New answers answer the old questions too.
    let bid = json!({ "id": payload["bid"]["id"] });
    app.done(&firm.token, candor_tests::steps::WITHDRAW_BID, bid).await;
    app.filed(&firm, nothing()).await;
    let payload = app.submit(&firm, &drafted, "100000").await;
    assert_eq!(payload["decision"]["findings"], json!([]));
    let rival = app.disclosing("Rival Paving").await;
    let payload = app.submit(&rival, &pinned, "100000").await;
    assert_eq!(payload["decision"]["findings"], json!([]));

    let as_of = "query($at: DateTime) { policy(asOf: $at) { version effectiveFrom } }";
    for (at, version) in [
        ("2026-04-01T06:59:59.999999Z", json!(1)),
        ("2026-04-01T07:00:00Z", json!(2)),
        ("2019-12-31T00:00:00Z", Value::Null),
    ] {
        let seen = app.data(&firm.token, as_of, json!({ "at": at })).await;
        let policy = &seen["policy"];
        let found = if policy.is_null() { &Value::Null } else { &policy["version"] };
        assert_eq!(found, &version, "{at}");
    }
    app.verified().await;
}
