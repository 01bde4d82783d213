//! Clients hold thousands of connections and ask nothing that can be answered; others are served
//! meanwhile.
use std::time::{Duration, Instant};

use candor_tests::idle_clients::{IdleClients, hold_connections};
use candor_tests::process::ServiceProcess;
use candor_tests::{TestApp, Role, stories};
use reqwest::Client;
use serde_json::{Value, json};

stories![alone: idle_connections_shut_nobody_out, few_files_are_enough];

/// How many queries are measured.
const QUERIES: usize = 50;
/// How many times as long as alone a query may take beside the others.
const MOST_TIMES: u32 = 50;

/// The clients, in the process that the story starts.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "the story starts it, in a process of its own"]
async fn the_idle_clients() {
    hold_connections().await;
}

const CLIENTS: &str = "connections_are_bounded::the_idle_clients";

/// What queries take, each on a connection of its own, in ascending order. All are answered.
async fn measured(service: &ServiceProcess, token: &str) -> Vec<Duration> {
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

/// Nine of ten queries take no more than so many times the median of `alone`.
fn served_beside(alone: &[Duration], beside: &[Duration]) {
    let (usual, most) = (alone[QUERIES / 2], beside[QUERIES * 9 / 10]);
    println!("a query takes {usual:?} alone, {most:?} beside the idle connections");
    assert!(most <= usual * MOST_TIMES, "{most:?} instead of {usual:?}");
}

async fn idle_connections_shut_nobody_out(app: TestApp) {
    let token = app.token("reviewer", &[Role::BcaReviewer]);
    let service = ServiceProcess::start(&app).await;
    let alone = measured(&service, &token).await;
    let clients = IdleClients::start(CLIENTS, service.address(), &token, 10_000);
    // All are answered meanwhile. How fast says more of the machine, which opens the connections.
    let opening = measured(&service, &token).await[QUERIES * 9 / 10];
    clients.wait_until_all_opened().await;
    let beside = measured(&service, &token).await;
    let held = clients.held();
    println!("{held} of {} connections were held", clients.target);
    println!("a query takes {opening:?} while they are opened");
    assert!(held > clients.target * 3 / 4, "{held} of {}", clients.target);
    served_beside(&alone, &beside);
}

/// Many more connections than the service may open files, so that it must close some for others.
async fn few_files_are_enough(app: TestApp) {
    let token = app.token("reviewer", &[Role::BcaReviewer]);
    let service = ServiceProcess::start_with_files(&app, 1_024).await;
    let alone = measured(&service, &token).await;
    let clients = IdleClients::start(CLIENTS, service.address(), &token, 2_000);
    clients.wait_until_all_opened().await;
    let beside = measured(&service, &token).await;
    let held = clients.held();
    println!("{held} of {} connections were held", clients.target);
    assert!(held < 1_024, "{held} with 1,024 files");
    served_beside(&alone, &beside);
}
