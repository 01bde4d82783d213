//! PostgreSQL crashes during writes.
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use candor_tests::cluster::DurableServer;
use candor_tests::{Role, TestApp, run_on_durable_postgres};
use serde_json::json;
use tokio::task::{JoinSet, spawn_blocking};
use tokio::time::sleep;

use super::attempts::{Answers, CREATE};

/// Number of concurrent clients.
const CLIENTS: usize = 8;
/// Number of crashes, and of acknowledged changes before each.
const CRASH_COUNT: usize = 2;
const CHANGES_BEFORE_CRASH: usize = 40;

async fn client(
    app: Arc<TestApp>,
    number: usize,
    is_over: Arc<AtomicBool>,
    done: Arc<AtomicUsize>,
) -> Answers {
    let token = app.token("administrator", &[Role::Admin]);
    let mut answers = Answers::default();
    for change in 0.. {
        if is_over.load(SeqCst) {
            break;
        }
        let name = format!("C{number}N{change}");
        let input = json!({ "input": { "code": name, "name": name, "contact": "A desk" } });
        answers.record(&name, Some(&app.execute(&token, CREATE, input).await));
        if answers.acknowledged.contains(&name) {
            done.fetch_add(1, SeqCst);
        } else {
            sleep(Duration::from_millis(20)).await;
        }
    }
    answers
}

async fn crashes(app: TestApp, server: DurableServer) {
    let (app, server) = (Arc::new(app), Arc::new(server));
    let (is_over, done) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let mut clients = JoinSet::new();
    for number in 0..CLIENTS {
        clients.spawn(client(Arc::clone(&app), number, Arc::clone(&is_over), Arc::clone(&done)));
    }
    for crash in 1..=CRASH_COUNT {
        while done.load(SeqCst) < crash * CHANGES_BEFORE_CRASH {
            sleep(Duration::from_millis(5)).await;
        }
        let stopped = Arc::clone(&server);
        spawn_blocking(move || stopped.stop_immediately()).await.expect("a crash");
        sleep(Duration::from_millis(300)).await;
        let started = Arc::clone(&server);
        spawn_blocking(move || started.start_again()).await.expect("a recovery");
    }
    let enough = (CRASH_COUNT + 1) * CHANGES_BEFORE_CRASH;
    while done.load(SeqCst) < enough {
        sleep(Duration::from_millis(5)).await;
    }
    is_over.store(true, SeqCst);
    let mut answers = Answers::default();
    while let Some(one) = clients.join_next().await {
        answers.merge(one.expect("a client that does not fail"));
    }
    assert!(!answers.refused.is_empty() || !answers.unknown.is_empty(), "{answers:?}");
    answers.assert_match_database(app.database_url()).await;
    app.assert_verifies().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[cfg_attr(no_postgres, ignore = "no PostgreSQL binaries")]
async fn what_is_acknowledged_survives_a_crash_of_postgres() {
    run_on_durable_postgres(crashes).await;
}
