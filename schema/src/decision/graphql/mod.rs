//! The GraphQL types and queries of decisions, and the type of a subcontractor.
mod subcontractor;
mod substitution;

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::dataloader::{DataLoader, Loader};
use async_graphql::{Context, ID, Json, Object, SimpleObject};
use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::database::Database;
use crate::decision::model::DecisionId;
use crate::decision::service::{self, Evaluation, RenderedFinding, StoredDecision};
use crate::disclosure::graphql::has_unsigned_draft;
use crate::fault::{Fault, Result};
use crate::gate::{
    self, DhsComponent, LetterDetails, Outcome, Reading, Severity, SubjectKind, render_letter,
};
use crate::graphql::context::request_context;
use crate::organization::model::Viewer;

pub use subcontractor::Subcontractor;
pub use substitution::Substitution;

/// A finding with its rendered text.
#[derive(Clone, Debug)]
pub struct Finding(RenderedFinding);

impl Finding {
    fn new(finding: &gate::Finding, reading: &Reading<'_>) -> Self {
        Self(RenderedFinding::new(finding, reading))
    }

    /// The remedy; none for a note.
    #[must_use]
    pub fn first_step(&self) -> Option<String> {
        (self.0.source.severity != Severity::Note).then(|| self.0.remedy.clone())
    }
}

/// One result of a rule of the gate: code, severity, message and remedy.
#[Object(crate = "crate::budget")]
impl Finding {
    /// The rule's stable code, such as `disclosure.missing`.
    async fn code(&self) -> &'static str {
        self.0.source.code().as_str()
    }
    /// The severity: `BLOCK` blocks, `REVIEW` waits for a reviewer, `NOTE` is informational.
    async fn severity(&self) -> Severity {
        self.0.source.severity
    }
    /// What was found, in English.
    async fn message(&self) -> &str {
        &self.0.message
    }
    /// The path of what it is about, from the subject.
    async fn path(&self) -> &[String] {
        &self.0.source.path
    }
    /// The component of the Department of Homeland Security that it is about; null if there is none
    /// or it is withheld.
    async fn component(&self) -> Option<DhsComponent> {
        self.0.source.detail.component()
    }
    /// What to do and by when, in English; for a note, that no action is needed.
    async fn remedy(&self) -> &str {
        &self.0.remedy
    }
    /// The citation of the rule's source.
    async fn citation(&self) -> &str {
        &self.0.citation
    }
    /// The time until which the firm can cure it, exclusive (UTC, a local midnight); null if it
    /// cannot be cured.
    async fn cure_by(&self) -> Option<DateTime<Utc>> {
        self.0.source.cure_by
    }
}

/// The findings of a stored decision with their text as it is read at `at` (UTC), most severe first.
#[must_use]
pub fn stored_findings(stored: &StoredDecision, at: DateTime<Utc>) -> Vec<Finding> {
    read_findings(&stored.read_at(at))
}

/// The findings of a decision that is foreseen, with their text, most severe first.
#[must_use]
pub fn foreseen_findings(evaluation: &Evaluation) -> Vec<Finding> {
    read_findings(&evaluation.read())
}

fn read_findings(reading: &Reading<'_>) -> Vec<Finding> {
    RenderedFinding::all(reading).into_iter().map(Finding).collect()
}

/// A stored decision.
#[derive(Clone, Debug)]
pub struct Decision(StoredDecision);

impl From<StoredDecision> for Decision {
    fn from(decision: StoredDecision) -> Self {
        Self(decision)
    }
}

impl Decision {
    /// Finds the decision before this one on the same subject.
    async fn find_previous(&self, ctx: &Context<'_>) -> Result<Option<StoredDecision>> {
        if self.0.row.sequence == 1 {
            return Ok(None);
        }
        let decisions: &DataLoader<DecisionsOfSubjects> = ctx.data_unchecked();
        let all = decisions.load_one(self.0.row.subject_id).await?.unwrap_or_default();
        Ok(all.into_iter().find(|it| it.row.sequence == self.0.row.sequence - 1))
    }
}

