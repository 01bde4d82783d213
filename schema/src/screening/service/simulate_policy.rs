//! Simulates a policy change on past bids or on contracts, for the people who draft the ordinance.
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};

use super::{SCREENING_IS_FOR_STAFF, validate_bid_filter, validate_contract_filter};
use crate::compute::Compute;
use crate::contracting;
use crate::contracting::service::ContractInclude;
use crate::database::Database;
use crate::decision;
use crate::decision::model::DecisionId;
use crate::disclosure;
use crate::disclosure::service::Refiling;
use crate::fault::{Fault, FieldPath, InputErrors, Result};
use crate::gate::{Decision, Facts, Finding, Outcome, Policy, RuleCode, decide, is_gated};
use crate::organization;
use crate::organization::model::{DepartmentId, OrganizationId, Viewer};
use crate::policy;
use crate::screening::model::{
    PolicyChange, SimulatedOutcome, SimulatedPolicy, SimulationScope, ValidBidFilter,
    ValidContractFilter,
};
use crate::screening::{rules, store};
use crate::text::validate_date;
use crate::user_message::UserMessage;

/// The number of bids that are loaded and decided together, in one computation.
const BID_BATCH_SIZE: usize = 1_000;
/// The number of contracts that are loaded and decided together.
const CONTRACT_BATCH_SIZE: usize = 100;
/// The most bids or contracts of one simulation.
const MAX_SUBJECTS: usize = 100_000;

/// The result of a simulation.
#[derive(Clone, Debug, Default)]
pub struct PolicySimulation {
    /// How many subjects it was variants on.
    pub subjects: u64,
    /// The number of subjects by department, outcome before and outcome after the change.
    pub counts: BTreeMap<(DepartmentId, SimulatedOutcome, SimulatedOutcome), u64>,
    /// The number of subjects with another outcome.
    pub changed: u64,
    /// The first of the subjects with another outcome.
    pub changed_subjects: Vec<ChangedSubject>,
    /// What the change of the questions asks of firms; none if the questions stay, or no policy is
    /// published.
    pub refiling: Option<Refiling>,
}

/// A subject with another outcome after the change.
#[derive(Clone, Debug)]
pub struct ChangedSubject {
    /// The bid's or the contract's identifier.
    pub id: String,
    /// The number of the bid's solicitation, or of the contract.
    pub reference: String,
    pub department: DepartmentId,
    /// The bidder or holder, or what it was merged into.
    pub organization: OrganizationId,
    pub name: String,
    pub before: SimulatedOutcome,
    pub after: SimulatedOutcome,
    /// Rules whose findings hold or block the subject only before the change.
    pub removed_findings: Vec<RuleCode>,
    /// Rules whose findings hold or block the subject only after the change.
    pub added_findings: Vec<RuleCode>,
}

/// Simulates a policy change, or a whole policy, on bids, from their stored facts, or on contracts, as if
/// they were renewed now, and lists the `first` changed subjects. It writes nothing.
///
/// # Errors
/// `Forbidden` unless the viewer is City staff, `Invalid` for a change that makes the policy invalid, a
/// text that could not be published or a malformed scope, `LimitExceeded` for more than 100,000 subjects,
/// and as [`Compute::run`].
#[tracing::instrument(skip_all)]
pub async fn simulate_policy(
    db: &Database,
    viewer: &Viewer,
    simulated: SimulatedPolicy,
    scope: SimulationScope,
    first: usize,
) -> Result<PolicySimulation> {
    viewer.require_staff(SCREENING_IS_FOR_STAFF)?;
    let mut variants = PolicyVariants::load(db, viewer, simulated).await?;
    // A change that cannot be published is refused before subjects are loaded.
    let newest = policy::service::find_latest(&db.read).await?;
    let newest = newest.map(|newest| Arc::new(newest.policy));
    let refiling = match &newest {
        Some(newest) => {
            let changed = variants.newest_variant(newest, viewer.now)?;
            disclosure::service::find_refiling(&db.read, newest, &changed).await?
        }
        None => None,
    };
    let mut simulated = match (scope.bids, scope.contracts) {
        (Some(filter), None) => {
            let filter = validate_bid_filter(viewer, filter)?;
            simulate_bids(db, viewer, &filter, variants, first).await?
        }
        (None, Some(filter)) => {
            let filter = validate_contract_filter(viewer, filter)?;
            simulate_contracts(db, viewer, &filter, variants, first).await?
        }
        (None, None) | (Some(_), Some(_)) => {
            return Err(Fault::invalid(&FieldPath::argument("scope"), UserMessage::ScopeUnclear));
        }
    };
    name_survivors(db, viewer, &mut simulated.changed_subjects).await?;
    Ok(PolicySimulation { refiling, ..simulated })
}

