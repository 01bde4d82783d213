//! Due times, freshness and cure periods, in the City's time zone.
use candor_tests::due_times::march::{AFTER, DUE};
use candor_tests::fixtures::{Department, Firm, list_finding_codes, no_dealings};
use candor_tests::steps::{
    BID_READINESS, REAFFIRM_DISCLOSURE, SUBMIT_BID, WITHDRAW_BID, bid_input, reaffirmation, text,
};
use candor_tests::{TestApp, stories};
use serde_json::{Value, json};

stories![
    the_due_microsecond_is_in_time_and_the_next_is_not,
    a_bid_can_be_withdrawn_until_the_due_microsecond,
    a_joint_venture_cures_over_thanksgiving,
    a_filing_is_fresh_for_365_local_days_whatever_the_clocks_do,
    a_stale_filing_is_cured_by_one_step,
];

/// Counts attempts, decisions and ledger entries.
async fn count_written(app: &TestApp) -> [i64; 3] {
    [
        app.select_number("SELECT COUNT(*) FROM bid").await,
        app.select_number("SELECT COUNT(*) FROM decision").await,
        app.select_number("SELECT COUNT(*) FROM ledger").await,
    ]
}

async fn the_due_microsecond_is_in_time_and_the_next_is_not(app: TestApp) {
    let department = app.create_department("BSS").await;
    let solicitation = app.publish_solicitation(&department, DUE).await;
    let punctual = app.register_disclosing_firm("Punctual Paving").await;
    let late = app.register_disclosing_firm("Late Paving").await;
    let open = "query($id: ID!) { solicitation(id: $id) { open } }";
    let open = async || {
        let data = app.query(&late.token, open, json!({ "id": solicitation })).await;
        data["solicitation"]["open"].clone()
    };
    app.advance_to(DUE);
    assert_eq!(open().await, true);
    let payload = app.submit_bid(&punctual, &solicitation, "100000").await;
    assert_eq!(payload["bid"]["status"], "ADMITTED");
    assert_eq!(payload["bid"]["submittedAt"], "2026-03-10T22:00:00+00:00");

    let before = count_written(&app).await;
    for after in [AFTER, "2026-03-10T22:00:01Z", "2027-03-10T22:00:00Z"] {
        app.advance_to(after);
        assert_eq!(open().await, false);
        let payload = app.submit_bid(&late, &solicitation, "100000").await;
        assert_eq!((&payload["bid"], &payload["decision"]), (&Value::Null, &Value::Null));
        let errors = &payload["userErrors"];
        assert_eq!(
            candor_tests::steps::format_user_errors(errors),
            ["input.solicitationId past_due"]
        );
        assert!(
            text(&errors[0]["message"]).starts_with("Bids were due Tuesday, March 10, 2026, 3:00")
        );
        let input = json!({ "input": bid_input(&late, &solicitation, "100000", &json!([])) });
        assert_eq!(app.fault_code(&late.token, BID_READINESS, input).await, "BAD_USER_INPUT");
    }
    assert_eq!(count_written(&app).await, before, "a late bid writes nothing");
    app.assert_verifies().await;
}

async fn a_bid_can_be_withdrawn_until_the_due_microsecond(app: TestApp) {
    let department = app.create_department("BSS").await;
    let firm = app.register_disclosing_firm("Punctual Paving").await;
    let mut bids = Vec::new();
    for _ in 0..2 {
        let solicitation = app.publish_solicitation(&department, DUE).await;
        bids.push(app.submit_admitted_bid(&firm, &solicitation, "100000").await);
    }
    app.advance_to(DUE);
    let gone = app.mutate_ok(&firm.token, WITHDRAW_BID, json!({ "id": bids[0] })).await;
    assert_eq!(gone["bid"]["status"], "WITHDRAWN");
    assert_eq!(gone["bid"]["withdrawnAt"], "2026-03-10T22:00:00+00:00");
    app.advance_to(AFTER);
    for bid in &bids {
        let fault = app.fault_code(&firm.token, WITHDRAW_BID, json!({ "id": bid })).await;
        assert_eq!(fault, "CONFLICT");
    }
    assert_eq!(app.select_number("SELECT COUNT(*) FROM bid WHERE status = 'ADMITTED'").await, 1);
    app.assert_verifies().await;
}

async fn register_venture(app: &TestApp, members: &[&Firm]) -> Firm {
    let named = |(index, firm): (usize, &&Firm)| json!({ "organizationId": firm.id, "name": format!("Member {index}") });
    let members: Vec<_> = members.iter().enumerate().map(named).collect();
    let input = json!({
        "kind": "JOINT_VENTURE", "legalName": "Harbor Joint Venture",
        "jointVentureMembers": members,
    });
    let register_venture = app.register_organization("venture", input).await;
    app.file_and_load_disclosure(&register_venture, no_dealings()).await;
    register_venture
}

