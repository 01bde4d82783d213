//! The table of the ledger; its rows are only ever inserted.
use sea_orm::entity::prelude::*;

use super::model::EventId;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "ledger")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub subject_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub sequence: i64,
    #[sea_orm(unique)]
    pub id: EventId,
    /// The subject's TypeID.
    pub subject: String,
    /// [`super::model::reading_organization`] of the data.
    pub organization_id: Option<Uuid>,
    /// The hash of the previous entry; empty for the first.
    pub previous: String,
    /// SHA-256 of [`super::model::Hashed`] as canonical JSON.
    pub hash: String,
    /// Text, because it is hashed: RFC 3339, UTC, six decimals and `Z`.
    pub at: String,
    pub actor: String,
    pub action: String,
    /// Canonical JSON, stored as text because it is hashed.
    pub data: String,
}

impl ActiveModelBehavior for ActiveModel {}
