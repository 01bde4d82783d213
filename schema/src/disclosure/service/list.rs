//! Lists the filed disclosures that City staff may see.
use super::{DisclosureExport, DisclosureRow, FiledDisclosure, store};
use crate::database::Database;
use crate::disclosure::model::{DisclosureFilter, DisclosureId, ValidDisclosureFilter};
use crate::fault::{FieldPath, InputErrors, Result};
use crate::filter::{GivenDays, validate_days, validate_list_length};
use crate::organization::model::Viewer;
use crate::page::{CountedPage, PageArguments};
use crate::policy;
use crate::search::validate_words;

/// Lists a page of the matching disclosures, the latest filing first, with their number if requested:
/// contract officers see those behind the opened bids of their departments, other staff all.
///
/// # Errors
/// `Forbidden` unless the viewer is City staff, `Invalid` with every error in the filter or the page
/// arguments.
#[tracing::instrument(skip_all)]
pub async fn list_disclosures(
    db: &Database,
    viewer: &Viewer,
    filter: DisclosureFilter,
    arguments: &PageArguments,
    includes_total: bool,
) -> Result<CountedPage<FiledDisclosure>> {
    viewer.require_staff("only City staff may list disclosures")?;
    let filter = validate_filter(db, viewer, filter).await?;
    store::list::list_visible(&db.read, viewer, &filter, arguments, includes_total).await
}

/// Validates a filter of disclosures; days are those of the City's time zone.
///
/// # Errors
/// `Invalid` with every error in the filter.
async fn validate_filter(
    db: &Database,
    viewer: &Viewer,
    filter: DisclosureFilter,
) -> Result<ValidDisclosureFilter> {
    let DisclosureFilter {
        organization_id,
        department_id,
        status,
        review,
        filed_from,
        filed_to,
        text,
    } = filter;
    let (path, mut errors) = (FieldPath::argument("filter"), InputErrors::default());
    let filed =
        GivenDays { from: ("filedFrom", filed_from.as_ref()), to: ("filedTo", filed_to.as_ref()) };
    let filed = validate_days(filed, &path, &mut errors);
    validate_list_length(status.len(), &path.at("status"), &mut errors);
    validate_list_length(review.len(), &path.at("review"), &mut errors);
    let words = text.map(|text| validate_words(&text, &path.at("text"), &mut errors));
    errors.finish()?;
    let timeline = policy::service::load_timeline(&db.read).await?;
    Ok(ValidDisclosureFilter {
        organization: organization_id,
        department: department_id,
        statuses: status,
        reviews: review,
        filed: timeline.times_of(filed, viewer.now),
        words,
    })
}

/// Validates a filter for [`export_disclosures`].
///
/// # Errors
/// `Forbidden` unless the viewer is City staff or a key for exports, `Invalid` with every error in the
/// filter.
#[tracing::instrument(skip_all)]
pub async fn validate_disclosure_export(
    db: &Database,
    viewer: &Viewer,
    filter: DisclosureFilter,
) -> Result<ValidDisclosureFilter> {
    let viewer = viewer.reading_exports()?;
    validate_filter(db, &viewer, filter).await
}

/// Returns up to `size` matching disclosures after an id, in the order of their ids: to a contract officer
/// those that [`list_disclosures`] lists, to other readers of exports all filed ones.
///
/// # Errors
/// `Forbidden` unless the viewer is City staff or a key for exports.
#[tracing::instrument(skip_all)]
pub async fn export_disclosures(
    db: &Database,
    viewer: &Viewer,
    filter: &ValidDisclosureFilter,
    after: Option<DisclosureId>,
    size: u64,
) -> Result<Vec<(DisclosureRow, DisclosureExport)>> {
    let viewer = viewer.reading_exports()?;
    Ok(store::list::export(&db.read, &viewer, filter, after, size).await?)
}
