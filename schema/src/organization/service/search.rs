//! Looks organizations up by a number or by words of their names.
use super::resolution::{FirmMatch, NamedFirm, SearchBy, find_firms};
use super::store::{self, Organization, OrganizationInclude};
use super::take_quota;
use crate::database::Database;
use crate::fault::{Fault, FieldPath, Result};
use crate::organization::model::{FoundParty, Identifier, Viewer};
use crate::organization::rules::{self, MIN_PARTY_SEARCH_CHARS, SearchCriteria};
use crate::quota::Activity;
use crate::user_message::UserMessage;

/// The largest number of parties that a search returns.
const MAX_FOUND_PARTIES: u64 = 10;

/// Finds the organization that an identifier resolves to, if `viewer` may see it.
///
/// # Errors
/// `Invalid` for a malformed identifier.
#[tracing::instrument(skip_all)]
pub async fn find_organization_by_identifier(
    db: &Database,
    viewer: &Viewer,
    identifier: &Identifier,
    include: OrganizationInclude,
) -> Result<Option<Organization>> {
    let path = FieldPath::argument("identifier");
    let identifiers = [rules::validate_searched_identifier(identifier, &path)?];
    let named = NamedFirm { organization_id: None, identifiers: &identifiers, name: "" };
    match find_firms(&db.read, &[named], SearchBy::Number).await?.first() {
        Some(FirmMatch::One(id, _)) => super::find_organization(db, viewer, *id, include).await,
        _ => Ok(None),
    }
}

/// Finds registered organizations that may be a party of a bid, by words of their names or by an
/// identifier: at most ten, by legal name. Shows nothing of them but name and city.
///
/// # Errors
/// `Forbidden` unless the viewer is a bidder or City staff, `Invalid` for a search by fewer than three
/// letters or digits or by both criteria, `RateLimited` above the quota.
#[tracing::instrument(skip_all)]
pub async fn find_parties(
    db: &Database,
    viewer: &Viewer,
    text: Option<&str>,
    identifier: Option<&Identifier>,
) -> Result<Vec<FoundParty>> {
    viewer.require_bidder_or_staff("only bidders and City staff may look parties up")?;
    let criteria = match (text, identifier) {
        (Some(text), None) => {
            let path = FieldPath::argument("text");
            let text = rules::validate_search_text(text, MIN_PARTY_SEARCH_CHARS, &path)?;
            SearchCriteria { text: Some(text), identifier: None }
        }
        (None, Some(identifier)) => {
            let path = FieldPath::argument("identifier");
            let identifier = Some(rules::validate_searched_identifier(identifier, &path)?);
            SearchCriteria { text: None, identifier }
        }
        _ => {
            let path = FieldPath::argument("text");
            return Err(Fault::invalid(&path, UserMessage::SearchCriterionRequired));
        }
    };
    take_quota(db, viewer, Activity::PartySearch)?;
    let found = store::find_parties(&db.read, &criteria, MAX_FOUND_PARTIES).await?;
    let found = found.into_iter().map(|row| FoundParty {
        organization_id: row.id,
        name: row.legal_name,
        city: row.address.map(|address| address.city),
    });
    Ok(found.collect())
}
