//! A rule is waived for one subject: approved by a second person, recorded, and with an expiry
//! date.
use candor_tests::contracts::{
    APPROVE_WAIVER, AWARD_CONTRACT, CLAIM_EXEMPTION, REQUEST_WAIVER, REVOKE_WAIVER,
    SCREEN_CONTRACTS, award_of_bid, list_findings,
};
use candor_tests::fixtures::{Department, no_dealings, usd};
use candor_tests::steps::{PUBLISH_SOLICITATION, list_last_findings, list_outcomes, text};
use candor_tests::{Role, TestApp, stories};
use serde_json::{Value, json};

stories![
    a_waiver_lowers_its_rule_until_it_expires,
    a_requester_cannot_approve,
    a_waiver_is_revoked,
    a_waiver_admits_a_refused_firm_and_applies_to_the_award,
    a_waiver_for_one_firm_revives_no_other,
    invalid_waiver_input_is_reported,
    only_the_policys_exemptions_can_be_claimed,
];

fn waiver_input(subject: Value, rule: &str, expires_on: &str) -> Value {
    let mut input = subject;
    input.as_object_mut().expect("a subject").extend(
        json!({
            "rule": rule, "expiresOn": expires_on, "authority": "Council File 26-0417",
            "purpose": "The pumps must not stop.",
            "alternatives": "Three suppliers were consulted; none has the part before May.",
            "cost": "A rented pump for ninety days.", "costAmount": usd("410000"),
        })
        .as_object()
        .expect("grounds")
        .clone(),
    );
    json!({ "input": input })
}

/// Creates a contract without a disclosure and a renewal proposal; returns both identifiers.
async fn create_blocked_renewal(app: &TestApp, department: &Department) -> (String, String) {
    let firm = app.register_firm("Silent Pumps").await;
    let parts = json!({ "clauseVersion": 1 });
    let days = ("2024-03-01", "2026-02-28");
    let contract = app.record_contract(department, &firm, "C-1", days, parts).await;
    let input = json!({ "contractId": contract, "action": "RENEWAL", "endDate": "2027-02-28" });
    let renewal = app.propose_renewal(department, input).await;
    (contract, renewal)
}

async fn a_waiver_lowers_its_rule_until_it_expires(app: TestApp) {
    let department = app.create_department("BSS").await;
    let (contract, renewal) = create_blocked_renewal(&app, &department).await;
    assert_eq!(app.check_renewal_readiness(&department.token, &renewal).await.0, "BLOCK");
    let input = waiver_input(json!({ "renewalId": renewal }), "disclosure.missing", "2026-02-20");
    let payload = app.mutate_ok(&department.token, REQUEST_WAIVER, input).await;
    assert_eq!(payload["waiver"]["inEffect"], false);
    // The end of the local day.
    assert_eq!(payload["waiver"]["expiresAt"], "2026-02-21T08:00:00+00:00");
    assert_eq!(
        app.check_renewal_readiness(&department.token, &renewal).await.0,
        "BLOCK",
        "only requested"
    );
    let id = json!({ "id": payload["waiver"]["id"] });
    let approved =
        app.mutate_ok(&app.supervisor_token("supervisor"), APPROVE_WAIVER, id.clone()).await;
    assert_eq!(approved["waiver"]["inEffect"], true);
    let (outcome, findings) = app.check_renewal_readiness(&department.token, &renewal).await;
    assert_eq!(outcome, "ADMIT");
    assert_eq!(findings, ["disclosure.missing NOTE", "waiver.applied NOTE"]);
    let rows = json!({ "filter": { "waived": true } });
    let data = app.query(&app.analyst_token(), SCREEN_CONTRACTS, rows.clone()).await;
    let row = &data["screenContracts"]["nodes"][0];
    assert_eq!((&row["id"], &row["readiness"]), (&json!(contract), &json!("ADMIT")));
    assert_eq!(row["waivers"][0]["rule"], "disclosure.missing");
    app.advance_to("2026-02-21T07:59:59.999999Z");
    assert_eq!(app.check_renewal_readiness(&department.token, &renewal).await.0, "ADMIT");
    app.advance_to("2026-02-21T08:00:00Z");
    assert_eq!(app.check_renewal_readiness(&department.token, &renewal).await.0, "BLOCK");
    let refused = app.execute_renewal(&department, &renewal).await;
    assert_eq!(list_findings(&refused["decision"]), ["disclosure.missing BLOCK"]);
    app.sweep().await;
    let data = app.query(&app.analyst_token(), SCREEN_CONTRACTS, rows).await;
    assert_eq!(data["screenContracts"]["totalCount"], 0);
    let create_blocked_renewal = json!({ "filter": { "readiness": ["BLOCK"] } });
    let data = app.query(&app.analyst_token(), SCREEN_CONTRACTS, create_blocked_renewal).await;
    assert_eq!(data["screenContracts"]["totalCount"], 1);
    app.assert_verifies().await;
}

