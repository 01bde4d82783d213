//! An officer substitutes a named subcontractor by another, on a ground that the policy allows.
use candor_tests::contracts::{AWARD_CONTRACT, Ordinance, award_of_bid};
use candor_tests::due_times::february::{AFTER, DUE};
use candor_tests::fixtures::{Department, Firm, no_dealings, usd};
use candor_tests::steps::{format_user_errors, text};
use candor_tests::{Engine, TestApp, stories_under_both_policies};
use serde_json::{Value, json};

stories_under_both_policies![
    a_substitution_frees_a_held_bid,
    the_policy_names_the_kinds_of_contract,
    a_running_contract_gets_another_subcontractor,
    entries_of_a_merged_firm_are_one_subcontractor,
    the_database_refuses_a_substitution_without_a_ground,
];

const SUBSTITUTE: &str =
    "mutation($input: SubstitutionInput!) { substituteSubcontractor(input: $input) {
    bid { id status subcontractors { party { name } amount { amount } } decision { id letter }
        substitutions { replaced { party { name } amount { amount } } replacement { party { name } }
            ground explanation citation policyVersion substitutedAt substitutedBy } }
    contract { id readiness subcontractors { party { name } amount { amount } }
        substitutions { replaced { party { name } } replacement { party { name } } ground
            substitutedBy } }
    userErrors { path code message } } }";

/// Returns a substitution as an API input; `subject` has the bid or the contract.
fn input(subject: &Value, name: &str, replacement: Value, ground: &str) -> Value {
    let mut input = json!({
        "name": name, "ground": ground,
        "explanation": "The City's hearing officer found it on February 12.",
    });
    input["replacement"] = replacement;
    let fields = subject.as_object().expect("a subject").clone();
    input.as_object_mut().expect("an input").extend(fields);
    json!({ "input": input })
}

/// A bid on a public work that is held for an unidentified subcontractor.
async fn held_bid(app: &TestApp, department: &Department) -> (Firm, Value) {
    let parts = json!({ "publicWorks": true });
    let solicitation = app.publish_solicitation_with(department, DUE, parts).await;
    let firm = app.register_disclosing_firm("Prime Paving").await;
    let naming = json!([
        { "name": "Harbor Paint", "amount": usd("40000") },
        { "name": "Small Signs", "amount": usd("10") },
    ]);
    let held = app.submit_bid_with(&firm, &solicitation, "1000000", naming).await;
    assert_eq!(held["bid"]["status"], "HELD", "{held:#}");
    (firm, held["bid"]["id"].clone())
}

