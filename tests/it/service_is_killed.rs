//! The service is killed in the middle of its work, and started again: what it said to a client is
//! there, nothing is there by halves, and what should have followed follows.
use std::sync::{Arc, Mutex};
use std::time::Duration;

use candor_tests::fixtures::{Firm, agreements_statement, no_dealings};
use candor_tests::process::ServiceProcess;
use candor_tests::steps::{ACCEPT_DISCLOSURE, REQUEST_CLARIFICATION, REJECT_DISCLOSURE, SUBMIT_BID, bid_input, classified_agreement, text};
use candor_tests::{TestApp, Role, stories};
use chrono::{TimeDelta, Utc};
use serde_json::{Value, json};
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

stories![what_was_acknowledged_is_there_whole];

/// How many firms there are: each submits four bids, and its disclosure is reviewed once.
const FIRMS: usize = 50;
const BIDS_EACH: usize = 4;
/// How many clients speak at once.
const CLIENTS: usize = 12;
/// How much is acknowledged when the service is killed: eighty bids and twenty reviews or so.
const KILLED_AT: usize = 100;
/// The longest that the clients, or the sweep at the start, may take.
const AT_MOST: Duration = Duration::from_secs(40);
/// The longest that a worker that was killed keeps others from what it held, and some time to do it.
const RECOVERY: Duration = Duration::from_secs(100);

/// What a reviewer makes of a disclosure, and what becomes of its firm's first bid.
#[derive(Clone, Copy, Debug)]
enum Made {
    Accepted,
    Rejected,
    Questioned,
}

impl Made {
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

    /// The first bid's statuses before and after.
    const fn bid(self) -> [&'static str; 2] {
        match self {
            Self::Accepted => ["HELD", "ADMITTED"],
            Self::Rejected => ["ADMITTED", "REFUSED"],
            Self::Questioned => ["ADMITTED", "HELD"],
        }
    }
}

/// A firm with its disclosure, and a bid that hangs on it.
#[derive(Debug)]
struct Bidder {
    firm: Firm,
    disclosure: Value,
    first_bid: Value,
    made: Made,
}

/// What a client does.
#[derive(Debug)]
enum Work {
    Bid { bidder: usize, solicitation: String },
    Review { bidder: usize },
}

/// What the clients share.
#[derive(Debug)]
struct Office {
    app: TestApp,
    bidders: Vec<Bidder>,
    reviewer: String,
    waiting: Mutex<Vec<Work>>,
    acknowledged: Mutex<Vec<(Work, Value)>>,
    enough: Notify,
}

async fn bidder(app: &TestApp, place: usize, solicitation: &str) -> Bidder {
    let made = Made::of(place);
    let firm = app.register_firm(&format!("Paving {place}")).await;
    let withheld = matches!(made, Made::Accepted);
    let statement = if withheld { agreements_statement(&[classified_agreement()]) } else { no_dealings() };
    let disclosure = app.file_and_load_disclosure(&firm, statement).await["id"].clone();
    let mut submitted = app.submit_bid(&firm, solicitation, "100000").await;
    assert_eq!(submitted["bid"]["status"], made.bid()[0], "{submitted:#}");
    Bidder { firm, disclosure, first_bid: submitted["bid"]["id"].take(), made }
}

