//! A reviewer screens 100,000 bids: each filter returns what checking every bid returns.
use std::collections::BTreeMap;

use candor_schema::bidding::model::SolicitationId;
use candor_schema::gate::DhsComponent::{Cbp, Fema, Ice};
use candor_schema::gate::NatureOfWork::{Detention, Food};
use candor_schema::gate::{OnwardToDhs, RecipientKind};
use candor_schema::organization::model::DepartmentId;
use candor_tests::fixtures::{agreements_statement, no_dealings};
use candor_tests::many_bids::{BIDS, Bid, ManyBids};
use candor_tests::many_firms::Agreement;
use candor_tests::plans::{assert_same_statements, assert_uses_index, explain};
use candor_tests::steps::{
    classified_agreement, detention_agreement, find_fault_code, format_user_errors, text,
};
use candor_tests::{Engine, Role, TestApp, parse_instant, stories};
use serde_json::{Value, json};
use uuid::Uuid;

stories![
    a_hundred_thousand_bids_are_screened,
    a_row_has_the_facts_for_a_review,
    a_contradictory_filter_is_refused,
    any_text_is_a_valid_search,
];

const SCREEN: &str = "query($filter: BidFilter, $order: ScreenOrder, $first: Int, $after: String) {
    screenBids(filter: $filter, orderBy: $order, first: $first, after: $after) {
        totalCount pageInfo { endCursor } nodes { id } } }";
const FACETS: &str = "query($filter: BidFilter) { screenBids(filter: $filter, first: 0) {
    totalCount facets { outcome { value count } status { value count } review { value count }
    department { value count } reviewer { value count } finding { value count }
    component { value count } natureOfWork { value count } kind { value count }
    recipientKind { value count } dataCategory { value count } onwardToDhs { value count } } } }";

/// Tables that are read only through indexes.
const TABLES: &[&str] = &[
    "bid",
    "decision",
    "decision_finding",
    "disclosed",
    "disclosed_total",
    "disclosed_agreement",
    "disclosed_nature",
    "disclosed_arrangement",
    "disclosed_category",
    "disclosure",
    "filing",
];

/// A filter and the predicate of the bids that it matches.
type Case = (&'static str, Value, Box<dyn Fn(&Bid<'_>) -> bool>);

fn case(name: &'static str, filter: Value, matches: impl Fn(&Bid<'_>) -> bool + 'static) -> Case {
    (name, filter, Box::new(matches))
}

/// Returns whether the bid's disclosure has such an agreement.
fn has_agreement(bid: &Bid<'_>, is: impl Fn(&Agreement) -> bool) -> bool {
    bid.has_disclosure() && bid.firm.agreements.iter().any(is)
}

fn usd(dollars: i64) -> Value {
    json!({ "amount": format!("{dollars}.00"), "currency": "USD" })
}

