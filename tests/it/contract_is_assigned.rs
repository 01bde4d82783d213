//! A contract is assigned: the new holder reads its own records and none of the former holder's,
//! which keeps access to its own.
use candor_tests::contracts::{AWARD_CONTRACT, CLAIM_EXEMPTION, REQUEST_WAIVER, award_of_bid};
use candor_tests::due_times::february::{AFTER, DUE};
use candor_tests::fixtures::{Department, Firm, agreements_statement, no_dealings, usd};
use candor_tests::plans::assert_uses_index;
use candor_tests::steps::{detention_agreement, text};
use candor_tests::{TestApp, stories};
use serde_json::{Value, json};

stories![
    the_new_holder_reads_nothing_of_the_old_one,
    members_of_a_joint_venture_are_searched_for_until_it_holds_the_contract,
];

const CONTRACT: &str = "query($id: ID!) { contract(id: $id) { number bidId
    organization { legalName } decision { id letter } decisions { id letter }
    disclosure { id canonical } amendments { disclosureId version }
    renewals { id action organization { legalName } decision { id letter } decisions { id }
        disclosure { id canonical } }
    orders { id number } subcontractors { party { name } }
    waivers { id purpose alternatives cost } exemptions { id reason } } }";
const NODE: &str = "query($id: ID!) { node(id: $id) { __typename id } }";
const LETTER: &str =
    "query($id: ID!) { node(id: $id) { ... on Decision { letter findings { message } } } }";

/// Tables that are never scanned in full for a few rows. The few refused awards are exempt: they
/// reference no disclosure to look up.
const TABLES: &[&str] = &[
    "bid",
    "contract",
    "renewal",
    "decision",
    "disclosure",
    "filing",
    "waiver",
    "exemption",
    "organization",
];

/// Counts the rows of each edge; none if the contract is not visible.
async fn counts(app: &TestApp, token: &str, contract: &str) -> Option<String> {
    let data = app.query(token, CONTRACT, json!({ "id": contract })).await;
    let contract = data["contract"].as_object()?;
    let edges = [
        "decisions",
        "renewals",
        "amendments",
        "orders",
        "subcontractors",
        "waivers",
        "exemptions",
    ];
    let counts = edges.map(|edge| {
        let rows = contract[edge].as_array().expect("a list");
        format!("{edge} {}", rows.len())
    });
    Some(counts.join(", "))
}

async fn node(app: &TestApp, token: &str, id: &str) -> Value {
    let mut data = app.query(token, NODE, json!({ "id": id })).await;
    data["node"]["__typename"].take()
}

/// Identifiers of the contract's objects from its first holder's time.
struct Past {
    contract: String,
    bid: String,
    award: String,
    renewal: String,
    waiver: String,
    exemption: String,
    disclosure: String,
}

/// Creates a contract awarded from a bid, renewed, with a waiver, an exemption, two orders (one of
/// another firm's), and a later filing of its holder.
async fn past(app: &TestApp, department: &Department, holder: &Firm, other: &Firm) -> Past {
    let solicitation = app.publish_solicitation(department, DUE).await;
    let subcontractors = json!([{ "name": "Named Striping", "amount": usd("1000") }]);
    let bid = app.submit_bid_with(holder, &solicitation, "100000", subcontractors).await;
    app.advance_to(AFTER);
    let claim = json!({ "input": {
        "departmentId": department.id, "contractNumber": "C-1", "kind": "GOVERNMENT_ENTITY",
        "reason": "The board asked us to hurry.", "authority": "Government Code 23000",
    } });
    let claimed = app.mutate_ok(&department.token, CLAIM_EXEMPTION, claim).await;
    let waiver = json!({ "input": {
        "departmentId": department.id, "contractNumber": "C-1", "rule": "disclosure.stale",
        "expiresOn": "2026-06-30",
        "authority": "Council File 26-0417", "purpose": "Nobody else answers our calls.",
        "alternatives": "We asked no one.", "cost": "Unknown.", "costAmount": usd("1"),
    } });
    let payload = app.mutate_ok(&department.token, REQUEST_WAIVER, waiver).await;
    let award = award_of_bid(&bid["bid"]["id"], "C-1", ("2026-02-11", "2026-09-30"), 1);
    let awarded = app.mutate_ok(&department.token, AWARD_CONTRACT, award).await;
    let contract = text(&awarded["contract"]["id"]);
    let input = json!({ "contractId": contract, "action": "RENEWAL", "endDate": "2027-01-31" });
    let renewal = app.propose_renewal(department, input).await;
    let executed = app.execute_renewal(department, &renewal).await;
    assert_eq!(executed["renewal"]["status"], "EXECUTED", "{executed:#}");
    let days = ("2026-02-11", "2026-09-30");
    let order = json!({ "masterId": contract });
    app.record_contract(department, holder, "C-1-1", days, order.clone()).await;
    app.record_contract(department, other, "C-1-2", days, order).await;
    app.file_and_load_disclosure(holder, no_dealings()).await;
    Past {
        contract,
        bid: text(&bid["bid"]["id"]),
        award: text(&awarded["decision"]["id"]),
        renewal,
        waiver: text(&payload["waiver"]["id"]),
        exemption: text(&claimed["exemption"]["id"]),
        disclosure: text(&awarded["contract"]["disclosure"]["id"]),
    }
}