/// Makes each bidder or holder that was merged the organization that it was merged into, with its name.
async fn name_survivors(
    db: &Database,
    viewer: &Viewer,
    subjects: &mut [ChangedSubject],
) -> Result<()> {
    let ids = subjects.iter().map(|subject| subject.organization.uuid()).collect();
    let include = organization::service::OrganizationInclude::default();
    let firms =
        organization::service::load_visible_survivors(&db.read, viewer, ids, include).await?;
    for subject in subjects {
        let firm = firms.get(&subject.organization);
        if let Some(firm) = firm.filter(|firm| firm.row.id != subject.organization) {
            subject.organization = firm.row.id;
            subject.name.clone_from(&firm.row.legal_name);
        }
    }
    Ok(())
}

/// The policies that decide the subjects of a simulation.
enum PolicyVariants {
    /// A policy change, with each policy version that it was applied to.
    Change {
        change: PolicyChange,
        effective_from: Option<NaiveDate>,
        versions: HashMap<u32, Arc<Policy>>,
    },
    /// One policy for all.
    Whole(Arc<Policy>),
}

impl PolicyVariants {
    async fn load(db: &Database, viewer: &Viewer, simulated: SimulatedPolicy) -> Result<Self> {
        match simulated {
            SimulatedPolicy::Change(change) => {
                let mut errors = InputErrors::default();
                let path = FieldPath::argument("change").at("effectiveFrom");
                let from = change.effective_from.as_ref();
                let effective_from =
                    from.and_then(|typed| validate_date(typed, &path, &mut errors));
                errors.finish()?;
                Ok(Self::Change { change, effective_from, versions: HashMap::new() })
            }
            SimulatedPolicy::Text(text) => {
                let path = FieldPath::argument("text");
                let read =
                    policy::service::read_publishable_text(&db.read, viewer, &text, &path).await?;
                Ok(Self::Whole(Arc::new(read)))
            }
        }
    }

    /// Returns what a simulation makes of the newest policy, for the filings that it makes outdated. A
    /// change without a day takes effect on the next local day, the earliest that a publication may have.
    fn newest_variant(&mut self, newest: &Arc<Policy>, now: DateTime<Utc>) -> Result<Arc<Policy>> {
        match self {
            Self::Change { change, effective_from: None, .. } => {
                let tomorrow = newest.calendar().local_date(now).succ_opt();
                Ok(Arc::new(rules::apply_policy_change(newest, change, tomorrow)?))
            }
            Self::Change { .. } | Self::Whole(_) => self.variant_of(newest),
        }
    }

    /// Returns the variant of a policy version.
    fn variant_of(&mut self, policy: &Arc<Policy>) -> Result<Arc<Policy>> {
        match self {
            Self::Whole(whole) => Ok(Arc::clone(whole)),
            Self::Change { change, effective_from, versions } => {
                if let Some(known) = versions.get(&policy.version()) {
                    return Ok(Arc::clone(known));
                }
                let changed = rules::apply_policy_change(policy, change, *effective_from)?;
                let changed = Arc::new(changed);
                versions.insert(policy.version(), Arc::clone(&changed));
                Ok(changed)
            }
        }
    }

    /// Returns the policy that would decide a subject with this reference time: the variant, or the
    /// unchanged policy before a change takes effect. A whole policy decides every subject, so that it is
    /// tried on past bids; its own effective day says until when older answers count.
    fn policy_at(
        &mut self,
        policy: &Arc<Policy>,
        reference_at: DateTime<Utc>,
    ) -> Result<Arc<Policy>> {
        let variant = self.variant_of(policy)?;
        let is_in_effect = match self {
            Self::Change { effective_from: Some(_), .. } => {
                variant.effective_from_utc() <= reference_at
            }
            Self::Change { effective_from: None, .. } | Self::Whole(_) => true,
        };
        Ok(if is_in_effect { variant } else { Arc::clone(policy) })
    }
}

/// A subject with its decision and the decision on the same facts under the changed policy.
struct Subject<'a> {
    id: String,
    department: DepartmentId,
    organization: OrganizationId,
    facts: &'a Facts,
    /// `None` if the policy did not require a decision of the gate.
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
            let (was, is) = (
                review_or_block_codes(subject.before),
                review_or_block_codes(subject.after.as_ref()),
            );
            self.changed_subjects.push(ChangedSubject {
                id: subject.id,
                reference: subject.facts.subject.reference.clone(),
                department: subject.department,
                organization: subject.organization,
                name: subject.facts.organization.name.clone(),
                before,
                after,
                removed_findings: was.iter().filter(|code| !is.contains(code)).copied().collect(),
                added_findings: is.iter().filter(|code| !was.contains(code)).copied().collect(),
            });
        }
    }
}

