//! The gate admits, holds or blocks a bid, with reasons.
use candor_tests::due_times::march::DUE;
use candor_tests::fixtures::{
    agreements_statement, e_verify_agreement, list_finding_codes, no_dealings, usd,
};
use candor_tests::steps::{
    BID_READINESS, SUBMIT_BID, bid_input, classified_agreement, detention_agreement,
    format_user_errors, text,
};
use candor_tests::{TestApp, stories};
use serde_json::{Value, json};

stories![
    a_firm_with_e_verify_is_blocked_until_it_files,
    bid_readiness_agrees_and_writes_nothing,
    a_classified_agreement_is_held_for_a_reviewer,
    a_truthful_detention_contract_is_admitted_with_a_note,
    a_subcontractor_counts_from_the_threshold_on,
    a_subcontractor_of_a_public_work_counts_from_its_share,
    a_subcontractor_named_twice_counts_with_both,
    a_subcontractor_is_found_by_its_identifier,
];

/// After bids were due.
const LATE: &str = "2026-03-10T22:00:30Z";

const DECISION: &str = "query($id: ID!) { decision(id: $id) {
    id outcome factsHash decisionHash facts findings { code } } }";

async fn a_firm_with_e_verify_is_blocked_until_it_files(app: TestApp) {
    let department = app.create_department("BSS").await;
    let solicitation = app.publish_solicitation(&department, DUE).await;
    let firm = app
        .register_organization(
            "owner",
            json!({ "kind": "SOLE_PROPRIETOR", "legalName": "Acosta Sweeping" }),
        )
        .await;

    let refused = app.submit_bid(&firm, &solicitation, "125000.00").await;
    assert_eq!(refused["bid"], Value::Null);
    assert_eq!(refused["userErrors"], json!([]), "a blocked bid is no error");
    let decision = &refused["decision"];
    assert_eq!(decision["outcome"], "BLOCK");
    assert_eq!(decision["facts"], Value::Null, "facts are for staff");
    let findings = decision["findings"].as_array().expect("findings");
    assert_eq!(findings.len(), 1);
    assert_eq!(findings[0]["code"], "disclosure.missing");
    assert_eq!(findings[0]["severity"], "BLOCK");
    assert_eq!(findings[0]["path"], json!(["organization"]));
    assert_eq!(
        findings[0]["message"],
        "Acosta Sweeping (sole proprietor) has no disclosure on file that counts here."
    );
    assert!(text(&findings[0]["remedy"]).contains("state that there are none"));
    assert_eq!(findings[0]["citation"], "Executive Directive 17, section E");
    assert_eq!((&findings[0]["cureBy"], &decision["cureBy"]), (&Value::Null, &Value::Null));
    let letter = text(&decision["letter"]);
    for sentence in [
        "To: Acosta Sweeping",
        "The bid is not accepted. Fix each item below that refuses the bid, and submit the bid again by ",
        "What to do: File a disclosure by ",
        "Questions: ",
    ] {
        assert!(letter.contains(sentence), "{sentence} is not in:\n{letter}");
    }

    app.file_and_load_disclosure(&firm, agreements_statement(&[e_verify_agreement()])).await;
    let admitted = app.submit_bid(&firm, &solicitation, "125000.00").await;
    assert_eq!(admitted["bid"]["status"], "ADMITTED");
    assert_eq!(admitted["decision"]["outcome"], "ADMIT");
    assert_eq!(list_finding_codes(&admitted["decision"]), ["dhs.agreement_disclosed"]);
    assert_eq!(admitted["decision"]["findings"][0]["severity"], "NOTE");
    assert!(
        text(&admitted["decision"]["letter"]).contains("U.S. Citizenship and Immigration Services")
    );

    // After the due time a reviewer sees both attempts and the facts of each decision.
    app.advance_to("2026-03-10T22:00:15Z");
    let reviewer = app.reviewer_token();
    let both = "query($id: ID!) { solicitation(id: $id) { bids(first: 10) { totalCount nodes {
        status amount { amount } organization { legalName } disclosure { id }
        decision { id outcome facts findings { code message } } } } } }";
    let data = app.query(&reviewer, both, json!({ "id": solicitation })).await;
    let bids = &data["solicitation"]["bids"];
    assert_eq!(bids["totalCount"], 2);
    let (first, second) = (&bids["nodes"][0], &bids["nodes"][1]);
    assert_eq!((&first["status"], &second["status"]), (&json!("REFUSED"), &json!("ADMITTED")));
    assert_eq!(first["disclosure"], Value::Null);
    assert_eq!(first["decision"]["id"], decision["id"]);
    assert_eq!(list_finding_codes(&first["decision"]), ["disclosure.missing"]);
    assert_eq!(
        second["decision"]["facts"]["organization"]["name"],
        "Acosta Sweeping (sole proprietor)"
    );
    let agreement = &second["decision"]["facts"]["organization"]["disclosure"]["agreements"][0];
    assert_eq!(
        (&agreement["component"], &agreement["isShortForm"]),
        (&json!("USCIS"), &json!(true))
    );

    // The firm sees both attempts, without facts.
    let own = app.query(&firm.token, both, json!({ "id": solicitation })).await;
    let own = &own["solicitation"]["bids"]["nodes"];
    for attempt in [0, 1] {
        assert_eq!(own[attempt]["decision"]["id"], bids["nodes"][attempt]["decision"]["id"]);
        assert_eq!(own[attempt]["decision"]["facts"], Value::Null);
    }
    let by_id = |token: String| {
        let id = admitted["decision"]["id"].clone();
        let app = &app;
        async move { app.query(&token, DECISION, json!({ "id": id })).await["decision"].take() }
    };
    let (seen_by_firm, seen_by_reviewer) = (by_id(firm.token.clone()).await, by_id(reviewer).await);
    assert_eq!(seen_by_firm["facts"], Value::Null);
    assert_eq!(seen_by_firm["factsHash"], seen_by_reviewer["factsHash"]);
    // The hash is of the facts as canonical JSON, with sorted keys.
    let facts = candor_schema::canonical::canonical(&seen_by_reviewer["facts"]).expect("JSON");
    assert_eq!(seen_by_reviewer["factsHash"], facts.sha256);
    app.assert_verifies().await;
}

