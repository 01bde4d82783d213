//! Empties the derived tables of names and words: the service folds them in another way now, and fills
//! them again when it starts.
use sea_orm_migration::prelude::*;

use crate::engine;

#[derive(DeriveMigrationName)]
pub struct Migration;

/// The service fills each of these tables from its rows when it finds it empty.
const EMPTY: &[&str] = &[
    "DELETE FROM organization_name",
    "DELETE FROM search_organization",
    "DELETE FROM search_filing",
    "DELETE FROM search_solicitation",
    "DELETE FROM search_contract",
    "DELETE FROM search_relief",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// All or nothing on SQLite too, where the default is no transaction.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        engine::run(manager, EMPTY).await
    }

    /// An earlier version fills them in its own way.
    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        engine::run(manager, EMPTY).await
    }
}
