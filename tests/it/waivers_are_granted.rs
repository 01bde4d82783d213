//! A rule is waived for one subject: by two people, on the record, until a day.
use candor_tests::fixtures::{Department, dollars, nothing};
use candor_tests::contracts::{
    APPROVE_WAIVER, AWARD, CLAIM, REQUEST_WAIVER, REVOKE_WAIVER, SCREEN_CONTRACTS, found,
};
use candor_tests::steps::{last_found, outcomes, text};
use candor_tests::{TestApp, Role, stories};
use serde_json::{Value, json};

stories![
    a_waiver_lowers_its_rule_until_it_expires,
    nobody_approves_their_own,
    a_waiver_is_revoked,
    a_refused_firm_is_let_in_and_the_award_carries_it,
    a_request_is_told_what_it_lacks,
    an_exemption_is_the_policys_to_give,
];

fn waiver(subject: Value, rule: &str, expires_on: &str) -> Value {
    let mut input = subject;
    input.as_object_mut().expect("a subject").extend(
        json!({
            "rule": rule, "expiresOn": expires_on, "authority": "Council File 26-0417",
            "purpose": "The pumps must not stop.",
            "alternatives": "Three suppliers were asked; none has the part before May.",
            "cost": "A rented pump for ninety days.", "costAmount": dollars("410000"),
        })
        .as_object()
        .expect("grounds")
        .clone(),
    );
    json!({ "input": input })
}

/// A contract without a disclosure, and a proposal to renew it.
async fn blocked(app: &TestApp, department: &Department) -> (String, String) {
    let firm = app.firm("Silent Pumps").await;
    let parts = json!({ "clauseVersion": 1 });
    let days = ("2024-03-01", "2026-02-28");
    let contract = app.recorded(department, &firm, "C-1", days, parts).await;
    let input = json!({ "contractId": contract, "action": "RENEWAL", "endDate": "2027-02-28" });
    let renewal = app.proposed(department, input).await;
    (contract, renewal)
}

async fn a_waiver_lowers_its_rule_until_it_expires(app: TestApp) {
    let department = app.department("BSS").await;
    let (contract, renewal) = blocked(&app, &department).await;
    assert_eq!(app.ready(&department.token, &renewal).await.0, "BLOCK");
    let input = waiver(json!({ "renewalId": renewal }), "disclosure.missing", "2026-02-20");
    let asked = app.done(&department.token, REQUEST_WAIVER, input).await;
    assert_eq!(asked["waiver"]["inEffect"], false);
    // The end of the local day.
    assert_eq!(asked["waiver"]["expiresAt"], "2026-02-21T08:00:00+00:00");
    assert_eq!(app.ready(&department.token, &renewal).await.0, "BLOCK", "only asked for");
    let id = json!({ "id": asked["waiver"]["id"] });
    let approved = app.done(&app.supervisor("supervisor"), APPROVE_WAIVER, id.clone()).await;
    assert_eq!(approved["waiver"]["inEffect"], true);
    let (outcome, told) = app.ready(&department.token, &renewal).await;
    assert_eq!(outcome, "ADMIT");
    assert_eq!(told, ["disclosure.missing NOTE", "waiver.applied NOTE"]);
    let rows = json!({ "filter": { "waived": true } });
    let seen = app.data(&app.analyst(), SCREEN_CONTRACTS, rows.clone()).await;
    let row = &seen["screenContracts"]["nodes"][0];
    assert_eq!((&row["id"], &row["readiness"]), (&json!(contract), &json!("ADMIT")));
    assert_eq!(row["waivers"][0]["rule"], "disclosure.missing");
    app.advance_to("2026-02-21T07:59:59.999999Z");
    assert_eq!(app.ready(&department.token, &renewal).await.0, "ADMIT");
    app.advance_to("2026-02-21T08:00:00Z");
    assert_eq!(app.ready(&department.token, &renewal).await.0, "BLOCK");
    let refused = app.executed(&department, &renewal).await;
    assert_eq!(found(&refused["decision"]), ["disclosure.missing BLOCK"]);
    app.swept().await;
    let seen = app.data(&app.analyst(), SCREEN_CONTRACTS, rows).await;
    assert_eq!(seen["screenContracts"]["totalCount"], 0);
    let blocked = json!({ "filter": { "readiness": ["BLOCK"] } });
    let seen = app.data(&app.analyst(), SCREEN_CONTRACTS, blocked).await;
    assert_eq!(seen["screenContracts"]["totalCount"], 1);
    app.verified().await;
}

