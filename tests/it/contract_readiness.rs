//! An officer sees whether a contract can be carried on today and at its end, and since when a firm is
//! out of compliance: under the first policy and under an invented city's.
use candor_tests::awards::{AwardSummary, CONFIRM_MATCH, DECIDE_MATCH_APPEAL};
use candor_tests::contracts::{
    AWARD_CONTRACT, Ordinance, PROPOSE_RENEWAL, RENEWALS_DUE, SCREEN_CONTRACTS, list_findings,
};
use candor_tests::fixtures::{Department, no_dealings};
use candor_tests::steps::text;
use candor_tests::{TestApp, stories_under_both_policies};
use serde_json::{Value, json};

stories_under_both_policies![under:
    a_contract_is_ready_today_and_not_at_its_end,
    a_contradicted_firm_is_out_of_compliance,
    a_waiting_action_is_replaced_by_name_only,
    only_what_the_policy_asks_for_is_confirmed,
    an_order_and_its_vehicle_are_one_note,
];

const UEI: &str = "QW3JX8L5T9R2";
const PARENT: &str = "KN3NM7H7GWA5";

/// Awards a contract that needs no bid, from today for three years; returns its identifier.
async fn award(app: &TestApp, department: &Department, firm: &str, law: Ordinance) -> String {
    let input = json!({
        "departmentId": department.id, "organizationId": firm, "method": "SOLE_SOURCE",
        "number": "C-26-1", "title": "Paving", "value": { "amount": "900000", "currency": "USD" },
        "startDate": "2026-02-02", "endDate": "2029-02-01", "clauseVersion": law.clause,
        "optionsLeft": 2,
    });
    let awarded = app.mutate_ok(&department.token, AWARD_CONTRACT, json!({ "input": input })).await;
    text(&awarded["contract"]["id"])
}

/// Returns the only contract that matches a filter, as an analyst screens it.
async fn screen_one(app: &TestApp, filter: Value) -> Value {
    let mut data =
        app.query(&app.analyst_token(), SCREEN_CONTRACTS, json!({ "filter": filter })).await;
    assert_eq!(data["screenContracts"]["totalCount"], 1, "{filter}: {data:#}");
    data["screenContracts"]["nodes"][0].take()
}

/// Returns today's readiness, the readiness at the end and the day on which the disclosure lapses.
fn status(row: &Value) -> [String; 3] {
    ["readiness", "readinessAtEnd", "disclosureLapsesOn"].map(|field| text(&row[field]))
}

mod under {
    use super::*;

