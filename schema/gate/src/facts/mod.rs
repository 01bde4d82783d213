//! The facts about one subject: everything that the gate reads besides the policy.
pub(super) mod instant;

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::policy::{Policy, Questions};
use super::{
    AwardMethod, ContractAction, DhsComponent, EntityScope, ExemptionKind, MatchBand, Money,
    NatureOfWork, OnwardToDhs, RecipientKind, RejectionReason, ResolvedBy, ReviewState, RuleCode,
    SubjectKind, WithheldGround,
};

/// The version of the facts' JSON format. Decisions are replayed from stored facts, so every
/// version that was ever written must stay readable; an incompatible format gets a new number.
/// Fields added within a version are omitted when empty, so that older facts keep their digest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub enum FactsVersion {
    /// `1`.
    #[default]
    First,
}

impl From<FactsVersion> for u8 {
    fn from(form: FactsVersion) -> Self {
        match form {
            FactsVersion::First => 1,
        }
    }
}

impl TryFrom<u8> for FactsVersion {
    type Error = &'static str;
    fn try_from(number: u8) -> Result<Self, Self::Error> {
        if number == 1 {
            Ok(Self::First)
        } else {
            Err("unknown version of facts; 1 is the only one")
        }
    }
}

/// The facts about one subject at the time of a decision. They include more than one policy needs,
/// so that other policies can be simulated on them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Facts {
    /// The version of the format.
    pub version: FactsVersion,
    /// The bid, award or renewal.
    pub subject: SubjectFacts,
    /// The time of the decision: UTC, whole microseconds.
    #[serde(with = "instant")]
    pub decided_at: DateTime<Utc>,
    /// The reference time, at which freshness and transition days are counted; for a bid, when
    /// bids are due: UTC, whole microseconds.
    #[serde(with = "instant")]
    pub reference_at: DateTime<Utc>,
    /// When the bid was received: UTC, whole microseconds. None for other subjects, before a bid is
    /// submitted and in facts that predate this field.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "instant::optional")]
    pub received_at: Option<DateTime<Utc>>,
    /// The amount of the bid or the contract, if known.
    pub amount: Option<Money>,
    /// Whether it is a public work, for which a lower subcontractor threshold applies.
    pub is_public_works: bool,
    /// The procurement method, if known.
    pub method: Option<AwardMethod>,
    /// The firm or joint venture that bids or holds the contract.
    pub organization: PartyFacts<DisclosureFacts>,
    /// The joint venture's members; empty for any other organization.
    pub members: Vec<PartyFacts<FilingStatus>>,
    /// The subcontractors that the bid names.
    pub subcontractors: Vec<SubcontractorFacts>,
    /// The suspensions of the policy or of its rules that are in effect at `decided_at`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub suspensions: Vec<SuspensionFacts>,
    /// The ended suspensions under which the bid was admitted or held; empty for any other subject.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reinstatements: Vec<ReinstatementFacts>,
    /// The contract action, at a renewal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<ContractAction>,
    /// The contract, at an award and at a renewal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contract: Option<ContractFacts>,
    /// The exemptions that were claimed for this subject or for the contract's award.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exemptions: Vec<ExemptionFacts>,
    /// The approved and unrevoked waivers of this subject, expired ones included.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waivers: Vec<WaiverFacts>,
    /// The organization's owners and predecessors, as the organization stated them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub owners: Vec<OwnerFacts>,
    /// The federal awards matched with the organization or a related one and not dismissed,
    /// whether or not the policy asks for them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub awards: Vec<AwardFacts>,
    /// The public award data that was searched for these; none in facts that predate this field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub award_data: Option<AwardDataFacts>,
}

/// The state of the public award data at the time of a decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AwardDataFacts {
    /// The number of imported batches that changed any row; 0 if nothing was imported.
    pub revision: u64,
    /// The latest date of an action in the data; none if no row has a date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub newest_on: Option<NaiveDate>,
    /// SHA-256 of the award tables at this revision, in lower-case hexadecimal; none until the import
    /// that made the revision has finished.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
}

