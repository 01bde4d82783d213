//! An officer awards contracts: from a bid, or by a method without bids.
use candor_tests::contracts::{
    AWARD_CONTRACT, EXECUTE_RENEWAL, Ordinance, PROPOSE_RENEWAL, RECORD_CONTRACT, award_of_bid,
    list_findings,
};
use candor_tests::due_times::february::{AFTER, DUE};
use candor_tests::fixtures::{Department, Firm, agreements_statement, no_dealings, usd};
use candor_tests::steps::{ACCEPT_DISCLOSURE, WITHDRAW_DISCLOSURE, classified_agreement};
use candor_tests::{TestApp, stories};
use serde_json::{Value, json};

stories![
    a_contract_is_awarded_to_a_bid,
    an_award_to_a_held_bid_has_its_own_decision,
    invalid_award_input_is_reported,
    an_award_outside_the_gate_is_only_recorded,
    a_contract_awarded_outside_the_service_is_recorded,
    every_renewal_action_respects_the_contract,
    the_database_refuses_invalid_contracts,
    two_officers_execute_at_once,
    a_decision_and_its_renewal_are_written_together,
];

fn award(bid: &Value, number: &str) -> Value {
    let mut award = award_of_bid(bid, number, ("2026-03-01", "2027-02-28"), 1);
    award["input"]["optionsLeft"] = json!(1);
    award
}

async fn a_contract_is_awarded_to_a_bid(app: TestApp) {
    let department = app.create_department("BSS").await;
    let solicitation = app.publish_solicitation(&department, DUE).await;
    let firm = app.register_firm("Perennial Paving").await;
    let filed = app.file_and_load_disclosure(&firm, no_dealings()).await;
    let bid = app.submit_bid(&firm, &solicitation, "98000").await["bid"]["id"].take();
    // Before bids are due an officer sees no bid.
    let fault = app.fault_code(&department.token, AWARD_CONTRACT, award(&bid, "C-1")).await;
    assert_eq!(fault, "NOT_FOUND");
    app.advance_to(AFTER);
    let mut without_clause = award(&bid, "C-1");
    without_clause["input"]["clauseVersion"] = Value::Null;
    let refused = app.mutate_ok(&department.token, AWARD_CONTRACT, without_clause).await;
    assert_eq!(list_findings(&refused["decision"]), ["contract.clause_missing BLOCK"]);
    assert_eq!(refused["contract"], Value::Null);
    // The firm and the department read the reasons; rivals do not.
    let decision = "query($id: ID!) { decision(id: $id) { outcome } }";
    let id = json!({ "id": refused["decision"]["id"] });
    for token in [&firm.token, &department.token] {
        let data = app.query(token, decision, id.clone()).await;
        assert_eq!(data["decision"]["outcome"], "BLOCK");
    }
    let rival = app.register_firm("Rival Paving").await;
    assert_eq!(app.query(&rival.token, decision, id).await["decision"], Value::Null);

    let awarded = app.mutate_ok(&department.token, AWARD_CONTRACT, award(&bid, "C-1")).await;
    let contract = &awarded["contract"];
    assert_eq!(contract["basis"], "GATED");
    assert_eq!(contract["value"]["amount"], "98000.00");
    assert_eq!(contract["disclosure"]["id"], filed["id"]);
    assert_eq!(contract["signedOn"], "2026-02-11");
    assert_eq!(awarded["decision"]["policyVersion"], 1);
    let status = app.load_bid(&firm.token, &bid).await["status"].take();
    assert_eq!(status, "AWARDED");
    assert_eq!(
        app.fault_code(&department.token, AWARD_CONTRACT, award(&bid, "C-2")).await,
        "CONFLICT"
    );
    // A disclosure that an award references can be superseded but not withdrawn.
    let reason = json!({ "id": filed["id"], "reason": "Not so." });
    assert_eq!(app.fault_code(&firm.token, WITHDRAW_DISCLOSURE, reason).await, "CONFLICT");
    let own = "query($id: ID!) { contract(id: $id) { number decisions { outcome } } }";
    let data = app.query(&firm.token, own, json!({ "id": contract["id"] })).await;
    assert_eq!(
        data["contract"]["decisions"],
        json!([{ "outcome": "BLOCK" }, { "outcome": "ADMIT" }])
    );
    app.assert_verifies().await;
}

