//! What staff, a rival, the prime and a subcontractor see of a bid before and after it is due.
use candor_tests::due_times::march::{AFTER, DUE};
use candor_tests::fixtures::{Firm, no_dealings, usd};
use candor_tests::steps::{find_fault_code, text};
use candor_tests::{Role, TestApp, stories};
use serde_json::{Value, json};

stories![
    a_bid_is_sealed_until_fifteen_seconds_after_it_is_due,
    a_rival_cannot_detect_another_bid,
    a_subcontractor_cannot_detect_that_it_was_named,
    a_refused_attempt_is_sealed_too,
    a_later_due_time_keeps_the_seal,
    a_canceled_solicitation_keeps_the_seal,
];

/// The last instant of the seal: a bid received in time may still be committed until then.
const SEALED: &str = "2026-03-10T22:00:14.999999Z";

/// The parts of one bid.
struct SealedBid {
    solicitation: String,
    bid: String,
    decision: String,
    disclosure: String,
    organization: String,
}

/// Returns the parts of the bid that a token's bearer can reach, in one line: the numbers of bids
/// that the solicitation shows in all, in the list and by status, and the visible parts.
async fn list_visible(app: &TestApp, token: &str, sealed_bid: &SealedBid) -> String {
    let SealedBid { solicitation, bid, decision, disclosure, organization } = sealed_bid;
    let everything = "query($solicitation: ID!, $bid: ID!, $decision: ID!, $disclosure: ID!,
        $organization: ID!) {
        solicitation(id: $solicitation) {
            bids(first: 100) { totalCount nodes { id } edges { cursor } pageInfo { startCursor } }
            counted: bids { totalCount }
            by: bids(status: [ADMITTED, HELD, REFUSED, CLOSED], orderBy: { field: AMOUNT, direction: DESC }) {
                totalCount nodes { id } } }
        node(id: $solicitation) { ... on Solicitation { bids { totalCount nodes { id } } } }
        solicitations(first: 100) { nodes { id bids { totalCount } } }
        bid: node(id: $bid) { id }
        decision(id: $decision) { id }
        decisionNode: node(id: $decision) { id }
        disclosure(id: $disclosure) { id }
        disclosureNode: node(id: $disclosure) { id }
        organization(id: $organization) { id disclosures { totalCount } }
        organizationNode: node(id: $organization) { id }
        organizations(first: 100) { totalCount nodes { id } } }";
    let variables = json!({
        "solicitation": solicitation, "bid": bid, "decision": decision, "disclosure": disclosure,
        "organization": organization,
    });
    let data = app.query(token, everything, variables).await;
    let shown = &data["solicitation"];
    let number = shown["bids"]["nodes"].as_array().expect("bids").len();
    // The number is the same in every query.
    let listed = data["solicitations"]["nodes"].as_array().expect("solicitations").iter();
    let listed = listed.filter(|it| it["id"] == json!(solicitation)).map(|it| &it["bids"]);
    let counts = [&shown["bids"], &shown["counted"], &shown["by"], &data["node"]["bids"]];
    for counted in counts.into_iter().chain(listed) {
        assert_eq!(counted["totalCount"], json!(number), "{data:#}");
    }
    assert_eq!(shown["by"]["nodes"].as_array().map(Vec::len), Some(number));
    assert_eq!(data["node"]["bids"]["nodes"].as_array().map(Vec::len), Some(number));
    assert_eq!(shown["bids"]["pageInfo"]["startCursor"].is_null(), number == 0);
    // By its own query, by `node` and in its list.
    for (one, other) in [
        ("decision", "decisionNode"),
        ("disclosure", "disclosureNode"),
        ("organization", "organizationNode"),
    ] {
        assert_eq!(data[one].is_null(), data[other].is_null(), "{one}: {data:#}");
    }
    let organizations = data["organizations"]["nodes"].as_array().expect("organizations");
    let is_listed = organizations.iter().any(|it| it["id"] == json!(organization));
    assert_eq!(is_listed, !data["organization"].is_null(), "{data:#}");
    assert_eq!(data["organizations"]["totalCount"], json!(organizations.len()));
    assert_screened_counts(app, token, sealed_bid, number).await;
    let mut parts = vec![format!("{number} bids")];
    for part in ["bid", "decision", "disclosure", "organization"] {
        let trail = "query($id: ID!) { auditTrail(subject: $id) { totalCount } }";
        let subject = match part {
            "bid" => bid,
            "decision" => decision,
            "disclosure" => disclosure,
            _ => organization,
        };
        let trail = app.execute(token, trail, json!({ "id": subject })).await;
        if data[part].is_null() {
            assert_eq!(trail["errors"][0]["extensions"]["code"], "NOT_FOUND", "{part} {trail}");
            assert_eq!(trail["data"], Value::Null);
        } else {
            assert_eq!(trail.get("errors"), None, "{part} {trail:#}");
            parts.push(part.to_owned());
        }
    }
    parts.join(", ")
}

