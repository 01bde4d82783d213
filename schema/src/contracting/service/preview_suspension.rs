//! Previews which contracts could be carried on under a suspension.
use std::sync::Arc;

use super::contract_status::{Outlook, RenewalReadiness, prepare_readiness};
use super::store;
use crate::compute::Compute;
use crate::contracting::entity::contract::Model as ContractRow;
use crate::contracting::model::ContractId;
use crate::database::Database;
use crate::fault::{Fault, Result};
use crate::gate::Outcome;
use crate::organization::model::{DepartmentId, OrganizationId, Viewer};
use crate::page::cut_batch;
use crate::policy::service::{PreviewedOrder, load_timeline};
use crate::preloaded::Preloaded;

/// The number of contracts that are loaded and decided together.
const BATCH_SIZE: u64 = 100;
/// The most contracts of one preview.
const MAX_CONTRACTS: u64 = 10_000;

/// What a preview lists and counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PreviewedContracts {
    /// Whether all contracts are decided and counted. Otherwise only the page is.
    pub includes_counts: bool,
    /// The size of the page.
    pub first: usize,
    /// The last contract of the page before.
    pub after: Option<ContractId>,
}

/// The contracts whose readiness a suspension would change.
#[derive(Clone, Debug, Default)]
pub struct ContractsPreview {
    pub counts: Preloaded<ReadinessCounts>,
    /// One page of these contracts, by identifier.
    pub contracts: Vec<ChangedReadiness>,
}

/// How many contracts could be carried on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReadinessCounts {
    /// How many that are blocked today it would admit.
    pub blocked_to_admitted: u64,
    /// How many that are blocked today it would hold.
    pub blocked_to_held: u64,
    /// How many that are held today it would admit.
    pub held_to_admitted: u64,
    /// How many would have a better readiness at their end.
    pub better_at_end: u64,
    /// Whether every contract was counted.
    pub is_complete: bool,
}

/// A contract whose readiness a suspension would change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangedReadiness {
    pub id: ContractId,
    pub number: String,
    pub title: String,
    pub department: DepartmentId,
    pub organization: OrganizationId,
    pub today: OutcomeChange,
    pub at_end: OutcomeChange,
}

/// An outcome now and under the suspension.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutcomeChange {
    pub before: Outcome,
    pub after: Outcome,
}

impl OutcomeChange {
    /// The outcome of an outlook, and the one if an order suspended rules.
    fn under(order: &PreviewedOrder, outlook: Outlook) -> Self {
        let before = outlook.outcome();
        let is_gated = outlook.is_gated;
        let under_version = outlook
            .evaluation
            .filter(|it| is_gated && i64::from(it.policy.version()) == order.version);
        let after = under_version.map_or(before, |evaluation| {
            evaluation.under_suspension(&order.suspension).decision.outcome
        });
        Self { before, after }
    }

    fn is_change(self) -> bool {
        self.before != self.after
    }
}

/// Decides the contracts that have not ended and are not admitted, today or at their end, as if an order
/// suspended rules of the policy version under which they are decided. Writes nothing.
///
/// # Errors
/// As [`Compute::run`].
#[tracing::instrument(skip_all)]
pub async fn preview_suspension_of_contracts(
    db: &Database,
    viewer: &Viewer,
    order: &Arc<PreviewedOrder>,
    request: PreviewedContracts,
) -> Result<ContractsPreview> {
    let PreviewedContracts { includes_counts, first, after } = request;
    let compute = db.cached::<Compute>();
    let today = load_timeline(&db.read).await?.local_date(viewer.now);
    let (mut counts, mut contracts) = (ReadinessCounts::default(), Vec::new());
    // Without counts, the contracts before the page are not decided again.
    let mut cursor = if includes_counts { None } else { after };
    let mut left = MAX_CONTRACTS;
    while includes_counts || contracts.len() < first {
        let rows = store::list_not_ready(&db.read, viewer, today, cursor, BATCH_SIZE + 1).await?;
        let (rows, has_more) = cut_batch(rows, BATCH_SIZE.min(left));
        left -= rows.len() as u64;
        cursor = rows.last().map(|last| last.id);
        let prepared = prepare_readiness(&db.read, &rows, viewer.now).await?;
        let order = Arc::clone(order);
        let decide = move || {
            let decided = rows.into_iter().zip(prepared.decide()?);
            let changed = decided.map(|(row, now)| readiness_under(&order, row, now));
            let changed = changed.filter(|it| it.today.is_change() || it.at_end.is_change());
            Ok::<Vec<ChangedReadiness>, Fault>(changed.collect())
        };
        for contract in compute.run(&viewer.subject, decide).await?? {
            counts.add(&contract);
            if contracts.len() < first && after.is_none_or(|after| contract.id > after) {
                contracts.push(contract);
            }
        }
        counts.is_complete = !has_more;
        if !has_more || left == 0 {
            break;
        }
    }
    Ok(ContractsPreview { counts: Preloaded::if_requested(includes_counts, || counts), contracts })
}

fn readiness_under(
    order: &PreviewedOrder,
    row: ContractRow,
    now: RenewalReadiness,
) -> ChangedReadiness {
    ChangedReadiness {
        id: row.id,
        number: row.number,
        title: row.title,
        department: row.department_id,
        organization: row.organization_id,
        today: OutcomeChange::under(order, now.today),
        at_end: OutcomeChange::under(order, now.at_end),
    }
}

impl ReadinessCounts {
    fn add(&mut self, contract: &ChangedReadiness) {
        match (contract.today.before, contract.today.after) {
            (Outcome::Block, Outcome::Admit) => self.blocked_to_admitted += 1,
            (Outcome::Block, Outcome::Review) => self.blocked_to_held += 1,
            (Outcome::Review, Outcome::Admit) => self.held_to_admitted += 1,
            _ => {}
        }
        self.better_at_end += u64::from(contract.at_end.is_change());
    }
}
