//! What a letter says can be done is done over the API, and has the effect that the letter says; where it
//! says that nothing helps, the firm tries in vain.
use candor_tests::contracts::{
    APPROVE_WAIVER, AWARD_CONTRACT, Ordinance, REQUEST_WAIVER, award_of_bid, list_findings,
};
use candor_tests::due_times::march::{AFTER, DUE};
use candor_tests::fixtures::{Department, Firm, attestation, no_dealings, usd};
use candor_tests::steps::{
    AMEND_SOLICITATION, CANCEL_SOLICITATION, DECIDE_APPEAL, FILE_DISCLOSURE, format_user_errors,
    list_last_findings, list_outcomes, text,
};
use candor_tests::{TestApp, stories_under_both_policies};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

stories_under_both_policies![
    a_subcontractor_files_in_time_or_too_late,
    a_refused_firm_files_and_submits_again,
    a_firm_has_days_to_file,
    two_waivers_revive_a_bid_one_after_the_other,
    after_the_due_time_a_rejection_leaves_the_appeal,
    an_appeal_leaves_what_else_holds_the_bid,
    an_addendum_moves_the_time_of_a_refused_bid,
    an_appeal_before_the_due_time_counts_after_it,
    an_award_without_a_bid_is_tried_again,
];

const NOTHING_HELPS: &str = "Nothing that the firm does now changes this decision.";

/// The letter of a decision, as the bearer of a token reads it.
async fn read_letter(app: &TestApp, token: &str, decision: &Value) -> String {
    let letter = "query($id: ID!) { decision(id: $id) { letter } }";
    let data = app.query(token, letter, json!({ "id": decision })).await;
    text(&data["decision"]["letter"])
}

/// The only finding of a bid's last decision.
fn only_finding(bid: &Value) -> &Value {
    let decision = bid["decisions"].as_array().and_then(|all| all.last()).expect("a decision");
    let findings = decision["findings"].as_array().expect("findings");
    assert_eq!(findings.len(), 1, "{findings:?}");
    &findings[0]
}

fn remedy(finding: &Value) -> String {
    text(&finding["remedy"])
}

/// The last microsecond before a finding's time to cure ends, and the time at which that has settled.
fn cure_end(finding: &Value) -> (DateTime<Utc>, DateTime<Utc>) {
    let cure_by: DateTime<Utc> = text(&finding["cureBy"]).parse().expect("a time");
    (cure_by - TimeDelta::microseconds(1), cure_by + TimeDelta::seconds(15))
}

fn award(bid: &Value, clause: i64) -> Value {
    award_of_bid(bid, "C-1", ("2026-06-01", "2027-05-31"), clause)
}

/// Has a reviewer request, and a supervisor approve, the waiver of a rule for a firm's bid.
async fn waive(app: &TestApp, solicitation: &str, firm: &Firm, rule: &str) {
    let expires_on = app.now().date_naive() + TimeDelta::days(60);
    let input = json!({ "input": {
        "solicitationId": solicitation, "organizationId": firm.id, "rule": rule,
        "purpose": "The windows.", "alternatives": "None.", "cost": "Little.",
        "costAmount": usd("100"), "authority": "Council File 26-0417", "expiresOn": expires_on,
    } });
    let payload = app.mutate_ok(&app.reviewer_token(), REQUEST_WAIVER, input).await;
    let id = json!({ "id": payload["waiver"]["id"] });
    app.mutate_ok(&app.supervisor_token("supervisor"), APPROVE_WAIVER, id).await;
}

async fn submit_naming(app: &TestApp, prime: &Firm, solicitation: &str, named: &Firm) -> Value {
    let named =
        json!([{ "organizationId": named.id, "name": "Loose Gravel", "amount": usd("90000") }]);
    let mut payload = app.submit_bid_with(prime, solicitation, "200000", named).await;
    assert_eq!(payload["bid"]["status"], "HELD", "{payload:#}");
    payload["bid"]["id"].take()
}

