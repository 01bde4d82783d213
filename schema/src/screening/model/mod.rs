//! Filters, orders and enums of screening.
mod valid_filter;

use async_graphql::{InputObject, Json};
use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::bidding::model::{BidStatus, OrderDirection, SolicitationId};
use crate::disclosure::model::{
    AgreementFilter, ArrangementFilter, CompensationFilter, ComponentsFilter,
};
use crate::gate::{Outcome, ReviewState, Severity};
use crate::organization::model::{DepartmentId, OrganizationId};
use crate::scalar::Date;

pub use valid_filter::{ValidBidFilter, ValidContractFilter};

string_enum! {
    /// Why an item is in the review queue.
    pub enum ReviewItemKind {
        /// A bid is held.
        BidHeld,
        /// A firm answered a question, and no reviewer has decided since.
        AnswerReceived,
        /// A firm did not answer a question in time.
        QuestionOverdue,
        /// A firm's appeal against a rejection is open. A supervisor decides it.
        Appeal,
        /// A federal award probably belongs to an organization, and no disclosed agreement covers it. A
        /// contract vehicle of which an order is matched to the same firm is no item of its own.
        MatchFound,
        /// A firm responded to a notice about a match.
        MatchAnswered,
        /// A firm's appeal against a confirmed match is open. A supervisor who did not confirm the
        /// match decides it.
        MatchAppeal,
        /// Several organizations claim one identifier.
        IdentifierDisputed,
        /// A waiver was requested. A supervisor who did not request it decides it.
        WaiverRequested,
        /// An exemption was claimed: it awaits a second person's approval, or the disclosure that it
        /// puts off is still to come.
        ExemptionClaimed,
        /// The disclosure that an exemption put off was not filed in time.
        FollowUpOverdue,
        /// A party of a live bid, or of a contract that has not ended, was found by an identifier that
        /// the City has since verified as another organization's.
        PartyIdentifierVerified,
        /// Two organizations may be one firm. A supervisor merges them or keeps them apart.
        MergeProposed,
        /// A filing that no reviewer has decided and that no bid rests on. Listed only if asked for by
        /// name.
        FilingUnreviewed,
        /// For contract officers: a bid that was held has been admitted, and its solicitation can be
        /// awarded.
        BidFreed,
        /// For contract officers: a contract action was proposed and is not executed.
        RenewalWaiting,
    }

    /// The order of the review queue.
    pub enum QueueSort {
        /// The earliest due first.
        DueAt,
        /// Held bids by the end of their cure period, the earliest first, then everything else, the
        /// oldest first.
        CureDeadline,
    }

    /// What waits for a firm's people.
    pub enum WaitingKind {
        /// A reviewer's question about a disclosure is open.
        Question,
        /// A reviewer confirmed a match with a federal award, and the firm has not responded.
        Match,
        /// A bid is held, and the firm can cure what holds it.
        BidToCure,
        /// A bid is held until the firm answers a question or a notice, identifies a party or files, or
        /// until a party of the bid files. Its text says what and by when.
        BidToAnswer,
        /// A bid is held for a decision of the City: the firm need do nothing.
        BidUnderReview,
        /// A contract ends within 180 days.
        ContractEnding,
        /// A contract is out of compliance with the duty to have a current disclosure.
        ContractNoncompliant,
        /// The disclosure on file is stale, or will be within 60 days.
        FilingStale,
        /// The disclosure on file was rejected, and no appeal is open.
        DisclosureRejected,
    }

    /// The field that orders screened bids.
    pub enum ScreenOrderField {
        /// The time of submission.
        SubmittedAt,
        /// The time of the last decision.
        DecidedAt,
        /// The amount, in any currency.
        Amount,
    }

    /// The field that orders screened contracts.
    pub enum ContractOrderField {
        /// The last day.
        EndDate,
        /// The contract number.
        Number,
        /// The contract value, in any currency.
        Value,
    }

    /// The outcome of a bid or contract under a simulated policy.
    pub enum SimulatedOutcome {
        /// It proceeds.
        Admit,
        /// It is held for review.
        Review,
        /// It does not proceed.
        Block,
        /// The policy does not require a decision of the gate.
        Ungated,
    }

    /// How exposure is grouped.
    pub enum ExposureGroup {
        /// By component of the Department of Homeland Security.
        Component,
        /// By the City department of the contract.
        Department,
        /// By the nature of the work under the disclosed agreements.
        NatureOfWork,
        /// By the organization that holds the contract.
        Organization,
    }
}

