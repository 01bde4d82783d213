//! Exposure by component equals the sum of its rows.
use super::{SCREEN, assert_refused, day, has_agreement, usd};
use candor_tests::fixtures::agreements_statement;
use candor_tests::many_contracts::{
    Contract, FILED_ON, ManyContracts, TODAY, department_id, organization_id,
};
use candor_tests::many_firms::{Agreement, Firm};
use candor_tests::steps::{classified_agreement, find_fault_code, text};
use candor_tests::{Role, TestApp};
use chrono::NaiveDate;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

const EXPOSURE: &str = "query($group: ExposureGroup!, $days: [Date!]! = [], $department: ID) {
    exposure(groupBy: $group, asOf: $days, departmentId: $department) { asOf
        groups { component natureOfWork departmentId organizationId label
            contracts contractValue { amount currency } organizations agreements
            compensation { known { amount currency } unknown notAsked } }
        withAgreements { contracts contractValue { amount currency } organizations agreements
            compensation { known { amount currency } unknown notAsked } }
        withoutAgreements { contracts contractValue { amount currency } organizations agreements
            compensation { known { amount currency } unknown notAsked } }
        unknown { contracts contractValue { amount currency } organizations agreements
            compensation { known { amount currency } unknown notAsked } } } }";

/// Sum over contracts and their holders' agreements.
#[derive(Default)]
struct Sum {
    contracts: i64,
    cents: i64,
    organizations: BTreeSet<usize>,
    /// By firm and index of the agreement: dollars, and whether the amount was required.
    agreements: BTreeMap<(usize, usize), (Option<i64>, bool)>,
}

impl Sum {
    fn add_contract(&mut self, contract: &Contract<'_>) {
        self.contracts += 1;
        self.cents += contract.cents();
        self.organizations.insert(contract.firm.number);
    }

    fn add_agreement(&mut self, firm: &Firm, index: usize) {
        let compensation = (firm.agreements[index].dollars, !firm.short_form);
        self.agreements.insert((firm.number, index), compensation);
    }

    /// Returns the sum as a row of the response.
    fn row(&self) -> Value {
        let known: Vec<i64> =
            self.agreements.values().filter_map(|compensation| compensation.0).collect();
        let known = (!known.is_empty()).then(|| usd(known.iter().sum::<i64>() * 100));
        let untold = |requires_amount| {
            self.agreements
                .values()
                .filter(move |compensation| **compensation == (None, requires_amount))
                .count()
        };
        let value = (self.contracts > 0).then(|| usd(self.cents));
        json!({
            "contracts": self.contracts, "contractValue": value.as_slice(),
            "organizations": self.organizations.len(), "agreements": self.agreements.len(),
            "compensation": {
                "known": known.as_slice(), "unknown": untold(true), "notAsked": untold(false),
            },
        })
    }
}

