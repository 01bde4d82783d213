//! The GraphQL types of clarifications, verdicts and appeals.
use std::collections::HashMap;

use async_graphql::dataloader::Loader;
use async_graphql::{Object, SimpleObject};
use chrono::{DateTime, Utc};

use crate::database::Database;
use crate::disclosure::model::{
    AppealId, AppealOutcome, ClarificationId, ClarificationStatus, DisclosureId, ReviewId, Verdict,
};
use crate::disclosure::service::{self, Reviews};
use crate::fault::{Fault, Result};
use crate::gate::RejectionReason;
use crate::principal::Principal;
use crate::scalar::Date;

/// Loads the clarifications, verdicts and appeals of disclosures for one request.
#[derive(Clone, Debug)]
pub struct ReviewLoader {
    pub db: Database,
}

#[async_graphql::async_trait::async_trait]
impl Loader<DisclosureId> for ReviewLoader {
    type Value = Reviews;
    type Error = Fault;

    async fn load(&self, ids: &[DisclosureId]) -> Result<HashMap<DisclosureId, Reviews>> {
        let ids = ids.iter().map(|id| id.uuid()).collect();
        service::load_reviews(&self.db.read, ids).await
    }
}

/// The policy version that a filing answered: the key of later question changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AnsweredPolicyVersion(pub i64);

#[async_graphql::async_trait::async_trait]
impl Loader<AnsweredPolicyVersion> for ReviewLoader {
    type Value = Option<service::QuestionChanges>;
    type Error = Fault;

    /// One query per policy version; there are few versions.
    async fn load(
        &self,
        versions: &[AnsweredPolicyVersion],
    ) -> Result<HashMap<AnsweredPolicyVersion, Self::Value>> {
        let mut loaded = HashMap::new();
        for version in versions {
            loaded
                .insert(*version, service::find_question_changes(&self.db.read, version.0).await?);
        }
        Ok(loaded)
    }
}

/// The questions of a newer policy that the filing did not answer.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct QuestionChanges {
    /// The version of the newer policy.
    policy_version: u32,
    /// The local day on which the newer policy takes effect.
    effective_from: Date,
    /// The last local day on which the filing's answers still count.
    counts_until: Date,
    /// The changed questions, each in words.
    questions: Vec<&'static str>,
}

impl From<service::QuestionChanges> for QuestionChanges {
    fn from(changes: service::QuestionChanges) -> Self {
        Self {
            policy_version: changes.policy.version(),
            effective_from: changes.policy.effective_from().into(),
            counts_until: changes.counts_until.into(),
            questions: changes.questions,
        }
    }
}

/// A reviewer's question about a disclosure.
#[derive(Clone, Debug)]
pub struct Clarification(service::Clarification);

impl From<service::Clarification> for Clarification {
    fn from(row: service::Clarification) -> Self {
        Self(row)
    }
}

/// A reviewer's question about a disclosure, and the firm's answer.
#[Object(crate = "crate::budget")]
impl Clarification {
    /// The identifier.
    pub async fn id(&self) -> ClarificationId {
        self.0.id
    }
    /// The disclosure that the question concerns.
    async fn disclosure_id(&self) -> DisclosureId {
        self.0.disclosure_id
    }
    /// The path of the part concerned, starting at the statement; empty for the whole statement.
    async fn path(&self) -> &[String] {
        &self.0.path.0
    }
    /// The question.
    async fn question(&self) -> &str {
        &self.0.question
    }
    /// The status.
    async fn status(&self) -> ClarificationStatus {
        self.0.status
    }
    /// The token subject of the reviewer who asked.
    async fn asked_by(&self) -> &str {
        self.0.asked_by.subject()
    }
    /// When it was asked (UTC).
    async fn asked_at(&self) -> DateTime<Utc> {
        self.0.asked_at
    }
    /// The end of the time to answer, exclusive (UTC, a local midnight).
    async fn due_at(&self) -> DateTime<Utc> {
        self.0.due_at
    }
    /// The firm's answer; null if there is none.
    async fn answer(&self) -> Option<&str> {
        self.0.answer.as_deref()
    }
    /// When it was answered (UTC).
    async fn answered_at(&self) -> Option<DateTime<Utc>> {
        self.0.answered_at
    }
    /// When it was closed without an answer (UTC).
    async fn closed_at(&self) -> Option<DateTime<Utc>> {
        self.0.closed_at
    }
    /// The reason why it was closed without an answer.
    async fn close_reason(&self) -> Option<&str> {
        self.0.close_reason.as_deref()
    }
}

