//! Table `identifier_dispute`: identifiers that several organizations claim.
use sea_orm::entity::prelude::*;

use crate::organization::model::{IdentifierDisputeId, IdentifierScheme};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "identifier_dispute")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: IdentifierDisputeId,
    /// At most one dispute exists for each scheme and value.
    pub scheme: IdentifierScheme,
    pub value: String,
    /// When the first disputed claim was made.
    pub opened_at: DateTimeUtc,
    /// When the City verified one of the claims; the dispute is open until then.
    pub decided_at: Option<DateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}

crate::database::recorded! {
    subject: [Id],
    value: [Id, Scheme, Value, OpenedAt, DecidedAt],
}
