//! A database with an object of every kind, and every mutation.
use candor_tests::fixtures::{Department, Firm, agreements_statement, no_dealings, usd};
use candor_tests::steps::{
    AMEND_SOLICITATION, CANCEL_SOLICITATION, CREATE_ORGANIZATION, CREATE_SOLICITATION,
    FILE_DISCLOSURE, INVITE_MEMBER, REAFFIRM_DISCLOSURE, SUBMIT_BID, UPDATE_ORGANIZATION,
    WITHDRAW_DISCLOSURE, detention_agreement, signatory_attestation, text,
};
use candor_tests::{Role, TestApp};
use serde_json::{Value, json};

pub const DEPARTMENT: &str =
    "mutation($input: DepartmentInput!) { createDepartment(input: $input) {
    department { id } userErrors { path code message } } }";
pub const OFFICER: &str = "mutation($input: OfficerInput!) { addMember(input: $input) {
    member { id } userErrors { path code message } } }";

pub struct Scene {
    pub admin: String,
    pub department: Department,
    pub firm: Firm,
    pub draft: String,
    pub revision: i64,
    pub disclosure: String,
    pub published: String,
    pub drafted: String,
    pub bid: String,
}

/// A mutation with an authorized token, valid variables, and the pointers to its texts.
pub struct Mutation<'a> {
    pub token: &'a str,
    pub document: &'static str,
    pub variables: Value,
    pub texts: &'static [&'static str],
}

impl Scene {
    pub async fn create(app: &TestApp) -> Self {
        let department = app.create_department("BSS").await;
        let published = app.publish_solicitation(&department, "2026-03-10T22:00:00Z").await;
        let drafted = app.create_solicitation(&department, "2026-03-10T22:00:00Z", json!({})).await;
        let firm = app.register_firm("Acosta Sweeping").await;
        let disclosure = text(
            &app.file_and_load_disclosure(&firm, agreements_statement(&[detention_agreement()]))
                .await["id"],
        );
        let bid = app.submit_admitted_bid(&firm, &published, "100000").await;
        let (draft, revision) = app.save_draft(&firm, no_dealings()).await;
        let admin = app.token("administrator", &[Role::Admin]);
        // The officer signs in first, so that no later request binds the membership.
        app.query(&department.token, "{ viewer { subject } }", json!({})).await;
        Self { admin, department, firm, draft, revision, disclosure, published, drafted, bid }
    }

    /// Returns every mutation that takes text.
    pub fn mutations(&self) -> Vec<Mutation<'_>> {
        let signs = signatory_attestation("Acosta Sweeping");
        let filing =
            json!({ "id": self.draft, "revision": self.revision, "attestation": signs.clone() });
        let (firm, officer) = (&*self.firm.token, &*self.department.token);
        let create =
            |token, document, variables, texts| Mutation { token, document, variables, texts };
        let input = |input: Value| json!({ "input": input });
        vec![
            create(firm, CREATE_ORGANIZATION, input(venture()), OF_ORGANIZATION),
            create(
                firm,
                UPDATE_ORGANIZATION,
                json!({ "id": self.firm.id, "revision": 1, "input": venture() }),
                OF_ORGANIZATION,
            ),
            create(
                firm,
                INVITE_MEMBER,
                input(json!({
                    "organizationId": self.firm.id, "email": "new@people.example",
                    "role": "PREPARER"
                })),
                &["/input/email"],
            ),
            create(
                &self.admin,
                DEPARTMENT,
                input(json!({ "code": "LIB", "name": "Library", "contact": "A desk" })),
                &["/input/code", "/input/name", "/input/contact"],
            ),
            create(
                &self.admin,
                OFFICER,
                input(json!({ "departmentId": self.department.id, "email": "o@people.example" })),
                &["/input/email"],
            ),
            create(firm, FILE_DISCLOSURE, input(filing), IN_FILING),
            create(
                firm,
                REAFFIRM_DISCLOSURE,
                json!({ "organization": self.firm.id, "version": 1, "attestation": signs }),
                IN_ATTESTATION,
            ),
            create(
                firm,
                WITHDRAW_DISCLOSURE,
                json!({ "id": self.disclosure, "reason": "x" }),
                &["/reason"],
            ),
            create(
                officer,
                CREATE_SOLICITATION,
                input(json!({
                    "departmentId": self.department.id, "number": "N-1", "title": "Sweeping",
                    "description": "All of it.", "method": "BIDS",
                    "dueAt": "2026-03-10T22:00:00Z"
                })),
                &["/input/number", "/input/title", "/input/description"],
            ),
            create(
                officer,
                AMEND_SOLICITATION,
                input(json!({
                    "id": self.drafted, "title": "Sweeping", "description": "All.",
                    "dueAt": "2026-03-11T22:00:00Z"
                })),
                &["/input/title", "/input/description"],
            ),
            create(
                officer,
                AMEND_SOLICITATION,
                input(json!({ "id": self.published, "addendum": "More of it." })),
                &["/input/addendum"],
            ),
            create(
                officer,
                CANCEL_SOLICITATION,
                json!({ "id": self.published, "reason": "x" }),
                &["/reason"],
            ),
            create(firm, SUBMIT_BID, self.bid_input(), IN_BID),
        ]
    }

    /// Returns a bid with a subcontractor.
    pub fn bid_input(&self) -> Value {
        json!({ "input": {
            "solicitationId": self.published,
            "organizationId": self.firm.id,
            "amount": usd("100000"),
            "subcontractors": [{
                "name": "Lima Hauling", "amount": usd("30000"),
                "identifier": { "scheme": "CITY_VENDOR", "id": "V-17" }
            }],
        } })
    }
}

/// Returns a joint venture with every field.
pub fn venture() -> Value {
    let vendor = json!({ "scheme": "CITY_VENDOR", "id": "V-16" });
    let other = json!({ "scheme": "CITY_VENDOR", "id": "V-18" });
    let member = |name: &str| json!({ "name": name, "identifier": other.clone() });
    json!({
        "kind": "JOINT_VENTURE",
        "legalName": "Acosta and Lima",
        "doingBusinessAs": ["A & L"],
        "identifiers": [vendor],
        "address": {
            "street": "1 First St", "city": "Los Angeles", "region": "CA", "postalCode": "90012",
            "country": "US"
        },
        "immediateOwner": member("Acosta Holding"),
        "highestOwner": member("Acosta Group"),
        "predecessors": [member("Acosta Brooms")],
        "jointVentureMembers": [member("Acosta Sweeping"), member("Lima Hauling")],
    })
}

const OF_ORGANIZATION: &[&str] = &[
    "/input/legalName",
    "/input/doingBusinessAs/0",
    "/input/identifiers/0/id",
    "/input/address/street",
    "/input/address/city",
    "/input/address/country",
    "/input/address/region",
    "/input/address/postalCode",
    "/input/immediateOwner/name",
    "/input/immediateOwner/identifier/id",
    "/input/highestOwner/name",
    "/input/predecessors/0/name",
    "/input/jointVentureMembers/1/name",
    "/input/jointVentureMembers/1/identifier/id",
];
const IN_FILING: &[&str] = &[
    "/input/attestation/name",
    "/input/attestation/title",
    "/input/attestation/authority",
    "/input/attestation/email",
    "/input/attestation/city",
    "/input/attestation/state",
];
const IN_ATTESTATION: &[&str] = &[
    "/attestation/name",
    "/attestation/title",
    "/attestation/authority",
    "/attestation/email",
    "/attestation/city",
    "/attestation/state",
];
const IN_BID: &[&str] = &["/input/subcontractors/0/name", "/input/subcontractors/0/identifier/id"];