async fn a_joint_venture_cures_over_thanksgiving(app: TestApp) {
    let department = app.create_department("BSS").await;
    let (north, south) = (
        app.register_disclosing_firm("North Paving").await,
        app.register_firm("South Paving").await,
    );
    let register_venture = register_venture(&app, &[&north, &south]).await;
    // Wednesday, November 25, 2026, 14:00: Thursday and Friday are holidays, followed by the
    // weekend.
    let due = "2026-11-25T22:00:00Z";
    let solicitation = app.publish_solicitation(&department, due).await;
    let held = app.submit_bid(&register_venture, &solicitation, "100000").await;
    assert_eq!(held["bid"]["status"], "HELD");
    assert_eq!(list_finding_codes(&held["decision"]), ["joint_venture.member_missing_disclosure"]);
    let finding = &held["decision"]["findings"][0];
    assert_eq!(finding["severity"], "REVIEW");
    assert!(text(&finding["message"]).starts_with("Member 1, a member of the joint venture,"));
    // Five business days: November 30 to December 4. Local midnight is 08:00 UTC in winter.
    let cure_by = json!("2026-12-05T08:00:00+00:00");
    assert_eq!(finding["cureBy"], cure_by);
    assert_eq!((&held["bid"]["cureBy"], &held["decision"]["cureBy"]), (&cure_by, &cure_by));
    let letter = text(&held["decision"]["letter"]);
    assert!(
        letter.contains("by the end of Friday, December 4, 2026 (Los Angeles time)"),
        "{letter}"
    );

    // After the member files, the same bid is admitted.
    app.mutate_ok(&register_venture.token, WITHDRAW_BID, json!({ "id": held["bid"]["id"] })).await;
    app.file_and_load_disclosure(&south, no_dealings()).await;
    let admitted = app.submit_bid(&register_venture, &solicitation, "100000").await;
    assert_eq!(admitted["bid"]["status"], "ADMITTED");
    assert_eq!(admitted["decision"]["findings"], json!([]));
    app.assert_verifies().await;
}

/// Files at one time and submits a bid on a solicitation due at the other; returns the payload.
async fn bid_with_a_filing_of(app: &TestApp, of: &Department, filed: &str, due: &str) -> Value {
    app.advance_to(filed);
    let firm = app.register_disclosing_firm(&format!("Perennial Paving {filed} {due}")).await;
    let now = candor_tests::parse_instant(due) - chrono::TimeDelta::days(7);
    app.advance_to(&now.to_rfc3339());
    let solicitation = app.publish_solicitation(of, due).await;
    app.submit_bid(&firm, &solicitation, "100000").await
}

async fn a_filing_is_fresh_for_365_local_days_whatever_the_clocks_do(app: TestApp) {
    let department = app.create_department("BSS").await;
    for (filed, due) in [
        // March 8, 2025, 23:30 standard time, and March 8, 2026, 23:30, after clocks went forward
        // that morning: 365 local days, an hour less than 365 times 24 hours.
        ("2025-03-09T07:30:00Z", "2026-03-09T06:30:00Z"),
        // November 1, 2025, 00:30 daylight time, and November 1, 2026, a microsecond before midnight,
        // after clocks went back: 365 local days, more than 366 times 24 hours.
        ("2025-11-01T07:30:00Z", "2026-11-02T07:59:59.999999Z"),
    ] {
        let payload = bid_with_a_filing_of(&app, &department, filed, due).await;
        assert_eq!(payload["bid"]["status"], "ADMITTED", "{filed} {due}");
        assert_eq!(payload["decision"]["findings"], json!([]));
    }
    for (filed, due, days, cure_by, last) in [
        // The same filing and March 9, 2026, 00:30: exactly 365 times 24 hours, and 366 local days.
        // The 10th to the 13th and the 16th are business days.
        (
            "2025-03-09T07:30:00Z",
            "2026-03-09T07:30:00Z",
            "366 days",
            "2026-03-17T07:00:00+00:00",
            "Monday, March 16, 2026",
        ),
        // A microsecond later it is November 2. Wednesday the 11th is Veterans Day; the five days,
        // November 3 to 9, end before it.
        (
            "2025-11-01T07:30:00Z",
            "2026-11-02T08:00:00Z",
            "366 days",
            "2026-11-10T08:00:00+00:00",
            "Monday, November 9, 2026",
        ),
    ] {
        let payload = bid_with_a_filing_of(&app, &department, filed, due).await;
        assert_eq!(payload["bid"]["status"], "HELD", "{filed} {due}");
        assert_eq!(list_finding_codes(&payload["decision"]), ["disclosure.stale"]);
        let finding = &payload["decision"]["findings"][0];
        assert_eq!(finding["severity"], "REVIEW");
        assert_eq!(finding["cureBy"], cure_by);
        assert_eq!(payload["bid"]["cureBy"], cure_by);
        assert!(text(&finding["message"]).contains(days), "{finding}");
        assert!(text(&finding["remedy"]).contains(last), "{finding}");
    }
    app.assert_verifies().await;
}

async fn a_stale_filing_is_cured_by_one_step(app: TestApp) {
    let department = app.create_department("BSS").await;
    app.advance_to("2025-01-15T20:00:00Z");
    let firm = app.register_disclosing_firm("Perennial Paving").await;
    app.advance_to("2026-03-01T20:00:00Z");
    let solicitation = app.publish_solicitation(&department, DUE).await;
    let held = app.submit_bid(&firm, &solicitation, "100000").await;
    assert_eq!(held["bid"]["status"], "HELD");
    let again = app.mutate_ok(&firm.token, REAFFIRM_DISCLOSURE, reaffirmation(&firm, 1)).await;
    assert_eq!(again["disclosure"]["kind"], "NO_CHANGE");
    // The held bid still counts: another is refused until it is withdrawn.
    let input = json!({ "input": bid_input(&firm, &solicitation, "100000", &json!([])) });
    assert_eq!(app.fault_code(&firm.token, SUBMIT_BID, input).await, "CONFLICT");
    app.mutate_ok(&firm.token, WITHDRAW_BID, json!({ "id": held["bid"]["id"] })).await;
    let admitted = app.submit_bid(&firm, &solicitation, "100000").await;
    assert_eq!(admitted["bid"]["status"], "ADMITTED");
    assert_eq!(admitted["bid"]["disclosure"]["id"], again["disclosure"]["id"]);
    app.assert_verifies().await;
}
