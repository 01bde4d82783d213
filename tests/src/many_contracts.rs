//! A database of 100,000 contracts, inserted in bulk and held by the firms of [`crate::many_firms`].
//! Every value follows from the numbers of the firm and the contract, so that the expected result
//! of a filter is known without asking the database. Properties that repeat with different primes
//! occur in every combination.
use candor_schema::contracting::model::ContractId;
use candor_schema::organization::model::{DepartmentId, OrganizationId};
use candor_schema::waiver::model::{ExemptionId, WaiverId};
use chrono::{NaiveDate, TimeDelta};

use crate::bulk_sql::{sql_numbers, sql_parts, sql_time, sql_uuid, uuid};
use crate::engine::Engine;
use crate::many_bids::build_indexes;
use crate::many_firms::{FIRMS, FIRST_SUBMITTED_AT, Firm, insert_firms};
use crate::test_app::{TestApp, parse_instant};

/// Number of contracts.
pub const CONTRACTS: usize = 100_000;
/// Local day on which a story begins.
pub const TODAY: NaiveDate = NaiveDate::from_ymd_opt(2026, 2, 2).expect("a date");
/// First local day at the end of which the firms' disclosures are on file. They were filed at
/// midnight UTC within that day.
pub const FILED_ON: NaiveDate = NaiveDate::from_ymd_opt(2025, 5, 31).expect("a date");
/// Last local day on which the disclosures are fresh: a year after they were filed.
const DISCLOSURES_FRESH_UNTIL: NaiveDate = NaiveDate::from_ymd_opt(2026, 5, 31).expect("a date");
const CONTRACTS_PER_FIRM: usize = CONTRACTS / FIRMS;
/// Local midnight after the last day of waivers in effect.
const WAIVERS_IN_EFFECT_UNTIL: &str = "2026-05-14T07:00:00Z";
/// The first local day without those waivers.
const WAIVED_BEFORE: NaiveDate = NaiveDate::from_ymd_opt(2026, 5, 14).expect("a date");
/// Local midnight after the last day of expired waivers.
const WAIVERS_EXPIRED_AT: &str = "2026-02-01T08:00:00Z";
const NONCOMPLIANCE_CODES: [&str; 3] =
    ["disclosure.stale", "disclosure.missing", "disclosure.outdated_terms"];

/// A contract and the firm that holds it.
#[derive(Clone, Copy, Debug)]
pub struct Contract<'a> {
    pub number: usize,
    pub firm: &'a Firm,
}

/// Returns whether a firm has a disclosure on file.
#[must_use]
pub const fn has_filed(firm: &Firm) -> bool {
    firm.number % 20 != 13
}

/// Returns the identifier of a department by number.
#[must_use]
pub fn department_id(number: usize) -> String {
    DepartmentId::from_uuid(uuid(7, number)).to_string()
}

/// Returns the identifier of a firm by number.
#[must_use]
pub fn organization_id(number: usize) -> String {
    OrganizationId::from_uuid(uuid(1, number)).to_string()
}