async fn nobody_approves_their_own(app: TestApp) {
    let department = app.department("BSS").await;
    let (contract, _) = blocked(&app, &department).await;
    let both = app.token("both", &[Role::BcaReviewer, Role::BcaSupervisor]);
    let input = waiver(json!({ "contractId": contract }), "disclosure.missing", "2026-03-31");
    let asked = app.done(&both, REQUEST_WAIVER, input.clone()).await;
    let id = json!({ "id": asked["waiver"]["id"] });
    assert_eq!(app.fault(&both, APPROVE_WAIVER, id.clone()).await, "FORBIDDEN");
    for token in [app.reviewer(), department.token.clone(), app.analyst()] {
        assert_eq!(app.fault(&token, APPROVE_WAIVER, id.clone()).await, "FORBIDDEN");
    }
    // Nor does a hand on the database.
    let hand = "UPDATE waiver SET status = 'APPROVED', approved_by = requested_by,
        approved_at = requested_at";
    assert!(app.sql(hand).await.is_err());
    app.done(&app.supervisor("another"), APPROVE_WAIVER, id.clone()).await;
    let again = app.fault(&app.supervisor("a third"), APPROVE_WAIVER, id).await;
    assert_eq!(again, "CONFLICT");
    let neighbour = app.department("LIB").await;
    assert_eq!(app.fault(&neighbour.token, REQUEST_WAIVER, input).await, "NOT_FOUND");
    app.verified().await;
}

async fn a_waiver_is_revoked(app: TestApp) {
    let department = app.department("BSS").await;
    let (contract, renewal) = blocked(&app, &department).await;
    let input = waiver(json!({ "contractId": contract }), "disclosure.missing", "2026-03-31");
    let asked = app.done(&department.token, REQUEST_WAIVER, input).await;
    let id = text(&asked["waiver"]["id"]);
    let supervisor = app.supervisor("supervisor");
    app.done(&supervisor, APPROVE_WAIVER, json!({ "id": id })).await;
    assert_eq!(app.ready(&department.token, &renewal).await.0, "ADMIT");
    let why = json!({ "id": id, "reason": "" });
    assert_eq!(app.to_mend(&supervisor, REVOKE_WAIVER, why).await, ["reason required"]);
    let why = json!({ "id": id, "reason": "The part came." });
    assert_eq!(app.fault(&department.token, REVOKE_WAIVER, why.clone()).await, "FORBIDDEN");
    let revoked = app.done(&supervisor, REVOKE_WAIVER, why.clone()).await;
    assert_eq!(revoked["waiver"]["status"], "REVOKED");
    assert_eq!(app.ready(&department.token, &renewal).await.0, "BLOCK");
    assert_eq!(app.fault(&supervisor, REVOKE_WAIVER, why).await, "CONFLICT");
    let trail = "query($id: ID!) { auditTrail(subject: $id) { nodes { action actor } } }";
    let seen = app.data(&app.analyst(), trail, json!({ "id": id })).await;
    let actions: Vec<String> = seen["auditTrail"]["nodes"]
        .as_array()
        .expect("entries")
        .iter()
        .map(|entry| text(&entry["action"]))
        .collect();
    assert_eq!(actions, ["waiver.requested", "waiver.approved", "waiver.revoked"]);
    app.verified().await;
}

async fn a_refused_firm_is_let_in_and_the_award_carries_it(app: TestApp) {
    let department = app.department("BSS").await;
    let due = "2026-02-11T22:00:00Z";
    let solicitation = app.solicited(&department, due).await;
    let firm = app.firm("Silent Pumps").await;
    let other = app.firm("Other Pumps").await;
    for bidder in [&firm, &other] {
        let refused = app.submit(bidder, &solicitation, "1000").await;
        assert_eq!(refused["bid"], Value::Null);
    }
    app.advance_to("2026-02-12T20:00:00Z");
    let bids = "query($id: ID!) { solicitation(id: $id) {
        bids(orderBy: { field: SUBMITTED_AT, direction: ASC }) { nodes { id status } } } }";
    let seen = app.data(&app.reviewer(), bids, json!({ "id": solicitation })).await;
    let bid = seen["solicitation"]["bids"]["nodes"][0]["id"].clone();
    let subject = json!({ "solicitationId": solicitation, "organizationId": firm.id });
    let input = waiver(subject, "disclosure.missing", "2026-04-30");
    let asked = app.done(&app.reviewer(), REQUEST_WAIVER, input).await;
    let id = json!({ "id": asked["waiver"]["id"] });
    app.done(&app.supervisor("supervisor"), APPROVE_WAIVER, id).await;
    let seen = app.bid_of(&app.reviewer(), &bid).await;
    assert_eq!(outcomes(&seen), ["BLOCK", "ADMIT"]);
    assert_eq!(last_found(&seen), ["disclosure.missing NOTE", "waiver.applied NOTE"]);
    // The other firm's attempt stays refused.
    let all = app.data(&app.reviewer(), bids, json!({ "id": solicitation })).await;
    assert_eq!(all["solicitation"]["bids"]["nodes"][1]["status"], "REFUSED");
    let screened =
        "query($id: ID!) { screenBids(filter: { solicitationId: $id, status: [ADMITTED] }) {
        nodes { waivers { rule status } } } }";
    let seen = app.data(&app.reviewer(), screened, json!({ "id": solicitation })).await;
    let waivers = &seen["screenBids"]["nodes"][0]["waivers"];
    assert_eq!(waivers, &json!([{ "rule": "disclosure.missing", "status": "APPROVED" }]));
    let award = json!({ "input": {
        "bidId": bid, "number": "C-1", "startDate": "2026-03-01", "endDate": "2027-02-28",
        "clauseVersion": 1,
    } });
    let awarded = app.done(&department.token, AWARD, award).await;
    assert_eq!(found(&awarded["decision"]), ["disclosure.missing NOTE", "waiver.applied NOTE"]);
    assert_eq!(awarded["contract"]["waivers"][0]["id"], asked["waiver"]["id"]);
    assert_eq!(awarded["contract"]["disclosure"], Value::Null);
    // It carries to the award, no further.
    let contract = &awarded["contract"]["id"];
    let input = json!({ "contractId": contract, "action": "RENEWAL", "endDate": "2028-02-28" });
    let renewal = app.proposed(&department, input).await;
    assert_eq!(app.ready(&department.token, &renewal).await.0, "BLOCK");
    app.verified().await;
}

