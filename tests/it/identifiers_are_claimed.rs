//! Identifier claims: which firm holds one, and that a claim cannot affect a rival's bid.
use candor_tests::contracts::{AWARD_CONTRACT, RECORD_CONTRACT, award_of_bid};
use candor_tests::due_times::february::{AFTER, DUE};
use candor_tests::fixtures::{Department, Firm, list_finding_codes, no_dealings, usd};
use candor_tests::steps::{
    BID_READINESS, CREATE_ORGANIZATION, SUBMIT_BID, bid_input, format_user_errors, text,
};
use candor_tests::{Role, TestApp, stories};
use serde_json::{Value, json};

stories![
    a_second_claim_is_refused_or_disputed,
    a_strangers_claim_does_not_affect_an_opened_bid,
    the_first_holder_is_the_named_subcontractor,
    a_resolution_remains_when_the_firm_drops_its_identifier,
    a_venture_is_evaluated_with_its_members_at_submission,
    a_contract_keeps_the_subcontractors_of_its_bid,
    two_register_with_one_identifier_at_once,
    several_spellings_count_together,
    a_firm_is_not_its_own_subcontractor,
    an_organization_names_600_parties_a_day,
];

const UEI: &str = "L997DB4PEJL8";
const OTHER_UEI: &str = "ENR9ZAAGMWJ5";
const QUEUE: &str = "{ reviewQueue(kinds: [IDENTIFIER_DISPUTED]) { totalCount nodes { id kind
    identifierDispute { id openedAt identifier { scheme id }
        claims { state claimedAt organization { id legalName } } } } } }";
const BID: &str = "query($id: ID!) { node(id: $id) { ... on Bid { status cureBy decidedAt
    decision { id factsHash } decisions { id } } } }";

fn uei(id: &str) -> Value {
    json!({ "scheme": "UEI", "id": id })
}

fn input(name: &str, identifiers: &[&str], disputed: bool) -> Value {
    let identifiers: Vec<Value> = identifiers.iter().map(|id| uei(id)).collect();
    json!({
        "kind": "CORPORATION", "legalName": name, "identifiers": identifiers, "disputed": disputed,
    })
}

async fn register_holder(app: &TestApp, name: &str, id: &str) -> Firm {
    let signatory = name.to_lowercase().replace(' ', "-");
    app.register_organization(&signatory, input(name, &[id], false)).await
}

/// Lists the states of a firm's identifiers, as its signatory sees them.
async fn list_states(app: &TestApp, firm: &Firm) -> Vec<String> {
    let query = "query($id: ID!) { organization(id: $id) { identifiers { id state } } }";
    let data = app.query(&firm.token, query, json!({ "id": firm.id })).await;
    let all = data["organization"]["identifiers"].as_array().expect("identifiers").clone();
    all.iter().map(|it| format!("{} {}", text(&it["id"]), text(&it["state"]))).collect()
}

/// Lists the disputes in the review queue: for each, its claims as `name STATE`.
async fn list_disputes(app: &TestApp) -> Vec<Vec<String>> {
    let data = app.query(&app.reviewer_token(), QUEUE, json!({})).await;
    let nodes = data["reviewQueue"]["nodes"].as_array().expect("rows").clone();
    assert_eq!(data["reviewQueue"]["totalCount"], nodes.len());
    let claims = |node: &Value| {
        let claims = node["identifierDispute"]["claims"].as_array().expect("claims").clone();
        let names_and_states = claims
            .iter()
            .map(|it| format!("{} {}", text(&it["organization"]["legalName"]), text(&it["state"])));
        names_and_states.collect()
    };
    nodes.iter().map(claims).collect()
}

fn subcontractor(name: &str, id: &str, amount: &str) -> Value {
    json!([{ "name": name, "identifier": uei(id), "amount": usd(amount) }])
}