async fn the_new_holder_reads_nothing_of_the_old_one(app: TestApp) {
    let department = app.create_department("BSS").await;
    let holder = app.register_firm("Perennial Paving").await;
    app.file_and_load_disclosure(&holder, agreements_statement(&[detention_agreement()])).await;
    let assignee = app.register_disclosing_firm("Never Bid").await;
    let past = past(&app, &department, &holder, &assignee).await;
    let contract = &*past.contract;

    // Before: the holder reads its own records, without the City's reasons.
    let of_holder = "decisions 1, renewals 1, amendments 1, orders 1, subcontractors 1, waivers 0, \
        exemptions 0";
    assert_eq!(counts(&app, &holder.token, contract).await.as_deref(), Some(of_holder));
    assert_eq!(counts(&app, &assignee.token, contract).await, None);
    let input = json!({
        "contractId": contract, "action": "ASSIGNMENT", "assigneeId": assignee.id,
    });
    let assignment = app.propose_renewal(&department, input).await;
    // The proposal references the assignee's disclosure, which the assignee may see.
    assert_eq!(counts(&app, &holder.token, contract).await.as_deref(), Some(of_holder));
    assert_eq!(node(&app, &holder.token, &assignment).await, Value::Null);
    assert_eq!(node(&app, &assignee.token, &assignment).await, "Renewal");
    let of_officer = "decisions 1, renewals 2, amendments 0, orders 2, subcontractors 1, \
        waivers 1, exemptions 1";
    let of_reviewer = of_officer.replace("amendments 0", "amendments 1");
    // An officer sees the filing that the contract references, not later ones.
    assert_eq!(counts(&app, &department.token, contract).await.as_deref(), Some(of_officer));
    assert_eq!(counts(&app, &app.reviewer_token(), contract).await, Some(of_reviewer));

    let executed = app.execute_renewal(&department, &assignment).await;
    assert_eq!(executed["renewal"]["status"], "EXECUTED", "{executed:#}");

    // After: the new holder reads the contract and its own part of it.
    let of_assignee = "decisions 0, renewals 1, amendments 0, orders 1, subcontractors 1, \
        waivers 0, exemptions 0";
    assert_eq!(counts(&app, &assignee.token, contract).await.as_deref(), Some(of_assignee));
    let data = app.query(&assignee.token, CONTRACT, json!({ "id": contract })).await;
    let renewals = data["contract"]["renewals"].as_array().expect("renewals");
    assert_eq!(renewals[0]["action"], "ASSIGNMENT");
    assert_eq!(renewals[0]["organization"]["legalName"], "Never Bid");
    assert_eq!(
        (&data["contract"]["decision"], &data["contract"]["bidId"]),
        (&json!(null), &json!(null))
    );
    let answer = data.to_string();
    let others =
        [&past.bid, &past.award, &past.renewal, &past.waiver, &past.exemption, &past.disclosure];
    for id in others {
        assert!(!answer.contains(&**id), "{id} is in {answer}");
        assert_eq!(node(&app, &assignee.token, id).await, Value::Null, "{id}");
    }
    for words in ["Perennial", "70CDCR24D00000004", "hurry", "Nobody else"] {
        assert!(!answer.contains(words), "{words} is in {answer}");
    }
    // Its next renewal is its own.
    let input = json!({ "contractId": contract, "action": "RENEWAL", "endDate": "2027-06-30" });
    app.propose_renewal(&department, input).await;
    let with_renewal = of_assignee.replace("renewals 1", "renewals 2");
    assert_eq!(counts(&app, &assignee.token, contract).await, Some(with_renewal));

    // The former holder cannot read the contract but can read decisions on itself.
    assert_eq!(counts(&app, &holder.token, contract).await, None);
    assert_eq!(node(&app, &holder.token, &assignment).await, Value::Null);
    for (id, kind) in [
        (&past.bid, "Bid"),
        (&past.award, "Decision"),
        (&past.renewal, "Renewal"),
        (&past.disclosure, "Disclosure"),
    ] {
        assert_eq!(node(&app, &holder.token, id).await, kind, "{id}");
    }
    let letter = app.query(&holder.token, LETTER, json!({ "id": past.award })).await;
    assert!(text(&letter["node"]["letter"]).contains("Perennial Paving"), "{letter:#}");
    for id in [&past.waiver, &past.exemption] {
        assert_eq!(node(&app, &holder.token, id).await, Value::Null, "{id}");
    }
    // Staff read everything, as before.
    let of_officer = of_officer.replace("renewals 2", "renewals 3");
    assert_eq!(counts(&app, &department.token, contract).await, Some(of_officer));
    for token in [&assignee.token, &department.token, &app.reviewer_token()] {
        app.start_recording_statements();
        counts(&app, token, contract).await;
        let statements = app.take_recorded_statements().into_iter();
        let reads: Vec<_> = statements.filter(|it| it.sql.starts_with("SELECT")).collect();
        assert!(reads.len() > 10, "{reads:#?}");
        for read in &reads {
            assert_uses_index(&app, read, TABLES, "contract").await;
        }
    }
    app.assert_verifies().await;
}

