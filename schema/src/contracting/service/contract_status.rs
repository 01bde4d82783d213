//! Computes and caches contract status: the outcome if the contract were carried on now, and at its end if
//! nothing more were filed; when its disclosure lapses; and its compliance with the duty to keep a
//! current disclosure. The status is stored with each contract, so
//! that lists can filter by it, and refreshed when something that it depends on changes.
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::ConnectionTrait;
use serde_json::json;
use uuid::Uuid;

use super::{ContractRow, ProposedAction, store};
use crate::contracting::model::{Basis, ContractId};
use crate::contracting::rules::day_after;
use crate::database::{Database, Tx};
use crate::decision::model::{EvaluationRequest, NewlyResolved, Parties, PartyOwner};
use crate::decision::service::{
    Evaluation, PreparedEvaluations, SERVICE_ACTOR, list_current_members, list_parties,
    prepare_all, save_resolutions,
};
use crate::fault::{Fault, Result};
use crate::gate::facts::ContractFacts;
use crate::gate::{
    Noncompliance, Outcome, Policy, SubjectKind, find_lapse_date, find_noncompliance, is_gated,
    next_reevaluation_at,
};
use crate::ledger::model::{Actor, LedgerAction};
use crate::ledger::service::append;
use crate::money::Money;
use crate::organization;
use crate::organization::model::{DepartmentId, OrganizationId, ResolvedParty};
use crate::organization::service::{Department, SearchBy, resolve_pending_parties};
use crate::policy::service::{PolicyTimeline, load_timeline};
use crate::waiver::model::ReliefLookup;

/// The seconds after which the members of joint ventures are searched for again.
const SEARCHED_EVERY: i64 = 3_600;

/// The data that is loaded once to evaluate many contracts.
pub(super) struct LookupContext {
    departments: HashMap<DepartmentId, Department>,
    /// The parties of each contract, as stored.
    stored_parties: HashMap<ContractId, Parties>,
    /// The parties of each contract, with newly resolved ones.
    parties: HashMap<ContractId, Parties>,
    /// The current members of each joint venture to which a contract is to be assigned.
    assignees: HashMap<OrganizationId, Vec<ResolvedParty>>,
    /// The bare UUIDs of the actions of each contract that were executed.
    executed: HashMap<ContractId, Vec<Uuid>>,
    pub(super) timeline: PolicyTimeline,
}

impl LookupContext {
    /// Loads the data for stored contracts and one action for each; `actions` may be empty if none is an
    /// assignment.
    pub(super) async fn load(
        db: &impl ConnectionTrait,
        rows: &[ContractRow],
        actions: &[ProposedAction],
        now: DateTime<Utc>,
    ) -> Result<Self> {
        let ids = rows.iter().map(|row| row.id.uuid()).collect();
        let stored_parties = list_parties(db, PartyOwner::Contract, ids).await?.into_iter();
        let stored_parties =
            stored_parties.map(|(id, parties)| (ContractId::from_uuid(id), parties)).collect();
        Self::load_with_parties(db, rows, actions, stored_parties, now).await
    }

    /// As [`Self::load`], for contracts with these parties.
    async fn load_with_parties(
        db: &impl ConnectionTrait,
        rows: &[ContractRow],
        actions: &[ProposedAction],
        stored_parties: HashMap<ContractId, Parties>,
        now: DateTime<Utc>,
    ) -> Result<Self> {
        let pairs = rows.iter().zip(actions);
        let assigned = pairs.filter(|(row, action)| action.organization != row.organization_id);
        let assignees = assigned.map(|(_, action)| action.organization).collect();
        let mut assignees = list_current_members(db, assignees, now).await?;
        let mut parties = stored_parties.clone();
        let stored = parties.values_mut().flat_map(Parties::all_mut).collect();
        resolve_pending_parties(db, stored, SearchBy::Number, now).await?;
        let new = assignees.values_mut().flatten().collect();
        resolve_pending_parties(db, new, SearchBy::NumberOrName, now).await?;
        let departments = rows.iter().map(|row| row.department_id.uuid()).collect();
        Ok(Self {
            departments: organization::service::load_departments(db, departments).await?,
            stored_parties,
            parties,
            assignees,
            executed: store::list_executed(db, rows.iter().map(|row| row.id.uuid()).collect())
                .await?,
            timeline: load_timeline(db).await?,
        })
    }

