//! The table of bids and refused attempts.
use sea_orm::entity::prelude::*;

use crate::bidding::model::{BidId, BidStatus, SolicitationId};
use crate::decision::model::DecisionId;
use crate::disclosure::model::DisclosureId;
use crate::gate::Outcome;
use crate::organization::model::OrganizationId;
use crate::principal::Principal;

/// Without `live`, which the database computes: PostgreSQL refuses to be handed it.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "bid")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: BidId,
    pub solicitation_id: SolicitationId,
    pub organization_id: OrganizationId,
    pub status: BidStatus,
    /// Hundredths of the currency's unit.
    pub amount_cents: i64,
    /// ISO 4217.
    pub currency: String,
    /// What it rests on; none if it was let through or refused without one.
    pub disclosure_id: Option<DisclosureId>,
    /// The decision that made the status what it is.
    pub decision_id: DecisionId,
    pub decision_outcome: Outcome,
    /// Exclusive; set only while something can be mended.
    pub cure_by: Option<DateTimeUtc>,
    /// The request's arrival.
    pub submitted_at: DateTimeUtc,
    pub submitted_by: Principal,
    pub withdrawn_at: Option<DateTimeUtc>,
    /// When it was last decided on.
    pub decided_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

crate::database::recorded! {
    subject: [Id],
    value: [
        Id, SolicitationId, OrganizationId, Status, AmountCents, Currency, DisclosureId,
        DecisionId, DecisionOutcome, CureBy, SubmittedAt, SubmittedBy, WithdrawnAt, DecidedAt,
    ],
}
