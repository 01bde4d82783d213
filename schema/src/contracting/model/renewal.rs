//! What carries a contract on: proposed, then executed.
use async_graphql::InputObject;

use super::ContractId;
use crate::gate::Action;
use crate::money::MoneyText;
use crate::organization::model::OrganizationId;
use crate::scalar::Date;

typed_id! {
    /// Something that carries a contract on.
    RenewalId, "ren"
}

vocabulary! {
    /// Where a renewal is in its life.
    pub enum RenewalStatus {
        /// It waits to be executed; one a contract.
        Proposed,
        /// It stands.
        Executed,
        /// Another proposal took its place.
        Superseded,
    }
}

/// A step that the present status does not allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidTransition;

impl RenewalStatus {
    /// # Errors
    /// Unless it is proposed.
    pub fn execute(self) -> Result<Self, InvalidTransition> {
        if self == Self::Proposed { Ok(Self::Executed) } else { Err(InvalidTransition) }
    }

    /// # Errors
    /// Unless it is proposed.
    pub fn supersede(self) -> Result<Self, InvalidTransition> {
        if self == Self::Proposed { Ok(Self::Superseded) } else { Err(InvalidTransition) }
    }
}

/// How a contract is to be carried on.
#[derive(Clone, Debug, InputObject)]
pub struct RenewalInput {
    /// The contract.
    pub contract_id: ContractId,
    /// How: what the policy does not gate is recorded only.
    pub action: Action,
    /// The first day; the day after the contract's last one if it is left out, of an assignment and
    /// an amendment today.
    pub start_date: Option<Date>,
    /// The last day; of a holdover a month later if it is left out, of an assignment and an
    /// amendment the contract's own.
    pub end_date: Option<Date>,
    /// What it adds, or what the order comes to; nothing if it is left out.
    pub value: Option<MoneyText>,
    /// To whom it is assigned: exactly for an assignment.
    pub assignee_id: Option<OrganizationId>,
    /// The number of the amendment or the task order.
    pub number: Option<String>,
}
