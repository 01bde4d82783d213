//! Policy changes are simulated before they are published.
use candor_tests::contracts::{INSERT_CLAUSE, RENEWAL_READINESS, SCREEN_CONTRACTS};
use candor_tests::due_times::february::{AFTER, DUE};
use candor_tests::fixtures::{agreements_statement, no_dealings, usd};
use candor_tests::steps::{
    PUBLISH_POLICY, classified_agreement, detention_agreement, find_fault_code, text,
};
use candor_tests::{Role, TestApp, amend_policy_text, stories};
use serde_json::{Value, json};

stories![
    a_change_is_simulated_on_past_bids,
    a_change_is_simulated_on_contracts,
    a_policy_may_apply_to_earlier_contracts,
    a_policy_takes_effect_at_a_local_midnight,
    a_change_of_the_questions_says_who_must_file_again,
    the_answers_of_each_firm_are_counted,
    a_whole_policy_is_simulated,
    a_text_is_checked_as_its_publication_does,
];

const SIMULATE: &str = "query($change: PolicyChange!, $scope: SimulationScope!) {
    simulatePolicy(change: $change, scope: $scope) { subjects changed
        outcomeCounts { before after count } byDepartment { name changed }
        changedSubjects { reference organizationName before after removedFindings addedFindings } } }";

async fn simulate(app: &TestApp, change: Value, scope: &Value) -> Value {
    let variables = json!({ "change": change, "scope": scope });
    app.query(&app.analyst_token(), SIMULATE, variables).await["simulatePolicy"].take()
}

const REFILING: &str = "query($change: PolicyChange, $text: String) {
    simulatePolicy(change: $change, text: $text, scope: { contracts: {} }) { subjects changed
        refiling { questions effectiveFrom countsUntil filings firms text
            firmsByAnswers { answers firms } } } }";
const LOOK_BACK: (&str, &str) =
    ("[parameters.lookBackMonths]\nvalue = 0", "[parameters.lookBackMonths]\nvalue = 36");
const LOOK_BACK_IN_WORDS: &str = "how long ago an agreement may have ended and still be listed";

/// Simulates a change or a text; returns what it asks of firms.
async fn refiling(app: &TestApp, simulated: Value) -> Value {
    let mut data = app.query(&app.analyst_token(), REFILING, simulated).await;
    data["simulatePolicy"]["refiling"].take()
}

fn look_back(effective_from: Option<&str>) -> Value {
    let parameters = json!([{ "name": "lookBackMonths", "value": 36 }]);
    json!({ "change": { "parameters": parameters, "effectiveFrom": effective_from } })
}

