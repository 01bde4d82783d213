//! What a changed policy would have done, or would do: for the people who draft the ordinance.
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};

use super::{SCREENING_ROLES, SCREENING_IS_FOR_STAFF, validate_bid_filter, validate_contract_filter};
use crate::compute::Compute;
use crate::contracting;
use crate::contracting::service::{Include, Ready};
use crate::database::Database;
use crate::decision;
use crate::decision::model::DecisionId;
use crate::fault::{Fault, FieldPath, InputErrors, Result};
use crate::gate::{Decision, Facts, Outcome, Policy, RuleCode, decide, is_gated};
use crate::organization::model::{DepartmentId, OrganizationId, Viewer};
use crate::screening::model::{PolicyChange, SimulatedOutcome, SimulationScope};
use crate::screening::rules::{self, ValidBidFilter, ValidContractFilter};
use crate::screening::store;
use crate::text::validate_date;

/// How many bids are read and decided at a time, in one piece of computing.
const BIDS: usize = 1_000;
/// How many contracts are read and decided at a time.
const CONTRACTS: usize = 100;
/// The most subjects of one simulation.
const MOST: usize = 100_000;

/// What a change makes of many subjects.
#[derive(Clone, Debug, Default)]
pub struct PolicySimulation {
    /// How many subjects it was tried on.
    pub subjects: u64,
    /// How many of each department's came out so before, and come out so after.
    pub counts: BTreeMap<(DepartmentId, SimulatedOutcome, SimulatedOutcome), u64>,
    /// How many came out otherwise.
    pub changed: u64,
    /// The first of those.
    pub changed_subjects: Vec<ChangedSubject>,
}

/// A subject that a change lets come out otherwise.
#[derive(Clone, Debug)]
pub struct ChangedSubject {
    /// The bid's or the contract's identifier.
    pub id: String,
    /// What people call it by.
    pub reference: String,
    pub department: DepartmentId,
    pub organization: OrganizationId,
    pub name: String,
    pub before: SimulatedOutcome,
    pub after: SimulatedOutcome,
    /// The rules that weigh more than a note only before, and only after.
    pub removed_findings: Vec<RuleCode>,
    pub found: Vec<RuleCode>,
}

/// Tries a change of the policy on bids, from their stored facts, or on contracts as if they were
/// carried on now. Nothing is written.
///
/// # Errors
/// `Forbidden` to who is no member of staff, `Invalid` for a change that no policy may hold or a
/// scope that is none, `LimitExceeded` for too many subjects, and as [`Compute::run`].
pub async fn simulate_policy(
    db: &Database,
    viewer: &Viewer,
    change: &PolicyChange,
    scope: SimulationScope,
    first: usize,
) -> Result<PolicySimulation> {
    viewer.requires(&SCREENING_ROLES, SCREENING_IS_FOR_STAFF)?;
    let mut tried = Tried::new(change.clone())?;
    // What may not be published is told before anything is read.
    if let Some(newest) = crate::policy::service::find_latest(&db.read).await? {
        tried.version(&Arc::new(newest.policy))?;
    }
    match (scope.bids, scope.contracts) {
        (Some(filter), None) => {
            let filter = validate_bid_filter(viewer, filter)?;
            over_bids(db, viewer, &filter, tried, first).await
        }
        (None, Some(filter)) => {
            let filter = validate_contract_filter(viewer, filter)?;
            over_contracts(db, viewer, &filter, tried, first).await
        }
        _ => {
            let told = "Try it on bids or on contracts: give one of the two filters, {} for all.";
            Err(Fault::invalid(&FieldPath::argument("scope"), "contradiction", told))
        }
    }
}

/// The change, and each version of the policy with it.
struct Tried {
    change: PolicyChange,
    effective_from: Option<NaiveDate>,
    versions: HashMap<u32, Arc<Policy>>,
}

impl Tried {
    fn new(change: PolicyChange) -> Result<Self> {
        let mut problems = InputErrors::default();
        let path = FieldPath::argument("change").at("effectiveFrom");
        let from = change.effective_from.as_ref();
        let effective_from = from.and_then(|typed| validate_date(typed, &path, &mut problems));
        problems.finish()?;
        Ok(Self { change, effective_from, versions: HashMap::new() })
    }

    /// A version with the change.
    fn version(&mut self, policy: &Arc<Policy>) -> Result<Arc<Policy>> {
        if let Some(known) = self.versions.get(&policy.version()) {
            return Ok(Arc::clone(known));
        }
        let changed = Arc::new(rules::apply_policy_change(policy, &self.change, self.effective_from)?);
        self.versions.insert(policy.version(), Arc::clone(&changed));
        Ok(changed)
    }

    /// The policy that would decide at a moment.
    fn at(&mut self, policy: &Arc<Policy>, reference_at: DateTime<Utc>) -> Result<Arc<Policy>> {
        let changed = self.version(policy)?;
        let begins = self.effective_from.map(|_| changed.effective_from_utc());
        let begun = begins.is_none_or(|begins| begins <= reference_at);
        Ok(if begun { changed } else { Arc::clone(policy) })
    }
}

/// A subject with what was said of it, and the same facts under another policy.
struct Subject<'a> {
    id: String,
    department: DepartmentId,
    organization: OrganizationId,
    facts: &'a Facts,
    /// None if the policy did not have the gate decide.
    before: Option<&'a Decision>,
    after: Option<Decision>,
}

