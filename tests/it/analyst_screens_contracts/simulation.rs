//! A policy change is simulated on 10,000 contracts.
use super::assert_refused;
use candor_tests::TestApp;
use candor_tests::many_contracts::{Contract, ManyContracts, department_id, organization_id};
use candor_tests::steps::text;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const SIMULATE: &str = "query($change: PolicyChange!, $scope: SimulationScope!, $first: Int! = 7) {
    simulatePolicy(change: $change, scope: $scope, first: $first) { subjects changed
        outcomeCounts { before after count }
        byDepartment { departmentId name changed outcomeCounts { before after count } }
        changedSubjects { subjectId reference departmentId organizationId organizationName
            before after removedFindings addedFindings } } }";

/// Counts subjects by outcome before and after.
fn counts(table: &Value) -> BTreeMap<(String, String), i64> {
    let rows = table.as_array().expect("a table").iter();
    let counts = rows.map(|row| {
        let of = (text(&row["before"]), text(&row["after"]));
        (of, row["count"].as_i64().expect("a count"))
    });
    counts.collect()
}

pub async fn a_change_is_simulated_on_ten_thousand(app: &TestApp, many: &ManyContracts) {
    let mut written = Vec::new();
    let tables = ["decision", "ledger", "contract", "renewal"];
    for table in tables {
        written.push(app.select_number(&format!("SELECT COUNT(*) FROM {table}")).await);
    }
    let scope = json!({ "contracts": { "departmentId": department_id(0) } });
    let shorter = json!({ "parameters": [{ "name": "freshnessDays", "value": 30 }] });
    let variables = json!({ "change": shorter, "scope": scope });
    let data = app.query(&app.analyst_token(), SIMULATE, variables).await;
    let data = &data["simulatePolicy"];

    // Every firm filed more than a month ago or not at all.
    let subjects: BTreeMap<String, Contract<'_>> =
        many.contracts().filter(|it| it.department() == 0).map(|it| (it.id(), it)).collect();
    let mut expected = BTreeMap::<(String, String), i64>::new();
    for contract in subjects.values() {
        let of = (contract.expected_outcome_at_end().to_owned(), "BLOCK".to_owned());
        *expected.entry(of).or_default() += 1;
    }
    let table = counts(&data["outcomeCounts"]);
    assert_eq!(table, expected);
    assert_eq!(table.len(), 3, "each outcome is changed or stays: {table:?}");
    assert_eq!((subjects.len(), &data["subjects"]), (10_000, &json!(10_000)));
    assert_eq!(table.values().sum::<i64>(), 10_000, "each subject is counted once");
    let otherwise = table.iter().filter(|((before, after), _)| before != after);
    let changed: i64 = otherwise.map(|(_, count)| count).sum();
    assert_eq!(data["changed"], json!(changed));
    let departments = data["byDepartment"].as_array().expect("departments");
    assert_eq!(departments.len(), 1);
    let department = &departments[0];
    assert_eq!(department["departmentId"], json!(department_id(0)));
    assert_eq!(department["name"], "Department 0");
    assert_eq!(department["changed"], json!(changed));
    assert_eq!(counts(&department["outcomeCounts"]), table);
    let listed = data["changedSubjects"].as_array().expect("subjects");
    assert_eq!(listed.len(), 7, "the requested number");
    for row in listed {
        let contract = &subjects[&text(&row["subjectId"])];
        assert_eq!(row["reference"], json!(contract.reference()));
        assert_eq!(row["organizationId"], json!(organization_id(contract.firm.number)));
        assert_eq!(row["organizationName"], json!(contract.firm.name));
        assert_eq!(
            (&row["before"], &row["after"]),
            (&json!(contract.expected_outcome_at_end()), &json!("BLOCK"))
        );
        assert_eq!(
            (&row["removedFindings"], &row["addedFindings"]),
            (&json!([]), &json!(["disclosure.stale"]))
        );
    }
    for (table, before) in tables.into_iter().zip(written) {
        let now = app.select_number(&format!("SELECT COUNT(*) FROM {table}")).await;
        assert_eq!(now, before, "nothing is written to {table}");
    }

    let ban = json!({ "rules": [{ "code": "dhs.agreement_disclosed", "bid": "BLOCK" }] });
    let unknown = json!({ "parameters": [{ "name": "freshness", "value": 30 }] });
    let no_rule = json!({ "rules": [{ "code": "disclosure.absent", "renewal": "NOTE" }] });
    let on_both = json!({ "bids": {}, "contracts": {} });
    for (change, scope, first, problem) in [
        (&ban, &scope, 7, "change refused"),
        (&unknown, &scope, 7, "change.parameters.0.name invalid"),
        (&no_rule, &scope, 7, "change.rules.0.code invalid"),
        (&shorter, &on_both, 7, "scope contradiction"),
        (&shorter, &json!({}), 7, "scope contradiction"),
        (&shorter, &scope, 1_001, "first invalid"),
    ] {
        let variables = json!({ "change": change, "scope": scope, "first": first });
        assert_refused(app, SIMULATE, &variables, problem).await;
    }
}
