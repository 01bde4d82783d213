//! Use cases of waivers and exemptions.
use std::collections::{HashMap, HashSet};

use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use uuid::Uuid;

use super::entity::{exemption, waiver};
use super::model::{
    ExemptionClaim, ExemptionId, Sought, Target, WaiverId, WaiverRequest, WaiverStatus,
};
use super::{rules, store};
use crate::database::{Database, Tx};
use crate::fault::{Fault, Path, Problems, Result};
use crate::gate::facts::{ExemptionFacts, WaiverFacts};
use crate::gate::{Policy, RuleCode};
use crate::ledger;
use crate::ledger::model::{Claim, Life};
use crate::ledger::service::append;
use crate::organization::model::{DepartmentId, OrganizationId, Role, Viewer};
use crate::reconsideration::model::{Changed, Revives};
use crate::reconsideration::service::note;
use crate::text::{PROSE, required};

pub use super::entity::exemption::Model as Exemption;
pub use super::entity::waiver::Model as Waiver;

/// Where each entry on a waiver leaves it.
const LIFE: &[(&str, &str)] = &[
    ("waiver.requested", "REQUESTED"),
    ("waiver.approved", "APPROVED"),
    ("waiver.revoked", "REVOKED"),
];

/// The columns that tell what a waiver or an exemption is for.
struct Place {
    department: DepartmentId,
    organization: Option<OrganizationId>,
    solicitation: Option<Uuid>,
    number: Option<String>,
    contract: Option<Uuid>,
    renewal: Option<Uuid>,
}

impl From<Target> for Place {
    fn from(target: Target) -> Self {
        match target {
            Target::Bid { department, solicitation, organization } => Self {
                department,
                organization: Some(organization),
                solicitation: Some(solicitation),
                number: None,
                contract: None,
                renewal: None,
            },
            Target::Contract { department, number, contract, renewal } => Self {
                department,
                organization: None,
                solicitation: None,
                number: Some(number),
                contract,
                renewal,
            },
        }
    }
}

/// Asks for a waiver, in the transaction and under the locks of who knows its subject; it lowers
/// nothing until somebody else approves it.
///
/// # Errors
/// `Forbidden` to all but reviewers, supervisors and the department's contract officers, `Invalid`
/// with all that is wrong or missing.
pub async fn request(
    tx: &Tx,
    viewer: &Viewer,
    target: Target,
    policy: &Policy,
    input: &WaiverRequest,
) -> Result<Waiver> {
    may_request(viewer, target.department())?;
    let asked = rules::request(input, policy, viewer.now)?;
    let place = Place::from(target);
    let row = Waiver {
        id: WaiverId::generate(),
        rule: asked.rule.as_str().to_owned(),
        department_id: place.department,
        organization_id: place.organization,
        solicitation_id: place.solicitation,
        contract_number: place.number,
        contract_id: place.contract,
        renewal_id: place.renewal,
        purpose: asked.purpose,
        alternatives: asked.alternatives,
        cost: asked.cost,
        cost_cents: asked.cost_amount.as_ref().map(|cost| cost.cents),
        cost_currency: asked.cost_amount.map(|cost| cost.currency),
        authority: asked.authority,
        expires_on: asked.expires_on,
        expires_at: asked.expires_at,
        status: WaiverStatus::Requested,
        requested_by: viewer.subject.clone(),
        requested_at: viewer.now,
        approved_by: None,
        approved_at: None,
        revoked_by: None,
        revoked_at: None,
        revocation: None,
    };
    let row = store::waivers::insert(tx, row).await?;
    append(tx, viewer.actor(), row.id, "waiver.requested", &told(&row)).await?;
    Ok(row)
}

/// Who may ask for a waiver in a department.
///
/// # Errors
/// `Forbidden` to everybody else.
pub fn may_request(viewer: &Viewer, department: DepartmentId) -> Result<()> {
    if viewer.own_departments().contains(&department) {
        return Ok(());
    }
    viewer.requires(
        &[Role::BcaReviewer, Role::BcaSupervisor],
        "a reviewer, or a contract officer of that department, asks for a waiver",
    )
}

