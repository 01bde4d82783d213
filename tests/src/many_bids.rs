//! A database of 100,000 opened bids, inserted in bulk. Every value follows from the numbers of the
//! firm and the bid, so that the expected result of a filter is known without asking the database.
use candor_schema::bidding::model::BidId;
use candor_schema::bidding::service as bidding;
use candor_schema::contracting::service as contracting;
use candor_schema::decision::service as decision;
use candor_schema::disclosure::service as disclosure;
use candor_schema::gate::{
    DhsComponent, FindingDetail, NatureOfWork, OnwardToDhs, RecipientKind, WithheldGround,
};
use candor_schema::organization::service as organization;
use chrono::DateTime;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::engine::Engine;
use crate::fixtures::no_dealings;
use crate::test_app::TestApp;

/// Number of opened bids.
pub const BIDS: usize = 100_000;
/// Number of additional sealed bids, which no City user may learn of.
pub const SEALED: usize = 250;
pub(crate) const FIRMS: usize = 2_000;
const BIDS_PER_SOLICITATION: usize = 250;
const DEPARTMENTS: usize = 20;
/// Each department has one solicitation at a time, on which bids come in turn.
const BIDS_AT_A_TIME: usize = BIDS_PER_SOLICITATION * DEPARTMENTS;
/// How many bids follow one another on one solicitation.
const BIDS_IN_A_ROW: usize = 10;
/// Number of rows that one statement inserts.
const ROWS_PER_STATEMENT: usize = 20_000;
/// Submission time of the first bid, June 1, 2025, 00:00 UTC, in seconds since 1970; each following
/// bid is a second later.
pub(crate) const FIRST_SUBMITTED_AT: i64 = 1_748_736_000;

/// When the first solicitation is due, in seconds since 1970: 40 days after the first bid. Each following one
/// is due [`BIDS_PER_SOLICITATION`] seconds later.
const FIRST_DUE_AT: i64 = FIRST_SUBMITTED_AT + 40 * 86_400;
/// When sealed solicitations are due, January 1, 2027, 00:00 UTC, in seconds since 1970.
const SEALED_UNTIL: i64 = 1_798_761_600;

/// An agreement that a firm disclosed.
#[derive(Clone, Debug)]
pub struct Agreement {
    pub component: DhsComponent,
    pub kind: &'static str,
    pub natures: Vec<NatureOfWork>,
    /// Known compensation in dollars; none if unknown or withheld.
    pub dollars: Option<i64>,
    pub start: i32,
    /// Year of the end date, June 30; none if ongoing.
    pub end: Option<i32>,
    pub description: Option<&'static str>,
}

/// A firm and its latest disclosure.
#[derive(Clone, Debug)]
pub struct Firm {
    pub number: usize,
    pub name: String,
    pub agreements: Vec<Agreement>,
    pub short_form: bool,
    pub withheld: bool,
    pub sharing: Option<(RecipientKind, &'static str, bool, OnwardToDhs)>,
    pub paper: bool,
    pub review: &'static str,
    pub reviewer: Option<String>,
    /// Version of the latest disclosure; 2 if the firm amended the first.
    pub version: i64,
}

/// A bid and its firm.
#[derive(Clone, Copy, Debug)]
pub struct Bid<'a> {
    pub number: usize,
    pub firm: &'a Firm,
}

/// Returns the name of a firm by number.
pub(crate) fn firm_name(number: usize) -> String {
    let words = ["Añejo", "Harbor", "حداد", "Söhne", "Paving"];
    format!("Firm {number} {}", words[number % words.len()])
}

/// Returns a statement of many agreements that have ended.
pub(crate) fn long_statement(agreements: usize) -> Value {
    use DhsComponent::{Cbp, Fema, Ice, Uscis};
    let agreements = (0..agreements).map(|number| Agreement {
        component: [Ice, Cbp, Fema, Uscis][number % 4],
        kind: "CONTRACT",
        natures: vec![NatureOfWork::Training],
        dollars: i64::try_from(number).ok(),
        start: 2015,
        end: Some(2019),
        description: Some("Courses for drivers."),
    });
    Firm { agreements: agreements.collect(), ..Firm::new(0) }.statement()
}

