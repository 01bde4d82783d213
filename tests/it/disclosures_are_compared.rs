//! Two disclosures are compared field by field, for users who may see both.
use candor_tests::fixtures::{agreements_statement, e_verify_agreement, no_dealings, usd};
use candor_tests::steps::{SAVE_DRAFT, detention_agreement, format_user_errors, text};
use candor_tests::{Role, TestApp, stories};
use serde_json::{Value, json};

stories![an_amendment_is_compared_field_by_field, comparing_requires_access_to_both];

const COMPARE: &str = "query($a: ID!, $b: ID!) { compareDisclosures(a: $a, b: $b) {
    fields { path before after }
    agreements { change beforeIndex afterIndex before { identifier } after { identifier }
        fields { path before after } }
    arrangements { change before { recipientName } after { recipientName } fields { path } }
    attachments { change fields { path } } confidentialityClaims { change fields { path } } } }";

async fn compare(app: &TestApp, token: &str, a: &Value, b: &Value) -> Value {
    let mut data = app.query(token, COMPARE, json!({ "a": a, "b": b })).await;
    data["compareDisclosures"].take()
}

fn unchanged() -> Value {
    json!({ "fields": [], "agreements": [], "arrangements": [], "attachments": [],
        "confidentialityClaims": [] })
}

async fn an_amendment_is_compared_field_by_field(app: TestApp) {
    let firm = app.register_firm("Acosta Sweeping").await;
    let first = app
        .file_and_load_disclosure(
            &firm,
            agreements_statement(&[detention_agreement(), e_verify_agreement()]),
        )
        .await["id"]
        .take();
    let mut dearer = detention_agreement();
    dearer["identifier"] = json!("70-CDCR-24-D-00000004");
    dearer["natureOfWork"] = json!(["DETENTION", "FOOD"]);
    dearer["compensation"]["current"]["amount"] = usd("1300000");
    let mut lease = detention_agreement();
    lease["kind"] = json!("LEASE");
    lease["component"] = json!("CBP");
    lease["identifier"] = json!("L-7");
    lease["startDate"] = json!("2011-01-01");
    lease["description"] = json!("Parking.");
    let mut second = agreements_statement(&[lease, dearer]);
    second["attachments"] = json!([{
        "name": "Lease.pdf", "sha256": "ab".repeat(32), "link": "https://files.example.com/l.pdf",
        "about": ["dhs", "agreements", "0"],
    }]);
    let second = app.file_and_load_disclosure(&firm, second).await["id"].take();

    for token in [firm.token.clone(), app.reviewer_token()] {
        let data = compare(&app, &token, &first, &second).await;
        assert_eq!(data["fields"], json!([]));
        let old = "70CDCR24D00000004";
        let added = json!({
            "change": "ADDED", "beforeIndex": null, "afterIndex": 0, "before": null,
            "after": { "identifier": "L-7" }, "fields": []
        });
        let removed = json!({
            "change": "REMOVED", "beforeIndex": 1, "afterIndex": null, "after": null,
            "before": { "identifier": null }, "fields": []
        });
        let changed = &data["agreements"][1];
        assert_eq!(data["agreements"][0], added);
        assert_eq!(changed["change"], "CHANGED");
        assert_eq!((&changed["beforeIndex"], &changed["afterIndex"]), (&json!(0), &json!(1)));
        let path = ["compensation", "current", "amount", "amount"];
        assert_eq!(
            changed["fields"],
            json!([
                { "path": path, "before": "1250000.00", "after": "1300000.00" },
                { "path": ["identifier"], "before": old, "after": "70-CDCR-24-D-00000004" },
                { "path": ["natureOfWork"], "before": ["DETENTION"], "after": ["DETENTION", "FOOD"] },
            ])
        );
        assert_eq!(data["agreements"][2], removed);
        assert_eq!(data["attachments"], json!([{ "change": "ADDED", "fields": [] }]));
        let back = compare(&app, &token, &second, &first).await;
        assert_eq!(back["attachments"], json!([{ "change": "REMOVED", "fields": [] }]));
        assert_eq!(back["agreements"].as_array().map(Vec::len), Some(3));
        assert_eq!(compare(&app, &token, &first, &first).await, unchanged());
    }
}

async fn comparing_requires_access_to_both(app: TestApp) {
    let (firm, rival) =
        (app.register_firm("Acosta Sweeping").await, app.register_firm("Rival Sweeping").await);
    let filed = app
        .file_and_load_disclosure(&firm, agreements_statement(&[detention_agreement()]))
        .await["id"]
        .take();
    let other = app.file_and_load_disclosure(&rival, no_dealings()).await["id"].take();
    // A draft copied from the filing is equal until it is changed.
    let input = json!({ "organizationId": firm.id, "copyFrom": filed });
    let draft =
        app.mutate_ok(&firm.token, SAVE_DRAFT, json!({ "input": input })).await["disclosure"]
            .take();
    assert_eq!(compare(&app, &firm.token, &filed, &draft["id"]).await, unchanged());
    let input = json!({ "organizationId": firm.id, "revision": 1, "statement": no_dealings() });
    app.mutate_ok(&firm.token, SAVE_DRAFT, json!({ "input": input })).await;
    let data = compare(&app, &firm.token, &filed, &draft["id"]).await;
    let none = json!([{ "path": ["dhs", "noneAttested"], "before": null, "after": true }]);
    assert_eq!(data["fields"], none);
    assert_eq!(data["agreements"][0]["change"], "REMOVED");

    for token in [rival.token.clone(), app.token("outside", &[Role::Bidder])] {
        assert_eq!(compare(&app, &token, &filed, &filed).await, Value::Null);
        assert_eq!(compare(&app, &token, &filed, &other).await, Value::Null);
    }
    let reviewer = app.reviewer_token();
    assert_eq!(compare(&app, &reviewer, &filed, &draft["id"]).await, Value::Null);
    let absent = json!("disc_01h2xcejqtf2nbrexx3vqjhp41");
    assert_eq!(compare(&app, &reviewer, &filed, &absent).await, Value::Null);
    let answer = app.execute(&reviewer, COMPARE, json!({ "a": filed, "b": other })).await;
    let error = &answer["errors"][0];
    assert_eq!(format_user_errors(&error["extensions"]["userErrors"]), ["b contradiction"]);
    assert!(text(&error["message"]).contains("different organizations"), "{error}");
}
