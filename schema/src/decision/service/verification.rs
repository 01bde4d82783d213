//! Deciding again what was decided, and comparing it with the ledger.
use sea_orm::ConnectionTrait;

use super::findings;
use crate::canonical::{Canonical, canonical, sha256};
use crate::database::RecordedTable;
use crate::decision::entity::decision::{self, Model};
use crate::decision::entity::finding;
use crate::decision::store;
use crate::fault::Result;
use crate::gate::{Decision, Facts, Policy, decide};
use crate::policy;

/// Decides every kept decision again from its facts and compares the bytes, and the rows that it is
/// screened by. Answers the number of
/// decisions and what is wrong with the first wrong one, if any is.
///
/// # Errors
/// `Internal` if the database fails.
pub async fn verify(db: &impl ConnectionTrait) -> Result<(u64, Option<String>)> {
    const BATCH: u64 = 500;
    let (mut checked, mut last, mut findings_checked) = (0, None, 0);
    loop {
        let rows = store::batch(db, last, BATCH).await?;
        let Some(end) = rows.last() else {
            let is_same = store::count_findings(db).await? == findings_checked;
            let wrong = "some rows that decisions are screened by are no decision's";
            return Ok((checked, (!is_same).then(|| wrong.to_owned())));
        };
        last = Some(end.id.uuid());
        let versions = rows.iter().map(|row| row.policy_version).collect();
        let policies = policy::service::load_versions(db, versions).await?;
        let ids = rows.iter().map(|row| row.id.uuid()).collect();
        let mut screened = store::findings_of(db, ids).await?;
        for row in rows {
            checked += 1;
            let policy = policies.get(&row.policy_version);
            let screened = screened.remove(&row.id).unwrap_or_default();
            findings_checked += u64::try_from(screened.len()).unwrap_or(u64::MAX);
            if let Some(wrong) = wrong(&row, policy).or_else(|| wrong_findings(&row, screened)) {
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

/// What is wrong with the rows by which a decision is screened.
fn wrong_findings(row: &Model, mut screened: Vec<finding::Model>) -> Option<&'static str> {
    let Ok(decision) = serde_json::from_str::<Decision>(&row.decision) else {
        return Some("its findings cannot be read");
    };
    let mut computed = findings(row.id, &decision);
    for rows in [&mut screened, &mut computed] {
        rows.sort_by(|one, other| (&one.code, one.severity).cmp(&(&other.code, other.severity)));
    }
    (screened != computed).then_some("the rows that it is screened by are not its own")
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
