//! The queries and mutations of `access.toml`.
use std::collections::{BTreeMap, BTreeSet};

use candor_tests::api_keys::ApiKey;
use candor_tests::awards::AwardSummary;
use candor_tests::contracts::{CLAIM_EXEMPTION, REQUEST_WAIVER, REVOKE_WAIVER};
use candor_tests::due_times::march::{AFTER, DUE};
use candor_tests::fixtures::{Department, Firm, attestation, no_dealings, usd};
use candor_tests::steps::{
    APPEAL_REJECTION, ENTER_PAPER_DISCLOSURE, PUBLISH_SOLICITATION, REJECT_DISCLOSURE,
    REQUEST_CLARIFICATION, SUSPEND_POLICY, text,
};
use candor_tests::{Method, Role, TestApp, stories, subject_email};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Value, json};

stories![every_operation_matches_the_access_table];
stories![without_policy: every_operation_answers_without_a_policy];

const LATER: &str = "2026-04-14T21:00:00Z";

/// `access.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    /// Kinds of user.
    columns: Vec<String>,
    query: BTreeMap<String, Vec<String>>,
    mutation: BTreeMap<String, Vec<String>>,
    /// Used by `access_routes`.
    #[serde(rename = "route")]
    _route: IgnoredAny,
    /// Used by `trail_visibility`.
    #[serde(rename = "readers")]
    _readers: IgnoredAny,
    #[serde(rename = "action")]
    _action: IgnoredAny,
}

/// A request for one row of the table.
struct OperationCase {
    kind: &'static str,
    /// The operation and, after a colon, its object.
    row: &'static str,
    document: &'static str,
    variables: Value,
    /// Identifier that a list must include to count as `yes`; null for other operations.
    expected_id: Value,
}

fn query(row: &'static str, document: &'static str, id: &str) -> OperationCase {
    OperationCase {
        kind: "query",
        row,
        document,
        variables: json!({ "id": id }),
        expected_id: json!(id),
    }
}

fn mutation(row: &'static str, document: &'static str, variables: Value) -> OperationCase {
    OperationCase { kind: "mutation", row, document, variables, expected_id: Value::Null }
}

/// Objects that the requests refer to: a firm with a filing, a draft, an opened bid and a sealed
/// bid; a department with a draft solicitation, one whose bids are open, and one that accepts bids.
struct Seed {
    firm: Firm,
    preparer: String,
    rival: Firm,
    department: Department,
    neighbor: Department,
    signatory: String,
    policy: String,
    filed: String,
    draft: String,
    drafted: String,
    published: String,
    published_number: String,
    open: String,
    bid: String,
    decision: String,
    sealed: String,
    sealed_decision: String,
    /// An overdue clarification of the filing.
    question: String,
    /// The rival's appeal.
    appeal: String,
    /// The firm's appeal.
    contract: String,
    renewal: String,
    /// A superseded proposal.
    superseded: String,
    /// A declined waiver.
    waiver: String,
    exemption: String,
    /// A match that was confirmed with notice to the firm.
    matched: String,
    /// The match's award.
    award: String,
    /// Dispute over an identifier that two other organizations claim.
    dispute: String,
    /// An API key of each scope, with its secret.
    keys: ApiKeys,
}

/// API keys of service accounts, which are users of the table.
struct ApiKeys {
    procurement_system: ApiKey,
    exports: ApiKey,
    events: ApiKey,
    /// A key that no user has, to revoke.
    revoked: ApiKey,
}

impl ApiKeys {
    async fn create(app: &TestApp) -> Self {
        Self {
            procurement_system: app.create_api_key("PROCUREMENT_SYSTEM").await,
            exports: app.create_api_key("EXPORTS").await,
            events: app.create_api_key("EVENTS").await,
            revoked: app.create_api_key("EVENTS").await,
        }
    }
}

/// Has two organizations claim one identifier; returns the item in the staff's queue.
async fn create_disputed_identifier(app: &TestApp) -> String {
    let identifier = json!({ "scheme": "CITY_VENDOR", "id": "V-1" });
    for (signatory, create_disputed_identifier) in [("bearer", false), ("claimant", true)] {
        let input = json!({
            "kind": "CORPORATION", "legalName": signatory, "identifiers": [identifier],
            "disputed": create_disputed_identifier,
        });
        app.register_organization(signatory, input).await;
    }
    let queue = "{ reviewQueue(kinds: [IDENTIFIER_DISPUTED]) { nodes { id } } }";
    let data = app.query(&app.reviewer_token(), queue, json!({})).await;
    text(&data["reviewQueue"]["nodes"][0]["id"])
}

