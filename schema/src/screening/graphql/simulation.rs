//! How clients see what a changed policy would do.
use std::collections::BTreeMap;

use async_graphql::{ID, SimpleObject};

use crate::gate::RuleCode;
use crate::organization::model::{DepartmentId, OrganizationId};
use crate::screening::model::SimulatedOutcome;
use crate::screening::service::{ChangedSubject, PolicySimulation};

/// What a changed policy would have done, or would do. Nothing was written.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct PolicySimulation {
    /// How many subjects it was tried on.
    subjects: u64,
    /// How many come out otherwise.
    changed: u64,
    /// What came out how before, and how it would come out.
    table: Vec<SimulationCount>,
    /// The same by department.
    by_department: Vec<DepartmentSimulation>,
    /// The first subjects that come out otherwise, as many as were asked for.
    changed_subjects: Vec<SimulationChange>,
}

/// How many came out so before, and would come out so.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct SimulationCount {
    /// How they came out.
    before: SimulatedOutcome,
    /// How they would come out.
    after: SimulatedOutcome,
    /// How many.
    count: u64,
}

/// What it would do in one department.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct DepartmentSimulation {
    /// The department.
    department_id: DepartmentId,
    /// Its name.
    name: String,
    /// How many of its subjects come out otherwise.
    changed: u64,
    /// What came out how before, and how it would come out.
    table: Vec<SimulationCount>,
}

/// A subject that would come out otherwise.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct SimulationChange {
    /// The bid or the contract.
    subject_id: ID,
    /// The number of its solicitation or its own.
    reference: String,
    /// The department.
    department_id: DepartmentId,
    /// Who bids, or holds the contract.
    organization_id: OrganizationId,
    /// Its name.
    organization_name: String,
    /// How it came out.
    before: SimulatedOutcome,
    /// How it would come out.
    after: SimulatedOutcome,
    /// The rules that would not stand in its way any more, by their codes.
    gone: Vec<&'static str>,
    /// The rules that would stand in its way besides, by their codes.
    found: Vec<&'static str>,
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
            gone: changed.removed_findings.into_iter().map(RuleCode::as_str).collect(),
            found: changed.found.into_iter().map(RuleCode::as_str).collect(),
        }
    }
}

type Table = BTreeMap<(SimulatedOutcome, SimulatedOutcome), u64>;

fn listed(table: Table) -> Vec<SimulationCount> {
    let counts = table.into_iter();
    counts.map(|((before, after), count)| SimulationCount { before, after, count }).collect()
}

impl PolicySimulation {
    /// What was simulated, with the names of the departments.
    #[must_use]
    pub fn new(simulated: PolicySimulation, names: &BTreeMap<DepartmentId, String>) -> Self {
        let (mut all, mut by_department) = (Table::new(), BTreeMap::<DepartmentId, Table>::new());
        for ((department, before, after), count) in simulated.counts {
            *all.entry((before, after)).or_default() += count;
            let own = by_department.entry(department).or_default();
            *own.entry((before, after)).or_default() += count;
        }
        let by_department = by_department.into_iter().map(|(department_id, table)| {
            let otherwise = table.iter().filter(|((before, after), _)| before != after);
            DepartmentSimulation {
                department_id,
                name: names.get(&department_id).cloned().unwrap_or_default(),
                changed: otherwise.map(|(_, count)| count).sum(),
                table: listed(table),
            }
        });
        Self {
            subjects: simulated.subjects,
            changed: simulated.changed,
            by_department: by_department.collect(),
            counts: listed(all),
            changed_subjects: simulated.changed_subjects.into_iter().map(SimulationChange::from).collect(),
        }
    }
}
