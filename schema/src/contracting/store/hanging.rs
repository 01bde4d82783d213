//! Statements that find the contracts whose standing hangs on something that has changed.
use sea_orm::sea_query::Condition;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder};
use sea_orm::{QuerySelect, QueryTrait, Select};
use uuid::Uuid;

use crate::contracting::entity::contract::{Column, Entity};
use crate::contracting::entity::renewal;
use crate::contracting::model::{ContractId, RenewalStatus};
use crate::database::in_ids;
use crate::organization::model::{Identifier, OrganizationId};

use super::parties::naming_party;

/// Contracts that an organization holds, those that it or a joint venture of its is to be assigned,
/// and those that name it: a member or a subcontractor was resolved to it, or is not resolved and
/// named with an identifier that it bears.
pub fn naming(
    db: &impl ConnectionTrait,
    organization: OrganizationId,
    borne: &[Identifier],
    ventures: Vec<OrganizationId>,
) -> Select<Entity> {
    let [members, subcontractors] = naming_party(organization, borne);
    let assignees = ventures.into_iter().chain([organization]).map(OrganizationId::uuid).collect();
    let assigned = renewal::Entity::find()
        .select_only()
        .column(renewal::Column::ContractId)
        .filter(in_ids(db, renewal::Column::OrganizationId, assignees))
        .filter(renewal::Column::Status.eq(RenewalStatus::Proposed))
        .into_query();
    let any = Condition::any()
        .add(Column::OrganizationId.eq(organization))
        .add(Column::Id.in_subquery(members))
        .add(Column::Id.in_subquery(subcontractors))
        .add(Column::Id.in_subquery(assigned));
    Entity::find().filter(any)
}

/// Every contract: the ordinance itself has changed.
pub fn every() -> Select<Entity> {
    Entity::find()
}

/// One contract.
pub fn one(contract: ContractId) -> Select<Entity> {
    Entity::find().filter(Column::Id.eq(contract))
}

/// The next of some contracts, in the order of their identifiers.
pub async fn next_to_stand(
    db: &impl ConnectionTrait,
    select: Select<Entity>,
    after: Option<Uuid>,
    most: u64,
) -> Result<Vec<ContractId>, DbErr> {
    let mut select = select;
    if let Some(after) = after {
        select = select.filter(Column::Id.gt(after));
    }
    let select = select.select_only().column(Column::Id).order_by_asc(Column::Id).limit(most);
    select.into_tuple().all(db).await
}
