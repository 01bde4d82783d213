//! Queries and mutations of drafts and filings.
use async_graphql::{Context, Object, SimpleObject};

use super::Disclosure;
use crate::disclosure::model::{
    AttestationInput, Difference, DisclosureDraftInput, DisclosureFilter, DisclosureId, FilingInput,
};
use crate::disclosure::service;
use crate::fault::{Result, UserError};
use crate::graphql::connection::{Connection, connection, requests_total_count};
use crate::graphql::context::request_context;
use crate::graphql::payload::split_user_errors;
use crate::organization::model::OrganizationId;
use crate::page::PageArguments;

/// Queries of disclosures.
#[derive(Debug, Default)]
pub struct DisclosureQuery;

#[Object(crate = "crate::budget")]
impl DisclosureQuery {
    /// A disclosure by identifier; null if it does not exist or you may not see it. Drafts are visible
    /// to their organization only.
    async fn disclosure(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The disclosure's identifier.")] id: DisclosureId,
    ) -> Result<Option<Disclosure>> {
        let (db, viewer) = request_context(ctx)?;
        Ok(service::find(db, viewer, id).await?.map(Disclosure::from))
    }

    /// The filed disclosures that match a filter, the latest filing first. For City staff; contract
    /// officers see those behind the opened bids of their departments.
    async fn disclosures(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which disclosures; all if omitted.")] filter: Option<DisclosureFilter>,
        #[graphql(desc = "The number of rows from the start of the list, at most the page limit.")]
        first: Option<i32>,
        #[graphql(desc = "The cursor to start after.")] after: Option<String>,
        #[graphql(desc = "The number of rows from the end of the list, at most the page limit.")]
        last: Option<i32>,
        #[graphql(desc = "The cursor to end before.")] before: Option<String>,
    ) -> Result<Connection<Disclosure>> {
        let (db, viewer) = request_context(ctx)?;
        let arguments = PageArguments { first, after, last, before };
        let (filter, includes_total) = (filter.unwrap_or_default(), requests_total_count(ctx));
        let listed = service::list_disclosures(db, viewer, filter, &arguments, includes_total);
        let (page, total) = listed.await?;
        Ok(connection(page, total))
    }

    /// The differences between two disclosures of one organization, field by field; null if one of them
    /// does not exist or you may not see it. An organization may compare its draft.
    async fn compare_disclosures(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The earlier one's identifier.")] a: DisclosureId,
        #[graphql(desc = "The later one's identifier.")] b: DisclosureId,
    ) -> Result<Option<Difference>> {
        let (db, viewer) = request_context(ctx)?;
        service::compare_disclosures(db, viewer, a, b).await
    }
}

/// The result of a mutation of a disclosure.
#[derive(SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct DisclosurePayload {
    /// The disclosure after the mutation; null if there are user errors.
    disclosure: Option<Disclosure>,
    /// All errors in the input.
    user_errors: Vec<UserError>,
}

pub(super) fn payload<T: Into<service::Disclosure>>(
    result: Result<T>,
) -> Result<DisclosurePayload> {
    let (disclosure, user_errors) = split_user_errors(result)?;
    Ok(DisclosurePayload { disclosure, user_errors })
}

/// The result of discarding a draft.
#[derive(SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct DiscardedDraftPayload {
    /// The identifier of the discarded draft; null if there are user errors.
    discarded_id: Option<DisclosureId>,
    /// All errors in the input.
    user_errors: Vec<UserError>,
}

/// Mutations of disclosures.
#[derive(Debug, Default)]
pub struct DisclosureMutation;

#[Object(crate = "crate::budget")]
impl DisclosureMutation {
    /// Saves a draft as entered; it may be incomplete. For members of the organization.
    async fn save_disclosure_draft(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The whole draft, and the revision that you read.")]
        input: DisclosureDraftInput,
    ) -> Result<DisclosurePayload> {
        let (db, viewer) = request_context(ctx)?;
        payload(service::save_draft(db, viewer, input).await)
    }

    /// Deletes a draft. For members of the organization.
    async fn discard_disclosure_draft(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The draft's identifier.")] id: DisclosureId,
        #[graphql(desc = "The revision that you read.")] revision: i64,
    ) -> Result<DiscardedDraftPayload> {
        let (db, viewer) = request_context(ctx)?;
        let draft = service::discard_draft(db, viewer, id, revision).await?;
        Ok(DiscardedDraftPayload { discarded_id: Some(draft.id), user_errors: Vec::new() })
    }

    /// Files a draft at the revision that you read. The filing cannot be changed. For signatories.
    async fn file_disclosure(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The draft, its revision and the signature.")] input: FilingInput,
    ) -> Result<DisclosurePayload> {
        let (db, viewer) = request_context(ctx)?;
        payload(service::file(db, viewer, &input).await)
    }

    /// Files a certificate of no change: the last filing's statement with a new attestation. For
    /// signatories.
    async fn reaffirm_disclosure(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The organization that discloses.")] organization_id: OrganizationId,
        #[graphql(
            desc = "The version that you read. If another one is on file by now, nothing is filed, so that \
                    a request that is sent twice files once."
        )]
        version: i64,
        #[graphql(desc = "The signature.")] attestation: AttestationInput,
    ) -> Result<DisclosurePayload> {
        let (db, viewer) = request_context(ctx)?;
        payload(service::reaffirm(db, viewer, organization_id, version, &attestation).await)
    }

    /// Withdraws the disclosure on file, unless a live bid or a contract of the organization relies on
    /// it. The filing stays on the record. For signatories.
    async fn withdraw_disclosure(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The disclosure's identifier.")] id: DisclosureId,
        #[graphql(desc = "The reason for the withdrawal.")] reason: String,
    ) -> Result<DisclosurePayload> {
        let (db, viewer) = request_context(ctx)?;
        payload(service::withdraw(db, viewer, id, &reason).await)
    }
}
