//! A hostile user who slows the service down, and how long another user's requests take meanwhile.
//! Runs in small as a story and at full size as a benchmark.
#![expect(clippy::missing_panics_doc, reason = "a failed step fails its story")]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::time::{Duration, Instant};

use candor_schema::organization::model::Role;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::awards::SCREEN_NAME;
use crate::due_times::march::{AFTER, DUE};
use crate::fixtures::{Firm, agreements_statement, no_dealings};
use crate::steps::{
    BID_READINESS, CREATE_ORGANIZATION, INVITE_MEMBER, REAFFIRM_DISCLOSURE, SAVE_DRAFT, SUBMIT_BID,
    bid_input, detention_agreement, reaffirmation, text,
};
use crate::test_app::{ISSUER, TestApp, subject_email};

const COMPARE: &str = "query($a: ID!, $b: ID!) { compareDisclosures(a: $a, b: $b) {
    agreements { change fields { path } } } }";
const SIMULATE: &str = "query($change: PolicyChange!, $scope: SimulationScope!) {
    simulatePolicy(change: $change, scope: $scope) { subjects changed } }";
const LATER: &str = "2026-04-10T22:00:00Z";

/// What the hostile user sends at full speed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Workload {
    /// Firms that name each other in bids and reaffirm their disclosures.
    FirmsNameEachOther,
    /// Organizations, drafts and invitations, until and beyond the quota.
    CreatesEverything,
    /// Comparisons of large disclosures, simulations, readiness and name searches.
    HeavyQueries,
    /// Draft saves of nearly the largest body.
    LargeDrafts,
}

impl Workload {
    /// Every workload, in order.
    pub const ALL: [Self; 4] =
        [Self::FirmsNameEachOther, Self::CreatesEverything, Self::HeavyQueries, Self::LargeDrafts];
}

/// Sizes of the scenario.
#[derive(Clone, Copy, Debug)]
pub struct ScenarioSize {
    /// Number of firms that name each other.
    pub firms: usize,
    /// Number of agreements in each large disclosure.
    pub agreements: usize,
    /// Number of connections of the hostile user.
    pub connections: usize,
    /// Approximate body size of a large draft, in bytes.
    pub draft_bytes: usize,
    /// Number of measured saves of the other user's draft.
    pub saves: usize,
}

/// What was measured while a workload ran.
#[derive(Clone, Debug)]
pub struct Observation {
    /// Duration of each draft save of the other user, shortest first.
    pub saves: Vec<Duration>,
    /// Number of saves refused because the service was busy; nothing was saved then.
    pub refused: usize,
    /// Number of the hostile user's responses by error code; `OK` without an error.
    pub answers: BTreeMap<String, usize>,
}

/// The other user's measured draft, and the objects that the hostile user works with.
pub struct HostileScenario {
    app: Arc<TestApp>,
    size: ScenarioSize,
    other: Firm,
    revision: i64,
    /// Number of its saves refused because the service was busy.
    refused: usize,
    /// Firms of different subjects, which name each other.
    firms: Vec<Firm>,
    /// Solicitation that is open after the ring's bids are due.
    open: String,
    /// Firm with two large disclosures, whose signatory is also a City analyst.
    heavy: Firm,
    disclosures: [String; 2],
    /// Firms of the hostile user alone, one for each connection.
    own: Vec<Firm>,
    created: Arc<AtomicUsize>,
}

/// Returns a quantile of sorted durations: 0.5 is the median, 0.99 the 99th percentile.
#[must_use]
pub fn quantile(sorted: &[Duration], share: f64) -> Duration {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "an index below a length"
    )]
    let index = ((sorted.len() as f64 * share) as usize).min(sorted.len().saturating_sub(1));
    sorted[index]
}

fn large_statement(items: usize, words: &str) -> Value {
    let item = |index: usize| {
        let mut item = detention_agreement();
        item["identifier"] = json!(format!("70CDCR24D{index:08}"));
        item["description"] = json!(format!("Beds in building {index}. {words}"));
        item
    };
    agreements_statement(&(0..items).map(item).collect::<Vec<_>>())
}

