//! Each request has one log line, which shows how it went and nothing about the people in it.
use std::collections::BTreeSet;

use candor_tests::collector::Collector;
use candor_tests::process::{LoggedStories, ServiceProcess, run_with_log};
use candor_tests::steps::bid_input;
use candor_tests::{Engine, Role, TestApp, stories};
use memchr::memmem;
use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};
use tokio::task::JoinSet;

stories![
    each_request_has_one_line,
    statements_of_concurrent_requests_are_counted_apart,
    a_log_and_traces_have_no_names_addresses_and_texts,
    each_request_has_one_trace,
    a_collector_that_is_away_delays_nothing,
    metrics_have_no_names_addresses_and_texts,
];

const TRACE_ID: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const TRACEPARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

/// A query of lists, the items of which loaders complete.
const DISCLOSURES: &str = "query DisclosuresOfAFirm($id: ID!) { organization(id: $id) {
    legalName members { role } draft { id } disclosures(first: 10) { nodes {
        id status organization { legalName } reviews { verdict } } } } }";
const READINESS: &str =
    "query Readiness($input: BidInput!) { bidReadiness(input: $input) { outcome } }";
const CREATE: &str = "mutation CreateFirm($input: OrganizationInput!) {
    createOrganization(input: $input) { organization { id } userErrors { code } } }";

/// A service with a log and a client that numbers its requests.
struct Logged {
    service: ServiceProcess,
    client: Client,
}

impl Logged {
    async fn start(app: &TestApp) -> Self {
        let service = ServiceProcess::start_with_log(app, "info").await;
        Self { service, client: Client::new() }
    }

    /// Builds a GraphQL request with this request id.
    fn post(&self, id: &str, body: &Value) -> RequestBuilder {
        self.client.post(self.service.address()).header("x-request-id", id).json(body)
    }

    /// Sends a request and returns its log line, without the time, the duration and the number of
    /// statements, and that number.
    async fn line_of(&self, id: &str, request: RequestBuilder) -> (Value, u64) {
        request.send().await.expect("an answer").bytes().await.expect("a whole answer");
        let mut line = self.service.wait_for_request_line(id);
        let fields = line.as_object_mut().expect("an object");
        let removed = ["timestamp", "duration_ms", "statements"].map(|name| fields.remove(name));
        let [Some(timestamp), Some(duration), Some(statements)] = removed else {
            panic!("no time, duration or statements: {removed:?}")
        };
        assert!(timestamp.is_string() && duration.is_u64(), "{timestamp} {duration}");
        (line, statements.as_u64().expect("a number of statements"))
    }
}

/// Returns the line of a request, without the members that differ each time.
fn expected_line(span: &Value, fields: &Value) -> Value {
    let mut line = json!({
        "level": "INFO", "message": "request ended", "target": "candor::http::request_log",
    });
    let mut span = span.clone();
    span["name"] = json!("request");
    let all = line.as_object_mut().expect("an object");
    all.extend(fields.as_object().expect("fields").clone());
    all.insert("spans".to_owned(), json!([span]));
    all.insert("span".to_owned(), span);
    line
}

fn graphql_span(id: &str) -> Value {
    json!({ "id": id, "method": "POST", "route": "/graphql" })
}

