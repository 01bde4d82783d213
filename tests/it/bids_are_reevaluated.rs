//! A change to what a bid depends on adds a new decision and keeps the earlier ones.
use candor_tests::due_times::february::{AFTER, DUE};
use candor_tests::fixtures::{Firm, agreements_statement, no_dealings, usd};
use candor_tests::steps::{
    ACCEPT_DISCLOSURE, AMEND_SOLICITATION, CREATE_ORGANIZATION, REAFFIRM_DISCLOSURE,
    classified_agreement, detention_agreement, list_last_findings, list_outcomes, reaffirmation,
};
use candor_tests::{TestApp, stories};
use serde_json::{Value, json};

stories![
    a_classified_agreement_is_held_accepted_and_admitted,
    a_member_files_on_the_last_day_to_cure,
    a_member_misses_the_last_day,
    a_subcontractor_is_resolved_once_it_registers_and_files,
    a_stale_disclosure_is_cured_in_time_or_not,
    the_disclosure_on_file_when_bids_are_due_counts,
    an_addendum_restarts_the_cure_period,
    pending_work_after_a_crash_is_processed_once,
    unrelated_changes_make_no_decision,
];

const CURE_BY: &str = "2026-02-20T08:00:00+00:00";
const LAST_INSTANT_TO_CURE: &str = "2026-02-20T07:59:59.999999Z";
const AFTER_CURE_PERIOD: &str = "2026-02-20T08:00:15Z";

/// Registers a joint venture of two, the second of which has never filed; returns its held bid too.
async fn held_venture(app: &TestApp) -> (Firm, Firm, Value) {
    let department = app.create_department("BSS").await;
    let solicitation = app.publish_solicitation(&department, DUE).await;
    let (north, south) = (
        app.register_disclosing_firm("North Paving").await,
        app.register_firm("South Paving").await,
    );
    let member = |firm: &Firm, name: &str| json!({ "organizationId": firm.id, "name": name });
    let input = json!({
        "kind": "JOINT_VENTURE", "legalName": "Harbor Joint Venture",
        "jointVentureMembers": [member(&north, "North"), member(&south, "South")],
    });
    let venture = app.register_organization("venture", input).await;
    app.file_and_load_disclosure(&venture, no_dealings()).await;
    let held = app.submit_bid(&venture, &solicitation, "100000").await;
    assert_eq!(held["bid"]["status"], "HELD");
    assert_eq!(held["bid"]["cureBy"], CURE_BY);
    (venture, south, held["bid"]["id"].clone())
}

async fn a_classified_agreement_is_held_accepted_and_admitted(app: TestApp) {
    let department = app.create_department("BSS").await;
    let solicitation = app.publish_solicitation(&department, DUE).await;
    let firm = app.register_firm("Quiet Paving").await;
    let filed = app
        .file_and_load_disclosure(
            &firm,
            agreements_statement(&[classified_agreement(), detention_agreement()]),
        )
        .await;
    let held = app.submit_bid(&firm, &solicitation, "100000").await;
    assert_eq!(held["bid"]["status"], "HELD");
    app.advance_to(AFTER);
    let accept = json!({ "id": filed["id"], "remark": "Seen with the contracting officer." });
    let accepted = app.mutate_ok(&app.reviewer_token(), ACCEPT_DISCLOSURE, accept).await;
    assert_eq!(accepted["disclosure"]["review"], "ACCEPTED");

    for token in [app.reviewer_token(), firm.token.clone(), department.token.clone()] {
        let bid = app.load_bid(&token, &held["bid"]["id"]).await;
        assert_eq!(bid["status"], "ADMITTED");
        assert_eq!(list_outcomes(&bid), ["REVIEW", "ADMIT"]);
        let changes = &bid["decisions"][1]["changes"];
        assert_eq!(changes.as_array().map(Vec::len), Some(1), "{changes:#}");
        assert_eq!(changes[0]["change"], "CHANGED");
        assert_eq!(changes[0]["before"]["code"], "disclosure.partly_withheld");
        assert_eq!(changes[0]["before"]["severity"], "REVIEW");
        assert_eq!(changes[0]["after"]["severity"], "NOTE");
        assert_eq!(bid["decisions"][0]["changes"], json!([]), "the first decision has no changes");
    }
    // The ledger names the service, not the person whose change caused the re-evaluation.
    let trail = "query($id: ID!) { auditTrail(subject: $id) { nodes { action actor } } }";
    let trail = app.query(&firm.token, trail, json!({ "id": held["bid"]["id"] })).await;
    let last = &trail["auditTrail"]["nodes"].as_array().expect("entries")[3];
    assert_eq!((&last["action"], &last["actor"]), (&json!("bid.redecided"), &json!("candor")));
    app.assert_verifies().await;
}

