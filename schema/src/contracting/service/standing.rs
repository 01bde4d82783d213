//! How contracts stand: what the gate would say if they were carried on now, and whether a current
//! disclosure stands behind them. Kept with each contract, so that lists by it cost one statement,
//! and looked at again when something that it rests on has changed.
use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::ConnectionTrait;
use serde_json::json;
use uuid::Uuid;

use super::{ContractRow, RenewalRow, store};
use crate::contracting::model::{Basis, ContractId, RenewalId};
use crate::contracting::rules::day_after;
use crate::database::{Database, Tx};
use crate::decision::model::{NewlyResolved, Parties, Subject};
use crate::decision::service::{Considered, SERVICE, consider_all, members_now};
use crate::fault::{Fault, Result};
use crate::gate::facts::ContractFacts;
use crate::gate::{Action, Noncompliance, Outcome, Policy, SubjectKind, is_gated, find_noncompliance, next_reevaluation_at};
use crate::ledger::model::{Actor, LedgerAction};
use crate::ledger::service::append;
use crate::money::Money;
use crate::organization;
use crate::organization::model::{DepartmentId, OrganizationId, ResolvedParty};
use crate::organization::service::Department;
use crate::policy::service::{Timeline, timeline};
use crate::waiver::model::Sought;

/// What carries a contract on, or would.
#[derive(Clone, Debug)]
pub struct Carried {
    pub id: RenewalId,
    pub action: Action,
    pub organization: OrganizationId,
    pub start: NaiveDate,
    /// What it adds.
    pub value: Money,
}

impl Carried {
    /// What waits to be executed, or else a renewal that begins when the contract ends.
    fn of(row: &ContractRow, open: Option<&RenewalRow>) -> Self {
        match open {
            Some(open) => Self::from(open),
            None => Self {
                id: RenewalId::generate(),
                action: Action::Renewal,
                organization: row.organization_id,
                start: day_after(row.end_date),
                value: Money { cents: 0, currency: row.currency.clone() },
            },
        }
    }
}

impl From<&RenewalRow> for Carried {
    fn from(row: &RenewalRow) -> Self {
        Self {
            id: row.id,
            action: row.action,
            organization: row.organization_id,
            start: row.start_date,
            value: Money { cents: row.value_cents, currency: row.currency.clone() },
        }
    }
}

/// What is read once for many contracts.
pub(super) struct Around {
    departments: HashMap<DepartmentId, Department>,
    /// Whom each contract names, as it was kept.
    kept: HashMap<ContractId, Parties>,
    /// The same, with those resolved whose identifiers somebody bears since.
    parties: HashMap<ContractId, Parties>,
    /// The members that joint ventures name now to which contracts are to be assigned.
    assignees: HashMap<OrganizationId, Vec<ResolvedParty>>,
    pub(super) timeline: Timeline,
}

impl Around {
    /// Of contracts that are written, and of what carries each on; `carried` may be left empty
    /// where none is assigned.
    pub(super) async fn of(
        db: &impl ConnectionTrait,
        rows: &[ContractRow],
        carried: &[Carried],
        now: DateTime<Utc>,
    ) -> Result<Self> {
        let kept = store::parties(db, rows.iter().map(|row| row.id.uuid()).collect()).await?;
        Self::with_parties(db, rows, carried, kept, now).await
    }

    /// As [`Self::of`], of contracts that name these parties.
    async fn with_parties(
        db: &impl ConnectionTrait,
        rows: &[ContractRow],
        carried: &[Carried],
        kept: HashMap<ContractId, Parties>,
        now: DateTime<Utc>,
    ) -> Result<Self> {
        let both = rows.iter().zip(carried);
        let assigned = both.filter(|(row, carried)| carried.organization != row.organization_id);
        let assignees = assigned.map(|(_, carried)| carried.organization).collect();
        let mut assignees = members_now(db, assignees, now).await?;
        let mut parties = kept.clone();
        let named = parties.values_mut().flat_map(Parties::all_mut);
        let named = named.chain(assignees.values_mut().flatten()).collect();
        organization::service::resolve_pending(db, named, now).await?;
        let departments = rows.iter().map(|row| row.department_id.uuid()).collect();
        Ok(Self {
            departments: organization::service::departments_by_ids(db, departments).await?,
            kept,
            parties,
            assignees,
            timeline: timeline(db).await?,
        })
    }

    /// Whose disclosures what carries a contract on looks at: those of the contract, with the
    /// members of whom it is assigned to.
    pub(super) fn parties(&self, row: &ContractRow, carried: &Carried) -> Parties {
        let mut parties = self.parties.get(&row.id).cloned().unwrap_or_default();
        if carried.organization != row.organization_id {
            let members = self.assignees.get(&carried.organization);
            parties.members = members.cloned().unwrap_or_default();
        }
        parties
    }

    /// Which parties of a contract are resolved and were not when they were kept.
    fn newly_resolved(&self, contract: ContractId) -> NewlyResolved {
        match (self.parties.get(&contract), self.kept.get(&contract)) {
            (Some(now), Some(kept)) => now.resolved_since(kept),
            _ => NewlyResolved::default(),
        }
    }

