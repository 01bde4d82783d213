//! Deciding again what was decided, and comparing it with the ledger.
use sea_orm::ConnectionTrait;

use crate::canonical::{Canonical, canonical, sha256};
use crate::database::RecordedTable;
use crate::decision::entity::decision::{self, Model};
use crate::decision::store;
use crate::fault::Result;
use crate::gate::{Facts, Policy, decide};
use crate::policy;

/// Decides every kept decision again from its facts and compares the bytes. Answers the number of
/// decisions and what is wrong with the first wrong one, if any is.
///
/// # Errors
/// `Internal` if the database fails.
pub async fn verify(db: &impl ConnectionTrait) -> Result<(u64, Option<String>)> {
    const BATCH: u64 = 500;
    let (mut checked, mut last) = (0, None);
    loop {
        let rows = store::batch(db, last, BATCH).await?;
        let Some(end) = rows.last() else {
            return Ok((checked, None));
        };
        last = Some(end.id.uuid());
        let versions = rows.iter().map(|row| row.policy_version).collect();
        let policies = policy::service::of_versions(db, versions).await?;
        for row in rows {
            checked += 1;
            if let Some(wrong) = wrong(&row, policies.get(&row.policy_version)) {
                return Ok((checked, Some(format!("decision {}: {wrong}", row.id))));
            }
        }
    }
}

/// The tables whose rows the ledger keeps, for who compares them.
#[must_use]
pub fn recorded_tables() -> Vec<RecordedTable> {
    vec![RecordedTable::of::<decision::Entity>()]
}

fn wrong(row: &Model, policy: Option<&Policy>) -> Option<&'static str> {
    if sha256(&row.facts) != row.facts_sha256 {
        return Some("its facts do not match their digest");
    }
    if sha256(&row.decision) != row.decision_sha256 {
        return Some("its findings do not match their digest");
    }
    let Some(policy) = policy else {
        return Some("its policy is not there");
    };
    let Ok(facts) = serde_json::from_str::<Facts>(&row.facts) else {
        return Some("its facts cannot be read");
    };
    let again = decide(policy, &facts);
    let same = again.outcome == row.outcome
        && canonical(&again).is_ok_and(|Canonical { text, .. }| text == row.decision);
    if same { None } else { Some("deciding again from its facts gives another decision") }
}