impl Firm {
    fn new(number: usize) -> Self {
        use DhsComponent::{Cbp, Fema, Ice, IntelligenceAndAnalysis, Uscis};
        use NatureOfWork::{
            DataAndAnalytics, Detention, FacilitiesAndConstruction, Food, Training,
        };
        let years = i32::try_from(number % 3).unwrap_or_default();
        let dollars = i64::try_from(number).unwrap_or_default();
        let agreement =
            |component, kind, natures: &[NatureOfWork], dollars, description| Agreement {
                component,
                kind,
                natures: natures.to_vec(),
                dollars,
                start: 2020 + years,
                end: (years > 0).then_some(2025 + years),
                description,
            };
        let mut agreements = Vec::new();
        let mut sharing = None;
        match number % 10 {
            4 => {
                let program = agreement(Uscis, "PROGRAM_PARTICIPATION", &[], None, None);
                agreements.push(Agreement { end: None, ..program });
            }
            5 => {
                let detention = number % 20 == 5;
                let natures: &[_] = if detention { &[Detention, Food] } else { &[Food] };
                let description =
                    if detention { "Beds for people in custody." } else { "Meals, añejo." };
                agreements.push(agreement(
                    Ice,
                    "CONTRACT",
                    natures,
                    Some(dollars * 1_000),
                    Some(description),
                ));
            }
            6 => {
                let description = Some("A shelter for released families.");
                let works = [FacilitiesAndConstruction];
                agreements.push(agreement(Fema, "GRANT", &works, Some(dollars * 500), description));
                if number % 20 == 6 {
                    let description = Some("Courses for officers.");
                    agreements.push(agreement(
                        Ice,
                        "CONTRACT",
                        &[Training],
                        Some(9_000),
                        description,
                    ));
                }
            }
            7 => {
                let description = Some("Analysis of cargo records.");
                agreements.push(agreement(Cbp, "CONTRACT", &[DataAndAnalytics], None, description));
            }
            8 => agreements.push(agreement(
                IntelligenceAndAnalysis,
                "CONTRACT",
                &[DataAndAnalytics],
                None,
                None,
            )),
            9 => {
                sharing = Some(match number % 30 {
                    9 => (RecipientKind::DataBroker, "IDENTIFIERS", true, OnwardToDhs::Known),
                    19 => (
                        RecipientKind::LawEnforcement,
                        "LICENSE_PLATE_READS",
                        true,
                        OnwardToDhs::Allowed,
                    ),
                    _ => (RecipientKind::Processor, "IDENTIFIERS", false, OnwardToDhs::Forbidden),
                });
            }
            _ => {}
        }
        Self {
            number,
            name: firm_name(number),
            agreements,
            short_form: number % 10 == 4,
            withheld: number % 10 == 8,
            sharing,
            paper: number.is_multiple_of(50),
            review: ["ACCEPTED", "CLARIFICATION_REQUESTED", "REJECTED", "UNREVIEWED"]
                [number % 7 % 4],
            reviewer: (number % 4 == 1).then(|| format!("reviewer-{}", number % 12)),
            version: if number.is_multiple_of(3) { 2 } else { 1 },
        }
    }

    /// Returns the sum of known amounts in dollars; none if no amount is known.
    #[must_use]
    pub fn known_dollars(&self) -> Option<i64> {
        let known_dollars: Vec<_> = self.agreements.iter().filter_map(|it| it.dollars).collect();
        (!known_dollars.is_empty()).then(|| known_dollars.iter().sum())
    }

    /// Returns whether an amount is unknown or withheld.
    #[must_use]
    pub fn has_unknown(&self) -> bool {
        !self.short_form && self.agreements.iter().any(|it| it.dollars.is_none())
    }

    fn statement(&self) -> Value {
        let mut statement = no_dealings();
        if !self.agreements.is_empty() {
            let agreements: Vec<_> = self.agreements.iter().map(|it| self.agreement(it)).collect();
            statement["dhs"] = json!({ "agreements": agreements });
        }
        if let Some((kind, category, city_data, onward)) = self.sharing {
            statement["dataSharing"] = json!({ "arrangements": [{
                "recipientName": "Regional Records", "recipientKind": kind.as_str(),
                "dataCategories": [category], "includesCityData": city_data,
                "purpose": "Answers to requests.", "onwardToDhs": onward.as_str(),
            }] });
        }
        statement
    }

