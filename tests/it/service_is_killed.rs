//! The service is killed during work and restarted: acknowledged changes are stored, no change is
//! partial, and pending re-evaluations are processed.
use std::sync::{Arc, Mutex};
use std::time::Duration;

use candor_tests::fixtures::{Firm, agreements_statement, no_dealings};
use candor_tests::process::ServiceProcess;
use candor_tests::steps::{
    ACCEPT_DISCLOSURE, REJECT_DISCLOSURE, REQUEST_CLARIFICATION, SUBMIT_BID, bid_input,
    classified_agreement, text,
};
use candor_tests::{Role, TestApp, stories};
use chrono::{TimeDelta, Utc};
use serde_json::{Value, json};
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

stories![acknowledged_work_survives_a_kill];

/// Number of firms: each submits four bids, and its disclosure is reviewed once.
const FIRMS: usize = 50;
const BIDS_EACH: usize = 4;
/// Number of concurrent clients.
const CLIENTS: usize = 12;
/// Number of acknowledged requests before the kill: about eighty bids and twenty reviews.
const ACKNOWLEDGED_BEFORE_KILL: usize = 100;
/// Time limit for the clients and for the first sweep.
const WORK_TIMEOUT: Duration = Duration::from_secs(40);
/// Time limit until a killed worker's leases expire and its items are processed.
const RECOVERY_TIMEOUT: Duration = Duration::from_secs(100);

/// A review, which determines the status of its firm's first bid.
#[derive(Clone, Copy, Debug)]
enum ReviewAction {
    Accepted,
    Rejected,
    Questioned,
}

impl ReviewAction {
    fn of(firm: usize) -> Self {
        [Self::Accepted, Self::Rejected, Self::Questioned][firm % 3]
    }

    const fn review(self) -> &'static str {
        match self {
            Self::Accepted => "ACCEPTED",
            Self::Rejected => "REJECTED",
            Self::Questioned => "CLARIFICATION_REQUESTED",
        }
    }

    /// The first bid's statuses before and after the review.
    const fn bid(self) -> [&'static str; 2] {
        match self {
            Self::Accepted => ["HELD", "ADMITTED"],
            Self::Rejected => ["ADMITTED", "REFUSED"],
            Self::Questioned => ["ADMITTED", "HELD"],
        }
    }
}

/// A firm with its disclosure and a bid that depends on it.
#[derive(Debug)]
struct Bidder {
    firm: Firm,
    disclosure: Value,
    first_bid: Value,
    action: ReviewAction,
}

/// One request of a client.
#[derive(Debug)]
enum Work {
    Bid { create_bidder: usize, solicitation: String },
    Review { create_bidder: usize },
}

/// State that the clients share.
#[derive(Debug)]
struct Office {
    app: TestApp,
    bidders: Vec<Bidder>,
    reviewer: String,
    waiting: Mutex<Vec<Work>>,
    acknowledged: Mutex<Vec<(Work, Value)>>,
    enough: Notify,
}

async fn create_bidder(app: &TestApp, index: usize, solicitation: &str) -> Bidder {
    let action = ReviewAction::of(index);
    let firm = app.register_firm(&format!("Paving {index}")).await;
    let withheld = matches!(action, ReviewAction::Accepted);
    let statement =
        if withheld { agreements_statement(&[classified_agreement()]) } else { no_dealings() };
    let disclosure = app.file_and_load_disclosure(&firm, statement).await["id"].clone();
    let mut submitted = app.submit_bid(&firm, solicitation, "100000").await;
    assert_eq!(submitted["bid"]["status"], action.bid()[0], "{submitted:#}");
    Bidder { firm, disclosure, first_bid: submitted["bid"]["id"].take(), action }
}

/// Creates all users, firms and requests, in an order that mixes firms, bids and reviews.
async fn create_office(app: TestApp) -> Office {
    // The child process uses the system clock, as in production.
    app.advance_to(&Utc::now().to_rfc3339());
    let due = (Utc::now() + TimeDelta::days(10)).to_rfc3339();
    let department = app.create_department("BSS").await;
    let first = app.publish_solicitation(&department, &due).await;
    let (mut bidders, mut waiting) = (Vec::new(), Vec::new());
    for index in 0..FIRMS {
        bidders.push(create_bidder(&app, index, &first).await);
        waiting.push((index * 7, Work::Review { create_bidder: index }));
    }
    for turn in 0..BIDS_EACH {
        let solicitation = app.publish_solicitation(&department, &due).await;
        for create_bidder in 0..FIRMS {
            let work = Work::Bid { create_bidder, solicitation: solicitation.clone() };
            waiting.push((create_bidder * 11 + turn * 97, work));
        }
    }
    waiting.sort_by_key(|(order, _)| order % 101);
    let waiting = Mutex::new(waiting.into_iter().map(|(_, work)| work).collect());
    let reviewer = app.token("reviewer", &[Role::BcaReviewer]);
    Office {
        app,
        bidders,
        reviewer,
        waiting,
        acknowledged: Mutex::default(),
        enough: Notify::new(),
    }
}

