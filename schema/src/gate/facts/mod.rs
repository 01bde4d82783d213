//! What is known about one subject: all that the gate looks at besides the policy.
pub(super) mod instant;

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::policy::Questions;
use super::{
    Action, DhsComponent, EntityScope, ExemptionKind, MatchBand, Method, Money, NatureOfWork,
    OnwardToDhs, RecipientKind, RejectionReason, ResolvedBy, ReviewState, RuleCode, SubjectKind,
    WithheldGround,
};

/// The shape of the facts. A decision is replayed from the facts it keeps, so a shape that was
/// ever written is read for ever; a new one gets a new number. What was added to a shape is left
/// out where there is none, so that facts written before read, and hash, as they did.
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
        if number == 1 { Ok(Self::First) } else { Err("facts have form 1") }
    }
}

/// What is known about one subject when it is decided on: more than any one policy asks, so that
/// another can be tried on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Facts {
    /// The shape of what follows.
    pub version: FactsVersion,
    /// What is decided on.
    pub subject: SubjectFacts,
    /// When it is decided: UTC, whole microseconds.
    #[serde(with = "instant")]
    pub decided_at: DateTime<Utc>,
    /// The moment at which freshness and transition are counted; of a bid, when bids are due:
    /// UTC, whole microseconds.
    #[serde(with = "instant")]
    pub reference_at: DateTime<Utc>,
    /// What the bid or the contract comes to, if it is known.
    pub amount: Option<Money>,
    /// It is a public work, whose subcontractors count from a lower amount.
    pub is_public_works: bool,
    /// How the contract comes to be awarded, if it is known.
    pub method: Option<Method>,
    /// The firm, or the joint venture, that bids.
    pub organization: PartyFacts<DisclosureFacts>,
    /// The members of the joint venture that bids, if it is one.
    pub members: Vec<PartyFacts<FilingStatus>>,
    /// The subcontractors that the bid names.
    pub subcontractors: Vec<SubcontractorFacts>,
    /// The suspensions of the policy, or of rules of it, that are in effect when it is decided.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub suspensions: Vec<SuspensionFacts>,
    /// How the contract is carried on, at a renewal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<Action>,
    /// The contract, at an award and at a renewal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contract: Option<ContractFacts>,
    /// The exemptions that were claimed for it, or for the award of the contract.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exemptions: Vec<ExemptionFacts>,
    /// The waivers that were approved for it and not revoked; those that have expired among them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waivers: Vec<WaiverFacts>,
    /// Who owns the organization, and whom it succeeded, as it says.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub owners: Vec<OwnerFacts>,
    /// The federal awards that were matched with the organization, or with one that it stands in a
    /// relation to, and not dismissed; whether or not the policy asks for them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub awards: Vec<AwardFacts>,
}

/// A federal award that was matched with the organization. How well the names agree is not told:
/// a decision rests on the band alone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AwardFacts {
    /// The match's identifier, `mat_…`.
    pub id: String,
    /// The award's number (PIID or FAIN), as given.
    pub number: String,
    /// The number of the award that it stands under.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent_number: Option<String>,
    /// The component that it is with.
    pub component: DhsComponent,
    /// Who receives it, as the award data writes it.
    pub recipient: String,
    /// What that is to the organization: `SELF` if it is the organization itself.
    pub relation: EntityScope,
    /// How sure that is.
    pub band: MatchBand,
    /// It is a subcontract or subgrant.
    #[serde(default, skip_serializing_if = "is_false")]
    pub is_subaward: bool,
    /// It is a vehicle, which carries no money of its own.
    #[serde(default, skip_serializing_if = "is_false")]
    pub is_vehicle: bool,
    /// The day on which it was signed, if that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed_on: Option<NaiveDate>,
    /// The last day of its period, if that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_on: Option<NaiveDate>,
    /// The day of its latest action, as far as it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latest_on: Option<NaiveDate>,
    /// What was committed, or else what it is worth or may come to; none if nothing is told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Money>,
    /// The filings, by their identifiers, of which an agreement covers it.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub covered_by: BTreeSet<String>,
    /// A reviewer confirmed it and put it to the firm.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notice: Option<NoticeFacts>,
    /// The firm's appeal is not decided.
    #[serde(default, skip_serializing_if = "is_false")]
    pub has_open_appeal: bool,
}

