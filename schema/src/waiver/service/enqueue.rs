//! Queues the re-evaluation of the subject of a waiver or an exemption.
use chrono::{DateTime, Utc};

use crate::database::Tx;
use crate::fault::Result;
use crate::reevaluation::model::{Change, ChangeSource, LiftedRules};
use crate::reevaluation::service::enqueue;
use crate::waiver::model::SubjectColumns;

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
