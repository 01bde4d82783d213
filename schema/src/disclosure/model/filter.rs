//! The filter of the list of disclosures.
use std::collections::BTreeSet;

use async_graphql::InputObject;

use super::DisclosureStatus;
use crate::filter::TimeRange;
use crate::gate::ReviewState;
use crate::organization::model::{DepartmentId, OrganizationId};
use crate::scalar::Date;

/// A filter of filed disclosures. A disclosure must meet every condition. It meets a list if it
/// matches any of its values; an empty list is no condition.
#[derive(Clone, Debug, Default, InputObject)]
pub struct DisclosureFilter {
    /// Disclosures of this organization.
    pub organization_id: Option<OrganizationId>,
    /// Disclosures behind a contract of this department, an action of one, or an opened bid on one of its
    /// solicitations.
    pub department_id: Option<DepartmentId>,
    /// The status. No draft is listed.
    #[graphql(default)]
    pub status: Vec<DisclosureStatus>,
    /// The state of the review.
    #[graphql(default)]
    pub review: Vec<ReviewState>,
    /// Disclosures filed on this local day or later.
    pub filed_from: Option<Date>,
    /// Disclosures filed on this local day or earlier.
    pub filed_to: Option<Date>,
    /// Words, or beginnings of words. Each must occur in the disclosure's descriptions, programs or
    /// names, or in the organization's own names.
    pub text: Option<String>,
}

/// A validated [`DisclosureFilter`].
#[derive(Clone, Debug)]
pub struct ValidDisclosureFilter {
    pub organization: Option<OrganizationId>,
    pub department: Option<DepartmentId>,
    pub statuses: Vec<DisclosureStatus>,
    pub reviews: Vec<ReviewState>,
    pub filed: TimeRange,
    /// The folded search words; none if no text was given.
    pub words: Option<BTreeSet<String>>,
}
