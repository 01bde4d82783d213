//! Other systems read bids, contracts and disclosures as CSV and JSON Lines: what staff see on the screens,
//! line by line, and continued where a transfer was cut off.
use candor_tests::api_keys::ApiKey;
use candor_tests::due_times::march::{AFTER, DUE};
use candor_tests::fixtures::no_dealings;
use candor_tests::many_contracts::{CONTRACTS, ManyContracts};
use candor_tests::portal::percent_encode;
use candor_tests::steps::text;
use candor_tests::{Method, Role, StatusCode, TestApp, stories};
use serde_json::{Value, json};

stories![
    a_sealed_bid_is_in_no_export,
    an_export_shows_what_the_screens_show,
    an_export_continues_after_a_line,
    malformed_requests_are_refused_with_words,
    a_hundred_thousand_contracts_are_exported,
];

/// Sends a request and returns status, content type and body.
async fn get(app: &TestApp, token: &str, path: &str) -> (StatusCode, String, String) {
    let request = app.http_request(Method::GET, path).bearer_auth(token);
    let answer = request.send().await.expect("an answer");
    let content_type = answer.headers()["content-type"].to_str().expect("ASCII").to_owned();
    (answer.status(), content_type, answer.text().await.expect("a text"))
}

/// Returns the objects of JSON Lines.
async fn lines(app: &TestApp, token: &str, path: &str) -> Vec<Value> {
    let separator = if path.contains('?') { '&' } else { '?' };
    let path = format!("{path}{separator}format=jsonl");
    let (status, content_type, body) = get(app, token, &path).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    assert_eq!(content_type, "application/jsonl; charset=utf-8");
    body.lines().map(|line| serde_json::from_str(line).expect(line)).collect()
}

/// Returns the rows of a CSV by the names of its columns.
fn rows(csv: &str) -> Vec<Vec<(String, String)>> {
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let names = reader.headers().expect("a header").clone();
    let rows = reader.records().map(|row| {
        let row = row.expect("a row");
        names.iter().zip(&row).map(|(name, cell)| (name.to_owned(), cell.to_owned())).collect()
    });
    rows.collect()
}

fn ids(lines: &[Value]) -> Vec<String> {
    lines.iter().map(|line| text(&line["id"])).collect()
}

/// Encodes a filter for a query string.
fn filter(filter: &Value) -> String {
    percent_encode(&filter.to_string())
}

async fn a_sealed_bid_is_in_no_export(app: TestApp) {
    let ApiKey { secret, .. } = app.create_api_key("EXPORTS").await;
    let department = app.create_department("BSS").await;
    let solicitation = app.publish_solicitation(&department, DUE).await;
    let firm = app.register_disclosing_firm("Prime Paving").await;
    let submitted = app.submit_bid(&firm, &solicitation, "1000").await;
    let bid = text(&submitted["bid"]["id"]);
    let readers = [
        secret,
        app.reviewer_token(),
        department.token.clone(),
        app.token("auditor", &[Role::Auditor]),
    ];
    let by_solicitation = filter(&json!({ "solicitationId": solicitation }));
    for time in [DUE, "2026-03-10T22:00:14.999999Z"] {
        app.advance_to(time);
        for reader in &readers {
            for path in ["/v1/exports/bids", &format!("/v1/exports/bids?filter={by_solicitation}")]
            {
                let (status, _, body) = get(&app, reader, path).await;
                assert_eq!(status, StatusCode::OK, "{body}");
                assert_eq!(body.lines().count(), 1, "only the header: {body}");
            }
        }
    }
    app.advance_to(AFTER);
    for reader in &readers {
        assert_eq!(ids(&lines(&app, reader, "/v1/exports/bids").await), [bid.as_str()]);
    }
}