impl Seed {
    async fn insert(app: &TestApp) -> Self {
        let (department, neighbor) =
            (app.create_department("BSS").await, app.create_department("LIB").await);
        let (firm, rival) =
            (app.register_firm("Prime Paving").await, app.register_disclosing_firm("Rival").await);
        let filed = text(&app.file_and_load_disclosure(&firm, no_dealings()).await["id"]);
        let (draft, _) = app.save_draft(&firm, no_dealings()).await;
        let drafted = app.create_solicitation(&department, DUE, json!({})).await;
        let published = app.publish_solicitation(&department, DUE).await;
        let open = app.publish_solicitation(&department, LATER).await;
        let number = "query($id: ID!) { solicitation(id: $id) { number } }";
        let number = app.query(&rival.token, number, json!({ "id": published })).await;
        let published_number = text(&number["solicitation"]["number"]);
        let opened = app.submit_bid(&firm, &published, "1000").await;
        let sealed = app.submit_bid(&firm, &open, "1000").await;
        let own = "query($id: ID!) { organization(id: $id) { members { id } } policy { id } }";
        let own = app.query(&firm.token, own, json!({ "id": firm.id })).await;
        let preparer = app.invite_member(&firm, "PREPARER").await;
        let question = request_question(app, &filed, "2026-03-09").await;
        let appeal = file_appeal(app, &rival).await;
        app.advance_to(AFTER);
        let contracted = ContractSeed::insert(app, &department, &firm).await;
        let ContractSeed { contract, renewal, superseded, waiver, exemption } = contracted;
        app.import_award_rows(&[AwardSummary {
            recipient: "PRIME PAVING",
            uei: "",
            ..AwardSummary::default()
        }])
        .await;
        let found = app.load_only_match(&firm).await;
        app.confirm_match(&app.reviewer_token(), &found).await;
        let dispute = create_disputed_identifier(app).await;
        Self {
            dispute,
            keys: ApiKeys::create(app).await,
            matched: text(&found["id"]),
            award: text(&found["award"]["id"]),
            contract,
            renewal,
            superseded,
            waiver,
            exemption,
            firm,
            preparer,
            rival,
            department,
            neighbor,
            signatory: text(&own["organization"]["members"][0]["id"]),
            policy: text(&own["policy"]["id"]),
            filed,
            draft,
            drafted,
            published,
            published_number,
            open,
            bid: text(&opened["bid"]["id"]),
            decision: text(&opened["decision"]["id"]),
            sealed: text(&sealed["bid"]["id"]),
            sealed_decision: text(&sealed["decision"]["id"]),
            question,
            appeal,
        }
    }

    /// Inserts what can be without a policy. Other identifiers name nothing.
    async fn insert_without_policy(app: &TestApp) -> Self {
        let nothing = |prefix: &str| format!("{prefix}_01kb0000000000000000000000");
        let (department, neighbor) =
            (app.create_department("BSS").await, app.create_department("LIB").await);
        let (firm, rival) =
            (app.register_firm("Prime Paving").await, app.register_firm("Rival").await);
        let drafted = app.create_solicitation(&department, DUE, json!({})).await;
        let number = "query($id: ID!) { solicitation(id: $id) { number } }";
        let number = app.query(&department.token, number, json!({ "id": drafted })).await;
        let own = "query($id: ID!) { organization(id: $id) { members { id } } }";
        let own = app.query(&firm.token, own, json!({ "id": firm.id })).await;
        let days = ("2025-07-01", "2026-06-30");
        let contract = app.record_contract(&department, &firm, "C-1", days, json!({})).await;
        let input = json!({ "contractId": contract, "action": "RENEWAL", "endDate": "2026-08-01" });
        let renewal = app.propose_renewal(&department, input).await;
        Self {
            dispute: create_disputed_identifier(app).await,
            keys: ApiKeys::create(app).await,
            matched: nothing("mat"),
            award: nothing("awd"),
            contract,
            superseded: renewal.clone(),
            renewal,
            waiver: nothing("wvr"),
            exemption: nothing("exm"),
            preparer: app.invite_member(&firm, "PREPARER").await,
            firm,
            rival,
            department,
            neighbor,
            signatory: text(&own["organization"]["members"][0]["id"]),
            policy: nothing("pol"),
            filed: nothing("disc"),
            draft: nothing("disc"),
            published: drafted.clone(),
            open: drafted.clone(),
            drafted,
            published_number: text(&number["solicitation"]["number"]),
            bid: nothing("bid"),
            decision: nothing("dec"),
            sealed: nothing("bid"),
            sealed_decision: nothing("dec"),
            question: nothing("clar"),
            appeal: nothing("app"),
        }
    }

    /// Returns a token for each column; none for anonymous.
    fn viewer_tokens(&self, app: &TestApp) -> Vec<(&'static str, Option<String>)> {
        let staff = |role| Some(app.token("staff", &[role]));
        vec![
            ("anonymous", None),
            ("signatory", Some(self.firm.token.clone())),
            ("preparer", Some(self.preparer.clone())),
            ("rival", Some(self.rival.token.clone())),
            ("officer", Some(self.department.token.clone())),
            ("other_officer", Some(self.neighbor.token.clone())),
            ("bca_reviewer", staff(Role::BcaReviewer)),
            ("bca_supervisor", staff(Role::BcaSupervisor)),
            ("cao_analyst", staff(Role::CaoAnalyst)),
            ("auditor", staff(Role::Auditor)),
            ("admin", staff(Role::Admin)),
            ("procurement_system", staff(Role::ProcurementSystem)),
            ("procurement_key", Some(self.keys.procurement_system.secret.clone())),
            ("exports_key", Some(self.keys.exports.secret.clone())),
            ("events_key", Some(self.keys.events.secret.clone())),
        ]
    }

    /// Queries about federal awards.
    fn award_queries(&self) -> Vec<OperationCase> {
        const NODE: &str = "query($id: ID!) { node(id: $id) { id } }";
        const TRAIL: &str =
            "query($id: ID!) { auditTrail(subject: $id) { nodes { id: subject } } }";
        const MATCHES: &str = "{ awardMatches { nodes { id } } }";
        const NAME: &str = "{ screenName(name: \"Prime Paving\") { name } }";
        vec![
            query("awardMatches", MATCHES, &self.matched),
            query("apiKeys", "{ apiKeys { nodes { id } } }", &self.keys.exports.id),
            query("screenName", NAME, ""),
            query("node: a federal award", NODE, &self.award),
            query("node: a match", NODE, &self.matched),
            query("auditTrail: a match", TRAIL, &self.matched),
        ]
    }

