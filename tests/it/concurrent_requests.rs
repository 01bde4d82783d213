//! Two people act at once: in any order, the resulting state is consistent, and the second gets a
//! clear error.
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

use candor_tests::due_times::march::DUE;
use candor_tests::fixtures::{Firm, no_dealings};
use candor_tests::steps::{
    AMEND_SOLICITATION, CANCEL_SOLICITATION, FILE_DISCLOSURE, REAFFIRM_DISCLOSURE, SAVE_DRAFT,
    SUBMIT_BID, WITHDRAW_BID, WITHDRAW_DISCLOSURE, bid_input, find_fault_code, format_user_errors,
    reaffirmation, signatory_attestation, text,
};
use candor_tests::{Engine, TestApp, stories};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use tokio::time::sleep;

stories![
    a_disclosure_is_withdrawn_as_a_bid_is_submitted,
    two_bids_of_one_firm_are_submitted,
    a_solicitation_is_canceled_as_bids_are_submitted,
    a_bid_is_withdrawn_as_its_solicitation_is_canceled,
    an_amendment_is_filed_as_a_bid_is_submitted,
    two_signatories_file_the_same_draft,
    two_members_save_the_same_draft,
    two_signatories_reaffirm,
    two_officers_issue_an_addendum,
    a_subcontractor_withdraws_as_a_bid_names_it,
    two_firms_name_each_other,
    a_contract_is_recorded_after_the_change_of_its_subcontractor,
];

/// Number of repetitions, to reach rare interleavings.
const ROUNDS: usize = 15;

/// Runs both concurrently; every other round the second is sent first.
async fn run_concurrently<A, B>(
    round: usize,
    one: impl Future<Output = A>,
    two: impl Future<Output = B>,
) -> (A, B) {
    if round.is_multiple_of(2) {
        return tokio::join!(one, two);
    }
    let (two, one) = tokio::join!(two, one);
    (one, two)
}

/// Result of a request: its payload or the code of its top-level error.
#[derive(Debug)]
enum Outcome {
    Payload(Value),
    Fault(String),
}

impl Outcome {
    fn of(answer: &Value) -> Self {
        if let Some(code) = find_fault_code(answer) {
            return Self::Fault(code);
        }
        let data = answer["data"].as_object().expect("data");
        Self::Payload(data.values().next().expect("a payload").clone())
    }

    /// Returns whether the request succeeded; if not, asserts that the error is one of the
    /// expected.
    fn has_succeeded(&self, thing: &str, losers: &[&str]) -> bool {
        let lost = match self {
            Self::Payload(payload) if !payload[thing].is_null() => return true,
            Self::Payload(payload) => {
                let errors = format_user_errors(&payload["userErrors"]);
                errors.first().cloned().unwrap_or_else(|| text(&payload["decision"]["outcome"]))
            }
            Self::Fault(code) => code.clone(),
        };
        assert!(losers.contains(&&*lost), "{lost} is none of {losers:?}: {self:?}");
        false
    }
}

async fn attempt(app: &TestApp, token: &str, mutation: &str, variables: Value) -> Outcome {
    Outcome::of(&app.execute(token, mutation, variables).await)
}

async fn submit(app: &TestApp, firm: &Firm, solicitation: &str, amount: &str) -> Outcome {
    let input = bid_input(firm, solicitation, amount, &json!([]));
    attempt(app, &firm.token, SUBMIT_BID, json!({ "input": input })).await
}

/// Returns the statuses of the firm's attempts at a solicitation, sorted.
async fn list_attempt_statuses(app: &TestApp, firm: &Firm, solicitation: &str) -> Vec<String> {
    let query = "query($id: ID!) { solicitation(id: $id) { status
        bids(first: 100, orderBy: { field: STATUS, direction: ASC }) { nodes { status } } } }";
    let response = app.query(&firm.token, query, json!({ "id": solicitation })).await;
    let nodes = response["solicitation"]["bids"]["nodes"].as_array().expect("bids").clone();
    nodes.iter().map(|bid| text(&bid["status"])).collect()
}

