//! A change that is sent again with its `Idempotency-Key` is made once and answered as the first time:
//! after a lost answer, from many connections, and over a killed process.
use std::time::Duration;

use candor_schema::idempotency::{KEPT_FOR, LEASE, delete_expired};
use candor_tests::api_keys::CREATE_API_KEY;
use candor_tests::due_times::march::DUE;
use candor_tests::portal::portal_bid;
use candor_tests::process::ServiceProcess;
use candor_tests::steps::{CREATE_ORGANIZATION, text};
use candor_tests::{Engine, Method, Role, StatusCode, TestApp, stories};
use chrono::TimeDelta;
use reqwest::Client;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

stories![
    a_change_is_answered_as_the_first_time,
    a_key_belongs_to_one_request,
    a_malformed_key_is_refused,
    a_portals_request_is_made_once,
    a_request_without_a_change_frees_its_key,
    a_lost_answer_is_not_made_again,
    a_secret_is_not_kept,
    waiting_duplicates_hold_no_connection,
    keys_are_kept_for_a_day,
];
stories![alone: fifty_duplicates_change_once, a_killed_process_never_changes_twice];

const ACCEPT: &str = "application/graphql-response+json";
/// The connections that send one key.
const DUPLICATES: usize = 50;
/// The keyed requests that are in progress when the process is killed.
const KILLED: usize = 24;
/// How long the answers after a kill may take: the lease and what the machine needs.
const RECOVERY_TIMEOUT: Duration = Duration::from_secs(150);

/// A status, the content type and the body.
type Answer = (StatusCode, String, String);

/// Sends a request with a key.
async fn send_to(
    client: &Client,
    address: &str,
    token: &str,
    key: &str,
    request: &Value,
) -> Result<Answer, reqwest::Error> {
    let sent = client.post(address).bearer_auth(token).header("idempotency-key", key);
    let answer = sent.header("accept", ACCEPT).json(request).send().await?;
    let content_type = answer.headers().get("content-type");
    let content_type = content_type.map(|it| it.to_str().expect("ASCII").to_owned());
    Ok((answer.status(), content_type.unwrap_or_default(), answer.text().await?))
}

async fn send(app: &TestApp, token: &str, key: &str, request: &Value) -> Answer {
    let address = format!("{}/graphql", app.base_url());
    send_to(&Client::new(), &address, token, key, request).await.expect("an answer")
}

fn register(name: &str) -> Value {
    let input = json!({ "kind": "CORPORATION", "legalName": name });
    json!({ "query": CREATE_ORGANIZATION, "variables": { "input": input } })
}

async fn count_organizations(app: &TestApp, name: &str) -> i64 {
    let count = format!("SELECT count(*) FROM organization WHERE legal_name = '{name}'");
    app.select_number(&count).await
}

/// Returns the code and the message of an answer's first error.
fn error((_, _, body): &Answer) -> (String, String) {
    let body: Value = serde_json::from_str(body).expect(body);
    let error = &body["errors"][0];
    (text(&error["extensions"]["code"]), text(&error["message"]))
}

async fn a_change_is_answered_as_the_first_time(app: TestApp) {
    let token = app.token("owner", &[Role::Bidder]);
    let first = send(&app, &token, "k-1", &register("Prime Paving")).await;
    assert_eq!(first.0, StatusCode::OK);
    assert!(first.2.contains("\"legalName\":\"Prime Paving\""), "{}", first.2);
    // With quotes it is the same key (RFC 9651).
    for key in ["k-1", "\"k-1\"", " k-1 "] {
        assert_eq!(send(&app, &token, key, &register("Prime Paving")).await, first);
    }
    assert_eq!(count_organizations(&app, "Prime Paving").await, 1);
    let again = app.http_request(Method::POST, "/graphql").bearer_auth(&token);
    let again = again.header("idempotency-key", "k-1").header("accept", ACCEPT);
    let again = again.json(&register("Prime Paving")).send().await.expect("an answer");
    assert_eq!(again.headers()["idempotency-replayed"], "true");
    // Another key is another change, and another person has other keys.
    let other = send(&app, &token, "k-2", &register("Prime Paving")).await;
    assert_ne!(other.2, first.2);
    let rival = app.token("rival", &[Role::Bidder]);
    let other = send(&app, &rival, "k-1", &register("Rival")).await;
    assert_eq!(other.0, StatusCode::OK, "{}", other.2);
    // A query changes nothing: its key means nothing, and nothing is stored.
    let keys = app.select_number("SELECT count(*) FROM idempotency_key").await;
    for query in ["{ viewer { subject } }", "{ viewer { roles } }"] {
        let answer = send(&app, &token, "k-3", &json!({ "query": query })).await;
        assert_eq!(answer.0, StatusCode::OK);
    }
    assert_eq!(app.select_number("SELECT count(*) FROM idempotency_key").await, keys);
    app.assert_verifies().await;
}

