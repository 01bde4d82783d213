//! Whatever document is sent, the answer is bounded, the refusal says what to do, and the service
//! answers the next one.
mod generated;

use std::time::{Duration, Instant};

use candor_schema::budget::MAX_ANSWER_BYTES;
use candor_tests::fixtures::{Firm, agreements_statement, e_verify_agreement};
use candor_tests::attacks::{Attack, Targets, attacks};
use candor_tests::memory::{reset_peak, peak_bytes, resident_bytes};
use candor_tests::process::ServiceProcess;
use candor_tests::steps::{detention_agreement, text};
use candor_tests::{TestApp, Role, stories};
use serde_json::{Value, json};

stories![a_mutation_says_that_it_was_done];
stories![alone: documents_that_ask_for_too_much_are_bounded];

/// What is honest, and small.
const SMALL: &str = "{ viewer { subject } policy { version } }";
/// The most bytes that errors add to an answer.
const MAX_ERROR_BYTES: usize = 64 * 1024;
/// How much more memory the service may hold at its peak, in bytes, whatever is asked.
const MAX_GROWTH: usize = 64 * 1024 * 1024;
/// How many times longer than a small query what is refused may take.
const TIMES_SMALL: u32 = 50;

/// A city with one of each thing, and a disclosure that is as long as a request may be.
struct Scene {
    /// Of somebody who may read everything.
    staff: String,
    firm: Firm,
    disclosure: String,
    solicitation: String,
    bid: String,
}

impl Scene {
    async fn of(app: &TestApp) -> Self {
        let department = app.create_department("BSS").await;
        let solicitation = app.publish_solicitation(&department, "2026-03-10T22:00:00Z").await;
        let firm = app.register_firm("Acosta Sweeping").await;
        // As many items as there may be, and then as much text.
        app.file_and_load_disclosure(&firm, fullest_statement()).await;
        let disclosure = text(&app.file_and_load_disclosure(&firm, longest_statement()).await["id"]);
        let bid = app.submit_admitted_bid(&firm, &solicitation, "100000").await;
        let roles = [Role::BcaReviewer, Role::BcaSupervisor, Role::CaoAnalyst, Role::Auditor];
        let staff = app.token("everywhere", &roles);
        app.query(&staff, SMALL, json!({})).await;
        Self { staff, firm, disclosure, solicitation, bid }
    }

    fn targets(&self) -> Targets<'_> {
        Targets {
            organization: &self.firm.id,
            disclosure: &self.disclosure,
            solicitation: &self.solicitation,
            bid: &self.bid,
        }
    }
}

/// As many agreements as a statement may have, each with little text.
fn fullest_statement() -> Value {
    let all: Vec<_> = (0..1_000)
        .map(|number| {
            let mut agreement = e_verify_agreement();
            agreement["description"] = json!(format!("Hiring site {number}."));
            agreement
        })
        .collect();
    agreements_statement(&all)
}

/// Thirty agreements with the longest descriptions, in characters that JSON escapes.
fn longest_statement() -> Value {
    let description = "\"no\"\n".repeat(20_000 / 5 - 1) + "end";
    let all: Vec<_> = (0..30)
        .map(|number| {
            let mut agreement = detention_agreement();
            agreement["identifier"] = json!(format!("70CDCR24D{number:08}"));
            agreement["description"] = json!(description);
            agreement
        })
        .collect();
    agreements_statement(&all)
}

/// Sends a body: the answer's bytes, and how long it took.
async fn sent(service: &ServiceProcess, token: &str, body: &str) -> (Vec<u8>, Duration) {
    let request = reqwest::Client::new().post(service.address()).bearer_auth(token);
    let request = request.header("content-type", "application/json").body(body.to_owned());
    let start = Instant::now();
    let answer = request.send().await.expect("an answer");
    let answer = answer.bytes().await.expect("a whole answer");
    (answer.into(), start.elapsed())
}

/// How long a small query takes, at the most of some.
async fn small(service: &ServiceProcess, token: &str) -> Duration {
    let body = json!({ "query": SMALL }).to_string();
    let mut longest = Duration::ZERO;
    for _ in 0..10 {
        longest = longest.max(sent(service, token, &body).await.1);
    }
    longest
}

