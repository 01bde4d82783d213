//! The filings that amended a disclosure on which a bid or contract relies.
use std::collections::HashMap;

use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::{FiledDisclosure, parse_filed_statement, store};
use crate::disclosure::model::{DisclosureId, DisclosureStatus, LateChange};
use crate::disclosure::rules;
use crate::fault::{Fault, Result};
use crate::organization;
use crate::organization::model::Viewer;
use crate::policy;

/// A later filing of the same firm.
#[derive(Clone, Debug)]
pub struct Amendment {
    pub filed: FiledDisclosure,
    /// The items that it added later than the duty to amend allows.
    pub late_changes: Vec<LateChange>,
}

/// Whether a filing of the same firm is later than another.
fn is_later(filed: &FiledDisclosure, than: &FiledDisclosure) -> bool {
    if filed.record.organization_id == than.record.organization_id {
        return filed.record.version > than.record.version;
    }
    let place = |it: &FiledDisclosure| (it.record.filed_at, it.record.version, it.record.id);
    place(filed) > place(than)
}

/// The later filings of each superseded disclosure's firm, earliest first, if `viewer` may see both;
/// withdrawn filings are left out. Makes six queries for any number of disclosures.
#[tracing::instrument(skip_all)]
pub async fn load_amendments(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    ids: Vec<Uuid>,
) -> Result<HashMap<DisclosureId, Vec<Amendment>>> {
    let disclosures = store::list_visible_by_ids(db, viewer, ids).await?;
    let superseded: Vec<_> = disclosures
        .into_iter()
        .filter(|filed| filed.record.status() == DisclosureStatus::Superseded)
        .collect();
    let Some(since) = superseded.iter().map(|filed| filed.filing.filed_at).min() else {
        return Ok(HashMap::new());
    };
    let organizations =
        superseded.iter().map(|filed| filed.record.organization_id.uuid()).collect();
    let groups = organization::service::load_groups(db, organizations).await?;
    let later = store::list_filed_since(db, groups.all_uuids(), since).await?;
    let ids = later.iter().map(|filed| filed.record.id.uuid()).collect();
    let visible = store::list_visible_ids(db, viewer, ids).await?;
    let versions = later.iter().map(|filed| filed.filing.policy_version).collect();
    let policies = policy::service::load_versions(db, versions).await?;
    let mut by_firm = HashMap::<_, Vec<FiledDisclosure>>::new();
    for filed in later {
        by_firm.entry(groups.survivor_of(filed.record.organization_id)).or_default().push(filed);
    }
    for filings in by_firm.values_mut() {
        store::sort_history(filings, |FiledDisclosure { record, filing }| {
            (record.organization_id, record.version, filing.filed_at, record.id)
        });
    }
    let mut amendments_by_id = HashMap::new();
    for disclosure in superseded {
        let mut before = parse_filed_statement(&disclosure.filing)?;
        let firm = groups.survivor_of(disclosure.record.organization_id);
        let filings = by_firm.get(&firm).into_iter().flatten();
        let mut amendments = Vec::new();
        for filed in filings.filter(|filed| is_later(filed, &disclosure)) {
            let after = parse_filed_statement(&filed.filing)?;
            if filed.record.status() == DisclosureStatus::Withdrawn {
                continue;
            }
            let version = filed.filing.policy_version;
            let missing =
                || Fault::Internal(format!("policy version {version} does not exist").into());
            let policy = policies.get(&version).ok_or_else(missing)?;
            let late = rules::late_changes(&before, &after, filed.filing.filed_at, policy);
            if visible.contains(&filed.record.id) {
                amendments.push(Amendment { filed: filed.clone(), late_changes: late });
            }
            before = after;
        }
        amendments_by_id.insert(disclosure.record.id, amendments);
    }
    Ok(amendments_by_id)
}