    /// Mutations of matches, as [`Self::mutations`].
    fn award_mutations(&self) -> Vec<OperationCase> {
        let of = json!({ "id": self.matched });
        let parties = json!({ "id": self.firm.id, "award": self.award });
        vec![
            mutation(
                "confirmMatch",
                "mutation($id: ID!) { confirmMatch(input: { matchId: $id, notice: \"\" }) {
                userErrors { code } } }",
                of.clone(),
            ),
            mutation(
                "dismissMatch",
                "mutation($id: ID!) { dismissMatch(input: { matchId: $id, reason: \"\" }) {
                userErrors { code } } }",
                of.clone(),
            ),
            mutation(
                "linkMatch",
                "mutation($id: ID!, $award: ID!) { linkMatch(input: {
                organizationId: $id, awardId: $award, reason: \"\" }) { userErrors { code } } }",
                parties,
            ),
            mutation(
                "answerMatch",
                "mutation($id: ID!) { answerMatch(input: { matchId: $id, answer: \"\" }) {
                userErrors { code } } }",
                of.clone(),
            ),
            mutation(
                "appealMatch",
                "mutation($id: ID!) { appealMatch(input: { matchId: $id, statement: \"\" }) {
                userErrors { code } } }",
                of,
            ),
        ]
    }

    /// Queries about contracts.
    fn contract_queries(&self) -> Vec<OperationCase> {
        const NODE: &str = "query($id: ID!) { node(id: $id) { id } }";
        const TRAIL: &str =
            "query($id: ID!) { auditTrail(subject: $id) { nodes { id: subject } } }";
        const CONTRACT: &str = "query($id: ID!) { contract(id: $id) { id } }";
        const READY: &str = "query($id: ID!) { renewalReadiness(id: $id) { outcome } }";
        const SCREEN: &str = "{ screenContracts { nodes { id } } }";
        const DUE: &str =
            "{ renewalsDue(from: \"2026-01-01\", to: \"2026-12-31\") { nodes { id } } }";
        const EXPOSURE: &str = "{ exposure(groupBy: COMPONENT) { asOf } }";
        const SIMULATE: &str =
            "{ simulatePolicy(change: {}, scope: { contracts: {} }) { subjects } }";
        vec![
            query("contract", CONTRACT, &self.contract),
            query("contract: by number", "{ contract(number: \"c-1\") { id } }", ""),
            query("renewalReadiness", READY, &self.renewal),
            query("screenContracts", SCREEN, &self.contract),
            query("renewalsDue", DUE, &self.contract),
            query("exposure", EXPOSURE, ""),
            query("simulatePolicy", SIMULATE, ""),
            query("previewSuspension", "{ previewSuspension(version: 1) { complete } }", ""),
            query("waivers", "{ waivers { nodes { id } } }", &self.waiver),
            query("exemptions", "{ exemptions { nodes { id } } }", &self.exemption),
            query("node: a contract", NODE, &self.contract),
            query("node: a renewal", NODE, &self.renewal),
            query("node: a waiver", NODE, &self.waiver),
            query("node: an exemption", NODE, &self.exemption),
            query("auditTrail: a contract", TRAIL, &self.contract),
            query("auditTrail: a renewal", TRAIL, &self.renewal),
            query("auditTrail: a waiver", TRAIL, &self.waiver),
            query("auditTrail: an exemption", TRAIL, &self.exemption),
        ]
    }

    /// Mutations of contracts, as [`Self::mutations`].
    fn contract_mutations(&self) -> Vec<OperationCase> {
        let of = |id: &str| json!({ "id": id });
        let parties = json!({ "id": self.department.id, "firm": self.firm.id });
        vec![
            mutation(
                "recordContract",
                "mutation($id: ID!, $firm: ID!) { recordContract(input: {
                departmentId: $id, organizationId: $firm, number: \"\", title: \"\",
                value: { amount: \"1\", currency: \"USD\" }, startDate: \"\", endDate: \"\" }) {
                userErrors { code } } }",
                parties.clone(),
            ),
            mutation(
                "awardContract",
                "mutation($id: ID!, $firm: ID!) { awardContract(input: {
                departmentId: $id, organizationId: $firm, number: \"\", startDate: \"\",
                endDate: \"\" }) { userErrors { code } } }",
                parties,
            ),
            mutation(
                "insertClause",
                "mutation($id: ID!) { insertClause(input: {
                contractId: $id, version: 99 }) { userErrors { code } } }",
                of(&self.contract),
            ),
            mutation(
                "proposeRenewal",
                "mutation($id: ID!) { proposeRenewal(input: {
                contractId: $id, action: RENEWAL, endDate: \"\" }) { userErrors { code } } }",
                of(&self.contract),
            ),
            mutation(
                "executeRenewal",
                "mutation($id: ID!) { executeRenewal(id: $id) {
                userErrors { code } } }",
                of(&self.superseded),
            ),
            mutation(
                "claimExemption",
                "mutation($id: ID!) { claimExemption(input: {
                contractId: $id, kind: EMERGENCY, reason: \"\" }) { userErrors { code } } }",
                of(&self.contract),
            ),
            mutation(
                "requestWaiver",
                "mutation($id: ID!) { requestWaiver(input: {
                contractId: $id, rule: \"\", expiresOn: \"\" }) { userErrors { code } } }",
                of(&self.contract),
            ),
            mutation(
                "approveWaiver",
                "mutation($id: ID!) { approveWaiver(id: $id) {
                userErrors { code } } }",
                of(&self.waiver),
            ),
            mutation(
                "revokeWaiver",
                "mutation($id: ID!) { revokeWaiver(id: $id, reason: \"\") {
                userErrors { code } } }",
                of(&self.waiver),
            ),
            mutation(
                "approveExemption",
                "mutation($id: ID!) { approveExemption(id: $id) {
                userErrors { code } } }",
                of(&self.exemption),
            ),
            mutation(
                "declineExemption",
                "mutation($id: ID!) { declineExemption(id: $id, reason: \"No.\") {
                userErrors { code } } }",
                of(&self.exemption),
            ),
        ]
    }

    fn queries(&self) -> Vec<OperationCase> {
        const NODE: &str = "query($id: ID!) { node(id: $id) { id } }";
        const TRAIL: &str =
            "query($id: ID!) { auditTrail(subject: $id) { nodes { id: subject } } }";
        const SCREEN: &str = "{ screenBids(first: 100) { nodes { id } } }";
        const DISCLOSURE: &str = "query($id: ID!) { disclosure(id: $id) { id } }";
        const SOLICITATION: &str = "query($id: ID!) { solicitation(id: $id) { id } }";
        const SOLICITATIONS: &str = "{ solicitations(first: 100) { nodes { id } } }";
        const OPEN: &str = "{ solicitations(open: true) { nodes { id } } }";
        const BY_NUMBER: &str = "query($number: String!) { solicitation(number: $number) { id } }";
        const DECISION: &str = "query($id: ID!) { decision(id: $id) { id } }";
        const ORGANIZATION: &str = "query($id: ID!) { organization(id: $id) { id } }";
        const COMPARE: &str = "query($id: ID!) {
            compareDisclosures(a: $id, b: $id) { fields { path } } }";
        let bid = "query($input: BidInput!) { bidReadiness(input: $input) { outcome } }";
        let readiness =
            OperationCase { variables: self.bid_variables(), ..query("bidReadiness", bid, "") };
        let department = &*self.department.id;
        let compare = "query($id: ID!, $draft: ID!) {
            compareDisclosures(a: $id, b: $draft) { fields { path } } }";
        let with_a_draft = OperationCase {
            variables: json!({ "id": self.filed, "draft": self.draft }),
            ..query("compareDisclosures: with a draft", compare, "")
        };
        let by_number = OperationCase {
            variables: json!({ "number": self.published_number }),
            ..query("solicitation: by number", BY_NUMBER, "")
        };
        vec![
            query("viewer", "{ viewer { subject } }", ""),
            query("organization", ORGANIZATION, &self.firm.id),
            query("organizations", "{ organizations { nodes { id } } }", &self.firm.id),
            query("findParty", "{ findParty(text: \"Acosta\") { id: organizationId } }", ""),
            query("departments", "{ departments { nodes { id } } }", department),
            query("policy", "{ policy { id } }", ""),
            query("policies", "{ policies { nodes { id } } }", &self.policy),
            query("policyProposals", "{ policyProposals { nodes { id } } }", ""),
            query("disclosure: filed", DISCLOSURE, &self.filed),
            query("disclosure: a draft", DISCLOSURE, &self.draft),
            query("disclosures", "{ disclosures { nodes { id } } }", &self.filed),
            query("compareDisclosures: filings", COMPARE, &self.filed),
            with_a_draft,
            query("solicitation: published", SOLICITATION, &self.published),
            query("solicitation: a draft", SOLICITATION, &self.drafted),
            by_number,
            query("solicitations: open", OPEN, &self.open),
            query("solicitations: published", SOLICITATIONS, &self.published),
            query("solicitations: a draft", SOLICITATIONS, &self.drafted),
            readiness,
            query("decision: of an opened bid", DECISION, &self.decision),
            query("decision: of a sealed bid", DECISION, &self.sealed_decision),
            query("screenBids: an opened bid", SCREEN, &self.bid),
            query("screenBids: a sealed bid", SCREEN, &self.sealed),
            query(
                "reviewQueue: an overdue question",
                "{ reviewQueue(kinds: [QUESTION_OVERDUE]) { nodes { id } } }",
                &self.question,
            ),
            query(
                "reviewQueue: a waiting contract action",
                "{ reviewQueue { nodes { id } } }",
                &self.renewal,
            ),
            query(
                "reviewQueue: a disputed identifier",
                "{ reviewQueue(kinds: [IDENTIFIER_DISPUTED]) { nodes { id } } }",
                &self.dispute,
            ),
            query("node: an organization", NODE, &self.firm.id),
            query("node: a department", NODE, department),
            query("node: a policy", NODE, &self.policy),
            query("node: a filed disclosure", NODE, &self.filed),
            query("node: a draft disclosure", NODE, &self.draft),
            query("node: a published solicitation", NODE, &self.published),
            query("node: a draft solicitation", NODE, &self.drafted),
            query("node: an opened bid", NODE, &self.bid),
            query("node: a sealed bid", NODE, &self.sealed),
            query("node: an opened bid's decision", NODE, &self.decision),
            query("node: a sealed bid's decision", NODE, &self.sealed_decision),
            query("auditTrail: an organization", TRAIL, &self.firm.id),
            query("auditTrail: a department", TRAIL, department),
            query("auditTrail: a policy", TRAIL, &self.policy),
            query("auditTrail: a filed disclosure", TRAIL, &self.filed),
            query("auditTrail: a published solicitation", TRAIL, &self.published),
            query("auditTrail: a draft solicitation", TRAIL, &self.drafted),
            query("auditTrail: an opened bid", TRAIL, &self.bid),
            query("auditTrail: a sealed bid", TRAIL, &self.sealed),
        ]
    }

    fn bid_variables(&self) -> Value {
        json!({ "input": {
            "solicitationId": self.open, "organizationId": self.firm.id, "amount": usd("1"),
        } })
    }

    /// Every mutation with an input that an authorized user gets a user error for, so that the
    /// answer depends only on the user. `officer` is the membership that may be removed.
    #[expect(clippy::too_many_lines, reason = "one request for each mutation")]
    fn mutations(&self, officer: &str) -> Vec<OperationCase> {
        const AMEND: &str = "mutation($id: ID!) {
            amendSolicitation(input: { id: $id }) { userErrors { code } } }";
        const AMEND_DRAFT: &str = "mutation($id: ID!) {
            amendSolicitation(input: { id: $id, addendum: \"A\" }) { userErrors { code } } }";
        const PUBLISH: &str = "mutation($id: ID!) {
            publishSolicitation(id: $id) { userErrors { code } } }";
        const CANCEL: &str = "mutation($id: ID!) {
            cancelSolicitation(id: $id, reason: \"\") { userErrors { code } } }";
        const REMOVE: &str = "mutation($id: ID!) { removeMember(id: $id) { userErrors { code } } }";
        const WITHDRAW: &str =
            "mutation($id: ID!) { withdrawBid(id: $id) { userErrors { code } } }";
        let (firm, department) = (&*self.firm.id, &*self.department.id);
        let of = |id: &str| json!({ "id": id });
        let signed = |id: &str| json!({ "id": id, "attestation": attestation() });
        let unsigned = json!({ "id": firm, "attestation": {
            "agreed": false, "name": "", "title": "", "authority": "", "city": "", "state": "",
        } });
        // The last subject is withdrawn by the first user who may.
        vec![
            mutation("createOrganization", "mutation { createOrganization(
                input: { kind: CORPORATION, legalName: \"\" }) { userErrors { code } } }", json!({})),
            mutation("updateOrganization", "mutation($id: ID!) { updateOrganization(
                id: $id, revision: 1, input: { legalName: \"\" }) { userErrors { code } } }",
                of(firm)),
            mutation("registerOrganization", "mutation { registerOrganization(
                input: { kind: CORPORATION, legalName: \"\" }) { userErrors { code } } }", json!({})),
            mutation("verifyIdentifier", "mutation($id: ID!) { verifyIdentifier(input: {
                organizationId: $id, identifier: { scheme: UEI, id: \"\" }, reason: \"\" }) {
                userErrors { code } } }", of(firm)),
            mutation("releaseIdentifier", "mutation($id: ID!) { releaseIdentifier(input: {
                organizationId: $id, identifier: { scheme: UEI, id: \"\" }, reason: \"\" }) {
                userErrors { code } } }", of(firm)),
            mutation("mergeOrganizations", "mutation($id: ID!) { mergeOrganizations(
                input: { retiredId: $id, survivingId: $id, reason: \"\" }) {
                userErrors { code } } }", of(firm)),
            mutation("dismissMerge", "mutation($id: ID!) { dismissMerge(id: $id, reason: \"\") {
                userErrors { code } } }", of(&firm.replace("org_", "mrg_"))),
            mutation("createApiKey", "mutation { createApiKey(
                input: { name: \"\", scopes: [], expiresAt: \"2026-02-01T00:00:00Z\" }) {
                userErrors { code } } }", json!({})),
            mutation("revokeApiKey", "mutation($id: ID!) { revokeApiKey(id: $id) {
                apiKey { id } userErrors { code } } }", of(&self.keys.revoked.id)),
            mutation("createDepartment", "mutation { createDepartment(
                input: { code: \"\", name: \"\", contact: \"\" }) { userErrors { code } } }",
                json!({})),
            mutation("addMember", "mutation($id: ID!) { addMember(
                input: { departmentId: $id, email: \"\" }) { userErrors { code } } }",
                of(department)),
            mutation("inviteMember", "mutation($id: ID!) { inviteMember(
                input: { organizationId: $id, email: \"\", role: PREPARER }) { userErrors { code } } }",
                of(firm)),
            mutation("removeMember: a firm's", REMOVE, of(&self.signatory)),
            mutation("removeMember: an officer", REMOVE, of(officer)),
            mutation("saveDisclosureDraft", "mutation($id: ID!) { saveDisclosureDraft(
                input: { organizationId: $id, revision: 999 }) { userErrors { code } } }", of(firm)),
            mutation("discardDisclosureDraft", "mutation($id: ID!) { discardDisclosureDraft(
                id: $id, revision: 999) { userErrors { code } } }", of(&self.draft)),
            mutation("fileDisclosure", "mutation($id: ID!, $attestation: AttestationInput!) {
                fileDisclosure(input: { id: $id, revision: 999, attestation: $attestation }) {
                userErrors { code } } }", signed(&self.draft)),
            mutation("reaffirmDisclosure", "mutation($id: ID!, $attestation: AttestationInput!) {
                reaffirmDisclosure(organizationId: $id, version: 1, attestation: $attestation) {
                userErrors { code } } }", unsigned),
            mutation("withdrawDisclosure", "mutation($id: ID!) {
                withdrawDisclosure(id: $id, reason: \"\") { userErrors { code } } }",
                of(&self.filed)),
            mutation("requestClarification", "mutation($id: ID!) { requestClarification(
                input: { disclosureId: $id, question: \"\", dueOn: \"\" }) {
                userErrors { code } } }", of(&self.filed)),
            mutation("answerClarification", "mutation($id: ID!) { answerClarification(
                input: { clarificationId: $id, answer: \"\" }) { userErrors { code } } }",
                of(&self.question)),
            mutation("acceptDisclosure", "mutation($id: ID!) { acceptDisclosure(id: $id) {
                userErrors { code } } }", of(&self.filed)),
            mutation("acceptDisclosures", "mutation { acceptDisclosures(ids: []) {
                userErrors { code } } }", json!({})),
            mutation("assignReview", "mutation($id: ID!) { assignReview(id: $id, to: \"\") {
                userErrors { code } } }", of(&self.filed)),
            mutation("rejectDisclosure", "mutation($id: ID!) { rejectDisclosure(
                input: { disclosureId: $id, reasons: [], explanation: \"\" }) {
                userErrors { code } } }", of(&self.filed)),
            mutation("reopenReview", "mutation($id: ID!) { reopenReview(id: $id, reason: \"\") {
                userErrors { code } } }", of(&self.filed)),
            mutation("takeReview", "mutation($id: ID!) { takeReview(id: $id) {
                userErrors { code } } }", of(&self.filed)),
            mutation("appealRejection", "mutation($id: ID!) { appealRejection(
                input: { disclosureId: $id, grounds: \"\" }) { userErrors { code } } }",
                of(&self.filed)),
            mutation("decideAppeal: of another firm", "mutation($id: ID!) { decideAppeal(
                input: { appealId: $id, outcome: UPHELD, explanation: \"\" }) {
                userErrors { code } } }", of(&self.appeal)),
            mutation("enterPaperDisclosure", "mutation($id: ID!) { enterPaperDisclosure(input: {
                organizationId: $id, statement: {}, signedOn: \"\", paper: {}, attestation: {
                agreed: false, name: \"\", title: \"\", authority: \"\", city: \"\", state: \"\" } }) {
                userErrors { code } } }", of(firm)),
            mutation("publishPolicy", "mutation { publishPolicy(input: { text: \"\" }) {
                userErrors { code } } }", json!({})),
            mutation("suspendPolicy", "mutation { suspendPolicy(
                input: { version: 1, citation: \"\" }) { userErrors { code } } }", json!({})),
            mutation("reinstatePolicy", "mutation { reinstatePolicy(input: {
                suspensionId: \"sus_01h455vb4pex5vsknk084sn02q\", citation: \"\" }) {
                userErrors { code } } }", json!({})),
            mutation("withdrawPolicy", "mutation { withdrawPolicy(
                input: { version: 1, reason: \"\" }) { userErrors { code } } }", json!({})),
            mutation("confirmPolicyProposal", "mutation { confirmPolicyProposal(
                id: \"ppr_01h455vb4pex5vsknk084sn02q\") { userErrors { code } } }", json!({})),
            mutation("withdrawPolicyProposal", "mutation { withdrawPolicyProposal(
                id: \"ppr_01h455vb4pex5vsknk084sn02q\") { userErrors { code } } }", json!({})),
            mutation("createSolicitation", "mutation($id: ID!) { createSolicitation(input: {
                departmentId: $id, number: \"\", title: \"\", method: BIDS,
                dueAt: \"2026-04-14T21:00:00Z\" }) { userErrors { code } } }", of(department)),
            mutation("amendSolicitation: published", AMEND, of(&self.published)),
            mutation("amendSolicitation: a draft", AMEND_DRAFT, of(&self.drafted)),
            mutation("publishSolicitation: published", PUBLISH, of(&self.published)),
            mutation("publishSolicitation: a draft", PUBLISH, of(&self.drafted)),
            mutation("cancelSolicitation: published", CANCEL, of(&self.published)),
            mutation("cancelSolicitation: a draft", CANCEL, of(&self.drafted)),
            mutation("submitBid", "mutation($id: ID!, $firm: ID!) { submitBid(input: {
                solicitationId: $id, organizationId: $firm,
                amount: { amount: \"1\", currency: \"USD\" } }) { userErrors { code } } }",
                json!({ "id": self.published, "firm": firm })),
            mutation("identifyParty", "mutation($id: ID!) { identifyParty(input: {
                bidId: $id, name: \"nobody\", organizationId: \"org_01kb0000000000000000000000\" }) {
                userErrors { code } } }", of(&self.bid)),
            mutation("substituteSubcontractor", "mutation($id: ID!) { substituteSubcontractor(input: {
                bidId: $id, name: \"nobody\", replacement: { name: \"Somebody\" },
                ground: NOT_LICENSED, explanation: \"E.\" }) { userErrors { code } } }",
                of(&self.bid)),
            mutation("withdrawBid: opened", WITHDRAW, of(&self.bid)),
            mutation("withdrawBid: sealed", WITHDRAW, of(&self.sealed)),
        ]
    }
}

