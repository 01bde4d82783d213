//! SQL of policies, suspensions, withdrawals and proposals. Every signed-in person may read all of them.
use chrono::{DateTime, Utc};
use sea_orm::sea_query::Condition;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait};
use sea_orm::{QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select};
use uuid::Uuid;

use super::entity::policy::{Column, Entity, Model};
use super::entity::{policy_use, proposal, suspension, withdrawal};
use super::model::{PolicyProposalId, SuspensionId};
use crate::database::{self, Tx, lock_for_change, lock_for_share};
use crate::fault::Result;
use crate::page::{Key, Order, Page, PageArguments, count};

/// Selects the versions that are not withdrawn.
fn select_live() -> Select<Entity> {
    let withdrawn = withdrawal::Entity::find().select_only().column(withdrawal::Column::PolicyId);
    Entity::find().filter(Column::Id.not_in_subquery(withdrawn.into_query()))
}

pub(super) async fn insert_policy(tx: &Tx, row: Model) -> Result<Model, DbErr> {
    database::insert(tx, row).await
}

/// Finds the latest version that is not withdrawn.
pub(super) async fn find_latest(db: &impl ConnectionTrait) -> Result<Option<Model>, DbErr> {
    select_live().order_by_desc(Column::Version).one(db).await
}

/// Returns the last number that a version has used, a withdrawn one included; 0 if there is none.
pub(super) async fn last_version_number(db: &impl ConnectionTrait) -> Result<i64, DbErr> {
    let last = Entity::find().order_by_desc(Column::Version).one(db).await?;
    Ok(last.map_or(0, |row| row.version))
}

/// Lists every version that is not withdrawn, earliest effective time first.
pub(super) async fn list_live(db: &impl ConnectionTrait) -> Result<Vec<Model>, DbErr> {
    select_live().order_by_asc(Column::EffectiveFrom).all(db).await
}

/// Lists the numbers of the versions that are not withdrawn, in order.
pub(super) async fn list_live_numbers(db: &impl ConnectionTrait) -> Result<Vec<i64>, DbErr> {
    let select = select_live().select_only().column(Column::Version);
    select.order_by_asc(Column::Version).into_tuple().all(db).await
}

pub(super) async fn find_in_force(
    db: &impl ConnectionTrait,
    at: DateTime<Utc>,
) -> Result<Option<Model>, DbErr> {
    let select = select_live().filter(Column::EffectiveFrom.lte(at));
    select.order_by_desc(Column::EffectiveFrom).one(db).await
}

pub(super) async fn find_by_id(
    db: &impl ConnectionTrait,
    id: Uuid,
) -> Result<Option<Model>, DbErr> {
    Entity::find().filter(Column::Id.eq(id)).one(db).await
}

pub(super) async fn load_versions(
    db: &impl ConnectionTrait,
    versions: Vec<i64>,
) -> Result<Vec<Model>, DbErr> {
    Entity::find().filter(Column::Version.is_in(versions)).all(db).await
}

/// Lists a page of the policies, newest version first, with the total count if requested.
pub(super) async fn list_policies(
    db: &impl ConnectionTrait,
    arguments: &PageArguments,
    includes_total: bool,
) -> Result<(Page<Model>, Option<u64>)> {
    let order = Order::<Entity> {
        name: "VERSION".into(),
        column: Column::Version,
        id: Column::Id,
        descending: true,
        key: |row, _| (Key::Int(row.version), row.id.uuid()),
    };
    let page = order.page(db, Entity::find(), arguments).await?;
    let total = if includes_total { Some(count(db, Entity::find()).await?) } else { None };
    Ok((page, total))
}

/// Locks a version exclusively: for suspending, reinstating or withdrawing it.
pub(super) async fn lock_for_suspension(tx: &Tx, version: i64) -> Result<Option<Model>, DbErr> {
    lock_for_change(Entity::find().filter(Column::Version.eq(version))).one(&**tx).await
}

/// Locks a version in share mode: decisions run side by side, and none during a suspension.
pub(super) async fn lock_for_decision(tx: &Tx, version: i64) -> Result<Option<Model>, DbErr> {
    lock_for_share(Entity::find().filter(Column::Version.eq(version))).one(&**tx).await
}

pub(super) async fn find_suspension(
    db: &impl ConnectionTrait,
    id: SuspensionId,
) -> Result<Option<suspension::Model>, DbErr> {
    suspension::Entity::find_by_id(id).one(db).await
}

