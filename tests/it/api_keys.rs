//! Administrators create API keys for other systems. A key has the roles of its scopes and nothing else,
//! its secret is shown once, and it stops working when it expires or is revoked.
use candor_schema::verify::verify;
use candor_tests::api_keys::{ApiKey, CREATE_API_KEY};
use candor_tests::due_times::march::DUE;
use candor_tests::steps::{format_user_errors, text};
use candor_tests::{Engine, Method, Role, StatusCode, TestApp, parse_instant, stories};
use chrono::TimeDelta;
use serde_json::{Value, json};
use tokio::time::{Duration, sleep};

stories![
    a_key_has_the_roles_of_its_scopes,
    an_unusable_key_is_refused_with_words,
    invalid_keys_are_not_created,
    the_last_use_is_kept,
    the_database_keeps_keys_as_they_are,
    a_key_is_recorded_without_its_secret,
];

const KEYS: &str = "{ apiKeys { totalCount nodes { id name scopes createdBy createdAt expiresAt
    revokedAt revokedBy lastUsedAt } } }";
const REVOKE: &str = "mutation($id: ID!) { revokeApiKey(id: $id) {
    apiKey { id revokedAt revokedBy } userErrors { code } } }";
const VIEWER: &str = "{ viewer { subject roles } }";

fn admin(app: &TestApp) -> String {
    app.token("administrator", &[Role::Admin])
}

/// Sends a request with a bearer token and returns the status and the answer.
async fn send(app: &TestApp, token: &str, query: &str) -> (StatusCode, Value) {
    let request = app.http_request(Method::POST, "/graphql").bearer_auth(token);
    let answer = request.json(&json!({ "query": query })).send().await.expect("an answer");
    (answer.status(), answer.json().await.expect("JSON"))
}

async fn a_key_has_the_roles_of_its_scopes(app: TestApp) {
    let department = app.create_department("BSS").await;
    let published = app.publish_solicitation(&department, DUE).await;
    let firm = app.register_disclosing_firm("Prime Paving").await;
    for (scope, role) in [
        ("PROCUREMENT_SYSTEM", "PROCUREMENT_SYSTEM"),
        ("EXPORTS", "EXPORT_READER"),
        ("EVENTS", "EVENT_READER"),
    ] {
        let ApiKey { id, secret } = app.create_api_key(scope).await;
        let viewer = app.query(&secret, VIEWER, json!({})).await;
        let expected = json!({ "subject": format!("candor {id}"), "roles": [role] });
        assert_eq!(viewer["viewer"], expected);
        let read = "query($id: ID!) { solicitation(id: $id) { id } }";
        let read = app.query(&secret, read, json!({ "id": published })).await;
        assert_eq!(read["solicitation"]["id"], json!(published));
        let other = "query($id: ID!) { organization(id: $id) { id } }";
        let other = app.query(&secret, other, json!({ "id": firm.id })).await;
        assert_eq!(other["organization"], Value::Null);
        let refused = app.execute(&secret, KEYS, json!({})).await;
        assert_eq!(refused["errors"][0]["extensions"]["code"], "FORBIDDEN", "{refused}");
    }
    let input = json!({
        "name": " Procurement  &  reports ", "scopes": ["EVENTS", "PROCUREMENT_SYSTEM", "EVENTS"],
        "expiresAt": "2027-02-03T20:00:00Z",
    });
    let made = app.mutate_ok(&admin(&app), CREATE_API_KEY, json!({ "input": input })).await;
    assert_eq!(made["apiKey"]["name"], "Procurement & reports");
    assert_eq!(made["apiKey"]["scopes"], json!(["PROCUREMENT_SYSTEM", "EVENTS"]));
    let secret = text(&made["secret"]);
    assert!(secret.starts_with("candor_") && secret.len() == 50, "a form that scanners know");
    let viewer = app.query(&secret, VIEWER, json!({})).await;
    assert_eq!(viewer["viewer"]["roles"], json!(["PROCUREMENT_SYSTEM", "EVENT_READER"]));
    for reader in [admin(&app), app.token("aud", &[Role::Auditor])] {
        let keys = app.query(&reader, KEYS, json!({})).await["apiKeys"].take();
        assert_eq!(keys["totalCount"], 4);
        assert_eq!(keys["nodes"][0]["createdBy"], "administrator");
        assert!(!keys.to_string().contains("candor_"), "a secret is shown once");
    }
    app.assert_verifies().await;
}

