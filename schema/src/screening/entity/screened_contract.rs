//! The view of contracts with the columns that staff screen by.
use sea_orm::entity::prelude::*;

use crate::contracting::model::ContractId;
use crate::disclosure::model::DisclosureId;
use crate::gate::Outcome;
use crate::organization::model::{DepartmentId, OrganizationId};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "screened_contract")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ContractId,
    pub department_id: DepartmentId,
    pub organization_id: OrganizationId,
    pub number: String,
    pub title: String,
    /// Hundredths of the currency's unit.
    pub value_cents: i64,
    pub currency: String,
    pub start_date: Date,
    pub end_date: Date,
    pub clause_version: Option<i64>,
    pub readiness: Outcome,
    pub readiness_at_end: Outcome,
    pub disclosure_lapses_on: Option<Date>,
    pub noncompliance_code: Option<String>,
    pub noncompliant_since: Option<Date>,
    /// The disclosure that the holder has on file now.
    pub disclosure_id: Option<DisclosureId>,
}

impl ActiveModelBehavior for ActiveModel {}
