//! What reviewers make of a disclosure: questions, acceptances and rejections, appeals.
use async_graphql::InputObject;
use sea_orm::FromJsonQueryResult;
use serde::{Deserialize, Serialize};

use super::{Attachment, AttestationInput, DisclosureId, Statement};
use crate::gate::{RejectionReason, ReviewState};
use crate::organization::model::OrganizationId;
use crate::scalar::Date;

typed_id! {
    /// A reviewer's question about a disclosure.
    ClarificationId, "clr"
}
typed_id! {
    /// An acceptance or a rejection of a disclosure.
    ReviewId, "rvw"
}
typed_id! {
    /// A firm's appeal against a rejection.
    AppealId, "apl"
}

vocabulary! {
    /// Where a question is in its life.
    pub enum ClarificationStatus {
        /// It waits for an answer.
        Open,
        /// It was answered.
        Answered,
        /// It needs no answer any more: a new filing came, or it was taken back.
        Closed,
    }

    /// What a reviewer decided.
    pub enum Verdict {
        /// It stands as it is.
        Accepted,
        /// It is refused for a reason of form.
        Rejected,
    }

    /// What a supervisor decided on an appeal.
    pub enum AppealOutcome {
        /// The rejection, or the confirmation of a match, stands.
        Upheld,
        /// The rejection is lifted, and the disclosure reviewed anew; or the match is dismissed.
        Reopened,
    }
}

/// Reasons for a rejection.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct Reasons(pub Vec<RejectionReason>);

/// A part of a statement, by its fields from the statement inwards; the whole if empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct Part(pub Vec<String>);

/// Parts of a statement.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct Parts(pub Vec<Vec<String>>);

/// A step that the present state of the review does not allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidReview {
    /// The state that does not allow it.
    pub from: ReviewState,
}

/// The life of a review: each step takes the state and gives the next.
impl ReviewState {
    fn step(self, allowed: bool, to: Self) -> Result<Self, InvalidReview> {
        if allowed { Ok(to) } else { Err(InvalidReview { from: self }) }
    }

    /// # Errors
    /// Unless nobody has decided and no question is open.
    pub fn ask(self) -> Result<Self, InvalidReview> {
        self.step(self == Self::Unreviewed, Self::ClarificationRequested)
    }

    /// The open question is answered, taken back or no longer needed.
    ///
    /// # Errors
    /// Unless a question is open.
    pub fn settle(self) -> Result<Self, InvalidReview> {
        self.step(self == Self::ClarificationRequested, Self::Unreviewed)
    }

    /// # Errors
    /// Unless nobody has decided and no question is open.
    pub fn accept(self) -> Result<Self, InvalidReview> {
        self.step(self == Self::Unreviewed, Self::Accepted)
    }

    /// # Errors
    /// Unless nobody has decided and no question is open; `unanswered` tells of one that was not
    /// answered in its time.
    pub fn reject(self, unanswered: bool) -> Result<Self, InvalidReview> {
        let asked = self == Self::ClarificationRequested && unanswered;
        self.step(self == Self::Unreviewed || asked, Self::Rejected)
    }

    /// # Errors
    /// Unless it was accepted or rejected.
    pub fn reopen(self) -> Result<Self, InvalidReview> {
        self.step(matches!(self, Self::Accepted | Self::Rejected), Self::Unreviewed)
    }
}

/// A question as it is asked.
#[derive(Clone, Debug, InputObject)]
pub struct ClarificationInput {
    /// The disclosure.
    pub disclosure_id: DisclosureId,
    /// What is asked, in words.
    pub question: String,
    /// The part that it is about, by its fields from the statement inwards, list items by their
    /// index from 0; the whole statement if it is empty.
    #[graphql(default)]
    pub path: Vec<String>,
    /// The local day on which an answer is still in time.
    pub due_on: Date,
}

/// An answer to a question.
#[derive(Clone, Debug, InputObject)]
pub struct AnswerInput {
    /// The question.
    pub clarification_id: ClarificationId,
    /// The answer, in words. To change what is stated, file an amendment instead.
    pub answer: String,
}

/// A rejection, for a reason of form alone.
#[derive(Clone, Debug, InputObject)]
pub struct RejectionInput {
    /// The disclosure.
    pub disclosure_id: DisclosureId,
    /// Why: at least one of the reasons that the policy knows. What is disclosed is none.
    pub reasons: Vec<RejectionReason>,
    /// The parts that it is about, from the statement inwards; `CONTRADICTORY` must name them.
    #[graphql(default)]
    pub paths: Vec<Vec<String>>,
    /// What is wrong and how to mend it, in words that the firm reads.
    pub explanation: String,
}

/// A firm's appeal against the rejection of its disclosure.
#[derive(Clone, Debug, InputObject)]
pub struct AppealInput {
    /// The disclosure that was rejected.
    pub disclosure_id: DisclosureId,
    /// Why the rejection is wrong, in words.
    pub grounds: String,
}

/// What a supervisor decides on an appeal.
#[derive(Clone, Debug, InputObject)]
pub struct AppealDecisionInput {
    /// The appeal.
    pub appeal_id: AppealId,
    /// Whether what was appealed against stands.
    pub outcome: AppealOutcome,
    /// Why, in words that the firm reads.
    pub explanation: String,
}

/// A signed paper form that staff enter.
#[derive(Clone, Debug, InputObject)]
pub struct PaperDisclosureInput {
    /// The organization that discloses.
    pub organization_id: OrganizationId,
    /// What the form states.
    pub statement: Statement,
    /// Who signed it, and where.
    pub attestation: AttestationInput,
    /// The local day on which it was signed.
    pub signed_on: Date,
    /// The form as it was scanned: name, digest and link.
    pub paper: Attachment,
}
