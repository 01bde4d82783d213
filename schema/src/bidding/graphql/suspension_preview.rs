//! GraphQL types of the preview of a suspension.
use std::sync::Arc;

use async_graphql::{Context, ID, Object, SimpleObject};

use crate::bidding::model::{BidId, BidStatus, SolicitationId};
use crate::bidding::service::{self, PreviewedBids};
use crate::contracting::graphql::{SuspensionPreviewContracts, preview_contracts};
use crate::fault::Result;
use crate::graphql::context::request_context;
use crate::organization::model::{DepartmentId, OrganizationId};
use crate::page::validate_first;
use crate::policy::service::{PreviewedOrder, validate_previewed_order};

/// The arguments of a preview.
pub struct PreviewArguments {
    pub version: i32,
    pub rules: Vec<String>,
    pub first: Option<i32>,
    pub after: Option<BidId>,
}

/// Previews a suspension: of bids what the selection requests.
///
/// # Errors
/// `Forbidden` unless the viewer is an administrator or an analyst, `Invalid` for an unknown version or
/// rule, or a page size out of range.
pub async fn preview(ctx: &Context<'_>, arguments: PreviewArguments) -> Result<SuspensionPreview> {
    let (db, viewer) = request_context(ctx)?;
    let PreviewArguments { version, rules, first, after } = arguments;
    let order = Arc::new(validate_previewed_order(db, viewer, version, &rules).await?);
    let first = validate_first(first)?;
    let selection = ctx.look_ahead();
    let is_requested = |name: &&str| selection.field(name).exists();
    let counts = ["refusedToAdmitted", "refusedToHeld", "heldToAdmitted", "complete"];
    let request = PreviewedBids {
        includes_counts: counts.iter().any(is_requested),
        first: if is_requested(&"bids") { first } else { 0 },
        after,
    };
    let bids = service::preview_suspension(db, viewer, &order, request).await?;
    Ok(SuspensionPreview { order, bids })
}

/// The bids that a suspension would revive if it began now, and the contracts whose readiness it would
/// change.
pub struct SuspensionPreview {
    order: Arc<PreviewedOrder>,
    bids: service::SuspensionPreview,
}

/// The bids that a suspension would revive if it began now, and the contracts whose readiness it would
/// change. Bids that are not due yet, and those on solicitations that were canceled or awarded, are left
/// out. Awards and renewals pass their own gate when they are made.
#[Object(crate = "crate::budget")]
impl SuspensionPreview {
    /// How many refused bids it would admit.
    async fn refused_to_admitted(&self) -> Result<u64> {
        Ok(self.bids.counts.get()?.refused_to_admitted)
    }
    /// How many refused bids it would hold.
    async fn refused_to_held(&self) -> Result<u64> {
        Ok(self.bids.counts.get()?.refused_to_held)
    }
    /// How many held bids it would admit.
    async fn held_to_admitted(&self) -> Result<u64> {
        Ok(self.bids.counts.get()?.held_to_admitted)
    }
    /// Whether every bid was counted: at most 10,000 are.
    async fn complete(&self) -> Result<bool> {
        Ok(self.bids.counts.get()?.is_complete)
    }
    /// One page of these bids, by identifier. Without the counts, a page is found faster.
    async fn bids(&self) -> Vec<RevivedBid> {
        self.bids.bids.iter().cloned().map(RevivedBid::from).collect()
    }
    /// The contracts whose readiness it would change.
    async fn contracts(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The number of contracts to list, at most the page limit; 20 if omitted."
        )]
        first: Option<i32>,
        #[graphql(desc = "The last contract of the page before.")] after: Option<ID>,
    ) -> Result<SuspensionPreviewContracts> {
        preview_contracts(ctx, &self.order, first, after).await
    }
}

/// A bid that a suspension would revive.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct RevivedBid {
    /// The bid's identifier.
    id: BidId,
    /// The solicitation's identifier.
    solicitation_id: SolicitationId,
    /// The solicitation's number.
    number: String,
    /// The solicitation's title.
    title: String,
    /// The department's identifier.
    department_id: DepartmentId,
    /// The firm's identifier.
    organization_id: OrganizationId,
    /// The firm's name.
    organization_name: String,
    /// The bid's status now.
    before: BidStatus,
    /// The bid's status under the suspension.
    after: BidStatus,
}

impl From<service::RevivedBid> for RevivedBid {
    fn from(bid: service::RevivedBid) -> Self {
        Self {
            id: bid.id,
            solicitation_id: bid.solicitation,
            number: bid.number,
            title: bid.title,
            department_id: bid.department,
            organization_id: bid.organization,
            organization_name: bid.name,
            before: bid.before,
            after: bid.after,
        }
    }
}