/// What the ledger is told of a request.
fn told(row: &Waiver) -> Value {
    json!({
        "rule": row.rule,
        "department": row.department_id,
        "organization": row.organization_id,
        "contractNumber": row.contract_number,
        "authority": row.authority,
        "expiresOn": row.expires_on,
    })
}

/// Approves a waiver that somebody else asked for: from now on it lowers its rule to a note,
/// wherever its subject is decided on, until it expires.
///
/// # Errors
/// `Forbidden` to all but supervisors and to who asked for it, `NotFound` without such a waiver,
/// `Conflict` if it is not waiting any more or has expired.
pub async fn approve(db: &Database, viewer: &Viewer, id: WaiverId) -> Result<Waiver> {
    viewer.requires(&[Role::BcaSupervisor], "only a supervisor approves a waiver")?;
    let tx = db.begin().await?;
    let row = store::lock_waiver(&tx, id).await?.ok_or(Fault::NotFound)?;
    if row.requested_by == viewer.subject {
        return Err(Fault::Forbidden("who asks for a waiver does not approve it"));
    }
    let status = row.status.approve().map_err(|_| Fault::conflict(where_it_is(&row)))?;
    if viewer.now >= row.expires_at {
        let told = format!("it would have ended on {}; ask for another", row.expires_on);
        return Err(Fault::conflict(told));
    }
    let row = Waiver {
        status,
        approved_by: Some(viewer.subject.clone()),
        approved_at: Some(viewer.now),
        ..row
    };
    let row = store::update_waiver(&tx, row).await?;
    append(&tx, viewer.actor(), row.id, "waiver.approved", &json!({})).await?;
    let rule = row.rule.parse::<RuleCode>();
    let revives = rule.map_or_else(|_| Revives::none(), |rule| Revives::rules(&[rule].into()));
    note_subject(&tx, &place(&row), revives, viewer.now).await?;
    // What it lowered weighs again from then on.
    note_subject(&tx, &place(&row), Revives::none(), row.expires_at).await?;
    tx.commit().await?;
    Ok(row)
}

/// Declines a waiver that was asked for, or takes one back: from now on its rule weighs again.
///
/// # Errors
/// `Forbidden` to all but supervisors, `NotFound` without such a waiver, `Invalid` without a
/// reason, `Conflict` if it was revoked already.
pub async fn revoke(db: &Database, viewer: &Viewer, id: WaiverId, reason: &str) -> Result<Waiver> {
    viewer.requires(&[Role::BcaSupervisor], "only a supervisor revokes a waiver")?;
    let mut problems = Problems::default();
    let reason = required(reason, PROSE, &Path::argument("reason"), &mut problems);
    problems.finish()?;
    let tx = db.begin().await?;
    let row = store::lock_waiver(&tx, id).await?.ok_or(Fault::NotFound)?;
    let status = row.status.revoke().map_err(|_| Fault::conflict(where_it_is(&row)))?;
    let row = Waiver {
        status,
        revoked_by: Some(viewer.subject.clone()),
        revoked_at: Some(viewer.now),
        revocation: Some(reason.clone()),
        ..row
    };
    let row = store::update_waiver(&tx, row).await?;
    append(&tx, viewer.actor(), row.id, "waiver.revoked", &json!({ "reason": reason })).await?;
    note_subject(&tx, &place(&row), Revives::none(), viewer.now).await?;
    tx.commit().await?;
    Ok(row)
}

fn where_it_is(row: &Waiver) -> String {
    match (&row.approved_by, &row.revoked_by) {
        (_, Some(by)) => format!("{by} revoked it already; reload"),
        (Some(by), None) => format!("{by} approved it already; reload"),
        (None, None) => "it changed meanwhile; reload".to_owned(),
    }
}

