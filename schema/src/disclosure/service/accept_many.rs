//! Accepts several disclosures at once, each in its own transaction.
use std::collections::HashSet;

use super::FiledDisclosure;
use super::review::{accept_in_tx, validate_remark};
use super::review_transaction::REVIEWER_REQUIRED;
use crate::database::Database;
use crate::disclosure::model::DisclosureId;
use crate::fault::{Fault, FieldPath, Result};
use crate::organization::model::Viewer;
use crate::user_message::UserMessage;

/// The most disclosures in one request.
const MAX_DISCLOSURES: usize = 100;

/// The result of accepting several disclosures.
#[derive(Clone, Debug, Default)]
pub struct Acceptances {
    /// The accepted disclosures, in the order of the request.
    pub accepted: Vec<FiledDisclosure>,
    /// The disclosures that were not accepted, each with the reason.
    pub failures: Vec<(DisclosureId, Fault)>,
}

/// Accepts disclosures as filed, each as [`super::accept`] does in a transaction of its own, so that
/// one that fails leaves the others accepted. A repeated identifier counts once.
///
/// # Errors
/// `Forbidden` unless the viewer is a reviewer or supervisor, `Invalid` without a disclosure, for too
/// many, and for an invalid remark. Everything else is a failure of one disclosure.
#[tracing::instrument(skip_all, fields(disclosures = ids.len()))]
pub async fn accept_many(
    db: &Database,
    viewer: &Viewer,
    ids: &[DisclosureId],
    remark: Option<&str>,
) -> Result<Acceptances> {
    viewer.require_reviewer(REVIEWER_REQUIRED)?;
    let path = FieldPath::argument("ids");
    if ids.is_empty() {
        return Err(Fault::invalid(&path, UserMessage::DisclosuresRequired));
    }
    if ids.len() > MAX_DISCLOSURES {
        let message = UserMessage::DisclosuresTooMany { count: ids.len(), max: MAX_DISCLOSURES };
        return Err(Fault::invalid(&path, message));
    }
    let remark = validate_remark(remark)?;
    let (mut accepted, mut failures) = (Vec::new(), Vec::new());
    let mut seen = HashSet::new();
    // A request begins no transaction after some time, so that this ends even if the database is away.
    for id in ids.iter().filter(|id| seen.insert(**id)) {
        match accept_one(db, viewer, *id, remark.clone()).await {
            Ok(()) => accepted.push(*id),
            Err(fault) => failures.push((*id, fault)),
        }
    }
    let loaded = accepted.iter().map(|id| id.uuid()).collect();
    let mut loaded = super::load_visible_by_ids(&db.read, viewer, loaded).await?;
    let accepted = accepted.into_iter().filter_map(|id| loaded.remove(&id)).collect();
    Ok(Acceptances { accepted, failures })
}

async fn accept_one(
    db: &Database,
    viewer: &Viewer,
    id: DisclosureId,
    remark: String,
) -> Result<()> {
    let tx = db.begin().await?;
    accept_in_tx(&tx, viewer, id, Ok(remark)).await?;
    tx.commit().await
}
