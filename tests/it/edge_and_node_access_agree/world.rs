//! A database with an object of every kind, created through every mutation that returns an object
//! that `node` returns.
use candor_tests::awards::AwardSummary;
use candor_tests::contracts::award_of_bid;
use candor_tests::due_times::february::{AFTER, DUE};
use candor_tests::fixtures::{
    Department, Firm, agreements_statement, attestation, no_dealings, usd,
};
use candor_tests::steps::{classified_agreement, detention_agreement, text};
use candor_tests::{Role, amend_policy_text};
use serde_json::{Value, json};

use super::maker::Maker;

const LATER: &str = "2026-04-14T21:00:00Z";

/// The users, each with a token.
pub type Viewers = Vec<(&'static str, String)>;

impl Maker<'_> {
    /// Creates everything and returns the users.
    pub async fn make(&mut self) -> Viewers {
        let app = self.app;
        let admin = app.token("administrator", &[Role::Admin]);
        let (department, neighbor) =
            (app.create_department("BSS").await, app.create_department("LIB").await);
        let input = json!({ "code": "WTR", "name": "Water", "contact": "water@city.example" });
        self.mutate_and_compare(&admin, "createDepartment", json!({ "input": input })).await;

        let holder =
            self.register_corporation("holder", "Quillwort Paving", Some("QW3JX8L5T9R2")).await;
        let assignee = self.register_corporation("assignee", "Spicebush Roads", None).await;
        let rival = self.register_corporation("rival", "Rival Hauling", Some("SB2KM7P4N6V8")).await;
        let silent = self.register_corporation("silent", "Silent Pumps", None).await;
        let leaving = self.register_corporation("leaving", "Leaving Works", None).await;
        let named = self.register_corporation("named", "Named Striping", None).await;
        let party = |firm: &Firm, name: &str| json!({ "organizationId": firm.id, "name": name });
        let input = json!({
            "kind": "JOINT_VENTURE", "legalName": "Harbor Joint Venture",
            "jointVentureMembers": [party(&rival, "Rival"), party(&named, "Named")],
        });
        let venture = self.register_firm("venture", input).await;
        let input = json!({
            "kind": "CORPORATION", "legalName": "Leaving Works Inc", "identifiersChecked": true,
            "identifiers": [{ "scheme": "UEI", "id": "SB2KM7P4N6V8" }], "disputed": true,
        });
        let update = json!({ "id": leaving.id, "revision": 1, "input": input });
        self.mutate_and_compare(&leaving.token, "updateOrganization", update).await;
        let preparer = app.invite_member(&holder, "PREPARER").await;

        // Disclosures.
        let mut agreement = detention_agreement();
        agreement["identifier"] = json!("70CDCR25FR0000012");
        self.file_disclosure(&holder, agreements_statement(&[agreement.clone()])).await;
        self.file_disclosure(&assignee, no_dealings()).await;
        let rivals = self.file_disclosure(&rival, no_dealings()).await;
        let ventures =
            self.file_disclosure(&venture, agreements_statement(&[classified_agreement()])).await;
        self.file_disclosure(&named, no_dealings()).await;
        let withdrawn = self.file_disclosure(&leaving, no_dealings()).await;
        let reason = json!({ "id": withdrawn, "reason": "Filed for another firm." });
        self.mutate_and_compare(&leaving.token, "withdrawDisclosure", reason).await;
        let input =
            json!({ "input": { "organizationId": assignee.id, "statement": no_dealings() } });
        self.mutate_and_compare(&assignee.token, "saveDisclosureDraft", input).await;

        self.bids(&department, &neighbor, (&holder, &rival, &venture, &silent, &named)).await;
        self.reviews(&rivals, &rival, &ventures, &venture, &silent).await;
        self.contracts(&department, &neighbor, (&holder, &assignee, &rival)).await;
        Box::pin(self.matches(&holder, &rival)).await;
        let law = amend_policy_text(2, "2026-07-01", &[]);
        let input = json!({ "input": { "text": law }, "draft": true });
        self.mutate_and_compare(&admin, "publishPolicy", input).await;
        let input = json!({ "input": { "version": 2, "reason": "The Council postponed it." } });
        self.mutate_and_compare(&admin, "withdrawPolicy", input).await;

        self.merges(&holder, &rival, &named).await;

        let staff = |role| app.token("staff", &[role]);
        vec![
            ("the old holder's signatory", holder.token),
            ("the old holder's preparer", preparer),
            ("the new holder", assignee.token),
            ("the rival", rival.token),
            ("the venture", venture.token),
            ("a subcontractor", named.token),
            ("who was refused", silent.token),
            ("who withdrew", leaving.token),
            ("officer", department.token),
            ("other officer", neighbor.token),
            ("reviewer", app.reviewer_token()),
            ("supervisor", app.supervisor_token("supervisor")),
            ("analyst", staff(Role::CaoAnalyst)),
            ("auditor", staff(Role::Auditor)),
            ("admin", admin),
            ("procurement system", staff(Role::ProcurementSystem)),
            ("exports key", app.create_api_key("EXPORTS").await.secret),
        ]
    }

    /// A merged organization, and a proposal to merge that is dismissed.
    async fn merges(&mut self, holder: &Firm, rival: &Firm, named: &Firm) {
        let supervisor = self.app.supervisor_token("supervisor");
        let twin = self.register_corporation("twin", "Quillwort Paving Company", None).await;
        let input = json!({
            "retiredId": twin.id, "survivingId": holder.id, "reason": "Registered twice.",
        });
        self.mutate_and_compare(&supervisor, "mergeOrganizations", json!({ "input": input })).await;
        let [proposal] =
            &self.app.propose_merge(rival, named, "Both are at 12 Wharf Road.").await[..]
        else {
            panic!("one new proposal")
        };
        let content = self.schema.content("Organization");
        let dismiss = format!(
            "mutation($id: ID!, $reason: String!) {{ dismissMerge(id: $id, reason: $reason) {{
                proposal {{ organization {{ __typename {content} }} other {{ __typename {content} }} }}
                userErrors {{ path code message }} }} }}"
        );
        let variables = json!({ "id": proposal, "reason": "Two firms at one address." });
        let dismissed = self.app.mutate_ok(&supervisor, &dismiss, variables).await;
        for edge in ["organization", "other"] {
            let returned = &dismissed["proposal"][edge];
            let node = format!(
                "query($id: ID!) {{ node(id: $id) {{
                    ... on Organization {{ __typename {content} }} }} }}"
            );
            let id = json!({ "id": returned["id"] });
            let shown = self.app.query(&supervisor, &node, id).await;
            assert_eq!(shown["node"], *returned);
            self.walked.insert(format!("Mutation.dismissMerge.proposal.{edge}"));
        }
    }

    /// Solicitations: draft, published and canceled; bids: admitted, held, refused, withdrawn,
    /// opened and sealed.
    async fn bids(
        &mut self,
        department: &Department,
        neighbor: &Department,
        (holder, rival, venture, silent, named): (&Firm, &Firm, &Firm, &Firm, &Firm),
    ) {
        let draft = self.create_solicitation(department, "RFB-0", LATER).await;
        let input = json!({ "id": draft, "title": "Paving, not published" });
        self.mutate_and_compare(&department.token, "amendSolicitation", json!({ "input": input }))
            .await;
        let canceled = self.publish_solicitation(neighbor, "RFB-9", LATER).await;
        self.submit_bid(rival, &canceled, json!([])).await;
        let reason = json!({ "id": canceled, "reason": "No money." });
        self.mutate_and_compare(&neighbor.token, "cancelSolicitation", reason).await;

        let opened = self.publish_solicitation(department, "RFB-1", DUE).await;
        let subcontractors = json!([{
            "organizationId": named.id, "name": "Named Striping", "amount": usd("20000"),
        }, { "name": "Misspelled Signs", "amount": usd("100") }]);
        let won = self.submit_bid(holder, &opened, subcontractors).await;
        assert_eq!(won["bid"]["status"], "ADMITTED", "{won:#}");
        self.submit_bid(rival, &opened, json!([])).await;
        let held = self.submit_bid(venture, &opened, json!([])).await;
        assert_eq!(held["bid"]["status"], "HELD", "{held:#}");
        let refused = self.submit_bid(silent, &opened, json!([])).await;
        assert_eq!(refused["bid"], Value::Null);
        let other = self.publish_solicitation(neighbor, "RFB-2", DUE).await;
        let withdrawn = self.submit_bid(rival, &other, json!([])).await;
        self.mutate_and_compare(
            &rival.token,
            "withdrawBid",
            json!({ "id": withdrawn["bid"]["id"] }),
        )
        .await;
        self.submit_bid(venture, &other, json!([])).await;
        let sealed = self.publish_solicitation(department, "RFB-3", LATER).await;
        self.submit_bid(holder, &sealed, json!([])).await;
        self.submit_bid(rival, &sealed, json!([])).await;
        let reaffirm = json!({
            "organizationId": named.id, "version": 1, "attestation": attestation(),
        });
        self.mutate_and_compare(&named.token, "reaffirmDisclosure", reaffirm).await;

        self.app.advance_to(AFTER);
        let on_bid = json!({ "solicitationId": opened, "organizationId": silent.id });
        let reviewer = self.app.reviewer_token();
        let input = json!({ "input": {
            "bidId": won["bid"]["id"], "name": "Named Striping", "organizationId": named.id,
        } });
        self.mutate_and_compare(&reviewer, "identifyParty", input).await;
        let input = json!({ "input": {
            "bidId": won["bid"]["id"], "name": "Misspelled Signs",
            "replacement": { "name": "Small Signs" }, "ground": "INADVERTENT_CLERICAL_ERROR",
            "explanation": "The name on the bid was misspelled.",
        } });
        self.mutate_and_compare(&department.token, "substituteSubcontractor", input).await;
        let mut claims = Vec::new();
        let waiver = self.request_waiver(&reviewer, on_bid, "disclosure.missing").await;
        let id = json!({ "id": waiver });
        self.mutate_and_compare(&self.app.supervisor_token("supervisor"), "approveWaiver", id)
            .await;
        let input = json!({
            "departmentId": department.id, "contractNumber": "C-1", "kind": "GOVERNMENT_ENTITY",
            "reason": "A county.", "authority": "Government Code 23000",
        });
        self.mutate_and_compare(&department.token, "claimExemption", json!({ "input": input }))
            .await;
        // One that a second person declines, one that is approved, one that waits, and one that a
        // disclosure must follow.
        let supervisor = self.app.supervisor_token("supervisor");
        for (number, kind) in [
            ("C-1", "GRANT_OR_LAW_CONFLICT"),
            ("C-1", "GRANT_OR_LAW_CONFLICT"),
            ("C-77", "GRANT_OR_LAW_CONFLICT"),
            ("C-77", "EMERGENCY"),
        ] {
            let input = json!({
                "departmentId": department.id, "contractNumber": number, "kind": kind,
                "reason": "A federal grant.",
            });
            let claimed = self
                .mutate_and_compare(&department.token, "claimExemption", json!({ "input": input }))
                .await;
            let id = claimed["exemption"]["id"].clone();
            // The first is declined at once: the same is not claimed twice while one waits.
            if claims.is_empty() {
                let declined = json!({ "id": id, "reason": "The grant allows it." });
                self.mutate_and_compare(&supervisor, "declineExemption", declined).await;
            }
            claims.push(id);
        }
        let approved = json!({ "id": claims[1] });
        self.mutate_and_compare(&supervisor, "approveExemption", approved).await;
        let award = award_of_bid(&won["bid"]["id"], "C-1", ("2026-02-11", "2026-09-30"), 1);
        let awarded = self.mutate_and_compare(&department.token, "awardContract", award).await;
        assert_ne!(awarded["contract"], Value::Null, "{awarded:#}");
    }

    /// Clarifications, rejections and appeals, open and decided.
    async fn reviews(
        &mut self,
        rivals: &Value,
        rival: &Firm,
        ventures: &Value,
        venture: &Firm,
        silent: &Firm,
    ) {
        let reviewer = self.app.reviewer_token();
        let variables = json!({ "id": rivals });
        self.mutate_and_compare(&reviewer, "takeReview", variables).await;
        let variables = json!({ "id": rivals, "to": "colleague" });
        self.mutate_and_compare(&reviewer, "assignReview", variables).await;
        let input = json!({
            "disclosureId": rivals, "question": "Which office?", "dueOn": "2026-02-27",
        });
        let payload = self
            .mutate_and_compare(&reviewer, "requestClarification", json!({ "input": input }))
            .await;
        let question = &payload["disclosure"]["clarifications"][0]["id"];
        let input = json!({ "clarificationId": question, "answer": "The one in Long Beach." });
        self.mutate_and_compare(&rival.token, "answerClarification", json!({ "input": input }))
            .await;
        let upheld = self.reject_and_appeal(rivals, rival).await;
        let input = json!({
            "appealId": upheld, "outcome": "UPHELD", "explanation": "Nobody signed for it.",
        });
        let supervisor = self.app.supervisor_token("supervisor");
        self.mutate_and_compare(&supervisor, "decideAppeal", json!({ "input": input })).await;
        let reopen = json!({ "id": ventures, "reason": "Read once more." });
        let accepted = json!({ "ids": [ventures] });
        self.mutate_and_compare(&reviewer, "acceptDisclosures", accepted).await;
        self.mutate_and_compare(&reviewer, "reopenReview", reopen.clone()).await;
        self.mutate_and_compare(&reviewer, "acceptDisclosure", json!({ "id": ventures })).await;
        self.mutate_and_compare(&reviewer, "reopenReview", reopen).await;
        self.reject_and_appeal(ventures, venture).await;
        let input = json!({
            "organizationId": silent.id, "statement": no_dealings(), "signedOn": "2026-02-10",
            "attestation": attestation(),
            "paper": {
                "name": "form.pdf", "sha256": "ab".repeat(32), "link": "https://city.example/17",
            },
        });
        self.mutate_and_compare(&reviewer, "enterPaperDisclosure", json!({ "input": input })).await;
    }

    /// Rejects a disclosure and appeals; returns the appeal's identifier.
    async fn reject_and_appeal(&mut self, disclosure: &Value, firm: &Firm) -> Value {
        let input = json!({
            "disclosureId": disclosure, "reasons": ["NOT_AUTHORIZED"], "explanation": "Who signed?",
        });
        let reviewer = self.app.reviewer_token();
        self.mutate_and_compare(&reviewer, "rejectDisclosure", json!({ "input": input })).await;
        let input = json!({ "disclosureId": disclosure, "grounds": "The owner did." });
        let mut filed = self
            .mutate_and_compare(&firm.token, "appealRejection", json!({ "input": input }))
            .await;
        filed["disclosure"]["appeals"][0]["id"].take()
    }

    /// Contracts with renewals, orders, waivers and exemptions, one of them assigned and one with a
    /// proposed assignment.
    async fn contracts(
        &mut self,
        department: &Department,
        neighbor: &Department,
        (holder, assignee, rival): (&Firm, &Firm, &Firm),
    ) {
        let supervisor = self.app.supervisor_token("supervisor");
        let awarded = "{ screenContracts { nodes { id } } }";
        let awarded = self.app.query(&supervisor, awarded, json!({})).await;
        let awarded = text(&awarded["screenContracts"]["nodes"][0]["id"]);
        let named = json!({ "publicWorks": true, "subcontractors": [
            { "name": "Unknown Striping", "amount": usd("40000") },
            { "name": "Misspelled Signs", "amount": usd("100") },
        ] });
        let renewed = self.record_contract(department, holder, "C-2", named).await;
        let others = self.record_contract(neighbor, rival, "C-3", json!({})).await;
        self.record_contract(department, rival, "C-4", json!({ "masterId": awarded })).await;
        self.record_contract(department, holder, "C-5", json!({ "masterId": awarded })).await;
        let input = json!({ "kind": "UNKNOWN", "legalName": "Unknown Striping" });
        let input = json!({ "input": input, "anotherOfSameName": false });
        let registered =
            self.mutate_and_compare(&department.token, "registerOrganization", input).await;
        let unknown = registered["organization"]["id"].clone();
        let reviewer = self.app.reviewer_token();
        let input = json!({ "input": {
            "contractId": renewed, "name": "Unknown Striping", "organizationId": unknown,
        } });
        self.mutate_and_compare(&reviewer, "identifyParty", input).await;
        let input = json!({ "input": {
            "contractId": renewed, "name": "Misspelled Signs",
            "replacement": { "name": "Small Signs" }, "ground": "INADVERTENT_CLERICAL_ERROR",
            "explanation": "The name on the contract was misspelled.",
        } });
        self.mutate_and_compare(&department.token, "substituteSubcontractor", input).await;
        let input = json!({ "input": {
            "organizationId": unknown, "reason": "Compared with the vendor list.",
            "identifier": { "scheme": "CITY_VENDOR", "id": "000900" },
        } });
        self.mutate_and_compare(&reviewer, "verifyIdentifier", input.clone()).await;
        self.mutate_and_compare(&reviewer, "releaseIdentifier", input).await;
        // A claim that the City's verification of another organization disputes.
        let number = json!({ "scheme": "CITY_VENDOR", "id": "000901" });
        let input = json!({
            "kind": "UNKNOWN", "legalName": "First Claimant", "identifiers": [number],
        });
        let input = json!({ "input": input, "anotherOfSameName": false });
        self.mutate_and_compare(&department.token, "registerOrganization", input).await;
        let input = json!({ "input": {
            "organizationId": unknown, "reason": "Compared with the vendor list.",
            "identifier": number,
        } });
        self.mutate_and_compare(&reviewer, "verifyIdentifier", input).await;
        let clause = json!({ "input": { "contractId": renewed, "version": 1 } });
        self.mutate_and_compare(&department.token, "insertClause", clause).await;
        for contract in [&awarded, &renewed] {
            let end = if contract == &awarded { "2027-01-31" } else { "2027-12-31" };
            let input = json!({ "contractId": contract, "action": "RENEWAL", "endDate": end });
            let renewal = self.propose_renewal(department, input).await;
            // The holder has filed; its subcontractor on this contract has not.
            if contract == &renewed {
                let (subject, rule) =
                    (json!({ "contractId": contract }), "subcontractor.missing_disclosure");
                let declined = self.request_waiver(&department.token, subject.clone(), rule).await;
                let reason = json!({ "id": declined, "reason": "No." });
                self.mutate_and_compare(&supervisor, "revokeWaiver", reason).await;
                self.request_waiver(&department.token, subject, rule).await;
                let claim = json!({ "input": {
                    "contractId": contract, "kind": "GOVERNMENT_ENTITY", "reason": "A county.",
                    "authority": "Government Code 23000",
                } });
                self.mutate_and_compare(&department.token, "claimExemption", claim).await;
            }
            let id = json!({ "id": renewal });
            let executed = self.mutate_and_compare(&department.token, "executeRenewal", id).await;
            assert_eq!(executed["renewal"]["status"], "EXECUTED", "{executed:#}");
        }
        let input = json!({ "contractId": others, "action": "RENEWAL", "endDate": "2027-12-31" });
        let refused = self.propose_renewal(neighbor, input).await;
        self.mutate_and_compare(&neighbor.token, "executeRenewal", json!({ "id": refused })).await;
        // The holder's later filing.
        let mut agreement = detention_agreement();
        agreement["identifier"] = json!("70CDCR25FR0000012");
        agreement["description"] = json!("Beds and meals for 80 people in custody.");
        self.file_disclosure(holder, agreements_statement(&[agreement])).await;
        for contract in [&awarded, &renewed] {
            let input = json!({
                "contractId": contract, "action": "ASSIGNMENT", "assigneeId": assignee.id,
            });
            let assignment = self.propose_renewal(department, input).await;
            if contract == &awarded {
                let id = json!({ "id": assignment });
                let executed =
                    self.mutate_and_compare(&department.token, "executeRenewal", id).await;
                assert_eq!(executed["renewal"]["status"], "EXECUTED", "{executed:#}");
            }
        }
        let input = json!({ "contractId": awarded, "action": "RENEWAL", "endDate": "2027-12-31" });
        let renewal = self.propose_renewal(department, input).await;
        self.mutate_and_compare(&department.token, "executeRenewal", json!({ "id": renewal }))
            .await;
    }

    /// Federal award matches: confirmed, answered, appealed, covered, dismissed, linked and open.
    async fn matches(&mut self, holder: &Firm, rival: &Firm) {
        let app = self.app;
        let (reviewer, supervisor) = (app.reviewer_token(), app.supervisor_token("supervisor"));
        let numbers = [11, 12, 13, 14, 15].map(|number| format!("70CDCR25FR00000{number}"));
        let rows =
            numbers.each_ref().map(|number| AwardSummary { number, ..AwardSummary::default() });
        app.import_award_rows(&rows).await;
        let matches = app.list_matches(&reviewer, holder).await;
        let of = |number: &str| {
            let found = matches.iter().find(|it| it["award"]["awardId"] == number);
            found.unwrap_or_else(|| panic!("{number}: {matches:#?}")).clone()
        };
        let [confirmed, covered, dismissed, _, noticed] =
            numbers.each_ref().map(|number| of(number));
        assert_eq!(covered["status"], "COVERED");
        let confirm =
            |of: &Value| json!({ "input": { "matchId": of["id"], "notice": "Your UEI." } });
        self.mutate_and_compare(&reviewer, "confirmMatch", confirm(&confirmed)).await;
        self.mutate_and_compare(&reviewer, "confirmMatch", confirm(&noticed)).await;
        let answer = json!({ "input": { "matchId": confirmed["id"], "answer": "We sold it." } });
        self.mutate_and_compare(&holder.token, "answerMatch", answer).await;
        let appeal = json!({ "input": { "matchId": confirmed["id"], "statement": "Not ours." } });
        let appealed = self.mutate_and_compare(&holder.token, "appealMatch", appeal).await;
        let input = json!({
            "appealId": appealed["match"]["appeals"][0]["id"], "outcome": "UPHELD",
            "explanation": "The UEI is the firm's.",
        });
        self.mutate_and_compare(&supervisor, "decideAppeal", json!({ "input": input })).await;
        let reason = json!({ "input": { "matchId": dismissed["id"], "reason": "Sold in 2024." } });
        self.mutate_and_compare(&reviewer, "dismissMatch", reason).await;
        let link = json!({ "input": {
            "organizationId": rival.id, "awardId": dismissed["award"]["id"],
            "reason": "Its report names the arm that it bought.",
        } });
        let linked = self.mutate_and_compare(&reviewer, "linkMatch", link).await;
        self.mutate_and_compare(&reviewer, "confirmMatch", confirm(&linked["match"])).await;
        let appeal = json!({ "input": {
            "matchId": linked["match"]["id"], "statement": "It was another firm's.",
        } });
        self.mutate_and_compare(&rival.token, "appealMatch", appeal).await;
    }
}
