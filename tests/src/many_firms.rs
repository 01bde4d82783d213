//! The firms of a large database and their filings, inserted in bulk. Every value follows from the firm's number.
use candor_schema::canonical::{Canonical, canonical};
use candor_schema::gate::{DhsComponent, NatureOfWork, OnwardToDhs, RecipientKind};
use serde_json::{Value, json};

use crate::bulk_sql::{insert, sql_time, uuid, uuid_literal};
use crate::engine::Engine;
use crate::fixtures::no_dealings;
use crate::test_app::TestApp;

pub(crate) const FIRMS: usize = 2_000;
pub(crate) const DEPARTMENTS: usize = 20;
/// Submission time of the first bid, June 1, 2025, 00:00 UTC, in seconds since 1970; each following
/// bid is a second later.
pub(crate) const FIRST_SUBMITTED_AT: i64 = 1_748_736_000;

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
    /// Version of the latest disclosure, without an earlier statement; 2 if the firm amended the first.
    pub version: i64,
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
        let Canonical { text: statement, sha256 } = canonical(&self.statement).expect("JSON");
        let mut attestation = json!({
            "form": form, "text": "", "textVersion": 1, "name": "", "title": "",
            "authority": "", "email": "", "city": "", "state": "",
            "signedAt": "2025-01-01T00:00:00Z", "subject": "", "digest": sha256,
        });
        if form == "PAPER" {
            attestation["paper"] = json!({ "name": "form.pdf" });
        }
        let kind = if self.version == 1 { "ORIGINAL" } else { "AMENDMENT" };
        let (keys, filed_at) = self.keys(engine);
        format!("({keys}, '{kind}', 1, '{statement}', '{sha256}', '{attestation}', {filed_at}, '')")
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