/// The order of screened contracts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, InputObject)]
pub struct ContractOrder {
    /// The field to order by.
    pub field: ContractOrderField,
    /// Ascending or descending.
    pub direction: OrderDirection,
}

/// A filter of contracts and of the disclosures that their holders have on file now. A contract
/// must meet every condition. It meets a list if it matches any of its values; an empty list is no
/// condition.
#[derive(Clone, Debug, Default, InputObject)]
pub struct ContractFilter {
    /// Contracts of this department.
    pub department_id: Option<DepartmentId>,
    /// Contracts that this organization holds.
    pub organization_id: Option<OrganizationId>,
    /// Contracts that end on this day or later.
    pub ends_from: Option<Date>,
    /// Contracts that end on this day or earlier.
    pub ends_until: Option<Date>,
    /// The outcome that the gate would give if the contract were carried on today.
    #[graphql(default)]
    pub readiness: Vec<Outcome>,
    /// The outcome that the gate would give on the day after the contract's last one if nothing more
    /// were filed.
    #[graphql(default)]
    pub readiness_at_end: Vec<Outcome>,
    /// Contracts whose holder's disclosure on file is stale on an earlier day than this one. Contracts
    /// of holders without a disclosure do not match.
    pub disclosure_lapses_before: Option<Date>,
    /// Components of the Department of Homeland Security in the holder's disclosed agreements.
    pub components: Option<ComponentsFilter>,
    /// The holder disclosed an agreement that meets all of these conditions.
    pub agreement: Option<AgreementFilter>,
    /// The total compensation of the disclosed agreements.
    pub compensation: Option<CompensationFilter>,
    /// Whether the disclosure has withheld parts.
    pub withheld: Option<bool>,
    /// The holder disclosed a data-sharing arrangement that meets all of these conditions.
    pub arrangement: Option<ArrangementFilter>,
    /// Whether the contract lacks the disclosure clause.
    pub clause_missing: Option<bool>,
    /// Whether an exemption for the contract is in effect.
    pub exempted: Option<bool>,
    /// Whether a waiver for the contract is in effect.
    pub waived: Option<bool>,
    /// Whether the contract is out of compliance with the duty to have a current disclosure.
    pub out_of_compliance: Option<bool>,
    /// Contracts that have been out of compliance since this day or earlier.
    pub out_of_compliance_since: Option<Date>,
    /// Contracts out of compliance under one of these rules, by code, such as `disclosure.stale`.
    #[graphql(default)]
    pub out_of_compliance_for: Vec<String>,
    /// Words, or beginnings of words. Each must occur in the contract's number or title, in the
    /// disclosure's descriptions, programs or names, or in the holder's own names.
    pub text: Option<String>,
}

/// The order of screened bids.
#[derive(Clone, Copy, Debug, PartialEq, Eq, InputObject)]
pub struct ScreenOrder {
    /// The field to order by.
    pub field: ScreenOrderField,
    /// Ascending or descending.
    pub direction: OrderDirection,
}

/// A filter of bids and of the disclosures that they were decided on. A bid must meet every
/// condition. It meets a list if it matches any of its values; an empty list is no condition.
#[derive(Clone, Debug, Default, InputObject)]
pub struct BidFilter {
    /// Bids on this solicitation.
    pub solicitation_id: Option<SolicitationId>,
    /// Bids on this department's solicitations.
    pub department_id: Option<DepartmentId>,
    /// Bids of this organization.
    pub organization_id: Option<OrganizationId>,
    /// The status of the bid.
    #[graphql(default)]
    pub status: Vec<BidStatus>,
    /// The outcome of the last decision.
    #[graphql(default)]
    pub outcome: Vec<Outcome>,
    /// Rule codes, such as `disclosure.partly_withheld`. The last decision has a finding with one of
    /// them.
    #[graphql(default)]
    pub findings: Vec<String>,
    /// Components of the Department of Homeland Security in the bidder's disclosed agreements.
    pub components: Option<ComponentsFilter>,
    /// The bidder disclosed an agreement that meets all of these conditions.
    pub agreement: Option<AgreementFilter>,
    /// The total compensation of the disclosed agreements.
    pub compensation: Option<CompensationFilter>,
    /// Whether the disclosure has withheld parts.
    pub withheld: Option<bool>,
    /// Whether staff entered the disclosure from a signed paper form.
    pub paper: Option<bool>,
    /// The bidder disclosed a data-sharing arrangement that meets all of these conditions.
    pub arrangement: Option<ArrangementFilter>,
    /// The review state of the disclosure.
    #[graphql(default)]
    pub review: Vec<ReviewState>,
    /// The reviewer assigned to the disclosure, by the subject of the token.
    pub reviewer: Option<String>,
    /// Whether a reviewer is assigned to the disclosure.
    pub assigned: Option<bool>,
    /// Submitted at this time or later (UTC).
    #[graphql(process_with = "crate::clock::round_optional_down")]
    pub submitted_from: Option<DateTime<Utc>>,
    /// Submitted before this time (UTC).
    #[graphql(process_with = "crate::clock::round_optional_down")]
    pub submitted_before: Option<DateTime<Utc>>,
    /// Words, or beginnings of words. Each must occur in the solicitation's number or title, in the
    /// disclosure's descriptions, programs or names, or in the bidder's own names.
    pub text: Option<String>,
}

