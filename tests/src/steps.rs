//! Further steps for disclosures and bids: GraphQL documents with full selections, unusual inputs,
//! and expected refusals.
#![expect(clippy::missing_panics_doc, reason = "a failed step fails its story")]

use std::sync::atomic::{AtomicU32, Ordering::SeqCst};

use candor_schema::contracting::service::{ReevaluationSummary, process_pending};
use candor_schema::disclosure::model::{AttestationInput, FilingInput};
use candor_schema::disclosure::service::file;
use candor_schema::organization::model::{PossibleMerge, Role, SignIn, Viewer};
use candor_schema::organization::service::{propose_merges, sign_in};
use candor_schema::principal::{Principal, ServiceActor};
use candor_schema::reevaluation::service::has_due_items;
use candor_schema::verify::verify;
use serde_json::{Value, json};

use crate::contracts::Ordinance;
use crate::fixtures::{Department, Firm, no_dealings, usd};
use crate::test_app::{TestApp, subject_email};

pub const UPDATE_ORGANIZATION: &str =
    "mutation($id: ID!, $revision: Int!, $input: OrganizationUpdate!) {
    updateOrganization(id: $id, revision: $revision, input: $input) {
        organization { id revision legalName formerNames { name }
            identifiers { scheme id state claimedAt } }
        userErrors { path code message } } }";
pub const CREATE_ORGANIZATION: &str =
    "mutation($input: OrganizationInput!) { createOrganization(input: $input) {
    organization { id legalName } userErrors { path code message } } }";
pub const MERGE_ORGANIZATIONS: &str =
    "mutation($input: MergeInput!) { mergeOrganizations(input: $input) {
    organization { id legalName doingBusinessAs mergedInto { id } mergedFrom { id legalName }
        identifiers { scheme id state } }
    userErrors { path code message } } }";
pub const INVITE_MEMBER: &str = "mutation($input: InvitationInput!) { inviteMember(input: $input) {
    member { id isBound email role } userErrors { path code message } } }";
pub const SAVE_DRAFT: &str = "mutation($input: DisclosureDraftInput!) { saveDisclosureDraft(input: $input) {
    disclosure { id status revision gaps { path code message } } userErrors { path code message } } }";
pub const FILE_DISCLOSURE: &str = "mutation($input: FilingInput!) { fileDisclosure(input: $input) {
    disclosure { id status kind version policyVersion sha256 canonical filedAt
        attestation { text name email subject digest signedAt } }
    userErrors { path code message } } }";
pub const REAFFIRM_DISCLOSURE: &str =
    "mutation($organization: ID!, $version: Int!, $attestation: AttestationInput!) {
    reaffirmDisclosure(organizationId: $organization, version: $version, attestation: $attestation) {
        disclosure { id status kind version policyVersion sha256 canonical filedAt }
        userErrors { path code message } } }";
pub const WITHDRAW_DISCLOSURE: &str = "mutation($id: ID!, $reason: String!) {
    withdrawDisclosure(id: $id, reason: $reason) {
        disclosure { id status withdrawnAt withdrawalReason } userErrors { path code message } } }";
pub const CREATE_SOLICITATION: &str = "mutation($input: SolicitationInput!) {
    createSolicitation(input: $input) {
        solicitation { id status number } userErrors { path code message } } }";
pub const AMEND_SOLICITATION: &str =
    "mutation($input: SolicitationAmendment!) { amendSolicitation(input: $input) {
    solicitation { id status title description dueAt addenda { number text dueAt issuedAt } }
    userErrors { path code message } } }";
pub const PUBLISH_SOLICITATION: &str = "mutation($id: ID!) { publishSolicitation(id: $id) {
    solicitation { id status policyVersion notice sealed publishedAt open }
    userErrors { path code message } } }";
pub const CANCEL_SOLICITATION: &str = "mutation($id: ID!, $reason: String!) {
    cancelSolicitation(id: $id, reason: $reason) {
        solicitation { id status canceledAt cancellationReason } userErrors { path code message } } }";
