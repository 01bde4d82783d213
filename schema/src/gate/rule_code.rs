//! The rules by name. Names are ours and stable; what each weighs is the policy's.
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

macro_rules! rules {
    ($($(#[doc = $doc:literal])* $rule:ident = $code:literal,)+) => {
        /// A rule of the gate, in the order in which findings are told. In text and JSON its
        /// dotted name, such as `disclosure.missing`.
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
        )]
        pub enum RuleCode {
            $($(#[doc = $doc])* #[serde(rename = $code)] $rule,)+
        }

        impl RuleCode {
            /// Every rule.
            pub const ALL: &'static [Self] = &[$(Self::$rule),+];

            /// The dotted name.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$rule => $code,)+
                }
            }
        }
    };
}

rules! {
    /// No filed disclosure.
    DisclosureMissing = "disclosure.missing",
    /// Filed too long before the reference date.
    DisclosureStale = "disclosure.stale",
    /// It answers questions that have changed since.
    DisclosureOutdatedTerms = "disclosure.outdated_terms",
    /// Rejected for a reason of form.
    DisclosureRejected = "disclosure.rejected",
    /// A part is withheld.
    DisclosurePartlyWithheld = "disclosure.partly_withheld",
    /// Amended after a match was put to the firm.
    DisclosureCorrected = "disclosure.corrected",
    /// A reviewer's question is not answered, and not yet due.
    ClarificationOpen = "clarification.open",
    /// A reviewer's question is not answered, and past due.
    ClarificationOverdue = "clarification.overdue",
    /// A member of the joint venture has no current disclosure.
    MemberMissingDisclosure = "joint_venture.member_missing_disclosure",
    /// A named subcontractor at or over the threshold has no current disclosure.
    SubcontractorMissingDisclosure = "subcontractor.missing_disclosure",
    /// The contract lacks the clause.
    ClauseMissing = "contract.clause_missing",
    /// A federal award matched that no disclosed agreement covers.
    AwardProbablyUndisclosed = "award.probably_undisclosed",
    /// Such a match is confirmed, and the firm's time to answer has not run out.
    AwardResponseOpen = "award.response_open",
    /// Such a match is confirmed, and the firm was heard or let its time pass.
    AwardConfirmedUndisclosed = "award.confirmed_undisclosed",
    /// The firm's appeal against it is open.
    AwardUnderAppeal = "award.under_appeal",
    /// A match that does not count.
    AwardOutOfScope = "award.out_of_scope",
    /// Staff claimed an exemption.
    ExemptionApplied = "exemption.applied",
    /// The disclosure that an exemption put off is not in.
    ExemptionFollowUpOverdue = "exemption.follow_up_overdue",
    /// Agreements with a component of the Department of Homeland Security are disclosed.
    AgreementDisclosed = "dhs.agreement_disclosed",
    /// Sharing of City data is disclosed.
    SharesCityData = "data_sharing.city_data",
    /// Sharing with the Department of Homeland Security, or onward to it, is disclosed.
    SharesWithDhs = "data_sharing.to_dhs",
    /// A waiver lowers a rule to a note.
    WaiverApplied = "waiver.applied",
    /// A court or the City lifted rules.
    PolicySuspended = "policy.suspended",
}

/// A text that names no rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownRule(String);

impl fmt::Display for UnknownRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "there is no rule {:?}", self.0)
    }
}

impl std::error::Error for UnknownRule {}

impl FromStr for RuleCode {
    type Err = UnknownRule;
    fn from_str(text: &str) -> Result<Self, UnknownRule> {
        let named = Self::ALL.iter().find(|rule| rule.as_str() == text);
        named.copied().ok_or_else(|| UnknownRule(text.chars().take(60).collect()))
    }
}

impl fmt::Display for RuleCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::RuleCode;

    #[test]
    fn a_rule_is_read_as_it_is_written() {
        assert_eq!(RuleCode::ALL.len(), 23);
        for rule in RuleCode::ALL {
            assert_eq!(rule.as_str().parse(), Ok(*rule));
            assert_eq!(serde_json::to_value(rule).expect("JSON"), rule.as_str());
        }
        assert!("disclosure.absent".parse::<RuleCode>().is_err());
    }
}