/// A federal award that was matched with the organization. It has no similarity score: a decision
/// depends only on the band.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AwardFacts {
    /// The match's identifier, `mat_…`.
    pub id: String,
    /// The award's number (PIID or FAIN), as the award data writes it.
    pub number: String,
    /// The number of the parent award, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent_number: Option<String>,
    /// The awarding DHS component.
    pub component: DhsComponent,
    /// The recipient's name, as the award data writes it.
    pub recipient: String,
    /// The recipient's relation to the organization: `SELF` for the organization itself.
    pub relation: EntityScope,
    /// How certain the match is.
    pub band: MatchBand,
    /// Whether it is a subcontract or subgrant.
    #[serde(default, skip_serializing_if = "is_false")]
    pub is_subaward: bool,
    /// Whether it is a contract vehicle, which carries no money of its own.
    #[serde(default, skip_serializing_if = "is_false")]
    pub is_vehicle: bool,
    /// The date on which it was signed, if known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed_on: Option<NaiveDate>,
    /// The last day of its period of performance, if known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_on: Option<NaiveDate>,
    /// The date of its latest known action.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latest_on: Option<NaiveDate>,
    /// The obligated amount, else the current or potential value; none if the data has no amount.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Money>,
    /// The identifiers of the filings with an agreement that covers it.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub covered_by: BTreeSet<String>,
    /// The notice to the firm, if a reviewer confirmed the match.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notice: Option<NoticeFacts>,
    /// Whether the firm's appeal is undecided.
    #[serde(default, skip_serializing_if = "is_false")]
    pub has_open_appeal: bool,
}

/// The notice of a confirmed match to the firm.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NoticeFacts {
    /// When it was sent: UTC, whole microseconds.
    #[serde(with = "instant")]
    pub sent_at: DateTime<Utc>,
    /// The deadline for the firm's response, exclusive: UTC, a local midnight. Until then the
    /// match cannot block.
    #[serde(with = "instant")]
    pub respond_by: DateTime<Utc>,
    /// The deadline for an appeal, exclusive: UTC, a local midnight. None once the firm has appealed and
    /// in facts that predate this field.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "instant::optional")]
    pub appeal_by: Option<DateTime<Utc>>,
    /// What became of the firm's answer; none without one, and in facts that predate this field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<AnswerState>,
}

string_enum! {
    /// What became of a firm's answer to the notice of a match, or of its appeal.
    pub enum AnswerState {
        /// A reviewer has not decided about the answer.
        Open,
        /// A reviewer, or a supervisor on appeal, upheld the notice.
        Upheld,
    }
}

/// The contract that is awarded, renewed or otherwise continued.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ContractFacts {
    /// The version of the disclosure clause in the contract; none if it lacks the clause.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clause_version: Option<u32>,
    /// The local date of signing; at an award, of the award.
    pub signed_on: NaiveDate,
    /// Whether it was made under the ordinance: the gate decided on its award, or would have.
    #[serde(default, skip_serializing_if = "is_false")]
    pub is_under_ordinance: bool,
    /// The local date on which the clause was added, if that was after the signing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clause_added_on: Option<NaiveDate>,
    /// The last local date until which the award or the action gives the contract to the firm. None if
    /// it adds no time, and in facts that predate this field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_on: Option<NaiveDate>,
    /// The last local date of the contract before the action. None at an award, and in facts that predate
    /// this field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runs_until: Option<NaiveDate>,
}

/// An exemption that a contract officer claimed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ExemptionFacts {
    /// Its identifier, `exm_…`.
    pub id: String,
    /// The kind of exemption.
    pub kind: ExemptionKind,
    /// The law that it cites, as the officer wrote it.
    pub authority: String,
    /// The start of the follow-up period for the disclosure: the later of claim and award. UTC,
    /// whole microseconds.
    #[serde(with = "instant")]
    pub counted_from: DateTime<Utc>,
    /// Whether it was claimed for this subject. If not, it was claimed for the contract's award or an
    /// earlier action that was executed, and removes no finding here.
    #[serde(default, skip_serializing_if = "is_false")]
    pub covers_subject: bool,
}

/// A waiver of one rule.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WaiverFacts {
    /// Its identifier, `wvr_…`.
    pub id: String,
    /// The rule whose findings it lowers to notes.
    pub rule: RuleCode,
    /// The law that it cites, as the officer wrote it.
    pub authority: String,
    /// The end of the waiver, exclusive: UTC, a local midnight.
    #[serde(with = "instant")]
    pub expires_at: DateTime<Utc>,
    /// Whether it was for the contract's award or an earlier action that was executed: it lowers no
    /// finding here, and keeps the contract in compliance until it expires.
    #[serde(default, skip_serializing_if = "is_false")]
    pub is_for_award: bool,
}

impl WaiverFacts {
    /// Whether it is a waiver of a rule that has not expired at a time.
    #[must_use]
    pub fn covers(&self, code: RuleCode, at: DateTime<Utc>) -> bool {
        self.rule == code && at < self.expires_at
    }
}