impl HostileScenario {
    /// Creates what every workload needs.
    pub async fn prepare(app: TestApp, size: ScenarioSize) -> Self {
        let app = app.as_in_production().await;
        let department = app.create_department("BSS").await;
        let solicitation = app.publish_solicitation(&department, DUE).await;
        let open = app.publish_solicitation(&department, LATER).await;
        let other = app.register_firm("Other Sweeping").await;
        let (_, revision) = app.save_draft(&other, no_dealings()).await;
        let mut firms = Vec::new();
        for index in 0..size.firms {
            firms.push(app.register_disclosing_firm(&format!("Ring {index}")).await);
        }
        for firm in &firms {
            let named = firms.iter().filter(|named| named.id != firm.id).map(|named| {
                json!({ "organizationId": named.id, "name": "A firm of the ring",
                    "amount": { "amount": "30000", "currency": "USD" } })
            });
            let named = named.collect::<Vec<_>>();
            let input = bid_input(firm, &solicitation, "9000000", &json!(named));
            let bid = app.mutate(&firm.token, SUBMIT_BID, json!({ "input": input })).await;
            assert_eq!(bid["bid"]["status"], "ADMITTED", "{bid:#}");
        }
        let mut heavy = app.register_firm("Heavy Sweeping").await;
        let mut disclosures = [String::new(), String::new()];
        for (place, words) in disclosures.iter_mut().zip(["First.", "Second, with more words."]) {
            *place = app.file_disclosure(&heavy, large_statement(size.agreements, words)).await;
        }
        heavy.token = app.token("heavy-sweeping", &[Role::Bidder, Role::CaoAnalyst]);
        let mut own = Vec::new();
        for index in 0..size.connections {
            let input = json!({ "kind": "CORPORATION", "legalName": format!("Draft {index}") });
            own.push(app.register_organization("heavy-sweeping", input).await);
        }
        let created = Arc::default();
        let app = Arc::new(app);
        Self {
            app,
            size,
            other,
            revision,
            refused: 0,
            firms,
            open,
            heavy,
            disclosures,
            own,
            created,
        }
    }

    /// Measures the other user's draft saves, shortest first. Each must be acknowledged or refused
    /// because the service is busy; any other response fails the scenario.
    async fn measure_saves(&mut self) -> Vec<Duration> {
        let mut took = Vec::new();
        for _ in 0..self.size.saves {
            let input = json!({ "organizationId": self.other.id, "revision": self.revision,
                "statement": no_dealings() });
            let start = Instant::now();
            let saved =
                self.app.execute(&self.other.token, SAVE_DRAFT, json!({ "input": input })).await;
            took.push(start.elapsed());
            if saved["errors"][0]["extensions"]["code"] == "UNAVAILABLE" {
                self.refused += 1;
                continue;
            }
            self.revision += 1;
            let saved = &saved["data"]["saveDisclosureDraft"]["disclosure"];
            assert_eq!(saved["revision"], self.revision);
        }
        took.sort_unstable();
        took
    }

    /// Measures the saves without other load.
    pub async fn measure_alone(&mut self) -> Vec<Duration> {
        self.measure_saves().await
    }

    /// Measures the saves while the hostile user runs a workload. Afterwards checks that every
    /// refused change was not saved and every other change was.
    pub async fn measure_during(&mut self, workload: Workload) -> Observation {
        if workload == Workload::HeavyQueries {
            // Sealed bids are not simulated.
            self.app.advance_to(AFTER);
        }
        let expected = self.stored(workload).await;
        let stop = Arc::new(AtomicBool::new(false));
        let mut connections = JoinSet::new();
        for connection in 0..self.size.connections {
            let next_request = self.requests(workload, connection);
            connections.spawn(Self::send_until_stopped(
                Arc::clone(&self.app),
                Arc::clone(&stop),
                next_request,
            ));
        }
        let saves = self.measure_saves().await;
        stop.store(true, SeqCst);
        let (mut answers, mut done) = (BTreeMap::new(), 0);
        while let Some(connection) = connections.join_next().await {
            let (codes, changed) = connection.expect("no panic");
            done += changed;
            for (code, count) in codes {
                *answers.entry(code).or_default() += count;
            }
        }
        assert_eq!(self.stored(workload).await, expected + done, "{workload:?}: {answers:?}");
        let own =
            format!("SELECT revision FROM disclosure_draft WHERE updated_by = '{ISSUER} {OTHER}'");
        assert_eq!(self.app.select_number(&own).await, self.revision);
        Observation { saves, refused: std::mem::take(&mut self.refused), answers }
    }

    /// Counts the hostile user's changes in the database.
    async fn stored(&self, workload: Workload) -> i64 {
        let count = match workload {
            Workload::FirmsNameEachOther => "SELECT COUNT(*) FROM filing".to_owned(),
            Workload::CreatesEverything => {
                "SELECT (SELECT COUNT(*) FROM organization WHERE legal_name LIKE 'Hostile %')
                    + (SELECT COUNT(*) FROM member WHERE email LIKE 'invited-%')"
                    .to_owned()
            }
            Workload::HeavyQueries => return 0,
            Workload::LargeDrafts => {
                format!(
                    "SELECT CAST(COALESCE(SUM(revision), 0) AS BIGINT) FROM disclosure_draft
                    WHERE updated_by <> '{ISSUER} {OTHER}'"
                )
            }
        };
        self.app.select_number(&count).await
    }

