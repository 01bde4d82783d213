//! The test harness itself: service, clock, statement counter, common steps and migrations.
use candor_migrations::Migrator;
use candor_schema::database::Database;
use candor_schema::disclosure::service::insert_missing_index_rows;
use candor_schema::verify::verify;
use candor_tests::due_times::february::DUE;
use candor_tests::fixtures::{
    agreements_statement, e_verify_agreement, list_finding_codes, no_dealings,
};
use candor_tests::scaled_city::CitySize;
use candor_tests::steps::classified_agreement;
use candor_tests::{
    Engine, Method, Role, StatusCode, TestApp, cluster, is_postgres_required, parse_instant,
    stories,
};
use sea_orm_migration::MigratorTrait;
use serde_json::{Value, json};

stories![
    migrations_go_back_and_forth,
    older_bids_get_their_copies,
    the_service_answers_requests,
    a_story_sets_the_clock,
    direct_sql_is_not_counted_as_service_statements,
    the_common_steps_admit_a_bid,
    a_generated_city_verifies,
];

/// The number of migrations before the one that creates the index rows of screening.
const BEFORE_SCREENING: usize = 8;

async fn the_service_answers_requests(app: TestApp) {
    app.check_health().await;
    for path in ["/healthz", "/readyz"] {
        let answer = app.http_request(Method::GET, path).send().await.expect("an answer");
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
    }
    let question = json!({ "query": "{ viewer { subject } }" });
    let answer = app.http_request(Method::POST, "/graphql").json(&question).send().await;
    assert_eq!(answer.expect("an answer").status(), StatusCode::UNAUTHORIZED);

    let auditor = app.token("aud", &[Role::Auditor]);
    let schema =
        app.query(&auditor, "{ __schema { queryType { fields { name } } } }", json!({})).await;
    let fields = schema["__schema"]["queryType"]["fields"].as_array().expect("fields").clone();
    let has = |name: &str| fields.iter().any(|field| field["name"] == name);
    assert!(has("viewer") && has("node") && has("policy"), "{fields:?}");
}

async fn a_story_sets_the_clock(app: TestApp) {
    let start = app.now();
    app.advance_to("2026-03-08T10:00:00.123456Z");
    assert!(app.now() > start);
    assert_eq!(app.now().to_rfc3339(), "2026-03-08T10:00:00.123456+00:00");
    // A token is issued and accepted at the story's time.
    let auditor = app.token("aud", &[Role::Auditor]);
    let answer = app.execute(&auditor, "{ __typename }", json!({})).await;
    assert_eq!(answer, json!({ "data": { "__typename": "Query" } }));
}

async fn direct_sql_is_not_counted_as_service_statements(app: TestApp) {
    let before = app.count_statements();
    assert_eq!(app.select_number("SELECT COUNT(*) FROM organization").await, 0);
    assert!(app.select_number("SELECT COUNT(*) FROM policy").await > 0);
    app.run_sql("UPDATE organization SET legal_name = legal_name")
        .await
        .expect("an update without effect");
    let refused = app.run_sql("DELETE FROM ledger").await.expect_err("a refused deletion");
    assert!(!refused.is_empty());
    assert_eq!(app.count_statements(), before, "only the service's statements are counted");
    let auditor = app.token("aud", &[Role::Auditor]);
    let policies = app.query(&auditor, "{ policies(first: 5) { nodes { id } } }", json!({})).await;
    assert_ne!(policies["policies"]["nodes"], Value::Array(Vec::new()));
    assert!(app.count_statements() > before);
}

async fn the_common_steps_admit_a_bid(app: TestApp) {
    let department = app.create_department("BOE").await;
    let solicitation =
        app.publish_numbered_solicitation(&department, "BOE-1", "2026-02-20T22:00:00Z").await;
    let firm = app.register_firm("Ortiz & Daughters, Inc.").await;
    let refused = app.submit_standard_bid(&firm, &solicitation).await;
    assert_eq!(refused["bid"], Value::Null);
    assert_eq!(list_finding_codes(&refused["decision"]), ["disclosure.missing"]);
    app.file_disclosure(&firm, agreements_statement(&[e_verify_agreement()])).await;
    let admitted = app.submit_standard_bid(&firm, &solicitation).await;
    assert_eq!(admitted["bid"]["status"], "ADMITTED", "{admitted:#}");
    assert_eq!(list_finding_codes(&admitted["decision"]), ["dhs.agreement_disclosed"]);
}