async fn an_award_to_a_held_bid_has_its_own_decision(app: TestApp) {
    let department = app.create_department("BSS").await;
    let solicitation = app.publish_solicitation(&department, DUE).await;
    let firm = app.register_firm("Quiet Analytics").await;
    let filed =
        app.file_and_load_disclosure(&firm, agreements_statement(&[classified_agreement()])).await;
    let held = app.submit_bid(&firm, &solicitation, "1000").await;
    assert_eq!(held["bid"]["status"], "HELD");
    app.advance_to(AFTER);
    let held = held["bid"]["id"].clone();
    let reviewed = app.mutate_ok(&department.token, AWARD_CONTRACT, award(&held, "C-1")).await;
    assert_eq!(list_findings(&reviewed["decision"]), ["disclosure.partly_withheld REVIEW"]);
    assert_eq!(reviewed["contract"], Value::Null);
    assert_eq!(app.load_bid(&firm.token, &held).await["status"], "HELD");
    app.mutate_ok(&app.reviewer_token(), ACCEPT_DISCLOSURE, json!({ "id": filed["id"] })).await;
    let awarded = app.mutate_ok(&department.token, AWARD_CONTRACT, award(&held, "C-1")).await;
    assert_eq!(awarded["decision"]["outcome"], "ADMIT");
    assert_eq!(awarded["contract"]["bidId"], held);
    app.assert_verifies().await;
}

fn direct_award(department: &Department, firm: &Firm, method: &str, value: &str) -> Value {
    json!({
        "departmentId": department.id, "organizationId": firm.id, "method": method,
        "number": format!("{method}-{value}"), "title": "Supplies", "value": usd(value),
        "startDate": "2026-03-01", "endDate": "2027-02-28", "clauseVersion": 1,
    })
}

async fn invalid_award_input_is_reported(app: TestApp) {
    let department = app.create_department("BSS").await;
    let other = app.create_department("LIB").await;
    let firm = app.register_disclosing_firm("Perennial Paving").await;
    let change = |parts: Value| {
        let mut input = direct_award(&department, &firm, "SOLE_SOURCE", "10");
        input.as_object_mut().expect("an input").extend(parts.as_object().expect("parts").clone());
        json!({ "input": input })
    };
    for (parts, expected) in [
        (json!({ "method": "BIDS" }), "input.method contradiction"),
        (json!({ "endDate": "2026-02-28" }), "input.endDate contradiction"),
        (json!({ "startDate": "2026-02-30" }), "input.startDate invalid"),
        (json!({ "awardedOn": "2026-02-01" }), "input.awardedOn invalid"),
        (json!({ "number": " " }), "input.number required"),
        (json!({ "value": usd("-1") }), "input.value.amount invalid"),
        (json!({ "optionsLeft": -1 }), "input.optionsLeft invalid"),
        (json!({ "clauseVersion": 0 }), "input.clauseVersion invalid"),
    ] {
        let errors = app.mutation_errors(&department.token, AWARD_CONTRACT, change(parts)).await;
        assert_eq!(errors, [expected]);
    }
    let errors = app.mutation_errors(
        &department.token,
        AWARD_CONTRACT,
        json!({ "input": {
        "departmentId": department.id, "number": "N", "startDate": "", "endDate": "2027-02-28",
    } }),
    );
    let expected = [
        "input.organizationId required",
        "input.method required",
        "input.value required",
        "input.title required",
        "input.startDate invalid",
    ];
    assert_eq!(errors.await, expected);
    assert_eq!(app.fault_code(&other.token, AWARD_CONTRACT, change(json!({}))).await, "FORBIDDEN");
    let unknown_organization = json!({ "organizationId": "org_01h455vb4pex5vsknk084sn02q" });
    assert_eq!(
        app.fault_code(&department.token, AWARD_CONTRACT, change(unknown_organization)).await,
        "NOT_FOUND"
    );
    app.mutate_ok(&department.token, AWARD_CONTRACT, change(json!({}))).await;
    let errors = app.mutation_errors(&department.token, AWARD_CONTRACT, change(json!({}))).await;
    assert_eq!(errors, ["input.number taken"]);
    app.assert_verifies().await;
}

