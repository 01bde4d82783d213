//! What reviewers, supervisors and firms do in a review.
use async_graphql::{Context, Object};

use super::DisclosurePayload;
use super::operations::payload;
use crate::disclosure::model::{
    AnswerInput, AppealInput, ClarificationInput, DisclosureId, PaperDisclosureInput,
    RejectionInput,
};
use crate::disclosure::service;
use crate::fault::Result;
use crate::organization::graphql::request_context;

/// Mutations of reviews.
#[derive(Debug, Default)]
pub struct ReviewMutation;

#[Object(crate = "crate::budget")]
impl ReviewMutation {
    /// Asks the firm a question about its disclosure, to be answered by the end of a local day: one
    /// at a time. For reviewers.
    async fn request_clarification(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked, about which part, by when.")] input: ClarificationInput,
    ) -> Result<DisclosurePayload> {
        let (db, viewer) = request_context(ctx)?;
        payload(service::ask(db, viewer, &input).await)
    }

    /// Answers a reviewer's question. For members of the organization.
    async fn answer_clarification(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The question and the answer.")] input: AnswerInput,
    ) -> Result<DisclosurePayload> {
        let (db, viewer) = request_context(ctx)?;
        payload(service::answer(db, viewer, &input).await)
    }

    /// Accepts a disclosure: it stands as it is. For reviewers.
    async fn accept_disclosure(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The disclosure's identifier.")] id: DisclosureId,
        #[graphql(desc = "A remark that the firm may read.")] remark: Option<String>,
    ) -> Result<DisclosurePayload> {
        let (db, viewer) = request_context(ctx)?;
        payload(service::accept(db, viewer, id, remark.as_deref()).await)
    }

    /// Rejects a disclosure for a reason of form, never for what it discloses. The firm can appeal.
    /// For reviewers.
    async fn reject_disclosure(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The disclosure, the reasons, what is wrong and how to mend it.")]
        input: RejectionInput,
    ) -> Result<DisclosurePayload> {
        let (db, viewer) = request_context(ctx)?;
        payload(service::reject(db, viewer, &input).await)
    }

    /// Takes a mistaken acceptance, rejection or question back, on the record. For reviewers; once
    /// an appeal was decided, for supervisors.
    async fn reopen_review(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The disclosure's identifier.")] id: DisclosureId,
        #[graphql(desc = "Why; the firm may read it.")] reason: String,
    ) -> Result<DisclosurePayload> {
        let (db, viewer) = request_context(ctx)?;
        payload(service::reopen(db, viewer, id, &reason).await)
    }

    /// Puts you on a disclosure, so that others see that and leave it. For reviewers.
    async fn take_review(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The disclosure's identifier.")] id: DisclosureId,
        #[graphql(desc = "Who it is taken over from, if somebody is on it.")] from: Option<String>,
    ) -> Result<DisclosurePayload> {
        let (db, viewer) = request_context(ctx)?;
        payload(service::take(db, viewer, id, from.as_deref()).await)
    }

    /// Appeals against the rejection of a disclosure, once, within the policy's days: until it is
    /// decided, nothing is refused for the rejection. For signatories.
    async fn appeal_rejection(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The disclosure, and why the rejection is wrong.")] input: AppealInput,
    ) -> Result<DisclosurePayload> {
        let (db, viewer) = request_context(ctx)?;
        payload(service::appeal(db, viewer, &input).await)
    }

    /// Files what a signed paper form states, marked so wherever it is shown. For reviewers.
    async fn enter_paper_disclosure(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The organization, what the form states, who signed it, the form.")]
        input: PaperDisclosureInput,
    ) -> Result<DisclosurePayload> {
        let (db, viewer) = request_context(ctx)?;
        payload(service::enter_paper(db, viewer, &input).await)
    }
}