async fn each_request_has_one_line(app: TestApp) {
    let logged = Logged::start(&app).await;
    let firm = app.register_disclosing_firm("Prime Paving").await;
    let firm_id = json!({ "id": firm.id });

    // A query with a trace, the statements of which the test's own service counts as well.
    let query = json!({ "query": DISCLOSURES, "variables": firm_id });
    // The first time reads what is kept in memory afterwards.
    let warm_up = logged.post("warm-up", &query).bearer_auth(&firm.token);
    logged.line_of("warm-up", warm_up).await;
    app.query(&firm.token, DISCLOSURES, firm_id.clone()).await;
    let before = app.count_statements();
    app.query(&firm.token, DISCLOSURES, firm_id).await;
    let statements = u64::try_from(app.count_statements() - before).expect("a small number");
    assert!(statements > 3, "{statements}");
    let request = logged.post("query", &query).bearer_auth(&firm.token);
    let line = logged.line_of("query", request.header("traceparent", TRACEPARENT)).await;
    let mut span = graphql_span("query");
    span["trace_id"] = json!(TRACE_ID);
    let fields = json!({ "operation": "DisclosuresOfAFirm", "outcome": "ok", "status": 200 });
    assert_eq!(line, (expected_line(&span, &fields), statements));

    // A mutation with user errors is a complete answer. Its traceparent is not valid.
    let input = json!({ "input": { "kind": "CORPORATION", "legalName": " " } });
    let mutation = json!({ "query": CREATE, "variables": input, "operationName": "CreateFirm" });
    let token = app.token("someone", &[Role::Bidder]);
    let request = logged.post("mutation", &mutation).bearer_auth(&token);
    let request = request.header("traceparent", TRACEPARENT.to_uppercase());
    let (line, statements) = logged.line_of("mutation", request).await;
    let fields = json!({ "operation": "CreateFirm", "outcome": "ok", "status": 200 });
    assert_eq!(line, expected_line(&graphql_span("mutation"), &fields));
    assert!(statements > 0, "at least the sign-in");

    // Without a token, nothing of the request is read, and nothing of the database.
    let (line, statements) = logged.line_of("anonymous", logged.post("anonymous", &query)).await;
    let fields = json!({ "outcome": "UNAUTHENTICATED", "status": 401 });
    assert_eq!(line, expected_line(&graphql_span("anonymous"), &fields));
    assert_eq!(statements, 0);

    // A document that is too large, with a long name; and one whose operation name is not a name.
    let long = "a".repeat(100);
    let too_much = vec!["viewer { subject }"; 60];
    let too_much = too_much.iter().enumerate().map(|(n, field)| format!("f{n}: {field}"));
    let too_much = format!("query {long} {{ {} }}", too_much.collect::<String>());
    let refused = json!({ "query": too_much, "operationName": long });
    let request = logged.post("refused", &refused).bearer_auth(&firm.token);
    let (line, statements) = logged.line_of("refused", request).await;
    let fields = json!({ "operation": "a".repeat(64), "outcome": "LIMIT_EXCEEDED", "status": 200 });
    assert_eq!(line, expected_line(&graphql_span("refused"), &fields));
    assert_eq!(statements, 0);
    let nameless = json!({ "query": "{ viewer", "operationName": "Jane Doe" });
    let request = logged.post("malformed", &nameless).bearer_auth(&firm.token);
    let (line, _) = logged.line_of("malformed", request).await;
    let fields = json!({ "outcome": "BAD_USER_INPUT", "status": 200 });
    assert_eq!(line, expected_line(&graphql_span("malformed"), &fields));

    // A resolver's fault.
    let other = app.register_firm("Other Paving").await;
    let department = app.create_department("BSS").await;
    let solicitation = app.publish_solicitation(&department, "2027-02-11T22:00:00Z").await;
    let input = bid_input(&firm, &solicitation, "1000", &json!([]));
    let readiness = json!({ "query": READINESS, "variables": { "input": input } });
    let request = logged.post("forbidden", &readiness).bearer_auth(&other.token);
    let answer = app.execute(&other.token, READINESS, readiness["variables"].clone()).await;
    let code = &answer["errors"][0]["extensions"]["code"];
    assert!(code.is_string(), "{answer}");
    let (line, _) = logged.line_of("forbidden", request).await;
    let fields = json!({ "operation": "Readiness", "outcome": code, "status": 200 });
    assert_eq!(line, expected_line(&graphql_span("forbidden"), &fields));

    // Other routes, and a path that is none: it is not logged, because it can be anything.
    for (id, path, route, outcome, status) in [
        ("alive", "/healthz?of=jane@people.example", "/healthz", "ok", 200),
        ("no-file", "/graphiql/jane.js", "/graphiql/{file}", "BAD_USER_INPUT", 404),
        ("nowhere", "/people/jane", "none", "BAD_USER_INPUT", 404),
    ] {
        let address = logged.service.address().replace("/graphql", path);
        let request = logged.client.get(address).header("x-request-id", id);
        let span = json!({ "id": id, "method": "GET", "route": route });
        let line = logged.line_of(id, request).await;
        let fields = json!({ "outcome": outcome, "status": status });
        assert_eq!(line, (expected_line(&span, &fields), 0));
    }
}

async fn statements_of_concurrent_requests_are_counted_apart(app: TestApp) {
    let logged = Logged::start(&app).await;
    let firm = app.register_disclosing_firm("Prime Paving").await;
    let query = json!({ "query": DISCLOSURES, "variables": { "id": firm.id } });
    let warm_up = logged.post("warm-up", &query).bearer_auth(&firm.token);
    logged.line_of("warm-up", warm_up).await;
    let (_, alone) =
        logged.line_of("alone", logged.post("alone", &query).bearer_auth(&firm.token)).await;
    let mut requests = JoinSet::new();
    for _ in 0..16 {
        let request = logged.post("together", &query).bearer_auth(&firm.token);
        requests.spawn(async move { request.send().await.expect("an answer").status() });
    }
    for status in requests.join_all().await {
        assert_eq!(status, 200);
    }
    for _ in 0..16 {
        let line = logged.service.wait_for_request_line("together");
        assert_eq!(line["statements"], json!(alone), "{line}");
    }
}