async fn an_award_outside_the_gate_is_only_recorded(app: TestApp) {
    app.enact_ordinance(Ordinance::INVENTED).await;
    let department = app.create_department("BSS").await;
    let firm = app.register_firm("Corner Stationery").await;
    // Below the threshold, a small purchase is only recorded; at it, the gate decides.
    let input = json!({ "input": direct_award(&department, &firm, "SMALL_PURCHASE", "4999.99") });
    let recorded = app.mutate_ok(&department.token, AWARD_CONTRACT, input).await;
    assert_eq!(recorded["contract"]["basis"], "UNGATED");
    assert_eq!(recorded["decision"], Value::Null);
    for (method, value) in [("SMALL_PURCHASE", "5000.00"), ("SOLE_SOURCE", "4999.99")] {
        let input = json!({ "input": direct_award(&department, &firm, method, value) });
        let refused = app.mutate_ok(&department.token, AWARD_CONTRACT, input).await;
        assert!(
            list_findings(&refused["decision"]).contains(&"disclosure.missing BLOCK".to_owned())
        );
    }
    app.assert_verifies().await;
}

async fn every_renewal_action_respects_the_contract(app: TestApp) {
    let department = app.create_department("BSS").await;
    let firm = app.register_disclosing_firm("Perennial Paving").await;
    let parts = json!({ "clauseVersion": 1, "optionsLeft": 1 });
    let days = ("2025-03-01", "2026-02-28");
    let contract = app.record_contract(&department, &firm, "C-1", days, parts).await;
    let propose = |parts: Value| {
        let mut input = json!({ "contractId": contract });
        input.as_object_mut().expect("an input").extend(parts.as_object().expect("parts").clone());
        json!({ "input": input })
    };
    for (parts, expected) in [
        (json!({ "action": "RENEWAL" }), "input.endDate required"),
        (
            json!({ "action": "RENEWAL", "startDate": "2026-02-28", "endDate": "2027-02-28" }),
            "input.startDate invalid",
        ),
        (json!({ "action": "RENEWAL", "endDate": "2026-02-28" }), "input.endDate contradiction"),
        (json!({ "action": "HOLDOVER", "endDate": "2026-04-01" }), "input.endDate invalid"),
        (json!({ "action": "AMENDMENT", "endDate": "2026-03-01" }), "input.endDate invalid"),
        (json!({ "action": "TASK_ORDER", "endDate": "2026-03-01" }), "input.number required"),
        (
            json!({ "action": "RENEWAL", "endDate": "2027-02-28", "assigneeId": firm.id }),
            "input.assigneeId contradiction",
        ),
        (
            json!({ "action": "ASSIGNMENT", "assigneeId": firm.id }),
            "input.assigneeId contradiction",
        ),
        (
            json!({ "action": "EXTENSION", "endDate": "2027-02-28", "value": { "amount": "1", "currency": "EUR" } }),
            "input.value.currency contradiction",
        ),
    ] {
        let errors = app.mutation_errors(&department.token, PROPOSE_RENEWAL, propose(parts)).await;
        assert_eq!(errors, [expected]);
    }
    // An action outside the gate is recorded without a decision, and does not change the referenced
    // disclosure.
    for (parts, value) in [
        (json!({ "action": "AMENDMENT", "value": usd("500") }), "250500.00"),
        (
            json!({ "action": "TASK_ORDER", "number": "TO-1", "endDate": "2026-06-30", "value": usd("900") }),
            "250500.00",
        ),
    ] {
        let renewal = app.propose_renewal(&department, propose(parts)["input"].clone()).await;
        let done = app.execute_renewal(&department, &renewal).await;
        assert_eq!(
            (&done["renewal"]["basis"], &done["decision"]),
            (&json!("UNGATED"), &Value::Null)
        );
        assert_eq!(done["contract"]["value"]["amount"], value);
    }
    for (parts, ends, options) in [
        (json!({ "action": "OPTION", "endDate": "2026-08-31" }), "2026-08-31", 0),
        (json!({ "action": "HOLDOVER" }), "2026-09-30", 0),
        (json!({ "action": "EXTENSION", "endDate": "2026-10-15" }), "2026-10-15", 0),
    ] {
        let renewal = app.propose_renewal(&department, propose(parts)["input"].clone()).await;
        let done = app.execute_renewal(&department, &renewal).await;
        let after = &done["contract"];
        assert_eq!((&after["endDate"], &after["optionsLeft"]), (&json!(ends), &json!(options)));
        assert_eq!(done["renewal"]["basis"], "GATED");
    }
    let errors = app
        .mutation_errors(
            &department.token,
            PROPOSE_RENEWAL,
            propose(json!({ "action": "OPTION", "endDate": "2027-08-31" })),
        )
        .await;
    assert_eq!(errors, ["input.action invalid"]);
    // A new proposal replaces a pending one if it names it.
    let input = propose(json!({ "action": "RENEWAL", "endDate": "2027-10-15" }))["input"].clone();
    let first = app.propose_renewal(&department, input.clone()).await;
    let mut replacing = input;
    replacing["replaces"] = json!(first);
    let second = app.propose_renewal(&department, replacing).await;
    assert_eq!(
        app.fault_code(&department.token, EXECUTE_RENEWAL, json!({ "id": first })).await,
        "CONFLICT"
    );
    app.execute_renewal(&department, &second).await;
    let all = "query($id: ID!) { contract(id: $id) { renewals { action status } } }";
    let data = app.query(&firm.token, all, json!({ "id": contract })).await;
    assert_eq!(data["contract"]["renewals"].as_array().expect("renewals").len(), 7);
    app.assert_verifies().await;
}