    fn agreement(&self, of: &Agreement) -> Value {
        let natures: Vec<_> = of.natures.iter().map(|nature| nature.as_str()).collect();
        let mut agreement = json!({
            "component": of.component.as_str(), "kind": of.kind,
            "startDate": format!("{}-01-01", of.start),
        });
        if self.short_form {
            agreement["program"] = json!("E-Verify");
            return agreement;
        }
        agreement["natureOfWork"] = json!(natures);
        match of.end {
            Some(year) => agreement["endDate"] = json!(format!("{year}-06-30")),
            None => agreement["ongoing"] = json!(true),
        }
        if let Some(description) = of.description {
            agreement["description"] = json!(description);
        }
        match of.dollars {
            Some(dollars) => {
                let amount = json!({ "amount": format!("{dollars}.00"), "currency": "USD" });
                let current = json!({ "certainty": "KNOWN", "amount": amount });
                agreement["compensation"] = json!({ "current": current });
            }
            None if self.withheld => {
                agreement["withheld"] =
                    json!([{ "path": ["compensation"], "ground": "CLASSIFIED" }]);
            }
            None => {
                let current = json!({ "certainty": "UNKNOWN", "reason": "Ordered as needed." });
                agreement["compensation"] = json!({ "current": current });
            }
        }
        agreement
    }
}

impl Bid<'_> {
    #[must_use]
    pub fn id(&self) -> String {
        BidId::from_uuid(uuid(5, self.number)).to_string()
    }

    #[must_use]
    pub fn solicitation(&self) -> usize {
        solicitation_number(self.number)
    }

    #[must_use]
    pub fn department(&self) -> usize {
        self.solicitation() % DEPARTMENTS
    }

    /// Seconds since 1970.
    #[must_use]
    pub fn submitted_at(&self) -> i64 {
        FIRST_SUBMITTED_AT + i64::try_from(self.number).unwrap_or_default()
    }

    /// Seconds since 1970.
    #[must_use]
    pub fn decided_at(&self) -> i64 {
        self.submitted_at() + i64::try_from(self.number % 1_000 * 60).unwrap_or_default()
    }

    #[must_use]
    pub fn cents(&self) -> usize {
        self.number * 7_919 % 10_000_000
    }

    #[must_use]
    pub fn outcome(&self) -> &'static str {
        ["ADMIT", "ADMIT", "ADMIT", "ADMIT", "ADMIT", "ADMIT", "REVIEW", "REVIEW", "BLOCK", "BLOCK"]
            [self.number % 10]
    }

    #[must_use]
    pub fn status(&self) -> &'static str {
        match self.outcome() {
            "ADMIT" => "ADMITTED",
            "REVIEW" => "HELD",
            _ => "REFUSED",
        }
    }

    #[must_use]
    pub fn findings(&self) -> &'static [(&'static str, &'static str)] {
        findings_of_digit(self.number % 10)
    }

    /// Returns whether the bid references its firm's disclosure.
    #[must_use]
    pub fn has_disclosure(&self) -> bool {
        self.number % 10 != 8
    }
}

/// Returns the findings of decisions on bids whose number ends in a digit.
const fn findings_of_digit(digit: usize) -> &'static [(&'static str, &'static str)] {
    match digit {
        4 | 5 => &[("dhs.agreement_disclosed", "NOTE")],
        6 => &[("disclosure.partly_withheld", "REVIEW")],
        7 => &[("subcontractor.missing_disclosure", "REVIEW"), ("dhs.agreement_disclosed", "NOTE")],
        8 => &[("disclosure.missing", "BLOCK")],
        9 => &[("disclosure.stale", "BLOCK")],
        _ => &[],
    }
}