    /// Returns the generator of a connection's requests.
    fn requests(&self, workload: Workload, connection: usize) -> Requests {
        match workload {
            Workload::FirmsNameEachOther => {
                // Each connection has its own firms, so that it knows the version that each has filed.
                let own = self.firms.iter().skip(connection).step_by(self.size.connections);
                let mut filed: Vec<(Firm, i64)> = own.map(|firm| (firm.clone(), 1)).collect();
                let mut last = None::<usize>;
                Box::new(move |turn, is_filed| {
                    if let Some((_, version)) = last.and_then(|last| filed.get_mut(last))
                        && is_filed
                    {
                        *version += 1;
                    }
                    let next = turn % filed.len();
                    last = Some(next);
                    let (firm, version) = &filed[next];
                    (firm.token.clone(), REAFFIRM_DISCLOSURE, reaffirmation(firm, *version))
                })
            }
            Workload::CreatesEverything => {
                let (firm, created) = (self.heavy.clone(), Arc::clone(&self.created));
                Box::new(move |turn, _| {
                    let number = created.fetch_add(1, SeqCst);
                    let name = format!("Hostile {number}");
                    let organization = json!({ "kind": "CORPORATION", "legalName": name });
                    let invitation = json!({ "organizationId": firm.id, "role": "PREPARER",
                        "email": subject_email(&format!("invited-{number}")) });
                    let (call, input) = match turn % 2 {
                        0 => (CREATE_ORGANIZATION, organization),
                        _ => (INVITE_MEMBER, invitation),
                    };
                    (firm.token.clone(), call, json!({ "input": input }))
                })
            }
            Workload::HeavyQueries => {
                let (firm, [a, b]) = (self.heavy.clone(), self.disclosures.clone());
                let named = self.firms.iter().map(|named| {
                    json!({ "organizationId": named.id, "name": "A firm of the ring",
                        "amount": { "amount": "30000", "currency": "USD" } })
                });
                let named = json!(named.collect::<Vec<_>>());
                let bid = bid_input(&firm, &self.open, "9000000", &named);
                Box::new(move |turn, _| {
                    let (call, variables) = match (connection + turn) % 4 {
                        0 => (COMPARE, json!({ "a": a, "b": b })),
                        1 => {
                            let change = json!({ "parameters": [
                                { "name": "freshnessDays", "value": 180 }] });
                            (SIMULATE, json!({ "change": change, "scope": { "bids": {} } }))
                        }
                        2 => (BID_READINESS, json!({ "input": bid })),
                        _ => (SCREEN_NAME, json!({ "name": "Ring Sweeping of the Harbor" })),
                    };
                    (firm.token.clone(), call, variables)
                })
            }
            Workload::LargeDrafts => {
                // Each connection has its own draft, so that none waits for another's revision.
                let firm = self.own[connection].clone();
                let each = 2_000;
                let words = "Beds, meals and buses. ".repeat(each / 23);
                let statement = large_statement(self.size.draft_bytes / (each + 600), &words);
                let mut revision = None::<i64>;
                Box::new(move |_, is_saved| {
                    if is_saved {
                        revision = Some(revision.unwrap_or_default() + 1);
                    }
                    let input = json!({ "organizationId": firm.id, "revision": revision,
                        "statement": statement });
                    (firm.token.clone(), SAVE_DRAFT, json!({ "input": input }))
                })
            }
        }
    }

    /// Sends requests until stopped; returns the number of responses by code, and of changes made.
    async fn send_until_stopped(
        app: Arc<TestApp>,
        stop: Arc<AtomicBool>,
        mut next_request: Requests,
    ) -> (BTreeMap<String, usize>, i64) {
        let (mut codes, mut done, mut is_ok) = (BTreeMap::new(), 0, false);
        for turn in 0.. {
            if stop.load(SeqCst) {
                break;
            }
            let (token, call, variables) = next_request(turn, is_ok);
            let answer = app.execute(&token, call, variables).await;
            let code = match answer["errors"].get(0) {
                Some(error) => text(&error["extensions"]["code"]),
                None => "OK".to_owned(),
            };
            is_ok = code == "OK";
            done += i64::from(is_ok && call.starts_with("mutation"));
            *codes.entry(code).or_default() += 1;
        }
        (codes, done)
    }
}

/// Subject of the other user's token.
const OTHER: &str = "other-sweeping";

/// Returns the token, document and variables of the request with an index, given whether the
/// previous request succeeded.
type Requests = Box<dyn FnMut(usize, bool) -> (String, &'static str, Value) + Send>;