async fn documents_that_ask_for_too_much_are_bounded(app: TestApp) {
    let scene = Scene::of(&app).await;
    let attacks = attacks(scene.targets());
    assert!(attacks.len() >= 80, "{}", attacks.len());
    // In a process of its own: its memory is nobody else's.
    let service = ServiceProcess::start(&app).await;
    let small = small(&service, &scene.staff).await;
    reset_peak(service.id());
    let before = resident_bytes(service.id());
    let (mut wrong, mut peaks) = (Vec::new(), Vec::new());
    for Attack { name, body, refused } in &attacks {
        let (mut answer, mut took) = sent(&service, &scene.staff, body).await;
        if refused.is_some() && took > TIMES_SMALL * small {
            // Something else may have kept the machine busy.
            (answer, took) = sent(&service, &scene.staff, body).await;
        }
        peaks.push((peak_bytes(service.id()).saturating_sub(before) >> 20, name.clone()));
        let most = if refused.is_some() { 0 } else { MAX_ANSWER_BYTES };
        if answer.len() > most + MAX_ERROR_BYTES {
            wrong.push(format!("{name}: {} bytes", answer.len()));
        }
        if refused.is_some() && took > TIMES_SMALL * small {
            wrong.push(format!("{name}: {took:?}, and a small one {small:?}"));
        }
        if let Err(told) = told(&answer, *refused) {
            wrong.push(format!("{name}: {told}"));
        }
    }
    let growth = peak_bytes(service.id()).saturating_sub(before);
    // Where the peak rose, in MiB.
    peaks.dedup_by_key(|(mebibytes, _)| *mebibytes);
    println!("{peaks:?}");
    assert_eq!(wrong, Vec::<String>::new());
    // What is kept from request to request is filled meanwhile, too.
    assert!(growth <= MAX_GROWTH / 2 * 3, "{} MiB more", growth >> 20);
    let seen = service.execute(&scene.staff, SMALL, &json!({})).await.expect("an answer");
    assert_eq!(seen["data"]["viewer"]["subject"], "everywhere");
}

/// Whether an answer says what it should: every error has a code and words, and the first has the
/// code that is expected.
fn told(answer: &[u8], refused: Option<&str>) -> Result<(), String> {
    let start = || String::from_utf8_lossy(&answer[..answer.len().min(300)]).into_owned();
    let answer: Value = serde_json::from_slice(answer).map_err(|_| start())?;
    for error in answer["errors"].as_array().into_iter().flatten() {
        let words = error["message"].as_str().unwrap_or_default();
        if words.trim().len() <= 10 || error["extensions"]["code"].as_str().is_none() {
            return Err(error.to_string());
        }
    }
    let code = answer["errors"][0]["extensions"]["code"].as_str();
    match refused {
        Some(expected) if code != Some(expected) => {
            Err(format!("{expected} is expected, not {}", start()))
        }
        Some(_) if answer["data"].as_object().is_some() => Err(format!("it ran: {}", start())),
        None if code == Some("INTERNAL") => Err(start()),
        _ => Ok(()),
    }
}

async fn a_mutation_says_that_it_was_done(app: TestApp) {
    let scene = Scene::of(&app).await;
    let withdraw = |inside: &str| {
        format!(
            "mutation {{ withdrawBid(id: \"{}\") {{ bid {{ id disclosure {{ {inside} }} }} }} }}",
            scene.bid
        )
    };
    let twenty = (0..20).map(|key| format!("k{key}: canonical ")).collect::<Vec<_>>().concat();
    let answer = app.execute(&scene.firm.token, &withdraw(&twenty), json!({})).await;
    let error = &answer["errors"][0];
    assert_eq!(error["extensions"]["code"], "LIMIT_EXCEEDED", "{answer:#}");
    let words = error["message"].as_str().expect("words");
    assert!(words.contains("larger than 8 MiB") && words.contains("(bid.withdrawn)"), "{words}");
    assert_eq!(answer["data"], Value::Null);
    let bid = format!("{{ node(id: \"{}\") {{ ... on Bid {{ status }} }} }}", scene.bid);
    let seen = app.query(&scene.firm.token, &bid, json!({})).await;
    assert_eq!(seen["node"]["status"], "WITHDRAWN");
}
