//! The parameters of the ordinance, each with its source.
use std::collections::BTreeSet;

use chrono::NaiveDate;
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Holiday;
use crate::{
    AwardMethod, ContractAction, ContractKind, EntityScope, ExemptionKind, Money,
    ProgramParticipation, RecipientKind, RejectionReason, SubstitutionGround, WaiverGround,
};

/// A value with its source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameter<T> {
    /// The value.
    pub value: T,
    /// The law, practice or decision that it comes from.
    pub source: String,
}

/// The parameters; the policy file uses the same names in camel case.
///
/// A parameter that came after the first build is an `Option`: a policy file must have it, and a stored
/// policy may lack it. A method returns its value, or else what the build without it did. A parameter that
/// nothing reads anymore is kept as it was stored ([`Self::RETIRED_NAMES`]).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Parameters {
    /// The local date on which the policy takes effect, at midnight.
    pub effective_from: Parameter<NaiveDate>,
    /// The time zone of local dates and business days.
    pub timezone: Parameter<Tz>,
    /// The holidays; these, Saturdays and Sundays are not business days.
    pub holidays: Parameter<Vec<Holiday>>,
    /// Whose agreements a disclosure lists.
    pub entity_scope: Parameter<BTreeSet<EntityScope>>,
    /// The look-back period in months before the date of signing: agreements that ended in it are
    /// listed.
    pub look_back_months: Parameter<u32>,
    /// Whether agreements that are only proposed are listed.
    pub ask_proposed: Parameter<bool>,
    /// How much a disclosure says about enrollment in a DHS program.
    pub program_participation: Parameter<ProgramParticipation>,
    /// Whether subcontracts and subgrants of the first tier are listed.
    pub include_subawards: Parameter<bool>,
    /// The kinds of data recipients that must be named; others may be listed by kind and number.
    pub must_be_named: Parameter<BTreeSet<RecipientKind>>,
    /// How long a disclosure is valid after its filing, in local calendar days.
    pub freshness_days: Parameter<u32>,
    /// How long answers to an older policy's questions stay valid after `effective_from`, in local
    /// calendar days.
    pub transition_days: Parameter<u32>,
    /// The time to amend a disclosure after a change, in calendar days.
    pub update_duty_days: Parameter<u32>,
    /// The amount from which a named subcontractor needs its own disclosure.
    pub subcontractor_threshold: Parameter<SubcontractorThreshold>,
    /// For each kind of contract that allows it, when a named subcontractor may be replaced by
    /// another after bids are due; a kind that is not listed allows no substitution.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub substitution: Option<Parameter<Vec<SubstitutionRule>>>,
    /// The procurement methods that need a decision; others are only recorded.
    pub gated_methods: Parameter<BTreeSet<AwardMethod>>,
    /// The amount from which a small purchase needs a decision; zero for every small purchase.
    pub minimum_value: Parameter<Money>,
    /// The contract actions that need a decision; others are only recorded.
    pub gated_actions: Parameter<BTreeSet<ContractAction>>,
    /// Contracts signed on or after this local date need a disclosure before their renewal; none if
    /// no older contract does.
    pub reach_back_from: Parameter<Option<NaiveDate>>,
    /// Business days for a firm to respond to the notice of a confirmed match.
    pub response_days: Parameter<u32>,
    /// Business days for a firm to appeal.
    pub appeal_days: Parameter<u32>,
    /// Who decides an appeal, as a noun phrase that letters use, such as `a supervisor`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub appeal_body: Option<Parameter<String>>,
    /// Business days for a firm to answer a reviewer's question that names no day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clarification_days: Option<Parameter<u32>>,
    /// Whether bids and their number are hidden from staff until bids are due.
    pub sealed_until_due: Parameter<bool>,
    /// The reasons for which a disclosure may be rejected.
    pub rejection_reasons: Parameter<BTreeSet<RejectionReason>>,
    /// Each kind of exemption, whether on or off.
    pub exemptions: Parameter<Vec<ExemptionPolicy>>,
    /// The requirements for waivers.
    pub waivers: Parameter<WaiverPolicy>,
    /// Business days after a suspension's end in which the defects of a bid that was admitted or held
    /// under it can be cured; 0 for none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reinstatement_cure_days: Option<Parameter<u32>>,
    /// The version of the clause that an award and a gated contract action need.
    pub clause_version: Parameter<u32>,
    /// Whether a second administrator confirms each publication, suspension and reinstatement.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub second_person: Option<Parameter<SecondPersonPolicy>>,
    /// The phrases that the attestation must contain, at least one, such as those without which a
    /// declaration under penalty of perjury is void.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub declaration_words: Option<Parameter<Vec<String>>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    objection_days: Option<Parameter<Value>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    public_after: Option<Parameter<Value>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    never_public: Option<Parameter<Value>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    retention_years: Option<Parameter<Value>>,
}