/// Stories of every feature whose requests have names, addresses and long texts, valid and invalid ones.
const STORIES: &[&str] = &[
    "api_keys::a_key_has_the_roles_of_its_scopes",
    "awards_are_matched::an_appeal_is_decided_by_another_supervisor",
    "awards_are_matched::an_undisclosed_award_blocks_only_after_notice_and_response",
    "bidder_files::a_withdrawn_disclosure_is_not_current",
    "bidder_files::all_gaps_are_reported_at_once",
    "contract_is_assigned::the_new_holder_reads_nothing_of_the_old_one",
    "identifiers_are_claimed::a_second_claim_is_refused_or_disputed",
    "officer_awards::a_contract_is_awarded_to_a_bid",
    "officer_awards::invalid_award_input_is_reported",
    "officer_awards::the_database_refuses_invalid_contracts",
    "officer_solicits::a_published_solicitation_changes_only_by_addenda",
    "officer_solicits::all_errors_of_a_solicitation_are_reported_at_once",
    "organizations_are_merged::invalid_merges_are_refused",
    "paper_disclosures::gaps_of_a_paper_form_are_reported",
    "people_have_names::an_unreadable_name_is_ignored",
    "people_have_names::names_are_shown_beside_subjects",
    "people_join::an_invitation_is_accepted_at_the_first_verified_sign_in",
    "policy_changes::reaffirming_takes_one_step",
    "review_queue::waivers_and_exemptions_are_matters",
    "reviewer_decides::a_rejection_is_appealed_upheld_and_reopened",
    "reviewer_decides::invalid_review_actions_change_nothing",
    "reviewer_hands_over::a_review_is_handed_over",
    "waivers_are_granted::a_waiver_admits_a_refused_firm_and_applies_to_the_award",
];

/// Adds every text of a JSON value to `texts`.
fn add_texts(value: &Value, texts: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => {
            texts.insert(text.clone());
        }
        Value::Array(items) => items.iter().for_each(|item| add_texts(item, texts)),
        Value::Object(members) => members.values().for_each(|member| add_texts(member, texts)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Returns whether a text that was sent must not be in the log: an address, a token, an API key, several
/// words, or a name, and not an identifier, a date or an enum value.
fn is_private(text: &str) -> bool {
    let is_name = text.chars().all(|letter| letter.is_alphabetic() || "-.'".contains(letter))
        && text.starts_with(char::is_uppercase)
        && text.contains(char::is_lowercase);
    text.len() >= 4
        && (is_name || text.contains(['@', ' ']) || is_credential(text))
        && !text.trim().is_empty()
}

/// Returns whether a text is a token of an issuer or an API key.
fn is_credential(text: &str) -> bool {
    text.starts_with("eyJ") || text.starts_with("candor_")
}

/// Lists the private texts that a log shows.
fn find_private_texts<'a>(log: &[String], private: &'a BTreeSet<String>) -> Vec<&'a str> {
    let mut logged = BTreeSet::new();
    for line in log {
        add_texts(&serde_json::from_str(line).expect(line), &mut logged);
    }
    let is_logged = |text: &&String| logged.iter().any(|line| line.contains(text.trim()));
    private.iter().filter(is_logged).map(String::as_str).collect()
}

async fn a_log_and_traces_have_no_names_addresses_and_texts(app: TestApp) {
    let collector = Collector::start().await;
    let engine = match app.engine {
        Engine::Sqlite => "on_sqlite",
        Engine::Postgres => "on_postgres",
    };
    let stories: Vec<_> = STORIES.iter().map(|story| format!("{story}::{engine}")).collect();
    let LoggedStories { log, sent } = run_with_log(&stories, "debug", &collector).await;
    let mut private = BTreeSet::new();
    for value in &sent {
        add_texts(value, &mut private);
    }
    private.retain(|text| is_private(text));
    for (kind, least) in [("@", 3), (" ", 20), ("eyJ", 5), ("candor_", 4)] {
        let number = private.iter().filter(|text| text.contains(kind)).count();
        assert!(number >= least, "{number} texts with {kind:?}: {private:#?}");
    }
    let is_request = |line: &&String| line.contains("request ended");
    let number = log.iter().filter(is_request).count();
    assert!(number >= sent.len(), "{number} lines of {} requests", sent.len());
    assert_eq!(find_private_texts(&log, &private), Vec::<&str>::new());
    // The spans of the last moments before the process ended may be missing.
    let traces = collector.received();
    let number = memmem::find_iter(&traces, "POST /graphql").count();
    assert!(number * 2 >= sent.len(), "{number} spans of {} requests", sent.len());
    let is_traced = |text: &&String| memmem::find(&traces, text.trim().as_bytes()).is_some();
    assert_eq!(private.iter().filter(is_traced).collect::<Vec<_>>(), Vec::<&String>::new());

    // What is looked for would be found.
    let text = private.iter().find(|text| text.contains('"')).or(private.first());
    let leak = json!({ "message": format!("saved {}", text.expect("a text")) }).to_string();
    assert_ne!(find_private_texts(&[leak], &private), Vec::<&str>::new());
}