/// Identifiers of contract objects.
struct ContractSeed {
    contract: String,
    renewal: String,
    superseded: String,
    waiver: String,
    exemption: String,
}

impl ContractSeed {
    /// Inserts a contract of the firm with two renewal proposals, a declined waiver and an
    /// exemption.
    async fn insert(app: &TestApp, department: &Department, firm: &Firm) -> Self {
        let days = ("2024-03-01", "2026-06-30");
        let contract = app
            .record_contract(
                department,
                firm,
                "C-1",
                days,
                json!({ "subcontractors": [
            { "name": "Nobody Knows", "amount": usd("90000") },
        ] }),
            )
            .await;
        let input = json!({ "contractId": contract, "action": "RENEWAL", "endDate": "2027-06-30" });
        let superseded = app.propose_renewal(department, input.clone()).await;
        let mut replacing = input;
        replacing["replaces"] = json!(superseded);
        let renewal = app.propose_renewal(department, replacing).await;
        let payload = json!({ "input": {
            "contractId": contract, "rule": "party.unidentified", "purpose": "P",
            "alternatives": "A", "cost": "C", "costAmount": usd("1"), "authority": "A",
            "expiresOn": "2026-04-01",
        } });
        let payload = app.mutate_ok(&department.token, REQUEST_WAIVER, payload).await;
        let waiver = text(&payload["waiver"]["id"]);
        let declined = json!({ "id": waiver, "reason": "No." });
        app.mutate_ok(&app.supervisor_token("supervisor"), REVOKE_WAIVER, declined).await;
        let claim = json!({ "input": {
            "contractId": contract, "kind": "GOVERNMENT_ENTITY", "reason": "A county.",
            "authority": "Government Code 23000",
        } });
        let claimed = app.mutate_ok(&department.token, CLAIM_EXEMPTION, claim).await;
        let exemption = text(&claimed["exemption"]["id"]);
        Self { contract, renewal, superseded, waiver, exemption }
    }
}

