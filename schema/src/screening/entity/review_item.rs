//! The view of the review queue.
use sea_orm::entity::prelude::*;

use crate::award::model::MatchId;
use crate::bidding::model::BidId;
use crate::contracting::model::{ContractId, RenewalId};
use crate::disclosure::model::{AppealId, ClarificationId, DisclosureId};
use crate::organization::model::{
    DepartmentId, IdentifierDisputeId, MergeProposalId, OrganizationId,
};
use crate::principal::Principal;
use crate::screening::model::ReviewItemKind;
use crate::waiver::model::{ExemptionId, WaiverId};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "review_item")]
pub struct Model {
    /// The UUID of what is to be decided; a bid or contract can be in the queue twice, once for its
    /// parties.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub kind: ReviewItemKind,
    pub bid_id: Option<BidId>,
    pub disclosure_id: Option<DisclosureId>,
    pub clarification_id: Option<ClarificationId>,
    pub appeal_id: Option<AppealId>,
    pub match_id: Option<MatchId>,
    pub dispute_id: Option<IdentifierDisputeId>,
    pub waiver_id: Option<WaiverId>,
    pub exemption_id: Option<ExemptionId>,
    pub contract_id: Option<ContractId>,
    pub renewal_id: Option<RenewalId>,
    pub proposal_id: Option<MergeProposalId>,
    /// The organization concerned; of a merge proposal the first one.
    pub organization_id: Option<OrganizationId>,
    /// The second organization of a merge proposal.
    pub other_id: Option<OrganizationId>,
    pub department_id: Option<DepartmentId>,
    /// The grounds of a merge proposal.
    pub detail: Option<String>,
    pub due_at: DateTimeUtc,
    /// The end of a held bid's cure period; the last day of the year 9999 for all else.
    pub cure_deadline: DateTimeUtc,
    /// The item is in the queue only after this time (UTC).
    pub opens_at: DateTimeUtc,
    /// The item is in the queue only before this time (UTC).
    pub closes_at: DateTimeUtc,
    /// The last local day on which the item is in the queue, if any.
    pub ends_on: Option<Date>,
    /// When the answer to the open question about a held bid's disclosure is due; the last day of the
    /// year 9999 without one.
    pub question_due_at: DateTimeUtc,
    pub reviewer: Option<Principal>,
}

impl ActiveModelBehavior for ActiveModel {}
