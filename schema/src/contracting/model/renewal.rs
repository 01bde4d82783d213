//! The values of a contract action, a renewal in any form: states and their transitions, and input.
use async_graphql::InputObject;
use chrono::{DateTime, NaiveDate, Utc};

use super::{Basis, ContractId};
use crate::decision::model::DecisionId;
use crate::disclosure::model::DisclosureId;
use crate::gate::ContractAction;
use crate::money::{Money, MoneyText};
use crate::organization::model::OrganizationId;
use crate::principal::Principal;
use crate::scalar::Date;
use crate::transition::{InvalidTransition, transition};

typed_id! {
    /// A contract action.
    RenewalId, "ren"
}

string_enum! {
    /// The status of a contract action.
    pub enum RenewalStatus {
        /// Proposed and not yet executed; at most one for each contract.
        Proposed,
        /// Executed.
        Executed,
        /// Replaced by another proposal.
        Superseded,
    }
}

/// The decision that admitted an award or a contract action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Admission {
    pub decision_id: DecisionId,
    /// The applicable filing; none if it was admitted without one.
    pub disclosure_id: Option<DisclosureId>,
}

/// The execution of a contract action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Execution {
    /// UTC.
    pub at: DateTime<Utc>,
    pub by: Principal,
    /// None if the action was not subject to the gate.
    pub admission: Option<Admission>,
}

impl Execution {
    #[must_use]
    pub const fn basis(&self) -> Basis {
        if self.admission.is_some() { Basis::Gated } else { Basis::Ungated }
    }
}

/// The state of a contract action, with the data of that state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RenewalState {
    Proposed,
    Executed(Execution),
    Superseded,
}

impl RenewalState {
    #[must_use]
    pub const fn status(&self) -> RenewalStatus {
        match self {
            Self::Proposed => RenewalStatus::Proposed,
            Self::Executed(_) => RenewalStatus::Executed,
            Self::Superseded => RenewalStatus::Superseded,
        }
    }

    /// The execution; none unless the action was executed.
    #[must_use]
    pub const fn execution(&self) -> Option<&Execution> {
        if let Self::Executed(execution) = self { Some(execution) } else { None }
    }

    /// The decision that admitted the action; none if there is none.
    #[must_use]
    pub fn admission(&self) -> Option<&Admission> {
        self.execution().and_then(|execution| execution.admission.as_ref())
    }

    /// The state after execution.
    ///
    /// # Errors
    /// Unless the action is proposed.
    pub fn execute(self, execution: Execution) -> Result<Self, InvalidTransition<RenewalStatus>> {
        let allowed = [RenewalStatus::Proposed];
        transition(self.status(), &allowed, RenewalStatus::Executed)?;
        Ok(Self::Executed(execution))
    }

    /// The state after another proposal replaces it.
    ///
    /// # Errors
    /// Unless the action is proposed.
    pub fn supersede(self) -> Result<Self, InvalidTransition<RenewalStatus>> {
        let allowed = [RenewalStatus::Proposed];
        transition(self.status(), &allowed, RenewalStatus::Superseded)?;
        Ok(Self::Superseded)
    }
}

/// A contract action, without related objects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RenewalRecord {
    pub id: RenewalId,
    pub contract_id: ContractId,
    pub action: ContractAction,
    /// The organization whose disclosure is checked: the holder, or the assignee of an assignment.
    pub organization_id: OrganizationId,
    /// The number of the amendment or task order.
    pub number: Option<String>,
    /// The first and the last day (City time).
    pub start_date: NaiveDate,
    pub end_date: NaiveDate,
    /// The value added to the contract or the value of the task order.
    pub value: Money,
    /// UTC.
    pub proposed_at: DateTime<Utc>,
    pub proposed_by: Principal,
    pub state: RenewalState,
}

/// A contract action to propose.
#[derive(Clone, Debug, InputObject)]
pub struct RenewalInput {
    /// The contract.
    pub contract_id: ContractId,
    /// The kind of action. One that is not subject to the gate is recorded without a decision.
    pub action: ContractAction,
    /// The first day; by default the day after the contract ends, and today for an assignment, an
    /// amendment or a task order.
    pub start_date: Option<Date>,
    /// The last day; by default a month later for a holdover, and the contract's last day for an
    /// assignment or an amendment. Required for the others.
    pub end_date: Option<Date>,
    /// The value added to the contract, or the value of a task order; by default zero.
    pub value: Option<MoneyText>,
    /// The organization to which the contract is assigned; required for an assignment and only then.
    pub assignee_id: Option<OrganizationId>,
    /// The number of the amendment or task order; required for a task order.
    pub number: Option<String>,
    /// The identifier of the action that waits on the contract, to put this one in its place. Required if
    /// one waits, and only then.
    pub replaces: Option<RenewalId>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::principal::ServiceActor;

    #[test]
    fn only_a_proposed_action_is_executed_or_superseded() {
        let by = Principal::from(ServiceActor::Service);
        let execution = Execution { at: DateTime::UNIX_EPOCH, by, admission: None };
        assert_eq!(execution.basis(), Basis::Ungated);
        let executed = RenewalState::Executed(execution.clone());
        assert_eq!(RenewalState::Proposed.execute(execution.clone()), Ok(executed.clone()));
        assert_eq!(RenewalState::Proposed.supersede(), Ok(RenewalState::Superseded));
        for state in [executed, RenewalState::Superseded] {
            let from = state.status();
            let refused = state.clone().execute(execution.clone());
            assert_eq!(refused, Err(InvalidTransition { from, to: RenewalStatus::Executed }));
            let to = RenewalStatus::Superseded;
            assert_eq!(state.supersede(), Err(InvalidTransition { from, to }));
        }
    }
}