async fn an_unusable_key_is_refused_with_words(app: TestApp) {
    let ApiKey { id, secret } = app.create_api_key("EXPORTS").await;
    let assert_refused = async |token: &str, words: &str| {
        let (status, answer) = send(&app, token, VIEWER).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{answer}");
        let error = &answer["errors"][0];
        assert_eq!(error["extensions"]["code"], "UNAUTHENTICATED");
        assert!(text(&error["message"]).contains(words), "{answer}");
        assert!(!answer.to_string().contains(&secret[7..20]), "{answer}");
    };
    let unknown = format!("candor_{}", "A".repeat(43));
    assert_refused(&unknown, "the API key is not known here; ask an administrator").await;
    let last = if secret.ends_with('A') { "E" } else { "A" };
    let altered = format!("{}{last}", &secret[..secret.len() - 1]);
    for malformed in ["candor_", "candor_x", &secret[..49], &format!("{secret}A"), &altered] {
        let (status, answer) = send(&app, malformed, VIEWER).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{malformed} {answer}");
    }
    assert_refused("candor_x", "the API key is malformed").await;

    app.advance_to("2026-11-29T19:59:59.999999Z");
    assert_eq!(send(&app, &secret, VIEWER).await.0, StatusCode::OK);
    app.advance_to("2026-11-29T20:00:00Z");
    assert_refused(&secret, "the API key expired at 2026-11-29T20:00:00Z").await;

    app.advance_to("2026-03-01T20:00:00Z");
    assert_eq!(send(&app, &secret, VIEWER).await.0, StatusCode::OK);
    let revoked = app.mutate_ok(&admin(&app), REVOKE, json!({ "id": id })).await;
    assert_eq!(revoked["apiKey"]["revokedBy"], "administrator");
    assert_refused(&secret, "the API key was revoked at 2026-03-01T20:00:00Z").await;
    // Revoking it again changes nothing.
    app.advance_to("2026-03-02T20:00:00Z");
    let again = app.token("another", &[Role::Admin]);
    let again = app.mutate_ok(&again, REVOKE, json!({ "id": id })).await;
    assert_eq!(again["apiKey"], revoked["apiKey"]);
    let missing = json!({ "id": "key_01kb0000000000000000000000" });
    let missing = app.execute(&admin(&app), REVOKE, missing).await;
    assert_eq!(missing["errors"][0]["extensions"]["code"], "NOT_FOUND", "{missing}");
    app.assert_verifies().await;
}

async fn invalid_keys_are_not_created(app: TestApp) {
    let now = app.now();
    let create = async |name: &str, scopes: Value, expires_at| {
        let input = json!({ "name": name, "scopes": scopes, "expiresAt": expires_at });
        let payload = app.mutate(&admin(&app), CREATE_API_KEY, json!({ "input": input })).await;
        assert_eq!((&payload["apiKey"], &payload["secret"]), (&Value::Null, &Value::Null));
        format_user_errors(&payload["userErrors"])
    };
    let past = (now - TimeDelta::seconds(1)).to_rfc3339();
    let errors = create(" ", json!([]), json!(past)).await;
    assert_eq!(errors, ["input.name required", "input.scopes required", "input.expiresAt invalid"]);
    let late = (now + TimeDelta::days(366) + TimeDelta::seconds(1)).to_rfc3339();
    let errors = create(&"n".repeat(101), json!(["EVENTS"]), json!(late)).await;
    assert_eq!(errors, ["input.name too_long", "input.expiresAt invalid"]);
    assert_eq!(app.select_number("SELECT COUNT(*) FROM api_key").await, 0);
    for _ in 0..100 {
        app.create_api_key("EVENTS").await;
    }
    let soon = (now + TimeDelta::days(1)).to_rfc3339();
    assert_eq!(create("One more", json!(["EVENTS"]), json!(soon)).await, ["input refused"]);
}

