//! Table `organization`.
use sea_orm::FromJsonQueryResult;
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::organization::model::{
    Address, FormerName, OrganizationId, OrganizationKind, Ownership,
};

/// The names that an organization does business under.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct Names(pub Vec<String>);

/// The legal names that an organization had, earliest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct FormerNames(pub Vec<FormerName>);

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "organization")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: OrganizationId,
    pub kind: OrganizationKind,
    pub legal_name: String,
    pub doing_business_as: Names,
    pub address: Option<Address>,
    pub ownership: Ownership,
    /// UTC, in whole microseconds, like every time in the database.
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    /// The number of the last update, from 1.
    pub revision: i64,
    pub former_names: FormerNames,
    /// The organization that took over this one; it is never itself merged.
    pub merged_into: Option<OrganizationId>,
    pub merged_at: Option<DateTimeUtc>,
    /// The organization that this one was merged into at `merged_at`, if that one was merged itself later.
    pub merged_through: Option<OrganizationId>,
}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// The name by which letters, receipts and attestations call the firm. A sole proprietor's legal
    /// name is a person's, so the name of the business precedes it, or else its form follows it.
    #[must_use]
    pub fn business_name(&self) -> String {
        let legal = &self.legal_name;
        match (self.kind, self.doing_business_as.0.first()) {
            (OrganizationKind::SoleProprietor, Some(name)) => {
                format!("{name} ({legal}, sole proprietor)")
            }
            (OrganizationKind::SoleProprietor, None) => format!("{legal} (sole proprietor)"),
            _ => legal.clone(),
        }
    }
}

crate::database::read_by_position! {
    id, kind, legal_name, doing_business_as, address, ownership, created_at, updated_at, revision,
    former_names, merged_into, merged_at, merged_through,
}

crate::database::recorded! {
    subject: [Id],
    value: [
        Id, Kind, LegalName, DoingBusinessAs, Ownership, CreatedAt, UpdatedAt, Revision, FormerNames,
        MergedInto, MergedAt, MergedThrough,
    ],
    personal: [Address],
    added: [Revision = "1", FormerNames = []],
}
