//! An officer renews contracts under the first policy and under an invented city's: the same
//! stories with other dates.
use candor_tests::contracts::{
    AWARD_CONTRACT, CLAIM_EXEMPTION, EXECUTE_RENEWAL, INSERT_CLAUSE, Ordinance, PROPOSE_RENEWAL,
    RENEWAL_READINESS, RENEWALS_DUE, list_findings,
};
use candor_tests::fixtures::{agreements_statement, no_dealings};
use candor_tests::steps::{detention_agreement, text};
use candor_tests::{TestApp, stories_under_both_policies};
use serde_json::{Value, json};

stories_under_both_policies![under:
    a_contract_from_2024_comes_up,
    an_emergency_is_followed_up,
    a_renewal_is_evaluated_at_the_later_date,
    an_assignee_files_its_own,
    a_change_is_reported_in_time,
];

const EXPOSURE: &str = "query($asOf: [Date!]!) {
    exposure(groupBy: COMPONENT, asOf: $asOf) { asOf
        groups { component contracts contractValue { amount } organizations agreements
            compensation { known { amount } unknown } }
        withAgreements { contracts } withoutAgreements { contracts } unknown { contracts } } }";

mod under {
    use super::*;

    pub async fn a_contract_from_2024_comes_up(app: TestApp, law: Ordinance) {
        let department = app.create_department("BSS").await;
        let firm = app.register_firm("Perennial Paving").await;
        let days = ("2024-03-01", "2026-02-28");
        let contract = app
            .record_contract(&department, &firm, "C-24-001", days, json!({ "optionsLeft": 1 }))
            .await;
        let window = json!({ "from": "2026-02-01", "to": "2026-03-31" });
        let due = app.query(&app.analyst_token(), RENEWALS_DUE, window.clone()).await;
        let due = &due["renewalsDue"];
        assert_eq!(
            due["counts"],
            json!([{
                "month": "2026-02", "readiness": "BLOCK", "readinessAtEnd": "BLOCK", "count": 1,
                "value": [{ "amount": "250000.00" }],
            }])
        );
        assert_eq!(
            due["countsByDepartment"],
            json!([{
                "departmentId": department.id, "department": "Department BSS", "readiness": "BLOCK",
                "readinessAtEnd": "BLOCK", "count": 1, "value": [{ "amount": "250000.00" }],
            }])
        );
        let today = &due["nodes"][0]["ifRenewedToday"];
        assert_eq!(today["action"], "OPTION", "one is left");
        assert_eq!(
            list_findings(today),
            ["disclosure.missing BLOCK", "contract.clause_missing BLOCK"],
            "{today:#}"
        );
        assert!(text(&today["firstStep"]).starts_with("File a disclosure"), "{today:#}");
        // It predates the ordinance and has no clause: nothing is required before its renewal.
        assert_eq!(app.list_noncompliant_contracts().await, Vec::<String>::new());

        let input = json!({
            "contractId": contract, "action": "OPTION", "endDate": "2027-02-27",
            "value": { "amount": "50000.00", "currency": "USD" },
        });
        let renewal = app.propose_renewal(&department, input).await;
        let refused = app.execute_renewal(&department, &renewal).await;
        assert_eq!(refused["renewal"]["status"], "PROPOSED");
        assert_eq!(refused["contract"]["endDate"], "2026-02-28");
        assert_eq!(
            list_findings(&refused["decision"]),
            ["disclosure.missing BLOCK", "contract.clause_missing BLOCK"]
        );

        let clause = json!({ "input": { "contractId": contract, "version": law.clause } });
        app.mutate_ok(&department.token, INSERT_CLAUSE, clause.clone()).await;
        let again = app.mutation_errors(&department.token, INSERT_CLAUSE, clause).await;
        assert_eq!(again, ["input.version contradiction"]);
        let (outcome, left) = app.check_renewal_readiness(&department.token, &renewal).await;
        assert_eq!((&*outcome, &left[..]), ("BLOCK", &["disclosure.missing BLOCK".to_owned()][..]));
        let filed = app
            .file_and_load_disclosure(&firm, agreements_statement(&[detention_agreement()]))
            .await;
        let (outcome, left) = app.check_renewal_readiness(&department.token, &renewal).await;
        assert_eq!((&*outcome, left.len()), ("ADMIT", 0));
        let executed = app.execute_renewal(&department, &renewal).await;
        assert_eq!(
            (&executed["renewal"]["status"], &executed["renewal"]["basis"]),
            (&json!("EXECUTED"), &json!("GATED"))
        );
        assert_eq!(executed["renewal"]["disclosure"]["id"], filed["id"]);
        let after = &executed["contract"];
        assert_eq!((&after["endDate"], &after["optionsLeft"]), (&json!("2027-02-27"), &json!(0)));
        assert_eq!(after["value"]["amount"], "300000.00");
        let due = app.query(&app.analyst_token(), RENEWALS_DUE, window).await;
        assert_eq!(due["renewalsDue"]["totalCount"], 0);

        let data = app.query(&app.analyst_token(), EXPOSURE, json!({ "asOf": [] })).await;
        let exposure = &data["exposure"][0];
        assert_eq!(exposure["groups"][0]["component"], "ICE");
        assert_eq!(exposure["groups"][0]["contracts"], 1);
        let known = &exposure["groups"][0]["compensation"]["known"][0]["amount"];
        assert_eq!(known, "1250000.00");

        // A year later (half a year under the invented policy) the disclosure is stale from a local
        // midnight on.
        let last = law.pick("2027-02-03T07:59:59.999999Z", "2026-08-04T03:59:59.999999Z");
        let first = law.pick("2027-02-03T08:00:15Z", "2026-08-04T04:00:15Z");
        app.advance_to(last);
        app.sweep().await;
        assert_eq!(app.list_noncompliant_contracts().await, Vec::<String>::new());
        app.advance_to(first);
        app.sweep().await;
        let since = law.pick("2027-02-03", "2026-08-04");
        assert_eq!(
            app.list_noncompliant_contracts().await,
            [format!("C-24-001 disclosure.stale {since}")]
        );
        app.file_and_load_disclosure(&firm, no_dealings()).await;
        assert_eq!(app.list_noncompliant_contracts().await, Vec::<String>::new());
        app.assert_verifies().await;
    }

