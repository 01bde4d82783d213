//! SQL of federal awards, their transactions, holders and imports.
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::sea_query::{Expr, ExprTrait, Func, OnConflict, SimpleExpr};
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait};
use sea_orm::{FromQueryResult, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, Select};
use uuid::Uuid;

use crate::award::entity::award::{Column, Entity, Model};
use crate::award::entity::{award_holder, import, transaction, transaction_deletion};
use crate::award::model::{AwardId, RecipientId};
use crate::database::{self, Tx, in_ids};
use crate::gate::DhsComponent;
use crate::organization::model::Viewer;

pub async fn find(db: &impl ConnectionTrait, id: AwardId) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).one(db).await
}

/// Selects the awards that the viewer may see: staff see all, a firm those of which it received
/// notice.
fn visible(viewer: &Viewer) -> Select<Entity> {
    let select = Entity::find();
    if viewer.is_staff() {
        return select;
    }
    select.filter(Column::Id.in_subquery(super::matches::visible_award_ids(viewer)))
}

/// Those of the given awards that the viewer may see.
pub async fn list_visible_by_ids(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    ids: Vec<Uuid>,
) -> Result<Vec<Model>, DbErr> {
    visible(viewer).filter(in_ids(db, Column::Id, ids)).all(db).await
}

/// The awards with the given ids, without a row filter.
pub async fn list_by_ids(db: &impl ConnectionTrait, ids: Vec<Uuid>) -> Result<Vec<Model>, DbErr> {
    Entity::find().filter(in_ids(db, Column::Id, ids)).all(db).await
}

/// The awards with the given USAspending keys.
pub async fn list_by_keys(
    db: &impl ConnectionTrait,
    keys: Vec<String>,
) -> Result<Vec<Model>, DbErr> {
    Entity::find().filter(Column::Key.is_in(keys)).all(db).await
}

/// The recipients' awards with the Department of Homeland Security that the viewer may see.
pub async fn list_visible_by_recipients(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    recipients: Vec<Uuid>,
) -> Result<Vec<Model>, DbErr> {
    list_dhs_awards(visible(viewer), db, recipients).await
}

/// The recipients' awards with the Department of Homeland Security, without a row filter.
pub async fn list_by_recipients(
    db: &impl ConnectionTrait,
    recipients: Vec<Uuid>,
) -> Result<Vec<Model>, DbErr> {
    list_dhs_awards(Entity::find(), db, recipients).await
}

async fn list_dhs_awards(
    select: Select<Entity>,
    db: &impl ConnectionTrait,
    recipients: Vec<Uuid>,
) -> Result<Vec<Model>, DbErr> {
    select
        .filter(in_ids(db, Column::RecipientId, recipients))
        .filter(Column::Component.is_not_null())
        .order_by_asc(Column::Id)
        .all(db)
        .await
}

pub async fn insert_all(tx: &Tx, rows: Vec<Model>) -> Result<(), DbErr> {
    database::insert_all::<Entity, _>(tx, rows).await
}

pub async fn update(tx: &Tx, row: Model) -> Result<(), DbErr> {
    row.into_active_model().reset_all().update(&**tx).await?;
    Ok(())
}

/// The transactions of the given awards.
pub async fn list_transactions(
    db: &impl ConnectionTrait,
    awards: Vec<Uuid>,
) -> Result<Vec<transaction::Model>, DbErr> {
    let select = transaction::Entity::find();
    select.filter(in_ids(db, transaction::Column::AwardId, awards)).all(db).await
}

pub async fn insert_transactions(tx: &Tx, rows: Vec<transaction::Model>) -> Result<(), DbErr> {
    database::insert_all::<transaction::Entity, _>(tx, rows).await
}

pub async fn update_transaction(tx: &Tx, row: transaction::Model) -> Result<(), DbErr> {
    row.into_active_model().reset_all().update(&**tx).await?;
    Ok(())
}

