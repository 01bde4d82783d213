//! Which organization a named party is, as it is kept with what was submitted.
use chrono::{DateTime, Utc};

use super::{Identifier, IdentifierScheme, OrganizationId, Party};
use crate::gate::ResolvedBy;

/// Which organization a party was resolved to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resolution {
    /// How; `Nobody` exactly where there is no organization.
    pub by: ResolvedBy,
    pub organization: Option<OrganizationId>,
    /// UTC: when it was resolved, or first was not.
    pub at: DateTime<Utc>,
}

/// A named party with the organization that it was resolved to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResolvedParty {
    pub party: Party,
    pub resolution: Resolution,
}

impl ResolvedParty {
    /// A party that nobody has tried to resolve yet.
    #[must_use]
    pub const fn unresolved(party: Party, at: DateTime<Utc>) -> Self {
        let resolution = Resolution { by: ResolvedBy::Nobody, organization: None, at };
        Self { party, resolution }
    }

    /// Keeps what the party is; what was resolved once stays.
    pub fn resolve(&mut self, organization: OrganizationId, at: DateTime<Utc>) {
        if self.resolution.organization.is_some() {
            return;
        }
        let by = if self.party.organization_id.is_some() {
            ResolvedBy::OrganizationId
        } else {
            ResolvedBy::Identifier
        };
        self.resolution = Resolution { by, organization: Some(organization), at };
    }
}

/// A resolved party as the tables that name parties keep it.
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
            resolved_by: resolution.by,
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
                by: row.resolved_by,
                organization: row.resolved_to,
                at: row.resolved_at,
            },
        }
    }
}
