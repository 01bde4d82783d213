//! Table `award_transaction_deletion`: transactions that files mark as deleted or, where they are complete,
//! no longer have. A file that is not known to be newer does not add them again.
use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "award_transaction_deletion")]
pub struct Model {
    /// USAspending's unique key of the award, in capitals.
    #[sea_orm(primary_key, auto_increment = false)]
    pub award_key: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub key: String,
    /// The day of the deletion at the source; `None` if it is unknown.
    pub modified_on: Option<Date>,
}

impl ActiveModelBehavior for ActiveModel {}
