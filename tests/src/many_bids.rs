//! A database of 100,000 opened bids, inserted in bulk. Every value follows from the numbers of the
//! firm and the bid, so that the expected result of a filter is known without asking the database.
use candor::command::serve::fill_derived_rows;
use candor_schema::bidding::model::BidId;
use candor_schema::canonical::{Canonical, canonical};
use candor_schema::gate::facts::{
    AgreementFacts, Facts, PartyFacts, SubcontractorFacts, WithheldPart,
};
use candor_schema::gate::{DhsComponent, WithheldGround, decide};
use candor_schema::policy::service::load_timeline;
use chrono::{DateTime, TimeDelta, Utc};

use crate::bulk_sql::{insert, sql_parts, sql_time, sql_uuid, uuid, uuid_literal};
use crate::engine::Engine;
use crate::many_firms::{DEPARTMENTS, FIRMS, FIRST_SUBMITTED_AT, Firm, insert_firms};
use crate::test_app::TestApp;

/// Number of opened bids.
pub const BIDS: usize = 100_000;
/// Number of additional sealed bids, which no City user may learn of.
pub const SEALED: usize = 250;
const BIDS_PER_SOLICITATION: usize = 250;
/// Each department has one solicitation at a time, on which bids come in turn.
const BIDS_AT_A_TIME: usize = BIDS_PER_SOLICITATION * DEPARTMENTS;
/// How many bids follow one another on one solicitation.
const BIDS_IN_A_ROW: usize = 10;
/// A prime that divides no number of firms.
pub(crate) const FIRM_STRIDE: usize = 7_919;

/// When the first solicitation is due, in seconds since 1970: 40 days after the first bid. Each following one
/// is due [`BIDS_PER_SOLICITATION`] seconds later.
const FIRST_DUE_AT: i64 = FIRST_SUBMITTED_AT + 40 * 86_400;
/// When sealed solicitations are due, January 1, 2027, 00:00 UTC, in seconds since 1970.
const SEALED_UNTIL: i64 = 1_798_761_600;

/// A bid and its firm.
#[derive(Clone, Copy, Debug)]
pub struct Bid<'a> {
    pub number: usize,
    pub firm: &'a Firm,
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

