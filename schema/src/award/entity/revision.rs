//! Table `award_revision`: one row with the number of imported batches that changed any row, and the
//! newest day and digest of the data.
use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "award_revision")]
pub struct Model {
    /// Always 1.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    pub number: i64,
    /// The latest date of an action in the data; none if no row has a date.
    pub newest_on: Option<Date>,
    /// SHA-256 of the award tables at this revision, in lower-case hexadecimal; none until the import
    /// that made it has finished.
    pub sha256: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}