pub async fn delete_transaction(tx: &Tx, award: AwardId, key: String) -> Result<(), DbErr> {
    transaction::Entity::delete_by_id((award, key)).exec(&**tx).await?;
    Ok(())
}

/// The deletions of transactions of the awards with the given USAspending keys.
pub async fn list_deletions(
    db: &impl ConnectionTrait,
    keys: Vec<String>,
) -> Result<Vec<transaction_deletion::Model>, DbErr> {
    let select = transaction_deletion::Entity::find();
    select.filter(transaction_deletion::Column::AwardKey.is_in(keys)).all(db).await
}

pub async fn insert_deletion(tx: &Tx, row: transaction_deletion::Model) -> Result<(), DbErr> {
    let row = row.into_active_model().reset_all();
    transaction_deletion::Entity::insert(row).exec_without_returning(&**tx).await?;
    Ok(())
}

pub async fn delete_deletion(tx: &Tx, award_key: &str, key: &str) -> Result<(), DbErr> {
    let id = (award_key.to_owned(), key.to_owned());
    transaction_deletion::Entity::delete_by_id(id).exec(&**tx).await?;
    Ok(())
}

/// The next `size` deletions of transactions after a primary key, in order of award and key.
pub async fn list_deletion_batch(
    db: &impl ConnectionTrait,
    after: Option<(String, String)>,
    size: u64,
) -> Result<Vec<transaction_deletion::Model>, DbErr> {
    use transaction_deletion::Column;
    let mut select = transaction_deletion::Entity::find();
    if let Some((award, key)) = after {
        let row_key = Expr::tuple([Expr::col(Column::AwardKey), Expr::col(Column::Key)]);
        select = select.filter(row_key.gt(Expr::tuple([Expr::val(award), Expr::val(key)])));
    }
    let select = select.order_by_asc(Column::AwardKey).order_by_asc(Column::Key);
    select.limit(size).all(db).await
}

/// Every recipient that has held one of the given awards.
pub async fn list_holders(
    db: &impl ConnectionTrait,
    awards: Vec<Uuid>,
) -> Result<Vec<award_holder::Model>, DbErr> {
    let select = award_holder::Entity::find();
    select.filter(in_ids(db, award_holder::Column::AwardId, awards)).all(db).await
}

pub async fn insert_holders(tx: &Tx, rows: Vec<award_holder::Model>) -> Result<(), DbErr> {
    database::insert_all::<award_holder::Entity, _>(tx, rows).await
}

/// The import of the file with this SHA-256, if one was started.
pub async fn find_import(
    db: &impl ConnectionTrait,
    sha256: &str,
) -> Result<Option<import::Model>, DbErr> {
    import::Entity::find_by_id(sha256.to_owned()).one(db).await
}

/// Inserts or updates the progress of an import.
pub async fn save_import(tx: &Tx, row: import::Model) -> Result<(), DbErr> {
    use import::Column;
    let columns = [Column::File, Column::LastLine, Column::BeganAt, Column::FinishedAt];
    import::Entity::insert(row.into_active_model().reset_all())
        .on_conflict(OnConflict::column(Column::Sha256).update_columns(columns).to_owned())
        .exec_without_returning(&**tx)
        .await?;
    Ok(())
}

/// Marks an import as finished.
pub async fn finish_import(tx: &Tx, sha256: &str, at: DateTime<Utc>) -> Result<(), DbErr> {
    import::Entity::update_many()
        .col_expr(import::Column::FinishedAt, Expr::value(at))
        .filter(import::Column::Sha256.eq(sha256))
        .exec(&**tx)
        .await?;
    Ok(())
}

/// The latest date of an action of any award.
pub async fn find_newest_day(db: &impl ConnectionTrait) -> Result<Option<NaiveDate>, DbErr> {
    let select = Entity::find().select_only().column_as(Column::LatestOn.max(), "newest_on");
    Ok(select.into_tuple::<Option<NaiveDate>>().one(db).await?.flatten())
}

