//! An officer claims an exemption: with its authority, for what waits, and never without effect; under
//! the first policy and under an invented city's.
use candor_tests::contracts::{
    APPROVE_EXEMPTION, APPROVE_WAIVER, AWARD_CONTRACT, CLAIM_EXEMPTION, DECLINE_EXEMPTION,
    Ordinance, REQUEST_WAIVER, award_of_bid, list_findings,
};
use candor_tests::due_times::february::{AFTER, DUE};
use candor_tests::fixtures::{Department, Firm, no_dealings, usd};
use candor_tests::steps::{list_last_findings, list_outcomes, text};
use candor_tests::{Role, TestApp, stories_under_both_policies};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

stories_under_both_policies![under:
    a_claim_cites_its_authority,
    a_claim_on_a_contract_is_for_the_renewal_that_waits,
    a_second_person_approves,
    an_exemption_for_days_carries_no_year,
    an_exemption_for_an_executed_renewal_puts_the_duty_off,
    an_exemption_too_short_for_the_award_is_replaced,
    what_changes_nothing_is_refused,
    a_bid_is_held_once_the_disclosure_put_off_is_overdue,
];

const AUTHORITY: &str = "Government Code 23000";
const QUEUE: &str = "{ reviewQueue { nodes { kind exemption { id approval inEffect } } } }";

fn claim(subject: Value, kind: &str, authority: Option<&str>) -> Value {
    let mut input = subject;
    let grounds = json!({ "kind": kind, "reason": "The pumps fail.", "authority": authority });
    input.as_object_mut().expect("a subject").extend(grounds.as_object().cloned().expect("it"));
    json!({ "input": input })
}

fn waiver(subject: Value, rule: &str) -> Value {
    let mut input = subject;
    let grounds = json!({
        "rule": rule, "expiresOn": "2026-03-31", "authority": "Council File 26-0417",
        "purpose": "The pumps must not stop.", "alternatives": "Three suppliers were consulted.",
        "cost": "A rented pump.", "costAmount": usd("410000"),
    });
    input.as_object_mut().expect("a subject").extend(grounds.as_object().cloned().expect("it"));
    json!({ "input": input })
}

/// A contract with the clause, and a proposed renewal until a day.
async fn renewal(
    app: &TestApp,
    of: &Department,
    (firm, law): (&Firm, Ordinance),
    (number, until): (&str, &str),
) -> (String, String) {
    let parts = json!({ "clauseVersion": law.clause });
    let contract = app.record_contract(of, firm, number, ("2024-03-01", "2026-02-28"), parts).await;
    let input = json!({ "contractId": contract, "action": "RENEWAL", "endDate": until });
    let renewal = app.propose_renewal(of, input).await;
    (contract, renewal)
}

/// The first user error of a mutation: its path, and its message.
async fn first_error(
    app: &TestApp,
    token: &str,
    mutation: &str,
    variables: Value,
) -> (String, String) {
    let payload = app.mutate(token, mutation, variables).await;
    let error = &payload["userErrors"][0];
    let path = error["path"].as_array().expect("an error").last().map(text);
    (path.expect("a path"), text(&error["message"]))
}

mod under {
    use super::*;

