//! Organizations that were merged, and proposals to merge.
use std::collections::HashMap;

use async_graphql::InputObject;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::OrganizationId;

typed_id! {
    /// A proposal to merge two organizations that may be one firm.
    MergeProposalId, "mrg"
}

string_enum! {
    /// The decision about a proposal to merge two organizations.
    pub enum MergeOutcome {
        /// The organizations were merged.
        Merged,
        /// They are two firms.
        Dismissed,
    }
}

/// An organization of a group: the survivor, or one that was merged into it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GroupMember {
    pub id: OrganizationId,
    /// When it was first merged (UTC); none for the survivor.
    pub merged_at: Option<DateTime<Utc>>,
    /// The organization that it was merged into then, if that one was merged itself later.
    pub merged_through: Option<OrganizationId>,
}

/// The groups of some organizations. A group is one firm: the organization that survives, and those that
/// were merged into it.
#[derive(Clone, Debug, Default)]
pub struct Groups {
    /// Each organization of each group, with its survivor.
    survivors: HashMap<OrganizationId, OrganizationId>,
    /// The members of each group in the order of their ids, by survivor.
    members: HashMap<OrganizationId, Vec<GroupMember>>,
}

impl Groups {
    /// Builds the groups from members with their survivors.
    #[must_use]
    pub fn from_members(members: impl IntoIterator<Item = (GroupMember, OrganizationId)>) -> Self {
        let mut groups = Self::default();
        for (member, survivor) in members {
            groups.survivors.insert(member.id, survivor);
            groups.members.entry(survivor).or_default().push(member);
        }
        for members in groups.members.values_mut() {
            members.sort_unstable_by_key(|member| member.id);
        }
        groups
    }

    /// Returns the organization that an organization was merged into, or itself if it was not merged.
    #[must_use]
    pub fn survivor_of(&self, id: OrganizationId) -> OrganizationId {
        self.survivors.get(&id).copied().unwrap_or(id)
    }

    /// Returns the members of an organization's group; none if the organization was not loaded.
    #[must_use]
    pub fn members_of(&self, id: OrganizationId) -> &[GroupMember] {
        self.members.get(&self.survivor_of(id)).map_or(&[], Vec::as_slice)
    }

    /// Returns the identifiers of an organization's group, at least its own.
    #[must_use]
    pub fn ids_of(&self, id: OrganizationId) -> Vec<OrganizationId> {
        let members = self.members_of(id);
        if members.is_empty() {
            return vec![id];
        }
        members.iter().map(|member| member.id).collect()
    }

    /// Returns the members of an organization's group that were one firm with it at a time already, and itself.
    #[must_use]
    pub fn ids_of_at(&self, id: OrganizationId, at: DateTime<Utc>) -> Vec<OrganizationId> {
        let survivor = self.survivor_of_at(id, at);
        let members = self.ids_of(id).into_iter();
        members.filter(|member| self.survivor_of_at(*member, at) == survivor).collect()
    }

    /// Returns when an organization's group became what it is (UTC); none if nothing was merged.
    #[must_use]
    pub fn last_merge_of(&self, id: OrganizationId) -> Option<DateTime<Utc>> {
        self.members_of(id).iter().filter_map(|member| member.merged_at).max()
    }

    /// Returns the organization that the firm of an organization went on as at a time, or itself if it was
    /// not merged then.
    fn survivor_of_at(&self, id: OrganizationId, at: DateTime<Utc>) -> OrganizationId {
        let members = self.members_of(id);
        let mut survivor = id;
        // Follows the merges in turn: each step reaches another member, so there are at most as many as members.
        for _ in members {
            let merged = members.iter().find(|member| member.id == survivor);
            let merged = merged.filter(|member| member.merged_at.is_some_and(|then| then <= at));
            let Some(member) = merged else { break };
            survivor = member.merged_through.unwrap_or_else(|| self.survivor_of(id));
        }
        survivor
    }

    /// Returns the organizations of all groups, as bare UUIDs.
    #[must_use]
    pub fn all_uuids(&self) -> Vec<Uuid> {
        self.survivors.keys().map(|id| id.uuid()).collect()
    }

    /// Returns the survivor of every group.
    pub fn survivors(&self) -> impl Iterator<Item = OrganizationId> {
        self.members.keys().copied()
    }

    /// Returns whether two organizations are one firm.
    #[must_use]
    pub fn is_same_firm(&self, left: OrganizationId, right: OrganizationId) -> bool {
        self.survivor_of(left) == self.survivor_of(right)
    }
}

/// Two organizations to merge.
#[derive(Clone, Debug, InputObject)]
pub struct MergeInput {
    /// The organization that ends. What it did stays readable by its identifier.
    pub retired_id: OrganizationId,
    /// The organization that goes on.
    pub surviving_id: OrganizationId,
    /// Why they are one firm.
    pub reason: String,
}

/// Two organizations that may be one firm, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PossibleMerge {
    pub organizations: (OrganizationId, OrganizationId),
    /// Why they may be one, for the supervisor who decides.
    pub grounds: String,
}

/// A merge that was proposed to the supervisors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProposedMerge {
    pub id: MergeProposalId,
    /// The lower identifier first.
    pub organizations: (OrganizationId, OrganizationId),
}
