//! Additional test data: an example of each ledger action that the edge tests do not create.
use candor_schema::organization::model::MemberRole;
use candor_schema::organization::service::{enroll_member, enroll_officer};
use candor_schema::principal::Principal;
use candor_tests::awards::{ANSWER_MATCH, AwardSummary, DISMISS_MATCH, LINK_MATCH};
use candor_tests::contracts::{AWARD_CONTRACT, REQUEST_WAIVER, award_of_bid};
use candor_tests::due_times::march::{AFTER, DUE};
use candor_tests::fixtures::{Department, Firm, agreements_statement, no_dealings, usd};
use candor_tests::steps::{AMEND_SOLICITATION, REINSTATE_POLICY, SUSPEND_POLICY, text};
use candor_tests::{Role, TestApp};
use serde_json::{Value, json};

const DAYS: (&str, &str) = ("2026-03-10", "2026-12-31");
const REMOVE: &str = "mutation($id: ID!) { removeMember(id: $id) {
    member { id } userErrors { path code message } } }";
const MEMBERS: &str = "query($id: ID!) { organization(id: $id) { members { id isBound role } } }";
const OFFICERS: &str = "query($id: ID!) { node(id: $id) { ... on Department {
    officers { id email } } } }";

/// People in these examples who do not read trails.
pub struct Acts {
    /// Readers, each with a token.
    pub viewers: Vec<(&'static str, String)>,
    /// Organizations, each with the token of a former member.
    pub former: Vec<(String, String)>,
}

/// Creates the missing examples.
pub async fn act(app: &TestApp) -> Acts {
    let department = app.create_department("DWP").await;
    let firm = app.register_disclosing_firm("Juniper Grading").await;
    let preparer = app.invite_member(&firm, "PREPARER").await;
    let former = people(app, &department, &firm).await;
    policy(app).await;
    // A clarification that the next filing closes.
    let filed = app.file_and_load_disclosure(&firm, no_dealings()).await["id"].take();
    app.request_clarification(&app.reviewer_token(), &filed, "2026-02-27").await;
    app.file_and_load_disclosure(&firm, no_dealings()).await;
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
        former: vec![(firm.id, former), merged(app).await],
    }
}

/// The organization that was merged, with the token of its former signatory.
async fn merged(app: &TestApp) -> (String, String) {
    let all = "{ organizations(first: 100) { nodes { id mergedInto { id } } } }";
    let data = app.query(&app.reviewer_token(), all, json!({})).await;
    let all = data["organizations"]["nodes"].as_array().expect("organizations").iter();
    let merged: Vec<&Value> = all.filter(|it| !it["mergedInto"].is_null()).collect();
    let [merged] = merged[..] else { panic!("one merged organization: {merged:?}") };
    (text(&merged["id"]), app.token("twin", &[Role::Bidder]))
}

/// Members and officers that operators enroll and that are removed; returns the removed member's
/// token.
async fn people(app: &TestApp, department: &Department, firm: &Firm) -> String {
    let viewer = "{ viewer { issuer } }";
    let viewer = app.query(&firm.token, viewer, json!({})).await;
    let issuer = text(&viewer["viewer"]["issuer"]);
    let person = |subject: &str| Principal::person(&issuer, subject).expect("a person");
    let (now, database) = (app.now(), &app.database);
    let organization = firm.id.parse().expect("an organization");
    enroll_member(database, &person("enrolled"), organization, MemberRole::Preparer, now)
        .await
        .expect("a member");
    let id = department.id.parse().expect("a department");
    enroll_officer(database, &person("enrolled-officer"), id, now).await.expect("an officer");

    let former = app.invite_member(firm, "SIGNATORY").await;
    let members = app.query(&firm.token, MEMBERS, json!({ "id": firm.id })).await;
    let members = members["organization"]["members"].as_array().expect("members");
    let last = members.iter().rfind(|it| it["role"] == "SIGNATORY").expect("a signatory");
    app.mutate_ok(&firm.token, REMOVE, json!({ "id": last["id"] })).await;

    let add = "mutation($input: OfficerInput!) { addMember(input: $input) {
        member { id } userErrors { path code message } } }";
    let input = json!({ "departmentId": department.id, "email": "leaving@people.example" });
    let admin = app.token("administrator", &[Role::Admin]);
    let added = app.mutate_ok(&admin, add, json!({ "input": input })).await;
    app.mutate_ok(&admin, REMOVE, json!({ "id": added["member"]["id"] })).await;
    let data = app.query(&department.token, OFFICERS, json!({ "id": department.id })).await;
    assert_eq!(data["node"]["officers"].as_array().map(Vec::len), Some(2), "{data:#}");
    former
}

