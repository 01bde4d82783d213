//! What the database refuses in direct SQL.
use candor_tests::due_times::march::DUE;
use candor_tests::fixtures::{Firm, no_dealings};
use candor_tests::steps::{AMEND_SOLICITATION, text};
use candor_tests::{Engine, TestApp, stories};
use serde_json::json;

stories![
    frozen_tables_are_insert_only,
    a_live_bid_requires_an_admitting_decision,
    a_live_bid_requires_a_current_disclosure,
    a_firm_has_one_live_bid,
    a_canceled_solicitation_has_no_live_bid,
    a_bid_keeps_the_copies_of_its_solicitation,
    an_organization_has_one_draft_and_one_filed_disclosure,
];

/// A solicitation with an admitted bid and a refused attempt.
struct Bids {
    admitted: Firm,
    solicitation: String,
}

async fn bids(app: &TestApp) -> Bids {
    let department = app.create_department("BSS").await;
    let solicitation = app.publish_solicitation(&department, DUE).await;
    let input = json!({ "id": solicitation, "addendum": "Bring a broom." });
    app.mutate_ok(&department.token, AMEND_SOLICITATION, json!({ "input": input })).await;
    let admitted = app.register_disclosing_firm("Prime Paving").await;
    app.submit_admitted_bid(&admitted, &solicitation, "100000").await;
    let forgetful = app.register_firm("Forgetful Paving").await;
    let payload = app.submit_bid(&forgetful, &solicitation, "90000").await;
    assert_eq!(payload["decision"]["outcome"], "BLOCK");
    Bids { admitted, solicitation }
}

/// Constraints that a refused statement violates.
const FOREIGN_KEY: &str = "foreign key constraint";
const CHECK: &str = "check constraint";
const UNIQUE: &str = "unique constraint";
const NOT_NULL: &str = "not null constraint";

/// Asserts that the database refuses the statement with an error that names `what`.
async fn assert_refused(app: &TestApp, statement: &str, what: &str) {
    let Err(message) = app.run_sql(statement).await else {
        panic!("it was not refused on {:?}: {statement}", app.engine);
    };
    let message = message.to_lowercase().replace('-', " ");
    assert!(message.contains(what), "{what} is not why: {statement}\n{message}");
}

/// Insert-only tables with their columns and the unique keys by which a row could be replaced.
const FROZEN_TABLES: [(&str, &str, &[&str]); 5] = [
    (
        "filing",
        "id, organization_id, version, kind, policy_version, statement, sha256, attestation, \
         filed_at, filed_by",
        &["id", "organization_id, version"],
    ),
    (
        "decision",
        "id, subject_kind, subject_id, sequence, organization_id, policy_version, facts, \
         facts_sha256, outcome, decision, decision_sha256, decided_at",
        &["id", "subject_id, sequence"],
    ),
    (
        "ledger",
        "id, subject_id, subject, sequence, previous, hash, at, actor, action, data",
        &["id", "subject_id, sequence"],
    ),
    ("policy", "id, version, effective_from, terms, sha256, enacted_at", &["id", "version"]),
    ("addendum", "solicitation_id, number, text, due_at, issued_at", &["solicitation_id, number"]),
];

/// Returns the columns of a row that replaces another with the same key: all other columns differ
/// where they can.
fn replacing_columns(engine: Engine, columns: &str, key: &str) -> String {
    let fresh = match engine {
        Engine::Sqlite => "randomblob(16)",
        Engine::Postgres => "gen_random_uuid()",
    };
    let of_key: Vec<&str> = key.split(", ").collect();
    let other = |column: &str| match column {
        _ if of_key.contains(&column) => column.to_owned(),
        "id" => fresh.to_owned(),
        "version" | "sequence" => format!("{column} + 1000"),
        "statement" | "facts" | "data" | "terms" | "text" => "'{}'".to_owned(),
        _ => column.to_owned(),
    };
    columns.split(", ").map(other).collect::<Vec<_>>().join(", ")
}