/// Returns facts from which a decision with the findings of [`findings_of_digit`] follows; `template` are those of a
/// bid that is admitted without a finding.
fn facts_of_digit(template: &Facts, digit: usize) -> Facts {
    let mut facts = template.clone();
    // Only a bid whose subcontractor has not disclosed still has time to cure.
    facts.reference_at = facts.decided_at - TimeDelta::days(if digit == 7 { 1 } else { 90 });
    facts.received_at = None;
    let party = &mut facts.organization;
    let disclosure = party.disclosure.as_mut().expect("the filing of an admitted bid");
    disclosure.filing.filed_at = facts.reference_at - TimeDelta::days(30);
    if matches!(digit, 4 | 5 | 7) {
        disclosure.agreements.push(AgreementFacts {
            component: Some(DhsComponent::Ice),
            component_name: None,
            natures: Vec::new(),
            compensation: None,
            is_short_form: false,
        });
    }
    match digit {
        6 => {
            let path = ["dhs", "agreements", "0", "compensation"].map(Into::into).into();
            disclosure.withheld.push(WithheldPart { path, ground: WithheldGround::TradeSecret });
        }
        7 => facts.subcontractors.push(SubcontractorFacts {
            party: PartyFacts {
                id: None,
                name: "Harbor Paint".to_owned(),
                disclosure: None,
                later_filings: Vec::new(),
                resolution: None,
            },
            amount: None,
        }),
        8 => party.disclosure = None,
        9 => disclosure.filing.filed_at = facts.reference_at - TimeDelta::days(400),
        _ => {}
    }
    facts.sorted()
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
/// There are at least [`BIDS_PER_SOLICITATION`] firms, and a decision from whose facts those of each are made.
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
    // The index is filled again after the last subject in it, which would be the template's solicitation.
    app.run_sql("DELETE FROM search_solicitation").await.expect("an index without solicitations");
    insert(app, into, rows).await;
    let decided = decide_digits(app).await;
    let id = |kind, number: &str| sql_uuid(engine, kind, number);
    let case = |value: &dyn Fn(&Decided) -> String| {
        let cases = decided.iter().enumerate();
        let cases = cases.map(|(digit, decided)| format!("WHEN {digit} THEN {}", value(decided)));
        format!("CASE n % 10 {} END", cases.collect::<Vec<_>>().join(" "))
    };
    let literal = |text: &str| format!("'{}'", text.replace('\'', "''"));
    let facts = case(&|it| literal(&it.facts.text));
    let facts_sha256 = case(&|it| literal(&it.facts.sha256));
    let decision = case(&|it| literal(&it.decision.text));
    let decision_sha256 = case(&|it| literal(&it.decision.sha256));
    let cure_by = case(&|it| match it.cure_by {
        Some(cure_by) => sql_time(engine, &cure_by.timestamp().to_string()),
        None => "NULL".to_owned(),
    });
    for part in sql_parts(engine, count + SEALED) {
        app.run_sql(&format!(
            "INSERT INTO decision (id, subject_kind, subject_id, sequence, organization_id,
                policy_version, facts, facts_sha256, outcome, decision, decision_sha256, decided_at)
            SELECT {}, 'BID_SUBMISSION', {}, 1, {}, 1,
                {facts}, {facts_sha256}, {OUTCOME_SQL}, {decision}, {decision_sha256}, {}
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
                decided_at, cure_by)
            SELECT {}, {}, {}, CASE {OUTCOME_SQL} WHEN 'ADMIT' THEN 'ADMITTED'
                    WHEN 'REVIEW' THEN 'HELD' ELSE 'REFUSED' END,
                n * CAST(7919 AS bigint) % 10000000, 'USD',
                CASE WHEN n % 10 = 8 THEN NULL WHEN {firm} % 3 = 0 THEN {} ELSE {} END,
                {}, {OUTCOME_SQL}, {}, '', {}, {cure_by}
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

/// The facts and the decision of bids whose number ends in a digit.
struct Decided {
    facts: Canonical,
    decision: Canonical,
    cure_by: Option<DateTime<Utc>>,
}

/// Has the gate decide for each last digit, with facts that follow from those of the template bid.
async fn decide_digits(app: &TestApp) -> Vec<Decided> {
    let template = app.select_text("SELECT facts FROM decision ORDER BY decided_at DESC LIMIT 1");
    let template: Facts = serde_json::from_str(&template.await).expect("facts");
    let timeline = load_timeline(&app.database.read).await.expect("policies");
    let policy = timeline.in_force_at(template.decided_at).expect("a policy");
    let decided = (0..10).map(|digit| {
        let facts = facts_of_digit(&template, digit);
        let decision = decide(&policy, &facts);
        let findings = decision.findings.iter();
        let findings: Vec<_> =
            findings.map(|it| (it.code().as_str(), it.severity.as_str())).collect();
        assert_eq!(findings, findings_of_digit(digit), "digit {digit}");
        Decided {
            facts: canonical(&facts).expect("JSON"),
            decision: canonical(&decision).expect("JSON"),
            cure_by: decision.cure_by(),
        }
    });
    decided.collect()
}

/// Builds the search and screening indexes for all inserted rows.
pub(crate) async fn build_indexes(app: &TestApp) {
    fill_derived_rows(&app.database).await.expect("words and screening rows");
    if app.engine == Engine::Postgres {
        // As autovacuum does in production; SQLite plans without statistics.
        app.run_sql("ANALYZE").await.expect("statistics");
    }
}

/// Submits a sealed bid through the service, from whose facts those of every inserted decision are made.
pub(crate) async fn submit_template_bid(app: &TestApp) {
    let department = app.create_department("REAL").await;
    let solicitation = app.publish_solicitation(&department, "2026-12-01T22:00:00Z").await;
    let firm = app.register_disclosing_firm("Template").await;
    app.submit_admitted_bid(&firm, &solicitation, "1").await;
}

/// Returns the number of the solicitation of a bid.
const fn solicitation_number(bid: usize) -> usize {
    bid / BIDS_AT_A_TIME * DEPARTMENTS + bid / BIDS_IN_A_ROW % DEPARTMENTS
}

/// The same number in SQL.
fn solicitation_sql() -> String {
    format!("(n / {BIDS_AT_A_TIME} * {DEPARTMENTS} + n / {BIDS_IN_A_ROW} % {DEPARTMENTS})")
}

/// Returns the number of the firm that submits a bid, of [`FIRMS`]: each firm bids once on a solicitation, and the firms
/// are scattered over the solicitations.
const fn firm_number(bid: usize) -> usize {
    let place =
        bid % BIDS_AT_A_TIME / (BIDS_IN_A_ROW * DEPARTMENTS) * BIDS_IN_A_ROW + bid % BIDS_IN_A_ROW;
    (solicitation_number(bid) * 37 + place) * FIRM_STRIDE % FIRMS
}

/// The same number in SQL, of `firms` firms.
fn firm_sql(firms: usize) -> String {
    let solicitation = solicitation_sql();
    let place = format!(
        "(n % {BIDS_AT_A_TIME} / {} * {BIDS_IN_A_ROW} + n % {BIDS_IN_A_ROW})",
        BIDS_IN_A_ROW * DEPARTMENTS
    );
    format!("(({solicitation} * 37 + {place}) * {FIRM_STRIDE} % {firms})")
}

const OUTCOME_SQL: &str = "CASE WHEN n % 10 < 6 THEN 'ADMIT' WHEN n % 10 < 8 THEN 'REVIEW'
    ELSE 'BLOCK' END";
const DECIDED_AT_SQL: &str = "1748736000 + n + n % 1000 * 60";
