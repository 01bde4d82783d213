//! Comparing what one organization states with what it stated before.
use super::{Disclosure, find, read};
use crate::database::Database;
use crate::disclosure::model::{Difference, DisclosureId, Statement};
use crate::disclosure::rules::compare;
use crate::fault::{Fault, Path, Result};
use crate::organization::model::{OrganizationId, Viewer};

/// The difference from one disclosure to another of the same organization; nothing if `viewer`
/// may not see both.
///
/// # Errors
/// `Invalid` for disclosures of two organizations.
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
    let ((of, before), (its, after)) = (stated(&before)?, stated(&after)?);
    if of != its {
        let told = "These are disclosures of two organizations; compare two of the same one.";
        return Err(Fault::invalid(&Path::argument("b"), "contradiction", told));
    }
    Ok(Some(compare(&before, &after)))
}

fn stated(disclosure: &Disclosure) -> Result<(OrganizationId, Statement)> {
    match disclosure {
        Disclosure::Draft(draft) => Ok((draft.organization_id, read(draft.id, &draft.statement)?)),
        Disclosure::Filed(filed) => {
            Ok((filed.row.organization_id, read(filed.row.id, &filed.filing.statement)?))
        }
    }
}