async fn frozen_tables_are_insert_only(app: TestApp) {
    bids(&app).await;
    for (table, columns, keys) in FROZEN_TABLES {
        let number = app.select_number(&format!("SELECT COUNT(*) FROM {table}")).await;
        assert!(number > 0, "{table} has rows to lose");
        let first = columns.split(", ").next().expect("a column");
        let mut statements =
            vec![format!("DELETE FROM {table}"), format!("UPDATE {table} SET {first} = {first}")];
        for column in columns.split(", ") {
            statements.push(format!("UPDATE {table} SET {column} = {column}"));
        }
        for key in keys {
            let row = replacing_columns(app.engine, columns, key);
            let (columns, key) = (columns.replace(", ", ","), key.replace(", ", ","));
            match app.engine {
                Engine::Sqlite => {
                    for verb in ["INSERT OR REPLACE", "REPLACE"] {
                        statements.push(format!(
                            "{verb} INTO {table} ({columns}) SELECT {row} FROM {table} WHERE true"
                        ));
                    }
                    statements.push(format!("UPDATE OR REPLACE {table} SET {first} = {first}"));
                }
                Engine::Postgres => {}
            }
            statements.push(format!(
                "INSERT INTO {table} ({columns}) SELECT {row} FROM {table} WHERE true \
                 ON CONFLICT ({key}) DO UPDATE SET {first} = excluded.{first}"
            ));
        }
        if app.engine == Engine::Postgres {
            statements.push(format!("TRUNCATE {table} CASCADE"));
            statements.push(format!("TRUNCATE {table} RESTART IDENTITY CASCADE"));
            let merge = "WHEN MATCHED THEN DELETE";
            let same = keys[0].split(", ").map(|it| format!("old.{it} = new.{it}"));
            let same = same.collect::<Vec<_>>().join(" AND ");
            statements
                .push(format!("MERGE INTO {table} AS old USING {table} AS new ON {same} {merge}"));
        }
        for statement in statements {
            assert_refused(&app, &statement, &format!("{table}_is_frozen")).await;
        }
        assert_eq!(app.select_number(&format!("SELECT COUNT(*) FROM {table}")).await, number);
    }
    app.assert_verifies().await;
}

/// The copies decide who may see a bid, and when.
async fn a_bid_keeps_the_copies_of_its_solicitation(app: TestApp) {
    bids(&app).await;
    let neighbor = app.create_department("LIB").await;
    app.publish_solicitation(&neighbor, DUE).await;
    for set in [
        "opens_at = submitted_at",
        "opens_at = NULL",
        "due_at = submitted_at",
        "department_id = (SELECT id FROM department WHERE code = 'LIB')",
        "solicitation_id = (SELECT other.id FROM solicitation other
            WHERE other.department_id <> bid.department_id)",
    ] {
        let statement = format!("UPDATE bid SET {set}");
        assert_refused(&app, &statement, "bid_copies_its_solicitation").await;
    }
    app.assert_verifies().await;
    let held = "UPDATE bid SET was_held = TRUE";
    app.run_sql(held).await.expect("a change that verify finds");
    assert_refused(&app, "UPDATE bid SET was_held = FALSE", "bid_was_held").await;
    let found = app.find_inconsistency().await;
    assert!(found.contains("its copies of its solicitation and decisions"), "{found}");
}

async fn a_live_bid_requires_an_admitting_decision(app: TestApp) {
    bids(&app).await;
    for (of, change, what) in [
        // The decision's outcome is BLOCK.
        ("REFUSED", "status = 'ADMITTED'", CHECK),
        ("REFUSED", "status = 'HELD'", CHECK),
        ("REFUSED", "status = 'AWARDED'", CHECK),
        ("REFUSED", "status = 'CLOSED'", CHECK),
        // The bid's copied outcome differs from its decision.
        ("REFUSED", "status = 'ADMITTED', decision_outcome = 'ADMIT'", FOREIGN_KEY),
        ("REFUSED", "status = 'HELD', decision_outcome = 'REVIEW'", FOREIGN_KEY),
        // The decision is of another bid.
        (
            "REFUSED",
            "status = 'ADMITTED', decision_outcome = 'ADMIT',
            decision_id = (SELECT decision_id FROM bid WHERE status = 'ADMITTED')",
            FOREIGN_KEY,
        ),
        // There is no decision.
        ("ADMITTED", "decision_id = id", FOREIGN_KEY),
        ("ADMITTED", "decision_id = NULL", NOT_NULL),
        ("ADMITTED", "decision_outcome = NULL", NOT_NULL),
        // The bid differs from the facts.
        ("ADMITTED", "status = 'HELD'", CHECK),
        ("ADMITTED", "status = 'REFUSED'", CHECK),
        ("ADMITTED", "status = 'SOMETHING'", CHECK),
    ] {
        let change = format!("UPDATE bid SET {change} WHERE status = '{of}'");
        assert_refused(&app, &change, what).await;
    }
    // A bid references its own decision, not a copy.
    let fresh = if app.engine == Engine::Sqlite { "randomblob(16)" } else { "gen_random_uuid()" };
    let copy = format!(
        "INSERT INTO bid ({BID_COLUMNS}) SELECT {} FROM bid WHERE status = 'REFUSED'",
        BID_COLUMNS.replacen("id", fresh, 1)
    );
    assert_refused(&app, &copy, FOREIGN_KEY).await;
    assert_eq!(statuses(&app).await, [1, 1, 2]);
    app.assert_verifies().await;
}