    /// The parties whose disclosures are checked for an action: those of the contract, for an assignment
    /// with the members of the assignee.
    pub(super) fn parties_for(&self, row: &ContractRow, action: &ProposedAction) -> Parties {
        let mut parties = self.parties.get(&row.id).cloned().unwrap_or_default();
        if action.organization != row.organization_id {
            let members = self.assignees.get(&action.organization);
            parties.members = members.cloned().unwrap_or_default();
        }
        parties
    }

    /// Whether an action assigns its contract to a joint venture that names a member without its id. Until the
    /// action is executed the member is searched for each time, and what it does finds no contract.
    fn assigns_to_names(&self, row: &ContractRow, action: &ProposedAction) -> bool {
        let members = self.assignees.get(&action.organization).map(Vec::as_slice);
        action.organization != row.organization_id
            && members.unwrap_or_default().iter().any(|it| it.party.organization_id.is_none())
    }

    /// The parties of a contract that are resolved now and not as stored.
    fn newly_resolved(&self, contract: ContractId) -> NewlyResolved {
        match (self.parties.get(&contract), self.stored_parties.get(&contract)) {
            (Some(current), Some(stored)) => current.newly_resolved_since(stored),
            _ => NewlyResolved::default(),
        }
    }

    /// The reference time of an action: the later of its start and `now`.
    pub(super) fn reference_time(&self, start: NaiveDate, now: DateTime<Utc>) -> DateTime<Utc> {
        self.timeline.local_midnight(start, now).max(now)
    }

    /// The reference time of an action on the day after a contract's last one, or `now` if that has passed.
    fn end_time(&self, row: &ContractRow, now: DateTime<Utc>) -> DateTime<Utc> {
        self.reference_time(day_after(row.end_date), now)
    }

    /// The policy in force at a time, and whether the action is subject to the gate under it; none if
    /// no policy is in force.
    pub(super) fn find_gating(
        &self,
        row: &ContractRow,
        action: &ProposedAction,
        at: DateTime<Utc>,
    ) -> Option<(Arc<Policy>, bool)> {
        let policy = self.timeline.in_force_at(at)?;
        let is_gated =
            is_gated(&policy, row.method, Some(action.action), &total_value(row, action));
        Some((policy, is_gated))
    }

    /// Returns whether the ordinance applies to a contract: it was admitted by the gate, or it was signed
    /// outside the service after the first policy took effect and would have been subject to the gate.
    fn is_under_ordinance(&self, row: &ContractRow, policy: &Policy) -> bool {
        let value = Money { cents: row.value_cents, currency: row.currency.clone() };
        match row.basis {
            Basis::Gated => true,
            Basis::Ungated => false,
            Basis::Recorded => {
                self.timeline.first_effective_date().is_some_and(|first| row.signed_on >= first)
                    && is_gated(policy, row.method, None, &value)
            }
        }
    }

    /// Builds the subject of a decision on an action.
    pub(super) fn renewal_subject(
        &self,
        row: &ContractRow,
        action: &ProposedAction,
        policy: &Policy,
        reference_at: DateTime<Utc>,
    ) -> Result<EvaluationRequest> {
        let department = self.departments.get(&row.department_id).ok_or(Fault::NotFound)?;
        Ok(EvaluationRequest {
            kind: SubjectKind::ContractRenewal,
            id: action.id.into(),
            reference: row.number.clone(),
            title: row.title.clone(),
            department: department.name.clone(),
            contact: department.contact.clone(),
            reference_at,
            received_at: None,
            amount: Some(total_value(row, action)),
            is_public_works: row.public_works,
            method: row.method,
            action: Some(action.action),
            contract: Some(ContractFacts {
                clause_version: row.clause_version.and_then(|it| u32::try_from(it).ok()),
                signed_on: row.signed_on,
                is_under_ordinance: self.is_under_ordinance(row, policy),
                clause_added_on: row.clause_inserted_on.filter(|added| *added > row.signed_on),
                ends_on: action.end,
                runs_until: Some(row.end_date),
            }),
            relief_lookup: ReliefLookup::Renewal {
                contract: row.id.uuid(),
                awarded_at: self.timeline.local_midnight(row.signed_on, reference_at),
                renewal: action.id.uuid(),
                executed: self.executed.get(&row.id).cloned().unwrap_or_default(),
            },
            organization: action.organization,
            parties: self.parties_for(row, action),
            admitted_under: BTreeSet::new(),
            policy_version: i64::from(policy.version()),
        })
    }
}

/// The total value of a contract after an action.
fn total_value(row: &ContractRow, action: &ProposedAction) -> Money {
    let cents = row.value_cents.saturating_add(action.value.cents);
    Money { cents, currency: row.currency.clone() }
}