#[expect(clippy::too_many_lines, reason = "one entry a filter")]
fn cases() -> Vec<Case> {
    let solicitation = SolicitationId::from_uuid(Uuid::from_u128(4_000_017)).to_string();
    let department = DepartmentId::from_uuid(Uuid::from_u128(7_000_003)).to_string();
    let (from, before) = ("2025-06-01T10:00:00Z", "2025-06-01T12:00:00Z");
    let between = move |bid: &Bid<'_>| {
        let at = bid.submitted_at();
        parse_instant(from).timestamp() <= at && at < parse_instant(before).timestamp()
    };
    let shares =
        |bid: &Bid<'_>, is: fn(&(RecipientKind, &'static str, bool, OnwardToDhs)) -> bool| {
            bid.has_disclosure() && bid.firm.sharing.as_ref().is_some_and(is)
        };
    let names = |bid: &Bid<'_>, component| has_agreement(bid, |it| it.component == component);
    vec![
        case("nothing", json!({}), |_| true),
        case("solicitation", json!({ "solicitationId": solicitation }), |bid| {
            bid.solicitation() == 17
        }),
        case("department", json!({ "departmentId": department }), |bid| bid.department() == 3),
        case("outcome", json!({ "outcome": ["REVIEW", "BLOCK"] }), |bid| bid.outcome() != "ADMIT"),
        case("status", json!({ "status": ["HELD"] }), |bid| bid.status() == "HELD"),
        case(
            "finding",
            json!({ "findings": ["disclosure.partly_withheld", "disclosure.stale"] }),
            |bid| {
                let sought = ["disclosure.partly_withheld", "disclosure.stale"];
                bid.findings().iter().any(|(code, _)| sought.contains(code))
            },
        ),
        case("any component", json!({ "components": { "any": ["ICE", "CBP"] } }), move |bid| {
            names(bid, Ice) || names(bid, Cbp)
        }),
        case("all components", json!({ "components": { "all": ["ICE", "FEMA"] } }), move |bid| {
            names(bid, Ice) && names(bid, Fema)
        }),
        case("no component", json!({ "components": { "none": ["ICE", "USCIS"] } }), move |bid| {
            let either = has_agreement(bid, |it| ["ICE", "USCIS"].contains(&it.component.as_str()));
            bid.has_disclosure() && !either
        }),
        case("nature", json!({ "agreement": { "natureOfWork": ["DETENTION", "FOOD"] } }), |bid| {
            has_agreement(bid, |it| it.natures.iter().any(|it| [Detention, Food].contains(it)))
        }),
        case("kind", json!({ "agreement": { "kinds": ["GRANT"] } }), |bid| {
            has_agreement(bid, |it| it.kind == "GRANT")
        }),
        case(
            "dates",
            json!({ "agreement": { "runsFrom": "2026-07-01", "runsUntil": "2026-12-31" } }),
            |bid| has_agreement(bid, |it| it.end.is_none_or(|year| year > 2026)),
        ),
        case(
            "same agreement",
            json!({ "agreement": {
            "components": ["ICE"], "natureOfWork": ["FACILITIES_AND_CONSTRUCTION"] } }),
            |_| false,
        ),
        case(
            "compensation",
            json!({ "compensation": { "atLeast": usd(100_000), "atMost": usd(400_000) } }),
            |bid| {
                let known = bid.firm.known_dollars().filter(|_| bid.has_disclosure());
                known.is_some_and(|known| (100_000..=400_000).contains(&known))
            },
        ),
        case(
            "unknown too",
            json!({ "compensation": { "atLeast": usd(900_000), "unknown": true } }),
            |bid| {
                let firm = bid.firm;
                bid.has_disclosure()
                    && (firm.known_dollars() >= Some(900_000) || firm.has_unknown())
            },
        ),
        case("all known", json!({ "compensation": { "unknown": false } }), |bid| {
            bid.has_disclosure() && !bid.firm.has_unknown()
        }),
        case("withheld", json!({ "withheld": true }), |bid| {
            bid.has_disclosure() && bid.firm.withheld
        }),
        case("paper", json!({ "paper": true }), |bid| bid.has_disclosure() && bid.firm.paper),
        case(
            "recipient",
            json!({ "arrangement": { "recipientKinds": ["DATA_BROKER"] } }),
            move |bid| shares(bid, |it| it.0 == RecipientKind::DataBroker),
        ),
        case(
            "category",
            json!({ "arrangement": { "dataCategories": ["LICENSE_PLATE_READS"] } }),
            move |bid| shares(bid, |it| it.1 == "LICENSE_PLATE_READS"),
        ),
        case("city data", json!({ "arrangement": { "includesCityData": true } }), move |bid| {
            shares(bid, |it| it.2)
        }),
        case(
            "onward",
            json!({ "arrangement": { "onwardToDhs": ["KNOWN", "ALLOWED"] } }),
            move |bid| shares(bid, |it| it.3 != OnwardToDhs::Forbidden),
        ),
        case("review", json!({ "review": ["REJECTED", "ACCEPTED"] }), |bid| {
            bid.has_disclosure() && ["REJECTED", "ACCEPTED"].contains(&bid.firm.review)
        }),
        case("reviewer", json!({ "reviewer": "reviewer-5" }), |bid| {
            bid.has_disclosure() && bid.firm.reviewer.as_deref() == Some("reviewer-5")
        }),
        case("nobody", json!({ "assigned": false }), |bid| {
            !bid.has_disclosure() || bid.firm.reviewer.is_none()
        }),
        case("submitted", json!({ "submittedFrom": from, "submittedBefore": before }), between),
        case("a description", json!({ "text": "Custody BEDS" }), |bid| {
            has_agreement(bid, |it| it.description.is_some_and(|it| it.contains("custody")))
        }),
        case("a name", json!({ "text": "حداد" }), |bid| bid.firm.number % 5 == 2),
        case("either", json!({ "text": "anejo" }), |bid| {
            let described =
                has_agreement(bid, |it| it.description.is_some_and(|it| it.contains("añejo")));
            described || bid.firm.number % 5 == 0
        }),
        case("both", json!({ "text": "shelter harb" }), |bid| {
            has_agreement(bid, |it| it.description.is_some_and(|it| it.contains("shelter")))
                && bid.firm.number % 5 == 1
        }),
        case(
            "mix 1",
            json!({ "departmentId": department, "outcome": ["ADMIT"], "components": { "any": ["ICE"] } }),
            move |bid| bid.department() == 3 && bid.outcome() == "ADMIT" && names(bid, Ice),
        ),
        case(
            "mix 2",
            json!({ "agreement": { "components": ["ICE"], "natureOfWork": ["DETENTION"] }, "status": ["ADMITTED"],
            "compensation": { "atLeast": usd(500_000) } }),
            |bid| {
                has_agreement(bid, |it| it.natures.contains(&Detention))
                    && bid.status() == "ADMITTED"
                    && bid.firm.known_dollars() >= Some(500_000)
            },
        ),
        case(
            "mix 3",
            json!({ "withheld": true, "assigned": false, "submittedFrom": from }),
            move |bid| {
                bid.has_disclosure()
                    && bid.firm.withheld
                    && bid.firm.reviewer.is_none()
                    && bid.submitted_at() >= parse_instant(from).timestamp()
            },
        ),
        case(
            "mix 4",
            json!({ "text": "records", "arrangement": { "includesCityData": true, "onwardToDhs": ["KNOWN"] },
            "findings": ["disclosure.stale"] }),
            move |bid| shares(bid, |it| it.2 && it.3 == OnwardToDhs::Known) && bid.number % 10 == 9,
        ),
        case(
            "mix 5",
            json!({ "solicitationId": solicitation, "components": { "none": ["ICE"] },
            "review": ["UNREVIEWED"], "compensation": { "unknown": true } }),
            move |bid| {
                bid.solicitation() == 17
                    && bid.has_disclosure()
                    && !names(bid, Ice)
                    && bid.firm.review == "UNREVIEWED"
                    && bid.firm.has_unknown()
            },
        ),
    ]
}

