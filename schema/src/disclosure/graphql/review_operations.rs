//! Mutations of reviews, clarifications and appeals.
use async_graphql::{Context, Error, Object, SimpleObject, Value};

use super::operations::payload;
use super::{Disclosure, DisclosurePayload};
use crate::disclosure::model::{
    AnswerInput, AppealInput, ClarificationInput, DisclosureId, PaperDisclosureInput,
    RejectionInput,
};
use crate::disclosure::service::{self, Acceptances};
use crate::fault::{Fault, Result, UserError};
use crate::graphql::context::request_context;

/// A disclosure that was not accepted.
#[derive(SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct AcceptanceFailure {
    /// The disclosure's identifier.
    id: DisclosureId,
    /// The code of the error, such as `CONFLICT` or `FORBIDDEN`.
    code: String,
    /// What happened, and what to do.
    message: String,
}

impl From<(DisclosureId, Fault)> for AcceptanceFailure {
    /// The same code and message as of a request that accepts this disclosure alone.
    fn from((id, fault): (DisclosureId, Fault)) -> Self {
        let Error { message, extensions, .. } = fault.into();
        let code = match extensions.as_ref().and_then(|values| values.get("code")) {
            Some(Value::String(code)) => code.clone(),
            _ => "INTERNAL".to_owned(),
        };
        Self { id, code, message }
    }
}

/// The result of accepting several disclosures.
#[derive(SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct AcceptDisclosuresPayload {
    /// The accepted disclosures, in the order of the request.
    disclosures: Vec<Disclosure>,
    /// The disclosures that were not accepted.
    failures: Vec<AcceptanceFailure>,
    /// All errors in the input; none was accepted if there are any.
    user_errors: Vec<UserError>,
}

/// Mutations of reviews.
#[derive(Debug, Default)]
pub struct ReviewMutation;

#[Object(crate = "crate::budget")]
impl ReviewMutation {
    /// Asks the firm a question about its disclosure, to answer by the end of a business day. One
    /// question may be open at a time. For reviewers.
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

    /// Accepts several disclosures as filed, each on its own: one that cannot be accepted leaves the
    /// others accepted. For reviewers.
    async fn accept_disclosures(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The disclosures' identifiers, at most 100; a repeated one counts once.")]
        ids: Vec<DisclosureId>,
        #[graphql(desc = "A remark that the firms may read.")] remark: Option<String>,
    ) -> Result<AcceptDisclosuresPayload> {
        let (db, viewer) = request_context(ctx)?;
        match service::accept_many(db, viewer, &ids, remark.as_deref()).await {
            Ok(Acceptances { accepted, failures }) => Ok(AcceptDisclosuresPayload {
                disclosures: accepted.into_iter().map(Disclosure::from).collect(),
                failures: failures.into_iter().map(AcceptanceFailure::from).collect(),
                user_errors: Vec::new(),
            }),
            Err(Fault::Invalid(user_errors)) => Ok(AcceptDisclosuresPayload {
                disclosures: Vec::new(),
                failures: Vec::new(),
                user_errors,
            }),
            Err(fault) => Err(fault),
        }
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

    /// Hands the review of a disclosure over to another reviewer. For its reviewer, and for supervisors.
    async fn assign_review(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The disclosure's identifier.")] id: DisclosureId,
        #[graphql(desc = "The token subject of the reviewer who takes the review over.")]
        to: String,
    ) -> Result<DisclosurePayload> {
        let (db, viewer) = request_context(ctx)?;
        payload(service::assign_review(db, viewer, id, &to).await)
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
