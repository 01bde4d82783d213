//! Loads the waivers and exemptions that apply to what the gate decides on.
use std::collections::{HashMap, HashSet};

use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::Exemption;
use crate::fault::Result;
use crate::gate::facts::{ExemptionFacts, WaiverFacts};
use crate::organization;
use crate::organization::model::{DepartmentId, Groups, OrganizationId};
use crate::waiver::model::{ReliefLookup, SubjectColumns, Waiver, WaiverState};
use crate::waiver::store;

/// The waivers and exemptions that apply to one gate decision, as its facts.
#[derive(Clone, Debug, Default)]
pub struct Relief {
    pub exemptions: Vec<ExemptionFacts>,
    pub waivers: Vec<WaiverFacts>,
}

/// Loads the waivers and exemptions of each subject, in the order of `subjects`, with one statement for
/// each table.
pub async fn load_relief(
    db: &impl ConnectionTrait,
    subjects: &[ReliefLookup],
) -> Result<Vec<Relief>> {
    let (mut solicitations, mut contracts, mut numbers) =
        (HashSet::new(), HashSet::new(), Vec::new());
    for subject in subjects {
        match subject {
            ReliefLookup::Bid(solicitation, _) => {
                solicitations.insert(*solicitation);
            }
            ReliefLookup::Award { bid, department, number } => {
                solicitations.extend(bid.map(|(solicitation, _)| solicitation));
                numbers.push((*department, number.clone()));
            }
            ReliefLookup::Renewal { contract, .. } => {
                contracts.insert(*contract);
            }
        }
    }
    let keys = (solicitations.into_iter().collect(), contracts.into_iter().collect());
    let (solicitations, contracts): (Vec<Uuid>, Vec<Uuid>) = keys;
    let waivers =
        store::waivers::list_for_subjects(db, solicitations.clone(), contracts.clone(), &numbers)
            .await?;
    let waivers: Vec<_> =
        waivers.into_iter().filter(|it| matches!(it.state, WaiverState::Approved(_))).collect();
    let mut exemptions =
        store::exemptions::list_for_subjects(db, solicitations, contracts, &numbers).await?;
    exemptions.retain(Exemption::is_in_effect);
    if waivers.is_empty() && exemptions.is_empty() {
        return Ok(vec![Relief::default(); subjects.len()]);
    }
    let named = waivers.iter().filter_map(|waiver| waiver.subject.organization);
    let named = named.chain(exemptions.iter().filter_map(|row| row.organization_id));
    let named: Vec<Uuid> =
        named.chain(subjects.iter().filter_map(bidder_of)).map(OrganizationId::uuid).collect();
    let groups = organization::service::load_groups(db, named).await?;
    // Indexed, so that the work does not grow with subjects times rows.
    let waivers =
        ReliefIndex::new(&groups, waivers.iter().map(|waiver| (waiver.subject.clone(), waiver)));
    let exemptions = exemptions.iter().map(|row| (SubjectColumns::from(row), row));
    let exemptions = ReliefIndex::new(&groups, exemptions);
    let relief = subjects.iter().map(|subject| Relief {
        waivers: waivers
            .find(subject)
            .filter_map(|(row, covers)| waiver_facts(row, covers))
            .collect(),
        exemptions: exemptions
            .find(subject)
            .map(|(row, covers)| exemption_facts(row, covers, subject))
            .collect(),
    });
    Ok(relief.collect())
}

/// The organization whose bid a lookup is for.
const fn bidder_of(subject: &ReliefLookup) -> Option<OrganizationId> {
    match subject {
        ReliefLookup::Bid(_, organization)
        | ReliefLookup::Award { bid: Some((_, organization)), .. } => Some(*organization),
        ReliefLookup::Award { bid: None, .. } | ReliefLookup::Renewal { .. } => None,
    }
}

/// Waiver or exemption rows, indexed by their subject.
struct ReliefIndex<'a, T> {
    groups: &'a Groups,
    /// By the solicitation and the survivor of the bidder's group.
    bids: HashMap<(Uuid, OrganizationId), Vec<&'a T>>,
    numbers: HashMap<(DepartmentId, String), Vec<&'a T>>,
    contracts: HashMap<Uuid, Vec<ContractEntry<'a, T>>>,
}

