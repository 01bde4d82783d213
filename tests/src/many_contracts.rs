//! A city with a hundred thousand contracts, written in bulk and held by the firms of
//! [`crate::many_bids`]. Every value in it follows from the numbers of the firm and the contract,
//! so that what a filter should leave can be told without asking the database. What is counted off
//! by different primes meets in every combination.
use candor_schema::contracting::model::ContractId;
use candor_schema::organization::model::{DepartmentId, OrganizationId};
use candor_schema::waiver::model::{ExemptionId, WaiverId};
use chrono::{NaiveDate, TimeDelta};

use crate::test_app::{TestApp, parse_instant};
use crate::engine::Engine;
use crate::many_bids::{FIRMS, FIRST_SUBMITTED_AT, Firm, sql_uuid, insert_firms, build_indexes, sql_numbers, sql_time, uuid};

/// How many contracts there are.
pub const CONTRACTS: usize = 100_000;
/// The local day on which a story begins.
pub const TODAY: NaiveDate = NaiveDate::from_ymd_opt(2026, 2, 2).expect("a date");
/// The first local day whose evening found the firms' disclosures on file: they were filed at the
/// midnight, UTC, that lies within it.
pub const FILED_ON: NaiveDate = NaiveDate::from_ymd_opt(2025, 5, 31).expect("a date");
/// Whoever is renewed later than this local day needs a newer disclosure: a year after it was
/// filed.
const FRESH_UNTIL: NaiveDate = NaiveDate::from_ymd_opt(2026, 5, 31).expect("a date");
const A_FIRM: usize = CONTRACTS / FIRMS;
const A_PART: usize = 20_000;
/// The local midnight that ends the last day of the waivers that are in effect.
const IN_EFFECT_UNTIL: &str = "2026-05-14T07:00:00Z";
/// The same of those that have expired.
const EXPIRED_AT: &str = "2026-02-01T08:00:00Z";
const LAPSES: [&str; 3] = ["disclosure.stale", "disclosure.missing", "disclosure.outdated_terms"];

/// A contract, with who holds it.
#[derive(Clone, Copy, Debug)]
pub struct Contract<'a> {
    pub number: usize,
    pub firm: &'a Firm,
}

/// Whether a firm has anything on file.
#[must_use]
pub const fn has_filed(firm: &Firm) -> bool {
    firm.number % 20 != 13
}

/// The identifier of the department that bears a number.
#[must_use]
pub fn department_id(number: usize) -> String {
    DepartmentId::from_uuid(uuid(7, number)).to_string()
}

/// The identifier of the firm that bears a number.
#[must_use]
pub fn organization_id(number: usize) -> String {
    OrganizationId::from_uuid(uuid(1, number)).to_string()
}

