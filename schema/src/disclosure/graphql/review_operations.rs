//! Mutations of reviews, clarifications and appeals.
use async_graphql::{Context, Object};

use super::DisclosurePayload;
use super::operations::payload;
use crate::disclosure::model::{
    AnswerInput, AppealInput, ClarificationInput, DisclosureId, PaperDisclosureInput,
    RejectionInput,
};
use crate::disclosure::service;
use crate::fault::Result;
use crate::graphql::context::request_context;

/// Mutations of reviews.
#[derive(Debug, Default)]
pub struct ReviewMutation;

#[Object(crate = "crate::budget")]
impl ReviewMutation {
    /// Asks the firm a question about its disclosure, to answer by the end of a local day. One question
    /// may be open at a time. For reviewers.
    async fn request_clarification(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The question, the part it concerns, and the due date.")]
        input: ClarificationInput,
    ) -> Result<DisclosurePayload> {
        let (db, viewer) = request_context(ctx)?;
        payload(service::request_clarification(db, viewer, &input).await)
    }

    /// Answers a reviewer's question. For members of the organization.
    async fn answer_clarification(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The question and the answer.")] input: AnswerInput,
    ) -> Result<DisclosurePayload> {
        let (db, viewer) = request_context(ctx)?;
        payload(service::answer_clarification(db, viewer, &input).await)
    }

    /// Accepts a disclosure as filed. For reviewers.
    async fn accept_disclosure(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The disclosure's identifier.")] id: DisclosureId,
        #[graphql(desc = "A remark that the firm may read.")] remark: Option<String>,
    ) -> Result<DisclosurePayload> {
        let (db, viewer) = request_context(ctx)?;
        payload(service::accept(db, viewer, id, remark.as_deref()).await)
    }

    /// Rejects a disclosure for a formal reason, never for what it discloses. The firm may appeal. For
    /// reviewers.
    async fn reject_disclosure(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The disclosure, the reasons, what is wrong and how to fix it.")]
        input: RejectionInput,
    ) -> Result<DisclosurePayload> {
        let (db, viewer) = request_context(ctx)?;
        payload(service::reject(db, viewer, &input).await)
    }

    /// Retracts a mistaken acceptance or rejection, or withdraws a question, on the record. For
    /// reviewers; for supervisors once a rejection was upheld on appeal.
    async fn reopen_review(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The disclosure's identifier.")] id: DisclosureId,
        #[graphql(desc = "The reason; the firm may read it.")] reason: String,
    ) -> Result<DisclosurePayload> {
        let (db, viewer) = request_context(ctx)?;
        payload(service::reopen_review(db, viewer, id, &reason).await)
    }

    /// Assigns you as the reviewer of a disclosure, which other reviewers see. For reviewers.
    async fn take_review(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The disclosure's identifier.")] id: DisclosureId,
        #[graphql(desc = "The current reviewer, to take the review over.")] from: Option<String>,
    ) -> Result<DisclosurePayload> {
        let (db, viewer) = request_context(ctx)?;
        payload(service::take_review(db, viewer, id, from.as_deref()).await)
    }

    /// Appeals against the rejection of a disclosure, once, within the policy's `appealDays`. While the
    /// appeal is open, the rejection blocks nothing. For signatories.
    async fn appeal_rejection(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The disclosure, and why the rejection is wrong.")] input: AppealInput,
    ) -> Result<DisclosurePayload> {
        let (db, viewer) = request_context(ctx)?;
        payload(service::appeal_rejection(db, viewer, &input).await)
    }

    /// Files the statement of a signed paper form; the filing is marked as paper. For reviewers.
    async fn enter_paper_disclosure(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The organization, the statement and signature on the form, and the scanned form."
        )]
        input: PaperDisclosureInput,
    ) -> Result<DisclosurePayload> {
        let (db, viewer) = request_context(ctx)?;
        payload(service::enter_paper(db, viewer, &input).await)
    }
}
