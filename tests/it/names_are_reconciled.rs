//! A clerk matches a vendor list in OpenRefine with the firms and the recipients of federal awards that
//! Candor knows, by the reconciliation service API, version 0.2.
use candor_tests::api_keys::ApiKey;
use candor_tests::awards::AwardSummary;
use candor_tests::portal::percent_encode;
use candor_tests::steps::text;
use candor_tests::{Method, StatusCode, TestApp, stories};
use serde_json::{Value, json};

stories![
    a_list_is_matched,
    the_manifest_names_the_service,
    a_clerk_types_a_name,
    a_preview_is_shown_in_a_frame,
    a_changed_name_is_found,
    malformed_batches_are_refused_with_words,
    the_key_is_shown_nowhere,
];

struct Answer {
    status: StatusCode,
    headers: reqwest::header::HeaderMap,
    text: String,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.text).expect(&self.text)
    }
}

async fn send(app: &TestApp, method: Method, path: &str, form: Option<String>) -> Answer {
    let mut request = app.http_request(method, path).header("origin", "http://127.0.0.1:3333");
    if let Some(form) = form {
        let content_type = "application/x-www-form-urlencoded";
        request = request.header("content-type", content_type).body(form);
    }
    let answer = request.send().await.expect("an answer");
    let (status, headers) = (answer.status(), answer.headers().clone());
    // Pages of any site may read every answer, also an error, without credentials.
    assert_eq!(headers["access-control-allow-origin"], "*", "{path}");
    assert!(headers.get("access-control-allow-credentials").is_none());
    Answer { status, headers, text: answer.text().await.expect("a text") }
}

/// Sends a batch by GET and by POST, which answer the same.
async fn reconcile(app: &TestApp, key: &str, batch: &Value) -> Value {
    let queries = format!("queries={}", percent_encode(&batch.to_string()));
    let path = format!("/v1/reconcile/{key}");
    let by_get = send(app, Method::GET, &format!("{path}?{queries}"), None).await;
    let by_post = send(app, Method::POST, &path, Some(queries)).await;
    assert_eq!(by_get.status, StatusCode::OK, "{}", by_get.text);
    assert_eq!(by_get.json(), by_post.json());
    by_get.json()
}

async fn register(app: &TestApp, name: &str, identifiers: Value) -> String {
    let input = json!({
        "kind": "CORPORATION", "legalName": name, "identifiers": identifiers,
        "identifiersChecked": true,
    });
    app.register_organization("owner", input).await.id
}

fn result(answer: &Value, query: &str) -> Vec<Value> {
    answer[query]["result"].as_array().expect("candidates").clone()
}

async fn a_list_is_matched(app: TestApp) {
    let ApiKey { secret, .. } = app.create_api_key("EXPORTS").await;
    let number = json!([{ "scheme": "CITY_VENDOR", "id": "V-77" }]);
    let paving = register(&app, "Perennial Paving Inc.", number).await;
    register(&app, "Quillwort Gardens LLC", json!([])).await;
    app.import_award_rows(&[AwardSummary {
        recipient: "QUILLWORT PAVING INC",
        uei: "",
        ..AwardSummary::default()
    }])
    .await;
    let answer = reconcile(
        &app,
        &secret,
        &json!({
            "q0": { "query": "PERENIAL PAVING", "type": "organization" },
            "q1": { "query": "Quillwort Paving, Inc.", "type": "recipient", "limit": 1 },
            "q2": { "query": "Nothing like these", "limit": 3 },
            "q3": { "query": "Another name",
                "properties": [{ "pid": "vendorNumber", "v": "v-77" }] },
            "q4": { "query": "" },
        }),
    )
    .await;
    let first = result(&answer, "q0");
    assert_eq!(first[0]["id"], json!(paving));
    assert_eq!(first[0]["name"], "Perennial Paving Inc.");
    assert_eq!(first[0]["type"][0]["id"], "organization");
    let score = first[0]["score"].as_f64().expect("a number");
    assert!((10.0..=100.0).contains(&score), "{score}");
    let second = result(&answer, "q1");
    assert_eq!(second.len(), 1);
    assert_eq!(second[0]["name"], "QUILLWORT PAVING INC");
    assert_eq!(second[0]["type"][0]["id"], "recipient");
    assert_eq!(second[0]["match"], true, "{second:?}");
    assert_eq!(result(&answer, "q2"), Vec::<Value>::new());
    // The City's number decides, whatever the name is.
    let third = result(&answer, "q3");
    assert_eq!((&third[0]["id"], &third[0]["match"]), (&json!(paving), &json!(true)));
    assert_eq!(result(&answer, "q4"), Vec::<Value>::new());
}

