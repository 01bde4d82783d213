//! Every order goes on from a place, forward and back.
use super::{SCREEN, ids};
use candor_tests::many_contracts::{CONTRACTS, Contract, ManyContracts, TODAY};
use candor_tests::plans::explain;
use candor_tests::{TestApp, Engine};
use serde_json::{Value, json};

pub async fn every_order_goes_on_from_a_place(app: &TestApp, many: &ManyContracts) {
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
                let sought = twenty(page * 20);
                let asked = json!({ "order": order, "first": 20, "after": after });
                let info = paged(app, &asked, &sought, &what).await;
                assert_eq!(info["hasNextPage"], true, "{what}");
                assert_eq!(info["hasPreviousPage"], page > 0, "{what}");
                after = info["endCursor"].clone();

                let what = format!("{what} from the end");
                let sought = twenty(CONTRACTS - (page + 1) * 20);
                let asked = json!({ "order": order, "last": 20, "before": before });
                let info = paged(app, &asked, &sought, &what).await;
                assert_eq!(info["hasNextPage"], page > 0, "{what}");
                assert_eq!(info["hasPreviousPage"], true, "{what}");
                before = info["startCursor"].clone();
            }
        }
    }
}

/// Asks for a page, whose rows must be these: what is told of it. From a place on, it is sought in
/// the order's own index, so that page two thousand costs the same.
async fn paged(app: &TestApp, asked: &Value, sought: &[String], what: &str) -> Value {
    app.start_recording_statements();
    let mut seen = app.query(&app.analyst_token(), SCREEN, asked.clone()).await;
    let page = &mut seen["screenContracts"];
    assert_eq!(page["totalCount"], json!(CONTRACTS), "{what}");
    assert_eq!(ids(page), sought, "{what}");
    if app.engine == Engine::Sqlite {
        let heard = app.take_recorded_statements();
        let ordered = |sql: &str| sql.contains("screened_contract") && sql.contains("ORDER BY");
        let of_page = heard.iter().find(|it| ordered(&it.sql)).expect("the page's statement");
        let plan = explain(app, of_page).await;
        let sorts = plan.iter().any(|step| step.contains("TEMP B-TREE"));
        let seeks = plan.iter().any(|step| step.starts_with("SEARCH contract USING INDEX"));
        let goes_on = !asked["after"].is_null() || !asked["before"].is_null();
        assert!(!sorts && (seeks || !goes_on), "{what}: {plan:#?}");
    }
    page["pageInfo"].take()
}