#[test]
fn the_postgresql_of_this_run() {
    match cluster::binaries() {
        Some(binaries) => eprintln!("stories also run on PostgreSQL: {}", binaries.display()),
        None if is_postgres_required() => panic!("{}", cluster::MISSING_BINARIES),
        None => eprintln!("ATTENTION: {}", cluster::MISSING_BINARIES),
    }
}

async fn migrations_go_back_and_forth(app: TestApp) {
    let firm = app.register_disclosing_firm("Prime Paving").await;
    let tables = match app.engine {
        Engine::Sqlite => {
            "SELECT COUNT(*) FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' AND name NOT LIKE 'seaql_%'"
        }
        Engine::Postgres => {
            "SELECT COUNT(*) FROM information_schema.tables
            WHERE table_schema = 'public' AND table_name NOT LIKE 'seaql_%'"
        }
    };
    let before = app.select_number(tables).await;
    // Only the migrations from the index of screening on: earlier data remains.
    let number = Migrator::migrations().len() - BEFORE_SCREENING;
    let number = u32::try_from(number).expect("a small number");
    let database = app.owner().await.migration_connection();
    Migrator::down(database, Some(number)).await.expect("migrations down");
    assert_eq!(app.select_number("SELECT COUNT(*) FROM disclosure").await, 1);
    Migrator::up(database, None).await.expect("a migration up");
    assert_eq!(app.select_number(tables).await, before);
    // Older data can be screened again once indexed, and firms can file.
    assert_eq!(insert_missing_index_rows(&app.database).await.expect("rows"), 1);
    app.file_disclosure(&firm, no_dealings()).await;
    assert_eq!(app.select_number("SELECT COUNT(*) FROM disclosed").await, 2);
    Migrator::down(database, None).await.expect("all migrations down");
    assert_eq!(app.select_number(tables).await, 0);
    Migrator::up(database, None).await.expect("all migrations up");
    assert_eq!(app.select_number(tables).await, before);
}

/// The migration that copies a solicitation's department and times into its bids fills them in existing ones.
async fn older_bids_get_their_copies(app: TestApp) {
    let department = app.create_department("BSS").await;
    let solicitation = app.publish_solicitation(&department, DUE).await;
    let held = app.register_firm("Prime Paving").await;
    let statement = agreements_statement(&[classified_agreement()]);
    app.file_and_load_disclosure(&held, statement).await;
    assert_eq!(app.submit_bid(&held, &solicitation, "1000").await["bid"]["status"], "HELD");
    let admitted = app.register_disclosing_firm("Never Held").await;
    app.submit_admitted_bid(&admitted, &solicitation, "1000").await;
    let migrations = Migrator::migrations();
    let copies = migrations.iter().position(|it| it.name().ends_with("bids_in_order"));
    let number = migrations.len() - copies.expect("the migration");
    let database = app.owner().await.migration_connection();
    let number = u32::try_from(number).expect("a small number");
    Migrator::down(database, Some(number)).await.expect("migrations down");
    Migrator::up(database, None).await.expect("migrations up");
    assert_eq!(app.select_number("SELECT COUNT(*) FROM bid WHERE was_held").await, 1);
    app.assert_verifies().await;
}

/// `candor verify` finds nothing wrong with what the benchmarks insert in bulk: digests, replayed decisions, copies,
/// indexes and ledger chains. It leaves out the contracts, whose statuses have expired.
async fn a_generated_city_verifies(app: TestApp) {
    CitySize { firms: 250, bids: 5_000, contracts: 500, awards: 1_000 }.insert(&app).await;
    let now = parse_instant("2026-02-03T12:00:00Z");
    let database = Database::open_for_work(&app.url).await.expect("the database");
    let report = verify(&database, now, |_| {}).await.expect("a report");
    assert_eq!(report.wrong, None);
    let number_of = |list: &[(&str, u64)], what: &str| {
        list.iter().find(|(name, _)| *name == what).map_or(0, |(_, number)| *number)
    };
    let uncompared = number_of(&report.uncompared, "contracts that wait for their re-evaluation");
    assert_eq!(uncompared + number_of(&report.checked, "contract statuses"), 500);
    for (what, least) in [
        ("filings", 500),
        ("decisions", 5_250),
        ("copies in bids", 5_250),
        ("rows of federal awards", 2_000),
        ("ledger entries", 6_750),
    ] {
        assert!(number_of(&report.checked, what) >= least, "{what}: {report:?}");
    }
    assert!(app.select_number("SELECT COUNT(*) FROM award_match").await > 0);
}