async fn a_requester_cannot_approve(app: TestApp) {
    let department = app.create_department("BSS").await;
    let (contract, _) = create_blocked_renewal(&app, &department).await;
    let officer_and_supervisor = app.token("both", &[Role::BcaReviewer, Role::BcaSupervisor]);
    let input = waiver_input(json!({ "contractId": contract }), "disclosure.missing", "2026-03-31");
    let payload = app.mutate_ok(&officer_and_supervisor, REQUEST_WAIVER, input.clone()).await;
    let id = json!({ "id": payload["waiver"]["id"] });
    assert_eq!(
        app.fault_code(&officer_and_supervisor, APPROVE_WAIVER, id.clone()).await,
        "FORBIDDEN"
    );
    for token in [app.reviewer_token(), department.token.clone(), app.analyst_token()] {
        assert_eq!(app.fault_code(&token, APPROVE_WAIVER, id.clone()).await, "FORBIDDEN");
    }
    // The database refuses it too.
    let hand = "UPDATE waiver SET status = 'APPROVED', approved_by = requested_by,
        approved_at = requested_at";
    assert!(app.run_sql(hand).await.is_err());
    app.mutate_ok(&app.supervisor_token("another"), APPROVE_WAIVER, id.clone()).await;
    let again = app.fault_code(&app.supervisor_token("a third"), APPROVE_WAIVER, id).await;
    assert_eq!(again, "CONFLICT");
    let neighbour = app.create_department("LIB").await;
    assert_eq!(app.fault_code(&neighbour.token, REQUEST_WAIVER, input).await, "NOT_FOUND");
    app.assert_verifies().await;
}

async fn a_waiver_is_revoked(app: TestApp) {
    let department = app.create_department("BSS").await;
    let (contract, renewal) = create_blocked_renewal(&app, &department).await;
    let input = waiver_input(json!({ "contractId": contract }), "disclosure.missing", "2026-03-31");
    let payload = app.mutate_ok(&department.token, REQUEST_WAIVER, input).await;
    let id = text(&payload["waiver"]["id"]);
    let supervisor = app.supervisor_token("supervisor");
    app.mutate_ok(&supervisor, APPROVE_WAIVER, json!({ "id": id })).await;
    assert_eq!(app.check_renewal_readiness(&department.token, &renewal).await.0, "ADMIT");
    let why = json!({ "id": id, "reason": "" });
    assert_eq!(app.mutation_errors(&supervisor, REVOKE_WAIVER, why).await, ["reason required"]);
    let why = json!({ "id": id, "reason": "The part came." });
    assert_eq!(app.fault_code(&department.token, REVOKE_WAIVER, why.clone()).await, "FORBIDDEN");
    let revoked = app.mutate_ok(&supervisor, REVOKE_WAIVER, why.clone()).await;
    assert_eq!(revoked["waiver"]["status"], "REVOKED");
    assert_eq!(app.check_renewal_readiness(&department.token, &renewal).await.0, "BLOCK");
    assert_eq!(app.fault_code(&supervisor, REVOKE_WAIVER, why).await, "CONFLICT");
    let trail = "query($id: ID!) { auditTrail(subject: $id) { nodes { action actor } } }";
    let data = app.query(&app.analyst_token(), trail, json!({ "id": id })).await;
    let actions: Vec<String> = data["auditTrail"]["nodes"]
        .as_array()
        .expect("entries")
        .iter()
        .map(|entry| text(&entry["action"]))
        .collect();
    assert_eq!(actions, ["waiver.requested", "waiver.approved", "waiver.revoked"]);
    app.assert_verifies().await;
}

