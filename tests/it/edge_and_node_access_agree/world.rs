//! A city with something of every kind, made through every mutation that returns an object that
//! `node` knows.
use candor_tests::Role;
use candor_tests::fixtures::{Department, Firm, agreements_statement, attestation, usd, no_dealings};
use candor_tests::awards::AwardSummary;
use candor_tests::steps::{classified_agreement, detention_agreement, text};
use serde_json::{Value, json};

use super::maker::Maker;

const LAW: &str = include_str!("../../../policies/version-1.toml");
const DUE: &str = "2026-02-11T22:00:00Z";
const AFTER: &str = "2026-02-11T22:00:15Z";
const LATER: &str = "2026-04-14T21:00:00Z";

/// Who walks, each with its token.
pub type Viewers = Vec<(&'static str, String)>;

impl Maker<'_> {
    /// Makes everything, and returns who looks at it.
    pub async fn make(&mut self) -> Viewers {
        let app = self.app;
        let admin = app.token("administrator", &[Role::Admin]);
        let (department, neighbor) = (app.create_department("BSS").await, app.create_department("LIB").await);
        let input = json!({ "code": "WTR", "name": "Water", "contact": "water@city.example" });
        self.done(&admin, "createDepartment", json!({ "input": input })).await;

        let holder = self.corporation("holder", "Quillwort Paving", Some("QW3JX8L5T9R2")).await;
        let assignee = self.corporation("assignee", "Spicebush Roads", None).await;
        let rival = self.corporation("rival", "Rival Hauling", Some("SB2KM7P4N6V8")).await;
        let silent = self.corporation("silent", "Silent Pumps", None).await;
        let leaving = self.corporation("leaving", "Leaving Works", None).await;
        let named = self.corporation("named", "Named Striping", None).await;
        let party = |firm: &Firm, name: &str| json!({ "organizationId": firm.id, "name": name });
        let input = json!({
            "kind": "JOINT_VENTURE", "legalName": "Harbor Joint Venture",
            "jointVentureMembers": [party(&rival, "Rival"), party(&named, "Named")],
        });
        let venture = self.firm("venture", input).await;
        let input = json!({
            "kind": "CORPORATION", "legalName": "Leaving Works Inc", "identifiersChecked": true,
            "identifiers": [{ "scheme": "UEI", "id": "SB2KM7P4N6V8" }], "disputed": true,
        });
        let update = json!({ "id": leaving.id, "input": input });
        self.done(&leaving.token, "updateOrganization", update).await;
        let preparer = app.invite_member(&holder, "PREPARER").await;

        // What is disclosed.
        let mut told = detention_agreement();
        told["identifier"] = json!("70CDCR25FR0000012");
        self.filed(&holder, agreements_statement(&[told.clone()])).await;
        self.filed(&assignee, no_dealings()).await;
        let rivals = self.filed(&rival, no_dealings()).await;
        let ventures = self.filed(&venture, agreements_statement(&[classified_agreement()])).await;
        self.filed(&named, no_dealings()).await;
        let withdrawn = self.filed(&leaving, no_dealings()).await;
        let reason = json!({ "id": withdrawn, "reason": "Filed for another firm." });
        self.done(&leaving.token, "withdrawDisclosure", reason).await;
        let input = json!({ "input": { "organizationId": assignee.id, "statement": no_dealings() } });
        self.done(&assignee.token, "saveDisclosureDraft", input).await;

        self.bids(&department, &neighbor, (&holder, &rival, &venture, &silent, &named)).await;
        self.reviews(&rivals, &rival, &ventures, &venture, &silent).await;
        self.contracts(&department, &neighbor, (&holder, &assignee, &rival)).await;
        Box::pin(self.matches(&holder, &rival)).await;
        let law = LAW.replace("\nversion = 1\ntitle =", "\nversion = 2\ntitle =");
        let input = json!({ "input": { "text": law } });
        self.done(&admin, "publishPolicy", input).await;

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
        ]
    }

    /// Solicitations, drafted, published and canceled; bids, admitted, held, refused, withdrawn,
    /// opened and sealed.
    async fn bids(
        &mut self,
        department: &Department,
        neighbor: &Department,
        (holder, rival, venture, silent, named): (&Firm, &Firm, &Firm, &Firm, &Firm),
    ) {
        let draft = self.drafted(department, "RFB-0", LATER).await;
        let input = json!({ "id": draft, "title": "Paving, not published" });
        self.done(&department.token, "amendSolicitation", json!({ "input": input })).await;
        let canceled = self.solicited(neighbor, "RFB-9", LATER).await;
        self.bid(rival, &canceled, json!([])).await;
        let reason = json!({ "id": canceled, "reason": "No money." });
        self.done(&neighbor.token, "cancelSolicitation", reason).await;

        let opened = self.solicited(department, "RFB-1", DUE).await;
        let subcontractors = json!([{
            "organizationId": named.id, "name": "Named Striping", "amount": usd("20000"),
        }]);
        let won = self.bid(holder, &opened, subcontractors).await;
        assert_eq!(won["bid"]["status"], "ADMITTED", "{won:#}");
        self.bid(rival, &opened, json!([])).await;
        let held = self.bid(venture, &opened, json!([])).await;
        assert_eq!(held["bid"]["status"], "HELD", "{held:#}");
        let refused = self.bid(silent, &opened, json!([])).await;
        assert_eq!(refused["bid"], Value::Null);
        let other = self.solicited(neighbor, "RFB-2", DUE).await;
        let withdrawn = self.bid(rival, &other, json!([])).await;
        self.done(&rival.token, "withdrawBid", json!({ "id": withdrawn["bid"]["id"] })).await;
        self.bid(venture, &other, json!([])).await;
        let sealed = self.solicited(department, "RFB-3", LATER).await;
        self.bid(holder, &sealed, json!([])).await;
        self.bid(rival, &sealed, json!([])).await;
        let reaffirm = json!({ "organizationId": named.id, "attestation": attestation() });
        self.done(&named.token, "reaffirmDisclosure", reaffirm).await;

        self.app.advance_to(AFTER);
        let on_bid = json!({ "solicitationId": opened, "organizationId": silent.id });
        let reviewer = self.app.reviewer_token();
        let waiver = self.waiver(&reviewer, on_bid, "disclosure.missing").await;
        let id = json!({ "id": waiver });
        self.done(&self.app.supervisor_token("supervisor"), "approveWaiver", id).await;
        let input = json!({
            "departmentId": department.id, "contractNumber": "C-1", "kind": "GOVERNMENT_ENTITY",
            "reason": "A county.",
        });
        self.done(&department.token, "claimExemption", json!({ "input": input })).await;
        let input = json!({
            "bidId": won["bid"]["id"], "number": "C-1", "startDate": "2026-02-11",
            "endDate": "2026-09-30", "clauseVersion": 1,
        });
        let award = json!({ "input": input });
        let awarded = self.done(&department.token, "awardContract", award).await;
        assert_ne!(awarded["contract"], Value::Null, "{awarded:#}");
    }

    /// Questions, rejections and appeals, open ones and decided ones.
    async fn reviews(
        &mut self,
        rivals: &Value,
        rival: &Firm,
        ventures: &Value,
        venture: &Firm,
        silent: &Firm,
    ) {
        let reviewer = self.app.reviewer_token();
        let taken = json!({ "id": rivals });
        self.done(&reviewer, "takeReview", taken).await;
        let input = json!({
            "disclosureId": rivals, "question": "Which office?", "dueOn": "2026-02-27",
        });
        let asked = self.done(&reviewer, "requestClarification", json!({ "input": input })).await;
        let question = &asked["disclosure"]["clarifications"][0]["id"];
        let input = json!({ "clarificationId": question, "answer": "The one in Long Beach." });
        self.done(&rival.token, "answerClarification", json!({ "input": input })).await;
        let upheld = self.rejected(rivals, rival).await;
        let input = json!({
            "appealId": upheld, "outcome": "UPHELD", "explanation": "Nobody signed for it.",
        });
        let supervisor = self.app.supervisor_token("supervisor");
        self.done(&supervisor, "decideAppeal", json!({ "input": input })).await;
        self.done(&reviewer, "acceptDisclosure", json!({ "id": ventures })).await;
        let reopen = json!({ "id": ventures, "reason": "Read once more." });
        self.done(&reviewer, "reopenReview", reopen).await;
        self.rejected(ventures, venture).await;
        let input = json!({
            "organizationId": silent.id, "statement": no_dealings(), "signedOn": "2026-02-10",
            "attestation": attestation(),
            "paper": {
                "name": "form.pdf", "sha256": "ab".repeat(32), "link": "https://city.example/17",
            },
        });
        self.done(&reviewer, "enterPaperDisclosure", json!({ "input": input })).await;
    }

    /// A rejection and the appeal against it: the appeal's identifier.
    async fn rejected(&mut self, disclosure: &Value, firm: &Firm) -> Value {
        let input = json!({
            "disclosureId": disclosure, "reasons": ["NOT_AUTHORISED"], "explanation": "Who signed?",
        });
        let reviewer = self.app.reviewer_token();
        self.done(&reviewer, "rejectDisclosure", json!({ "input": input })).await;
        let input = json!({ "disclosureId": disclosure, "grounds": "The owner did." });
        let mut filed = self.done(&firm.token, "appealRejection", json!({ "input": input })).await;
        filed["disclosure"]["appeals"][0]["id"].take()
    }

    /// Contracts with renewals, orders, waivers and exemptions, one of them assigned to another
    /// firm and one about to be.
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
        let named = json!({ "subcontractors": [
            { "name": "Unknown Striping", "amount": usd("1000") },
        ] });
        let kept = self.recorded(department, holder, "C-2", named).await;
        let others = self.recorded(neighbor, rival, "C-3", json!({})).await;
        self.recorded(department, rival, "C-4", json!({ "masterId": awarded })).await;
        self.recorded(department, holder, "C-5", json!({ "masterId": awarded })).await;
        let clause = json!({ "input": { "contractId": kept, "version": 1 } });
        self.done(&department.token, "insertClause", clause).await;
        for contract in [&awarded, &kept] {
            let subject = json!({ "contractId": contract });
            let declined =
                self.waiver(&department.token, subject.clone(), "disclosure.stale").await;
            let reason = json!({ "id": declined, "reason": "No." });
            self.done(&supervisor, "revokeWaiver", reason).await;
            self.waiver(&department.token, subject, "disclosure.missing").await;
            let claim = json!({ "input": {
                "contractId": contract, "kind": "GOVERNMENT_ENTITY", "reason": "A county.",
            } });
            self.done(&department.token, "claimExemption", claim).await;
            let end = if contract == &awarded { "2027-01-31" } else { "2027-12-31" };
            let input = json!({ "contractId": contract, "action": "RENEWAL", "endDate": end });
            let renewal = self.proposed(department, input).await;
            let id = json!({ "id": renewal });
            let executed = self.done(&department.token, "executeRenewal", id).await;
            assert_eq!(executed["renewal"]["status"], "EXECUTED", "{executed:#}");
        }
        let input = json!({ "contractId": others, "action": "RENEWAL", "endDate": "2027-12-31" });
        let refused = self.proposed(neighbor, input).await;
        self.done(&neighbor.token, "executeRenewal", json!({ "id": refused })).await;
        // What the holder filed since.
        let mut told = detention_agreement();
        told["identifier"] = json!("70CDCR25FR0000012");
        told["description"] = json!("Beds and meals for 80 people in custody.");
        self.filed(holder, agreements_statement(&[told])).await;
        for contract in [&awarded, &kept] {
            let input = json!({
                "contractId": contract, "action": "ASSIGNMENT", "assigneeId": assignee.id,
            });
            let assignment = self.proposed(department, input).await;
            if contract == &awarded {
                let id = json!({ "id": assignment });
                let executed = self.done(&department.token, "executeRenewal", id).await;
                assert_eq!(executed["renewal"]["status"], "EXECUTED", "{executed:#}");
            }
        }
        let input = json!({ "contractId": awarded, "action": "RENEWAL", "endDate": "2027-12-31" });
        let renewal = self.proposed(department, input).await;
        self.done(&department.token, "executeRenewal", json!({ "id": renewal })).await;
    }

    /// Federal awards: confirmed, answered, appealed about, covered, dismissed, linked and open.
    async fn matches(&mut self, holder: &Firm, rival: &Firm) {
        let app = self.app;
        let (reviewer, supervisor) = (app.reviewer_token(), app.supervisor_token("supervisor"));
        let numbers = [11, 12, 13, 14].map(|number| format!("70CDCR25FR00000{number}"));
        let rows = numbers.each_ref().map(|number| AwardSummary { number, ..Summary::default() });
        app.import_award_rows(&rows).await;
        let matches = app.list_matches(&reviewer, holder).await;
        let of = |number: &str| {
            let found = matches.iter().find(|it| it["award"]["awardId"] == number);
            found.unwrap_or_else(|| panic!("{number}: {matches:#?}")).clone()
        };
        let [confirmed, covered, dismissed, _] = numbers.each_ref().map(|number| of(number));
        assert_eq!(covered["status"], "COVERED");
        let put = |of: &Value| json!({ "input": { "matchId": of["id"], "notice": "Your UEI." } });
        self.done(&reviewer, "confirmMatch", put(&confirmed)).await;
        let answer = json!({ "input": { "matchId": confirmed["id"], "answer": "We sold it." } });
        self.done(&holder.token, "answerMatch", answer).await;
        let appeal = json!({ "input": { "matchId": confirmed["id"], "statement": "Not ours." } });
        let appealed = self.done(&holder.token, "appealMatch", appeal).await;
        let input = json!({
            "appealId": appealed["match"]["appeals"][0]["id"], "outcome": "UPHELD",
            "explanation": "The UEI is the firm's.",
        });
        self.done(&supervisor, "decideAppeal", json!({ "input": input })).await;
        let reason = json!({ "input": { "matchId": dismissed["id"], "reason": "Sold in 2024." } });
        self.done(&reviewer, "dismissMatch", reason).await;
        let link = json!({ "input": {
            "organizationId": rival.id, "awardId": dismissed["award"]["id"],
            "reason": "Its report names the arm that it bought.",
        } });
        let linked = self.done(&reviewer, "linkMatch", link).await;
        self.done(&reviewer, "confirmMatch", put(&linked["match"])).await;
        let appeal = json!({ "input": {
            "matchId": linked["match"]["id"], "statement": "It was another firm's.",
        } });
        self.done(&rival.token, "appealMatch", appeal).await;
    }
}
