//! A system clock that goes back.
use candor_schema::service_clock;
use candor_tests::steps::find_fault_code;
use candor_tests::{Method, Role, TestApp, stories};
use chrono::TimeDelta;
use serde_json::json;

use super::attempts::CREATE;

stories![a_clock_that_goes_back_stops_writing_until_it_is_accepted];

async fn a_clock_that_goes_back_stops_writing_until_it_is_accepted(app: TestApp) {
    let admin = app.token("administrator", &[Role::Admin]);
    let department =
        |code: &str| json!({ "input": { "code": code, "name": code, "contact": "A desk" } });
    app.mutate_ok(&admin, CREATE, department("LIB")).await;
    let start = app.now();

    // Small corrections happen daily.
    app.set_clock(start - TimeDelta::seconds(5));
    app.mutate_ok(&admin, CREATE, department("FIN")).await;

    let earlier = start - TimeDelta::seconds(5) - TimeDelta::microseconds(1);
    app.set_clock(earlier);
    let refused = app.execute(&admin, CREATE, department("BSS")).await;
    assert_eq!(find_fault_code(&refused).as_deref(), Some("UNAVAILABLE"));
    let message = refused["errors"][0]["message"].as_str().expect("words");
    assert!(message.contains("clock went back") && message.contains("--accept-clock"), "{message}");
    // Reads still work.
    let data = app.query(&admin, "{ departments { totalCount } }", json!({})).await;
    assert_eq!(data["departments"]["totalCount"], 2);
    app.check_health().await;
    let ready = app.http_request(Method::GET, "/readyz").send().await.expect("an answer");
    assert_eq!(ready.status(), 503);
    assert!(ready.text().await.expect("words").contains("clock"));

    // A later process detects it too: the latest time is stored in the database.
    let later =
        candor_schema::database::Database::open(app.database_url()).await.expect("the database");
    service_clock::compare(&later, earlier).await.expect("a comparison");
    assert!(later.is_clock_behind());
    assert!(format!("{:?}", later.begin().await).contains("ClockWentBack"));
    later.close().await.expect("closed connections");

    // An operator accepts the time.
    assert!(service_clock::accept(&app.database, earlier).await.expect("a record"));
    assert!(!service_clock::accept(&app.database, earlier).await.expect("nothing to accept"));
    app.mutate_ok(&admin, CREATE, department("BSS")).await;
    let entries = "SELECT COUNT(*) FROM ledger WHERE action = 'clock.accepted'";
    assert_eq!(app.select_number(entries).await, 1);
    app.assert_verifies().await;
}
