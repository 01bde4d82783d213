//! SQL of the matching backlog: which organizations were matched up to which import revision.
use std::collections::HashSet;

use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder,
};
use sea_orm::{IntoActiveModel, QuerySelect};
use uuid::Uuid;

use crate::award::entity::match_backlog;
use crate::award::entity::match_progress::{Column, Entity, Model};
use crate::database::{Tx, in_ids};
use crate::organization::model::OrganizationId;

/// The next `limit` organizations that were never matched, or only against an earlier revision, in
/// order of id.
pub async fn list_backlog(
    db: &impl ConnectionTrait,
    revision: i64,
    after: Option<OrganizationId>,
    limit: u64,
) -> Result<Vec<OrganizationId>, DbErr> {
    use match_backlog::{Column, Entity};
    let mut select = Entity::find().filter(Column::Revision.lt(revision));
    if let Some(after) = after {
        select = select.filter(Column::OrganizationId.gt(after));
    }
    let select = select.select_only().column(Column::OrganizationId);
    select.order_by_asc(Column::OrganizationId).limit(limit).into_tuple().all(db).await
}

/// Those of the given organizations that were matched against this revision or a later one.
pub async fn list_matched_since(
    db: &impl ConnectionTrait,
    organizations: Vec<Uuid>,
    revision: i64,
) -> Result<HashSet<OrganizationId>, DbErr> {
    let select = Entity::find().filter(in_ids(db, Column::OrganizationId, organizations));
    let rows = select.filter(Column::Revision.gte(revision)).all(db).await?;
    Ok(rows.into_iter().map(|row| row.organization_id).collect())
}

/// Records the revision against which the organizations were matched.
pub async fn save_progress(tx: &Tx, ids: &[OrganizationId], revision: i64) -> Result<(), DbErr> {
    let rows = ids.iter().map(|id| Model { organization_id: *id, revision });
    let rows: Vec<_> = rows.map(|row| row.into_active_model().reset_all()).collect();
    if rows.is_empty() {
        return Ok(());
    }
    Entity::insert_many(rows)
        .on_conflict(
            OnConflict::column(Column::OrganizationId).update_column(Column::Revision).to_owned(),
        )
        .exec_without_returning(&**tx)
        .await?;
    Ok(())
}

/// The number of organizations recorded as matched against a later revision than this one.
pub async fn count_matched_after(db: &impl ConnectionTrait, revision: i64) -> Result<u64, DbErr> {
    crate::page::count(db, Entity::find().filter(Column::Revision.gt(revision))).await
}