    pub async fn an_emergency_is_followed_up(app: TestApp, law: Ordinance) {
        let department = app.create_department("BSS").await;
        let firm = app.register_firm("Levee Works").await;
        // The Friday after Thanksgiving.
        app.advance_to("2026-11-27T20:00:00Z");
        let input = json!({
            "departmentId": department.id, "organizationId": firm.id, "method": "EMERGENCY",
            "number": "E-1", "title": "A levee", "value": { "amount": "900000", "currency": "USD" },
            "startDate": "2026-11-27", "endDate": "2027-05-27", "clauseVersion": law.clause,
        });
        let refused = app
            .mutate_ok(&department.token, AWARD_CONTRACT, json!({ "input": input.clone() }))
            .await;
        assert_eq!(refused["contract"], Value::Null);
        assert_eq!(list_findings(&refused["decision"]), ["disclosure.missing BLOCK"]);
        let claim = json!({ "input": {
            "departmentId": department.id, "contractNumber": "E-1", "kind": "EMERGENCY",
            "reason": "The levee gives way tonight.",
        } });
        let claimed = app.mutate_ok(&department.token, CLAIM_EXEMPTION, claim).await;
        let awarded =
            app.mutate_ok(&department.token, AWARD_CONTRACT, json!({ "input": input })).await;
        assert_eq!(list_findings(&awarded["decision"]), ["exemption.applied NOTE"], "{awarded:#}");
        // The second attempt adds to the same chain of decisions.
        assert_eq!(awarded["decision"]["subjectId"], refused["decision"]["subjectId"]);
        assert_eq!(awarded["contract"]["exemptions"][0]["id"], claimed["exemption"]["id"]);
        let due = law.pick("Monday, December 7, 2026", "Wednesday, December 2, 2026");
        let message = text(&awarded["decision"]["findings"][0]["message"]);
        assert!(message.contains(due), "{message}");

        let last = law.pick("2026-12-08T07:59:59.999999Z", "2026-12-03T04:59:59.999999Z");
        let first = law.pick("2026-12-08T08:00:15Z", "2026-12-03T05:00:15Z");
        app.advance_to(last);
        app.sweep().await;
        assert_eq!(app.list_noncompliant_contracts().await, Vec::<String>::new());
        app.advance_to(first);
        app.sweep().await;
        let since = law.pick("2026-12-08", "2026-12-03");
        assert_eq!(
            app.list_noncompliant_contracts().await,
            [format!("E-1 exemption.follow_up_overdue {since}")]
        );
        let contract = text(&awarded["contract"]["id"]);
        let input = json!({
            "contractId": contract, "action": "EXTENSION", "endDate": "2027-11-27",
        });
        let data = app.query(&department.token, RENEWAL_READINESS, json!({ "input": input })).await;
        let severity = law.pick("REVIEW", "BLOCK");
        let findings = list_findings(&data["renewalReadiness"]);
        assert!(
            findings.contains(&format!("exemption.follow_up_overdue {severity}")),
            "{findings:?}"
        );
        app.file_and_load_disclosure(&firm, no_dealings()).await;
        assert_eq!(app.list_noncompliant_contracts().await, Vec::<String>::new());
        app.assert_verifies().await;
    }

