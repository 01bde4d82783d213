//! Malformed requests and invalid tokens.
use candor::auth::{Claims, DevelopmentKey};
use candor_tests::{Method, Role, StatusCode, TestApp, stories};
use serde_json::{Value, json};

use super::scene::Scene;
use super::{assert_readable_message, assert_unharmed, count_rows};

stories![malformed_requests_are_refused, an_invalid_token_says_why];

/// Sends bytes as JSON; returns status, code and message.
async fn send_bytes(
    app: &TestApp,
    token: &str,
    body: impl Into<Vec<u8>>,
) -> (StatusCode, String, String) {
    let request = app.http_request(Method::POST, "/graphql").bearer_auth(token);
    let request = request.header("content-type", "application/json").body(body.into());
    let answer = request.send().await.expect("an answer");
    let status = answer.status();
    let answer: Value = answer.json().await.expect("JSON");
    let error = &answer["errors"][0];
    assert_readable_message(error);
    let word = |value: &Value| value.as_str().unwrap_or_else(|| panic!("{answer:#}")).to_owned();
    (status, word(&error["extensions"]["code"]), word(&error["message"]))
}

async fn malformed_requests_are_refused(app: TestApp) {
    let scene = Scene::create(&app).await;
    let before = count_rows(&app).await;
    let mutation = "mutation($input: DepartmentInput!) { createDepartment(input: $input) {
        department { id } } }";
    let well = json!({ "code": "LIB", "name": "Library", "contact": "A desk" });
    let well = json!({ "query": mutation, "variables": { "input": well } }).to_string();
    let cut = &well[..well.len() - 1];
    let amount = |number: &str| {
        let query = "mutation($input: BidInput!) { submitBid(input: $input) { bid { id } } }";
        let input = scene.bid_input().to_string().replace("\"100000\"", number);
        format!(r#"{{"query":{},"variables":{input}}}"#, json!(query))
    };
    let bad = StatusCode::BAD_REQUEST;
    let bodies: &[(Vec<u8>, StatusCode, &str, &str)] = &[
        (cut.into(), bad, "BAD_USER_INPUT", "EOF while parsing"),
        (format!("{well}}}").into(), bad, "BAD_USER_INPUT", "trailing characters"),
        (well.replace(':', "=").into(), bad, "BAD_USER_INPUT", "expected `:`"),
        (well.replace("LIB", "L\u{7}B").into(), bad, "BAD_USER_INPUT", "control character"),
        (well.replace("LIB", "\\ud800").into(), bad, "BAD_USER_INPUT", "hex escape"),
        (format!("[{well}]").into(), bad, "BAD_USER_INPUT", "one request at a time"),
        (b"{\"query\": \"\xff\"}".to_vec(), bad, "BAD_USER_INPUT", "not a GraphQL request"),
        (amount("1e400").into(), bad, "BAD_USER_INPUT", "number out of range"),
        (amount("-1").into(), StatusCode::OK, "BAD_USER_INPUT", "\"Decimal\", found"),
        (amount("0.001").into(), StatusCode::OK, "BAD_USER_INPUT", "\"Decimal\", found"),
        (
            well.replace("Library", &"a".repeat(1 << 20)).into(),
            StatusCode::PAYLOAD_TOO_LARGE,
            "LIMIT_EXCEEDED",
            "larger than 1 MiB",
        ),
    ];
    for (body, status, code, text) in bodies {
        let response = send_bytes(&app, &scene.admin, body.clone()).await;
        assert_eq!((response.0, &*response.1), (*status, *code), "{}", response.2);
        assert!(response.2.contains(text), "{text}: {}", response.2);
    }
    assert_unharmed(&app, before).await;
}

async fn an_invalid_token_says_why(app: TestApp) {
    Scene::create(&app).await;
    let before = count_rows(&app).await;
    let now = app.now().timestamp();
    let claims = || TestApp::default_claims("administrator", &[Role::Admin]);
    let signed = |claims: &Claims| app.key.sign(claims).expect("a token");
    let good = signed(&claims());
    let other = DevelopmentKey::generate().expect("a key").sign(&claims()).expect("a token");
    let mut parts = good.split('.');
    let (header, payload) = (parts.next().expect("a header"), parts.next().expect("claims"));
    let signature = other.rsplit('.').next().expect("a signature");
    // {"alg":"none"}
    let none = "eyJhbGciOiJub25lIn0";
    let sub = |sub: &str| signed(&Claims { sub: sub.into(), ..claims() });
    for (token, text) in [
        (signed(&Claims { exp: now - 3_600, ..claims() }), "expired at 2026-02-02T19:00:00Z"),
        (signed(&Claims { nbf: Some(now + 3_600), ..claims() }), "2026-02-02T21:00:00Z"),
        (signed(&Claims { exp: i64::MAX, ..claims() }), "thousands of years"),
        (signed(&Claims { iss: "https://elsewhere.example".into(), ..claims() }), "issuer"),
        (signed(&Claims { aud: vec!["payroll".into()], ..claims() }), "another service"),
        (format!("{header}.{payload}.{signature}"), "signature"),
        (other.clone(), "key"),
        (format!("{none}.{payload}."), "algorithm"),
        (format!("{none}.{payload}"), "token"),
        (format!("{none}.{payload}.{signature}"), "algorithm"),
        (sub(""), "subject"),
        (sub("a\u{0}b"), "subject"),
        (sub(&"a".repeat(1_000)), "subject"),
        ("x".repeat(5_000), "token"),
    ] {
        let query = json!({ "query": "{ viewer { subject } }" }).to_string();
        let (status, code, response) = send_bytes(&app, &token, query).await;
        assert_eq!((status, &*code), (StatusCode::UNAUTHORIZED, "UNAUTHENTICATED"), "{response}");
        assert!(response.contains(text), "{text}: {response}");
    }
    // An address with control characters accepts no invitation and breaks no query.
    for address in ["a\u{0}@people.example", "\u{202E}a@people.example", &"a".repeat(5_000)] {
        let token = app.token_with_email("marked", Role::Bidder, address, true);
        let data = app.query(&token, "{ viewer { subject } }", json!({})).await;
        assert_eq!(data["viewer"]["subject"], "marked");
    }
    assert_unharmed(&app, before).await;
}
