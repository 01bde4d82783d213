//! Solicitations as the procurement system sends them, by their numbers. Sending one again changes nothing.
use chrono::{DateTime, Utc};
use serde::Serialize;

use super::solicitation_status::find_by_portal_number;
use super::solicitations::{amend_in_tx, create_in_tx, publish_in_tx};
use super::{Solicitation, SolicitationInclude, include_solicitations, store};
use crate::bidding::model::{
    SolicitationAmendment, SolicitationInput, SolicitationRecord, SolicitationState,
    SolicitationStatus,
};
use crate::bidding::rules;
use crate::database::{Database, Tx};
use crate::fault::{Fault, FieldPath, InputErrors, Result};
use crate::gate::AwardMethod;
use crate::ledger::model::format_time;
use crate::organization::model::{DepartmentId, Viewer};
use crate::organization::service::require_department;
use crate::precondition::{ObjectVersion, Precondition};
use crate::text::{MAX_LINE_CHARS, MAX_PROSE_CHARS, validate_optional, validate_required};
use crate::user_message::UserMessage;

/// A solicitation as the procurement system sends it.
#[derive(Clone, Debug)]
pub struct PortalSolicitation {
    /// The code of the department that buys.
    pub department: String,
    /// The number, unique within the department.
    pub number: String,
    pub title: String,
    pub description: String,
    pub method: AwardMethod,
    pub public_works: bool,
    /// When bids are due (UTC, whole microseconds, inclusive).
    pub due_at: DateTime<Utc>,
    /// Whether it is published. A published one stays so.
    pub is_published: bool,
    /// The text of an addendum: required if the due time of a published solicitation changes. The text of
    /// the last addendum issues no other.
    pub addendum: Option<String>,
}

/// What became of a solicitation that was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PutOutcome {
    Created,
    Changed,
    /// Everything was as it was sent.
    Unchanged,
}

/// A solicitation that was sent, as it is stored.
#[derive(Clone, Debug)]
pub struct PutSolicitation {
    /// With its department and addenda.
    pub solicitation: Solicitation,
    pub version: ObjectVersion,
    pub outcome: PutOutcome,
}

/// What the version of a solicitation is computed from.
#[derive(Serialize)]
struct Versioned<'a> {
    id: String,
    title: &'a str,
    description: &'a str,
    method: AwardMethod,
    public_works: bool,
    due_at: String,
    status: SolicitationStatus,
    addenda: Vec<(i64, &'a str)>,
}

/// The version of a solicitation that was loaded with its addenda.
fn version_of(solicitation: &Solicitation) -> Result<ObjectVersion> {
    let record = &solicitation.record;
    let addenda = solicitation.addenda.get()?.iter();
    let addenda = addenda.map(|it| (it.addendum.number, &*it.addendum.text)).collect();
    ObjectVersion::of(&Versioned {
        id: record.id.to_string(),
        title: &record.title,
        description: &record.description,
        method: record.method,
        public_works: record.public_works,
        due_at: format_time(record.due_at),
        status: record.state.status(),
        addenda,
    })
}

const INCLUDE: SolicitationInclude =
    SolicitationInclude { department: true, addenda: true, notice: false };

/// Finds a solicitation by its number, with its version.
///
/// # Errors
/// `NotFound` if the viewer may see none, `Invalid` if several departments have the number.
#[tracing::instrument(skip_all)]
pub async fn find_solicitation_record(
    db: &Database,
    viewer: &Viewer,
    number: &str,
    department: Option<&str>,
) -> Result<(Solicitation, ObjectVersion)> {
    let record = find_by_portal_number(db, viewer, number, department).await?;
    let found = include_solicitations(&db.read, vec![record], INCLUDE).await?.pop();
    let found = found.ok_or(Fault::NotFound)?;
    let version = version_of(&found)?;
    Ok((found, version))
}

/// Stores a solicitation of the procurement system under its number: drafts and publishes a new one, changes
/// a draft, or issues an addendum to a published one, in one transaction.
///
/// # Errors
/// `Forbidden` except to the procurement system, `Invalid` with every error, `PreconditionFailed`, and
/// `Conflict` if it is canceled, or if what is sent cannot be changed any more.
#[tracing::instrument(skip_all)]
pub async fn put_solicitation(
    db: &Database,
    viewer: &Viewer,
    sent: &PortalSolicitation,
    precondition: &Precondition,
) -> Result<PutSolicitation> {
    viewer.require_procurement_system("only the procurement system sends solicitations")?;
    let path = FieldPath::argument("department");
    let department = require_department(&db.read, &sent.department, &path).await?;
    let sent = normalize(sent)?;
    let tx = db.begin().await?;
    let viewer = &viewer.acting_for_department(department).with_effective_time(&tx);
    let before = lock_by_number(&tx, department, &sent.number).await?;
    let version = before.as_ref().map(version_of).transpose()?;
    precondition.check(version.as_ref())?;
    let (record, outcome) = match before {
        None => (create(&tx, viewer, department, &sent).await?, PutOutcome::Created),
        Some(before) => change(&tx, viewer, before, &sent).await?,
    };
    let solicitation = include_solicitations(&*tx, vec![record], INCLUDE).await?.pop();
    let solicitation = solicitation.ok_or(Fault::NotFound)?;
    let version = version_of(&solicitation)?;
    tx.commit().await?;
    Ok(PutSolicitation { solicitation, version, outcome })
}