async fn load_status(app: &TestApp, firm: &Firm, disclosure: &Value) -> String {
    let query = "query($id: ID!) { disclosure(id: $id) { status } }";
    let response = app.query(&firm.token, query, json!({ "id": disclosure["id"] })).await;
    text(&response["disclosure"]["status"])
}

async fn a_disclosure_is_withdrawn_as_a_bid_is_submitted(app: TestApp) {
    let department = app.create_department("BSS").await;
    let firm = app.register_firm("Prime Paving").await;
    for round in 0..ROUNDS {
        let solicitation = app.publish_solicitation(&department, DUE).await;
        let filed = app.file_and_load_disclosure(&firm, no_dealings()).await;
        let reason = json!({ "id": filed["id"], "reason": "A part was wrong." });
        let (bid, withdrawal) = run_concurrently(
            round,
            submit(&app, &firm, &solicitation, "100000"),
            attempt(&app, &firm.token, WITHDRAW_DISCLOSURE, reason),
        )
        .await;
        let has_bid = bid.has_succeeded("bid", &["BLOCK", "CONFLICT"]);
        let is_withdrawn = withdrawal.has_succeeded("disclosure", &["CONFLICT"]);
        assert_ne!(has_bid, is_withdrawn, "round {round}: {bid:?} {withdrawal:?}");
        let status = load_status(&app, &firm, &filed).await;
        assert_eq!(status, if is_withdrawn { "WITHDRAWN" } else { "FILED" }, "round {round}");
        let statuses = list_attempt_statuses(&app, &firm, &solicitation).await;
        assert_eq!(statuses.iter().any(|it| it == "ADMITTED"), has_bid, "{statuses:?}");
    }
    let on_nothing = "SELECT COUNT(*) FROM bid JOIN disclosure ON disclosure.id = bid.disclosure_id
        WHERE bid.status IN ('ADMITTED', 'HELD') AND disclosure.status = 'WITHDRAWN'";
    assert_eq!(app.select_number(on_nothing).await, 0);
    app.assert_verifies().await;
}

async fn two_bids_of_one_firm_are_submitted(app: TestApp) {
    let department = app.create_department("BSS").await;
    let firm = app.register_disclosing_firm("Prime Paving").await;
    for round in 0..ROUNDS {
        let solicitation = app.publish_solicitation(&department, DUE).await;
        let (one, other, third) = tokio::join!(
            submit(&app, &firm, &solicitation, "100000"),
            submit(&app, &firm, &solicitation, "200000"),
            submit(&app, &firm, &solicitation, "300000")
        );
        let has_succeeded = [one, other, third].map(|bid| bid.has_succeeded("bid", &["CONFLICT"]));
        assert_eq!(has_succeeded.iter().filter(|it| **it).count(), 1, "round {round}");
        assert_eq!(
            list_attempt_statuses(&app, &firm, &solicitation).await,
            ["ADMITTED"],
            "round {round}"
        );
    }
    let rounds = i64::try_from(ROUNDS).expect("a small number");
    assert_eq!(
        app.select_number("SELECT COUNT(*) FROM decision").await,
        rounds,
        "nothing half-written"
    );
    app.assert_verifies().await;
}

async fn a_solicitation_is_canceled_as_bids_are_submitted(app: TestApp) {
    let department = app.create_department("BSS").await;
    let (firm, rival) = (
        app.register_disclosing_firm("Prime Paving").await,
        app.register_disclosing_firm("Rival").await,
    );
    for round in 0..ROUNDS {
        let solicitation = app.publish_solicitation(&department, DUE).await;
        let cancel = json!({ "id": solicitation, "reason": "The street is closed." });
        let (bid, canceled, other) = tokio::join!(
            submit(&app, &firm, &solicitation, "100000"),
            attempt(&app, &department.token, CANCEL_SOLICITATION, cancel),
            submit(&app, &rival, &solicitation, "100000")
        );
        assert!(canceled.has_succeeded("solicitation", &[]), "round {round}: {canceled:?}");
        for (bid, firm) in [(bid, &firm), (other, &rival)] {
            let in_time = bid.has_succeeded("bid", &["input.solicitationId canceled", "CONFLICT"]);
            // A bid that was submitted first was closed.
            let left = if in_time { vec!["CLOSED"] } else { vec![] };
            assert_eq!(
                list_attempt_statuses(&app, firm, &solicitation).await,
                left,
                "round {round}"
            );
        }
    }
    app.assert_verifies().await;
}

