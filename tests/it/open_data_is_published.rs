//! Reporters read contracting processes and owners in published standards: OCDS 1.1 and BODS 0.4.
#[cfg(feature = "open-data-schemas")]
mod schemas;

use std::collections::BTreeMap;

use candor_tests::api_keys::ApiKey;
use candor_tests::due_times::march::{AFTER, DUE};
use candor_tests::fixtures::{Firm, agreements_statement, no_dealings};
use candor_tests::steps::{classified_agreement, detention_agreement, text};
use candor_tests::{Method, StatusCode, TestApp, stories};
use serde_json::{Value, json};

stories![
    a_process_is_published_from_tender_to_amendment,
    a_bid_is_published_once_it_was_due,
    another_content_is_another_release,
    pages_follow_each_other,
    owners_are_declared_by_a_filing,
    malformed_requests_are_refused_with_words,
];

async fn get(app: &TestApp, token: &str, path: &str) -> (StatusCode, Option<String>, Value) {
    let request = app.http_request(Method::GET, path).bearer_auth(token);
    let answer = request.send().await.expect("an answer");
    let link = answer.headers().get("link").map(|it| it.to_str().expect("ASCII").to_owned());
    (answer.status(), link, answer.json().await.expect("JSON"))
}

async fn releases(app: &TestApp, token: &str) -> Vec<Value> {
    let (status, _, package) = get(app, token, "/v1/ocds/releases?limit=100").await;
    assert_eq!(status, StatusCode::OK, "{package}");
    package["releases"].as_array().expect("releases").clone()
}

/// A solicitation with an addendum, a disclosing bidder, and a contract with an executed renewal.
struct Published {
    key: String,
    firm: Firm,
    solicitation: String,
    contract: String,
}

async fn publish(app: &TestApp) -> Published {
    let ApiKey { secret, .. } = app.create_api_key("EXPORTS").await;
    let department = app.create_department("BSS").await;
    let solicitation = app.publish_solicitation(&department, DUE).await;
    app.create_solicitation(&department, DUE, json!({ "number": "DRAFT-1" })).await;
    let firm = app.register_firm("Prime Paving").await;
    let agreements = [detention_agreement(), classified_agreement()];
    app.file_and_load_disclosure(&firm, agreements_statement(&agreements)).await;
    app.submit_bid(&firm, &solicitation, "1234.5").await;
    let days = ("2025-07-01", "2026-06-30");
    let contract = app.record_contract(&department, &firm, "C-1", days, json!({})).await;
    Published { key: secret, firm, solicitation, contract }
}

async fn a_process_is_published_from_tender_to_amendment(app: TestApp) {
    let published = Box::pin(publish(&app)).await;
    app.advance_to(AFTER);
    let all = releases(&app, &published.key).await;
    assert_eq!(
        all.len(),
        2,
        "the solicitation and the contract without one, and no draft: {all:#?}"
    );
    let release = all.iter().find(|it| text(&it["ocid"]).ends_with(&published.solicitation));
    let release = release.expect("the solicitation");
    assert_eq!(release["tag"], json!(["tender"]));
    assert_eq!(release["tender"]["status"], "complete");
    assert_eq!(release["tender"]["numberOfTenderers"], 1);
    let bid = &release["bids"]["details"][0];
    assert_eq!(bid["value"], json!({ "amount": 1234.5, "currency": "USD" }));
    let disclosure = &release["disclosures"][0];
    assert_eq!(disclosure["agreementCount"], 2);
    assert_eq!(disclosure["status"], "onFile");
    assert_eq!(disclosure["relatedBids"], json!([bid["id"]]));
    let roles: Vec<&Value> =
        release["parties"].as_array().expect("parties").iter().map(|it| &it["roles"]).collect();
    assert_eq!(roles, [&json!(["buyer", "procuringEntity"]), &json!(["discloser", "tenderer"])]);

    let direct = all.iter().find(|it| text(&it["ocid"]).ends_with(&published.contract));
    let direct = direct.expect("the contract");
    assert_eq!(direct["contracts"][0]["value"]["amount"], 250_000.0);
    assert_eq!(direct["contracts"][0]["period"]["endDate"], "2026-06-30T00:00:00Z");
    assert_eq!(direct["awards"][0]["id"], direct["contracts"][0]["awardID"]);

    let (_, _, package) = get(&app, &published.key, "/v1/ocds/records").await;
    let record = &package["records"][0];
    assert_eq!(record["ocid"], record["compiledRelease"]["ocid"]);
    assert_eq!(record["compiledRelease"]["tag"], json!(["compiled"]));
    assert_eq!(record["releases"].as_array().map(Vec::len), Some(1));
}

async fn a_bid_is_published_once_it_was_due(app: TestApp) {
    let published = Box::pin(publish(&app)).await;
    for time in [DUE, "2026-03-10T22:00:14.999999Z"] {
        app.advance_to(time);
        for release in releases(&app, &published.key).await {
            assert!(release.get("bids").is_none(), "{release:#}");
            assert!(release["tender"].get("numberOfTenderers").is_none(), "{release:#}");
            let is_contract = text(&release["ocid"]).ends_with(&published.contract);
            assert!(is_contract || !release.to_string().contains("org_"), "{release:#}");
        }
    }
    app.advance_to(AFTER);
    let all = releases(&app, &published.key).await;
    assert_eq!(all.iter().filter(|release| release.get("bids").is_some()).count(), 1);
}

