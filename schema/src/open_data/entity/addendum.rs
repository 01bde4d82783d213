//! View `open_addendum`: addenda of solicitations.
use sea_orm::entity::prelude::*;

use crate::bidding::model::SolicitationId;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "open_addendum")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub solicitation_id: SolicitationId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub number: i64,
    pub text: String,
    /// The due time from this addendum on: UTC.
    pub due_at: DateTimeUtc,
    pub issued_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