async fn the_database_refuses_invalid_contracts(app: TestApp) {
    let department = app.create_department("BSS").await;
    let firm = app.register_firm("Perennial Paving").await;
    let days = ("2025-03-01", "2026-02-28");
    let contract = app.record_contract(&department, &firm, "C-1", days, json!({})).await;
    let input = json!({ "contractId": contract, "action": "RENEWAL", "endDate": "2027-02-28" });
    let renewal = app.propose_renewal(&department, input).await;
    let refused = app.execute_renewal(&department, &renewal).await;
    assert_eq!(refused["decision"]["outcome"], "BLOCK");
    for hand in [
        // Without a decision, with a blocking one, and with one of another subject.
        "UPDATE contract SET basis = 'GATED', method = 'BIDS'",
        "UPDATE renewal SET status = 'EXECUTED', executed_at = proposed_at, executed_by = 'hand', basis = 'GATED'",
        "UPDATE renewal SET status = 'EXECUTED', executed_at = proposed_at, executed_by = 'hand', basis = 'GATED',
            decision_id = (SELECT id FROM decision), decision_outcome = 'BLOCK'",
        "UPDATE renewal SET status = 'EXECUTED', executed_at = proposed_at, executed_by = 'hand', basis = 'GATED',
            decision_id = (SELECT id FROM decision), decision_outcome = 'ADMIT'",
        "UPDATE contract SET basis = 'GATED', method = 'BIDS',
            decision_id = (SELECT id FROM decision), decision_outcome = 'ADMIT'",
        "UPDATE renewal SET status = 'EXECUTED'",
        "UPDATE contract SET end_date = '2020-01-01'",
        "INSERT INTO renewal SELECT * FROM renewal",
    ] {
        assert!(app.run_sql(hand).await.is_err(), "{hand}");
    }
    app.file_and_load_disclosure(&firm, no_dealings()).await;
    app.assert_verifies().await;
    // Direct writes that bypass the ledger are detected.
    app.run_sql("UPDATE contract SET number = 'C-2'").await.expect("a direct change");
    assert!(app.find_inconsistency().await.contains(&contract));
}

