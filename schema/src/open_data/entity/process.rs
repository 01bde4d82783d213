//! View `open_process`: a contracting process.
use sea_orm::entity::prelude::*;

use crate::open_data::model::ProcessKind;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "open_process")]
pub struct Model {
    /// The solicitation or the contract.
    #[sea_orm(primary_key, auto_increment = false)]
    pub process_id: Uuid,
    pub kind: ProcessKind,
}

impl ActiveModelBehavior for ActiveModel {}
