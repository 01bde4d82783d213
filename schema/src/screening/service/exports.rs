//! Exports of bids and contracts, in batches: what the screens list, to staff and to keys for exports.
use super::{BidExport, ContractExport, ScreenedBidRow, ScreenedContractRow};
use crate::bidding::model::BidId;
use crate::contracting::model::ContractId;
use crate::database::Database;
use crate::fault::Result;
use crate::organization::model::Viewer;
use crate::screening::model::{
    BidFilter, ContractFilter, RenewalsDueQuery, ValidBidFilter, ValidContractFilter,
};
use crate::screening::{rules, store};

/// Validates a filter for [`export_bids`].
///
/// # Errors
/// `Forbidden` unless the viewer is City staff or a key for exports, `Invalid` with every error in the
/// filter.
pub fn validate_bid_export(viewer: &Viewer, filter: BidFilter) -> Result<ValidBidFilter> {
    viewer.reading_exports()?;
    rules::validate_bid_filter(filter)
}

/// Validates a filter for [`export_contracts`].
///
/// # Errors
/// As [`validate_bid_export`].
pub fn validate_contract_export(
    viewer: &Viewer,
    filter: ContractFilter,
) -> Result<ValidContractFilter> {
    viewer.reading_exports()?;
    rules::validate_contract_filter(filter)
}

/// Validates a query of the contracts that end in a window, for [`export_contracts`].
///
/// # Errors
/// As [`validate_bid_export`], and `Invalid` as the query `renewalsDue`.
pub fn validate_renewals_due_export(
    viewer: &Viewer,
    query: RenewalsDueQuery,
) -> Result<ValidContractFilter> {
    viewer.reading_exports()?;
    rules::validate_renewals_due(query)
}

/// Returns up to `size` matching bids after an id, in the order of their ids: those that `screenBids`
/// lists, without the sealed ones.
///
/// # Errors
/// `Forbidden` unless the viewer is City staff or a key for exports.
#[tracing::instrument(skip_all)]
pub async fn export_bids(
    db: &Database,
    viewer: &Viewer,
    filter: &ValidBidFilter,
    after: Option<BidId>,
    size: u64,
) -> Result<Vec<(ScreenedBidRow, BidExport)>> {
    let viewer = viewer.reading_exports()?;
    Ok(store::export_bids(&db.read, &viewer, filter, after, size).await?)
}

/// Returns up to `size` matching contracts after an id, in the order of their ids: those that
/// `screenContracts` lists.
///
/// # Errors
/// `Forbidden` unless the viewer is City staff or a key for exports.
#[tracing::instrument(skip_all)]
pub async fn export_contracts(
    db: &Database,
    viewer: &Viewer,
    filter: &ValidContractFilter,
    after: Option<ContractId>,
    size: u64,
) -> Result<Vec<(ScreenedContractRow, ContractExport)>> {
    let viewer = viewer.reading_exports()?;
    Ok(store::export_contracts(&db.read, &viewer, filter, after, size).await?)
}
