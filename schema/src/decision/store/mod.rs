//! Queries and inserts of decisions. Every read for a viewer applies the row filter.
pub(super) mod parties;
pub(super) mod substitutions;

use std::collections::HashMap;

use sea_orm::sea_query::{Condition, Expr, ExprTrait, Query};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait};
use sea_orm::{QueryFilter, QueryOrder, QuerySelect, Select};
use uuid::Uuid;

use crate::database::{self, Tx, in_ids};
use crate::decision::entity::decision::{Column, Entity, Model};
use crate::decision::entity::{bid_standing, finding};
use crate::decision::model::DecisionId;
use crate::organization::access;
use crate::organization::model::Viewer;

/// Selects the decisions that a viewer may see: an organization's members see its decisions, and
/// staff see those whose subject is open to them.
fn visible(viewer: &Viewer) -> Select<Entity> {
    let own = Column::OrganizationId.is_in(viewer.own_organizations());
    let opened = access::is_accessible(viewer, Column::SubjectId, access::Column::SubjectId);
    Entity::find().filter(Condition::any().add(own).add(opened))
}

pub async fn find(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    id: DecisionId,
) -> Result<Option<Model>, DbErr> {
    visible(viewer).filter(Column::Id.eq(id)).one(db).await
}

/// Lists the decisions with these identifiers that the viewer may see.
pub async fn find_visible_by_ids(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    ids: Vec<Uuid>,
) -> Result<Vec<Model>, DbErr> {
    visible(viewer).filter(in_ids(db, Column::Id, ids)).all(db).await
}

/// Lists the decisions about subjects that the viewer may see, earliest first.
pub async fn list_visible_by_subject(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    subjects: Vec<Uuid>,
) -> Result<Vec<Model>, DbErr> {
    let select = visible(viewer).filter(in_ids(db, Column::SubjectId, subjects));
    select.order_by_asc(Column::SubjectId).order_by_asc(Column::Sequence).all(db).await
}

/// Lists the subject and identifier of each decision about subjects that the viewer may see, the last one
/// of a subject last.
pub async fn list_visible_ids_by_subject(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    subjects: Vec<Uuid>,
) -> Result<Vec<(Uuid, DecisionId)>, DbErr> {
    let select = visible(viewer).filter(in_ids(db, Column::SubjectId, subjects));
    let select = select.select_only().columns([Column::SubjectId, Column::Id]);
    let select = select.order_by_asc(Column::SubjectId).order_by_asc(Column::Sequence);
    select.into_tuple().all(db).await
}

/// Lists what has become of the bids among subjects, regardless of the viewer.
pub async fn list_bid_standings(
    db: &impl ConnectionTrait,
    subjects: Vec<Uuid>,
) -> Result<Vec<bid_standing::Model>, DbErr> {
    let select = bid_standing::Entity::find();
    select.filter(in_ids(db, bid_standing::Column::BidId, subjects)).all(db).await
}

/// Lists the first decision about each of the subjects.
pub async fn list_first(
    db: &impl ConnectionTrait,
    subjects: Vec<Uuid>,
) -> Result<Vec<Model>, DbErr> {
    let select = Entity::find().filter(in_ids(db, Column::SubjectId, subjects));
    select.filter(Column::Sequence.eq(1)).all(db).await
}

/// Finds a decision without a row filter.
pub async fn find_unfiltered(
    db: &impl ConnectionTrait,
    id: DecisionId,
) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).one(db).await
}

/// Finds the last decision about a subject.
pub async fn find_last(db: &impl ConnectionTrait, subject: Uuid) -> Result<Option<Model>, DbErr> {
    let select = Entity::find().filter(Column::SubjectId.eq(subject));
    select.order_by_desc(Column::Sequence).one(db).await
}

pub async fn insert(tx: &Tx, row: Model, findings: Vec<finding::Model>) -> Result<Model, DbErr> {
    let row = database::insert(tx, row).await?;
    insert_findings(tx, findings).await?;
    Ok(row)
}

pub async fn insert_findings(tx: &Tx, rows: Vec<finding::Model>) -> Result<(), DbErr> {
    database::insert_all::<finding::Entity, _>(tx, rows).await
}

/// Lists at most `limit` decisions after an identifier that have findings but no finding rows, in its order.
pub async fn list_without_finding_rows(
    db: &impl ConnectionTrait,
    after: Option<Uuid>,
    limit: u64,
) -> Result<Vec<Model>, DbErr> {
    // `NOT EXISTS`, since PostgreSQL hashes a `NOT IN` only while the table fits its memory.
    let mut rows = Query::select();
    let decision_id = Expr::col(finding::Column::DecisionId.as_column_ref());
    rows.expr(Expr::val(1)).from(finding::Entity);
    rows.and_where(decision_id.equals(Column::Id.as_column_ref()));
    let missing = Entity::find()
        .filter(Expr::exists(rows).not())
        .filter(Column::Decision.not_like("%\"findings\":[]%"));
    database::batch_of(missing, Column::Id, after, limit).all(db).await
}

/// Lists at most `size` decisions after an identifier, in its order.
pub async fn list_batch(
    db: &impl ConnectionTrait,
    after: Option<Uuid>,
    size: u64,
) -> Result<Vec<Model>, DbErr> {
    database::load_batch::<Entity>(db, Column::Id, after, size).await
}

/// Loads the finding rows of decisions.
pub async fn load_finding_rows(
    db: &impl ConnectionTrait,
    decisions: Vec<Uuid>,
) -> Result<HashMap<DecisionId, Vec<finding::Model>>, DbErr> {
    let select = finding::Entity::find();
    let select = select.filter(in_ids(db, finding::Column::DecisionId, decisions));
    let mut by_decision = HashMap::<DecisionId, Vec<finding::Model>>::new();
    for row in select.all(db).await? {
        by_decision.entry(row.decision_id).or_default().push(row);
    }
    Ok(by_decision)
}

/// Counts the finding rows of all decisions.
pub async fn count_findings(db: &impl ConnectionTrait) -> Result<u64, DbErr> {
    crate::page::count(db, finding::Entity::find()).await
}
