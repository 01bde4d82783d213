//! The organization that a named party was resolved to, stored with the bid or contract.
use chrono::{DateTime, Utc};

use super::{Identifier, IdentifierScheme, OrganizationId, Party};
use crate::gate::ResolvedBy;

/// The organization that a party was resolved to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resolution {
    /// How it was resolved; `Unresolved` if and only if `organization` is none.
    pub method: ResolvedBy,
    pub organization: Option<OrganizationId>,
    /// When it was resolved, or when resolution first failed (UTC).
    pub at: DateTime<Utc>,
}

/// A named party with its resolution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResolvedParty {
    pub party: Party,
    pub resolution: Resolution,
}

impl ResolvedParty {
    /// Returns a party that is not resolved.
    #[must_use]
    pub const fn unresolved(party: Party, at: DateTime<Utc>) -> Self {
        let resolution = Resolution { method: ResolvedBy::Unresolved, organization: None, at };
        Self { party, resolution }
    }

    /// Resolves the party to an organization. A search never replaces an earlier resolution.
    pub fn resolve(&mut self, organization: OrganizationId, method: ResolvedBy, at: DateTime<Utc>) {
        if self.resolution.organization.is_some() {
            return;
        }
        self.resolution = Resolution { method, organization: Some(organization), at };
    }
}

/// The columns of a resolved party, common to all tables of parties.
#[derive(Clone, Debug)]
pub struct PartyColumns {
    pub organization_id: Option<OrganizationId>,
    pub name: String,
    pub scheme: Option<IdentifierScheme>,
    pub value: Option<String>,
    pub resolved_by: ResolvedBy,
    pub resolved_to: Option<OrganizationId>,
    pub resolved_at: DateTime<Utc>,
}

impl From<&ResolvedParty> for PartyColumns {
    fn from(ResolvedParty { party, resolution }: &ResolvedParty) -> Self {
        Self {
            organization_id: party.organization_id,
            name: party.name.clone(),
            scheme: party.identifier.as_ref().map(|given| given.scheme),
            value: party.identifier.as_ref().map(|given| given.id.clone()),
            resolved_by: resolution.method,
            resolved_to: resolution.organization,
            resolved_at: resolution.at,
        }
    }
}

impl From<PartyColumns> for ResolvedParty {
    fn from(row: PartyColumns) -> Self {
        let identifier = row.scheme.zip(row.value).map(|(scheme, id)| Identifier { scheme, id });
        Self {
            party: Party { organization_id: row.organization_id, name: row.name, identifier },
            resolution: Resolution {
                method: row.resolved_by,
                organization: row.resolved_to,
                at: row.resolved_at,
            },
        }
    }
}
