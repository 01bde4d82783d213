//! An administrator publishes a policy, and a court suspends it.
use candor_schema::contracting::service::ReevaluationSummary;
use candor_tests::due_times::february::{AFTER, DUE};
use candor_tests::fixtures::{Firm, no_dealings, usd};
use candor_tests::steps::{
    CANCEL_SOLICITATION, PUBLISH_POLICY, REINSTATE_POLICY, SUSPEND_POLICY, list_last_findings,
    list_outcomes, text,
};
use candor_tests::{Role, TestApp, amend_policy_text, policy_text, stories};
use serde_json::{Value, json};

stories![
    a_policy_is_published_once_with_its_differences,
    a_ban_cannot_be_published,
    a_policy_is_suspended_at_noon_and_reinstated,
    one_rule_is_suspended,
    a_refused_attempt_is_restored_only_if_its_rule_is_lifted,
    two_suspensions_together_restore_an_attempt,
    a_canceled_solicitation_restores_no_attempt,
    invalid_suspension_input_is_reported,
];

fn admin_token(app: &TestApp) -> String {
    app.token("administrator", &[Role::Admin])
}

/// Returns the next version, effective from a day, with text replaced.
fn next_version(from: &str, words: &[(&str, &str)]) -> Value {
    let mut law = amend_policy_text(2, from, &[]);
    for (old, new) in words {
        assert!(law.contains(old), "{old}");
        law = law.replacen(old, new, 1);
    }
    json!({ "input": { "text": law } })
}

const LOOK_BACK: (&str, &str) =
    ("[parameters.lookBackMonths]\nvalue = 0", "[parameters.lookBackMonths]\nvalue = 12");

async fn a_policy_is_published_once_with_its_differences(app: TestApp) {
    let firm = app.register_firm("Prime Paving").await;
    let filed = app.file_and_load_disclosure(&firm, no_dealings()).await;
    let news = "query($id: ID!) { disclosure(id: $id) { questionChanges {
        policyVersion effectiveFrom countsUntil questions firms } } }";
    let data = app.query(&firm.token, news, json!({ "id": filed["id"] })).await;
    assert_eq!(data["disclosure"]["questionChanges"], Value::Null);
    // STORY_START is February 2 local time: today has begun.
    for from in ["2026-02-02", "2019-01-01"] {
        let payload = app.mutate(&admin_token(&app), PUBLISH_POLICY, next_version(from, &[])).await;
        assert_eq!(payload["userErrors"][0]["path"], json!(["input", "text"]));
        assert!(text(&payload["userErrors"][0]["message"]).contains("has begun already"));
    }
    let published = app
        .mutate_ok(&admin_token(&app), PUBLISH_POLICY, next_version("2026-02-03", &[LOOK_BACK]))
        .await;
    assert_eq!(published["policy"]["version"], 2);
    let differences = published["policy"]["differences"].as_array().expect("differences");
    let names: Vec<_> = differences.iter().map(|it| text(&it["name"])).collect();
    assert_eq!(names, ["effectiveFrom", "lookBackMonths"]);
    assert_eq!(
        (&differences[1]["before"]["value"], &differences[1]["after"]["value"]),
        (&json!(0), &json!(12))
    );
    // A published version cannot change or be skipped.
    for text in [next_version("2026-02-03", &[LOOK_BACK]), next_version("2026-02-04", &[])] {
        let again = app.mutate(&admin_token(&app), PUBLISH_POLICY, text).await;
        if again["policy"] == Value::Null {
            assert_eq!(again["userErrors"][0]["code"], "refused");
        } else {
            assert_eq!(
                again["policy"]["id"], published["policy"]["id"],
                "the same words are law already"
            );
        }
    }
    assert_eq!(app.select_number("SELECT COUNT(*) FROM policy").await, 2);
    // The firm sees the changes since its filing, and until when its answers are valid.
    let data = app.query(&firm.token, news, json!({ "id": filed["id"] })).await;
    let news = &data["disclosure"]["questionChanges"];
    assert_eq!(news["policyVersion"], 2);
    assert_eq!(news["effectiveFrom"], "2026-02-03");
    assert_eq!(news["countsUntil"], "2026-04-04");
    assert_eq!(news["firms"], 1);
    let words = json!(["how long ago an agreement may have ended and still be listed"]);
    assert_eq!(news["questions"], words);
    app.assert_verifies().await;
}