async fn members_of_a_joint_venture_are_searched_for_until_it_holds_the_contract(app: TestApp) {
    app.advance_to("2026-02-05T20:10:00Z");
    let department = app.create_department("BSS").await;
    let holder = app.register_disclosing_firm("Perennial Paving").await;
    let known = app.register_disclosing_firm("Known Paving").await;
    let input = json!({
        "kind": "JOINT_VENTURE", "legalName": "Harbor Joint Venture", "jointVentureMembers": [
            { "organizationId": known.id, "name": "Known Paving" }, { "name": "Silent Paving" },
        ],
    });
    let venture = app.register_organization("venture", input).await;
    app.file_and_load_disclosure(&venture, no_dealings()).await;
    let days = ("2025-07-01", "2026-12-31");
    let parts = json!({ "clauseVersion": 1 });
    let contract = app.record_contract(&department, &holder, "C-1", days, parts).await;
    let input = json!({
        "contractId": contract, "action": "ASSIGNMENT", "assigneeId": venture.id,
    });
    app.propose_renewal(&department, input).await;
    let readiness = async || {
        let screen = "{ screenContracts { nodes { readiness } } }";
        let mut rows = app.query(&app.analyst_token(), screen, json!({})).await;
        rows["screenContracts"]["nodes"][0]["readiness"].take()
    };
    let before = readiness().await;
    assert_ne!(before, "ADMIT", "nobody has the name");
    // Nothing but its name says that it is the member.
    app.register_disclosing_firm("Silent Paving").await;
    assert_eq!(readiness().await, before);
    app.advance_to("2026-02-05T21:00:15Z");
    app.sweep().await;
    assert_eq!(readiness().await, "ADMIT");
    app.assert_verifies().await;
}
