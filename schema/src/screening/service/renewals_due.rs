//! Lists the contracts that end in a window, each with the outcome of carrying it on today and at its end.
use super::SCREENING_IS_FOR_STAFF;
use super::screen_contracts::{ScreenedContract, ScreenedContractInclude, screen_contracts};
use crate::database::Database;
use crate::fault::Result;
use crate::organization::model::Viewer;
use crate::page::{ListRequest, Page};
use crate::screening::model::{RenewalsDueQuery, ValidContractFilter};
use crate::screening::rules;

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