async fn a_ban_cannot_be_published(app: TestApp) {
    for (code, key) in [("dhs.agreement_disclosed", "bid"), ("data_sharing.to_dhs", "award")] {
        let policy = policy_text();
        let start = policy.find(&format!("[rules.\"{code}\"]")).expect("the rule");
        let rule = &policy[start..start + policy[start..].find("citation").expect("its end")];
        let line = rule.lines().find(|line| line.starts_with(key)).expect("its weight");
        let ban = rule.replacen(line, &format!("{key} = \"REVIEW\""), 1);
        let payload = app
            .mutate(&admin_token(&app), PUBLISH_POLICY, next_version("2026-03-01", &[(rule, &ban)]))
            .await;
        let words = text(&payload["userErrors"][0]["message"]);
        assert!(
            words.starts_with("line ") && words.contains("would turn disclosure into a ban"),
            "{words}"
        );
    }
    assert_eq!(app.select_number("SELECT COUNT(*) FROM policy").await, 1);
    for text in ["", "version = ", "\u{0}", "[rules]\n[rules]"] {
        let errors = app
            .mutation_errors(
                &admin_token(&app),
                PUBLISH_POLICY,
                json!({ "input": { "text": text } }),
            )
            .await;
        assert!(!errors.is_empty(), "{text:?}");
        assert!(errors.iter().all(|it| it == "input.text refused"), "{text:?}: {errors:?}");
    }
}

async fn suspend(app: &TestApp, rules: &[&str]) -> Value {
    let citation = "Superior Court, No. 26STCP00417, order of February 3, 2026";
    let input = json!({ "version": 1, "rules": rules, "citation": citation });
    let mut suspended =
        app.mutate_ok(&admin_token(app), SUSPEND_POLICY, json!({ "input": input })).await;
    suspended["suspension"]["id"].take()
}

async fn reinstate(app: &TestApp, suspension: &Value) {
    let input = json!({ "suspensionId": suspension, "citation": "The order was vacated." });
    app.mutate_ok(&admin_token(app), REINSTATE_POLICY, json!({ "input": input })).await;
}

async fn publish_open_solicitation(app: &TestApp) -> (Firm, String) {
    let department = app.create_department("BSS").await;
    let solicitation = app.publish_solicitation(&department, DUE).await;
    (app.register_firm("Silent Paving").await, solicitation)
}

async fn a_policy_is_suspended_at_noon_and_reinstated(app: TestApp) {
    let (firm, solicitation) = publish_open_solicitation(&app).await;
    let refused = app.submit_bid(&firm, &solicitation, "100000").await;
    assert_eq!(refused["bid"], Value::Null);
    app.advance_to("2026-02-03T20:00:00Z");
    let suspension = suspend(&app, &[]).await;
    // Before bids are due, a refused firm must submit again.
    let admitted = app.submit_bid(&firm, &solicitation, "100000").await;
    assert_eq!(admitted["bid"]["status"], "ADMITTED", "{admitted:#}");
    assert_eq!(admitted["bid"]["disclosure"], Value::Null);
    let finding = &admitted["decision"]["findings"][0];
    assert_eq!(
        (&finding["code"], &finding["severity"]),
        (&json!("policy.suspended"), &json!("NOTE"))
    );
    let message = text(&finding["message"]);
    assert!(message.contains("No. 26STCP00417"), "{message}");
    assert!(message.contains("a finding of the rule disclosure.missing here"), "{message}");
    let policy = "{ policy { suspensions { citation reinstatedAt } } }";
    let data = app.query(&firm.token, policy, json!({})).await;
    assert_eq!(data["policy"]["suspensions"][0]["reinstatedAt"], Value::Null);

    app.advance_to("2026-02-04T20:00:00Z");
    reinstate(&app, &suspension).await;
    let bid = app.load_bid(&firm.token, &admitted["bid"]["id"]).await;
    assert_eq!(bid["status"], "HELD", "the rules are in effect again");
    assert_eq!(list_outcomes(&bid), ["ADMIT", "REVIEW"]);
    // Five business days after the reinstatement: the end of Wednesday, February 11.
    assert_eq!(bid["cureBy"], "2026-02-12T08:00:00+00:00");
    app.file_and_load_disclosure(&firm, no_dealings()).await;
    let bid = app.load_bid(&firm.token, &admitted["bid"]["id"]).await;
    assert_eq!(bid["status"], "ADMITTED");
    assert_eq!(list_last_findings(&bid), Vec::<String>::new());
    app.assert_verifies().await;
}

async fn one_rule_is_suspended(app: TestApp) {
    let (firm, solicitation) = publish_open_solicitation(&app).await;
    app.file_and_load_disclosure(
        &firm,
        candor_tests::fixtures::agreements_statement(
            &[candor_tests::steps::classified_agreement()],
        ),
    )
    .await;
    let held = app.submit_bid(&firm, &solicitation, "100000").await;
    assert_eq!(held["bid"]["status"], "HELD");
    let suspension = suspend(&app, &["disclosure.partly_withheld"]).await;
    let bid = app.load_bid(&firm.token, &held["bid"]["id"]).await;
    assert_eq!(bid["status"], "ADMITTED");
    let found = list_last_findings(&bid);
    assert!(found.contains(&"policy.suspended NOTE".to_owned()), "{found:?}");
    assert!(!found.iter().any(|it| it.starts_with("disclosure.partly_withheld")), "{found:?}");
    reinstate(&app, &suspension).await;
    assert_eq!(app.load_bid(&firm.token, &held["bid"]["id"]).await["status"], "HELD");
    app.assert_verifies().await;
}

