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
        totalCount counts { month readiness readinessAtEnd count value { amount } }
        countsByDepartment { departmentId department readiness readinessAtEnd count
            value { amount } }
        facets { department { value label count } readiness { value count }
            readinessAtEnd { value count } outOfComplianceFor { value count } }
        nodes { id } } }";
const REPORT: &str = "query($filter: ContractFilter) {
    screenContracts(filter: $filter, first: 1) {
        totalCount countsByDepartment { departmentId department readiness readinessAtEnd count
            value { amount } } } }";

/// Counts by a key and the outcomes of today and at the end: the number of contracts and their value
/// in cents.
type Counts = BTreeMap<(String, String, String), (i64, i64)>;

fn parse_counts(rows: &Value, key: &str) -> Counts {
    let rows = rows.as_array().expect("counts").iter().map(|it| {
        let of = (text(&it[key]), text(&it["readiness"]), text(&it["readinessAtEnd"]));
        let amount = text(&it["value"][0]["amount"]).replace('.', "");
        (of, (it["count"].as_i64().expect("a count"), amount.parse().expect("an amount")))
    });
    rows.collect()
}

fn expected_counts(contracts: &[Contract<'_>], key: impl Fn(&Contract<'_>) -> String) -> Counts {
    let mut counts = Counts::new();
    for contract in contracts {
        let [today, at_end] = [contract.readiness(), contract.readiness_at_end()];
        let of = (key(contract), today.to_owned(), at_end.to_owned());
        let (number, cents) = counts.entry(of).or_default();
        (*number, *cents) = (*number + 1, *cents + contract.cents());
    }
    counts
}

/// Sums a facet's counts by value.
fn parse_facet(rows: &Value) -> BTreeMap<Option<String>, i64> {
    let rows = rows.as_array().expect("a facet").iter();
    rows.map(|it| (it["value"].as_str().map(str::to_owned), it["count"].as_i64().expect("a count")))
        .collect()
}

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
        let month = |it: &Contract<'_>| it.end().format("%Y-%m").to_string();
        let counts = parse_counts(&data["counts"], "month");
        assert_eq!(counts, expected_counts(&contracts, month), "{name}");
        let by_department = parse_counts(&data["countsByDepartment"], "departmentId");
        let of_department = |it: &Contract<'_>| department_id(it.department());
        assert_eq!(by_department, expected_counts(&contracts, of_department), "{name}");
        let total = json!(counts.values().map(|(number, _)| number).sum::<i64>());
        assert_eq!(data["totalCount"], total, "{name} adds up");
        let facet = |of: &dyn Fn(&Contract<'_>) -> Option<String>| {
            let mut expected = BTreeMap::<Option<String>, i64>::new();
            for contract in &contracts {
                *expected.entry(of(contract)).or_default() += 1;
            }
            expected
        };
        let facets = &data["facets"];
        for (found, expected) in [
            ("department", facet(&|it| Some(department_id(it.department())))),
            ("readiness", facet(&|it| Some(it.readiness().to_owned()))),
            ("readinessAtEnd", facet(&|it| Some(it.readiness_at_end().to_owned()))),
            ("outOfComplianceFor", facet(&|it| it.noncompliance().map(|(code, _)| code.into()))),
        ] {
            assert_eq!(parse_facet(&facets[found]), expected, "{name}: {found}");
        }
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

/// Reports what can be carried on today and at the end, by department, over all contracts: in as many
/// statements as for one department.
pub async fn readiness_is_reported_by_department(app: &TestApp, many: &ManyContracts) {
    let all: Vec<Contract<'_>> = many.contracts().collect();
    let mut statement_counts = Vec::new();
    for department in [Some(3), None] {
        let contracts: Vec<Contract<'_>> = all
            .iter()
            .filter(|it| department.is_none_or(|number| it.department() == number))
            .copied()
            .collect();
        let filter = department.map(|number| json!({ "departmentId": department_id(number) }));
        let before = app.count_statements();
        let data = app.query(&app.analyst_token(), REPORT, json!({ "filter": filter })).await;
        statement_counts.push(app.count_statements() - before);
        let data = &data["screenContracts"];
        let counts = parse_counts(&data["countsByDepartment"], "departmentId");
        let expected = expected_counts(&contracts, |it| department_id(it.department()));
        assert_eq!(counts, expected);
        assert_eq!(data["totalCount"], json!(contracts.len()));
    }
    assert_eq!(statement_counts[0], statement_counts[1], "statements do not grow with the rows");
}