async fn a_change_is_simulated_on_past_bids(app: TestApp) {
    let department = app.create_department("BSS").await;
    let solicitation = app.publish_solicitation(&department, DUE).await;
    let silent = app.register_firm("Silent Paving").await;
    let bidder = app.register_disclosing_firm("Prime Paving").await;
    let named = app.register_firm("Small Subcontractor").await;
    app.submit_bid(&silent, &solicitation, "100000").await;
    let subcontractors = json!([{
        "organizationId": named.id, "name": "Small Subcontractor", "amount": usd("27000"),
    }]);
    let bid = app.submit_bid_with(&bidder, &solicitation, "100000", subcontractors).await;
    assert_eq!(bid["bid"]["status"], "ADMITTED", "under the threshold");
    let scope = json!({ "bids": {} });
    let threshold = |amount: &str| {
        json!({ "parameters": [{ "name": "subcontractorThreshold", "value": {
            "amount": usd(amount), "publicWorksBasisPoints": 50 } }] })
    };
    // A sealed bid is not visible to City users in any query.
    assert_eq!(simulate(&app, threshold("25000.00"), &scope).await["subjects"], 0);
    app.advance_to(AFTER);
    let before = app.select_number("SELECT COUNT(*) FROM decision").await;
    let data = simulate(&app, threshold("25000.00"), &scope).await;
    assert_eq!((&data["subjects"], &data["changed"]), (&json!(2), &json!(1)));
    let changed = &data["changedSubjects"][0];
    assert_eq!(changed["organizationName"], "Prime Paving");
    assert_eq!((&changed["before"], &changed["after"]), (&json!("ADMIT"), &json!("REVIEW")));
    assert_eq!(changed["addedFindings"], json!(["subcontractor.missing_disclosure"]));
    assert_eq!(data["byDepartment"], json!([{ "name": "Department BSS", "changed": 1 }]));
    // With three days to cure a missing disclosure, the refused attempt would have been held.
    let cure = json!({ "rules": [{ "code": "disclosure.missing", "cureDays": 3 }] });
    let data = simulate(&app, cure, &scope).await;
    let held = json!({ "before": "BLOCK", "after": "REVIEW", "count": 1 });
    assert!(data["outcomeCounts"].as_array().expect("a table").contains(&held), "{data:#}");
    // New questions about whose agreements to disclose do not change the result for firms that
    // answered the old ones.
    let parents = json!({ "parameters": [
        { "name": "entityScope", "value": ["SELF", "JOINT_VENTURE_MEMBER", "PARENT"] },
        { "name": "lookBackMonths", "value": 36 },
    ] });
    assert_eq!(simulate(&app, parents.clone(), &scope).await["changed"], 0);
    // As a new version, the answers are outdated after the transition.
    let mut later = parents;
    later["effectiveFrom"] = json!("2025-06-01");
    let data = simulate(&app, later, &scope).await;
    assert_eq!(data["changedSubjects"][0]["addedFindings"], json!(["disclosure.outdated_terms"]));
    assert_eq!(
        app.select_number("SELECT COUNT(*) FROM decision").await,
        before,
        "nothing is written"
    );
    let ban = json!({ "change": { "rules": [{ "code": "dhs.agreement_disclosed", "award": "BLOCK" }] },
        "scope": scope });
    let refused = app.execute(&app.analyst_token(), SIMULATE, ban).await;
    assert_eq!(find_fault_code(&refused).as_deref(), Some("BAD_USER_INPUT"));
    assert!(
        text(&refused["errors"][0]["message"]).contains("would turn disclosure into a ban"),
        "{refused:#}"
    );
}

async fn a_change_is_simulated_on_contracts(app: TestApp) {
    let department = app.create_department("BSS").await;
    let firm = app.register_disclosing_firm("Perennial Paving").await;
    let days = ("2024-09-01", "2026-08-31");
    let parts = json!({ "clauseVersion": 1 });
    app.record_contract(&department, &firm, "C-1", days, parts).await;
    // Due in seven months: fresh under a year's limit, stale under half a year's.
    let scope = json!({ "contracts": { "endsFrom": "2026-08-01", "endsUntil": "2026-08-31" } });
    let half = json!({ "parameters": [{ "name": "freshnessDays", "value": 180 }] });
    let data = simulate(&app, half, &scope).await;
    let changed = &data["changedSubjects"][0];
    assert_eq!((&changed["before"], &changed["after"]), (&json!("ADMIT"), &json!("BLOCK")));
    assert_eq!(changed["addedFindings"], json!(["disclosure.stale"]));
    // Contracts outside the gate are reported separately from admitted ones.
    let ungated = json!({ "parameters": [{ "name": "gatedActions", "value": ["ASSIGNMENT"] }] });
    let data = simulate(&app, ungated, &scope).await;
    assert_eq!(
        data["outcomeCounts"],
        json!([{ "before": "ADMIT", "after": "UNGATED", "count": 1 }])
    );
    let none = json!({ "contracts": { "endsFrom": "2026-09-01" } });
    assert_eq!(simulate(&app, json!({}), &none).await["subjects"], 0);
}

async fn a_policy_may_apply_to_earlier_contracts(app: TestApp) {
    let department = app.create_department("BSS").await;
    let firm = app.register_firm("Perennial Paving").await;
    for (number, signed) in [("C-23", "2023-12-31"), ("C-24", "2024-01-01")] {
        app.record_contract(&department, &firm, number, (signed, "2027-12-31"), json!({})).await;
    }
    assert_eq!(app.list_noncompliant_contracts().await, Vec::<String>::new());
    let reach = "[parameters.reachBackFrom]\nsource";
    let reached = "[parameters.reachBackFrom]\nvalue = \"2024-01-01\"\nsource";
    app.publish_policy_version(2, "2026-04-01", &[(reach, reached)]).await;
    app.advance_to("2026-04-01T06:59:59.999999Z");
    app.sweep().await;
    assert_eq!(app.list_noncompliant_contracts().await, Vec::<String>::new());
    // From the effective midnight, and only contracts signed on that day or later.
    app.advance_to("2026-04-01T07:00:00Z");
    app.sweep().await;
    assert_eq!(app.list_noncompliant_contracts().await, ["C-24 disclosure.missing 2026-04-01"]);
    app.file_and_load_disclosure(&firm, no_dealings()).await;
    assert_eq!(app.list_noncompliant_contracts().await, Vec::<String>::new());
    app.assert_verifies().await;
}

