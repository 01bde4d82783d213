//! What the world of the edges lacks: an example of each action that a trail can show.
use candor_schema::organization::model::MemberRole;
use candor_schema::organization::service::{enroll_member, enroll_officer};
use candor_schema::principal::Principal;
use candor_tests::fixtures::{Department, Firm, agreements, dollars, nothing};
use candor_tests::awards::{ANSWER_MATCH, DISMISS, LINK, Summary};
use candor_tests::contracts::{AWARD, REQUEST_WAIVER};
use candor_tests::steps::{AMEND, REINSTATE, SUSPEND, text};
use candor_tests::{TestApp, Role};
use serde_json::{Value, json};

const DUE: &str = "2026-03-10T22:00:00Z";
const AFTER: &str = "2026-03-10T22:00:15Z";
const DAYS: (&str, &str) = ("2026-03-10", "2026-12-31");
const UPDATE: &str = "mutation($id: ID!, $input: OrganizationInput!) {
    updateOrganization(id: $id, input: $input) { organization { id }
    userErrors { path code message } } }";
const REMOVE: &str = "mutation($id: ID!) { removeMember(id: $id) {
    member { id } userErrors { path code message } } }";
const MEMBERS: &str = "query($id: ID!) { organization(id: $id) { members { id bound role } } }";
const OFFICERS: &str = "query($id: ID!) { node(id: $id) { ... on Department {
    officers { id email } } } }";

/// People of these acts who do not ask.
pub struct Acts {
    /// Who asks, each with its token.
    pub viewers: Vec<(&'static str, String)>,
    /// An organization and the token of a former member.
    pub former: (String, String),
}

/// Does what the world of the edges lacks.
pub async fn act(app: &TestApp) -> Acts {
    let department = app.department("DWP").await;
    let firm = app.disclosing("Juniper Grading").await;
    let preparer = app.member(&firm, "PREPARER").await;
    let former = people(app, &department, &firm).await;
    policy(app).await;
    // A question that the next filing closes.
    let filed = app.filed(&firm, nothing()).await["id"].take();
    app.asks(&app.reviewer(), &filed, "2026-02-27").await;
    app.filed(&firm, nothing()).await;
    let (suspected, likely) = matches(app).await;
    let paint = bids(app, &department, &firm).await;
    let rope = contracts(app, &department, &firm).await;
    Acts {
        viewers: vec![
            ("the winner's signatory", firm.token.clone()),
            ("the winner's preparer", preparer),
            ("who was suspected", suspected.token),
            ("whose match was dismissed", likely.token),
            ("who was named in a bid", paint.token),
            ("who was named in a contract", rope.token),
            ("the winner's officer", department.token),
        ],
        former: (firm.id, former),
    }
}

/// Members and officers that operators enroll and that are removed: the removed member's token.
async fn people(app: &TestApp, department: &Department, firm: &Firm) -> String {
    let viewer = "{ viewer { issuer } }";
    let viewer = app.data(&firm.token, viewer, json!({})).await;
    let issuer = text(&viewer["viewer"]["issuer"]);
    let person = |subject: &str| Principal::person(&issuer, subject).expect("a person");
    let (now, database) = (app.now(), &app.database);
    let organization = firm.id.parse().expect("an organization");
    enroll_member(database, &person("enrolled"), organization, MemberRole::Preparer, now)
        .await
        .expect("a member");
    let id = department.id.parse().expect("a department");
    enroll_officer(database, &person("enrolled-officer"), id, now).await.expect("an officer");

    let former = app.member(firm, "SIGNATORY").await;
    let members = app.data(&firm.token, MEMBERS, json!({ "id": firm.id })).await;
    let members = members["organization"]["members"].as_array().expect("members");
    let last = members.iter().rfind(|it| it["role"] == "SIGNATORY").expect("a signatory");
    app.done(&firm.token, REMOVE, json!({ "id": last["id"] })).await;

    let add = "mutation($input: OfficerInput!) { addMember(input: $input) {
        member { id } userErrors { path code message } } }";
    let input = json!({ "departmentId": department.id, "email": "leaving@people.example" });
    let admin = app.token("administrator", &[Role::Admin]);
    let added = app.done(&admin, add, json!({ "input": input })).await;
    app.done(&admin, REMOVE, json!({ "id": added["member"]["id"] })).await;
    let seen = app.data(&department.token, OFFICERS, json!({ "id": department.id })).await;
    assert_eq!(seen["node"]["officers"].as_array().map(Vec::len), Some(2), "{seen:#}");
    former
}

/// An order of a court, and its end.
async fn policy(app: &TestApp) {
    let admin = app.token("administrator", &[Role::Admin]);
    let input = json!({ "version": 1, "rules": ["disclosure.stale"], "citation": "26STCP00417" });
    let suspended = app.done(&admin, SUSPEND, json!({ "input": input })).await;
    let input = json!({ "suspensionId": suspended["suspension"]["id"], "citation": "Vacated." });
    app.done(&admin, REINSTATE, json!({ "input": input })).await;
}

