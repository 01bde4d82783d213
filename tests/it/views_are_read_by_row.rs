//! What a viewer may see is looked up row by row, and SQLite can do so in every view.
use candor_tests::due_times::march::DUE;
use candor_tests::fixtures::no_dealings;
use candor_tests::plans::explain;
use candor_tests::{Engine, Role, TestApp, run_story};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::json;

/// SQLite reads all rows of a view whose arms have columns of different types; PostgreSQL refuses it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_arms_of_a_view_have_the_same_types() {
    run_story(Engine::Sqlite, |app| async move {
        let views = "SELECT name, sql FROM sqlite_master WHERE type = 'view'";
        let mut compared = 0;
        for (view, sql) in read_texts(&app, views).await {
            let (_, body) = sql.split_once(" AS").expect("a view's SELECT");
            let arms = split_arms(body);
            let mut first = None;
            for (at, arm) in arms.iter().enumerate() {
                let name = format!("{view}_arm_{at}");
                app.run_sql(&format!("CREATE VIEW {name} AS {arm}")).await.expect(arm);
                let columns = format!("SELECT name, type FROM pragma_table_xinfo('{name}')");
                let types: Vec<String> =
                    read_texts(&app, &columns).await.into_iter().map(|(_, kind)| kind).collect();
                let expected = first.get_or_insert_with(|| types.clone());
                assert_eq!(&types, expected, "{view}: {arm}");
            }
            compared += usize::from(arms.len() > 1);
        }
        assert!(compared >= 5, "only {compared} views have several arms");
    })
    .await;
}

/// Splits a view's text at each `UNION ALL` that is not in parentheses.
fn split_arms(body: &str) -> Vec<String> {
    let (mut arms, mut depth) = (vec![String::new()], 0);
    for part in body.split_inclusive(['(', ')']).flat_map(|it| it.split_inclusive("UNION ALL")) {
        let arm = arms.last_mut().expect("an arm");
        match part.strip_suffix("UNION ALL") {
            Some(end) if depth == 0 => {
                arm.push_str(end);
                arms.push(String::new());
            }
            _ => arm.push_str(part),
        }
        depth += i32::from(part.ends_with('(')) - i32::from(part.ends_with(')'));
    }
    arms
}

async fn read_texts(app: &TestApp, select: &str) -> Vec<(String, String)> {
    let backend = app.database.read.get_database_backend();
    let rows = app.database.read.query_all_raw(Statement::from_string(backend, select)).await;
    let read = |row: &sea_orm::QueryResult| {
        let text = |at| row.try_get_by_index(at).expect("a text");
        (text(0), text(1))
    };
    rows.expect(select).iter().map(read).collect()
}

const BIDS: &str = "query($solicitation: ID!) { solicitation(id: $solicitation) { bids { nodes {
    id decisions { id outcome } } } } }";

/// A subquery of everything that is open to a viewer would read every bid and contract.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_other_submission_is_read() {
    run_story(Engine::Sqlite, |app| async move {
        let department = app.create_department("BSS").await;
        let solicitation = app.publish_solicitation(&department, DUE).await;
        let firm = app.register_firm("Prime Paving").await;
        let disclosure = app.file_disclosure(&firm, no_dealings()).await;
        app.submit_admitted_bid(&firm, &solicitation, "98000.00").await;
        let auditor = app.token("auditor", &[Role::Auditor]);
        let variables = json!({ "firm": firm.id, "disclosure": disclosure,
            "solicitation": solicitation });
        let mut checked = 0;
        for (token, document) in [
            (
                &department.token,
                "query($firm: ID!) { organization(id: $firm) {
                disclosures { totalCount nodes { id } } } }",
            ),
            (&department.token, "{ disclosures { totalCount nodes { id } } }"),
            (&department.token, "query($disclosure: ID!) { disclosure(id: $disclosure) { id } }"),
            (&firm.token, BIDS),
            (&auditor, BIDS),
            (&auditor, "{ screenBids { nodes { findings { code } bid { id } } } }"),
        ] {
            app.start_recording_statements();
            app.query(token, document, variables.clone()).await;
            for statement in app.take_recorded_statements() {
                if !statement.sql.contains("subject_access") {
                    continue;
                }
                checked += 1;
                for step in explain(&app, &statement).await {
                    let scans = ["bid", "contract", "renewal"].iter().any(|table| {
                        step.split(" USING ").next() == Some(&format!("SCAN {table}"))
                    });
                    assert!(!scans, "{document}\n{step}\n{}", statement.sql);
                }
            }
        }
        assert!(checked >= 6, "only {checked} statements look up what is open");
    })
    .await;
}

/// After a filing, the bids and contracts of the firm are decided again: they are found by the firm, and not among
/// all bids with a status.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_filing_finds_the_bids_and_contracts_of_its_firm() {
    run_story(Engine::Sqlite, |app| async move {
        let department = app.create_department("BSS").await;
        let solicitation = app.publish_solicitation(&department, DUE).await;
        let firm = app.register_firm("Prime Paving").await;
        app.file_disclosure(&firm, no_dealings()).await;
        app.submit_admitted_bid(&firm, &solicitation, "98000.00").await;
        app.start_recording_statements();
        app.file_disclosure(&firm, no_dealings()).await;
        let mut checked = 0;
        for statement in app.take_recorded_statements() {
            let is_lookup = ["bid", "contract"].iter().any(|table| {
                statement.sql.starts_with(&format!("SELECT \"{table}\".\"id\" FROM \"{table}\""))
            });
            if !is_lookup {
                continue;
            }
            checked += 1;
            let steps = explain(&app, &statement).await;
            let is_by_id = steps.iter().any(|step| step.ends_with("(id=?)"));
            assert!(is_by_id, "{}\n{}", statement.sql, steps.join("\n"));
        }
        assert!(checked >= 2, "only {checked} statements find what is decided again");
    })
    .await;
}
