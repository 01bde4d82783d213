//! Comparing what one organization states with what it stated before.
use super::{Disclosure, find, read};
use crate::compute::Compute;
use crate::database::Database;
use crate::disclosure::model::{Difference, DisclosureId};
use crate::disclosure::rules::compare;
use crate::fault::{Fault, FieldPath, Result};
use crate::organization::model::{OrganizationId, Viewer};

/// The difference from one disclosure to another of the same organization; nothing if `viewer`
/// may not see both.
///
/// # Errors
/// `Invalid` for disclosures of two organizations, and as [`Compute::run`].
pub async fn difference(
    db: &Database,
    viewer: &Viewer,
    before: DisclosureId,
    after: DisclosureId,
) -> Result<Option<Difference>> {
    let (Some(before), Some(after)) =
        (find(db, viewer, before).await?, find(db, viewer, after).await?)
    else {
        return Ok(None);
    };
    let ((of, before), (its, after)) = (stated(before), stated(after));
    if of != its {
        let told = "These are disclosures of two organizations; compare two of the same one.";
        return Err(Fault::invalid(&FieldPath::argument("b"), "contradiction", told));
    }
    let difference = move || Ok(compare(&read(before.0, &before.1)?, &read(after.0, &after.1)?));
    db.cached::<Compute>().run(&viewer.subject, difference).await?.map(Some)
}

/// Whose disclosure it is, and its identifier and statement as they are stored.
fn stated(disclosure: Disclosure) -> (OrganizationId, (DisclosureId, String)) {
    match disclosure {
        Disclosure::Draft(draft) => (draft.organization_id, (draft.id, draft.statement)),
        Disclosure::Filed(filed) => {
            (filed.row.organization_id, (filed.row.id, filed.filing.statement))
        }
    }
}
