//! Looks organizations up by a number or by words of their names.
use super::resolution::{FirmMatch, NamedFirm, SearchBy, find_firms};
use super::store::{self, Organization, OrganizationInclude};
use super::take_quota;
use crate::database::Database;
use crate::fault::{Fault, FieldPath, Result};
use crate::organization::model::{FoundParty, Identifier, OrganizationId, Viewer};
use crate::organization::rules::{self, MIN_PARTY_SEARCH_CHARS, SearchText};
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
    let identifier = rules::validate_searched_identifier(identifier, &path)?;
    match find_bearer(db, &identifier).await? {
        Some(id) => super::find_organization(db, viewer, id, include).await,
        None => Ok(None),
    }
}

/// Finds the organization that a validated identifier resolves to, regardless of the viewer. A disputed
/// claim finds nobody.
async fn find_bearer(db: &Database, identifier: &Identifier) -> Result<Option<OrganizationId>> {
    let identifiers = std::slice::from_ref(identifier);
    let named = NamedFirm { organization_id: None, identifiers, name: "" };
    let found = find_firms(&db.read, &[named], SearchBy::Number).await?;
    Ok(found.first().and_then(|found| match found {
        FirmMatch::One(id, _) => Some(*id),
        FirmMatch::Several | FirmMatch::Disputed | FirmMatch::Unknown => None,
    }))
}

/// What a party is searched by.
enum PartySearch {
    Text(SearchText),
    Number(Identifier),
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
    let search = match (text, identifier) {
        (Some(text), None) => {
            let path = FieldPath::argument("text");
            PartySearch::Text(rules::validate_search_text(text, MIN_PARTY_SEARCH_CHARS, &path)?)
        }
        (None, Some(identifier)) => {
            let path = FieldPath::argument("identifier");
            PartySearch::Number(rules::validate_searched_identifier(identifier, &path)?)
        }
        _ => {
            let path = FieldPath::argument("text");
            return Err(Fault::invalid(&path, UserMessage::SearchCriterionRequired));
        }
    };
    take_quota(db, viewer, Activity::PartySearch)?;
    let found = match search {
        PartySearch::Text(text) => store::find_parties(&db.read, text, MAX_FOUND_PARTIES).await?,
        PartySearch::Number(identifier) => {
            let bearer = find_bearer(db, &identifier).await?;
            store::load_by_ids(&db.read, bearer.map(OrganizationId::uuid).into_iter().collect())
                .await?
        }
    };
    let found = found.into_iter().map(|row| FoundParty {
        organization_id: row.id,
        name: row.legal_name,
        city: row.address.map(|address| address.city),
    });
    Ok(found.collect())
}