async fn a_policy_takes_effect_at_a_local_midnight(app: TestApp) {
    let department = app.create_department("BSS").await;
    let firm = app.register_disclosing_firm("Perennial Paving").await;
    let parts = json!({ "clauseVersion": 1 });
    let freshness =
        ("[parameters.freshnessDays]\nvalue = 365", "[parameters.freshnessDays]\nvalue = 90");
    app.publish_policy_version(2, "2026-06-01", &[freshness]).await;
    // The last day of one policy and the first of the next; filed on February 2.
    for (number, end, outcome, version) in
        [("C-1", "2026-05-30", "ADMIT", 1), ("C-2", "2026-05-31", "BLOCK", 2)]
    {
        let days = ("2024-06-01", end);
        let contract = app.record_contract(&department, &firm, number, days, parts.clone()).await;
        let input = json!({ "contractId": contract, "action": "RENEWAL", "endDate": "2027-05-31" });
        let data = app.query(&department.token, RENEWAL_READINESS, json!({ "input": input })).await;
        let data = &data["renewalReadiness"];
        assert_eq!((&data["outcome"], &data["policyVersion"]), (&json!(outcome), &json!(version)));
        let rows = json!({ "filter": { "endsFrom": end, "endsUntil": end } });
        let row = app.query(&app.analyst_token(), SCREEN_CONTRACTS, rows).await;
        let row = &row["screenContracts"]["nodes"][0];
        assert_eq!((&row["readiness"], &row["readinessAtEnd"]), (&json!("ADMIT"), &json!(outcome)));
        assert_eq!(row["ifRenewedAtEnd"]["policyVersion"], version);
        // By the later policy, because it is in force on that day.
        assert_eq!(row["disclosureLapsesOn"], "2026-06-01");
        let again = json!({ "input": { "contractId": contract, "version": 2 } });
        let errors = app.mutation_errors(&department.token, INSERT_CLAUSE, again).await;
        assert_eq!(errors, ["input.version invalid"], "no policy has a text of that version");
    }
    app.assert_verifies().await;
}

async fn a_change_of_the_questions_says_who_must_file_again(app: TestApp) {
    let firm = app.register_disclosing_firm("Prime Paving").await;
    app.register_disclosing_firm("Perennial Paving").await;
    app.register_firm("Silent Paving").await;
    // Without a day, the next local day, the first one on which a version may begin.
    assert_eq!(
        refiling(&app, look_back(None)).await,
        json!({
            "questions": [LOOK_BACK_IN_WORDS], "effectiveFrom": "2026-02-03",
            "countsUntil": "2026-04-04", "filings": 2, "firms": 2,
            "text": "From Tuesday, February 3, 2026 the questions differ: how long ago an agreement may \
                     have ended and still be listed. 2 filings of 2 firms on file become outdated and \
                     count through Saturday, April 4, 2026; the firms have to file again by then.",
            "firmsByAnswers": [{ "answers": 2, "firms": 2 }],
        })
    );
    let later = refiling(&app, look_back(Some("2026-06-01"))).await;
    assert_eq!(
        (&later["effectiveFrom"], &later["countsUntil"]),
        (&json!("2026-06-01"), &json!("2026-07-31"))
    );
    let fresh = json!({ "change": { "parameters": [{ "name": "freshnessDays", "value": 90 }] } });
    assert_eq!(refiling(&app, fresh).await, Value::Null, "the questions stay");
    let law = json!({ "text": amend_policy_text(2, "2026-04-01", &[LOOK_BACK]) });
    let of_text = refiling(&app, law.clone()).await;
    assert_eq!(
        (&of_text["effectiveFrom"], &of_text["countsUntil"], &of_text["firms"]),
        (&json!("2026-04-01"), &json!("2026-05-31"), &json!(2))
    );

    // Once it is published, firms read the same, and the text changes nothing anymore.
    app.publish_policy_version(2, "2026-04-01", &[LOOK_BACK]).await;
    assert_eq!(refiling(&app, law).await, Value::Null);
    let news = "query($id: ID!) { organization(id: $id) { disclosures(first: 1) { nodes {
        questionChanges { questions countsUntil firms text } } } } }";
    let data = app.query(&firm.token, news, json!({ "id": firm.id })).await;
    assert_eq!(
        data["organization"]["disclosures"]["nodes"][0]["questionChanges"],
        json!({
            "questions": [LOOK_BACK_IN_WORDS], "countsUntil": "2026-05-31", "firms": 2,
            "text": "From Wednesday, April 1, 2026, version 2 (draft) of the policy asks differently: how \
                     long ago an agreement may have ended and still be listed. The answers of this filing \
                     count through Sunday, May 31, 2026. 2 firms have to file again by then.",
        })
    );
    app.advance_to("2026-04-01T20:00:00Z");
    app.file_and_load_disclosure(&firm, no_dealings()).await;
    let data = app.query(&firm.token, news, json!({ "id": firm.id })).await;
    assert_eq!(data["organization"]["disclosures"]["nodes"][0]["questionChanges"], Value::Null);
    // A further change makes only the filings outdated that answer the questions of version 2.
    let back = json!({ "change": { "parameters": [{ "name": "lookBackMonths", "value": 12 }] } });
    let further = refiling(&app, back).await;
    assert_eq!((&further["filings"], &further["firms"]), (&json!(1), &json!(1)));
    assert!(
        text(&further["text"]).contains("1 filing of 1 firm on file becomes outdated and counts"),
        "{further}"
    );
}