pub const SUBMIT_BID: &str = "mutation($input: BidInput!) { submitBid(input: $input) {
    bid { id status cureBy submittedAt disclosure { id } }
    decision { id outcome cureBy policyVersion letter factsHash decisionHash facts
        findings { code severity message path remedy citation cureBy } }
    userErrors { path code message } } }";
pub const WITHDRAW_BID: &str = "mutation($id: ID!) { withdrawBid(id: $id) {
    bid { id status withdrawnAt } userErrors { path code message } } }";
pub const BID_READINESS: &str = "query($input: BidInput!) { bidReadiness(input: $input) {
    outcome cureBy policyVersion letter findings { code severity cureBy } } }";

pub const REQUEST_CLARIFICATION: &str =
    "mutation($input: ClarificationInput!) { requestClarification(input: $input) {
    disclosure { id review reviewer clarifications { id status question path dueAt } }
    userErrors { path code message } } }";
pub const ANSWER_CLARIFICATION: &str =
    "mutation($input: AnswerInput!) { answerClarification(input: $input) {
    disclosure { id review clarifications { id status answer } }
    userErrors { path code message } } }";
pub const ACCEPT_DISCLOSURE: &str = "mutation($id: ID!, $remark: String) {
    acceptDisclosure(id: $id, remark: $remark) {
        disclosure { id review reviews { verdict decidedBy } } userErrors { path code message } } }";
pub const REJECT_DISCLOSURE: &str =
    "mutation($input: RejectionInput!) { rejectDisclosure(input: $input) {
    disclosure { id review reviews { id verdict reasons paths explanation appealBy reopenedAt } }
    userErrors { path code message } } }";
pub const REOPEN_REVIEW: &str = "mutation($id: ID!, $reason: String!) {
    reopenReview(id: $id, reason: $reason) {
        disclosure { id review reviews { verdict reopenReason } } userErrors { path code message } } }";
pub const TAKE_REVIEW: &str =
    "mutation($id: ID!, $from: String) { takeReview(id: $id, from: $from) {
    disclosure { id reviewer } userErrors { path code message } } }";
pub const APPEAL_REJECTION: &str =
    "mutation($input: AppealInput!) { appealRejection(input: $input) {
    disclosure { id review appeals { id outcome grounds } } userErrors { path code message } } }";
pub const DECIDE_APPEAL: &str = "mutation($input: AppealDecisionInput!) {
    decideAppeal(input: $input) { disclosure { id review appeals { id outcome explanation } }
    userErrors { path code message } } }";
pub const ENTER_PAPER_DISCLOSURE: &str = "mutation($input: PaperDisclosureInput!) {
    enterPaperDisclosure(input: $input) {
        disclosure { id status version paper kind filedAt
            attestation { form name signedAt subject paper { name sha256 link } } }
        userErrors { path code message } } }";
pub const PUBLISH_POLICY: &str = "mutation($input: PolicyInput!, $draft: Boolean = true) {
    publishPolicy(input: $input, draft: $draft) {
    policy { id version effectiveFrom draft differences { part name before after } }
    proposal { id status kind policyVersion expiresAt draft differences { name } }
    userErrors { path code message } } }";
pub const SUSPEND_POLICY: &str =
    "mutation($input: SuspensionInput!) { suspendPolicy(input: $input) {
    suspension { id rules citation suspendedAt reinstatedAt } proposal { id status kind }
    userErrors { path code message } } }";
pub const REINSTATE_POLICY: &str = "mutation($input: ReinstatementInput!) {
    reinstatePolicy(input: $input) { suspension { id reinstatedAt reinstatement }
    proposal { id status kind suspensionId }
    userErrors { path code message } } }";
pub const WITHDRAW_POLICY: &str = "mutation($input: PolicyWithdrawalInput!) {
    withdrawPolicy(input: $input) { policy { id version withdrawnAt withdrawalReason }
    userErrors { path code message } } }";
pub const CONFIRM_POLICY_PROPOSAL: &str = "mutation($id: ID!) { confirmPolicyProposal(id: $id) {
    proposal { id status decidedBy } policy { id version } suspension { id reinstatedAt }
    userErrors { path code message } } }";
