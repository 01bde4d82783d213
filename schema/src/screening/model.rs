//! What staff screen by.
use async_graphql::InputObject;
use chrono::{DateTime, Utc};

use crate::bidding::model::{BidStatus, OrderDirection, SolicitationId};
use crate::disclosure::model::{AgreementKind, DataCategory};
use crate::gate::{DhsComponent, NatureOfWork, OnwardToDhs, Outcome, RecipientKind, ReviewState};
use crate::money::Written;
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
    pub at_least: Option<Written>,
    /// The known amounts come to this or less.
    pub at_most: Option<Written>,
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
