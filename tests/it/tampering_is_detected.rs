//! Direct changes to any table (altered, removed and added rows) are detected by `verify`. Tests
//! alter a database with an object of every kind, one value at a time.
use std::collections::BTreeSet;

use candor_schema::database::Database;
use candor_schema::verify::verify;
use candor_tests::fixtures::{agreements_statement, usd};
use candor_tests::many_entries::write_entries;
use candor_tests::run::write_csv;
use candor_tests::steps::{
    CONFIRM_POLICY_PROPOSAL, ONE_PERSON, PUBLISH_POLICY, REINSTATE_POLICY, SUSPEND_POLICY,
    TWO_PEOPLE,
};
use candor_tests::{
    Engine, Method, Role, STORY_START, TestApp, amend_policy_text, parse_instant, run_on_database,
    run_story,
};
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ConnectionTrait, DbErr, Statement};
use serde_json::json;

use crate::edge_and_node_access_agree::make_world;
use crate::trail_visibility::acts::act;

/// Columns that may be altered without detection, and why that is harmless.
const EXEMPT_COLUMNS: &[(&str, &str)] = &[
    (
        "api_key_use.*",
        "when a key was last used; it changes every minute, and nothing depends on it",
    ),
    ("award_revision.id", "the only row's key"),
    ("award_import.began_at", "a report of the import; the digest covers what it brought"),
    ("award_import.last_line", "where an import goes on; its digest covers all that it leaves"),
    ("award_import.finished_at", "when; that it has ended is compared"),
    (
        "contract.status_expires_at",
        "one in the past has the contract looked at again; a later one is compared",
    ),
    ("disclosure_draft.*", "a draft is no record: the firm attests what it then files"),
    (
        "idempotency_key.*",
        "which requests ran, for a day; what they changed is compared where it is",
    ),
    ("import_job.*", "a report of an import, for a month; what it changed is compared where it is"),
    ("import_report_line.*", "what an import said about its file; nothing rests on it"),
    ("ledger.id", "names an entry in pages; the chain is of subject, sequence and content"),
    (
        "ledger_salt.removed",
        "a salt is removed with the personal data of its entry; where the data stays, it is found",
    ),
    ("organization_match_progress.*", "how far awards were compared; an import compares again"),
    (
        "person.*",
        "names that tokens gave, shown beside subjects and deleted on request; nothing rests on them",
    ),
    ("reevaluation.*", "work that waits; what it would change is computed again"),
    ("search_contract.id", NUMBERS_WORDS),
    ("search_filing.id", NUMBERS_WORDS),
    ("search_organization.id", NUMBERS_WORDS),
    ("search_relief.id", NUMBERS_WORDS),
    ("search_solicitation.id", NUMBERS_WORDS),
    ("seaql_migrations.*", "which migrations were applied; a table that is missing is an error"),
    ("service_clock.*", "the latest time seen: it only keeps a clock from going back"),
];

const NUMBERS_WORDS: &str = "numbers the row for its index, which follows by a trigger";

fn is_exempt(table: &str, column: &str) -> bool {
    let names = [format!("{table}.{column}"), format!("{table}.*")];
    EXEMPT_COLUMNS.iter().any(|(name, _)| names.iter().any(|it| it == name))
}

/// A file of award transactions.
const TRANSACTIONS: &str = "Agency,Award ID,Recipient Name,Federal Action Obligation,Action Date,\
    Modification,Product/Service Description,NAICS Description,Transaction Description,\
    Generated Award ID\n\
    CBP,70B03C21F00001132,\"TAMARIND FLEET LEASING, INC.\",100.0,2021-09-01,0,CARS,LEASING,\
    \"FLEET, AND FUEL\",CONT_AWD_70B03C21F00001132_7014_70B03C21D00000003_7014\n";

