//! The review of a disclosure: clarifications, acceptances, rejections and appeals.
use async_graphql::InputObject;
use sea_orm::FromJsonQueryResult;
use serde::{Deserialize, Serialize};

use super::{Attachment, AttestationInput, DisclosureId, Statement};
use crate::gate::{RejectionReason, ReviewState};
use crate::organization::model::OrganizationId;
use crate::scalar::Date;
use crate::transition::{InvalidTransition, transition};

typed_id! {
    /// The identifier of a reviewer's question about a disclosure.
    ClarificationId, "clr"
}
typed_id! {
    /// The identifier of an acceptance or rejection of a disclosure.
    ReviewId, "rvw"
}
typed_id! {
    /// The identifier of a firm's appeal against a rejection.
    AppealId, "apl"
}

string_enum! {
    /// The status of a reviewer's question.
    pub enum ClarificationStatus {
        /// Waiting for the firm's answer.
        Open,
        /// Answered by the firm.
        Answered,
        /// Closed without an answer: the firm filed again, or the reviewer withdrew the question.
        Closed,
    }

    /// A reviewer's verdict on a disclosure.
    pub enum Verdict {
        /// Accepted as filed.
        Accepted,
        /// Rejected for a formal reason.
        Rejected,
    }

    /// A supervisor's decision on an appeal.
    pub enum AppealOutcome {
        /// The rejection, or the confirmation of a match, is upheld.
        Upheld,
        /// The rejection is reversed and the disclosure is reviewed again; or the match is dismissed.
        Reopened,
    }
}

/// The reasons for a rejection, as stored.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct RejectionReasons(pub Vec<RejectionReason>);

/// The path of a part of a statement, as stored; empty for the whole statement.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct PartPath(pub Vec<String>);

/// The paths of parts of a statement, as stored.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct PartPaths(pub Vec<Vec<String>>);

/// The transitions of a review: each returns the next state. The gate declares the state, because
/// its facts hold it; what a reviewer may do with it belongs here.
pub trait ReviewTransitions: Sized {
    /// The state after a reviewer's question.
    ///
    /// # Errors
    /// If the disclosure is accepted or rejected, or a question is open.
    fn request_clarification(self) -> Result<Self, InvalidTransition<Self>>;

    /// The state after the open question is answered or closed.
    ///
    /// # Errors
    /// If no question is open.
    fn close_clarification(self) -> Result<Self, InvalidTransition<Self>>;

    /// The state after an acceptance.
    ///
    /// # Errors
    /// If the disclosure is accepted or rejected, or a question is open.
    fn accept(self) -> Result<Self, InvalidTransition<Self>>;

    /// The state after a rejection; `for_no_answer` means that it is for an overdue question.
    ///
    /// # Errors
    /// If the disclosure is accepted or rejected, or a question is open and not overdue.
    fn reject(self, for_no_answer: bool) -> Result<Self, InvalidTransition<Self>>;

    /// The state after an acceptance or rejection is reopened.
    ///
    /// # Errors
    /// If the disclosure is neither accepted nor rejected.
    fn reopen(self) -> Result<Self, InvalidTransition<Self>>;
}

impl ReviewTransitions for ReviewState {
    fn request_clarification(self) -> Result<Self, InvalidTransition<Self>> {
        transition(self, &[Self::Unreviewed], Self::ClarificationRequested)
    }

    fn close_clarification(self) -> Result<Self, InvalidTransition<Self>> {
        transition(self, &[Self::ClarificationRequested], Self::Unreviewed)
    }

    fn accept(self) -> Result<Self, InvalidTransition<Self>> {
        transition(self, &[Self::Unreviewed], Self::Accepted)
    }

    fn reject(self, for_no_answer: bool) -> Result<Self, InvalidTransition<Self>> {
        let allowed: &[Self] = if for_no_answer {
            &[Self::Unreviewed, Self::ClarificationRequested]
        } else {
            &[Self::Unreviewed]
        };
        transition(self, allowed, Self::Rejected)
    }

    fn reopen(self) -> Result<Self, InvalidTransition<Self>> {
        transition(self, &[Self::Accepted, Self::Rejected], Self::Unreviewed)
    }
}

/// A reviewer's question about a disclosure.
#[derive(Clone, Debug, InputObject)]
pub struct ClarificationInput {
    /// The disclosure.
    pub disclosure_id: DisclosureId,
    /// The question.
    pub question: String,
    /// The path of the part it concerns, starting at the statement, with list items by index from 0;
    /// empty for the whole statement.
    #[graphql(default)]
    pub path: Vec<String>,
    /// The last local day for the answer: a business day after today. If omitted, the answer is due
    /// after the policy's `clarificationDays`.
    pub due_on: Option<Date>,
}

/// A firm's answer to a reviewer's question.
#[derive(Clone, Debug, InputObject)]
pub struct AnswerInput {
    /// The question.
    pub clarification_id: ClarificationId,
    /// The answer. To change the statement, file an amendment instead.
    pub answer: String,
}

/// A rejection of a disclosure, for formal reasons only.
#[derive(Clone, Debug, InputObject)]
pub struct RejectionInput {
    /// The disclosure.
    pub disclosure_id: DisclosureId,
    /// At least one of the policy's rejection reasons. What is disclosed is never a reason.
    pub reasons: Vec<RejectionReason>,
    /// The paths of the parts concerned, starting at the statement; required for `CONTRADICTORY`.
    #[graphql(default)]
    pub paths: Vec<Vec<String>>,
    /// What is wrong and how to fix it, for the firm to read.
    pub explanation: String,
}

/// A firm's appeal against the rejection of its disclosure.
#[derive(Clone, Debug, InputObject)]
pub struct AppealInput {
    /// The disclosure that was rejected.
    pub disclosure_id: DisclosureId,
    /// The grounds of the appeal.
    pub grounds: String,
}

/// A supervisor's decision on an appeal.
#[derive(Clone, Debug, InputObject)]
pub struct AppealDecisionInput {
    /// The appeal.
    pub appeal_id: AppealId,
    /// The decision.
    pub outcome: AppealOutcome,
    /// The explanation, for the firm to read.
    pub explanation: String,
}

/// A signed paper form that City staff enter.
#[derive(Clone, Debug, InputObject)]
pub struct PaperDisclosureInput {
    /// The organization that discloses.
    pub organization_id: OrganizationId,
    /// The statement on the form.
    pub statement: Statement,
    /// The signature on the form.
    pub attestation: AttestationInput,
    /// The local day of signing.
    pub signed_on: Date,
    /// The scanned form: name, digest and link.
    pub paper: Attachment,
}