async fn the_manifest_names_the_service(app: TestApp) {
    let ApiKey { secret, .. } = app.create_api_key("EXPORTS").await;
    let path = format!("/v1/reconcile/{secret}");
    let manifest = send(&app, Method::GET, &path, None).await;
    assert_eq!(manifest.status, StatusCode::OK);
    let manifest = manifest.json();
    assert_eq!(manifest["versions"], json!(["0.2"]));
    for required in ["name", "identifierSpace", "schemaSpace"] {
        assert!(!text(&manifest[required]).is_empty(), "{required}");
    }
    let types = manifest["defaultTypes"].as_array().expect("types");
    assert_eq!(types.len(), 2);
    let suggest = &manifest["suggest"]["entity"];
    let address = format!("{}{}", text(&suggest["service_url"]), text(&suggest["service_path"]));
    assert_eq!(address, format!("{}{path}/suggest/entity", app.base_url()));
    assert!(text(&manifest["preview"]["url"]).ends_with("/preview?id={{id}}"));
    let preflight = send(&app, Method::OPTIONS, &path, None).await;
    assert_eq!(preflight.status, StatusCode::NO_CONTENT);
    assert!(
        preflight.headers["access-control-allow-methods"].to_str().expect("ASCII").contains("POST")
    );
}

async fn a_clerk_types_a_name(app: TestApp) {
    let ApiKey { secret, .. } = app.create_api_key("EXPORTS").await;
    let paving = register(&app, "Perennial Paving Inc.", json!([])).await;
    let suggest = async |query: &str| {
        let path = format!("/v1/reconcile/{secret}/suggest/entity?{query}");
        send(&app, Method::GET, &path, None).await
    };
    let suggested = suggest("prefix=peren").await.json();
    assert_eq!(suggested["result"][0]["id"], json!(paving));
    assert_eq!(suggested["result"][0]["notable"][0]["id"], "organization");
    assert_eq!(suggest("prefix=peren&cursor=1").await.json()["result"], json!([]));
    for wrong in ["", "prefix=", "prefix=p", "prefix=%00%00", "prefix=peren&cursor=-1"] {
        let refused = suggest(wrong).await;
        assert!(matches!(refused.status.as_u16(), 400 | 422), "{wrong}: {}", refused.text);
        assert!(!text(&refused.json()["detail"]).is_empty());
    }
}

async fn a_preview_is_shown_in_a_frame(app: TestApp) {
    let ApiKey { secret, .. } = app.create_api_key("EXPORTS").await;
    let number = json!([{ "scheme": "CITY_VENDOR", "id": "V-77" }]);
    let firm = register(&app, "Perennial <Paving> & Sons", number).await;
    let preview = async |id: &str| {
        let path = format!("/v1/reconcile/{secret}/preview?id={id}");
        send(&app, Method::GET, &path, None).await
    };
    let page = preview(&firm).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text.contains("Perennial &lt;Paving&gt; &amp; Sons"), "{}", page.text);
    assert!(page.text.contains("V-77"), "{}", page.text);
    let policy = page.headers["content-security-policy"].to_str().expect("ASCII");
    assert!(policy.contains("frame-ancestors *") && policy.contains("sandbox"), "{policy}");
    assert_eq!(page.headers["referrer-policy"], "no-referrer");
    for unknown in ["org_01kb0000000000000000000000", "rcp_01kb0000000000000000000000", "x", ""] {
        assert_eq!(preview(unknown).await.status, StatusCode::NOT_FOUND, "{unknown}");
    }
}