/// An owner or a predecessor of the organization.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OwnerFacts {
    /// Its relation to the organization: `PARENT` or `PREDECESSOR`.
    pub relation: EntityScope,
    /// Its name, as the organization stated it.
    pub name: String,
    /// Its identifier with scheme, such as `UEI ABC…`, if the organization stated one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identifier: Option<String>,
}

/// A suspension of the policy or of some of its rules, by a court or the City.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SuspensionFacts {
    /// Its identifier, `sus_…`.
    pub id: String,
    /// The suspended rules; empty for every rule of the policy.
    pub rules: BTreeSet<RuleCode>,
    /// The citation of the order.
    pub citation: String,
    /// When it began: UTC, whole microseconds; none in facts that predate this field. With it, the
    /// note about the suspension lists the rules that it lifts.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "instant::optional")]
    pub suspended_at: Option<DateTime<Utc>>,
}

impl SuspensionFacts {
    /// Whether it suspends a rule.
    #[must_use]
    pub fn suspends(&self, code: RuleCode) -> bool {
        concerns(&self.rules, code)
    }
}

/// The end of a suspension under which a bid was admitted or held.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReinstatementFacts {
    /// The suspension's identifier, `sus_…`.
    pub id: String,
    /// The reinstated rules; empty for every rule of the policy.
    pub rules: BTreeSet<RuleCode>,
    /// When the suspension ended: UTC, whole microseconds.
    #[serde(with = "instant")]
    pub reinstated_at: DateTime<Utc>,
}

impl ReinstatementFacts {
    /// Whether it reinstates a rule.
    #[must_use]
    pub fn reinstates(&self, code: RuleCode) -> bool {
        concerns(&self.rules, code)
    }
}

/// Whether an order about `rules` is about a rule: an empty set means every rule.
fn concerns(rules: &BTreeSet<RuleCode>, code: RuleCode) -> bool {
    rules.is_empty() || rules.contains(&code)
}

/// The subject of the decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SubjectFacts {
    /// Whether it is a bid, an award or a renewal.
    pub kind: SubjectKind,
    /// Its identifier, such as `bid_…`.
    pub id: String,
    /// The solicitation's or the contract's number.
    pub reference: String,
    /// The title of the solicitation or the contract.
    pub title: String,
    /// The contracting department's name.
    pub department: String,
    /// The contact for questions, as the letter prints it.
    pub contact: String,
}

/// An organization that the decision looks at, with its filings: full `DisclosureFacts` for the
/// subject's own organization, only `FilingStatus` for members and subcontractors.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PartyFacts<D> {
    /// Its identifier, `org_…`; none for a party that is not resolved to an organization.
    pub id: Option<String>,
    /// Its name.
    pub name: String,
    /// The filing in effect at the reference time (or at the decision, if that is earlier), if
    /// there is one.
    pub disclosure: Option<D>,
    /// The filings after that time. One of them applies if it cures, in time, the defects of
    /// `disclosure`.
    #[serde(default = "Vec::new", skip_serializing_if = "Vec::is_empty")]
    pub later_filings: Vec<D>,
    /// How the party was named and resolved; none for the subject's own organization and in facts
    /// that predate this field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolution: Option<ResolutionFacts>,
}

/// How a named party was resolved to an organization, with the keys by which two rows are
/// recognized as the same party.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ResolutionFacts {
    /// How it was resolved; `UNRESOLVED` exactly where there is no organization.
    pub by: ResolvedBy,
    /// The identifier with which it was named, such as `UEI ABC…`, if one was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identifier: Option<String>,
    /// The given name without case, accents, blanks and punctuation. It is stored so that a replay
    /// does not depend on the current folding rules.
    pub folded_name: String,
}

/// The status of a filing, without its content.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FilingStatus {
    /// Its identifier, `disc_…`.
    pub id: String,
    /// Its number among the organization's filings, from 1.
    pub version: u32,
    /// SHA-256 of its canonical JSON, in lower-case hexadecimal.
    pub sha256: String,
    /// When it was filed: UTC, whole microseconds.
    #[serde(with = "instant")]
    pub filed_at: DateTime<Utc>,
    /// The version of the policy whose questions it answers.
    pub policy_version: u32,
    /// The questions of that policy.
    pub questions: Questions,
    /// Its review state.
    pub review: ReviewState,
    /// The unanswered clarification request, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clarification: Option<ClarificationFacts>,
    /// The rejection, if it is rejected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rejection: Option<RejectionFacts>,
    /// Whether it is rejected and the firm's appeal is undecided.
    #[serde(default, skip_serializing_if = "is_false")]
    pub has_open_appeal: bool,
    /// Whether staff entered it from a signed paper form.
    #[serde(default, skip_serializing_if = "is_false")]
    pub is_paper: bool,
}

