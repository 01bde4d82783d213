//! More parts of the review queue are read in the order of an index: requested waivers, unreviewed filings, and on
//! SQLite the first page of found matches by deadline to cure.
use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

use crate::m20261128_000016_desks::NEVER;
use crate::m20261130_000041_views_in_order::{Arm, replace};
use crate::{engine, m20261130_000043_bids_in_order as views_43};

#[derive(DeriveMigrationName)]
pub struct Migration;

/// Matches have no deadline to cure, and are the only items without one of which there may be many. SQLite sorts by an
/// equal value too, unless an index has it.
const MATCH_INDEX: &str = "CREATE INDEX award_match_by_cure ON award_match (status, {never}, id)
    WHERE status = 'OPEN'";

/// Returns the statement that creates `review_item`.
pub fn review_item() -> Result<String, DbErr> {
    let mut arms = Arm::read_all(&views_43::review_item()?)?;
    for arm in &mut arms {
        match arm.value("kind") {
            // With the plain column SQLite would find all that have not expired by its index, and sort them.
            "'WAIVER_REQUESTED'" => arm.set("closes_at", "CAST(waiver.expires_at AS {time})"),
            "'FILING_UNREVIEWED'" => {
                let join = "disclosure JOIN filing ON filing.id = disclosure.id";
                arm.from = replace(&arm.from, join, "disclosure")?;
                arm.set("due_at", "disclosure.filed_at");
            }
            _ => {}
        }
    }
    Ok(Arm::write_all(&arms))
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// All or nothing on SQLite too, where the default is no transaction.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        engine::run(manager, &["DROP VIEW review_item", &review_item()?]).await?;
        if manager.get_database_backend() == DbBackend::Sqlite {
            engine::run(manager, &[&MATCH_INDEX.replace("{never}", NEVER)]).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.get_database_backend() == DbBackend::Sqlite {
            engine::run(manager, &["DROP INDEX award_match_by_cure"]).await?;
        }
        engine::run(manager, &["DROP VIEW review_item", &views_43::review_item()?]).await
    }
}