impl Office {
    fn acknowledged(&self) -> usize {
        self.acknowledged.lock().expect("no client fails").len()
    }

    async fn send(&self, service: &ServiceProcess, work: &Work) -> Option<Value> {
        match work {
            Work::Bid { create_bidder, solicitation } => {
                let firm = &self.bidders[*create_bidder].firm;
                let input = bid_input(firm, solicitation, "100000", &json!([]));
                service.mutate(&firm.token, SUBMIT_BID, &json!({ "input": input })).await
            }
            Work::Review { create_bidder } => {
                let Bidder { disclosure, action, .. } = &self.bidders[*create_bidder];
                let (document, variables) = match action {
                    ReviewAction::Accepted => (ACCEPT_DISCLOSURE, json!({ "id": disclosure })),
                    ReviewAction::Rejected => (
                        REJECT_DISCLOSURE,
                        json!({ "input": { "disclosureId": disclosure,
                            "reasons": ["NOT_AUTHORIZED"], "explanation": "Who signed?" } }),
                    ),
                    ReviewAction::Questioned => (
                        REQUEST_CLARIFICATION,
                        json!({ "input": { "disclosureId": disclosure,
                            "question": "Which office is it with?" } }),
                    ),
                };
                service.mutate(&self.reviewer, document, &variables).await
            }
        }
    }

    /// Sends requests one by one until all are done or there is no response.
    async fn work(&self, service: &ServiceProcess) {
        loop {
            let work = self.waiting.lock().expect("no client fails").pop();
            let Some(work) = work else { break };
            let Some(answer) = self.send(service, &work).await else {
                // The service is gone: if it was not killed, waiting would never end.
                self.enough.notify_one();
                break;
            };
            self.acknowledged.lock().expect("no client fails").push((work, answer));
            if self.acknowledged() >= ACKNOWLEDGED_BEFORE_KILL {
                self.enough.notify_one();
            }
        }
    }
}

/// Lets the clients work until enough is acknowledged, and kills the service meanwhile.
async fn kill_during_work(office: &Arc<Office>, service: ServiceProcess) {
    let (mut clients, service) = (JoinSet::new(), Arc::new(service));
    for _ in 0..CLIENTS {
        let (office, service) = (Arc::clone(office), Arc::clone(&service));
        clients.spawn(async move { office.work(&service).await });
    }
    let enough = timeout(WORK_TIMEOUT, office.enough.notified()).await;
    enough.expect("a service that acknowledges so much in time");
    assert!(office.acknowledged() >= ACKNOWLEDGED_BEFORE_KILL, "it died before it was killed");
    service.kill();
    while let Some(client) = timeout(WORK_TIMEOUT, clients.join_next()).await.expect("an end") {
        client.expect("a client that does not fail");
    }
    let left = office.waiting.lock().expect("no client fails").len();
    let unknown = FIRMS * (BIDS_EACH + 1) - left - office.acknowledged();
    assert!(left > 0 && unknown > 0, "it was killed while something was under way");
}

/// Waits until the first sweep has processed everything: only items for future deadlines remain.
async fn wait_until_processed(app: &TestApp) {
    app.advance_to(&Utc::now().to_rfc3339());
    let processed = async {
        while app.has_pending_reevaluations().await {
            sleep(Duration::from_millis(50)).await;
        }
    };
    timeout(RECOVERY_TIMEOUT, processed).await.expect("a queue that is worked off");
    let swept = app.sweep().await;
    assert_eq!(
        (swept.changed, swept.has_remaining),
        (0, false),
        "every bid is as it would be decided"
    );
}