async fn an_export_shows_what_the_screens_show(app: TestApp) {
    let ApiKey { secret, .. } = app.create_api_key("EXPORTS").await;
    let (department, neighbor) =
        (app.create_department("BSS").await, app.create_department("LIB").await);
    let input = json!({ "kind": "CORPORATION", "legalName": "=1+1 Paving" });
    let firm = app.register_organization("paving", input).await;
    let filed = app.file_and_load_disclosure(&firm, no_dealings()).await;
    let solicitation = app.publish_solicitation(&department, DUE).await;
    let submitted = app.submit_bid(&firm, &solicitation, "1234.5").await;
    app.save_draft(&firm, no_dealings()).await;
    app.advance_to(AFTER);
    let days = ("2025-07-01", "2026-06-30");
    let contract = app.record_contract(&department, &firm, "C-1", days, json!({})).await;

    let (_, content_type, body) = get(&app, &secret, "/v1/exports/bids").await;
    assert_eq!(content_type, "text/csv; charset=utf-8; header=present");
    let exported = rows(&body);
    let cell = |name: &str| {
        let cell = exported[0].iter().find(|(column, _)| column == name);
        cell.unwrap_or_else(|| panic!("no column {name}")).1.clone()
    };
    assert_eq!(cell("id"), text(&submitted["bid"]["id"]));
    assert_eq!(cell("organizationName"), "'=1+1 Paving", "no spreadsheet runs it");
    assert_eq!((cell("amount"), cell("currency")), ("1234.50".into(), "USD".into()));
    assert_eq!((cell("status"), cell("departmentCode")), ("ADMITTED".into(), "BSS".into()));
    assert_eq!(cell("disclosureVersion"), "1");

    let disclosures = lines(&app, &secret, "/v1/exports/disclosures").await;
    assert_eq!(ids(&disclosures), [text(&filed["id"])], "a draft is in no export");
    assert_eq!(disclosures[0]["organizationName"], "=1+1 Paving");
    assert_eq!(disclosures[0]["sha256"], filed["sha256"]);
    assert_eq!(disclosures[0]["agreements"], 0);
    let contracts = lines(&app, &secret, "/v1/exports/contracts").await;
    assert_eq!(contracts[0]["value"], "250000.00");
    assert_eq!(contracts[0]["endDate"], "2026-06-30");
    let due = "/v1/exports/renewals-due?from=2026-06-01&to=2026-06-30";
    assert_eq!(ids(&lines(&app, &secret, due).await), [contract.as_str()]);
    let later = "/v1/exports/renewals-due?from=2026-07-01&to=2026-07-31";
    assert_eq!(lines(&app, &secret, later).await, Vec::<Value>::new());

    // An officer exports what the officer's screens list.
    for kind in ["bids", "contracts", "disclosures"] {
        let path = format!("/v1/exports/{kind}");
        assert_eq!(lines(&app, &department.token, &path).await.len(), 1, "{kind}");
        assert_eq!(lines(&app, &neighbor.token, &path).await.len(), 0, "{kind}");
    }
    // The filters are those of the screens.
    for (kind, condition, expected) in [
        ("bids", json!({ "status": ["ADMITTED"] }), 1),
        ("bids", json!({ "status": ["HELD"] }), 0),
        ("bids", json!({ "departmentId": neighbor.id }), 0),
        ("contracts", json!({ "text": "Contract" }), 1),
        ("contracts", json!({ "endsFrom": "2026-07-01" }), 0),
        ("disclosures", json!({ "organizationId": firm.id }), 1),
        ("disclosures", json!({ "departmentId": department.id }), 1),
        ("disclosures", json!({ "filedTo": "2026-01-31" }), 0),
    ] {
        let path = format!("/v1/exports/{kind}?filter={}", filter(&condition));
        assert_eq!(lines(&app, &secret, &path).await.len(), expected, "{kind} {condition}");
    }
}

async fn an_export_continues_after_a_line(app: TestApp) {
    let ApiKey { secret, .. } = app.create_api_key("EXPORTS").await;
    let department = app.create_department("BSS").await;
    let firm = app.register_disclosing_firm("Prime Paving").await;
    let days = ("2025-07-01", "2026-06-30");
    for number in 0..5 {
        app.record_contract(&department, &firm, &format!("C-{number}"), days, json!({})).await;
    }
    let all = ids(&lines(&app, &secret, "/v1/exports/contracts").await);
    assert_eq!(all.len(), 5);
    for (index, id) in all.iter().enumerate() {
        let rest = format!("/v1/exports/contracts?after={id}");
        assert_eq!(ids(&lines(&app, &secret, &rest).await), all[index + 1..]);
    }
}

