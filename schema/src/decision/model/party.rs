//! The parties that a bid or a contract names besides the organization itself: the members of a joint
//! venture, and subcontractors.
use async_graphql::InputObject;
use serde_json::{Value, json};

use crate::money::{Money, MoneyText};
use crate::organization::model::{Identifier, OrganizationId, Party, Resolution, ResolvedParty};

/// The kind of subject that names parties. Each kind has its own tables of members and subcontractors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartyOwner {
    Bid,
    Contract,
}

/// A subcontractor that a bid or a contract names: by its organization here, or by its legal name and
/// an identifier such as a UEI, which each decision tries to resolve to an organization.
#[derive(Clone, Debug, InputObject)]
pub struct SubcontractorInput {
    /// The organization in this service, if it is registered.
    pub organization_id: Option<OrganizationId>,
    /// Its legal name.
    pub name: String,
    /// An identifier, such as a UEI, by which to find the organization.
    pub identifier: Option<Identifier>,
    /// The amount of its part of the work.
    pub amount: MoneyText,
}

impl SubcontractorInput {
    /// The party that is named.
    #[must_use]
    pub fn party(&self) -> Party {
        Party {
            organization_id: self.organization_id,
            name: self.name.clone(),
            identifier: self.identifier.clone(),
        }
    }
}

/// The organization that a person chooses for a party.
#[derive(Clone, Debug)]
pub struct PartyChoice {
    /// The party's name as the bid or contract gives it, without regard to case, blanks and punctuation.
    pub name: String,
    /// The number that was given with the name, to choose among parties of one name.
    pub identifier: Option<Identifier>,
    pub organization_id: OrganizationId,
}

/// A validated subcontractor, not resolved yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedSubcontractor {
    pub party: Party,
    /// The amount of its part of the work.
    pub amount: Money,
}

/// A subcontractor with the organization to which it was resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subcontractor {
    pub party: ResolvedParty,
    /// The amount of its part of the work.
    pub amount: Money,
}

/// The parties whose disclosures a decision checks besides the organization's own, each with the
/// organization to which it was resolved. They are stored with the bid or the contract.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parties {
    /// The members of the joint venture, in its order; empty for any other organization.
    pub members: Vec<ResolvedParty>,
    /// The subcontractors, in the order given.
    pub subcontractors: Vec<Subcontractor>,
}

impl Parties {
    /// All parties, members first.
    pub fn all(&self) -> impl Iterator<Item = &ResolvedParty> {
        self.members.iter().chain(self.subcontractors.iter().map(|it| &it.party))
    }

    /// All parties, members first, for changes.
    pub fn all_mut(&mut self) -> impl Iterator<Item = &mut ResolvedParty> {
        self.members.iter_mut().chain(self.subcontractors.iter_mut().map(|it| &mut it.party))
    }

    /// The organizations to which parties are resolved.
    pub fn organizations(&self) -> impl Iterator<Item = OrganizationId> {
        self.all().filter_map(|party| party.resolution.organization)
    }

    /// The parties whose resolution differs from `before`, the same parties at an earlier time:
    /// their positions among members and among subcontractors.
    #[must_use]
    pub fn newly_resolved_since(&self, before: &Self) -> NewlyResolved {
        fn changed_positions<'a>(
            now: impl Iterator<Item = &'a ResolvedParty>,
            before: impl Iterator<Item = &'a ResolvedParty>,
        ) -> Vec<(i64, Resolution)> {
            let pairs = (0..).zip(now.zip(before));
            let changed = pairs.filter(|(_, (now, before))| now.resolution != before.resolution);
            changed.map(|(position, (now, _))| (position, now.resolution)).collect()
        }
        let subcontractors = self.subcontractors.iter().map(|it| &it.party);
        let earlier = before.subcontractors.iter().map(|it| &it.party);
        NewlyResolved {
            members: changed_positions(self.members.iter(), before.members.iter()),
            subcontractors: changed_positions(subcontractors, earlier),
        }
    }
}

/// Parties that were resolved since an earlier time, by position from 0.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewlyResolved {
    pub members: Vec<(i64, Resolution)>,
    pub subcontractors: Vec<(i64, Resolution)>,
}

impl NewlyResolved {
    /// Whether no party was resolved.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.members.is_empty() && self.subcontractors.is_empty()
    }

    /// The members' positions, grouped by resolution.
    #[must_use]
    pub fn members_by_organization(&self) -> Vec<(Resolution, Vec<i64>)> {
        group_by_resolution(&self.members)
    }

    /// The subcontractors' positions, grouped by resolution.
    #[must_use]
    pub fn subcontractors_by_organization(&self) -> Vec<(Resolution, Vec<i64>)> {
        group_by_resolution(&self.subcontractors)
    }

    /// The ledger entry's data: positions only. The organizations would reveal to a prime
    /// contractor more about its subcontractors than whether they are current.
    #[must_use]
    pub fn ledger_data(&self) -> Value {
        let positions = |resolved: &[(i64, Resolution)]| -> Vec<i64> {
            resolved.iter().map(|(position, _)| *position).collect()
        };
        json!({
            "members": positions(&self.members),
            "subcontractors": positions(&self.subcontractors),
        })
    }
}

fn group_by_resolution(resolved: &[(i64, Resolution)]) -> Vec<(Resolution, Vec<i64>)> {
    let mut groups: Vec<(Resolution, Vec<i64>)> = Vec::new();
    for (position, resolution) in resolved {
        match groups.iter_mut().find(|(existing, _)| existing == resolution) {
            Some((_, positions)) => positions.push(*position),
            None => groups.push((*resolution, vec![*position])),
        }
    }
    groups
}

/// Where the parties of a subject come from, before they are resolved.
#[derive(Clone, Copy, Debug)]
pub enum PartySource<'a> {
    /// A submission: the subcontractors that it names, and the joint venture's current members.
    Submitted(&'a [NamedSubcontractor]),
    /// The stored parties of a subject; existing resolutions do not change.
    Stored(&'a Parties),
    /// An assigned contract: its stored subcontractors, and the assignee's current members.
    Assigned(&'a Parties),
}
