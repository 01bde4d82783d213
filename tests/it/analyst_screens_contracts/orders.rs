//! Every order pages forward and backward from a cursor.
use super::{SCREEN, ids};
use candor_tests::many_contracts::{CONTRACTS, Contract, ManyContracts, TODAY};
use candor_tests::plans::explain;
use candor_tests::{Engine, TestApp};
use serde_json::{Value, json};

pub async fn every_order_pages_both_ways(app: &TestApp, many: &ManyContracts) {
    for (field, key) in [
        ("END_DATE", (|it| (it.end() - TODAY).num_days()) as fn(&Contract<'_>) -> i64),
        ("NUMBER", |it| i64::try_from(it.number).expect("a small number")),
        ("VALUE", |it| it.cents()),
    ] {
        let keyed = many.contracts().map(|it| (key(&it), it.number, it.id()));
        let mut ordered: Vec<(i64, usize, String)> = keyed.collect();
        ordered.sort_unstable();
        for direction in ["ASC", "DESC"] {
            if direction == "DESC" {
                ordered.reverse();
            }
            let order = json!({ "field": field, "direction": direction });
            let twenty = |from: usize| -> Vec<String> {
                ordered[from..][..20].iter().map(|(.., id)| id.clone()).collect()
            };
            let (mut after, mut before) = (Value::Null, Value::Null);
            for page in 0..3 {
                let what = format!("{field} {direction} {page}");
                let expected_ids = twenty(page * 20);
                let variables = json!({ "order": order, "first": 20, "after": after });
                let info = load_page(app, &variables, &expected_ids, &what).await;
                assert_eq!(info["hasNextPage"], true, "{what}");
                assert_eq!(info["hasPreviousPage"], page > 0, "{what}");
                after = info["endCursor"].clone();

                let what = format!("{what} from the end");
                let expected_ids = twenty(CONTRACTS - (page + 1) * 20);
                let variables = json!({ "order": order, "last": 20, "before": before });
                let info = load_page(app, &variables, &expected_ids, &what).await;
                assert_eq!(info["hasNextPage"], page > 0, "{what}");
                assert_eq!(info["hasPreviousPage"], true, "{what}");
                before = info["startCursor"].clone();
            }
        }
    }
}

/// Loads a page, compares its rows, and returns its page info. From a cursor, the order's index is
/// used, so that page 2,000 costs the same as page 1.
async fn load_page(app: &TestApp, variables: &Value, expected_ids: &[String], what: &str) -> Value {
    app.start_recording_statements();
    let mut data = app.query(&app.analyst_token(), SCREEN, variables.clone()).await;
    let page = &mut data["screenContracts"];
    assert_eq!(page["totalCount"], json!(CONTRACTS), "{what}");
    assert_eq!(ids(page), expected_ids, "{what}");
    if app.engine == Engine::Sqlite {
        let statements = app.take_recorded_statements();
        let ordered = |sql: &str| sql.contains("screened_contract") && sql.contains("ORDER BY");
        let page_statement =
            statements.iter().find(|it| ordered(&it.sql)).expect("the page's statement");
        let plan = explain(app, page_statement).await;
        let sorts = plan.iter().any(|step| step.contains("TEMP B-TREE"));
        let seeks = plan.iter().any(|step| step.starts_with("SEARCH contract USING INDEX"));
        let has_cursor = !variables["after"].is_null() || !variables["before"].is_null();
        assert!(!sorts && (seeks || !has_cursor), "{what}: {plan:#?}");
    }
    page["pageInfo"].take()
}