pub const WITHDRAW_POLICY_PROPOSAL: &str = "mutation($id: ID!) { withdrawPolicyProposal(id: $id) {
    proposal { id status decidedBy } userErrors { path code message } } }";

/// What the policy's text says where two people publish, and where one does.
pub const TWO_PEOPLE: &str = "{ required = true, confirmationDays";
pub const ONE_PERSON: &str = "{ required = false, confirmationDays";

/// Returns a number that is unique within the process.
fn next_number() -> u32 {
    static LAST: AtomicU32 = AtomicU32::new(0);
    LAST.fetch_add(1, SeqCst) + 1
}

/// Tokens.
impl TestApp {
    /// Returns a token of a reviewer of the Bureau of Contract Administration.
    #[must_use]
    pub fn reviewer_token(&self) -> String {
        self.token("reviewer", &[Role::BcaReviewer])
    }

    /// Returns a token with an e-mail address that its issuer did or did not verify.
    #[must_use]
    pub fn token_with_email(
        &self,
        subject: &str,
        role: Role,
        email: &str,
        verified: bool,
    ) -> String {
        let mut claims = self.issuer_claims(subject, &[role]);
        claims.email = Some(email.to_owned());
        claims.email_verified = verified;
        self.key.sign(&claims).expect("a token")
    }

    /// Returns a token that gives its person's name.
    #[must_use]
    pub fn named_token(&self, subject: &str, role: Role, name: &str) -> String {
        let mut claims = self.issuer_claims(subject, &[role]);
        claims.name = Some(name.to_owned());
        self.key.sign(&claims).expect("a token")
    }
}

/// Re-evaluation, reviews and appeals.
impl TestApp {
    /// Runs the sweep that the service runs every minute: processes what a crash or a passed
    /// deadline left pending.
    pub async fn sweep(&self) -> ReevaluationSummary {
        // Boxed, because this large future would otherwise be part of every story's.
        Box::pin(process_pending(&self.database, self.now())).await.expect("a sweep")
    }

    /// Returns whether any re-evaluation is due.
    pub async fn has_pending_reevaluations(&self) -> bool {
        has_due_items(&self.database, self.now()).await.expect("a look at the queue")
    }

    /// Files a draft as the service does, and stops as if it crashed between commit and
    /// re-evaluation.
    pub async fn file_and_crash(&self, firm: &Firm, draft: &str, revision: i64) {
        let subject = self.query(&firm.token, "{ viewer { issuer subject } }", json!({})).await;
        let who = SignIn {
            subject: person(&subject["viewer"]),
            email: None,
            name: None,
            roles: [Role::Bidder].into(),
        };
        let viewer = sign_in(&self.database, &who, self.now()).await.expect("a member").viewer;
        let attestation = AttestationInput {
            agreed: true,
            name: "Owner of the firm".into(),
            title: "Owner".into(),
            authority: "Ownership".into(),
            email: Some("owner@firm.example".into()),
            city: "Los Angeles".into(),
            state: Some("CA".into()),
            country: None,
        };
        let id = draft.parse().expect("a draft's identifier");
        let input = FilingInput { id, revision, attestation };
        file(&self.database, &viewer, &input).await.expect("a filing");
    }