async fn a_second_claim_is_refused_or_disputed(app: TestApp) {
    let first = register_holder(&app, "Harbor Paint", UEI).await;
    assert_eq!(list_states(&app, &first).await, [format!("{UEI} CLAIMED")]);
    // On registration and on update, at the identifier's path, without naming its holder.
    let stranger = app.register_firm("Stranger").await;
    let refused = app
        .mutate(
            &stranger.token,
            CREATE_ORGANIZATION,
            json!({ "input": input("Harbor Paint", &[OTHER_UEI, UEI], false) }),
        )
        .await;
    let changed =
        app.update_organization(&stranger, input("Stranger", &[OTHER_UEI, UEI], false)).await;
    for payload in [refused, changed] {
        assert_eq!(
            format_user_errors(&payload["userErrors"]),
            ["input.identifiers.1 taken"],
            "{payload:#}"
        );
        assert_eq!(payload["organization"], Value::Null);
        let message = text(&payload["userErrors"][0]["message"]);
        assert!(message.contains("invite you") && message.contains("dispute it"), "{message}");
        assert!(!message.contains("Harbor") && !message.contains(&first.id), "{message}");
    }
    assert_eq!(list_states(&app, &stranger).await, Vec::<String>::new(), "nothing was stored");
    assert_eq!(app.select_number("SELECT COUNT(*) FROM organization").await, 2);
    assert_eq!(list_disputes(&app).await, Vec::<Vec<String>>::new());

    // A disputed claim is stored and queued for staff once, for any number of claimants.
    app.update_organization(&stranger, input("Stranger", &[OTHER_UEI, UEI], true)).await;
    let third = app.register_organization("third", input("Third", &[UEI], true)).await;
    let expected = [format!("{UEI} DISPUTED"), format!("{OTHER_UEI} CLAIMED")];
    let mut data = list_states(&app, &stranger).await;
    data.sort_unstable_by_key(|it| it.contains("CLAIMED"));
    assert_eq!(data, expected);
    let claims = ["Harbor Paint CLAIMED", "Stranger DISPUTED", "Third DISPUTED"];
    assert_eq!(list_disputes(&app).await, [claims]);
    let officer = app.create_department("BSS").await;
    for token in [&first.token, &stranger.token] {
        assert_eq!(app.fault_code(token, QUEUE, json!({})).await, "FORBIDDEN");
    }
    let of_officers = app.query(&officer.token, QUEUE, json!({})).await;
    assert_eq!(of_officers["reviewQueue"]["totalCount"], 0);

    // A repeated claim does not change: state, claimant and time; nor does the first claimant's.
    let claimed_at = app.now();
    app.advance_to("2026-02-03T20:00:00Z");
    for (firm, name) in [(&first, "Harbor Paint"), (&third, "Third")] {
        let before = list_states(&app, firm).await;
        let again = app.update_organization(firm, input(name, &[UEI], false)).await;
        assert_eq!(format_user_errors(&again["userErrors"]), [""; 0], "{again:#}");
        assert_eq!(list_states(&app, firm).await, before);
        let at = text(&again["organization"]["identifiers"][0]["claimedAt"]);
        assert_eq!(at.parse::<chrono::DateTime<chrono::Utc>>().ok(), Some(claimed_at));
    }

    // The first claimant drops it: no disputed claim replaces it automatically, and no other firm
    // can take it.
    app.update_organization(&first, input("Harbor Paint", &[], false)).await;
    assert_eq!(list_states(&app, &third).await, [format!("{UEI} DISPUTED")]);
    let back = app.update_organization(&first, input("Harbor Paint", &[UEI], false)).await;
    assert_eq!(format_user_errors(&back["userErrors"]), ["input.identifiers.0 taken"]);
    assert_eq!(list_disputes(&app).await, [["Stranger DISPUTED", "Third DISPUTED"]]);

    // Without a dispute the queue is empty, and the identifier can be claimed again.
    app.update_organization(&third, input("Third", &[], false)).await;
    assert_eq!(list_disputes(&app).await, [["Stranger DISPUTED"]]);
    app.update_organization(&stranger, input("Stranger", &[OTHER_UEI], false)).await;
    assert_eq!(list_disputes(&app).await, Vec::<Vec<String>>::new());
    app.update_organization(&third, input("Third", &[UEI], false)).await;
    assert_eq!(list_states(&app, &third).await, [format!("{UEI} CLAIMED")]);

    // The database refuses a second holder from any writer.
    let again = format!(
        "INSERT INTO organization_identifier (organization_id, scheme, value, state, claimed_by,
            claimed_at) SELECT id, 'UEI', '{UEI}', 'CLAIMED', 'x', created_at FROM organization
            WHERE legal_name = 'Stranger'"
    );
    app.run_sql(&again).await.expect_err("one bearer");
    app.assert_verifies().await;
}

