//! What to do.
use super::{award, date, deadline};
use crate::gate::{Finding, Policy, RuleCode, Severity};

/// What to do about a finding, and by when; that there is nothing to do, where there is not.
#[must_use]
pub fn remedy(finding: &Finding, policy: &Policy) -> String {
    if finding.severity == Severity::Note {
        return "Nothing needs to be done.".into();
    }
    if !finding.value("cureEndedOn").is_empty() {
        return "Nothing can mend it for this bid any more. Have it in order for the next one; ask \
            the department named below if you believe that this is a mistake."
            .into();
    }
    let by = finding.cure_by.map_or_else(String::new, |at| format!(" by {}", deadline(at, policy)));
    match finding.code {
        RuleCode::DisclosureMissing => format!(
            "File a disclosure{by}. For agreements and for data sharing alike, list what there is \
            or state that there is none."
        ),
        RuleCode::DisclosureStale => format!(
            "File a new disclosure{by}; if nothing has changed, reaffirm the last one, which takes \
            one step."
        ),
        RuleCode::DisclosureOutdatedTerms => {
            format!("File a new disclosure{by} that answers the questions of this version.")
        }
        RuleCode::DisclosureRejected if !finding.value("appeal").is_empty() => {
            "Nothing now: a supervisor who took no part decides the appeal.".into()
        }
        RuleCode::DisclosureRejected => {
            let within = match finding.value("appealBy") {
                "" => {
                    let days = policy.parameters().appeal_days.value;
                    format!("within the {days} business days that the policy gives")
                }
                last => format!("by the end of {}", date(last)),
            };
            format!(
                "Mend what the reviewer's notice names and file a new disclosure{by}, or appeal \
                {within}."
            )
        }
        RuleCode::DisclosurePartlyWithheld => {
            "Nothing now: a reviewer looks at the grounds, and asks if something is unclear.".into()
        }
        RuleCode::ClarificationOpen => "Answer the reviewer's question.".into(),
        RuleCode::ClarificationOverdue => {
            "Answer the reviewer's question still: unanswered, it may stop the award.".into()
        }
        RuleCode::MemberMissingDisclosure => {
            format!("Have the member file its own disclosure{by}.")
        }
        RuleCode::SubcontractorMissingDisclosure => {
            format!("Have the subcontractor file its own disclosure{by}.")
        }
        RuleCode::ClauseMissing => format!(
            "The contracting department puts the clause, version {}, into the contract and records \
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
            "File the disclosure that was put off; it was due.".into()
        }
        RuleCode::DisclosureCorrected
        | RuleCode::AwardOutOfScope
        | RuleCode::ExemptionApplied
        | RuleCode::AgreementDisclosed
        | RuleCode::SharesCityData
        | RuleCode::SharesWithDhs
        | RuleCode::WaiverApplied
        | RuleCode::PolicySuspended => "Nothing needs to be done.".into(),
    }
}