async fn a_substitution_frees_a_held_bid(app: TestApp, ordinance: Ordinance) {
    let department = app.create_department("BSS").await;
    let other = app.create_department("LIB").await;
    let (firm, bid) = held_bid(&app, &department).await;
    let lights = app.register_disclosing_firm("Harbor Lights").await;
    let subject = json!({ "bidId": bid });
    let by_lights = json!({ "organizationId": lights.id, "name": "Harbor Lights" });
    let good = input(&subject, "harbor  PAINT", by_lights, "NOT_LICENSED");
    let code = app.fault_code(&department.token, SUBSTITUTE, good.clone()).await;
    assert_eq!(code, "NOT_FOUND", "the bid is sealed");
    app.advance_to(AFTER);
    for (token, expected) in [
        (&firm.token, "FORBIDDEN"),
        (&app.reviewer_token(), "FORBIDDEN"),
        (&lights.token, "NOT_FOUND"),
        (&other.token, "NOT_FOUND"),
    ] {
        assert_eq!(app.fault_code(token, SUBSTITUTE, good.clone()).await, expected);
    }
    let officer = &department.token;
    refuse_wrong_substitutions(&app, ordinance, officer, (&firm, &lights), &subject).await;
    let before = app.load_bid(&firm.token, &bid).await;
    assert_eq!(before["status"], "HELD", "nothing has changed");

    let payload = app.mutate_ok(officer, SUBSTITUTE, good.clone()).await;
    let after = &payload["bid"];
    assert_eq!(after["status"], "ADMITTED", "{payload:#}");
    assert_ne!(after["decision"]["id"], before["decision"]["id"]);
    assert!(!text(&after["decision"]["letter"]).contains("Harbor Paint"), "{after:#}");
    let row = |name: &str, amount: &str| json!({ "party": { "name": name }, "amount": { "amount": amount } });
    assert_eq!(
        after["subcontractors"],
        json!([row("Harbor Lights", "40000.00"), row("Small Signs", "10.00")])
    );
    let substitution = &after["substitutions"][0];
    assert_eq!(substitution["replaced"], row("Harbor Paint", "40000.00"));
    assert_eq!(substitution["ground"], "NOT_LICENSED");
    let citation = ordinance
        .pick("California Public Contract Code 4107(a)", "Code of Port Ambrose, section 9(a)");
    assert_eq!(substitution["citation"], citation);
    assert_eq!(substitution["substitutedBy"], "bss");
    let again = app.mutation_errors(officer, SUBSTITUTE, good).await;
    assert_eq!(again, ["input.name invalid"], "it was replaced already");

    // Replaced again, with another amount: both are kept, in order.
    let by_lamps = json!({ "name": "Harbor Lamps", "amount": usd("5") });
    let chained = input(&subject, "Harbor Lights", by_lamps, "BANKRUPT_OR_INSOLVENT");
    app.mutate_ok(officer, SUBSTITUTE, chained).await;
    let query = "query($id: ID!) { node(id: $id) { ... on Bid { status
        subcontractors { party { name } amount { amount } }
        substitutions { replaced { party { name } } replacement { party { name } } substitutedBy } } } }";
    let named = |replaced: &str, replacement: &str, by: Value| {
        json!({
            "replaced": { "party": { "name": replaced } },
            "replacement": { "party": { "name": replacement } }, "substitutedBy": by,
        })
    };
    for (token, by) in
        [(&firm.token, Value::Null), (officer, json!("bss")), (&app.reviewer_token(), json!("bss"))]
    {
        let data = app.query(token, query, json!({ "id": bid })).await;
        assert_eq!(data["node"]["subcontractors"][0], row("Harbor Lamps", "5.00"));
        assert_eq!(
            data["node"]["substitutions"],
            json!([
                named("Harbor Paint", "Harbor Lights", by.clone()),
                named("Harbor Lights", "Harbor Lamps", by),
            ])
        );
    }
    let trail = "query($id: ID!) { auditTrail(subject: $id) { nodes { action actor data } } }";
    let data = app.query(&firm.token, trail, json!({ "id": bid })).await;
    let entries = data["auditTrail"]["nodes"].as_array().expect("entries");
    let substituted = entries.iter().find(|it| it["action"] == "bid.subcontractor_substituted");
    let substituted = substituted.expect("an entry");
    assert_eq!(substituted["actor"], Value::Null, "a firm reads no officer's name");
    assert_eq!(substituted["data"]["replaced"], "Harbor Paint");
    assert_eq!(substituted["data"]["replacement"], "Harbor Lights");
    assert_eq!(substituted["data"]["ground"], "NOT_LICENSED");
    app.assert_verifies().await;
}

async fn refuse_wrong_substitutions(
    app: &TestApp,
    ordinance: Ordinance,
    officer: &str,
    (firm, lights): (&Firm, &Firm),
    subject: &Value,
) {
    let by_lights = json!({ "organizationId": lights.id, "name": "Harbor Lights" });
    let bidder = json!({ "organizationId": firm.id, "name": "Prime Paving" });
    for (wrong, expected) in [
        (
            input(&json!({}), "Harbor Paint", by_lights.clone(), "NOT_LICENSED"),
            "input.bidId required",
        ),
        (input(subject, "Nobody", by_lights.clone(), "NOT_LICENSED"), "input.name invalid"),
        (
            input(subject, "Harbor Paint", bidder, "NOT_LICENSED"),
            "input.replacement.organizationId contradiction",
        ),
        (
            input(subject, "Harbor Paint", json!({ "name": "Prime Paving" }), "NOT_LICENSED"),
            "input.replacement.name contradiction",
        ),
        (
            input(subject, "Harbor Paint", json!({ "name": "Harbor Paint" }), "NOT_LICENSED"),
            "input.replacement contradiction",
        ),
        (
            input(subject, "Harbor Paint", json!({ "name": " " }), "NOT_LICENSED"),
            "input.replacement.name required",
        ),
    ] {
        let errors = app.mutation_errors(officer, SUBSTITUTE, wrong).await;
        assert_eq!(errors, [expected]);
    }
    let mut unexplained = input(subject, "Harbor Paint", by_lights.clone(), "NOT_LICENSED");
    unexplained["input"]["explanation"] = json!("");
    let errors = app.mutation_errors(officer, SUBSTITUTE, unexplained).await;
    assert_eq!(errors, ["input.explanation required"]);
    let clerical = input(subject, "Harbor Paint", by_lights, "INADVERTENT_CLERICAL_ERROR");
    if ordinance.is_invented() {
        let payload = app.mutate(officer, SUBSTITUTE, clerical).await;
        assert_eq!(format_user_errors(&payload["userErrors"]), ["input.ground unavailable"]);
        let message = text(&payload["userErrors"][0]["message"]);
        assert!(message.contains("Code of Port Ambrose, section 9(a)"), "{message}");
        assert!(
            message.contains("bankrupt or insolvent, fails to perform, not licensed"),
            "{message}"
        );
    }
}

