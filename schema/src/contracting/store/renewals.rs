//! Statements on what carries contracts on.
use std::collections::HashMap;

use sea_orm::sea_query::Condition;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait};
use sea_orm::{QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select};
use uuid::Uuid;

use crate::contracting::entity::contract;
use crate::contracting::entity::renewal::{Column, Entity, Model};
use crate::contracting::model::{ContractId, RenewalId, RenewalStatus};
use crate::database::{self, Tx, lock_for_change, in_ids};
use crate::organization::model::Viewer;

/// Who may see a renewal: whose disclosure counts in it, who reads all, and the officers of the
/// contract's department. So an assignment is the assignee's, not the firm's that it is taken from.
fn visible(viewer: &Viewer) -> Select<Entity> {
    let select = Entity::find();
    if viewer.reads_all() {
        return select;
    }
    let own = contract::Entity::find()
        .select_only()
        .column(contract::Column::Id)
        .filter(contract::Column::DepartmentId.is_in(viewer.own_departments().to_vec()))
        .into_query();
    let any = Condition::any()
        .add(Column::OrganizationId.is_in(viewer.own_organizations()))
        .add(Column::ContractId.in_subquery(own));
    select.filter(any)
}

pub async fn find(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    id: RenewalId,
) -> Result<Option<Model>, DbErr> {
    visible(viewer).filter(Column::Id.eq(id)).one(db).await
}

pub async fn lock(tx: &Tx, id: RenewalId) -> Result<Option<Model>, DbErr> {
    lock_for_change(Entity::find_by_id(id)).one(&**tx).await
}

/// The renewals of some contracts that the viewer may see, the earliest proposed first.
pub async fn visible_renewals_of(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    contracts: Vec<Uuid>,
) -> Result<HashMap<ContractId, Vec<Model>>, DbErr> {
    let select = visible(viewer)
        .filter(in_ids(db, Column::ContractId, contracts))
        .order_by_asc(Column::ContractId)
        .order_by_asc(Column::ProposedAt)
        .order_by_asc(Column::Id);
    let mut found = HashMap::<ContractId, Vec<Model>>::new();
    for row in select.all(db).await? {
        found.entry(row.contract_id).or_default().push(row);
    }
    Ok(found)
}

/// The proposal that waits on each of some contracts.
pub async fn open_of(
    db: &impl ConnectionTrait,
    contracts: Vec<Uuid>,
) -> Result<HashMap<ContractId, Model>, DbErr> {
    let select = Entity::find()
        .filter(in_ids(db, Column::ContractId, contracts))
        .filter(Column::Status.eq(RenewalStatus::Proposed));
    let rows = select.all(db).await?;
    Ok(rows.into_iter().map(|row| (row.contract_id, row)).collect())
}

pub async fn insert(tx: &Tx, row: Model) -> Result<Model, DbErr> {
    database::insert(tx, row).await
}

pub async fn update(tx: &Tx, row: Model) -> Result<Model, DbErr> {
    database::update(tx, row).await
}