/// The evaluation of a contract as if its proposed or assumed action were executed at a time.
#[derive(Clone, Debug)]
pub struct Outlook {
    /// Whether the action is subject to the gate; otherwise it is recorded without a decision.
    pub is_gated: bool,
    /// The evaluation by the gate; none if no policy is in force.
    pub evaluation: Option<Evaluation>,
}

impl Outlook {
    /// The outcome; `Admit` if the action is not subject to the gate.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        let evaluation = self.evaluation.as_ref().filter(|_| self.is_gated);
        evaluation.map_or(Outcome::Admit, |evaluation| evaluation.decision.outcome)
    }
}

/// What the gate would decide if a contract were carried on by its proposed or assumed action.
#[derive(Clone, Debug)]
pub struct RenewalReadiness {
    pub action: ProposedAction,
    /// Executed now.
    pub today: Outlook,
    /// Executed on the day after the contract's last one, or now if that has passed, if nothing changed
    /// until then.
    pub at_end: Outlook,
}

/// Loads what the readiness of contracts depends on, so that the caller can decide on a blocking thread:
/// each contract, in order, as if its open proposal or, without one, an option or a renewal were executed
/// now and at its end.
pub async fn prepare_readiness(
    db: &impl ConnectionTrait,
    rows: &[ContractRow],
    now: DateTime<Utc>,
) -> Result<PreparedReadiness> {
    let actions = load_proposed_actions(db, rows).await?;
    let context = LookupContext::load(db, rows, &actions, now).await?;
    prepare_readiness_in(db, &context, rows, actions, now).await
}

/// Evaluates each contract as [`prepare_readiness`] says.
pub async fn evaluate_readiness(
    db: &impl ConnectionTrait,
    rows: &[ContractRow],
    now: DateTime<Utc>,
) -> Result<Vec<RenewalReadiness>> {
    prepare_readiness(db, rows, now).await?.decide()
}

/// Contracts with everything that their readiness depends on.
pub struct PreparedReadiness {
    actions: Vec<ProposedAction>,
    /// For each contract the outlook of today and the one of its end.
    outlooks: PreparedOutlooks,
}

impl PreparedReadiness {
    /// Decides all contracts, in their order. CPU time grows with their number and the size of their
    /// facts.
    ///
    /// # Errors
    /// `NotFound` without an organization.
    pub fn decide(self) -> Result<Vec<RenewalReadiness>> {
        let mut outlooks = self.outlooks.decide()?.into_iter();
        let mut next = || outlooks.next().ok_or_else(lost_evaluation);
        let actions = self.actions.into_iter();
        let readiness =
            actions.map(|action| Ok(RenewalReadiness { action, today: next()?, at_end: next()? }));
        readiness.collect()
    }
}

/// Contracts with everything that their readiness at the end depends on.
pub struct PreparedEnds {
    actions: Vec<ProposedAction>,
    outlooks: PreparedOutlooks,
}

impl PreparedEnds {
    /// Decides all contracts, in their order, each with the action that is evaluated. CPU time grows with
    /// their number and the size of their facts.
    ///
    /// # Errors
    /// `NotFound` without an organization.
    pub fn decide(self) -> Result<Vec<(ProposedAction, Outlook)>> {
        Ok(self.actions.into_iter().zip(self.outlooks.decide()?).collect())
    }
}

/// Loads what the readiness of each contract at its end depends on, in order.
pub async fn prepare_readiness_at_end(
    db: &impl ConnectionTrait,
    rows: &[ContractRow],
    now: DateTime<Utc>,
) -> Result<PreparedEnds> {
    let actions = load_proposed_actions(db, rows).await?;
    let context = LookupContext::load(db, rows, &actions, now).await?;
    let mut requests = EvaluationRequests::default();
    for (row, action) in rows.iter().zip(&actions) {
        requests.add(&context, row, action, context.end_time(row, now))?;
    }
    Ok(PreparedEnds { actions, outlooks: requests.prepare(db).await? })
}

/// Loads the open proposal of each contract or, without one, assumes an option or a renewal.
async fn load_proposed_actions(
    db: &impl ConnectionTrait,
    rows: &[ContractRow],
) -> Result<Vec<ProposedAction>> {
    let open =
        store::list_open_proposals(db, rows.iter().map(|row| row.id.uuid()).collect()).await?;
    Ok(rows
        .iter()
        .map(|row| ProposedAction::from_open_or_assumed(row, open.get(&row.id)))
        .collect())
}

