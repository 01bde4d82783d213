//! Drafts: saving, discarding, and what is missing to file them.
use std::sync::Arc;

use uuid::Uuid;

use super::filing::{SIGNATORY_REQUIRED, StatementSource, signatory_email, validate_statement};
use super::store;
use super::{Disclosure, Draft, load_drafts, parse_filed_statement, parse_statement};
use crate::database::Database;
use crate::disclosure::model::{Answer, DisclosureDraftInput, DisclosureId, Gap, Statement};
use crate::disclosure::rules::{self, gap_consequence};
use crate::fault::{Fault, FieldPath, Result};
use crate::organization;
use crate::organization::model::{OrganizationId, Viewer};
use crate::policy;
use crate::user_message::UserMessage;

/// Saves a draft as entered; it may be incomplete. Draft saves are not ledger entries.
///
/// # Errors
/// `NotFound` if the viewer is not a member, `Conflict` if another revision was saved in the meantime;
/// the stored draft is unchanged.
#[tracing::instrument(skip_all, fields(id = %input.organization_id))]
pub async fn save_draft(
    db: &Database,
    viewer: &Viewer,
    input: DisclosureDraftInput,
) -> Result<Draft> {
    let organization = input.organization_id;
    viewer.require_member(organization)?;
    let path = FieldPath::argument("input");
    let statement = match (input.statement, input.copy_from) {
        (Some(_), Some(_)) => {
            return Err(Fault::invalid(&path.at("copyFrom"), UserMessage::DraftSourceUnclear));
        }
        (Some(statement), None) => statement,
        (None, None) => Statement::default(),
        (None, Some(earlier)) => {
            let source = find_copy_source(db, viewer, organization, earlier).await?;
            let Some(source) = source else {
                return Err(Fault::invalid(&path.at("copyFrom"), UserMessage::CopySourceUnknown));
            };
            parse_statement(earlier, &source)?
        }
    };
    let statement =
        serde_json::to_string(&statement).map_err(|e| Fault::Internal(e.to_string().into()))?;
    let tx = db.begin().await?;
    let firm = organization::service::lock_organization(&tx, organization).await?;
    organization::service::require_unmerged(&firm, &path.at("organizationId"))?;
    let saved = match (store::lock_draft(&tx, organization).await?, input.revision) {
        (None, None) => {
            let draft = Draft {
                id: DisclosureId::generate(),
                organization_id: organization,
                statement,
                revision: 1,
                updated_at: viewer.now,
                updated_by: viewer.subject.clone(),
            };
            store::insert_draft(&tx, draft).await?
        }
        (Some(draft), Some(revision)) if draft.revision == revision => {
            let draft = Draft {
                statement,
                revision: revision + 1,
                updated_at: viewer.now,
                updated_by: viewer.subject.clone(),
                ..draft
            };
            store::update_draft(&tx, draft).await?
        }
        (Some(draft), _) => return Err(stale_draft(&draft)),
        (None, Some(_)) => {
            return Err(Fault::conflict(
                "the draft was filed or discarded in the meantime; nothing was saved. Omit revision \
                to start a new draft with this statement",
            ));
        }
    };
    tx.commit().await?;
    Ok(saved)
}

/// Finds the statement of a filing of the firm, or of the draft that an organization left when it was
/// merged into this one.
async fn find_copy_source(
    db: &Database,
    viewer: &Viewer,
    organization: OrganizationId,
    earlier: DisclosureId,
) -> Result<Option<String>> {
    let group = organization::service::load_group(&db.read, organization).await?;
    let group = group.ids_of(organization);
    if let Some(filed) = store::find(&db.read, viewer, earlier).await? {
        let is_own = group.contains(&filed.record.organization_id);
        let statement = filed.filing.statement.get()?;
        return Ok(is_own.then(|| statement.to_string()));
    }
    let draft = store::find_draft(&db.read, viewer, earlier).await?.filter(|draft| {
        draft.organization_id != organization && group.contains(&draft.organization_id)
    });
    Ok(draft.map(|draft| draft.statement))
}