impl PolicySimulation {
    fn count(&mut self, subject: Subject<'_>, first: usize) {
        self.subjects += 1;
        let before = outcome(subject.before);
        let after = outcome(subject.after.as_ref());
        *self.counts.entry((subject.department, before, after)).or_default() += 1;
        if before == after {
            return;
        }
        self.changed += 1;
        if self.changed_subjects.len() < first {
            let (was, is) = (weighing(subject.before), weighing(subject.after.as_ref()));
            self.changed_subjects.push(ChangedSubject {
                id: subject.id,
                reference: subject.facts.subject.reference.clone(),
                department: subject.department,
                organization: subject.organization,
                name: subject.facts.organization.name.clone(),
                before,
                after,
                removed_findings: was.iter().filter(|code| !is.contains(code)).copied().collect(),
                found: is.iter().filter(|code| !was.contains(code)).copied().collect(),
            });
        }
    }
}

/// Of all that the scope holds, read once: what a batch costs does not grow with their number.
fn not_too_many<T>(subjects: Vec<T>) -> Result<Vec<T>> {
    if subjects.len() > MOST {
        let told = format!("more than {MOST} subjects; narrow the scope, as by department");
        return Err(Fault::LimitExceeded(told.into()));
    }
    Ok(subjects)
}

fn outcome(decision: Option<&Decision>) -> SimulatedOutcome {
    match decision.map(|decision| decision.outcome) {
        None => SimulatedOutcome::Ungated,
        Some(Outcome::Admit) => SimulatedOutcome::Admit,
        Some(Outcome::Review) => SimulatedOutcome::Review,
        Some(Outcome::Block) => SimulatedOutcome::Block,
    }
}

fn weighing(decision: Option<&Decision>) -> Vec<RuleCode> {
    let findings = decision.into_iter().flat_map(|it| &it.findings);
    let mut codes: Vec<_> = findings
        .filter(|finding| finding.severity != crate::gate::Severity::Note)
        .map(|finding| finding.code)
        .collect();
    codes.sort_unstable();
    codes.dedup();
    codes
}

async fn over_bids(
    db: &Database,
    viewer: &Viewer,
    filter: &ValidBidFilter,
    mut tried: Tried,
    first: usize,
) -> Result<PolicySimulation> {
    let compute = db.cached::<Compute>();
    let mut simulated = PolicySimulation::default();
    let bids = store::list_decided_bids(&db.read, viewer, filter, MOST as u64 + 1).await?;
    for batch in not_too_many(bids)?.chunks(BIDS) {
        let ids = batch.iter().map(|(_, decision, ..)| decision.uuid()).collect();
        let stored = decision::service::stored_by_ids(&db.read, viewer, ids).await?;
        let batch = batch.to_vec();
        let decide_batch = move || {
            let kept = stored.read()?.into_iter().map(|kept| (kept.row.id, kept));
            let mut kept: HashMap<DecisionId, _> = kept.collect();
            for (bid, decision, department, organization) in batch {
                let Some(kept) = kept.remove(&decision) else { continue };
                let policy = tried.at(&kept.policy, kept.facts.reference_at)?;
                let subject = Subject {
                    id: bid.to_string(),
                    department,
                    organization,
                    after: Some(decide(&policy, &kept.facts)),
                    before: Some(&kept.decision),
                    facts: &kept.facts,
                };
                simulated.count(subject, first);
            }
            Ok::<_, Fault>((tried, simulated))
        };
        (tried, simulated) = compute.run(&viewer.subject, decide_batch).await??;
    }
    Ok(simulated)
}

async fn over_contracts(
    db: &Database,
    viewer: &Viewer,
    filter: &ValidContractFilter,
    mut tried: Tried,
    first: usize,
) -> Result<PolicySimulation> {
    let compute = db.cached::<Compute>();
    let mut simulated = PolicySimulation::default();
    let contracts = store::list_contract_ids(&db.read, viewer, filter, MOST as u64 + 1).await?;
    for batch in not_too_many(contracts)?.chunks(CONTRACTS) {
        let ids = batch.iter().map(|id| id.uuid()).collect();
        let contracts =
            contracting::service::visible_by_ids(db, viewer, ids, Include::default()).await?;
        let mut contracts: Vec<_> = contracts.into_values().map(|contract| contract.row).collect();
        contracts.sort_unstable_by_key(|row| row.id);
        let ready = contracting::service::ready(&db.read, &contracts, viewer.now).await?;
        let decide_batch = move || {
            for (row, Ready { carried, gated, considered }) in contracts.iter().zip(&ready) {
                // Before the first policy there is nothing that could be changed.
                let Some(considered) = considered else { continue };
                let facts = &considered.facts;
                let policy = tried.at(&considered.policy, facts.reference_at)?;
                let amount = facts.amount.as_ref();
                let stays = amount
                    .is_some_and(|it| is_gated(&policy, row.method, Some(carried.action), it));
                let subject = Subject {
                    id: row.id.to_string(),
                    department: row.department_id,
                    organization: row.organization_id,
                    facts,
                    before: gated.then_some(&considered.decision),
                    after: stays.then(|| decide(&policy, facts)),
                };
                simulated.count(subject, first);
            }
            Ok::<_, Fault>((tried, simulated))
        };
        (tried, simulated) = compute.run(&viewer.subject, decide_batch).await??;
    }
    Ok(simulated)
}