/// That a confirmed match was put to the firm.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NoticeFacts {
    /// When: UTC, whole microseconds.
    #[serde(with = "instant")]
    pub sent_at: DateTime<Utc>,
    /// Until when the firm may answer before the finding bites, exclusive: UTC, a local midnight.
    #[serde(with = "instant")]
    pub respond_by: DateTime<Utc>,
}

/// The contract that is awarded or carried on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ContractFacts {
    /// The version of the disclosure clause that it carries; none if it carries none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clause_version: Option<u32>,
    /// The local date on which it was signed; at an award, on which it is awarded.
    pub signed_on: NaiveDate,
    /// It was made under the ordinance: the gate decided on its award, or would have.
    #[serde(default, skip_serializing_if = "is_false")]
    pub is_under_ordinance: bool,
}

/// An exemption that a contract officer claimed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ExemptionFacts {
    /// Its identifier, `exm_…`.
    pub id: String,
    /// Which one.
    pub kind: ExemptionKind,
    /// The law that it cites.
    pub authority: String,
    /// From when the days are counted within which the disclosure follows: the later of the claim
    /// and the award. UTC, whole microseconds.
    #[serde(with = "instant")]
    pub counted_from: DateTime<Utc>,
    /// It was claimed for what is decided on; if not, for the award of the contract that is
    /// carried on, and removes nothing here.
    #[serde(default, skip_serializing_if = "is_false")]
    pub covers_subject: bool,
}

/// A waiver of one rule.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WaiverFacts {
    /// Its identifier, `wvr_…`.
    pub id: String,
    /// The rule whose finding it lowers.
    pub rule: RuleCode,
    /// The law that it cites.
    pub authority: String,
    /// Until when it holds, exclusive: UTC, a local midnight.
    #[serde(with = "instant")]
    pub expires_at: DateTime<Utc>,
}

/// Who owns an organization, or what it was before.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OwnerFacts {
    /// What it is to the organization: `PARENT` or `PREDECESSOR`.
    pub relation: EntityScope,
    /// Its name, as the organization gave it.
    pub name: String,
    /// Its identifier by that scheme, as `UEI ABC…`; none if the organization gave none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identifier: Option<String>,
}

/// A court, or the City itself, has lifted a policy or some of its rules.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SuspensionFacts {
    /// Its identifier, `sus_…`.
    pub id: String,
    /// The rules that it lifts; all of the policy's if it names none.
    pub rules: BTreeSet<RuleCode>,
    /// The order that lifts them.
    pub citation: String,
}

impl SuspensionFacts {
    /// Whether it lifts a rule.
    #[must_use]
    pub fn suspends(&self, code: RuleCode) -> bool {
        self.rules.is_empty() || self.rules.contains(&code)
    }
}

/// What is decided on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SubjectFacts {
    /// A bid, an award or a renewal.
    pub kind: SubjectKind,
    /// Its identifier, such as `bid_…`.
    pub id: String,
    /// What people call it by: the solicitation's or the contract's number.
    pub reference: String,
    /// Its title.
    pub title: String,
    /// The department that buys.
    pub department: String,
    /// Whom to ask, as the letter writes it.
    pub contact: String,
}

/// An organization in the part that it plays, with what is known of its disclosure: all of it for
/// who bids, how it stands for everybody else.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PartyFacts<D> {
    /// Its identifier, `org_…`; none while a name given by others is not resolved.
    pub id: Option<String>,
    /// Its name.
    pub name: String,
    /// The filing that stands at the moment that counts (of a bid, when bids are due, or when it
    /// is decided if that is earlier), if there is one.
    pub disclosure: Option<D>,
    /// What was filed after that moment: it counts where it mends, in time, what was wrong then.
    #[serde(default = "Vec::new", skip_serializing_if = "Vec::is_empty")]
    pub later_filings: Vec<D>,
    /// How it was named and resolved; none for who is decided on, and in facts that were kept
    /// before this was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolution: Option<ResolutionFacts>,
}

/// How somebody whom others named was resolved to an organization, and by what two of those named
/// are told to be one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ResolutionFacts {
    /// How; `NOBODY` exactly where there is no organization.
    pub by: ResolvedBy,
    /// The identifier that it was named with, as `UEI ABC…`; none if none was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identifier: Option<String>,
    /// The name that it was given, without case, accents, blanks and punctuation. It is kept, so
    /// that a decision replays the same whatever is made of names later.
    pub folded_name: String,
}