    pub async fn a_claim_cites_its_authority(app: TestApp, law: Ordinance) {
        let department = app.create_department("BSS").await;
        let firm = app.register_firm("Silent Pumps").await;
        let (_, renewal) = renewal(&app, &department, (&firm, law), ("C-1", "2027-02-28")).await;
        let subject = json!({ "renewalId": renewal });
        for authority in [None, Some(""), Some("  ")] {
            let input = claim(subject.clone(), "GOVERNMENT_ENTITY", authority);
            let (path, message) =
                first_error(&app, &department.token, CLAIM_EXEMPTION, input).await;
            assert_eq!(path, "authority");
            assert!(message.contains("Cite the law that allows it"), "{message}");
        }
        assert_eq!(app.select_number("SELECT COUNT(*) FROM exemption").await, 0);
        let input = claim(subject, "GOVERNMENT_ENTITY", Some(AUTHORITY));
        let claimed = app.mutate_ok(&department.token, CLAIM_EXEMPTION, input).await;
        assert_eq!(claimed["exemption"]["authority"], AUTHORITY);
        assert_eq!(app.check_renewal_readiness(&department.token, &renewal).await.0, "ADMIT");
        // The policy gives the authority of an emergency.
        let subject = json!({ "departmentId": department.id, "contractNumber": "E-1" });
        let input = claim(subject, "EMERGENCY", None);
        let again = || app.mutate(&department.token, CLAIM_EXEMPTION, input.clone());
        let (first, second, third) = tokio::join!(again(), again(), again());
        let claims = [first, second, third];
        let (made, repeated): (Vec<&Value>, Vec<&Value>) =
            claims.iter().partition(|claim| claim["userErrors"] == json!([]));
        assert_eq!((made.len(), repeated.len()), (1, 2), "claimed at once: {claims:#?}");
        for refused in repeated {
            let message = text(&refused["userErrors"][0]["message"]);
            assert!(message.contains("was asked for here already"), "{message}");
        }
        let claimed = made[0];
        let authority =
            law.pick("Los Angeles City Charter 371(e)", "Charter of Port Ambrose, section 12.");
        assert_eq!(claimed["exemption"]["authority"], authority);
        app.assert_verifies().await;
    }

    pub async fn a_claim_on_a_contract_is_for_the_renewal_that_waits(app: TestApp, law: Ordinance) {
        let department = app.create_department("BSS").await;
        let firm = app.register_firm("Silent Pumps").await;
        let (contract, renewal) =
            renewal(&app, &department, (&firm, law), ("C-1", "2027-02-28")).await;
        let input = claim(json!({ "contractId": contract }), "GOVERNMENT_ENTITY", Some(AUTHORITY));
        let claimed = app.mutate_ok(&department.token, CLAIM_EXEMPTION, input).await;
        assert_eq!(claimed["exemption"]["isForRenewal"], true);
        let executed = app.execute_renewal(&department, &renewal).await;
        assert_eq!(executed["renewal"]["status"], "EXECUTED", "{executed:#}");
        assert_eq!(list_findings(&executed["decision"]), ["exemption.applied NOTE"]);
        // Without a renewal that waits, it is for the contract's own duty to disclose.
        let parts = json!({ "clauseVersion": law.clause });
        let days = ("2025-03-01", "2026-12-31");
        let other = app.record_contract(&department, &firm, "C-2", days, parts).await;
        let input = claim(json!({ "contractId": other }), "GOVERNMENT_ENTITY", Some(AUTHORITY));
        let claimed = app.mutate_ok(&department.token, CLAIM_EXEMPTION, input.clone()).await;
        assert_eq!(claimed["exemption"]["isForRenewal"], false);
        // Now it lacks nothing; the error says what a renewal needs.
        let (path, message) = first_error(&app, &department.token, CLAIM_EXEMPTION, input).await;
        assert_eq!(path, "contractId");
        assert!(message.contains("name the action instead"), "{message}");
        app.assert_verifies().await;
    }

