//! A city with something of every kind, made through every mutation that returns an object that
//! `node` knows: each must return it as `node` then shows it to its caller.
use std::collections::{BTreeMap, BTreeSet};

use candor_schema::award::model::{AwardId, MatchId};
use candor_schema::bidding::model::{BidId, SolicitationId};
use candor_schema::contracting::model::{ContractId, RenewalId};
use candor_schema::decision::model::DecisionId;
use candor_schema::disclosure::model::DisclosureId;
use candor_schema::organization::model::{DepartmentId, OrganizationId};
use candor_schema::policy::model::PolicyId;
use candor_schema::waiver::model::{ExemptionId, WaiverId};
use candor_tests::affairs::{Department, Firm, agreements, attestation, dollars, nothing};
use candor_tests::awards::Summary;
use candor_tests::steps::{bid_input, classified, detention, text};
use candor_tests::{City, Role};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};
use uuid::Uuid;

use super::edges::Schema;

const LAW: &str = include_str!("../../../policies/version-1.toml");
const DUE: &str = "2026-02-11T22:00:00Z";
const AFTER: &str = "2026-02-11T22:00:15Z";
const LATER: &str = "2026-04-14T21:00:00Z";

/// Every kind of object that `node` knows: its tables, and how a bare identifier is written.
const KINDS: &[(&str, &[&str], fn(Uuid) -> String)] = &[
    ("Organization", &["organization"], |id| OrganizationId::from_uuid(id).to_string()),
    ("Department", &["department"], |id| DepartmentId::from_uuid(id).to_string()),
    ("Policy", &["policy"], |id| PolicyId::from_uuid(id).to_string()),
    ("Disclosure", &["disclosure", "disclosure_draft"], |id| {
        DisclosureId::from_uuid(id).to_string()
    }),
    ("Decision", &["decision"], |id| DecisionId::from_uuid(id).to_string()),
    ("Solicitation", &["solicitation"], |id| SolicitationId::from_uuid(id).to_string()),
    ("Bid", &["bid"], |id| BidId::from_uuid(id).to_string()),
    ("Contract", &["contract"], |id| ContractId::from_uuid(id).to_string()),
    ("Renewal", &["renewal"], |id| RenewalId::from_uuid(id).to_string()),
    ("Waiver", &["waiver"], |id| WaiverId::from_uuid(id).to_string()),
    ("Exemption", &["exemption"], |id| ExemptionId::from_uuid(id).to_string()),
    ("FederalAward", &["federal_award"], |id| AwardId::from_uuid(id).to_string()),
    ("AwardMatch", &["award_match"], |id| MatchId::from_uuid(id).to_string()),
];

/// Makes the world, and notes what mutations returned.
pub struct Maker<'a> {
    pub city: &'a City,
    pub schema: &'a Schema,
    /// The edges of payloads that led to something.
    pub walked: BTreeSet<String>,
    pub wrong: Vec<String>,
}

