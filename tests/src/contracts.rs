//! Steps for contracts: recording, award and renewal.
use candor_schema::organization::model::Role;
use candor_schema::policy::service::insert_version_from_file;
use serde_json::{Value, json};

use crate::fixtures::{Department, Firm, usd};
use crate::steps::text;
use crate::test_app::{TestApp, policy_text, replace_header};

pub const RECORD_CONTRACT: &str =
    "mutation($input: ContractInput!) { recordContract(input: $input) {
    contract { id number basis clauseVersion readiness endDate outOfComplianceSince }
    userErrors { path code message } } }";
pub const AWARD_CONTRACT: &str = "mutation($input: AwardInput!) { awardContract(input: $input) {
    contract { id number basis signedOn value { amount } bidId disclosure { id } decision { id }
        organization { id } department { id } clauseVersion waivers { id } exemptions { id } }
    decision { id outcome subjectId policyVersion letter
        findings { code severity message path remedy citation } }
    userErrors { path code message } } }";
pub const INSERT_CLAUSE: &str = "mutation($input: ClauseInput!) { insertClause(input: $input) {
    contract { id clauseVersion clauseInsertedOn readiness } userErrors { path code message } } }";
pub const PROPOSE_RENEWAL: &str =
    "mutation($input: RenewalInput!) { proposeRenewal(input: $input) {
    renewal { id action status startDate endDate value { amount } organization { id } number }
    userErrors { path code message } } }";
pub const EXECUTE_RENEWAL: &str = "mutation($id: ID!) { executeRenewal(id: $id) {
    renewal { id status basis executedBy disclosure { id } decision { id outcome } }
    contract { id endDate optionsLeft value { amount } organization { id } disclosure { id }
        readiness }
    decision { id outcome policyVersion letter findings { code severity message values: path } }
    userErrors { path code message } } }";
pub const RENEWAL_READINESS: &str = "query($id: ID, $input: RenewalInput) {
    renewalReadiness(id: $id, input: $input) { outcome policyVersion letter
        findings { code severity message } } }";
pub const CLAIM_EXEMPTION: &str =
    "mutation($input: ExemptionInput!) { claimExemption(input: $input) {
    exemption { id kind authority claimedBy isForRenewal inEffect approval }
    userErrors { path code message } } }";
pub const APPROVE_EXEMPTION: &str = "mutation($id: ID!) { approveExemption(id: $id) {
    exemption { id inEffect approval decidedBy decidedAt } userErrors { path code message } } }";
pub const DECLINE_EXEMPTION: &str = "mutation($id: ID!, $reason: String!) {
    declineExemption(id: $id, reason: $reason) {
        exemption { id inEffect approval decidedBy declineReason } userErrors { path code message } } }";
pub const REQUEST_WAIVER: &str = "mutation($input: WaiverInput!) { requestWaiver(input: $input) {
    waiver { id status rule expiresAt inEffect } userErrors { path code message } } }";
pub const APPROVE_WAIVER: &str = "mutation($id: ID!) { approveWaiver(id: $id) {
    waiver { id status approvedBy inEffect } userErrors { path code message } } }";
pub const REVOKE_WAIVER: &str = "mutation($id: ID!, $reason: String!) {
    revokeWaiver(id: $id, reason: $reason) {
        waiver { id status revokedBy revocation inEffect } userErrors { path code message } } }";
pub const SCREEN_CONTRACTS: &str = "query($filter: ContractFilter) {
    screenContracts(filter: $filter, first: 100) { totalCount nodes { id readiness readinessAtEnd
        disclosureLapsesOn disclosureId clauseMissing outOfComplianceFor outOfComplianceSince
        contract { number organization { id } } components { component }
        waivers { id rule status } exemptions { id kind }
        ifRenewedToday { action startDate gated outcome firstStep findings { code } }
        ifRenewedAtEnd { outcome policyVersion findings { code severity } } } } }";
pub const RENEWALS_DUE: &str = "query($from: Date!, $to: Date!, $readiness: [Outcome!]! = []) {
    renewalsDue(from: $from, to: $to, readiness: $readiness) { totalCount
        counts { month readiness readinessAtEnd count value { amount } }
        countsByDepartment { departmentId department readiness readinessAtEnd count
            value { amount } }
        nodes { id readiness contract { number endDate }
            ifRenewedToday { action outcome firstStep findings { code severity } } } } }";

/// Policy of an invented city, which replaces the first policy before a story begins.
const INVENTED_POLICY_TEXT: &str = include_str!("../policies/port-ambrose.toml");

/// The policy that a story runs under, and the values that depend on it.
#[derive(Clone, Copy, Debug)]
pub struct Ordinance {
    /// Version of the required disclosure clause.
    pub clause: i64,
    /// Version of the policy.
    pub version: u32,
    is_invented: bool,
}

impl Ordinance {
    /// The first policy.
    pub const FIRST: Self = Self { clause: 1, version: 1, is_invented: false };
    /// The invented city's policy, with other numbers, severities, holidays and time zone.
    pub const INVENTED: Self = Self { clause: 3, version: 2, is_invented: true };

