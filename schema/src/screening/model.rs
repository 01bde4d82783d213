//! What staff screen by.
use async_graphql::{InputObject, Json};
use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::bidding::model::{BidStatus, OrderDirection, SolicitationId};
use crate::disclosure::model::{AgreementKind, DataCategory};
use crate::gate::{
    DhsComponent, NatureOfWork, OnwardToDhs, Outcome, RecipientKind, ReviewState, Severity,
};
use crate::money::MoneyText;
use crate::organization::model::{DepartmentId, OrganizationId};
use crate::scalar::Date;

vocabulary! {
    /// Why something waits for a reviewer.
    pub enum ReviewItemKind {
        /// A bid is held.
        BidHeld,
        /// A firm has answered a question, and nobody has decided since.
        AnswerReceived,
        /// A question was not answered in its time.
        QuestionOverdue,
        /// A firm's appeal against a rejection is open: for a supervisor.
        Appeal,
        /// A federal award is probably an organization's, and no disclosed agreement covers it.
        MatchFound,
        /// A firm has answered a match that was put to it.
        MatchAnswered,
        /// A firm's appeal against the confirmation of a match is open: for another supervisor.
        MatchAppeal,
        /// Several organizations claim one identifier.
        IdentifierDisputed,
    }

    /// By what a screening of bids is ordered.
    pub enum ScreenOrderField {
        /// When the bid was submitted.
        SubmittedAt,
        /// When it was last decided on: what changed lately.
        DecidedAt,
        /// The amount, whatever its currency.
        Amount,
    }

    /// By what a screening of contracts is ordered.
    pub enum ContractOrderField {
        /// The last day: what is due first.
        EndDate,
        /// The number.
        Number,
        /// What it comes to, whatever its currency.
        Value,
    }

    /// What a policy makes of a subject.
    pub enum SimulatedOutcome {
        /// It goes on.
        Admit,
        /// It is held for a reviewer.
        Review,
        /// It does not go on.
        Block,
        /// The policy does not have the gate decide.
        Ungated,
    }

    /// By what exposure is grouped.
    pub enum ExposureGroup {
        /// The component of the Department of Homeland Security.
        Component,
        /// The City department whose contracts they are.
        Department,
        /// What the work under the disclosed agreements is.
        NatureOfWork,
        /// The organization that holds the contracts.
        Organization,
    }
}

/// How a screening of contracts is ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, InputObject)]
pub struct ContractOrder {
    /// By what.
    pub field: ContractOrderField,
    /// Which way.
    pub direction: OrderDirection,
}

/// Which contracts are screened: those that meet every condition, by what their holders have on
/// file now. A list is met by any of its words; an empty one is no condition.
#[derive(Clone, Debug, Default, InputObject)]
pub struct ContractFilter {
    /// Contracts of this department.
    pub department_id: Option<DepartmentId>,
    /// Contracts that this organization holds.
    pub organization_id: Option<OrganizationId>,
    /// Whose last day is this one or later.
    pub ends_from: Option<Date>,
    /// Whose last day is this one or earlier.
    pub ends_until: Option<Date>,
    /// What the gate would say if they were carried on now.
    #[graphql(default)]
    pub readiness: Vec<Outcome>,
    /// With which components of the Department of Homeland Security the holder disclosed
    /// agreements.
    pub components: Option<ComponentsFilter>,
    /// The holder disclosed an agreement that meets all of these.
    pub agreement: Option<AgreementFilter>,
    /// What the disclosed agreements come to together.
    pub compensation: Option<CompensationFilter>,
    /// Whether anything in the disclosure is withheld.
    pub withheld: Option<bool>,
    /// The holder disclosed an arrangement to share data that meets all of these.
    pub arrangement: Option<ArrangementFilter>,
    /// Whether they carry no disclosure clause.
    pub clause_missing: Option<bool>,
    /// Whether an exemption was claimed for them.
    pub exempted: Option<bool>,
    /// Whether a waiver for them is in effect.
    pub waived: Option<bool>,
    /// Whether they are out of compliance with the duty to keep a current disclosure.
    pub out_of_compliance: Option<bool>,
    /// Out of compliance on this day already: since it or earlier.
    pub out_of_compliance_since: Option<Date>,
    /// Out of compliance for one of these rules, by their codes, such as `disclosure.stale`.
    #[graphql(default)]
    pub out_of_compliance_for: Vec<String>,
    /// Words, or beginnings of words, all of which stand in the disclosure's descriptions, programs
    /// and names or in the holder's own names.
    pub text: Option<String>,
}

/// How a screening of bids is ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, InputObject)]
pub struct ScreenOrder {
    /// By what.
    pub field: ScreenOrderField,
    /// Which way.
    pub direction: OrderDirection,
}