async fn a_subcontractor_files_in_time_or_too_late(app: TestApp, ordinance: Ordinance) {
    let department = app.create_department("GSD").await;
    let prime = app.register_disclosing_firm("Clear Windows").await;
    let [punctual, late] =
        [app.register_firm("Loose Gravel").await, app.register_firm("Late Gravel").await];
    let mut bids = Vec::new();
    let mut solicitations = Vec::new();
    for named in [&punctual, &late] {
        let solicitation = app.publish_solicitation(&department, DUE).await;
        bids.push(submit_naming(&app, &prime, &solicitation, named).await);
        solicitations.push(solicitation);
    }
    let held = app.load_bid(&prime.token, &bids[0]).await;
    let open = remedy(only_finding(&held));
    assert!(
        open.starts_with("Have the subcontractor file its own disclosure by the end of"),
        "{open}"
    );
    assert!(open.contains("names another subcontractor"), "{open}");

    // In the last moment, and one firm only.
    let (last_moment, settled) = cure_end(only_finding(&held));
    app.set_clock(last_moment);
    app.file_and_load_disclosure(&punctual, no_dealings()).await;
    let cured = app.load_bid(&prime.token, &bids[0]).await;
    assert_eq!(cured["status"], "ADMITTED");

    app.set_clock(settled);
    app.sweep().await;
    let refused = app.load_bid(&prime.token, &bids[1]).await;
    assert_eq!(refused["status"], "REFUSED");
    let finding = only_finding(&refused);
    let left = remedy(finding);
    assert!(left.starts_with(NOTHING_HELPS), "{left}");
    assert!(left.contains("The department may ask the City to waive this rule"), "{left}");
    // No public works: no section of the Public Contract Code about subcontractors of public works.
    let letter = read_letter(&app, &prime.token, &refused["decision"]["id"]).await;
    assert!(
        !letter.contains("4104") && !letter.contains("another subcontractor on a ground"),
        "{letter}"
    );

    // It files too late, in vain; the award says what the letter says.
    app.file_and_load_disclosure(&late, no_dealings()).await;
    app.sweep().await;
    let still = app.load_bid(&prime.token, &bids[1]).await;
    assert_eq!(
        (list_outcomes(&still), &still["status"]),
        (list_outcomes(&refused), &json!("REFUSED"))
    );
    let tried =
        app.mutate(&department.token, AWARD_CONTRACT, award(&bids[1], ordinance.clause)).await;
    assert_eq!(format_user_errors(&tried["userErrors"]), ["input.bidId refused"]);
    let words = text(&tried["userErrors"][0]["message"]);
    assert!(words.contains(&text(&refused["decision"]["id"])) && words.contains(&left), "{words}");

    // The waiver that the letter names revives it.
    waive(&app, &solicitations[1], &prime, "subcontractor.missing_disclosure").await;
    let revived = app.load_bid(&prime.token, &bids[1]).await;
    assert_eq!(revived["status"], "ADMITTED");
    let awarded =
        app.mutate_ok(&department.token, AWARD_CONTRACT, award(&bids[1], ordinance.clause)).await;
    assert_eq!(awarded["decision"]["outcome"], "ADMIT");
    app.assert_verifies().await;
}