async fn a_strangers_claim_does_not_affect_an_opened_bid(app: TestApp) {
    let department = app.create_department("BSS").await;
    let solicitation = app.publish_solicitation(&department, DUE).await;
    let paint = register_holder(&app, "Harbor Paint", UEI).await;
    let filed = app.file_and_load_disclosure(&paint, no_dealings()).await;
    let prime = app.register_disclosing_firm("Prime Paving").await;
    let stranger = app.register_firm("Stranger").await;
    let naming = subcontractor("Harbor Paint", UEI, "40000");
    let admitted = app.submit_bid_with(&prime, &solicitation, "1000000", naming).await;
    assert_eq!(admitted["bid"]["status"], "ADMITTED", "{admitted:#}");
    let bid = json!({ "id": admitted["bid"]["id"] });
    let before = app.query(&prime.token, BID, bid.clone()).await;
    assert_eq!(before["node"]["decisions"].as_array().map(Vec::len), Some(1));
    let mut number = 0;
    for moment in ["2026-02-10T20:00:00Z", AFTER, "2026-02-12T20:00:00Z"] {
        app.advance_to(moment);
        for disputed in [false, true] {
            number += 1;
            let token = app.token(&format!("rival-{number}"), &[Role::Bidder]);
            let registers = json!({ "input": input("Harbor Paint", &[UEI], disputed) });
            let created = app.mutate(&token, CREATE_ORGANIZATION, registers).await;
            assert_eq!(created["organization"].is_null(), !disputed, "{created:#}");
            app.update_organization(&stranger, input("Stranger", &[UEI], disputed)).await;
            app.update_organization(&stranger, input("Stranger", &[], false)).await;
            app.sweep().await;
            assert_eq!(app.query(&prime.token, BID, bid.clone()).await, before, "{moment}");
        }
    }
    // Changes by the named firm itself still count.
    app.reject_disclosure(&app.reviewer_token(), &filed["id"]).await;
    let after = app.load_bid(&prime.token, &bid["id"]).await;
    assert_eq!(after["status"], "HELD", "{after:#}");
    app.assert_verifies().await;
}

/// Returns the facts of the only subcontractor of a bid or award.
fn resolution(decision: &Value) -> Value {
    decision["facts"]["subcontractors"][0]["party"]["resolution"].clone()
}

async fn the_first_holder_is_the_named_subcontractor(app: TestApp) {
    let department = app.create_department("BSS").await;
    let solicitation = app.publish_solicitation(&department, DUE).await;
    let prime = app.register_disclosing_firm("Prime Paving").await;
    let naming = subcontractor("Harbor Paint", UEI, "40000");
    let held = app.submit_bid_with(&prime, &solicitation, "1000000", naming).await;
    assert_eq!(held["bid"]["status"], "HELD", "{held:#}");
    app.advance_to(AFTER);
    let paint = register_holder(&app, "Harbor Paint", UEI).await;
    let is_kept = "SELECT COUNT(*) FROM bid_subcontractor WHERE resolved_by = 'IDENTIFIER'";
    assert_eq!(app.select_number(is_kept).await, 1);
    // The firm drops the identifier and another takes it: the bid still refers to the first.
    app.update_organization(&paint, input("Harbor Paint", &[], false)).await;
    let second = register_holder(&app, "Second Paint", UEI).await;
    app.file_and_load_disclosure(&second, no_dealings()).await;
    let bid = app.load_bid(&prime.token, &held["bid"]["id"]).await;
    assert_eq!(bid["status"], "HELD", "{bid:#}");
    app.file_and_load_disclosure(&paint, no_dealings()).await;
    let bid = app.load_bid(&prime.token, &held["bid"]["id"]).await;
    assert_eq!(bid["status"], "ADMITTED", "{bid:#}");
    let facts = "query($id: ID!) { decision(id: $id) { facts factsHash } }";
    let last = bid["decisions"].as_array().and_then(|all| all.last()).expect("a decision").clone();
    let data = app.query(&app.reviewer_token(), facts, json!({ "id": last["id"] })).await;
    let by = resolution(&data["decision"]);
    let identifier = format!("UEI {UEI}");
    let expected =
        json!({ "by": "IDENTIFIER", "identifier": identifier, "foldedName": "harborpaint" });
    assert_eq!(by, expected, "{data:#}");
    let first =
        app.query(&app.reviewer_token(), facts, json!({ "id": held["decision"]["id"] })).await;
    assert_eq!(resolution(&first["decision"])["by"], "UNRESOLVED");
    app.assert_verifies().await;
}

