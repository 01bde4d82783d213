//! Statements that find the contracts whose standing hangs on something that has changed.
use sea_orm::sea_query::{Condition, ExprTrait};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder};
use sea_orm::{QuerySelect, QueryTrait, Select};
use uuid::Uuid;

use crate::contracting::entity::contract::{Column, Entity};
use crate::contracting::entity::{renewal, subcontractor};
use crate::contracting::model::{ContractId, RenewalStatus};
use crate::database::one_of;
use crate::organization::model::{Identifier, OrganizationId};

/// Contracts that an organization or a joint venture of its holds or is to be assigned, and those
/// that name it as a subcontractor, by its identifier here or by one that it bears.
pub fn naming(
    db: &impl ConnectionTrait,
    organization: OrganizationId,
    borne: &[Identifier],
    ventures: Vec<OrganizationId>,
) -> Select<Entity> {
    let holders: Vec<Uuid> =
        ventures.into_iter().chain([organization]).map(OrganizationId::uuid).collect();
    let mut named = Condition::any().add(subcontractor::Column::OrganizationId.eq(organization));
    for identifier in borne {
        let same = subcontractor::Column::Scheme.eq(identifier.scheme);
        let same = same.and(subcontractor::Column::Value.eq(identifier.id.as_str()));
        named = named.add(subcontractor::Column::OrganizationId.is_null().and(same));
    }
    let naming = subcontractor::Entity::find()
        .select_only()
        .column(subcontractor::Column::ContractId)
        .filter(named)
        .into_query();
    let assigned = renewal::Entity::find()
        .select_only()
        .column(renewal::Column::ContractId)
        .filter(one_of(db, renewal::Column::OrganizationId, holders.clone()))
        .filter(renewal::Column::Status.eq(RenewalStatus::Proposed))
        .into_query();
    let any = Condition::any()
        .add(one_of(db, Column::OrganizationId, holders))
        .add(Column::Id.in_subquery(naming))
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