async fn a_key_belongs_to_one_request(app: TestApp) {
    let token = app.token("owner", &[Role::Bidder]);
    let first = send(&app, &token, "k", &register("Prime Paving")).await;
    let other = send(&app, &token, "k", &register("Second Paving")).await;
    assert_eq!(other.0, StatusCode::UNPROCESSABLE_ENTITY);
    let (code, message) = error(&other);
    assert_eq!(code, "IDEMPOTENCY_MISMATCH");
    assert!(message.contains("Nothing was done"), "{message}");
    assert_eq!(count_organizations(&app, "Second Paving").await, 0);
    assert_eq!(send(&app, &token, "k", &register("Prime Paving")).await, first);

    let document = "mutation($input: OrganizationInput!) {
        a: createOrganization(input: $input) { organization { id } }
        b: createOrganization(input: $input) { organization { id } } }";
    let fragment = "mutation($input: OrganizationInput!) { ...f }
        fragment f on Mutation { createOrganization(input: $input) { organization { id } } }";
    for document in [document, fragment] {
        let mut several = register("Third Paving");
        several["query"] = json!(document);
        let refused = send(&app, &token, "k-several", &several).await;
        assert_eq!(refused.0, StatusCode::BAD_REQUEST);
        assert!(error(&refused).1.contains("one root field"), "{}", refused.2);
    }
    assert_eq!(count_organizations(&app, "Third Paving").await, 0);
}

async fn a_portals_request_is_made_once(app: TestApp) {
    let portal = app.create_api_key("PROCUREMENT_SYSTEM").await.secret;
    app.create_department("BSS").await;
    app.register_vendor(&portal, "Prime Paving", "V-1").await;
    app.put_published_solicitation(&portal, "BSS", "S-1", DUE).await;
    let client = Client::new();
    let send = async |path: &str, key: &str, method: Method, body: &Value| {
        let request = client.request(method, format!("{}{path}", app.base_url()));
        let request = request.bearer_auth(&portal).header("idempotency-key", key).json(body);
        let answer = request.send().await.expect("an answer");
        let is_replayed = answer.headers().contains_key("idempotency-replayed");
        let tag = answer.headers().get("etag").map(|tag| tag.to_str().expect("ASCII").to_owned());
        (answer.status(), is_replayed, answer.text().await.expect("a text"), tag)
    };
    for (path, key, method, body) in [
        ("/v1/vendors/V-2", "put", Method::PUT, json!({ "legalName": "Second Paving" })),
        ("/v1/gate/bids?commit=true", "gate", Method::POST, portal_bid("S-1", "V-1", "1000")),
    ] {
        let first = send(path, key, method.clone(), &body).await;
        assert!(first.0.is_success() && !first.1, "{first:?}");
        let again = send(path, key, method.clone(), &body).await;
        // With the version of the record, which its next change names.
        assert_eq!(first.3.is_some(), method == Method::PUT);
        assert_eq!(again, (first.0, true, first.2, first.3));
        let mut other = body;
        other["city"] = json!("Fresno");
        let refused = send(path, key, method, &other).await;
        assert_eq!(refused.0, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.2.contains("IDEMPOTENCY_MISMATCH"), "{}", refused.2);
    }
    let renewals = json!({ "contract": "C-9", "action": "RENEWAL", "endDate": "2028-06-30" });
    let unknown = send("/v1/gate/renewals", "none", Method::POST, &renewals).await;
    assert!(unknown.0.is_client_error(), "{unknown:?}");
    // Nothing was changed, so the key is free.
    let corrected = json!({ "legalName": "Third Paving" });
    let corrected = send("/v1/vendors/V-3", "none", Method::PUT, &corrected).await;
    assert_eq!(corrected.0, StatusCode::CREATED, "{corrected:?}");
    let malformed = send("/v1/vendors/V-4", "a b", Method::PUT, &json!({})).await;
    assert_eq!(malformed.0, StatusCode::BAD_REQUEST, "{malformed:?}");
    assert!(malformed.2.contains("visible ASCII"), "{}", malformed.2);
    assert_eq!(app.select_number("SELECT count(*) FROM bid").await, 1);
    app.assert_verifies().await;
}