async fn a_bid_is_withdrawn_as_its_solicitation_is_canceled(app: TestApp) {
    let department = app.create_department("BSS").await;
    let firm = app.register_disclosing_firm("Prime Paving").await;
    for round in 0..ROUNDS {
        let solicitation = app.publish_solicitation(&department, DUE).await;
        let bid = app.submit_admitted_bid(&firm, &solicitation, "100000").await;
        let cancel = json!({ "id": solicitation, "reason": "The street is closed." });
        let (withdrawn, canceled) = run_concurrently(
            round,
            attempt(&app, &firm.token, WITHDRAW_BID, json!({ "id": bid })),
            attempt(&app, &department.token, CANCEL_SOLICITATION, cancel),
        )
        .await;
        assert!(canceled.has_succeeded("solicitation", &[]), "round {round}: {canceled:?}");
        let left =
            if withdrawn.has_succeeded("bid", &["CONFLICT"]) { "WITHDRAWN" } else { "CLOSED" };
        assert_eq!(
            list_attempt_statuses(&app, &firm, &solicitation).await,
            [left],
            "round {round}"
        );
    }
    app.assert_verifies().await;
}

async fn an_amendment_is_filed_as_a_bid_is_submitted(app: TestApp) {
    let department = app.create_department("BSS").await;
    let firm = app.register_firm("Prime Paving").await;
    let mut last = app.file_and_load_disclosure(&firm, no_dealings()).await;
    for round in 0..ROUNDS {
        let solicitation = app.publish_solicitation(&department, DUE).await;
        let (id, revision) = app.save_draft(&firm, no_dealings()).await;
        let input = json!({ "id": id, "revision": revision, "attestation": signatory_attestation("Prime Paving") });
        let (bid, filed) = run_concurrently(
            round,
            submit(&app, &firm, &solicitation, "100000"),
            attempt(&app, &firm.token, FILE_DISCLOSURE, json!({ "input": input })),
        )
        .await;
        // Neither blocks the other.
        let (Outcome::Payload(bid), Outcome::Payload(filed)) = (bid, filed) else {
            panic!("round {round}: a fault");
        };
        let (rests_on, filed) = (&bid["bid"]["disclosure"]["id"], filed["disclosure"].clone());
        assert!([&last["id"], &filed["id"]].contains(&rests_on), "round {round}: {bid:#}");
        assert_eq!(load_status(&app, &firm, &last).await, "SUPERSEDED");
        last = filed;
        assert_eq!(load_status(&app, &firm, &last).await, "FILED");
    }
    app.assert_verifies().await;
}

async fn two_signatories_file_the_same_draft(app: TestApp) {
    let firm = app.register_firm("Prime Paving").await;
    let other = app.invite_member(&firm, "SIGNATORY").await;
    for round in 0..ROUNDS {
        let (id, revision) = app.save_draft(&firm, no_dealings()).await;
        let input = json!({ "id": id, "revision": revision, "attestation": signatory_attestation("Prime Paving") });
        let input = json!({ "input": input });
        let (one, two) = run_concurrently(
            round,
            attempt(&app, &firm.token, FILE_DISCLOSURE, input.clone()),
            attempt(&app, &other, FILE_DISCLOSURE, input.clone()),
        )
        .await;
        let has_succeeded = [one, two].map(|it| it.has_succeeded("disclosure", &["CONFLICT"]));
        assert_ne!(has_succeeded[0], has_succeeded[1], "round {round}");
    }
    let rounds = i64::try_from(ROUNDS).expect("a small number");
    assert_eq!(app.select_number("SELECT COUNT(*) FROM filing").await, rounds);
    assert_eq!(app.select_number("SELECT max(version) FROM filing").await, rounds);
    app.assert_verifies().await;
}