/// Asserts that rows, counts and facets of a screening show this number of bids, with any filter.
async fn assert_screened_counts(app: &TestApp, token: &str, sealed_bid: &SealedBid, number: usize) {
    let SealedBid { solicitation, organization, .. } = sealed_bid;
    let screen = "query($filter: BidFilter) { screenBids(filter: $filter, first: 100) {
        totalCount nodes { id bid { id solicitation { id } } } edges { cursor }
        facets { outcome { count } status { count } department { count } finding { count } } } }";
    for filter in [
        json!({ "solicitationId": solicitation }),
        json!({ "solicitationId": solicitation, "organizationId": organization }),
        json!({ "solicitationId": solicitation, "status": ["ADMITTED", "HELD", "REFUSED", "CLOSED"] }),
        json!({ "solicitationId": solicitation, "assigned": false, "text": "paving" }),
        json!({}),
    ] {
        let all = filter == json!({});
        let answer = app.execute(token, screen, json!({ "filter": filter })).await;
        if find_fault_code(&answer).as_deref() == Some("FORBIDDEN") {
            return;
        }
        let screened = &answer["data"]["screenBids"];
        let rows = screened["nodes"].as_array().expect("rows").iter();
        let on = rows.filter(|row| row["bid"]["solicitation"]["id"] == json!(solicitation)).count();
        assert_eq!(on, number, "{filter}: {answer:#}");
        if !all {
            assert_eq!(screened["totalCount"], json!(number), "{filter}");
            assert_eq!(screened["edges"].as_array().map(Vec::len), Some(number), "{filter}");
            for facet in ["outcome", "status", "department"] {
                let counts = screened["facets"][facet].as_array().expect("counts");
                let sum: i64 = counts.iter().filter_map(|it| it["count"].as_i64()).sum();
                assert_eq!(sum, i64::try_from(number).expect("a number"), "{filter} {facet}");
            }
        }
    }
}

/// Submits a firm's bid; returns its parts.
async fn sealed_bid(
    app: &TestApp,
    firm: &Firm,
    solicitation: &str,
    subcontractors: Value,
) -> SealedBid {
    let disclosed = app.file_and_load_disclosure(firm, no_dealings()).await;
    let payload = app.submit_bid_with(firm, solicitation, "1000000", subcontractors).await;
    assert_ne!(payload["bid"], Value::Null, "{payload:#}");
    SealedBid {
        solicitation: solicitation.to_owned(),
        bid: text(&payload["bid"]["id"]),
        decision: text(&payload["decision"]["id"]),
        disclosure: text(&disclosed["id"]),
        organization: firm.id.clone(),
    }
}

/// Returns every City role, with whether it reads opened bids.
fn staff(app: &TestApp) -> Vec<(String, bool)> {
    let roles = [
        (Role::BcaReviewer, true),
        (Role::BcaSupervisor, true),
        (Role::CaoAnalyst, true),
        (Role::Auditor, true),
        (Role::Admin, true),
        (Role::ProcurementSystem, false),
    ];
    roles.map(|(role, reads_all)| (app.token("staff", &[role]), reads_all)).into()
}

const EVERYTHING_VISIBLE: &str = "1 bids, bid, decision, disclosure, organization";
const NOTHING_VISIBLE: &str = "0 bids";
/// What officers see of a sealed bid: the firm, which they find among all registered firms.
const FIRM_VISIBLE: &str = "0 bids, organization";

async fn a_bid_is_sealed_until_fifteen_seconds_after_it_is_due(app: TestApp) {
    let department = app.create_department("BSS").await;
    let neighbour = app.create_department("LIB").await;
    let solicitation = app.publish_solicitation(&department, DUE).await;
    let prime = app.register_firm("Prime Paving").await;
    let sealed_bid = sealed_bid(&app, &prime, &solicitation, json!([])).await;
    for moment in [candor_tests::STORY_START, "2026-03-10T21:59:59.999999Z", DUE, SEALED, AFTER] {
        app.advance_to(moment);
        let opened = moment == AFTER;
        for (token, reads_all) in staff(&app) {
            // Disclosures are visible to staff as soon as they are filed.
            let data = match (reads_all, opened) {
                (true, true) => EVERYTHING_VISIBLE,
                (true, false) => "0 bids, disclosure, organization",
                (false, _) => NOTHING_VISIBLE,
            };
            assert_eq!(list_visible(&app, &token, &sealed_bid).await, data, "{moment}");
        }
        let data = list_visible(&app, &department.token, &sealed_bid).await;
        assert_eq!(
            data,
            if opened { EVERYTHING_VISIBLE } else { FIRM_VISIBLE },
            "its officers, {moment}"
        );
        let data = list_visible(&app, &neighbour.token, &sealed_bid).await;
        assert_eq!(data, FIRM_VISIBLE, "another department's officers, {moment}");
        assert_eq!(
            list_visible(&app, &prime.token, &sealed_bid).await,
            EVERYTHING_VISIBLE,
            "the prime, {moment}"
        );
    }
    // An opened bid is visible in full: the officer reads the filing and the facts.
    let whole = "query($id: ID!) { node(id: $id) { ... on Bid {
        organization { legalName } disclosure { canonical } decision { facts } } } }";
    let bid = app.query(&department.token, whole, json!({ "id": sealed_bid.bid })).await;
    assert_eq!(bid["node"]["organization"]["legalName"], "Prime Paving");
    assert!(text(&bid["node"]["disclosure"]["canonical"]).contains("noneAttested"));
    assert_eq!(bid["node"]["decision"]["facts"]["organization"]["name"], "Prime Paving");
}

