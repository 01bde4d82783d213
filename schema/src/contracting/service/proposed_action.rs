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
    /// The value that the action adds.
    pub value: Money,
}

impl ProposedAction {
    /// The open proposal or, without one, a renewal that starts when the contract ends.
    pub(super) fn from_open_or_renewal(row: &ContractRow, open: Option<&RenewalRecord>) -> Self {
        match open {
            Some(open) => Self::from(open),
            None => Self {
                id: RenewalId::generate(),
                action: ContractAction::Renewal,
                organization: row.organization_id,
                start: day_after(row.end_date),
                value: Money { cents: 0, currency: row.currency.clone() },
            },
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
            value: renewal.value.clone(),
        }
    }
}