/// The gate's decision about a subject, stored with its facts so that a replay gives the same
/// bytes.
#[Object(crate = "crate::budget")]
impl Decision {
    /// Its identifier.
    pub async fn id(&self) -> DecisionId {
        self.0.row.id
    }
    /// The kind of subject.
    async fn subject_kind(&self) -> SubjectKind {
        self.0.row.subject_kind
    }
    /// The subject's identifier.
    async fn subject_id(&self) -> ID {
        ID(self.0.facts.subject.id.clone())
    }
    /// The number among the subject's decisions, from 1.
    async fn sequence(&self) -> i64 {
        self.0.row.sequence
    }
    /// The outcome of the most severe finding; `ADMIT` without findings.
    async fn outcome(&self) -> Outcome {
        self.0.row.outcome
    }
    /// The findings, most severe first. Each remedy is what can be done now; nothing, if a later decision
    /// about the same subject has replaced this one, or if the bid was withdrawn or its solicitation canceled.
    async fn findings(&self, ctx: &Context<'_>) -> Result<Vec<Finding>> {
        let (_, viewer) = request_context(ctx)?;
        Ok(stored_findings(&self.0, viewer.now))
    }
    /// The earliest cure deadline of the findings, exclusive (UTC); null if none can be cured.
    async fn cure_by(&self) -> Option<DateTime<Utc>> {
        self.0.decision.cure_by()
    }
    /// The version of the policy that was applied.
    async fn policy_version(&self) -> i64 {
        self.0.row.policy_version
    }
    /// The mark of the draft texts of that version; null once they are adopted.
    async fn policy_draft(&self) -> Option<&str> {
        self.0.policy.draft()
    }
    /// The time of the decision (UTC).
    async fn decided_at(&self) -> DateTime<Utc> {
        self.0.row.decided_at
    }
    /// SHA-256 of the facts as canonical JSON (RFC 8785).
    async fn facts_hash(&self) -> &str {
        &self.0.row.facts_sha256
    }
    /// SHA-256 of outcome and findings as canonical JSON (RFC 8785).
    async fn decision_hash(&self) -> &str {
        &self.0.row.decision_sha256
    }
    /// The letter to the firm in English: findings, deadlines, contact, and what can be done now. It says if
    /// a later decision has replaced this one.
    async fn letter(&self, ctx: &Context<'_>) -> Result<String> {
        let (_, viewer) = request_context(ctx)?;
        let row = &self.0.row;
        let reading = self.0.read_at(viewer.now);
        let has_unsigned_draft =
            reading.asks_for_filing() && has_unsigned_draft(ctx, row.organization_id).await?;
        let reference = row.id.to_string();
        let details = LetterDetails { reference: Some(&reference), has_unsigned_draft };
        Ok(render_letter(&reading, details))
    }
    /// The decision before it on the same subject; null for the first.
    async fn previous(&self, ctx: &Context<'_>) -> Result<Option<Decision>> {
        Ok(self.find_previous(ctx).await?.map(Decision))
    }
    /// The findings that changed since the previous decision; empty for the first.
    async fn changes(&self, ctx: &Context<'_>) -> Result<Vec<FindingChange>> {
        let before = self.find_previous(ctx).await?;
        let (_, viewer) = request_context(ctx)?;
        let Some(before) = before else { return Ok(Vec::new()) };
        Ok(list_changes(&before.read_at(viewer.now), &self.0.read_at(viewer.now)))
    }
    /// The facts from which it was decided; null unless the viewer is staff.
    async fn facts(&self, ctx: &Context<'_>) -> Result<Option<Json<serde_json::Value>>> {
        let (_, viewer) = request_context(ctx)?;
        if !viewer.is_staff() {
            return Ok(None);
        }
        let facts = serde_json::from_str(&self.0.row.facts);
        let facts = facts.map_err(|error| Fault::Internal(error.to_string().into()))?;
        Ok(Some(Json(facts)))
    }
}

/// An evaluation that is not stored.
#[derive(Clone, Debug)]
pub struct Readiness(Evaluation);

impl From<Evaluation> for Readiness {
    fn from(evaluation: Evaluation) -> Self {
        Self(evaluation)
    }
}

