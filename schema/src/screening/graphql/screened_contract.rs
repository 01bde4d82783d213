//! How clients see screened contracts.
use async_graphql::{Context, Lookahead, MergedObject, Object, SimpleObject};

use super::screened_bid::{CompensationDisclosed, ComponentDisclosed};
use crate::contracting::graphql::{Contract, contract_include};
use crate::contracting::model::ContractId;
use crate::contracting::service::Ready;
use crate::decision::graphql::{Finding, findings};
use crate::disclosure::model::DisclosureId;
use crate::fault::Result;
use crate::gate::{Action, Outcome};
use crate::graphql::connection::Connection;
use crate::organization::graphql::request_context;
use crate::scalar::Date;
use crate::screening::rules::ValidContractFilter;
use crate::screening::service::{self, ScreenedContractInclude};
use crate::waiver::graphql::{Exemption, Waiver};

/// Which of a screened contract's children stand in a selection.
#[must_use]
pub fn screened_contract_include(selection: &Lookahead<'_>) -> ScreenedContractInclude {
    let contract = selection.field("contract");
    let asks = |names: &[&str]| names.iter().any(|name| selection.field(name).exists());
    ScreenedContractInclude {
        contract: contract.exists().then(|| contract_include(&contract)),
        disclosed: asks(&["components", "compensation"]),
        waivers_and_exemptions: asks(&["waivers", "exemptions"]),
        readiness: asks(&["ifRenewedToday"]),
    }
}

/// A contract with what staff decide by.
#[derive(Clone, Debug)]
pub struct ScreenedContract(service::ScreenedContract);

impl From<service::ScreenedContract> for ScreenedContract {
    fn from(screened: service::ScreenedContract) -> Self {
        Self(screened)
    }
}

/// A contract with what staff decide by, in one row.
#[Object(crate = "crate::budget")]
impl ScreenedContract {
    /// The contract's identifier.
    async fn id(&self) -> ContractId {
        self.0.row.id
    }
    /// The contract.
    async fn contract(&self) -> Result<Option<Contract>> {
        Ok(self.0.contract.get()?.clone().map(Contract::from))
    }
    /// With which components of the Department of Homeland Security the holder disclosed
    /// agreements, what the work is and what they come to, one entry a component.
    async fn components(&self) -> Result<Vec<ComponentDisclosed>> {
        let told = self.0.components.get()?;
        Ok(told.iter().cloned().map(ComponentDisclosed::from).collect())
    }
    /// What all disclosed agreements come to together.
    async fn compensation(&self) -> Result<CompensationDisclosed> {
        Ok(self.0.compensation.get()?.clone().into())
    }
    /// What the holder has on file now; null if it is nothing.
    async fn disclosure_id(&self) -> Option<DisclosureId> {
        self.0.row.disclosure_id
    }
    /// What the gate would say if it were carried on now, as it is kept for filters and counts.
    async fn readiness(&self) -> Outcome {
        self.0.row.readiness
    }
    /// The same asked anew, with why and what to do first.
    async fn if_renewed_today(&self) -> Result<Option<RenewalOutlook>> {
        Ok(self.0.readiness.get()?.clone().map(RenewalOutlook))
    }
    /// Whether it carries no disclosure clause.
    async fn clause_missing(&self) -> bool {
        self.0.row.clause_version.is_none()
    }
    /// The rule for which it is out of compliance with the duty to keep a current disclosure, by
    /// its code; null while it is in compliance or under no duty.
    async fn out_of_compliance_for(&self) -> Option<&str> {
        self.0.row.noncompliance_code.as_deref()
    }
    /// The first local day on which it was out of compliance.
    async fn out_of_compliance_since(&self) -> Option<Date> {
        self.0.row.noncompliant_since.map(Date::from)
    }
    /// The waivers that were asked for it, whatever became of them.
    async fn waivers(&self) -> Result<Vec<Waiver>> {
        Ok(self.0.waivers.get()?.iter().cloned().map(Waiver::from).collect())
    }
    /// The exemptions that were claimed for it.
    async fn exemptions(&self) -> Result<Vec<Exemption>> {
        Ok(self.0.exemptions.get()?.iter().cloned().map(Exemption::from).collect())
    }
}

/// What would happen if a contract were carried on now.
struct RenewalOutlook(Ready);

/// What would happen if a contract were carried on now: by what waits to be executed, or else by a
/// renewal when it ends.
#[Object(crate = "crate::budget")]
impl RenewalOutlook {
    /// How it would be carried on.
    async fn action(&self) -> Action {
        self.0.carried.action
    }
    /// From which day on.
    async fn start_date(&self) -> Date {
        self.0.carried.start.into()
    }
    /// Whether the policy has the gate decide; what it does not is recorded only.
    async fn gated(&self) -> bool {
        self.0.gated
    }
    /// What comes of it.
    async fn outcome(&self) -> Outcome {
        self.0.outcome()
    }
    /// What would be found, the worst first.
    async fn findings(&self) -> Vec<Finding> {
        self.found()
    }
    /// What to do first; null if nothing needs to be done.
    async fn first_step(&self) -> Option<String> {
        self.found().first().and_then(Finding::first_step)
    }
    /// The version of the policy that would decide.
    async fn policy_version(&self) -> Option<u32> {
        self.0.considered.as_ref().map(|considered| considered.policy.version())
    }
}

impl RenewalOutlook {
    fn found(&self) -> Vec<Finding> {
        let considered = self.0.considered.as_ref().filter(|_| self.0.gated);
        considered.map(|it| findings(&it.decision, &it.policy)).unwrap_or_default()
    }
}

/// One page of the contracts that are due, and the counts of all of them.
#[derive(MergedObject)]
#[graphql(crate = "crate::budget")]
#[graphql(name = "RenewalsDueConnection")]
pub struct RenewalsDue(pub(super) Connection<ScreenedContract>, pub(super) DueCounts);

/// The counts of what is due: counted only if they are asked for.
#[derive(Clone, Debug)]
pub struct DueCounts(pub(super) ValidContractFilter);

#[Object(crate = "crate::budget", visible = false)]
impl DueCounts {
    /// How many of all that are due end in each month, by what the gate would say, on every page.
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

/// How many contracts end in a month and would come out so.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct DueCount {
    /// The month, such as `2026-11`.
    month: String,
    /// What the gate would say if they were carried on now.
    readiness: Outcome,
    /// The number of contracts.
    count: i64,
}
