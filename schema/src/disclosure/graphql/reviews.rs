//! The GraphQL types of clarifications and verdicts.
use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::dataloader::Loader;
use async_graphql::{ComplexObject, Context, SimpleObject};
use chrono::{DateTime, Utc};

use crate::database::Database;
use crate::disclosure::model::{
    ClarificationId, ClarificationStatus, DisclosureId, ReviewId, Verdict,
};
use crate::disclosure::service::{self, Reviews};
use crate::fault::{Fault, Result};
use crate::gate::RejectionReason;
use crate::organization::graphql::person_name;
use crate::principal::Principal;
use crate::scalar::Date;

/// Loads the clarifications, verdicts and appeals of disclosures for one request.
#[derive(Clone, Debug)]
pub struct ReviewLoader {
    pub db: Arc<Database>,
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
    /// The mark of the draft texts of that version; null once they are adopted.
    policy_draft: Option<String>,
    /// The local day on which the newer policy takes effect.
    effective_from: Date,
    /// The last local day on which the filing's answers still count.
    counts_until: Date,
    /// The changed questions, each in words.
    questions: Vec<&'static str>,
    /// The number of firms whose filing did not answer the newer questions, and who have to file again.
    firms: u64,
    /// The same in sentences.
    text: String,
}

impl From<service::QuestionChanges> for QuestionChanges {
    fn from(changes: service::QuestionChanges) -> Self {
        Self {
            policy_version: changes.policy.version(),
            policy_draft: changes.policy.draft().map(ToOwned::to_owned),
            effective_from: changes.policy.effective_from().into(),
            counts_until: changes.counts_until.into(),
            questions: changes.questions,
            firms: changes.firms,
            text: changes.text,
        }
    }
}

/// A reviewer's question about a disclosure, and the firm's answer.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(crate = "crate::budget", complex)]
pub struct Clarification {
    /// The identifier.
    id: ClarificationId,
    /// The disclosure that the question concerns.
    disclosure_id: DisclosureId,
    /// The path of the part concerned, starting at the statement; empty for the whole statement.
    path: Vec<String>,
    /// The question.
    question: String,
    /// The status.
    status: ClarificationStatus,
    /// The token subject of the reviewer who asked.
    asked_by: String,
    /// When it was asked (UTC).
    asked_at: DateTime<Utc>,
    /// The end of the time to answer, exclusive (UTC, a local midnight).
    due_at: DateTime<Utc>,
    /// The firm's answer; null if there is none.
    answer: Option<String>,
    /// When it was answered (UTC).
    answered_at: Option<DateTime<Utc>>,
    /// When it was closed without an answer (UTC).
    closed_at: Option<DateTime<Utc>>,
    /// The reason why it was closed without an answer.
    close_reason: Option<String>,
    #[graphql(skip)]
    asker: Principal,
}

#[ComplexObject(crate = "crate::budget")]
impl Clarification {
    /// The name of that person, as the token gave it at the last sign-in; null if it gave none.
    async fn asked_by_name(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        person_name(ctx, Some(&self.asker)).await
    }
}

impl From<service::Clarification> for Clarification {
    fn from(row: service::Clarification) -> Self {
        Self {
            id: row.id,
            disclosure_id: row.disclosure_id,
            path: row.path.0,
            question: row.question,
            status: row.status,
            asked_by: row.asked_by.subject().to_owned(),
            asked_at: row.asked_at,
            due_at: row.due_at,
            answer: row.answer,
            answered_at: row.answered_at,
            closed_at: row.closed_at,
            close_reason: row.close_reason,
            asker: row.asked_by,
        }
    }
}

/// An acceptance or rejection of a disclosure. A rejection is for formal reasons, never for what is
/// disclosed.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(crate = "crate::budget", complex)]
pub struct Review {
    /// The identifier.
    id: ReviewId,
    /// The verdict.
    verdict: Verdict,
    /// The reasons for a rejection; empty for an acceptance.
    reasons: Vec<RejectionReason>,
    /// The paths of the parts that the rejection concerns, each starting at the statement.
    paths: Vec<Vec<String>>,
    /// What is wrong and how to fix it; for an acceptance, a remark.
    explanation: String,
    /// The token subject of the reviewer.
    decided_by: String,
    /// When it was decided (UTC).
    decided_at: DateTime<Utc>,
    /// The end of the time to appeal a rejection, exclusive (UTC, a local midnight).
    appeal_by: Option<DateTime<Utc>>,
    /// The token subject of the person who reopened it.
    reopened_by: Option<String>,
    /// When it was reopened (UTC); null while it is in effect.
    reopened_at: Option<DateTime<Utc>>,
    /// The reason for reopening it.
    reopen_reason: Option<String>,
    #[graphql(skip)]
    decider: Principal,
    #[graphql(skip)]
    reopener: Option<Principal>,
}

#[ComplexObject(crate = "crate::budget")]
impl Review {
    /// The name of that person, as the token gave it at the last sign-in; null if it gave none.
    async fn decided_by_name(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        person_name(ctx, Some(&self.decider)).await
    }
    /// The name of that person, as the token gave it at the last sign-in; null if it gave none.
    async fn reopened_by_name(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        person_name(ctx, self.reopener.as_ref()).await
    }
}

impl From<service::Review> for Review {
    fn from(row: service::Review) -> Self {
        Self {
            id: row.id,
            verdict: row.verdict,
            reasons: row.reasons.0,
            paths: row.paths.0,
            explanation: row.explanation,
            decided_by: row.decided_by.subject().to_owned(),
            decided_at: row.decided_at,
            appeal_by: row.appeal_by,
            reopened_by: row.reopened_by.as_ref().map(|person| person.subject().to_owned()),
            reopened_at: row.reopened_at,
            reopen_reason: row.reopen_reason,
            decider: row.decided_by,
            reopener: row.reopened_by,
        }
    }
}
