//! Time to answer each expensive document, in milliseconds: the median and the maximum of several
//! tries. Below 100 and 250 is good on two cores.
//!
//! `cargo bench -p candor-tests --bench attack_documents`
use std::time::{Duration, Instant};

use candor_tests::attacks::{Targets, attacks};
use candor_tests::fixtures::agreements_statement;
use candor_tests::steps::{detention_agreement, text};
use candor_tests::{Engine, Method, Role, TestApp, run_story};

/// Number of times each document is sent.
const ROUNDS: usize = 7;

fn main() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    for engine in [Engine::Sqlite, Engine::Postgres] {
        runtime.block_on(run_story(engine, measure));
    }
}

async fn measure(app: TestApp) {
    let department = app.create_department("BSS").await;
    let solicitation = app.publish_solicitation(&department, "2026-03-10T22:00:00Z").await;
    let firm = app.register_firm("Acosta Sweeping").await;
    let disclosure = text(
        &app.file_and_load_disclosure(&firm, agreements_statement(&[detention_agreement()])).await
            ["id"],
    );
    let bid = app.submit_admitted_bid(&firm, &solicitation, "100000").await;
    let token = app.token("everywhere", &[Role::BcaReviewer, Role::CaoAnalyst, Role::Auditor]);
    let targets = Targets {
        organization: &firm.id,
        disclosure: &disclosure,
        solicitation: &solicitation,
        bid: &bid,
    };
    println!("{:?}, milliseconds: median, worst, bytes of the answer", app.engine);
    for attack in attacks(targets) {
        let mut bytes = 0;
        let mut times = Vec::with_capacity(ROUNDS);
        for _ in 0..ROUNDS {
            let request = app.http_request(Method::POST, "/graphql").bearer_auth(&token);
            let request = request.header("content-type", "application/json");
            let start = Instant::now();
            let answer = request.body(attack.body.clone()).send().await.expect("an answer");
            bytes = answer.bytes().await.expect("a whole answer").len();
            times.push(start.elapsed());
        }
        times.sort_unstable();
        let [median, worst] = [times[ROUNDS / 2], times[ROUNDS - 1]].map(milliseconds);
        println!("{median:>8.1} {worst:>8.1} {bytes:>9}  {}", attack.name);
    }
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}
