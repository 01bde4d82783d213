//! The view of what waits for a firm's people.
use sea_orm::entity::prelude::*;

use crate::award::model::MatchId;
use crate::bidding::model::BidId;
use crate::contracting::model::ContractId;
use crate::decision::model::DecisionId;
use crate::disclosure::model::{ClarificationId, DisclosureId};
use crate::organization::model::OrganizationId;
use crate::screening::model::WaitingKind;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "waiting_item")]
pub struct Model {
    /// The UUID of what waits; a contract or a disclosure can wait twice.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub kind: WaitingKind,
    pub organization_id: OrganizationId,
    /// The deadline (UTC), for a filing the time at which it was filed; none if `due_on` is set.
    pub due_at: Option<DateTimeUtc>,
    /// A local day: the last one of a contract, or the first one out of compliance.
    pub due_on: Option<Date>,
    /// The last day of a contract.
    pub ends_on: Option<Date>,
    /// When the time to appeal against a confirmed match or a rejection ends (UTC).
    pub appeal_by: Option<DateTimeUtc>,
    /// The number of the solicitation, contract or federal award.
    pub label: Option<String>,
    /// The readiness of a contract, the rule that it violates, the review of a filing, or `UPHELD` for a match
    /// whose confirmation was upheld.
    pub code: Option<String>,
    pub disclosure_id: Option<DisclosureId>,
    pub clarification_id: Option<ClarificationId>,
    pub match_id: Option<MatchId>,
    pub bid_id: Option<BidId>,
    /// The decision by which a bid is held.
    pub decision_id: Option<DecisionId>,
    pub contract_id: Option<ContractId>,
}

impl ActiveModelBehavior for ActiveModel {}