/// Requests a clarification; returns the question's identifier.
async fn request_question(app: &TestApp, disclosure: &str, due_on: &str) -> String {
    let input = json!({ "disclosureId": disclosure, "question": "Which?", "dueOn": due_on });
    let payload = app
        .mutate_ok(&app.reviewer_token(), REQUEST_CLARIFICATION, json!({ "input": input }))
        .await;
    text(&payload["disclosure"]["clarifications"][0]["id"])
}

/// Appeals the rejection of a firm's disclosure; returns the appeal's identifier.
async fn file_appeal(app: &TestApp, firm: &Firm) -> String {
    let last = "query($id: ID!) { organization(id: $id) { disclosures { nodes { id } } } }";
    let last = app.query(&firm.token, last, json!({ "id": firm.id })).await;
    let disclosure = text(&last["organization"]["disclosures"]["nodes"][0]["id"]);
    let input = json!({
        "disclosureId": disclosure, "reasons": ["NOT_AUTHORIZED"], "explanation": "Who signed?",
    });
    app.mutate_ok(&app.reviewer_token(), REJECT_DISCLOSURE, json!({ "input": input })).await;
    let input = json!({ "disclosureId": disclosure, "grounds": "The owner did." });
    let file_appeal = app.mutate_ok(&firm.token, APPEAL_REJECTION, json!({ "input": input })).await;
    text(&file_appeal["disclosure"]["appeals"][0]["id"])
}