/// The conflict for a client that read an earlier revision of the draft.
pub(super) fn stale_draft(draft: &Draft) -> Fault {
    Fault::conflict(format!(
        "draft {} is now at revision {}, saved by {}; nothing was changed. Reload it, merge your \
        changes, and send that revision",
        draft.id,
        draft.revision,
        draft.updated_by.subject()
    ))
}

/// Deletes a draft.
///
/// # Errors
/// `NotFound` if it is not a draft of the viewer's organization, `Conflict` at another revision.
#[tracing::instrument(skip_all, fields(id = %id))]
pub async fn discard_draft(
    db: &Database,
    viewer: &Viewer,
    id: DisclosureId,
    revision: i64,
) -> Result<Draft> {
    let draft = store::find_draft(&db.read, viewer, id).await?.ok_or(Fault::NotFound)?;
    let tx = db.begin().await?;
    organization::service::lock_organization(&tx, draft.organization_id).await?;
    let draft = store::lock_draft(&tx, draft.organization_id).await?;
    let draft = draft.filter(|draft| draft.id == id).ok_or(Fault::NotFound)?;
    if draft.revision != revision {
        return Err(stale_draft(&draft));
    }
    store::delete_draft(&tx, id).await?;
    tx.commit().await?;
    Ok(draft)
}

/// Returns those of the organizations whose draft could be filed now if somebody signed it. Only drafts
/// of the viewer's own organizations are looked at.
///
/// # Errors
/// As [`list_gaps`].
#[tracing::instrument(skip_all)]
pub async fn list_unsigned_drafts(
    db: &Database,
    viewer: &Viewer,
    organizations: Vec<Uuid>,
) -> Result<Vec<OrganizationId>> {
    let drafts = load_drafts(db, viewer, organizations).await?;
    if drafts.is_empty() {
        return Ok(Vec::new());
    }
    let timeline = policy::service::load_timeline(&db.read).await?;
    let Some(policy) = timeline.in_force_at(viewer.now) else { return Ok(Vec::new()) };
    let mut complete = Vec::new();
    for draft in drafts.into_values() {
        let source = StatementSource::Draft(draft.id, draft.statement.clone());
        match validate_statement(db, viewer, source, policy.clone()).await {
            Ok(Ok(_)) => complete.push(draft.organization_id),
            // A letter is readable while the person's other work is computed: it says less then.
            Ok(Err(_)) | Err(Fault::RateLimited { .. } | Fault::Unavailable(_)) => {}
            Err(fault) => return Err(fault),
        }
    }
    Ok(complete)
}

/// All gaps that prevent filing a draft now, in its order; empty if there are none. A signatory's gaps
/// include the e-mail address if the sign-in has none, because it is then required for signing.
///
/// # Errors
/// `Invalid` if no policy is in force, and as [`Compute::run`](crate::compute::Compute::run).
#[tracing::instrument(skip_all, fields(id = %draft.id))]
pub async fn list_gaps(db: &Database, viewer: &Viewer, draft: &Draft) -> Result<Vec<Gap>> {
    let policy = Arc::new(policy::service::require_in_force(&db.read, viewer.now).await?.policy);
    let source = StatementSource::Draft(draft.id, draft.statement.clone());
    let errors = validate_statement(db, viewer, source, policy).await?.err().unwrap_or_default();
    let may_sign = viewer.require_signatory(draft.organization_id, SIGNATORY_REQUIRED).is_ok();
    let has_email = signatory_email(None, viewer.email.as_deref()).is_some();
    let email = (may_sign && !has_email).then(|| {
        let path = FieldPath::argument("attestation").at("email");
        path.user_error(UserMessage::SignatoryEmailRequired)
    });
    let gaps = errors.into_iter().chain(email);
    let gaps = gaps.map(|error| Gap { consequence: gap_consequence(&error.path), error });
    Ok(gaps.collect())
}

/// The answers of a disclosure's statement, and what each leads to.
///
/// # Errors
/// As [`parse_statement`](super::parse_statement).
pub fn list_answers(disclosure: &Disclosure) -> Result<Vec<Answer>> {
    let statement = match disclosure {
        Disclosure::Draft(draft) => parse_statement(draft.id, &draft.statement)?,
        Disclosure::Filed(filed) => parse_filed_statement(&filed.filing)?,
    };
    Ok(rules::list_answers(&statement))
}