async fn a_refused_firm_files_and_submits_again(app: TestApp, law: Ordinance) {
    let department = app.create_department("BSS").await;
    let solicitation = app.publish_solicitation(&department, DUE).await;
    let firm = app.register_firm("Silent Sweeping").await;
    if law.is_invented() {
        // There only a rejected filing refuses a bid at once.
        let filed = app.file_disclosure(&firm, no_dealings()).await;
        app.reject_disclosure(&app.reviewer_token(), &json!(filed)).await;
    }
    let refused = app.submit_bid(&firm, &solicitation, "1000").await;
    let decision = &refused["decision"];
    let letter = read_letter(&app, &firm.token, &decision["id"]).await;
    let due = law
        .pick("Tuesday, March 10, 2026, 3:00 p.m. PDT", "Tuesday, March 10, 2026, 6:00 p.m. EDT");
    let file = law.pick(
        "File a disclosure",
        "Fix what the reviewer's notice names and file a new disclosure",
    );
    let lines = [
        format!("Decision: {}", text(&decision["id"])),
        format!(
            "Bid received: Monday, February 2, 2026, {}",
            law.pick("12:00 p.m. PST", "3:00 p.m. EST")
        ),
        format!("Bids due: {due}"),
        "Effect: the bid is refused.".to_owned(),
        format!("{file} by {due}, when bids are due."),
        format!("Then submit the bid again by {due}"),
    ];
    for line in lines {
        assert!(letter.contains(&line), "{line}\n{letter}");
    }
    assert!(!letter.contains("waits for a signature"), "{letter}");

    // A draft is complete and nobody has signed it: only members of the firm learn of it.
    let (draft, revision) = app.save_draft(&firm, no_dealings()).await;
    let waits = "Your draft of a disclosure is complete and waits for a signature";
    let letter = read_letter(&app, &firm.token, &decision["id"]).await;
    assert!(letter.contains(waits), "{letter}");
    app.advance_to("2026-03-10T21:59:59Z");
    let filing = json!({ "input": {
        "id": draft, "revision": revision, "attestation": attestation(),
    } });
    app.mutate_ok(&firm.token, FILE_DISCLOSURE, filing).await;
    app.submit_admitted_bid(&firm, &solicitation, "1000").await;
    app.save_draft(&firm, no_dealings()).await;
    app.advance_to(AFTER);
    let letter = read_letter(&app, &app.reviewer_token(), &decision["id"]).await;
    assert!(letter.contains("Decision: dec_") && !letter.contains(waits), "{letter}");
    app.assert_verifies().await;
}

async fn a_firm_has_days_to_file(app: TestApp, law: Ordinance) {
    // Under the first policy a firm with a stale filing has days, in the other city one without any.
    app.advance_to(law.pick("2025-02-10T20:00:00Z", "2026-02-10T20:00:00Z"));
    let firms = [app.register_firm("Prompt Paving").await, app.register_firm("Slow Paving").await];
    if !law.is_invented() {
        for firm in &firms {
            app.file_disclosure(firm, no_dealings()).await;
        }
    }
    app.advance_to("2026-02-20T20:00:00Z");
    let department = app.create_department("BSS").await;
    let solicitation = app.publish_solicitation(&department, DUE).await;
    let mut bids = Vec::new();
    for firm in &firms {
        let mut payload = app.submit_bid(firm, &solicitation, "1000").await;
        assert_eq!(payload["bid"]["status"], "HELD", "{payload:#}");
        bids.push(payload["bid"]["id"].take());
    }
    let held = app.load_bid(&firms[0].token, &bids[0]).await;
    let (last_moment, settled) = cure_end(only_finding(&held));
    let zone = law.pick("(Los Angeles time)", "(New York time)");
    assert!(remedy(only_finding(&held)).contains(zone));
    app.set_clock(last_moment);
    app.file_and_load_disclosure(&firms[0], no_dealings()).await;
    assert_eq!(app.load_bid(&firms[0].token, &bids[0]).await["status"], "ADMITTED");
    app.set_clock(settled);
    app.sweep().await;
    let refused = app.load_bid(&firms[1].token, &bids[1]).await;
    assert!(remedy(only_finding(&refused)).starts_with(NOTHING_HELPS));
    app.file_and_load_disclosure(&firms[1], no_dealings()).await;
    app.sweep().await;
    assert_eq!(app.load_bid(&firms[1].token, &bids[1]).await["status"], "REFUSED");
    app.assert_verifies().await;
}