async fn a_malformed_key_is_refused(app: TestApp) {
    let token = app.token("owner", &[Role::Bidder]);
    let too_long = "k".repeat(129);
    for key in ["", "a b", "\"", "a\"b", "a\\b", &*too_long] {
        let refused = send(&app, &token, key, &register("Prime Paving")).await;
        assert_eq!(refused.0, StatusCode::BAD_REQUEST, "{key}");
        assert!(error(&refused).1.contains("1 to 128 visible ASCII"), "{key}: {}", refused.2);
    }
    let twice = app.http_request(Method::POST, "/graphql").bearer_auth(&token);
    let twice = twice.header("idempotency-key", "a").header("idempotency-key", "b");
    let twice = twice.header("accept", ACCEPT).json(&register("Prime Paving"));
    assert_eq!(twice.send().await.expect("an answer").status(), StatusCode::BAD_REQUEST);
    assert_eq!(app.select_number("SELECT count(*) FROM organization").await, 0);
    assert_eq!(app.select_number("SELECT count(*) FROM idempotency_key").await, 0);
}

async fn a_request_without_a_change_frees_its_key(app: TestApp) {
    let token = app.token("owner", &[Role::Bidder]);
    let officer = app.token("officer", &[Role::ContractOfficer]);
    for (token, request) in [
        (&token, register("")),
        (&token, json!({ "query": "mutation { createOrganization { organization { id } } }" })),
        (&officer, register("Prime Paving")),
    ] {
        send(&app, token, "k", &request).await;
        assert_eq!(app.select_number("SELECT count(*) FROM idempotency_key").await, 0);
    }
    let made = send(&app, &token, "k", &register("Prime Paving")).await;
    assert_eq!(made.0, StatusCode::OK);
    assert_eq!(count_organizations(&app, "Prime Paving").await, 1);
}

async fn a_lost_answer_is_not_made_again(app: TestApp) {
    let token = app.token("owner", &[Role::Bidder]);
    let first = send(&app, &token, "k", &register("Prime Paving")).await;
    let id: Value = serde_json::from_str(&first.2).expect("JSON");
    let id = text(&id["data"]["createOrganization"]["organization"]["id"]);
    // As a process leaves it that is killed between the change and the answer.
    let forget = "UPDATE idempotency_key SET status = NULL, content_type = NULL, body = NULL";
    app.run_sql(forget).await.expect("an update");
    app.set_clock(app.now() + LEASE);
    let lost = send(&app, &token, "k", &register("Prime Paving")).await;
    assert_eq!(lost.0, StatusCode::CONFLICT, "{}", lost.2);
    let (code, message) = error(&lost);
    assert_eq!(code, "IDEMPOTENCY_ANSWER_LOST");
    assert!(message.contains(&id) && message.contains("organization.registered"), "{message}");
    assert_eq!(count_organizations(&app, "Prime Paving").await, 1);

    // As a process leaves it that is killed before the change. A change needs its claim, so the old
    // execution could not commit any more.
    let undo = "UPDATE idempotency_key SET changed_at = NULL, saved = NULL";
    app.run_sql(undo).await.expect("an update");
    app.set_clock(app.now() + LEASE);
    let made = send(&app, &token, "k", &register("Other Paving")).await;
    assert_eq!(made.0, StatusCode::OK, "{}", made.2);
    assert_eq!(count_organizations(&app, "Other Paving").await, 1);
}