async fn the_policy_names_the_kinds_of_contract(app: TestApp, law: Ordinance) {
    let department = app.create_department("BSS").await;
    let solicitation = app.publish_solicitation(&department, DUE).await;
    let firm = app.register_disclosing_firm("Prime Paving").await;
    let naming = json!([{ "name": "Harbor Paint", "amount": usd("40000") }]);
    let held = app.submit_bid_with(&firm, &solicitation, "1000000", naming).await;
    app.advance_to(AFTER);
    assert_eq!(held["bid"]["status"], "HELD", "{held:#}");
    let subject = json!({ "bidId": held["bid"]["id"] });
    if !law.is_invented() {
        let lights = json!({ "name": "Harbor Lights" });
        let substitution = input(&subject, "Harbor Paint", lights, "BANKRUPT_OR_INSOLVENT");
        let payload = app.mutate(&department.token, SUBSTITUTE, substitution).await;
        assert_eq!(format_user_errors(&payload["userErrors"]), ["input.ground unavailable"]);
        assert_eq!(
            payload["userErrors"][0]["message"],
            "Policy version 1 (draft) allows no substitution of subcontractors for contracts that are not public works."
        );
        assert_eq!(app.select_number("SELECT COUNT(*) FROM substitution").await, 0);
        return app.assert_verifies().await;
    }
    // The second city allows it for other contracts too, on one ground.
    let lights = json!({ "name": "Harbor Lights", "amount": usd("1") });
    let refused = input(&subject, "Harbor Paint", lights.clone(), "NOT_LICENSED");
    let errors = app.mutation_errors(&department.token, SUBSTITUTE, refused).await;
    assert_eq!(errors, ["input.ground unavailable"]);
    let granted = input(&subject, "Harbor Paint", lights, "BANKRUPT_OR_INSOLVENT");
    let payload = app.mutate_ok(&department.token, SUBSTITUTE, granted).await;
    assert_eq!(payload["bid"]["status"], "ADMITTED", "under the threshold: {payload:#}");
    app.assert_verifies().await;
}

async fn a_running_contract_gets_another_subcontractor(app: TestApp, law: Ordinance) {
    let department = app.create_department("BSS").await;
    let (firm, bid) = held_bid(&app, &department).await;
    let lights = app.register_disclosing_firm("Harbor Lights").await;
    let lamps = app.register_disclosing_firm("Harbor Lamps").await;
    app.advance_to(AFTER);
    let named = |firm: &Firm, name: &str| json!({ "organizationId": firm.id, "name": name });
    let on_bid = json!({ "bidId": bid });
    let first = input(&on_bid, "Harbor Paint", named(&lights, "Harbor Lights"), "NOT_LICENSED");
    app.mutate_ok(&department.token, SUBSTITUTE, first).await;
    let award = award_of_bid(&bid, "C-1", ("2026-03-01", "2026-12-31"), law.clause);
    let awarded = app.mutate_ok(&department.token, AWARD_CONTRACT, award).await;
    let contract = json!({ "contractId": awarded["contract"]["id"] });
    assert_ne!(contract["contractId"], Value::Null, "{awarded:#}");

    let late = input(&on_bid, "Harbor Lights", named(&lamps, "Harbor Lamps"), "NOT_LICENSED");
    let errors = app.mutation_errors(&department.token, SUBSTITUTE, late).await;
    assert_eq!(errors, ["input.bidId past_due"], "the bid was awarded");
    let silent = json!({ "name": "Silent Striping" });
    let unknown = input(&contract, "Harbor Lights", silent, "FAILS_TO_PERFORM");
    let payload = app.mutate_ok(&department.token, SUBSTITUTE, unknown).await;
    assert_eq!(payload["contract"]["readiness"], "REVIEW", "it is not identified: {payload:#}");
    let known =
        input(&contract, "Silent Striping", named(&lamps, "Harbor Lamps"), "BANKRUPT_OR_INSOLVENT");
    let payload = app.mutate_ok(&department.token, SUBSTITUTE, known).await;
    assert_eq!(payload["contract"]["readiness"], "ADMIT", "{payload:#}");
    let grounds: Vec<String> = payload["contract"]["substitutions"]
        .as_array()
        .expect("substitutions")
        .iter()
        .map(|it| text(&it["ground"]))
        .collect();
    assert_eq!(
        grounds,
        ["FAILS_TO_PERFORM", "BANKRUPT_OR_INSOLVENT"],
        "those on the bid are with the bid"
    );
    let query = "query($id: ID!) { contract(id: $id) { substitutions { ground substitutedBy } } }";
    let variables = json!({ "id": contract["contractId"] });
    let data = app.query(&firm.token, query, variables).await;
    assert_eq!(
        data["contract"]["substitutions"][1],
        json!({
            "ground": "BANKRUPT_OR_INSOLVENT", "substitutedBy": null,
        })
    );

    app.file_disclosure(&firm, no_dealings()).await;
    app.advance_to("2027-01-02T20:00:00Z");
    let ended = input(&contract, "Harbor Lamps", named(&lights, "Harbor Lights"), "NOT_LICENSED");
    let errors = app.mutation_errors(&department.token, SUBSTITUTE, ended).await;
    assert_eq!(errors, ["input.contractId past_due"], "the contract has ended");
    app.assert_verifies().await;
}