/// Returns values for a finding of [`findings_of_digit`]. No test depends on them.
fn detail_of_finding(code: &str) -> FindingDetail {
    let name = || "Harbor Paint".to_owned();
    match code {
        "dhs.agreement_disclosed" => FindingDetail::AgreementDisclosed {
            agreements: 1,
            component: Some(DhsComponent::Ice),
            component_name: None,
            natures: Vec::new(),
            totals: Vec::new(),
            unknown: 1,
            not_asked: 0,
        },
        "disclosure.partly_withheld" => FindingDetail::DisclosurePartlyWithheld {
            parts: 1,
            grounds: vec![WithheldGround::TradeSecret],
            paths: Vec::new(),
        },
        "subcontractor.missing_disclosure" => {
            FindingDetail::SubcontractorMissingDisclosure { name: name(), amount: None }
        }
        "disclosure.missing" => FindingDetail::DisclosureMissing { name: name() },
        "disclosure.stale" => {
            let day = DateTime::from_timestamp(FIRST_SUBMITTED_AT, 0).expect("a time").date_naive();
            FindingDetail::DisclosureStale { filed_on: day, counted_on: day, days: 366 }
        }
        other => panic!("no values for {other}"),
    }
}

/// The inserted firms, from which every bid follows.
#[derive(Clone, Debug)]
pub struct ManyBids {
    firms: Vec<Firm>,
}

impl ManyBids {
    /// Iterates over the opened bids in order of submission.
    pub fn bids(&self) -> impl Iterator<Item = Bid<'_>> {
        (0..BIDS).map(|number| Bid { number, firm: &self.firms[firm_number(number)] })
    }

    /// Inserts everything into an empty database.
    pub async fn insert(app: &TestApp) -> Self {
        submit_template_bid(app).await;
        let many = Self { firms: insert_firms(app, FIRMS, |_| true, None).await };
        insert_bids(app, &many.firms, BIDS).await;
        build_indexes(app).await;
        many
    }
}

/// Inserts `count` opened bids of these firms, a multiple of [`BIDS_AT_A_TIME`], and [`SEALED`] sealed ones.
/// There are at least [`BIDS_PER_SOLICITATION`] firms, and a decision whose facts each decision copies.
pub(crate) async fn insert_bids(app: &TestApp, firms: &[Firm], count: usize) {
    let engine = app.engine;
    let (solicitation, firm) = (solicitation_sql(), firm_sql(firms.len()));
    // The sealed ones after the others.
    let solicitations = count / BIDS_PER_SOLICITATION + DEPARTMENTS;
    let rows = (0..solicitations).map(|number| {
        let sealed = number * BIDS_PER_SOLICITATION >= count;
        let due_at = if sealed {
            SEALED_UNTIL
        } else {
            FIRST_DUE_AT + i64::try_from(number * BIDS_PER_SOLICITATION).unwrap_or_default()
        };
        format!(
            "({}, {}, 'S-{number}', 'Solicitation {number}', '', 'BIDS', FALSE, 'PUBLISHED',
            {}, 1, TRUE, {at}, {at})",
            uuid_literal(engine, uuid(4, number)),
            uuid_literal(engine, uuid(7, number % DEPARTMENTS)),
            sql_time(engine, &due_at.to_string()),
            at = sql_time(engine, &FIRST_SUBMITTED_AT.to_string()),
        )
    });
    let into = "solicitation (id, department_id, number, title, description, method,
        public_works, status, due_at, policy_version, sealed, created_at, published_at)";
    insert(app, into, rows).await;
    let decisions = (0..10).map(|digit| {
        let findings = findings_of_digit(digit).iter().map(|(code, severity)| {
            let mut finding = serde_json::to_value(detail_of_finding(code)).expect("JSON");
            finding["path"] = json!([]);
            finding["severity"] = json!(severity);
            finding
        });
        let findings: Vec<Value> = findings.collect();
        let outcome = Bid { number: digit, firm: &firms[0] }.outcome();
        let decision_cases = json!({ "findings": findings, "outcome": outcome });
        format!("WHEN {digit} THEN '{decision_cases}'")
    });
    let decision_cases = decisions.collect::<Vec<_>>().join(" ");
    let id = |kind, number: &str| sql_uuid(engine, kind, number);
    let facts =
        app.select_text("SELECT facts FROM decision ORDER BY decided_at DESC LIMIT 1").await;
    let facts = facts.replace('\'', "''");
    // In parts: a statement may run for ten seconds at most, and each bid is checked against
    // four other tables.
    for from in (0..count + SEALED).step_by(ROWS_PER_STATEMENT) {
        let numbers = sql_numbers(engine, ROWS_PER_STATEMENT.min(count + SEALED - from));
        let part = format!("(SELECT n + {from} AS n FROM {numbers}) AS part");
        app.run_sql(&format!(
            "INSERT INTO decision (id, subject_kind, subject_id, sequence, organization_id,
                policy_version, facts, facts_sha256, outcome, decision, decision_sha256, decided_at)
            SELECT {}, 'BID_SUBMISSION', {}, 1, {}, 1,
                '{facts}', '', {OUTCOME_SQL},
                CASE n % 10 {decision_cases} END, '', {}
            FROM {part}",
            id(6, "n"),
            id(5, "n"),
            id(1, &firm),
            sql_time(engine, DECIDED_AT_SQL),
        ))
        .await
        .expect("decisions");
        app.run_sql(&format!(
            "INSERT INTO bid (id, solicitation_id, organization_id, status, amount_cents, currency,
                disclosure_id, decision_id, decision_outcome, submitted_at, submitted_by,
                decided_at)
            SELECT {}, {}, {}, CASE {OUTCOME_SQL} WHEN 'ADMIT' THEN 'ADMITTED'
                    WHEN 'REVIEW' THEN 'HELD' ELSE 'REFUSED' END,
                n * CAST(7919 AS bigint) % 10000000, 'USD',
                CASE WHEN n % 10 = 8 THEN NULL WHEN {firm} % 3 = 0 THEN {} ELSE {} END,
                {}, {OUTCOME_SQL}, {}, '', {}
            FROM {part}",
            id(5, "n"),
            id(4, &solicitation),
            id(1, &firm),
            id(3, &firm),
            id(2, &firm),
            id(6, "n"),
            sql_time(engine, &format!("{FIRST_SUBMITTED_AT} + n")),
            sql_time(engine, DECIDED_AT_SQL),
        ))
        .await
        .expect("bids");
    }
}

