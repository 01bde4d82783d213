//! Refuses a waiver or an exemption that somebody has asked for already.
use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::database::Tx;
use crate::fault::{Fault, FieldPath, Result};
use crate::gate::{ExemptionKind, RuleCode};
use crate::organization;
use crate::organization::model::DepartmentId;
use crate::user_message::UserMessage;
use crate::waiver::model::{ExemptionApproval, SubjectColumns, WaiverState};
use crate::waiver::store;

/// Refuses a second exemption of one kind for a subject while the first waits for approval. For a contract
/// that is not awarded yet nothing else tells whether it would have an effect, so one that is in effect, and
/// whose disclosure is not due yet, is refused too.
///
/// # Errors
/// `Invalid` with the identifier of the first one.
pub(super) async fn refuse_repeated_exemption(
    tx: &Tx,
    subject: &SubjectColumns,
    kind: ExemptionKind,
    now: DateTime<Utc>,
) -> Result<()> {
    let (solicitations, contracts, numbers) = lock_subject(tx, subject).await?;
    let rows =
        store::exemptions::list_for_subjects(&**tx, solicitations, contracts, &numbers).await?;
    let first = rows.into_iter().find(|row| {
        let waits = row.approval == Some(ExemptionApproval::Requested);
        let counts = row.is_in_effect() && row.follow_up_by.is_none_or(|by| now < by);
        let is_open = waits || (names_future_contract(subject) && counts);
        is_open && row.kind == kind && SubjectColumns::from(row) == *subject
    });
    refuse("kind", first.map(|row| row.id.to_string()))
}

/// Refuses a second waiver of one rule for a subject as [`refuse_repeated_exemption`] does; one that has
/// expired may be asked for again.
///
/// # Errors
/// `Invalid` with the identifier of the first one.
pub(super) async fn refuse_repeated_waiver(
    tx: &Tx,
    subject: &SubjectColumns,
    rule: RuleCode,
    now: DateTime<Utc>,
) -> Result<()> {
    let (solicitations, contracts, numbers) = lock_subject(tx, subject).await?;
    let rows = store::waivers::list_for_subjects(&**tx, solicitations, contracts, &numbers).await?;
    let first = rows.into_iter().find(|row| {
        let is_open = match row.state {
            WaiverState::Requested => true,
            WaiverState::Approved(_) => names_future_contract(subject),
            WaiverState::Revoked { .. } => false,
        };
        let is_same = row.rule == rule.as_str() && row.subject == *subject;
        is_open && is_same && now < row.expires_at
    });
    refuse("rule", first.map(|row| row.id.to_string()))
}

/// Whether a subject is a contract by its number that is not awarded yet.
const fn names_future_contract(subject: &SubjectColumns) -> bool {
    subject.contract.is_none() && subject.solicitation.is_none()
}

/// Solicitations, contracts, and numbers of contracts that are not awarded yet.
type SubjectKeys = (Vec<Uuid>, Vec<Uuid>, Vec<(DepartmentId, String)>);

/// Locks the department, so that two requests at once see each other, and returns the keys of the subject.
async fn lock_subject(tx: &Tx, subject: &SubjectColumns) -> Result<SubjectKeys> {
    organization::service::lock_department(tx, subject.department).await?;
    let number = subject.number.clone().filter(|_| subject.contract.is_none());
    Ok((
        subject.solicitation.into_iter().collect(),
        subject.contract.into_iter().collect(),
        number.map(|number| (subject.department, number)).into_iter().collect(),
    ))
}

fn refuse(field: &str, first: Option<String>) -> Result<()> {
    let Some(id) = first else { return Ok(()) };
    let path = FieldPath::argument("input").at(field);
    Err(Fault::invalid(&path, UserMessage::ReliefRepeated { id }))
}
