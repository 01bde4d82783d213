//! Requests in progress when a deadline passes.
use std::time::Duration;

use candor_tests::due_times::march::DUE;
use candor_tests::fixtures::no_dealings;
use candor_tests::steps::{SUBMIT_BID, bid_input, format_user_errors};
use candor_tests::{Engine, Role, TestApp, parse_instant, stories};
use chrono::TimeDelta;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::sleep;

stories![
    a_bid_is_in_time_when_it_was_received_whole,
    a_bid_that_waits_for_its_lock_is_in_time_for_five_seconds,
    a_token_is_valid_when_the_whole_request_has_arrived,
];

/// Sends a request in two parts and runs `between` before the second.
async fn send_in_halves(app: &TestApp, token: &str, body: &str, between: impl FnOnce()) -> Value {
    let address = app.base_url().trim_start_matches("http://").to_owned();
    let mut stream = TcpStream::connect(&address).await.expect("a connection");
    let head = format!(
        "POST /graphql HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {token}\r\n\
         content-type: application/json\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    let (first, second) = body.split_at(body.len() / 2);
    stream.write_all(head.as_bytes()).await.expect("a head");
    stream.write_all(first.as_bytes()).await.expect("half a body");
    sleep(Duration::from_millis(300)).await;
    between();
    stream.write_all(second.as_bytes()).await.expect("the other half");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("an answer");
    let body = answer.split_once("\r\n\r\n").expect("a head and a body").1;
    serde_json::from_str(body).unwrap_or_else(|_| panic!("{answer}"))
}

async fn a_bid_is_in_time_when_it_was_received_whole(app: TestApp) {
    let department = app.create_department("BSS").await;
    let solicitation = app.publish_solicitation(&department, DUE).await;
    for (name, at, is_in_time) in [
        ("Early Paving", "2026-03-10T22:00:00Z", true),
        ("Late Paving", "2026-03-10T22:00:00.000001Z", false),
        ("Slow Paving", "2026-03-10T22:00:20Z", false),
    ] {
        app.advance_to("2026-03-10T21:59:58Z");
        let firm = app.register_firm(name).await;
        app.file_and_load_disclosure(&firm, no_dealings()).await;
        let input = bid_input(&firm, &solicitation, "100000", &json!([]));
        let variables = json!({ "input": input });
        let body = json!({ "query": SUBMIT_BID, "variables": variables }).to_string();
        let answer = send_in_halves(&app, &firm.token, &body, || app.advance_to(at)).await;
        let payload = &answer["data"]["submitBid"];
        assert_eq!(payload["bid"]["status"] == "ADMITTED", is_in_time, "{name} {answer:#}");
        if !is_in_time {
            assert_eq!(
                format_user_errors(&payload["userErrors"]),
                ["input.solicitationId past_due"],
                "{name}"
            );
        }
    }
}

async fn a_bid_that_waits_for_its_lock_is_in_time_for_five_seconds(app: TestApp) {
    let department = app.create_department("BSS").await;
    let solicitation = app.publish_solicitation(&department, DUE).await;
    let due = parse_instant(DUE);
    for (name, held_until, is_in_time) in [
        ("Patient Paving", due + TimeDelta::seconds(5), true),
        ("Unlucky Paving", due + TimeDelta::seconds(5) + TimeDelta::microseconds(1), false),
    ] {
        app.advance_to("2026-03-10T21:59:58Z");
        let firm = app.register_firm(name).await;
        app.file_and_load_disclosure(&firm, no_dealings()).await;
        app.advance_to(DUE);
        // Another transaction locks a row that the bid needs.
        let holding = app.database.begin().await.expect("a transaction");
        if app.engine == Engine::Postgres {
            let lock = "SELECT id FROM solicitation FOR UPDATE";
            holding.execute_unprepared(lock).await.expect("a lock");
        }
        let input = bid_input(&firm, &solicitation, "100000", &json!([]));
        let variables = json!({ "input": input });
        let waiting = app.execute(&firm.token, SUBMIT_BID, variables);
        let release = async {
            sleep(Duration::from_millis(500)).await;
            app.advance_to(&held_until.to_rfc3339());
            drop(holding);
        };
        let (answer, ()) = tokio::join!(waiting, release);
        let payload = &answer["data"]["submitBid"];
        assert_eq!(payload["bid"]["status"] == "ADMITTED", is_in_time, "{name} {answer:#}");
        if !is_in_time {
            assert_eq!(
                format_user_errors(&payload["userErrors"]),
                ["input.solicitationId past_due"],
                "{name}"
            );
        }
    }
    // Timely bids are opened fifteen seconds after the deadline, and not before.
    let bids = "query($id: ID!) { solicitation(id: $id) { bids { totalCount } } }";
    for (after, data) in [(14_999, 0), (15_000, 1)] {
        app.advance_to(&(due + TimeDelta::milliseconds(after)).to_rfc3339());
        let found = app.query(&app.reviewer_token(), bids, json!({ "id": solicitation })).await;
        assert_eq!(found["solicitation"]["bids"]["totalCount"], data, "{after}");
    }
}

async fn a_token_is_valid_when_the_whole_request_has_arrived(app: TestApp) {
    app.advance_to("2026-03-10T20:00:00Z");
    let firm = app.register_firm("Slow Paving").await;
    let mut claims = TestApp::default_claims("slow", &[Role::Bidder]);
    claims.exp = parse_instant("2026-03-10T20:10:00Z").timestamp();
    let token = app.key.sign(&claims).expect("a token");
    let name = "mutation($id: ID!) { updateOrganization(id: $id, revision: 1,
        input: { legalName: \"Late Paving\" }) { userErrors { message } } }";
    let body = json!({ "query": name, "variables": { "id": firm.id } }).to_string();
    for (at, is_accepted) in [("2026-03-10T20:09:59Z", true), ("2026-03-10T20:20:00Z", false)] {
        app.advance_to("2026-03-10T20:09:00Z");
        let answer = send_in_halves(&app, &token, &body, || app.advance_to(at)).await;
        let message = answer["errors"][0]["message"].as_str().unwrap_or_default();
        assert_eq!(!message.contains("the token expired at"), is_accepted, "{answer:#}");
    }
}
