//! An analyst screens 100,000 contracts: each answer equals the result of checking every contract.
//! The contracts are inserted once for all cases.
mod exposure;
mod filters;
mod orders;
mod renewals_due;
mod simulation;

use candor_tests::many_contracts::{Contract, ManyContracts};
use candor_tests::many_firms::Agreement;
use candor_tests::steps::{find_fault_code, format_user_errors, text};
use candor_tests::{TestApp, stories};
use chrono::NaiveDate;
use serde_json::{Value, json};

stories![a_hundred_thousand_contracts];

async fn a_hundred_thousand_contracts(app: TestApp) {
    let many = ManyContracts::insert(&app).await;
    filters::a_hundred_thousand_contracts_are_screened(&app, &many).await;
    orders::every_order_pages_both_ways(&app, &many).await;
    renewals_due::renewals_due_counts_by_month_and_readiness(&app, &many).await;
    renewals_due::readiness_is_reported_by_department(&app, &many).await;
    simulation::a_change_is_simulated_on_ten_thousand(&app, &many).await;
    // Last, because it adds a firm.
    exposure::exposure_adds_up_to_its_rows(&app, &many).await;
}

const SCREEN: &str = "query($filter: ContractFilter, $order: ContractOrder, $first: Int,
        $after: String, $last: Int, $before: String) {
    screenContracts(filter: $filter, orderBy: $order, first: $first, after: $after, last: $last,
        before: $before) {
        totalCount pageInfo { startCursor endCursor hasNextPage hasPreviousPage } nodes { id } } }";
/// Returns whether the holder's disclosure has such an agreement.
fn has_agreement(contract: &Contract<'_>, is: impl Fn(&Agreement) -> bool) -> bool {
    contract.has_disclosure() && contract.firm.agreements.iter().any(is)
}

fn day(text: &str) -> NaiveDate {
    text.parse().expect(text)
}

fn usd(cents: i64) -> Value {
    json!({ "amount": format!("{}.{:02}", cents / 100, cents % 100), "currency": "USD" })
}

/// Returns the contracts that match, earliest end date first.
fn expected_contracts(
    many: &ManyContracts,
    matches: impl Fn(&Contract<'_>) -> bool,
) -> Vec<Contract<'_>> {
    let mut contracts: Vec<_> = many.contracts().filter(matches).collect();
    contracts.sort_by_key(|it| (it.end(), it.number));
    contracts
}

fn ids(page: &Value) -> Vec<String> {
    let rows = page["nodes"].as_array().expect("rows").iter();
    rows.map(|row| text(&row["id"])).collect()
}

/// Sends an invalid query and compares the path and code of the error.
async fn assert_refused(app: &TestApp, query: &str, variables: &Value, problem: &str) {
    let answer = app.execute(&app.analyst_token(), query, variables.clone()).await;
    assert_eq!(find_fault_code(&answer).as_deref(), Some("BAD_USER_INPUT"), "{answer:#}");
    let problems = format_user_errors(&answer["errors"][0]["extensions"]["userErrors"]);
    assert_eq!(problems, [problem], "{variables}");
}
