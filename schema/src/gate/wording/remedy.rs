//! The remedy of each finding: what to do.
use super::{award, format_deadline, format_stored_date};
use crate::gate::{Finding, Policy, RuleCode, Severity};

/// Renders a finding's remedy: what to do and by when, or that no action is needed.
#[must_use]
pub fn render_remedy(finding: &Finding, policy: &Policy) -> String {
    if finding.severity == Severity::Note {
        return "No action is needed.".into();
    }
    if !finding.value("cureEndedOn").is_empty() {
        return "It is too late to fix this for this bid. Fix it before the next one. If you believe \
            that this is a mistake, contact the department."
            .into();
    }
    let by = finding
        .cure_by
        .map_or_else(String::new, |at| format!(" by {}", format_deadline(at, policy)));
    match finding.code {
        RuleCode::DisclosureMissing => format!(
            "File a disclosure{by}. For agreements and for data sharing, list each one or state \
            that there are none."
        ),
        RuleCode::DisclosureStale => format!(
            "File a new disclosure{by}; if nothing has changed, reaffirm the last one in one step."
        ),
        RuleCode::DisclosureOutdatedTerms => {
            format!("File a new disclosure{by} that answers the questions of this version.")
        }
        RuleCode::DisclosureRejected if !finding.value("appeal").is_empty() => {
            "No action is needed now: a supervisor who took no part decides the appeal.".into()
        }
        RuleCode::DisclosureRejected => {
            let within = match finding.value("appealBy") {
                "" => {
                    let days = policy.parameters().appeal_days.value;
                    format!("within the {days} business days that the policy allows")
                }
                last => format!("by the end of {}", format_stored_date(last)),
            };
            format!(
                "Fix what the reviewer's notice names and file a new disclosure{by}, or appeal \
                {within}."
            )
        }
        RuleCode::DisclosurePartlyWithheld => {
            "No action is needed now: a reviewer checks the grounds and asks if something is unclear.".into()
        }
        RuleCode::ClarificationOpen => "Answer the reviewer's question.".into(),
        RuleCode::ClarificationOverdue => {
            "Answer the reviewer's question now: without an answer, the award may be blocked.".into()
        }
        RuleCode::MemberMissingDisclosure => {
            format!("Have the member file its own disclosure{by}.")
        }
        RuleCode::SubcontractorMissingDisclosure => {
            format!("Have the subcontractor file its own disclosure{by}.")
        }
        RuleCode::ClauseMissing => format!(
            "The contracting department adds the clause, version {}, to the contract and records \
            that it did.",
            policy.parameters().clause_version.value
        ),
        RuleCode::AwardProbablyUndisclosed
        | RuleCode::AwardUnderAppeal
        | RuleCode::AwardResponseOpen
        | RuleCode::AwardConfirmedUndisclosed => {
            award::remedy(finding, policy.parameters().appeal_days.value)
        }
        RuleCode::ExemptionFollowUpOverdue => {
            "File the deferred disclosure now: it is overdue.".into()
        }
        RuleCode::DisclosureCorrected
        | RuleCode::AwardOutOfScope
        | RuleCode::ExemptionApplied
        | RuleCode::AgreementDisclosed
        | RuleCode::SharesCityData
        | RuleCode::SharesWithDhs
        | RuleCode::WaiverApplied
        | RuleCode::PolicySuspended => "No action is needed.".into(),
    }
}