/// A delta file: a transaction, and the mark of a deleted one.
const DELTA: &str = "correction_delete_ind,contract_transaction_unique_key,contract_award_unique_key,\
    recipient_name,awarding_sub_agency_code,federal_action_obligation,action_date,last_modified_date\n\
    ,7014_-NONE-_70B02C25P00000131_0_-NONE-_0,CONT_AWD_70B02C25P00000131_7014_-NONE-_-NONE-,\
    QUARLO GATES LLC,7014,5.00,2025-01-15,2025-01-20\n\
    D,7014_-NONE-_70B02C25P00000131_P00001_-NONE-_0,\
    CONT_AWD_70B02C25P00000131_7014_-NONE-_-NONE-,,,,,2025-04-01\n";

/// Registers a firm that discloses data sharing.
async fn register_sharing_firm(app: &TestApp) {
    let firm = app.register_firm("Plate Readers of the Harbor").await;
    let mut statement = agreements_statement(&[]);
    statement["dhs"] = json!({ "noneAttested": true });
    statement["dataSharing"] = json!({ "arrangements": [{
        "recipientName": "Regional Plate Exchange", "recipientKind": "DATA_BROKER",
        "dataCategories": ["LICENSE_PLATE_READS"], "whoseData": ["PASSERS_BY"],
        "includesCityData": true, "purpose": "Liens.", "channel": "API", "basis": "SALE",
        "onwardToDhs": "ALLOWED", "startDate": "2025-01-01", "endDate": "2027-01-01",
        "compensation": { "terms": "A fee.", "amount": usd("12") },
    }] });
    app.file_and_load_disclosure(&firm, statement).await;
}

/// Creates a joint venture that holds a contract and names a subcontractor.
async fn venture_with_contract(app: &TestApp) {
    let member = |name: &str| json!({ "name": name });
    let venture = json!({
        "kind": "JOINT_VENTURE", "legalName": "Harbor Bridge Venture",
        "jointVentureMembers": [member("Harbor Steel"), member("Harbor Concrete")],
    });
    let venture = app.register_organization("harbor-bridge-venture", venture).await;
    let department = app.create_department("PRT").await;
    let named = json!({ "subcontractors": [{
        "name": "Harbor Paint", "amount": usd("30000.00"),
    }] });
    app.record_contract(&department, &venture, "PRT-1", ("2025-01-01", "2027-12-31"), named).await;
}

/// Puts a policy in force under which two people change policies, and proposes a change of each kind.
async fn propose_policy_changes(app: &TestApp) {
    let day = |days| (app.now() + TimeDelta::days(days)).format("%Y-%m-%d").to_string();
    app.publish_policy_version(3, &day(2), &[(ONE_PERSON, TWO_PEOPLE)]).await;
    app.advance_to(&format!("{}T20:00:00Z", day(2)));
    let [first, second] = ["first", "second"].map(|name| app.token(name, &[Role::Admin]));
    let input = json!({ "input": { "version": 3, "rules": [], "citation": "26STCP00418" } });
    let suspension = app.mutate_ok(&first, SUSPEND_POLICY, input).await["proposal"]["id"].take();
    let confirmed =
        app.mutate_ok(&second, CONFIRM_POLICY_PROPOSAL, json!({ "id": suspension })).await;
    let input = json!({ "suspensionId": confirmed["suspension"]["id"], "citation": "Vacated." });
    app.mutate_ok(&first, REINSTATE_POLICY, json!({ "input": input })).await;
    let law = amend_policy_text(4, "2030-07-01", &[(ONE_PERSON, TWO_PEOPLE)]);
    app.mutate_ok(&first, PUBLISH_POLICY, json!({ "input": { "text": law } })).await;
}

/// Creates an API key and revokes it.
async fn revoke_api_key(app: &TestApp) {
    const REVOKE: &str = "mutation($id: ID!) { revokeApiKey(id: $id) { userErrors { code } } }";
    let key = app.create_api_key("EXPORTS").await;
    let admin = app.token("administrator", &[Role::Admin]);
    app.mutate_ok(&admin, REVOKE, json!({ "id": key.id })).await;
}