fn place(row: &Waiver) -> Place {
    Place {
        department: row.department_id,
        organization: row.organization_id,
        solicitation: row.solicitation_id,
        number: row.contract_number.clone(),
        contract: row.contract_id,
        renewal: row.renewal_id,
    }
}

/// Whatever hangs on the subject is looked at again: bids on the solicitation, and how the
/// contract stands.
async fn note_subject(
    tx: &Tx,
    place: &Place,
    revives: Revives,
    not_before: chrono::DateTime<chrono::Utc>,
) -> Result<()> {
    if let Some(solicitation) = place.solicitation {
        note(tx, (Changed::Solicitation, solicitation), revives.clone(), not_before).await?;
    }
    if let Some(contract) = place.contract {
        note(tx, (Changed::Contract, contract), revives, not_before).await?;
    }
    Ok(())
}

/// Claims an exemption, in the transaction and under the locks of who knows its subject.
///
/// # Errors
/// `Forbidden` to all but the department's contract officers, `Invalid` for a kind that the policy
/// does not make available, and without a reason.
pub async fn claim(
    tx: &Tx,
    viewer: &Viewer,
    target: Target,
    policy: &Policy,
    input: &ExemptionClaim,
) -> Result<Exemption> {
    viewer.officer_of(target.department())?;
    let (reason, authority) = rules::claim(input, policy)?;
    let place = Place::from(target);
    let row = Exemption {
        id: ExemptionId::generate(),
        kind: input.kind,
        department_id: place.department,
        organization_id: place.organization,
        solicitation_id: place.solicitation,
        contract_number: place.number.clone(),
        contract_id: place.contract,
        renewal_id: place.renewal,
        reason,
        authority,
        claimed_by: viewer.subject.clone(),
        claimed_at: viewer.now,
    };
    let row = store::exemptions::insert(tx, row).await?;
    append(tx, viewer.actor(), row.id, "exemption.claimed", &claimed(&row)).await?;
    let rules = [
        RuleCode::DisclosureMissing,
        RuleCode::DisclosureStale,
        RuleCode::DisclosureOutdatedTerms,
        RuleCode::MemberMissingDisclosure,
        RuleCode::SubcontractorMissingDisclosure,
    ];
    note_subject(tx, &place, Revives::rules(&rules.into()), viewer.now).await?;
    Ok(row)
}

/// What the ledger is told of a claim.
fn claimed(row: &Exemption) -> Value {
    json!({
        "kind": row.kind,
        "department": row.department_id,
        "organization": row.organization_id,
        "contractNumber": row.contract_number,
        "reason": row.reason,
        "authority": row.authority,
    })
}

/// Links what was for a contract to be, or for the bid that it comes of, to the contract.
///
/// # Errors
/// `Internal` if the database fails.
pub async fn attach(
    tx: &Tx,
    bid: Option<(Uuid, OrganizationId)>,
    number: (DepartmentId, &str),
    contract: Uuid,
) -> Result<()> {
    store::waivers::attach(tx, bid, number, contract).await?;
    store::exemptions::attach(tx, bid, number, contract).await?;
    Ok(())
}

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
    let waivers = Found::of(waivers.iter().map(|row| (place(row), row)));
    let exemptions = Found::of(exemptions.iter().map(|row| (place_of(row), row)));
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

fn place_of(row: &Exemption) -> Place {
    Place {
        department: row.department_id,
        organization: row.organization_id,
        solicitation: row.solicitation_id,
        number: row.contract_number.clone(),
        contract: row.contract_id,
        renewal: row.renewal_id,
    }
}