async fn two_members_save_the_same_draft(app: TestApp) {
    let firm = app.register_firm("Prime Paving").await;
    let other = app.invite_member(&firm, "PREPARER").await;
    let save = |revision: Option<usize>, none_attested: bool| {
        let statement = json!({ "dhs": { "noneAttested": none_attested } });
        json!({ "input": {
            "organizationId": firm.id, "revision": revision, "statement": statement
        } })
    };
    for round in 0..ROUNDS {
        // The first round creates the draft.
        let revision = (round > 0).then_some(round);
        let (one, two) = run_concurrently(
            round,
            attempt(&app, &firm.token, SAVE_DRAFT, save(revision, true)),
            attempt(&app, &other, SAVE_DRAFT, save(revision, false)),
        )
        .await;
        let has_succeeded = [one, two].map(|it| it.has_succeeded("disclosure", &["CONFLICT"]));
        assert_ne!(has_succeeded[0], has_succeeded[1], "round {round}");
        let draft = "query($id: ID!) { organization(id: $id) {
            draft { revision statement { dhs { noneAttested } } } } }";
        let response = app.query(&other, draft, json!({ "id": firm.id })).await;
        let draft = &response["organization"]["draft"];
        assert_eq!(draft["revision"], json!(round + 1));
        assert_eq!(draft["statement"]["dhs"]["noneAttested"], has_succeeded[0], "round {round}");
    }
}

async fn count_filings(app: &TestApp) -> i64 {
    app.select_number("SELECT COUNT(*) FROM filing").await
}

async fn two_signatories_reaffirm(app: TestApp) {
    let firm = app.register_disclosing_firm("Prime Paving").await;
    let other = app.invite_member(&firm, "SIGNATORY").await;
    for round in 0..ROUNDS {
        let read = count_filings(&app).await;
        let (one, two) = run_concurrently(
            round,
            attempt(&app, &firm.token, REAFFIRM_DISCLOSURE, reaffirmation(&firm, read)),
            attempt(&app, &other, REAFFIRM_DISCLOSURE, reaffirmation(&firm, read)),
        )
        .await;
        let has_succeeded = [one, two].map(|it| it.has_succeeded("disclosure", &["CONFLICT"]));
        assert_ne!(has_succeeded[0], has_succeeded[1], "round {round}");
        assert_eq!(count_filings(&app).await, read + 1, "round {round}");
        assert_eq!(
            app.select_number("SELECT COUNT(*) FROM disclosure WHERE status = 'FILED'").await,
            1
        );
    }
    let filings = app.select_number("SELECT COUNT(*) FROM filing").await;
    assert_eq!(app.select_number("SELECT max(version) FROM filing").await, filings, "without gaps");
    app.assert_verifies().await;
}

async fn two_officers_issue_an_addendum(app: TestApp) {
    let department = app.create_department("BSS").await;
    let solicitation = app.publish_solicitation(&department, DUE).await;
    let firm = app.register_disclosing_firm("Prime Paving").await;
    let amend = |text: &str, due_at: &str| json!({ "input": { "id": solicitation, "addendum": text, "dueAt": due_at } });
    for round in 0..ROUNDS {
        let (one, two, bid) = tokio::join!(
            attempt(&app, &department.token, AMEND_SOLICITATION, amend("One.", DUE)),
            attempt(&app, &department.token, AMEND_SOLICITATION, amend("Another.", DUE)),
            submit(&app, &firm, &solicitation, "100000")
        );
        let has_succeeded = [one, two].map(|it| it.has_succeeded("solicitation", &["CONFLICT"]));
        assert!(has_succeeded[0] || has_succeeded[1], "round {round}");
        assert_eq!(bid.has_succeeded("bid", &["CONFLICT"]), round == 0, "round {round}: {bid:?}");
    }
    let number = app.select_number("SELECT COUNT(*) FROM addendum").await;
    assert_eq!(app.select_number("SELECT max(number) FROM addendum").await, number, "without gaps");
    app.assert_verifies().await;
}

