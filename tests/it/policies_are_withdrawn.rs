//! An administrator publishes drafts as drafts, and withdraws a version before it begins.
use candor_tests::contracts::AWARD_CONTRACT;
use candor_tests::fixtures::{no_dealings, usd};
use candor_tests::steps::{PUBLISH_POLICY, SUSPEND_POLICY, WITHDRAW_POLICY, text};
use candor_tests::{Engine, Role, TestApp, amend_policy_text, stories};
use serde_json::{Value, json};

stories![
    a_draft_is_published_and_shown_as_a_draft,
    a_version_is_withdrawn_until_it_begins,
    a_version_on_which_an_award_rests_stays,
    the_database_refuses_what_the_service_refuses,
    a_stored_ban_is_unreadable,
];

fn admin_token(app: &TestApp) -> String {
    app.token("administrator", &[Role::Admin])
}

/// Returns a version as input: effective from a day, with text replaced.
fn version(number: u32, from: &str, words: &[(&str, &str)]) -> Value {
    let mut law = amend_policy_text(number, from, &[]);
    for (old, new) in words {
        assert!(law.contains(old), "{old}");
        law = law.replace(old, new);
    }
    json!({ "input": { "text": law } })
}

async fn errors(app: &TestApp, document: &str, variables: Value) -> Vec<String> {
    let payload = app.mutate(&admin_token(app), document, variables).await;
    assert!(payload["policy"].is_null(), "{payload:#}");
    let errors = payload["userErrors"].as_array().expect("a list");
    errors.iter().map(|error| text(&error["message"])).collect()
}

fn withdrawal(version: u32) -> Value {
    json!({ "input": { "version": version, "reason": "The Council postponed it." } })
}

async fn a_draft_is_published_and_shown_as_a_draft(app: TestApp) {
    let mut as_adopted = version(2, "2026-03-01", &[]);
    as_adopted["draft"] = json!(false);
    let [message] = &errors(&app, PUBLISH_POLICY, as_adopted).await[..] else { panic!("an error") };
    assert!(message.contains("marked as a draft (Draft for the City Attorney)"), "{message}");
    let second = version(2, "2026-03-01", &[]);
    let published = app.mutate_ok(&admin_token(&app), PUBLISH_POLICY, second).await;
    assert_eq!(published["policy"]["draft"], "Draft for the City Attorney");
    let adopted = ("draft = \"Draft for the City Attorney\"\n", "");
    let mut third = version(3, "2026-04-01", &[adopted]);
    third["draft"] = json!(false);
    let published = app.mutate_ok(&admin_token(&app), PUBLISH_POLICY, third).await;
    assert_eq!(published["policy"]["draft"], Value::Null);

    let department = app.create_department("BSS").await;
    let firm = app.register_disclosing_firm("Prime Paving").await;
    for (now, due, mark) in [
        ("2026-02-03T20:00:00Z", "2026-02-10T20:00:00Z", json!("Draft for the City Attorney")),
        ("2026-04-02T20:00:00Z", "2026-04-10T20:00:00Z", Value::Null),
    ] {
        app.advance_to(now);
        app.check_health().await;
        let ready = app.http_request(candor_tests::Method::GET, "/readyz").send().await;
        let ready: Value = ready.expect("an answer").json().await.expect("JSON");
        let name = if mark.is_null() { "version 3" } else { "version 1 (draft)" };
        assert_eq!(ready["policy"], name);
        let solicitation = app.publish_solicitation(&department, due).await;
        let bid = app.submit_bid(&firm, &solicitation, "1000").await;
        let shown = "query($bid: ID!, $solicitation: ID!, $input: BidInput!) {
            decision(id: $bid) { policyDraft letter }
            solicitation(id: $solicitation) { policyDraft notice }
            bidReadiness(input: $input) { policyDraft letter } policy { draft } }";
        let input = candor_tests::steps::bid_input(&firm, &solicitation, "1000", &json!([]));
        let variables = json!({
            "bid": bid["decision"]["id"], "solicitation": solicitation, "input": input,
        });
        let data = app.query(&firm.token, shown, variables).await;
        for path in ["decision", "solicitation", "bidReadiness"] {
            assert_eq!(data[path]["policyDraft"], mark, "{path}");
        }
        assert_eq!(data["policy"]["draft"], mark);
        let is_marked = !mark.is_null();
        for letter in [&data["decision"]["letter"], &data["bidReadiness"]["letter"]] {
            let line = "Policy: version 1 (draft). Draft for the City Attorney";
            assert_eq!(text(letter).contains(line), is_marked, "{letter}");
        }
        let notice = text(&data["solicitation"]["notice"]);
        assert_eq!(notice.starts_with("[Draft for the City Attorney]"), is_marked);
    }
    app.assert_verifies().await;
}