/// Grouping keys of a contract and an agreement of its holder.
type Keys = fn(&Contract<'_>, &Agreement) -> Vec<String>;

const BY_COMPONENT: Keys = |_, it| vec![it.component.as_str().to_owned()];

/// Expected exposure on a day.
#[derive(Default)]
struct ExpectedExposure {
    groups: BTreeMap<String, Sum>,
    with: Sum,
    without: Sum,
    unknown: Sum,
}

impl ExpectedExposure {
    fn of(running: &[Contract<'_>], day: NaiveDate, keys: Keys) -> Self {
        let mut exposure = Self::default();
        for contract in running {
            let firm = contract.firm;
            if day < FILED_ON || !contract.has_disclosure() {
                exposure.unknown.add_contract(contract);
                continue;
            }
            if firm.agreements.is_empty() {
                exposure.without.add_contract(contract);
                continue;
            }
            exposure.with.add_contract(contract);
            let mut without_label = BTreeSet::new();
            for (index, agreement) in firm.agreements.iter().enumerate() {
                exposure.with.add_agreement(firm, index);
                for key in keys(contract, agreement) {
                    let group = exposure.groups.entry(key.clone()).or_default();
                    group.add_agreement(firm, index);
                    if without_label.insert(key) {
                        group.add_contract(contract);
                    }
                }
            }
        }
        exposure
    }

    fn assert_matches(&self, seen: &Value, field: &str, what: &str) {
        for (name, sum) in [
            ("withAgreements", &self.with),
            ("withoutAgreements", &self.without),
            ("unknown", &self.unknown),
        ] {
            assert_eq!(seen[name], sum.row(), "{what}: {name}");
        }
        let rows = seen["groups"].as_array().expect("groups").iter();
        let groups = rows.map(|row| (text(&row[field]), without_label(row)));
        let groups: BTreeMap<String, Value> = groups.collect();
        let expected = self.groups.iter().map(|(key, sum)| (key.clone(), sum.row()));
        let expected: BTreeMap<String, Value> = expected.collect();
        assert_eq!(groups, expected, "{what}");
    }
}

/// Returns a group's row without its label.
fn without_label(row: &Value) -> Value {
    json!({
        "contracts": row["contracts"], "contractValue": row["contractValue"],
        "organizations": row["organizations"], "agreements": row["agreements"],
        "compensation": row["compensation"],
    })
}

fn running(many: &ManyContracts, day: NaiveDate) -> Vec<Contract<'_>> {
    many.contracts().filter(|it| it.runs_on(day)).collect()
}

pub async fn exposure_adds_up_to_its_rows(app: &TestApp, many: &ManyContracts) {
    let analyst = app.analyst_token();
    // Today, the day before anyone filed, and the first day on which all had filed.
    let days = [TODAY, day("2025-05-30"), FILED_ON];
    let groupings: [(&str, &str, Keys); 4] = [
        ("COMPONENT", "component", BY_COMPONENT),
        ("DEPARTMENT", "departmentId", |it, _| vec![department_id(it.department())]),
        ("NATURE_OF_WORK", "natureOfWork", |_, it| {
            it.natures.iter().map(|it| it.as_str().to_owned()).collect()
        }),
        ("ORGANIZATION", "organizationId", |it, _| vec![organization_id(it.firm.number)]),
    ];
    for (group, field, keys) in groupings {
        let variables = json!({ "group": group, "days": days.map(|day| day.to_string()) });
        let seen = app.query(&analyst, EXPOSURE, variables).await;
        for (index, day) in days.into_iter().enumerate() {
            let (seen, running) = (&seen["exposure"][index], running(many, day));
            assert_eq!(seen["asOf"], day.to_string());
            ExpectedExposure::of(&running, day, keys).assert_matches(
                seen,
                field,
                &format!("{group} {day}"),
            );
            let totals = ["withAgreements", "withoutAgreements", "unknown"];
            let totals = totals.map(|name| seen[name]["contracts"].as_u64().expect("a count"));
            let all = u64::try_from(running.len()).expect("a count");
            assert_eq!(totals.iter().sum::<u64>(), all, "{group} {day}: each contract once");
        }
    }

    let variables = json!({ "group": "COMPONENT", "department": department_id(3) });
    let seen = app.query(&analyst, EXPOSURE, variables).await;
    let mut own = running(many, TODAY);
    own.retain(|it| it.department() == 3);
    let of_department = ExpectedExposure::of(&own, TODAY, BY_COMPONENT);
    of_department.assert_matches(&seen["exposure"][0], "component", "one department");

    components_are_those_that_are_screened(app, many).await;
    what_is_withheld_is_unknown(app).await;
    let ahead = json!({ "group": "COMPONENT", "days": ["2026-02-02", "2026-02-03"] });
    assert_refused(app, EXPOSURE, &ahead, "asOf.1 invalid").await;
    let none = json!({ "group": "COMPONENT", "days": ["2026-02-30"] });
    assert_refused(app, EXPOSURE, &none, "asOf.0 invalid").await;
    let many_days = json!({ "group": "COMPONENT", "days": vec!["2026-02-02"; 37] });
    let fault = app.execute(&analyst, EXPOSURE, many_days).await;
    assert_eq!(find_fault_code(&fault).as_deref(), Some("LIMIT_EXCEEDED"), "{fault:#}");
    let system = app.token("system", &[Role::ProcurementSystem]);
    let fault = app.execute(&system, EXPOSURE, json!({ "group": "COMPONENT" })).await;
    assert_eq!(find_fault_code(&fault).as_deref(), Some("FORBIDDEN"), "{fault:#}");
}

/// Each component's contracts equal the screening result for that component, without contracts that
/// have not begun.
async fn components_are_those_that_are_screened(app: &TestApp, many: &ManyContracts) {
    let analyst = app.analyst_token();
    let seen = app.query(&analyst, EXPOSURE, json!({ "group": "COMPONENT" })).await;
    let groups = seen["exposure"][0]["groups"].as_array().expect("groups");
    assert!(groups.len() >= 5, "{groups:#?}");
    for row in groups {
        let component = text(&row["component"]);
        let filter = json!({ "components": { "any": [component] }, "endsFrom": "2026-02-02" });
        let screened = app.query(&analyst, SCREEN, json!({ "filter": filter, "first": 0 })).await;
        let screened = screened["screenContracts"]["totalCount"].as_u64().expect("a count");
        let ahead = many.contracts().filter(|it| {
            it.start() > TODAY
                && has_agreement(it, |agreement| agreement.component.as_str() == component)
        });
        let ahead = u64::try_from(ahead.count()).expect("a count");
        assert!(ahead > 0, "{component} has no case");
        assert_eq!(row["contracts"], json!(screened - ahead), "{component}");
    }
}

/// Adds a firm that withholds both the component and the amount of its agreement.
async fn what_is_withheld_is_unknown(app: &TestApp) {
    let variables = json!({ "group": "COMPONENT" });
    let before = app.query(&app.analyst_token(), EXPOSURE, variables.clone()).await;
    let department = app.create_department("REAL").await;
    let firm = app.register_firm("Silent Paving").await;
    let mut agreement = classified_agreement();
    agreement.as_object_mut().expect("an agreement").remove("component");
    let marks = agreement["withheld"].as_array_mut().expect("marks");
    marks.push(json!({ "path": ["component"], "ground": "CLASSIFIED" }));
    app.file_and_load_disclosure(&firm, agreements_statement(&[agreement])).await;
    app.record_contract(&department, &firm, "C-1", ("2026-01-01", "2026-12-31"), json!({})).await;

    let after = app.query(&app.analyst_token(), EXPOSURE, variables).await;
    let groups = |seen: &Value| seen["exposure"][0]["groups"].as_array().expect("groups").clone();
    let mut rest = groups(&after);
    let index = rest.iter().position(|row| row["component"].is_null()).expect("a group of its own");
    let row = rest.remove(index);
    let expected = json!({
        "contracts": 1, "contractValue": [usd(25_000_000)], "organizations": 1, "agreements": 1,
        "compensation": { "known": [], "unknown": 1, "notAsked": 0 },
    });
    assert_eq!(without_label(&row), expected);
    assert_eq!(row["label"], "Withheld component");
    assert_eq!(rest, groups(&before), "it is in no component's sums");
    let whole = |seen: &Value, index: &str| {
        let found = seen.pointer(&format!("/exposure/0/withAgreements/{index}"));
        found.expect("a whole").clone()
    };
    for index in ["contracts", "agreements", "compensation/unknown"] {
        let before = whole(&before, index).as_i64().expect("a count");
        assert_eq!(whole(&after, index), json!(before + 1), "{index}");
    }
    let known = "compensation/known";
    assert_eq!(whole(&after, known), whole(&before, known), "a withheld amount adds nothing");
}