async fn bid_readiness_agrees_and_writes_nothing(app: TestApp) {
    let department = app.create_department("BSS").await;
    let solicitation = app.publish_solicitation(&department, DUE).await;
    let firm = app.register_firm("Acosta Sweeping").await;
    let written = async || {
        let tables = ["bid", "decision", "ledger"];
        let mut rows = 0;
        for table in tables {
            rows += app.select_number(&format!("SELECT COUNT(*) FROM {table}")).await;
        }
        rows
    };
    let ask = async || {
        let input = bid_input(&firm, &solicitation, "125000.00", &json!([]));
        let dry = app.query(&firm.token, BID_READINESS, json!({ "input": input })).await;
        dry["bidReadiness"].clone()
    };
    // A preview has no decision, nothing was received, and it says what a bid would be.
    let letter = |it: &Value| {
        let letter = text(&it["letter"])
            .replace("A bid submitted now would not be accepted.", "The bid is not accepted.")
            .replace("A bid submitted now would be admitted.", "The bid is admitted.")
            .replace("Effect: the bid would be refused.", "Effect: the bid is refused.")
            .replace("Then submit the bid by", "Then submit the bid again by")
            .replace("For this preview,", "For this decision,")
            .replace(
                "refuses the bid, and submit the bid by",
                "refuses the bid, and submit the bid again by",
            );
        let lines = letter.lines();
        let lines =
            lines.filter(|it| !it.starts_with("Decision: ") && !it.starts_with("Bid received: "));
        lines.collect::<Vec<_>>().join("\n")
    };
    let before = written().await;
    let dry = ask().await;
    assert_eq!(written().await, before);
    assert!(text(&dry["letter"]).contains("A bid submitted now would not be accepted."), "{dry:#}");
    let wet = app.submit_bid(&firm, &solicitation, "125000.00").await["decision"].take();
    assert_eq!((&dry["outcome"], letter(&dry)), (&wet["outcome"], letter(&wet)));
    assert_eq!(list_finding_codes(&dry), ["disclosure.missing"]);

    app.file_and_load_disclosure(&firm, agreements_statement(&[detention_agreement()])).await;
    let dry = ask().await;
    let wet = app.submit_bid(&firm, &solicitation, "125000.00").await["decision"].take();
    assert_eq!((&dry["outcome"], letter(&dry)), (&wet["outcome"], letter(&wet)));
    assert_eq!(dry["outcome"], "ADMIT");

    // After the due time there is still no bid that was received.
    app.advance_to(LATE);
    let input = json!({ "input": bid_input(&firm, &solicitation, "125000.00", &json!([])) });
    let answer = app.execute(&firm.token, BID_READINESS, input.clone()).await.to_string();
    assert!(answer.contains("a bid submitted now"), "{answer}");
    assert!(!answer.contains("this bid was received"), "{answer}");
    let payload = app.mutate(&firm.token, SUBMIT_BID, input).await;
    assert_eq!(format_user_errors(&payload["userErrors"]), ["input.solicitationId past_due"]);
    assert!(text(&payload["userErrors"][0]["message"]).contains("this bid was received"));

    let rival = app.register_firm("Rival Sweeping").await;
    let input = bid_input(&firm, &solicitation, "125000.00", &json!([]));
    let input = json!({ "input": input });
    assert_eq!(app.fault_code(&rival.token, BID_READINESS, input.clone()).await, "NOT_FOUND");
    assert_eq!(app.fault_code(&app.reviewer_token(), BID_READINESS, input).await, "NOT_FOUND");
}