/// Returns the expected counts of each facet.
fn expected_facets(left: &[Bid<'_>]) -> BTreeMap<(&'static str, Option<String>), i64> {
    let mut counts = BTreeMap::new();
    let mut count = |facet, word: Option<String>| *counts.entry((facet, word)).or_default() += 1;
    for bid in left {
        count("outcome", Some(bid.outcome().into()));
        count("status", Some(bid.status().into()));
        let department =
            DepartmentId::from_uuid(Uuid::from_u128(7_000_000 + bid.department() as u128));
        count("department", Some(department.to_string()));
        let of = bid.has_disclosure().then_some(bid.firm);
        count("review", of.map(|firm| firm.review.to_owned()));
        count("reviewer", of.and_then(|firm| firm.reviewer.clone()));
        for (code, _) in bid.findings() {
            count("finding", Some((*code).to_owned()));
        }
        let Some(firm) = of else { continue };
        let each = |word: &dyn Fn(&Agreement) -> Vec<String>| {
            let mut words: Vec<_> = firm.agreements.iter().flat_map(word).collect();
            words.sort();
            words.dedup();
            words
        };
        for word in each(&|it| vec![it.component.as_str().to_owned()]) {
            count("component", Some(word));
        }
        for word in each(&|it| vec![it.kind.to_owned()]) {
            count("kind", Some(word));
        }
        for word in each(&|it| it.natures.iter().map(|it| it.as_str().to_owned()).collect()) {
            count("natureOfWork", Some(word));
        }
        if let Some((kind, category, _, onward)) = firm.sharing {
            count("recipientKind", Some(kind.as_str().to_owned()));
            count("dataCategory", Some(category.to_owned()));
            count("onwardToDhs", Some(onward.as_str().to_owned()));
        }
    }
    counts
}

async fn a_hundred_thousand_bids_are_screened(app: TestApp) {
    let many = ManyBids::insert(&app).await;
    let reviewer = app.reviewer_token();
    // The first request of a token reads memberships, too.
    app.query(&reviewer, "{ viewer { roles } }", json!({})).await;
    let mut statement_counts = Vec::new();
    for (name, filter, matches) in cases() {
        let left: Vec<_> = many.bids().filter(|bid| matches(bid)).collect();
        assert!(name == "same agreement" || !left.is_empty(), "{name} matches nothing");
        app.start_recording_statements();
        let before = app.count_statements();
        let variables = json!({ "filter": filter, "first": 50 });
        let page = app.query(&reviewer, SCREEN, variables).await["screenBids"].take();
        statement_counts.push(app.count_statements() - before);
        assert_eq!(page["totalCount"], json!(left.len()), "{name}");
        // Latest submission first.
        let ids: Vec<_> = left.iter().rev().take(50).map(Bid::id).collect();
        let rows = page["nodes"].as_array().expect("rows").iter();
        assert_eq!(rows.map(|row| text(&row["id"])).collect::<Vec<_>>(), ids, "{name}");
        let data = app.query(&reviewer, FACETS, json!({ "filter": filter })).await;
        assert_eq!(data["screenBids"]["totalCount"], json!(left.len()), "{name}");
        let mut counts = BTreeMap::new();
        for (facet, listed) in data["screenBids"]["facets"].as_object().expect("facets") {
            for entry in listed.as_array().expect("counts") {
                let word = entry["value"].as_str().map(str::to_owned);
                counts.insert((facet.clone(), word), entry["count"].as_i64().expect("a count"));
            }
        }
        let expected_facets = expected_facets(&left)
            .into_iter()
            .map(|((facet, word), count)| ((facet.to_owned(), word), count));
        assert_eq!(counts, expected_facets.collect(), "{name}");
        for facet in ["outcome", "status", "department", "review", "reviewer"] {
            let of_facet = counts.iter().filter(|((name, _), _)| name == facet);
            let sum: i64 = of_facet.map(|(_, count)| count).sum();
            assert_eq!(
                sum,
                i64::try_from(left.len()).expect("a number"),
                "{name}: {facet} adds up"
            );
        }
        // Counts and facets visit every matching bid; a page only its rows.
        for statement in
            app.take_recorded_statements().iter().filter(|it| it.sql.contains("ORDER BY"))
        {
            assert_uses_index(&app, statement, TABLES, name).await;
        }
    }
    assert_same_statements(&statement_counts);
    every_order_pages_from_a_cursor(&app, &many).await;
    every_filter_pages_in_both_directions(&app, &many).await;
}

const PAGES: &str = "query($filter: BidFilter, $first: Int, $after: String, $last: Int,
    $before: String) { screenBids(filter: $filter, first: $first, after: $after, last: $last,
    before: $before) { pageInfo { startCursor endCursor hasNextPage hasPreviousPage }
    nodes { id } } }";