/// How a filed disclosure stands, whatever it says.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FilingStatus {
    /// Its identifier, `disc_…`.
    pub id: String,
    /// Which of the organization's filings it is, from 1.
    pub version: u32,
    /// SHA-256 of its canonical JSON, in lower-case hexadecimal.
    pub sha256: String,
    /// When it was filed: UTC, whole microseconds.
    #[serde(with = "instant")]
    pub filed_at: DateTime<Utc>,
    /// The version of the policy that it answers.
    pub policy_version: u32,
    /// The questions of that policy.
    pub questions: Questions,
    /// What reviewers have made of it.
    pub review: ReviewState,
    /// A reviewer's question about it that is not answered, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clarification: Option<ClarificationFacts>,
    /// Why it was rejected, if it stands rejected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rejection: Option<RejectionFacts>,
    /// It was rejected, and the firm's appeal is not decided.
    #[serde(default, skip_serializing_if = "is_false")]
    pub has_open_appeal: bool,
    /// It was entered by staff from a signed paper form.
    #[serde(default, skip_serializing_if = "is_false")]
    pub is_paper: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands fields over by reference")]
fn is_false(field: &bool) -> bool {
    !field
}

/// Why a disclosure stands rejected.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RejectionFacts {
    /// The reasons of form.
    pub reasons: Vec<RejectionReason>,
    /// What is wrong and how to mend it, in the reviewer's words.
    pub explanation: String,
    /// Until when the firm can appeal, exclusive: UTC, whole microseconds.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "instant::optional")]
    pub appeal_by: Option<DateTime<Utc>>,
    /// When it was rejected: UTC, whole microseconds; none in facts that were kept before this was.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "instant::optional")]
    pub decided_at: Option<DateTime<Utc>>,
}

/// A reviewer's question about a disclosure.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ClarificationFacts {
    /// The part that it is about, from the statement inwards; the whole if empty.
    pub path: Vec<String>,
    /// Until when an answer is in time, exclusive: UTC, whole microseconds.
    #[serde(with = "instant")]
    pub due_at: DateTime<Utc>,
}

/// What a filed disclosure says, so far as the gate tells it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DisclosureFacts {
    /// How it stands.
    pub filing: FilingStatus,
    /// The parts that are not told.
    pub withheld: Vec<WithheldPart>,
    /// The agreements with the Department of Homeland Security.
    pub agreements: Vec<AgreementFacts>,
    /// The arrangements by which data is shared.
    pub arrangements: Vec<ArrangementFacts>,
}

/// A part that is not told.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WithheldPart {
    /// Where it is in the statement, from the outside inwards.
    pub path: Vec<String>,
    /// Why it is not told.
    pub ground: WithheldGround,
}

/// One agreement with the Department of Homeland Security.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AgreementFacts {
    /// The component that it is with; none if that is withheld.
    pub component: Option<DhsComponent>,
    /// The component's name, where it is `OTHER`.
    pub component_name: Option<String>,
    /// What the work is, by category.
    pub natures: Vec<NatureOfWork>,
    /// What it is worth; none if that is unknown, withheld or, in the short form, not asked.
    pub compensation: Option<Money>,
    /// It is an enrolment in a program, told in the short form, which asks for no amount.
    pub is_short_form: bool,
}

/// One arrangement by which data is shared.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ArrangementFacts {
    /// What the recipient is; none if that is withheld.
    pub recipient_kind: Option<RecipientKind>,
    /// The component of the Department of Homeland Security that the recipient is, if it is one.
    pub recipient_component: Option<DhsComponent>,
    /// City data is among what is shared.
    pub includes_city_data: bool,
    /// Whether the recipient passes it on to the Department of Homeland Security.
    pub onward_to_dhs: OnwardToDhs,
}

/// A subcontractor that the bid names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SubcontractorFacts {
    /// Who it is.
    pub party: PartyFacts<FilingStatus>,
    /// What its work comes to, if the bid says so.
    pub amount: Option<Money>,
}

impl Facts {
    /// The same facts with every list in one order, so that they have the same bytes in whatever
    /// order they were gathered.
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
        own.later_filings.sort_by(|one, other| one.filing.cmp(&other.filing));
        self
    }
}
