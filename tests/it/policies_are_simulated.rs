//! Policy changes are simulated before they are published.
use candor_tests::contracts::{INSERT_CLAUSE, RENEWAL_READINESS, SCREEN_CONTRACTS};
use candor_tests::due_times::february::{AFTER, DUE};
use candor_tests::fixtures::{no_dealings, usd};
use candor_tests::steps::{find_fault_code, text};
use candor_tests::{TestApp, stories};
use serde_json::{Value, json};

stories![
    a_change_is_simulated_on_past_bids,
    a_change_is_simulated_on_contracts,
    a_policy_may_apply_to_earlier_contracts,
    a_policy_takes_effect_at_a_local_midnight,
];

const SIMULATE: &str = "query($change: PolicyChange!, $scope: SimulationScope!) {
    simulatePolicy(change: $change, scope: $scope) { subjects changed
        outcomeCounts { before after count } byDepartment { name changed }
        changedSubjects { reference organizationName before after removedFindings addedFindings } } }";

async fn simulate(app: &TestApp, change: Value, scope: &Value) -> Value {
    let variables = json!({ "change": change, "scope": scope });
    app.query(&app.analyst_token(), SIMULATE, variables).await["simulatePolicy"].take()
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
