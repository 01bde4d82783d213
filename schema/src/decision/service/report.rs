//! Decisions with their findings in words, as people and other systems read them.
use chrono::{DateTime, Utc};

use super::{Evaluation, StoredDecision};
use crate::decision::model::DecisionId;
use crate::gate::{Finding, LetterDetails, Outcome, Reading, SubjectKind, render_letter, wording};

/// A finding with its rendered text.
#[derive(Clone, Debug)]
pub struct RenderedFinding {
    pub source: Finding,
    /// What was found, in English.
    pub message: String,
    /// What to do and by when, in English; for a note, that no action is needed.
    pub remedy: String,
    /// The citation of the rule's source.
    pub citation: String,
}

impl RenderedFinding {
    /// Renders a finding as it is read.
    #[must_use]
    pub fn new(finding: &Finding, reading: &Reading<'_>) -> Self {
        let (policy, facts) = (reading.policy(), reading.facts());
        Self {
            message: wording::render_message(finding, policy, facts),
            remedy: wording::render_remedy(finding, reading),
            citation: wording::citation(finding, policy, facts).to_owned(),
            source: finding.clone(),
        }
    }

    /// Renders the findings of a decision, the most severe first.
    #[must_use]
    pub fn all(reading: &Reading<'_>) -> Vec<Self> {
        reading.decision().findings.iter().map(|it| Self::new(it, reading)).collect()
    }
}

/// A decision as another system shows it: outcome, findings and letter.
#[derive(Clone, Debug)]
pub struct DecisionReport {
    pub kind: SubjectKind,
    /// The identifier of the bid, contract or contract action; none for a preview, which has no subject.
    pub subject: Option<String>,
    pub outcome: Outcome,
    /// The decision's identifier; none for a preview, which is not stored.
    pub reference: Option<DecisionId>,
    /// The most severe first.
    pub findings: Vec<RenderedFinding>,
    /// The earliest deadline to cure a finding (UTC, exclusive); none if none can be cured.
    pub cure_by: Option<DateTime<Utc>>,
    /// The version of the policy that was applied.
    pub policy_version: i64,
    /// UTC.
    pub decided_at: DateTime<Utc>,
    /// The letter to the firm, in English.
    pub letter: String,
    /// The identifier of the later decision about the subject that replaced it, if the viewer may see one.
    pub replaced_by: Option<String>,
}

impl DecisionReport {
    /// Reports a stored decision as it is read at `at` (UTC).
    #[must_use]
    pub fn of_stored(stored: &StoredDecision, at: DateTime<Utc>) -> Self {
        let reading = stored.read_at(at);
        let reference = stored.row.id.to_string();
        let details = LetterDetails { reference: Some(&reference), has_unsigned_draft: false };
        Self {
            kind: stored.row.subject_kind,
            subject: Some(stored.facts.subject.id.clone()),
            outcome: stored.row.outcome,
            reference: Some(stored.row.id),
            findings: RenderedFinding::all(&reading),
            cure_by: stored.decision.cure_by(),
            policy_version: stored.row.policy_version,
            decided_at: stored.row.decided_at,
            letter: render_letter(&reading, details),
            replaced_by: stored.standing.replaced_by.clone(),
        }
    }

    /// Reports the decision of a dry run, which is not stored.
    #[must_use]
    pub fn of_dry_run(decided: &StoredDecision) -> Self {
        let StoredDecision { row, decision, facts, policy, .. } = decided;
        let reading = Reading::at_decision(policy, facts, decision).as_preview();
        Self::of_reading(&reading, row.subject_kind, row.policy_version)
    }

    /// Reports an evaluation, which is not stored.
    #[must_use]
    pub fn of_evaluation(evaluation: &Evaluation) -> Self {
        let version = i64::from(evaluation.policy.version());
        Self::of_reading(&evaluation.read(), evaluation.kind, version)
    }

    fn of_reading(reading: &Reading<'_>, kind: SubjectKind, policy_version: i64) -> Self {
        let details = LetterDetails { reference: None, has_unsigned_draft: false };
        Self {
            kind,
            subject: None,
            outcome: reading.decision().outcome,
            reference: None,
            findings: RenderedFinding::all(reading),
            cure_by: reading.decision().cure_by(),
            policy_version,
            decided_at: reading.facts().decided_at,
            letter: render_letter(reading, details),
            replaced_by: None,
        }
    }
}
