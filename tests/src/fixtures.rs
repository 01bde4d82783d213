//! Common first steps of stories, each through the API.
use candor_schema::organization::model::Role;
use serde_json::{Value, json};

use crate::steps::UPDATE_ORGANIZATION;
use crate::test_app::{TestApp, subject_email};

/// An organization and its first signatory.
#[derive(Clone, Debug)]
pub struct Firm {
    /// The organization's identifier.
    pub id: String,
    /// The signatory's token.
    pub token: String,
}

pub(crate) const FILE_DISCLOSURE: &str =
    "mutation ($input: FilingInput!) { fileDisclosure(input: $input) {
    disclosure { id version status } userErrors { path code message } } }";

/// A department and its contract officer.
#[derive(Clone, Debug)]
pub struct Department {
    /// The department's identifier.
    pub id: String,
    /// The officer's token.
    pub token: String,
}

/// Returns a statement that attests that there are no dealings.
#[must_use]
pub fn no_dealings() -> Value {
    json!({ "dhs": { "noneAttested": true }, "dataSharing": { "noneAttested": true } })
}

/// Returns a statement of these agreements and no data sharing.
#[must_use]
pub fn agreements_statement(agreements: &[Value]) -> Value {
    json!({ "dhs": { "agreements": agreements }, "dataSharing": { "noneAttested": true } })
}

/// Returns an agreement for participation in E-Verify, in the short form.
#[must_use]
pub fn e_verify_agreement() -> Value {
    json!({
        "holder": { "relation": "SELF" }, "kind": "PROGRAM_PARTICIPATION", "component": "USCIS",
        "program": "E-Verify", "startDate": "2019-03-01",
    })
}

/// Returns an amount in dollars as an API input.
#[must_use]
pub fn usd(amount: &str) -> Value {
    json!({ "amount": amount, "currency": "USD" })
}

/// Returns a signatory's attestation.
#[must_use]
pub fn attestation() -> Value {
    json!({
        "agreed": true, "name": "Owner of the firm", "title": "Owner", "authority": "Ownership",
        "city": "Los Angeles", "state": "CA",
    })
}

impl TestApp {
    /// Sends a mutation and returns its payload, including any user errors.
    pub async fn mutate(&self, token: &str, call: &str, variables: Value) -> Value {
        let data = self.query(token, call, variables).await;
        let payload = data.as_object().and_then(|data| data.values().next());
        payload.expect("a payload").clone()
    }

    /// Sends a mutation and returns its payload. Fails on user errors.
    pub async fn mutate_ok(&self, token: &str, call: &str, variables: Value) -> Value {
        let payload = self.mutate(token, call, variables).await;
        assert_eq!(payload["userErrors"], json!([]), "{payload:#}");
        payload
    }

    /// Registers a corporation. `name` also determines the subject of its signatory's token.
    pub async fn register_firm(&self, name: &str) -> Firm {
        self.register_organization(&slug(name), json!({ "kind": "CORPORATION", "legalName": name }))
            .await
    }

    /// Returns the revision of a firm's registration, as its signatory reads it.
    pub async fn organization_revision(&self, firm: &Firm) -> Value {
        let query = "query($id: ID!) { organization(id: $id) { revision } }";
        self.query(&firm.token, query, json!({ "id": firm.id })).await["organization"]["revision"]
            .clone()
    }

    /// Updates a firm's registration at its present revision. Returns the payload.
    pub async fn update_organization(&self, firm: &Firm, input: Value) -> Value {
        let revision = self.organization_revision(firm).await;
        let variables = json!({ "id": firm.id, "revision": revision, "input": input });
        self.mutate(&firm.token, UPDATE_ORGANIZATION, variables).await
    }

