//! The table of filing summaries.
use sea_orm::entity::prelude::*;

use crate::disclosure::model::DisclosureId;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "disclosed")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub disclosure_id: DisclosureId,
    /// Whether any part is withheld.
    pub withheld: bool,
    /// Whether it was entered from a signed paper form.
    pub paper: bool,
    /// The number of agreements whose amount is unknown or withheld.
    pub unknown_amounts: i64,
}

impl ActiveModelBehavior for ActiveModel {}
