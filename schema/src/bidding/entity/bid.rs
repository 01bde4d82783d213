//! The table of bids, including refused ones.
use sea_orm::entity::prelude::*;
use sea_orm::{FromQueryResult, QueryResult};

use crate::bidding::model::{BidDecision, BidId, BidRecord, BidState, BidStatus, SolicitationId};
use crate::decision::model::DecisionId;
use crate::disclosure::model::DisclosureId;
use crate::gate::Outcome;
use crate::money::Money;
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
    /// The amount in hundredths of the currency's unit; none if the bid has no amount, which only
    /// solicitations for proposals allow.
    pub amount_cents: Option<i64>,
    /// An ISO 4217 code; none if the bid has no amount.
    pub currency: Option<String>,
    /// The applicable filing; none if it was decided without one.
    pub disclosure_id: Option<DisclosureId>,
    /// The latest decision, which determines the status.
    pub decision_id: DecisionId,
    pub decision_outcome: Outcome,
    /// The exclusive deadline to cure (UTC); set only while the bid is held and can be cured.
    pub cure_by: Option<DateTimeUtc>,
    /// When the request was received in full (UTC).
    pub submitted_at: DateTimeUtc,
    pub submitted_by: Principal,
    pub withdrawn_at: Option<DateTimeUtc>,
    /// When the latest decision was made (UTC).
    pub decided_at: DateTimeUtc,
    /// Generated: the sort keys of the amount, in hundredths. Bids without an amount are last in both
    /// directions.
    pub amount_ascending: i64,
    pub amount_descending: i64,
}

impl ActiveModelBehavior for ActiveModel {}

crate::database::recorded! {
    subject: [Id],
    value: [
        Id, SolicitationId, OrganizationId, Status, AmountCents, Currency, DisclosureId,
        DecisionId, DecisionOutcome, CureBy, SubmittedAt, SubmittedBy, WithdrawnAt, DecidedAt,
    ],
    generated: [AmountAscending, AmountDescending],
}

impl TryFrom<Model> for BidRecord {
    type Error = DbErr;

    fn try_from(row: Model) -> Result<Self, DbErr> {
        let state = match (row.status, row.withdrawn_at) {
            (BidStatus::Admitted, None) => BidState::Admitted,
            (BidStatus::Held, None) => BidState::Held { cure_by: row.cure_by },
            (BidStatus::Refused, None) => BidState::Refused,
            (BidStatus::Withdrawn, Some(at)) => BidState::Withdrawn { at },
            (BidStatus::Awarded, None) => BidState::Awarded,
            (BidStatus::Closed, None) => BidState::Closed,
            (status, _) => {
                let message = format!("{}: {status:?} contradicts withdrawn_at", row.id);
                return Err(DbErr::Type(message));
            }
        };
        Ok(Self {
            id: row.id,
            solicitation_id: row.solicitation_id,
            organization_id: row.organization_id,
            amount: row
                .amount_cents
                .zip(row.currency)
                .map(|(cents, currency)| Money { cents, currency }),
            submitted_at: row.submitted_at,
            submitted_by: row.submitted_by,
            decision: BidDecision {
                id: row.decision_id,
                outcome: row.decision_outcome,
                disclosure_id: row.disclosure_id,
                at: row.decided_at,
            },
            state,
        })
    }
}

impl From<BidRecord> for Model {
    fn from(bid: BidRecord) -> Self {
        let (cents, currency) = bid.amount.map(|it| (it.cents, it.currency)).unzip();
        Self {
            id: bid.id,
            solicitation_id: bid.solicitation_id,
            organization_id: bid.organization_id,
            status: bid.state.status(),
            amount_cents: cents,
            currency,
            disclosure_id: bid.decision.disclosure_id,
            decision_id: bid.decision.id,
            decision_outcome: bid.decision.outcome,
            cure_by: bid.state.cure_by(),
            submitted_at: bid.submitted_at,
            submitted_by: bid.submitted_by,
            withdrawn_at: bid.state.withdrawn_at(),
            decided_at: bid.decision.at,
            amount_ascending: cents.unwrap_or(i64::MAX),
            amount_descending: cents.unwrap_or(-1),
        }
    }
}

impl FromQueryResult for BidRecord {
    fn from_query_result(row: &QueryResult, prefix: &str) -> Result<Self, DbErr> {
        Model::from_query_result(row, prefix)?.try_into()
    }
}
