//! Every number and choice of the ordinance, each with the text that it comes from.
use std::collections::BTreeSet;

use chrono::NaiveDate;
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::Holiday;
use crate::gate::{
    Action, EntityScope, ExemptionKind, Method, Money, NeverPublic, ProgramParticipation,
    PublicAfter, RecipientKind, RejectionReason, WaiverGround,
};

/// A value of the policy, and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameter<T> {
    /// The value.
    pub value: T,
    /// The law, practice or choice behind it, in words.
    pub source: String,
}

/// The parameters, under the names that the policy file gives them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Parameters {
    /// The local date on which the policy begins, at its midnight.
    pub effective_from: Parameter<NaiveDate>,
    /// Where local dates and business days are read.
    pub timezone: Parameter<Tz>,
    /// The days that are no business days, besides Saturdays and Sundays.
    pub holidays: Parameter<Vec<Holiday>>,
    /// Whose agreements a disclosure lists.
    pub entity_scope: Parameter<BTreeSet<EntityScope>>,
    /// How many months before the day of signing an agreement may have ended and still be listed.
    pub look_back_months: Parameter<u32>,
    /// Whether agreements that are only proposed are listed.
    pub ask_proposed: Parameter<bool>,
    /// How much of an enrolment in a program is told.
    pub program_participation: Parameter<ProgramParticipation>,
    /// Whether subcontracts and subgrants of the first tier are listed.
    pub include_subawards: Parameter<bool>,
    /// The recipients of data that are named; the others may be told by class and count.
    pub must_be_named: Parameter<BTreeSet<RecipientKind>>,
    /// For how many local calendar days after its filing a disclosure counts.
    pub freshness_days: Parameter<u32>,
    /// For how many local calendar days after `effective_from` the answers to an older policy's
    /// questions still count.
    pub transition_days: Parameter<u32>,
    /// Within how many calendar days of a change a disclosure is amended.
    pub update_duty_days: Parameter<u32>,
    /// From which amount on a named subcontractor must have its own disclosure.
    pub subcontractor_threshold: Parameter<SubcontractorThreshold>,
    /// The ways of awarding a contract that the gate decides on; the others are recorded.
    pub gated_methods: Parameter<BTreeSet<Method>>,
    /// The least amount of a small purchase that the gate decides on; zero for every one.
    pub minimum_value: Parameter<Money>,
    /// The ways of carrying a contract on that the gate decides on; the others are recorded.
    pub gated_actions: Parameter<BTreeSet<Action>>,
    /// Contracts signed from this date on are asked before their renewal; none for no contract.
    pub reach_back_from: Parameter<Option<NaiveDate>>,
    /// Business days for a firm to answer a confirmed match.
    pub response_days: Parameter<u32>,
    /// Business days for a firm to appeal.
    pub appeal_days: Parameter<u32>,
    /// Calendar days for a firm to object after a claim of confidentiality is refused.
    pub objection_days: Parameter<u32>,
    /// When the public may see a bid's disclosures.
    pub public_after: Parameter<PublicAfter>,
    /// What of a disclosure the public never sees.
    pub never_public: Parameter<BTreeSet<NeverPublic>>,
    /// Whether staff see bids, and how many there are, only once they are due.
    pub sealed_until_due: Parameter<bool>,
    /// The reasons for which a disclosure may be rejected.
    pub rejection_reasons: Parameter<BTreeSet<RejectionReason>>,
    /// Each kind of exemption, whether on or off.
    pub exemptions: Parameter<Vec<ExemptionPolicy>>,
    /// What a waiver needs.
    pub waivers: Parameter<WaiverPolicy>,
    /// The version of the contract clause that an award and a gated action need.
    pub clause_version: Parameter<u32>,
    /// Years after the contract's end for which records are kept.
    pub retention_years: Parameter<u32>,
}

/// From which amount on a named subcontractor must have its own disclosure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SubcontractorThreshold {
    /// For every contract.
    pub amount: Money,
    /// For public works, hundredths of a percent of the bid, where that is lower.
    pub public_works_basis_points: u32,
}

/// One kind of exemption.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ExemptionPolicy {
    /// Which one.
    pub kind: ExemptionKind,
    /// Whether staff may claim it.
    pub available: bool,
    /// The law that allows it.
    pub authority: String,
    /// Calendar days within which the disclosure follows; none if it need not.
    pub follow_up_days: Option<u32>,
}

/// What a waiver needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WaiverPolicy {
    /// It cites a code section or a Council file.
    pub authority_required: bool,
    /// The most calendar days that one runs.
    pub maximum_days: u32,
    /// What the request must say.
    pub grounds: BTreeSet<WaiverGround>,
}

/// What a policy asks. Only a change of these makes a disclosure outdated.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Questions {
    /// Whose agreements are listed.
    pub entity_scope: BTreeSet<EntityScope>,
    /// How many months before the day of signing an agreement may have ended and still be listed.
    pub look_back_months: u32,
    /// Whether agreements that are only proposed are listed.
    pub ask_proposed: bool,
    /// How much of an enrolment in a program is told.
    pub program_participation: ProgramParticipation,
    /// Whether subcontracts and subgrants of the first tier are listed.
    pub include_subawards: bool,
    /// The recipients of data that are named.
    pub must_be_named: BTreeSet<RecipientKind>,
}

impl Parameters {
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
