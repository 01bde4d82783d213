//! GraphQL types of screened contracts.
use async_graphql::{Context, Lookahead, MergedObject, Object, SimpleObject};

use super::screened_bid::{DisclosedCompensation, DisclosedComponent};
use crate::contracting::graphql::{Contract, contract_include};
use crate::contracting::model::ContractId;
use crate::contracting::service::RenewalReadiness;
use crate::decision::graphql::{Finding, findings};
use crate::disclosure::model::DisclosureId;
use crate::fault::Result;
use crate::gate::{ContractAction, Outcome};
use crate::graphql::connection::Connection;
use crate::graphql::context::request_context;
use crate::scalar::Date;
use crate::screening::model::ValidContractFilter;
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
        readiness: requests(&["ifRenewedToday"]),
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
    /// The cached outcome of renewing the contract now. Filters and counts use it.
    async fn readiness(&self) -> Outcome {
        self.0.row.readiness
    }
    /// The outcome of renewing the contract now, computed for this query, with findings and the first
    /// step to take.
    async fn if_renewed_today(&self) -> Result<Option<RenewalOutlook>> {
        Ok(self.0.readiness.get()?.clone().map(RenewalOutlook))
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

/// The outcome of renewing a contract now.
struct RenewalOutlook(RenewalReadiness);

/// The outcome of renewing a contract now: of its open proposal, or else of a renewal at its end.
#[Object(crate = "crate::budget")]
impl RenewalOutlook {
    /// The proposed contract action.
    async fn action(&self) -> ContractAction {
        self.0.action.action
    }
    /// The first day of the action.
    async fn start_date(&self) -> Date {
        self.0.action.start.into()
    }
    /// Whether the policy requires a decision of the gate. If not, the action is only recorded.
    async fn gated(&self) -> bool {
        self.0.is_gated
    }
    /// The outcome.
    async fn outcome(&self) -> Outcome {
        self.0.outcome()
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
        self.0.evaluation.as_ref().map(|evaluation| evaluation.policy.version())
    }
}

impl RenewalOutlook {
    fn found(&self) -> Vec<Finding> {
        let evaluation = self.0.evaluation.as_ref().filter(|_| self.0.is_gated);
        evaluation.map(|it| findings(&it.decision, &it.policy, &it.facts)).unwrap_or_default()
    }
}

/// A page of the contracts that end in a window, and counts over all pages.
#[derive(MergedObject)]
#[graphql(crate = "crate::budget")]
#[graphql(name = "RenewalsDueConnection")]
pub struct RenewalsDue(pub(super) Connection<ScreenedContract>, pub(super) DueCounts);

/// The counts of contracts that end in a window. They are counted only if requested.
#[derive(Clone, Debug)]
pub struct DueCounts(pub(super) ValidContractFilter);

#[Object(crate = "crate::budget", visible = false)]
impl DueCounts {
    /// The number of contracts by the month in which they end and the outcome of renewing them now,
    /// over all pages.
    async fn counts(&self, ctx: &Context<'_>) -> Result<Vec<DueCount>> {
        let (db, viewer) = request_context(ctx)?;
        let counts = service::count_due_by_month(db, viewer, &self.0).await?;
        let counts = counts.into_iter().map(|((month, readiness), count)| DueCount {
            month: month.format("%Y-%m").to_string(),
            readiness,
            count,
        });
        Ok(counts.collect())
    }
}

/// The number of contracts that end in one month with one outcome.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct DueCount {
    /// The month, such as `2026-11`.
    month: String,
    /// The outcome of renewing them now.
    readiness: Outcome,
    /// The number of contracts.
    count: i64,
}
