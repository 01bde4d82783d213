//! Cost of screening 100,000 contracts on both databases, as ratios to the first page in the same
//! run, because absolute times depend on the machine.
//!
//! `cargo bench -p candor-tests --bench screen_contracts`
use std::time::Duration;

use candor_tests::many_contracts::{CONTRACTS, ManyContracts, department_id};
use candor_tests::timing::{DEEP_PAGE_NUMBER, Timing};
use candor_tests::{Engine, TestApp, run_story};
use serde_json::json;

const SCREEN: &str = "query($filter: ContractFilter, $order: ContractOrder, $first: Int,
    $after: String, $last: Int) {
    screenContracts(filter: $filter, orderBy: $order, first: $first, after: $after, last: $last) {
        pageInfo { endCursor } nodes { id components { component } } } }";
const OUTLOOK: &str = "query($first: Int) {
    renewalsDue(from: \"2026-02-01\", to: \"2027-01-31\", first: $first) {
        nodes { id ifRenewedToday { outcome firstStep findings { code } } } } }";
const COUNTS: &str = "{ renewalsDue(from: \"2026-02-01\", to: \"2027-01-31\", first: 0) {
    totalCount counts { month readiness readinessAtEnd count } } }";
const BY_DEPARTMENT: &str = "{ screenContracts(first: 1) {
    countsByDepartment { department readiness readinessAtEnd count value { amount } } } }";
const FACETS: &str = "{ screenContracts(first: 1) {
    facets { department { value count } readinessAtEnd { value count } } } }";
const EXPOSURE: &str = "query($days: [Date!]!) { exposure(groupBy: COMPONENT, asOf: $days) {
    groups { component contracts compensation { known { amount } unknown } } } }";
const SIMULATE: &str = "query($department: ID!) { simulatePolicy(
    change: { parameters: [{ name: \"freshnessDays\", value: 180 }] },
    scope: { contracts: { departmentId: $department } }) { subjects changed } }";
/// Number of measured requests; the median counts.
const ROUNDS: usize = 9;

fn main() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    for engine in [Engine::Sqlite, Engine::Postgres] {
        runtime.block_on(run_story(engine, measure));
    }
}

async fn measure(app: TestApp) {
    println!("{:?}, {CONTRACTS} contracts, the median of {ROUNDS}:", app.engine);
    ManyContracts::insert(&app).await;
    let timing = Timing { app: &app, token: app.analyst_token(), rounds: ROUNDS };
    let first = timing.median(SCREEN, &json!({ "first": 20 })).await;
    let report = |what: &str, took: Duration| {
        println!("  {what:<44} {:>8.2} x", took.as_secs_f64() / first.as_secs_f64());
    };
    report("page 1 of 20, the first to end first", first);
    for field in ["END_DATE", "NUMBER", "VALUE"] {
        for direction in ["ASC", "DESC"] {
            let order = json!({ "field": field, "direction": direction });
            let page = json!({ "order": order, "first": 20 });
            report(&format!("page 1, {field} {direction}"), timing.median(SCREEN, &page).await);
            let mut deep = page.clone();
            deep["after"] = timing.find_deep_cursor(SCREEN, "screenContracts", &order).await;
            report(
                &format!("page {DEEP_PAGE_NUMBER}, {field} {direction}"),
                timing.median(SCREEN, &deep).await,
            );
            let last = json!({ "order": order, "last": 20 });
            report(
                &format!("the last page, {field} {direction}"),
                timing.median(SCREEN, &last).await,
            );
        }
    }
    for rows in [20, 100] {
        let variables = json!({ "first": rows });
        report(
            &format!("{rows} due, each evaluated again"),
            timing.median(OUTLOOK, &variables).await,
        );
    }
    report("counts by month and readiness of a year", timing.median(COUNTS, &json!({})).await);
    report("readiness by department", timing.median(BY_DEPARTMENT, &json!({})).await);
    report("facets", timing.median(FACETS, &json!({})).await);
    let days = ["2026-02-02", "2025-11-02", "2025-08-02", "2025-06-02"];
    report("exposure on a day", timing.median(EXPOSURE, &json!({ "days": days[..1] })).await);
    report("exposure on four days", timing.median(EXPOSURE, &json!({ "days": days })).await);
    measure_simulation(&timing).await;
}

/// Measures the cost of a simulation per subject for a growing number of subjects.
async fn measure_simulation(timing: &Timing<'_>) {
    let mut a_subject = None;
    for department in [1, 0] {
        let variables = json!({ "department": department_id(department) });
        let data = timing.app.query(&timing.token, SIMULATE, variables.clone()).await;
        let subjects = data["simulatePolicy"]["subjects"].as_f64().expect("a number");
        let took = timing.median(SIMULATE, &variables).await.as_secs_f64();
        let each = took / subjects;
        let base = *a_subject.get_or_insert(each);
        println!(
            "  {:<44} {:>8.2} x a subject, {took:.2} s",
            format!("simulated on {subjects} contracts"),
            each / base
        );
    }
}