impl Contract<'_> {
    #[must_use]
    pub fn id(&self) -> String {
        ContractId::from_uuid(uuid(8, self.number)).to_string()
    }

    /// Returns the contract's number in its department.
    #[must_use]
    pub fn reference(&self) -> String {
        format!("C-{:06}", self.number + 1)
    }

    /// Returns the department's number; department 0 has every tenth contract.
    #[must_use]
    pub const fn department(&self) -> usize {
        if self.number.is_multiple_of(10) { 0 } else { 1 + self.number % 19 }
    }

    /// Returns the last day, within a year before or after the story's start.
    #[must_use]
    pub fn end(&self) -> NaiveDate {
        TODAY + TimeDelta::days(to_i64(self.number * 401 % 733) - 366)
    }

    /// Returns the first day, half a year to three years before the last.
    #[must_use]
    pub fn start(&self) -> NaiveDate {
        self.end() - TimeDelta::days(to_i64(180 + self.number * 13 % 1_009))
    }

    #[must_use]
    pub fn runs_on(&self, day: NaiveDate) -> bool {
        self.start() <= day && day <= self.end()
    }

    /// Returns the value in cents. Each value occurs twice, so that ties show the secondary order.
    #[must_use]
    pub fn cents(&self) -> i64 {
        to_i64(self.number * 7_919 % 50_000 * 100)
    }

    /// Returns the version of the disclosure clause in the contract.
    #[must_use]
    pub const fn clause_version(&self) -> Option<i64> {
        if self.number.is_multiple_of(3) { None } else { Some(1) }
    }

    /// Returns the cached renewal readiness.
    #[must_use]
    pub const fn readiness(&self) -> &'static str {
        ["ADMIT", "ADMIT", "ADMIT", "ADMIT", "REVIEW", "REVIEW", "BLOCK"][self.number % 7]
    }

    /// Returns the cached readiness at the end.
    #[must_use]
    pub const fn readiness_at_end(&self) -> &'static str {
        ["BLOCK", "ADMIT", "BLOCK", "REVIEW", "BLOCK"][self.number % 5]
    }

    /// Returns the first day on which the holder's disclosure is stale, as cached.
    #[must_use]
    pub fn disclosure_lapses_on(&self) -> Option<NaiveDate> {
        let day = TODAY + TimeDelta::days(to_i64(self.number % 397) - 30);
        (self.number % 23 != 4).then_some(day)
    }

    /// Returns the rule and the first day of noncompliance.
    #[must_use]
    pub fn noncompliance(&self) -> Option<(&'static str, NaiveDate)> {
        let since = TODAY - TimeDelta::days(to_i64(self.number % 17 * 10));
        self.number.is_multiple_of(11).then(|| (NONCOMPLIANCE_CODES[self.number % 13 % 3], since))
    }

    /// Returns the waiver of the clause that is in effect.
    #[must_use]
    pub fn waiver(&self) -> Option<String> {
        (self.number % 293 == 7).then(|| self.waiver_of(10))
    }

    /// Returns all waivers, in any status.
    #[must_use]
    pub fn waivers(&self) -> Vec<String> {
        let expired = (self.number % 4_999 == 9).then(|| self.waiver_of(11));
        let requested = (self.number % 4_993 == 11).then(|| self.waiver_of(12));
        self.waiver().into_iter().chain(expired).chain(requested).collect()
    }

    fn waiver_of(&self, kind: usize) -> String {
        WaiverId::from_uuid(uuid(kind, self.number)).to_string()
    }

    /// Returns the exemption claimed for the award.
    #[must_use]
    pub fn exemption(&self) -> Option<String> {
        let id = || ExemptionId::from_uuid(uuid(13, self.number)).to_string();
        (self.number % 251 == 3).then(id)
    }

    /// Returns whether the holder has a disclosure on file.
    #[must_use]
    pub const fn has_disclosure(&self) -> bool {
        has_filed(self.firm)
    }

    /// Returns the gate's outcome for a renewal today. Disclosures are fresh for a year; the cached
    /// readiness is not used.
    #[must_use]
    pub fn expected_outcome_today(&self) -> &'static str {
        self.expected_outcome_on(TODAY)
    }

    /// Returns the gate's outcome for a renewal on the day after the contract's end, or today if that
    /// has passed.
    #[must_use]
    pub fn expected_outcome_at_end(&self) -> &'static str {
        self.expected_outcome_on((self.end() + TimeDelta::days(1)).max(TODAY))
    }

    fn expected_outcome_on(&self, day: NaiveDate) -> &'static str {
        let is_waived = self.waiver().is_some() && day < WAIVED_BEFORE;
        let blocks = !self.has_disclosure()
            || day > DISCLOSURES_FRESH_UNTIL
            || self.firm.review == "REJECTED"
            || (self.clause_version().is_none() && !is_waived);
        if blocks {
            "BLOCK"
        } else if self.firm.withheld && self.firm.review != "ACCEPTED" {
            "REVIEW"
        } else {
            "ADMIT"
        }
    }
}

fn to_i64(number: usize) -> i64 {
    i64::try_from(number).unwrap_or_default()
}

/// The inserted firms, from which every contract follows.
#[derive(Clone, Debug)]
pub struct ManyContracts {
    firms: Vec<Firm>,
}

/// The same values in SQL, for a contract with number `n`.
const DEPARTMENT: &str = "(CASE WHEN n % 10 = 0 THEN 0 ELSE 1 + n % 19 END)";
const REFERENCE: &str = "'C-' || substr('000000' || (n + 1), length('000000' || (n + 1)) - 5)";
const END: &str = "n * 401 % 733 - 366";
const START_DAY: &str = "n * 401 % 733 - 366 - (180 + n * 13 % 1009)";
/// Reduced before it is multiplied: with a million contracts the product is too large for an integer.
const CENTS: &str = "n % 50000 * 7919 % 50000 * 100";
const READINESS_AT_END: &str =
    "CASE n % 5 WHEN 1 THEN 'ADMIT' WHEN 3 THEN 'REVIEW' ELSE 'BLOCK' END";
const READINESS: &str = "CASE WHEN n % 7 < 4 THEN 'ADMIT' WHEN n % 7 < 6 THEN 'REVIEW'
    ELSE 'BLOCK' END";

impl ManyContracts {
    /// Iterates over the contracts in order of number, which is also the order of identifiers.
    pub fn contracts(&self) -> impl Iterator<Item = Contract<'_>> {
        (0..CONTRACTS)
            .map(|number| Contract { number, firm: &self.firms[number / CONTRACTS_PER_FIRM] })
    }

    /// Inserts everything into an empty database.
    pub async fn insert(app: &TestApp) -> Self {
        let many = Self { firms: insert_firms(app, FIRMS, has_filed, None).await };
        insert_contracts(app, FIRMS, CONTRACTS, Statuses::Current).await;
        insert_waivers(app, CONTRACTS).await;
        insert_exemptions(app, CONTRACTS).await;
        build_indexes(app).await;
        many
    }
}