    /// The moment at which a renewal that begins on a day, and is executed now, is judged: the
    /// later of the two.
    pub(super) fn reference(&self, start: NaiveDate, now: DateTime<Utc>) -> DateTime<Utc> {
        self.timeline.midnight(start, now).max(now)
    }

    /// The policy in force at a moment, and whether it has the gate decide on a renewal.
    pub(super) fn gating(
        &self,
        row: &ContractRow,
        carried: &Carried,
        at: DateTime<Utc>,
    ) -> Option<(Arc<Policy>, bool)> {
        let policy = self.timeline.at(at)?;
        let gated = is_gated(&policy, row.method, Some(carried.action), &amount(row, carried));
        Some((policy, gated))
    }

    /// Whether a contract was made under the ordinance: by the gate, or outside the service since
    /// the first policy began and in a way that the gate would have decided on.
    fn is_bound(&self, row: &ContractRow, policy: &Policy) -> bool {
        let value = Money { cents: row.value_cents, currency: row.currency.clone() };
        match row.basis {
            Basis::Gated => true,
            Basis::Ungated => false,
            Basis::Recorded => {
                self.timeline.began_on().is_some_and(|began| row.signed_on >= began)
                    && is_gated(policy, row.method, None, &value)
            }
        }
    }

    /// A renewal as the gate is asked about it.
    pub(super) fn subject(
        &self,
        row: &ContractRow,
        carried: &Carried,
        policy: &Policy,
        reference_at: DateTime<Utc>,
    ) -> Result<Subject> {
        let department = self.departments.get(&row.department_id).ok_or(Fault::NotFound)?;
        Ok(Subject {
            kind: SubjectKind::ContractRenewal,
            id: carried.id.into(),
            reference: row.number.clone(),
            title: row.title.clone(),
            department: department.name.clone(),
            contact: department.contact.clone(),
            reference_at,
            amount: Some(amount(row, carried)),
            public_works: row.public_works,
            method: row.method,
            action: Some(carried.action),
            contract: Some(ContractFacts {
                clause_version: row.clause_version.and_then(|it| u32::try_from(it).ok()),
                signed_on: row.signed_on,
                is_under_ordinance: self.is_bound(row, policy),
            }),
            sought: Sought::Renewal {
                contract: row.id.uuid(),
                awarded_at: self.timeline.midnight(row.signed_on, reference_at),
                renewal: carried.id.uuid(),
            },
            organization: carried.organization,
            parties: self.parties(row, carried),
            policy_version: i64::from(policy.version()),
        })
    }
}

/// What a contract comes to once it is carried on.
fn amount(row: &ContractRow, carried: &Carried) -> Money {
    let cents = row.value_cents.saturating_add(carried.value.cents);
    Money { cents, currency: row.currency.clone() }
}

/// What would happen if a contract were carried on now.
#[derive(Clone, Debug)]
pub struct Ready {
    pub carried: Carried,
    /// Whether the policy has the gate decide; what it does not is recorded only.
    pub gated: bool,
    /// What the gate would say if it were asked; none while nothing is law.
    pub considered: Option<Considered>,
}

impl Ready {
    /// What comes of it.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        let gated = self.considered.as_ref().filter(|_| self.gated);
        gated.map_or(Outcome::Admit, |considered| considered.decision.outcome)
    }
}

/// What the gate would say of each of some contracts if it were carried on now, in their order:
/// by what waits to be executed, or else by a renewal when it ends.
///
/// # Errors
/// `Internal` if the database fails.
pub async fn ready(
    db: &impl ConnectionTrait,
    rows: &[ContractRow],
    now: DateTime<Utc>,
) -> Result<Vec<Ready>> {
    let carried = carried_on(db, rows).await?;
    let around = Around::of(db, rows, &carried, now).await?;
    ready_around(db, &around, rows, carried, now).await
}

/// What carries each of some contracts on: what waits to be executed, or else a renewal.
async fn carried_on(db: &impl ConnectionTrait, rows: &[ContractRow]) -> Result<Vec<Carried>> {
    let open = store::open_of(db, rows.iter().map(|row| row.id.uuid()).collect()).await?;
    Ok(rows.iter().map(|row| Carried::of(row, open.get(&row.id))).collect())
}

async fn ready_around(
    db: &impl ConnectionTrait,
    around: &Around,
    rows: &[ContractRow],
    carried: Vec<Carried>,
    now: DateTime<Utc>,
) -> Result<Vec<Ready>> {
    let (mut subjects, mut gates) = (Vec::new(), Vec::new());
    for (row, carried) in rows.iter().zip(&carried) {
        let at = around.reference(carried.start, now);
        let gate = around.gating(row, carried, at);
        gates.push(gate.as_ref().map(|(_, gated)| *gated));
        if let Some((policy, _)) = gate {
            subjects.push(around.subject(row, carried, &policy, at)?);
        }
    }
    let mut considered = consider_all(db, subjects, now).await?.into_iter();
    let ready = carried.into_iter().zip(gates).map(|(carried, gate)| Ready {
        carried,
        gated: gate.unwrap_or(false),
        considered: gate.and_then(|_| considered.next()),
    });
    Ok(ready.collect())
}

