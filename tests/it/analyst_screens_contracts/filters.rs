//! Each filter returns what checking every contract returns.
use super::{SCREEN, day, expected_contracts, has_agreement, ids, usd};
use candor_schema::gate::DhsComponent::{Cbp, Fema, Ice};
use candor_schema::gate::NatureOfWork::{Detention, Food};
use candor_schema::gate::{OnwardToDhs, RecipientKind};
use candor_tests::TestApp;
use candor_tests::many_contracts::{Contract, ManyContracts, department_id, organization_id};
use candor_tests::plans::{assert_same_statements, assert_uses_index};
use candor_tests::steps::text;
use chrono::NaiveDate;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

const ROWS: &str = "query($filter: ContractFilter, $first: Int) {
    screenContracts(filter: $filter, first: $first) { totalCount nodes { id disclosureId readiness
        readinessAtEnd disclosureLapsesOn ifRenewedAtEnd { outcome } clauseMissing outOfComplianceFor outOfComplianceSince
        contract { number organization { legalName } department { name } }
        components { component } ifRenewedToday { outcome findings { code } firstStep }
        waivers { id } exemptions { id } } } }";

/// Tables that are read only through indexes.
const TABLES: &[&str] = &[
    "contract",
    "contract_subcontractor",
    "disclosed",
    "disclosed_agreement",
    "disclosed_arrangement",
    "disclosed_category",
    "disclosed_nature",
    "disclosed_total",
    "disclosure",
    "exemption",
    "filing",
    "renewal",
    "waiver",
];

/// A filter and the predicate of the contracts that it matches.
pub type Case = (&'static str, Value, Box<dyn Fn(&Contract<'_>) -> bool>);

