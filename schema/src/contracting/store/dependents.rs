//! Statements that find the contracts that depend on a change.
use sea_orm::sea_query::{SelectStatement, UnionType};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder};
use sea_orm::{QuerySelect, QueryTrait, Select};
use uuid::Uuid;

use crate::contracting::entity::contract::{Column, Entity};
use crate::contracting::entity::renewal;
use crate::contracting::model::{ContractId, RenewalStatus};
use crate::database::in_ids;
use crate::organization::model::OrganizationId;

/// Selects the contracts that the organizations hold, those with a proposed assignment to one of them or
/// to a joint venture that names one, and those that name one; `naming` selects their identifiers.
pub fn select_naming(
    db: &impl ConnectionTrait,
    organizations: &[OrganizationId],
    naming: [SelectStatement; 2],
    ventures: &[OrganizationId],
) -> Select<Entity> {
    let assignees = ventures.iter().chain(organizations).map(|id| id.uuid()).collect();
    let assigned = renewal::Entity::find()
        .select_only()
        .column(renewal::Column::ContractId)
        .filter(in_ids(db, renewal::Column::OrganizationId, assignees))
        .filter(renewal::Column::Status.eq(RenewalStatus::Proposed))
        .into_query();
    // A union and not a condition with OR, for which PostgreSQL would read every contract.
    let held = Entity::find().filter(Column::OrganizationId.is_in(organizations.to_vec()));
    let mut ids = held.select_only().column(Column::Id).into_query();
    for other in naming.into_iter().chain([assigned]) {
        ids.union(UnionType::All, other);
    }
    Entity::find().filter(Column::Id.in_subquery(ids))
}

/// Selects every contract, because a policy changed.
pub fn select_all() -> Select<Entity> {
    Entity::find()
}

/// Selects one contract.
pub fn select_one(contract: ContractId) -> Select<Entity> {
    Entity::find().filter(Column::Id.eq(contract))
}

/// Lists the identifiers of selected contracts: the first `limit` after `after`, in order.
pub async fn list_next_ids(
    db: &impl ConnectionTrait,
    select: Select<Entity>,
    after: Option<Uuid>,
    limit: u64,
) -> Result<Vec<ContractId>, DbErr> {
    let mut select = select;
    if let Some(after) = after {
        select = select.filter(Column::Id.gt(after));
    }
    let select = select.select_only().column(Column::Id).order_by_asc(Column::Id).limit(limit);
    select.into_tuple().all(db).await
}
