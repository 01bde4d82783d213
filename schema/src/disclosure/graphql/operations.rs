//! Queries and mutations of disclosures.
use async_graphql::{Context, Object, SimpleObject};

use super::Disclosure;
use crate::disclosure::model::{
    AttestationInput, Difference, DisclosureDraftInput, DisclosureId, FilingInput,
};
use crate::disclosure::service;
use crate::fault::{Result, UserError};
use crate::organization::graphql::{request_context, split_user_errors};
use crate::organization::model::OrganizationId;

/// Queries of disclosures.
#[derive(Debug, Default)]
pub struct DisclosureQuery;

#[Object(crate = "crate::budget")]
impl DisclosureQuery {
    /// One disclosure; null if there is none or it is not yours to see. Drafts are their
    /// organization's alone.
    async fn disclosure(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The disclosure's identifier.")] id: DisclosureId,
    ) -> Result<Option<Disclosure>> {
        let (db, viewer) = request_context(ctx)?;
        Ok(service::find(db, viewer, id).await?.map(Disclosure::from))
    }

    /// How two disclosures of one organization differ, field by field; null if there is no such
    /// disclosure or one of them is not yours to see. An organization may compare its draft.
    async fn compare_disclosures(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The earlier one's identifier.")] a: DisclosureId,
        #[graphql(desc = "The later one's identifier.")] b: DisclosureId,
    ) -> Result<Option<Difference>> {
        let (db, viewer) = request_context(ctx)?;
        service::difference(db, viewer, a, b).await
    }
}

/// The disclosure, or what to mend.
#[derive(SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct DisclosurePayload {
    /// As it is now; null if anything is to mend.
    disclosure: Option<Disclosure>,
    /// Everything to mend, at once.
    user_errors: Vec<UserError>,
}

pub(super) fn payload<T: Into<service::Disclosure>>(
    result: Result<T>,
) -> Result<DisclosurePayload> {
    let (disclosure, user_errors) = split_user_errors(result)?;
    Ok(DisclosurePayload { disclosure, user_errors })
}

/// The draft that was discarded.
#[derive(SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct DiscardedDraftPayload {
    /// Its identifier; null if anything is to mend.
    discarded_id: Option<DisclosureId>,
    /// Everything to mend, at once.
    user_errors: Vec<UserError>,
}

/// Mutations of disclosures.
#[derive(Debug, Default)]
pub struct DisclosureMutation;

#[Object(crate = "crate::budget")]
impl DisclosureMutation {
    /// Keeps a draft as typed, however incomplete. For members of the organization.
    async fn save_disclosure_draft(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The whole draft, and the revision that was read.")]
        input: DisclosureDraftInput,
    ) -> Result<DisclosurePayload> {
        let (db, viewer) = request_context(ctx)?;
        payload(service::save_draft(db, viewer, input).await)
    }

    /// Throws a draft away. For members of the organization.
    async fn discard_disclosure_draft(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The draft's identifier.")] id: DisclosureId,
        #[graphql(desc = "The revision that was read.")] revision: i64,
    ) -> Result<DiscardedDraftPayload> {
        let (db, viewer) = request_context(ctx)?;
        let draft = service::discard_draft(db, viewer, id, revision).await?;
        Ok(DiscardedDraftPayload { discarded_id: Some(draft.id), user_errors: Vec::new() })
    }

    /// Files a draft as it was read; it is frozen from then on. For signatories.
    async fn file_disclosure(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The draft, its revision and the signature.")] input: FilingInput,
    ) -> Result<DisclosurePayload> {
        let (db, viewer) = request_context(ctx)?;
        payload(service::file(db, viewer, &input).await)
    }

    /// Files a certificate of no change: the last filing's statement, newly attested. For
    /// signatories.
    async fn reaffirm_disclosure(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The organization that discloses.")] organization_id: OrganizationId,
        #[graphql(desc = "The signature.")] attestation: AttestationInput,
    ) -> Result<DisclosurePayload> {
        let (db, viewer) = request_context(ctx)?;
        payload(service::reaffirm(db, viewer, organization_id, &attestation).await)
    }

    /// Withdraws the disclosure that counts, unless a live bid of the organization's own rests on
    /// it. The filing stays on the record. For signatories.
    async fn withdraw_disclosure(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The disclosure's identifier.")] id: DisclosureId,
        #[graphql(desc = "Why.")] reason: String,
    ) -> Result<DisclosurePayload> {
        let (db, viewer) = request_context(ctx)?;
        payload(service::withdraw(db, viewer, id, &reason).await)
    }
}
