//! Every statement on decisions; each read carries the viewer's row filter.
use sea_orm::sea_query::Condition;
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait};
use sea_orm::{IntoActiveModel, QueryFilter, QueryOrder, Select};
use uuid::Uuid;

use super::entity::{Column, Entity, Model};
use super::model::DecisionId;
use crate::database::{self, Tx, one_of};
use crate::organization::access;
use crate::organization::model::Viewer;

/// Who may see a decision: the organization's members, and staff once its subject is open to them.
fn visible(viewer: &Viewer) -> Select<Entity> {
    let own = Column::OrganizationId.is_in(viewer.own_organizations());
    let opened = access::open_to(viewer, access::Column::SubjectId);
    let any = Condition::any().add(own).add(Column::SubjectId.in_subquery(opened));
    Entity::find().filter(any)
}

pub(super) async fn find(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    id: DecisionId,
) -> Result<Option<Model>, DbErr> {
    visible(viewer).filter(Column::Id.eq(id)).one(db).await
}

/// Decisions by id, for what refers to them.
pub(super) async fn by_ids(db: &impl ConnectionTrait, ids: Vec<Uuid>) -> Result<Vec<Model>, DbErr> {
    Entity::find().filter(one_of(db, Column::Id, ids)).all(db).await
}

pub(super) async fn last_sequence(tx: &Tx, subject: Uuid) -> Result<i64, DbErr> {
    let select = Entity::find().filter(Column::SubjectId.eq(subject));
    let last = select.order_by_desc(Column::Sequence).one(&**tx).await?;
    Ok(last.map_or(0, |row| row.sequence))
}

pub(super) async fn insert(tx: &Tx, row: Model) -> Result<Model, DbErr> {
    row.into_active_model().reset_all().insert(&**tx).await
}

/// The decisions after an id, in its order.
pub(super) async fn batch(
    db: &impl ConnectionTrait,
    after: Option<Uuid>,
    size: u64,
) -> Result<Vec<Model>, DbErr> {
    database::batch::<Entity>(db, Column::Id, after, size).await
}