/// Inserts `count` contracts of firms with filings, and nothing else, into an empty database: for what
/// needs more rows than [`CONTRACTS`]. `count` is a multiple of the number of firms.
pub async fn insert_only_contracts(app: &TestApp, count: usize) {
    insert_firms(app, FIRMS, has_filed, None).await;
    insert_contracts(app, FIRMS, count, Statuses::Current).await;
}

/// Until when the inserted statuses of contracts count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Statuses {
    /// Without end.
    Current,
    /// They wait for the service to compute them again, so that `candor verify` does not compare them.
    Expired,
}

/// Inserts `count` contracts of `firms` firms, each with as many.
pub(crate) async fn insert_contracts(
    app: &TestApp,
    firms: usize,
    count: usize,
    statuses: Statuses,
) {
    let engine = app.engine;
    let status_expires_at = match statuses {
        Statuses::Current => "NULL".to_owned(),
        Statuses::Expired => sql_time(engine, &FIRST_SUBMITTED_AT.to_string()),
    };
    let firm = sql_uuid(engine, 1, &format!("n / {}", count / firms));
    let [one, two, three] = NONCOMPLIANCE_CODES;
    for part in sql_parts(engine, count) {
        app.run_sql(&format!(
            "INSERT INTO contract (id, department_id, number, title, organization_id, method,
                public_works, value_cents, currency, signed_on, start_date, end_date, options_left,
                clause_version, clause_inserted_on, basis, awarded_to, recorded_at, recorded_by,
                readiness, readiness_at_end, disclosure_lapses_on, noncompliance_code,
                noncompliant_since, status_expires_at)
            SELECT {}, {}, {REFERENCE}, 'Contract ' || n, {firm}, 'BIDS', FALSE, {CENTS}, 'USD',
                {start}, {start}, {}, n % 3, CASE WHEN n % 3 <> 0 THEN 1 END,
                CASE WHEN n % 3 <> 0 THEN {start} END, 'RECORDED', {firm}, {}, 'officer',
                {READINESS}, {READINESS_AT_END}, CASE WHEN n % 23 <> 4 THEN {lapse} END,
                CASE WHEN n % 11 = 0 THEN CASE n % 13 % 3 WHEN 0 THEN '{one}'
                    WHEN 1 THEN '{two}' ELSE '{three}' END END,
                CASE WHEN n % 11 = 0 THEN {} END, {status_expires_at}
            FROM {part}",
            sql_uuid(engine, 8, "n"),
            sql_uuid(engine, 7, DEPARTMENT),
            sql_date(engine, END),
            sql_time(engine, &FIRST_SUBMITTED_AT.to_string()),
            sql_date(engine, "0 - n % 17 * 10"),
            lapse = sql_date(engine, "n % 397 - 30"),
            start = sql_date(engine, START_DAY),
        ))
        .await
        .expect("contracts");
        app.run_sql(&format!(
            "INSERT INTO contract_term (contract_id, sequence, organization_id, from_date,
                until_date, value_cents, currency)
            SELECT contract.id, 1, organization_id, start_date, end_date, value_cents, currency
            FROM (SELECT {} AS id FROM {part}) AS inserted
                JOIN contract ON contract.id = inserted.id",
            sql_uuid(engine, 8, "n"),
        ))
        .await
        .expect("terms");
    }
}

/// Inserts waivers of the clause for some of the contracts: in effect, expired and requested.
pub(crate) async fn insert_waivers(app: &TestApp, contracts: usize) {
    let engine = app.engine;
    let approved = ", 'APPROVED', 'supervisor'";
    let (granted, requested) = ("status, approved_by, approved_at", "status");
    let at = sql_time(engine, &FIRST_SUBMITTED_AT.to_string());
    for (kind, of, last, until, columns, values) in [
        (10, "n % 293 = 7", "100", WAIVERS_IN_EFFECT_UNTIL, granted, format!("{approved}, {at}")),
        (11, "n % 4999 = 9", "-2", WAIVERS_EXPIRED_AT, granted, format!("{approved}, {at}")),
        (
            12,
            "n % 4993 = 11",
            "100",
            WAIVERS_IN_EFFECT_UNTIL,
            requested,
            ", 'REQUESTED'".to_owned(),
        ),
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
            sql_date(engine, last),
            sql_time(engine, &parse_instant(until).timestamp().to_string()),
            sql_numbers(engine, contracts),
        ))
        .await
        .expect("waivers");
    }
}

pub(crate) async fn insert_exemptions(app: &TestApp, contracts: usize) {
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
        sql_numbers(engine, contracts),
    ))
    .await
    .expect("exemptions");
}

/// Returns SQL for the day that is a computed number of days after the story's start.
fn sql_date(engine: Engine, days: &str) -> String {
    match engine {
        Engine::Sqlite => format!("date('{TODAY}', ({days}) || ' days')"),
        Engine::Postgres => format!("(date '{TODAY}' + ({days}))"),
    }
}