    /// Loads a bid with every decision on it, as the token's bearer sees it.
    pub async fn load_bid(&self, token: &str, id: &Value) -> Value {
        let bid = "query($id: ID!) { node(id: $id) { ... on Bid {
            id status cureBy disclosure { id version } decision { id }
            decisions { id sequence outcome decidedAt
                findings { code severity message remedy cureBy }
                changes { change before { code severity } after { code severity } } } } } }";
        let mut data = self.query(token, bid, json!({ "id": id })).await;
        data["node"].take()
    }

    /// Proposes to merge two organizations, as an import does; returns the new proposals.
    pub async fn propose_merge(&self, one: &Firm, other: &Firm, grounds: &str) -> Vec<String> {
        let viewer = Viewer::of_service(ServiceActor::Operator, self.now());
        let id = |firm: &Firm| firm.id.parse().expect("an organization's identifier");
        let pair =
            PossibleMerge { organizations: (id(one), id(other)), grounds: grounds.to_owned() };
        let tx = self.database.begin().await.expect("a transaction");
        let proposals = propose_merges(&tx, &viewer, vec![pair]).await.expect("proposals");
        tx.commit().await.expect("a commit");
        proposals.iter().map(|proposal| proposal.id.to_string()).collect()
    }

    /// Merges an organization into another; returns the payload, including any user errors.
    pub async fn merge_organizations(&self, retired: &Firm, surviving: &Firm) -> Value {
        let input = json!({
            "retiredId": retired.id, "survivingId": surviving.id, "reason": "Registered twice.",
        });
        let token = self.supervisor_token("supervisor");
        self.mutate(&token, MERGE_ORGANIZATIONS, json!({ "input": input })).await
    }

    /// Returns a token of a supervisor of the Bureau of Contract Administration.
    #[must_use]
    pub fn supervisor_token(&self, subject: &str) -> String {
        self.token(subject, &[Role::BcaSupervisor])
    }

    /// Has a reviewer request a clarification of a disclosure; returns the question's identifier.
    pub async fn request_clarification(
        &self,
        token: &str,
        disclosure: &Value,
        due_on: &str,
    ) -> Value {
        let question = "Which office is it with?";
        let input = json!({ "disclosureId": disclosure, "question": question, "dueOn": due_on });
        let mut payload =
            self.mutate_ok(token, REQUEST_CLARIFICATION, json!({ "input": input })).await;
        let questions = payload["disclosure"]["clarifications"].as_array_mut();
        questions.and_then(Vec::pop).expect("a question")["id"].take()
    }

    /// Has a reviewer reject a disclosure because the signatory was not authorized.
    pub async fn reject_disclosure(&self, token: &str, disclosure: &Value) {
        let explanation = "The signatory is not named in the articles; send a resolution.";
        let input = json!({
            "disclosureId": disclosure, "reasons": ["NOT_AUTHORIZED"], "explanation": explanation,
        });
        self.mutate_ok(token, REJECT_DISCLOSURE, json!({ "input": input })).await;
    }

    /// Has a firm appeal the rejection of its disclosure; returns the appeal's identifier.
    pub async fn appeal_rejection(&self, firm: &Firm, disclosure: &Value) -> Value {
        let input = json!({ "disclosureId": disclosure, "grounds": "The owner signed." });
        let mut filed =
            self.mutate_ok(&firm.token, APPEAL_REJECTION, json!({ "input": input })).await;
        let appeals = filed["disclosure"]["appeals"].as_array_mut();
        appeals.and_then(Vec::pop).expect("an appeal")["id"].take()
    }
}

/// Returns the person named by `viewer { issuer subject }`.
fn person(viewer: &Value) -> Principal {
    let (issuer, subject) = (text(&viewer["issuer"]), text(&viewer["subject"]));
    Principal::person(&issuer, &subject).expect("a person")
}

/// Returns the outcomes of a bid's decisions, earliest first.
#[must_use]
pub fn list_outcomes(bid: &Value) -> Vec<String> {
    let decisions = bid["decisions"].as_array().expect("decisions");
    decisions.iter().map(|decision| text(&decision["outcome"])).collect()
}

/// Returns the last decision's findings, as `code SEVERITY`.
#[must_use]
pub fn list_last_findings(bid: &Value) -> Vec<String> {
    let decisions = bid["decisions"].as_array().expect("decisions");
    let findings = decisions.last().expect("a decision")["findings"].as_array().expect("findings");
    let describe = |it: &Value| format!("{} {}", text(&it["code"]), text(&it["severity"]));
    findings.iter().map(describe).collect()
}

/// Errors and verification.
impl TestApp {
    /// Sends a mutation and returns its user errors, as dotted path and code.
    pub async fn mutation_errors(
        &self,
        token: &str,
        mutation: &str,
        variables: Value,
    ) -> Vec<String> {
        format_user_errors(&self.mutate(token, mutation, variables).await["userErrors"])
    }

    /// Sends a request that must fail with one top-level error; returns its code.
    pub async fn fault_code(&self, token: &str, document: &str, variables: Value) -> String {
        let answer = self.execute(token, document, variables).await;
        find_fault_code(&answer).unwrap_or_else(|| panic!("{document}\nhas no fault: {answer:#}"))
    }

