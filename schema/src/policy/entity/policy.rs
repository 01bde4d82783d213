//! The table of policies; its rows are only ever inserted.
use sea_orm::entity::prelude::*;

use crate::policy::model::PolicyId;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "policy")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: PolicyId,
    /// From 1, without gaps.
    #[sea_orm(unique)]
    pub version: i64,
    /// UTC: a local midnight.
    pub effective_from: DateTimeUtc,
    /// The whole policy as canonical JSON, kept as text since it is hashed.
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
