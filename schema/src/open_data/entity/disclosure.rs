//! View `open_disclosure`: filed disclosures: what each is, without its statement.
use sea_orm::entity::prelude::*;

use crate::disclosure::model::{DisclosureId, DisclosureStatus, FilingKind};
use crate::organization::model::OrganizationId;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "open_disclosure")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub disclosure_id: DisclosureId,
    pub organization_id: OrganizationId,
    pub version: i64,
    pub kind: FilingKind,
    pub policy_version: i64,
    pub filed_at: DateTimeUtc,
    pub status: DisclosureStatus,
    /// Whether any part is withheld.
    pub withheld: bool,
    pub agreements: i64,
    pub arrangements: i64,
}

impl ActiveModelBehavior for ActiveModel {}