async fn a_member_files_on_the_last_day_to_cure(app: TestApp) {
    let (venture, south, bid) = held_venture(&app).await;
    app.advance_to(LAST_INSTANT_TO_CURE);
    assert_eq!(app.sweep().await.changed, 0, "the period has not ended");
    app.file_and_load_disclosure(&south, agreements_statement(&[detention_agreement()])).await;
    let admitted_bid = app.load_bid(&venture.token, &bid).await;
    assert_eq!(admitted_bid["status"], "ADMITTED");
    assert_eq!(admitted_bid["cureBy"], Value::Null);
    assert_eq!(list_outcomes(&admitted_bid), ["REVIEW", "ADMIT"]);
    assert_eq!(admitted_bid["decisions"][1]["changes"][0]["change"], "GONE");
    app.advance_to(AFTER_CURE_PERIOD);
    assert_eq!(app.sweep().await.changed, 0, "it was cured");
    app.assert_verifies().await;
}

async fn a_member_misses_the_last_day(app: TestApp) {
    let (venture, south, bid) = held_venture(&app).await;
    app.advance_to(AFTER_CURE_PERIOD);
    let swept = app.sweep().await;
    assert_eq!((swept.changed, swept.has_remaining), (1, false));
    let missed = app.load_bid(&venture.token, &bid).await;
    assert_eq!(missed["status"], "REFUSED");
    assert_eq!(list_outcomes(&missed), ["REVIEW", "BLOCK"]);
    assert_eq!(list_last_findings(&missed), ["joint_venture.member_missing_disclosure BLOCK"]);
    let finding = &missed["decisions"][1]["findings"][0];
    let message = finding["message"].as_str().expect("words");
    assert!(
        message.ends_with("The time to fix this ended on Thursday, February 19, 2026."),
        "{message}"
    );
    assert_eq!(finding["cureBy"], Value::Null);
    // A late filing changes nothing, and a second sweep does nothing.
    app.file_and_load_disclosure(&south, no_dealings()).await;
    assert_eq!(app.sweep().await.changed, 0);
    assert_eq!(list_outcomes(&app.load_bid(&venture.token, &bid).await).len(), 2);
    app.assert_verifies().await;
}

async fn a_subcontractor_is_resolved_once_it_registers_and_files(app: TestApp) {
    let department = app.create_department("BSS").await;
    let solicitation = app.publish_solicitation(&department, DUE).await;
    let (prime, other) = (
        app.register_disclosing_firm("Prime Paving").await,
        app.register_disclosing_firm("Other").await,
    );
    let uei = json!({ "scheme": "UEI", "id": "L997DB4PEJL8" });
    let named = json!([{ "name": "Harbor Paint", "identifier": uei, "amount": usd("30000") }]);
    let held = app.submit_bid_with(&prime, &solicitation, "100000", named.clone()).await;
    assert_eq!(held["bid"]["status"], "HELD");
    let late = app.submit_bid_with(&other, &solicitation, "90000", named).await;
    // Registration alone does not make it current.
    let token = app.token("harbor-paint", &[candor_tests::Role::Bidder]);
    let input = json!({
        "kind": "CORPORATION", "legalName": "Harbor Paint Inc.", "identifiers": [uei],
    });
    let created = app.mutate_ok(&token, CREATE_ORGANIZATION, json!({ "input": input })).await;
    let paint = Firm { id: created["organization"]["id"].as_str().expect("an id").into(), token };
    // One prime withdraws its bid; the other's remains pending until the last instant.
    let gone = json!({ "id": late["bid"]["id"] });
    app.mutate_ok(&other.token, candor_tests::steps::WITHDRAW_BID, gone).await;
    app.advance_to(LAST_INSTANT_TO_CURE);
    app.file_and_load_disclosure(&paint, no_dealings()).await;
    let bid = app.load_bid(&prime.token, &held["bid"]["id"]).await;
    assert_eq!(bid["status"], "ADMITTED");
    assert_eq!(list_last_findings(&bid), Vec::<String>::new());
    let withdrawn = app.load_bid(&other.token, &late["bid"]["id"]).await;
    assert_eq!(withdrawn["status"], "WITHDRAWN");
    // Held before and after the registration: first nobody was known, then nothing was on file.
    let outcomes = list_outcomes(&withdrawn);
    assert_eq!(outcomes, ["REVIEW", "REVIEW"], "a withdrawn bid is not re-evaluated");
    // Later changes that leave it current are not visible to the prime.
    app.file_and_load_disclosure(&paint, agreements_statement(&[detention_agreement()])).await;
    let quiet = app.load_bid(&prime.token, &held["bid"]["id"]).await;
    assert_eq!(list_outcomes(&quiet), ["REVIEW", "REVIEW", "ADMIT"]);
    // The subcontractor sees neither bid.
    let data = app.load_bid(&paint.token, &held["bid"]["id"]).await;
    assert_eq!(data, Value::Null);
    app.assert_verifies().await;
}