async fn a_classified_agreement_is_held_for_a_reviewer(app: TestApp) {
    let department = app.create_department("BSS").await;
    let solicitation = app.publish_solicitation(&department, DUE).await;
    let firm = app.register_firm("Quiet Analytics LLC").await;
    app.file_and_load_disclosure(&firm, agreements_statement(&[classified_agreement()])).await;
    let held = app.submit_bid(&firm, &solicitation, "125000.00").await;
    assert_eq!(held["bid"]["status"], "HELD");
    assert_eq!(held["decision"]["outcome"], "REVIEW");
    assert_eq!(
        list_finding_codes(&held["decision"]),
        ["disclosure.partly_withheld", "dhs.agreement_disclosed"]
    );
    let withheld = &held["decision"]["findings"][0];
    assert_eq!(withheld["severity"], "REVIEW");
    assert!(text(&withheld["message"]).contains("3 parts"), "{withheld}");
    assert!(text(&withheld["message"]).contains("classified information"), "{withheld}");
    assert_eq!(held["bid"]["cureBy"], Value::Null, "there is nothing to cure");
    // A withheld amount is unknown, never zero.
    let noted = text(&held["decision"]["findings"][1]["message"]);
    assert!(noted.contains("unknown or withheld"), "{noted}");
    assert!(!noted.contains("0.00"), "{noted}");
    app.assert_verifies().await;
}

async fn a_truthful_detention_contract_is_admitted_with_a_note(app: TestApp) {
    let department = app.create_department("BSS").await;
    let solicitation = app.publish_solicitation(&department, DUE).await;
    let firm = app.register_firm("Harbor Custody Inc.").await;
    let ordinary = app.register_disclosing_firm("Acosta Sweeping").await;
    app.file_and_load_disclosure(
        &firm,
        agreements_statement(&[detention_agreement(), e_verify_agreement()]),
    )
    .await;
    let admitted = app.submit_bid(&firm, &solicitation, "125000.00").await;
    let plain = app.submit_bid(&ordinary, &solicitation, "125000.00").await;
    for payload in [&admitted, &plain] {
        assert_eq!(payload["bid"]["status"], "ADMITTED");
        assert_eq!(payload["decision"]["outcome"], "ADMIT");
        assert_eq!(payload["bid"]["cureBy"], Value::Null);
    }
    assert_eq!(plain["decision"]["findings"], json!([]));
    let findings = admitted["decision"]["findings"].as_array().expect("findings");
    assert_eq!(list_finding_codes(&admitted["decision"]), ["dhs.agreement_disclosed"; 2]);
    assert!(findings.iter().all(|finding| finding["severity"] == "NOTE"), "{findings:#?}");
    let ice = findings
        .iter()
        .find(|it| text(&it["message"]).contains("U.S. Immigration and Customs Enforcement"));
    let ice = ice.expect("a note that names the component");
    let message = text(&ice["message"]);
    assert!(message.contains("detention") && message.contains("1,250,000.00"), "{message}");
    assert!(message.contains("never held against a bid"), "{message}");
    assert!(text(&admitted["decision"]["letter"]).contains("The bid is admitted."));
    app.assert_verifies().await;
}

/// Registers a prime contractor that has filed and a firm that has not.
async fn prime_and_other(
    app: &TestApp,
) -> (candor_tests::fixtures::Firm, candor_tests::fixtures::Firm) {
    (
        app.register_disclosing_firm("Prime Paving Inc.").await,
        app.register_firm("Harbor Paint").await,
    )
}

async fn a_subcontractor_counts_from_the_threshold_on(app: TestApp) {
    let department = app.create_department("BSS").await;
    let (prime, other) = prime_and_other(&app).await;
    let named = |amount: &str| json!([{ "organizationId": other.id, "name": "Harbor Paint", "amount": usd(amount) }]);
    for (amount, status) in [("29999.99", "ADMITTED"), ("30000.00", "HELD"), ("30000.01", "HELD")] {
        let solicitation = app.publish_solicitation(&department, DUE).await;
        let payload = app.submit_bid_with(&prime, &solicitation, "1000000", named(amount)).await;
        assert_eq!(payload["bid"]["status"], status, "{amount}");
        if status == "ADMITTED" {
            assert_eq!(payload["decision"]["findings"], json!([]));
            continue;
        }
        let finding = &payload["decision"]["findings"][0];
        assert_eq!(list_finding_codes(&payload["decision"]), ["subcontractor.missing_disclosure"]);
        assert!(text(&finding["message"]).starts_with("Harbor Paint, a named subcontractor,"));
        // Tuesday, March 10; five business days later is Tuesday the 17th.
        assert_eq!(finding["cureBy"], "2026-03-18T07:00:00+00:00");
        assert_eq!(payload["bid"]["cureBy"], finding["cureBy"]);
    }
    // In another currency the amounts cannot be compared, so that it counts.
    let solicitation = app.publish_solicitation(&department, DUE).await;
    let mut abroad = named("1.00");
    abroad[0]["amount"]["currency"] = json!("EUR");
    let payload = app.submit_bid_with(&prime, &solicitation, "1000000", abroad).await;
    assert_eq!(payload["bid"]["status"], "HELD");
    // A firm that has filed is current at any amount.
    app.file_and_load_disclosure(&other, no_dealings()).await;
    let solicitation = app.publish_solicitation(&department, DUE).await;
    let payload = app.submit_bid_with(&prime, &solicitation, "1000000", named("500000")).await;
    assert_eq!(payload["bid"]["status"], "ADMITTED");
    app.assert_verifies().await;
}

