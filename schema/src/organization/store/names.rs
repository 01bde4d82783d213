//! SQL of the names that organizations are found by: the derived table of exact names, and the full-text
//! index.
use std::collections::{BTreeSet, HashMap};

use candor_matcher::ExactName;
use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait,
};
use uuid::Uuid;

use crate::database::{self, Tx, batch_of, in_ids};
use crate::organization::entity::name::{Column, Entity, Model};
use crate::organization::entity::organization;
use crate::organization::model::{NameKind, OrganizationId};
use crate::search::{self, Index};

/// The key of the lock under which missing names are added.
const MISSING_NAMES_LOCK: i64 = 0x6d69_7373_6e61_6d65;

/// Returns every name of an organization: the legal name, the trade names, the former names.
pub fn names_of(row: &organization::Model) -> Vec<(NameKind, &str)> {
    let trade = row.doing_business_as.0.iter().map(|name| (NameKind::Trade, name.as_str()));
    let former = row.former_names.0.iter().map(|it| (NameKind::Former, it.name.as_str()));
    [(NameKind::Legal, row.legal_name.as_str())].into_iter().chain(trade).chain(former).collect()
}

/// Returns the exact names that find an organization, as the table holds them. A merged organization has
/// none, because its names find the one that took it over; words still find what refers to it.
pub fn exact_names_of(row: &organization::Model) -> BTreeSet<(NameKind, ExactName)> {
    if row.merged_into.is_some() {
        return BTreeSet::new();
    }
    names_of(row).into_iter().map(|(kind, name)| (kind, ExactName::new(name))).collect()
}

/// Inserts the names of new organizations.
pub async fn insert_names(tx: &Tx, rows: &[&organization::Model]) -> Result<(), DbErr> {
    insert_exact_names(tx, rows).await?;
    insert_words(tx, rows).await
}

/// Inserts the words of the names of organizations into the full-text index.
pub async fn insert_words(tx: &Tx, rows: &[&organization::Model]) -> Result<(), DbErr> {
    let words = rows.iter().map(|row| {
        let names: Vec<&str> = names_of(row).into_iter().map(|(_, name)| name).collect();
        (row.id.uuid(), names)
    });
    search::insert_all(tx, Index::Organization, words).await
}

/// Inserts the exact names of organizations, without the full-text index.
pub async fn insert_exact_names(tx: &Tx, rows: &[&organization::Model]) -> Result<(), DbErr> {
    let exact = rows.iter().flat_map(|row| {
        exact_names_of(row).into_iter().map(|(kind, name)| Model {
            organization_id: row.id,
            kind,
            core: name.core().to_owned(),
            forms: name.forms(),
        })
    });
    database::insert_all::<Entity, _>(tx, exact.collect()).await
}

/// Replaces the names of one organization after a change, if they differ.
pub async fn refresh_names(
    tx: &Tx,
    before: &organization::Model,
    after: &organization::Model,
) -> Result<(), DbErr> {
    if names_of(before) == names_of(after) && before.merged_into == after.merged_into {
        return Ok(());
    }
    Entity::delete_many().filter(Column::OrganizationId.eq(after.id)).exec(&**tx).await?;
    search::remove(tx, Index::Organization, after.id.uuid()).await?;
    insert_names(tx, &[after]).await
}

/// Lists the names with one of the given cores.
pub async fn list_by_cores(
    db: &impl ConnectionTrait,
    cores: BTreeSet<String>,
) -> Result<Vec<Model>, DbErr> {
    if cores.is_empty() {
        return Ok(Vec::new());
    }
    Entity::find().filter(Column::Core.is_in(cores)).all(db).await
}

/// Lists the exact names of organizations, by organization.
pub async fn list_exact_names(
    db: &impl ConnectionTrait,
    organizations: Vec<Uuid>,
) -> Result<HashMap<OrganizationId, BTreeSet<(NameKind, ExactName)>>, DbErr> {
    let rows = Entity::find().filter(in_ids(db, Column::OrganizationId, organizations));
    let mut names = HashMap::<OrganizationId, BTreeSet<(NameKind, ExactName)>>::new();
    for row in rows.all(db).await? {
        names.entry(row.organization_id).or_default().insert((row.kind, row.exact_name()));
    }
    Ok(names)
}

/// Locks the adding of missing names until `tx` ends, because two imports may find the same ones missing.
pub async fn lock_missing_names(tx: &Tx) -> Result<(), DbErr> {
    database::lock_key(tx, MISSING_NAMES_LOCK).await
}

/// Loads up to `limit` organizations after an identifier that have no exact name although they are not merged,
/// because an earlier version registered them.
pub async fn load_unnamed(
    db: &impl ConnectionTrait,
    after: Option<Uuid>,
    limit: u64,
) -> Result<Vec<organization::Model>, DbErr> {
    let named = Entity::find()
        .select_only()
        .column(Column::OrganizationId)
        .filter(
            Expr::col((Entity, Column::OrganizationId))
                .equals((organization::Entity, organization::Column::Id)),
        )
        .into_query();
    let unnamed = organization::Entity::find()
        .filter(organization::Column::MergedInto.is_null())
        .filter(Expr::exists(named).not());
    batch_of(unnamed, organization::Column::Id, after, limit).all(db).await
}

/// Lists up to `size` organizations that changed at `since` or later, all without it, after an id, in the
/// order of their ids.
pub async fn list_changed_since(
    db: &impl ConnectionTrait,
    since: Option<DateTime<Utc>>,
    after: Option<Uuid>,
    size: u64,
) -> Result<Vec<organization::Model>, DbErr> {
    use organization::Column;
    let mut select = organization::Entity::find();
    if let Some(since) = since {
        select = select.filter(Column::UpdatedAt.gte(since));
    }
    if let Some(after) = after {
        select = select.filter(Column::Id.gt(after));
    }
    select.order_by_asc(Column::Id).limit(size).all(db).await
}