async fn the_database_refuses_a_substitution_without_a_ground(app: TestApp, _law: Ordinance) {
    let department = app.create_department("BSS").await;
    let (_, bid) = held_bid(&app, &department).await;
    app.advance_to(AFTER);
    let subject = json!({ "bidId": bid });
    let substitution =
        input(&subject, "Harbor Paint", json!({ "name": "Harbor Lights" }), "NOT_LICENSED");
    app.mutate_ok(&department.token, SUBSTITUTE, substitution).await;
    let columns =
        "contract_id, prime_id, position, organization_id, name, scheme, value, resolved_by,
        resolved_to, resolved_at, amount_cents, currency, citation, policy_version, substituted_by,
        substituted_at";
    let id = if app.engine == Engine::Sqlite { "randomblob(16)" } else { "gen_random_uuid()" };
    let copy = |sequence: i64, ground: &str, explanation: &str, bid: &str| {
        format!(
            "INSERT INTO substitution (id, bid_id, sequence, ground, explanation, {columns})
            SELECT {id}, {bid}, {sequence}, {ground}, {explanation}, {columns} FROM substitution"
        )
    };
    for (statement, why) in [
        (copy(2, "NULL", "'x'", "bid_id"), "no ground"),
        (copy(2, "'TOO_EXPENSIVE'", "'x'", "bid_id"), "an unknown ground"),
        (copy(2, "ground", "''", "bid_id"), "no explanation"),
        (copy(1, "ground", "'x'", "bid_id"), "the same number"),
        (copy(2, "ground", "'x'", "NULL"), "neither a bid nor a contract"),
        ("UPDATE substitution SET ground = 'NOT_RESPONSIBLE'".to_owned(), "a change"),
        ("DELETE FROM substitution".to_owned(), "a deletion"),
    ] {
        app.run_sql(&statement).await.expect_err(why);
    }
    app.assert_verifies().await;
    app.run_sql(&copy(2, "ground", "'x'", "bid_id")).await.expect("all that is required");
    assert!(app.find_inconsistency().await.contains("substitution"), "the ledger has no such row");
}

async fn entries_of_a_merged_firm_are_one_subcontractor(app: TestApp, _law: Ordinance) {
    let department = app.create_department("BSS").await;
    let parts = json!({ "publicWorks": true });
    let solicitation = app.publish_solicitation_with(&department, DUE, parts).await;
    let prime = app.register_disclosing_firm("Prime Paving").await;
    let firms = [app.register_firm("Acme East").await, app.register_firm("Acme West").await];
    let naming = firms
        .each_ref()
        .map(|firm| json!({ "organizationId": firm.id, "name": "Acme", "amount": usd("40000") }));
    let held = app.submit_bid_with(&prime, &solicitation, "1000000", json!(naming)).await;
    let lights = app.register_disclosing_firm("Harbor Lights").await;
    app.advance_to(AFTER);
    let by = |firm: &Firm, name: &str| {
        let replacement = json!({ "organizationId": firm.id, "name": name });
        input(&json!({ "bidId": held["bid"]["id"] }), "Acme", replacement, "NOT_LICENSED")
    };
    let errors = app.mutation_errors(&department.token, SUBSTITUTE, by(&lights, "Lights")).await;
    assert_eq!(errors, ["input.name contradiction"], "two firms");
    let [east, west] = &firms;
    let merged = app.merge_organizations(east, west).await;
    assert_eq!(merged["userErrors"], json!([]));
    let errors = app.mutation_errors(&department.token, SUBSTITUTE, by(west, "Acme West")).await;
    assert_eq!(errors, ["input.replacement contradiction"], "the same firm");
    let payload = app.mutate_ok(&department.token, SUBSTITUTE, by(&lights, "Lights")).await;
    let named = payload["bid"]["subcontractors"].as_array().expect("subcontractors");
    let named: Vec<&Value> = named.iter().map(|it| &it["party"]["name"]).collect();
    assert_eq!(named, ["Lights", "Lights"]);
    app.assert_verifies().await;
}