async fn a_subcontractor_of_a_public_work_counts_from_its_share(app: TestApp) {
    let department = app.create_department("BSS").await;
    let (prime, other) = prime_and_other(&app).await;
    for (bid, amount, public_works, status) in [
        // Half a percent of a million.
        ("1000000.00", "4999.99", true, "ADMITTED"),
        ("1000000.00", "5000.00", true, "HELD"),
        ("1000000.00", "5000.00", false, "ADMITTED"),
        // Half a percent of this is 5,000.005, a fraction of a cent.
        ("1000001.00", "5000.00", true, "ADMITTED"),
        ("1000001.00", "5000.01", true, "HELD"),
        // Half a percent of ten million exceeds the threshold, so that the threshold applies.
        ("10000000.00", "29999.99", true, "ADMITTED"),
        ("10000000.00", "30000.00", true, "HELD"),
    ] {
        let parts = json!({ "publicWorks": public_works });
        let solicitation = app.publish_solicitation_with(&department, DUE, parts).await;
        let named = json!([{
            "organizationId": other.id, "name": "Harbor Paint", "amount": usd(amount)
        }]);
        let payload = app.submit_bid_with(&prime, &solicitation, bid, named).await;
        assert_eq!(payload["bid"]["status"], status, "{amount} of {bid}");
    }
}

async fn a_subcontractor_named_twice_counts_with_both(app: TestApp) {
    let department = app.create_department("BSS").await;
    let (prime, other) = prime_and_other(&app).await;
    let part = |amount: &str| json!({ "organizationId": other.id, "name": "Harbor Paint", "amount": usd(amount) });
    for (second, status) in [("14999.99", "ADMITTED"), ("15000.00", "HELD")] {
        let solicitation = app.publish_solicitation(&department, DUE).await;
        let named = json!([part("15000.00"), part(second)]);
        let payload = app.submit_bid_with(&prime, &solicitation, "1000000", named).await;
        assert_eq!(payload["bid"]["status"], status, "{second}");
    }
}

async fn a_subcontractor_is_found_by_its_identifier(app: TestApp) {
    let department = app.create_department("BSS").await;
    let prime = app.register_disclosing_firm("Prime Paving Inc.").await;
    let uei = json!({ "scheme": "UEI", "id": "L997DB4PEJL8" });
    let named = json!([{
        "name": "Harbour Paint (so the prime calls it)", "identifier": uei,
        "amount": usd("40000"),
    }]);
    let submit = async || {
        let solicitation = app.publish_solicitation(&department, DUE).await;
        let payload = app.submit_bid_with(&prime, &solicitation, "1000000", named.clone()).await;
        (text(&payload["bid"]["status"]), payload["decision"]["findings"].clone())
    };
    // Nobody can say that an unknown firm has no disclosure.
    let codes = |findings: &Value| -> Vec<String> {
        let findings = findings.as_array().expect("findings");
        findings.iter().map(|finding| text(&finding["code"])).collect()
    };
    let unknown = submit().await;
    assert_eq!((&*unknown.0, codes(&unknown.1)), ("HELD", vec!["party.unidentified".to_owned()]));
    let input = json!({ "kind": "CORPORATION", "legalName": "Harbor Paint", "identifiers": [uei] });
    let paint = app.register_organization("paint", input.clone()).await;
    let silent = submit().await;
    let missing = vec!["subcontractor.missing_disclosure".to_owned()];
    assert_eq!((&*silent.0, codes(&silent.1)), ("HELD", missing));
    app.file_and_load_disclosure(&paint, no_dealings()).await;
    assert_eq!(submit().await.0, "ADMITTED");
    // A second firm's claim does not change the resolution.
    let mut disputed = input.clone();
    disputed["disputed"] = json!(true);
    app.register_organization("impostor", disputed).await;
    assert_eq!(submit().await.0, "ADMITTED");
}