pub(super) async fn insert_suspension(
    tx: &Tx,
    row: suspension::Model,
) -> Result<suspension::Model, DbErr> {
    database::insert(tx, row).await
}

pub(super) async fn update_suspension(
    tx: &Tx,
    row: suspension::Model,
) -> Result<suspension::Model, DbErr> {
    database::update(tx, row).await
}

/// Lists every suspension of the given versions, earliest first.
pub(super) async fn list_suspensions(
    db: &impl ConnectionTrait,
    versions: Vec<i64>,
) -> Result<Vec<suspension::Model>, DbErr> {
    use suspension::Column;
    let select = suspension::Entity::find().filter(Column::PolicyVersion.is_in(versions));
    select.order_by_asc(Column::SuspendedAt).order_by_asc(Column::Id).all(db).await
}

/// Lists the suspensions of a version that are in effect, earliest first.
pub(super) async fn list_suspensions_in_effect(
    db: &impl ConnectionTrait,
    version: i64,
) -> Result<Vec<suspension::Model>, DbErr> {
    use suspension::Column;
    let select = suspension::Entity::find().filter(Column::PolicyVersion.eq(version));
    let select = select.filter(Column::ReinstatedAt.is_null());
    select.order_by_asc(Column::SuspendedAt).order_by_asc(Column::Id).all(db).await
}

/// Loads the withdrawals of the given versions.
pub(super) async fn load_withdrawals(
    db: &impl ConnectionTrait,
    versions: Vec<i64>,
) -> Result<Vec<withdrawal::Model>, DbErr> {
    let select = withdrawal::Entity::find();
    select.filter(withdrawal::Column::PolicyVersion.is_in(versions)).all(db).await
}

pub(super) async fn insert_withdrawal(
    tx: &Tx,
    row: withdrawal::Model,
) -> Result<withdrawal::Model, DbErr> {
    database::insert(tx, row).await
}

/// Lists what rests on a version and cannot be undone, the first `limit` by kind and number.
pub(super) async fn list_uses(
    db: &impl ConnectionTrait,
    version: i64,
    limit: u64,
) -> Result<Vec<policy_use::Model>, DbErr> {
    use policy_use::Column;
    let select = policy_use::Entity::find().filter(Column::PolicyVersion.eq(version));
    let select = select.order_by_asc(Column::Kind).order_by_asc(Column::Reference);
    select.limit(limit).all(db).await
}

pub(super) async fn insert_proposal(
    tx: &Tx,
    row: proposal::Model,
) -> Result<proposal::Model, DbErr> {
    database::insert(tx, row).await
}

pub(super) async fn update_proposal(
    tx: &Tx,
    row: proposal::Model,
) -> Result<proposal::Model, DbErr> {
    database::update(tx, row).await
}

pub(super) async fn lock_proposal(
    tx: &Tx,
    id: PolicyProposalId,
) -> Result<Option<proposal::Model>, DbErr> {
    lock_for_change(proposal::Entity::find_by_id(id)).one(&**tx).await
}

/// The condition that a proposal can be confirmed at a time.
fn is_pending(now: DateTime<Utc>) -> Condition {
    use proposal::Column;
    Condition::all().add(Column::Outcome.is_null()).add(Column::ExpiresAt.gt(now))
}

/// Lists the proposals that can be confirmed now, earliest first.
pub(super) async fn list_pending_proposals(
    db: &impl ConnectionTrait,
    now: DateTime<Utc>,
) -> Result<Vec<proposal::Model>, DbErr> {
    let select = proposal::Entity::find().filter(is_pending(now));
    select.order_by_asc(proposal::Column::Id).all(db).await
}

/// Lists a page of the proposals, newest first, with the total count if requested; with `pending_at`,
/// only those that can be confirmed at that time.
pub(super) async fn list_proposals(
    db: &impl ConnectionTrait,
    pending_at: Option<DateTime<Utc>>,
    arguments: &PageArguments,
    includes_total: bool,
) -> Result<(Page<proposal::Model>, Option<u64>)> {
    let order = Order::<proposal::Entity> {
        name: "PROPOSED_AT".into(),
        column: proposal::Column::ProposedAt,
        id: proposal::Column::Id,
        descending: true,
        key: |row, _| (Key::Time(row.proposed_at), row.id.uuid()),
    };
    let mut select = proposal::Entity::find();
    if let Some(now) = pending_at {
        select = select.filter(is_pending(now));
    }
    let page = order.page(db, select.clone(), arguments).await?;
    let total = if includes_total { Some(count(db, select).await?) } else { None };
    Ok((page, total))
}
