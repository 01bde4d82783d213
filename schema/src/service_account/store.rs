//! SQL of API keys.
use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait};
use sea_orm::{IntoActiveModel, QueryFilter};
use uuid::Uuid;

use super::entity::{api_key, api_key_use};
use super::model::ApiKeyId;
use crate::database::{self, Tx, in_ids, lock_for_change};
use crate::fault::Result;
use crate::page::{Key, Order, Page, PageArguments, count};

pub(super) async fn insert(tx: &Tx, row: api_key::Model) -> Result<api_key::Model, DbErr> {
    database::insert(tx, row).await
}

pub(super) async fn update(tx: &Tx, row: api_key::Model) -> Result<api_key::Model, DbErr> {
    database::update(tx, row).await
}

pub(super) async fn lock(tx: &Tx, id: ApiKeyId) -> Result<Option<api_key::Model>, DbErr> {
    lock_for_change(api_key::Entity::find_by_id(id)).one(&**tx).await
}

/// Finds the key with a secret, by the secret's SHA-256.
pub(super) async fn find_by_sha256(
    db: &impl ConnectionTrait,
    sha256: String,
) -> Result<Option<api_key::Model>, DbErr> {
    api_key::Entity::find().filter(api_key::Column::SecretSha256.eq(sha256)).one(db).await
}

/// Counts the keys that are neither expired nor revoked.
pub(super) async fn count_usable(tx: &Tx, now: DateTime<Utc>) -> Result<u64, DbErr> {
    use api_key::Column;
    let usable = Column::RevokedAt.is_null().and(Column::ExpiresAt.gt(now));
    count(&**tx, api_key::Entity::find().filter(usable)).await
}

/// Lists a page of the keys, newest first.
pub(super) async fn list(
    db: &impl ConnectionTrait,
    arguments: &PageArguments,
    includes_total: bool,
) -> Result<(Page<api_key::Model>, Option<u64>)> {
    let order = Order::<api_key::Entity> {
        name: "CREATED_AT".into(),
        column: api_key::Column::CreatedAt,
        id: api_key::Column::Id,
        descending: true,
        key: |row, _| (Key::Time(row.created_at), row.id.uuid()),
    };
    let page = order.page(db, api_key::Entity::find(), arguments).await?;
    let total = if includes_total { Some(count(db, api_key::Entity::find()).await?) } else { None };
    Ok((page, total))
}

/// Lists when keys were last used, without those that never were.
pub(super) async fn list_uses(
    db: &impl ConnectionTrait,
    ids: Vec<Uuid>,
) -> Result<Vec<api_key_use::Model>, DbErr> {
    let of_ids = in_ids(db, api_key_use::Column::ApiKeyId, ids);
    api_key_use::Entity::find().filter(of_ids).all(db).await
}

/// Stores that a key was used, unless a later use is stored.
pub(super) async fn upsert_use(tx: &Tx, row: api_key_use::Model) -> Result<(), DbErr> {
    use api_key_use::Column;
    let is_later = Expr::col((api_key_use::Entity, Column::LastUsedAt)).lt(row.last_used_at);
    let on_conflict = OnConflict::column(Column::ApiKeyId)
        .update_column(Column::LastUsedAt)
        .action_and_where(is_later)
        .to_owned();
    api_key_use::Entity::insert(row.into_active_model().reset_all())
        .on_conflict(on_conflict)
        .exec_without_returning(&**tx)
        .await?;
    Ok(())
}
