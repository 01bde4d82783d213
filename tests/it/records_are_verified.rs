//! Direct changes to the database that bypass every trigger are detected by `verify`.
use candor_schema::SubjectId;
use candor_schema::canonical::{canonical, sha256};
use candor_tests::fixtures::{Firm, agreements_statement, e_verify_agreement};
use candor_tests::steps::{CANCEL_SOLICITATION, WITHDRAW_BID, WITHDRAW_DISCLOSURE, text};
use candor_tests::{Engine, TestApp, stories};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

stories![
    a_changed_value_is_reported,
    a_missing_entry_is_reported,
    forged_facts_are_reported,
    a_forged_outcome_is_reported,
    a_dangling_reference_is_reported,
    a_truncated_chain_is_reported,
    a_status_without_an_event_is_reported,
    a_consistently_replaced_record_is_reported,
];

/// Creates a firm with a filing and an admitted bid; returns the firm and their identifiers.
async fn create_record(app: &TestApp) -> (Firm, Value, Value) {
    let department = app.create_department("BSS").await;
    let solicitation = app.publish_solicitation(&department, "2026-03-10T22:00:00Z").await;
    let firm = app.register_firm("Prime Paving").await;
    app.submit_bid(&firm, &solicitation, "90000").await;
    let filed =
        app.file_and_load_disclosure(&firm, agreements_statement(&[e_verify_agreement()])).await;
    let admitted = app.submit_bid(&firm, &solicitation, "100000").await;
    assert_eq!(admitted["bid"]["status"], "ADMITTED");
    app.assert_verifies().await;
    (firm, filed, admitted)
}

/// Drops the triggers of a frozen table, as only the database owner can.
async fn drop_triggers(app: &TestApp, table: &str) {
    for event in ["update", "delete"] {
        let of =
            if app.engine == Engine::Postgres { format!(" ON {table}") } else { String::new() };
        app.run_sql(&format!("DROP TRIGGER {table}_no_{event}{of}"))
            .await
            .expect("an owner's hand");
    }
}

/// Changes one word in a row, asserts that `verify` reports it, and restores it.
async fn assert_change_is_reported(
    app: &TestApp,
    table: &str,
    column: &str,
    of: &str,
    word: [&str; 2],
    wrong: &str,
) {
    let change = |from: &str, to: &str| {
        format!("UPDATE {table} SET {column} = replace({column}, '{from}', '{to}') WHERE {of}")
    };
    let [old, new] = word;
    app.run_sql(&change(old, new)).await.expect("a direct change");
    assert_eq!(app.find_inconsistency().await, wrong);
    app.run_sql(&change(new, old)).await.expect("a direct change");
    app.assert_verifies().await;
}

async fn a_changed_value_is_reported(app: TestApp) {
    let (_, filed, admitted) = create_record(&app).await;
    let (disclosure, bid) = (text(&filed["id"]), text(&admitted["bid"]["id"]));
    let decision = text(&admitted["decision"]["id"]);
    for table in ["filing", "decision", "ledger", "policy"] {
        drop_triggers(&app, table).await;
    }
    app.assert_verifies().await;
    let one = "version = 1";
    let message = format!("filing {disclosure}: its statement does not match its digest");
    assert_change_is_reported(&app, "filing", "statement", one, ["USCIS", "USCIT"], &message).await;
    let digest = text(&filed["sha256"]);
    let other = digest.replacen(['6', '1'], "0", 1);
    assert_change_is_reported(&app, "filing", "sha256", one, [&digest, &other], &message).await;
    let message = format!("filing {disclosure}: its digest is not the one that was signed");
    assert_change_is_reported(&app, "filing", "attestation", one, [&digest, &other], &message)
        .await;

    let admits = "outcome = 'ADMIT'";
    let message = format!("decision {decision}: its facts do not match their digest");
    assert_change_is_reported(
        &app,
        "decision",
        "facts",
        admits,
        ["Prime Paving", "Prime Pawing"],
        &message,
    )
    .await;
    let hash = text(&admitted["decision"]["factsHash"]);
    let other = hash.chars().rev().collect::<String>();
    assert_change_is_reported(&app, "decision", "facts_sha256", admits, [&hash, &other], &message)
        .await;
    let message = format!("decision {decision}: its findings do not match their digest");
    assert_change_is_reported(&app, "decision", "decision", admits, ["USCIS", "USCIT"], &message)
        .await;

    let submitted = format!("subject = '{bid}' AND action = 'bid.submitted'");
    let message = format!("ledger of {bid}, entry 2: its content does not match its hash");
    for (column, word) in [
        ("data", ["100000.00", "100000.01"]),
        ("actor", ["prime-paving", "prime-pawing"]),
        ("action", ["bid.submitted", "bid.withdrawn"]),
        ("at", ["2026-02-02", "2026-02-01"]),
    ] {
        let of = if column == "action" {
            format!("subject = '{bid}' AND sequence = 2")
        } else {
            submitted.clone()
        };
        assert_change_is_reported(&app, "ledger", column, &of, word, &message).await;
    }
    let first = format!("subject = '{bid}' AND sequence = 1");
    let message = format!("ledger of {bid}, entry 1: its content does not match its hash");
    assert_change_is_reported(&app, "ledger", "data", &first, ["ADMIT", "BLOCK"], &message).await;

    let message = "policy version 1: its terms do not match its digest";
    assert_change_is_reported(
        &app,
        "policy",
        "terms",
        "version = 1",
        ["City of Los Angeles", "City of Las Vegas"],
        message,
    )
    .await;
}

