//! The City's vendor list is imported.
use std::path::{Path, PathBuf};
use std::time::Duration;

use candor::command::import::import_vendors;
use candor::import::VendorImportSummary;
use candor_schema::organization::service::insert_missing_names;
use candor_tests::fixtures::Firm;
use candor_tests::run::write_csv;
use candor_tests::{Role, TestApp, stories, subject_email};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

stories![
    a_vendor_list_is_imported_twice,
    a_claim_alone_is_not_verified_by_the_list,
    bad_rows_are_reported_by_line,
    two_imports_add_missing_names,
];

const HEADER: &str = "number,name,tax_number,uei,city,state,email\n";
const UEI: &str = "L997DB4PEJL8";

fn write_file(rows: &[&str]) -> PathBuf {
    write_csv(&format!("{HEADER}{}\n", rows.join("\n")))
}

/// Imports a list; returns the summary and the report without the file's name.
async fn import(app: &TestApp, path: &Path, dry_run: bool) -> (VendorImportSummary, Vec<String>) {
    let mut report = Vec::new();
    let summary = import_vendors(&app.database, path, dry_run, app.now(), &mut report).await;
    let report = String::from_utf8(report).expect("text");
    let lines = report.lines().map(|line| line.split_once(':').expect("a file").1.to_owned());
    (summary.expect("an import"), lines.collect())
}

/// Returns the organization that has a vendor number, as a reviewer finds it.
async fn find(app: &TestApp, number: &str) -> Value {
    let query = "query($identifier: IdentifierInput!) { organization(identifier: $identifier) {
        id legalName address { city } identifiers { scheme id state } members { isBound role } } }";
    let identifier = json!({ "identifier": { "scheme": "CITY_VENDOR", "id": number } });
    app.query(&app.reviewer_token(), query, identifier).await["organization"].clone()
}

async fn register(app: &TestApp, who: &str, name: &str, numbers: &[&str]) -> Firm {
    let identifiers = numbers.iter().map(|id| json!({ "scheme": "CITY_VENDOR", "id": id }));
    let identifiers: Vec<Value> = identifiers.collect();
    let address = json!({ "street": "1 Pier", "city": "Port Ambrose", "region": "CA",
        "postalCode": "90001", "country": "US" });
    let input = json!({ "kind": "CORPORATION", "legalName": name, "identifiers": identifiers,
        "address": address });
    app.register_organization(who, input).await
}

async fn a_vendor_list_is_imported_twice(app: TestApp) {
    app.create_department("BSS").await;
    let claimed = register(&app, "claimed", "Harbor Paint LLC", &["v-2"]).await;
    let email = subject_email("new-signatory");
    let list = write_file(&[
        &format!("V-1,New Pumps Inc,T-1,{UEI},Port Ambrose,CA,{email}"),
        "V-2,\"HARBOR PAINT, L.L.C.\",T-2,,Port Ambrose,CA,somebody@else.example",
        // A second vendor number of the first firm, known by its UEI.
        &format!("V-3,New Pumps,,{UEI},,,"),
    ]);
    let expected = VendorImportSummary {
        registered: 1,
        verified: 2,
        invited: 1,
        ..VendorImportSummary::default()
    };
    let (dry, report) = import(&app, &list, true).await;
    assert_eq!((dry, report), (expected, Vec::new()));
    assert_eq!(find(&app, "V-1").await, Value::Null, "a dry run stores nothing");
    let (first, report) = import(&app, &list, false).await;
    assert_eq!((first, report), (expected, Vec::new()));
    let pumps = find(&app, "V-1").await;
    assert_eq!(pumps["legalName"], "New Pumps Inc");
    assert_eq!(pumps["address"]["city"], "Port Ambrose");
    assert_eq!(pumps["members"], json!([{ "isBound": false, "role": "SIGNATORY" }]));
    assert_eq!(find(&app, "V-3").await["id"], pumps["id"]);
    let paint = find(&app, "V-2").await;
    assert_eq!(paint["id"], json!(claimed.id));
    let states = paint["identifiers"].as_array().expect("identifiers").clone();
    assert!(states.iter().all(|it| it["state"] == "VERIFIED"), "{states:?}");
    assert_eq!(states.len(), 2);
    // Nobody is invited to a firm that somebody acts for.
    assert_eq!(paint["members"].as_array().map(Vec::len), Some(1));
    // Again: nothing new, however often.
    let counted = "SELECT COUNT(*) FROM ledger";
    let entries = app.select_number(counted).await;
    let (second, report) = import(&app, &list, false).await;
    let nothing = VendorImportSummary { unchanged: 3, ..VendorImportSummary::default() };
    assert_eq!((second, report), (nothing, Vec::new()));
    assert_eq!(app.select_number(counted).await, entries);
    // The invited person signs in and acts for the firm.
    let token = app.token("new-signatory", &[Role::Bidder]);
    let viewer = "{ viewer { memberships { organizationId role } } }";
    let data = app.query(&token, viewer, json!({})).await;
    let membership = json!([{ "organizationId": pumps["id"], "role": "SIGNATORY" }]);
    assert_eq!(data["viewer"]["memberships"], membership);
    app.assert_verifies().await;
}

