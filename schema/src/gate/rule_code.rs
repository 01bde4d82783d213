//! The stable codes of the gate's rules. The policy sets each rule's severity.
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

macro_rules! rules {
    ($($(#[doc = $doc:literal])* $rule:ident = $code:literal,)+) => {
        /// A rule of the gate, in the order in which findings are listed. Text and JSON use the
        /// dotted code, such as `disclosure.missing`.
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
        )]
        pub enum RuleCode {
            $($(#[doc = $doc])* #[serde(rename = $code)] $rule,)+
        }

        impl RuleCode {
            /// Every rule, in the order of declaration.
            pub const ALL: &'static [Self] = &[$(Self::$rule),+];

            /// The dotted code, such as `disclosure.missing`.
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
    /// The firm has filed no disclosure.
    DisclosureMissing = "disclosure.missing",
    /// The disclosure was filed more days before the reference time than the policy allows.
    DisclosureStale = "disclosure.stale",
    /// The disclosure answers an older policy's questions, and the transition days are over.
    DisclosureOutdatedTerms = "disclosure.outdated_terms",
    /// A reviewer rejected the disclosure for a reason of form.
    DisclosureRejected = "disclosure.rejected",
    /// Parts of the disclosure are withheld, each with its ground.
    DisclosurePartlyWithheld = "disclosure.partly_withheld",
    /// The firm amended its disclosure after a notice about a match.
    DisclosureCorrected = "disclosure.corrected",
    /// A clarification request is open and not yet due.
    ClarificationOpen = "clarification.open",
    /// A clarification request is open and past due.
    ClarificationOverdue = "clarification.overdue",
    /// A member of the joint venture has no current disclosure.
    MemberMissingDisclosure = "joint_venture.member_missing_disclosure",
    /// A named subcontractor at or over the threshold has no current disclosure.
    SubcontractorMissingDisclosure = "subcontractor.missing_disclosure",
    /// The contract lacks the clause.
    ClauseMissing = "contract.clause_missing",
    /// No disclosed agreement covers a federal award that probably or certainly belongs to the
    /// firm.
    AwardProbablyUndisclosed = "award.probably_undisclosed",
    /// Such a match is confirmed, and the firm's time to respond has not ended.
    AwardResponseOpen = "award.response_open",
    /// Such a match is confirmed, and the firm's time to respond has ended.
    AwardConfirmedUndisclosed = "award.confirmed_undisclosed",
    /// The firm's appeal of such a confirmation is open.
    AwardUnderAppeal = "award.under_appeal",
    /// A matched federal award is outside what the policy asks for.
    AwardOutOfScope = "award.out_of_scope",
    /// An officer claimed an exemption.
    ExemptionApplied = "exemption.applied",
    /// The disclosure that an exemption deferred is overdue.
    ExemptionFollowUpOverdue = "exemption.follow_up_overdue",
    /// The firm disclosed agreements with a component of the Department of Homeland Security.
    AgreementDisclosed = "dhs.agreement_disclosed",
    /// The firm disclosed that it shares City data.
    SharesCityData = "data_sharing.city_data",
    /// The firm disclosed that data reaches the Department of Homeland Security.
    SharesWithDhs = "data_sharing.to_dhs",
    /// A waiver lowered a rule's findings to notes.
    WaiverApplied = "waiver.applied",
    /// A court or the City suspended the policy or some of its rules.
    PolicySuspended = "policy.suspended",
}

/// Returned by `RuleCode::from_str` for a text that is no rule's code; holds its first 60
/// characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownRule(String);

impl fmt::Display for UnknownRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "unknown rule {:?}", self.0)
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
    fn rule_codes_round_trip_through_text_and_json() {
        assert_eq!(RuleCode::ALL.len(), 23);
        for rule in RuleCode::ALL {
            assert_eq!(rule.as_str().parse(), Ok(*rule));
            assert_eq!(serde_json::to_value(rule).expect("JSON"), rule.as_str());
        }
        assert!("disclosure.absent".parse::<RuleCode>().is_err());
    }
}
