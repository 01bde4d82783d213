//! What the ledger keeps of contracts.
use std::collections::HashSet;

use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait;

use super::settle::dependent_contracts;
use super::standing::stood;
use super::store;
use crate::contracting::entity::{attempt, contract, member, renewal, subcontractor, term};
use crate::contracting::model::ContractId;
use crate::database::RecordedTable;
use crate::fault::Result;
use crate::reevaluation;

/// The tables whose rows the ledger keeps, for who compares them.
#[must_use]
pub fn recorded_tables() -> Vec<RecordedTable> {
    vec![
        RecordedTable::of::<contract::Entity>(),
        RecordedTable::of::<member::Entity>(),
        RecordedTable::of::<subcontractor::Entity>(),
        RecordedTable::of::<term::Entity>(),
        RecordedTable::of::<attempt::Entity>(),
        RecordedTable::of::<renewal::Entity>(),
    ]
}

/// What came of computing again how contracts stand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CheckedStandings {
    /// The contracts whose status was computed again.
    pub checked: u64,
    /// Those that wait for their re-evaluation: they were not compared.
    pub waiting: u64,
    /// What is wrong with the first wrong one, in words.
    pub wrong: Option<String>,
}

/// Computes again how every contract stands at `now` (UTC), and compares. What a queued change or
/// the time alone may have changed waits for its re-evaluation, and is only counted.
///
/// # Errors
/// `Internal` if the database fails.
pub async fn verify_standings(
    db: &impl ConnectionTrait,
    now: DateTime<Utc>,
    progress: impl Fn(u64),
) -> Result<CheckedStandings> {
    const BATCH: u64 = 200;
    let waiting = waiting(db, now).await?;
    let (mut standings, mut last) = (CheckedStandings::default(), None);
    loop {
        let rows = store::batch(db, last, BATCH).await?;
        let Some(end) = rows.last() else { return Ok(standings) };
        last = Some(end.id.uuid());
        let (later, rows): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| {
            waiting.contains(&row.id) || row.standing_until.is_some_and(|until| until <= now)
        });
        standings.waiting += u64::try_from(later.len()).unwrap_or(u64::MAX);
        for (stored, computed) in rows.clone().into_iter().zip(stood(db, rows, now).await?) {
            standings.checked += 1;
            if stored != computed {
                let wrong = "its readiness or its lapse is not what its facts come to";
                standings.wrong = Some(format!("contract {}: {wrong}", stored.id));
                return Ok(standings);
            }
        }
        progress(standings.checked + standings.waiting);
    }
}

/// The contracts that a queued change concerns.
async fn waiting(db: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<HashSet<ContractId>> {
    const BATCH: u64 = 1_000;
    let mut waiting = HashSet::new();
    for note in reevaluation::service::list_due(db, now).await? {
        let mut after = None;
        loop {
            let next = dependent_contracts(db, &note, after, BATCH).await?;
            let Some(end) = next.last() else { break };
            after = Some(end.uuid());
            waiting.extend(next);
        }
    }
    Ok(waiting)
}