async fn a_stale_disclosure_is_cured_in_time_or_not(app: TestApp) {
    let department = app.create_department("BSS").await;
    app.advance_to("2025-02-10T20:00:00Z");
    let (early, late) = (
        app.register_disclosing_firm("Early Paving").await,
        app.register_disclosing_firm("Late").await,
    );
    app.advance_to("2026-02-02T20:00:00Z");
    let solicitation = app.publish_solicitation(&department, DUE).await;
    let mut bids = Vec::new();
    for firm in [&early, &late] {
        let held = app.submit_bid(firm, &solicitation, "100000").await;
        assert_eq!(held["decision"]["findings"][0]["code"], "disclosure.stale");
        bids.push(held["bid"]["id"].clone());
    }
    app.advance_to(LAST_INSTANT_TO_CURE);
    app.mutate_ok(&early.token, REAFFIRM_DISCLOSURE, reaffirmation(&early, 1)).await;
    let admitted_bid = app.load_bid(&early.token, &bids[0]).await;
    assert_eq!(
        (&admitted_bid["status"], &admitted_bid["disclosure"]["version"]),
        (&json!("ADMITTED"), &json!(2))
    );
    app.advance_to(AFTER_CURE_PERIOD);
    // Filed at the instant at which the period ends, before any sweep.
    app.mutate_ok(&late.token, REAFFIRM_DISCLOSURE, reaffirmation(&late, 1)).await;
    let missed = app.load_bid(&late.token, &bids[1]).await;
    assert_eq!(missed["status"], "REFUSED");
    assert_eq!(list_last_findings(&missed), ["disclosure.stale BLOCK"]);
    assert_eq!(missed["disclosure"]["version"], 1, "the disclosure on file at the deadline counts");
    // Later filings have no effect on either.
    app.advance_to("2026-02-25T20:00:00Z");
    app.file_and_load_disclosure(&early, agreements_statement(&[classified_agreement()])).await;
    let after = app.load_bid(&early.token, &bids[0]).await;
    assert_eq!(
        (&after["status"], &after["disclosure"]["version"]),
        (&json!("ADMITTED"), &json!(2))
    );
    app.assert_verifies().await;
}

async fn the_disclosure_on_file_when_bids_are_due_counts(app: TestApp) {
    let department = app.create_department("BSS").await;
    let solicitation = app.publish_solicitation(&department, DUE).await;
    let firm = app.register_disclosing_firm("Prime Paving").await;
    let bid = json!(app.submit_admitted_bid(&firm, &solicitation, "100000").await);
    // Until bids are due, an amendment replaces the earlier filing.
    app.advance_to(DUE);
    app.file_and_load_disclosure(&firm, agreements_statement(&[detention_agreement()])).await;
    let amended = app.load_bid(&firm.token, &bid).await;
    assert_eq!(
        (&amended["status"], &amended["disclosure"]["version"]),
        (&json!("ADMITTED"), &json!(2))
    );
    assert_eq!(amended["decisions"][1]["changes"][0]["change"], "NEW");
    assert_eq!(list_last_findings(&amended), ["dhs.agreement_disclosed NOTE"]);
    // After that it does not, because there was nothing to cure.
    app.advance_to(AFTER);
    app.file_and_load_disclosure(&firm, agreements_statement(&[classified_agreement()])).await;
    let after = app.load_bid(&firm.token, &bid).await;
    assert_eq!(
        (&after["status"], &after["disclosure"]["version"]),
        (&json!("ADMITTED"), &json!(2))
    );
    assert_eq!(list_last_findings(&after), ["dhs.agreement_disclosed NOTE"]);
    app.assert_verifies().await;
}

