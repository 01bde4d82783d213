//! What changed from one disclosure to the next is told field by field, to whoever may see both.
use candor_tests::fixtures::{agreements, dollars, e_verify, nothing};
use candor_tests::steps::{SAVE, detention, text, told};
use candor_tests::{TestApp, Role, stories};
use serde_json::{Value, json};

stories![an_amendment_is_told_field_by_field, only_who_sees_both_compares_them];

const COMPARE: &str = "query($a: ID!, $b: ID!) { compareDisclosures(a: $a, b: $b) {
    fields { path before after }
    agreements { change beforeIndex afterIndex before { identifier } after { identifier }
        fields { path before after } }
    arrangements { change before { recipientName } after { recipientName } fields { path } }
    attachments { change fields { path } } confidentialityClaims { change fields { path } } } }";

async fn compared(app: &TestApp, token: &str, a: &Value, b: &Value) -> Value {
    let mut seen = app.data(token, COMPARE, json!({ "a": a, "b": b })).await;
    seen["compareDisclosures"].take()
}

fn alike() -> Value {
    json!({ "fields": [], "agreements": [], "arrangements": [], "attachments": [],
        "confidentialityClaims": [] })
}

async fn an_amendment_is_told_field_by_field(app: TestApp) {
    let firm = app.firm("Acosta Sweeping").await;
    let first = app.filed(&firm, agreements(&[detention(), e_verify()])).await["id"].take();
    let mut dearer = detention();
    dearer["identifier"] = json!("70-CDCR-24-D-00000004");
    dearer["natureOfWork"] = json!(["DETENTION", "FOOD"]);
    dearer["compensation"]["current"]["amount"] = dollars("1300000");
    let mut lease = detention();
    lease["kind"] = json!("LEASE");
    lease["component"] = json!("CBP");
    lease["identifier"] = json!("L-7");
    lease["startDate"] = json!("2011-01-01");
    lease["description"] = json!("Parking.");
    let mut second = agreements(&[lease, dearer]);
    second["attachments"] = json!([{
        "name": "Lease.pdf", "sha256": "ab".repeat(32), "link": "https://files.example.com/l.pdf",
        "about": ["dhs", "agreements", "0"],
    }]);
    let second = app.filed(&firm, second).await["id"].take();

    for token in [firm.token.clone(), app.reviewer()] {
        let seen = compared(&app, &token, &first, &second).await;
        assert_eq!(seen["fields"], json!([]));
        let old = "70CDCR24D00000004";
        let added = json!({
            "change": "ADDED", "beforeIndex": null, "afterIndex": 0, "before": null,
            "after": { "identifier": "L-7" }, "fields": []
        });
        let removed = json!({
            "change": "REMOVED", "beforeIndex": 1, "afterIndex": null, "after": null,
            "before": { "identifier": null }, "fields": []
        });
        let changed = &seen["agreements"][1];
        assert_eq!(seen["agreements"][0], added);
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
        assert_eq!(seen["agreements"][2], removed);
        assert_eq!(seen["attachments"], json!([{ "change": "ADDED", "fields": [] }]));
        let back = compared(&app, &token, &second, &first).await;
        assert_eq!(back["attachments"], json!([{ "change": "REMOVED", "fields": [] }]));
        assert_eq!(back["agreements"].as_array().map(Vec::len), Some(3));
        assert_eq!(compared(&app, &token, &first, &first).await, alike());
    }
}

async fn only_who_sees_both_compares_them(app: TestApp) {
    let (firm, rival) = (app.firm("Acosta Sweeping").await, app.firm("Rival Sweeping").await);
    let filed = app.filed(&firm, agreements(&[detention()])).await["id"].take();
    let other = app.filed(&rival, nothing()).await["id"].take();
    // A draft begun with what was filed says the same, until it is changed.
    let input = json!({ "organizationId": firm.id, "copyFrom": filed });
    let draft = app.done(&firm.token, SAVE, json!({ "input": input })).await["disclosure"].take();
    assert_eq!(compared(&app, &firm.token, &filed, &draft["id"]).await, alike());
    let input = json!({ "organizationId": firm.id, "revision": 1, "statement": nothing() });
    app.done(&firm.token, SAVE, json!({ "input": input })).await;
    let seen = compared(&app, &firm.token, &filed, &draft["id"]).await;
    let none = json!([{ "path": ["dhs", "noneAttested"], "before": null, "after": true }]);
    assert_eq!(seen["fields"], none);
    assert_eq!(seen["agreements"][0]["change"], "REMOVED");

    for token in [rival.token.clone(), app.token("outside", &[Role::Bidder])] {
        assert_eq!(compared(&app, &token, &filed, &filed).await, Value::Null);
        assert_eq!(compared(&app, &token, &filed, &other).await, Value::Null);
    }
    let reviewer = app.reviewer();
    assert_eq!(compared(&app, &reviewer, &filed, &draft["id"]).await, Value::Null);
    let absent = json!("disc_01h2xcejqtf2nbrexx3vqjhp41");
    assert_eq!(compared(&app, &reviewer, &filed, &absent).await, Value::Null);
    let answer = app.ask(&reviewer, COMPARE, json!({ "a": filed, "b": other })).await;
    let error = &answer["errors"][0];
    assert_eq!(told(&error["extensions"]["userErrors"]), ["b contradiction"]);
    assert!(text(&error["message"]).contains("two organizations"), "{error}");
}