    pub async fn a_renewal_is_evaluated_at_the_later_date(app: TestApp, law: Ordinance) {
        // Filed so that it is fresh on November 1, 2026, when clocks go back, and stale on the next
        // day.
        app.advance_to(law.pick("2025-11-01T20:00:00Z", "2026-05-03T20:00:00Z"));
        let department = app.create_department("BSS").await;
        let firm = app.register_disclosing_firm("Perennial Paving").await;
        let parts = json!({ "clauseVersion": law.clause });
        let days = ("2024-10-26", "2026-10-25");
        let contract = app.record_contract(&department, &firm, "C-24-002", days, parts).await;
        app.advance_to("2026-10-20T20:00:00Z");
        let input = json!({ "contractId": contract, "action": "RENEWAL", "endDate": "2027-10-25" });
        let renewal = app.propose_renewal(&department, input).await;
        assert_eq!(
            app.check_renewal_readiness(&department.token, &renewal).await.0,
            "ADMIT",
            "by its start"
        );
        app.advance_to(law.pick("2026-11-02T07:59:59.999999Z", "2026-11-02T04:59:59.999999Z"));
        assert_eq!(
            app.check_renewal_readiness(&department.token, &renewal).await.0,
            "ADMIT",
            "still November 1"
        );
        app.advance_to(law.pick("2026-11-02T08:00:00Z", "2026-11-02T05:00:00Z"));
        let (outcome, findings) = app.check_renewal_readiness(&department.token, &renewal).await;
        assert_eq!(
            (&*outcome, &findings[..]),
            ("BLOCK", &["disclosure.stale BLOCK".to_owned()][..])
        );
        // Eight days after the contract expired.
        let refused = app.execute_renewal(&department, &renewal).await;
        assert_eq!(list_findings(&refused["decision"]), ["disclosure.stale BLOCK"]);
        let message = text(&refused["decision"]["findings"][0]["message"]);
        assert!(message.contains(law.pick("366 days", "183 days")), "{message}");
        assert!(message.contains("Monday, November 2, 2026"), "{message}");
        app.file_and_load_disclosure(&firm, no_dealings()).await;
        let executed = app.execute_renewal(&department, &renewal).await;
        assert_eq!(executed["renewal"]["status"], "EXECUTED");
        let fault = app.execute(&department.token, EXECUTE_RENEWAL, json!({ "id": renewal })).await;
        assert_eq!(fault["errors"][0]["extensions"]["code"], "CONFLICT");
        assert!(text(&fault["errors"][0]["message"]).contains("already executed this action"));
        app.assert_verifies().await;
    }

