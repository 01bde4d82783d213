//! The table of addenda. Rows are never updated or deleted.
use sea_orm::entity::prelude::*;

use crate::bidding::model::{Addendum, SolicitationId};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "addendum")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub solicitation_id: SolicitationId,
    /// From 1, without gaps, for each solicitation.
    #[sea_orm(primary_key, auto_increment = false)]
    pub number: i64,
    pub text: String,
    /// The due time in effect from this addendum on (UTC).
    pub due_at: DateTimeUtc,
    /// The due time that it replaced (UTC); none if it kept the due time, and in addenda that predate this
    /// column.
    pub previous_due_at: Option<DateTimeUtc>,
    pub issued_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

crate::database::recorded! {
    subject: [SolicitationId],
    value: [SolicitationId, Number, DueAt, PreviousDueAt, IssuedAt],
    digest: [Text],
}

impl From<Model> for Addendum {
    fn from(row: Model) -> Self {
        let Model { solicitation_id, number, text, due_at, previous_due_at, issued_at } = row;
        Self { solicitation_id, number, text, due_at, previous_due_at, issued_at }
    }
}

impl From<Addendum> for Model {
    fn from(addendum: Addendum) -> Self {
        let Addendum { solicitation_id, number, text, due_at, previous_due_at, issued_at } =
            addendum;
        Self { solicitation_id, number, text, due_at, previous_due_at, issued_at }
    }
}