/// Rows of a page, of which [`every_filter_pages_in_both_directions`] reads [`PAGES_IN_TURN`] in each direction.
const PAGE_ROWS: usize = 7;
const PAGES_IN_TURN: usize = 3;

/// Pages of matches are the same whether they are found among the next rows or among all.
async fn every_filter_pages_in_both_directions(app: &TestApp, many: &ManyBids) {
    let department = DepartmentId::from_uuid(Uuid::from_u128(7_000_003)).to_string();
    let officer = app.add_officer(&department, "officer").await;
    for (token, departments) in [(app.reviewer_token(), 0..usize::MAX), (officer, 3..4)] {
        for (name, filter, matches) in cases() {
            let left = many.bids().filter(|bid| departments.contains(&bid.department()));
            let mut left: Vec<_> = left.filter(|bid| matches(bid)).map(|bid| bid.id()).collect();
            left.reverse();
            for direction in ["first", "last"] {
                let (mut cursor, from) =
                    (Value::Null, if direction == "first" { "after" } else { "before" });
                for page in 0..PAGES_IN_TURN {
                    let variables = json!({ "filter": filter, direction: PAGE_ROWS, from: cursor });
                    let data = app.query(&token, PAGES, variables).await["screenBids"].take();
                    let rows = data["nodes"].as_array().expect("rows").iter();
                    let ids: Vec<_> = rows.map(|row| text(&row["id"])).collect();
                    let (start, end) = (page * PAGE_ROWS, (page + 1) * PAGE_ROWS);
                    let (start, end) = (start.min(left.len()), end.min(left.len()));
                    let (more, sought, next) = if direction == "first" {
                        ("hasNextPage", &left[start..end], "endCursor")
                    } else {
                        let (start, end) = (left.len() - end, left.len() - start);
                        ("hasPreviousPage", &left[start..end], "startCursor")
                    };
                    assert_eq!(ids, sought, "{name}: {direction}, page {page}");
                    let info = &data["pageInfo"];
                    assert_eq!(info[more], json!(end < left.len()), "{name}: {direction}, {page}");
                    cursor = info[next].clone();
                    if end == left.len() {
                        break;
                    }
                }
            }
        }
    }
}

