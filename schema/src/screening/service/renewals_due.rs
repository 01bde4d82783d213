//! Lists the contracts that end in a window, each with the outcome of renewing it now.
use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};

use super::SCREENING_IS_FOR_STAFF;
use super::screen_contracts::{ScreenedContract, ScreenedContractInclude, screen_contracts};
use crate::database::Database;
use crate::fault::Result;
use crate::gate::Outcome;
use crate::organization::model::Viewer;
use crate::page::{ListRequest, Page};
use crate::screening::model::{RenewalsDueQuery, ValidContractFilter};
use crate::screening::rules;
use crate::screening::store;

/// A page of the contracts that end in a window.
#[derive(Clone, Debug)]
pub struct RenewalsDue {
    pub page: Page<ScreenedContract>,
    /// The number of contracts on all pages, if requested.
    pub total: Option<u64>,
    /// The filter that selects the contracts of all pages.
    pub filter: ValidContractFilter,
}

/// Lists a page of the contracts that end in a window and that the viewer may see.
///
/// # Errors
/// `Forbidden` unless the viewer is City staff, `Invalid` with every error in the window, the
/// conditions or the page arguments.
#[tracing::instrument(skip_all)]
pub async fn renewals_due(
    db: &Database,
    viewer: &Viewer,
    query: RenewalsDueQuery,
    request: ListRequest<'_, ScreenedContractInclude>,
) -> Result<RenewalsDue> {
    viewer.require_staff(SCREENING_IS_FOR_STAFF)?;
    let order = query.order;
    let filter = rules::validate_renewals_due(query)?;
    let (page, total) = screen_contracts(db, viewer, &filter, order, request).await?;
    Ok(RenewalsDue { page, total, filter })
}

/// Counts the matching contracts by the month in which they end, given by its first day, and by the
/// outcome of renewing them now.
///
/// # Errors
/// `Unavailable` if it takes too long.
#[tracing::instrument(skip_all)]
pub async fn count_due_by_month(
    db: &Database,
    viewer: &Viewer,
    filter: &ValidContractFilter,
) -> Result<BTreeMap<(NaiveDate, Outcome), i64>> {
    let mut counts = BTreeMap::new();
    for ((day, readiness), number) in store::count_by_end_date(&db.read, viewer, filter).await? {
        let month = day.with_day(1).unwrap_or(day);
        *counts.entry((month, readiness)).or_default() += number;
    }
    Ok(counts)
}