async fn the_answers_of_each_firm_are_counted(app: TestApp) {
    for (name, statement) in [
        ("Prime Paving", no_dealings()),
        ("Perennial Paving", no_dealings()),
        (
            "Detention Laundry",
            agreements_statement(&[detention_agreement(), classified_agreement()]),
        ),
    ] {
        let firm = app.register_firm(name).await;
        app.file_and_load_disclosure(&firm, statement).await;
    }
    let counted = refiling(&app, look_back(None)).await;
    // Two agreements and no sharing of data: three answers.
    assert_eq!(
        counted["firmsByAnswers"],
        json!([{ "answers": 2, "firms": 2 }, { "answers": 3, "firms": 1 }])
    );
    assert_eq!((&counted["filings"], &counted["firms"]), (&json!(3), &json!(3)));
}

async fn a_whole_policy_is_simulated(app: TestApp) {
    let department = app.create_department("BSS").await;
    let firm = app.register_disclosing_firm("Perennial Paving").await;
    let parts = json!({ "clauseVersion": 1 });
    app.record_contract(&department, &firm, "C-1", ("2024-09-01", "2026-08-31"), parts).await;
    let solicitation = app.publish_solicitation(&department, DUE).await;
    let silent = app.register_firm("Silent Paving").await;
    app.submit_bid(&silent, &solicitation, "100000").await;
    app.advance_to(AFTER);
    let query = "query($text: String!, $scope: SimulationScope!) {
        simulatePolicy(text: $text, scope: $scope) { subjects changed
            changedSubjects { before after addedFindings removedFindings }
            refiling { firms } } }";
    let simulate = async |text: &str, scope: &str| {
        let variables = json!({ "text": text, "scope": { scope: {} } });
        app.query(&app.analyst_token(), query, variables).await["simulatePolicy"].take()
    };
    let first = amend_policy_text(1, "2025-01-01", &[]);
    let next = amend_policy_text(
        2,
        "2026-04-01",
        &[
            LOOK_BACK,
            (
                "[rules.\"disclosure.missing\"]\nbid = \"BLOCK\"\naward = \"BLOCK\"\n\
                 renewal = \"BLOCK\"\ncureDays = 0",
                "[rules.\"disclosure.missing\"]\nbid = \"BLOCK\"\naward = \"BLOCK\"\n\
                 renewal = \"BLOCK\"\ncureDays = 3",
            ),
        ],
    );
    for scope in ["bids", "contracts"] {
        let same = simulate(&first, scope).await;
        let expected =
            json!({ "subjects": 1, "changed": 0, "changedSubjects": [], "refiling": null });
        assert_eq!(same, expected, "version 1 changes nothing");
    }
    // A refused attempt is held instead.
    let bids = simulate(&next, "bids").await;
    assert_eq!((&bids["changed"], &bids["refiling"]["firms"]), (&json!(1), &json!(1)));
    assert_eq!(bids["changedSubjects"][0]["before"], "BLOCK");
    assert_eq!(bids["changedSubjects"][0]["after"], "REVIEW");
    // At the end of the contract, older answers count no longer.
    let contracts = simulate(&next, "contracts").await;
    assert_eq!(contracts["changed"], 1, "{contracts}");
    assert_eq!(
        contracts["changedSubjects"][0]["addedFindings"],
        json!(["disclosure.outdated_terms"])
    );
    assert_eq!(app.select_number("SELECT COUNT(*) FROM policy").await, 1, "nothing is written");
}