    pub async fn a_second_person_approves(app: TestApp, law: Ordinance) {
        let department = app.create_department("BSS").await;
        let firm = app.register_firm("Silent Pumps").await;
        let kind = "GRANT_OR_LAW_CONFLICT";
        let supervisor = app.supervisor_token("supervisor");
        let (contract, renewal_id) =
            renewal(&app, &department, (&firm, law), ("C-1", "2027-02-28")).await;
        let input = claim(json!({ "renewalId": renewal_id }), kind, None);
        let claimed = app.mutate_ok(&department.token, CLAIM_EXEMPTION, input).await;
        let exemption = &claimed["exemption"];
        assert_eq!(
            (&exemption["approval"], &exemption["inEffect"]),
            (&json!("REQUESTED"), &json!(false))
        );
        assert_eq!(app.check_renewal_readiness(&department.token, &renewal_id).await.0, "BLOCK");
        let queue = async || {
            let mut data = app.query(&app.reviewer_token(), QUEUE, json!({})).await;
            data["reviewQueue"]["nodes"].take()
        };
        let waiting = json!([{ "kind": "EXEMPTION_CLAIMED", "exemption": {
            "id": exemption["id"], "approval": "REQUESTED", "inEffect": false } }]);
        assert_eq!(queue().await, waiting);
        let screened = "{ screenContracts(filter: { exempted: true }) { totalCount } }";
        let count = async || {
            let data = app.query(&app.analyst_token(), screened, json!({})).await;
            data["screenContracts"]["totalCount"].clone()
        };
        assert_eq!(count().await, 0);

        let id = json!({ "id": exemption["id"] });
        let both = app.token("bss", &[Role::ContractOfficer, Role::BcaSupervisor]);
        for token in [&department.token, &both, &app.reviewer_token(), &firm.token] {
            assert_eq!(app.fault_code(token, APPROVE_EXEMPTION, id.clone()).await, "FORBIDDEN");
        }
        let neighbor = app.create_department("LIB").await;
        let code = app.fault_code(&neighbor.token, APPROVE_EXEMPTION, id.clone()).await;
        assert_eq!(code, "NOT_FOUND");
        // The database refuses it too.
        let hand = "UPDATE exemption SET approval = 'APPROVED', decided_by = claimed_by,
            decided_at = claimed_at";
        assert!(app.run_sql(hand).await.is_err());
        let approved = app.mutate_ok(&supervisor, APPROVE_EXEMPTION, id.clone()).await;
        assert_eq!(approved["exemption"]["inEffect"], true);
        assert_eq!(app.check_renewal_readiness(&department.token, &renewal_id).await.0, "ADMIT");
        assert_eq!(queue().await, json!([]));
        assert_eq!(count().await, 1);
        assert_eq!(app.fault_code(&supervisor, APPROVE_EXEMPTION, id).await, "CONFLICT");

        // A claim is declined with a reason.
        let (_, second) = renewal(&app, &department, (&firm, law), ("C-2", "2027-02-28")).await;
        let input = claim(json!({ "renewalId": second }), kind, None);
        let claimed = app.mutate_ok(&department.token, CLAIM_EXEMPTION, input).await;
        let decline = |reason: &str| json!({ "id": claimed["exemption"]["id"], "reason": reason });
        let errors = app.mutation_errors(&supervisor, DECLINE_EXEMPTION, decline(" ")).await;
        assert_eq!(errors, ["reason required"]);
        let declined =
            app.mutate_ok(&supervisor, DECLINE_EXEMPTION, decline("No law says so.")).await;
        assert_eq!(declined["exemption"]["approval"], "DECLINED");
        assert_eq!(declined["exemption"]["declineReason"], "No law says so.");
        assert_eq!(app.check_renewal_readiness(&department.token, &second).await.0, "BLOCK");
        assert_eq!(queue().await, json!([]));
        let trail = "query($id: ID!) { auditTrail(subject: $id) { nodes { action } } }";
        let id = json!({ "id": claimed["exemption"]["id"] });
        let data = app.query(&app.analyst_token(), trail, id).await;
        let actions: Vec<String> = data["auditTrail"]["nodes"]
            .as_array()
            .expect("entries")
            .iter()
            .map(|entry| text(&entry["action"]))
            .collect();
        assert_eq!(actions, ["exemption.claimed", "exemption.declined"]);
        let executed = app.execute_renewal(&department, &renewal_id).await;
        assert_eq!(executed["renewal"]["status"], "EXECUTED", "{contract}: {executed:#}");
        app.assert_verifies().await;
    }

