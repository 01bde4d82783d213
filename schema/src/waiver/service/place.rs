//! What a waiver or an exemption is for, as its columns tell it.
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{Exemption, Waiver};
use crate::database::Tx;
use crate::fault::Result;
use crate::organization::model::{DepartmentId, OrganizationId};
use crate::reevaluation::model::{ChangeSource, LiftedRules};
use crate::reevaluation::service::enqueue;
use crate::waiver::model::Target;

/// The columns that tell what a waiver or an exemption is for.
pub(super) struct Place {
    pub(super) department: DepartmentId,
    pub(super) organization: Option<OrganizationId>,
    pub(super) solicitation: Option<Uuid>,
    pub(super) number: Option<String>,
    pub(super) contract: Option<Uuid>,
    pub(super) renewal: Option<Uuid>,
}

impl From<Target> for Place {
    fn from(target: Target) -> Self {
        match target {
            Target::Bid { department, solicitation, organization } => Self {
                department,
                organization: Some(organization),
                solicitation: Some(solicitation),
                number: None,
                contract: None,
                renewal: None,
            },
            Target::Contract { department, number, contract, renewal } => Self {
                department,
                organization: None,
                solicitation: None,
                number: Some(number),
                contract,
                renewal,
            },
        }
    }
}

impl From<&Waiver> for Place {
    fn from(row: &Waiver) -> Self {
        Self {
            department: row.department_id,
            organization: row.organization_id,
            solicitation: row.solicitation_id,
            number: row.contract_number.clone(),
            contract: row.contract_id,
            renewal: row.renewal_id,
        }
    }
}

impl From<&Exemption> for Place {
    fn from(row: &Exemption) -> Self {
        Self {
            department: row.department_id,
            organization: row.organization_id,
            solicitation: row.solicitation_id,
            number: row.contract_number.clone(),
            contract: row.contract_id,
            renewal: row.renewal_id,
        }
    }
}

/// Whatever hangs on the subject is looked at again: bids on the solicitation, and how the
/// contract stands.
pub(super) async fn note_subject(
    tx: &Tx,
    place: &Place,
    revives: LiftedRules,
    not_before: DateTime<Utc>,
) -> Result<()> {
    if let Some(solicitation) = place.solicitation {
        enqueue(tx, (ChangeSource::Solicitation, solicitation), revives.clone(), not_before).await?;
    }
    if let Some(contract) = place.contract {
        enqueue(tx, (ChangeSource::Contract, contract), revives, not_before).await?;
    }
    Ok(())
}