async fn a_text_is_checked_as_its_publication_does(app: TestApp) {
    app.publish_policy_version(2, "2026-04-01", &[]).await;
    let admin = app.token("administrator", &[Role::Admin]);
    let next = amend_policy_text(3, "2026-05-01", &[]);
    let with = |old: &str, new: &str| {
        assert!(next.contains(old), "{old}");
        next.replacen(old, new, 1)
    };
    let ban = "[rules.\"dhs.agreement_disclosed\"]\nbid = \"NOTE\"";
    for (text, expected) in [
        (String::new(), "version is missing"),
        ("version = ".to_owned(), "line 1: this line cannot be read"),
        ("\u{0}".to_owned(), "line 1: this line cannot be read"),
        (with("value = 365", "value = \"365\""), "freshnessDays.value: must be a whole number"),
        (with("value = 365", "value = 0"), "0 is not from 1 to 3660"),
        (with("[parameters.appealDays]", "[parameters.appealDay]"), "appealDays is missing"),
        (with(ban, &ban.replace("NOTE", "REVIEW")), "would turn disclosure into a ban"),
        (with("After reasonable inquiry", "After some inquiry"), "the attestation must contain"),
        (with("version = 3\n", "version = 4\n"), "The next policy version is 3"),
        (amend_policy_text(2, "2026-05-01", &[]), "already published with different content"),
        (amend_policy_text(3, "2026-02-02", &[]), "has begun already"),
        (amend_policy_text(3, "2026-04-01", &[]), "must take effect after version 2"),
    ] {
        let input = json!({ "input": { "text": text } });
        let published = app.mutate(&admin, PUBLISH_POLICY, input).await;
        let simulated = app.execute(&app.analyst_token(), REFILING, json!({ "text": text })).await;
        let errors = &simulated["errors"][0]["extensions"]["userErrors"];
        let messages = |errors: &Value, path: Value| -> Vec<String> {
            let errors = errors.as_array().expect("a list").iter();
            errors
                .map(|error| {
                    assert_eq!(error["path"], path, "{error}");
                    candor_tests::steps::text(&error["message"])
                })
                .collect()
        };
        let messages_of_publication = messages(&published["userErrors"], json!(["input", "text"]));
        assert_eq!(messages(errors, json!(["text"])), messages_of_publication);
        assert!(
            messages_of_publication.iter().any(|it| it.contains(expected)),
            "{messages_of_publication:?}"
        );
    }
    // What may be published may be simulated, and only one of both is tried.
    refiling(&app, json!({ "text": next })).await;
    for both in [json!({}), json!({ "text": next, "change": {} })] {
        let refused = app.execute(&app.analyst_token(), REFILING, both).await;
        assert_eq!(find_fault_code(&refused).as_deref(), Some("BAD_USER_INPUT"));
    }
    // A change is refused in the same words, and a parameter that nothing reads is unknown.
    for (name, value, expected) in [
        ("freshnessDays", json!("soon"), "parameters.freshnessDays.value: must be a whole number"),
        ("mustBeNamed", json!(["NOBODY"]), "\"NOBODY\" is not known here; write one of"),
        ("timezone", json!("Atlantis"), "\"Atlantis\" is not a time zone"),
        ("holidays", json!(7), "parameters.holidays.value: must be a list"),
        ("retentionYears", json!(7), "no such parameter"),
    ] {
        let change = json!({ "change": { "parameters": [{ "name": name, "value": value }] } });
        let refused = app.execute(&app.analyst_token(), REFILING, change).await;
        let message = text(&refused["errors"][0]["message"]);
        assert!(message.contains(expected), "{message}");
    }
    app.mutate_ok(&admin, PUBLISH_POLICY, json!({ "input": { "text": next } })).await;
}