async fn two_waivers_revive_a_bid_one_after_the_other(app: TestApp, law: Ordinance) {
    let department = app.create_department("BSS").await;
    let firm = if law.is_invented() {
        app.register_firm("Silent Sweeping").await
    } else {
        app.register_disclosing_firm("Stale Sweeping").await
    };
    let own = law.pick("disclosure.stale", "disclosure.missing");
    let named = app.register_firm("Loose Gravel").await;
    app.advance_to("2027-02-20T20:00:00Z");
    let due = "2027-03-10T22:00:00Z";
    let solicitation = app.publish_solicitation(&department, due).await;
    let bid = submit_naming(&app, &firm, &solicitation, &named).await;
    app.advance_to("2027-03-25T20:00:00Z");
    app.sweep().await;
    let refused = app.load_bid(&firm.token, &bid).await;
    let blocks = [format!("{own} BLOCK"), "subcontractor.missing_disclosure BLOCK".to_owned()];
    assert_eq!(list_last_findings(&refused), blocks);
    for (rule, status) in [("subcontractor.missing_disclosure", "REFUSED"), (own, "ADMITTED")] {
        waive(&app, &solicitation, &firm, rule).await;
        assert_eq!(app.load_bid(&firm.token, &bid).await["status"], status, "{rule}");
    }
    app.assert_verifies().await;
}

async fn after_the_due_time_a_rejection_leaves_the_appeal(app: TestApp, _law: Ordinance) {
    let department = app.create_department("BSS").await;
    let solicitation = app.publish_solicitation(&department, DUE).await;
    let firm = app.register_firm("Signed Sweeping").await;
    let filed = app.file_and_load_disclosure(&firm, no_dealings()).await;
    let bid = json!(app.submit_admitted_bid(&firm, &solicitation, "1000").await);
    app.advance_to(AFTER);
    app.reject_disclosure(&app.reviewer_token(), &filed["id"]).await;
    let refused = app.load_bid(&firm.token, &bid).await;
    assert_eq!(refused["status"], "REFUSED");
    let left = remedy(only_finding(&refused));
    assert!(left.starts_with("A new disclosure no longer changes this decision."), "{left}");
    assert!(left.contains("The firm may appeal until the end of"), "{left}");
    app.file_and_load_disclosure(&firm, no_dealings()).await;
    app.sweep().await;
    assert_eq!(app.load_bid(&firm.token, &bid).await["status"], "REFUSED");

    let appeal = app.appeal_rejection(&firm, &filed["id"]).await;
    let held = app.load_bid(&firm.token, &bid).await;
    assert_eq!(held["status"], "HELD");
    assert!(remedy(only_finding(&held)).ends_with("decides the appeal."));
    grant_appeal(&app, &appeal).await;
    assert_eq!(app.load_bid(&firm.token, &bid).await["status"], "ADMITTED");
    app.assert_verifies().await;
}

/// Has a supervisor grant the appeal against a rejection.
async fn grant_appeal(app: &TestApp, appeal: &Value) {
    let decision = json!({ "input": {
        "appealId": appeal, "outcome": "REOPENED", "explanation": "The owner may sign.",
    } });
    app.mutate_ok(&app.supervisor_token("supervisor"), DECIDE_APPEAL, decision).await;
}