async fn a_missing_entry_is_reported(app: TestApp) {
    let (_, _, admitted) = create_record(&app).await;
    let bid = text(&admitted["bid"]["id"]);
    drop_triggers(&app, "ledger").await;
    let gone = format!("DELETE FROM ledger WHERE subject = '{bid}' AND sequence = 1");
    app.run_sql(&gone).await.expect("a direct change");
    let message = format!("ledger of {bid}, entry 2: sequence 1 is missing");
    assert_eq!(app.find_inconsistency().await, message);
    // Moved up, the entry does not continue the chain.
    let moved = format!("UPDATE ledger SET sequence = 1 WHERE subject = '{bid}'");
    app.run_sql(&moved).await.expect("a direct change");
    let message = format!("ledger of {bid}, entry 1: it does not continue the entry before it");
    assert_eq!(app.find_inconsistency().await, message);
}

/// Loads a column of the only admitting decision.
async fn load_admitting_decision(app: &TestApp, column: &str) -> String {
    let select = format!("SELECT {column} FROM decision WHERE outcome = 'ADMIT'");
    let engine = app.database.read.get_database_backend();
    let row = sea_orm::Statement::from_string(engine, select);
    let row = app.database.read.query_one_raw(row).await.expect("an answer").expect("a row");
    row.try_get_by_index(0).expect("a text")
}

async fn forged_facts_are_reported(app: TestApp) {
    let (_, _, admitted) = create_record(&app).await;
    drop_triggers(&app, "decision").await;
    // Facts that would have refused the bid, with a matching digest.
    let mut facts: Value =
        serde_json::from_str(&load_admitting_decision(&app, "facts").await).expect("JSON");
    facts["organization"]["disclosure"] = Value::Null;
    let forged = canonical(&facts).expect("JSON");
    let forge = format!(
        "UPDATE decision SET facts = '{}', facts_sha256 = '{}' WHERE outcome = 'ADMIT'",
        forged.text, forged.sha256
    );
    app.run_sql(&forge).await.expect("a direct change");
    let message = format!(
        "decision {}: a replay from its facts gives another decision",
        text(&admitted["decision"]["id"])
    );
    assert_eq!(app.find_inconsistency().await, message);
}

async fn a_forged_outcome_is_reported(app: TestApp) {
    let (_, _, admitted) = create_record(&app).await;
    drop_triggers(&app, "decision").await;
    // The note is removed, with a matching digest.
    let mut decision_json: Value =
        serde_json::from_str(&load_admitting_decision(&app, "decision").await).expect("JSON");
    decision_json["findings"] = json!([]);
    let text_of = canonical(&decision_json).expect("JSON").text;
    let forge = format!(
        "UPDATE decision SET decision = '{text_of}', decision_sha256 = '{}' WHERE outcome = 'ADMIT'",
        sha256(&text_of)
    );
    app.run_sql(&forge).await.expect("a direct change");
    let message = format!(
        "decision {}: a replay from its facts gives another decision",
        text(&admitted["decision"]["id"])
    );
    assert_eq!(app.find_inconsistency().await, message);
}

async fn a_dangling_reference_is_reported(app: TestApp) {
    create_record(&app).await;
    let orphan =
        "UPDATE bid SET organization_id = id, disclosure_id = NULL WHERE status = 'REFUSED'";
    if app.engine == Engine::Postgres {
        // No connection disables foreign keys by default.
        app.run_sql(orphan).await.expect_err("there is no such organization");
        return;
    }
    let file = app.database.migration_connection();
    let switch = async |to: &str| {
        let switch = format!("PRAGMA foreign_keys = {to}");
        file.execute_unprepared(&switch).await.expect("a direct change");
    };
    switch("OFF").await;
    file.execute_unprepared(orphan).await.expect("a direct change");
    switch("ON").await;
    let message = "a row of bid refers to a row of organization that does not exist";
    assert_eq!(app.find_inconsistency().await, message);
}

/// Removes entries so that the chain is still valid, asserts that `verify` reports their subject,
/// and restores them.
async fn assert_removal_is_reported(app: &TestApp, entries: &str, subject: &str) {
    let backup = format!("CREATE TABLE removed AS SELECT * FROM ledger WHERE {entries}");
    for statement in [backup, format!("DELETE FROM ledger WHERE {entries}")] {
        app.run_sql(&statement).await.expect("a direct change");
    }
    assert!(app.select_number("SELECT COUNT(*) FROM removed").await > 0, "{entries}");
    let wrong = app.find_inconsistency().await;
    let uuid = SubjectId::parse(subject).map_or(subject.to_owned(), |id| id.uuid.to_string());
    assert!(wrong.contains(subject) || wrong.contains(&uuid), "{entries}: {wrong}");
    for statement in ["INSERT INTO ledger SELECT * FROM removed", "DROP TABLE removed"] {
        app.run_sql(statement).await.expect("a direct change");
    }
}

