//! Replays stored decisions and compares them with what was stored.
use sea_orm::ConnectionTrait;

use super::finding_rows;
use crate::canonical::{Canonical, canonical, sha256};
use crate::database::RecordedTable;
use crate::decision::entity::decision::{self, Model};
use crate::decision::entity::{
    bid_member, bid_subcontractor, contract_member, contract_subcontractor, finding, substitution,
};
use crate::decision::store;
use crate::fault::Result;
use crate::gate::{Decision, Facts, Policy, decide};
use crate::policy;

/// Replays every stored decision from its facts and compares the bytes and the finding rows.
/// Returns the number of checked decisions, and the first mismatch if there is one.
pub async fn verify(db: &impl ConnectionTrait) -> Result<(u64, Option<String>)> {
    const BATCH: u64 = 500;
    let (mut checked, mut last, mut findings_checked) = (0, None, 0);
    loop {
        let rows = store::list_batch(db, last, BATCH).await?;
        let Some(end) = rows.last() else {
            let is_same = store::count_findings(db).await? == findings_checked;
            let mismatch = "some finding rows belong to no decision";
            return Ok((checked, (!is_same).then(|| mismatch.to_owned())));
        };
        last = Some(end.id.uuid());
        let versions = rows.iter().map(|row| row.policy_version).collect();
        let policies = policy::service::load_versions(db, versions).await?;
        let ids = rows.iter().map(|row| row.id.uuid()).collect();
        let mut finding_rows = store::load_finding_rows(db, ids).await?;
        for row in rows {
            checked += 1;
            let policy = policies.get(&row.policy_version);
            let rows_of_decision = finding_rows.remove(&row.id).unwrap_or_default();
            findings_checked += u64::try_from(rows_of_decision.len()).unwrap_or(u64::MAX);
            let mismatch = find_mismatch(&row, policy);
            if let Some(mismatch) = mismatch.or_else(|| find_row_mismatch(&row, rows_of_decision)) {
                return Ok((checked, Some(format!("decision {}: {mismatch}", row.id))));
            }
        }
    }
}

/// The feature's tables whose rows the ledger records.
#[must_use]
pub fn recorded_tables() -> Vec<RecordedTable> {
    vec![
        RecordedTable::of::<decision::Entity>(),
        RecordedTable::of::<bid_member::Entity>(),
        RecordedTable::of::<bid_subcontractor::Entity>(),
        RecordedTable::of::<contract_member::Entity>(),
        RecordedTable::of::<contract_subcontractor::Entity>(),
        RecordedTable::of::<substitution::Entity>(),
    ]
}

/// Compares a decision's finding rows with its stored JSON.
fn find_row_mismatch(row: &Model, mut stored: Vec<finding::Model>) -> Option<&'static str> {
    let Ok(decision) = serde_json::from_str::<Decision>(&row.decision) else {
        return Some("its findings cannot be parsed");
    };
    let mut expected = finding_rows(row.id, &decision);
    for rows in [&mut stored, &mut expected] {
        rows.sort_by(|left, right| (&left.code, left.severity).cmp(&(&right.code, right.severity)));
    }
    (stored != expected).then_some("its finding rows differ from its findings")
}

/// Compares a decision with its digests and its replay.
fn find_mismatch(row: &Model, policy: Option<&Policy>) -> Option<&'static str> {
    if sha256(&row.facts) != row.facts_sha256 {
        return Some("its facts do not match their digest");
    }
    if sha256(&row.decision) != row.decision_sha256 {
        return Some("its findings do not match their digest");
    }
    let Some(policy) = policy else {
        return Some("its policy is missing");
    };
    let Ok(facts) = serde_json::from_str::<Facts>(&row.facts) else {
        return Some("its facts cannot be parsed");
    };
    let replayed = decide(policy, &facts);
    let is_same = replayed.outcome == row.outcome
        && canonical(&replayed).is_ok_and(|Canonical { text, .. }| text == row.decision);
    if is_same { None } else { Some("a replay from its facts gives another decision") }
}
