//! The input of an evaluation: the subject and its parties.
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::gate::facts::ContractFacts;
use crate::gate::{AwardMethod, ContractAction, SubjectKind};
use crate::id::SubjectId;
use crate::money::Money;
use crate::organization::model::{OrganizationId, Party, Resolution, ResolvedParty};
use crate::waiver::model::ReliefLookup;

typed_id! {
    /// The identifier of a decision.
    DecisionId, "dec"
}

/// A request to evaluate one subject, from the feature that owns it. The decision feature loads the
/// other facts.
#[derive(Clone, Debug)]
pub struct EvaluationRequest {
    pub kind: SubjectKind,
    pub id: SubjectId,
    /// The solicitation's or the contract's number.
    pub reference: String,
    pub title: String,
    pub department: String,
    /// The contact for the firm's questions, as the letter prints it.
    pub contact: String,
    /// The reference time (UTC), at which freshness and transition days are counted.
    pub reference_at: DateTime<Utc>,
    pub amount: Option<Money>,
    pub is_public_works: bool,
    pub method: Option<AwardMethod>,
    /// The contract action, at a renewal.
    pub action: Option<ContractAction>,
    /// The contract, at an award and at a renewal.
    pub contract: Option<ContractFacts>,
    /// The keys by which its waivers and exemptions are found.
    pub relief_lookup: ReliefLookup,
    pub organization: OrganizationId,
    /// The members and subcontractors whose disclosures are checked too.
    pub parties: Parties,
    /// The version of the policy that applies.
    pub policy_version: i64,
}

/// The parties whose disclosures a decision checks besides the organization's own, each with the
/// organization to which it was resolved. They are stored with the bid or the contract.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parties {
    /// The members of the joint venture, in its order; empty for any other organization.
    pub members: Vec<ResolvedParty>,
    /// The named subcontractors with the amounts of their work, in the order given.
    pub subcontractors: Vec<(ResolvedParty, Money)>,
}

impl Parties {
    /// All parties, members first.
    pub fn all(&self) -> impl Iterator<Item = &ResolvedParty> {
        self.members.iter().chain(self.subcontractors.iter().map(|(party, _)| party))
    }

    /// All parties, members first, for changes.
    pub fn all_mut(&mut self) -> impl Iterator<Item = &mut ResolvedParty> {
        self.members.iter_mut().chain(self.subcontractors.iter_mut().map(|(party, _)| party))
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
        let subcontractors = self.subcontractors.iter().map(|(party, _)| party);
        let earlier = before.subcontractors.iter().map(|(party, _)| party);
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
    Submitted(&'a [(Party, Money)]),
    /// The stored parties of a subject; existing resolutions do not change.
    Stored(&'a Parties),
    /// An assigned contract: its stored subcontractors, and the assignee's current members.
    Assigned(&'a Parties),
}