/// The decision that the gate would make now. Nothing is stored.
#[Object(crate = "crate::budget")]
impl Readiness {
    /// The outcome of the most severe finding; `ADMIT` without findings.
    async fn outcome(&self) -> Outcome {
        self.0.decision.outcome
    }
    /// The findings that the decision would have, most severe first.
    async fn findings(&self) -> Vec<Finding> {
        foreseen_findings(&self.0)
    }
    /// The earliest cure deadline of the findings, exclusive (UTC); null if none can be cured.
    async fn cure_by(&self) -> Option<DateTime<Utc>> {
        self.0.decision.cure_by()
    }
    /// The version of the policy that would be applied.
    async fn policy_version(&self) -> u32 {
        self.0.policy.version()
    }
    /// The mark of the draft texts of that version; null once they are adopted.
    async fn policy_draft(&self) -> Option<&str> {
        self.0.policy.draft()
    }
    /// The letter that the firm would receive.
    async fn letter(&self, ctx: &Context<'_>) -> Result<String> {
        let reading = self.0.read();
        let has_unsigned_draft =
            reading.asks_for_filing() && has_unsigned_draft(ctx, self.0.organization).await?;
        let details = LetterDetails { reference: None, has_unsigned_draft };
        Ok(render_letter(&reading, details))
    }
}

string_enum! {
    /// How a finding differs from the previous decision.
    pub enum FindingChangeKind {
        /// The previous decision has no such finding.
        New,
        /// Only the previous decision has it.
        Gone,
        /// Its severity, values or cure deadline changed.
        Changed,
    }
}

/// A finding that differs from the previous decision about the same subject.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct FindingChange {
    /// How it differs.
    change: FindingChangeKind,
    /// The finding in the previous decision; null if it is new.
    before: Option<Finding>,
    /// The finding in this decision; null if it is gone.
    after: Option<Finding>,
}

/// Lists the differences between two decisions, finding by finding.
fn list_changes(before: &Reading<'_>, after: &Reading<'_>) -> Vec<FindingChange> {
    let (findings_before, findings_after) =
        (&before.decision().findings, &after.decision().findings);
    let mut gone: Vec<_> =
        findings_before.iter().filter(|old| !findings_after.contains(old)).collect();
    let mut changes = Vec::new();
    for new in findings_after.iter().filter(|new| !findings_before.contains(new)) {
        let old = gone.iter().position(|old| is_same_finding(old, new)).map(|at| gone.remove(at));
        changes.push(FindingChange {
            change: match old {
                Some(_) => FindingChangeKind::Changed,
                None => FindingChangeKind::New,
            },
            before: old.map(|old| Finding::new(old, before)),
            after: Some(Finding::new(new, after)),
        });
    }
    changes.extend(gone.into_iter().map(|old| FindingChange {
        change: FindingChangeKind::Gone,
        before: Some(Finding::new(old, before)),
        after: None,
    }));
    changes
}

/// Whether two findings of different decisions are about the same thing. One rule may have several
/// findings with the same path: one for each component.
fn is_same_finding(old: &gate::Finding, new: &gate::Finding) -> bool {
    use gate::FindingDetail::AgreementDisclosed;
    let is_same_component = match (&old.detail, &new.detail) {
        (
            AgreementDisclosed { component: old, component_name: old_name, .. },
            AgreementDisclosed { component: new, component_name: new_name, .. },
        ) => (old, old_name) == (new, new_name),
        _ => true,
    };
    old.code() == new.code() && old.path == new.path && is_same_component
}

/// Loads the decisions about several subjects. One for each request, since it holds the viewer.
#[derive(Clone, Debug)]
pub struct DecisionsOfSubjects {
    pub db: Arc<Database>,
    pub viewer: Arc<Viewer>,
}

#[async_graphql::async_trait::async_trait]
impl Loader<Uuid> for DecisionsOfSubjects {
    type Value = Vec<StoredDecision>;
    type Error = Fault;

    async fn load(&self, subjects: &[Uuid]) -> Result<HashMap<Uuid, Vec<StoredDecision>>> {
        service::list_visible_by_subject(&self.db.read, &self.viewer, subjects.to_vec()).await
    }
}

/// The queries of decisions.
#[derive(Debug, Default)]
pub struct DecisionQuery;

#[Object(crate = "crate::budget")]
impl DecisionQuery {
    /// Finds a decision by identifier; null if there is none or the viewer may not see it.
    async fn decision(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The decision's identifier.")] id: DecisionId,
    ) -> Result<Option<Decision>> {
        let (db, viewer) = request_context(ctx)?;
        Ok(service::find(db, viewer, id).await?.map(Decision))
    }
}