async fn a_waiver_admits_a_refused_firm_and_applies_to_the_award(app: TestApp) {
    let department = app.create_department("BSS").await;
    let due = "2026-02-11T22:00:00Z";
    let solicitation = app.publish_solicitation(&department, due).await;
    let firm = app.register_firm("Silent Pumps").await;
    let other = app.register_firm("Other Pumps").await;
    for bidder in [&firm, &other] {
        let refused = app.submit_bid(bidder, &solicitation, "1000").await;
        assert_eq!(refused["bid"], Value::Null);
    }
    app.advance_to("2026-02-12T20:00:00Z");
    let bids = "query($id: ID!) { solicitation(id: $id) {
        bids(orderBy: { field: SUBMITTED_AT, direction: ASC }) { nodes { id status } } } }";
    let data = app.query(&app.reviewer_token(), bids, json!({ "id": solicitation })).await;
    let bid = data["solicitation"]["bids"]["nodes"][0]["id"].clone();
    let subject = json!({ "solicitationId": solicitation, "organizationId": firm.id });
    let input = waiver_input(subject, "disclosure.missing", "2026-04-30");
    let payload = app.mutate_ok(&app.reviewer_token(), REQUEST_WAIVER, input).await;
    let id = json!({ "id": payload["waiver"]["id"] });
    app.mutate_ok(&app.supervisor_token("supervisor"), APPROVE_WAIVER, id).await;
    let data = app.load_bid(&app.reviewer_token(), &bid).await;
    assert_eq!(list_outcomes(&data), ["BLOCK", "ADMIT"]);
    assert_eq!(list_last_findings(&data), ["disclosure.missing NOTE", "waiver.applied NOTE"]);
    // The other firm's attempt remains refused.
    let all = app.query(&app.reviewer_token(), bids, json!({ "id": solicitation })).await;
    assert_eq!(all["solicitation"]["bids"]["nodes"][1]["status"], "REFUSED");
    let screened =
        "query($id: ID!) { screenBids(filter: { solicitationId: $id, status: [ADMITTED] }) {
        nodes { waivers { rule status } } } }";
    let data = app.query(&app.reviewer_token(), screened, json!({ "id": solicitation })).await;
    let waivers = &data["screenBids"]["nodes"][0]["waivers"];
    assert_eq!(waivers, &json!([{ "rule": "disclosure.missing", "status": "APPROVED" }]));
    let award = award_of_bid(&bid, "C-1", ("2026-03-01", "2027-02-28"), 1);
    let awarded = app.mutate_ok(&department.token, AWARD_CONTRACT, award).await;
    assert_eq!(
        list_findings(&awarded["decision"]),
        ["disclosure.missing NOTE", "waiver.applied NOTE"]
    );
    assert_eq!(awarded["contract"]["waivers"][0]["id"], payload["waiver"]["id"]);
    assert_eq!(awarded["contract"]["disclosure"], Value::Null);
    // It applies to the award and nothing later.
    let contract = &awarded["contract"]["id"];
    let input = json!({ "contractId": contract, "action": "RENEWAL", "endDate": "2028-02-28" });
    let renewal = app.propose_renewal(&department, input).await;
    assert_eq!(app.check_renewal_readiness(&department.token, &renewal).await.0, "BLOCK");
    app.assert_verifies().await;
}

async fn a_waiver_for_one_firm_revives_no_other(app: TestApp) {
    let department = app.create_department("BSS").await;
    let due = "2026-02-11T22:00:00Z";
    for (number, approved_at) in [("S-1", "2026-02-05T20:00:00Z"), ("S-2", "2026-02-12T20:00:00Z")]
    {
        let parts = json!({ "number": number });
        let solicitation = app.create_solicitation(&department, due, parts).await;
        app.mutate_ok(&department.token, PUBLISH_SOLICITATION, json!({ "id": solicitation })).await;
        let firm = app.register_firm(&format!("Silent Pumps {number}")).await;
        let other = app.register_firm(&format!("Other Pumps {number}")).await;
        for bidder in [&firm, &other] {
            assert_eq!(app.submit_bid(bidder, &solicitation, "1000").await["bid"], Value::Null);
        }
        // In time, but the firm does not submit again.
        app.file_and_load_disclosure(&other, no_dealings()).await;
        let subject = json!({ "solicitationId": solicitation, "organizationId": firm.id });
        let input = waiver_input(subject, "disclosure.missing", "2026-04-30");
        let requested = app.mutate_ok(&app.reviewer_token(), REQUEST_WAIVER, input).await;
        if number == "S-2" {
            app.advance_to(approved_at);
        }
        let id = json!({ "id": requested["waiver"]["id"] });
        app.mutate_ok(&app.supervisor_token("supervisor"), APPROVE_WAIVER, id).await;
    }
    app.advance_to("2026-02-13T20:00:00Z");
    app.sweep().await;
    let statuses = "{ screenBids { nodes { bid { status organization { legalName } } } } }";
    let data = app.query(&app.reviewer_token(), statuses, json!({})).await;
    let bids = data["screenBids"]["nodes"].as_array().expect("bids").iter().map(|it| &it["bid"]);
    let mut bids: Vec<String> = bids
        .map(|it| format!("{} {}", text(&it["organization"]["legalName"]), text(&it["status"])))
        .collect();
    bids.sort();
    let expected = [
        "Other Pumps S-1 REFUSED",
        "Other Pumps S-2 REFUSED",
        "Silent Pumps S-1 ADMITTED",
        "Silent Pumps S-2 ADMITTED",
    ];
    assert_eq!(bids, expected);
    app.assert_verifies().await;
}