/// Counts admitted, refused and all bids.
async fn statuses(app: &TestApp) -> [i64; 3] {
    let count =
        async |clause: &str| app.select_number(&format!("SELECT COUNT(*) FROM bid {clause}")).await;
    [
        count("WHERE status = 'ADMITTED'").await,
        count("WHERE status = 'REFUSED'").await,
        count("").await,
    ]
}

const BID_COLUMNS: &str = "id, solicitation_id, organization_id, status, amount_cents, currency, \
    disclosure_id, decision_id, decision_outcome, cure_by, submitted_at, submitted_by, withdrawn_at";

async fn a_live_bid_requires_a_current_disclosure(app: TestApp) {
    let Bids { admitted, .. } = bids(&app).await;
    let idle = app.register_disclosing_firm("Idle Paving").await;
    let withdraw = |firm: &str| {
        format!(
            "UPDATE disclosure SET status = 'WITHDRAWN', withdrawal_reason = 'by hand',
            withdrawn_at = (SELECT max(filed_at) FROM filing)
            WHERE organization_id IN (SELECT id FROM organization WHERE legal_name = '{firm}')"
        )
    };
    assert_refused(&app, &withdraw("Prime Paving"), FOREIGN_KEY).await;
    let gone = "DELETE FROM disclosure WHERE organization_id IN
        (SELECT organization_id FROM bid WHERE status = 'ADMITTED')";
    assert_refused(&app, gone, FOREIGN_KEY).await;
    // A bid cannot reference another organization's disclosure or a nonexistent one.
    let others = "UPDATE bid SET disclosure_id = (SELECT id FROM disclosure WHERE organization_id
        IN (SELECT id FROM organization WHERE legal_name = 'Idle Paving'))
        WHERE status = 'ADMITTED'";
    assert_refused(&app, others, FOREIGN_KEY).await;
    let none = "UPDATE bid SET disclosure_id = id WHERE status = 'ADMITTED'";
    assert_refused(&app, none, FOREIGN_KEY).await;
    // The same statement works if no live bid references the disclosure.
    app.run_sql(&withdraw("Idle Paving")).await.expect("no live bid");
    let own = "query($id: ID!) { organization(id: $id) { disclosures { nodes { status } } } }";
    for (firm, status) in [(&admitted, "FILED"), (&idle, "WITHDRAWN")] {
        let data = app.query(&firm.token, own, json!({ "id": firm.id })).await;
        assert_eq!(data["organization"]["disclosures"]["nodes"][0]["status"], status);
    }
    // A bid cannot become live on a withdrawn disclosure.
    let revive =
        "UPDATE bid SET status = 'ADMITTED', withdrawn_at = NULL WHERE status = 'WITHDRAWN'";
    let back = "UPDATE bid SET status = 'WITHDRAWN', withdrawn_at = submitted_at
        WHERE status = 'ADMITTED'";
    app.run_sql(back).await.expect("a withdrawn bid");
    app.run_sql(revive).await.expect("a bid restored while its disclosure is current");
    app.run_sql(back).await.expect("a withdrawn bid");
    app.run_sql(&withdraw("Prime Paving")).await.expect("no live bid any more");
    assert_refused(&app, revive, FOREIGN_KEY).await;
}