async fn a_resolution_remains_when_the_firm_drops_its_identifier(app: TestApp) {
    let department = app.create_department("BSS").await;
    let (one, two) = (
        app.publish_solicitation(&department, DUE).await,
        app.publish_solicitation(&department, DUE).await,
    );
    let paint = register_holder(&app, "Harbor Paint", UEI).await;
    app.file_and_load_disclosure(&paint, no_dealings()).await;
    let prime = app.register_disclosing_firm("Prime Paving").await;
    // Another name than the firm's, so that only the identifier finds it.
    let naming = subcontractor("Painters", UEI, "40000");
    let admitted = app.submit_bid_with(&prime, &one, "1000000", naming.clone()).await;
    assert_eq!(admitted["bid"]["status"], "ADMITTED");
    app.update_organization(&paint, input("Harbor Paint", &[], false)).await;
    app.sweep().await;
    let bid = app.load_bid(&prime.token, &admitted["bid"]["id"]).await;
    assert_eq!(bid["status"], "ADMITTED");
    assert_eq!(bid["decisions"].as_array().map(Vec::len), Some(1));
    // A new submission is resolved again.
    let held = app.submit_bid_with(&prime, &two, "1000000", naming).await;
    assert_eq!(held["bid"]["status"], "HELD");
    app.assert_verifies().await;
}

fn venture_input(members: &[(&Firm, &str)]) -> Value {
    let members = members.iter();
    let members = members.map(|(firm, name)| json!({ "organizationId": firm.id, "name": name }));
    json!({
        "kind": "JOINT_VENTURE", "legalName": "Harbor Joint Venture",
        "jointVentureMembers": members.collect::<Vec<_>>(),
    })
}

async fn a_venture_is_evaluated_with_its_members_at_submission(app: TestApp) {
    let department = app.create_department("BSS").await;
    let (one, two) = (
        app.publish_solicitation(&department, DUE).await,
        app.publish_solicitation(&department, DUE).await,
    );
    let (north, south) =
        (app.register_disclosing_firm("North").await, app.register_disclosing_firm("South").await);
    let silent = app.register_firm("Silent").await;
    let firm = app
        .register_organization("venture", venture_input(&[(&north, "North"), (&south, "South")]))
        .await;
    app.file_and_load_disclosure(&firm, no_dealings()).await;
    let bid = app.submit_admitted_bid(&firm, &one, "100000").await;
    let changed = venture_input(&[(&north, "North"), (&silent, "Silent")]);
    assert_eq!(
        format_user_errors(&app.update_organization(&firm, changed).await["userErrors"]),
        [""; 0]
    );
    app.sweep().await;
    let data = app.load_bid(&firm.token, &json!(bid)).await;
    assert_eq!(data["status"], "ADMITTED");
    assert_eq!(data["decisions"].as_array().map(Vec::len), Some(1));
    let held = app.submit_bid(&firm, &two, "100000").await;
    assert_eq!(list_finding_codes(&held["decision"]), ["joint_venture.member_missing_disclosure"]);
    // The venture is not a member of itself, even by its own identifier.
    let mut own = venture_input(&[(&north, "North"), (&south, "South")]);
    own["identifiers"] = json!([uei(UEI)]);
    own["jointVentureMembers"][1] = json!({ "name": "Ourselves", "identifier": uei(UEI) });
    let refused = app.update_organization(&firm, own).await;
    let at = ["input.jointVentureMembers.1.identifier contradiction"];
    assert_eq!(format_user_errors(&refused["userErrors"]), at);
    app.assert_verifies().await;
}

