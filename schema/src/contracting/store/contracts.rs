//! Statements on contracts, their terms and award attempts.
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::sea_query::{Condition, Expr, ExprTrait, OnConflict};
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait};
use sea_orm::{IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, Select};
use uuid::Uuid;

use crate::bidding::model::BidId;
use crate::contracting::entity::contract::{Column, Entity, Model};
use crate::contracting::entity::{attempt, term};
use crate::contracting::model::ContractId;
use crate::database::{self, Tx, equals_ignoring_case, in_ids, lock_for_change};
use crate::fault::Result;
use crate::gate::Outcome;
use crate::organization::model::{DepartmentId, NumberLookup, OrganizationId, Viewer};
use crate::page::{CountedPage, Key, Order, PageArguments, count};
use crate::search::{self, Index, SearchedTable};

/// Selects the contracts that a viewer may see: members of the current holder, staff who may read every
/// department, and contract officers of the department.
fn select_visible(viewer: &Viewer) -> Select<Entity> {
    let select = Entity::find();
    if viewer.can_read_all() {
        return select;
    }
    let any = Condition::any()
        .add(Column::OrganizationId.is_in(viewer.own_organizations()))
        .add(Column::DepartmentId.is_in(viewer.own_departments().to_vec()));
    select.filter(any)
}

pub async fn find_visible(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    id: ContractId,
) -> Result<Option<Model>, DbErr> {
    select_visible(viewer).filter(Column::Id.eq(id)).one(db).await
}

/// Lists the contracts with a number that the viewer may see, at most [`NumberLookup::MAX_ROWS`].
pub async fn list_visible_by_number(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    lookup: &NumberLookup,
) -> Result<Vec<Model>, DbErr> {
    let same = equals_ignoring_case(Column::Number, &lookup.number);
    let department = lookup.department.map(|id| Column::DepartmentId.eq(id));
    let condition = Condition::all().add(same).add_option(department);
    let select = select_visible(viewer).filter(condition).order_by_asc(Column::Id);
    select.limit(NumberLookup::MAX_ROWS).all(db).await
}

/// Lists those contracts in `ids` that the viewer may see.
pub async fn list_visible_by_ids(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    ids: Vec<Uuid>,
) -> Result<Vec<Model>, DbErr> {
    select_visible(viewer).filter(in_ids(db, Column::Id, ids)).all(db).await
}

/// Lists the contracts that the viewer may see, have not ended on a local day, and are not admitted, today
/// or at their end: the first `limit` after `after`, by identifier.
pub async fn list_not_ready(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    today: NaiveDate,
    after: Option<ContractId>,
    limit: u64,
) -> Result<Vec<Model>, DbErr> {
    let not_admitted = Condition::any()
        .add(Column::Readiness.ne(Outcome::Admit))
        .add(Column::ReadinessAtEnd.ne(Outcome::Admit));
    let condition = Condition::all()
        .add(Column::EndDate.gte(today))
        .add(not_admitted)
        .add_option(after.map(|after| Column::Id.gt(after)));
    select_visible(viewer).filter(condition).order_by_asc(Column::Id).limit(limit).all(db).await
}

/// Lists a page of the contracts that the viewer's own organizations hold, the last recorded first.
pub async fn list_own(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    arguments: &PageArguments,
    includes_total: bool,
) -> Result<CountedPage<Model>> {
    let order = Order::<Entity> {
        name: "OWN CONTRACTS".into(),
        column: Column::RecordedAt,
        id: Column::Id,
        descending: true,
        key: |row, _| (Key::Time(row.recorded_at), row.id.uuid()),
    };
    let own = Column::OrganizationId.is_in(viewer.own_organizations());
    let select = select_visible(viewer).filter(own);
    let page = order.page(db, select.clone(), arguments).await?;
    let total = if includes_total { Some(count(db, select).await?) } else { None };
    Ok((page, total))
}

/// Lists the orders under master contracts that the viewer may see, by number.
pub async fn list_visible_orders(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    masters: Vec<Uuid>,
) -> Result<Vec<Model>, DbErr> {
    let select = select_visible(viewer).filter(in_ids(db, Column::MasterId, masters));
    select.order_by_asc(Column::Number).order_by_asc(Column::Id).all(db).await
}

/// Lists contracts by id, without a row filter.
pub async fn list_by_ids(db: &impl ConnectionTrait, ids: Vec<Uuid>) -> Result<Vec<Model>, DbErr> {
    Entity::find().filter(in_ids(db, Column::Id, ids)).all(db).await
}

pub async fn lock(tx: &Tx, ids: Vec<Uuid>) -> Result<Vec<Model>, DbErr> {
    let select = Entity::find().filter(in_ids(&**tx, Column::Id, ids)).order_by_asc(Column::Id);
    lock_for_change(select).all(&**tx).await
}

pub async fn find_by_number(
    db: &impl ConnectionTrait,
    department: DepartmentId,
    number: &str,
) -> Result<Option<Model>, DbErr> {
    let select = Entity::find().filter(Column::DepartmentId.eq(department));
    select.filter(Column::Number.eq(number)).one(db).await
}

/// Lists the contracts of all departments that have one of the numbers.
pub async fn list_by_numbers(
    db: &impl ConnectionTrait,
    numbers: Vec<String>,
) -> Result<Vec<Model>, DbErr> {
    Entity::find().filter(Column::Number.is_in(numbers)).all(db).await
}

pub async fn insert(tx: &Tx, row: Model) -> Result<Model, DbErr> {
    let row = database::insert(tx, row).await?;
    search::insert_rows::<Entity>(tx, std::slice::from_ref(&row)).await?;
    Ok(row)
}

