//! The contract action whose outcome readiness shows.
use chrono::NaiveDate;

use super::ContractRow;
use crate::contracting::model::{RenewalId, RenewalRecord};
use crate::contracting::rules::day_after;
use crate::gate::ContractAction;
use crate::money::Money;
use crate::organization::model::OrganizationId;

/// A contract action that is proposed or assumed.
#[derive(Clone, Debug)]
pub struct ProposedAction {
    pub id: RenewalId,
    pub action: ContractAction,
    pub organization: OrganizationId,
    pub start: NaiveDate,
    /// The last day until which it gives the contract to the firm; none if it adds no time, or is only
    /// assumed.
    pub end: Option<NaiveDate>,
    /// The value that the action adds.
    pub value: Money,
    /// Whether it is a stored proposal, to which waivers and exemptions may belong.
    pub is_proposed: bool,
}

impl ProposedAction {
    /// The open proposal if it carries the contract on; otherwise the action that is assumed when the
    /// contract ends: an option if one is left, else a renewal. An amendment or a task order that waits
    /// says nothing about whether the contract can be carried on.
    pub(super) fn from_open_or_assumed(row: &ContractRow, open: Option<&RenewalRecord>) -> Self {
        match open.filter(|open| open.action.carries_on()) {
            Some(open) => Self::from(open),
            None => Self::assumed(row),
        }
    }

    fn assumed(row: &ContractRow) -> Self {
        let has_option = row.options_left > 0;
        Self {
            id: RenewalId::generate(),
            action: if has_option { ContractAction::Option } else { ContractAction::Renewal },
            organization: row.organization_id,
            start: day_after(row.end_date),
            end: None,
            value: Money { cents: 0, currency: row.currency.clone() },
            is_proposed: false,
        }
    }
}

impl From<&RenewalRecord> for ProposedAction {
    fn from(renewal: &RenewalRecord) -> Self {
        Self {
            id: renewal.id,
            action: renewal.action,
            organization: renewal.organization_id,
            start: renewal.start_date,
            // An amendment leaves the contract's last day as it is.
            end: (renewal.action != ContractAction::Amendment).then_some(renewal.end_date),
            value: renewal.value.clone(),
            is_proposed: true,
        }
    }
}