async fn lock_by_number(
    tx: &Tx,
    department: DepartmentId,
    number: &str,
) -> Result<Option<Solicitation>> {
    let Some(found) = store::find_by_number(tx, department, number).await? else {
        return Ok(None);
    };
    let record = store::lock(tx, found.id).await?.ok_or(Fault::NotFound)?;
    Ok(include_solicitations(&**tx, vec![record], INCLUDE).await?.pop())
}

/// Normalizes the texts, so that they can be compared with the stored ones.
fn normalize(sent: &PortalSolicitation) -> Result<PortalSolicitation> {
    let (path, mut errors) = (FieldPath::argument("input"), InputErrors::default());
    let number = rules::validate_number(&sent.number, &path.at("number"), &mut errors);
    let title = validate_required(&sent.title, MAX_LINE_CHARS, &path.at("title"), &mut errors);
    let at = path.at("description");
    let description = validate_optional(&sent.description, MAX_PROSE_CHARS, &at, &mut errors);
    let at = path.at("addendum");
    let addendum = sent.addendum.as_deref();
    let addendum = addendum.map(|text| validate_required(text, MAX_PROSE_CHARS, &at, &mut errors));
    errors.finish()?;
    Ok(PortalSolicitation { number, title, description, addendum, ..sent.clone() })
}

async fn create(
    tx: &Tx,
    viewer: &Viewer,
    department: DepartmentId,
    sent: &PortalSolicitation,
) -> Result<SolicitationRecord> {
    if sent.addendum.is_some() {
        let path = FieldPath::argument("input").at("addendum");
        return Err(Fault::invalid(&path, UserMessage::DraftHasNoAddenda));
    }
    let input = SolicitationInput {
        department_id: department,
        number: sent.number.clone(),
        title: sent.title.clone(),
        description: sent.description.clone(),
        method: sent.method,
        public_works: sent.public_works,
        due_at: sent.due_at,
    };
    let input = rules::validate_solicitation(&input, viewer.now)?;
    let record = create_in_tx(tx, viewer, input).await?;
    publish_if_sent(tx, viewer, record, sent).await
}

async fn publish_if_sent(
    tx: &Tx,
    viewer: &Viewer,
    record: SolicitationRecord,
    sent: &PortalSolicitation,
) -> Result<SolicitationRecord> {
    if !sent.is_published {
        return Ok(record);
    }
    publish_in_tx(tx, viewer, record, &FieldPath::argument("input").at("dueAt")).await
}

/// Changes what differs.
async fn change(
    tx: &Tx,
    viewer: &Viewer,
    before: Solicitation,
    sent: &PortalSolicitation,
) -> Result<(SolicitationRecord, PutOutcome)> {
    let last_addendum = before.addenda.get()?.last().map(|it| it.addendum.text.clone());
    let record = before.record;
    let is_draft = record.state == SolicitationState::Draft;
    if (record.method, record.public_works) != (sent.method, sent.public_works) {
        return Err(Fault::conflict(
            "the method and whether it is a public work stay as they were first sent; cancel this \
            solicitation in Candor and send another number",
        ));
    }
    if !is_draft && !sent.is_published {
        return Err(Fault::conflict(
            "the solicitation is published and stays so; send it as published, or cancel it in Candor",
        ));
    }
    let addendum = sent.addendum.clone().filter(|text| Some(text) != last_addendum.as_ref());
    let is_due_later = record.due_at != sent.due_at;
    let amendment = SolicitationAmendment {
        id: record.id,
        title: (record.title != sent.title).then(|| sent.title.clone()),
        description: (record.description != sent.description).then(|| sent.description.clone()),
        due_at: is_due_later.then_some(sent.due_at),
        // The text of an addendum that moves the due time may be that of the one before.
        addendum: if is_due_later { sent.addendum.clone() } else { addendum },
    };
    let is_amended = amendment.title.is_some()
        || amendment.description.is_some()
        || amendment.due_at.is_some()
        || amendment.addendum.is_some();
    let is_canceled = matches!(record.state, SolicitationState::Canceled { .. });
    if is_canceled {
        return Err(Fault::conflict("the solicitation is canceled; send another number"));
    }
    let record =
        if is_amended { amend_in_tx(tx, viewer, record, amendment).await? } else { record };
    let is_published_now = is_draft && sent.is_published;
    let record =
        if is_published_now { publish_if_sent(tx, viewer, record, sent).await? } else { record };
    let is_changed = is_amended || is_published_now;
    Ok((record, if is_changed { PutOutcome::Changed } else { PutOutcome::Unchanged }))
}