async fn a_rival_cannot_detect_another_bid(app: TestApp) {
    let department = app.create_department("BSS").await;
    let solicitation = app.publish_solicitation(&department, DUE).await;
    let (prime, rival) =
        (app.register_firm("Prime Paving").await, app.register_firm("Rival Paving").await);
    let mut before = Vec::new();
    let view = "query($id: ID!, $own: ID!) {
        solicitation(id: $id) { status open addenda { number } bids { totalCount nodes { id } } }
        trail: auditTrail(subject: $id) { totalCount nodes { action actor data } }
        organization(id: $own) { legalName disclosures { totalCount } }
        organizations { totalCount nodes { id } }
        solicitations { totalCount nodes { id bids { totalCount } } } }";
    let look = async || {
        app.query(&rival.token, view, json!({ "id": solicitation, "own": rival.id })).await
    };
    before.push(look().await);
    let sealed_bid = sealed_bid(&app, &prime, &solicitation, json!([])).await;
    before.push(look().await);
    assert_eq!(before[0], before[1], "the rival's view has not changed");
    for moment in [candor_tests::STORY_START, DUE, AFTER] {
        app.advance_to(moment);
        assert_eq!(
            list_visible(&app, &rival.token, &sealed_bid).await,
            NOTHING_VISIBLE,
            "{moment}"
        );
    }
    app.advance_to(DUE);
    app.file_and_load_disclosure(&rival, no_dealings()).await;
    let own = app.submit_admitted_bid(&rival, &solicitation, "900000").await;
    app.advance_to(AFTER);
    // One bid is the rival's own; the other is not visible.
    assert_eq!(list_visible(&app, &rival.token, &sealed_bid).await, "1 bids");
    let data = look().await;
    assert_eq!(data["solicitation"]["bids"]["nodes"], json!([{ "id": own }]));
    for token in [&prime.token, &rival.token] {
        assert_eq!(count_bids(&app, token, &solicitation).await, 1);
    }
    assert_eq!(count_bids(&app, &department.token, &solicitation).await, 2);
}

async fn count_bids(app: &TestApp, token: &str, solicitation: &str) -> i64 {
    let bids = "query($id: ID!) { solicitation(id: $id) { bids { totalCount } } }";
    let data = app.query(token, bids, json!({ "id": solicitation })).await;
    data["solicitation"]["bids"]["totalCount"].as_i64().expect("a number")
}

async fn a_subcontractor_cannot_detect_that_it_was_named(app: TestApp) {
    let department = app.create_department("BSS").await;
    let solicitation = app.publish_solicitation(&department, DUE).await;
    let (prime, other) =
        (app.register_firm("Prime Paving").await, app.register_firm("Harbor Paint").await);
    let disclosed = app.file_and_load_disclosure(&other, no_dealings()).await;
    let view = "query($id: ID!, $own: ID!, $disclosure: ID!) {
        viewer { memberships { organizationId } }
        solicitation(id: $id) { bids { totalCount nodes { id } } }
        organization(id: $own) { updatedAt members { id }
            disclosures { totalCount nodes { id status review } } }
        trail: auditTrail(subject: $own) { totalCount nodes { action } }
        filed: auditTrail(subject: $disclosure) { totalCount nodes { action } }
        organizations { totalCount } }";
    let variables = json!({ "id": solicitation, "own": other.id, "disclosure": disclosed["id"] });
    let look = async || app.query(&other.token, view, variables.clone()).await;
    let before = look().await;
    let subcontractors = json!([{
        "organizationId": other.id, "name": "Harbor Paint", "amount": usd("40000")
    }]);
    let sealed_bid = sealed_bid(&app, &prime, &solicitation, subcontractors).await;
    for moment in [candor_tests::STORY_START, DUE, AFTER] {
        app.advance_to(moment);
        assert_eq!(look().await, before, "{moment}");
        assert_eq!(
            list_visible(&app, &other.token, &sealed_bid).await,
            NOTHING_VISIBLE,
            "{moment}"
        );
    }
    // The prime sees only whether the subcontractor is current.
    let data = "query($own: ID!, $disclosure: ID!) { organization(id: $own) { id }
        disclosure(id: $disclosure) { id } node(id: $disclosure) { id } }";
    let of_other = json!({ "own": other.id, "disclosure": disclosed["id"] });
    let found = app.query(&prime.token, data, of_other.clone()).await;
    assert_eq!(found, json!({ "organization": null, "disclosure": null, "node": null }));
    // Its officers find every registered firm, whether a bid names it or not.
    let found = app.query(&department.token, data, of_other.clone()).await;
    let organization = json!({ "id": other.id });
    assert_eq!(found, json!({ "organization": organization, "disclosure": null, "node": null }));
    // It may withdraw its own disclosure: a refusal would reveal that a bid names it.
    let reason = json!({ "id": disclosed["id"], "reason": "A part was wrong." });
    app.mutate_ok(&other.token, candor_tests::steps::WITHDRAW_DISCLOSURE, reason).await;
    app.assert_verifies().await;
}