/// An acceptance or rejection of a disclosure.
#[derive(Clone, Debug)]
pub struct Review(service::Review);

impl From<service::Review> for Review {
    fn from(row: service::Review) -> Self {
        Self(row)
    }
}

/// An acceptance or rejection of a disclosure. A rejection is for formal reasons, never for what is
/// disclosed.
#[Object(crate = "crate::budget")]
impl Review {
    /// The identifier.
    pub async fn id(&self) -> ReviewId {
        self.0.id
    }
    /// The verdict.
    async fn verdict(&self) -> Verdict {
        self.0.verdict
    }
    /// The reasons for a rejection; empty for an acceptance.
    async fn reasons(&self) -> &[RejectionReason] {
        &self.0.reasons.0
    }
    /// The paths of the parts that the rejection concerns, each starting at the statement.
    async fn paths(&self) -> &[Vec<String>] {
        &self.0.paths.0
    }
    /// What is wrong and how to fix it; for an acceptance, a remark.
    async fn explanation(&self) -> &str {
        &self.0.explanation
    }
    /// The token subject of the reviewer.
    async fn decided_by(&self) -> &str {
        self.0.decided_by.subject()
    }
    /// When it was decided (UTC).
    async fn decided_at(&self) -> DateTime<Utc> {
        self.0.decided_at
    }
    /// The end of the time to appeal a rejection, exclusive (UTC, a local midnight).
    async fn appeal_by(&self) -> Option<DateTime<Utc>> {
        self.0.appeal_by
    }
    /// The token subject of the person who reopened it.
    async fn reopened_by(&self) -> Option<&str> {
        self.0.reopened_by.as_ref().map(Principal::subject)
    }
    /// When it was reopened (UTC); null while it is in effect.
    async fn reopened_at(&self) -> Option<DateTime<Utc>> {
        self.0.reopened_at
    }
    /// The reason for reopening it.
    async fn reopen_reason(&self) -> Option<&str> {
        self.0.reopen_reason.as_deref()
    }
}

/// A firm's appeal against a rejection.
#[derive(Clone, Debug)]
pub struct Appeal(service::Appeal);

impl From<service::Appeal> for Appeal {
    fn from(row: service::Appeal) -> Self {
        Self(row)
    }
}

/// A firm's appeal against the rejection of its disclosure, decided by a supervisor who took no part
/// in the review.
#[Object(crate = "crate::budget")]
impl Appeal {
    /// The identifier.
    pub async fn id(&self) -> AppealId {
        self.0.id
    }
    /// The disclosure that was rejected.
    async fn disclosure_id(&self) -> DisclosureId {
        self.0.disclosure_id
    }
    /// The rejection under appeal.
    async fn review_id(&self) -> ReviewId {
        self.0.review_id
    }
    /// The grounds of the appeal.
    async fn grounds(&self) -> &str {
        &self.0.grounds
    }
    /// When it was filed (UTC).
    async fn filed_at(&self) -> DateTime<Utc> {
        self.0.filed_at
    }
    /// The decision; null while the appeal is open.
    async fn outcome(&self) -> Option<AppealOutcome> {
        self.0.outcome
    }
    /// The explanation of the decision.
    async fn explanation(&self) -> Option<&str> {
        self.0.explanation.as_deref()
    }
    /// The token subject of the supervisor who decided.
    async fn decided_by(&self) -> Option<&str> {
        self.0.decided_by.as_ref().map(Principal::subject)
    }
    /// When it was decided (UTC).
    async fn decided_at(&self) -> Option<DateTime<Utc>> {
        self.0.decided_at
    }
}
