//! Lists the waivers and exemptions that City staff may see.
use crate::database::Database;
use crate::fault::{FieldPath, InputErrors, Result};
use crate::filter::{GivenDays, parse_rule_codes, validate_days, validate_list_length};
use crate::organization::model::Viewer;
use crate::page::{CountedPage, PageArguments};
use crate::policy;
use crate::search::validate_words;
use crate::waiver::model::{
    ExemptionFilter, ValidExemptionFilter, ValidWaiverFilter, Waiver, WaiverFilter,
};
use crate::waiver::store;

use super::Exemption;

/// The refusal of a viewer who is not City staff.
const STAFF_REQUIRED: &str = "only City staff may list waivers and exemptions";

/// Lists a page of the matching waivers, newest request first, with their number if requested:
/// contract officers see those of their departments, other staff all.
///
/// # Errors
/// `Forbidden` unless the viewer is City staff, `Invalid` with every error in the filter or the page
/// arguments.
#[tracing::instrument(skip_all)]
pub async fn list_waivers(
    db: &Database,
    viewer: &Viewer,
    filter: WaiverFilter,
    arguments: &PageArguments,
    includes_total: bool,
) -> Result<CountedPage<Waiver>> {
    viewer.require_staff(STAFF_REQUIRED)?;
    let WaiverFilter {
        department_id,
        status,
        rule,
        expires_from,
        expires_to,
        requested_from,
        requested_to,
        text,
    } = filter;
    let (path, mut errors) = (FieldPath::argument("filter"), InputErrors::default());
    let expires = GivenDays {
        from: ("expiresFrom", expires_from.as_ref()),
        to: ("expiresTo", expires_to.as_ref()),
    };
    let expires = validate_days(expires, &path, &mut errors);
    let requested = GivenDays {
        from: ("requestedFrom", requested_from.as_ref()),
        to: ("requestedTo", requested_to.as_ref()),
    };
    let requested = validate_days(requested, &path, &mut errors);
    validate_list_length(status.len(), &path.at("status"), &mut errors);
    let rules = parse_rule_codes(&rule, &path.at("rule"), &mut errors);
    let words = text.map(|text| validate_words(&text, &path.at("text"), &mut errors));
    errors.finish()?;
    let timeline = policy::service::load_timeline(&db.read).await?;
    let filter = ValidWaiverFilter {
        department: department_id,
        statuses: status,
        rules,
        expires,
        requested: timeline.times_of(requested, viewer.now),
        words,
    };
    store::list_waivers(&db.read, viewer, &filter, arguments, includes_total).await
}

/// Lists a page of the matching exemptions, newest claim first, with their number if requested:
/// contract officers see those of their departments, other staff all.
///
/// # Errors
/// As [`list_waivers`].
#[tracing::instrument(skip_all)]
pub async fn list_exemptions(
    db: &Database,
    viewer: &Viewer,
    filter: ExemptionFilter,
    arguments: &PageArguments,
    includes_total: bool,
) -> Result<CountedPage<Exemption>> {
    viewer.require_staff(STAFF_REQUIRED)?;
    let ExemptionFilter { department_id, kind, claimed_from, claimed_to, text } = filter;
    let (path, mut errors) = (FieldPath::argument("filter"), InputErrors::default());
    let claimed = GivenDays {
        from: ("claimedFrom", claimed_from.as_ref()),
        to: ("claimedTo", claimed_to.as_ref()),
    };
    let claimed = validate_days(claimed, &path, &mut errors);
    validate_list_length(kind.len(), &path.at("kind"), &mut errors);
    let words = text.map(|text| validate_words(&text, &path.at("text"), &mut errors));
    errors.finish()?;
    let timeline = policy::service::load_timeline(&db.read).await?;
    let filter = ValidExemptionFilter {
        department: department_id,
        kinds: kind,
        claimed: timeline.times_of(claimed, viewer.now),
        words,
    };
    store::list_exemptions(&db.read, viewer, &filter, arguments, includes_total).await
}
