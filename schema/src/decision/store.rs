//! Every statement on decisions; each read carries the viewer's row filter.
use std::collections::HashMap;

use sea_orm::sea_query::{Condition, Expr, ExprTrait, Query, SimpleExpr};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait};
use sea_orm::{QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select};
use uuid::Uuid;

use super::entity::decision::{Column, Entity, Model};
use super::entity::finding;
use super::model::DecisionId;
use crate::database::{self, Tx, in_ids};
use crate::organization::access;
use crate::organization::model::Viewer;

/// Who may see a decision: the organization's members, and staff once its subject is open to them.
/// `among` is the condition on the subjects of the decisions that are read.
fn visible(viewer: &Viewer, among: SimpleExpr) -> Select<Entity> {
    let own = Column::OrganizationId.is_in(viewer.own_organizations());
    let opened = access::open_to(viewer, access::Column::SubjectId, Some(among));
    let any = Condition::any().add(own).add(Column::SubjectId.in_subquery(opened));
    Entity::find().filter(any)
}

fn visible_among(viewer: &Viewer, wanted: SimpleExpr) -> Select<Entity> {
    let subjects = Entity::find().select_only().column(Column::SubjectId).filter(wanted.clone());
    let among = access::Column::SubjectId.in_subquery(subjects.into_query());
    visible(viewer, among).filter(wanted)
}

pub(super) async fn find(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    id: DecisionId,
) -> Result<Option<Model>, DbErr> {
    visible_among(viewer, Column::Id.eq(id)).one(db).await
}

/// Those of some decisions that the viewer may see.
pub(super) async fn visible_by_ids(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    ids: Vec<Uuid>,
) -> Result<Vec<Model>, DbErr> {
    visible_among(viewer, in_ids(db, Column::Id, ids)).all(db).await
}

/// The decisions on some subjects that the viewer may see, the earliest first.
pub(super) async fn visible_of_subjects(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    subjects: Vec<Uuid>,
) -> Result<Vec<Model>, DbErr> {
    let among = in_ids(db, access::Column::SubjectId, subjects.clone());
    let select = visible(viewer, among).filter(in_ids(db, Column::SubjectId, subjects));
    select.order_by_asc(Column::SubjectId).order_by_asc(Column::Sequence).all(db).await
}

/// The last decision on a subject.
pub(super) async fn last(db: &impl ConnectionTrait, subject: Uuid) -> Result<Option<Model>, DbErr> {
    let select = Entity::find().filter(Column::SubjectId.eq(subject));
    select.order_by_desc(Column::Sequence).one(db).await
}

pub(super) async fn insert(
    tx: &Tx,
    row: Model,
    found: Vec<finding::Model>,
) -> Result<Model, DbErr> {
    let row = database::insert(tx, row).await?;
    insert_findings(tx, found).await?;
    Ok(row)
}

pub(super) async fn insert_findings(tx: &Tx, found: Vec<finding::Model>) -> Result<(), DbErr> {
    database::insert_all::<finding::Entity, _>(tx, found).await
}

/// Decisions that find something and whose findings have no rows, the earliest first.
pub(super) async fn without_rows(tx: &Tx, most: u64) -> Result<Vec<Model>, DbErr> {
    // Not `NOT IN`: PostgreSQL hashes that only while the table fits its memory.
    let mut rows = Query::select();
    let of = Expr::col(finding::Column::DecisionId.as_column_ref());
    rows.expr(Expr::val(1)).from(finding::Entity);
    rows.and_where(of.equals(Column::Id.as_column_ref()));
    Entity::find()
        .filter(Expr::exists(rows).not())
        .filter(Column::Decision.not_like("%\"findings\":[]%"))
        .order_by_asc(Column::Id)
        .limit(most)
        .all(&**tx)
        .await
}

/// The decisions after an id, in its order.
pub(super) async fn batch(
    db: &impl ConnectionTrait,
    after: Option<Uuid>,
    size: u64,
) -> Result<Vec<Model>, DbErr> {
    database::batch::<Entity>(db, Column::Id, after, size).await
}

/// The rows by which some decisions are screened.
pub(super) async fn findings_of(
    db: &impl ConnectionTrait,
    decisions: Vec<Uuid>,
) -> Result<HashMap<DecisionId, Vec<finding::Model>>, DbErr> {
    let select = finding::Entity::find();
    let select = select.filter(in_ids(db, finding::Column::DecisionId, decisions));
    let mut found = HashMap::<DecisionId, Vec<finding::Model>>::new();
    for row in select.all(db).await? {
        found.entry(row.decision_id).or_default().push(row);
    }
    Ok(found)
}

/// How many rows there are by which decisions are screened.
pub(super) async fn count_findings(db: &impl ConnectionTrait) -> Result<u64, DbErr> {
    crate::page::count(db, finding::Entity::find()).await
}
