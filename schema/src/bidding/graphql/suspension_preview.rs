//! GraphQL types of the preview of a suspension.
use async_graphql::SimpleObject;

use crate::bidding::model::{BidId, BidStatus, SolicitationId};
use crate::bidding::service;
use crate::organization::model::{DepartmentId, OrganizationId};

/// The bids that a suspension would revive if it began now. Bids that are not due yet, and those on
/// solicitations that were canceled or awarded, are left out.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct SuspensionPreview {
    /// How many refused bids it would admit.
    refused_to_admitted: u64,
    /// How many refused bids it would hold.
    refused_to_held: u64,
    /// How many held bids it would admit.
    held_to_admitted: u64,
    /// Whether every bid was counted: at most 10,000 are.
    complete: bool,
    /// One page of these bids, by identifier.
    bids: Vec<RevivedBid>,
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

impl From<service::SuspensionPreview> for SuspensionPreview {
    fn from(preview: service::SuspensionPreview) -> Self {
        let service::SuspensionPreview {
            refused_to_admitted,
            refused_to_held,
            held_to_admitted,
            is_complete,
            bids,
        } = preview;
        let bids = bids.into_iter().map(|bid| RevivedBid {
            id: bid.id,
            solicitation_id: bid.solicitation,
            number: bid.number,
            title: bid.title,
            department_id: bid.department,
            organization_id: bid.organization,
            organization_name: bid.name,
            before: bid.before,
            after: bid.after,
        });
        Self {
            refused_to_admitted,
            refused_to_held,
            held_to_admitted,
            complete: is_complete,
            bids: bids.collect(),
        }
    }
}
