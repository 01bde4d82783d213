//! How clients see what reviewers make of a disclosure.
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

/// Reads what reviewers made of several disclosures. Made anew for each request.
#[derive(Clone, Debug)]
pub struct ReviewLoader {
    pub db: Database,
}

impl Loader<DisclosureId> for ReviewLoader {
    type Value = Reviews;
    type Error = Fault;

    async fn load(&self, ids: &[DisclosureId]) -> Result<HashMap<DisclosureId, Reviews>> {
        let ids = ids.iter().map(|id| id.uuid()).collect();
        service::load_reviews(&self.db.read, ids).await
    }
}

/// A filing's version of the policy, for what is new since.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Answered(pub i64);

impl Loader<Answered> for ReviewLoader {
    type Value = Option<service::News>;
    type Error = Fault;

    /// There are as many versions as there were laws: a handful.
    async fn load(&self, versions: &[Answered]) -> Result<HashMap<Answered, Self::Value>> {
        let mut found = HashMap::new();
        for version in versions {
            found.insert(*version, service::news(&self.db.read, version.0).await?);
        }
        Ok(found)
    }
}

/// What a newer policy asks that the filing did not answer.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct QuestionsNews {
    /// The version of the policy that asks.
    policy_version: u32,
    /// The local day at whose midnight it begins, or began.
    effective_from: Date,
    /// The last local day on which the old answers still count.
    counts_until: Date,
    /// What is new, each in words.
    questions: Vec<&'static str>,
}

impl From<service::News> for QuestionsNews {
    fn from(news: service::News) -> Self {
        Self {
            policy_version: news.policy.version(),
            effective_from: news.policy.effective_from().into(),
            counts_until: news.counts_until.into(),
            questions: news.questions,
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
    /// Its identifier.
    pub async fn id(&self) -> ClarificationId {
        self.0.id
    }
    /// The disclosure that it is about.
    async fn disclosure_id(&self) -> DisclosureId {
        self.0.disclosure_id
    }
    /// The part that it is about, from the statement inwards; the whole statement if it is empty.
    async fn path(&self) -> &[String] {
        &self.0.path.0
    }
    /// What is asked.
    async fn question(&self) -> &str {
        &self.0.question
    }
    /// Where it is in its life.
    async fn status(&self) -> ClarificationStatus {
        self.0.status
    }
    /// The subject of the token of the reviewer who asked.
    async fn asked_by(&self) -> &str {
        self.0.asked_by.subject()
    }
    /// When it was asked (UTC).
    async fn asked_at(&self) -> DateTime<Utc> {
        self.0.asked_at
    }
    /// Until when an answer is in time, exclusive (UTC, a local midnight).
    async fn due_at(&self) -> DateTime<Utc> {
        self.0.due_at
    }
    /// The answer; null while there is none.
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
    /// Why it needs no answer any more.
    async fn closing(&self) -> Option<&str> {
        self.0.closing.as_deref()
    }
}

/// An acceptance or a rejection of a disclosure.
#[derive(Clone, Debug)]
pub struct Review(service::Review);

impl From<service::Review> for Review {
    fn from(row: service::Review) -> Self {
        Self(row)
    }
}

/// An acceptance or a rejection of a disclosure: for its form, never for what it discloses.
#[Object(crate = "crate::budget")]
impl Review {
    /// Its identifier.
    pub async fn id(&self) -> ReviewId {
        self.0.id
    }
    /// What was decided.
    async fn verdict(&self) -> Verdict {
        self.0.verdict
    }
    /// Why it was rejected; empty for an acceptance.
    async fn reasons(&self) -> &[RejectionReason] {
        &self.0.reasons.0
    }
    /// The parts that the rejection is about, each from the statement inwards.
    async fn paths(&self) -> &[Vec<String>] {
        &self.0.paths.0
    }
    /// What is wrong and how to mend it, or a remark.
    async fn explanation(&self) -> &str {
        &self.0.explanation
    }
    /// The subject of the token of who decided.
    async fn decided_by(&self) -> &str {
        self.0.decided_by.subject()
    }
    /// When (UTC).
    async fn decided_at(&self) -> DateTime<Utc> {
        self.0.decided_at
    }
    /// Until when a rejection can be appealed, exclusive (UTC, a local midnight).
    async fn appeal_by(&self) -> Option<DateTime<Utc>> {
        self.0.appeal_by
    }
    /// The subject of the token of who took it back.
    async fn reopened_by(&self) -> Option<&str> {
        self.0.reopened_by.as_ref().map(Principal::subject)
    }
    /// When it was taken back (UTC); null while it stands.
    async fn reopened_at(&self) -> Option<DateTime<Utc>> {
        self.0.reopened_at
    }
    /// Why it was taken back.
    async fn reopening(&self) -> Option<&str> {
        self.0.reopening.as_deref()
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

/// A firm's appeal against the rejection of its disclosure; a supervisor who took no part decides.
#[Object(crate = "crate::budget")]
impl Appeal {
    /// Its identifier.
    pub async fn id(&self) -> AppealId {
        self.0.id
    }
    /// The disclosure that was rejected.
    async fn disclosure_id(&self) -> DisclosureId {
        self.0.disclosure_id
    }
    /// The rejection that is appealed against.
    async fn review_id(&self) -> ReviewId {
        self.0.review_id
    }
    /// Why the rejection is wrong.
    async fn grounds(&self) -> &str {
        &self.0.grounds
    }
    /// When it was filed (UTC).
    async fn filed_at(&self) -> DateTime<Utc> {
        self.0.filed_at
    }
    /// What was decided; null while it is open.
    async fn outcome(&self) -> Option<AppealOutcome> {
        self.0.outcome
    }
    /// Why.
    async fn explanation(&self) -> Option<&str> {
        self.0.explanation.as_deref()
    }
    /// The subject of the token of the supervisor who decided.
    async fn decided_by(&self) -> Option<&str> {
        self.0.decided_by.as_ref().map(Principal::subject)
    }
    /// When it was decided (UTC).
    async fn decided_at(&self) -> Option<DateTime<Utc>> {
        self.0.decided_at
    }
}
