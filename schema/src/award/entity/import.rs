//! Table `award_import`: the progress of each imported file.
use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "award_import")]
pub struct Model {
    /// SHA-256 of the file's bytes, in lower-case hexadecimal.
    #[sea_orm(primary_key, auto_increment = false)]
    pub sha256: String,
    pub file: String,
    /// The first line of the last imported row.
    pub last_line: i64,
    pub began_at: DateTimeUtc,
    pub finished_at: Option<DateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}
