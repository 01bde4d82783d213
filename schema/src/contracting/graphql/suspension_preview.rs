//! GraphQL types of the contracts in the preview of a suspension.
use std::sync::Arc;

use async_graphql::{Context, ID, Object, SimpleObject};

use crate::contracting::model::ContractId;
use crate::contracting::service::{self, PreviewedContracts};
use crate::fault::{Fault, FieldPath, Result};
use crate::gate::Outcome;
use crate::graphql::context::request_context;
use crate::organization::model::{DepartmentId, OrganizationId};
use crate::page::validate_first;
use crate::policy::service::PreviewedOrder;

/// The contracts whose readiness a suspension would change if it began now: those that have not ended
/// and are decided under the policy version. What an executed renewal rested on stays as it is.
#[derive(Clone, Debug)]
pub struct SuspensionPreviewContracts(service::ContractsPreview);

/// The contracts whose readiness a suspension would change if it began now: those that have not ended
/// and are decided under the policy version. What an executed renewal rested on stays as it is.
#[Object(crate = "crate::budget")]
impl SuspensionPreviewContracts {
    /// How many contracts that could not be carried on today it would admit.
    async fn blocked_to_admitted(&self) -> Result<u64> {
        Ok(self.0.counts.get()?.blocked_to_admitted)
    }
    /// How many contracts that could not be carried on today it would hold.
    async fn blocked_to_held(&self) -> Result<u64> {
        Ok(self.0.counts.get()?.blocked_to_held)
    }
    /// How many contracts that would be held today it would admit.
    async fn held_to_admitted(&self) -> Result<u64> {
        Ok(self.0.counts.get()?.held_to_admitted)
    }
    /// How many contracts would have a better readiness at their end.
    async fn better_at_end(&self) -> Result<u64> {
        Ok(self.0.counts.get()?.better_at_end)
    }
    /// Whether every contract was counted: at most 10,000 that are not admitted are.
    async fn complete(&self) -> Result<bool> {
        Ok(self.0.counts.get()?.is_complete)
    }
    /// One page of these contracts, by identifier.
    async fn contracts(&self) -> Vec<ChangedReadiness> {
        self.0.contracts.iter().cloned().map(ChangedReadiness::from).collect()
    }
}

/// A contract whose readiness a suspension would change.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct ChangedReadiness {
    /// The contract's identifier.
    id: ContractId,
    /// The contract's number.
    number: String,
    /// The contract's title.
    title: String,
    /// The department's identifier.
    department_id: DepartmentId,
    /// The identifier of the firm that holds it.
    organization_id: OrganizationId,
    /// Its readiness today.
    before: Outcome,
    /// Its readiness today under the suspension.
    after: Outcome,
    /// Its readiness at its end.
    before_at_end: Outcome,
    /// Its readiness at its end under the suspension.
    after_at_end: Outcome,
}

impl From<service::ChangedReadiness> for ChangedReadiness {
    fn from(contract: service::ChangedReadiness) -> Self {
        Self {
            id: contract.id,
            number: contract.number,
            title: contract.title,
            department_id: contract.department,
            organization_id: contract.organization,
            before: contract.today.before,
            after: contract.today.after,
            before_at_end: contract.at_end.before,
            after_at_end: contract.at_end.after,
        }
    }
}

/// Previews the contracts of a suspension: what the selection requests.
///
/// # Errors
/// `Invalid` for a page size out of range or another identifier than a contract's, `RateLimited` or `Unavailable` if no processor is free.
pub async fn preview_contracts(
    ctx: &Context<'_>,
    order: &Arc<PreviewedOrder>,
    first: Option<i32>,
    after: Option<ID>,
) -> Result<SuspensionPreviewContracts> {
    let (db, viewer) = request_context(ctx)?;
    let selection = ctx.look_ahead();
    let is_requested = |name: &&str| selection.field(name).exists();
    let counts =
        ["blockedToAdmitted", "blockedToHeld", "heldToAdmitted", "betterAtEnd", "complete"];
    let first = validate_first(first)?;
    let after = after
        .map(|id| id.parse::<ContractId>())
        .transpose()
        .map_err(|error| Fault::invalid(&FieldPath::argument("after"), error.message()))?;
    let request = PreviewedContracts {
        includes_counts: counts.iter().any(is_requested),
        first: if is_requested(&"contracts") { first } else { 0 },
        after,
    };
    let preview = service::preview_suspension_of_contracts(db, viewer, order, request).await?;
    Ok(SuspensionPreviewContracts(preview))
}