async fn every_order_pages_from_a_cursor(app: &TestApp, many: &ManyBids) {
    let reviewer = app.reviewer_token();
    for (field, key) in [
        ("SUBMITTED_AT", (|bid| bid.submitted_at()) as fn(&Bid<'_>) -> i64),
        ("DECIDED_AT", |bid| bid.decided_at()),
        ("AMOUNT", |bid| i64::try_from(bid.cents()).expect("a small number")),
    ] {
        let mut ordered: Vec<_> =
            many.bids().map(|bid| (key(&bid), bid.number, bid.id())).collect();
        ordered.sort_unstable();
        for direction in ["ASC", "DESC"] {
            let mut after = Value::Null;
            for page in 0..3 {
                app.start_recording_statements();
                let variables = json!({
                    "order": { "field": field, "direction": direction }, "first": 20, "after": after,
                });
                let data = app.query(&reviewer, SCREEN, variables).await["screenBids"].take();
                let sought = ordered.iter().skip(page * 20).take(20).map(|row| row.2.clone());
                if direction == "ASC" {
                    let rows = data["nodes"].as_array().expect("rows").iter();
                    assert!(rows.map(|row| text(&row["id"])).eq(sought), "{field} {page}");
                }
                after = data["pageInfo"]["endCursor"].clone();
                // The cursor is looked up in the order's index: page 2,000 costs the same as page
                // 1.
                if page > 0 && app.engine == Engine::Sqlite {
                    let of_page = app
                        .take_recorded_statements()
                        .into_iter()
                        .find(|it| it.sql.contains("ORDER BY"));
                    let plan = explain(app, &of_page.expect("the page's statement")).await;
                    let index = plan.iter().any(|step| step.starts_with("SEARCH bid USING INDEX"));
                    let sorts = plan.iter().any(|step| step.contains("TEMP B-TREE"));
                    assert!(index && !sorts, "{field} {direction}: {plan:#?}");
                }
            }
        }
    }
    let all = app.query(&reviewer, SCREEN, json!({ "first": 0 })).await;
    assert_eq!(all["screenBids"]["totalCount"], json!(BIDS), "no sealed bid");
}

const ROW: &str = "query($filter: BidFilter) { screenBids(filter: $filter) { nodes {
    id bid { status organization { legalName } decisions { outcome } }
    components { component name agreements natureOfWork compensation { known { amount currency } unknown notAsked } }
    compensation { known { amount } unknown notAsked } findings { code severity }
    disclosureId disclosureVersion paper review reviewer
    changedSinceLastFiling { fields { path } agreements { change before { component } after { component } } } } } }";

