//! What the database itself refuses to whoever writes SQL by hand.
use candor_tests::fixtures::{Firm, no_dealings};
use candor_tests::steps::{AMEND_SOLICITATION, text};
use candor_tests::{TestApp, Engine, stories};
use serde_json::json;

stories![
    what_is_frozen_is_only_ever_inserted,
    no_live_bid_without_a_decision_that_lets_it_through,
    no_live_bid_on_a_withdrawn_disclosure,
    no_two_live_bids_of_one_firm,
    no_live_bid_on_a_canceled_solicitation,
    one_draft_and_one_filed_disclosure_an_organization,
];

const DUE: &str = "2026-03-10T22:00:00Z";

/// A solicitation with an admitted bid and a refused one.
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
    let refused = app.register_firm("Forgetful Paving").await;
    let payload = app.submit_bid(&refused, &solicitation, "90000").await;
    assert_eq!(payload["decision"]["outcome"], "BLOCK");
    Bids { admitted, solicitation }
}

/// What is broken by a statement that the database refuses.
const FOREIGN_KEY: &str = "foreign key constraint";
const CHECK: &str = "check constraint";
const UNIQUE: &str = "unique constraint";
const NOT_NULL: &str = "not null constraint";

/// The database refuses the statement, and names `what`.
async fn refused(app: &TestApp, statement: &str, what: &str) {
    let Err(words) = app.run_sql(statement).await else {
        panic!("it was not refused on {:?}: {statement}", app.engine);
    };
    let words = words.to_lowercase().replace('-', " ");
    assert!(words.contains(what), "{what} is not why: {statement}\n{words}");
}

