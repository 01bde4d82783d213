//! GraphQL types of screened contracts.
use async_graphql::{Lookahead, MergedObject, Object};

use super::contract_counts::ContractCounts;
use super::screened_bid::{DisclosedCompensation, DisclosedComponent};
use crate::contracting::graphql::{Contract, contract_include};
use crate::contracting::model::ContractId;
use crate::contracting::service::{Outlook, ProposedAction};
use crate::decision::graphql::{Finding, foreseen_findings};
use crate::disclosure::model::DisclosureId;
use crate::fault::Result;
use crate::gate::{ContractAction, Outcome};
use crate::graphql::connection::Connection;
use crate::scalar::Date;
use crate::screening::service::{self, ScreenedContractInclude};
use crate::waiver::graphql::{Exemption, Waiver};

/// The children of a screened contract that a selection requests.
#[must_use]
pub fn screened_contract_include(selection: &Lookahead<'_>) -> ScreenedContractInclude {
    let contract = selection.field("contract");
    let requests = |names: &[&str]| names.iter().any(|name| selection.field(name).exists());
    ScreenedContractInclude {
        contract: contract.exists().then(|| contract_include(&contract)),
        disclosed: requests(&["components", "compensation"]),
        waivers_and_exemptions: requests(&["waivers", "exemptions"]),
        readiness: requests(&["ifRenewedToday", "ifRenewedAtEnd"]),
    }
}

/// A screened contract.
#[derive(Clone, Debug)]
pub struct ScreenedContract(service::ScreenedContract);

impl From<service::ScreenedContract> for ScreenedContract {
    fn from(screened: service::ScreenedContract) -> Self {
        Self(screened)
    }
}

/// A contract with its holder's disclosure, its readiness for renewal, and its waivers and
/// exemptions.
#[Object(crate = "crate::budget")]
impl ScreenedContract {
    /// The contract's identifier.
    async fn id(&self) -> ContractId {
        self.0.row.id
    }
    /// The contract.
    async fn contract(&self) -> Result<Option<Contract>> {
        self.0.contract.get_as()
    }
    /// The components of the Department of Homeland Security in the holder's disclosed agreements,
    /// one entry for each, with the nature of the work and the total compensation.
    async fn components(&self) -> Result<Vec<DisclosedComponent>> {
        let components = self.0.components.get()?;
        Ok(components.iter().cloned().map(DisclosedComponent::from).collect())
    }
    /// The total compensation of all disclosed agreements.
    async fn compensation(&self) -> Result<DisclosedCompensation> {
        Ok(self.0.compensation.get()?.clone().into())
    }
    /// The disclosure that the holder has on file now; null if there is none.
    async fn disclosure_id(&self) -> Option<DisclosureId> {
        self.0.row.disclosure_id
    }
    /// The cached outcome of carrying the contract on today. Filters and counts use it.
    async fn readiness(&self) -> Outcome {
        self.0.row.readiness
    }
    /// The cached outcome of carrying the contract on at its end, on the day after the last one, if
    /// nothing more were filed; from then on the same as `readiness`. Filters and counts use it.
    async fn readiness_at_end(&self) -> Outcome {
        self.0.row.readiness_at_end
    }
    /// The first local day on which the holder's disclosure on file is stale, or answers questions of an
    /// older policy for too long; in the past if it is already. Null without a disclosure.
    async fn disclosure_lapses_on(&self) -> Option<Date> {
        self.0.row.disclosure_lapses_on.map(Date::from)
    }
    /// The outcome of carrying the contract on today, computed for this query, with findings and the
    /// first step to take.
    async fn if_renewed_today(&self) -> Result<Option<RenewalOutlook>> {
        Ok(self.0.readiness.get()?.clone().map(|it| RenewalOutlook::new(it.action, it.today)))
    }
    /// The outcome of carrying the contract on at its end if nothing more were filed, computed for this
    /// query, with findings and the first step to take.
    async fn if_renewed_at_end(&self) -> Result<Option<RenewalOutlook>> {
        Ok(self.0.readiness.get()?.clone().map(|it| RenewalOutlook::new(it.action, it.at_end)))
    }
    /// Whether the contract lacks the disclosure clause.
    async fn clause_missing(&self) -> bool {
        self.0.row.clause_version.is_none()
    }
    /// The code of the rule under which the contract is out of compliance with the duty to have a
    /// current disclosure; null while it is in compliance or has no such duty.
    async fn out_of_compliance_for(&self) -> Option<&str> {
        self.0.row.noncompliance_code.as_deref()
    }
    /// The first local day on which the contract was out of compliance.
    async fn out_of_compliance_since(&self) -> Option<Date> {
        self.0.row.noncompliant_since.map(Date::from)
    }
    /// All waivers requested for the contract, in any status.
    async fn waivers(&self) -> Result<Vec<Waiver>> {
        Ok(self.0.waivers.get()?.iter().cloned().map(Waiver::from).collect())
    }
    /// The exemptions claimed for the contract.
    async fn exemptions(&self) -> Result<Vec<Exemption>> {
        Ok(self.0.exemptions.get()?.iter().cloned().map(Exemption::from).collect())
    }
}

/// The outcome of carrying a contract on at one time.
struct RenewalOutlook {
    action: ProposedAction,
    outlook: Outlook,
}

/// The outcome of carrying a contract on at one time: by its open proposal, or else by an option, if one
/// is left, or a renewal.
#[Object(crate = "crate::budget")]
impl RenewalOutlook {
    /// The proposed or assumed contract action.
    async fn action(&self) -> ContractAction {
        self.action.action
    }
    /// The first day of the action.
    async fn start_date(&self) -> Date {
        self.action.start.into()
    }
    /// Whether the policy requires a decision of the gate. If not, the action is only recorded.
    async fn gated(&self) -> bool {
        self.outlook.is_gated
    }
    /// The outcome.
    async fn outcome(&self) -> Outcome {
        self.outlook.outcome()
    }
    /// The findings, the most severe first.
    async fn findings(&self) -> Vec<Finding> {
        self.found()
    }
    /// The first step to take; null if none is needed.
    async fn first_step(&self) -> Option<String> {
        self.found().first().and_then(Finding::first_step)
    }
    /// The version of the deciding policy.
    async fn policy_version(&self) -> Option<u32> {
        self.outlook.evaluation.as_ref().map(|evaluation| evaluation.policy.version())
    }
    /// The mark of the draft texts of that version; null once they are adopted.
    async fn policy_draft(&self) -> Option<&str> {
        self.outlook.evaluation.as_ref()?.policy.draft()
    }
}

impl RenewalOutlook {
    const fn new(action: ProposedAction, outlook: Outlook) -> Self {
        Self { action, outlook }
    }

    fn found(&self) -> Vec<Finding> {
        let evaluation = self.outlook.evaluation.as_ref().filter(|_| self.outlook.is_gated);
        evaluation.map(foreseen_findings).unwrap_or_default()
    }
}

/// A page of screened contracts (a Relay connection), and counts over all pages.
#[derive(MergedObject)]
#[graphql(crate = "crate::budget")]
#[graphql(name = "ContractScreeningConnection")]
pub struct ContractScreening(pub(super) Connection<ScreenedContract>, pub(super) ContractCounts);

/// A page of the contracts that end in a window, and counts over all pages.
#[derive(MergedObject)]
#[graphql(crate = "crate::budget")]
#[graphql(name = "RenewalsDueConnection")]
pub struct RenewalsDue(pub(super) Connection<ScreenedContract>, pub(super) ContractCounts);