    /// Asserts that `verify` finds no inconsistency.
    pub async fn assert_verifies(&self) {
        let report = verify(&self.database, self.now(), |_| ()).await.expect("a report");
        assert_eq!(report.wrong, None, "{report:?}");
    }

    /// Returns the first inconsistency that `verify` finds; fails if there is none.
    pub async fn find_inconsistency(&self) -> String {
        let report = verify(&self.database, self.now(), |_| ()).await.expect("a report");
        report.wrong.expect("something that does not hold")
    }
}

/// Formats user errors as dotted path and code.
#[must_use]
pub fn format_user_errors(errors: &Value) -> Vec<String> {
    let describe = |error: &Value| {
        let path = error["path"].as_array().expect("a path").iter();
        let path: Vec<&str> = path.map(|step| step.as_str().expect("a step")).collect();
        format!("{} {}", path.join("."), error["code"].as_str().expect("a code"))
    };
    errors.as_array().expect("a list of errors").iter().map(describe).collect()
}

/// Returns the code of a response's only top-level error; none without errors.
#[must_use]
pub fn find_fault_code(answer: &Value) -> Option<String> {
    let errors = answer.get("errors")?.as_array().expect("a list of errors");
    assert_eq!(errors.len(), 1, "{answer:#}");
    let code = errors[0]["extensions"]["code"].as_str();
    Some(code.unwrap_or_else(|| panic!("a fault without a code: {answer:#}")).to_owned())
}

/// Returns a JSON value's text; fails if it is not a string.
#[must_use]
pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}

/// Returns the variables of [`REAFFIRM_DISCLOSURE`]: a firm reaffirms the version that it read.
#[must_use]
pub fn reaffirmation(firm: &Firm, version: i64) -> Value {
    json!({
        "organization": firm.id, "version": version,
        "attestation": signatory_attestation("the firm"),
    })
}

/// Returns the attestation of a firm's owner.
#[must_use]
pub fn signatory_attestation(firm: &str) -> Value {
    json!({
        "agreed": true,
        "name": format!("Owner of {firm}"),
        "title": "Owner",
        "authority": "Ownership",
        "email": "owner@firm.example",
        "city": "Los Angeles",
        "state": "CA",
    })
}

/// Steps of firms.
impl TestApp {
    /// Invites a member to the firm and signs it in; returns the member's token.
    pub async fn invite_member(&self, firm: &Firm, role: &str) -> String {
        let subject = format!("member-{}", next_number());
        let input =
            json!({ "organizationId": firm.id, "email": subject_email(&subject), "role": role });
        self.mutate_ok(&firm.token, INVITE_MEMBER, json!({ "input": input })).await;
        let token = self.token(&subject, &[Role::Bidder]);
        let viewer = "{ viewer { memberships { organizationId } } }";
        let viewer = self.query(&token, viewer, json!({})).await;
        assert_eq!(viewer["viewer"]["memberships"], json!([{ "organizationId": firm.id }]));
        token
    }

    /// Drafts and files a statement; returns the disclosure.
    pub async fn file_and_load_disclosure(&self, firm: &Firm, statement: Value) -> Value {
        let (id, revision) = self.save_draft(firm, statement).await;
        let input = json!({ "id": id, "revision": revision, "attestation": signatory_attestation("the firm") });
        self.mutate_ok(&firm.token, FILE_DISCLOSURE, json!({ "input": input })).await["disclosure"]
            .take()
    }

    /// Registers a firm that files a disclosure of no dealings.
    pub async fn register_disclosing_firm(&self, name: &str) -> Firm {
        let firm = self.register_firm(name).await;
        self.file_and_load_disclosure(&firm, no_dealings()).await;
        firm
    }

    /// Submits a bid; returns the payload with any user errors.
    pub async fn submit_bid(&self, firm: &Firm, solicitation: &str, amount: &str) -> Value {
        self.submit_bid_with(firm, solicitation, amount, json!([])).await
    }

