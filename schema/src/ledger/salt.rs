//! The table of the salts of entries with personal data. Deleting a salt makes the digests unverifiable.
use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "ledger_salt")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub subject_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub sequence: i64,
    /// The salt of every digest of personal data in the entry: 32 hexadecimal digits.
    pub salt: String,
}

impl ActiveModelBehavior for ActiveModel {}
