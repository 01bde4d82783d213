//! The search index of contracts: filling it after an upgrade, and verifying it.
use sea_orm::ConnectionTrait;

use crate::contracting::entity::contract::Entity;
use crate::database::Database;
use crate::fault::Result;
use crate::search;

/// Fills the index; see [`search::fill`].
pub async fn fill_search_index(db: &Database) -> Result<u64> {
    search::fill::<Entity>(db).await
}

/// Compares the index; see [`search::verify`].
pub async fn verify_search_index(db: &impl ConnectionTrait) -> Result<(u64, Option<String>)> {
    search::verify::<Entity>(db).await
}