async fn a_changed_name_is_found(app: TestApp) {
    let ApiKey { secret, .. } = app.create_api_key("EXPORTS").await;
    let firm = app.register_firm("Perennial Paving").await;
    let query = |name: &str| json!({ "q": { "query": name, "type": "organization" } });
    let found = reconcile(&app, &secret, &query("Perennial Paving")).await;
    assert_eq!(result(&found, "q")[0]["id"], json!(firm.id));
    let before = reconcile(&app, &secret, &query("Quillwort Gardens")).await;
    assert_eq!(result(&before, "q"), Vec::<Value>::new());
    app.advance_to("2026-02-03T20:00:00Z");
    let input = json!({ "kind": "CORPORATION", "legalName": "Quillwort Gardens" });
    let payload = app.update_organization(&firm, input).await;
    assert_eq!(payload["userErrors"], json!([]), "{payload}");
    for name in ["Quillwort Gardens", "Perennial Paving"] {
        let found = reconcile(&app, &secret, &query(name)).await;
        assert_eq!(result(&found, "q")[0]["id"], json!(firm.id), "{name}: a former name counts");
        assert_eq!(result(&found, "q")[0]["name"], "Quillwort Gardens");
    }
}

async fn malformed_batches_are_refused_with_words(app: TestApp) {
    let ApiKey { secret, .. } = app.create_api_key("EXPORTS").await;
    let path = format!("/v1/reconcile/{secret}");
    let many: Value = (0..51).map(|n| (format!("q{n}"), json!({ "query": "x" }))).collect();
    for queries in [
        "x".to_owned(),
        "[]".to_owned(),
        "{\"q0\":{\"query\":1}}".to_owned(),
        "{\"q0\":{\"query\":\"x\",\"type\":\"person\"}}".to_owned(),
        "{\"q0\":{\"query\":\"x\",\"limit\":0}}".to_owned(),
        "[".repeat(20_000),
        many.to_string(),
    ] {
        let form = format!("queries={}", percent_encode(&queries));
        let refused = send(&app, Method::POST, &path, Some(form)).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{}", refused.text);
        let problem = refused.json();
        assert!(!text(&problem["detail"]).is_empty(), "{problem}");
    }
    for form in ["", "extend=%7B%7D", "queries=%7B%7D&queries=%7B%7D"] {
        let refused = send(&app, Method::POST, &path, Some(form.to_owned())).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{form} {}", refused.text);
    }
    let large = format!("queries={}", "x".repeat(1_100_000));
    let refused = app.http_request(Method::POST, &path).body(large).send().await;
    assert!(refused.is_ok_and(|it| it.status() == StatusCode::PAYLOAD_TOO_LARGE));
}

/// No metric, error or log line has the key: the route stands for the address everywhere.
async fn the_key_is_shown_nowhere(app: TestApp) {
    let ApiKey { secret, .. } = app.create_api_key("EXPORTS").await;
    let wrong = format!("{}x", &secret[..49]);
    for key in [&*secret, &wrong, "candor_x", "%ff%fe", "a%2fb", "eyJ"] {
        let answer = send(&app, Method::GET, &format!("/v1/reconcile/{key}"), None).await;
        let is_known = key == secret;
        assert_eq!(answer.status == StatusCode::OK, is_known, "{key} {}", answer.text);
        assert!(is_known || !answer.text.contains(&secret[7..30]), "{}", answer.text);
    }
    let metrics = app.metrics().await;
    assert!(!metrics.contains(&secret[7..30]), "{metrics}");
    assert!(metrics.contains("/v1/reconcile/{key}"), "{metrics}");
}
