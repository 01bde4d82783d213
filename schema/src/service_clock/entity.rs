//! The table with the latest time that any process has seen. It has one row.
use sea_orm::entity::prelude::*;

/// The identifier of the only row.
pub const ONLY_ROW: i16 = 1;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "service_clock")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i16,
    /// The latest time: UTC, whole microseconds.
    pub latest_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