async fn the_last_use_is_kept(app: TestApp) {
    let ApiKey { secret, .. } = app.create_api_key("EVENTS").await;
    let last_use = async || {
        let keys = app.query(&admin(&app), KEYS, json!({})).await;
        keys["apiKeys"]["nodes"][0]["lastUsedAt"].clone()
    };
    assert_eq!(last_use().await, Value::Null);
    let wait_for = async |expected: &str| {
        for _ in 0..100 {
            if last_use()
                .await
                .as_str()
                .is_some_and(|at| parse_instant(at) == parse_instant(expected))
            {
                return;
            }
            sleep(Duration::from_millis(20)).await;
        }
        panic!("{} is not {expected}", last_use().await);
    };
    app.query(&secret, VIEWER, json!({})).await;
    wait_for("2026-02-02T20:00:00Z").await;
    // Another use within a minute is not written, a later one is.
    app.advance_to("2026-02-02T20:00:59Z");
    app.query(&secret, VIEWER, json!({})).await;
    sleep(Duration::from_millis(100)).await;
    wait_for("2026-02-02T20:00:00Z").await;
    app.advance_to("2026-02-02T20:01:00Z");
    app.query(&secret, VIEWER, json!({})).await;
    wait_for("2026-02-02T20:01:00Z").await;
    app.assert_verifies().await;
}

async fn the_database_keeps_keys_as_they_are(app: TestApp) {
    let ApiKey { id, .. } = app.create_api_key("EVENTS").await;
    let by_hand = |set: &str| format!("UPDATE api_key SET {set}");
    for set in [
        "name = 'Mine'",
        "exports = NOT exports",
        "events = NOT events, revoked_by = 'me', revoked_at = created_at",
        "expires_at = created_at, revoked_by = 'me', revoked_at = created_at",
        "secret_sha256 = replace(secret_sha256, 'a', 'b') || '', name = 'x'",
        "revoked_by = 'me'",
    ] {
        app.run_sql(&by_hand(set)).await.expect_err(set);
    }
    for statement in ["DELETE FROM api_key", "UPDATE api_key SET created_by = 'me'"] {
        app.run_sql(statement).await.expect_err(statement);
    }
    let days = match app.engine {
        Engine::Sqlite => "datetime(created_at, '+367 days')",
        Engine::Postgres => "created_at + interval '367 days'",
    };
    let columns = "id, name, procurement_system, exports, events, secret_sha256, created_by";
    let new_id = match app.engine {
        Engine::Sqlite => "randomblob(16)",
        Engine::Postgres => "gen_random_uuid()",
    };
    let insert = |flags: &str, expires: &str| {
        format!(
            "INSERT INTO api_key ({columns}, created_at, expires_at)
                SELECT {new_id}, 'x', {flags}, '{}', 'me', created_at, {expires} FROM api_key",
            "0".repeat(64)
        )
    };
    for (flags, expires) in [
        ("false, false, false", "expires_at"),
        ("false, true, false", "created_at"),
        ("false, true, false", days),
    ] {
        app.run_sql(&insert(flags, expires)).await.expect_err(expires);
    }
    app.mutate_ok(&admin(&app), REVOKE, json!({ "id": id })).await;
    let restore = by_hand("revoked_by = NULL, revoked_at = NULL");
    app.run_sql(&restore).await.expect_err("a revoked key stays revoked");
    app.assert_verifies().await;
}

async fn a_key_is_recorded_without_its_secret(app: TestApp) {
    let ApiKey { id, secret } = app.create_api_key("PROCUREMENT_SYSTEM").await;
    app.mutate_ok(&admin(&app), REVOKE, json!({ "id": id })).await;
    let actions =
        "SELECT COUNT(*) FROM ledger WHERE action IN ('api_key.created', 'api_key.revoked')";
    assert_eq!(app.select_number(actions).await, 2);
    let random = &secret["candor_".len()..];
    let sha256 = app.select_text("SELECT secret_sha256 FROM api_key").await;
    for wrong in [random, &sha256] {
        let found = format!("SELECT COUNT(*) FROM ledger WHERE data LIKE '%{wrong}%'");
        assert_eq!(app.select_number(&found).await, 0);
    }
    // The ledger still shows a changed secret: whoever wrote their own could use the key.
    let triggers = match app.engine {
        Engine::Sqlite => "DROP TRIGGER api_key_revoked",
        Engine::Postgres => "DROP TRIGGER api_key_revoked ON api_key",
    };
    app.run_sql(triggers).await.expect("no trigger");
    let own = format!("UPDATE api_key SET secret_sha256 = '{}'", "0".repeat(64));
    app.run_sql(&own).await.expect("a direct change");
    let report = verify(&app.database, app.now(), |_| ()).await.expect("a report");
    let wrong = report.wrong.expect("an inconsistency");
    assert!(wrong.contains("secret_sha256"), "{wrong}");
}
