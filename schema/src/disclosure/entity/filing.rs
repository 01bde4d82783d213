//! The table of filings. Rows are inserted only; triggers refuse changes.
use sea_orm::entity::prelude::*;

use crate::disclosure::model::{DisclosureId, FilingKind};
use crate::organization::model::OrganizationId;
use crate::principal::Principal;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "filing")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: DisclosureId,
    pub organization_id: OrganizationId,
    /// Starts at 1 and increases with each filing of the organization. After a merge it is also above the version
    /// on file, so that numbers may be skipped.
    pub version: i64,
    pub kind: FilingKind,
    /// The policy whose questions it answers.
    pub policy_version: i64,
    /// Canonical JSON (RFC 8785), stored as text to keep its digest stable.
    pub statement: String,
    /// The SHA-256 of the statement, which the signatory signed.
    pub sha256: String,
    /// [`crate::disclosure::model::Attestation`] as canonical JSON.
    pub attestation: String,
    pub filed_at: DateTimeUtc,
    pub filed_by: Principal,
}

impl ActiveModelBehavior for ActiveModel {}

crate::database::recorded! {
    subject: [Id],
    value: [Id, OrganizationId, Version, Kind, PolicyVersion, Sha256, FiledAt, FiledBy],
    digest: [Statement],
    personal: [Attestation],
}

crate::database::read_by_position! {
    id, organization_id, version, kind, policy_version, statement, sha256, attestation, filed_at, filed_by,
}