async fn a_firm_has_one_live_bid(app: TestApp) {
    bids(&app).await;
    // A second bid with its own admitting decision.
    let (fresh, other) = match app.engine {
        Engine::Sqlite => ("randomblob(16)", "x'0189000000007000800000000000000a'"),
        Engine::Postgres => ("gen_random_uuid()", "'01890000-0000-7000-8000-00000000000a'::uuid"),
    };
    let decided = format!(
        "INSERT INTO decision SELECT {fresh}, subject_kind, {other}, sequence, organization_id,
        policy_version, facts, facts_sha256, outcome, decision, decision_sha256, decided_at
        FROM decision WHERE outcome = 'ADMIT'"
    );
    let second = |status: &str, withdrawn_at: &str| {
        format!(
            "{decided}; INSERT INTO bid ({BID_COLUMNS}) SELECT {other}, solicitation_id, organization_id,
            '{status}', amount_cents, currency, disclosure_id,
            (SELECT id FROM decision WHERE subject_id = {other}), decision_outcome, cure_by,
            submitted_at, submitted_by, {withdrawn_at} FROM bid WHERE status = 'ADMITTED'"
        )
    };
    assert_refused(&app, &second("ADMITTED", "NULL"), UNIQUE).await;
    assert_eq!(statuses(&app).await, [1, 1, 2]);
    // The same row is accepted with a status that is not live.
    app.run_sql(&second("WITHDRAWN", "submitted_at")).await.expect("a bid that is not live");
    assert_eq!(statuses(&app).await, [1, 1, 3]);
    let revive =
        "UPDATE bid SET status = 'ADMITTED', withdrawn_at = NULL WHERE status = 'WITHDRAWN'";
    assert_refused(&app, revive, UNIQUE).await;
}

async fn a_canceled_solicitation_has_no_live_bid(app: TestApp) {
    let Bids { solicitation, .. } = bids(&app).await;
    let cancel = "UPDATE solicitation SET status = 'CANCELED', canceled_at = published_at,
        cancellation_reason = 'by hand'";
    assert_refused(&app, cancel, FOREIGN_KEY).await;
    let draft =
        "UPDATE solicitation SET status = 'DRAFT', published_at = NULL, policy_version = NULL";
    assert_refused(&app, draft, FOREIGN_KEY).await;
    assert_refused(&app, "DELETE FROM solicitation", FOREIGN_KEY).await;
    let close = "UPDATE bid SET status = 'CLOSED' WHERE status = 'ADMITTED'";
    app.run_sql(close).await.expect("a bid is closed");
    app.run_sql(cancel).await.expect("no live bid any more");
    let data = "query($id: ID!) { solicitation(id: $id) { status } }";
    let data = app.query(&app.reviewer_token(), data, json!({ "id": solicitation })).await;
    assert_eq!(data["solicitation"]["status"], "CANCELED");
    let revive = "UPDATE bid SET status = 'ADMITTED' WHERE status = 'CLOSED'";
    assert_refused(&app, revive, FOREIGN_KEY).await;
}

async fn an_organization_has_one_draft_and_one_filed_disclosure(app: TestApp) {
    let firm = app.register_disclosing_firm("Prime Paving").await;
    let second = app.file_and_load_disclosure(&firm, no_dealings()).await;
    app.save_draft(&firm, no_dealings()).await;
    let both = "UPDATE disclosure SET status = 'FILED' WHERE status = 'SUPERSEDED'";
    assert_refused(&app, both, UNIQUE).await;
    let fresh = match app.engine {
        Engine::Sqlite => "randomblob(16)",
        Engine::Postgres => "gen_random_uuid()",
    };
    let draft = format!(
        "INSERT INTO disclosure_draft SELECT {fresh}, organization_id, statement, revision,
        updated_at, updated_by FROM disclosure_draft"
    );
    assert_refused(&app, &draft, UNIQUE).await;
    // A disclosure requires its own filing.
    for (change, what) in [
        ("id = organization_id", FOREIGN_KEY),
        ("version = version + 1", FOREIGN_KEY),
        ("status = 'DRAFT'", CHECK),
        ("status = 'WITHDRAWN'", CHECK),
    ] {
        let change = format!("UPDATE disclosure SET {change} WHERE status = 'FILED'");
        assert_refused(&app, &change, what).await;
    }
    let own = "query($id: ID!) { disclosure(id: $id) { status version } }";
    let data = app.query(&firm.token, own, json!({ "id": text(&second["id"]) })).await;
    assert_eq!(data["disclosure"], json!({ "status": "FILED", "version": 2 }));
    app.assert_verifies().await;
}