async fn a_contract_keeps_the_subcontractors_of_its_bid(app: TestApp) {
    let department = app.create_department("BSS").await;
    let solicitation = app.publish_solicitation(&department, DUE).await;
    let paint = register_holder(&app, "Harbor Paint", UEI).await;
    app.file_and_load_disclosure(&paint, no_dealings()).await;
    let prime = app.register_disclosing_firm("Prime Paving").await;
    let naming = subcontractor("Harbor Paint", UEI, "40000");
    let admitted = app.submit_bid_with(&prime, &solicitation, "1000000", naming).await;
    assert_eq!(admitted["bid"]["status"], "ADMITTED");
    app.update_organization(&paint, input("Harbor Paint", &[], false)).await;
    register_holder(&app, "Silent Paint", UEI).await;
    app.advance_to(AFTER);
    let award = award_of_bid(&admitted["bid"]["id"], "C-1", ("2026-03-01", "2026-12-31"), 1);
    let awarded = app.mutate_ok(&department.token, AWARD_CONTRACT, award).await;
    assert_eq!(awarded["contract"]["basis"], "GATED", "{awarded:#}");
    let readiness = "query($id: ID!) { contract(id: $id) { readiness } }";
    let contract = json!({ "id": awarded["contract"]["id"] });
    app.sweep().await;
    let data = app.query(&department.token, readiness, contract.clone()).await;
    assert_eq!(data["contract"]["readiness"], "ADMIT", "{data:#}");
    // A contract that names an unknown subcontractor resolves to the first firm that holds the
    // identifier.
    let recorded = app
        .record_contract(
            &department,
            &prime,
            "C-2",
            ("2026-01-01", "2026-12-31"),
            json!({ "clauseVersion": 1, "subcontractors": subcontractor("Weld", OTHER_UEI, "40000") }),
        )
        .await;
    let ready = async || {
        let data = app.query(&department.token, readiness, json!({ "id": recorded })).await;
        text(&data["contract"]["readiness"])
    };
    assert_eq!(ready().await, "REVIEW", "nobody knows yet who it is");
    let weld = register_holder(&app, "Weld", OTHER_UEI).await;
    app.update_organization(&weld, input("Weld", &[], false)).await;
    let thief = register_holder(&app, "Thief", OTHER_UEI).await;
    app.file_and_load_disclosure(&thief, no_dealings()).await;
    app.sweep().await;
    assert_eq!(ready().await, "BLOCK", "the thief is not the one that was named");
    app.file_and_load_disclosure(&weld, no_dealings()).await;
    assert_eq!(ready().await, "ADMIT");
    app.assert_verifies().await;
}

async fn two_register_with_one_identifier_at_once(app: TestApp) {
    let ids = ["L997DB4PEJL8", "ENR9ZAAGMWJ5", "DY5HJN6EL4M1"];
    for (round, id) in ids.iter().enumerate() {
        let token = |who: &str| app.token(&format!("{who}-{round}"), &[Role::Bidder]);
        let (one, other) = (token("one"), token("other"));
        let registers = |name: &str| json!({ "input": input(name, &[id], false) });
        let (one, other) = tokio::join!(
            app.execute(&one, CREATE_ORGANIZATION, registers("One")),
            app.execute(&other, CREATE_ORGANIZATION, registers("Other")),
        );
        let created =
            |answer: &Value| answer["data"]["createOrganization"]["organization"]["id"].is_string();
        assert_eq!(
            [&one, &other].into_iter().filter(|it| created(it)).count(),
            1,
            "{one:#} {other:#}"
        );
        for lost in [&one, &other].into_iter().filter(|it| !created(it)) {
            let is_conflict = lost["errors"][0]["extensions"]["code"] == "CONFLICT";
            let errors = &lost["data"]["createOrganization"]["userErrors"];
            assert!(
                is_conflict || format_user_errors(errors) == ["input.identifiers.0 taken"],
                "{lost:#}"
            );
        }
        // Two concurrent disputes join one dispute.
        let (one, other) = (token("third"), token("fourth"));
        let list_disputes = |name: &str| json!({ "input": input(name, &[id], true) });
        let (one, other) = tokio::join!(
            app.mutate_ok(&one, CREATE_ORGANIZATION, list_disputes("Third")),
            app.mutate_ok(&other, CREATE_ORGANIZATION, list_disputes("Fourth")),
        );
        assert!(one["organization"]["id"].is_string() && other["organization"]["id"].is_string());
    }
    let bearers = "SELECT COUNT(*) FROM organization_identifier WHERE state = 'CLAIMED'";
    assert_eq!(app.select_number(bearers).await, 3);
    assert_eq!(app.select_number("SELECT COUNT(*) FROM identifier_dispute").await, 3);
    app.assert_verifies().await;
}