    pub async fn an_exemption_for_days_carries_no_year(app: TestApp, law: Ordinance) {
        let department = app.create_department("BSS").await;
        let firm = app.register_firm("Silent Pumps").await;
        let (_, year) = renewal(&app, &department, (&firm, law), ("C-1", "2027-02-28")).await;
        let input = claim(json!({ "renewalId": year }), "EMERGENCY", None);
        let (path, message) = first_error(&app, &department.token, CLAIM_EXEMPTION, input).await;
        assert_eq!(path, "kind");
        assert!(message.contains("this one lasts until Sunday, February 28, 2027"), "{message}");
        let (_, months) = renewal(&app, &department, (&firm, law), ("C-2", "2026-06-30")).await;
        let input = claim(json!({ "renewalId": months }), "EMERGENCY", None);
        app.mutate_ok(&department.token, CLAIM_EXEMPTION, input).await;
        let executed = app.execute_renewal(&department, &months).await;
        assert_eq!(executed["renewal"]["status"], "EXECUTED", "{executed:#}");

        // An award of a contract that nobody knew at the claim.
        let subject = json!({ "departmentId": department.id, "contractNumber": "E-1" });
        let input = claim(subject, "EMERGENCY", None);
        app.mutate_ok(&department.token, CLAIM_EXEMPTION, input).await;
        let mut input = json!({
            "departmentId": department.id, "organizationId": firm.id, "method": "EMERGENCY",
            "number": "E-1", "title": "A levee", "value": usd("900000"),
            "startDate": "2026-02-02", "endDate": "2027-01-31", "clauseVersion": law.clause,
        });
        let award = json!({ "input": input.clone() });
        let refused = app.mutate_ok(&department.token, AWARD_CONTRACT, award).await;
        assert_eq!(refused["contract"], Value::Null);
        assert_eq!(
            list_findings(&refused["decision"]),
            ["disclosure.missing BLOCK", "exemption.term_exceeded NOTE"]
        );
        let message = text(&refused["decision"]["findings"][1]["message"]);
        assert!(message.contains("This one lasts until Sunday, January 31, 2027"), "{message}");
        input["endDate"] = json!("2026-06-30");
        let awarded =
            app.mutate_ok(&department.token, AWARD_CONTRACT, json!({ "input": input })).await;
        assert_eq!(list_findings(&awarded["decision"]), ["exemption.applied NOTE"]);
        app.assert_verifies().await;
    }

    pub async fn an_exemption_for_an_executed_renewal_puts_the_duty_off(
        app: TestApp,
        law: Ordinance,
    ) {
        let department = app.create_department("BSS").await;
        let firm = app.register_firm("Silent Pumps").await;
        let (_, months) = renewal(&app, &department, (&firm, law), ("C-1", "2026-06-30")).await;
        let input = claim(json!({ "renewalId": months }), "EMERGENCY", None);
        app.mutate_ok(&department.token, CLAIM_EXEMPTION, input).await;
        // It is for the renewal, which may not be executed at all.
        let lacking = ["C-1 disclosure.missing 2024-03-01"];
        assert_eq!(app.list_noncompliant_contracts().await, lacking);
        let executed = app.execute_renewal(&department, &months).await;
        assert_eq!(executed["renewal"]["status"], "EXECUTED", "{executed:#}");
        assert_eq!(app.list_noncompliant_contracts().await, Vec::<String>::new());
        app.advance_to("2026-05-01T08:00:00Z");
        app.sweep().await;
        let overdue = app.list_noncompliant_contracts().await;
        assert!(
            matches!(&*overdue, [it] if it.starts_with("C-1 exemption.follow_up_overdue 2026-")),
            "{overdue:?}"
        );
        app.file_and_load_disclosure(&firm, no_dealings()).await;
        assert_eq!(app.list_noncompliant_contracts().await, Vec::<String>::new());
        app.assert_verifies().await;
    }

