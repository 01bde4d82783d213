//! View `open_component`: the components that filed disclosures name.
use sea_orm::entity::prelude::*;

use crate::disclosure::model::DisclosureId;
use crate::gate::DhsComponent;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "open_component")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub disclosure_id: DisclosureId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub component: DhsComponent,
    /// The number of agreements with it.
    pub agreements: i64,
}

impl ActiveModelBehavior for ActiveModel {}
