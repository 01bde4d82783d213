//! Statements on contract actions.
use std::collections::HashMap;

use sea_orm::sea_query::Condition;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait};
use sea_orm::{QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select};
use uuid::Uuid;

use crate::contracting::entity::contract;
use crate::contracting::entity::renewal::{Column, Entity, Model};
use crate::contracting::model::{ContractId, RenewalId, RenewalRecord, RenewalStatus};
use crate::database::{self, Tx, in_ids, lock_for_change};
use crate::organization::model::Viewer;

/// Selects the contract actions that a viewer may see: members of the organization whose disclosure is
/// checked, staff who may read every department, and contract officers of the contract's department.
/// So the assignee sees an assignment, and the former holder does not.
fn select_visible(viewer: &Viewer) -> Select<Entity> {
    let select = Entity::find();
    if viewer.can_read_all() {
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

pub async fn find_visible(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    id: RenewalId,
) -> Result<Option<RenewalRecord>, DbErr> {
    select_visible(viewer).filter(Column::Id.eq(id)).into_model().one(db).await
}

/// Lists those contract actions in `ids` that the viewer may see.
pub async fn list_visible_by_ids(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    ids: Vec<Uuid>,
) -> Result<Vec<RenewalRecord>, DbErr> {
    select_visible(viewer).filter(in_ids(db, Column::Id, ids)).into_model().all(db).await
}

pub async fn lock(tx: &Tx, id: RenewalId) -> Result<Option<RenewalRecord>, DbErr> {
    lock_for_change(Entity::find_by_id(id)).into_model().one(&**tx).await
}

/// Lists the actions of contracts that the viewer may see, the earliest proposed first.
pub async fn list_visible_renewals(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    contracts: Vec<Uuid>,
) -> Result<HashMap<ContractId, Vec<RenewalRecord>>, DbErr> {
    let select = select_visible(viewer)
        .filter(in_ids(db, Column::ContractId, contracts))
        .order_by_asc(Column::ContractId)
        .order_by_asc(Column::ProposedAt)
        .order_by_asc(Column::Id);
    let mut by_contract = HashMap::<ContractId, Vec<RenewalRecord>>::new();
    for row in select.into_model::<RenewalRecord>().all(db).await? {
        by_contract.entry(row.contract_id).or_default().push(row);
    }
    Ok(by_contract)
}

/// Lists the bare UUIDs of the executed actions of each contract that has some.
pub async fn list_executed(
    db: &impl ConnectionTrait,
    contracts: Vec<Uuid>,
) -> Result<HashMap<ContractId, Vec<Uuid>>, DbErr> {
    let select = Entity::find()
        .select_only()
        .columns([Column::ContractId, Column::Id])
        .filter(in_ids(db, Column::ContractId, contracts))
        .filter(Column::Status.eq(RenewalStatus::Executed));
    let mut by_contract = HashMap::<ContractId, Vec<Uuid>>::new();
    for (contract, id) in select.into_tuple::<(ContractId, RenewalId)>().all(db).await? {
        by_contract.entry(contract).or_default().push(id.uuid());
    }
    Ok(by_contract)
}

/// Lists the open proposal of each contract that has one.
pub async fn list_open_proposals(
    db: &impl ConnectionTrait,
    contracts: Vec<Uuid>,
) -> Result<HashMap<ContractId, RenewalRecord>, DbErr> {
    let select = Entity::find()
        .filter(in_ids(db, Column::ContractId, contracts))
        .filter(Column::Status.eq(RenewalStatus::Proposed));
    let rows = select.into_model::<RenewalRecord>().all(db).await?;
    Ok(rows.into_iter().map(|row| (row.contract_id, row)).collect())
}

pub async fn insert(tx: &Tx, renewal: RenewalRecord) -> Result<RenewalRecord, DbErr> {
    database::insert(tx, Model::from(renewal)).await?.try_into()
}

pub async fn update(tx: &Tx, renewal: RenewalRecord) -> Result<RenewalRecord, DbErr> {
    database::update(tx, Model::from(renewal)).await?.try_into()
}