impl Contract<'_> {
    #[must_use]
    pub fn id(&self) -> String {
        ContractId::from_uuid(uuid(8, self.number)).to_string()
    }

    /// What people call it by: its number in the department.
    #[must_use]
    pub fn reference(&self) -> String {
        format!("C-{:06}", self.number + 1)
    }

    /// The first department has every tenth contract.
    #[must_use]
    pub const fn department(&self) -> usize {
        if self.number.is_multiple_of(10) { 0 } else { 1 + self.number % 19 }
    }

    /// The last day: in the year before the story begins or in the one after.
    #[must_use]
    pub fn end(&self) -> NaiveDate {
        TODAY + TimeDelta::days(whole(self.number * 401 % 733) - 366)
    }

    /// The first day, half a year to three years before the last.
    #[must_use]
    pub fn start(&self) -> NaiveDate {
        self.end() - TimeDelta::days(whole(180 + self.number * 13 % 1_009))
    }

    #[must_use]
    pub fn runs_on(&self, day: NaiveDate) -> bool {
        self.start() <= day && day <= self.end()
    }

    /// Each value twice, so that what else orders them shows.
    #[must_use]
    pub fn cents(&self) -> i64 {
        whole(self.number * 7_919 % 50_000 * 100)
    }

    /// The version of the disclosure clause that it carries.
    #[must_use]
    pub const fn clause_version(&self) -> Option<i64> {
        if self.number.is_multiple_of(3) { None } else { Some(1) }
    }

    /// What is kept with it of what the gate would say.
    #[must_use]
    pub const fn readiness(&self) -> &'static str {
        ["ADMIT", "ADMIT", "ADMIT", "ADMIT", "REVIEW", "REVIEW", "BLOCK"][self.number % 7]
    }

    /// For which rule and since which day it is out of compliance.
    #[must_use]
    pub fn lapse(&self) -> Option<(&'static str, NaiveDate)> {
        let since = TODAY - TimeDelta::days(whole(self.number % 17 * 10));
        self.number.is_multiple_of(11).then(|| (LAPSES[self.number % 13 % 3], since))
    }

    /// The waiver of the clause that is in effect.
    #[must_use]
    pub fn waiver(&self) -> Option<String> {
        (self.number % 293 == 7).then(|| self.waiver_of(10))
    }

    /// Its waivers, whatever became of them.
    #[must_use]
    pub fn waivers(&self) -> Vec<String> {
        let expired = (self.number % 4_999 == 9).then(|| self.waiver_of(11));
        let asked = (self.number % 4_993 == 11).then(|| self.waiver_of(12));
        self.waiver().into_iter().chain(expired).chain(asked).collect()
    }

    fn waiver_of(&self, kind: usize) -> String {
        WaiverId::from_uuid(uuid(kind, self.number)).to_string()
    }

    /// The exemption that was claimed for its award.
    #[must_use]
    pub fn exemption(&self) -> Option<String> {
        let id = || ExemptionId::from_uuid(uuid(13, self.number)).to_string();
        (self.number % 251 == 3).then(id)
    }

    /// Whether its holder has anything on file.
    #[must_use]
    pub const fn has_disclosure(&self) -> bool {
        has_filed(self.firm)
    }

    /// What the gate says at the story's beginning of a renewal when it ends, asked anew. What was
    /// filed is fresh for a year; what is kept with the contract is not looked at.
    #[must_use]
    pub fn outlook(&self) -> &'static str {
        let renewed_on = (self.end() + TimeDelta::days(1)).max(TODAY);
        let blocks = !self.has_disclosure()
            || renewed_on > FRESH_UNTIL
            || self.firm.review == "REJECTED"
            || (self.clause_version().is_none() && self.waiver().is_none());
        if blocks {
            "BLOCK"
        } else if self.firm.withheld && self.firm.review != "ACCEPTED" {
            "REVIEW"
        } else {
            "ADMIT"
        }
    }
}

fn whole(number: usize) -> i64 {
    i64::try_from(number).unwrap_or_default()
}

/// Everything in the city.
#[derive(Clone, Debug)]
pub struct ManyContracts {
    firms: Vec<Firm>,
}

/// The same in SQL, of a contract's number `n`.
const DEPARTMENT: &str = "(CASE WHEN n % 10 = 0 THEN 0 ELSE 1 + n % 19 END)";
const REFERENCE: &str = "'C-' || substr('000000' || (n + 1), length('000000' || (n + 1)) - 5)";
const END: &str = "n * 401 % 733 - 366";
const START_DAY: &str = "n * 401 % 733 - 366 - (180 + n * 13 % 1009)";
const CENTS: &str = "n * 7919 % 50000 * 100";
const READINESS: &str = "CASE WHEN n % 7 < 4 THEN 'ADMIT' WHEN n % 7 < 6 THEN 'REVIEW'
    ELSE 'BLOCK' END";

impl ManyContracts {
    /// The contracts, in the order of their numbers and of their identifiers.
    pub fn contracts(&self) -> impl Iterator<Item = Contract<'_>> {
        (0..CONTRACTS).map(|number| Contract { number, firm: &self.firms[number / A_FIRM] })
    }

    /// Writes all of it into an empty city.
    pub async fn sown(app: &TestApp) -> Self {
        let made = Self { firms: insert_firms(app, has_filed).await };
        contracts(app).await;
        waivers(app).await;
        exemptions(app).await;
        build_indexes(app).await;
        made
    }
}