async fn a_refused_attempt_is_sealed_too(app: TestApp) {
    let department = app.create_department("BSS").await;
    let solicitation = app.publish_solicitation(&department, DUE).await;
    let firm = app.register_firm("Forgetful Paving").await;
    let refused = app.submit_bid(&firm, &solicitation, "100000").await;
    assert_eq!(refused["bid"], Value::Null);
    let decision = "query($id: ID!) { decision(id: $id) { outcome } node(id: $id) { id } }";
    let id = json!({ "id": refused["decision"]["id"] });
    let nothing = json!({ "decision": null, "node": null });
    for (moment, opened) in [(candor_tests::STORY_START, false), (DUE, false), (AFTER, true)] {
        app.advance_to(moment);
        for token in [app.reviewer_token(), department.token.clone()] {
            assert_eq!(count_bids(&app, &token, &solicitation).await, i64::from(opened));
            let data = app.query(&token, decision, id.clone()).await;
            assert_eq!(data == nothing, !opened, "{moment} {data}");
        }
        assert_eq!(count_bids(&app, &firm.token, &solicitation).await, 1);
    }
}

async fn a_later_due_time_keeps_the_seal(app: TestApp) {
    let department = app.create_department("BSS").await;
    let solicitation = app.publish_solicitation(&department, DUE).await;
    let prime = app.register_firm("Prime Paving").await;
    let sealed_bid = sealed_bid(&app, &prime, &solicitation, json!([])).await;
    app.advance_to(DUE);
    let later = "2026-03-17T21:00:00Z";
    let input =
        json!({ "id": solicitation, "addendum": "Bids are due a week later.", "dueAt": later });
    app.mutate_ok(
        &department.token,
        candor_tests::steps::AMEND_SOLICITATION,
        json!({ "input": input }),
    )
    .await;
    for moment in [AFTER, later] {
        app.advance_to(moment);
        assert_eq!(
            list_visible(&app, &department.token, &sealed_bid).await,
            FIRM_VISIBLE,
            "{moment}"
        );
    }
    app.advance_to("2026-03-17T21:00:15Z");
    assert_eq!(list_visible(&app, &department.token, &sealed_bid).await, EVERYTHING_VISIBLE);
}

async fn a_canceled_solicitation_keeps_the_seal(app: TestApp) {
    let department = app.create_department("BSS").await;
    let solicitation = app.publish_solicitation(&department, DUE).await;
    let prime = app.register_firm("Prime Paving").await;
    let sealed_bid = sealed_bid(&app, &prime, &solicitation, json!([])).await;
    let cancel = json!({ "id": solicitation, "reason": "The street is closed." });
    app.mutate_ok(&department.token, candor_tests::steps::CANCEL_SOLICITATION, cancel).await;
    let trail = "query($id: ID!) { auditTrail(subject: $id) { nodes { action data } } }";
    let trail = app.query(&department.token, trail, json!({ "id": solicitation })).await;
    assert!(!trail.to_string().contains("bid"), "{trail}");
    for moment in [candor_tests::STORY_START, DUE] {
        app.advance_to(moment);
        assert_eq!(
            list_visible(&app, &department.token, &sealed_bid).await,
            FIRM_VISIBLE,
            "{moment}"
        );
        let data = list_visible(&app, &app.reviewer_token(), &sealed_bid).await;
        assert_eq!(data, "0 bids, disclosure, organization", "{moment}");
    }
    app.advance_to(AFTER);
    assert_eq!(list_visible(&app, &department.token, &sealed_bid).await, EVERYTHING_VISIBLE);
}
