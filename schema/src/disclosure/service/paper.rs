//! Entry of disclosures that were signed on paper.
use std::sync::Arc;

use sea_orm::ConnectionTrait;

use super::filing::{
    NewFiling, Signature, StatementSource, ValidStatement, insert_filing, require_same_policy,
    validate_signer, validate_statement,
};
use super::{FiledDisclosure, parse_attestation, store};
use crate::database::Database;
use crate::disclosure::model::{AttestationForm, DisclosureId, PaperDisclosureInput};
use crate::disclosure::rules;
use crate::fault::{Fault, FieldPath, InputErrors, Result};
use crate::organization;
use crate::organization::model::{OrganizationId, Role, Viewer};
use crate::organization::service::OrganizationInclude;
use crate::policy;
use crate::text::validate_date;
use crate::user_message::UserMessage;

/// Files the statement of a signed paper form, for a firm that cannot sign in. The filing is marked as
/// paper, refers to the form by name, digest and link, and counts from the time of entry. The
/// firm's draft is left unchanged. Only a supervisor may replace an electronic filing.
///
/// # Errors
/// `Forbidden` unless the viewer is a reviewer or supervisor, and to a reviewer if the filing on
/// file is electronic; `NotFound` if the organization does not exist; `Invalid` with all errors of the
/// statement, the signature and the form.
#[tracing::instrument(skip_all, fields(id = %input.organization_id))]
pub async fn enter_paper(
    db: &Database,
    viewer: &Viewer,
    input: &PaperDisclosureInput,
) -> Result<FiledDisclosure> {
    viewer.require_reviewer(
        "only a reviewer of the Bureau of Contract Administration may enter a paper form",
    )?;
    let organization = input.organization_id;
    let ids = vec![organization.uuid()];
    if organization::service::load_organizations(&db.read, ids, OrganizationInclude::default())
        .await?
        .is_empty()
    {
        return Err(Fault::NotFound);
    }
    require_may_replace(&db.read, viewer, organization).await?;
    let policy = Arc::new(policy::service::require_in_force(&db.read, viewer.now).await?.policy);
    let (path, mut input_errors) = (FieldPath::argument("input"), InputErrors::default());
    let at = path.at("signedOn");
    let signed_on = validate_date(&input.signed_on, &at, &mut input_errors);
    if signed_on.is_some_and(|day| day > policy.calendar().local_date(viewer.now)) {
        input_errors.add(&at, UserMessage::SignedInFuture);
    }
    let paper = rules::validate_paper_form(&input.paper, &path.at("paper"), &mut input_errors);
    let mut errors = input_errors.into_errors();
    let source = StatementSource::Input(input.statement.clone());
    let validated = validate_statement(db, viewer, source, Arc::clone(&policy)).await?;
    let statement = validated.unwrap_or_else(|gaps| {
        errors.extend(gaps.into_iter().map(|gap| crate::fault::UserError {
            path: ["input".to_owned()].into_iter().chain(gap.path).collect(),
            ..gap
        }));
        ValidStatement::default()
    });
    // A paper form may have no e-mail address.
    let signer = validate_signer(&input.attestation, Some("not given"), &path.at("attestation"))
        .map_err(|invalid| errors.extend(invalid));
    let (true, Ok(signer), Some(signed_on)) = (errors.is_empty(), signer, signed_on) else {
        return Err(Fault::Invalid(errors));
    };
    let tx = db.begin().await?;
    let firm = organization::service::lock_organization(&tx, organization).await?;
    organization::service::require_unmerged(&firm, &path.at("organizationId"))?;
    require_may_replace(&*tx, viewer, organization).await?;
    let viewer = &viewer.with_effective_time(&tx);
    require_same_policy(&tx, viewer, &policy).await?;
    let id = DisclosureId::generate();
    let new = NewFiling { id, organization, firm: &firm.business_name(), policy: &policy };
    let signature =
        Signature { signer, signed_at: policy.calendar().midnight(signed_on), paper: Some(paper) };
    let filed = insert_filing(&tx, viewer, &new, None, statement, signature).await?;
    tx.commit().await?;
    Ok(filed)
}

/// Requires that the viewer may replace the organization's filing on file by a paper form.
///
/// # Errors
/// `Forbidden` if the filing on file is electronic and the viewer is not a supervisor.
async fn require_may_replace(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    organization: OrganizationId,
) -> Result<()> {
    if viewer.has_role(Role::BcaSupervisor) {
        return Ok(());
    }
    let group = organization::service::load_group(db, organization).await?;
    for filed in store::list_on_file(db, group.all_uuids()).await? {
        if parse_attestation(&filed.filing)?.form == AttestationForm::Electronic {
            return Err(Fault::Forbidden(
                "the firm's signatory filed the disclosure on file; only a supervisor may replace \
                it by a paper form",
            ));
        }
    }
    Ok(())
}