/// Registers a firm with an idempotency key, whose row stays for a day.
async fn register_firm_once(app: &TestApp) {
    let document = "mutation { createOrganization(input: { kind: CORPORATION,
        legalName: \"Once Paving\" }) { userErrors { code } } }";
    let token = app.token("once-paving", &[Role::Bidder]);
    let request = app.http_request(Method::POST, "/graphql").bearer_auth(token);
    let request = request.header("idempotency-key", "k").json(&json!({ "query": document }));
    let answer = request.send().await.expect("an answer").text().await.expect("a text");
    assert!(answer.contains("\"userErrors\":[]"), "{answer}");
}

/// A database without triggers and constraints.
struct Record {
    database: Database,
    engine: Engine,
    now: DateTime<Utc>,
}

impl Record {
    /// Creates an object of every kind, and transactions of an award.
    async fn create(app: &TestApp) -> Self {
        Box::pin(make_world(app)).await;
        Box::pin(act(app)).await;
        register_sharing_firm(app).await;
        venture_with_contract(app).await;
        app.import_award_file(&write_csv(TRANSACTIONS)).await;
        app.import_award_file(&write_csv(DELTA)).await;
        propose_policy_changes(app).await;
        revoke_api_key(app).await;
        register_firm_once(app).await;
        app.sweep().await;
        let database = app.owner().await.clone();
        let record = Self { database, engine: app.engine, now: app.now() };
        assert_eq!(record.find_inconsistency().await, None);
        record.drop_guards().await;
        record
    }

    async fn run(&self, statement: &str) -> Result<(), DbErr> {
        self.database.migration_connection().execute_unprepared(statement).await.map(drop)
    }

    /// Drops triggers and constraints, as the database owner can.
    async fn drop_guards(&self) {
        if self.engine == Engine::Postgres {
            let triggers = self.texts(
                "SELECT DISTINCT 'DROP TRIGGER ' || trigger_name || ' ON ' || event_object_table
                    FROM information_schema.triggers WHERE trigger_schema = 'public'",
            );
            for drop in triggers.await {
                self.run(&drop).await.expect("a trigger to drop");
            }
            let constraints = self.texts(
                "SELECT 'ALTER TABLE ' || conrelid::regclass || ' DROP CONSTRAINT ' || conname
                    FROM pg_constraint WHERE contype IN ('f', 'c')
                        AND connamespace = 'public'::regnamespace",
            );
            for drop in constraints.await {
                self.run(&drop).await.expect("a constraint to drop");
            }
            return;
        }
        let triggers = "SELECT 'DROP TRIGGER ' || name FROM sqlite_master WHERE type = 'trigger'";
        for drop in self.texts(triggers).await {
            self.run(&drop).await.expect("a trigger to drop");
        }
        self.run("PRAGMA foreign_keys = OFF").await.expect("a pragma");
        self.run("PRAGMA ignore_check_constraints = ON").await.expect("a pragma");
    }

    /// Returns the first column of a query.
    async fn texts(&self, select: &str) -> Vec<String> {
        let backend = self.database.read.get_database_backend();
        let rows = self.database.read.query_all_raw(Statement::from_string(backend, select)).await;
        let rows = rows.unwrap_or_else(|error| panic!("{select}: {error}"));
        rows.iter().filter_map(|row| row.try_get_by_index(0).ok()).collect()
    }

    async fn find_inconsistency(&self) -> Option<String> {
        verify(&self.database, self.now, |_| ()).await.expect("a report").wrong
    }

    async fn tables(&self) -> Vec<String> {
        self.texts(if self.engine == Engine::Postgres {
            "SELECT table_name::text FROM information_schema.tables
                WHERE table_schema = 'public' AND table_type = 'BASE TABLE' ORDER BY 1"
        } else {
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'
                AND name NOT LIKE 'search!_%!_%' ESCAPE '!' ORDER BY 1"
        })
        .await
    }