async fn two_officers_execute_at_once(app: TestApp) {
    let department = app.create_department("BSS").await;
    let firm = app.register_disclosing_firm("Perennial Paving").await;
    let parts = json!({ "clauseVersion": 1 });
    let days = ("2025-03-01", "2026-02-28");
    let contract = app.record_contract(&department, &firm, "C-1", days, parts).await;
    let input = json!({ "contractId": contract, "action": "RENEWAL", "endDate": "2027-02-28" });
    let renewal = app.propose_renewal(&department, input).await;
    let id = json!({ "id": renewal });
    let answers = tokio::join!(
        app.execute(&department.token, EXECUTE_RENEWAL, id.clone()),
        app.execute(&department.token, EXECUTE_RENEWAL, id.clone()),
    );
    let answers = [answers.0, answers.1];
    let done =
        answers.iter().filter(|it| it["data"]["executeRenewal"]["renewal"]["status"] == "EXECUTED");
    assert_eq!(done.count(), 1, "{answers:#?}");
    let code = answers.iter().find_map(|it| it["errors"][0]["extensions"]["code"].as_str());
    assert_eq!(code, Some("CONFLICT"), "{answers:#?}");
    let by_renewal = "SELECT COUNT(*) FROM decision WHERE subject_kind = 'CONTRACT_RENEWAL'";
    assert_eq!(app.select_number(by_renewal).await, 1);
    assert_eq!(app.select_number("SELECT COUNT(*) FROM contract_term").await, 2);
    app.assert_verifies().await;
}

async fn a_decision_and_its_renewal_are_written_together(app: TestApp) {
    let department = app.create_department("BSS").await;
    let firm = app.register_disclosing_firm("Perennial Paving").await;
    let parts = json!({ "clauseVersion": 1 });
    let days = ("2025-03-01", "2026-02-28");
    let contract = app.record_contract(&department, &firm, "C-1", days, parts).await;
    let input = json!({ "contractId": contract, "action": "RENEWAL", "endDate": "2027-02-28" });
    let renewal = app.propose_renewal(&department, input).await;
    let before = app.select_number("SELECT COUNT(*) FROM ledger").await;
    // The write after the decision fails: the disk is full or the process crashes.
    app.run_sql("ALTER TABLE contract_term RENAME TO gone").await.expect("a table");
    let fault = app.fault_code(&department.token, EXECUTE_RENEWAL, json!({ "id": renewal })).await;
    assert_eq!(fault, "INTERNAL");
    app.run_sql("ALTER TABLE gone RENAME TO contract_term").await.expect("the table");
    let by_renewal = "SELECT COUNT(*) FROM decision WHERE subject_kind = 'CONTRACT_RENEWAL'";
    assert_eq!(app.select_number(by_renewal).await, 0);
    assert_eq!(app.select_number("SELECT COUNT(*) FROM ledger").await, before);
    let done = app.execute_renewal(&department, &renewal).await;
    assert_eq!(done["renewal"]["status"], "EXECUTED");
    let record = json!({ "input": {
        "departmentId": department.id, "organizationId": firm.id, "number": "C-1", "title": "T",
        "value": usd("1"), "startDate": "2025-01-01", "endDate": "2025-12-31",
    } });
    assert_eq!(
        app.mutation_errors(&department.token, RECORD_CONTRACT, record).await,
        ["input.number taken"]
    );
    app.assert_verifies().await;
}

async fn a_contract_awarded_outside_the_service_is_recorded(app: TestApp) {
    let department = app.create_department("BSS").await;
    let firm = app.register_firm("Perennial Paving").await;
    // The first policy took effect on January 1, 2025.
    let days = ("2024-12-31", "2027-12-31");
    app.record_contract(&department, &firm, "C-24", days, json!({})).await;
    let days = ("2025-01-01", "2027-12-31");
    app.record_contract(&department, &firm, "C-25", days, json!({})).await;
    assert_eq!(app.list_noncompliant_contracts().await, ["C-25 disclosure.missing 2025-01-01"]);
    // A later policy version does not exempt it.
    app.publish_policy_version(2, "2026-02-10", &[]).await;
    app.advance_to("2026-02-10T20:00:00Z");
    app.sweep().await;
    assert_eq!(app.list_noncompliant_contracts().await, ["C-25 disclosure.missing 2025-01-01"]);
    app.file_and_load_disclosure(&firm, no_dealings()).await;
    assert_eq!(app.list_noncompliant_contracts().await, Vec::<String>::new());
    app.assert_verifies().await;
}
