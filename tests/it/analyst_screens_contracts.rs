//! An analyst of the City Administrative Officer screens a hundred thousand contracts, counts what
//! is due and what is disclosed, and tries a change of the policy: each answer is what a look at
//! every contract gives.
use std::collections::{BTreeMap, BTreeSet};

use candor_schema::gate::DhsComponent::{Cbp, Fema, Ice};
use candor_schema::gate::NatureOfWork::{Detention, Food};
use candor_schema::gate::{OnwardToDhs, RecipientKind};
use candor_tests::affairs::agreements;
use candor_tests::many_bids::{Agreement, Firm};
use candor_tests::many_contracts::{
    CONTRACTS, Contract, FILED_ON, ManyContracts, TODAY, department_id, organization_id,
};
use candor_tests::plans::{looks_into_an_index, plan};
use candor_tests::steps::{classified, code, text, told};
use candor_tests::{City, Engine, Role, stories};
use chrono::NaiveDate;
use serde_json::{Value, json};

stories![
    a_hundred_thousand_contracts_are_screened,
    every_order_goes_on_from_a_place,
    renewals_due_counts_by_month_and_readiness,
    exposure_adds_up_to_its_rows,
    a_change_is_simulated_on_ten_thousand,
];

const SCREEN: &str = "query($filter: ContractFilter, $order: ContractOrder, $first: Int,
        $after: String, $last: Int, $before: String) {
    screenContracts(filter: $filter, orderBy: $order, first: $first, after: $after, last: $last,
        before: $before) {
        totalCount pageInfo { startCursor endCursor hasNextPage hasPreviousPage } nodes { id } } }";
const ROWS: &str = "query($filter: ContractFilter, $first: Int) {
    screenContracts(filter: $filter, first: $first) { totalCount nodes { id disclosureId readiness
        clauseMissing outOfComplianceFor outOfComplianceSince
        contract { number organization { legalName } department { name } }
        components { component } ifRenewedToday { outcome findings { code } firstStep }
        waivers { id } exemptions { id } } } }";

/// What is looked into by an index alone.
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

/// A filter, and whether it leaves a contract.
type Case = (&'static str, Value, Box<dyn Fn(&Contract<'_>) -> bool>);