    pub async fn an_exemption_too_short_for_the_award_is_replaced(app: TestApp, law: Ordinance) {
        let department = app.create_department("BSS").await;
        let officer = &department.token;
        let mut bids = Vec::new();
        for number in ["waived", "exempted"] {
            let firm = app.register_firm(&format!("Silent Pumps {number}")).await;
            let solicitation = app.publish_solicitation(&department, DUE).await;
            let subject = json!({ "solicitationId": solicitation, "organizationId": firm.id });
            let emergency = claim(subject.clone(), "EMERGENCY", None);
            app.mutate_ok(officer, CLAIM_EXEMPTION, emergency.clone()).await;
            let bid = app.submit_bid(&firm, &solicitation, "100000").await;
            assert_eq!(bid["bid"]["status"], "ADMITTED", "{bid:#}");
            bids.push((number, subject, emergency, bid["bid"]["id"].clone()));
        }
        app.advance_to(AFTER);
        for (number, subject, emergency, bid) in bids {
            // The deferred disclosure may be overdue by then; the bid is held as long as any other firm
            // could cure a missing one.
            let missing = waiver(subject.clone(), "disclosure.missing");
            let refused = first_error(&app, officer, REQUEST_WAIVER, missing.clone()).await;
            assert_eq!(refused.0, "rule", "no award was refused yet");
            let award = award_of_bid(&bid, number, ("2026-03-01", "2027-12-31"), law.clause);
            let refused = app.mutate_ok(officer, AWARD_CONTRACT, award.clone()).await;
            assert_eq!(
                list_findings(&refused["decision"]),
                ["disclosure.missing BLOCK", "exemption.term_exceeded NOTE"]
            );
            // The same exemption is too short again; another kind and a waiver have an effect.
            let (path, message) = first_error(&app, officer, CLAIM_EXEMPTION, emergency).await;
            assert_eq!(path, "kind");
            assert!(message.contains("lasts until Friday, December 31, 2027"), "{message}");
            let used = if number == "exempted" {
                let input = claim(subject, "GOVERNMENT_ENTITY", Some(AUTHORITY));
                app.mutate_ok(officer, CLAIM_EXEMPTION, input).await;
                "exemption.applied NOTE"
            } else {
                let requested = app.mutate_ok(officer, REQUEST_WAIVER, missing).await;
                let id = json!({ "id": requested["waiver"]["id"] });
                app.mutate_ok(&app.supervisor_token("supervisor"), APPROVE_WAIVER, id).await;
                "waiver.applied NOTE"
            };
            let awarded = app.mutate_ok(officer, AWARD_CONTRACT, award).await;
            assert_ne!(awarded["contract"], Value::Null, "{awarded:#}");
            let findings = list_findings(&awarded["decision"]);
            assert!(findings.contains(&used.to_owned()), "{findings:?}");
        }
        app.assert_verifies().await;
    }

    pub async fn a_bid_is_held_once_the_disclosure_put_off_is_overdue(app: TestApp, _: Ordinance) {
        let department = app.create_department("BSS").await;
        let solicitation = app.publish_solicitation(&department, DUE).await;
        let firm = app.register_firm("Silent Pumps").await;
        let subject = json!({ "solicitationId": solicitation, "organizationId": firm.id });
        let input = claim(subject, "EMERGENCY", None);
        app.mutate_ok(&department.token, CLAIM_EXEMPTION, input).await;
        let exemptions = "{ exemptions { nodes { followUpBy } } }";
        let claimed = app.query(&department.token, exemptions, json!({})).await;
        let admitted = app.submit_bid(&firm, &solicitation, "1000").await["bid"].take();
        assert_eq!(admitted["status"], "ADMITTED");
        let overdue_at = text(&claimed["exemptions"]["nodes"][0]["followUpBy"]);
        let overdue_at: DateTime<Utc> = overdue_at.parse().expect("a time");
        for (second, outcomes) in [(14, vec!["ADMIT"]), (15, vec!["ADMIT", "REVIEW"])] {
            app.advance_to(&(overdue_at + TimeDelta::seconds(second)).to_rfc3339());
            app.sweep().await;
            let data = app.load_bid(&firm.token, &admitted["id"]).await;
            assert_eq!(list_outcomes(&data), outcomes, "{second} s after the time");
        }
        let data = app.load_bid(&firm.token, &admitted["id"]).await;
        assert_eq!(list_last_findings(&data)[0], "exemption.follow_up_overdue REVIEW");
        app.assert_verifies().await;
    }

