//! The view with what an export of disclosures shows of their filings.
use sea_orm::entity::prelude::*;

use crate::disclosure::model::{DisclosureId, FilingKind};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "filing_export")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub disclosure_id: DisclosureId,
    pub organization_name: String,
    pub kind: FilingKind,
    pub policy_version: i64,
    /// The SHA-256 of the statement, in hexadecimal.
    pub sha256: String,
    /// Whether any part is withheld.
    pub withheld: bool,
    /// Whether staff entered it from a signed paper form.
    pub paper: bool,
    /// The number of agreements with the Department of Homeland Security.
    pub agreements: i64,
    /// The number of data-sharing arrangements.
    pub arrangements: i64,
}

impl ActiveModelBehavior for ActiveModel {}