/// The totals of a recipient's awards with one component.
#[derive(Clone, Debug, FromQueryResult)]
pub struct AwardTotals {
    pub recipient_id: RecipientId,
    pub component: DhsComponent,
    pub award_count: i64,
    /// In US cents.
    pub obligated_cents: Option<i64>,
    pub first_on: Option<NaiveDate>,
    pub last_on: Option<NaiveDate>,
}

/// Totals of the recipients' awards with the Department of Homeland Security, one row for each
/// recipient and component.
pub async fn sum_by_recipient_and_component(
    db: &impl ConnectionTrait,
    recipients: Vec<Uuid>,
) -> Result<Vec<AwardTotals>, DbErr> {
    let first_known_day = |preferred: Column, fallback: Column| {
        let columns = [preferred, fallback].map(|column| Expr::col(column.as_column_ref()));
        SimpleExpr::from(Func::coalesce(columns))
    };
    Entity::find()
        .select_only()
        .columns([Column::RecipientId, Column::Component])
        .column_as(Column::Id.count(), "award_count")
        .column_as(Column::ObligatedCents.sum().cast_as("bigint"), "obligated_cents")
        .column_as(
            SimpleExpr::from(Func::min(first_known_day(Column::SignedOn, Column::LatestOn))),
            "first_on",
        )
        .column_as(
            SimpleExpr::from(Func::max(first_known_day(Column::LatestOn, Column::SignedOn))),
            "last_on",
        )
        .filter(in_ids(db, Column::RecipientId, recipients))
        .filter(Column::Component.is_not_null())
        .group_by(Column::RecipientId)
        .group_by(Column::Component)
        .into_model::<AwardTotals>()
        .all(db)
        .await
}

/// The number of awards.
pub async fn count(db: &impl ConnectionTrait) -> Result<u64, DbErr> {
    crate::page::count(db, Entity::find()).await
}

/// The next `size` awards after an id, in order of id.
pub async fn list_batch(
    db: &impl ConnectionTrait,
    after: Option<Uuid>,
    size: u64,
) -> Result<Vec<Model>, DbErr> {
    database::load_batch::<Entity>(db, Column::Id, after, size).await
}

/// The next `size` transactions after a primary key, in order of award and key.
pub async fn list_transaction_batch(
    db: &impl ConnectionTrait,
    after: Option<(AwardId, String)>,
    size: u64,
) -> Result<Vec<transaction::Model>, DbErr> {
    use transaction::Column;
    let mut select = transaction::Entity::find();
    if let Some((award, key)) = after {
        let row_key = Expr::tuple([Expr::col(Column::AwardId), Expr::col(Column::Key)]);
        select = select.filter(row_key.gt(Expr::tuple([Expr::val(award.uuid()), Expr::val(key)])));
    }
    let select = select.order_by_asc(Column::AwardId).order_by_asc(Column::Key);
    select.limit(size).all(db).await
}

/// The next `size` holders after a primary key, in order of award and recipient.
pub async fn list_holder_batch(
    db: &impl ConnectionTrait,
    after: Option<(AwardId, RecipientId)>,
    size: u64,
) -> Result<Vec<award_holder::Model>, DbErr> {
    use award_holder::Column;
    let mut select = award_holder::Entity::find();
    if let Some((award, recipient)) = after {
        let row_key = Expr::tuple([Expr::col(Column::AwardId), Expr::col(Column::RecipientId)]);
        let last_key = Expr::tuple([Expr::val(award.uuid()), Expr::val(recipient.uuid())]);
        select = select.filter(row_key.gt(last_key));
    }
    let select = select.order_by_asc(Column::AwardId).order_by_asc(Column::RecipientId);
    select.limit(size).all(db).await
}

/// Every import, finished or not.
pub async fn list_imports(db: &impl ConnectionTrait) -> Result<Vec<import::Model>, DbErr> {
    import::Entity::find().all(db).await
}