/// A suspension and its reinstatement.
async fn policy(app: &TestApp) {
    let admin = app.token("administrator", &[Role::Admin]);
    let input = json!({ "version": 1, "rules": ["disclosure.stale"], "citation": "26STCP00417" });
    let suspended = app.mutate_ok(&admin, SUSPEND_POLICY, json!({ "input": input })).await;
    let input = json!({ "suspensionId": suspended["suspension"]["id"], "citation": "Vacated." });
    app.mutate_ok(&admin, REINSTATE_POLICY, json!({ "input": input })).await;
}

/// Matches: one confirmed, answered, confirmed again, covered and uncovered, and others dismissed
/// and reopened; returns the two firms.
async fn matches(app: &TestApp) -> (Firm, Firm) {
    let reviewer = app.reviewer_token();
    let firm = app.register_firm_attesting_none("Tamarind Leasing", "TM4NX8L5T9R2").await;
    let exact = AwardSummary {
        number: "70CDCR25FR0000031",
        recipient: "TAMARIND LEASING",
        uei: "TM4NX8L5T9R2",
        ..AwardSummary::default()
    };
    app.import_award_rows(&[exact]).await;
    let confirmed = app.load_only_match(&firm).await;
    app.confirm_match(&reviewer, &confirmed).await;
    let answer = json!({ "matchId": confirmed["id"], "answer": "We sold it." });
    app.mutate_ok(&firm.token, ANSWER_MATCH, json!({ "input": answer })).await;
    app.confirm_match(&reviewer, &confirmed).await;
    let mut agreement = candor_tests::steps::detention_agreement();
    agreement["identifier"] = json!("70CDCR25FR0000031");
    app.file_and_load_disclosure(&firm, agreements_statement(&[agreement])).await;
    assert_eq!(app.load_only_match(&firm).await["status"], "COVERED");
    app.file_and_load_disclosure(&firm, no_dealings()).await;
    assert_ne!(app.load_only_match(&firm).await["status"], "COVERED");

    let likely = app.register_firm_attesting_none("Bristlecone Fleet Towing", "BT5PX8L5T9R3").await;
    let by_name = AwardSummary {
        number: "70CDCR25FR0000041",
        recipient: "BRISTLECONE FLEET TOWING INC",
        uei: "",
        ..AwardSummary::default()
    };
    app.import_award_rows(&[by_name]).await;
    let probable = app.load_only_match(&likely).await;
    let input = json!({ "matchId": probable["id"], "reason": "Another firm, in Ohio." });
    app.mutate_ok(&reviewer, DISMISS_MATCH, json!({ "input": input })).await;
    for (name, status) in [
        ("Bristlecone Fleet Towing, Inc.", "OPEN"),
        ("Bristlecone Fleet Towing and Storage", "OPEN"),
        ("Other Logistics", "OPEN"),
    ] {
        let input = json!({
            "kind": "CORPORATION", "legalName": name,
            "identifiers": [{ "scheme": "UEI", "id": "BT5PX8L5T9R3" }], "identifiersChecked": true,
        });
        app.update_organization(&likely, input).await;
        assert_eq!(app.load_only_match(&likely).await["status"], status, "{name}");
    }
    let input = json!({
        "organizationId": likely.id, "awardId": probable["award"]["id"],
        "reason": "Its annual report names the firm.",
    });
    app.mutate_ok(&reviewer, LINK_MATCH, json!({ "input": input })).await;
    (firm, likely)
}