    pub async fn a_contract_is_ready_today_and_not_at_its_end(app: TestApp, law: Ordinance) {
        let department = app.create_department("BSS").await;
        let firm = app.register_disclosing_firm("Perennial Paving").await;
        let contract = award(&app, &department, &firm.id, law).await;
        let lapse = law.pick("2027-02-03", "2026-08-04");
        let row = screen_one(&app, json!({ "readiness": ["ADMIT"] })).await;
        assert_eq!(status(&row), ["ADMIT", "BLOCK", lapse], "{row:#}");
        assert_eq!(row["ifRenewedToday"]["action"], "OPTION", "two are left");
        assert_eq!(row["ifRenewedToday"]["findings"], json!([]));
        assert_eq!(list_findings(&row["ifRenewedAtEnd"]), ["disclosure.stale BLOCK"]);
        // The contract itself says the same to its officer.
        let of_contract = "query($id: ID!) { contract(id: $id) {
            readiness readinessAtEnd disclosureLapsesOn } }";
        let data = app.query(&department.token, of_contract, json!({ "id": contract })).await;
        assert_eq!(status(&data["contract"]), ["ADMIT", "BLOCK", lapse]);
        let before =
            |day: &str| json!({ "disclosureLapsesBefore": day, "readinessAtEnd": ["BLOCK"] });
        let next = law.pick("2027-02-04", "2026-08-05");
        screen_one(&app, before(next)).await;
        let none = json!({ "filter": before(lapse) });
        let data = app.query(&app.analyst_token(), SCREEN_CONTRACTS, none).await;
        assert_eq!(data["screenContracts"]["totalCount"], 0, "not on an earlier day");

        // Another ends while the disclosure is still fresh.
        let parts = json!({ "clauseVersion": law.clause });
        let days = ("2025-06-01", "2026-04-03");
        app.record_contract(&department, &firm, "C-25-2", days, parts.clone()).await;
        let row = screen_one(&app, json!({ "endsUntil": "2026-04-03" })).await;
        assert_eq!(status(&row), ["ADMIT", "ADMIT", lapse]);
        assert_eq!(row["ifRenewedToday"]["action"], "RENEWAL", "no option is left");
        assert_eq!(row["ifRenewedToday"]["startDate"], "2026-04-04");

        // The disclosure lapses at a local midnight; a contract is due 60 days later.
        let end = law.pick("2027-04-04", "2026-10-03");
        app.record_contract(&department, &firm, "C-25-3", ("2025-06-01", end), parts).await;
        app.advance_to(law.pick("2027-02-03T07:59:59.999999Z", "2026-08-04T03:59:59.999999Z"));
        app.sweep().await;
        let due = json!({ "endsFrom": end, "endsUntil": end });
        assert_eq!(status(&screen_one(&app, due.clone()).await), ["ADMIT", "BLOCK", lapse]);
        app.assert_verifies().await;
        app.advance_to(law.pick("2027-02-03T08:00:15Z", "2026-08-04T04:00:15Z"));
        app.sweep().await;
        let row = screen_one(&app, due.clone()).await;
        assert_eq!(status(&row), ["BLOCK", "BLOCK", lapse]);
        let window = json!({ "from": end, "to": end, "readiness": ["BLOCK"] });
        let data = app.query(&app.analyst_token(), RENEWALS_DUE, window).await;
        let counts = &data["renewalsDue"]["countsByDepartment"];
        assert_eq!(counts[0]["departmentId"], json!(department.id));
        assert_eq!((&counts[0]["readiness"], &counts[0]["count"]), (&json!("BLOCK"), &json!(1)));
        assert_eq!(counts[0]["value"], json!([{ "amount": "250000.00" }]));
        // What ended in the meantime is judged as of today.
        let row = screen_one(&app, json!({ "endsUntil": "2026-04-03" })).await;
        assert_eq!(status(&row), ["BLOCK", "BLOCK", lapse]);

        app.file_and_load_disclosure(&firm, no_dealings()).await;
        let row = screen_one(&app, due).await;
        let next = law.pick("2028-02-04", "2027-02-03");
        assert_eq!(status(&row), ["ADMIT", "ADMIT", next]);
        app.assert_verifies().await;
        // A cached value that does not follow from the facts is reported.
        app.run_sql("UPDATE contract SET readiness_at_end = 'REVIEW'").await.expect("a hand");
        let wrong = app.find_inconsistency().await;
        assert!(wrong.contains("the cached readiness at the end differs"), "{wrong}");
    }

    pub async fn a_contradicted_firm_is_out_of_compliance(app: TestApp, law: Ordinance) {
        let department = app.create_department("BSS").await;
        let firm = app.register_firm_attesting_none("Quillwort Paving", UEI).await;
        award(&app, &department, &firm.id, law).await;
        app.import_award_rows(&[AwardSummary::default()]).await;
        let open = app.load_only_match(&firm).await;
        let confirmed = app.confirm_match(&app.supervisor_token("boss"), &open).await;
        // Seven business days, ten elsewhere.
        let since = law.pick("2026-02-12", "2026-02-17");
        let ends = law.pick("2026-02-12T08:00:00+00:00", "2026-02-17T05:00:00+00:00");
        assert_eq!(confirmed["respondBy"], ends);
        app.advance_to(law.pick("2026-02-12T07:59:59.999999Z", "2026-02-17T04:59:59.999999Z"));
        app.sweep().await;
        assert_eq!(app.list_noncompliant_contracts().await, Vec::<String>::new());
        // Noticed days later.
        app.advance_to("2026-02-20T20:00:00Z");
        app.sweep().await;
        let expected = [format!("C-26-1 award.confirmed_undisclosed {since}")];
        assert_eq!(app.list_noncompliant_contracts().await, expected);
        let row = screen_one(&app, json!({ "outOfComplianceSince": since })).await;
        assert_eq!(row["readiness"], "BLOCK");
        app.assert_verifies().await;

        let appeal = app.appeal_match(&firm, &open).await;
        assert_eq!(app.list_noncompliant_contracts().await, Vec::<String>::new());
        assert_eq!(screen_one(&app, json!({})).await["readiness"], "REVIEW");
        app.advance_to("2026-02-24T20:00:00Z");
        let upheld = json!({ "input": {
            "appealId": appeal, "outcome": "UPHELD", "explanation": "The number is the firm's.",
        } });
        app.mutate_ok(&app.supervisor_token("other"), DECIDE_MATCH_APPEAL, upheld).await;
        assert_eq!(app.list_noncompliant_contracts().await, expected, "the same day again");
        app.assert_verifies().await;
        // The firm's people read what to do.
        let desk = "{ viewer { waiting(first: 10) { nodes { kind text } } } }";
        let data = app.query(&firm.token, desk, json!({})).await;
        let nodes = data["viewer"]["waiting"]["nodes"].as_array().expect("rows").clone();
        let row = nodes.iter().find(|it| it["kind"] == "CONTRACT_NONCOMPLIANT").expect("a row");
        assert!(text(&row["text"]).contains("lists the federal award"), "{row:#}");
    }

    pub async fn a_waiting_action_is_replaced_by_name_only(app: TestApp, law: Ordinance) {
        let department = app.create_department("BSS").await;
        let firm = app.register_disclosing_firm("Perennial Paving").await;
        let parts = json!({ "clauseVersion": law.clause });
        let days = ("2025-06-01", "2026-05-31");
        let contract = app.record_contract(&department, &firm, "C-1", days, parts).await;
        let propose = |action: &str, replaces: Value| {
            json!({ "input": {
                "contractId": contract, "action": action, "replaces": replaces,
                "endDate": if action == "RENEWAL" { "2027-05-31" } else { "2026-05-31" },
            } })
        };
        let early = propose("RENEWAL", json!("ren_01kb0000000000000000000000"));
        let errors = app.mutation_errors(&department.token, PROPOSE_RENEWAL, early).await;
        assert_eq!(errors, ["input.replaces invalid"], "none waits");
        let input = propose("RENEWAL", Value::Null)["input"].clone();
        let renewal = app.propose_renewal(&department, input).await;
        let amendment = propose("AMENDMENT", Value::Null);
        let payload = app.mutate(&department.token, PROPOSE_RENEWAL, amendment).await;
        let error = &payload["userErrors"][0];
        assert_eq!(
            (&error["path"], &error["code"]),
            (&json!(["input", "replaces"]), &json!("taken"))
        );
        let message = text(&error["message"]);
        for part in ["renewal", &renewal, "Monday, June 1, 2026", "the one to replace"] {
            assert!(message.contains(part), "{part}: {message}");
        }
        let other = propose("AMENDMENT", json!("ren_01kb0000000000000000000000"));
        let errors = app.mutation_errors(&department.token, PROPOSE_RENEWAL, other).await;
        assert_eq!(errors, ["input.replaces invalid"]);
        let all = "query($id: ID!) { contract(id: $id) { renewals { action status } } }";
        let statuses = async || {
            let data = app.query(&department.token, all, json!({ "id": contract })).await;
            data["contract"]["renewals"].clone()
        };
        let waiting = json!({ "action": "RENEWAL", "status": "PROPOSED" });
        assert_eq!(statuses().await, json!([waiting]), "nothing was replaced");
        let named = propose("AMENDMENT", json!(renewal))["input"].clone();
        let amendment = app.propose_renewal(&department, named).await;
        let replaced = json!({ "action": "RENEWAL", "status": "SUPERSEDED" });
        let waiting = json!({ "action": "AMENDMENT", "status": "PROPOSED" });
        assert_eq!(statuses().await, json!([replaced, waiting]));
        // The amendment says nothing about whether the contract can be carried on.
        assert_eq!(screen_one(&app, json!({})).await["ifRenewedToday"]["action"], "RENEWAL");
        app.execute_renewal(&department, &amendment).await;
        // None waits any more.
        let input = propose("RENEWAL", Value::Null)["input"].clone();
        app.propose_renewal(&department, input).await;
        app.assert_verifies().await;
    }

    pub async fn only_what_the_policy_asks_for_is_confirmed(app: TestApp, _law: Ordinance) {
        let owner = json!({
            "name": "Spicebush Holdings", "identifier": { "scheme": "UEI", "id": PARENT },
        });
        let input = json!({
            "kind": "CORPORATION", "legalName": "Quillwort Paving", "identifiersChecked": true,
            "identifiers": [{ "scheme": "UEI", "id": UEI }], "immediateOwner": owner,
        });
        let firm = app.register_organization("quillwort", input).await;
        app.file_and_load_disclosure(&firm, no_dealings()).await;
        app.advance_to("2026-02-09T20:00:00Z");
        let award = AwardSummary::default();
        app.import_award_rows(&[
            AwardSummary {
                number: "AENDED",
                signed_on: "2015-01-05",
                ends_on: "2017-12-31",
                ..award.clone()
            },
            AwardSummary { number: "ANOTHING", obligated: "0.00", ..award.clone() },
            AwardSummary { number: "ALATER", signed_on: "2026-02-07", ..award.clone() },
            AwardSummary {
                number: "APARENT",
                recipient: "SPICEBUSH HOLDINGS CORP",
                uei: PARENT,
                ..award
            },
        ])
        .await;
        let reviewer = app.reviewer_token();
        let matches = app.list_matches(&reviewer, &firm).await;
        let of = |number: &str| {
            let mut matches = matches.iter();
            matches.find(|it| it["award"]["awardId"] == number).expect(number)["id"].clone()
        };
        let written = app.select_number("SELECT COUNT(*) FROM ledger").await;
        for (number, parts) in [
            ("APARENT", &["entityScope", "a firm that owns the firm"][..]),
            ("AENDED", &["lookBackMonths", "ended before the period"]),
            ("ALATER", &["updateDutyDays", "signed after the firm's disclosure was filed"]),
            ("ANOTHING", &["carries no money of its own"]),
        ] {
            let input = json!({ "input": { "matchId": of(number), "notice": "It is yours." } });
            let payload = app.mutate(&reviewer, CONFIRM_MATCH, input).await;
            let error = &payload["userErrors"][0];
            assert_eq!(error["path"], json!(["input", "matchId"]), "{payload:#}");
            assert_eq!(error["code"], "unavailable");
            let message = text(&error["message"]);
            assert!(parts.iter().all(|part| message.contains(part)), "{message}");
        }
        for found in app.list_matches(&reviewer, &firm).await {
            assert_eq!((&found["status"], &found["respondBy"]), (&json!("OPEN"), &Value::Null));
        }
        let now = app.select_number("SELECT COUNT(*) FROM ledger").await;
        assert_eq!(now, written, "nothing is written");
        // After the time to amend, it counts.
        app.advance_to("2026-03-10T20:00:00Z");
        let input = json!({ "input": { "matchId": of("ALATER"), "notice": "It is yours." } });
        let confirmed = app.mutate_ok(&reviewer, CONFIRM_MATCH, input).await;
        assert_eq!(confirmed["match"]["status"], "CONFIRMED");
        app.assert_verifies().await;
    }

    pub async fn an_order_and_its_vehicle_are_one_note(app: TestApp, _law: Ordinance) {
        let department = app.create_department("BSS").await;
        let firm = app.register_firm_attesting_none("Quillwort Paving", UEI).await;
        let ended = AwardSummary {
            signed_on: "2015-01-05",
            ends_on: "2017-12-31",
            ..AwardSummary::default()
        };
        let vehicle = |number| AwardSummary { number, is_vehicle: true, ..ended.clone() };
        app.import_award_rows(&[
            vehicle("HSCE17D1"),
            AwardSummary { number: "HSCE17F1", vehicle: "HSCE17D1", ..ended.clone() },
            // The same number, of another agency.
            AwardSummary { awarding: ("070", "7014"), ..vehicle("HSCE17D1") },
            // A vehicle without a known order.
            vehicle("HSCE17D2"),
        ])
        .await;
        let solicitation = app.publish_solicitation(&department, "2026-02-11T22:00:00Z").await;
        let bid = app.submit_bid(&firm, &solicitation, "98000").await;
        assert_eq!(bid["bid"]["status"], "ADMITTED", "{bid:#}");
        let findings = bid["decision"]["findings"].as_array().expect("findings");
        assert!(findings.iter().all(|it| it["code"] == "award.out_of_scope"), "{findings:#?}");
        let mut messages: Vec<String> = findings.iter().map(|it| text(&it["message"])).collect();
        messages.sort_by_key(|it| it.contains("Border Protection"));
        assert_eq!(messages.len(), 3, "{messages:#?}");
        let order = "HSCE17F1 under HSCE17D1, U.S. Immigration and Customs Enforcement";
        assert_eq!(messages.iter().filter(|it| it.contains(order)).count(), 1);
        assert_eq!(messages.iter().filter(|it| it.contains("HSCE17D2,")).count(), 1);
        let other = "HSCE17D1, U.S. Customs and Border Protection";
        assert!(messages[2].contains(other), "{messages:#?}");
        app.assert_verifies().await;
    }
}
