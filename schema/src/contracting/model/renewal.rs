//! The values and input of a contract action: a renewal in any form.
use async_graphql::InputObject;

use super::ContractId;
use crate::gate::ContractAction;
use crate::money::MoneyText;
use crate::organization::model::OrganizationId;
use crate::scalar::Date;

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

/// The current status does not allow this transition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidTransition;

impl RenewalStatus {
    /// The status after execution.
    ///
    /// # Errors
    /// Unless the action is proposed.
    pub fn execute(self) -> Result<Self, InvalidTransition> {
        if self == Self::Proposed { Ok(Self::Executed) } else { Err(InvalidTransition) }
    }

    /// The status after another proposal replaces it.
    ///
    /// # Errors
    /// Unless the action is proposed.
    pub fn supersede(self) -> Result<Self, InvalidTransition> {
        if self == Self::Proposed { Ok(Self::Superseded) } else { Err(InvalidTransition) }
    }
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
}