async fn a_version_is_withdrawn_until_it_begins(app: TestApp) {
    let admin = admin_token(&app);
    let look_back =
        ("[parameters.lookBackMonths]\nvalue = 0", "[parameters.lookBackMonths]\nvalue = 12");
    let firm = app.register_disclosing_firm("Prime Paving").await;
    app.mutate_ok(&admin, PUBLISH_POLICY, version(2, "2026-03-01", &[look_back])).await;
    let reasonless = json!({ "input": { "version": 2, "reason": " " } });
    assert_eq!(errors(&app, WITHDRAW_POLICY, reasonless).await, ["Fill this in; it is empty."]);
    for (number, expected) in [
        (1, "took effect on Wednesday, January 1, 2025, so it cannot be withdrawn"),
        (7, "Policy version 7 does not exist."),
    ] {
        let messages = errors(&app, WITHDRAW_POLICY, withdrawal(number)).await;
        assert!(messages[0].contains(expected), "{messages:?}");
    }
    let withdrawn = app.mutate_ok(&admin, WITHDRAW_POLICY, withdrawal(2)).await["policy"].take();
    assert_eq!(withdrawn["withdrawnAt"], "2026-02-02T20:00:00+00:00");
    assert_eq!(withdrawn["withdrawalReason"], "The Council postponed it.");
    let expected =
        "Policy version 2 was withdrawn before it began, and its number is not used again.";
    let suspension = json!({ "input": { "version": 2, "citation": "26STCP00417" } });
    assert_eq!(errors(&app, WITHDRAW_POLICY, withdrawal(2)).await, [expected]);
    assert_eq!(errors(&app, SUSPEND_POLICY, suspension).await, [expected]);
    let again = version(2, "2026-05-01", &[]);
    assert_eq!(errors(&app, PUBLISH_POLICY, again).await, [expected]);
    // The next number may begin earlier than the withdrawn version would have.
    let third = app.mutate_ok(&admin, PUBLISH_POLICY, version(3, "2026-02-10", &[])).await;
    assert_eq!(third["policy"]["version"], 3);
    let names = third["policy"]["differences"].as_array().expect("differences").iter();
    let names: Vec<String> = names.map(|it| text(&it["name"])).collect();
    assert_eq!(names, ["effectiveFrom"], "compared with version 1");

    app.advance_to("2026-03-02T20:00:00Z");
    let shown = "{ policy { version } policies { nodes { version withdrawnAt } }
        viewer { organizations { nodes { disclosures { nodes {
            questionChanges { policyVersion } } } } } } }";
    let data = app.query(&firm.token, shown, json!({})).await;
    assert_eq!(data["policy"]["version"], 3);
    let listed = data["policies"]["nodes"].as_array().expect("policies").iter();
    let listed: Vec<_> =
        listed.map(|it| (it["version"].clone(), it["withdrawnAt"].is_null())).collect();
    assert_eq!(listed, [(json!(3), true), (json!(2), false), (json!(1), true)]);
    let disclosure = &data["viewer"]["organizations"]["nodes"][0]["disclosures"]["nodes"][0];
    assert_eq!(disclosure["questionChanges"], Value::Null, "{data}");
    app.assert_verifies().await;
}

async fn a_version_on_which_an_award_rests_stays(app: TestApp) {
    let admin = admin_token(&app);
    let department = app.create_department("BSS").await;
    let firm = app.register_disclosing_firm("Prime Paving").await;
    for (number, from) in [(2, "2026-03-01"), (3, "2026-04-01")] {
        app.mutate_ok(&admin, PUBLISH_POLICY, version(number, from, &[])).await;
    }
    let award = json!({ "input": {
        "departmentId": department.id, "organizationId": firm.id, "number": "C-7",
        "title": "Paving", "method": "SOLE_SOURCE", "value": usd("1000.00"), "clauseVersion": 1,
        "awardedOn": "2026-03-05", "startDate": "2026-03-06", "endDate": "2026-12-31",
    } });
    let awarded = app.mutate_ok(&department.token, AWARD_CONTRACT, award).await;
    assert_eq!(awarded["decision"]["policyVersion"], 2, "{awarded}");
    let messages = errors(&app, WITHDRAW_POLICY, withdrawal(2)).await;
    assert!(messages[0].contains("this rests on it: the award of contract C-7"), "{messages:?}");
    app.mutate_ok(&admin, WITHDRAW_POLICY, withdrawal(3)).await;
    // At the minute at which it begins, it is too late.
    app.mutate_ok(&admin, PUBLISH_POLICY, version(4, "2026-04-01", &[])).await;
    app.advance_to("2026-04-01T07:00:00Z");
    let messages = errors(&app, WITHDRAW_POLICY, withdrawal(4)).await;
    assert!(messages[0].contains("took effect on"), "{messages:?}");
    app.file_and_load_disclosure(&firm, no_dealings()).await;
    app.assert_verifies().await;
}

