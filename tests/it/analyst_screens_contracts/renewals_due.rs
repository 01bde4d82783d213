//! Renewals due, counted by month and readiness.
use super::filters::case;
use super::{assert_refused, day, expected_contracts, ids};
use candor_tests::TestApp;
use candor_tests::many_contracts::{Contract, ManyContracts, department_id};
use candor_tests::steps::text;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const DUE: &str = "query($from: Date!, $to: Date!, $department: ID, $readiness: [Outcome!]! = [],
        $filter: ContractFilter) {
    renewalsDue(from: $from, to: $to, departmentId: $department, readiness: $readiness,
        filter: $filter, first: 50) {
        totalCount counts { month readiness count } nodes { id } } }";

pub async fn renewals_due_counts_by_month_and_readiness(app: &TestApp, many: &ManyContracts) {
    let analyst = app.analyst_token();
    let window = json!({ "from": "2026-02-10", "to": "2026-08-20" });
    let with = |more: Value| {
        let mut variables = window.clone();
        let more = more.as_object().expect("arguments").clone();
        variables.as_object_mut().expect("arguments").extend(more);
        variables
    };
    let due = |it: &Contract<'_>| day("2026-02-10") <= it.end() && it.end() <= day("2026-08-20");
    for (name, variables, matches) in [
        case("all", with(json!({})), due),
        case("a department's", with(json!({ "department": department_id(3) })), move |it| {
            due(it) && it.department() == 3
        }),
        case("what is stopped", with(json!({ "readiness": ["BLOCK"] })), move |it| {
            due(it) && it.readiness() == "BLOCK"
        }),
        case(
            "both",
            with(json!({ "department": department_id(0), "readiness": ["REVIEW", "BLOCK"] })),
            move |it| due(it) && it.department() == 0 && it.readiness() != "ADMIT",
        ),
        case(
            "by the filter too",
            with(json!({ "department": department_id(3), "filter": {
                "readiness": ["ADMIT"], "outOfCompliance": true,
            } })),
            move |it| {
                due(it)
                    && it.department() == 3
                    && it.readiness() == "ADMIT"
                    && it.noncompliance().is_some()
            },
        ),
    ] {
        let contracts = expected_contracts(many, matches);
        assert!(!contracts.is_empty(), "{name} matches nothing");
        let data = app.query(&analyst, DUE, variables).await;
        let data = &data["renewalsDue"];
        let mut expected = BTreeMap::<(String, String), i64>::new();
        for contract in &contracts {
            let month = contract.end().format("%Y-%m").to_string();
            *expected.entry((month, contract.readiness().to_owned())).or_default() += 1;
        }
        let counts = data["counts"].as_array().expect("counts").iter().map(|it| {
            let of = (text(&it["month"]), text(&it["readiness"]));
            (of, it["count"].as_i64().expect("a count"))
        });
        let counts: BTreeMap<_, _> = counts.collect();
        assert_eq!(counts, expected, "{name}");
        assert_eq!(data["totalCount"], json!(counts.values().sum::<i64>()), "{name} adds up");
        let expected_ids: Vec<_> = contracts.iter().take(50).map(Contract::id).collect();
        assert_eq!(ids(data), expected_ids, "{name}");
    }
    for (variables, problem) in [
        (json!({ "from": "2026-08-20", "to": "2026-02-10" }), "to contradiction"),
        (json!({ "from": "2026-02-30", "to": "2026-08-20" }), "from invalid"),
        (with(json!({ "filter": { "endsFrom": "2026-03-01" } })), "filter.endsFrom contradiction"),
        (
            with(json!({ "filter": { "endsUntil": "2026-03-01" } })),
            "filter.endsUntil contradiction",
        ),
        (
            with(json!({ "department": department_id(3),
                "filter": { "departmentId": department_id(3) } })),
            "filter.departmentId contradiction",
        ),
        (
            with(json!({ "readiness": ["BLOCK"], "filter": { "readiness": ["BLOCK"] } })),
            "filter.readiness contradiction",
        ),
    ] {
        assert_refused(app, DUE, &variables, problem).await;
    }
}
