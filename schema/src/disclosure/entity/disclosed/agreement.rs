//! The table of the agreements that filings disclose.
use sea_orm::entity::prelude::*;

use crate::disclosure::model::{AgreementKind, DisclosureId};
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
    /// The name of an `OTHER`.
    pub component_name: Option<String>,
    pub kind: Option<AgreementKind>,
    /// A day as `2026-11-24`.
    pub start_date: Option<String>,
    /// None if it goes on, or is withheld.
    pub end_date: Option<String>,
    /// Hundredths of the currency's unit; none if unknown, withheld or not asked.
    pub cents: Option<i64>,
    pub currency: Option<String>,
    pub short_form: bool,
}

impl ActiveModelBehavior for ActiveModel {}