async fn a_refused_attempt_is_restored_only_if_its_rule_is_lifted(app: TestApp) {
    let (firm, solicitation) = publish_open_solicitation(&app).await;
    let refused = app.submit_bid(&firm, &solicitation, "100000").await;
    let decision = refused["decision"]["id"].clone();
    // The firm files before bids are due but does not submit again.
    app.file_and_load_disclosure(&firm, no_dealings()).await;
    app.advance_to(AFTER);
    let other = suspend(&app, &["disclosure.stale"]).await;
    let bids = "query($id: ID!) { solicitation(id: $id) { bids { nodes { id status } } } }";
    let data = app.query(&firm.token, bids, json!({ "id": solicitation })).await;
    let bid = data["solicitation"]["bids"]["nodes"][0].clone();
    assert_eq!(bid["status"], "REFUSED", "another rule refused it");
    reinstate(&app, &other).await;
    suspend(&app, &["disclosure.missing"]).await;
    let back = app.load_bid(&firm.token, &bid["id"]).await;
    assert_eq!(back["status"], "ADMITTED", "the rule that refused it is lifted");
    assert_ne!(back["decision"]["id"], decision);
    app.assert_verifies().await;
}

async fn two_suspensions_together_restore_an_attempt(app: TestApp) {
    let department = app.create_department("BSS").await;
    let solicitation = app.publish_solicitation(&department, DUE).await;
    let firm = app.register_firm("Silent Paving").await;
    app.register_firm("Silent Striping").await;
    let missing = json!([{ "name": "Silent Striping", "amount": usd("40000") }]);
    app.submit_bid_with(&firm, &solicitation, "100000", missing).await;
    // After the cure period of the subcontractor's gaps: two rules refuse the attempt.
    app.advance_to("2026-02-20T08:00:00Z");
    let bids = "query($id: ID!) { solicitation(id: $id) { bids { nodes { id } } } }";
    let data = app.query(&firm.token, bids, json!({ "id": solicitation })).await;
    let bid = &data["solicitation"]["bids"]["nodes"][0]["id"];
    suspend(&app, &["disclosure.missing"]).await;
    assert_eq!(app.load_bid(&firm.token, bid).await["status"], "REFUSED");
    suspend(&app, &["subcontractor.missing_disclosure"]).await;
    assert_eq!(app.load_bid(&firm.token, bid).await["status"], "ADMITTED");
    app.assert_verifies().await;
}

async fn a_canceled_solicitation_restores_no_attempt(app: TestApp) {
    let department = app.create_department("BSS").await;
    let solicitation = app.publish_solicitation(&department, DUE).await;
    let firm = app.register_firm("Silent Paving").await;
    app.submit_bid(&firm, &solicitation, "100000").await;
    app.advance_to(AFTER);
    let cancel = json!({ "id": solicitation, "reason": "The street is closed." });
    app.mutate_ok(&department.token, CANCEL_SOLICITATION, cancel).await;
    suspend(&app, &[]).await;
    assert_eq!(app.sweep().await, ReevaluationSummary::default());
    assert_eq!(app.select_number("SELECT COUNT(*) FROM reevaluation").await, 0);
    assert_eq!(app.select_number("SELECT COUNT(*) FROM bid WHERE status = 'REFUSED'").await, 1);
}

async fn invalid_suspension_input_is_reported(app: TestApp) {
    let suspension_input = |parts: Value| {
        let mut input = json!({ "version": 1, "citation": "An order" });
        for (name, part) in parts.as_object().expect("fields") {
            input[name] = part.clone();
        }
        json!({ "input": input })
    };
    for (parts, expected) in [
        (json!({ "citation": " " }), "input.citation required"),
        (json!({ "version": 7 }), "input.version invalid"),
        (json!({ "rules": ["disclosure.missing", "disclosure.absent"] }), "input.rules.1 invalid"),
        (json!({ "rules": ["policy.suspended"] }), "input.rules.0 invalid"),
    ] {
        assert_eq!(
            app.mutation_errors(
                &admin_token(&app),
                SUSPEND_POLICY,
                suspension_input(parts.clone())
            )
            .await,
            [expected],
            "{parts}"
        );
    }
    let reviewer = app.reviewer_token();
    assert_eq!(
        app.fault_code(&reviewer, SUSPEND_POLICY, suspension_input(json!({}))).await,
        "FORBIDDEN"
    );
    let suspension = suspend(&app, &[]).await;
    assert_eq!(
        app.fault_code(&admin_token(&app), SUSPEND_POLICY, suspension_input(json!({}))).await,
        "CONFLICT"
    );
    reinstate(&app, &suspension).await;
    let again = json!({ "input": { "suspensionId": suspension, "citation": "Again." } });
    assert_eq!(app.fault_code(&admin_token(&app), REINSTATE_POLICY, again).await, "CONFLICT");
    assert_eq!(app.select_number("SELECT COUNT(*) FROM policy_suspension").await, 1);
}