    /// Returns the writable columns.
    async fn columns(&self, table: &str) -> Vec<String> {
        self.texts(&if self.engine == Engine::Postgres {
            format!(
                "SELECT column_name::text FROM information_schema.columns
                    WHERE table_name = '{table}' AND table_schema = 'public'
                        AND is_generated = 'NEVER' ORDER BY ordinal_position"
            )
        } else {
            format!("SELECT name FROM pragma_table_xinfo('{table}') WHERE hidden = 0")
        })
        .await
    }

    /// Returns the SQL expression that locates a row, for any key.
    const fn row_locator(&self) -> &'static str {
        match self.engine {
            Engine::Sqlite => "rowid",
            Engine::Postgres => "ctid",
        }
    }

    /// Returns the locator of a row that meets a condition.
    async fn row(&self, table: &str, condition: &str) -> Option<String> {
        let row_locator = self.row_locator();
        let select = match self.engine {
            Engine::Sqlite => "CAST(rowid AS text)".to_owned(),
            Engine::Postgres => "quote_literal(ctid::text) || '::tid'".to_owned(),
        };
        let select = format!(
            "SELECT {select} FROM {table} WHERE {condition} ORDER BY {row_locator} LIMIT 1"
        );
        self.texts(&select).await.pop()
    }

    /// Returns a row's values as SQL literals.
    async fn values(&self, table: &str, columns: &[String], row: &str) -> Vec<String> {
        let mut values = Vec::new();
        for column in columns {
            let select = match self.engine {
                Engine::Sqlite => format!("quote(\"{column}\")"),
                Engine::Postgres => format!("quote_nullable(\"{column}\"::text)"),
            };
            let select =
                format!("SELECT {select} FROM {table} WHERE {} = {row}", self.row_locator());
            values.push(self.texts(&select).await.pop().expect("a value"));
        }
        values
    }

    /// Returns alternative values for a column: one of another row, then a generated one.
    async fn others(&self, table: &str, column: &str, value: &str) -> Vec<String> {
        let quoted = match self.engine {
            Engine::Sqlite => format!("quote(\"{column}\")"),
            Engine::Postgres => format!("quote_nullable(\"{column}\"::text)"),
        };
        let distinct = format!("SELECT DISTINCT {quoted} FROM {table}");
        let mut others: Vec<String> = self.texts(&distinct).await;
        others.retain(|other| other != value && other != "NULL");
        others.truncate(1);
        let text = value.trim_matches('\'');
        let made_up = match value {
            "NULL" => vec![
                "'2026-01-01T00:00:00+00:00'".to_owned(),
                "1".to_owned(),
                "'01a22063-c640-7418-bbad-3d7a5ac18208'".to_owned(),
                "'[]'".to_owned(),
            ],
            "'true'" | "'false'" | "'t'" | "'f'" => vec![format!("NOT {value}::boolean")],
            _ if value.starts_with("X'") => vec!["randomblob(16)".to_owned()],
            _ if text.parse::<i64>().is_ok() => {
                let number: i64 = text.parse().expect("a number");
                vec![
                    if number == 0 { 1 } else { number - 1 }.to_string(),
                    (number + 1_000).to_string(),
                ]
            }
            _ if text.starts_with("20") && text.contains('-') => {
                vec![format!("'19{}'", &text[2..])]
            }
            _ if text.starts_with("[]") => vec!["'[\"x\"]'".to_owned()],
            _ => vec![
                "'01a22063-c640-7418-bbad-3d7a5ac18208'".to_owned(),
                format!("'{}'", text.replacen(['a', 'e', 'A', 'E'], "o", 1)),
                format!("'{text}x'"),
            ],
        };
        others.extend(made_up);
        others
    }

    /// Alters one value; returns the statement that restores it, if an alternative was accepted.
    async fn alter(&self, table: &str, column: &str, row: &str) -> Option<String> {
        let columns = [column.to_owned()];
        let value = self.values(table, &columns, row).await.pop()?;
        let row_locator = self.row_locator();
        for other in self.others(table, column, &value).await {
            // An update moves the row: it is found again by a unique mark.
            let others = self.columns(table).await;
            let others: Vec<String> = others.into_iter().filter(|name| name != column).collect();
            let values = self.values(table, &others, row).await;
            let set =
                format!("UPDATE {table} SET \"{column}\" = {other} WHERE {row_locator} = {row}");
            if self.run(&set).await.is_err() {
                continue;
            }
            let same =
                others.iter().zip(values).map(|(name, values)| match (self.engine, &*values) {
                    (_, "NULL") => format!("\"{name}\" IS NULL"),
                    (Engine::Sqlite, values) => format!("\"{name}\" = {values}"),
                    (Engine::Postgres, values) => format!("\"{name}\"::text = {values}"),
                });
            let mut same: Vec<String> = same.collect();
            if self.engine == Engine::Postgres {
                same.push(format!("\"{column}\" = {other}"));
            }
            let here = match self.engine {
                Engine::Sqlite => format!("rowid = {row}"),
                Engine::Postgres => same.join(" AND "),
            };
            return Some(format!("UPDATE {table} SET \"{column}\" = {value} WHERE {here}"));
        }
        None
    }
}

