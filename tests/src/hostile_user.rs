//! What one person does who wants others to wait, and how long somebody else then does: told small
//! as a story, and at full size as a benchmark.
#![expect(clippy::missing_panics_doc, reason = "a step that fails fails its story")]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::time::{Duration, Instant};

use candor_schema::organization::model::Role;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::fixtures::{Firm, agreements_statement, attestation, no_dealings};
use crate::awards::SCREEN_NAME;
use crate::test_app::{TestApp, ISSUER, subject_email};
use crate::steps::{
    INVITE_MEMBER, BID_READINESS, REAFFIRM_DISCLOSURE, CREATE_ORGANIZATION, SAVE_DRAFT, SUBMIT_BID, bid_input, detention_agreement, text,
};

const COMPARE: &str = "query($a: ID!, $b: ID!) { compareDisclosures(a: $a, b: $b) {
    agreements { change fields { path } } } }";
const SIMULATE: &str = "query($change: PolicyChange!, $scope: SimulationScope!) {
    simulatePolicy(change: $change, scope: $scope) { subjects changed } }";
const DUE: &str = "2026-03-10T22:00:00Z";
const LATER: &str = "2026-04-10T22:00:00Z";
/// After the bids of the ring are due: sealed bids are not simulated.
const AFTER: &str = "2026-03-10T22:00:15Z";

/// What the hostile person does at full speed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scene {
    /// Firms that name each other in bids and reaffirm their disclosures.
    FirmsNameEachOther,
    /// Organizations, drafts and invitations, until and beyond the quota.
    CreatesEverything,
    /// Comparisons of large disclosures, simulations, readiness and name searches.
    HeavyQueries,
    /// Draft saves of nearly the largest body.
    LargeDrafts,
}

impl Scene {
    /// Every scene, in order.
    pub const ALL: [Self; 4] =
        [Self::FirmsNameEachOther, Self::CreatesEverything, Self::HeavyQueries, Self::LargeDrafts];
}

/// How large the scenes are.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// How many firms name each other.
    pub firms: usize,
    /// How many agreements each large disclosure has.
    pub agreements: usize,
    /// How many connections the hostile person uses.
    pub connections: usize,
    /// How large the body of a large draft is, in bytes, about.
    pub draft_bytes: usize,
    /// How many saves of the other person's draft are measured.
    pub saves: usize,
}

/// What a scene was like for the other person, and what came of the hostile one's requests.
#[derive(Clone, Debug)]
pub struct Observed {
    /// How long each of the other person's draft saves took, the shortest first.
    pub saves: Vec<Duration>,
    /// How many of them were refused as the service was busy; nothing was saved then.
    pub refused: usize,
    /// How many of the hostile person's requests were answered with each code; `OK` if with none.
    pub answers: BTreeMap<String, usize>,
}

/// The other person's measured draft, and what the hostile one works with.
pub struct Stage {
    app: Arc<TestApp>,
    size: Size,
    other: Firm,
    revision: i64,
    /// How many of its saves were refused as the service was busy.
    refused: usize,
    /// Firms of different subjects, which name each other.
    firms: Vec<Firm>,
    /// One that still takes bids once the ring's are due.
    open: String,
    /// A firm with two large disclosures, whose signatory also reads for the City.
    heavy: Firm,
    disclosures: [String; 2],
    /// Firms of the hostile person alone, one for each connection.
    own: Vec<Firm>,
    created: Arc<AtomicUsize>,
}

/// A share of sorted durations: 0.5 is the median, 0.99 the 99th percentile.
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

