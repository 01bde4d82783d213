//! The remedy of each finding: what to do.
use super::{format_date, format_deadline};
use crate::{Finding, FindingDetail, Policy, Severity};

/// Renders a finding's remedy: what to do and by when, or that no action is needed.
#[must_use]
pub fn render_remedy(finding: &Finding, policy: &Policy) -> String {
    if finding.severity == Severity::Note {
        return "No action is needed.".into();
    }
    // While an appeal is open, the finding may still be withdrawn after the time to cure it.
    if finding.cure_ended_on.is_some() && !finding.detail.is_rejection_under_appeal() {
        return "It is too late to fix this for this bid. Fix it before the next one. If you believe \
            that this is a mistake, contact the department."
            .into();
    }
    let by = finding
        .cure_by
        .map_or_else(String::new, |at| format!(" by {}", format_deadline(at, policy)));
    let appeal_days = policy.parameters().appeal_days.value;
    match &finding.detail {
        FindingDetail::DisclosureMissing { .. } => format!(
            "File a disclosure{by}. For agreements and for data sharing, list each one or state \
            that there are none."
        ),
        FindingDetail::DisclosureStale { .. } => format!(
            "File a new disclosure{by}; if nothing has changed, reaffirm the last one in one step."
        ),
        FindingDetail::DisclosureOutdatedTerms { .. } => {
            format!("File a new disclosure{by} that answers the questions of this version.")
        }
        FindingDetail::DisclosureRejected { has_open_appeal: true, .. }
        | FindingDetail::AwardUnderAppeal { .. } => {
            "No action is needed now: a supervisor who took no part decides the appeal.".into()
        }
        FindingDetail::DisclosureRejected { appeal_until, .. } => {
            let within = match appeal_until {
                None => format!("within the {appeal_days} business days that the policy allows"),
                Some(last) => format!("by the end of {}", format_date(*last)),
            };
            format!(
                "Fix what the reviewer's notice names and file a new disclosure{by}, or appeal \
                {within}."
            )
        }
        FindingDetail::DisclosurePartlyWithheld { .. } => {
            "No action is needed now: a reviewer checks the grounds and asks if something is unclear.".into()
        }
        FindingDetail::ClarificationOpen { .. } => "Answer the reviewer's question.".into(),
        FindingDetail::ClarificationOverdue { .. } => {
            "Answer the reviewer's question now: without an answer, the award may be blocked.".into()
        }
        FindingDetail::PartyUnidentified { .. } => {
            "Look the firm up by its name or number, and choose the right one. A firm that is not \
            registered yet registers under that name or number first, and files its own disclosure. \
            A reviewer can also choose it."
                .into()
        }
        FindingDetail::MemberMissingDisclosure { .. } => {
            format!("Have the member file its own disclosure{by}.")
        }
        FindingDetail::SubcontractorMissingDisclosure { .. } => {
            format!("Have the subcontractor file its own disclosure{by}.")
        }
        FindingDetail::ClauseMissing { .. } => format!(
            "The contracting department adds the clause, version {}, to the contract and records \
            that it did.",
            policy.parameters().clause_version.value
        ),
        FindingDetail::AwardProbablyUndisclosed { .. } => {
            "No action is needed now: a reviewer checks the award, and the firm is notified of the \
            result. If the award is the firm's, it may amend the disclosure at any time."
                .into()
        }
        FindingDetail::AwardResponseOpen { .. } => {
            "Respond to the notice: explain why the award is not the firm's, or amend the \
            disclosure to list it."
                .into()
        }
        FindingDetail::AwardConfirmedUndisclosed { .. } => format!(
            "Amend the disclosure to list the award, or appeal within {appeal_days} business days \
            of the notice."
        ),
        FindingDetail::ExemptionFollowUpOverdue { .. } => {
            "File the deferred disclosure now: it is overdue.".into()
        }
        FindingDetail::DisclosureCorrected { .. }
        | FindingDetail::AwardOutOfScope { .. }
        | FindingDetail::ExemptionApplied { .. }
        | FindingDetail::AgreementDisclosed { .. }
        | FindingDetail::SharesCityData { .. }
        | FindingDetail::SharesWithDhs { .. }
        | FindingDetail::WaiverApplied { .. }
        | FindingDetail::PolicySuspended { .. } => "No action is needed.".into(),
    }
}