/// Returns the subjects unless there are too many. All identifiers are loaded at once, so that the
/// cost of a batch does not grow with the number of subjects.
fn require_subject_limit<T>(subjects: Vec<T>) -> Result<Vec<T>> {
    if subjects.len() > MAX_SUBJECTS {
        let message = format!(
            "more than {MAX_SUBJECTS} subjects; narrow the scope, for example by department"
        );
        return Err(Fault::LimitExceeded(message.into()));
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

fn review_or_block_codes(decision: Option<&Decision>) -> Vec<RuleCode> {
    let findings = decision.into_iter().flat_map(|it| &it.findings);
    let mut codes: Vec<_> = findings
        .filter(|finding| finding.severity != crate::gate::Severity::Note)
        .map(Finding::code)
        .collect();
    codes.sort_unstable();
    codes.dedup();
    codes
}

async fn simulate_bids(
    db: &Database,
    viewer: &Viewer,
    filter: &ValidBidFilter,
    mut variants: PolicyVariants,
    first: usize,
) -> Result<PolicySimulation> {
    let compute = db.cached::<Compute>();
    let mut simulated = PolicySimulation::default();
    let bids = store::list_decided_bids(&db.read, viewer, filter, MAX_SUBJECTS as u64 + 1).await?;
    for batch in require_subject_limit(bids)?.chunks(BID_BATCH_SIZE) {
        let ids = batch.iter().map(|(_, decision, ..)| decision.uuid()).collect();
        let stored = decision::service::load_unparsed_by_ids(&db.read, viewer, ids).await?;
        let batch = batch.to_vec();
        let decide_batch = move || {
            let stored = stored.parse()?.into_iter().map(|stored| (stored.row.id, stored));
            let mut stored: HashMap<DecisionId, _> = stored.collect();
            for (bid, decision, department, organization) in batch {
                let Some(stored) = stored.remove(&decision) else { continue };
                let policy = variants.policy_at(&stored.policy, stored.facts.reference_at)?;
                let subject = Subject {
                    id: bid.to_string(),
                    department,
                    organization,
                    after: Some(decide(&policy, &stored.facts)),
                    before: Some(&stored.decision),
                    facts: &stored.facts,
                };
                simulated.count(subject, first);
            }
            Ok::<_, Fault>((variants, simulated))
        };
        (variants, simulated) = compute.run(&viewer.subject, decide_batch).await??;
    }
    Ok(simulated)
}

async fn simulate_contracts(
    db: &Database,
    viewer: &Viewer,
    filter: &ValidContractFilter,
    mut variants: PolicyVariants,
    first: usize,
) -> Result<PolicySimulation> {
    let compute = db.cached::<Compute>();
    let mut simulated = PolicySimulation::default();
    let contracts =
        store::list_contract_ids(&db.read, viewer, filter, MAX_SUBJECTS as u64 + 1).await?;
    for batch in require_subject_limit(contracts)?.chunks(CONTRACT_BATCH_SIZE) {
        let ids = batch.iter().map(|id| id.uuid()).collect();
        let contracts = contracting::service::load_visible_contracts(
            db,
            viewer,
            ids,
            ContractInclude::default(),
        )
        .await?;
        let mut contracts: Vec<_> = contracts.into_values().map(|contract| contract.row).collect();
        contracts.sort_unstable_by_key(|row| row.id);
        let ready =
            contracting::service::prepare_readiness_at_end(&db.read, &contracts, viewer.now)
                .await?;
        let decide_batch = move || {
            let ready = ready.decide()?;
            for (row, (action, at_end)) in contracts.iter().zip(&ready) {
                // Before the first policy takes effect there is no policy to change.
                let Some(considered) = &at_end.evaluation else { continue };
                let facts = &considered.facts;
                let policy = variants.policy_at(&considered.policy, facts.reference_at)?;
                let amount = facts.amount.as_ref();
                let is_still_gated =
                    amount.is_some_and(|it| is_gated(&policy, row.method, Some(action.action), it));
                let subject = Subject {
                    id: row.id.to_string(),
                    department: row.department_id,
                    organization: row.organization_id,
                    facts,
                    before: at_end.is_gated.then_some(&considered.decision),
                    after: is_still_gated.then(|| decide(&policy, facts)),
                };
                simulated.count(subject, first);
            }
            Ok::<_, Fault>((variants, simulated))
        };
        (variants, simulated) = compute.run(&viewer.subject, decide_batch).await??;
    }
    Ok(simulated)
}
