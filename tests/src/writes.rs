//! The writes of a firm and an officer, from the registration to a renewal, with their statements.
use std::sync::Arc;
use std::time::Instant;

use sea_orm::Statement;
use serde_json::json;
use tokio::task::JoinSet;

use crate::contracts::{AWARD_CONTRACT, award_of_bid};
use crate::due_times::march::{AFTER, DUE};
use crate::fixtures::{FILE_DISCLOSURE, Firm, attestation, no_dealings};
use crate::test_app::TestApp;

/// A write, and the statements that the service ran for it. The begin and end of a transaction are not
/// among them.
#[derive(Clone, Debug)]
pub struct RecordedWrite {
    pub name: &'static str,
    pub statements: Vec<Statement>,
}

/// Registers a firm that files a disclosure of none.
pub async fn register_and_file(app: &TestApp, name: &str) -> Firm {
    let firm = app.register_firm(name).await;
    app.file_disclosure(&firm, no_dealings()).await;
    firm
}

/// Registers firms that file over a number of connections; returns the firms per second. Each firm has its own
/// signatory, so that no quota is exhausted.
pub async fn file_over(app: &Arc<TestApp>, round: &str, connections: usize, firms: usize) -> f64 {
    let start = Instant::now();
    let mut all = JoinSet::new();
    for connection in 0..connections {
        let (app, round) = (Arc::clone(app), round.to_owned());
        all.spawn(async move {
            for number in (connection..firms).step_by(connections) {
                register_and_file(&app, &format!("Firm {round} {number}")).await;
            }
        });
    }
    all.join_all().await;
    #[expect(clippy::cast_precision_loss, reason = "a small number")]
    let firms = firms as f64;
    firms / start.elapsed().as_secs_f64()
}

/// Does each write once, one after the other.
pub async fn record_writes(app: &TestApp) -> Vec<RecordedWrite> {
    let department = app.create_department("BSS").await;
    let solicitation = app.publish_solicitation(&department, DUE).await;
    // What is read once and kept is read for this one.
    register_and_file(app, "Warm").await;
    let mut writes = Vec::new();
    let firm = record(app, &mut writes, "register", app.register_firm("Counted")).await;
    let draft = app.save_draft(&firm, no_dealings());
    let (draft, revision) = record(app, &mut writes, "save a draft", draft).await;
    let input = json!({ "id": draft, "revision": revision, "attestation": attestation() });
    let filing = app.mutate_ok(&firm.token, FILE_DISCLOSURE, json!({ "input": input }));
    record(app, &mut writes, "file", filing).await;
    let bid = app.submit_admitted_bid(&firm, &solicitation, "98000.00");
    let bid = record(app, &mut writes, "submit a bid", bid).await;
    app.advance_to(AFTER);
    let award = award_of_bid(&json!(bid), "C-1", ("2026-04-01", "2026-12-31"), 1);
    let award = app.mutate_ok(&department.token, AWARD_CONTRACT, award);
    let awarded = record(app, &mut writes, "award", award).await;
    assert!(awarded["contract"].is_object(), "{awarded:#}");
    let input = json!({
        "contractId": awarded["contract"]["id"], "action": "RENEWAL",
        "startDate": "2027-01-01", "endDate": "2027-12-31",
    });
    let renewal = app.propose_renewal(&department, input);
    let renewal = record(app, &mut writes, "propose a renewal", renewal).await;
    let executed = app.execute_renewal(&department, &renewal);
    let executed = record(app, &mut writes, "execute a renewal", executed).await;
    assert_eq!(executed["renewal"]["status"], "EXECUTED", "{executed:#}");
    writes
}

async fn record<T>(
    app: &TestApp,
    writes: &mut Vec<RecordedWrite>,
    name: &'static str,
    write: impl Future<Output = T>,
) -> T {
    app.start_recording_statements();
    let result = write.await;
    writes.push(RecordedWrite { name, statements: app.take_recorded_statements() });
    result
}
