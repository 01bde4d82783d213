//! The table of the subcontractors that others replaced. Rows are only inserted.
use sea_orm::entity::prelude::*;

use crate::gate::{ResolvedBy, SubstitutionGround};
use crate::organization::model::{IdentifierScheme, OrganizationId};
use crate::principal::Principal;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "substitution")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The bid or the contract: one of the two.
    pub bid_id: Option<Uuid>,
    pub contract_id: Option<Uuid>,
    /// From 1, for each bid and contract.
    pub sequence: i64,
    /// The bidder or the contractor at that time.
    pub prime_id: OrganizationId,
    /// The position of the replaced subcontractor, which its replacement has now.
    pub position: i64,
    /// The replaced subcontractor, as the bid or the contract named it.
    pub organization_id: Option<OrganizationId>,
    pub name: String,
    pub scheme: Option<IdentifierScheme>,
    pub value: Option<String>,
    pub resolved_by: ResolvedBy,
    pub resolved_to: Option<OrganizationId>,
    pub resolved_at: DateTimeUtc,
    pub amount_cents: i64,
    pub currency: String,
    pub ground: SubstitutionGround,
    pub explanation: String,
    /// The law that allows it, by the policy at that time.
    pub citation: String,
    pub policy_version: i64,
    pub substituted_by: Principal,
    pub substituted_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

crate::database::recorded! {
    subject: [BidId, ContractId],
    value: [
        Id, BidId, ContractId, Sequence, PrimeId, Position, OrganizationId, Name, Scheme, Value,
        ResolvedBy, ResolvedTo, ResolvedAt, AmountCents, Currency, Ground, Citation, PolicyVersion,
        SubstitutedBy, SubstitutedAt,
    ],
    personal: [Explanation],
}
