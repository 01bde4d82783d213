//! SQL of groups of merged organizations, and of proposals to merge.

use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, ExprTrait, Func, SelectStatement};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait,
};
use uuid::Uuid;

use crate::database::{self, Tx, in_ids, lock_for_change};
use crate::organization::entity::{merge_proposal, organization, organization_group};
use crate::organization::model::{MergeProposalId, OrganizationId, Viewer};

/// Selects the organizations of the groups of `ids`.
fn select_group_ids(db: &impl ConnectionTrait, ids: Vec<Uuid>) -> SelectStatement {
    use organization_group::{Column, Entity};
    Entity::find()
        .select_only()
        .column(Column::OrganizationId)
        .filter(Column::SurvivorId.in_subquery(select_survivors(db, ids)))
        .into_query()
}

/// Selects the survivors of the groups of `ids`.
fn select_survivors(db: &impl ConnectionTrait, ids: Vec<Uuid>) -> SelectStatement {
    use organization_group::{Column, Entity};
    Entity::find()
        .select_only()
        .column(Column::SurvivorId)
        .filter(in_ids(db, Column::OrganizationId, ids))
        .into_query()
}

/// An organization of a group.
#[derive(FromQueryResult)]
pub struct GroupRow {
    pub id: OrganizationId,
    pub merged_into: Option<OrganizationId>,
    pub merged_at: Option<DateTime<Utc>>,
    pub merged_through: Option<OrganizationId>,
}

/// Loads every organization of the groups of `ids`.
pub async fn load_groups(
    db: &impl ConnectionTrait,
    ids: Vec<Uuid>,
) -> Result<Vec<GroupRow>, DbErr> {
    use organization::{Column, Entity};
    let column = |column: Column| Expr::col(column.as_column_ref());
    // As in the view `organization_group` and its index.
    let survivor = Func::coalesce([column(Column::MergedInto), column(Column::Id)]);
    Entity::find()
        .select_only()
        .columns([Column::Id, Column::MergedInto, Column::MergedAt, Column::MergedThrough])
        .filter(Expr::expr(survivor).in_subquery(select_survivors(db, ids)))
        .into_model()
        .all(db)
        .await
}

/// Lists what was merged into the given organizations.
pub async fn list_merged_into(
    db: &impl ConnectionTrait,
    survivors: Vec<Uuid>,
) -> Result<Vec<organization::Model>, DbErr> {
    use organization::Column;
    organization::Entity::find()
        .filter(in_ids(db, Column::MergedInto, survivors))
        .order_by_asc(Column::MergedAt)
        .order_by_asc(Column::Id)
        .all(db)
        .await
}

/// Lists the identifiers of what was merged into the given organizations, each with its survivor.
pub async fn list_merged_ids(
    db: &impl ConnectionTrait,
    survivors: Vec<Uuid>,
) -> Result<Vec<(OrganizationId, OrganizationId)>, DbErr> {
    use organization::Column;
    organization::Entity::find()
        .select_only()
        .columns([Column::Id, Column::MergedInto])
        .filter(in_ids(db, Column::MergedInto, survivors))
        .order_by_asc(Column::Id)
        .into_tuple()
        .all(db)
        .await
}

/// Locks every organization of the groups of `ids`, in id order, so that two transactions cannot
/// deadlock.
pub async fn lock_groups(tx: &Tx, ids: Vec<Uuid>) -> Result<Vec<organization::Model>, DbErr> {
    use organization::Column;
    let select = organization::Entity::find()
        .filter(Column::Id.in_subquery(select_group_ids(&**tx, ids)))
        .order_by_asc(Column::Id);
    lock_for_change(select).all(&**tx).await
}

/// Lists the proposals about pairs of the given organizations, decided or not.
pub async fn list_proposals_among(
    db: &impl ConnectionTrait,
    organizations: Vec<Uuid>,
) -> Result<Vec<merge_proposal::Model>, DbErr> {
    use merge_proposal::{Column, Entity};
    Entity::find()
        .filter(in_ids(db, Column::OrganizationId, organizations.clone()))
        .filter(in_ids(db, Column::OtherId, organizations))
        .order_by_asc(Column::Id)
        .all(db)
        .await
}

/// Inserts proposals.
pub async fn insert_proposals(tx: &Tx, rows: Vec<merge_proposal::Model>) -> Result<(), DbErr> {
    database::insert_all_recorded::<merge_proposal::Entity, _>(tx, rows).await
}

/// Updates a proposal and returns it.
pub async fn update_proposal(
    tx: &Tx,
    row: merge_proposal::Model,
) -> Result<merge_proposal::Model, DbErr> {
    database::update(tx, row).await
}

/// Locks and returns a proposal.
pub async fn lock_proposal(
    tx: &Tx,
    id: MergeProposalId,
) -> Result<Option<merge_proposal::Model>, DbErr> {
    lock_for_change(merge_proposal::Entity::find_by_id(id)).one(&**tx).await
}

/// Loads proposals that the viewer may see: all for City-wide readers, none for others.
pub async fn load_visible_proposals(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    ids: Vec<Uuid>,
) -> Result<Vec<merge_proposal::Model>, DbErr> {
    if !viewer.can_read_all() {
        return Ok(Vec::new());
    }
    let select = merge_proposal::Entity::find();
    select.filter(in_ids(db, merge_proposal::Column::Id, ids)).all(db).await
}
