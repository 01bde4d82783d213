//! Entering a disclosure that was signed on paper.
use std::sync::Arc;

use sea_orm::ConnectionTrait;

use super::filing::{Checked, New, Signed, Typed, checked, require_same_policy, signer, write};
use super::{Filed, attestation, store};
use crate::database::Database;
use crate::disclosure::model::{AttestationForm, DisclosureId, PaperDisclosureInput};
use crate::disclosure::rules;
use crate::fault::{Fault, FieldPath, InputErrors, Result};
use crate::organization;
use crate::organization::model::{OrganizationId, Role, Viewer};
use crate::organization::service::Include;
use crate::policy;
use crate::text::validate_date;

/// Files what a signed paper form states, for a firm that cannot sign in. It is marked so wherever
/// it is shown; the form is attached by name, digest and link. It counts from the moment at which
/// it is entered. A draft that the firm is writing stays as it is. In place of what a signatory
/// filed here, only a supervisor enters a form.
///
/// # Errors
/// `Forbidden` to all but reviewers and supervisors, and to a reviewer if a signatory filed what is
/// on file; `NotFound` without such an organization; `Invalid` with every gap of the statement, the signature and the form.
pub async fn enter_paper(
    db: &Database,
    viewer: &Viewer,
    input: &PaperDisclosureInput,
) -> Result<Filed> {
    viewer
        .reviews("only a reviewer of the Bureau of Contract Administration enters a paper form")?;
    let organization = input.organization_id;
    let known = vec![organization.uuid()];
    if organization::service::by_ids(&db.read, known, Include::default()).await?.is_empty() {
        return Err(Fault::NotFound);
    }
    require_may_replace(&db.read, viewer, organization).await?;
    let policy = Arc::new(policy::service::current(&db.read, viewer.now).await?.policy);
    let (path, mut problems) = (FieldPath::argument("input"), InputErrors::default());
    let at = path.at("signedOn");
    let signed_on = validate_date(&input.signed_on, &at, &mut problems);
    if signed_on.is_some_and(|day| day > policy.calendar().local_date(viewer.now)) {
        problems.add(&at, "invalid", "The form cannot have been signed on a day to come.");
    }
    let paper = rules::paper(&input.paper, &path.at("paper"), &mut problems);
    let mut errors = problems.into_errors();
    let typed = Typed::Read(input.statement.clone());
    let checked = checked(db, viewer, typed, Arc::clone(&policy)).await?;
    let statement = checked.unwrap_or_else(|gaps| {
        errors.extend(gaps.into_iter().map(|gap| crate::fault::UserError {
            path: ["input".to_owned()].into_iter().chain(gap.path).collect(),
            ..gap
        }));
        Checked::default()
    });
    // A paper form may bear no address.
    let signer = signer(&input.attestation, Some("not given"), &path.at("attestation"))
        .map_err(|told| errors.extend(told));
    let (true, Ok(signer), Some(signed_on)) = (errors.is_empty(), signer, signed_on) else {
        return Err(Fault::Invalid(errors));
    };
    let tx = db.begin().await?;
    let firm = organization::service::lock_one(&tx, organization).await?;
    require_may_replace(&*tx, viewer, organization).await?;
    let viewer = &viewer.at_lock(&tx);
    require_same_policy(&tx, viewer, &policy).await?;
    let id = DisclosureId::generate();
    let new = New { id, organization, firm: &firm.legal_name, policy: &policy };
    let signature =
        Signed { signer, at: policy.calendar().midnight(signed_on), paper: Some(paper) };
    let filed = write(&tx, viewer, &new, None, statement, signature).await?;
    tx.commit().await?;
    Ok(filed)
}

/// # Errors
/// `Forbidden` if a signatory filed what is on file and the viewer is no supervisor.
async fn require_may_replace(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    organization: OrganizationId,
) -> Result<()> {
    if viewer.is(Role::BcaSupervisor) {
        return Ok(());
    }
    for filed in store::on_file(db, vec![organization.uuid()]).await? {
        if attestation(&filed.filing)?.form == AttestationForm::Electronic {
            return Err(Fault::Forbidden(
                "the firm's signatory filed the disclosure that is on file; only a supervisor \
                replaces it by a paper form",
            ));
        }
    }
    Ok(())
}