/// Who walks, each with its token.
pub type Viewers = Vec<(&'static str, String)>;

impl Maker<'_> {
    /// Asks for a change with all that its payload can hold, and compares that with what `node`
    /// shows the same caller afterwards.
    async fn done(&mut self, token: &str, mutation: &str, variables: Value) -> Value {
        let edges = self.schema.edges("Mutation").into_iter();
        let edges: Vec<_> = edges.filter(|edge| edge.path[0].name == mutation).collect();
        let objects = edges.iter().map(|edge| {
            let content = self.schema.content(edge.target());
            format!("{} {{ __typename {content} }}", edge.path[1].name)
        });
        let objects = objects.collect::<Vec<_>>().join(" ");
        let (declared, passed) = self.schema.variables(mutation);
        let document = format!(
            "mutation({declared}) {{ {mutation}({passed}) {{ {objects}
                userErrors {{ path code message }} }} }}"
        );
        let payload = self.city.done(token, &document, variables).await;
        for edge in &edges {
            let returned = &payload[&edge.path[1].name];
            if returned.is_null() {
                continue;
            }
            self.walked.insert(edge.name("Mutation"));
            let (object, content) = (edge.target(), self.schema.content(edge.target()));
            let node = format!(
                "query($id: ID!) {{ node(id: $id) {{ ... on {object} {{ __typename {content} }} }} }}"
            );
            let shown = self.city.data(token, &node, json!({ "id": returned["id"] })).await;
            if shown["node"] != *returned {
                let name = edge.name("Mutation");
                self.wrong.push(format!("{name} returned\n{returned}\nnode {}", shown["node"]));
            }
        }
        payload
    }

    async fn filed(&mut self, firm: &Firm, statement: Value) -> Value {
        let draft = json!({ "input": { "organizationId": firm.id, "statement": statement } });
        let mut saved = self.done(&firm.token, "saveDisclosureDraft", draft).await;
        let draft = saved["disclosure"].take();
        let input = json!({
            "id": draft["id"], "revision": draft["revision"], "attestation": attestation(),
        });
        let mut filed = self.done(&firm.token, "fileDisclosure", json!({ "input": input })).await;
        filed["disclosure"]["id"].take()
    }

    async fn firm(&mut self, person: &str, input: Value) -> Firm {
        let token = self.city.token(person, &[Role::Bidder]);
        let made = self.done(&token, "createOrganization", json!({ "input": input })).await;
        Firm { id: text(&made["organization"]["id"]), token }
    }

    async fn corporation(&mut self, person: &str, name: &str, uei: Option<&str>) -> Firm {
        let identifiers: Vec<Value> =
            uei.iter().map(|id| json!({ "scheme": "UEI", "id": id })).collect();
        let input = json!({
            "kind": "CORPORATION", "legalName": name, "identifiers": identifiers,
            "identifiersChecked": true,
        });
        self.firm(person, input).await
    }

    /// A published solicitation.
    async fn solicited(&mut self, of: &Department, number: &str, due: &str) -> String {
        let id = self.drafted(of, number, due).await;
        self.done(&of.token, "publishSolicitation", json!({ "id": id })).await;
        id
    }

    async fn drafted(&mut self, of: &Department, number: &str, due: &str) -> String {
        let input = json!({
            "departmentId": of.id, "number": number, "title": format!("Paving {number}"),
            "method": "BIDS", "dueAt": due,
        });
        let made = self.done(&of.token, "createSolicitation", json!({ "input": input })).await;
        text(&made["solicitation"]["id"])
    }

    async fn bid(&mut self, firm: &Firm, on: &str, subcontractors: Value) -> Value {
        let input = bid_input(firm, on, "100000", &subcontractors);
        self.done(&firm.token, "submitBid", json!({ "input": input })).await
    }

    async fn recorded(
        &mut self,
        of: &Department,
        holder: &Firm,
        number: &str,
        parts: Value,
    ) -> String {
        let mut input = json!({
            "departmentId": of.id, "organizationId": holder.id, "number": number,
            "title": format!("Contract {number}"), "value": dollars("250000.00"),
            "startDate": "2025-06-01", "endDate": "2026-12-31",
        });
        let parts = parts.as_object().expect("parts of the input").clone();
        input.as_object_mut().expect("an input").extend(parts);
        let made = self.done(&of.token, "recordContract", json!({ "input": input })).await;
        text(&made["contract"]["id"])
    }

    async fn proposed(&mut self, of: &Department, input: Value) -> String {
        let made = self.done(&of.token, "proposeRenewal", json!({ "input": input })).await;
        text(&made["renewal"]["id"])
    }

    async fn waiver(&mut self, token: &str, subject: Value, rule: &str) -> Value {
        let mut input = subject;
        let grounds = json!({
            "rule": rule, "expiresOn": "2026-06-30", "authority": "Council File 26-0417",
            "purpose": "The pumps must not stop.", "alternatives": "Three were asked.",
            "cost": "A rented pump.", "costAmount": dollars("410000"),
        });
        input.as_object_mut().expect("a subject").extend(grounds.as_object().cloned().expect("it"));
        let mut asked = self.done(token, "requestWaiver", json!({ "input": input })).await;
        asked["waiver"]["id"].take()
    }

    /// Makes everything, and returns who looks at it.
    pub async fn make(&mut self) -> Viewers {
        let city = self.city;
        let admin = city.token("administrator", &[Role::Admin]);
        let (department, neighbor) = (city.department("BSS").await, city.department("LIB").await);
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
        let input = json!({ "kind": "CORPORATION", "legalName": "Leaving Works Inc" });
        let update = json!({ "id": leaving.id, "input": input });
        self.done(&leaving.token, "updateOrganization", update).await;
        let preparer = city.member(&holder, "PREPARER").await;

        // What is disclosed.
        let mut told = detention();
        told["identifier"] = json!("70CDCR25FR0000012");
        self.filed(&holder, agreements(&[told.clone()])).await;
        self.filed(&assignee, nothing()).await;
        let rivals = self.filed(&rival, nothing()).await;
        let ventures = self.filed(&venture, agreements(&[classified()])).await;
        self.filed(&named, nothing()).await;
        let withdrawn = self.filed(&leaving, nothing()).await;
        let reason = json!({ "id": withdrawn, "reason": "Filed for another firm." });
        self.done(&leaving.token, "withdrawDisclosure", reason).await;
        let input = json!({ "input": { "organizationId": assignee.id, "statement": nothing() } });
        self.done(&assignee.token, "saveDisclosureDraft", input).await;

        self.bids(&department, &neighbor, (&holder, &rival, &venture, &silent, &named)).await;
        self.reviews(&rivals, &rival, &ventures, &venture, &silent).await;
        self.contracts(&department, &neighbor, (&holder, &assignee, &rival)).await;
        self.matches(&holder, &rival).await;
        let law = LAW.replace("\nversion = 1\ntitle =", "\nversion = 2\ntitle =");
        let input = json!({ "input": { "text": law } });
        self.done(&admin, "publishPolicy", input).await;

        let staff = |role| city.token("staff", &[role]);
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
            ("reviewer", city.reviewer()),
            ("supervisor", city.supervisor("supervisor")),
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
            "organizationId": named.id, "name": "Named Striping", "amount": dollars("20000"),
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

        self.city.advance_to(AFTER);
        let on_bid = json!({ "solicitationId": opened, "organizationId": silent.id });
        let reviewer = self.city.reviewer();
        let waiver = self.waiver(&reviewer, on_bid, "disclosure.missing").await;
        let id = json!({ "id": waiver });
        self.done(&self.city.supervisor("supervisor"), "approveWaiver", id).await;
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
        let reviewer = self.city.reviewer();
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
        let supervisor = self.city.supervisor("supervisor");
        self.done(&supervisor, "decideAppeal", json!({ "input": input })).await;
        self.done(&reviewer, "acceptDisclosure", json!({ "id": ventures })).await;
        let reopen = json!({ "id": ventures, "reason": "Read once more." });
        self.done(&reviewer, "reopenReview", reopen).await;
        self.rejected(ventures, venture).await;
        let input = json!({
            "organizationId": silent.id, "statement": nothing(), "signedOn": "2026-02-10",
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
        let reviewer = self.city.reviewer();
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
        let supervisor = self.city.supervisor("supervisor");
        let awarded = "{ screenContracts { nodes { id } } }";
        let awarded = self.city.data(&supervisor, awarded, json!({})).await;
        let awarded = text(&awarded["screenContracts"]["nodes"][0]["id"]);
        let named = json!({ "subcontractors": [
            { "name": "Unknown Striping", "amount": dollars("1000") },
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
        let mut told = detention();
        told["identifier"] = json!("70CDCR25FR0000012");
        told["description"] = json!("Beds and meals for 80 people in custody.");
        self.filed(holder, agreements(&[told])).await;
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
        let city = self.city;
        let (reviewer, supervisor) = (city.reviewer(), city.supervisor("supervisor"));
        let numbers = [11, 12, 13, 14].map(|number| format!("70CDCR25FR00000{number}"));
        let rows = numbers.each_ref().map(|number| Summary { number, ..Summary::default() });
        city.awarded(&rows).await;
        let matches = city.matches(&reviewer, holder).await;
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

/// Every object that there is, by its type.
pub async fn everything(city: &City) -> BTreeMap<String, Vec<String>> {
    let db = &city.database.read;
    let mut ids = BTreeMap::<String, Vec<String>>::new();
    for (object, tables, written) in KINDS {
        for table in *tables {
            let select = format!("SELECT id FROM {table} ORDER BY id");
            let select = Statement::from_string(db.get_database_backend(), select);
            for row in db.query_all_raw(select).await.expect("rows") {
                let id = row.try_get::<Uuid>("", "id").expect("an identifier");
                ids.entry((*object).to_owned()).or_default().push(written(id));
            }
        }
    }
    ids
}
