//! What single parts cost, mostly without HTTP and a database: the gate, canonical JSON, the name matcher, the
//! GraphQL layer, and reads on SQLite beside their statements alone.
//!
//! `cargo bench -p candor-tests --bench parts`
use std::hint::black_box;

use candor_matcher::{Index, POSSIBLE_SCORE, Profile, Record};
use candor_schema::canonical::{canonical, sha256};
use candor_schema::gate::{Facts, Policy, decide};
use candor_tests::fixtures::{agreements_statement, e_verify_agreement, no_dealings, usd};
use candor_tests::{Engine, TestApp, first_policy, run_story};
use criterion::{BatchSize, Criterion, Throughput};
use sea_orm::Statement;
use serde_json::{Value, json};
use sqlx::query::Query;
use sqlx::sqlite::SqliteArguments;
use sqlx::{AssertSqlSafe, Connection, Sqlite, SqliteConnection};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The agreements of the statement, and the subcontractors of the bid.
const PARTS: usize = 20;
/// The names in the index of the matcher.
const NAMES: usize = 20_000;
/// The first firm.
const ONE: &str = "{ organizations(first: 1) { nodes { id legalName kind createdAt updatedAt } } }";
/// A page of firms with their newest filings.
const LIST: &str = "{ organizations(first: 20) { nodes { id legalName kind createdAt
    disclosures(first: 1) { nodes { id status filedAt
        statement { dhs { agreements { identifier kind component natureOfWork } } } } } } } }";
const TYPES: &str = "{ __schema { types { name fields { name type { name kind } } } } }";

fn main() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let mut criterion = Criterion::default().configure_from_args();
    let mut facts = String::new();
    runtime.block_on(run_story(Engine::Sqlite, async |app| {
        facts = facts_of_bid(&app).await;
        tokio::task::block_in_place(|| measure_answers(&mut criterion, &app));
        let reads =
            [record_read(&app, "one firm", ONE).await, record_read(&app, "a list", LIST).await];
        let mut library = SqliteConnection::connect(&app.url).await.expect("the database");
        tokio::task::block_in_place(|| measure_reads(&mut criterion, &app, &reads, &mut library));
    }));
    measure_gate(&mut criterion, &facts);
    measure_canonical(&mut criterion);
    measure_matcher(&mut criterion);
    criterion.final_summary();
}

/// Returns the facts of a decision on a bid with subcontractors, as they are stored.
async fn facts_of_bid(app: &TestApp) -> String {
    let department = app.create_department("BSS").await;
    let solicitation = app.publish_solicitation(&department, "2026-12-01T22:00:00Z").await;
    let firm = app.register_firm("Bidder").await;
    app.file_disclosure(&firm, statement()).await;
    let mut subcontractors = Vec::new();
    for number in 0..PARTS {
        let name = format!("Subcontractor {number}");
        let other = app.register_firm(&name).await;
        app.file_disclosure(&other, no_dealings()).await;
        subcontractors
            .push(json!({ "organizationId": other.id, "name": name, "amount": usd("90000") }));
    }
    let bid = app.submit_bid_with(&firm, &solicitation, "9000000", json!(subcontractors)).await;
    let document = "query($id: ID!) { decision(id: $id) { facts } }";
    let token = app.reviewer_token();
    app.advance_to("2026-12-01T22:01:00Z");
    let data = app.query(&token, document, json!({ "id": bid["decision"]["id"] })).await;
    data["decision"]["facts"].to_string()
}

fn statement() -> Value {
    let agreements = (0..PARTS).map(|number| {
        let mut agreement = e_verify_agreement();
        agreement["identifier"] = json!(format!("EV-{number}"));
        agreement
    });
    agreements_statement(&agreements.collect::<Vec<_>>())
}

fn measure_gate(criterion: &mut Criterion, facts: &str) {
    let policy = first_policy();
    let read: Facts = serde_json::from_str(facts).expect("facts");
    let mut group = criterion.benchmark_group("gate");
    group.bench_function("decide on a bid with 20 subcontractors", |bencher| {
        bencher.iter(|| decide(black_box(&policy), black_box(&read)));
    });
    group.bench_function("read its facts", |bencher| {
        bencher.iter(|| serde_json::from_str::<Facts>(black_box(facts)).expect("facts"));
    });
    let stored = policy.to_json_value().to_string();
    group.bench_function("read a stored policy", |bencher| {
        bencher.iter(|| Policy::from_stored(black_box(&stored)).expect("a policy"));
    });
    group.bench_function("copy a policy", |bencher| bencher.iter(|| black_box(&policy).clone()));
    group.finish();
}