async fn prepare_readiness_in(
    db: &impl ConnectionTrait,
    context: &LookupContext,
    rows: &[ContractRow],
    actions: Vec<ProposedAction>,
    now: DateTime<Utc>,
) -> Result<PreparedReadiness> {
    let mut requests = EvaluationRequests::default();
    for (row, action) in rows.iter().zip(&actions) {
        for at in [now, context.end_time(row, now)] {
            requests.add(context, row, action, at)?;
        }
    }
    Ok(PreparedReadiness { actions, outlooks: requests.prepare(db).await? })
}

fn lost_evaluation() -> Fault {
    Fault::Internal("a contract was not evaluated".into())
}

/// Actions to evaluate together, each at its own time.
#[derive(Default)]
struct EvaluationRequests {
    /// Whether each action is subject to the gate; none if no policy is in force.
    gates: Vec<Option<bool>>,
    requests: Vec<(EvaluationRequest, DateTime<Utc>)>,
}

impl EvaluationRequests {
    /// Adds an action as if it were executed at a time (UTC).
    fn add(
        &mut self,
        context: &LookupContext,
        row: &ContractRow,
        action: &ProposedAction,
        at: DateTime<Utc>,
    ) -> Result<()> {
        let gating = context.find_gating(row, action, at);
        self.gates.push(gating.as_ref().map(|(_, is_gated)| *is_gated));
        if let Some((policy, _)) = gating {
            self.requests.push((context.renewal_subject(row, action, &policy, at)?, at));
        }
        Ok(())
    }

    /// Loads what the actions depend on.
    async fn prepare(self, db: &impl ConnectionTrait) -> Result<PreparedOutlooks> {
        let Self { gates, requests } = self;
        Ok(PreparedOutlooks { gates, evaluations: prepare_all(db, requests).await? })
    }
}

/// Actions with everything that their evaluation depends on.
struct PreparedOutlooks {
    gates: Vec<Option<bool>>,
    evaluations: PreparedEvaluations,
}

impl PreparedOutlooks {
    /// Evaluates the actions, in the order in which they were added.
    fn decide(self) -> Result<Vec<Outlook>> {
        let mut evaluations = self.evaluations.decide()?.into_iter();
        let outlooks = self.gates.into_iter().map(|gate| Outlook {
            is_gated: gate.unwrap_or(false),
            evaluation: gate.and_then(|_| evaluations.next()),
        });
        Ok(outlooks.collect())
    }
}

/// The status of a contract at one time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct ContractStatus {
    readiness: Outcome,
    readiness_at_end: Outcome,
    disclosure_lapses_on: Option<NaiveDate>,
    noncompliance: Option<Noncompliance>,
    /// When the passing of time may change the status (UTC).
    expires_at: Option<DateTime<Utc>>,
}

/// Returns the end of the period of [`SEARCHED_EVERY`] seconds that a time is in: the same one until then.
fn next_search(now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let period = now.timestamp().div_euclid(SEARCHED_EVERY);
    DateTime::from_timestamp((period + 1) * SEARCHED_EVERY, 0)
}

async fn compute_statuses(
    db: &impl ConnectionTrait,
    context: &LookupContext,
    rows: &[ContractRow],
    actions: Vec<ProposedAction>,
    now: DateTime<Utc>,
) -> Result<Vec<ContractStatus>> {
    // The holder's duty to keep a current disclosure is checked regardless of any proposal and of its
    // waivers. Where none waits, the evaluation for today has the same facts.
    let mut duties = EvaluationRequests::default();
    for (row, _) in rows.iter().zip(&actions).filter(|(_, action)| action.is_proposed) {
        duties.add(context, row, &ProposedAction::from_open_or_assumed(row, None), now)?;
    }
    let mut duties = duties.prepare(db).await?.decide()?.into_iter();
    let ready = prepare_readiness_in(db, context, rows, actions, now).await?.decide()?;
    let in_force = context.timeline.in_force_from(now);
    let next_policy_at = context.timeline.next_effective_after(now);
    let mut statuses = Vec::new();
    for (row, ready) in rows.iter().zip(ready) {
        let duty = if ready.action.is_proposed {
            duties.next().ok_or_else(lost_evaluation)?.evaluation
        } else {
            ready.today.evaluation.clone()
        };
        let ends_at = context.timeline.local_midnight(day_after(row.end_date), now);
        let next_change = |evaluation: Option<&Evaluation>| {
            evaluation.and_then(|it| next_reevaluation_at(&it.policy, &it.facts))
        };
        let times = [
            next_change(ready.today.evaluation.as_ref()),
            next_change(duty.as_ref()),
            next_policy_at,
            (ends_at > now).then_some(ends_at),
            context.assigns_to_names(row, &ready.action).then(|| next_search(now)).flatten(),
        ];
        let on_file = duty.as_ref().and_then(|it| it.facts.organization.disclosure.as_ref());
        statuses.push(ContractStatus {
            readiness: ready.today.outcome(),
            readiness_at_end: ready.at_end.outcome(),
            disclosure_lapses_on: on_file.and_then(|it| find_lapse_date(&in_force, &it.filing)),
            noncompliance: duty.as_ref().and_then(|it| find_noncompliance(&it.policy, &it.facts)),
            expires_at: times.into_iter().flatten().min(),
        });
    }
    Ok(statuses)
}