async fn a_row_has_the_facts_for_a_review(app: TestApp) {
    let department = app.create_department("BSS").await;
    let other = app.create_department("LIB").await;
    let due = "2026-03-10T22:00:00Z";
    let solicitation = app.publish_solicitation(&department, due).await;
    let firm = app.register_firm("Prime Paving").await;
    app.file_and_load_disclosure(&firm, no_dealings()).await;
    app.file_and_load_disclosure(
        &firm,
        agreements_statement(&[detention_agreement(), classified_agreement()]),
    )
    .await;
    app.submit_bid(&firm, &solicitation, "100000").await;
    // Not visible before it is due; never visible to users who may not screen.
    let filter = json!({ "filter": { "solicitationId": solicitation } });
    app.advance_to(due);
    for token in [app.reviewer_token(), department.token.clone()] {
        let data = app.query(&token, ROW, filter.clone()).await;
        assert_eq!(data["screenBids"]["nodes"], json!([]));
        let data = app.query(&token, FACETS, json!({})).await;
        assert_eq!(data["screenBids"]["totalCount"], 0);
        for (facet, counts) in data["screenBids"]["facets"].as_object().expect("facets") {
            assert_eq!(counts, &json!([]), "{facet}");
        }
    }
    assert_eq!(app.fault_code(&firm.token, ROW, filter.clone()).await, "FORBIDDEN");
    app.advance_to("2026-03-10T22:00:15Z");
    let unseen = app.query(&other.token, ROW, filter.clone()).await;
    assert_eq!(unseen["screenBids"]["nodes"], json!([]), "it is another department's");
    for (token, reads_all) in [(app.reviewer_token(), true), (department.token.clone(), false)] {
        let mut data = app.query(&token, ROW, filter.clone()).await;
        let row = data["screenBids"]["nodes"][0].take();
        assert_eq!(row["bid"]["organization"]["legalName"], "Prime Paving");
        assert_eq!(
            row["components"],
            json!([
                { "component": "ICE", "name": "U.S. Immigration and Customs Enforcement", "agreements": 1,
                  "natureOfWork": ["DETENTION"], "compensation":
                  { "known": [{ "amount": "1250000.00", "currency": "USD" }], "unknown": 0, "notAsked": 0 } },
                { "component": "INTELLIGENCE_AND_ANALYSIS", "name": "Office of Intelligence and Analysis",
                  "agreements": 1, "natureOfWork": [], "compensation": { "known": [], "unknown": 1, "notAsked": 0 } },
            ])
        );
        assert_eq!(
            row["compensation"],
            json!({ "known": [{ "amount": "1250000.00" }], "unknown": 1, "notAsked": 0 })
        );
        assert_eq!(row["findings"][0]["code"], "disclosure.partly_withheld");
        assert_eq!((&row["disclosureVersion"], &row["paper"]), (&json!(2), &json!(false)));
        if !reads_all {
            assert_eq!(row["changedSinceLastFiling"], Value::Null, "a bid without a filing");
            continue;
        }
        let changes = row["changedSinceLastFiling"]["agreements"].as_array().expect("changes");
        let added: Vec<_> =
            changes.iter().map(|it| (&it["change"], &it["after"]["component"])).collect();
        assert_eq!(json!(added), json!([["ADDED", "ICE"], ["ADDED", "INTELLIGENCE_AND_ANALYSIS"]]));
    }
}

async fn a_contradictory_filter_is_refused(app: TestApp) {
    let reviewer = app.reviewer_token();
    for (filter, path) in [
        (
            json!({ "components": { "all": ["ICE"], "none": ["ICE"] } }),
            "filter.components.none contradiction",
        ),
        (
            json!({ "components": { "any": ["ICE"], "none": ["ICE", "CBP"] } }),
            "filter.components.none contradiction",
        ),
        (json!({ "findings": ["disclosure.absent"] }), "filter.findings.0 invalid"),
        (json!({ "findings": ["\u{0}"] }), "filter.findings.0 invalid"),
        (
            json!({ "compensation": { "atLeast": usd(2), "atMost": usd(1) } }),
            "filter.compensation.atMost contradiction",
        ),
        (
            json!({ "compensation": { "atLeast": { "amount": "1e400", "currency": "USD" } } }),
            "filter.compensation.atLeast.amount invalid",
        ),
        (json!({ "agreement": { "runsFrom": "2026-02-30" } }), "filter.agreement.runsFrom invalid"),
        (
            json!({ "agreement": { "runsFrom": "2026-03-01", "runsUntil": "2026-02-01" } }),
            "filter.agreement.runsUntil contradiction",
        ),
        (
            json!({ "submittedFrom": "2026-02-02T00:00:00Z", "submittedBefore": "2026-02-02T00:00:00Z" }),
            "filter.submittedBefore contradiction",
        ),
        (json!({ "reviewer": "somebody", "assigned": false }), "filter.assigned contradiction"),
        (json!({ "reviewer": "a\u{0}" }), "filter.reviewer invalid"),
        (json!({ "reviewer": " " }), "filter.reviewer required"),
        (json!({ "submittedFrom": "+10000-01-01T00:00:00Z" }), "filter.submittedFrom invalid"),
        (json!({ "text": "a".repeat(10_000) }), "filter.text too_long"),
        (json!({ "text": "a b c d e f g h i j k l m n o p q r" }), "filter.text too_long"),
    ] {
        let answer = app.execute(&reviewer, SCREEN, json!({ "filter": filter })).await;
        assert_eq!(find_fault_code(&answer).as_deref(), Some("BAD_USER_INPUT"), "{answer:#}");
        assert_eq!(
            format_user_errors(&answer["errors"][0]["extensions"]["userErrors"]),
            [path],
            "{filter}"
        );
    }
    for filter in [
        json!({ "components": { "any": ["DHS"] } }),
        json!({ "colour": "red" }),
        json!({ "solicitationId": "org_01h455vb4pex5vsknk084sn02q" }),
        json!({ "submittedFrom": "yesterday" }),
        json!({ "text": 7 }),
    ] {
        let answer = app.execute(&reviewer, SCREEN, json!({ "filter": filter })).await;
        assert_eq!(find_fault_code(&answer).as_deref(), Some("BAD_USER_INPUT"), "{answer:#}");
    }
    let forged = json!({ "after": "' OR 1=1 --" });
    assert_eq!(app.fault_code(&reviewer, SCREEN, forged).await, "BAD_USER_INPUT");
    let role = app.token("system", &[Role::ProcurementSystem]);
    assert_eq!(app.fault_code(&role, SCREEN, json!({})).await, "FORBIDDEN");
}