async fn several_spellings_count_together(app: TestApp) {
    let department = app.create_department("BSS").await;
    let prime = app.register_disclosing_firm("Prime Paving").await;
    let cents = ["15000.00", "14999.99"];
    let row = |name: &str, id: Option<&str>, amount: &str| json!({ "name": name, "identifier": id.map(uei), "amount": usd(amount) });
    let found = async |rows: Value| {
        let solicitation = app.publish_solicitation(&department, DUE).await;
        let payload = app.submit_bid_with(&prime, &solicitation, "1000000", rows).await;
        list_finding_codes(&payload["decision"])
    };
    let half = cents[0];
    for (one, other) in [
        (row("Añejo Paint, L.L.C.", None, half), row("ANEJO  PAINT LLC", None, half)),
        (row("Paint", Some(UEI), half), row("Quite Another", Some(UEI), half)),
        (row("Paint", Some(UEI), half), row("PAINT.", None, half)),
        (row("Paint", Some(UEI), half), row("paint", Some(OTHER_UEI), half)),
    ] {
        assert_eq!(found(json!([one, other])).await, ["party.unidentified"], "{one} {other}");
    }
    let less = json!([row("Paint", None, half), row("PAINT", None, cents[1])]);
    assert_eq!(found(less).await, [""; 0]);
    let two = json!([row("Paint", None, half), row("Weld", None, half)]);
    assert_eq!(found(two).await, [""; 0]);
    // A third row adds the part that the two others do not share.
    let third = json!([
        row("Paint", Some(UEI), "10000"),
        row("Weld", Some(OTHER_UEI), "10000"),
        row("Weld", Some(UEI), "10000"),
    ]);
    assert_eq!(found(third).await, ["party.unidentified"]);
    app.assert_verifies().await;
}

async fn assert_refused_everywhere(
    app: &TestApp,
    of: &Department,
    firm: &Firm,
    row: &Value,
    field: &str,
) {
    let solicitation = app.publish_solicitation(of, DUE).await;
    let other = json!({ "name": "Somebody Else", "amount": usd("1") });
    let rows = json!([other, row]);
    let at = [format!("input.subcontractors.1.{field} contradiction")];
    let bid = bid_input(firm, &solicitation, "100000", &rows);
    let submitted = app.mutate(&firm.token, SUBMIT_BID, json!({ "input": bid })).await;
    assert_eq!(format_user_errors(&submitted["userErrors"]), at, "{submitted:#}");
    let answer = app.execute(&firm.token, BID_READINESS, json!({ "input": bid })).await;
    let errors = &answer["errors"][0]["extensions"]["userErrors"];
    assert_eq!(format_user_errors(errors), at, "{answer:#}");
    let mut contract = json!({
        "departmentId": of.id, "organizationId": firm.id, "number": "C-9", "title": "Works",
        "value": usd("250000"), "startDate": "2026-02-02", "endDate": "2027-01-31",
        "subcontractors": rows,
    });
    let recorded = app.mutate(&of.token, RECORD_CONTRACT, json!({ "input": contract })).await;
    assert_eq!(format_user_errors(&recorded["userErrors"]), at, "{recorded:#}");
    contract["method"] = json!("SOLE_SOURCE");
    contract["clauseVersion"] = json!(1);
    let awarded = app.mutate(&of.token, AWARD_CONTRACT, json!({ "input": contract })).await;
    assert_eq!(format_user_errors(&awarded["userErrors"]), at, "{awarded:#}");
}