/// A city with everybody in it, and all that the clients are going to do, in an order in which
/// firms, bids and reviews are mixed.
async fn opened(app: TestApp) -> Office {
    // The process takes its time from the machine, as the service does.
    app.advance_to(&Utc::now().to_rfc3339());
    let due = (Utc::now() + TimeDelta::days(10)).to_rfc3339();
    let department = app.create_department("BSS").await;
    let first = app.publish_solicitation(&department, &due).await;
    let (mut bidders, mut waiting) = (Vec::new(), Vec::new());
    for place in 0..FIRMS {
        bidders.push(bidder(&app, place, &first).await);
        waiting.push((place * 7, Work::Review { bidder: place }));
    }
    for turn in 0..BIDS_EACH {
        let solicitation = app.publish_solicitation(&department, &due).await;
        for bidder in 0..FIRMS {
            let work = Work::Bid { bidder, solicitation: solicitation.clone() };
            waiting.push((bidder * 11 + turn * 97, work));
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

    async fn ask(&self, service: &ServiceProcess, work: &Work) -> Option<Value> {
        match work {
            Work::Bid { bidder, solicitation } => {
                let firm = &self.bidders[*bidder].firm;
                let input = bid_input(firm, solicitation, "100000", &json!([]));
                service.mutate(&firm.token, SUBMIT_BID, &json!({ "input": input })).await
            }
            Work::Review { bidder } => {
                let Bidder { disclosure, made, .. } = &self.bidders[*bidder];
                let on = (Utc::now() + TimeDelta::days(5)).date_naive();
                let (document, variables) = match made {
                    Made::Accepted => (ACCEPT_DISCLOSURE, json!({ "id": disclosure })),
                    Made::Rejected => (
                        REJECT_DISCLOSURE,
                        json!({ "input": { "disclosureId": disclosure,
                            "reasons": ["NOT_AUTHORISED"], "explanation": "Who signed?" } }),
                    ),
                    Made::Questioned => (
                        REQUEST_CLARIFICATION,
                        json!({ "input": { "disclosureId": disclosure,
                            "question": "Which office is it with?", "dueOn": on } }),
                    ),
                };
                service.mutate(&self.reviewer, document, &variables).await
            }
        }
    }

    /// Does what waits, one thing after the other, until all is done or no answer comes.
    async fn work(&self, service: &ServiceProcess) {
        loop {
            let work = self.waiting.lock().expect("no client fails").pop();
            let Some(work) = work else { break };
            let Some(answer) = self.ask(service, &work).await else {
                // It is dead: if nobody killed it, there is nothing to wait for.
                self.enough.notify_one();
                break;
            };
            self.acknowledged.lock().expect("no client fails").push((work, answer));
            if self.acknowledged() >= KILLED_AT {
                self.enough.notify_one();
            }
        }
    }
}

/// Lets the clients work until enough is acknowledged, and kills the service under them.
async fn killed_at_work(office: &Arc<Office>, service: ServiceProcess) {
    let (mut clients, service) = (JoinSet::new(), Arc::new(service));
    for _ in 0..CLIENTS {
        let (office, service) = (Arc::clone(office), Arc::clone(&service));
        clients.spawn(async move { office.work(&service).await });
    }
    let enough = timeout(AT_MOST, office.enough.notified()).await;
    enough.expect("a service that acknowledges so much in time");
    assert!(office.acknowledged() >= KILLED_AT, "it died before it was killed");
    service.kill();
    while let Some(client) = timeout(AT_MOST, clients.join_next()).await.expect("an end") {
        client.expect("a client that does not fail");
    }
    let left = office.waiting.lock().expect("no client fails").len();
    let unknown = FIRMS * (BIDS_EACH + 1) - left - office.acknowledged();
    assert!(left > 0 && unknown > 0, "it was killed while something was under way");
}

/// The sweep at the start has taken everything up: the notes that are left are of times to come.
async fn settled(app: &TestApp) {
    app.advance_to(&Utc::now().to_rfc3339());
    let taken_up = async {
        while app.has_pending_reevaluations().await {
            sleep(Duration::from_millis(50)).await;
        }
    };
    timeout(RECOVERY, taken_up).await.expect("a queue that is worked off");
    let swept = app.sweep().await;
    assert_eq!((swept.changed, swept.has_remaining), (0, false), "every bid is as it would be decided");
}

/// No row of a table is without the other, whatever was acknowledged.
async fn nothing_is_there_by_halves(app: &TestApp) {
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

/// Every answer that a client got is true.
async fn what_was_acknowledged_is_there(office: &Office) {
    let (app, reviewer) = (&office.app, &office.reviewer);
    let kept = "query($id: ID!) { decision(id: $id) { outcome decisionHash factsHash } }";
    let review = "query($id: ID!) { disclosure(id: $id) { review } }";
    let acknowledged = std::mem::take(&mut *office.acknowledged.lock().expect("no client fails"));
    let bids = acknowledged.iter().filter(|(work, _)| matches!(work, Work::Bid { .. })).count();
    assert!(bids > 0 && bids < acknowledged.len(), "bids and reviews are mixed");
    for (work, answer) in &acknowledged {
        assert_eq!(answer["userErrors"], json!([]), "{work:?} {answer:#}");
        match work {
            Work::Bid { bidder, .. } => {
                let firm = &office.bidders[*bidder].firm;
                let decision = &answer["decision"];
                let id = json!({ "id": decision["id"] });
                let seen = app.query(&firm.token, kept, id).await;
                for part in ["outcome", "decisionHash", "factsHash"] {
                    assert_eq!(seen["decision"][part], decision[part], "{work:?}");
                }
                // A refused attempt is answered without a bid.
                if !answer["bid"].is_null() {
                    let bid = app.load_bid(&firm.token, &answer["bid"]["id"]).await;
                    assert_eq!(bid["decisions"][0]["id"], decision["id"], "{work:?}");
                }
            }
            Work::Review { bidder } => {
                let Bidder { firm, disclosure, first_bid, made } = &office.bidders[*bidder];
                assert_eq!(answer["disclosure"]["review"], made.review(), "{answer:#}");
                let seen = app.query(reviewer, review, json!({ "id": disclosure })).await;
                assert_eq!(seen["disclosure"]["review"], made.review(), "{work:?}");
                let bid = app.load_bid(&firm.token, first_bid).await;
                assert_eq!(bid["status"], made.bid()[1], "{work:?}: what follows from it");
            }
        }
    }
}

/// Whether acknowledged or not: a bid is as the review of its firm's disclosure has it.
async fn what_should_follow_has_followed(office: &Office) {
    let review = "query($id: ID!) { disclosure(id: $id) { review } }";
    for Bidder { firm, disclosure, first_bid, made } in &office.bidders {
        let variables = json!({ "id": disclosure });
        let seen = office.app.query(&office.reviewer, review, variables).await;
        let review = text(&seen["disclosure"]["review"]);
        let is_made = review == made.review();
        assert!(is_made || review == "UNREVIEWED", "{review}");
        let bid = office.app.load_bid(&firm.token, first_bid).await;
        assert_eq!(bid["status"], made.bid()[usize::from(is_made)], "{made:?}");
    }
}

async fn what_was_acknowledged_is_there_whole(app: TestApp) {
    let office = Arc::new(opened(app).await);
    killed_at_work(&office, ServiceProcess::start(&office.app).await).await;
    nothing_is_there_by_halves(&office.app).await;
    let _again = ServiceProcess::start(&office.app).await;
    settled(&office.app).await;
    what_was_acknowledged_is_there(&office).await;
    what_should_follow_has_followed(&office).await;
    nothing_is_there_by_halves(&office.app).await;
    office.app.assert_verifies().await;
}
