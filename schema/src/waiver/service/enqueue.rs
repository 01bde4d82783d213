//! Queues the re-evaluation of the subject of a waiver or an exemption.
use chrono::{DateTime, Utc};

use crate::database::Tx;
use crate::fault::Result;
use crate::reevaluation::model::{ChangeSource, LiftedRules};
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
        enqueue(tx, (ChangeSource::Solicitation, solicitation), revives.clone(), not_before)
            .await?;
    }
    if let Some(contract) = subject.contract {
        enqueue(tx, (ChangeSource::Contract, contract), revives, not_before).await?;
    }
    Ok(())
}