    pub async fn what_changes_nothing_is_refused(app: TestApp, law: Ordinance) {
        let department = app.create_department("BSS").await;
        let officer = &department.token;
        let silent = app.register_firm("Silent Pumps").await;
        let honest = app.register_disclosing_firm("Honest Pumps").await;
        let (_, disclosed) =
            renewal(&app, &department, (&honest, law), ("C-1", "2026-12-31")).await;
        let ended = ("2024-03-01", "2026-01-31");
        let ended = app.record_contract(&department, &silent, "C-2", ended, json!({})).await;
        let (_, done) = renewal(&app, &department, (&honest, law), ("C-3", "2026-12-31")).await;
        app.execute_renewal(&department, &done).await;
        let solicitation = app.publish_solicitation(&department, DUE).await;
        let on_bid = |firm: &Firm, solicitation: &str| json!({ "solicitationId": solicitation, "organizationId": firm.id });
        let bid = app.submit_bid(&honest, &solicitation, "100000").await;
        let missing = "disclosure.missing";
        for (subject, path) in [
            (json!({ "renewalId": disclosed }), "kind"),
            (json!({ "renewalId": done }), "renewalId"),
            (json!({ "contractId": ended }), "contractId"),
        ] {
            let input = claim(subject.clone(), "GOVERNMENT_ENTITY", Some(AUTHORITY));
            assert_eq!(
                first_error(&app, officer, CLAIM_EXEMPTION, input).await.0,
                path,
                "{subject}"
            );
            let path = if path == "kind" { "rule" } else { path };
            let input = waiver(subject.clone(), missing);
            assert_eq!(
                first_error(&app, officer, REQUEST_WAIVER, input).await.0,
                path,
                "{subject}"
            );
        }
        // A refusal would tell a department about any firm; reviewers know it anyway.
        let sealed = waiver(on_bid(&honest, &solicitation), missing);
        let reviewer = app.reviewer_token();
        let refused = first_error(&app, &reviewer, REQUEST_WAIVER, sealed.clone()).await;
        assert_eq!(refused.0, "rule");
        app.mutate_ok(officer, REQUEST_WAIVER, sealed).await;
        let named = waiver(on_bid(&honest, &solicitation), "subcontractor.missing_disclosure");
        app.mutate_ok(officer, REQUEST_WAIVER, named.clone()).await;
        app.mutate_ok(officer, REQUEST_WAIVER, waiver(on_bid(&silent, &solicitation), missing))
            .await;
        app.advance_to(AFTER);
        assert_eq!(first_error(&app, officer, REQUEST_WAIVER, named).await.0, "rule");
        let absent = waiver(on_bid(&silent, &solicitation), missing);
        assert_eq!(
            first_error(&app, officer, REQUEST_WAIVER, absent.clone()).await.0,
            "organizationId"
        );
        // A missing clause shows at the award only.
        let clause = waiver(on_bid(&honest, &solicitation), "contract.clause_missing");
        app.mutate_ok(officer, REQUEST_WAIVER, clause.clone()).await;
        let days = ("2026-03-01", "2026-12-31");
        let award = award_of_bid(&bid["bid"]["id"], "C-9", days, law.clause);
        let awarded = app.mutate_ok(officer, AWARD_CONTRACT, award).await;
        assert_ne!(awarded["contract"], Value::Null, "{awarded:#}");
        for (input, expected) in [(clause, "solicitationId"), (absent, "organizationId")] {
            let (path, message) = first_error(&app, officer, REQUEST_WAIVER, input).await;
            assert_eq!(path, expected, "{message}");
        }
        let input = claim(on_bid(&silent, &solicitation), "GOVERNMENT_ENTITY", Some(AUTHORITY));
        assert_eq!(first_error(&app, officer, CLAIM_EXEMPTION, input).await.0, "organizationId");
        assert_eq!(app.select_number("SELECT COUNT(*) FROM exemption").await, 0);
        app.file_and_load_disclosure(&silent, no_dealings()).await;
        app.assert_verifies().await;
    }
}
