//! An analyst of the City Administrative Officer looks at a hundred thousand contracts: each answer
//! is what a look at every contract gives. They are sown once for all that is asked of them.
mod exposure;
mod filters;
mod orders;
mod renewals_due;
mod simulation;

use candor_tests::many_bids::Agreement;
use candor_tests::many_contracts::{Contract, ManyContracts};
use candor_tests::steps::{find_fault_code, text, format_user_errors};
use candor_tests::{TestApp, stories};
use chrono::NaiveDate;
use serde_json::{Value, json};

stories![a_hundred_thousand_contracts];

async fn a_hundred_thousand_contracts(app: TestApp) {
    let many = ManyContracts::insert(&app).await;
    filters::a_hundred_thousand_contracts_are_screened(&app, &many).await;
    orders::every_order_goes_on_from_a_place(&app, &many).await;
    renewals_due::renewals_due_counts_by_month_and_readiness(&app, &many).await;
    simulation::a_change_is_simulated_on_ten_thousand(&app, &many).await;
    // Last of all: it adds a firm.
    exposure::exposure_adds_up_to_its_rows(&app, &many).await;
}

const SCREEN: &str = "query($filter: ContractFilter, $order: ContractOrder, $first: Int,
        $after: String, $last: Int, $before: String) {
    screenContracts(filter: $filter, orderBy: $order, first: $first, after: $after, last: $last,
        before: $before) {
        totalCount pageInfo { startCursor endCursor hasNextPage hasPreviousPage } nodes { id } } }";
/// Whether what its holder has on file holds an agreement of that kind.
fn any(contract: &Contract<'_>, is: impl Fn(&Agreement) -> bool) -> bool {
    contract.has_disclosure() && contract.firm.agreements.iter().any(is)
}

fn day(text: &str) -> NaiveDate {
    text.parse().expect(text)
}

fn usd(cents: i64) -> Value {
    json!({ "amount": format!("{}.{:02}", cents / 100, cents % 100), "currency": "USD" })
}

/// The contracts that are left, the first to end first.
fn left(many: &ManyContracts, leaves: impl Fn(&Contract<'_>) -> bool) -> Vec<Contract<'_>> {
    let mut left: Vec<_> = many.contracts().filter(leaves).collect();
    left.sort_by_key(|it| (it.end(), it.number));
    left
}

fn ids(page: &Value) -> Vec<String> {
    let rows = page["nodes"].as_array().expect("rows").iter();
    rows.map(|row| text(&row["id"])).collect()
}

/// Asks for what cannot be answered: told with the place and the code of what is to mend.
async fn refused(app: &TestApp, query: &str, variables: &Value, problem: &str) {
    let answer = app.execute(&app.analyst_token(), query, variables.clone()).await;
    assert_eq!(find_fault_code(&answer).as_deref(), Some("BAD_USER_INPUT"), "{answer:#}");
    let problems = format_user_errors(&answer["errors"][0]["extensions"]["userErrors"]);
    assert_eq!(problems, [problem], "{variables}");
}