async fn another_content_is_another_release(app: TestApp) {
    let published = Box::pin(publish(&app)).await;
    let mut seen: BTreeMap<String, Value> = BTreeMap::new();
    let mut read = async |new: usize, change: &str| {
        let before = seen.len();
        for release in releases(&app, &published.key).await {
            let id = text(&release["id"]);
            let known = seen.entry(id.clone()).or_insert_with(|| release.clone());
            assert_eq!(*known, release, "{change}: one id for two contents");
        }
        assert_eq!(seen.len() - before, new, "after {change}");
    };
    read(2, "the publication").await;
    read(0, "no change").await;
    app.advance_to(DUE);
    read(0, "the last moment in time").await;
    app.advance_to(AFTER);
    read(1, "the opening").await;
    app.file_and_load_disclosure(&published.firm, no_dealings()).await;
    app.sweep().await;
    read(1, "a later filing, which supersedes that of the bid").await;
    // 22:00 on the last day of the contract in Los Angeles, and the first minute of the next day.
    app.advance_to("2026-07-01T05:00:00Z");
    let status = |all: &[Value]| {
        let contract = all.iter().find(|it| text(&it["ocid"]).ends_with(&published.contract));
        text(&contract.expect("the contract")["contracts"][0]["status"])
    };
    assert_eq!(status(&releases(&app, &published.key).await), "active");
    read(0, "the last day of the contract").await;
    app.advance_to("2026-07-01T07:00:00Z");
    assert_eq!(status(&releases(&app, &published.key).await), "terminated");
    read(1, "the end of the contract").await;
    let merged = app.register_firm("Alder Group").await;
    app.merge_organizations(&published.firm, &merged).await;
    read(2, "a merge").await;
}

async fn pages_follow_each_other(app: TestApp) {
    let published = Box::pin(publish(&app)).await;
    let all: Vec<String> =
        releases(&app, &published.key).await.iter().map(|it| text(&it["ocid"])).collect();
    let (mut path, mut seen) = ("/v1/ocds/releases?limit=1".to_owned(), Vec::new());
    loop {
        let (_, _, package) = get(&app, &published.key, &path).await;
        seen.extend(
            package["releases"].as_array().expect("releases").iter().map(|it| text(&it["ocid"])),
        );
        let Some(next) = package["links"]["next"].as_str() else { break };
        path = next.strip_prefix(app.base_url()).expect("this service").to_owned();
    }
    assert_eq!(seen, all);
}

async fn owners_are_declared_by_a_filing(app: TestApp) {
    let ApiKey { secret, .. } = app.create_api_key("EXPORTS").await;
    for name in ["Prime Paving", "Second Paving"] {
        let input = json!({
            "kind": "CORPORATION", "legalName": name,
            "immediateOwner": { "name": format!("{name} Holdings") },
            "highestOwner": { "name": "World Group" },
        });
        let firm = app.register_organization(&name.to_lowercase().replace(' ', "-"), input).await;
        app.file_and_load_disclosure(&firm, no_dealings()).await;
    }
    // A firm that has declared nothing.
    app.register_firm("Silent Paving").await;
    let (status, link, statements) = get(&app, &secret, "/v1/bods/statements?limit=1").await;
    assert_eq!(status, StatusCode::OK, "{statements}");
    let statements = statements.as_array().expect("statements");
    assert_eq!(statements.len(), 5, "the firm, two owners, two relationships");
    for statement in statements {
        let length = text(&statement["statementId"]).len();
        assert!((32..=64).contains(&length));
        assert!(text(&statement["declaration"]).starts_with("disc_"));
        assert_eq!(statement["publicationDetails"]["bodsVersion"], "0.4");
    }
    let of_kind = |kind: &str| statements.iter().filter(|it| it["recordType"] == kind).count();
    assert_eq!((of_kind("entity"), of_kind("relationship")), (3, 2));
    let link = link.expect("a next page");
    let next = link.trim_start_matches('<').split('>').next().expect("an address");
    let next = next.strip_prefix(app.base_url()).expect("this service");
    let (_, link, others) = get(&app, &secret, next).await;
    assert_eq!((link, others.as_array().map(Vec::len)), (None, Some(5)));
}

async fn malformed_requests_are_refused_with_words(app: TestApp) {
    let ApiKey { secret, .. } = app.create_api_key("EXPORTS").await;
    for path in [
        "/v1/ocds/releases?limit=0",
        "/v1/ocds/releases?limit=101",
        "/v1/ocds/records?limit=x",
        "/v1/ocds/releases?after=x",
        "/v1/ocds/records?after=org_01kb0000000000000000000000",
        "/v1/ocds/releases?page=2",
        "/v1/bods/statements?after=sol_01kb0000000000000000000000",
    ] {
        let (status, _, problem) = get(&app, &secret, path).await;
        assert!(matches!(status.as_u16(), 400 | 422), "{path} {problem}");
        assert!(!text(&problem["detail"]).is_empty(), "{path} {problem}");
    }
    let missing = app.http_request(Method::GET, "/v1/ocds/extension/other.json").send().await;
    assert_eq!(missing.expect("an answer").status(), StatusCode::NOT_FOUND);
}
