//! What is claimed and waived for what is decided on.
use std::collections::{HashMap, HashSet};

use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::place::Place;
use super::{Exemption, Waiver};
use crate::fault::Result;
use crate::gate::facts::{ExemptionFacts, WaiverFacts};
use crate::organization::model::{DepartmentId, OrganizationId};
use crate::waiver::model::{Sought, WaiverStatus};
use crate::waiver::store;

/// What is claimed and waived for something that is decided on.
#[derive(Clone, Debug, Default)]
pub struct Relief {
    pub exemptions: Vec<ExemptionFacts>,
    pub waivers: Vec<WaiverFacts>,
}

/// What is claimed and waived for each of some subjects, in their order: one statement a table,
/// however many they are.
///
/// # Errors
/// `Internal` if the database fails.
pub async fn relief(db: &impl ConnectionTrait, subjects: &[Sought]) -> Result<Vec<Relief>> {
    let (mut solicitations, mut contracts, mut numbers) =
        (HashSet::new(), HashSet::new(), Vec::new());
    for subject in subjects {
        match subject {
            Sought::Bid(solicitation, _) => {
                solicitations.insert(*solicitation);
            }
            Sought::Award { bid, department, number } => {
                solicitations.extend(bid.map(|(solicitation, _)| solicitation));
                numbers.push((*department, number.clone()));
            }
            Sought::Renewal { contract, .. } => {
                contracts.insert(*contract);
            }
        }
    }
    let keys = (solicitations.into_iter().collect(), contracts.into_iter().collect());
    let (solicitations, contracts): (Vec<Uuid>, Vec<Uuid>) = keys;
    let (some, others) = (solicitations.clone(), contracts.clone());
    let waivers = store::waivers::sought(db, some, others, &numbers).await?;
    let waivers: Vec<_> =
        waivers.into_iter().filter(|row| row.status == WaiverStatus::Approved).collect();
    let exemptions = store::exemptions::sought(db, solicitations, contracts, &numbers).await?;
    if waivers.is_empty() && exemptions.is_empty() {
        return Ok(vec![Relief::default(); subjects.len()]);
    }
    // By what they are found by, so that many subjects are not compared with many rows.
    let waivers = Found::of(waivers.iter().map(|row| (Place::from(row), row)));
    let exemptions = Found::of(exemptions.iter().map(|row| (Place::from(row), row)));
    let relief = subjects.iter().map(|subject| Relief {
        waivers: waivers
            .for_subject(subject)
            .filter_map(|(row, covers)| {
                // What was waived on a solicitation carries to its award, no further.
                covers.then(|| waiver_facts(row)).flatten()
            })
            .collect(),
        exemptions: exemptions
            .for_subject(subject)
            .map(|(row, covers)| exemption_facts(row, covers, subject))
            .collect(),
    });
    Ok(relief.collect())
}

/// Rows by what they are for.
struct Found<'a, T> {
    bids: HashMap<(Uuid, OrganizationId), Vec<&'a T>>,
    numbers: HashMap<(DepartmentId, String), Vec<&'a T>>,
    contracts: HashMap<Uuid, Vec<OfContract<'a, T>>>,
}

/// A row that is for a contract.
struct OfContract<'a, T> {
    row: &'a T,
    /// The renewal that it is for, if it is for one alone.
    renewal: Option<Uuid>,
    /// It was for the bid that the contract comes of.
    on_solicitation: bool,
}

impl<'a, T> Found<'a, T> {
    fn of(rows: impl Iterator<Item = (Place, &'a T)>) -> Self {
        let mut found =
            Self { bids: HashMap::new(), numbers: HashMap::new(), contracts: HashMap::new() };
        for (place, row) in rows {
            let on_solicitation = place.solicitation.zip(place.organization);
            if let Some(bid) = on_solicitation {
                found.bids.entry(bid).or_default().push(row);
            }
            if let Some(number) = place.number.filter(|_| place.renewal.is_none()) {
                found.numbers.entry((place.department, number)).or_default().push(row);
            }
            if let Some(contract) = place.contract {
                let entry = OfContract {
                    row,
                    renewal: place.renewal,
                    on_solicitation: on_solicitation.is_some(),
                };
                found.contracts.entry(contract).or_default().push(entry);
            }
        }
        found
    }

    /// The rows that a subject is decided with, and whether each is for the subject itself.
    fn for_subject(&self, subject: &Sought) -> impl Iterator<Item = (&'a T, bool)> {
        let mut rows: Vec<(&'a T, bool)> = Vec::new();
        let mut add = |found: Option<&Vec<&'a T>>| {
            rows.extend(found.into_iter().flatten().map(|row| (*row, true)));
        };
        match subject {
            Sought::Bid(solicitation, organization) => {
                add(self.bids.get(&(*solicitation, *organization)));
            }
            Sought::Award { bid, department, number } => {
                add(bid.and_then(|bid| self.bids.get(&bid)));
                add(self.numbers.get(&(*department, number.clone())));
            }
            Sought::Renewal { contract, renewal, .. } => {
                let of_contract = self.contracts.get(contract).into_iter().flatten();
                rows.extend(of_contract.filter_map(|it| match &it.renewal {
                    Some(of) if of == renewal => Some((it.row, true)),
                    Some(_) => None,
                    None => Some((it.row, !it.on_solicitation)),
                }));
            }
        }
        rows.into_iter()
    }
}

fn waiver_facts(row: &Waiver) -> Option<WaiverFacts> {
    Some(WaiverFacts {
        id: row.id.to_string(),
        rule: row.rule.parse().ok()?,
        authority: row.authority.clone(),
        expires_at: row.expires_at,
    })
}

fn exemption_facts(row: &Exemption, covers: bool, subject: &Sought) -> ExemptionFacts {
    // One that names the contract was for its award; a renewal is claimed for by name.
    let (covers, from) = match subject {
        Sought::Renewal { renewal, awarded_at, .. } if row.renewal_id != Some(*renewal) => {
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