async fn a_subcontractor_withdraws_as_a_bid_names_it(app: TestApp) {
    let department = app.create_department("BSS").await;
    let (prime, other) = (
        app.register_disclosing_firm("Prime Paving").await,
        app.register_firm("Harbor Paint").await,
    );
    for round in 0..ROUNDS {
        let solicitation = app.publish_solicitation(&department, DUE).await;
        let filed = app.file_and_load_disclosure(&other, no_dealings()).await;
        let named = json!([{ "organizationId": other.id, "name": "Harbor Paint",
            "amount": { "amount": "40000", "currency": "USD" } }]);
        let input = bid_input(&prime, &solicitation, "100000", &named);
        let reason = json!({ "id": filed["id"], "reason": "A part was wrong." });
        let (bid, withdrawal) = run_concurrently(
            round,
            attempt(&app, &prime.token, SUBMIT_BID, json!({ "input": input })),
            attempt(&app, &other.token, WITHDRAW_DISCLOSURE, reason),
        )
        .await;
        // A refused withdrawal would reveal that a bid names the subcontractor.
        assert!(withdrawal.has_succeeded("disclosure", &[]), "round {round}: {withdrawal:?}");
        assert!(bid.has_succeeded("bid", &[]), "round {round}: {bid:?}");
        let statuses = list_attempt_statuses(&app, &prime, &solicitation).await;
        assert!(statuses == ["ADMITTED"] || statuses == ["HELD"], "round {round}: {statuses:?}");
    }
    app.assert_verifies().await;
}

async fn two_firms_name_each_other(app: TestApp) {
    let department = app.create_department("BSS").await;
    let (one, other) = (
        app.register_disclosing_firm("One Paving").await,
        app.register_disclosing_firm("Other").await,
    );
    let input = |prime: &Firm, solicitation: &str, named: &Firm| {
        let named = json!([{ "organizationId": named.id, "name": "The other",
            "amount": { "amount": "40000", "currency": "USD" } }]);
        json!({ "input": bid_input(prime, solicitation, "100000", &named) })
    };
    for round in 0..ROUNDS {
        let solicitation = app.publish_solicitation(&department, DUE).await;
        // Each locks both rows: a fixed order prevents a deadlock.
        let (first, second) = run_concurrently(
            round,
            attempt(&app, &one.token, SUBMIT_BID, input(&one, &solicitation, &other)),
            attempt(&app, &other.token, SUBMIT_BID, input(&other, &solicitation, &one)),
        )
        .await;
        assert!(
            first.has_succeeded("bid", &[]) && second.has_succeeded("bid", &[]),
            "round {round}"
        );
    }
    app.assert_verifies().await;
}

async fn a_contract_is_recorded_after_the_change_of_its_subcontractor(app: TestApp) {
    let department = app.create_department("BSS").await;
    let prime = app.register_disclosing_firm("Prime Paving").await;
    let other = app.register_firm("Harbor Paint").await;
    let named = json!([{ "organizationId": other.id, "name": "Harbor Paint",
        "amount": { "amount": "40000", "currency": "USD" } }]);
    // Another request changes the subcontractor, and would not find a contract that is not committed.
    let changing = app.database.begin().await.expect("a transaction");
    if app.engine == Engine::Postgres {
        let lock = "SELECT id FROM organization WHERE legal_name = 'Harbor Paint'
            FOR NO KEY UPDATE";
        changing.execute_unprepared(lock).await.expect("a lock");
    }
    let is_changed = AtomicBool::new(false);
    let days = ("2025-07-01", "2026-06-30");
    let parts = json!({ "clauseVersion": 1, "subcontractors": named });
    let recording = async {
        app.record_contract(&department, &prime, "C-1", days, parts).await;
        assert!(is_changed.load(Relaxed), "recorded before the change was committed");
    };
    let change = async {
        sleep(Duration::from_millis(500)).await;
        is_changed.store(true, Relaxed);
        drop(changing);
    };
    tokio::join!(recording, change);
    app.assert_verifies().await;
}
