//! What a decision is asked about.
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::gate::facts::ContractFacts;
use crate::gate::{Action, Method, SubjectKind};
use crate::id::SubjectId;
use crate::money::Money;
use crate::organization::model::{OrganizationId, Party, Resolution, ResolvedParty};
use crate::waiver::model::ReliefLookup;

typed_id! {
    /// One decision of the gate.
    DecisionId, "dec"
}

/// What the feature that has the subject knows of it; the other facts are gathered here.
#[derive(Clone, Debug)]
pub struct Subject {
    pub kind: SubjectKind,
    pub id: SubjectId,
    /// What people call it by: the solicitation's or the contract's number.
    pub reference: String,
    pub title: String,
    pub department: String,
    /// Whom the firm asks.
    pub contact: String,
    /// UTC: the moment at which freshness and transition are counted.
    pub reference_at: DateTime<Utc>,
    pub amount: Option<Money>,
    pub public_works: bool,
    pub method: Option<Method>,
    /// How the contract is carried on, at a renewal.
    pub action: Option<Action>,
    /// The contract, at an award and at a renewal.
    pub contract: Option<ContractFacts>,
    /// By what waivers and exemptions for it are found.
    pub sought: ReliefLookup,
    pub organization: OrganizationId,
    /// Who else is looked at.
    pub parties: Parties,
    /// The policy that decides.
    pub policy_version: i64,
}

/// Whose disclosures a decision looks at besides the organization's own, each with the organization
/// that it was resolved to. It is kept with what was submitted or awarded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parties {
    /// The members of the joint venture that submits or holds it, in the order it gave.
    pub members: Vec<ResolvedParty>,
    /// The subcontractors that are named, with what their work comes to, in the order given.
    pub subcontractors: Vec<(ResolvedParty, Money)>,
}

impl Parties {
    /// Everybody, members first.
    pub fn all(&self) -> impl Iterator<Item = &ResolvedParty> {
        self.members.iter().chain(self.subcontractors.iter().map(|(party, _)| party))
    }

    /// As [`Self::all`].
    pub fn all_mut(&mut self) -> impl Iterator<Item = &mut ResolvedParty> {
        self.members.iter_mut().chain(self.subcontractors.iter_mut().map(|(party, _)| party))
    }

    /// The organizations that they were resolved to.
    pub fn organizations(&self) -> impl Iterator<Item = OrganizationId> {
        self.all().filter_map(|party| party.resolution.organization)
    }

    /// Which of them are resolved and were not in `before`, the same parties at an earlier time: by
    /// their places among the members and among the subcontractors.
    #[must_use]
    pub fn resolved_since(&self, before: &Self) -> NewlyResolved {
        fn places<'a>(
            now: impl Iterator<Item = &'a ResolvedParty>,
            before: impl Iterator<Item = &'a ResolvedParty>,
        ) -> Vec<(i64, Resolution)> {
            let both = (0..).zip(now.zip(before));
            let new = both.filter(|(_, (now, before))| now.resolution != before.resolution);
            new.map(|(place, (now, _))| (place, now.resolution)).collect()
        }
        let subcontractors = self.subcontractors.iter().map(|(party, _)| party);
        let earlier = before.subcontractors.iter().map(|(party, _)| party);
        NewlyResolved {
            members: places(self.members.iter(), before.members.iter()),
            subcontractors: places(subcontractors, earlier),
        }
    }
}

/// Parties that somebody bears the identifier of since, by their places from 0.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewlyResolved {
    pub members: Vec<(i64, Resolution)>,
    pub subcontractors: Vec<(i64, Resolution)>,
}

impl NewlyResolved {
    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.members.is_empty() && self.subcontractors.is_empty()
    }

    /// The members, by what they were resolved to.
    #[must_use]
    pub fn members_by_organization(&self) -> Vec<(Resolution, Vec<i64>)> {
        by_organization(&self.members)
    }

    /// The subcontractors, by what they were resolved to.
    #[must_use]
    pub fn subcontractors_by_organization(&self) -> Vec<(Resolution, Vec<i64>)> {
        by_organization(&self.subcontractors)
    }

    /// What the ledger holds of it: the places alone. Whom a name was resolved to would tell a
    /// prime contractor more of its subcontractor than whether it is current.
    #[must_use]
    pub fn ledger_data(&self) -> Value {
        let places = |new: &[(i64, Resolution)]| -> Vec<i64> {
            new.iter().map(|(place, _)| *place).collect()
        };
        json!({
            "members": places(&self.members),
            "subcontractors": places(&self.subcontractors),
        })
    }
}

fn by_organization(resolved: &[(i64, Resolution)]) -> Vec<(Resolution, Vec<i64>)> {
    let mut found: Vec<(Resolution, Vec<i64>)> = Vec::new();
    for (place, resolution) in resolved {
        match found.iter_mut().find(|(known, _)| known == resolution) {
            Some((_, places)) => places.push(*place),
            None => found.push((*resolution, vec![*place])),
        }
    }
    found
}

/// Who is named in what is decided on, before it is resolved.
#[derive(Clone, Copy, Debug)]
pub enum Named<'a> {
    /// As it is submitted: the subcontractors that it names, and the joint venture's members now.
    Submitted(&'a [(Party, Money)]),
    /// As it was kept; who was resolved stays so.
    Kept(&'a Parties),
    /// A contract that is assigned: the subcontractors as they were kept with it, and the members of
    /// the joint venture that takes it over now.
    Assigned(&'a Parties),
}