/// Inserts departments, `count` firms, and the filings of the firms for which `has_filed` is true. With `earlier`,
/// each of them filed that statement first.
pub(crate) async fn insert_firms(
    app: &TestApp,
    count: usize,
    has_filed: fn(&Firm) -> bool,
    earlier: Option<&Value>,
) -> Vec<Firm> {
    let firms: Vec<Firm> = (0..count).map(Firm::new).collect();
    let engine = app.engine;
    for department in 0..DEPARTMENTS {
        app.run_sql(&format!(
            "INSERT INTO department (id, code, name, contact, created_at)
            VALUES ({}, 'D{department}', 'Department {department}', 'a desk', {})",
            uuid_literal(engine, uuid(7, department)),
            sql_time(engine, &FIRST_SUBMITTED_AT.to_string()),
        ))
        .await
        .expect("a department");
    }
    insert_organizations(app, &firms).await;
    insert_filings(app, firms.iter().filter(|firm| has_filed(firm)), earlier).await;
    firms
}

/// Builds the search and screening indexes for all inserted rows.
pub(crate) async fn build_indexes(app: &TestApp) {
    organization::insert_missing_names(&app.database).await.expect("exact names");
    organization::fill_empty_search_index(&app.database).await.expect("names that are searched");
    bidding::fill_search_index(&app.database).await.expect("solicitations that are searched");
    contracting::fill_search_index(&app.database).await.expect("contracts that are searched");
    disclosure::insert_missing_index_rows(&app.database).await.expect("rows that are screened");
    decision::insert_missing_findings(&app.database).await.expect("findings that are screened");
    if app.engine == Engine::Postgres {
        // As autovacuum does in production; SQLite plans without statistics.
        app.run_sql("ANALYZE").await.expect("statistics");
    }
}

/// Submits a sealed bid through the service, whose facts every inserted decision copies.
pub(crate) async fn submit_template_bid(app: &TestApp) {
    let department = app.create_department("REAL").await;
    let solicitation = app.publish_solicitation(&department, "2026-12-01T22:00:00Z").await;
    let firm = app.register_disclosing_firm("Template").await;
    app.submit_admitted_bid(&firm, &solicitation, "1").await;
}

