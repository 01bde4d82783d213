//! Whoever sees a filing or a bid reads its receipt, in the City's time.
use candor_tests::contracts::Ordinance;
use candor_tests::due_times::february::DUE;
use candor_tests::fixtures::{agreements_statement, e_verify_agreement, no_dealings, usd};
use candor_tests::steps::{
    AMEND_SOLICITATION, REAFFIRM_DISCLOSURE, SUBMIT_BID, UPDATE_ORGANIZATION, bid_input,
    reaffirmation, text,
};
use candor_tests::{TestApp, stories_under_both_policies};
use serde_json::{Value, json};

stories_under_both_policies![a_firm_keeps_its_receipts];

/// After the due time that an addendum sets.
const AFTER: &str = "2026-02-18T22:00:15Z";
const OF_BID: &str = "query($id: ID!) { node(id: $id) { ... on Bid { receipt } } }";
const OF_FILING: &str = "query($id: ID!) { disclosure(id: $id) { receipt sha256 } }";

#[track_caller]
fn assert_contains(receipt: &Value, lines: &[&str]) {
    let receipt = text(receipt);
    for line in lines {
        assert!(receipt.lines().any(|it| it == *line), "{line} is not in\n{receipt}");
    }
}

async fn a_firm_keeps_its_receipts(app: TestApp, ordinance: Ordinance) {
    let department = app.create_department("BSS").await;
    let solicitation =
        app.publish_solicitation_with(&department, DUE, json!({ "number": "RFB-9" })).await;
    let input = json!({
        "kind": "SOLE_PROPRIETOR", "legalName": "The owner's legal name",
        "doingBusinessAs": ["Harbor Paving"],
    });
    let firm = app.register_organization("harbor", input).await;
    let rival = app.register_disclosing_firm("Rival Paving").await;
    let (draft, _) = app.save_draft(&rival, no_dealings()).await;
    let data = app.query(&rival.token, OF_FILING, json!({ "id": draft })).await;
    assert_eq!(data["disclosure"]["receipt"], Value::Null, "a draft was not received");

    app.advance_to("2026-02-02T20:00:09Z");
    let filed = app.file_disclosure(&firm, agreements_statement(&[e_verify_agreement()])).await;
    let mine = app.query(&firm.token, OF_FILING, json!({ "id": filed })).await["disclosure"].take();
    let sha256 = format!("SHA-256 of the statement: {}", text(&mine["sha256"]));
    assert_contains(
        &mine["receipt"],
        &[
            ordinance.pick("City of Los Angeles", "City of Port Ambrose"),
            "Receipt of a disclosure",
            "From: Harbor Paving (The owner's legal name, sole proprietor)",
            ordinance.pick(
                "Received: Monday, February 2, 2026, 12:00:09 p.m. PST",
                "Received: Monday, February 2, 2026, 3:00:09 p.m. EST",
            ),
            &format!("Disclosure: version 1 ({filed})"),
            "Agreements with Homeland Security: 1 listed",
            &sha256,
        ],
    );
    let first = mine["receipt"].clone();
    let sign = reaffirmation(&firm, 1);
    let again = app.mutate_ok(&firm.token, REAFFIRM_DISCLOSURE, sign).await;
    let variables = json!({ "id": again["disclosure"]["id"] });
    let data = app.query(&firm.token, OF_FILING, variables).await;
    let receipt = text(&data["disclosure"]["receipt"]);
    assert!(receipt.contains("nothing has changed since the one before"), "{receipt}");

    let named = json!([{ "name": "Small Signs", "amount": usd("10") }]);
    let bid = json!({ "input": bid_input(&firm, &solicitation, "98000", &named) });
    let bid = app.mutate_ok(&firm.token, SUBMIT_BID, bid).await["bid"]["id"].take();
    let id = json!({ "id": bid });
    let mine = app.query(&firm.token, OF_BID, id.clone()).await["node"].take();
    assert_contains(
        &mine["receipt"],
        &[
            "Department: Department BSS",
            "Solicitation: RFB-9, Street sweeping, Harbor district",
            ordinance.pick(
                "Bids due: Wednesday, February 11, 2026, 2:00 p.m. PST",
                "Bids due: Wednesday, February 11, 2026, 5:00 p.m. EST",
            ),
            "From: Harbor Paving (The owner's legal name, sole proprietor)",
            ordinance.pick(
                "Received: Monday, February 2, 2026, 12:00:09 p.m. PST",
                "Received: Monday, February 2, 2026, 3:00:09 p.m. EST",
            ),
            &format!("Bid: {}", text(&bid)),
            "Amount: USD 98,000.00",
            "Subcontractors named: 1",
        ],
    );
    for token in [&rival.token, &department.token] {
        let data = app.query(token, OF_BID, id.clone()).await;
        assert_eq!(data["node"], Value::Null, "the bid is sealed");
    }
    let data = app.query(&rival.token, OF_FILING, json!({ "id": filed })).await;
    assert_eq!(data["disclosure"], Value::Null);

    // Later changes of the firm's names and of the due time are not what was received.
    let update = json!({ "id": firm.id, "revision": 1, "input": {
        "legalName": "The next owner's legal name", "doingBusinessAs": ["Breakwater Paving"],
    } });
    app.mutate_ok(&firm.token, UPDATE_ORGANIZATION, update).await;
    let amendment = json!({ "input": {
        "id": solicitation, "addendum": "A week more.", "dueAt": "2026-02-18T22:00:00Z",
    } });
    app.mutate_ok(&department.token, AMEND_SOLICITATION, amendment).await;
    let data = app.query(&firm.token, OF_FILING, json!({ "id": filed })).await;
    assert_eq!(data["disclosure"]["receipt"], first, "it does not change");
    let again = reaffirmation(&firm, 2);
    let again = app.mutate_ok(&firm.token, REAFFIRM_DISCLOSURE, again).await;
    let variables = json!({ "id": again["disclosure"]["id"] });
    let data = app.query(&firm.token, OF_FILING, variables).await;
    assert_contains(
        &data["disclosure"]["receipt"],
        &["From: Breakwater Paving (The next owner's legal name, sole proprietor)"],
    );

    app.advance_to(AFTER);
    for token in [&department.token, &app.reviewer_token(), &firm.token] {
        let data = app.query(token, OF_BID, id.clone()).await;
        assert_eq!(data["node"]["receipt"], mine["receipt"], "it does not change");
    }
    app.assert_verifies().await;
}
