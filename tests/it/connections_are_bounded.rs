//! Clients hold thousands of idle connections; other clients are still served.
use std::time::{Duration, Instant};

use candor_tests::idle_clients::{IdleClients, hold_connections};
use candor_tests::process::ServiceProcess;
use candor_tests::{Role, TestApp, stories};
use reqwest::Client;
use serde_json::{Value, json};

stories![alone: idle_connections_do_not_block_others, a_low_open_file_limit_is_enough];

/// Number of measured queries.
const QUERIES: usize = 50;
/// The service closes no connection sooner than this, if its client was answered or has sent too little.
const MIN_HELD: Duration = Duration::from_secs(10);
/// Maximum slowdown of a query beside the idle connections.
const MAX_SLOWDOWN: u32 = 50;

/// The clients, in the child process that the story starts.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "the story starts it, in a process of its own"]
async fn the_idle_clients() {
    hold_connections().await;
}

const CLIENTS_TEST: &str = "connections_are_bounded::the_idle_clients";

/// Measures queries, each on its own connection; returns the durations in ascending order. All must
/// succeed.
async fn measure_queries(service: &ServiceProcess, token: &str) -> Vec<Duration> {
    let mut took = Vec::new();
    for _ in 0..QUERIES {
        let start = Instant::now();
        let client = Client::new();
        let request = client.post(service.address()).bearer_auth(token);
        let answer = request.json(&json!({ "query": "{ __typename }" })).send().await;
        let answer = answer.expect("an answer").json::<Value>().await.expect("a whole one");
        took.push(start.elapsed());
        assert_eq!(answer, json!({ "data": { "__typename": "Query" } }));
    }
    took.sort_unstable();
    took
}

/// Asserts that nine of ten queries take at most this many times the median of `alone`.
fn assert_not_slowed(alone: &[Duration], beside: &[Duration]) {
    let (median, slow) = (alone[QUERIES / 2], beside[QUERIES * 9 / 10]);
    println!("a query takes {median:?} alone, {slow:?} beside the idle connections");
    assert!(slow <= median * MAX_SLOWDOWN, "{slow:?} instead of {median:?}");
}

async fn idle_connections_do_not_block_others(app: TestApp) {
    let token = app.token("reviewer", &[Role::BcaReviewer]);
    let service = ServiceProcess::start(&app).await;
    let alone = measure_queries(&service, &token).await;
    let opening_since = Instant::now();
    let clients = IdleClients::start(CLIENTS_TEST, service.address(), &token, 10_000);
    // All succeed meanwhile. Their speed depends on the machine, which opens the connections.
    let opening = measure_queries(&service, &token).await[QUERIES * 9 / 10];
    clients.wait_until_all_opened().await;
    let (held, is_quick) = (clients.held(), opening_since.elapsed() < MIN_HELD);
    let beside = measure_queries(&service, &token).await;
    println!("{held} of {} connections were held", clients.target);
    println!("a query takes {opening:?} while they are opened");
    let least = if is_quick { clients.target * 3 / 4 } else { clients.answered() };
    assert!(held >= least, "{held} of {}, at least {least} expected", clients.target);
    assert_not_slowed(&alone, &beside);
}

/// Many more connections than the service may open files, so that it must close some to accept
/// others.
async fn a_low_open_file_limit_is_enough(app: TestApp) {
    let token = app.token("reviewer", &[Role::BcaReviewer]);
    let service = ServiceProcess::start_with_files(&app, 1_024).await;
    let alone = measure_queries(&service, &token).await;
    let clients = IdleClients::start(CLIENTS_TEST, service.address(), &token, 2_000);
    clients.wait_until_all_opened().await;
    let beside = measure_queries(&service, &token).await;
    let held = clients.held();
    println!("{held} of {} connections were held", clients.target);
    assert!(held < 1_024, "{held} with 1,024 files");
    assert_not_slowed(&alone, &beside);
}