/// Alters one value in every column of each table whose index modulo `parts` is `part`.
async fn every_column(record: Record, part: usize, parts: usize) {
    let (mut missed, mut untried, mut altered) = (Vec::new(), Vec::new(), 0);
    for (index, table) in record.tables().await.into_iter().enumerate() {
        if index % parts != part {
            continue;
        }
        for column in record.columns(&table).await {
            if is_exempt(&table, &column) {
                continue;
            }
            let mut rows = Vec::new();
            for condition in ["IS NOT NULL", "IS NULL"] {
                rows.extend(record.row(&table, &format!("\"{column}\" {condition}")).await);
            }
            let mut tried = false;
            for row in rows {
                let Some(restore) = record.alter(&table, &column, &row).await else { continue };
                (tried, altered) = (true, altered + 1);
                if record.find_inconsistency().await.is_none() {
                    missed.push(format!("{table}.{column}: {restore}"));
                }
                record.run(&restore).await.expect("the value restored");
            }
            if !tried {
                untried.push(format!("{table}.{column}"));
            }
        }
    }
    assert_eq!(record.find_inconsistency().await, None, "everything was restored");
    assert!(missed.is_empty(), "not detected after {altered} alterations: {missed:#?}");
    let unexpected: Vec<_> = untried.iter().filter(|name| !is_empty_table(name)).collect();
    assert!(unexpected.is_empty(), "not altered: {unexpected:?}");
    assert!(altered > 0);
}

/// Tables that have no rows in the test data.
const EMPTY_TABLES: &[&str] = &[];

fn is_empty_table(column: &str) -> bool {
    EMPTY_TABLES.iter().any(|table| column.starts_with(&format!("{table}.")))
}

macro_rules! in_parts {
    ($($name:ident = $part:literal),+ of $parts:literal) => {
        mod one_value_in_every_column {
            use super::{Engine, Record, every_column, run_story};
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                run_story(Engine::Sqlite, |app| async move {
                    Box::pin(every_column(Record::create(&app).await, $part, $parts)).await;
                })
                .await;
            })+
        }
    };
}

in_parts![first = 0, second = 1, third = 2, fourth = 3, fifth = 4, sixth = 5 of 6];

