//! The table of disclosed data-sharing arrangements.
use sea_orm::entity::prelude::*;

use crate::disclosure::model::DisclosureId;
use crate::gate::{DhsComponent, OnwardToDhs, RecipientKind};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "disclosed_arrangement")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub disclosure_id: DisclosureId,
    /// From 0, in the statement's order.
    #[sea_orm(primary_key, auto_increment = false)]
    pub position: i64,
    /// None if it is withheld.
    pub recipient_kind: Option<RecipientKind>,
    pub recipient_component: Option<DhsComponent>,
    pub city_data: bool,
    pub onward_to_dhs: OnwardToDhs,
}

impl ActiveModelBehavior for ActiveModel {}
