//! GraphQL types of policy simulations.
use std::collections::BTreeMap;

use async_graphql::{ID, SimpleObject};

use crate::disclosure;
use crate::gate::RuleCode;
use crate::organization::model::{DepartmentId, OrganizationId};
use crate::scalar::Date;
use crate::screening::model::SimulatedOutcome;
use crate::screening::service::{self, ChangedSubject};

/// The outcomes of bids or contracts under a changed policy. A simulation writes nothing.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct PolicySimulation {
    /// The number of bids or contracts simulated.
    subjects: u64,
    /// The number with another outcome.
    changed: u64,
    /// The number of subjects by outcome before and after the change.
    outcome_counts: Vec<SimulationCount>,
    /// The same for each department.
    by_department: Vec<DepartmentSimulation>,
    /// The first subjects with another outcome, as many as were requested.
    changed_subjects: Vec<SimulationChange>,
    /// What a change of the questions asks of firms; null if the questions stay the same.
    refiling: Option<Refiling>,
}

/// What a change of a policy's questions asks of firms: their filings on file become outdated, and they
/// have to file again. The counts are City-wide.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct Refiling {
    /// The changed questions, each in words.
    questions: Vec<&'static str>,
    /// The local day from which the changed questions are asked; the next one if the change names none.
    effective_from: Date,
    /// The last local day on which the outdated filings count.
    counts_until: Date,
    /// The number of filings on file that become outdated.
    filings: u64,
    /// The number of firms that have to file again.
    firms: u64,
    /// The number of those firms by the number of answers in their filing, the fewest answers first.
    firms_by_answers: Vec<FirmsByAnswers>,
    /// The same in sentences.
    text: String,
}

/// The number of firms whose filings have the same number of answers.
#[derive(Clone, Copy, Debug, SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct FirmsByAnswers {
    /// The number of answers: one for each agreement and each data-sharing arrangement, and one for each
    /// statement that there is none.
    answers: u64,
    /// The number of firms.
    firms: u64,
}

impl From<disclosure::service::Refiling> for Refiling {
    fn from(refiling: disclosure::service::Refiling) -> Self {
        let by_answers = refiling.firms_by_answers.into_iter();
        Self {
            questions: refiling.questions,
            effective_from: refiling.policy.effective_from().into(),
            counts_until: refiling.counts_until.into(),
            filings: refiling.filings,
            firms: refiling.firms,
            firms_by_answers: by_answers
                .map(|(answers, firms)| FirmsByAnswers { answers, firms })
                .collect(),
            text: refiling.text,
        }
    }
}

/// The number of subjects with one outcome before and one after the change.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct SimulationCount {
    /// The outcome under the policy as it is.
    before: SimulatedOutcome,
    /// The outcome under the changed policy.
    after: SimulatedOutcome,
    /// The number of subjects.
    count: u64,
}

/// The result of a simulation in one department.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct DepartmentSimulation {
    /// The department.
    department_id: DepartmentId,
    /// The department's name.
    name: String,
    /// The number of its subjects with another outcome.
    changed: u64,
    /// The number of its subjects by outcome before and after the change.
    outcome_counts: Vec<SimulationCount>,
}

/// A bid or contract with another outcome under the changed policy.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct SimulationChange {
    /// The identifier of the bid or contract.
    subject_id: ID,
    /// The number of the bid's solicitation, or of the contract.
    reference: String,
    /// The department.
    department_id: DepartmentId,
    /// The bidder, or the holder of the contract.
    organization_id: OrganizationId,
    /// The organization's name.
    organization_name: String,
    /// The outcome under the policy as it is.
    before: SimulatedOutcome,
    /// The outcome under the changed policy.
    after: SimulatedOutcome,
    /// Codes of rules whose findings would no longer hold or block it.
    removed_findings: Vec<&'static str>,
    /// Codes of rules whose findings would newly hold or block it.
    added_findings: Vec<&'static str>,
}

impl From<ChangedSubject> for SimulationChange {
    fn from(changed: ChangedSubject) -> Self {
        Self {
            subject_id: ID(changed.id),
            reference: changed.reference,
            department_id: changed.department,
            organization_id: changed.organization,
            organization_name: changed.name,
            before: changed.before,
            after: changed.after,
            removed_findings: changed.removed_findings.into_iter().map(RuleCode::as_str).collect(),
            added_findings: changed.added_findings.into_iter().map(RuleCode::as_str).collect(),
        }
    }
}

type CountTable = BTreeMap<(SimulatedOutcome, SimulatedOutcome), u64>;

fn into_counts(counts: CountTable) -> Vec<SimulationCount> {
    let counts = counts.into_iter();
    counts.map(|((before, after), count)| SimulationCount { before, after, count }).collect()
}

impl PolicySimulation {
    /// Converts a simulation; `names` holds the names of its departments.
    #[must_use]
    pub fn new(
        simulation: service::PolicySimulation,
        names: &BTreeMap<DepartmentId, String>,
    ) -> Self {
        let (mut all, mut by_department) =
            (CountTable::new(), BTreeMap::<DepartmentId, CountTable>::new());
        for ((department, before, after), count) in simulation.counts {
            *all.entry((before, after)).or_default() += count;
            let own = by_department.entry(department).or_default();
            *own.entry((before, after)).or_default() += count;
        }
        let by_department = by_department.into_iter().map(|(department_id, counts)| {
            let otherwise = counts.iter().filter(|((before, after), _)| before != after);
            DepartmentSimulation {
                department_id,
                name: names.get(&department_id).cloned().unwrap_or_default(),
                changed: otherwise.map(|(_, count)| count).sum(),
                outcome_counts: into_counts(counts),
            }
        });
        Self {
            subjects: simulation.subjects,
            changed: simulation.changed,
            by_department: by_department.collect(),
            outcome_counts: into_counts(all),
            changed_subjects: simulation
                .changed_subjects
                .into_iter()
                .map(SimulationChange::from)
                .collect(),
            refiling: simulation.refiling.map(Refiling::from),
        }
    }
}