async fn malformed_requests_are_refused_with_words(app: TestApp) {
    let ApiKey { secret, .. } = app.create_api_key("EXPORTS").await;
    let other = "org_01kb0000000000000000000000";
    let (deep, long) = (format!("filter={}", "%5b".repeat(5_000)), "x".repeat(20_000));
    for (path, words) in [
        ("bids?filter=x".to_owned(), "filter: it is not JSON"),
        ("bids?filter=%5b%5d".to_owned(), "filter: it is not a JSON object"),
        (format!("bids?filter={}", filter(&json!({ "stauts": [] }))), "filter.stauts"),
        (format!("bids?filter={}", filter(&json!({ "status": ["X"] }))), "filter"),
        (format!("contracts?filter={}", filter(&json!({ "endsFrom": "x" }))), "filter.endsFrom"),
        (format!("bids?{deep}"), "filter: it is not JSON"),
        (format!("bids?filter={long}"), "filter: it is larger than 16 KiB"),
        (format!("bids?after={other}"), "after: "),
        ("bids?after=".to_owned(), "after: "),
        ("bids?format=xlsx".to_owned(), "format: send csv or jsonl"),
        ("bids?first=10".to_owned(), "There is no parameter \"first\""),
        ("bids?format=csv&format=csv".to_owned(), "Send the parameter format once"),
        ("bids?from=2026-01-01".to_owned(), "from and to are the window of renewals-due"),
        ("renewals-due".to_owned(), "from: send a day"),
        ("renewals-due?from=2026-01-01".to_owned(), "to: send a day"),
        ("renewals-due?from=2026-13-01&to=x".to_owned(), "from: "),
        ("renewals-due?from=2026-02-01&to=2026-01-01".to_owned(), "to: "),
    ] {
        let (status, content_type, body) = get(&app, &secret, &format!("/v1/exports/{path}")).await;
        assert_eq!(content_type, "application/problem+json");
        let problem: Value = serde_json::from_str(&body).expect("JSON");
        // What cannot be parsed is 400; what the use case refuses is 422, with the paths.
        let errors = problem["errors"].as_array().cloned().unwrap_or_default();
        let expected = if errors.is_empty() { 400 } else { 422 };
        assert_eq!(status.as_u16(), expected, "{path} {body}");
        let shown = errors.iter().map(|error| {
            let path = error["path"].as_array().into_iter().flatten().map(text);
            format!("{}: {}", path.collect::<Vec<_>>().join("."), text(&error["message"]))
        });
        let shown = shown.chain([text(&problem["detail"])]).collect::<Vec<_>>().join("\n");
        assert!(shown.contains(words), "{path}: {problem}");
        assert_eq!(problem["code"], "BAD_USER_INPUT");
    }
    let request = app.http_request(Method::GET, "/v1/exports/bids").bearer_auth(&secret);
    let answer = request.header("accept", "application/pdf").send().await.expect("an answer");
    assert_eq!(answer.status(), StatusCode::NOT_ACCEPTABLE);
    let request = app.http_request(Method::POST, "/v1/exports/bids").bearer_auth(&secret);
    let answer = request.send().await.expect("an answer");
    assert_eq!(answer.status(), StatusCode::METHOD_NOT_ALLOWED);
}

/// More lines than one batch, each once, in both forms.
async fn a_hundred_thousand_contracts_are_exported(app: TestApp) {
    let many = ManyContracts::insert(&app).await;
    let token = app.analyst_token();
    let mut expected: Vec<String> = many.contracts().map(|contract| contract.id()).collect();
    expected.sort();
    let exported = ids(&lines(&app, &token, "/v1/exports/contracts").await);
    assert_eq!(exported.len(), CONTRACTS);
    assert!(exported == expected, "every contract once, in the order of the ids");
    let (status, _, body) = get(&app, &token, "/v1/exports/contracts").await;
    assert_eq!(status, StatusCode::OK);
    let in_csv: Vec<String> = rows(&body).into_iter().map(|row| row[0].1.clone()).collect();
    assert!(in_csv == expected, "the same in the other form");
    let blocked = filter(&json!({ "readiness": ["BLOCK"] }));
    let blocked = lines(&app, &token, &format!("/v1/exports/contracts?filter={blocked}")).await;
    let count = many.contracts().filter(|contract| contract.readiness() == "BLOCK").count();
    assert_eq!(blocked.len(), count);
}