/// Rows by what they are for.
struct Found<'a, T> {
    bids: HashMap<(Uuid, OrganizationId), Vec<&'a T>>,
    numbers: HashMap<(DepartmentId, String), Vec<&'a T>>,
    contracts: HashMap<Uuid, Vec<(&'a T, Option<Uuid>, bool)>>,
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
                let entry = (row, place.renewal, on_solicitation.is_some());
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
                rows.extend(of_contract.filter_map(|(row, of, on_solicitation)| match of {
                    Some(of) if of == renewal => Some((*row, true)),
                    Some(_) => None,
                    None => Some((*row, !on_solicitation)),
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
        from,
        covers,
    }
}

/// The waivers and exemptions of some contracts, for what refers to them: by the contract's bare
/// UUID, the earliest first.
///
/// # Errors
/// `Internal` if the database fails.
pub async fn of_contracts(
    db: &impl ConnectionTrait,
    contracts: Vec<Uuid>,
) -> Result<(HashMap<Uuid, Vec<Waiver>>, HashMap<Uuid, Vec<Exemption>>)> {
    let (mut waivers, mut exemptions) = (HashMap::new(), HashMap::new());
    for row in store::waivers::sought(db, Vec::new(), contracts.clone(), &[]).await? {
        if let Some(contract) = row.contract_id {
            waivers.entry(contract).or_insert_with(Vec::new).push(row);
        }
    }
    for row in store::exemptions::sought(db, Vec::new(), contracts, &[]).await? {
        if let Some(contract) = row.contract_id {
            exemptions.entry(contract).or_insert_with(Vec::new).push(row);
        }
    }
    Ok((waivers, exemptions))
}

/// The waivers on some solicitations, for the rows of a screening: by the solicitation's bare UUID
/// and who bids, the earliest first.
///
/// # Errors
/// `Internal` if the database fails.
pub async fn on_solicitations(
    db: &impl ConnectionTrait,
    solicitations: Vec<Uuid>,
) -> Result<HashMap<(Uuid, OrganizationId), Vec<Waiver>>> {
    let mut found = HashMap::new();
    for row in store::waivers::sought(db, solicitations, Vec::new(), &[]).await? {
        if let Some(bid) = row.solicitation_id.zip(row.organization_id) {
            found.entry(bid).or_insert_with(Vec::new).push(row);
        }
    }
    Ok(found)
}

/// The waiver, if `viewer` may see it.
///
/// # Errors
/// `Internal` if the database fails.
pub async fn find_waiver(db: &Database, viewer: &Viewer, id: WaiverId) -> Result<Option<Waiver>> {
    Ok(store::waivers::find(&db.read, viewer, id).await?)
}

/// The exemption, if `viewer` may see it.
///
/// # Errors
/// `Internal` if the database fails.
pub async fn find_exemption(
    db: &Database,
    viewer: &Viewer,
    id: ExemptionId,
) -> Result<Option<Exemption>> {
    Ok(store::exemptions::find(&db.read, viewer, id).await?)
}

/// Compares every waiver with the ledger. Answers their number and what is wrong with the first
/// wrong one, if any is.
///
/// # Errors
/// `Internal` if the database fails.
pub async fn waivers_borne_out(db: &impl ConnectionTrait) -> Result<(u64, Option<String>)> {
    let batch = async |after, size| store::waivers::batch(db, after, size).await;
    ledger::service::borne_out(db, batch, |row: &waiver::Model| Claim {
        row: row.id.uuid(),
        name: format!("waiver {}", row.id),
        subject: row.id.uuid(),
        made_by: "waiver.requested",
        made_with: told(row),
        life: Some(Life { status: row.status.word(), set_by: LIFE }),
    })
    .await
}

/// As [`waivers_borne_out`], of the exemptions.
///
/// # Errors
/// `Internal` if the database fails.
pub async fn exemptions_borne_out(db: &impl ConnectionTrait) -> Result<(u64, Option<String>)> {
    let batch = async |after, size| store::exemptions::batch(db, after, size).await;
    ledger::service::borne_out(db, batch, |row: &exemption::Model| Claim {
        row: row.id.uuid(),
        name: format!("exemption {}", row.id),
        subject: row.id.uuid(),
        made_by: "exemption.claimed",
        made_with: claimed(row),
        life: None,
    })
    .await
}