async fn the_database_refuses_what_the_service_refuses(app: TestApp) {
    let admin = admin_token(&app);
    app.mutate_ok(&admin, PUBLISH_POLICY, version(2, "2026-03-01", &[])).await;
    let by_hand = |version: u32, at: &str| {
        let time = if app.engine == Engine::Postgres { "TIMESTAMPTZ " } else { "" };
        format!(
            "INSERT INTO policy_withdrawal
                SELECT id, version, 'no reason', 'nobody', {time}'{at}' FROM policy WHERE version = {version}"
        )
    };
    for (number, at) in [(1, "2026-02-02T20:00:00+00:00"), (2, "2026-03-01T08:00:00+00:00")] {
        let refused = app.run_sql(&by_hand(number, at)).await.expect_err("it has begun");
        assert!(refused.contains("policy_has_begun"), "{refused}");
    }
    let department = app.create_department("BSS").await;
    let drafted = app.create_solicitation(&department, "2026-02-10T20:00:00Z", json!({})).await;
    app.mutate_ok(&admin, WITHDRAW_POLICY, withdrawal(2)).await;
    for change in
        ["UPDATE policy_withdrawal SET reason = 'another'", "DELETE FROM policy_withdrawal"]
    {
        let refused = app.run_sql(change).await.expect_err("a withdrawal is frozen");
        assert!(refused.contains("policy_withdrawal_is_frozen"), "{refused}");
    }
    let pinned = "UPDATE solicitation SET policy_version = 2,
        published_at = '2026-02-02T20:00:00+00:00', status = 'PUBLISHED'";
    let refused = app.run_sql(pinned).await.expect_err("the version is withdrawn");
    assert!(refused.contains("policy_is_withdrawn"), "{refused}");
    assert!(drafted.starts_with("sol_"));
    app.assert_verifies().await;
}

async fn a_stored_ban_is_unreadable(app: TestApp) {
    let department = app.create_department("BSS").await;
    let unfreeze = match app.engine {
        Engine::Sqlite => "DROP TRIGGER policy_no_update",
        Engine::Postgres => "DROP TRIGGER policy_no_update ON policy",
    };
    app.run_sql(unfreeze).await.expect("no trigger");
    let rule = |severity: &str| {
        format!("\"dhs.agreement_disclosed\":{{\"award\":\"NOTE\",\"bid\":\"{severity}\"")
    };
    let (note, block) = (rule("NOTE"), rule("BLOCK"));
    app.run_sql(&format!("UPDATE policy SET terms = replace(terms, '{note}', '{block}')"))
        .await
        .expect("a changed policy");
    let terms = app.select_text("SELECT terms FROM policy").await;
    assert!(terms.contains(&block));
    app.check_health().await;
    let ready = app.http_request(candor_tests::Method::GET, "/readyz").send().await;
    let ready: Value = ready.expect("an answer").json().await.expect("JSON");
    assert!(text(&ready["detail"]).contains("The policy in force cannot be read"), "{ready}");
    let drafted = app.create_solicitation(&department, "2026-02-10T20:00:00Z", json!({})).await;
    let publish = candor_tests::steps::PUBLISH_SOLICITATION;
    let payload = app.mutate(&department.token, publish, json!({ "id": drafted })).await;
    let message = text(&payload["userErrors"][0]["message"]);
    assert!(message.contains("Policy version 1 cannot be read"), "{message}");
    assert!(message.contains("the highest severity allowed is NOTE"), "{message}");
    let found = app.find_inconsistency().await;
    assert!(found.contains("policy version 1"), "{found}");
}