async fn a_request_is_told_what_it_lacks(app: TestApp) {
    let department = app.department("BSS").await;
    let (contract, _) = blocked(&app, &department).await;
    let lacking = json!({ "input": {
        "contractId": contract, "rule": "disclosure.absent", "expiresOn": "2026-02-01",
    } });
    let told = app.to_mend(&department.token, REQUEST_WAIVER, lacking).await;
    let expected = [
        "input.rule invalid",
        "input.purpose required",
        "input.alternatives required",
        "input.cost required",
        "input.costAmount required",
        "input.authority required",
        "input.expiresOn invalid",
    ];
    assert_eq!(told, expected);
    for (rule, expires_on, expected) in [
        // 180 days from 2 February 2026, and one more.
        ("disclosure.missing", "2026-08-02", "input.expiresOn invalid"),
        ("dhs.agreement_disclosed", "2026-03-01", "input.rule invalid"),
    ] {
        let input = waiver(json!({ "contractId": contract }), rule, expires_on);
        assert_eq!(app.to_mend(&department.token, REQUEST_WAIVER, input).await, [expected]);
    }
    let input = waiver(json!({ "contractId": contract }), "disclosure.missing", "2026-08-01");
    app.done(&department.token, REQUEST_WAIVER, input).await;
    for (subject, expected) in [
        (json!({}), "BAD_USER_INPUT input contradiction"),
        (json!({ "contractId": contract, "departmentId": department.id }), "input contradiction"),
        (json!({ "departmentId": department.id }), "input.contractNumber required"),
    ] {
        let input = waiver(subject, "disclosure.missing", "2026-03-01");
        let told = app.to_mend(&department.token, REQUEST_WAIVER, input).await;
        assert_eq!(told, [expected.trim_start_matches("BAD_USER_INPUT ")]);
    }
    app.verified().await;
}

async fn an_exemption_is_the_policys_to_give(app: TestApp) {
    let department = app.department("BSS").await;
    let (contract, renewal) = blocked(&app, &department).await;
    let claim = |kind: &str, reason: &str| json!({ "input": { "renewalId": renewal, "kind": kind, "reason": reason } });
    let told = app.to_mend(&department.token, CLAIM, claim("SOLE_SOURCE_MONOPOLY", "")).await;
    assert_eq!(told, ["input.kind unavailable", "input.reason required"]);
    let claimed = claim("GOVERNMENT_ENTITY", "It is a county.");
    assert_eq!(app.fault(&app.reviewer(), CLAIM, claimed.clone()).await, "FORBIDDEN");
    app.done(&department.token, CLAIM, claimed).await;
    let (outcome, told) = app.ready(&department.token, &renewal).await;
    assert_eq!((&*outcome, &told[..]), ("ADMIT", &["exemption.applied NOTE".to_owned()][..]));
    let rows = json!({ "filter": { "exempted": true } });
    let seen = app.data(&app.analyst(), SCREEN_CONTRACTS, rows).await;
    let row = &seen["screenContracts"]["nodes"][0];
    assert_eq!((&row["id"], &row["readiness"]), (&json!(contract), &json!("ADMIT")));
    app.executed(&department, &renewal).await;
    // The next one asks for its own.
    let input = json!({ "contractId": contract, "action": "RENEWAL", "endDate": "2028-02-28" });
    let next = app.proposed(&department, input).await;
    assert_eq!(app.ready(&department.token, &next).await.0, "BLOCK");
    let firm = app.firm("Another").await;
    app.filed(&firm, nothing()).await;
    app.verified().await;
}