async fn an_appeal_leaves_what_else_holds_the_bid(app: TestApp, _law: Ordinance) {
    let department = app.create_department("GSD").await;
    let solicitation = app.publish_solicitation(&department, DUE).await;
    let prime = app.register_firm("Signed Windows").await;
    let named = app.register_firm("Loose Gravel").await;
    let filed = app.file_and_load_disclosure(&prime, no_dealings()).await;
    let bid = submit_naming(&app, &prime, &solicitation, &named).await;
    app.advance_to(AFTER);
    app.reject_disclosure(&app.reviewer_token(), &filed["id"]).await;
    let refused = app.load_bid(&prime.token, &bid).await;
    assert_eq!(refused["status"], "REFUSED");
    let last = refused["decisions"].as_array().and_then(|all| all.last()).expect("a decision");
    let mut findings = last["findings"].as_array().expect("findings").iter();
    let of_named = findings
        .find(|it| it["code"] == "subcontractor.missing_disclosure")
        .expect("a finding about the subcontractor");
    assert_eq!(of_named["severity"], "REVIEW");
    let left = remedy(of_named);
    assert!(
        left.starts_with("The bid is refused for another reason: unless that refusal"),
        "{left}"
    );
    let counts = "If it is lifted, this remains to be done: Have the subcontractor file its own \
                  disclosure by the end of";
    assert!(left.contains(counts), "{left}");

    // In the last moment, while the appeal is open.
    let (last_moment, _) = cure_end(of_named);
    let appeal = app.appeal_rejection(&prime, &filed["id"]).await;
    app.set_clock(last_moment);
    app.file_and_load_disclosure(&named, no_dealings()).await;
    grant_appeal(&app, &appeal).await;
    assert_eq!(app.load_bid(&prime.token, &bid).await["status"], "ADMITTED");
    app.assert_verifies().await;
}

async fn an_addendum_moves_the_time_of_a_refused_bid(app: TestApp, law: Ordinance) {
    let department = app.create_department("BSS").await;
    let solicitation = app.publish_solicitation(&department, DUE).await;
    let firm = app.register_firm("Silent Sweeping").await;
    if law.is_invented() {
        let filed = app.file_disclosure(&firm, no_dealings()).await;
        app.reject_disclosure(&app.reviewer_token(), &json!(filed)).await;
    }
    let refused = app.submit_bid(&firm, &solicitation, "1000").await;
    let first = &refused["decision"]["id"];
    let subject = "query($id: ID!) { decision(id: $id) { subjectId } }";
    let data = app.query(&firm.token, subject, json!({ "id": first })).await;
    let bid = &data["decision"]["subjectId"];
    let later = "2026-03-17T22:00:00Z";
    let input = json!({ "input": {
        "id": solicitation, "dueAt": later, "addendum": "Bids are due a week later.",
    } });
    // Another firm files before the addendum and does not bid again: its letter names the new time too.
    let quick = app.register_firm("Quick Sweeping").await;
    let mut firms = vec![&firm];
    let mut decisions = vec![first.clone()];
    if !law.is_invented() {
        let refused = app.submit_bid(&quick, &solicitation, "1000").await;
        app.file_and_load_disclosure(&quick, no_dealings()).await;
        firms.push(&quick);
        decisions.push(refused["decision"]["id"].clone());
    }
    app.mutate_ok(&department.token, AMEND_SOLICITATION, input).await;
    app.sweep().await;
    assert_eq!(app.load_bid(&firm.token, bid).await["status"], "REFUSED");
    let due = law
        .pick("Tuesday, March 17, 2026, 3:00 p.m. PDT", "Tuesday, March 17, 2026, 6:00 p.m. EDT");
    for now in ["2026-02-03T20:00:00Z", "2026-03-12T20:00:00Z"] {
        app.advance_to(now);
        for (firm, decision) in firms.iter().zip(&decisions) {
            let letter = read_letter(&app, &firm.token, decision).await;
            assert!(letter.contains(&format!("Then submit the bid again by {due}")), "{letter}");
            assert!(letter.contains("and what can be done as of"), "{letter}");
            assert!(!letter.contains("March 10"), "{letter}");
        }
    }
    // In the time of the addendum.
    app.advance_to("2026-03-17T21:59:59Z");
    app.file_and_load_disclosure(&firm, no_dealings()).await;
    app.submit_admitted_bid(&firm, &solicitation, "1000").await;
    // Nothing can be done about a bid whose solicitation is canceled.
    let cancel = json!({ "id": solicitation, "reason": "The sweepers are not needed." });
    app.mutate_ok(&department.token, CANCEL_SOLICITATION, cancel).await;
    let letter = read_letter(&app, &firm.token, first).await;
    assert!(
        letter.contains("Nothing more is decided about this bid: the solicitation"),
        "{letter}"
    );
    assert!(!letter.contains("submit the bid again"), "{letter}");
    app.assert_verifies().await;
}

