//! GraphQL types of policy simulations.
use std::collections::BTreeMap;

use async_graphql::{ID, SimpleObject};

use crate::gate::RuleCode;
use crate::organization::model::{DepartmentId, OrganizationId};
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
        }
    }
}