/// Adds an officer to the department; returns the membership.
async fn add_removable_officer(app: &TestApp, department: &Department, of: &str) -> String {
    let admin = app.token("administrator", &[Role::Admin]);
    let add = "mutation($input: OfficerInput!) { addMember(input: $input) {
        member { id } userErrors { path code message } } }";
    let email = subject_email(&format!("spare-for-{of}"));
    let input = json!({ "input": { "departmentId": department.id, "email": email } });
    text(&app.mutate_ok(&admin, add, input).await["member"]["id"])
}

/// Classifies a response in the table's words.
async fn classify_answer(app: &TestApp, token: Option<&String>, case: &OperationCase) -> String {
    let question = json!({ "query": case.document, "variables": case.variables });
    let mut request = app.http_request(Method::POST, "/graphql").json(&question);
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    let answer = request.send().await.expect("an answer").text().await.expect("a text");
    let answer: Value = serde_json::from_str(&answer).unwrap_or_else(|_| panic!("{answer}"));
    if let Some(errors) = answer.get("errors") {
        let code = errors[0]["extensions"]["code"].as_str();
        return match code {
            Some("FORBIDDEN") => "forbidden".to_owned(),
            Some("NOT_FOUND") => "nothing".to_owned(),
            Some("UNAUTHENTICATED") => "unauthenticated".to_owned(),
            Some("CONFLICT") if case.kind == "mutation" => "yes".to_owned(),
            _ => errors.to_string(),
        };
    }
    let field = case.row.split(':').next().expect("an operation");
    let value = &answer["data"][field];
    let there = match value["nodes"].as_array() {
        Some(nodes) => nodes.iter().any(|node| node["id"] == case.expected_id),
        None => !value.is_null(),
    };
    if there { "yes" } else { "nothing" }.to_owned()
}