    pub async fn an_assignee_files_its_own(app: TestApp, law: Ordinance) {
        let department = app.create_department("BSS").await;
        let holder = app.register_firm("Perennial Paving").await;
        app.file_and_load_disclosure(&holder, agreements_statement(&[detention_agreement()])).await;
        let assignee = app.register_firm("Never Filed").await;
        let parts = json!({ "clauseVersion": law.clause });
        let days = ("2025-06-01", "2026-12-31");
        let contract = app.record_contract(&department, &holder, "C-25-003", days, parts).await;
        app.advance_to("2026-02-10T20:00:00Z");
        let input = json!({ "contractId": contract, "action": "ASSIGNMENT" });
        let errors = app
            .mutation_errors(&department.token, PROPOSE_RENEWAL, json!({ "input": input }))
            .await;
        assert_eq!(errors, ["input.assigneeId required"]);
        let input = json!({
            "contractId": contract, "action": "ASSIGNMENT", "assigneeId": assignee.id,
        });
        let renewal = app.propose_renewal(&department, input).await;
        let refused = app.execute_renewal(&department, &renewal).await;
        assert_eq!(list_findings(&refused["decision"]), ["disclosure.missing BLOCK"]);
        let message = text(&refused["decision"]["findings"][0]["message"]);
        assert!(message.starts_with("Never Filed"), "the assignee's counts: {message}");
        assert_eq!(refused["contract"]["organization"]["id"], json!(holder.id));
        let filed = app.file_and_load_disclosure(&assignee, no_dealings()).await;
        let executed = app.execute_renewal(&department, &renewal).await;
        assert_eq!(executed["contract"]["organization"]["id"], json!(assignee.id));
        assert_eq!(executed["contract"]["disclosure"]["id"], filed["id"]);
        // Until then the contract was held by the other firm, with that firm's disclosures.
        let days = json!({ "asOf": ["2026-02-09", "2026-02-10"] });
        let data = app.query(&app.analyst_token(), EXPOSURE, days).await;
        let contracts = |at: usize, of: &str| data["exposure"][at][of]["contracts"].clone();
        assert_eq!(
            (contracts(0, "withAgreements"), contracts(0, "withoutAgreements")),
            (json!(1), json!(0))
        );
        assert_eq!(
            (contracts(1, "withAgreements"), contracts(1, "withoutAgreements")),
            (json!(0), json!(1))
        );
        app.assert_verifies().await;
    }

    pub async fn a_change_is_reported_in_time(app: TestApp, law: Ordinance) {
        let department = app.create_department("BSS").await;
        let firm = app.register_disclosing_firm("Perennial Paving").await;
        let parts = json!({ "clauseVersion": law.clause });
        let days = ("2025-06-01", "2026-03-31");
        let contract = app.record_contract(&department, &firm, "C-25-004", days, parts).await;
        let input = json!({ "contractId": contract, "action": "RENEWAL", "endDate": "2027-03-31" });
        let renewal = app.propose_renewal(&department, input).await;
        app.execute_renewal(&department, &renewal).await;
        let amendments = "query($id: ID!) { contract(id: $id) { disclosure { status }
            amendments { version late { part index beganOn dueOn daysLate } } } }";
        let data = app.query(&app.analyst_token(), amendments, json!({ "id": contract })).await;
        assert_eq!(data["contract"]["amendments"], json!([]));
        let mut agreement = detention_agreement();
        agreement["startDate"] = json!("2026-02-01");
        // The last instant of the policy's period.
        app.advance_to(law.pick("2026-03-04T07:59:59.999999Z", "2026-02-12T04:59:59.999999Z"));
        app.file_and_load_disclosure(&firm, agreements_statement(&[agreement.clone()])).await;
        let mut second = detention_agreement();
        second["identifier"] = json!("70CBPC26D00000009");
        second["component"] = json!("CBP");
        second["description"] = json!("Fuel for boats.");
        second["startDate"] = json!("2026-02-01");
        app.advance_to(law.pick("2026-03-04T08:00:00Z", "2026-02-12T05:00:00Z"));
        app.file_and_load_disclosure(&firm, agreements_statement(&[agreement, second])).await;
        let data = app.query(&app.analyst_token(), amendments, json!({ "id": contract })).await;
        assert_eq!(data["contract"]["disclosure"]["status"], "SUPERSEDED");
        let late = json!([{
            "part": "AGREEMENT", "index": 1, "beganOn": "2026-02-01",
            "dueOn": law.pick("2026-03-03", "2026-02-11"), "daysLate": 1,
        }]);
        let expected = json!([{ "version": 2, "late": [] }, { "version": 3, "late": late }]);
        assert_eq!(data["contract"]["amendments"], expected);
        app.assert_verifies().await;
    }
}