/// Asserts that rows that belong together all exist, acknowledged or not.
async fn assert_rows_are_complete(app: &TestApp) {
    for halves in [
        "SELECT COUNT(*) FROM bid WHERE 1 <> (SELECT COUNT(*) FROM ledger
            WHERE subject_id = bid.id AND action = 'bid.submitted')",
        "SELECT COUNT(*) FROM ledger WHERE action = 'bid.submitted'
            AND subject_id NOT IN (SELECT id FROM bid)",
        "SELECT COUNT(*) FROM bid WHERE NOT EXISTS (SELECT 1 FROM decision
            WHERE decision.id = bid.decision_id AND decision.subject_id = bid.id)",
        "SELECT COUNT(*) FROM decision WHERE subject_id NOT IN (SELECT id FROM bid)",
        "SELECT COUNT(*) FROM review WHERE 1 <> (SELECT COUNT(*) FROM ledger
            WHERE subject_id = disclosure_id AND action = 'disclosure.' || lower(verdict))",
        "SELECT COUNT(*) FROM clarification WHERE 1 <> (SELECT COUNT(*) FROM ledger
            WHERE subject_id = disclosure_id AND action = 'clarification.requested')",
        "SELECT COUNT(*) FROM ledger
            WHERE action IN ('disclosure.accepted', 'disclosure.rejected')
            AND subject_id NOT IN (SELECT disclosure_id FROM review)",
        "SELECT COUNT(*) FROM ledger WHERE action = 'clarification.requested'
            AND subject_id NOT IN (SELECT disclosure_id FROM clarification)",
    ] {
        assert_eq!(app.select_number(halves).await, 0, "{halves}");
    }
}

/// Asserts that every response to a client is true.
async fn assert_acknowledged_work_is_stored(office: &Office) {
    let (app, reviewer) = (&office.app, &office.reviewer);
    let decision_query = "query($id: ID!) { decision(id: $id) { outcome decisionHash factsHash } }";
    let review = "query($id: ID!) { disclosure(id: $id) { review } }";
    let acknowledged = std::mem::take(&mut *office.acknowledged.lock().expect("no client fails"));
    let bids = acknowledged.iter().filter(|(work, _)| matches!(work, Work::Bid { .. })).count();
    assert!(bids > 0 && bids < acknowledged.len(), "bids and reviews are mixed");
    for (work, answer) in &acknowledged {
        assert_eq!(answer["userErrors"], json!([]), "{work:?} {answer:#}");
        match work {
            Work::Bid { create_bidder, .. } => {
                let firm = &office.bidders[*create_bidder].firm;
                let decision = &answer["decision"];
                let id = json!({ "id": decision["id"] });
                let data = app.query(&firm.token, decision_query, id).await;
                for part in ["outcome", "decisionHash", "factsHash"] {
                    assert_eq!(data["decision"][part], decision[part], "{work:?}");
                }
                // A refused attempt has no bid in the response.
                if !answer["bid"].is_null() {
                    let bid = app.load_bid(&firm.token, &answer["bid"]["id"]).await;
                    assert_eq!(bid["decisions"][0]["id"], decision["id"], "{work:?}");
                }
            }
            Work::Review { create_bidder } => {
                let Bidder { firm, disclosure, first_bid, action } =
                    &office.bidders[*create_bidder];
                assert_eq!(answer["disclosure"]["review"], action.review(), "{answer:#}");
                let data = app.query(reviewer, review, json!({ "id": disclosure })).await;
                assert_eq!(data["disclosure"]["review"], action.review(), "{work:?}");
                let bid = app.load_bid(&firm.token, first_bid).await;
                assert_eq!(bid["status"], action.bid()[1], "{work:?}: status after the review");
            }
        }
    }
}

/// Asserts that each bid has the status that its disclosure's review requires, acknowledged or not.
async fn assert_bids_are_reevaluated(office: &Office) {
    let review = "query($id: ID!) { disclosure(id: $id) { review } }";
    for Bidder { firm, disclosure, first_bid, action } in &office.bidders {
        let variables = json!({ "id": disclosure });
        let data = office.app.query(&office.reviewer, review, variables).await;
        let review = text(&data["disclosure"]["review"]);
        let is_made = review == action.review();
        assert!(is_made || review == "UNREVIEWED", "{review}");
        let bid = office.app.load_bid(&firm.token, first_bid).await;
        assert_eq!(bid["status"], action.bid()[usize::from(is_made)], "{action:?}");
    }
}

async fn acknowledged_work_survives_a_kill(app: TestApp) {
    let office = Arc::new(create_office(app).await);
    kill_during_work(&office, ServiceProcess::start(&office.app).await).await;
    assert_rows_are_complete(&office.app).await;
    let _again = ServiceProcess::start(&office.app).await;
    wait_until_processed(&office.app).await;
    assert_acknowledged_work_is_stored(&office).await;
    assert_bids_are_reevaluated(&office).await;
    assert_rows_are_complete(&office.app).await;
    office.app.assert_verifies().await;
}