async fn a_firm_is_not_its_own_subcontractor(app: TestApp) {
    let department = app.create_department("BSS").await;
    let owner = register_holder(&app, "Owner", OTHER_UEI).await;
    let schemes = [
        ("UEI", UEI),
        ("CAGE", "1AB2C"),
        ("CITY_VENDOR", "V-77"),
        ("CITY_TAX_REGISTRATION", "0002345-0001-1"),
        ("UEI", OTHER_UEI),
    ];
    let identifiers = schemes.map(|(scheme, id)| json!({ "scheme": scheme, "id": id }));
    let input = json!({
        "kind": "CORPORATION", "legalName": "Prime Paving", "identifiers": identifiers,
        "disputed": true,
    });
    let prime = app.register_organization("prime", input).await;
    app.file_and_load_disclosure(&prime, no_dealings()).await;
    for identifier in &identifiers {
        let row = json!({
            "name": "Somebody", "identifier": identifier, "amount": usd("1000"),
        });
        assert_refused_everywhere(&app, &department, &prime, &row, "identifier").await;
    }
    let row = json!({ "name": "We", "organizationId": prime.id, "amount": usd("1000") });
    assert_refused_everywhere(&app, &department, &prime, &row, "organizationId").await;
    assert_eq!(app.select_number("SELECT COUNT(*) FROM bid").await, 0);
    assert_eq!(app.select_number("SELECT COUNT(*) FROM contract").await, 0);
    // Another firm may name the holder.
    let solicitation = app.publish_solicitation(&department, DUE).await;
    let naming = subcontractor("Prime Paving", UEI, "40000");
    app.file_and_load_disclosure(&owner, no_dealings()).await;
    let payload = app.submit_bid_with(&owner, &solicitation, "1000000", naming).await;
    assert_eq!(payload["bid"]["status"], "ADMITTED", "{payload:#}");
    app.assert_verifies().await;
}

async fn an_organization_names_600_parties_a_day(app: TestApp) {
    let department = app.create_department("BSS").await;
    let solicitation = app.publish_solicitation(&department, DUE).await;
    let (firm, other) =
        (app.register_disclosing_firm("Prime").await, app.register_disclosing_firm("Other").await);
    let asks = async |firm: &Firm, range: std::ops::Range<u32>| {
        let rows = range.map(|it| json!({ "name": format!("Firm {it}"), "amount": usd("1") }));
        let rows = json!(rows.collect::<Vec<_>>());
        let bid = bid_input(firm, &solicitation, "100000", &rows);
        app.execute(&firm.token, BID_READINESS, json!({ "input": bid })).await
    };
    let answered = |answer: &Value| answer.get("errors").is_none();
    // Subcontractors named in a refused attempt count too.
    let myself = json!([{ "name": "We", "identifier": null, "organizationId": firm.id,
        "amount": usd("1") }]);
    let bid = bid_input(&firm, &solicitation, "100000", &myself);
    app.mutate(&firm.token, SUBMIT_BID, json!({ "input": bid })).await;
    assert!(answered(&asks(&firm, 0..500).await));
    assert!(answered(&asks(&firm, 400..600).await));
    // Other spellings of the same names count once.
    let rows = json!([{ "name": "FIRM-7", "amount": usd("1") }]);
    let bid = bid_input(&firm, &solicitation, "100000", &rows);
    let again = app.execute(&firm.token, BID_READINESS, json!({ "input": bid })).await;
    assert!(answered(&again), "{again:#}");
    let preparer = app.invite_member(&firm, "PREPARER").await;
    let colleague = Firm { id: firm.id.clone(), token: preparer };
    for who in [&firm, &colleague] {
        let refused = asks(who, 600..601).await;
        let error = &refused["errors"][0];
        assert_eq!(error["extensions"]["code"], "LIMIT_EXCEEDED", "{refused:#}");
        // It is noon local time.
        assert_eq!(error["extensions"]["retryAfterSeconds"], 12 * 3_600);
        let message = text(&error["message"]);
        assert!(message.contains("600 different firms a day"), "{message}");
        assert!(message.contains("after midnight, in 12 hours"), "{message}");
    }
    let rows = json!([{ "name": "Firm 600", "amount": usd("1") }]);
    let bid = bid_input(&firm, &solicitation, "100000", &rows);
    let refused = app.execute(&firm.token, SUBMIT_BID, json!({ "input": bid })).await;
    assert_eq!(refused["errors"][0]["extensions"]["code"], "LIMIT_EXCEEDED", "{refused:#}");
    assert!(answered(&asks(&other, 600..700).await), "each organization has its own limit");
    app.advance_to("2026-02-03T08:00:00Z");
    assert!(answered(&asks(&firm, 600..601).await), "another day");
    app.assert_verifies().await;
}