async fn insert_organizations(app: &TestApp, firms: &[Firm]) {
    let engine = app.engine;
    let rows = firms.iter().map(|firm| {
        format!(
            "({}, 'CORPORATION', '{}', '[]', '{{\"immediate_owner\":null,\"highest_owner\":null,\
            \"predecessors\":[]}}', {at}, {at})",
            uuid_literal(engine, uuid(1, firm.number)),
            firm.name,
            at = sql_time(engine, &FIRST_SUBMITTED_AT.to_string()),
        )
    });
    let into = "organization (id, kind, legal_name, doing_business_as, ownership, created_at,
        updated_at)";
    // The name index is rebuilt, including the template's firm.
    let index = "DELETE FROM search_organization";
    app.run_sql(index).await.expect("an index without names");
    insert(app, into, rows).await;
}

/// Inserts the filings of some firms; `earlier` is the statement of a first filing of each.
async fn insert_filings<'a>(
    app: &TestApp,
    firms: impl Iterator<Item = &'a Firm>,
    earlier: Option<&Value>,
) {
    const FIRMS_A_STATEMENT: usize = 250;
    let firms: Vec<_> = firms.collect();
    for firms in firms.chunks(FIRMS_A_STATEMENT) {
        let filings: Vec<_> = firms.iter().flat_map(|firm| filings_of(firm, earlier)).collect();
        let rows = filings.iter().map(|filing| filing.filing_row(app.engine));
        let into = "filing (id, organization_id, version, kind, policy_version, statement, sha256,
            attestation, filed_at, filed_by)";
        insert(app, into, rows).await;
        let rows = filings.iter().map(|filing| filing.disclosure_row(app.engine));
        let into = "disclosure (id, organization_id, version, status, review, reviewer, filed_at)";
        insert(app, into, rows).await;
    }
}

/// Lists the filings of a firm, the latest last.
fn filings_of<'a>(firm: &'a Firm, earlier: Option<&Value>) -> Vec<Filing<'a>> {
    const YEAR: i64 = 365 * 86_400;
    let first = earlier.map(|statement| Filing {
        firm,
        id_kind: 15,
        version: 1,
        is_last: false,
        statement: statement.clone(),
        filed_at: FIRST_SUBMITTED_AT - YEAR,
    });
    let before = i64::from(first.is_some());
    let others = (1..=firm.version).map(|version| {
        let is_last = version == firm.version;
        Filing {
            firm,
            id_kind: if version == 1 { 2 } else { 3 },
            version: before + version,
            is_last,
            statement: if is_last { firm.statement() } else { no_dealings() },
            filed_at: FIRST_SUBMITTED_AT,
        }
    });
    first.into_iter().chain(others).collect()
}

/// A filing of a firm.
struct Filing<'a> {
    firm: &'a Firm,
    /// The kind of its identifier, for [`uuid`].
    id_kind: usize,
    version: i64,
    is_last: bool,
    statement: Value,
    /// Seconds since 1970.
    filed_at: i64,
}

impl Filing<'_> {
    /// The columns that both tables begin with, and the time.
    fn keys(&self, engine: Engine) -> (String, String) {
        let id = uuid_literal(engine, uuid(self.id_kind, self.firm.number));
        let of = uuid_literal(engine, uuid(1, self.firm.number));
        (format!("{id}, {of}, {}", self.version), sql_time(engine, &self.filed_at.to_string()))
    }

    fn filing_row(&self, engine: Engine) -> String {
        let form = if self.firm.paper && self.is_last { "PAPER" } else { "ELECTRONIC" };
        let mut attestation = json!({
            "form": form, "text": "", "textVersion": 1, "name": "", "title": "",
            "authority": "", "email": "", "city": "", "state": "",
            "signedAt": "2025-01-01T00:00:00Z", "subject": "", "digest": "",
        });
        if form == "PAPER" {
            attestation["paper"] = json!({ "name": "form.pdf" });
        }
        let kind = if self.version == 1 { "ORIGINAL" } else { "AMENDMENT" };
        let (keys, filed_at) = self.keys(engine);
        let statement = &self.statement;
        format!("({keys}, '{kind}', 1, '{statement}', '', '{attestation}', {filed_at}, '')")
    }

    fn disclosure_row(&self, engine: Engine) -> String {
        let status = if self.is_last { "FILED" } else { "SUPERSEDED" };
        let reviewer = match &self.firm.reviewer {
            Some(reviewer) => format!("'{reviewer}'"),
            None => "NULL".to_owned(),
        };
        let (keys, filed_at) = self.keys(engine);
        let review = self.firm.review;
        format!("({keys}, '{status}', '{review}', {reviewer}, {filed_at})")
    }
}

