//! The table of work categories in disclosed agreements.
use sea_orm::entity::prelude::*;

use crate::disclosure::model::DisclosureId;
use crate::gate::NatureOfWork;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "disclosed_nature")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub disclosure_id: DisclosureId,
    /// The position of the agreement.
    #[sea_orm(primary_key, auto_increment = false)]
    pub position: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub nature: NatureOfWork,
}

impl ActiveModelBehavior for ActiveModel {}
