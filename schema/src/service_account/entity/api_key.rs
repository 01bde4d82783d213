//! Table `api_key`: the keys of service accounts. A row changes once, when the key is revoked.
use std::collections::BTreeSet;

use sea_orm::entity::prelude::*;

use crate::principal::Principal;
use crate::service_account::model::{ApiKeyId, ApiKeyScope};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "api_key")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ApiKeyId,
    /// What the key is for.
    pub name: String,
    /// Whether it has the scope `PROCUREMENT_SYSTEM`.
    pub procurement_system: bool,
    /// Whether it has the scope `EXPORTS`.
    pub exports: bool,
    /// Whether it has the scope `EVENTS`.
    pub events: bool,
    /// The SHA-256 of the secret, in hexadecimal.
    #[sea_orm(unique)]
    pub secret_sha256: String,
    pub created_by: Principal,
    pub created_at: DateTimeUtc,
    pub expires_at: DateTimeUtc,
    /// Set if and only if it was revoked, with the next column.
    pub revoked_by: Option<Principal>,
    pub revoked_at: Option<DateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// Returns the scopes of the key.
    #[must_use]
    pub fn scopes(&self) -> BTreeSet<ApiKeyScope> {
        let has = |scope: &ApiKeyScope| match scope {
            ApiKeyScope::ProcurementSystem => self.procurement_system,
            ApiKeyScope::Exports => self.exports,
            ApiKeyScope::Events => self.events,
        };
        ApiKeyScope::ALL.iter().copied().filter(has).collect()
    }
}

crate::database::recorded! {
    subject: [Id],
    value: [
        Id, Name, ProcurementSystem, Exports, Events, CreatedBy, CreatedAt, ExpiresAt, RevokedBy,
        RevokedAt,
    ],
    digest: [SecretSha256],
}
