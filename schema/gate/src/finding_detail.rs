//! What each rule of the gate finds: its stable code and the values from which message and remedy
//! are rendered. The policy sets each rule's severity.
use std::fmt;
use std::str::FromStr;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::facts::AwardFacts;
use super::{
    DhsComponent, EntityScope, ExemptionKind, Money, NatureOfWork, OutOfScopeReason, PartyRole,
    RecipientKind, RejectionReason, WithheldGround,
};

/// Declares `RuleCode` and `FindingDetail` from one list, so that no rule has a code without values
/// or values without a code.
macro_rules! rules {
    ($(
        $(#[doc = $doc:literal])*
        $rule:ident = $code:literal {
            $($(#[$field_meta:meta])* $field:ident: $type:ty,)+
        }
    )+) => {
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

        /// What a rule found. Its JSON is an object with the rule's `code` and the values.
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(tag = "code", rename_all_fields = "camelCase", deny_unknown_fields)]
        pub enum FindingDetail {
            $(
                $(#[doc = $doc])*
                #[serde(rename = $code)]
                $rule { $($(#[$field_meta])* $field: $type,)+ },
            )+
        }

        impl FindingDetail {
            /// The code of the rule that found it.
            #[must_use]
            pub const fn code(&self) -> RuleCode {
                match self {
                    $(Self::$rule { .. } => RuleCode::$rule,)+
                }
            }
        }
    };
}

rules! {
    /// The firm has filed no disclosure.
    DisclosureMissing = "disclosure.missing" {
        /// The organization's name.
        name: String,
    }
    /// The disclosure was filed more days before the reference time than the policy allows.
    DisclosureStale = "disclosure.stale" {
        /// The local date of filing.
        filed_on: NaiveDate,
        /// The local date of the reference time.
        counted_on: NaiveDate,
        /// Calendar days from the one to the other.
        days: i64,
    }
    /// The disclosure answers an older policy's questions, and the transition days are over.
    DisclosureOutdatedTerms = "disclosure.outdated_terms" {
        /// The version of the policy whose questions it answers.
        policy_version: u32,
    }
    /// A reviewer rejected the disclosure for a reason of form.
    DisclosureRejected = "disclosure.rejected" {
        /// The filing's number among the organization's filings, from 1.
        version: u32,
        /// Whether the firm's appeal is undecided.
        has_open_appeal: bool,
        /// The reasons of form, each once.
        reasons: Vec<RejectionReason>,
        /// What the reviewer wrote to the firm, if anything.
        explanation: Option<String>,
        /// The last local date on which the firm may appeal, if it is set.
        appeal_until: Option<NaiveDate>,
    }
    /// Parts of the disclosure are withheld, each with its ground.
    DisclosurePartlyWithheld = "disclosure.partly_withheld" {
        /// The number of withheld parts.
        parts: usize,
        /// The grounds, each once.
        grounds: Vec<WithheldGround>,
        /// The paths of the parts from the root of the disclosure, each once.
        paths: Vec<Vec<String>>,
    }
    /// The firm amended its disclosure after a notice about a match.
    DisclosureCorrected = "disclosure.corrected" {
        /// The award that the disclosure now covers.
        award: AwardSummary,
    }
    /// A clarification request is open and not yet due.
    ClarificationOpen = "clarification.open" {
        /// The last local date for the answer.
        due_on: NaiveDate,
        /// The path of the part that the question is about; empty for the whole disclosure.
        about: Vec<String>,
    }
    /// A clarification request is open and past due.
    ClarificationOverdue = "clarification.overdue" {
        /// The last local date for the answer.
        due_on: NaiveDate,
        /// The path of the part that the question is about; empty for the whole disclosure.
        about: Vec<String>,
    }
    /// A member of the joint venture, or a named subcontractor at or over the threshold, is not one
    /// known firm: no firm, or more than one, fits the name and the number that were given.
    PartyUnidentified = "party.unidentified" {
        /// The party's name, as the bidder gave it.
        name: String,
        /// Whether the party is a subcontractor or a member.
        role: PartyRole,
    }
    /// A member of the joint venture has no current disclosure.
    MemberMissingDisclosure = "joint_venture.member_missing_disclosure" {
        /// The member's name, as the bidder gave it.
        name: String,
    }
    /// A named subcontractor at or over the threshold has no current disclosure.
    SubcontractorMissingDisclosure = "subcontractor.missing_disclosure" {
        /// The subcontractor's name, as the bidder gave it.
        name: String,
        /// The total of its work; none if an amount is unknown or the currencies differ.
        amount: Option<Money>,
    }
    /// The contract lacks the clause.
    ClauseMissing = "contract.clause_missing" {
        /// The older version of the clause that the contract carries, if any.
        clause_version: Option<u32>,
    }
    /// No disclosed agreement covers a federal award that probably or certainly belongs to the
    /// firm.
    AwardProbablyUndisclosed = "award.probably_undisclosed" {
        /// The award.
        award: AwardSummary,
    }
    /// Such a match is confirmed, and the firm's time to respond has not ended.
    AwardResponseOpen = "award.response_open" {
        /// The award.
        award: AwardSummary,
        /// The last local date for the firm's response.
        respond_until: NaiveDate,
    }
    /// Such a match is confirmed, and the firm's time to respond has ended.
    AwardConfirmedUndisclosed = "award.confirmed_undisclosed" {
        /// The award.
        award: AwardSummary,
        /// The last local date for the firm's response.
        respond_until: NaiveDate,
    }
    /// The firm's appeal of such a confirmation is open.
    AwardUnderAppeal = "award.under_appeal" {
        /// The award.
        award: AwardSummary,
    }
    /// A matched federal award is outside what the policy asks for.
    AwardOutOfScope = "award.out_of_scope" {
        /// The award.
        award: AwardSummary,
        /// Why the policy does not ask for it.
        reason: OutOfScopeReason,
    }
    /// An officer claimed an exemption.
    ExemptionApplied = "exemption.applied" {
        /// The kind of exemption.
        kind: ExemptionKind,
        /// The law that it cites.
        authority: String,
        /// The last local date for the deferred disclosure; none if the policy asks for none.
        due_on: Option<NaiveDate>,
    }
    /// A claimed exemption puts off the disclosure, and does not carry a term of this length.
    ExemptionTermExceeded = "exemption.term_exceeded" {
        /// The kind of exemption.
        kind: ExemptionKind,
        /// The last local date for the deferred disclosure.
        due_on: NaiveDate,
        /// The last local date until which an award or contract action under the exemption may last.
        lasts_until: NaiveDate,
        /// The last local date of this award or contract action.
        ends_on: NaiveDate,
    }
    /// The disclosure that an exemption deferred is overdue.
    ExemptionFollowUpOverdue = "exemption.follow_up_overdue" {
        /// The kind of exemption.
        kind: ExemptionKind,
        /// The last local date for the deferred disclosure.
        due_on: NaiveDate,
    }
    /// The firm disclosed agreements with a component of the Department of Homeland Security.
    AgreementDisclosed = "dhs.agreement_disclosed" {
        /// The number of agreements, from 1. It comes first because findings with the same path are
        /// listed in the order of their values.
        agreements: usize,
        /// The component; none if it is withheld.
        component: Option<DhsComponent>,
        /// The component's name, if it is `OTHER`.
        component_name: Option<String>,
        /// The categories of the work, each once.
        natures: Vec<NatureOfWork>,
        /// The total of the known compensations, one sum for each currency.
        totals: Vec<Money>,
        /// The number of agreements whose compensation is unknown or withheld.
        unknown: usize,
        /// The number of agreements in the short form, which asks for no compensation.
        not_asked: usize,
    }
    /// The firm disclosed that it shares City data.
    SharesCityData = "data_sharing.city_data" {
        /// The number of arrangements that share City data, from 1.
        arrangements: usize,
        /// The kinds of recipients, each once; withheld ones are left out.
        recipients: Vec<RecipientKind>,
    }
    /// The firm disclosed that data reaches the Department of Homeland Security.
    SharesWithDhs = "data_sharing.to_dhs" {
        /// The number of arrangements whose recipient is a component.
        direct: usize,
        /// These components, each once.
        components: Vec<DhsComponent>,
        /// The number of arrangements whose recipient passes data on to a component.
        onward_known: usize,
        /// The number of arrangements whose recipient may pass data on to a component.
        onward_allowed: usize,
    }
    /// A waiver lowered a rule's findings to notes.
    WaiverApplied = "waiver.applied" {
        /// The waived rule.
        rule: RuleCode,
        /// The law that the waiver cites.
        authority: String,
        /// The waiver's last local date.
        expires_on: NaiveDate,
    }
    /// A court or the City suspended the policy or some of its rules.
    PolicySuspended = "policy.suspended" {
        /// The suspended rules; empty for every rule of the policy.
        rules: Vec<RuleCode>,
        /// The citation of the order.
        citation: String,
        /// The codes of the rules that would have found something without it, in the order of the
        /// rules; empty in decisions that predate this field.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        lifted: Vec<RuleCode>,
    }
}

/// A federal award that was matched with the firm, so far as a finding describes it. It has no
/// similarity score.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AwardSummary {
    /// The award's number (PIID or FAIN), as the award data writes it.
    pub number: String,
    /// The number of the parent award, if it has one.
    pub parent_number: Option<String>,
    /// The awarding DHS component.
    pub component: DhsComponent,
    /// The recipient's name, as the award data writes it.
    pub recipient: String,
    /// The recipient's relation to the firm: `SELF` for the firm itself.
    pub relation: EntityScope,
    /// The date on which it was signed, if known.
    pub signed_on: Option<NaiveDate>,
    /// The last day of its period of performance, if known.
    pub ends_on: Option<NaiveDate>,
    /// The obligated amount, else the current or potential value; none if the data has no amount.
    pub value: Option<Money>,
}

impl From<&AwardFacts> for AwardSummary {
    fn from(award: &AwardFacts) -> Self {
        Self {
            number: award.number.clone(),
            parent_number: award.parent_number.clone(),
            component: award.component,
            recipient: award.recipient.clone(),
            relation: award.relation,
            signed_on: award.signed_on,
            ends_on: award.ends_on,
            value: award.value.clone(),
        }
    }
}

impl FindingDetail {
    /// Whether it is a rejection that the firm appealed and nobody has decided yet.
    #[must_use]
    pub const fn is_rejection_under_appeal(&self) -> bool {
        matches!(self, Self::DisclosureRejected { has_open_appeal: true, .. })
    }

    /// The one component of the Department of Homeland Security that the finding is about; none if
    /// there is none or it is withheld.
    #[must_use]
    pub const fn component(&self) -> Option<DhsComponent> {
        match self {
            Self::AgreementDisclosed { component, .. } => *component,
            Self::DisclosureCorrected { award }
            | Self::AwardProbablyUndisclosed { award }
            | Self::AwardResponseOpen { award, .. }
            | Self::AwardConfirmedUndisclosed { award, .. }
            | Self::AwardUnderAppeal { award }
            | Self::AwardOutOfScope { award, .. } => Some(award.component),
            Self::DisclosureMissing { .. }
            | Self::DisclosureStale { .. }
            | Self::DisclosureOutdatedTerms { .. }
            | Self::DisclosureRejected { .. }
            | Self::DisclosurePartlyWithheld { .. }
            | Self::ClarificationOpen { .. }
            | Self::ClarificationOverdue { .. }
            | Self::PartyUnidentified { .. }
            | Self::MemberMissingDisclosure { .. }
            | Self::SubcontractorMissingDisclosure { .. }
            | Self::ClauseMissing { .. }
            | Self::ExemptionApplied { .. }
            | Self::ExemptionTermExceeded { .. }
            | Self::ExemptionFollowUpOverdue { .. }
            | Self::SharesCityData { .. }
            | Self::SharesWithDhs { .. }
            | Self::WaiverApplied { .. }
            | Self::PolicySuspended { .. } => None,
        }
    }
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
        assert_eq!(RuleCode::ALL.len(), 25);
        for rule in RuleCode::ALL {
            assert_eq!(rule.as_str().parse(), Ok(*rule));
            assert_eq!(serde_json::to_value(rule).expect("JSON"), rule.as_str());
        }
        assert!("disclosure.absent".parse::<RuleCode>().is_err());
    }
}
