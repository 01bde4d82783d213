//! The tables of this feature that the ledger covers, and the check of cached contract status.
use std::collections::HashSet;

use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait;

use super::contract_status::with_status;
use super::reevaluation::list_dependent_contracts;
use super::{ContractRow, store};
use crate::bidding::service::LoadedChange;
use crate::contracting::entity::{attempt, contract, renewal, term};
use crate::contracting::model::ContractId;
use crate::database::RecordedTable;
use crate::fault::Result;
use crate::reevaluation;

/// The tables whose rows the ledger records, for `candor verify`.
#[must_use]
pub fn recorded_tables() -> Vec<RecordedTable> {
    vec![
        RecordedTable::of::<contract::Entity>(),
        RecordedTable::of::<term::Entity>(),
        RecordedTable::of::<attempt::Entity>(),
        RecordedTable::of::<renewal::Entity>(),
    ]
}

/// The result of checking cached contract status.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StatusVerification {
    /// The number of contracts whose status was computed again.
    pub checked: u64,
    /// The number of contracts not compared, because they wait for re-evaluation.
    pub queued: u64,
    /// A description of the first contract whose cached status differs from the computed one.
    pub mismatch: Option<String>,
}

/// Computes the status of every contract at `now` (UTC) and compares it with the cached one. Contracts
/// that wait for re-evaluation, or whose status has expired, are counted but not compared.
pub async fn verify_contract_status(
    db: &impl ConnectionTrait,
    now: DateTime<Utc>,
    progress: impl Fn(u64),
) -> Result<StatusVerification> {
    const BATCH: u64 = 200;
    let queued = list_queued_contracts(db, now).await?;
    let (mut verification, mut last) = (StatusVerification::default(), None);
    loop {
        let rows = store::list_batch(db, last, BATCH).await?;
        let Some(end) = rows.last() else { return Ok(verification) };
        last = Some(end.id.uuid());
        let (later, rows): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| {
            queued.contains(&row.id)
                || row.status_expires_at.is_some_and(|expires_at| expires_at <= now)
        });
        verification.queued += u64::try_from(later.len()).unwrap_or(u64::MAX);
        for (stored, computed) in rows.clone().into_iter().zip(with_status(db, rows, now).await?) {
            verification.checked += 1;
            if let Some(column) = find_difference(&stored, &computed) {
                let message = "differs from the value computed from its facts";
                verification.mismatch =
                    Some(format!("contract {}: the cached {column} {message}", stored.id));
                return Ok(verification);
            }
        }
        progress(verification.checked + verification.queued);
    }
}

/// Names the first cached column that differs from the computed one.
fn find_difference(stored: &ContractRow, computed: &ContractRow) -> Option<&'static str> {
    let differences = [
        ("readiness", stored.readiness != computed.readiness),
        ("readiness at the end", stored.readiness_at_end != computed.readiness_at_end),
        ("lapse", stored.disclosure_lapses_on != computed.disclosure_lapses_on),
        ("noncompliance", stored.noncompliance_code != computed.noncompliance_code),
        ("noncompliance", stored.noncompliant_since != computed.noncompliant_since),
        ("status", stored != computed),
    ];
    differences.into_iter().find_map(|(column, differs)| differs.then_some(column))
}

/// Lists the contracts that depend on a queued change.
async fn list_queued_contracts(
    db: &impl ConnectionTrait,
    now: DateTime<Utc>,
) -> Result<HashSet<ContractId>> {
    const BATCH: u64 = 1_000;
    let mut queued = HashSet::new();
    for item in reevaluation::service::list_due(db, now).await? {
        let (change, mut after) = (LoadedChange::load(db, &item).await?, None);
        loop {
            let next = list_dependent_contracts(db, &change, after, BATCH).await?;
            let Some(end) = next.last() else { break };
            after = Some(end.uuid());
            queued.extend(next);
        }
    }
    Ok(queued)
}