impl FilingStatus {
    /// Whether the filing answers an older policy than `policy`, which asks other questions.
    #[must_use]
    pub fn answers_other_questions(&self, policy: &Policy) -> bool {
        self.policy_version < policy.version() && self.questions != policy.questions()
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands fields over by reference")]
fn is_false(field: &bool) -> bool {
    !field
}

/// The rejection of a filing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RejectionFacts {
    /// The reasons of form.
    pub reasons: Vec<RejectionReason>,
    /// The reviewer's explanation of what is wrong and how to fix it.
    pub explanation: String,
    /// The deadline for an appeal, exclusive: UTC, whole microseconds. None once the firm has appealed.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "instant::optional")]
    pub appeal_by: Option<DateTime<Utc>>,
    /// When it was rejected: UTC, whole microseconds; none in facts that predate this field.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "instant::optional")]
    pub decided_at: Option<DateTime<Utc>>,
}

/// A clarification request about a filing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ClarificationFacts {
    /// The path of the part that it is about, from the root of the disclosure; empty for all of it.
    pub path: Vec<String>,
    /// The deadline for the answer, exclusive: UTC, whole microseconds.
    #[serde(with = "instant")]
    pub due_at: DateTime<Utc>,
}

/// The content of a filing, so far as the gate reads it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DisclosureFacts {
    /// The filing's identity and status.
    pub filing: FilingStatus,
    /// The withheld parts.
    pub withheld: Vec<WithheldPart>,
    /// The agreements with the Department of Homeland Security.
    pub agreements: Vec<AgreementFacts>,
    /// The data-sharing arrangements.
    pub arrangements: Vec<ArrangementFacts>,
}

/// A withheld part of a disclosure.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WithheldPart {
    /// Its path from the root of the disclosure.
    pub path: Vec<String>,
    /// The legal ground for withholding it.
    pub ground: WithheldGround,
}

/// A disclosed agreement with the Department of Homeland Security.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AgreementFacts {
    /// The component; none if it is withheld.
    pub component: Option<DhsComponent>,
    /// The component's name, if it is `OTHER`.
    pub component_name: Option<String>,
    /// The categories of the work.
    pub natures: Vec<NatureOfWork>,
    /// The compensation; none if it is unknown, withheld or, in the short form, not asked.
    pub compensation: Option<Money>,
    /// Whether it is a program enrollment in the short form, which asks for no amount.
    pub is_short_form: bool,
}

/// A disclosed data-sharing arrangement.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ArrangementFacts {
    /// The kind of recipient; none if it is withheld.
    pub recipient_kind: Option<RecipientKind>,
    /// The DHS component, if the recipient is one.
    pub recipient_component: Option<DhsComponent>,
    /// Whether City data is shared.
    pub includes_city_data: bool,
    /// Whether the recipient passes it on to the Department of Homeland Security.
    pub onward_to_dhs: OnwardToDhs,
}

/// A subcontractor that the bid names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SubcontractorFacts {
    /// The subcontractor.
    pub party: PartyFacts<FilingStatus>,
    /// The amount of its work, if the bid states it.
    pub amount: Option<Money>,
}

impl Facts {
    /// Returns the facts with every list sorted, so that equal facts have equal canonical JSON.
    #[must_use]
    pub fn sorted(mut self) -> Self {
        for member in &mut self.members {
            member.later_filings.sort();
        }
        self.members.sort();
        for subcontractor in &mut self.subcontractors {
            subcontractor.party.later_filings.sort();
        }
        self.subcontractors.sort();
        self.suspensions.sort();
        self.reinstatements.sort();
        self.exemptions.sort();
        self.waivers.sort();
        self.owners.sort();
        self.awards.sort();
        let own = &mut self.organization;
        for disclosure in own.disclosure.iter_mut().chain(&mut own.later_filings) {
            disclosure.withheld.sort();
            for agreement in &mut disclosure.agreements {
                agreement.natures.sort();
            }
            disclosure.agreements.sort();
            disclosure.arrangements.sort();
        }
        own.later_filings.sort_by(|left, right| left.filing.cmp(&right.filing));
        self
    }
}