/// A row whose subject is a contract.
struct ContractEntry<'a, T> {
    row: &'a T,
    /// The renewal that the row is limited to, if any.
    renewal: Option<Uuid>,
    /// Whether the row was made for the bid that the contract was awarded from.
    is_for_solicitation: bool,
}

impl<'a, T> ReliefIndex<'a, T> {
    fn new(groups: &'a Groups, rows: impl Iterator<Item = (SubjectColumns, &'a T)>) -> Self {
        let (bids, numbers) = (HashMap::new(), HashMap::new());
        let mut index = Self { groups, bids, numbers, contracts: HashMap::new() };
        for (subject, row) in rows {
            let bidder = subject.organization.map(|id| groups.survivor_of(id));
            let bid = subject.solicitation.zip(bidder);
            if let Some(bid) = bid {
                index.bids.entry(bid).or_default().push(row);
            }
            if let Some(number) = subject.number.filter(|_| subject.renewal.is_none()) {
                index.numbers.entry((subject.department, number)).or_default().push(row);
            }
            if let Some(contract) = subject.contract {
                let entry = ContractEntry {
                    row,
                    renewal: subject.renewal,
                    is_for_solicitation: bid.is_some(),
                };
                index.contracts.entry(contract).or_default().push(entry);
            }
        }
        index
    }

    /// Returns the rows that apply to a subject, each with whether it covers the subject itself.
    fn find(&self, subject: &ReliefLookup) -> impl Iterator<Item = (&'a T, bool)> {
        let mut rows: Vec<(&'a T, bool)> = Vec::new();
        let mut add = |found: Option<&Vec<&'a T>>| {
            rows.extend(found.into_iter().flatten().map(|row| (*row, true)));
        };
        match subject {
            ReliefLookup::Bid(solicitation, organization) => {
                add(self.bids.get(&(*solicitation, self.groups.survivor_of(*organization))));
            }
            ReliefLookup::Award { bid, department, number } => {
                let bid = bid
                    .map(|(solicitation, bidder)| (solicitation, self.groups.survivor_of(bidder)));
                add(bid.and_then(|bid| self.bids.get(&bid)));
                add(self.numbers.get(&(*department, number.clone())));
            }
            ReliefLookup::Renewal { contract, renewal, executed, .. } => {
                let entries = self.contracts.get(contract).into_iter().flatten();
                rows.extend(entries.filter_map(|it| match &it.renewal {
                    Some(id) if id == renewal => Some((it.row, true)),
                    // As an award does, it leaves the duty that it put off.
                    Some(id) if executed.contains(id) => Some((it.row, false)),
                    Some(_) => None,
                    None => Some((it.row, !it.is_for_solicitation)),
                }));
            }
        }
        rows.into_iter()
    }
}

/// The facts about a waiver. One on a solicitation also covers the award from it, but no renewal; one on
/// a renewal covers no later one.
fn waiver_facts(row: &Waiver, covers: bool) -> Option<WaiverFacts> {
    Some(WaiverFacts {
        id: row.id.to_string(),
        rule: row.rule.parse().ok()?,
        authority: row.authority.clone(),
        expires_at: row.expires_at,
        is_for_award: !covers,
    })
}

fn exemption_facts(row: &Exemption, covers: bool, subject: &ReliefLookup) -> ExemptionFacts {
    // An exemption of the award or of an earlier renewal covers that; a renewal needs its own claim.
    let (covers, from) = match subject {
        ReliefLookup::Renewal { renewal, awarded_at, .. } if row.renewal_id != Some(*renewal) => {
            (false, row.claimed_at.max(*awarded_at))
        }
        _ => (covers, row.claimed_at),
    };
    ExemptionFacts {
        id: row.id.to_string(),
        kind: row.kind,
        authority: row.authority.clone(),
        counted_from: from,
        covers_subject: covers,
    }
}