/// Returns the number of the solicitation of a bid.
const fn solicitation_number(bid: usize) -> usize {
    bid / BIDS_AT_A_TIME * DEPARTMENTS + bid / BIDS_IN_A_ROW % DEPARTMENTS
}

/// The same number in SQL.
fn solicitation_sql() -> String {
    format!("(n / {BIDS_AT_A_TIME} * {DEPARTMENTS} + n / {BIDS_IN_A_ROW} % {DEPARTMENTS})")
}

/// Returns the number of the firm that submits a bid, of [`FIRMS`]: each firm bids once on a solicitation.
const fn firm_number(bid: usize) -> usize {
    let place =
        bid % BIDS_AT_A_TIME / (BIDS_IN_A_ROW * DEPARTMENTS) * BIDS_IN_A_ROW + bid % BIDS_IN_A_ROW;
    (solicitation_number(bid) * 37 + place) % FIRMS
}

/// The same number in SQL, of `firms` firms.
fn firm_sql(firms: usize) -> String {
    let solicitation = solicitation_sql();
    let place = format!(
        "(n % {BIDS_AT_A_TIME} / {} * {BIDS_IN_A_ROW} + n % {BIDS_IN_A_ROW})",
        BIDS_IN_A_ROW * DEPARTMENTS
    );
    format!("(({solicitation} * 37 + {place}) % {firms})")
}

const OUTCOME_SQL: &str = "CASE WHEN n % 10 < 6 THEN 'ADMIT' WHEN n % 10 < 8 THEN 'REVIEW'
    ELSE 'BLOCK' END";
const DECIDED_AT_SQL: &str = "1748736000 + n + n % 1000 * 60";

/// Returns the UUID of object `number` of a kind.
pub(crate) fn uuid(kind: usize, number: usize) -> Uuid {
    Uuid::from_u128((kind * 1_000_000 + number) as u128)
}

fn uuid_literal(engine: Engine, id: Uuid) -> String {
    match engine {
        Engine::Sqlite => format!("x'{}'", id.simple()),
        Engine::Postgres => format!("'{id}'::uuid"),
    }
}

/// Returns SQL for the UUID of an object whose number is a SQL expression.
pub(crate) fn sql_uuid(engine: Engine, kind: usize, number: &str) -> String {
    let number = format!("({kind} * 1000000 + {number})");
    match engine {
        Engine::Sqlite => format!("unhex(printf('%032x', {number}))"),
        Engine::Postgres => format!("lpad(to_hex({number}), 32, '0')::uuid"),
    }
}

/// Returns SQL for a time given in seconds since 1970.
pub(crate) fn sql_time(engine: Engine, seconds: &str) -> String {
    match engine {
        Engine::Sqlite => format!("strftime('%Y-%m-%dT%H:%M:%S+00:00', {seconds}, 'unixepoch')"),
        Engine::Postgres => format!("to_timestamp({seconds})"),
    }
}

/// Returns SQL for a table of the numbers from 0 in a column `n`.
pub(crate) fn sql_numbers(engine: Engine, count: usize) -> String {
    match engine {
        Engine::Sqlite => format!(
            "(WITH RECURSIVE count (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM count
            WHERE n + 1 < {count}) SELECT n FROM count)"
        ),
        Engine::Postgres => format!("generate_series(0, {count} - 1) AS numbers (n)"),
    }
}

async fn insert(app: &TestApp, into: &str, rows: impl Iterator<Item = String>) {
    let rows: Vec<String> = rows.collect();
    for part in rows.chunks(500) {
        let statement = format!("INSERT INTO {into} VALUES {}", part.join(", "));
        app.run_sql(&statement).await.expect("rows");
    }
}
