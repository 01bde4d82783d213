//! The gate: a pure function from a policy and facts to a decision. It reads no clock, no database
//! and no randomness, and depends on no feature; every feature may use it.
#[macro_use]
mod string_enum;
pub mod calendar;
pub mod decision;
mod entity_scope;
pub mod facts;
mod finding_detail;
#[cfg(test)]
mod frozen_tests;
pub mod letter;
mod money;
pub mod policy;
pub mod receipt;
mod rules;
#[cfg(test)]
mod samples;
mod terms;
pub mod wording;

pub use calendar::Calendar;
pub use decision::{Decision, Finding};
pub use entity_scope::EntityScope;
pub use facts::{AnswerState, Facts};
pub use finding_detail::{AwardSummary, FindingDetail, RuleCode, UnknownRule};
pub use letter::{LetterDetails, render_letter};
pub use money::{Money, MoneySums};
pub use policy::{Policy, PolicyProblem, Questions};
pub use rules::{
    AwardScope, BidStanding, ClaimEffect, EXEMPTED_RULES, EndedBid, ExceededTerm, FilingTime,
    Identifying, Noncompliance, Reading, Remedy, applicable_filing, assess_claim, decide,
    find_lapse_date, find_noncompliance, find_out_of_scope, follow_up_deadline_of_claim, is_gated,
    is_lifted, is_waiver_effective, next_reevaluation_at,
};
pub use terms::{
    AwardMethod, ContractAction, ContractKind, DhsComponent, ExemptionKind, MatchBand,
    NatureOfWork, OnwardToDhs, OutOfScopeReason, Outcome, PartyRole, ProgramParticipation,
    RecipientKind, RejectionReason, ResolvedBy, ReviewState, Severity, SubjectKind,
    SubstitutionGround, WaiverGround, WithheldGround,
};