/// Whether two people publish, suspend and reinstate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SecondPersonPolicy {
    /// Whether one administrator proposes and another confirms.
    pub required: bool,
    /// Calendar days after the day of the proposal within which it may be confirmed.
    pub confirmation_days: u32,
}

/// The amount from which a named subcontractor needs its own disclosure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SubcontractorThreshold {
    /// The amount for every contract.
    pub amount: Money,
    /// For public works, the share of the bid in hundredths of a percent, where that is lower.
    pub public_works_basis_points: u32,
}

/// When a named subcontractor of one kind of contract may be replaced after bids are due.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SubstitutionRule {
    /// The kind of contract.
    pub contracts: ContractKind,
    /// The grounds on which the department may grant it.
    pub grounds: BTreeSet<SubstitutionGround>,
    /// The law that allows it.
    pub citation: String,
}

/// The policy's terms for one kind of exemption.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ExemptionPolicy {
    /// The kind of exemption.
    pub kind: ExemptionKind,
    /// Whether contract officers may claim it.
    pub available: bool,
    /// The law that allows it; none if the claim must cite it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authority: Option<String>,
    /// Calendar days until the disclosure is due; none if no disclosure need follow.
    pub follow_up_days: Option<u32>,
    /// Calendar days after the day on which the disclosure is due, until which an award or a contract
    /// action under it may last. Present exactly if `follow_up_days` is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub term_days: Option<u32>,
    /// Whether a second person must approve a claim before it is in effect.
    #[serde(default, skip_serializing_if = "is_false")]
    pub approval: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands fields over by reference")]
fn is_false(field: &bool) -> bool {
    !field
}

/// The policy's requirements for waivers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WaiverPolicy {
    /// Whether a waiver must cite a code section or a Council file.
    pub authority_required: bool,
    /// The longest duration in calendar days.
    pub maximum_days: u32,
    /// The grounds that a request must explain.
    pub grounds: BTreeSet<WaiverGround>,
}

/// What a policy asks a disclosure to list. Only a change of these makes older filings outdated.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Questions {
    /// Whose agreements are listed.
    pub entity_scope: BTreeSet<EntityScope>,
    /// The look-back period in months before the date of signing: agreements that ended in it are
    /// listed.
    pub look_back_months: u32,
    /// Whether agreements that are only proposed are listed.
    pub ask_proposed: bool,
    /// How much a disclosure says about enrollment in a DHS program.
    pub program_participation: ProgramParticipation,
    /// Whether subcontracts and subgrants of the first tier are listed.
    pub include_subawards: bool,
    /// The kinds of data recipients that must be named.
    pub must_be_named: BTreeSet<RecipientKind>,
}

impl Parameters {
    /// The parameters of stored policies that nothing reads; a policy file may not have them.
    pub const RETIRED_NAMES: [&str; 4] =
        ["objectionDays", "publicAfter", "neverPublic", "retentionYears"];

    /// The phrases that the attestation must contain; none if the policy's build knew them itself.
    #[must_use]
    pub fn declaration_words(&self) -> Option<&[String]> {
        self.declaration_words.as_ref().map(|it| &*it.value)
    }

    /// The rule for substituting subcontractors of a contract; none where the policy allows no
    /// substitution.
    #[must_use]
    pub fn substitution_rule(&self, is_public_works: bool) -> Option<&SubstitutionRule> {
        let kind = if is_public_works { ContractKind::PublicWorks } else { ContractKind::Other };
        let rules = self.substitution.iter().flat_map(|it| &it.value);
        rules.into_iter().find(|rule| rule.contracts == kind)
    }

    /// Who decides an appeal, as a noun phrase.
    #[must_use]
    pub fn appeal_body(&self) -> &str {
        self.appeal_body.as_ref().map_or("a supervisor who took no part", |it| &it.value)
    }

    /// Business days for a firm to answer a reviewer's question that names no day; none if every
    /// question names one.
    #[must_use]
    pub fn clarification_days(&self) -> Option<u32> {
        self.clarification_days.as_ref().map(|it| it.value)
    }

    /// Business days after a suspension's end in which a bid's defects can be cured; 0 for none.
    #[must_use]
    pub fn reinstatement_cure_days(&self) -> u32 {
        self.reinstatement_cure_days.as_ref().map_or(0, |it| it.value)
    }

    /// Whether two people publish, suspend and reinstate; one person, if the policy does not say.
    #[must_use]
    pub fn second_person(&self) -> Option<SecondPersonPolicy> {
        self.second_person.as_ref().map(|it| it.value).filter(|it| it.required)
    }

    pub(super) fn questions(&self) -> Questions {
        Questions {
            entity_scope: self.entity_scope.value.clone(),
            look_back_months: self.look_back_months.value,
            ask_proposed: self.ask_proposed.value,
            program_participation: self.program_participation.value,
            include_subawards: self.include_subawards.value,
            must_be_named: self.must_be_named.value.clone(),
        }
    }
}