async fn a_claim_alone_is_not_verified_by_the_list(app: TestApp) {
    app.create_department("BSS").await;
    let squatter = register(&app, "squatter", "Squatter LLC", &["V-1"]).await;
    let namesake = register(&app, "namesake", "Twin Striping", &[]).await;
    let list = write_file(&["V-1,Acme Works Inc,,,,,", "V-2,Twin Striping,,,Elsewhere,CA,"]);
    let (first, report) = import(&app, &list, false).await;
    let expected =
        VendorImportSummary { registered: 2, proposed_merges: 2, ..VendorImportSummary::default() };
    assert_eq!(first, expected, "{report:?}");
    assert!(report[0].starts_with("2: merge proposed: "), "{report:?}");
    assert!(report[0].contains(&squatter.id) && report[1].contains(&namesake.id), "{report:?}");
    let acme = find(&app, "V-1").await;
    assert_eq!(acme["legalName"], "Acme Works Inc");
    let states = "query($id: ID!) { organization(id: $id) { identifiers { state } } }";
    let data = app.query(&squatter.token, states, json!({ "id": squatter.id })).await;
    assert_eq!(data["organization"]["identifiers"], json!([{ "state": "DISPUTED" }]));
    // Nor a claim with the list's name, if people and city are not the list's.
    register(&app, "other-city", "Pier Welding", &["V-3"]).await;
    let elsewhere = write_file(&["V-3,Pier Welding,,,Elsewhere,CA,owner@pier.example"]);
    let (refused, report) = import(&app, &elsewhere, false).await;
    assert_eq!(refused.rejected, 1);
    assert!(report[0].contains("verify the number for it if it is the vendor"), "{report:?}");
    // The merges are in the supervisors' queue, once.
    let (second, report) = import(&app, &list, false).await;
    assert_eq!((second.unchanged, second.proposed_merges, report), (2, 0, Vec::new()));
    let open = "SELECT COUNT(*) FROM merge_proposal WHERE outcome IS NULL";
    assert_eq!(app.select_number(open).await, 2);
    app.assert_verifies().await;
}

async fn bad_rows_are_reported_by_line(app: TestApp) {
    app.create_department("BSS").await;
    let twins = ["one", "two"];
    for who in twins {
        register(&app, who, "Twin Striping", &[]).await;
    }
    let list = write_file(&[
        "V-1,Good Works,,,,,",
        ",No Number,,,,,",
        "V-2,,,,,,",
        "V-3,Bad Tax,123-45-6789,,,,",
        "V-4,Bad Mail,,,,,not an address",
        "V-1,Good Works again,,,,,",
        "V-5,Twin Striping,,,,,",
    ]);
    let (summary, report) = import(&app, &list, false).await;
    let expected =
        VendorImportSummary { registered: 1, rejected: 6, ..VendorImportSummary::default() };
    assert_eq!(summary, expected, "{report:?}");
    for (line, word) in [
        ("3: ", "number:"),
        ("4: ", "name:"),
        ("5: ", "social security number"),
        ("6: ", "email:"),
        ("7: ", "occurs twice in the file, first on line 2"),
        ("8: ", "several organizations have this name"),
    ] {
        assert!(report.iter().any(|it| it.starts_with(line) && it.contains(word)), "{report:?}");
    }
    let missing = write_csv("vendor,city\nA,B\n");
    let refused = import_vendors(&app.database, &missing, false, app.now(), &mut Vec::new()).await;
    let message = format!("{:#}", refused.expect_err("no list"));
    assert!(message.contains("number, name"), "{message}");
    app.assert_verifies().await;
}

/// Both begin after an upgrade from a version without exact names, and each adds those that it finds missing.
async fn two_imports_add_missing_names(app: TestApp) {
    for number in 0..3 {
        register(&app, &format!("clerk-{number}"), &format!("Paint Supply {number}"), &[]).await;
    }
    app.run_sql("CREATE TABLE kept AS SELECT * FROM organization_name").await.expect("a copy");
    app.run_sql("DELETE FROM organization_name").await.expect("no names");
    // Who inserts one of them waits until this transaction ends, so that both imports look for names before either has
    // added them.
    let same = app.database.begin().await.expect("a transaction");
    let insert = "INSERT INTO organization_name SELECT * FROM kept";
    same.execute_unprepared(insert).await.expect("the same names");
    let import = || {
        let database = app.database.clone();
        tokio::spawn(async move { insert_missing_names(&database).await.expect("names") })
    };
    let (one, other) = (import(), import());
    tokio::time::sleep(Duration::from_millis(500)).await;
    drop(same);
    assert_eq!(one.await.expect("one") + other.await.expect("the other"), 3, "each is added once");
    let lost =
        "SELECT COUNT(*) FROM (SELECT * FROM kept EXCEPT SELECT * FROM organization_name) AS lost";
    assert_eq!(app.select_number(lost).await, 0);
    app.run_sql("DROP TABLE kept").await.expect("no copy");
    app.assert_verifies().await;
}