fn measure_canonical(criterion: &mut Criterion) {
    let statement = statement();
    let text = canonical(&statement).expect("canonical JSON").text;
    let mut group = criterion.benchmark_group("canonical JSON");
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("write a statement of 20 agreements, with its digest", |bencher| {
        bencher.iter(|| canonical(black_box(&statement)).expect("canonical JSON"));
    });
    group.bench_function("its digest alone", |bencher| bencher.iter(|| sha256(black_box(&text))));
    group.finish();
}

fn measure_matcher(criterion: &mut Criterion) {
    const WORDS: [&str; 16] = [
        "Quillwort",
        "Spicebush",
        "Harbor",
        "Mesa",
        "Larkspur",
        "Juniper",
        "Sierra",
        "Canyon",
        "Tamarack",
        "Bayside",
        "Foxglove",
        "Granite",
        "Alder",
        "Cobalt",
        "Marigold",
        "Summit",
    ];
    const TRADES: [&str; 8] = [
        "Paving",
        "Logistics",
        "Security",
        "Analytics",
        "Catering",
        "Transport",
        "Electric",
        "Labs",
    ];
    let name = |number: usize| {
        let [one, other] = [WORDS[number % 16], WORDS[number / 16 % 16]];
        format!("{one} {other} {} {} Inc.", TRADES[number / 256 % 8], number / 2_048)
    };
    let mut index = Index::new();
    for number in 0..NAMES {
        index.insert(&Record::from_name(&*name(number)));
    }
    let searched = Profile::from_name("QUILLWORT-HARBOR PAVING 3 INCORPORATED");
    let mut group = criterion.benchmark_group("matcher");
    group.bench_function("search a name among 20,000", |bencher| {
        bencher.iter(|| index.search(black_box(&searched), 5, POSSIBLE_SCORE));
    });
    group.bench_function("add a name", |bencher| {
        let record = Record::from_name("Quillwort Harbor Paving and Logistics, L.L.C.");
        bencher.iter_batched_ref(
            Index::new,
            |index| index.insert(black_box(&record)),
            BatchSize::SmallInput,
        );
    });
    group.finish();
}

/// Answers that read nothing from the database, over HTTP: what every request costs, and what a field costs.
fn measure_answers(criterion: &mut Criterion, app: &TestApp) {
    let runtime = tokio::runtime::Handle::current();
    let token = app.reviewer_token();
    let mut group = criterion.benchmark_group("GraphQL over HTTP without a database");
    for (name, document) in
        [("the smallest query", "{ __typename }"), ("all types and fields", TYPES)]
    {
        group.bench_function(name, |bencher| {
            bencher.iter(|| runtime.block_on(app.query(&token, document, json!({}))));
        });
    }
    group.finish();
}

/// A request, and the statements that it asks of the database.
struct Read {
    name: &'static str,
    document: &'static str,
    statements: Vec<Statement>,
}

async fn record_read(app: &TestApp, name: &'static str, document: &'static str) -> Read {
    let token = app.reviewer_token();
    app.query(&token, document, json!({})).await;
    app.start_recording_statements();
    app.query(&token, document, json!({})).await;
    Read { name, document, statements: app.take_recorded_statements() }
}

/// Requests that read from SQLite, beside their statements alone on one connection of the driver with its own
/// settings. One of the firms has agreements.
fn measure_reads(
    criterion: &mut Criterion,
    app: &TestApp,
    reads: &[Read],
    library: &mut SqliteConnection,
) {
    let runtime = tokio::runtime::Handle::current();
    let token = app.reviewer_token();
    let mut group = criterion.benchmark_group("reads on SQLite");
    for Read { name, document, statements } in reads {
        group.bench_function(format!("{name} over HTTP"), |bencher| {
            bencher.iter(|| runtime.block_on(app.query(&token, document, json!({}))));
        });
        group.bench_function(format!("{name}, its statements alone"), |bencher| {
            bencher.iter(|| {
                runtime.block_on(async {
                    for statement in statements {
                        let rows = bind(statement).fetch_all(&mut *library).await;
                        black_box(rows.expect(&statement.sql));
                    }
                });
            });
        });
    }
    group.finish();
}

/// The statement with its values, for the driver.
fn bind(statement: &Statement) -> Query<'_, Sqlite, SqliteArguments> {
    let mut query = sqlx::query(AssertSqlSafe(&*statement.sql));
    for value in statement.values.iter().flat_map(|values| &values.0) {
        query = match value.clone() {
            sea_orm::Value::String(text) => query.bind(text),
            sea_orm::Value::Uuid(id) => query.bind(id),
            sea_orm::Value::BigInt(number) => query.bind(number),
            sea_orm::Value::BigUnsigned(number) => query.bind(number.map(u64::cast_signed)),
            other => panic!("a read has no value as {other:?}"),
        };
    }
    query
}