/// Lists the schema's operations with their kinds.
async fn operations(app: &TestApp) -> BTreeSet<(String, String)> {
    let list = "{ __schema { query: queryType { fields { name } }
        mutation: mutationType { fields { name } } } }";
    let schema = app.query(&app.reviewer_token(), list, json!({})).await["__schema"].take();
    let mut operations = BTreeSet::new();
    for kind in ["query", "mutation"] {
        for field in schema[kind]["fields"].as_array().expect("fields") {
            operations.insert((kind.to_owned(), text(&field["name"])));
        }
    }
    operations
}

async fn every_operation_matches_the_access_table(app: TestApp) {
    let table: Table = toml::from_str(include_str!("../access.toml")).expect("a table");
    let mut rows = BTreeMap::new();
    for (kind, of_kind) in [("query", &table.query), ("mutation", &table.mutation)] {
        rows.extend(of_kind.iter().map(|(row, cells)| ((kind, row.as_str()), cells)));
    }
    let seed = Box::pin(Seed::insert(&app)).await;
    let viewer_tokens = seed.viewer_tokens(&app);
    let columns: Vec<&str> = viewer_tokens.iter().map(|(who, _)| *who).collect();
    assert_eq!(table.columns, columns);

    let mut differences = Vec::new();
    let operation =
        |(kind, row): &(&str, &str)| (String::from(*kind), row.split(':').next().map(String::from));
    let tabled: BTreeSet<_> = rows.keys().map(operation).collect();
    let served: BTreeSet<_> =
        operations(&app).await.into_iter().map(|(kind, name)| (kind, Some(name))).collect();
    for (kind, name) in served.symmetric_difference(&tabled) {
        let name = name.as_deref().unwrap_or_default();
        differences.push(format!("{kind} {name}: in the schema or in the table, not in both"));
    }
    let mut untested: BTreeSet<_> = rows.keys().copied().collect();
    for (column, (who, token)) in viewer_tokens.iter().enumerate() {
        let officer = add_removable_officer(&app, &seed.department, who).await;
        let all = seed.queries().into_iter().chain(seed.contract_queries());
        let all = all.chain(seed.award_queries()).chain(seed.mutations(&officer));
        let all = all.chain(seed.contract_mutations()).chain(seed.award_mutations());
        for case in all {
            let row = (case.kind, case.row);
            untested.remove(&row);
            let cell = rows.get(&row).and_then(|cells| cells.get(column)).map(String::as_str);
            let answer = classify_answer(&app, token.as_ref(), &case).await;
            if cell != Some(&answer) {
                let cell = cell.unwrap_or("no cell");
                let (kind, row) = row;
                differences.push(format!("{kind} {row}, {who}: {answer}; the table: {cell}"));
            }
        }
    }
    let count = viewer_tokens.len();
    for (row, cells) in rows.iter().filter(|(_, cells)| cells.len() != count) {
        differences.push(format!("{row:?} has {} cells", cells.len()));
    }
    differences.extend(untested.iter().map(|row| format!("{row:?} is never tested")));
    assert!(differences.is_empty(), "{}", differences.join("\n"));
    app.assert_verifies().await;
}

