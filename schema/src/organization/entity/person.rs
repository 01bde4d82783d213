//! Table `person`: the names of people who have signed in. The ledger does not record it: a name is
//! personal data that nothing depends on, and an operator may delete it.
use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "person")]
pub struct Model {
    /// The stored form of the person's [`Principal`](crate::principal::Principal).
    #[sea_orm(primary_key, auto_increment = false)]
    pub principal: String,
    pub name: String,
    pub updated_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