async fn a_truncated_chain_is_reported(app: TestApp) {
    let department = app.create_department("BOE").await;
    let due = "2026-03-10T22:00:00Z";
    let [first, second] = [
        app.publish_solicitation(&department, due).await,
        app.publish_solicitation(&department, due).await,
    ];
    let (firm, other) = (
        app.register_firm("Prime Paving").await,
        app.register_disclosing_firm("Harbor Hauling").await,
    );
    let old = text(
        &app.file_and_load_disclosure(&firm, agreements_statement(&[e_verify_agreement()])).await["id"],
    );
    let new = text(
        &app.file_and_load_disclosure(&firm, agreements_statement(&[e_verify_agreement()])).await["id"],
    );
    let withdrawn = app.submit_admitted_bid(&firm, &first, "100000").await;
    app.mutate_ok(&firm.token, WITHDRAW_BID, json!({ "id": withdrawn })).await;
    let closed = app.submit_bid(&other, &second, "100000").await;
    let closed = text(&closed["bid"]["id"]);
    let reason = |id: &str| json!({ "id": id, "reason": "By mistake." });
    app.mutate_ok(&department.token, CANCEL_SOLICITATION, reason(&second)).await;
    app.mutate_ok(&firm.token, WITHDRAW_DISCLOSURE, reason(&new)).await;
    app.assert_verifies().await;
    drop_triggers(&app, "ledger").await;

    for (subject, after) in [
        (&firm.id, 0),
        (&department.id, 0),
        (&old, 0),
        (&old, 1),
        (&new, 1),
        (&first, 0),
        (&first, 1),
        (&second, 2),
        (&closed, 0),
        (&closed, 1),
        (&closed, 2),
        (&withdrawn, 2),
    ] {
        let entries = format!("subject = '{subject}' AND sequence > {after}");
        assert_removal_is_reported(&app, &entries, subject).await;
    }
    assert_removal_is_reported(&app, "subject LIKE 'pol_%'", "pol_").await;
    assert_removal_is_reported(
        &app,
        "action = 'register.added' AND subject LIKE 'reg_%'",
        "register",
    )
    .await;
    app.assert_verifies().await;
}

async fn a_status_without_an_event_is_reported(app: TestApp) {
    let (_, filed, admitted) = create_record(&app).await;
    let (disclosure, bid) = (text(&filed["id"]), text(&admitted["bid"]["id"]));
    let message = format!("bid {bid}: its status is CLOSED, and the ledger says ADMITTED");
    assert_change_is_reported(
        &app,
        "bid",
        "status",
        "decision_outcome = 'ADMIT'",
        ["ADMITTED", "CLOSED"],
        &message,
    )
    .await;
    let message =
        format!("disclosure {disclosure}: its status is SUPERSEDED, and the ledger says FILED");
    assert_change_is_reported(
        &app,
        "disclosure",
        "status",
        "version = 1",
        ["FILED", "SUPERSEDED"],
        &message,
    )
    .await;
    let reopened = "UPDATE solicitation SET status = 'DRAFT', published_at = NULL, \
        policy_version = NULL";
    app.run_sql("UPDATE bid SET status = 'CLOSED' WHERE status = 'ADMITTED'")
        .await
        .expect("a hand");
    app.run_sql(reopened).await.expect("a direct change");
    let wrong = app.find_inconsistency().await;
    assert!(wrong.contains("solicitation") || wrong.contains(&bid), "{wrong}");
}

/// A forger who replaces a text also replaces its digests, and would have to rewrite the ledger's
/// chain too.
async fn a_consistently_replaced_record_is_reported(app: TestApp) {
    let (_, filed, _) = create_record(&app).await;
    for table in ["filing", "decision"] {
        drop_triggers(&app, table).await;
    }
    let facts =
        load_admitting_decision(&app, "facts").await.replace("Prime Paving", "Prime Pawing");
    let forge = format!(
        "UPDATE decision SET facts = '{facts}', facts_sha256 = '{}' WHERE outcome = 'ADMIT'",
        sha256(&facts)
    );
    app.run_sql(&forge).await.expect("a direct change");
    let wrong = app.find_inconsistency().await;
    assert!(wrong.starts_with("decision ") && wrong.ends_with("is not what the ledger says"));

    let forged_text = text(&filed["canonical"]).replace("USCIS", "TSA");
    let (old, new) = (text(&filed["sha256"]), sha256(&forged_text));
    let forge = format!(
        "UPDATE filing SET statement = '{forged_text}', sha256 = '{new}',
            attestation = replace(attestation, '{old}', '{new}')"
    );
    app.run_sql(&forge).await.expect("a direct change");
    let disclosure = text(&filed["id"]);
    let wrong = app.find_inconsistency().await;
    assert!(wrong.starts_with(&format!("filing {disclosure}: ")), "{wrong}");
}