/// Without a policy the service reads and writes what needs none, and refuses the rest with a message
/// that says so.
async fn every_operation_answers_without_a_policy(app: TestApp) {
    app.check_health().await;
    let ready = app.http_request(Method::GET, "/readyz").send().await.expect("an answer");
    let ready: Value = ready.json().await.expect("JSON");
    assert_eq!(ready, json!({ "status": "ready", "policy": "none" }));
    let seed = Box::pin(Seed::insert_without_policy(&app)).await;
    Box::pin(assert_policy_is_needed(&app, &seed)).await;
    let mut answered = 0;
    for (who, token) in seed.viewer_tokens(&app) {
        let officer = add_removable_officer(&app, &seed.department, who).await;
        let all = seed.queries().into_iter().chain(seed.contract_queries());
        let all = all.chain(seed.award_queries()).chain(seed.mutations(&officer));
        let all = all.chain(seed.contract_mutations()).chain(seed.award_mutations());
        for case in all {
            let request = json!({ "query": case.document, "variables": case.variables });
            let mut sent = app.http_request(Method::POST, "/graphql").json(&request);
            if let Some(token) = &token {
                sent = sent.bearer_auth(token);
            }
            let answer = sent.send().await.expect("an answer").text().await.expect("a text");
            assert!(answer.starts_with('{'), "{who} {}: {answer}", case.row);
            assert!(!answer.contains("INTERNAL"), "{who} {}: {answer}", case.row);
            answered += 1;
        }
    }
    assert!(answered > 1_000, "{answered}");
    app.assert_verifies().await;
}

/// Sends complete requests that need a policy.
async fn assert_policy_is_needed(app: &TestApp, seed: &Seed) {
    let signed = attestation();
    let paper = json!({ "input": {
        "organizationId": seed.rival.id, "statement": no_dealings(), "attestation": signed,
        "signedOn": "2026-02-01", "paper": { "name": "form.pdf", "sha256": "0".repeat(64) },
    } });
    let direct = json!({ "input": {
        "departmentId": seed.department.id, "organizationId": seed.firm.id, "number": "C-2",
        "title": "Paving", "method": "SOLE_SOURCE", "value": usd("1000.00"),
        "startDate": "2026-02-03", "endDate": "2026-06-30",
    } });
    let exemption = json!({ "input": {
        "contractId": seed.contract, "kind": "EMERGENCY", "reason": "A flood.",
    } });
    let waiver = json!({ "input": {
        "contractId": seed.contract, "rule": "disclosure.missing", "purpose": "P",
        "alternatives": "A", "cost": "C", "costAmount": usd("1"), "authority": "A",
        "expiresOn": "2026-04-01",
    } });
    let suspension = json!({ "input": { "version": 1, "citation": "26STCP00417" } });
    let id = |id: &str| json!({ "id": id });
    let (firm, officer) = (&seed.firm.token, &seed.department.token);
    let supervisor = app.supervisor_token("supervisor");
    let (reviewer, admin) = (app.reviewer_token(), app.token("staff", &[Role::Admin]));
    let award = "mutation($input: AwardInput!) { awardContract(input: $input) { contract { id }
        userErrors { path code message } } }";
    let execute = "mutation($id: ID!) { executeRenewal(id: $id) { contract { id }
        userErrors { path code message } } }";
    let none = "No policy is published, so this cannot be done yet. An administrator of the City \
                publishes the first one.";
    for (token, document, variables, expected) in [
        (&supervisor, ENTER_PAPER_DISCLOSURE, paper, none),
        (officer, PUBLISH_SOLICITATION, id(&seed.drafted), none),
        (officer, award, direct, none),
        (officer, execute, id(&seed.renewal), none),
        (officer, CLAIM_EXEMPTION, exemption, none),
        (&reviewer, REQUEST_WAIVER, waiver, none),
        (&admin, SUSPEND_POLICY, suspension, "Policy version 1 does not exist."),
    ] {
        let payload = app.mutate(token, document, variables).await;
        let errors = payload["userErrors"].as_array().expect("a list");
        let messages: Vec<String> = errors.iter().map(|error| text(&error["message"])).collect();
        assert_eq!(messages, [expected], "{document}");
    }
    let policies = "{ policy { id } policies { nodes { id } } }";
    let data = app.query(firm, policies, json!({})).await;
    assert_eq!(data, json!({ "policy": null, "policies": { "nodes": [] } }));
}