    /// Submits a bid with subcontractors; returns the payload with any user errors.
    pub async fn submit_bid_with(
        &self,
        firm: &Firm,
        solicitation: &str,
        amount: &str,
        subcontractors: Value,
    ) -> Value {
        let input = bid_input(firm, solicitation, amount, &subcontractors);
        self.mutate(&firm.token, SUBMIT_BID, json!({ "input": input })).await
    }

    /// Submits a bid that must be admitted; returns its identifier.
    pub async fn submit_admitted_bid(
        &self,
        firm: &Firm,
        solicitation: &str,
        amount: &str,
    ) -> String {
        let payload = self.submit_bid(firm, solicitation, amount).await;
        assert_eq!(payload["bid"]["status"], "ADMITTED", "{payload:#}");
        text(&payload["bid"]["id"])
    }
}

/// Returns a bid as an API input.
#[must_use]
pub fn bid_input(firm: &Firm, solicitation: &str, amount: &str, subcontractors: &Value) -> Value {
    json!({
        "solicitationId": solicitation,
        "organizationId": firm.id,
        "amount": usd(amount),
        "subcontractors": subcontractors,
    })
}

/// Steps of City staff.
impl TestApp {
    /// Publishes the first policy again as version `version`, effective from the local day `from`, with
    /// text replaced as `words` says. One person publishes and suspends under it, unless `words`
    /// replaces that.
    pub async fn publish_policy_version(&self, version: u32, from: &str, words: &[(&str, &str)]) {
        self.publish_amended_policy(Ordinance::FIRST, version, from, words).await;
    }

    /// Creates a draft solicitation with `parts` added to the required input.
    pub async fn create_solicitation(&self, of: &Department, due: &str, parts: Value) -> String {
        let mut input = json!({
            "departmentId": of.id,
            "number": format!("RFB-{:04}", next_number()),
            "title": "Street sweeping, Harbor district",
            "method": "BIDS",
            "dueAt": due,
        });
        let Value::Object(parts) = parts else { panic!("parts are fields") };
        for (name, part) in parts {
            input[name] = part;
        }
        let payload =
            self.mutate_ok(&of.token, CREATE_SOLICITATION, json!({ "input": input })).await;
        text(&payload["solicitation"]["id"])
    }

    /// Creates and publishes a solicitation.
    pub async fn publish_solicitation(&self, of: &Department, due: &str) -> String {
        self.publish_solicitation_with(of, due, json!({})).await
    }

    /// Creates and publishes a solicitation with `parts` added to the required input.
    pub async fn publish_solicitation_with(
        &self,
        of: &Department,
        due: &str,
        parts: Value,
    ) -> String {
        let id = self.create_solicitation(of, due, parts).await;
        self.mutate_ok(&of.token, PUBLISH_SOLICITATION, json!({ "id": id })).await;
        id
    }
}

/// Returns a detention contract with ICE.
#[must_use]
pub fn detention_agreement() -> Value {
    json!({
        "holder": { "relation": "SELF" },
        "component": "ICE",
        "kind": "CONTRACT",
        "identifier": "70CDCR24D00000004",
        "startDate": "2024-10-01",
        "endDate": "2027-09-30",
        "stateAtSigning": "IN_FORCE",
        "natureOfWork": ["DETENTION"],
        "description": "Beds and meals for 60 people in custody.",
        "compensation": {
            "pricing": "UNIT_PRICE",
            "current": { "certainty": "KNOWN", "amount": usd("1250000") },
            "terms": "A price for each bed and night, invoiced monthly.",
        },
    })
}

/// Returns a classified agreement: only component, kind and start date are disclosed.
#[must_use]
pub fn classified_agreement() -> Value {
    let parts = ["natureOfWork", "description", "compensation"];
    let marks = parts.map(|part| json!({ "path": [part], "ground": "CLASSIFIED" }));
    json!({
        "holder": { "relation": "SELF" },
        "component": "INTELLIGENCE_AND_ANALYSIS",
        "kind": "CONTRACT",
        "startDate": "2025-01-01",
        "ongoing": true,
        "stateAtSigning": "IN_FORCE",
        "withheld": marks,
    })
}