impl Stage {
    /// Prepares what every scene needs.
    pub async fn set(app: TestApp, size: Size) -> Self {
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

    /// How long the other person's draft saves take, the shortest first. Each is acknowledged,
    /// or refused as the service is busy: what is answered otherwise fails the scene.
    async fn saves(&mut self) -> Vec<Duration> {
        let mut took = Vec::new();
        for _ in 0..self.size.saves {
            let input = json!({ "organizationId": self.other.id, "revision": self.revision,
                "statement": no_dealings() });
            let start = Instant::now();
            let saved = self.app.execute(&self.other.token, SAVE_DRAFT, json!({ "input": input })).await;
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

    /// How long they take while nobody else asks for anything.
    pub async fn alone(&mut self) -> Vec<Duration> {
        self.saves().await
    }

    /// How long they take while the hostile person plays the scene. Afterwards every change that
    /// was refused is known not to have been saved, and every other one to have been.
    pub async fn observe(&mut self, scene: Scene) -> Observed {
        if scene == Scene::HeavyQueries {
            self.app.advance_to(AFTER);
        }
        let expected = self.stored(scene).await;
        let stop = Arc::new(AtomicBool::new(false));
        let mut connections = JoinSet::new();
        for connection in 0..self.size.connections {
            let asks = self.requests(scene, connection);
            connections.spawn(Self::at_full_speed(Arc::clone(&self.app), Arc::clone(&stop), asks));
        }
        let saves = self.saves().await;
        stop.store(true, SeqCst);
        let (mut answers, mut done) = (BTreeMap::new(), 0);
        while let Some(connection) = connections.join_next().await {
            let (codes, changed) = connection.expect("no panic");
            done += changed;
            for (code, count) in codes {
                *answers.entry(code).or_default() += count;
            }
        }
        assert_eq!(self.stored(scene).await, expected + done, "{scene:?}: {answers:?}");
        let own =
            format!("SELECT revision FROM disclosure_draft WHERE updated_by = '{ISSUER} {OTHER}'");
        assert_eq!(self.app.select_number(&own).await, self.revision);
        Observed { saves, refused: std::mem::take(&mut self.refused), answers }
    }

    /// How much the hostile person's changes have left in the database.
    async fn stored(&self, scene: Scene) -> i64 {
        let count = match scene {
            Scene::FirmsNameEachOther => "SELECT COUNT(*) FROM filing".to_owned(),
            Scene::CreatesEverything => {
                "SELECT (SELECT COUNT(*) FROM organization WHERE legal_name LIKE 'Hostile %')
                    + (SELECT COUNT(*) FROM member WHERE email LIKE 'invited-%')"
                    .to_owned()
            }
            Scene::HeavyQueries => return 0,
            Scene::LargeDrafts => {
                format!(
                    "SELECT CAST(COALESCE(SUM(revision), 0) AS BIGINT) FROM disclosure_draft
                    WHERE updated_by <> '{ISSUER} {OTHER}'"
                )
            }
        };
        self.app.select_number(&count).await
    }

    /// What a connection asks for, over and over: the token, the document, the variables.
    fn requests(&self, scene: Scene, connection: usize) -> Requests {
        match scene {
            Scene::FirmsNameEachOther => {
                let firms = self.firms.clone();
                let step = self.size.connections;
                Box::new(move |turn, _| {
                    let firm = &firms[(connection + turn * step) % firms.len()];
                    let input = json!({ "organization": firm.id, "attestation": attestation() });
                    (firm.token.clone(), REAFFIRM_DISCLOSURE, input)
                })
            }
            Scene::CreatesEverything => {
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
            Scene::HeavyQueries => {
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
            Scene::LargeDrafts => {
                // Each connection has a draft of its own, so that none waits for another's revision.
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

    /// Asks until it is stopped: how many answers had each code, and how many changes were done.
    async fn at_full_speed(
        app: Arc<TestApp>,
        stop: Arc<AtomicBool>,
        mut asks: Requests,
    ) -> (BTreeMap<String, usize>, i64) {
        let (mut codes, mut done, mut is_ok) = (BTreeMap::new(), 0, false);
        for turn in 0.. {
            if stop.load(SeqCst) {
                break;
            }
            let (token, call, variables) = asks(turn, is_ok);
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

/// The subject of the other person's token.
const OTHER: &str = "other-sweeping";

/// What a connection asks for at each turn, told whether its last request was done.
type Requests = Box<dyn FnMut(usize, bool) -> (String, &'static str, Value) + Send>;