fn case(
    name: &'static str,
    filter: Value,
    leaves: impl Fn(&Contract<'_>) -> bool + 'static,
) -> Case {
    (name, filter, Box::new(leaves))
}

/// Whether what its holder has on file holds an agreement of that kind.
fn any(contract: &Contract<'_>, is: impl Fn(&Agreement) -> bool) -> bool {
    contract.has_disclosure() && contract.firm.agreements.iter().any(is)
}

/// Whether what its holder has on file holds an arrangement of that kind: with whom, of which data,
/// whether of the City's, and whether it goes on.
fn shares(
    contract: &Contract<'_>,
    is: fn(&(RecipientKind, &'static str, bool, OnwardToDhs)) -> bool,
) -> bool {
    contract.has_disclosure() && contract.firm.sharing.as_ref().is_some_and(is)
}

fn day(text: &str) -> NaiveDate {
    text.parse().expect(text)
}

fn usd(cents: i64) -> Value {
    json!({ "amount": format!("{}.{:02}", cents / 100, cents % 100), "currency": "USD" })
}

#[expect(clippy::too_many_lines, reason = "one entry a filter")]
fn cases() -> Vec<Case> {
    let department = department_id(3);
    let (from, until) = (day("2026-03-01"), day("2026-03-31"));
    let ends = move |it: &Contract<'_>| from <= it.end() && it.end() <= until;
    let lapsed_by =
        |it: &Contract<'_>, by: NaiveDate| it.lapse().is_some_and(|(_, since)| since <= by);
    let lapsed_for = |it: &Contract<'_>, of: &str| it.lapse().is_some_and(|(code, _)| code == of);
    let names = |it: &Contract<'_>, component| any(it, |it| it.component == component);
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
        case("any component", json!({ "components": { "any": ["ICE", "CBP"] } }), move |it| {
            names(it, Ice) || names(it, Cbp)
        }),
        case("all components", json!({ "components": { "all": ["ICE", "FEMA"] } }), move |it| {
            names(it, Ice) && names(it, Fema)
        }),
        case("no component", json!({ "components": { "none": ["ICE", "USCIS"] } }), |it| {
            let either = any(it, |it| ["ICE", "USCIS"].contains(&&*it.component.word()));
            it.has_disclosure() && !either
        }),
        case("nature", json!({ "agreement": { "natureOfWork": ["DETENTION", "FOOD"] } }), |it| {
            any(it, |it| it.natures.iter().any(|it| [Detention, Food].contains(it)))
        }),
        case("kind", json!({ "agreement": { "kinds": ["GRANT"] } }), |it| {
            any(it, |it| it.kind == "GRANT")
        }),
        case(
            "dates",
            json!({ "agreement": { "runsFrom": "2026-07-01", "runsUntil": "2026-12-31" } }),
            |it| any(it, |it| it.end.is_none_or(|year| year > 2026)),
        ),
        case("compensation", json!({ "compensation": { "atLeast": usd(10_000_000) } }), |it| {
            it.has_disclosure() && it.firm.known() >= Some(100_000)
        }),
        case(
            "unknown too",
            json!({ "compensation": { "atLeast": usd(90_000_000), "unknown": true } }),
            |it| {
                let firm = it.firm;
                it.has_disclosure() && (firm.known() >= Some(900_000) || firm.has_unknown())
            },
        ),
        case("unknown", json!({ "compensation": { "unknown": true } }), |it| {
            it.has_disclosure() && it.firm.has_unknown()
        }),
        case("all known", json!({ "compensation": { "unknown": false } }), |it| {
            it.has_disclosure() && !it.firm.has_unknown()
        }),
        case("withheld", json!({ "withheld": true }), |it| it.has_disclosure() && it.firm.withheld),
        case("all told", json!({ "withheld": false }), |it| {
            it.has_disclosure() && !it.firm.withheld
        }),
        case(
            "category",
            json!({ "arrangement": { "dataCategories": ["LICENCE_PLATE_READS"] } }),
            |it| shares(it, |it| it.1 == "LICENCE_PLATE_READS"),
        ),
        case("city data", json!({ "arrangement": { "includesCityData": true } }), |it| {
            shares(it, |it| it.2)
        }),
        case("onward", json!({ "arrangement": { "onwardToDhs": ["KNOWN", "ALLOWED"] } }), |it| {
            shares(it, |it| it.3 != OnwardToDhs::Forbidden)
        }),
        case("no clause", json!({ "clauseMissing": true }), |it| it.clause_version().is_none()),
        case("a clause", json!({ "clauseMissing": false }), |it| it.clause_version().is_some()),
        case("exempted", json!({ "exempted": true }), |it| it.exemption().is_some()),
        case("not exempted", json!({ "exempted": false }), |it| it.exemption().is_none()),
        case("waived", json!({ "waived": true }), |it| it.waiver().is_some()),
        case("not waived", json!({ "waived": false }), |it| it.waiver().is_none()),
        case("out", json!({ "outOfCompliance": true }), |it| it.lapse().is_some()),
        case("in", json!({ "outOfCompliance": false }), |it| it.lapse().is_none()),
        case("out since", json!({ "outOfComplianceSince": "2025-12-01" }), move |it| {
            lapsed_by(it, day("2025-12-01"))
        }),
        case("out for", json!({ "outOfComplianceFor": ["disclosure.stale"] }), move |it| {
            lapsed_for(it, "disclosure.stale")
        }),
        case("a description", json!({ "text": "Custody BEDS" }), |it| {
            any(it, |it| it.description.is_some_and(|it| it.contains("custody")))
        }),
        case("a name", json!({ "text": "حداد" }), |it| it.firm.number % 5 == 2),
        case("both", json!({ "text": "shelter harb" }), |it| {
            any(it, |it| it.description.is_some_and(|it| it.contains("shelter")))
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
                any(it, |it| it.natures.contains(&Detention))
                    && it.firm.known() >= Some(500_000)
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
            move |it| shares(it, |it| it.2 && it.3 == OnwardToDhs::Known) && ends(it),
        ),
        case(
            "mix 5",
            json!({ "organizationId": organization_id(746), "components": { "none": ["CBP"] },
            "exempted": false, "outOfCompliance": false }),
            |it| it.firm.number == 746 && it.exemption().is_none() && it.lapse().is_none(),
        ),
    ]
}

/// The contracts that are left, the first to end first.
fn left<'a>(many: &'a ManyContracts, leaves: impl Fn(&Contract<'_>) -> bool) -> Vec<Contract<'a>> {
    let mut left: Vec<_> = many.contracts().filter(leaves).collect();
    left.sort_by_key(|it| (it.end(), it.number));
    left
}

fn ids(page: &Value) -> Vec<String> {
    let rows = page["nodes"].as_array().expect("rows").iter();
    rows.map(|row| text(&row["id"])).collect()
}

async fn a_hundred_thousand_contracts_are_screened(city: City) {
    let many = ManyContracts::sown(&city).await;
    let analyst = city.analyst();
    let mut asked = Vec::new();
    for (name, filter, leaves) in cases() {
        let left = left(&many, leaves);
        assert!(!left.is_empty(), "{name} tells nothing");
        city.listen();
        let before = city.statements();
        let variables = json!({ "filter": filter, "first": 50 });
        let page = city.data(&analyst, SCREEN, variables).await["screenContracts"].take();
        asked.push(city.statements() - before);
        assert_eq!(page["totalCount"], json!(left.len()), "{name}");
        let sought: Vec<_> = left.iter().take(50).map(Contract::id).collect();
        assert_eq!(ids(&page), sought, "{name}");
        // A count looks at all that is left; a page looks for its rows.
        for statement in city.heard().iter().filter(|it| it.sql.contains("ORDER BY")) {
            looks_into_an_index(&city, statement, TABLES, name).await;
        }
    }
    let most = asked.iter().max();
    assert!(asked.iter().all(|number| Some(number) == most), "{asked:?} statements");
    rows_carry_what_is_decided_by(&city, &many).await;
    a_hundred_rows_cost_what_one_does(&city).await;
}

async fn rows_carry_what_is_decided_by(city: &City, many: &ManyContracts) {
    let every: BTreeMap<String, Contract<'_>> = many.contracts().map(|it| (it.id(), it)).collect();
    for filter in [
        json!({}),
        json!({ "waived": true }),
        json!({ "exempted": true }),
        json!({ "withheld": true }),
        json!({ "outOfCompliance": true, "clauseMissing": true }),
    ] {
        let variables = json!({ "filter": filter, "first": 100 });
        let seen = city.data(&city.analyst(), ROWS, variables).await;
        let rows = seen["screenContracts"]["nodes"].as_array().expect("rows");
        assert_eq!(rows.len(), 100, "{filter}");
        for row in rows {
            is_told(&every[&text(&row["id"])], row);
        }
    }
}

/// Compares a row with its contract.
fn is_told(contract: &Contract<'_>, row: &Value) {
    let words = |list: &Value, field: &str| {
        let list = list.as_array().expect("a list").iter();
        list.map(|it| text(&it[field])).collect::<BTreeSet<_>>()
    };
    let (lapse, lacks_clause) = (contract.lapse(), contract.clause_version().is_none());
    let department = format!("Department {}", contract.department());
    let expected = json!({
        "readiness": contract.readiness(),
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
    let disclosed = contract.firm.agreements.iter().map(|it| it.component.word());
    let disclosed: BTreeSet<String> = disclosed.collect();
    assert_eq!(words(&row["components"], "component"), disclosed, "{row:#}");
    let waivers: BTreeSet<String> = contract.waivers().into_iter().collect();
    assert_eq!(words(&row["waivers"], "id"), waivers, "{row:#}");
    let exemptions: BTreeSet<String> = contract.exemption().into_iter().collect();
    assert_eq!(words(&row["exemptions"], "id"), exemptions, "{row:#}");
    let today = &row["ifRenewedToday"];
    assert_eq!(today["outcome"], contract.outlook(), "{row:#}");
    assert_eq!(today["firstStep"].is_null(), contract.outlook() == "ADMIT", "{row:#}");
    let found = words(&today["findings"], "code");
    assert_eq!(found.contains("contract.clause_missing"), lacks_clause, "{row:#}");
    let lowered = lacks_clause && contract.waiver().is_some();
    assert_eq!(found.contains("waiver.applied"), lowered, "{row:#}");
}

async fn a_hundred_rows_cost_what_one_does(city: &City) {
    // Whose holders all have filed, so that one row asks for all that a hundred ask for.
    let filter = json!({ "components": { "any": ["ICE"] } });
    let mut asked = Vec::new();
    for first in [1, 100] {
        city.listen();
        let before = city.statements();
        let variables = json!({ "filter": filter, "first": first });
        let seen = city.data(&city.analyst(), ROWS, variables).await;
        asked.push(city.statements() - before);
        assert_eq!(ids(&seen["screenContracts"]).len(), first);
    }
    assert_eq!(asked[0], asked[1], "statements do not grow with the rows");
    let heard = city.heard();
    let looks = |sql: &str| sql.starts_with("SELECT") && !sql.contains("COUNT(");
    for statement in heard.iter().filter(|it| looks(&it.sql)) {
        looks_into_an_index(city, statement, TABLES, "a row's parts").await;
    }
}

async fn every_order_goes_on_from_a_place(city: City) {
    let many = ManyContracts::sown(&city).await;
    for (field, key) in [
        ("END_DATE", (|it| (it.end() - TODAY).num_days()) as fn(&Contract<'_>) -> i64),
        ("NUMBER", |it| i64::try_from(it.number).expect("a small number")),
        ("VALUE", |it| it.cents()),
    ] {
        let keyed = many.contracts().map(|it| (key(&it), it.number, it.id()));
        let mut ordered: Vec<(i64, usize, String)> = keyed.collect();
        ordered.sort_unstable();
        for direction in ["ASC", "DESC"] {
            if direction == "DESC" {
                ordered.reverse();
            }
            let order = json!({ "field": field, "direction": direction });
            let twenty = |from: usize| -> Vec<String> {
                ordered[from..][..20].iter().map(|(.., id)| id.clone()).collect()
            };
            let (mut after, mut before) = (Value::Null, Value::Null);
            for page in 0..3 {
                let what = format!("{field} {direction} {page}");
                let sought = twenty(page * 20);
                let asked = json!({ "order": order, "first": 20, "after": after });
                let info = paged(&city, &asked, &sought, &what).await;
                assert_eq!(info["hasNextPage"], true, "{what}");
                assert_eq!(info["hasPreviousPage"], page > 0, "{what}");
                after = info["endCursor"].clone();

                let what = format!("{what} from the end");
                let sought = twenty(CONTRACTS - (page + 1) * 20);
                let asked = json!({ "order": order, "last": 20, "before": before });
                let info = paged(&city, &asked, &sought, &what).await;
                assert_eq!(info["hasNextPage"], page > 0, "{what}");
                assert_eq!(info["hasPreviousPage"], true, "{what}");
                before = info["startCursor"].clone();
            }
        }
    }
}

/// Asks for a page, whose rows must be these: what is told of it. From a place on, it is sought in
/// the order's own index, so that page two thousand costs the same.
async fn paged(city: &City, asked: &Value, sought: &[String], what: &str) -> Value {
    city.listen();
    let mut seen = city.data(&city.analyst(), SCREEN, asked.clone()).await;
    let page = &mut seen["screenContracts"];
    assert_eq!(page["totalCount"], json!(CONTRACTS), "{what}");
    assert_eq!(ids(page), sought, "{what}");
    if city.engine == Engine::Sqlite {
        let heard = city.heard();
        let ordered = |sql: &str| sql.contains("screened_contract") && sql.contains("ORDER BY");
        let of_page = heard.iter().find(|it| ordered(&it.sql)).expect("the page's statement");
        let plan = plan(city, of_page).await;
        let sorts = plan.iter().any(|step| step.contains("TEMP B-TREE"));
        let seeks = plan.iter().any(|step| step.starts_with("SEARCH contract USING INDEX"));
        let goes_on = !asked["after"].is_null() || !asked["before"].is_null();
        assert!(!sorts && (seeks || !goes_on), "{what}: {plan:#?}");
    }
    page["pageInfo"].take()
}

const DUE: &str = "query($from: Date!, $to: Date!, $department: ID, $readiness: [Outcome!]! = [],
        $filter: ContractFilter) {
    renewalsDue(from: $from, to: $to, departmentId: $department, readiness: $readiness,
        filter: $filter, first: 50) {
        totalCount counts { month readiness count } nodes { id } } }";

async fn renewals_due_counts_by_month_and_readiness(city: City) {
    let many = ManyContracts::sown(&city).await;
    let analyst = city.analyst();
    let window = json!({ "from": "2026-02-10", "to": "2026-08-20" });
    let with = |more: Value| {
        let mut asked = window.clone();
        let more = more.as_object().expect("arguments").clone();
        asked.as_object_mut().expect("arguments").extend(more);
        asked
    };
    let due = |it: &Contract<'_>| day("2026-02-10") <= it.end() && it.end() <= day("2026-08-20");
    for (name, variables, leaves) in [
        case("all", with(json!({})), due),
        case("a department's", with(json!({ "department": department_id(3) })), move |it| {
            due(it) && it.department() == 3
        }),
        case("what is stopped", with(json!({ "readiness": ["BLOCK"] })), move |it| {
            due(it) && it.readiness() == "BLOCK"
        }),
        case(
            "both",
            with(json!({ "department": department_id(0), "readiness": ["REVIEW", "BLOCK"] })),
            move |it| due(it) && it.department() == 0 && it.readiness() != "ADMIT",
        ),
        case(
            "by the filter too",
            with(json!({ "department": department_id(3), "filter": {
                "readiness": ["ADMIT"], "outOfCompliance": true,
            } })),
            move |it| {
                due(it) && it.department() == 3 && it.readiness() == "ADMIT" && it.lapse().is_some()
            },
        ),
    ] {
        let left = left(&many, leaves);
        assert!(!left.is_empty(), "{name} tells nothing");
        let seen = city.data(&analyst, DUE, variables).await;
        let seen = &seen["renewalsDue"];
        let mut expected = BTreeMap::<(String, String), i64>::new();
        for contract in &left {
            let month = contract.end().format("%Y-%m").to_string();
            *expected.entry((month, contract.readiness().to_owned())).or_default() += 1;
        }
        let counts = seen["counts"].as_array().expect("counts").iter().map(|it| {
            let of = (text(&it["month"]), text(&it["readiness"]));
            (of, it["count"].as_i64().expect("a count"))
        });
        let counts: BTreeMap<_, _> = counts.collect();
        assert_eq!(counts, expected, "{name}");
        assert_eq!(seen["totalCount"], json!(counts.values().sum::<i64>()), "{name} adds up");
        let sought: Vec<_> = left.iter().take(50).map(Contract::id).collect();
        assert_eq!(ids(seen), sought, "{name}");
    }
    for (variables, problem) in [
        (json!({ "from": "2026-08-20", "to": "2026-02-10" }), "filter.endsUntil contradiction"),
        (json!({ "from": "2026-02-30", "to": "2026-08-20" }), "filter.endsFrom invalid"),
        (with(json!({ "filter": { "endsFrom": "2026-03-01" } })), "filter.endsFrom contradiction"),
        (
            with(json!({ "filter": { "endsUntil": "2026-03-01" } })),
            "filter.endsUntil contradiction",
        ),
        (
            with(json!({ "department": department_id(3),
                "filter": { "departmentId": department_id(3) } })),
            "filter.departmentId contradiction",
        ),
        (
            with(json!({ "readiness": ["BLOCK"], "filter": { "readiness": ["BLOCK"] } })),
            "filter.readiness contradiction",
        ),
    ] {
        refused(&city, DUE, &variables, problem).await;
    }
}

/// Asks for what cannot be answered: told with the place and the code of what is to mend.
async fn refused(city: &City, query: &str, variables: &Value, problem: &str) {
    let answer = city.ask(&city.analyst(), query, variables.clone()).await;
    assert_eq!(code(&answer).as_deref(), Some("BAD_USER_INPUT"), "{answer:#}");
    let problems = told(&answer["errors"][0]["extensions"]["userErrors"]);
    assert_eq!(problems, [problem], "{variables}");
}

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

/// What some contracts come to, by what their holders disclosed.
#[derive(Default)]
struct Sum {
    contracts: i64,
    cents: i64,
    organizations: BTreeSet<usize>,
    /// By the firm and the place in its statement: dollars, and whether they were asked for.
    agreements: BTreeMap<(usize, usize), (Option<i64>, bool)>,
}

impl Sum {
    fn holds(&mut self, contract: &Contract<'_>) {
        self.contracts += 1;
        self.cents += contract.cents();
        self.organizations.insert(contract.firm.number);
    }

    fn discloses(&mut self, firm: &Firm, place: usize) {
        let told = (firm.agreements[place].dollars, !firm.short_form);
        self.agreements.insert((firm.number, place), told);
    }

    /// As a row tells it.
    fn row(&self) -> Value {
        let known: Vec<i64> = self.agreements.values().filter_map(|told| told.0).collect();
        let known = (!known.is_empty()).then(|| usd(known.iter().sum::<i64>() * 100));
        let untold =
            |asked| self.agreements.values().filter(move |told| **told == (None, asked)).count();
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

/// What a contract, and an agreement of its holder's, is grouped by.
type Keys = fn(&Contract<'_>, &Agreement) -> Vec<String>;

const BY_COMPONENT: Keys = |_, it| vec![it.component.word()];

/// What should be told of a day.
#[derive(Default)]
struct Exposed {
    groups: BTreeMap<String, Sum>,
    with: Sum,
    without: Sum,
    unknown: Sum,
}

impl Exposed {
    fn of(running: &[Contract<'_>], day: NaiveDate, keys: Keys) -> Self {
        let mut told = Self::default();
        for contract in running {
            let firm = contract.firm;
            if day < FILED_ON || !contract.has_disclosure() {
                told.unknown.holds(contract);
                continue;
            }
            if firm.agreements.is_empty() {
                told.without.holds(contract);
                continue;
            }
            told.with.holds(contract);
            let mut counted = BTreeSet::new();
            for (place, agreement) in firm.agreements.iter().enumerate() {
                told.with.discloses(firm, place);
                for key in keys(contract, agreement) {
                    let group = told.groups.entry(key.clone()).or_default();
                    group.discloses(firm, place);
                    if counted.insert(key) {
                        group.holds(contract);
                    }
                }
            }
        }
        told
    }

    fn is_told_by(&self, seen: &Value, field: &str, what: &str) {
        for (name, sum) in [
            ("withAgreements", &self.with),
            ("withoutAgreements", &self.without),
            ("unknown", &self.unknown),
        ] {
            assert_eq!(seen[name], sum.row(), "{what}: {name}");
        }
        let rows = seen["groups"].as_array().expect("groups").iter();
        let groups = rows.map(|row| (text(&row[field]), counted(row)));
        let groups: BTreeMap<String, Value> = groups.collect();
        let expected = self.groups.iter().map(|(key, sum)| (key.clone(), sum.row()));
        let expected: BTreeMap<String, Value> = expected.collect();
        assert_eq!(groups, expected, "{what}");
    }
}

/// A group's row without what it is called.
fn counted(row: &Value) -> Value {
    json!({
        "contracts": row["contracts"], "contractValue": row["contractValue"],
        "organizations": row["organizations"], "agreements": row["agreements"],
        "compensation": row["compensation"],
    })
}

fn running(many: &ManyContracts, day: NaiveDate) -> Vec<Contract<'_>> {
    many.contracts().filter(|it| it.runs_on(day)).collect()
}

async fn exposure_adds_up_to_its_rows(city: City) {
    let many = ManyContracts::sown(&city).await;
    let analyst = city.analyst();
    // Today, the day before anybody filed, and the day on whose evening everybody had.
    let days = [TODAY, day("2025-05-30"), FILED_ON];
    let groupings: [(&str, &str, Keys); 4] = [
        ("COMPONENT", "component", BY_COMPONENT),
        ("DEPARTMENT", "departmentId", |it, _| vec![department_id(it.department())]),
        ("NATURE_OF_WORK", "natureOfWork", |_, it| it.natures.iter().map(|it| it.word()).collect()),
        ("ORGANIZATION", "organizationId", |it, _| vec![organization_id(it.firm.number)]),
    ];
    for (group, field, keys) in groupings {
        let asked = json!({ "group": group, "days": days.map(|day| day.to_string()) });
        let seen = city.data(&analyst, EXPOSURE, asked).await;
        for (index, day) in days.into_iter().enumerate() {
            let (seen, running) = (&seen["exposure"][index], running(&many, day));
            assert_eq!(seen["asOf"], day.to_string());
            Exposed::of(&running, day, keys).is_told_by(seen, field, &format!("{group} {day}"));
            let wholes = ["withAgreements", "withoutAgreements", "unknown"];
            let wholes = wholes.map(|name| seen[name]["contracts"].as_u64().expect("a count"));
            let all = u64::try_from(running.len()).expect("a count");
            assert_eq!(wholes.iter().sum::<u64>(), all, "{group} {day}: each contract once");
        }
    }

    let asked = json!({ "group": "COMPONENT", "department": department_id(3) });
    let seen = city.data(&analyst, EXPOSURE, asked).await;
    let mut own = running(&many, TODAY);
    own.retain(|it| it.department() == 3);
    let of_department = Exposed::of(&own, TODAY, BY_COMPONENT);
    of_department.is_told_by(&seen["exposure"][0], "component", "one department");

    components_are_those_that_are_screened(&city, &many).await;
    what_is_withheld_is_unknown(&city).await;
    let ahead = json!({ "group": "COMPONENT", "days": ["2026-02-02", "2026-02-03"] });
    refused(&city, EXPOSURE, &ahead, "asOf.1 invalid").await;
    let none = json!({ "group": "COMPONENT", "days": ["2026-02-30"] });
    refused(&city, EXPOSURE, &none, "asOf.0 invalid").await;
    let many_days = json!({ "group": "COMPONENT", "days": vec!["2026-02-02"; 37] });
    let fault = city.ask(&analyst, EXPOSURE, many_days).await;
    assert_eq!(code(&fault).as_deref(), Some("LIMIT_EXCEEDED"), "{fault:#}");
    let system = city.token("system", &[Role::ProcurementSystem]);
    let fault = city.ask(&system, EXPOSURE, json!({ "group": "COMPONENT" })).await;
    assert_eq!(code(&fault).as_deref(), Some("FORBIDDEN"), "{fault:#}");
}

/// Each component's contracts are the rows that the same question to the screening leaves, less
/// those that have not begun.
async fn components_are_those_that_are_screened(city: &City, many: &ManyContracts) {
    let analyst = city.analyst();
    let seen = city.data(&analyst, EXPOSURE, json!({ "group": "COMPONENT" })).await;
    let groups = seen["exposure"][0]["groups"].as_array().expect("groups");
    assert!(groups.len() >= 5, "{groups:#?}");
    for row in groups {
        let component = text(&row["component"]);
        let filter = json!({ "components": { "any": [component] }, "endsFrom": "2026-02-02" });
        let screened = city.data(&analyst, SCREEN, json!({ "filter": filter, "first": 0 })).await;
        let screened = screened["screenContracts"]["totalCount"].as_u64().expect("a count");
        let ahead = many.contracts().filter(|it| {
            it.start() > TODAY && any(it, |agreement| agreement.component.word() == component)
        });
        let ahead = u64::try_from(ahead.count()).expect("a count");
        assert!(ahead > 0, "{component} tells nothing");
        assert_eq!(row["contracts"], json!(screened - ahead), "{component}");
    }
}

/// One more firm, which may tell neither with which component its agreement is nor what it comes
/// to.
async fn what_is_withheld_is_unknown(city: &City) {
    let asked = json!({ "group": "COMPONENT" });
    let before = city.data(&city.analyst(), EXPOSURE, asked.clone()).await;
    let department = city.department("REAL").await;
    let firm = city.firm("Silent Paving").await;
    let mut agreement = classified();
    agreement.as_object_mut().expect("an agreement").remove("component");
    let marks = agreement["withheld"].as_array_mut().expect("marks");
    marks.push(json!({ "path": ["component"], "ground": "CLASSIFIED" }));
    city.filed(&firm, agreements(&[agreement])).await;
    city.recorded(&department, &firm, "C-1", ("2026-01-01", "2026-12-31"), json!({})).await;

    let after = city.data(&city.analyst(), EXPOSURE, asked).await;
    let groups = |seen: &Value| seen["exposure"][0]["groups"].as_array().expect("groups").clone();
    let mut rest = groups(&after);
    let place = rest.iter().position(|row| row["component"].is_null()).expect("a group of its own");
    let row = rest.remove(place);
    let expected = json!({
        "contracts": 1, "contractValue": [usd(25_000_000)], "organizations": 1, "agreements": 1,
        "compensation": { "known": [], "unknown": 1, "notAsked": 0 },
    });
    assert_eq!(counted(&row), expected);
    assert_eq!(row["label"], "A component that is withheld");
    assert_eq!(rest, groups(&before), "it is in no component's sums");
    let whole = |seen: &Value, place: &str| {
        let found = seen.pointer(&format!("/exposure/0/withAgreements/{place}"));
        found.expect("a whole").clone()
    };
    for place in ["contracts", "agreements", "compensation/unknown"] {
        let before = whole(&before, place).as_i64().expect("a count");
        assert_eq!(whole(&after, place), json!(before + 1), "{place}");
    }
    let known = "compensation/known";
    assert_eq!(whole(&after, known), whole(&before, known), "nothing is added for it");
}

const SIMULATE: &str = "query($change: PolicyChange!, $scope: SimulationScope!, $first: Int! = 7) {
    simulatePolicy(change: $change, scope: $scope, first: $first) { subjects changed
        table { before after count }
        byDepartment { departmentId name changed table { before after count } }
        changedSubjects { subjectId reference departmentId organizationId organizationName
            before after gone found } } }";

/// How many came out how before and after.
fn counts(table: &Value) -> BTreeMap<(String, String), i64> {
    let rows = table.as_array().expect("a table").iter();
    let counts = rows.map(|row| {
        let of = (text(&row["before"]), text(&row["after"]));
        (of, row["count"].as_i64().expect("a count"))
    });
    counts.collect()
}

async fn a_change_is_simulated_on_ten_thousand(city: City) {
    let many = ManyContracts::sown(&city).await;
    let mut written = Vec::new();
    let tables = ["decision", "ledger", "contract", "renewal"];
    for table in tables {
        written.push(city.count(&format!("SELECT COUNT(*) FROM {table}")).await);
    }
    let scope = json!({ "contracts": { "departmentId": department_id(0) } });
    let shorter = json!({ "parameters": [{ "name": "freshnessDays", "value": 30 }] });
    let asked = json!({ "change": shorter, "scope": scope });
    let seen = city.data(&city.analyst(), SIMULATE, asked).await;
    let seen = &seen["simulatePolicy"];

    // Everybody filed longer ago than a month, or not at all.
    let subjects: BTreeMap<String, Contract<'_>> =
        many.contracts().filter(|it| it.department() == 0).map(|it| (it.id(), it)).collect();
    let mut expected = BTreeMap::<(String, String), i64>::new();
    for contract in subjects.values() {
        let of = (contract.outlook().to_owned(), "BLOCK".to_owned());
        *expected.entry(of).or_default() += 1;
    }
    let table = counts(&seen["table"]);
    assert_eq!(table, expected);
    assert_eq!(table.len(), 3, "each outcome is changed or stays: {table:?}");
    assert_eq!((subjects.len(), &seen["subjects"]), (10_000, &json!(10_000)));
    assert_eq!(table.values().sum::<i64>(), 10_000, "each subject is counted once");
    let otherwise = table.iter().filter(|((before, after), _)| before != after);
    let changed: i64 = otherwise.map(|(_, count)| count).sum();
    assert_eq!(seen["changed"], json!(changed));
    let departments = seen["byDepartment"].as_array().expect("departments");
    assert_eq!(departments.len(), 1);
    let department = &departments[0];
    assert_eq!(department["departmentId"], json!(department_id(0)));
    assert_eq!(department["name"], "Department 0");
    assert_eq!(department["changed"], json!(changed));
    assert_eq!(counts(&department["table"]), table);
    let listed = seen["changedSubjects"].as_array().expect("subjects");
    assert_eq!(listed.len(), 7, "as many as were asked for");
    for row in listed {
        let contract = &subjects[&text(&row["subjectId"])];
        assert_eq!(row["reference"], json!(contract.reference()));
        assert_eq!(row["organizationId"], json!(organization_id(contract.firm.number)));
        assert_eq!(row["organizationName"], json!(contract.firm.name));
        assert_eq!((&row["before"], &row["after"]), (&json!(contract.outlook()), &json!("BLOCK")));
        assert_eq!((&row["gone"], &row["found"]), (&json!([]), &json!(["disclosure.stale"])));
    }
    for (table, before) in tables.into_iter().zip(written) {
        let now = city.count(&format!("SELECT COUNT(*) FROM {table}")).await;
        assert_eq!(now, before, "nothing is written to {table}");
    }

    let ban = json!({ "rules": [{ "code": "dhs.agreement_disclosed", "bid": "BLOCK" }] });
    let unknown = json!({ "parameters": [{ "name": "freshness", "value": 30 }] });
    let no_rule = json!({ "rules": [{ "code": "disclosure.absent", "renewal": "NOTE" }] });
    let on_both = json!({ "bids": {}, "contracts": {} });
    for (change, scope, first, problem) in [
        (&ban, &scope, 7, "change refused"),
        (&unknown, &scope, 7, "change.parameters.0.name invalid"),
        (&no_rule, &scope, 7, "change.rules.0.code invalid"),
        (&shorter, &on_both, 7, "scope contradiction"),
        (&shorter, &json!({}), 7, "scope contradiction"),
        (&shorter, &scope, 1_001, "first invalid"),
    ] {
        let asked = json!({ "change": change, "scope": scope, "first": first });
        refused(&city, SIMULATE, &asked, problem).await;
    }
}