/// An appeal that is made before bids are due counts afterwards, and is not offered again.
async fn an_appeal_before_the_due_time_counts_after_it(app: TestApp, _law: Ordinance) {
    let department = app.create_department("BSS").await;
    let solicitation = app.publish_solicitation(&department, DUE).await;
    let offers = "The firm may appeal until";
    let mut bids = Vec::new();
    for (name, outcome, status) in [
        ("Winning Sweeping", Some("REOPENED"), "ADMITTED"),
        ("Losing Sweeping", Some("UPHELD"), "REFUSED"),
        ("Waiting Sweeping", None, "HELD"),
    ] {
        let firm = app.register_firm(name).await;
        let filed = app.file_and_load_disclosure(&firm, no_dealings()).await;
        let bid = json!(app.submit_admitted_bid(&firm, &solicitation, "1000").await);
        app.reject_disclosure(&app.reviewer_token(), &filed["id"]).await;
        let refused = app.load_bid(&firm.token, &bid).await;
        assert_eq!(refused["status"], "REFUSED", "{name}");
        let letter = read_letter(&app, &firm.token, &refused["decision"]["id"]).await;
        assert!(letter.contains(offers), "{letter}");
        let appeal = app.appeal_rejection(&firm, &filed["id"]).await;
        let letter = read_letter(&app, &firm.token, &refused["decision"]["id"]).await;
        assert!(!letter.contains(offers), "{letter}");
        if let Some(outcome) = outcome {
            let input = json!({ "input": {
                "appealId": appeal, "outcome": outcome, "explanation": "As the papers say.",
            } });
            app.mutate_ok(&app.supervisor_token("supervisor"), DECIDE_APPEAL, input).await;
        }
        app.sweep().await;
        assert_eq!(app.load_bid(&firm.token, &bid).await["status"], "REFUSED", "{name}");
        bids.push((firm, bid, status));
    }
    app.advance_to(AFTER);
    app.sweep().await;
    for (firm, bid, status) in bids {
        let bid = app.load_bid(&firm.token, &bid).await;
        assert_eq!(bid["status"], status);
        let letter = read_letter(&app, &firm.token, &bid["decision"]["id"]).await;
        assert!(!letter.contains(offers), "{letter}");
    }
    app.assert_verifies().await;
}

async fn an_award_without_a_bid_is_tried_again(app: TestApp, ordinance: Ordinance) {
    let department: Department = app.create_department("GSD").await;
    let firm = app.register_firm("Only Pumps").await;
    let award = |clause: Option<i64>| {
        json!({ "input": {
            "departmentId": department.id, "organizationId": firm.id, "method": "SOLE_SOURCE",
            "number": "C-9", "title": "Pumps", "value": usd("250000"), "clauseVersion": clause,
            "startDate": "2026-03-01", "endDate": "2027-02-28",
        } })
    };
    let clause = ordinance.clause;
    let blocked = app.mutate_ok(&department.token, AWARD_CONTRACT, award(None)).await;
    assert_eq!(
        list_findings(&blocked["decision"]),
        ["disclosure.missing BLOCK", "contract.clause_missing BLOCK"]
    );
    let findings = &blocked["decision"]["findings"];
    let words = remedy(&findings[0]);
    assert!(words.contains("before the department tries again to award the contract"), "{words}");
    assert!(remedy(&findings[1]).contains("adds the clause"));
    app.file_and_load_disclosure(&firm, no_dealings()).await;
    let without = app.mutate_ok(&department.token, AWARD_CONTRACT, award(None)).await;
    assert_eq!(list_findings(&without["decision"]), ["contract.clause_missing BLOCK"]);
    let awarded = app.mutate_ok(&department.token, AWARD_CONTRACT, award(Some(clause))).await;
    assert_eq!(awarded["decision"]["outcome"], "ADMIT");
    app.assert_verifies().await;
}
