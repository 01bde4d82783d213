//! The last question about a filing, which the review queue shows, is the last one that was not closed. Before, a
//! question that was withdrawn, or that a rejection ended, hid the answer to an earlier one, which still waits for a
//! verdict.
use sea_orm_migration::prelude::*;

use crate::m20261130_000041_views_in_order::{Arm, replace};
use crate::{
    engine, m20261130_000043_bids_in_order as views_43,
    m20261130_000044_queue_parts_in_order as views_44,
};

#[derive(DeriveMigrationName)]
pub struct Migration;

/// How the view finds a later question.
const LATER: &str = "WHERE later.disclosure_id = clarification.disclosure_id";

/// Returns the statement that creates `review_item`, and that of `held_bid_item`.
fn views() -> Result<[String; 2], DbErr> {
    let mut arms = Arm::read_all(&views_44::review_item()?)?;
    for arm in arms.iter_mut().filter(|arm| arm.from.contains(LATER)) {
        arm.from = replace(&arm.from, LATER, &format!("{LATER} AND later.status <> 'CLOSED'"))?;
    }
    let held = arms.iter().find(|arm| arm.value("kind") == "'BID_HELD'");
    let held = held.ok_or_else(|| DbErr::Migration("review_item has no held bids".to_owned()))?;
    Ok([Arm::write_all(&arms), format!("CREATE VIEW held_bid_item AS {}", held.write())])
}

const DROP: &[&str] = &["DROP VIEW review_item", "DROP VIEW held_bid_item"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// All or nothing on SQLite too, where the default is no transaction.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        engine::run(manager, DROP).await?;
        let [queue, held] = views()?;
        engine::run(manager, &[&queue, &held]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        engine::run(manager, DROP).await?;
        let held = views_43::held_bid_item()?;
        engine::run(manager, &[&views_44::review_item()?, &held]).await
    }
}