async fn contracts(app: &TestApp) {
    let engine = app.engine;
    let firm = sql_uuid(engine, 1, &format!("n / {A_FIRM}"));
    let [one, two, three] = LAPSES;
    // Part by part: a database works on one statement for ten seconds at the most, and a contract
    // stands in many indexes.
    for from in (0..CONTRACTS).step_by(A_PART) {
        app.run_sql(&format!(
            "INSERT INTO contract (id, department_id, number, title, organization_id, method,
                public_works, value_cents, currency, signed_on, start_date, end_date, options_left,
                clause_version, clause_inserted_on, basis, awarded_to, recorded_at, recorded_by,
                readiness, noncompliance_code, noncompliant_since)
            SELECT {}, {}, {REFERENCE}, 'Contract ' || n, {firm}, 'BIDS', FALSE, {CENTS}, 'USD',
                {start}, {start}, {}, n % 3, CASE WHEN n % 3 <> 0 THEN 1 END,
                CASE WHEN n % 3 <> 0 THEN {start} END, 'RECORDED', {firm}, {}, 'officer',
                {READINESS}, CASE WHEN n % 11 = 0 THEN CASE n % 13 % 3 WHEN 0 THEN '{one}'
                    WHEN 1 THEN '{two}' ELSE '{three}' END END,
                CASE WHEN n % 11 = 0 THEN {} END
            FROM (SELECT n + {from} AS n FROM {}) AS part",
            sql_uuid(engine, 8, "n"),
            sql_uuid(engine, 7, DEPARTMENT),
            date(engine, END),
            sql_time(engine, &FIRST_SUBMITTED_AT.to_string()),
            date(engine, "0 - n % 17 * 10"),
            sql_numbers(engine, A_PART),
            start = date(engine, START_DAY),
        ))
        .await
        .expect("contracts");
    }
    app.run_sql(
        "INSERT INTO contract_term (contract_id, sequence, organization_id, from_date, until_date,
            value_cents, currency)
        SELECT id, 1, organization_id, start_date, end_date, value_cents, currency FROM contract",
    )
    .await
    .expect("terms");
}

/// Those of the clause that are in effect, have expired, and are asked for.
async fn waivers(app: &TestApp) {
    let engine = app.engine;
    let approved = ", 'APPROVED', 'supervisor'";
    let (granted, asked) = ("status, approved_by, approved_at", "status");
    let at = sql_time(engine, &FIRST_SUBMITTED_AT.to_string());
    for (kind, of, last, until, columns, values) in [
        (10, "n % 293 = 7", "100", IN_EFFECT_UNTIL, granted, format!("{approved}, {at}")),
        (11, "n % 4999 = 9", "-2", EXPIRED_AT, granted, format!("{approved}, {at}")),
        (12, "n % 4993 = 11", "100", IN_EFFECT_UNTIL, asked, ", 'REQUESTED'".to_owned()),
    ] {
        app.run_sql(&format!(
            "INSERT INTO waiver (id, rule, department_id, contract_number, contract_id, purpose,
                alternatives, cost, authority, requested_by, requested_at, expires_on, expires_at,
                {columns})
            SELECT {}, 'contract.clause_missing', {}, {REFERENCE}, {}, 'Paving.', 'None.',
                'Twice as much.', 'Council file 26-0001', 'officer', {at}, {}, {}{values}
            FROM {} WHERE {of}",
            sql_uuid(engine, kind, "n"),
            sql_uuid(engine, 7, DEPARTMENT),
            sql_uuid(engine, 8, "n"),
            date(engine, last),
            sql_time(engine, &parse_instant(until).timestamp().to_string()),
            sql_numbers(engine, CONTRACTS),
        ))
        .await
        .expect("waivers");
    }
}

async fn exemptions(app: &TestApp) {
    let engine = app.engine;
    app.run_sql(&format!(
        "INSERT INTO exemption (id, kind, department_id, contract_number, contract_id, reason,
            authority, claimed_by, claimed_at)
        SELECT {}, 'GOVERNMENT_ENTITY', {}, {REFERENCE}, {}, 'It is a port authority.',
            'Los Angeles City Charter 371(e)', 'officer', {}
        FROM {} WHERE n % 251 = 3",
        sql_uuid(engine, 13, "n"),
        sql_uuid(engine, 7, DEPARTMENT),
        sql_uuid(engine, 8, "n"),
        sql_time(engine, &FIRST_SUBMITTED_AT.to_string()),
        sql_numbers(engine, CONTRACTS),
    ))
    .await
    .expect("exemptions");
}

/// A day, of the number of days that SQL computes after the one on which a story begins.
fn date(engine: Engine, days: &str) -> String {
    match engine {
        Engine::Sqlite => format!("date('{TODAY}', ({days}) || ' days')"),
        Engine::Postgres => format!("(date '{TODAY}' + ({days}))"),
    }
}