async fn a_secret_is_not_kept(app: TestApp) {
    let admin = app.token("administrator", &[Role::Admin]);
    let input = json!({
        "name": "Another system", "scopes": ["EXPORTS"],
        "expiresAt": (app.now() + TimeDelta::days(30)).to_rfc3339(),
    });
    let request = json!({ "query": CREATE_API_KEY, "variables": { "input": input } });
    let first = send(&app, &admin, "k", &request).await;
    let made: Value = serde_json::from_str(&first.2).expect("JSON");
    let secret = text(&made["data"]["createApiKey"]["secret"]);
    let id = text(&made["data"]["createApiKey"]["apiKey"]["id"]);
    let stored = "SELECT body FROM idempotency_key";
    assert!(!app.select_text(stored).await.contains(&secret[..20]), "the secret is stored nowhere");
    let again = send(&app, &admin, "k", &request).await;
    assert_eq!(again.0, StatusCode::CONFLICT);
    let (_, message) = error(&again);
    assert!(message.contains(&id) && message.contains("secret"), "{message}");
    assert_eq!(app.select_number("SELECT count(*) FROM api_key").await, 1);
}

async fn waiting_duplicates_hold_no_connection(app: TestApp) {
    let token = app.token("owner", &[Role::Bidder]);
    send(&app, &token, "k", &register("Prime Paving")).await;
    // As while the first request runs, in another process.
    let forget = "UPDATE idempotency_key SET status = NULL, content_type = NULL, body = NULL";
    app.run_sql(forget).await.expect("an update");
    let mut duplicates = JoinSet::new();
    for _ in 0..DUPLICATES {
        let (address, token) = (format!("{}/graphql", app.base_url()), token.clone());
        duplicates.spawn(async move {
            let request = register("Prime Paving");
            send_to(&Client::new(), &address, &token, "k", &request).await.expect("an answer")
        });
    }
    sleep(Duration::from_secs(2)).await;
    // More of them wait than there are connections, and others are served meanwhile.
    let mut free = 0;
    for _ in 0..20 {
        let usage = app.database.pool_usage();
        free += usize::from(usage.iter().all(|pool| pool.open - pool.idle <= 2));
        let viewer = app.query(&token, "{ viewer { subject } }", json!({})).await;
        assert_eq!(viewer["viewer"]["subject"], "owner");
        sleep(Duration::from_millis(20)).await;
    }
    assert!(free >= 10, "connections were held at {} of 20 looks", 20 - free);
    let answer = "UPDATE idempotency_key SET status = 200, content_type = 'application/json',
        body = '{\"data\":null}'";
    app.run_sql(answer).await.expect("an update");
    while let Some(answer) = duplicates.join_next().await {
        let (status, content_type, body) = answer.expect("a request that does not panic");
        assert_eq!((status, content_type.as_str()), (StatusCode::OK, "application/json"));
        assert_eq!(body, "{\"data\":null}");
    }
    assert_eq!(count_organizations(&app, "Prime Paving").await, 1);
}

async fn keys_are_kept_for_a_day(app: TestApp) {
    let token = app.token("owner", &[Role::Bidder]);
    for (key, name) in [("k-1", "Prime Paving"), ("k-2", "Other Works")] {
        send(&app, &token, key, &register(name)).await;
    }
    app.set_clock(app.now() + KEPT_FOR - TimeDelta::microseconds(1));
    let deleted = delete_expired(&app.database, app.now()).await.expect("a database");
    assert_eq!(deleted, 0);
    send(&app, &token, "k-1", &register("Prime Paving")).await;
    assert_eq!(count_organizations(&app, "Prime Paving").await, 1, "it is still known");
    app.set_clock(app.now() + TimeDelta::microseconds(2));
    // A key whose time is over may be sent with another request, whether or not it is deleted.
    let made = send(&app, &token, "k-1", &register("Second Paving")).await;
    assert_eq!(made.0, StatusCode::OK, "{}", made.2);
    assert_eq!(count_organizations(&app, "Second Paving").await, 1);
    let deleted = delete_expired(&app.database, app.now()).await.expect("a database");
    assert_eq!(deleted, 1);
    assert_eq!(app.select_number("SELECT count(*) FROM idempotency_key").await, 1);
}