fn uei(id: &str) -> Value {
    json!({ "scheme": "UEI", "id": id })
}

/// A bid whose subcontractor registers and discloses after being named; an award that is refused
/// and then made under a waiver. Returns the subcontractor.
async fn bids(app: &TestApp, department: &Department, firm: &Firm) -> Firm {
    let solicitation = app.publish_solicitation(department, "2026-03-09T22:00:00Z").await;
    let addendum = json!({ "id": solicitation, "addendum": "Bring a broom.", "dueAt": DUE });
    app.mutate_ok(&department.token, AMEND_SOLICITATION, json!({ "input": addendum })).await;
    let naming = json!([{
        "name": "Harbor Paint", "identifier": uei("HP2KM7P4N6V8"), "amount": usd("40000"),
    }]);
    let held = app.submit_bid_with(firm, &solicitation, "1000000", naming).await;
    assert_eq!(held["bid"]["status"], "HELD", "{held:#}");
    let input = json!({
        "kind": "CORPORATION", "legalName": "Harbor Paint", "identifiers": [uei("HP2KM7P4N6V8")],
        "identifiersChecked": true,
    });
    let paint = app.register_organization("harbor-paint", input).await;
    app.file_and_load_disclosure(&paint, no_dealings()).await;
    let bid = app.load_bid(&firm.token, &held["bid"]["id"]).await;
    assert_eq!(bid["status"], "ADMITTED", "{bid:#}");

    app.advance_to(AFTER);
    let waiver = json!({ "input": {
        "departmentId": department.id, "contractNumber": "D-1", "rule": "disclosure.stale",
        "expiresOn": "2026-06-30", "authority": "Council File 26-0417", "purpose": "Pumps.",
        "alternatives": "Three suppliers were consulted.", "cost": "A rented pump.", "costAmount": usd("1"),
    } });
    app.mutate_ok(&department.token, REQUEST_WAIVER, waiver).await;
    let award = award_of_bid(&held["bid"]["id"], "D-1", DAYS, 1);
    let mut without_clause = award.clone();
    without_clause["input"]["clauseVersion"] = Value::Null;
    let refused = app.mutate_ok(&department.token, AWARD_CONTRACT, without_clause).await;
    assert_eq!(refused["contract"], Value::Null, "{refused:#}");
    let awarded = app.mutate_ok(&department.token, AWARD_CONTRACT, award).await;
    assert_ne!(awarded["contract"], Value::Null, "{awarded:#}");
    paint
}

/// A contract whose subcontractor registers later, with two renewal proposals; returns the
/// subcontractor.
async fn contracts(app: &TestApp, department: &Department, firm: &Firm) -> Firm {
    let parts = json!({ "subcontractors": [{
        "name": "Harbor Rope", "identifier": uei("HR2KM7P4N6V8"), "amount": usd("1000"),
    }] });
    let contract = app.record_contract(department, firm, "D-2", DAYS, parts).await;
    let input = json!({
        "kind": "CORPORATION", "legalName": "Harbor Rope", "identifiers": [uei("HR2KM7P4N6V8")],
        "identifiersChecked": true,
    });
    let rope = app.register_organization("harbor-rope", input).await;
    app.sweep().await;
    let mut waiting = None::<String>;
    for end in ["2027-12-31", "2027-06-30"] {
        let input = json!({
            "contractId": contract, "action": "RENEWAL", "endDate": end, "replaces": waiting,
        });
        waiting = Some(app.propose_renewal(department, input).await);
    }
    rope
}