/// Inserts many contracts.
pub async fn insert_all(tx: &Tx, rows: Vec<Model>) -> Result<(), DbErr> {
    search::insert_rows::<Entity>(tx, &rows).await?;
    database::insert_all_recorded::<Entity, _>(tx, rows).await
}

impl SearchedTable for Entity {
    const INDEX: Index = Index::Contract;
    const NAME: &'static str = "contract";
    const SOURCE: &'static str = "number and title";
    const ID: Column = Column::Id;

    fn id(row: &Model) -> (Uuid, String) {
        (row.id.uuid(), row.id.to_string())
    }

    fn texts(row: &Model) -> Vec<&str> {
        vec![&row.number, &row.title]
    }
}

pub async fn update(tx: &Tx, row: Model) -> Result<Model, DbErr> {
    database::update(tx, row).await
}

/// Updates the cached contract status. The ledger does not record it, because it is computed.
pub async fn update_status(tx: &Tx, row: &Model) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::Readiness, Expr::value(row.readiness))
        .col_expr(Column::ReadinessAtEnd, Expr::value(row.readiness_at_end))
        .col_expr(Column::DisclosureLapsesOn, Expr::value(row.disclosure_lapses_on))
        .col_expr(Column::NoncomplianceCode, Expr::value(row.noncompliance_code.clone()))
        .col_expr(Column::NoncompliantSince, Expr::value(row.noncompliant_since))
        .col_expr(Column::StatusExpiresAt, Expr::value(row.status_expires_at))
        .filter(Column::Id.eq(row.id))
        .exec(&**tx)
        .await?;
    Ok(())
}

/// Lists the first `size` contracts after an id, in the order of ids.
pub async fn list_batch(
    db: &impl ConnectionTrait,
    after: Option<Uuid>,
    size: u64,
) -> Result<Vec<Model>, DbErr> {
    database::load_batch::<Entity>(db, Column::Id, after, size).await
}

/// Lists contracts whose status expired at `now` or earlier, with that time: the first `limit` after
/// `after`, the earliest first.
pub async fn list_expired_statuses(
    db: &impl ConnectionTrait,
    now: DateTime<Utc>,
    after: Option<(DateTime<Utc>, ContractId)>,
    limit: u64,
) -> Result<Vec<(DateTime<Utc>, ContractId)>, DbErr> {
    let mut select = Entity::find().filter(Column::StatusExpiresAt.lte(now));
    if let Some((expires_at, id)) = after {
        let row_key = Expr::tuple([Expr::col(Column::StatusExpiresAt), Expr::col(Column::Id)]);
        let after_key = Expr::tuple([Expr::val(expires_at), Expr::val(id.uuid())]);
        select = select.filter(row_key.gt(after_key));
    }
    select
        .select_only()
        .columns([Column::StatusExpiresAt, Column::Id])
        .order_by_asc(Column::StatusExpiresAt)
        .order_by_asc(Column::Id)
        .limit(limit)
        .into_tuple()
        .all(db)
        .await
}

/// Finds the last term of a contract, by sequence.
pub async fn find_last_term(tx: &Tx, contract: ContractId) -> Result<Option<term::Model>, DbErr> {
    let select = term::Entity::find().filter(term::Column::ContractId.eq(contract));
    select.order_by_desc(term::Column::Sequence).one(&**tx).await
}

pub async fn insert_terms(tx: &Tx, rows: Vec<term::Model>) -> Result<(), DbErr> {
    database::insert_all_recorded::<term::Entity, _>(tx, rows).await
}

/// Inserts a term, and shortens the earlier terms of the contract that overlap it to end on `before`.
pub async fn shorten_and_insert_term(
    tx: &Tx,
    next: term::Model,
    before: chrono::NaiveDate,
) -> Result<(), DbErr> {
    let overlapping = term::Entity::find()
        .filter(term::Column::ContractId.eq(next.contract_id))
        .filter(term::Column::UntilDate.gte(next.from_date))
        .order_by_asc(term::Column::Sequence);
    for row in overlapping.all(&**tx).await? {
        database::update(tx, term::Model { until_date: before, ..row }).await?;
    }
    insert_terms(tx, vec![next]).await
}

/// Finds and locks the earlier attempt to award a number of a department to an organization.
pub async fn lock_attempt(
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

/// Finds the last attempt to award a bid of one of the given organizations that the gate did not admit.
pub async fn find_last_attempt(
    tx: &Tx,
    bid: BidId,
    organizations: &[OrganizationId],
) -> Result<Option<attempt::Model>, DbErr> {
    use attempt::Column;
    let select = attempt::Entity::find()
        .filter(Column::OrganizationId.is_in(organizations.to_vec()))
        .filter(Column::BidId.eq(bid))
        .order_by_desc(Column::AttemptedAt)
        .order_by_desc(Column::Id);
    select.one(&**tx).await
}

/// Inserts an award attempt, or updates it to the latest decision.
pub async fn upsert_attempt(tx: &Tx, row: attempt::Model) -> Result<(), DbErr> {
    use attempt::Column;
    let updated_columns = [
        Column::BidId,
        Column::DecisionId,
        Column::DecisionOutcome,
        Column::AttemptedAt,
        Column::AttemptedBy,
    ];
    database::note_row(tx, &row);
    let upsert = attempt::Entity::insert(row.into_active_model().reset_all());
    let upsert = upsert
        .on_conflict(OnConflict::column(Column::Id).update_columns(updated_columns).to_owned());
    upsert.exec_without_returning(&**tx).await?;
    Ok(())
}