async fn invalid_waiver_input_is_reported(app: TestApp) {
    let department = app.create_department("BSS").await;
    let (contract, _) = create_blocked_renewal(&app, &department).await;
    let lacking = json!({ "input": {
        "contractId": contract, "rule": "disclosure.absent", "expiresOn": "2026-02-01",
    } });
    let errors = app.mutation_errors(&department.token, REQUEST_WAIVER, lacking).await;
    let expected = [
        "input.rule invalid",
        "input.purpose required",
        "input.alternatives required",
        "input.cost required",
        "input.costAmount required",
        "input.authority required",
        "input.expiresOn invalid",
    ];
    assert_eq!(errors, expected);
    for (rule, expires_on, expected) in [
        // 180 days from February 2, 2026, and one more.
        ("disclosure.missing", "2026-08-02", "input.expiresOn invalid"),
        ("dhs.agreement_disclosed", "2026-03-01", "input.rule invalid"),
    ] {
        let input = waiver_input(json!({ "contractId": contract }), rule, expires_on);
        assert_eq!(app.mutation_errors(&department.token, REQUEST_WAIVER, input).await, [expected]);
    }
    let input = waiver_input(json!({ "contractId": contract }), "disclosure.missing", "2026-08-01");
    app.mutate_ok(&department.token, REQUEST_WAIVER, input).await;
    for (subject, expected) in [
        (json!({}), "BAD_USER_INPUT input contradiction"),
        (json!({ "contractId": contract, "departmentId": department.id }), "input contradiction"),
        (json!({ "departmentId": department.id }), "input.contractNumber required"),
    ] {
        let input = waiver_input(subject, "disclosure.missing", "2026-03-01");
        let errors = app.mutation_errors(&department.token, REQUEST_WAIVER, input).await;
        assert_eq!(errors, [expected.trim_start_matches("BAD_USER_INPUT ")]);
    }
    app.assert_verifies().await;
}

async fn only_the_policys_exemptions_can_be_claimed(app: TestApp) {
    let department = app.create_department("BSS").await;
    let (contract, renewal) = create_blocked_renewal(&app, &department).await;
    let claim = |kind: &str, reason: &str| {
        json!({ "input": {
            "renewalId": renewal, "kind": kind, "reason": reason, "authority": "Government Code 23000",
        } })
    };
    let errors = app
        .mutation_errors(&department.token, CLAIM_EXEMPTION, claim("SOLE_SOURCE_MONOPOLY", ""))
        .await;
    assert_eq!(errors, ["input.kind unavailable", "input.reason required"]);
    let claimed = claim("GOVERNMENT_ENTITY", "It is a county.");
    assert_eq!(
        app.fault_code(&app.reviewer_token(), CLAIM_EXEMPTION, claimed.clone()).await,
        "FORBIDDEN"
    );
    app.mutate_ok(&department.token, CLAIM_EXEMPTION, claimed).await;
    let (outcome, findings) = app.check_renewal_readiness(&department.token, &renewal).await;
    assert_eq!((&*outcome, &findings[..]), ("ADMIT", &["exemption.applied NOTE".to_owned()][..]));
    let rows = json!({ "filter": { "exempted": true } });
    let data = app.query(&app.analyst_token(), SCREEN_CONTRACTS, rows).await;
    let row = &data["screenContracts"]["nodes"][0];
    assert_eq!((&row["id"], &row["readiness"]), (&json!(contract), &json!("ADMIT")));
    app.execute_renewal(&department, &renewal).await;
    // The next renewal needs its own exemption.
    let input = json!({ "contractId": contract, "action": "RENEWAL", "endDate": "2028-02-28" });
    let next = app.propose_renewal(&department, input).await;
    assert_eq!(app.check_renewal_readiness(&department.token, &next).await.0, "BLOCK");
    let firm = app.register_firm("Another").await;
    app.file_and_load_disclosure(&firm, no_dealings()).await;
    app.assert_verifies().await;
}