/// Every table whose rows are only ever inserted, its columns, and the unique keys that a row
/// could be replaced by.
const FROZEN: [(&str, &str, &[&str]); 5] = [
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

/// The columns of a row that takes the place of another with the same key: all that is not of the
/// key and can be another is.
fn replacing(engine: Engine, columns: &str, key: &str) -> String {
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

async fn what_is_frozen_is_only_ever_inserted(app: TestApp) {
    bids(&app).await;
    for (table, columns, keys) in FROZEN {
        let number = app.select_number(&format!("SELECT COUNT(*) FROM {table}")).await;
        assert!(number > 0, "{table} has rows to lose");
        let first = columns.split(", ").next().expect("a column");
        let mut statements =
            vec![format!("DELETE FROM {table}"), format!("UPDATE {table} SET {first} = {first}")];
        for column in columns.split(", ") {
            statements.push(format!("UPDATE {table} SET {column} = {column}"));
        }
        for key in keys {
            let row = replacing(app.engine, columns, key);
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
            refused(&app, &statement, &format!("{table}_is_frozen")).await;
        }
        assert_eq!(app.select_number(&format!("SELECT COUNT(*) FROM {table}")).await, number);
    }
    app.assert_verifies().await;
}

async fn no_live_bid_without_a_decision_that_lets_it_through(app: TestApp) {
    bids(&app).await;
    for (of, change, what) in [
        // Its decision says BLOCK.
        ("REFUSED", "status = 'ADMITTED'", CHECK),
        ("REFUSED", "status = 'HELD'", CHECK),
        ("REFUSED", "status = 'AWARDED'", CHECK),
        ("REFUSED", "status = 'CLOSED'", CHECK),
        // It does not say what the bid says that it does.
        ("REFUSED", "status = 'ADMITTED', decision_outcome = 'ADMIT'", FOREIGN_KEY),
        ("REFUSED", "status = 'HELD', decision_outcome = 'REVIEW'", FOREIGN_KEY),
        // It is another bid's.
        (
            "REFUSED",
            "status = 'ADMITTED', decision_outcome = 'ADMIT',
            decision_id = (SELECT decision_id FROM bid WHERE status = 'ADMITTED')",
            FOREIGN_KEY,
        ),
        // There is none.
        ("ADMITTED", "decision_id = id", FOREIGN_KEY),
        ("ADMITTED", "decision_id = NULL", NOT_NULL),
        ("ADMITTED", "decision_outcome = NULL", NOT_NULL),
        // The bid is not what it says.
        ("ADMITTED", "status = 'HELD'", CHECK),
        ("ADMITTED", "status = 'REFUSED'", CHECK),
        ("ADMITTED", "status = 'SOMETHING'", CHECK),
    ] {
        let change = format!("UPDATE bid SET {change} WHERE status = '{of}'");
        refused(&app, &change, what).await;
    }
    // A bid has the decision that was made of it, not a copy's.
    let fresh = if app.engine == Engine::Sqlite { "randomblob(16)" } else { "gen_random_uuid()" };
    let copy = format!(
        "INSERT INTO bid ({BID}) SELECT {} FROM bid WHERE status = 'REFUSED'",
        BID.replacen("id", fresh, 1)
    );
    refused(&app, &copy, FOREIGN_KEY).await;
    assert_eq!(statuses(&app).await, [1, 1, 2]);
    app.assert_verifies().await;
}

/// How many bids are admitted, refused, and in all.
async fn statuses(app: &TestApp) -> [i64; 3] {
    let count =
        async |clause: &str| app.select_number(&format!("SELECT COUNT(*) FROM bid {clause}")).await;
    [
        count("WHERE status = 'ADMITTED'").await,
        count("WHERE status = 'REFUSED'").await,
        count("").await,
    ]
}

const BID: &str = "id, solicitation_id, organization_id, status, amount_cents, currency, \
    disclosure_id, decision_id, decision_outcome, cure_by, submitted_at, submitted_by, withdrawn_at";

async fn no_live_bid_on_a_withdrawn_disclosure(app: TestApp) {
    let Bids { admitted, .. } = bids(&app).await;
    let idle = app.register_disclosing_firm("Idle Paving").await;
    let withdraw = |firm: &str| {
        format!(
            "UPDATE disclosure SET status = 'WITHDRAWN', withdrawal_reason = 'by hand',
            withdrawn_at = (SELECT max(filed_at) FROM filing)
            WHERE organization_id IN (SELECT id FROM organization WHERE legal_name = '{firm}')"
        )
    };
    refused(&app, &withdraw("Prime Paving"), FOREIGN_KEY).await;
    let gone = "DELETE FROM disclosure WHERE organization_id IN
        (SELECT organization_id FROM bid WHERE status = 'ADMITTED')";
    refused(&app, gone, FOREIGN_KEY).await;
    // Another organization's disclosure is none to rest on, nor is one that there is not.
    let others = "UPDATE bid SET disclosure_id = (SELECT id FROM disclosure WHERE organization_id
        IN (SELECT id FROM organization WHERE legal_name = 'Idle Paving'))
        WHERE status = 'ADMITTED'";
    refused(&app, others, FOREIGN_KEY).await;
    let none = "UPDATE bid SET disclosure_id = id WHERE status = 'ADMITTED'";
    refused(&app, none, FOREIGN_KEY).await;
    // The same statement is taken where no live bid rests on it.
    app.run_sql(&withdraw("Idle Paving")).await.expect("nothing rests on it");
    let own = "query($id: ID!) { organization(id: $id) { disclosures { nodes { status } } } }";
    for (firm, status) in [(&admitted, "FILED"), (&idle, "WITHDRAWN")] {
        let seen = app.query(&firm.token, own, json!({ "id": firm.id })).await;
        assert_eq!(seen["organization"]["disclosures"]["nodes"][0]["status"], status);
    }
    // Nor does a bid come to life on one that is withdrawn.
    let revive =
        "UPDATE bid SET status = 'ADMITTED', withdrawn_at = NULL WHERE status = 'WITHDRAWN'";
    let back = "UPDATE bid SET status = 'WITHDRAWN', withdrawn_at = submitted_at
        WHERE status = 'ADMITTED'";
    app.run_sql(back).await.expect("a bid is taken back");
    app.run_sql(revive).await.expect("and given again while its disclosure stands");
    app.run_sql(back).await.expect("a bid is taken back");
    app.run_sql(&withdraw("Prime Paving")).await.expect("nothing rests on it any more");
    refused(&app, revive, FOREIGN_KEY).await;
}

async fn no_two_live_bids_of_one_firm(app: TestApp) {
    bids(&app).await;
    // A second bid with a decision of its own that admits it.
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
            "{decided}; INSERT INTO bid ({BID}) SELECT {other}, solicitation_id, organization_id,
            '{status}', amount_cents, currency, disclosure_id,
            (SELECT id FROM decision WHERE subject_id = {other}), decision_outcome, cure_by,
            submitted_at, submitted_by, {withdrawn_at} FROM bid WHERE status = 'ADMITTED'"
        )
    };
    refused(&app, &second("ADMITTED", "NULL"), UNIQUE).await;
    assert_eq!(statuses(&app).await, [1, 1, 2]);
    // The same row is taken where it does not count.
    app.run_sql(&second("WITHDRAWN", "submitted_at")).await.expect("it does not count");
    assert_eq!(statuses(&app).await, [1, 1, 3]);
    let revive =
        "UPDATE bid SET status = 'ADMITTED', withdrawn_at = NULL WHERE status = 'WITHDRAWN'";
    refused(&app, revive, UNIQUE).await;
}