/// A match that is confirmed, answered and confirmed again, covered and uncovered, and others that
/// are dismissed and reopened: the two firms.
async fn matches(app: &TestApp) -> (Firm, Firm) {
    let reviewer = app.reviewer();
    let firm = app.attesting_none("Tamarind Leasing", "TM4NX8L5T9R2").await;
    let exact = Summary {
        number: "70CDCR25FR0000031",
        recipient: "TAMARIND LEASING",
        uei: "TM4NX8L5T9R2",
        ..Summary::default()
    };
    app.awarded(&[exact]).await;
    let confirmed = app.only_match(&firm).await;
    app.confirms(&reviewer, &confirmed).await;
    let answer = json!({ "matchId": confirmed["id"], "answer": "We sold it." });
    app.done(&firm.token, ANSWER_MATCH, json!({ "input": answer })).await;
    app.confirms(&reviewer, &confirmed).await;
    let mut told = candor_tests::steps::detention();
    told["identifier"] = json!("70CDCR25FR0000031");
    app.filed(&firm, agreements(&[told])).await;
    assert_eq!(app.only_match(&firm).await["status"], "COVERED");
    app.filed(&firm, nothing()).await;
    assert_ne!(app.only_match(&firm).await["status"], "COVERED");

    let likely = app.attesting_none("Bristlecone Fleet Towing", "BT5PX8L5T9R3").await;
    let by_name = Summary {
        number: "70CDCR25FR0000041",
        recipient: "BRISTLECONE FLEET TOWING INC",
        uei: "",
        ..Summary::default()
    };
    app.awarded(&[by_name]).await;
    let probable = app.only_match(&likely).await;
    let input = json!({ "matchId": probable["id"], "reason": "Another firm, in Ohio." });
    app.done(&reviewer, DISMISS, json!({ "input": input })).await;
    for (name, status) in [
        ("Bristlecone Fleet Towing, Inc.", "OPEN"),
        ("Bristlecone Fleet Towing and Storage", "OPEN"),
        ("Other Logistics", "OPEN"),
    ] {
        let input = json!({
            "kind": "CORPORATION", "legalName": name,
            "identifiers": [{ "scheme": "UEI", "id": "BT5PX8L5T9R3" }], "identifiersChecked": true,
        });
        app.done(&likely.token, UPDATE, json!({ "id": likely.id, "input": input })).await;
        assert_eq!(app.only_match(&likely).await["status"], status, "{name}");
    }
    let input = json!({
        "organizationId": likely.id, "awardId": probable["award"]["id"],
        "reason": "Its annual report names the firm.",
    });
    app.done(&reviewer, LINK, json!({ "input": input })).await;
    (firm, likely)
}

fn uei(id: &str) -> Value {
    json!({ "scheme": "UEI", "id": id })
}

/// A bid whose subcontractor registers after it was named and then discloses; an award that is
/// refused and then made, under a waiver. Returns the subcontractor.
async fn bids(app: &TestApp, department: &Department, firm: &Firm) -> Firm {
    let solicitation = app.solicited(department, DUE).await;
    let addendum = json!({ "id": solicitation, "addendum": "Bring a broom." });
    app.done(&department.token, AMEND, json!({ "input": addendum })).await;
    let naming = json!([{
        "name": "Harbor Paint", "identifier": uei("HP2KM7P4N6V8"), "amount": dollars("40000"),
    }]);
    let held = app.submit_naming(firm, &solicitation, "1000000", naming).await;
    assert_eq!(held["bid"]["status"], "HELD", "{held:#}");
    let input = json!({
        "kind": "CORPORATION", "legalName": "Harbor Paint", "identifiers": [uei("HP2KM7P4N6V8")],
        "identifiersChecked": true,
    });
    let paint = app.organization("harbor-paint", input).await;
    app.filed(&paint, nothing()).await;
    let bid = app.bid_of(&firm.token, &held["bid"]["id"]).await;
    assert_eq!(bid["status"], "ADMITTED", "{bid:#}");

    app.advance_to(AFTER);
    let waiver = json!({ "input": {
        "departmentId": department.id, "contractNumber": "D-1", "rule": "disclosure.stale",
        "expiresOn": "2026-06-30", "authority": "Council File 26-0417", "purpose": "Pumps.",
        "alternatives": "Three were asked.", "cost": "A rented pump.", "costAmount": dollars("1"),
    } });
    app.done(&department.token, REQUEST_WAIVER, waiver).await;
    let mut input = json!({
        "bidId": held["bid"]["id"], "number": "D-1", "startDate": DAYS.0, "endDate": DAYS.1,
    });
    let refused = app.done(&department.token, AWARD, json!({ "input": input })).await;
    assert_eq!(refused["contract"], Value::Null, "{refused:#}");
    input["clauseVersion"] = json!(1);
    let awarded = app.done(&department.token, AWARD, json!({ "input": input })).await;
    assert_ne!(awarded["contract"], Value::Null, "{awarded:#}");
    paint
}

/// A contract whose subcontractor registers later, with two proposals to renew it: the
/// subcontractor.
async fn contracts(app: &TestApp, department: &Department, firm: &Firm) -> Firm {
    let parts = json!({ "subcontractors": [{
        "name": "Harbor Rope", "identifier": uei("HR2KM7P4N6V8"), "amount": dollars("1000"),
    }] });
    let contract = app.recorded(department, firm, "D-2", DAYS, parts).await;
    let input = json!({
        "kind": "CORPORATION", "legalName": "Harbor Rope", "identifiers": [uei("HR2KM7P4N6V8")],
        "identifiersChecked": true,
    });
    let rope = app.organization("harbor-rope", input).await;
    app.sweep().await;
    for end in ["2027-12-31", "2027-06-30"] {
        let input = json!({ "contractId": contract, "action": "RENEWAL", "endDate": end });
        app.proposed(department, input).await;
    }
    rope
}