/// Returns the rows with their status at `now` (UTC).
pub(super) async fn with_status(
    db: &impl ConnectionTrait,
    rows: Vec<ContractRow>,
    now: DateTime<Utc>,
) -> Result<Vec<ContractRow>> {
    let actions = load_proposed_actions(db, &rows).await?;
    let context = LookupContext::load(db, &rows, &actions, now).await?;
    with_status_in(db, &context, rows, actions, now).await
}

/// As [`with_status`], for contracts that are not stored yet and have these parties.
pub(super) async fn with_status_given_parties(
    db: &impl ConnectionTrait,
    rows: Vec<ContractRow>,
    parties: HashMap<ContractId, Parties>,
    now: DateTime<Utc>,
) -> Result<Vec<ContractRow>> {
    let actions: Vec<ProposedAction> =
        rows.iter().map(|row| ProposedAction::from_open_or_assumed(row, None)).collect();
    let context = LookupContext::load_with_parties(db, &rows, &actions, parties, now).await?;
    with_status_in(db, &context, rows, actions, now).await
}

async fn with_status_in(
    db: &impl ConnectionTrait,
    context: &LookupContext,
    rows: Vec<ContractRow>,
    actions: Vec<ProposedAction>,
    now: DateTime<Utc>,
) -> Result<Vec<ContractRow>> {
    let statuses = compute_statuses(db, context, &rows, actions, now).await?;
    let rows = rows.into_iter().zip(statuses).map(|(row, status)| ContractRow {
        readiness: status.readiness,
        readiness_at_end: status.readiness_at_end,
        disclosure_lapses_on: status.disclosure_lapses_on,
        noncompliance_code: status.noncompliance.map(|it| it.code.as_str().to_owned()),
        noncompliant_since: status.noncompliance.map(|it| it.since),
        status_expires_at: status.expires_at,
        ..row
    });
    Ok(rows.collect())
}

/// Refreshes the cached status of contracts in its own transaction. Returns how many have changed.
pub(super) async fn refresh_contract_status(
    db: &Database,
    now: DateTime<Utc>,
    contracts: Vec<Uuid>,
) -> Result<u64> {
    let tx = db.begin().await?;
    let changed = refresh_contract_status_in_tx(&tx, now, contracts).await?;
    tx.commit().await?;
    Ok(changed)
}

/// As [`refresh_contract_status`], within the transaction of another change.
pub(super) async fn refresh_contract_status_in_tx(
    tx: &Tx,
    now: DateTime<Utc>,
    contracts: Vec<Uuid>,
) -> Result<u64> {
    let before = store::lock(tx, contracts).await?;
    let actions = load_proposed_actions(&**tx, &before).await?;
    let context = LookupContext::load(&**tx, &before, &actions, now).await?;
    for row in &before {
        // Stored first: a later claim of the identifier must not change the resolution.
        let resolved = context.newly_resolved(row.id);
        if !resolved.is_empty() {
            let actor = Actor { subject: SERVICE_ACTOR.name(), at: now };
            save_resolutions(tx, PartyOwner::Contract, row.id.uuid(), &resolved).await?;
            let mut data = resolved.ledger_data();
            data["organization"] = json!(row.organization_id);
            append(tx, actor, row.id, LedgerAction::ContractPartiesResolved, &data).await?;
        }
    }
    let after = with_status_in(&**tx, &context, before.clone(), actions, now).await?;
    let mut changed = 0;
    for (before, after) in before.into_iter().zip(after) {
        if before != after {
            store::update_status(tx, &after).await?;
            changed += 1;
        }
    }
    Ok(changed)
}
