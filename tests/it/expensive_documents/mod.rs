//! For any document, the response is bounded, a refusal says what to do, and the service answers
//! the next request.
mod generated;

use std::time::{Duration, Instant};

use candor_schema::budget::MAX_ANSWER_BYTES;
use candor_tests::attacks::{Attack, Targets, attacks};
use candor_tests::fixtures::{Firm, agreements_statement, e_verify_agreement};
use candor_tests::memory::{peak_bytes, reset_peak, resident_bytes};
use candor_tests::process::ServiceProcess;
use candor_tests::steps::{detention_agreement, text};
use candor_tests::{Role, TestApp, stories};
use serde_json::{Value, json};

stories![
    a_refused_selection_reports_that_the_mutation_was_done,
    the_text_of_an_answers_statements_is_bounded,
];
stories![alone: documents_that_ask_for_too_much_are_bounded];

/// A small valid query.
const SMALL: &str = "{ viewer { subject } policy { version } }";
/// Maximum bytes of errors in a response.
const MAX_ERROR_BYTES: usize = 64 * 1024;
/// Maximum growth of the service's peak memory, in bytes.
const MAX_GROWTH: usize = 64 * 1024 * 1024;
/// Maximum duration of a refused request, as a multiple of a small query.
const TIMES_SMALL: u32 = 50;

/// Objects of each kind, and a disclosure as long as a request may be.
struct Scene {
    /// Token of a user who may read everything.
    staff: String,
    firm: Firm,
    disclosure: String,
    solicitation: String,
    bid: String,
}

impl Scene {
    async fn create(app: &TestApp) -> Self {
        let department = app.create_department("BSS").await;
        let solicitation = app.publish_solicitation(&department, "2026-03-10T22:00:00Z").await;
        let firm = app.register_firm("Acosta Sweeping").await;
        // The maximum number of items, and then the maximum text.
        app.file_and_load_disclosure(&firm, fullest_statement()).await;
        let disclosure =
            text(&app.file_and_load_disclosure(&firm, longest_statement()).await["id"]);
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

/// Returns the maximum number of agreements, each with little text.
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

/// Returns thirty agreements with maximum descriptions, in characters that JSON escapes.
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

/// Sends a body; returns the response's bytes and duration.
async fn send(service: &ServiceProcess, token: &str, body: &str) -> (Vec<u8>, Duration) {
    let request = reqwest::Client::new().post(service.address()).bearer_auth(token);
    let request = request.header("content-type", "application/json").body(body.to_owned());
    let start = Instant::now();
    let answer = request.send().await.expect("an answer");
    let answer = answer.bytes().await.expect("a whole answer");
    (answer.into(), start.elapsed())
}

/// Returns the longest of several small queries.
async fn measure_small_query(service: &ServiceProcess, token: &str) -> Duration {
    let body = json!({ "query": SMALL }).to_string();
    let mut longest = Duration::ZERO;
    for _ in 0..10 {
        longest = longest.max(send(service, token, &body).await.1);
    }
    longest
}

async fn the_text_of_an_answers_statements_is_bounded(app: TestApp) {
    let firm = app.register_firm("Acosta Sweeping").await;
    app.file_and_load_disclosure(&firm, longest_statement()).await;
    // Little is selected, but the whole statement is read for each alias.
    let statements = |field: &str, organizations: usize| {
        let page = |page| format!("p{page}: disclosures(first: 1) {{ nodes {{ {field} }} }}");
        let pages = (0..20).map(page).collect::<Vec<_>>().join(" ");
        let organization = |number| format!("o{number}: organization(id: $id) {{ {pages} }}");
        let organizations = (0..organizations).map(organization).collect::<Vec<_>>().join(" ");
        format!("query($id: ID!) {{ {organizations} }}")
    };
    for field in ["statement { dhs { noneAttested } }", "answers { path }"] {
        for (organizations, expected) in [(1, None), (3, Some("LIMIT_EXCEEDED"))] {
            let query = statements(field, organizations);
            let answer = app.execute(&firm.token, &query, json!({ "id": firm.id })).await;
            let code = answer["errors"][0]["extensions"]["code"].as_str();
            assert_eq!(code, expected, "{field} {organizations}");
            assert_eq!(answer["data"].is_null(), expected.is_some(), "{field} {organizations}");
        }
    }
}

async fn documents_that_ask_for_too_much_are_bounded(app: TestApp) {
    let scene = Scene::create(&app).await;
    let attacks = attacks(scene.targets());
    assert!(attacks.len() >= 80, "{}", attacks.len());
    // A child process, whose memory use is only its own.
    let service = ServiceProcess::start(&app).await;
    let measure_small_query = measure_small_query(&service, &scene.staff).await;
    reset_peak(service.id());
    let before = resident_bytes(service.id());
    let (mut wrong, mut peaks) = (Vec::new(), Vec::new());
    for Attack { name, body, refused } in &attacks {
        let (mut answer, mut took) = send(&service, &scene.staff, body).await;
        if refused.is_some() && took > TIMES_SMALL * measure_small_query {
            // Other load may have kept the machine busy.
            (answer, took) = send(&service, &scene.staff, body).await;
        }
        peaks.push((peak_bytes(service.id()).saturating_sub(before) >> 20, name.clone()));
        let most = if refused.is_some() { 0 } else { MAX_ANSWER_BYTES };
        if answer.len() > most + MAX_ERROR_BYTES {
            wrong.push(format!("{name}: {} bytes", answer.len()));
        }
        if refused.is_some() && took > TIMES_SMALL * measure_small_query {
            wrong.push(format!("{name}: {took:?}, and a small one {measure_small_query:?}"));
        }
        if let Err(problem) = check_answer(&answer, *refused) {
            wrong.push(format!("{name}: {problem}"));
        }
    }
    let growth = peak_bytes(service.id()).saturating_sub(before);
    // Documents that raised the peak, in MiB.
    peaks.dedup_by_key(|(mebibytes, _)| *mebibytes);
    println!("{peaks:?}");
    assert_eq!(wrong, Vec::<String>::new());
    // Caches fill meanwhile, too.
    assert!(growth <= MAX_GROWTH / 2 * 3, "{} MiB more", growth >> 20);
    let data = service.execute(&scene.staff, SMALL, &json!({})).await.expect("an answer");
    assert_eq!(data["data"]["viewer"]["subject"], "everywhere");
}

/// Checks that every error has a code and a message, and that the first has the expected code.
fn check_answer(answer: &[u8], refused: Option<&str>) -> Result<(), String> {
    let start = || String::from_utf8_lossy(&answer[..answer.len().min(300)]).into_owned();
    let answer: Value = serde_json::from_slice(answer).map_err(|_| start())?;
    for error in answer["errors"].as_array().into_iter().flatten() {
        let message = error["message"].as_str().unwrap_or_default();
        if message.trim().len() <= 10 || error["extensions"]["code"].as_str().is_none() {
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

async fn a_refused_selection_reports_that_the_mutation_was_done(app: TestApp) {
    let scene = Scene::create(&app).await;
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
    let message = error["message"].as_str().expect("words");
    assert!(
        message.contains("larger than 8 MiB") && message.contains("(bid.withdrawn)"),
        "{message}"
    );
    assert_eq!(answer["data"], Value::Null);
    let bid = format!("{{ node(id: \"{}\") {{ ... on Bid {{ status }} }} }}", scene.bid);
    let data = app.query(&scene.firm.token, &bid, json!({})).await;
    assert_eq!(data["node"]["status"], "WITHDRAWN");
}