async fn any_text_is_a_valid_search(app: TestApp) {
    let department = app.create_department("BSS").await;
    let due = "2026-03-10T22:00:00Z";
    let solicitation = app.publish_solicitation(&department, due).await;
    for (name, description) in [
        ("Half & And Paving", "Beds and meals for 60 people in custody."),
        ("Mina شركة الميناء", "احتجاز المهاجرين"),
        ("Añejo Söhne", "O'Brien's \"quoted\" 70-CDCR; DROP TABLE bid;--"),
    ] {
        let firm = app.register_firm(name).await;
        let mut agreement = detention_agreement();
        agreement["description"] = json!(description);
        app.file_and_load_disclosure(&firm, agreements_statement(&[agreement])).await;
        app.submit_bid(&firm, &solicitation, "100000").await;
    }
    app.advance_to("2026-03-10T22:00:15Z");
    for (typed, found) in [
        ("\"half AND (", 1),
        ("half AND custody", 1),
        ("half nowhere", 0),
        ("احتجاز", 1),
        ("الميناء احتجاز", 1),
        ("anejo sohne", 1),
        ("ANEJO", 1),
        ("o'brien", 1),
        ("70-cdcr", 1),
        ("'; DROP TABLE bid;--", 1),
        ("peop", 2 - 1),
        ("*", 0),
        ("(((", 0),
        ("\u{0}\u{202E}", 0),
        ("NEAR(half, 2)", 0),
        ("words:half", 0),
        ("-half", 1),
        ("60", 1),
        ("", 0),
    ] {
        let filter = json!({ "filter": { "text": typed } });
        let data = app.query(&app.reviewer_token(), SCREEN, filter).await;
        assert_eq!(data["screenBids"]["totalCount"], found, "{typed:?}");
    }
    // A firm is found by its present and by its former name.
    let firm = app.register_firm("Renamed Paving").await;
    app.file_and_load_disclosure(&firm, no_dealings()).await;
    let renamed = json!({ "legalName": "Corrected Paving" });
    let renamed = app.update_organization(&firm, renamed).await;
    assert_eq!(renamed["userErrors"], json!([]), "{renamed:#}");
    let later = app.publish_solicitation(&department, "2026-03-12T22:00:00Z").await;
    app.submit_bid(&firm, &later, "1000").await;
    app.advance_to("2026-03-12T22:00:15Z");
    for (typed, found) in [("renamed", 1), ("corrected", 1)] {
        let data =
            app.query(&app.reviewer_token(), SCREEN, json!({ "filter": { "text": typed } })).await;
        assert_eq!(data["screenBids"]["totalCount"], found, "{typed}");
    }
}