/// How a contract stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Standing {
    readiness: Outcome,
    lapse: Option<Noncompliance>,
    /// Until when (UTC) the time alone changes neither.
    until: Option<DateTime<Utc>>,
}

async fn standings(
    db: &impl ConnectionTrait,
    around: &Around,
    rows: &[ContractRow],
    carried: Vec<Carried>,
    now: DateTime<Utc>,
) -> Result<Vec<Standing>> {
    let ready = ready_around(db, around, rows, carried, now).await?;
    // The duty is a matter of today, whatever is proposed.
    let mut today = Vec::new();
    let policy = around.timeline.at(now);
    if let Some(policy) = &policy {
        let subjects = rows.iter().map(|row| {
            let carried = Carried::of(row, None);
            around.subject(row, &carried, policy, now)
        });
        today = consider_all(db, subjects.collect::<Result<_>>()?, now).await?;
    }
    let mut today = today.into_iter();
    let standings = ready.into_iter().map(|ready| {
        let duty = today.next();
        let begins = around.timeline.midnight(ready.carried.start, now);
        let times = [
            ready.considered.as_ref().and_then(|it| next_reevaluation_at(&it.policy, &it.facts)),
            duty.as_ref().and_then(|it| next_reevaluation_at(&it.policy, &it.facts)),
            around.timeline.next_change(now),
            (begins > now).then_some(begins),
        ];
        Standing {
            readiness: ready.outcome(),
            lapse: duty.as_ref().and_then(|it| find_noncompliance(&it.policy, &it.facts)),
            until: times.into_iter().flatten().min(),
        }
    });
    Ok(standings.collect())
}

/// The same contracts, each as it stands now.
///
/// # Errors
/// `Internal` if the database fails.
pub(super) async fn stood(
    db: &impl ConnectionTrait,
    rows: Vec<ContractRow>,
    now: DateTime<Utc>,
) -> Result<Vec<ContractRow>> {
    let carried = carried_on(db, &rows).await?;
    let around = Around::of(db, &rows, &carried, now).await?;
    stood_around(db, &around, rows, carried, now).await
}

/// As [`stood`], of contracts that are not written yet and name these parties.
pub(super) async fn stood_with(
    db: &impl ConnectionTrait,
    rows: Vec<ContractRow>,
    parties: HashMap<ContractId, Parties>,
    now: DateTime<Utc>,
) -> Result<Vec<ContractRow>> {
    let carried: Vec<Carried> = rows.iter().map(|row| Carried::of(row, None)).collect();
    let around = Around::with_parties(db, &rows, &carried, parties, now).await?;
    stood_around(db, &around, rows, carried, now).await
}

async fn stood_around(
    db: &impl ConnectionTrait,
    around: &Around,
    rows: Vec<ContractRow>,
    carried: Vec<Carried>,
    now: DateTime<Utc>,
) -> Result<Vec<ContractRow>> {
    let standings = standings(db, around, &rows, carried, now).await?;
    let rows = rows.into_iter().zip(standings).map(|(row, standing)| ContractRow {
        readiness: standing.readiness,
        lapsed_for: standing.lapse.map(|it| it.code.as_str().to_owned()),
        lapsed_since: standing.lapse.map(|it| it.since),
        standing_until: standing.until,
        ..row
    });
    Ok(rows.collect())
}

/// Looks at some contracts again, in a transaction of its own, and keeps how they stand; how many
/// stand otherwise than before.
///
/// # Errors
/// `Unavailable` or `Internal` if the database fails.
pub(super) async fn stand_anew(
    db: &Database,
    now: DateTime<Utc>,
    contracts: Vec<Uuid>,
) -> Result<u64> {
    let tx = db.begin().await?;
    let changed = refresh(&tx, now, contracts).await?;
    tx.commit().await?;
    Ok(changed)
}

/// As [`stand_anew`], in a transaction that holds whatever else it changes.
pub(super) async fn refresh(tx: &Tx, now: DateTime<Utc>, contracts: Vec<Uuid>) -> Result<u64> {
    let before = store::lock(tx, contracts).await?;
    let carried = carried_on(&**tx, &before).await?;
    let around = Around::of(&**tx, &before, &carried, now).await?;
    for row in &before {
        // Kept before anything else is decided: who claims the identifier later changes nothing.
        let resolved = around.newly_resolved(row.id);
        if !resolved.is_empty() {
            let actor = Actor { subject: SERVICE.name(), at: now };
            store::keep_resolutions(tx, row.id, &resolved).await?;
            let mut data = resolved.ledger_data();
            data["organization"] = json!(row.organization_id);
            append(tx, actor, row.id, LedgerAction::ContractPartiesResolved, &data).await?;
        }
    }
    let after = stood_around(&**tx, &around, before.clone(), carried, now).await?;
    let mut changed = 0;
    for (before, after) in before.into_iter().zip(after) {
        if before != after {
            store::update_standing(tx, &after).await?;
            changed += 1;
        }
    }
    Ok(changed)
}