/// Which bids are screened: those that meet every condition. A list is met by any of its words; an
/// empty one is no condition.
#[derive(Clone, Debug, Default, InputObject)]
pub struct BidFilter {
    /// Bids on this solicitation.
    pub solicitation_id: Option<SolicitationId>,
    /// Bids on this department's solicitations.
    pub department_id: Option<DepartmentId>,
    /// Bids of this organization.
    pub organization_id: Option<OrganizationId>,
    /// Where the bid is in its life.
    #[graphql(default)]
    pub status: Vec<BidStatus>,
    /// What the last decision came to.
    #[graphql(default)]
    pub outcome: Vec<Outcome>,
    /// Rules, by their codes, such as `disclosure.partly_withheld`: the last decision found one of
    /// them.
    #[graphql(default)]
    pub findings: Vec<String>,
    /// With which components of the Department of Homeland Security the bidder disclosed
    /// agreements.
    pub components: Option<ComponentsFilter>,
    /// The bidder disclosed an agreement that meets all of these.
    pub agreement: Option<AgreementFilter>,
    /// What the disclosed agreements come to together.
    pub compensation: Option<CompensationFilter>,
    /// Whether anything in the disclosure is withheld.
    pub withheld: Option<bool>,
    /// Whether the disclosure was entered from a signed paper form.
    pub paper: Option<bool>,
    /// The bidder disclosed an arrangement to share data that meets all of these.
    pub arrangement: Option<ArrangementFilter>,
    /// What reviewers have made of the disclosure.
    #[graphql(default)]
    pub review: Vec<ReviewState>,
    /// The reviewer who is on the disclosure: the subject of the token.
    pub reviewer: Option<String>,
    /// Whether somebody is on the disclosure.
    pub taken: Option<bool>,
    /// Submitted at this time or later (UTC).
    pub submitted_from: Option<DateTime<Utc>>,
    /// Submitted before this time (UTC).
    pub submitted_before: Option<DateTime<Utc>>,
    /// Words, or beginnings of words, all of which stand in the disclosure's descriptions, programs
    /// and names or in the bidder's own names.
    pub text: Option<String>,
}

/// With which components agreements are disclosed. A component that is withheld is none of them.
#[derive(Clone, Debug, Default, InputObject)]
pub struct ComponentsFilter {
    /// With one of these at the least.
    #[graphql(default)]
    pub any: Vec<DhsComponent>,
    /// With every one of these.
    #[graphql(default)]
    pub all: Vec<DhsComponent>,
    /// There is a disclosure, and it names none of these.
    #[graphql(default)]
    pub none: Vec<DhsComponent>,
}

/// Conditions that one and the same agreement meets: a shelter grant from FEMA beside a contract
/// for detention is no grant for detention.
#[derive(Clone, Debug, Default, InputObject)]
pub struct AgreementFilter {
    /// It is with one of these components.
    #[graphql(default)]
    pub components: Vec<DhsComponent>,
    /// The work is of one of these categories.
    #[graphql(default)]
    pub nature_of_work: Vec<NatureOfWork>,
    /// It is of one of these kinds.
    #[graphql(default)]
    pub kinds: Vec<AgreementKind>,
    /// It runs on this day or later: it ends on it, after it, or not at all.
    pub runs_from: Option<Date>,
    /// It runs on this day or earlier: it begins on it or before it.
    pub runs_until: Option<Date>,
}

/// What disclosed agreements come to together, in one currency.
#[derive(Clone, Debug, Default, InputObject)]
pub struct CompensationFilter {
    /// The known amounts come to this or more.
    pub at_least: Option<MoneyText>,
    /// The known amounts come to this or less.
    pub at_most: Option<MoneyText>,
    /// True: also those of which an amount is unknown or withheld, whatever the others come to.
    /// False: only those of which every amount is known.
    pub unknown: Option<bool>,
}

/// Conditions that one and the same arrangement to share data meets.
#[derive(Clone, Debug, Default, InputObject)]
pub struct ArrangementFilter {
    /// The recipient is one of these.
    #[graphql(default)]
    pub recipient_kinds: Vec<RecipientKind>,
    /// Data of one of these categories is shared.
    #[graphql(default)]
    pub data_categories: Vec<DataCategory>,
    /// Whether City data is among it.
    pub includes_city_data: Option<bool>,
    /// Whether the recipient passes it on to the Department of Homeland Security.
    #[graphql(default)]
    pub onward_to_dhs: Vec<OnwardToDhs>,
}

/// What of the queue is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QueueFilter {
    /// Only of these kinds; all if it is empty.
    pub kinds: Vec<ReviewItemKind>,
    /// Only what this reviewer is on.
    pub reviewer: Option<String>,
    /// Only what somebody is on, or nobody.
    pub taken: Option<bool>,
}

/// A change of a policy that is tried.
#[derive(Clone, Debug, Default, InputObject)]
pub struct PolicyChange {
    /// Parameters with another value, by the names that the policy file gives them.
    #[graphql(default)]
    pub parameters: Vec<ParameterChange>,
    /// Rules that weigh something else, or can be mended for longer or shorter.
    #[graphql(default)]
    pub rules: Vec<RuleChange>,
    /// The local day from which the change would be in force, as the next version: what is judged
    /// by an earlier day stays as it is, and answers to older questions count while the transition
    /// lasts. As if it had been in force from the start, if it is left out.
    pub effective_from: Option<Date>,
}

/// A parameter with another value.
#[derive(Clone, Debug, InputObject)]
pub struct ParameterChange {
    /// Its name, such as `freshnessDays`.
    pub name: String,
    /// Its value, in the form that the policy's parameters list it.
    pub value: Json<Value>,
}

/// A rule that weighs something else.
#[derive(Clone, Debug, InputObject)]
pub struct RuleChange {
    /// Its code, such as `disclosure.missing`.
    pub code: String,
    /// What it weighs at a bid.
    pub bid: Option<Severity>,
    /// What it weighs at an award.
    pub award: Option<Severity>,
    /// What it weighs at a renewal.
    pub renewal: Option<Severity>,
    /// Business days after the due date within which a bid's defect can be mended.
    pub cure_days: Option<i32>,
}

/// On what a change is tried: on bids, or on contracts.
#[derive(Clone, Debug, InputObject)]
pub struct SimulationScope {
    /// Bids that were decided on, from the facts that their last decisions keep.
    pub bids: Option<BidFilter>,
    /// Contracts as if they were carried on now: those due in a window, or all.
    pub contracts: Option<ContractFilter>,
}