async fn each_request_has_one_trace(app: TestApp) {
    let collector = Collector::start().await;
    let service = ServiceProcess::start_with_traces(&app, &collector).await;
    let logged = Logged { service, client: Client::new() };
    let input = json!({ "input": { "kind": "CORPORATION", "legalName": "Prime Paving" } });
    let mutation = json!({ "query": CREATE, "variables": input });
    let token = app.token("someone", &[Role::Bidder]);
    let request = logged.post("mutation", &mutation).bearer_auth(&token);
    request.header("traceparent", TRACEPARENT).send().await.expect("an answer");
    // The span of the use case, in that of the request, in the client's trace.
    for text in ["POST /graphql", "register_organization", "service.name", "candor", "/graphql"] {
        collector.wait_for(text.as_bytes()).await;
    }
    let trace_id = hex::decode(TRACE_ID).expect("hexadecimal digits");
    collector.wait_for(&trace_id).await;
    let spans = memmem::find_iter(&collector.received(), &trace_id).count();
    assert!(spans >= 2, "{spans} spans in the client's trace");
    for private in ["Prime Paving", "someone", &token] {
        assert!(!collector.has_received(private.as_bytes()), "{private}");
    }
}

async fn a_collector_that_is_away_delays_nothing(app: TestApp) {
    let collector = Collector::start().await;
    let service = ServiceProcess::start_with_traces(&app, &collector).await;
    drop(collector);
    let logged = Logged { service, client: Client::new() };
    let token = app.token("analyst", &[Role::CaoAnalyst]);
    let query = json!({ "query": "query Who { viewer { subject } }" });
    for number in 0..20 {
        let id = number.to_string();
        let (line, _) = logged.line_of(&id, logged.post(&id, &query).bearer_auth(&token)).await;
        assert_eq!(line["outcome"], "ok", "{line}");
    }
}

/// Returns the names and labels of metrics, without their values.
fn list_series(metrics: &str) -> BTreeSet<&str> {
    let lines = metrics.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| line.rsplit_once(' ')).map(|(series, _)| series).collect()
}

async fn metrics_have_no_names_addresses_and_texts(app: TestApp) {
    let department = app.create_department("BSS").await;
    let solicitation = app.publish_solicitation(&department, "2026-03-10T22:00:00Z").await;
    let firm = app.register_disclosing_firm("Prime Paving").await;
    let key = app.create_api_key("EXPORTS").await;
    let departments = async |token: &str, name: &str| {
        let query = format!("query {name} {{ first: departments(first: 1) {{ nodes {{ id }} }} }}");
        app.query(token, &query, json!({})).await;
    };
    departments(&key.secret, "Jane_Doe").await;
    let before = app.metrics().await;
    // Neither what a client names nor how many bids there are changes the text.
    for name in ["jane", "Prime_Paving", "candor_key"] {
        departments(&key.secret, name).await;
    }
    app.submit_bid(&firm, &solicitation, "1000").await;
    let token = app.token("jane", &[Role::Bidder]);
    let malformed = json!({ "query": "{ jane @people }", "operationName": "jane@people.example" });
    let request = app.http_request(candor_tests::Method::POST, "/graphql").bearer_auth(&token);
    request.json(&malformed).send().await.expect("an answer");
    let after = app.metrics().await;
    for private in
        ["jane", "Jane", "Paving", "people.example", "eyJ", "candor_key", &key.secret, &firm.id]
    {
        assert!(!after.contains(private), "{private}: {after}");
    }
    let is_about_bids = |series: &&str| series.to_lowercase().contains("bid");
    assert_eq!(list_series(&after).into_iter().find(is_about_bids), None);
    let is_departments = |series: &&&str| series.contains("operation=\"departments\"");
    let [before, after] = [&before, &after].map(|it| list_series(it));
    let count = |series: &BTreeSet<&str>| series.iter().filter(is_departments).count();
    assert!(count(&before) > 0);
    assert_eq!(count(&before), count(&after), "no series for each name that a client chose");
    for series in after.difference(&before) {
        assert!(series.contains("operation=\"other\"") || series.contains("/graphql"), "{series}");
    }
}
