//! Disputes about identifiers, with the claims of the organizations.
use async_graphql::SimpleObject;
use chrono::{DateTime, Utc};

use super::Organization;
use crate::organization::model::{
    Identifier, IdentifierDisputeId, IdentifierState, OrganizationIdentifier,
};
use crate::organization::service;

/// A dispute about an identifier that several organizations claim. The first claim is in effect until
/// the City decides; the others are disputed.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct IdentifierDispute {
    /// The dispute's identifier.
    id: IdentifierDisputeId,
    /// The disputed identifier.
    identifier: Identifier,
    /// When the first disputed claim was made (UTC).
    opened_at: DateTime<Utc>,
    /// The claims, earliest first.
    claims: Vec<IdentifierClaim>,
}

impl From<service::IdentifierDispute> for IdentifierDispute {
    fn from(dispute: service::IdentifierDispute) -> Self {
        Self {
            id: dispute.id,
            identifier: dispute.identifier,
            opened_at: dispute.opened_at,
            claims: dispute.claims.into_iter().map(IdentifierClaim::from).collect(),
        }
    }
}

/// One organization's claim to a disputed identifier.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct IdentifierClaim {
    /// The claiming organization.
    organization: Organization,
    /// The state of the claim; only the first one is undisputed.
    state: IdentifierState,
    /// When the organization claimed it (UTC).
    claimed_at: DateTime<Utc>,
}

impl From<(service::Organization, OrganizationIdentifier)> for IdentifierClaim {
    fn from((organization, claim): (service::Organization, OrganizationIdentifier)) -> Self {
        Self { organization: organization.into(), state: claim.state, claimed_at: claim.claimed_at }
    }
}