async fn an_addendum_restarts_the_cure_period(app: TestApp) {
    let department = app.create_department("BSS").await;
    app.advance_to("2025-02-12T20:00:00Z");
    let firm = app.register_disclosing_firm("Prime Paving").await;
    app.advance_to("2026-02-02T20:00:00Z");
    let solicitation = app.publish_solicitation(&department, DUE).await;
    let bid = json!(app.submit_admitted_bid(&firm, &solicitation, "100000").await);
    let amend = |due: &str| {
        let input = json!({ "id": solicitation, "addendum": "A later time.", "dueAt": due });
        json!({ "input": input })
    };
    app.mutate_ok(&department.token, AMEND_SOLICITATION, amend("2026-02-12T22:00:00Z")).await;
    assert_eq!(list_outcomes(&app.load_bid(&firm.token, &bid).await), ["ADMIT", "ADMIT"]);
    app.mutate_ok(&department.token, AMEND_SOLICITATION, amend("2026-02-13T22:00:00Z")).await;
    let held = app.load_bid(&firm.token, &bid).await;
    assert_eq!(held["status"], "HELD");
    assert_eq!(list_last_findings(&held), ["disclosure.stale REVIEW"]);
    app.assert_verifies().await;
}

async fn pending_work_after_a_crash_is_processed_once(app: TestApp) {
    let (venture, south, bid) = held_venture(&app).await;
    app.advance_to(LAST_INSTANT_TO_CURE);
    // The filing is committed, and the service crashes before it re-evaluates the dependent bids.
    let (draft, revision) = app.save_draft(&south, no_dealings()).await;
    app.file_and_crash(&south, &draft, revision).await;
    assert_eq!(app.load_bid(&venture.token, &bid).await["status"], "HELD");
    assert_eq!(app.select_number("SELECT COUNT(*) FROM reevaluation").await, 1);
    app.advance_to("2026-02-23T20:00:00Z");
    assert_eq!(app.sweep().await.changed, 1);
    let admitted_bid = app.load_bid(&venture.token, &bid).await;
    assert_eq!(
        admitted_bid["status"], "ADMITTED",
        "it was cured in time, however late the decision is"
    );
    assert_eq!(app.sweep().await.changed, 0);
    assert_eq!(app.select_number("SELECT COUNT(*) FROM reevaluation").await, 0);
    app.assert_verifies().await;
}

async fn unrelated_changes_make_no_decision(app: TestApp) {
    let department = app.create_department("BSS").await;
    let solicitation = app.publish_solicitation(&department, DUE).await;
    let (firm, rival) =
        (app.register_disclosing_firm("Prime Paving").await, app.register_firm("Rival").await);
    let bid = json!(app.submit_admitted_bid(&firm, &solicitation, "100000").await);
    let refused = app.submit_bid(&rival, &solicitation, "90000").await;
    assert_eq!(refused["bid"], Value::Null);
    // A refused firm must submit again: a later filing does not make a bid of its attempt.
    app.file_and_load_disclosure(&rival, no_dealings()).await;
    app.advance_to(AFTER);
    app.file_and_load_disclosure(&rival, no_dealings()).await;
    assert_eq!(app.sweep().await.changed, 0);
    let bids = "SELECT COUNT(*) FROM bid WHERE status = 'REFUSED'";
    assert_eq!(app.select_number(bids).await, 1);
    assert_eq!(list_outcomes(&app.load_bid(&firm.token, &bid).await), ["ADMIT"]);
    assert_eq!(app.select_number("SELECT COUNT(*) FROM reevaluation").await, 0);
    app.assert_verifies().await;
}
