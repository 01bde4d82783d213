//! What was filed after a disclosure that something rests on.
use std::collections::HashMap;

use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::{FiledDisclosure, parse_statement, store};
use crate::disclosure::model::{DisclosureId, DisclosureStatus, LateChange};
use crate::disclosure::rules;
use crate::fault::{Fault, Result};
use crate::organization::model::Viewer;
use crate::policy;

/// A filing that took the place of one that something rests on.
#[derive(Clone, Debug)]
pub struct Amendment {
    pub filed: FiledDisclosure,
    /// What it has that the one before it did not, later than the duty to amend gives.
    pub late_changes: Vec<LateChange>,
}

/// What was filed after each of some disclosures by the same organization, the earliest first, as
/// far as `viewer` may see both; what was withdrawn since is left out. Five statements, however
/// many they are.
///
/// # Errors
/// `Internal` if the database fails.
pub async fn load_amendments(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    resting: Vec<Uuid>,
) -> Result<HashMap<DisclosureId, Vec<Amendment>>> {
    let resting = store::visible_by_ids(db, viewer, resting).await?;
    let superseded: Vec<_> = resting
        .into_iter()
        .filter(|filed| filed.row.status == DisclosureStatus::Superseded)
        .collect();
    let Some(since) = superseded.iter().map(|filed| filed.filing.filed_at).min() else {
        return Ok(HashMap::new());
    };
    let organizations = superseded.iter().map(|filed| filed.row.organization_id.uuid()).collect();
    let later = store::filed_since(db, organizations, since).await?;
    let ids = later.iter().map(|filed| filed.row.id.uuid()).collect();
    let visible = store::visible_ids(db, viewer, ids).await?;
    let versions = later.iter().map(|filed| filed.filing.policy_version).collect();
    let policies = policy::service::load_versions(db, versions).await?;
    let mut by_organization = HashMap::<_, Vec<FiledDisclosure>>::new();
    for filed in later {
        by_organization.entry(filed.row.organization_id).or_default().push(filed);
    }
    let mut found = HashMap::new();
    for resting in superseded {
        let mut before = parse_statement(resting.row.id, &resting.filing.statement)?;
        let all = by_organization.get(&resting.row.organization_id).into_iter().flatten();
        let mut amendments = Vec::new();
        for filed in all.filter(|filed| filed.row.version > resting.row.version) {
            let after = parse_statement(filed.row.id, &filed.filing.statement)?;
            if filed.row.status == DisclosureStatus::Withdrawn {
                continue;
            }
            let version = filed.filing.policy_version;
            let missing = || Fault::Internal(format!("no policy {version}").into());
            let policy = policies.get(&version).ok_or_else(missing)?;
            let late = rules::late_changes(&before, &after, filed.filing.filed_at, policy);
            if visible.contains(&filed.row.id) {
                amendments.push(Amendment { filed: filed.clone(), late_changes: late });
            }
            before = after;
        }
        found.insert(resting.row.id, amendments);
    }
    Ok(found)
}