async fn no_live_bid_on_a_canceled_solicitation(app: TestApp) {
    let Bids { solicitation, .. } = bids(&app).await;
    let cancel = "UPDATE solicitation SET status = 'CANCELED', canceled_at = published_at,
        cancellation_reason = 'by hand'";
    refused(&app, cancel, FOREIGN_KEY).await;
    let draft =
        "UPDATE solicitation SET status = 'DRAFT', published_at = NULL, policy_version = NULL";
    refused(&app, draft, FOREIGN_KEY).await;
    refused(&app, "DELETE FROM solicitation", FOREIGN_KEY).await;
    let close = "UPDATE bid SET status = 'CLOSED' WHERE status = 'ADMITTED'";
    app.run_sql(close).await.expect("a bid is closed");
    app.run_sql(cancel).await.expect("no bid lives on it any more");
    let seen = "query($id: ID!) { solicitation(id: $id) { status } }";
    let seen = app.query(&app.reviewer_token(), seen, json!({ "id": solicitation })).await;
    assert_eq!(seen["solicitation"]["status"], "CANCELED");
    let revive = "UPDATE bid SET status = 'ADMITTED' WHERE status = 'CLOSED'";
    refused(&app, revive, FOREIGN_KEY).await;
}

async fn one_draft_and_one_filed_disclosure_an_organization(app: TestApp) {
    let firm = app.register_disclosing_firm("Prime Paving").await;
    let second = app.file_and_load_disclosure(&firm, no_dealings()).await;
    app.save_draft(&firm, no_dealings()).await;
    let both = "UPDATE disclosure SET status = 'FILED' WHERE status = 'SUPERSEDED'";
    refused(&app, both, UNIQUE).await;
    let fresh = match app.engine {
        Engine::Sqlite => "randomblob(16)",
        Engine::Postgres => "gen_random_uuid()",
    };
    let draft = format!(
        "INSERT INTO disclosure_draft SELECT {fresh}, organization_id, statement, revision,
        updated_at, updated_by FROM disclosure_draft"
    );
    refused(&app, &draft, UNIQUE).await;
    // A disclosure lives by its own filing: neither by another's nor by none.
    for (change, what) in [
        ("id = organization_id", FOREIGN_KEY),
        ("version = version + 1", FOREIGN_KEY),
        ("status = 'DRAFT'", CHECK),
        ("status = 'WITHDRAWN'", CHECK),
    ] {
        let change = format!("UPDATE disclosure SET {change} WHERE status = 'FILED'");
        refused(&app, &change, what).await;
    }
    let own = "query($id: ID!) { disclosure(id: $id) { status version } }";
    let seen = app.query(&firm.token, own, json!({ "id": text(&second["id"]) })).await;
    assert_eq!(seen["disclosure"], json!({ "status": "FILED", "version": 2 }));
    app.assert_verifies().await;
}
