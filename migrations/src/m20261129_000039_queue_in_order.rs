//! The review queue is read from what may be in it, not from all bids: bids whose party was identified from
//! the identifiers that were verified, and bids that a later decision freed from the decisions that were
//! made again. SQLite, which has no statistics, reads the tables of a `CROSS JOIN` in their order.
use sea_orm_migration::prelude::*;

use crate::{engine, m20261128_000020_queue as queue};

#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: &[&str] = &[
    "DROP VIEW review_item",
    // With the sequence, without which SQLite would rather read the index of all decisions.
    "CREATE INDEX decision_made_again ON decision (subject_id, sequence) WHERE sequence > 1",
];

const DOWN: &[&str] = &["DROP VIEW review_item", "DROP INDEX decision_made_again"];

/// What the arms of the view read before, and what they read now.
const ARMS: [(&str, &str); 3] = [
    (
        "contradicted_party JOIN bid ON bid.id = contradicted_party.owner_id
                JOIN solicitation ON solicitation.id = bid.solicitation_id
            WHERE bid.status IN ('ADMITTED', 'HELD')",
        "contradicted_party CROSS JOIN bid
                JOIN solicitation ON solicitation.id = bid.solicitation_id
            WHERE bid.id = contradicted_party.owner_id AND bid.status IN ('ADMITTED', 'HELD')",
    ),
    (
        "contradicted_party JOIN contract ON contract.id = contradicted_party.owner_id",
        "contradicted_party CROSS JOIN contract WHERE contract.id = contradicted_party.owner_id",
    ),
    (
        "bid JOIN solicitation ON solicitation.id = bid.solicitation_id
            WHERE bid.status = 'ADMITTED'
                AND EXISTS",
        "(SELECT DISTINCT decision.subject_id FROM decision WHERE decision.sequence > 1) again
                CROSS JOIN bid JOIN solicitation ON solicitation.id = bid.solicitation_id
            WHERE bid.id = again.subject_id AND bid.status = 'ADMITTED'
                AND EXISTS",
    ),
];

/// Returns the statement that creates `review_item`.
pub fn review_item() -> Result<String, DbErr> {
    let mut view = queue::review_item()?;
    for (before, now) in ARMS {
        if view.matches(before).count() != 1 {
            return Err(DbErr::Migration(format!("review_item does not read: {before}")));
        }
        view = view.replace(before, now);
    }
    Ok(view)
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// All or nothing on SQLite too, where the default is no transaction.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        engine::run(manager, UP).await?;
        engine::run(manager, &[&review_item()?]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        engine::run(manager, DOWN).await?;
        engine::run(manager, &[&queue::review_item()?]).await
    }
}
