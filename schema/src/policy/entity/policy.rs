//! Table `policy`: published versions. Rows are only inserted.
use sea_orm::entity::prelude::*;

use crate::policy::model::PolicyId;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "policy")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: PolicyId,
    /// The version number, from 1 without gaps.
    #[sea_orm(unique)]
    pub version: i64,
    /// When the version takes effect: a local midnight, in UTC.
    pub effective_from: DateTimeUtc,
    /// The complete policy as canonical JSON (RFC 8785); stored as text because it is hashed.
    pub terms: String,
    pub sha256: String,
    pub enacted_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

crate::database::recorded! {
    subject: [Id],
    value: [Id, Version, EffectiveFrom, Sha256, EnactedAt],
    digest: [Terms],
}
