//! The steps of the stories of contracts: how they are recorded, awarded and carried on.
use candor_schema::organization::model::Role;
use candor_schema::policy::service::insert_version_from_file;
use serde_json::{Value, json};

use crate::fixtures::{Department, Firm, usd};
use crate::test_app::TestApp;
use crate::steps::text;

pub const RECORD_CONTRACT: &str = "mutation($input: ContractInput!) { recordContract(input: $input) {
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
pub const PROPOSE_RENEWAL: &str = "mutation($input: RenewalInput!) { proposeRenewal(input: $input) {
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
pub const CLAIM_EXEMPTION: &str = "mutation($input: ExemptionInput!) { claimExemption(input: $input) {
    exemption { id kind authority claimedBy } userErrors { path code message } } }";
pub const REQUEST_WAIVER: &str = "mutation($input: WaiverInput!) { requestWaiver(input: $input) {
    waiver { id status rule expiresAt inEffect } userErrors { path code message } } }";
pub const APPROVE_WAIVER: &str = "mutation($id: ID!) { approveWaiver(id: $id) {
    waiver { id status approvedBy inEffect } userErrors { path code message } } }";
pub const REVOKE_WAIVER: &str = "mutation($id: ID!, $reason: String!) {
    revokeWaiver(id: $id, reason: $reason) {
        waiver { id status revokedBy revocation inEffect } userErrors { path code message } } }";
pub const SCREEN_CONTRACTS: &str = "query($filter: ContractFilter) {
    screenContracts(filter: $filter, first: 100) { totalCount nodes { id readiness disclosureId
        clauseMissing outOfComplianceFor outOfComplianceSince
        contract { number organization { id } } components { component }
        waivers { id rule status } exemptions { id kind }
        ifRenewedToday { action startDate gated outcome firstStep findings { code } } } } }";
pub const RENEWALS_DUE: &str = "query($from: Date!, $to: Date!, $readiness: [Outcome!]! = []) {
    renewalsDue(from: $from, to: $to, readiness: $readiness) { totalCount
        counts { month readiness count }
        nodes { id readiness contract { number endDate }
            ifRenewedToday { outcome firstStep findings { code severity } } } } }";

/// The ordinance of an invented city, which takes the first one's place before any story begins.
const ELSEWHERE: &str = include_str!("../policies/port-ambrose.toml");

/// What a story takes from the ordinance that it is told under.
#[derive(Clone, Copy, Debug)]
pub struct Ordinance {
    /// The version of the clause that it requires.
    pub clause: i64,
    elsewhere: bool,
}

impl Ordinance {
    /// The first policy.
    pub const FIRST: Self = Self { clause: 1, elsewhere: false };
    /// The invented city's, with other numbers, severities, holidays and another time zone.
    pub const ELSEWHERE: Self = Self { clause: 3, elsewhere: true };

    /// The first policy's value, or the invented city's.
    #[must_use]
    pub const fn pick<'a>(self, first: &'a str, elsewhere: &'a str) -> &'a str {
        if self.elsewhere { elsewhere } else { first }
    }
}

impl TestApp {
    /// Puts an ordinance in force.
    pub async fn enact_ordinance(&self, ordinance: Ordinance) {
        if ordinance.elsewhere {
            insert_version_from_file(&self.database, ELSEWHERE, self.now()).await.expect("law elsewhere");
            self.sweep().await;
        }
    }

    /// A token of an analyst of the City Administrative Officer.
    #[must_use]
    pub fn analyst_token(&self) -> String {
        self.token("analyst", &[Role::CaoAnalyst])
    }

    /// Records a contract from one day until another, with these parts of the input besides: its
    /// identifier.
    pub async fn record_contract(
        &self,
        of: &Department,
        holder: &Firm,
        number: &str,
        (start, end): (&str, &str),
        parts: Value,
    ) -> String {
        let mut input = json!({
            "departmentId": of.id, "organizationId": holder.id, "number": number,
            "title": format!("Contract {number}"), "value": usd("250000.00"),
            "startDate": start, "endDate": end,
        });
        let given = parts.as_object().expect("parts of the input").clone();
        input.as_object_mut().expect("an input").extend(given);
        let made = self.mutate_ok(&of.token, RECORD_CONTRACT, json!({ "input": input })).await;
        text(&made["contract"]["id"])
    }

    /// Proposes to carry a contract on: the renewal's identifier.
    pub async fn propose_renewal(&self, of: &Department, input: Value) -> String {
        let made = self.mutate_ok(&of.token, PROPOSE_RENEWAL, json!({ "input": input })).await;
        text(&made["renewal"]["id"])
    }

    /// Executes a renewal: the payload.
    pub async fn execute_renewal(&self, of: &Department, renewal: &str) -> Value {
        self.mutate_ok(&of.token, EXECUTE_RENEWAL, json!({ "id": renewal })).await
    }

    /// What the gate would say of a renewal that was proposed: the outcome, and each finding as
    /// `code SEVERITY`.
    pub async fn check_renewal_readiness(&self, token: &str, renewal: &str) -> (String, Vec<String>) {
        let seen = self.query(token, RENEWAL_READINESS, json!({ "id": renewal })).await;
        (text(&seen["renewalReadiness"]["outcome"]), list_findings(&seen["renewalReadiness"]))
    }

    /// The contracts that are out of compliance, as `number code since`.
    pub async fn list_noncompliant_contracts(&self) -> Vec<String> {
        let filter = json!({ "filter": { "outOfCompliance": true } });
        let seen = self.query(&self.analyst_token(), SCREEN_CONTRACTS, filter).await;
        let nodes = seen["screenContracts"]["nodes"].as_array().expect("rows").iter();
        let told = nodes.map(|row| {
            format!(
                "{} {} {}",
                text(&row["contract"]["number"]),
                text(&row["outOfComplianceFor"]),
                text(&row["outOfComplianceSince"])
            )
        });
        told.collect()
    }
}

/// What was found, as `code SEVERITY`, notes on what is disclosed left out.
#[must_use]
pub fn list_findings(decision: &Value) -> Vec<String> {
    let findings = decision["findings"].as_array().expect("findings").iter();
    let told = findings.map(|it| format!("{} {}", text(&it["code"]), text(&it["severity"])));
    told.filter(|told| !told.starts_with("dhs.") && !told.starts_with("data_sharing.")).collect()
}