    /// Whether it is the invented city's.
    #[must_use]
    pub const fn is_invented(self) -> bool {
        self.is_invented
    }

    /// The text of the policy.
    fn text(self) -> &'static str {
        if self.is_invented { INVENTED_POLICY_TEXT } else { policy_text() }
    }

    /// Returns `first` under the first policy and `invented` under the invented city's.
    #[must_use]
    pub const fn pick<'a>(self, first: &'a str, invented: &'a str) -> &'a str {
        if self.is_invented { invented } else { first }
    }
}

impl TestApp {
    /// Puts a policy in force and re-evaluates what depends on it.
    pub async fn enact_ordinance(&self, ordinance: Ordinance) {
        if ordinance.is_invented {
            insert_version_from_file(&self.database, INVENTED_POLICY_TEXT, self.now())
                .await
                .expect("law elsewhere");
            self.sweep().await;
        }
    }

    /// Publishes a policy again as version `version`, effective from the local day `from`, with text
    /// replaced as `words` says.
    pub async fn publish_amended_policy(
        &self,
        ordinance: Ordinance,
        version: u32,
        from: &str,
        words: &[(&str, &str)],
    ) {
        let old = (ordinance.version, ordinance.pick("2026-07-01", "2025-02-01"));
        let text = replace_header(ordinance.text(), old, (version, from), words);
        insert_version_from_file(&self.database, &text, self.now()).await.expect("law");
    }

    /// Returns a token of an analyst of the City Administrative Officer.
    #[must_use]
    pub fn analyst_token(&self) -> String {
        self.token("analyst", &[Role::CaoAnalyst])
    }

    /// Records a contract that runs from the first day to the last, with `parts` added to the
    /// input; returns its identifier.
    pub async fn record_contract(
        &self,
        department: &Department,
        holder: &Firm,
        number: &str,
        (start, end): (&str, &str),
        parts: Value,
    ) -> String {
        let mut input = json!({
            "departmentId": department.id, "organizationId": holder.id, "number": number,
            "title": format!("Contract {number}"), "value": usd("250000.00"),
            "startDate": start, "endDate": end,
        });
        let parts = parts.as_object().expect("parts of the input").clone();
        input.as_object_mut().expect("an input").extend(parts);
        let payload =
            self.mutate_ok(&department.token, RECORD_CONTRACT, json!({ "input": input })).await;
        text(&payload["contract"]["id"])
    }

    /// Proposes a renewal; returns its identifier.
    pub async fn propose_renewal(&self, department: &Department, input: Value) -> String {
        let payload =
            self.mutate_ok(&department.token, PROPOSE_RENEWAL, json!({ "input": input })).await;
        text(&payload["renewal"]["id"])
    }

    /// Executes a renewal; returns the payload.
    pub async fn execute_renewal(&self, department: &Department, renewal: &str) -> Value {
        self.mutate_ok(&department.token, EXECUTE_RENEWAL, json!({ "id": renewal })).await
    }

    /// Checks the readiness of a proposed renewal; returns the outcome, and each finding as `code
    /// SEVERITY`.
    pub async fn check_renewal_readiness(
        &self,
        token: &str,
        renewal: &str,
    ) -> (String, Vec<String>) {
        let data = self.query(token, RENEWAL_READINESS, json!({ "id": renewal })).await;
        (text(&data["renewalReadiness"]["outcome"]), list_findings(&data["renewalReadiness"]))
    }

    /// Lists noncompliant contracts, as `number code since`.
    pub async fn list_noncompliant_contracts(&self) -> Vec<String> {
        let filter = json!({ "filter": { "outOfCompliance": true } });
        let data = self.query(&self.analyst_token(), SCREEN_CONTRACTS, filter).await;
        let nodes = data["screenContracts"]["nodes"].as_array().expect("rows").iter();
        let findings_as_text = nodes.map(|row| {
            format!(
                "{} {} {}",
                text(&row["contract"]["number"]),
                text(&row["outOfComplianceFor"]),
                text(&row["outOfComplianceSince"])
            )
        });
        findings_as_text.collect()
    }
}

/// Returns the award of a contract to a bid as an API input; the contract runs from the first day to the
/// last.
#[must_use]
pub fn award_of_bid(bid: &Value, number: &str, (start, end): (&str, &str), clause: i64) -> Value {
    json!({ "input": {
        "bidId": bid, "number": number, "startDate": start, "endDate": end, "clauseVersion": clause,
    } })
}

/// Lists a decision's findings as `code SEVERITY`, without notes on disclosed dealings.
#[must_use]
pub fn list_findings(decision: &Value) -> Vec<String> {
    let findings = decision["findings"].as_array().expect("findings").iter();
    let findings_as_text =
        findings.map(|it| format!("{} {}", text(&it["code"]), text(&it["severity"])));
    findings_as_text
        .filter(|findings_as_text| {
            !findings_as_text.starts_with("dhs.") && !findings_as_text.starts_with("data_sharing.")
        })
        .collect()
}