/// Alters one value in each table, removes one row of each, and adds one to each that accepts it.
async fn every_table(record: Record) {
    let (mut missed, mut added) = (Vec::new(), BTreeSet::new());
    for table in record.tables().await {
        if is_exempt(&table, "*") {
            continue;
        }
        let columns = record.columns(&table).await;
        let Some(row) = record.row(&table, "true").await else {
            assert!(EMPTY_TABLES.contains(&&*table), "{table} is empty");
            continue;
        };
        let quoted: Vec<String> = columns.iter().map(|name| format!("\"{name}\"")).collect();
        let values = record.values(&table, &columns, &row).await;
        let insert = |values: &[String]| {
            format!("INSERT INTO {table} ({}) VALUES ({})", quoted.join(", "), values.join(", "))
        };
        // An added row: a copy with another key.
        let is_uuid = |value: &String| value.starts_with("X'") || value.len() == 38;
        let id = columns.iter().position(|name| name == "id").filter(|at| is_uuid(&values[*at]));
        if let Some(id) = id {
            let mut copy = values.clone();
            copy[id] = match record.engine {
                Engine::Sqlite => "X'01A22063C64074188BAD3D7A5AC18208'".to_owned(),
                Engine::Postgres => "'01a22063-c640-7418-8bad-3d7a5ac18208'".to_owned(),
            };
            // A second signatory or officer must be another person.
            for (name, value) in columns.iter().zip(&mut copy).filter(|_| table == "member") {
                if ["email", "subject"].contains(&&**name) && value != "NULL" {
                    "'somebody@other.example'".clone_into(value);
                }
            }
            if record.run(&insert(&copy)).await.is_ok() {
                added.insert(table.clone());
                if record.find_inconsistency().await.is_none() {
                    missed.push(format!("{table}: a row added"));
                }
                let remove = format!("DELETE FROM {table} WHERE id = {}", copy[id]);
                record.run(&remove).await.expect("the row removed");
            }
        }
        if record.engine == Engine::Postgres {
            let mut found = false;
            for column in columns.iter().filter(|column| !is_exempt(&table, column)) {
                let Some(restore) = record.alter(&table, column, &row).await else { continue };
                found = record.find_inconsistency().await.is_some();
                record.run(&restore).await.expect("the value restored");
                break;
            }
            if !found {
                missed.push(format!("{table}: a value"));
            }
        }
        let row = record.row(&table, "true").await.expect("a row");
        let values = record.values(&table, &columns, &row).await;
        let remove = format!("DELETE FROM {table} WHERE {} = {row}", record.row_locator());
        record.run(&remove).await.expect("a row removed");
        if record.find_inconsistency().await.is_none() && !is_exempt(&table, "removed") {
            missed.push(format!("{table}: a row removed"));
        }
        record.run(&insert(&values)).await.expect("the row restored");
    }
    assert_eq!(record.find_inconsistency().await, None, "everything was restored");
    assert!(missed.is_empty(), "not found: {missed:#?}");
    for table in
        ["bid", "clarification", "exemption", "member", "policy_suspension", "renewal", "waiver"]
    {
        assert!(added.contains(table), "no row was added to {table}: {added:?}");
    }
}

mod a_row_of_every_table {
    use super::{Engine, Record, every_table, run_story};

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn on_sqlite() {
        Box::pin(run_story(Engine::Sqlite, |app| async move {
            every_table(Record::create(&app).await).await;
        }))
        .await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    #[cfg_attr(no_postgres, ignore = "no PostgreSQL binaries")]
    async fn on_postgres() {
        Box::pin(run_story(Engine::Postgres, |app| async move {
            every_table(Record::create(&app).await).await;
        }))
        .await;
    }
}

/// A ledger of 20,000 entries verifies, and one altered value in its middle is reported.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_long_ledger_is_checked() {
    Box::pin(run_on_database(Engine::Sqlite, async |database| {
        let now = parse_instant(STORY_START);
        write_entries(&database, now, 20_000).await;
        let report = verify(&database, now, |_| ()).await.expect("a report");
        assert_eq!(report.wrong, None);
        let entries = report.checked.iter().find(|(what, _)| *what == "ledger entries");
        assert!(entries.is_some_and(|(_, count)| *count > 20_000), "{report:?}");
        let alter = "UPDATE contract SET value_cents = value_cents * 10 WHERE number = 'K-0007777'";
        database.migration_connection().execute_unprepared(alter).await.expect("a direct change");
        let inconsistency = verify(&database, now, |_| ()).await.expect("a report").wrong;
        let inconsistency = inconsistency.expect("an altered value");
        assert!(inconsistency.contains("value_cents is 12500000"), "{inconsistency}");
    }))
    .await;
}
