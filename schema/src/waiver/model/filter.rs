//! Filters of the lists of waivers and exemptions.
use std::collections::BTreeSet;

use async_graphql::InputObject;

use super::WaiverStatus;
use crate::filter::{DayRange, TimeRange};
use crate::gate::{ExemptionKind, RuleCode};
use crate::organization::model::DepartmentId;
use crate::scalar::Date;

/// A filter of waivers. A waiver must meet every condition. It meets a list if it matches any of its
/// values; an empty list is no condition.
#[derive(Clone, Debug, Default, InputObject)]
pub struct WaiverFilter {
    /// Waivers of this department's contracts and solicitations.
    pub department_id: Option<DepartmentId>,
    /// The status; an expired waiver keeps the status APPROVED.
    #[graphql(default)]
    pub status: Vec<WaiverStatus>,
    /// The codes of the rules that are lowered, such as `contract.clause_missing`.
    #[graphql(default)]
    pub rule: Vec<String>,
    /// Waivers whose last day is this local day or later.
    pub expires_from: Option<Date>,
    /// Waivers whose last day is this local day or earlier.
    pub expires_to: Option<Date>,
    /// Waivers requested on this local day or later.
    pub requested_from: Option<Date>,
    /// Waivers requested on this local day or earlier.
    pub requested_to: Option<Date>,
    /// Words, or beginnings of words. Each must occur in the number or title of the contract or the
    /// solicitation, or in the names of the bidder or the contract's holder.
    pub text: Option<String>,
}

/// A filter of exemptions. An exemption must meet every condition. It meets a list if it matches any
/// of its values; an empty list is no condition.
#[derive(Clone, Debug, Default, InputObject)]
pub struct ExemptionFilter {
    /// Exemptions of this department's contracts and solicitations.
    pub department_id: Option<DepartmentId>,
    /// The kind of exemption.
    #[graphql(default)]
    pub kind: Vec<ExemptionKind>,
    /// Exemptions claimed on this local day or later.
    pub claimed_from: Option<Date>,
    /// Exemptions claimed on this local day or earlier.
    pub claimed_to: Option<Date>,
    /// Words, or beginnings of words. Each must occur in the number or title of the contract or the
    /// solicitation, or in the names of the bidder or the contract's holder.
    pub text: Option<String>,
}

/// A validated [`WaiverFilter`].
#[derive(Clone, Debug)]
pub struct ValidWaiverFilter {
    pub department: Option<DepartmentId>,
    pub statuses: Vec<WaiverStatus>,
    pub rules: Vec<RuleCode>,
    pub expires: DayRange,
    pub requested: TimeRange,
    /// The folded search words; none if no text was given.
    pub words: Option<BTreeSet<String>>,
}

/// A validated [`ExemptionFilter`].
#[derive(Clone, Debug)]
pub struct ValidExemptionFilter {
    pub department: Option<DepartmentId>,
    pub kinds: Vec<ExemptionKind>,
    pub claimed: TimeRange,
    /// The folded search words; none if no text was given.
    pub words: Option<BTreeSet<String>>,
}