    /// Registers an organization of any kind.
    pub async fn register_organization(&self, signatory: &str, input: Value) -> Firm {
        let token = self.token(signatory, &[Role::Bidder]);
        let call = "mutation ($input: OrganizationInput!) { createOrganization(input: $input) {
            organization { id } userErrors { path code message } } }";
        let created = self.mutate_ok(&token, call, json!({ "input": input })).await;
        Firm { id: id(&created["organization"]), token }
    }

    /// Creates a department and its contract officer, whose subject is `code` in lower case.
    pub async fn create_department(&self, code: &str) -> Department {
        let admin = self.token("administrator", &[Role::Admin]);
        let contact = format!("{code} contracts desk, contracts@city.example");
        let input =
            json!({ "code": code, "name": format!("Department {code}"), "contact": contact });
        let call = "mutation ($input: DepartmentInput!) { createDepartment(input: $input) {
            department { id } userErrors { path code message } } }";
        let created = self.mutate_ok(&admin, call, json!({ "input": input })).await;
        let id = id(&created["department"]);
        let token = self.add_officer(&id, &slug(code)).await;
        Department { id, token }
    }

    /// Adds a contract officer with this subject to a department; returns the officer's token.
    pub async fn add_officer(&self, department: &str, subject: &str) -> String {
        let admin = self.token("administrator", &[Role::Admin]);
        let input = json!({ "departmentId": department, "email": subject_email(subject) });
        let call = "mutation ($input: OfficerInput!) { addMember(input: $input) {
            member { id } userErrors { path code message } } }";
        self.mutate_ok(&admin, call, json!({ "input": input })).await;
        self.token(subject, &[Role::ContractOfficer])
    }

    /// Saves a first draft; returns its identifier and revision.
    pub async fn save_draft(&self, firm: &Firm, statement: Value) -> (String, i64) {
        let input = json!({ "organizationId": firm.id, "statement": statement });
        let call = "mutation ($input: DisclosureDraftInput!) { saveDisclosureDraft(input: $input) {
            disclosure { id revision } userErrors { path code message } } }";
        let saved = self.mutate_ok(&firm.token, call, json!({ "input": input })).await;
        let draft = &saved["disclosure"];
        (id(draft), draft["revision"].as_i64().expect("a revision"))
    }

    /// Drafts, attests and files a statement; returns the payload, including any user errors.
    pub async fn try_file_disclosure(&self, firm: &Firm, statement: Value) -> Value {
        let (id, revision) = self.save_draft(firm, statement).await;
        let input = json!({ "id": id, "revision": revision, "attestation": attestation() });
        self.mutate(&firm.token, FILE_DISCLOSURE, json!({ "input": input })).await
    }

    /// Drafts, attests and files a complete statement; returns the disclosure's identifier.
    pub async fn file_disclosure(&self, firm: &Firm, statement: Value) -> String {
        let filed = self.try_file_disclosure(firm, statement).await;
        assert_eq!(filed["userErrors"], json!([]), "{filed:#}");
        id(&filed["disclosure"])
    }

    /// Publishes a solicitation of bids; returns its identifier.
    pub async fn publish_numbered_solicitation(
        &self,
        department: &Department,
        number: &str,
        due: &str,
    ) -> String {
        let input = json!({
            "departmentId": department.id, "number": number, "title": format!("Solicitation {number}"),
            "method": "BIDS", "dueAt": due,
        });
        let call = "mutation ($input: SolicitationInput!) { createSolicitation(input: $input) {
            solicitation { id } userErrors { path code message } } }";
        let created = self.mutate_ok(&department.token, call, json!({ "input": input })).await;
        let id = id(&created["solicitation"]);
        let call = "mutation ($id: ID!) { publishSolicitation(id: $id) {
            solicitation { id } userErrors { path code message } } }";
        self.mutate_ok(&department.token, call, json!({ "id": id })).await;
        id
    }

    /// Submits a bid of 100,000 dollars without subcontractors; returns the payload.
    pub async fn submit_standard_bid(&self, firm: &Firm, solicitation: &str) -> Value {
        self.submit_standard_bid_with(firm, solicitation, json!([])).await
    }

    /// As [`Self::submit_standard_bid`], with subcontractors.
    pub async fn submit_standard_bid_with(
        &self,
        firm: &Firm,
        solicitation: &str,
        subcontractors: Value,
    ) -> Value {
        let input = json!({
            "solicitationId": solicitation, "organizationId": firm.id,
            "amount": usd("100000.00"), "subcontractors": subcontractors,
        });
        let call = "mutation ($input: BidInput!) { submitBid(input: $input) {
            bid { id status cureBy }
            decision { id outcome findings { code severity path message remedy cureBy } }
            userErrors { path code message } } }";
        self.mutate_ok(&firm.token, call, json!({ "input": input })).await
    }
}

/// Returns the codes of a decision's findings, in order.
#[must_use]
pub fn list_finding_codes(decision: &Value) -> Vec<String> {
    let findings = decision["findings"].as_array().expect("findings");
    let code = |finding: &Value| finding["code"].as_str().expect("a code").to_owned();
    findings.iter().map(code).collect()
}

fn id(object: &Value) -> String {
    object["id"].as_str().expect("an identifier").to_owned()
}

/// Converts a name to a token's subject.
fn slug(name: &str) -> String {
    let plain = name.to_lowercase();
    let plain = plain.split(|other: char| !other.is_ascii_alphanumeric());
    plain.filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-")
}
