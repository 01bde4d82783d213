//! The table of bids, including refused ones.
use sea_orm::entity::prelude::*;

use crate::bidding::model::{BidId, BidStatus, SolicitationId};
use crate::decision::model::DecisionId;
use crate::disclosure::model::DisclosureId;
use crate::gate::Outcome;
use crate::organization::model::OrganizationId;
use crate::principal::Principal;

/// Leaves out `live`, a generated column, which PostgreSQL does not allow to be inserted.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "bid")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: BidId,
    pub solicitation_id: SolicitationId,
    pub organization_id: OrganizationId,
    pub status: BidStatus,
    /// The amount in hundredths of the currency's unit.
    pub amount_cents: i64,
    /// An ISO 4217 code.
    pub currency: String,
    /// The applicable filing; none if it was decided without one.
    pub disclosure_id: Option<DisclosureId>,
    /// The latest decision, which determines the status.
    pub decision_id: DecisionId,
    pub decision_outcome: Outcome,
    /// The exclusive deadline to cure (UTC); set only while a finding can be cured.
    pub cure_by: Option<DateTimeUtc>,
    /// When the request was received in full (UTC).
    pub submitted_at: DateTimeUtc,
    pub submitted_by: Principal,
    pub withdrawn_at: Option<DateTimeUtc>,
    /// When the latest decision was made (UTC).
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