pub fn case(
    name: &'static str,
    filter: Value,
    matches: impl Fn(&Contract<'_>) -> bool + 'static,
) -> Case {
    (name, filter, Box::new(matches))
}

/// Returns whether the holder's disclosure has such a data-sharing arrangement: recipient,
/// category, City data, and whether it continues.
fn shares_data(
    contract: &Contract<'_>,
    is: fn(&(RecipientKind, &'static str, bool, OnwardToDhs)) -> bool,
) -> bool {
    contract.has_disclosure() && contract.firm.sharing.as_ref().is_some_and(is)
}

#[expect(clippy::too_many_lines, reason = "one entry a filter")]
fn cases() -> Vec<Case> {
    let department = department_id(3);
    let (from, until) = (day("2026-03-01"), day("2026-03-31"));
    let ends = move |it: &Contract<'_>| from <= it.end() && it.end() <= until;
    let lapsed_by =
        |it: &Contract<'_>, by: NaiveDate| it.noncompliance().is_some_and(|(_, since)| since <= by);
    let lapsed_for =
        |it: &Contract<'_>, of: &str| it.noncompliance().is_some_and(|(code, _)| code == of);
    let names = |it: &Contract<'_>, component| has_agreement(it, |it| it.component == component);
    vec![
        case("nothing", json!({}), |_| true),
        case("department", json!({ "departmentId": department }), |it| it.department() == 3),
        case("organization", json!({ "organizationId": organization_id(745) }), |it| {
            it.firm.number == 745
        }),
        case("ends from", json!({ "endsFrom": "2026-03-01" }), move |it| it.end() >= from),
        case("ends until", json!({ "endsUntil": "2026-03-31" }), move |it| it.end() <= until),
        case("ends", json!({ "endsFrom": "2026-03-01", "endsUntil": "2026-03-31" }), ends),
        case("readiness", json!({ "readiness": ["REVIEW", "BLOCK"] }), |it| {
            it.readiness() != "ADMIT"
        }),
        case("readiness at the end", json!({ "readinessAtEnd": ["ADMIT", "REVIEW"] }), |it| {
            it.readiness_at_end() != "BLOCK"
        }),
        case("lapses before", json!({ "disclosureLapsesBefore": "2026-03-01" }), move |it| {
            it.disclosure_lapses_on().is_some_and(|day| day < from)
        }),
        case(
            "ready only today",
            json!({ "readiness": ["ADMIT"], "readinessAtEnd": ["BLOCK"],
            "disclosureLapsesBefore": "2026-03-01", "departmentId": department }),
            move |it| {
                it.readiness() == "ADMIT"
                    && it.readiness_at_end() == "BLOCK"
                    && it.disclosure_lapses_on().is_some_and(|day| day < from)
                    && it.department() == 3
            },
        ),
        case("any component", json!({ "components": { "any": ["ICE", "CBP"] } }), move |it| {
            names(it, Ice) || names(it, Cbp)
        }),
        case("all components", json!({ "components": { "all": ["ICE", "FEMA"] } }), move |it| {
            names(it, Ice) && names(it, Fema)
        }),
        case("no component", json!({ "components": { "none": ["ICE", "USCIS"] } }), |it| {
            let either = has_agreement(it, |it| ["ICE", "USCIS"].contains(&it.component.as_str()));
            it.has_disclosure() && !either
        }),
        case("nature", json!({ "agreement": { "natureOfWork": ["DETENTION", "FOOD"] } }), |it| {
            has_agreement(it, |it| it.natures.iter().any(|it| [Detention, Food].contains(it)))
        }),
        case("kind", json!({ "agreement": { "kinds": ["GRANT"] } }), |it| {
            has_agreement(it, |it| it.kind == "GRANT")
        }),
        case(
            "dates",
            json!({ "agreement": { "runsFrom": "2026-07-01", "runsUntil": "2026-12-31" } }),
            |it| has_agreement(it, |it| it.end.is_none_or(|year| year > 2026)),
        ),
        case("compensation", json!({ "compensation": { "atLeast": usd(10_000_000) } }), |it| {
            it.has_disclosure() && it.firm.known_dollars() >= Some(100_000)
        }),
        case(
            "unknown too",
            json!({ "compensation": { "atLeast": usd(90_000_000), "unknown": true } }),
            |it| {
                let firm = it.firm;
                it.has_disclosure() && (firm.known_dollars() >= Some(900_000) || firm.has_unknown())
            },
        ),
        case("unknown", json!({ "compensation": { "unknown": true } }), |it| {
            it.has_disclosure() && it.firm.has_unknown()
        }),
        case("all known", json!({ "compensation": { "unknown": false } }), |it| {
            it.has_disclosure() && !it.firm.has_unknown()
        }),
        case("withheld", json!({ "withheld": true }), |it| it.has_disclosure() && it.firm.withheld),
        case("no parts withheld", json!({ "withheld": false }), |it| {
            it.has_disclosure() && !it.firm.withheld
        }),
        case(
            "category",
            json!({ "arrangement": { "dataCategories": ["LICENSE_PLATE_READS"] } }),
            |it| shares_data(it, |it| it.1 == "LICENSE_PLATE_READS"),
        ),
        case("city data", json!({ "arrangement": { "includesCityData": true } }), |it| {
            shares_data(it, |it| it.2)
        }),
        case("onward", json!({ "arrangement": { "onwardToDhs": ["KNOWN", "ALLOWED"] } }), |it| {
            shares_data(it, |it| it.3 != OnwardToDhs::Forbidden)
        }),
        case("no clause", json!({ "clauseMissing": true }), |it| it.clause_version().is_none()),
        case("a clause", json!({ "clauseMissing": false }), |it| it.clause_version().is_some()),
        case("exempted", json!({ "exempted": true }), |it| it.exemption().is_some()),
        case("not exempted", json!({ "exempted": false }), |it| it.exemption().is_none()),
        case("waived", json!({ "waived": true }), |it| it.waiver().is_some()),
        case("not waived", json!({ "waived": false }), |it| it.waiver().is_none()),
        case("out", json!({ "outOfCompliance": true }), |it| it.noncompliance().is_some()),
        case("in", json!({ "outOfCompliance": false }), |it| it.noncompliance().is_none()),
        case("out since", json!({ "outOfComplianceSince": "2025-12-01" }), move |it| {
            lapsed_by(it, day("2025-12-01"))
        }),
        case("out for", json!({ "outOfComplianceFor": ["disclosure.stale"] }), move |it| {
            lapsed_for(it, "disclosure.stale")
        }),
        case("a description", json!({ "text": "Custody BEDS" }), |it| {
            has_agreement(it, |it| it.description.is_some_and(|it| it.contains("custody")))
        }),
        case("a name", json!({ "text": "حداد" }), |it| it.firm.number % 5 == 2),
        case("both", json!({ "text": "shelter harb" }), |it| {
            has_agreement(it, |it| it.description.is_some_and(|it| it.contains("shelter")))
                && it.firm.number % 5 == 1
        }),
        case(
            "mix 1",
            json!({ "departmentId": department, "readiness": ["ADMIT"],
            "components": { "any": ["ICE"] }, "endsFrom": "2026-03-01" }),
            move |it| {
                it.department() == 3
                    && it.readiness() == "ADMIT"
                    && names(it, Ice)
                    && it.end() >= from
            },
        ),
        case(
            "mix 2",
            json!({ "agreement": { "components": ["ICE"], "natureOfWork": ["DETENTION"] },
            "compensation": { "atLeast": usd(50_000_000) }, "clauseMissing": true }),
            |it| {
                has_agreement(it, |it| it.natures.contains(&Detention))
                    && it.firm.known_dollars() >= Some(500_000)
                    && it.clause_version().is_none()
            },
        ),
        case(
            "mix 3",
            json!({ "withheld": true, "outOfComplianceSince": "2026-01-01",
            "outOfComplianceFor": ["disclosure.missing", "disclosure.stale"], "waived": false }),
            move |it| {
                it.has_disclosure()
                    && it.firm.withheld
                    && lapsed_by(it, day("2026-01-01"))
                    && !lapsed_for(it, "disclosure.outdated_terms")
                    && it.waiver().is_none()
            },
        ),
        case(
            "mix 4",
            json!({ "text": "records", "arrangement": { "includesCityData": true,
            "onwardToDhs": ["KNOWN"] }, "endsFrom": "2026-03-01", "endsUntil": "2026-03-31" }),
            move |it| shares_data(it, |it| it.2 && it.3 == OnwardToDhs::Known) && ends(it),
        ),
        case(
            "mix 5",
            json!({ "organizationId": organization_id(746), "components": { "none": ["CBP"] },
            "exempted": false, "outOfCompliance": false }),
            |it| it.firm.number == 746 && it.exemption().is_none() && it.noncompliance().is_none(),
        ),
    ]
}

pub async fn a_hundred_thousand_contracts_are_screened(app: &TestApp, many: &ManyContracts) {
    let analyst = app.analyst_token();
    // The first request of a token reads memberships, too.
    app.query(&analyst, "{ viewer { roles } }", json!({})).await;
    let mut statement_counts = Vec::new();
    for (name, filter, matches) in cases() {
        let contracts = expected_contracts(many, matches);
        assert!(!contracts.is_empty(), "{name} matches nothing");
        app.start_recording_statements();
        let before = app.count_statements();
        let variables = json!({ "filter": filter, "first": 50 });
        let page = app.query(&analyst, SCREEN, variables).await["screenContracts"].take();
        statement_counts.push(app.count_statements() - before);
        assert_eq!(page["totalCount"], json!(contracts.len()), "{name}");
        let expected_ids: Vec<_> = contracts.iter().take(50).map(Contract::id).collect();
        assert_eq!(ids(&page), expected_ids, "{name}");
        // A count visits every matching contract; a page only its rows.
        for statement in
            app.take_recorded_statements().iter().filter(|it| it.sql.contains("ORDER BY"))
        {
            assert_uses_index(app, statement, TABLES, name).await;
        }
    }
    assert_same_statements(&statement_counts);
    rows_carry_what_is_decided_by(app, many).await;
    a_hundred_rows_cost_what_one_does(app).await;
}

async fn rows_carry_what_is_decided_by(app: &TestApp, many: &ManyContracts) {
    let every: BTreeMap<String, Contract<'_>> = many.contracts().map(|it| (it.id(), it)).collect();
    for filter in [
        json!({}),
        json!({ "waived": true }),
        json!({ "exempted": true }),
        json!({ "withheld": true }),
        json!({ "outOfCompliance": true, "clauseMissing": true }),
    ] {
        let variables = json!({ "filter": filter, "first": 100 });
        let data = app.query(&app.analyst_token(), ROWS, variables).await;
        let rows = data["screenContracts"]["nodes"].as_array().expect("rows");
        assert_eq!(rows.len(), 100, "{filter}");
        for row in rows {
            assert_row_matches(&every[&text(&row["id"])], row);
        }
    }
}

/// Compares a row with its contract.
fn assert_row_matches(contract: &Contract<'_>, row: &Value) {
    let message = |list: &Value, field: &str| {
        let list = list.as_array().expect("a list").iter();
        list.map(|it| text(&it[field])).collect::<BTreeSet<_>>()
    };
    let (lapse, lacks_clause) = (contract.noncompliance(), contract.clause_version().is_none());
    let department = format!("Department {}", contract.department());
    let expected = json!({
        "readiness": contract.readiness(),
        "readinessAtEnd": contract.readiness_at_end(),
        "disclosureLapsesOn": contract.disclosure_lapses_on().map(|day| day.to_string()),
        "ifRenewedAtEnd": { "outcome": contract.expected_outcome_at_end() },
        "clauseMissing": lacks_clause,
        "outOfComplianceFor": lapse.map(|(code, _)| code),
        "outOfComplianceSince": lapse.map(|(_, since)| since.to_string()),
        "contract": {
            "number": contract.reference(), "organization": { "legalName": contract.firm.name },
            "department": { "name": department },
        },
    });
    for (field, value) in expected.as_object().expect("fields") {
        assert_eq!(&row[field], value, "{field}: {row:#}");
    }
    assert_eq!(row["disclosureId"].is_null(), !contract.has_disclosure(), "{row:#}");
    let disclosed = contract.firm.agreements.iter().map(|it| it.component.as_str().to_owned());
    let disclosed: BTreeSet<String> = disclosed.collect();
    assert_eq!(message(&row["components"], "component"), disclosed, "{row:#}");
    let waivers: BTreeSet<String> = contract.waivers().into_iter().collect();
    assert_eq!(message(&row["waivers"], "id"), waivers, "{row:#}");
    let exemptions: BTreeSet<String> = contract.exemption().into_iter().collect();
    assert_eq!(message(&row["exemptions"], "id"), exemptions, "{row:#}");
    let today = &row["ifRenewedToday"];
    assert_eq!(today["outcome"], contract.expected_outcome_today(), "{row:#}");
    assert_eq!(
        today["firstStep"].is_null(),
        contract.expected_outcome_today() == "ADMIT",
        "{row:#}"
    );
    let found = message(&today["findings"], "code");
    assert_eq!(found.contains("contract.clause_missing"), lacks_clause, "{row:#}");
    let lowered = lacks_clause && contract.waiver().is_some();
    assert_eq!(found.contains("waiver.applied"), lowered, "{row:#}");
}

async fn a_hundred_rows_cost_what_one_does(app: &TestApp) {
    // All holders have filed, so that one row needs the same statements as a hundred.
    let filter = json!({ "components": { "any": ["ICE"] } });
    let mut statement_counts = Vec::new();
    for first in [1, 100] {
        app.start_recording_statements();
        let before = app.count_statements();
        let variables = json!({ "filter": filter, "first": first });
        let data = app.query(&app.analyst_token(), ROWS, variables).await;
        statement_counts.push(app.count_statements() - before);
        assert_eq!(ids(&data["screenContracts"]).len(), first);
    }
    assert_eq!(statement_counts[0], statement_counts[1], "statements do not grow with the rows");
    let statements = app.take_recorded_statements();
    let looks = |sql: &str| sql.starts_with("SELECT") && !sql.contains("COUNT(");
    for statement in statements.iter().filter(|it| looks(&it.sql)) {
        assert_uses_index(app, statement, TABLES, "a row's parts").await;
    }
}