/// One process, and on PostgreSQL a second one on the same database.
async fn start_processes(app: &TestApp) -> Vec<ServiceProcess> {
    let mut processes = vec![ServiceProcess::start(app).await];
    if app.engine == Engine::Postgres {
        processes.push(ServiceProcess::start(app).await);
    }
    processes
}

async fn fifty_duplicates_change_once(app: TestApp) {
    let token = app.token("owner", &[Role::Bidder]);
    let processes = start_processes(&app).await;
    let mut duplicates = JoinSet::new();
    for number in 0..DUPLICATES {
        let address = processes[number % processes.len()].address().to_owned();
        let token = token.clone();
        duplicates.spawn(async move {
            let request = register("Prime Paving");
            send_to(&Client::new(), &address, &token, "k", &request).await.expect("an answer")
        });
    }
    let mut answers = Vec::new();
    while let Some(answer) = duplicates.join_next().await {
        answers.push(answer.expect("a request that does not panic"));
    }
    assert_eq!(answers.len(), DUPLICATES);
    assert_eq!(answers[0].0, StatusCode::OK, "{}", answers[0].2);
    assert!(answers[0].2.contains("Prime Paving"), "{}", answers[0].2);
    for answer in &answers {
        assert_eq!(answer, &answers[0]);
    }
    assert_eq!(count_organizations(&app, "Prime Paving").await, 1);
    app.assert_verifies().await;
}

async fn a_killed_process_never_changes_twice(app: TestApp) {
    // Each by its own person, because one person may create only so many organizations.
    let owner = |number: usize| app.token(&format!("owner-{number}"), &[Role::Bidder]);
    let service = ServiceProcess::start(&app).await;
    let mut requests = JoinSet::new();
    for number in 0..KILLED {
        let (address, token) = (service.address().to_owned(), owner(number));
        requests.spawn(async move {
            let (key, request) = (format!("k-{number}"), register(&format!("Firm {number}")));
            let answer = send_to(&Client::new(), &address, &token, &key, &request).await;
            (number, answer.ok())
        });
    }
    // Some have been answered, and others are at any point of their work.
    let mut acknowledged = Vec::new();
    while acknowledged.len() < KILLED / 4 {
        let ended = requests.join_next().await.expect("a request").expect("no panic");
        assert!(ended.1.is_some(), "the service lives");
        acknowledged.push(ended);
    }
    service.kill();
    while let Some(ended) = requests.join_next().await {
        acknowledged.push(ended.expect("no panic"));
    }

    let service = ServiceProcess::start(&app).await;
    let until = Instant::now() + RECOVERY_TIMEOUT;
    for (number, before) in acknowledged {
        let (key, request) = (format!("k-{number}"), register(&format!("Firm {number}")));
        let answer = loop {
            let token = owner(number);
            let sent = send_to(&Client::new(), service.address(), &token, &key, &request).await;
            let answer = sent.expect("an answer");
            if answer.0 != StatusCode::CONFLICT || error(&answer).0 != "IDEMPOTENCY_RUNNING" {
                break answer;
            }
            assert!(Instant::now() < until, "{}", answer.2);
            sleep(Duration::from_secs(1)).await;
        };
        match before {
            Some(before) => assert_eq!(answer, before, "an acknowledged answer is replayed"),
            None if answer.0 == StatusCode::OK => {}
            None => {
                assert_eq!(error(&answer).0, "IDEMPOTENCY_ANSWER_LOST");
                assert!(error(&answer).1.contains("org_"), "{}", answer.2);
            }
        }
        assert_eq!(count_organizations(&app, &format!("Firm {number}")).await, 1);
    }
    app.assert_verifies().await;
}