/// The contracts that end in a window, by further conditions, and their order.
#[derive(Clone, Debug)]
pub struct RenewalsDueQuery {
    /// The first day of the window.
    pub from: Date,
    /// The last day of the window.
    pub to: Date,
    /// Only contracts of this department.
    pub department: Option<DepartmentId>,
    /// Only contracts with one of these outcomes of carrying them on today; all if empty.
    pub readiness: Vec<Outcome>,
    /// Further conditions. It has no condition on the last day of a contract, because the window is
    /// one, and repeats none of the conditions above.
    pub filter: ContractFilter,
    pub order: ContractOrder,
}

/// A filter of the review queue, and its order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueFilter {
    /// Only items of these kinds; empty for all kinds but `FilingUnreviewed`.
    pub kinds: Vec<ReviewItemKind>,
    /// Only items assigned to this reviewer.
    pub reviewer: Option<String>,
    /// Only items with, or only items without, a reviewer.
    pub assigned: Option<bool>,
    pub sort: QueueSort,
}

impl ReviewItemKind {
    /// The kinds that contract officers have in their queue, and nobody else.
    pub const OF_OFFICERS: [Self; 2] = [Self::BidFreed, Self::RenewalWaiting];
}

/// A change of a policy to simulate.
#[derive(Clone, Debug, Default, InputObject)]
pub struct PolicyChange {
    /// New parameter values.
    #[graphql(default)]
    pub parameters: Vec<ParameterChange>,
    /// New severities and cure periods of rules.
    #[graphql(default)]
    pub rules: Vec<RuleChange>,
    /// The local day on which the change would take effect, as the next version of the policy.
    /// Subjects with an earlier reference time are decided as before, and answers to older questions
    /// count during the transition period. If left out, the change applies to all subjects.
    pub effective_from: Option<Date>,
}

/// The policy that a simulation tries.
#[derive(Clone, Debug)]
pub enum SimulatedPolicy {
    /// A change of each policy version that decided a subject.
    Change(PolicyChange),
    /// A whole policy file (TOML), which may be published next. It decides every subject.
    Text(String),
}

/// A new value of a policy parameter.
#[derive(Clone, Debug, InputObject)]
pub struct ParameterChange {
    /// The parameter's name in the policy, such as `freshnessDays`.
    pub name: String,
    /// The new value, in the form of the policy's own value.
    pub value: Json<Value>,
}

/// New severities or a new cure period of a rule.
#[derive(Clone, Debug, InputObject)]
pub struct RuleChange {
    /// The rule's code, such as `disclosure.missing`.
    pub code: String,
    /// The severity at a bid.
    pub bid: Option<Severity>,
    /// The severity at an award.
    pub award: Option<Severity>,
    /// The severity at a renewal.
    pub renewal: Option<Severity>,
    /// The business days after bids are due within which a bid's defect can be cured.
    pub cure_days: Option<i32>,
}

/// The bids or the contracts on which a policy change is simulated.
#[derive(Clone, Debug, InputObject)]
pub struct SimulationScope {
    /// Bids, from the stored facts of their last decisions.
    pub bids: Option<BidFilter>,
    /// Contracts, as if each were carried on at its end, or now if it has ended, and nothing more were
    /// filed.
    pub contracts: Option<ContractFilter>,
}
