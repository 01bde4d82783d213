//! Statements on contracts, their terms and the subcontractors that they name.
use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Condition, Expr, ExprTrait, OnConflict};
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait};
use sea_orm::{IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, Select};
use uuid::Uuid;

use crate::contracting::entity::contract::{Column, Entity, Model};
use crate::contracting::entity::{attempt, term};
use crate::contracting::model::ContractId;
use crate::database::{self, Tx, lock_for_change, in_ids};
use crate::decision::model::Parties;
use crate::organization::model::{DepartmentId, OrganizationId, Viewer};

/// Who may see a contract: who holds it, who reads all, and the department's officers.
fn visible(viewer: &Viewer) -> Select<Entity> {
    let select = Entity::find();
    if viewer.reads_all() {
        return select;
    }
    let any = Condition::any()
        .add(Column::OrganizationId.is_in(viewer.own_organizations()))
        .add(Column::DepartmentId.is_in(viewer.own_departments().to_vec()));
    select.filter(any)
}

pub async fn find(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    id: ContractId,
) -> Result<Option<Model>, DbErr> {
    visible(viewer).filter(Column::Id.eq(id)).one(db).await
}

/// Those of some contracts that the viewer may see.
pub async fn visible_by_ids(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    ids: Vec<Uuid>,
) -> Result<Vec<Model>, DbErr> {
    visible(viewer).filter(in_ids(db, Column::Id, ids)).all(db).await
}

/// The orders under some master contracts that the viewer may see, by their numbers.
pub async fn visible_orders_under(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    masters: Vec<Uuid>,
) -> Result<Vec<Model>, DbErr> {
    let select = visible(viewer).filter(in_ids(db, Column::MasterId, masters));
    select.order_by_asc(Column::Number).order_by_asc(Column::Id).all(db).await
}

/// Contracts by id, whoever may see them.
pub async fn by_ids(db: &impl ConnectionTrait, ids: Vec<Uuid>) -> Result<Vec<Model>, DbErr> {
    Entity::find().filter(in_ids(db, Column::Id, ids)).all(db).await
}

pub async fn lock(tx: &Tx, ids: Vec<Uuid>) -> Result<Vec<Model>, DbErr> {
    let select = Entity::find().filter(in_ids(&**tx, Column::Id, ids)).order_by_asc(Column::Id);
    lock_for_change(select).all(&**tx).await
}

pub async fn same_number(
    db: &impl ConnectionTrait,
    department: DepartmentId,
    number: &str,
) -> Result<Option<Model>, DbErr> {
    let select = Entity::find().filter(Column::DepartmentId.eq(department));
    select.filter(Column::Number.eq(number)).one(db).await
}

/// The contracts of some departments that bear some numbers.
pub async fn by_numbers(
    db: &impl ConnectionTrait,
    numbers: Vec<String>,
) -> Result<Vec<Model>, DbErr> {
    Entity::find().filter(Column::Number.is_in(numbers)).all(db).await
}

pub async fn insert(tx: &Tx, row: Model, named: &Parties) -> Result<Model, DbErr> {
    let row = database::insert(tx, row).await?;
    super::insert_parties(tx, &[(row.id, named)]).await?;
    Ok(row)
}

/// Writes many new contracts.
pub async fn write(tx: &Tx, rows: Vec<Model>) -> Result<(), DbErr> {
    database::insert_all_recorded::<Entity, _>(tx, rows).await
}

pub async fn update(tx: &Tx, row: Model) -> Result<Model, DbErr> {
    database::update(tx, row).await
}

/// Keeps how a contract stands: what the ledger does not keep, since it follows from the rest.
pub async fn update_standing(tx: &Tx, row: &Model) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::Readiness, Expr::value(row.readiness))
        .col_expr(Column::LapsedFor, Expr::value(row.lapsed_for.clone()))
        .col_expr(Column::LapsedSince, Expr::value(row.lapsed_since))
        .col_expr(Column::StandingUntil, Expr::value(row.standing_until))
        .filter(Column::Id.eq(row.id))
        .exec(&**tx)
        .await?;
    Ok(())
}

/// The contracts after an id, in its order.
pub async fn batch(
    db: &impl ConnectionTrait,
    after: Option<Uuid>,
    size: u64,
) -> Result<Vec<Model>, DbErr> {
    database::batch::<Entity>(db, Column::Id, after, size).await
}

/// The next contracts whose standing the time alone may have changed, the earliest first, with
/// that time.
pub async fn next_by_standing(
    db: &impl ConnectionTrait,
    now: DateTime<Utc>,
    after: Option<(DateTime<Utc>, ContractId)>,
    most: u64,
) -> Result<Vec<(DateTime<Utc>, ContractId)>, DbErr> {
    let mut select = Entity::find().filter(Column::StandingUntil.lte(now));
    if let Some((until, id)) = after {
        let here = Expr::tuple([Expr::col(Column::StandingUntil), Expr::col(Column::Id)]);
        let there = Expr::tuple([Expr::val(until), Expr::val(id.uuid())]);
        select = select.filter(here.gt(there));
    }
    select
        .select_only()
        .columns([Column::StandingUntil, Column::Id])
        .order_by_asc(Column::StandingUntil)
        .order_by_asc(Column::Id)
        .limit(most)
        .into_tuple()
        .all(db)
        .await
}

/// The last term of a contract, in their order.
pub async fn last_term(tx: &Tx, contract: ContractId) -> Result<Option<term::Model>, DbErr> {
    let select = term::Entity::find().filter(term::Column::ContractId.eq(contract));
    select.order_by_desc(term::Column::Sequence).one(&**tx).await
}

pub async fn insert_terms(tx: &Tx, rows: Vec<term::Model>) -> Result<(), DbErr> {
    database::insert_all_recorded::<term::Entity, _>(tx, rows).await
}

/// Cuts the terms of a contract short that reach into a new one, to the day before it, and writes
/// the new one.
pub async fn replace_terms(
    tx: &Tx,
    next: term::Model,
    before: chrono::NaiveDate,
) -> Result<(), DbErr> {
    let reaching = term::Entity::find()
        .filter(term::Column::ContractId.eq(next.contract_id))
        .filter(term::Column::UntilDate.gte(next.from_date))
        .order_by_asc(term::Column::Sequence);
    for row in reaching.all(&**tx).await? {
        database::update(tx, term::Model { until_date: before, ..row }).await?;
    }
    insert_terms(tx, vec![next]).await
}

/// What was tried before for an organization and a number of the department.
pub async fn attempt(
    tx: &Tx,
    department: DepartmentId,
    number: &str,
    organization: OrganizationId,
) -> Result<Option<attempt::Model>, DbErr> {
    use attempt::Column;
    let select = attempt::Entity::find().filter(Column::DepartmentId.eq(department));
    let select = select.filter(Column::Number.eq(number));
    let select = select.filter(Column::OrganizationId.eq(organization));
    lock_for_change(select).one(&**tx).await
}

/// Keeps what was tried last.
pub async fn put_attempt(tx: &Tx, row: attempt::Model) -> Result<(), DbErr> {
    use attempt::Column;
    let last = [
        Column::BidId,
        Column::DecisionId,
        Column::DecisionOutcome,
        Column::AttemptedAt,
        Column::AttemptedBy,
    ];
    database::note_row(tx, &row);
    let put = attempt::Entity::insert(row.into_active_model().reset_all());
    let put = put.on_conflict(OnConflict::column(Column::Id).update_columns(last).to_owned());
    put.exec_without_returning(&**tx).await?;
    Ok(())
}
