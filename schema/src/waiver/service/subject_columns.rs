//! The columns that identify the subject of a waiver or an exemption.
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{Exemption, Waiver};
use crate::database::Tx;
use crate::fault::Result;
use crate::organization::model::{DepartmentId, OrganizationId};
use crate::reevaluation::model::{Change, ChangeSource, LiftedRules};
use crate::reevaluation::service::enqueue;
use crate::waiver::model::ReliefSubject;

/// The columns, common to both tables, that identify the subject of a waiver or an exemption.
pub(super) struct SubjectColumns {
    pub(super) department: DepartmentId,
    pub(super) organization: Option<OrganizationId>,
    pub(super) solicitation: Option<Uuid>,
    pub(super) number: Option<String>,
    pub(super) contract: Option<Uuid>,
    pub(super) renewal: Option<Uuid>,
}

impl From<ReliefSubject> for SubjectColumns {
    fn from(target: ReliefSubject) -> Self {
        match target {
            ReliefSubject::Bid { department, solicitation, organization } => Self {
                department,
                organization: Some(organization),
                solicitation: Some(solicitation),
                number: None,
                contract: None,
                renewal: None,
            },
            ReliefSubject::Contract { department, number, contract, renewal } => Self {
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

impl From<&Waiver> for SubjectColumns {
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

impl From<&Exemption> for SubjectColumns {
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

/// Queues the re-evaluation of what depends on the subject: the bids on its solicitation and the
/// status of its contract, from `not_before` (UTC) on.
pub(super) async fn enqueue_subject(
    tx: &Tx,
    subject: &SubjectColumns,
    revives: LiftedRules,
    not_before: DateTime<Utc>,
) -> Result<()> {
    if let Some(solicitation) = subject.solicitation {
        let change = Change {
            source: ChangeSource::Solicitation,
            subject_id: solicitation,
            lifted_rules: revives.clone(),
            not_before,
        };
        enqueue(tx, change).await?;
    }
    if let Some(contract) = subject.contract {
        let change = Change {
            source: ChangeSource::Contract,
            subject_id: contract,
            lifted_rules: revives,
            not_before,
        };
        enqueue(tx, change).await?;
    }
    Ok(())
}
