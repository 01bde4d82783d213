//! The table of disclosed agreements.
use sea_orm::entity::prelude::*;

use crate::disclosure::model::{AgreementKind, DisclosureId, StartPrecision};
use crate::gate::DhsComponent;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "disclosed_agreement")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub disclosure_id: DisclosureId,
    /// From 0, in the statement's order.
    #[sea_orm(primary_key, auto_increment = false)]
    pub position: i64,
    /// None if it is withheld.
    pub component: Option<DhsComponent>,
    /// The component's name, if it is `OTHER`.
    pub component_name: Option<String>,
    pub kind: Option<AgreementKind>,
    /// An ISO 8601 date, such as `2026-11-24`, a month or a year. As text, a month and a year precede
    /// each of their days and follow every earlier day, in each collation, so that they compare as
    /// their first day does.
    pub start_date: Option<String>,
    /// None if the start is withheld or not asked.
    pub start_precision: Option<StartPrecision>,
    /// None if the agreement is ongoing or the date is withheld.
    pub end_date: Option<String>,
    /// The value in hundredths of the currency unit; none if unknown, withheld or not required.
    pub cents: Option<i64>,
    pub currency: Option<String>,
    pub short_form: bool,
}

impl ActiveModelBehavior for ActiveModel {}
