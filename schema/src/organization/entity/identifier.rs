//! Table `organization_identifier`: organizations' claims to identifiers.
use sea_orm::entity::prelude::*;

use crate::organization::model::{
    IdentifierDisputeId, IdentifierScheme, IdentifierState, OrganizationId, OrganizationIdentifier,
};
use crate::principal::Principal;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "organization_identifier")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub organization_id: OrganizationId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub scheme: IdentifierScheme,
    /// The identifier in upper case, without surrounding space.
    #[sea_orm(primary_key, auto_increment = false)]
    pub value: String,
    pub state: IdentifierState,
    /// The token subject, or the name of a command.
    pub claimed_by: Principal,
    pub claimed_at: DateTimeUtc,
    /// The dispute; set if and only if the claim is disputed.
    pub dispute_id: Option<IdentifierDisputeId>,
    /// The member of staff, or the command, that verified it; set if and only if it is verified.
    pub verified_by: Option<Principal>,
    pub verified_at: Option<DateTimeUtc>,
}

impl From<Model> for OrganizationIdentifier {
    fn from(row: Model) -> Self {
        Self {
            scheme: row.scheme,
            id: row.value,
            state: row.state,
            claimed_at: row.claimed_at,
            verified_at: row.verified_at,
        }
    }
}

impl ActiveModelBehavior for ActiveModel {}

crate::database::recorded! {
    subject: [OrganizationId],
    value: [
        OrganizationId, Scheme, Value, State, ClaimedBy, ClaimedAt, DisputeId, VerifiedBy, VerifiedAt,
    ],
}
