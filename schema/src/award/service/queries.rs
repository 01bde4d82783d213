//! Reads matches and awards for clients, with the requested children.
use std::collections::HashMap;

use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::store;
use crate::award::entity::award::Model as AwardRow;
use crate::award::entity::recipient::Model as RecipientRow;
use crate::award::model::{AwardId, AwardMatch, ConfirmationAppeal, MatchFilter, MatchId};
use crate::database::{Database, Tx};
use crate::disclosure;
use crate::disclosure::service::FiledDisclosure;
use crate::fault::{Fault, FieldPath, InputErrors, Result};
use crate::filter::validate_list_length;
use crate::organization;
use crate::organization::model::{Role, Viewer};
use crate::organization::service::{Organization, OrganizationInclude};
use crate::page::{ListRequest, Page};
use crate::preloaded::{Preloaded, merge};

/// A federal award with its recipient.
#[derive(Clone, Debug)]
pub struct AwardWithRecipient {
    pub row: AwardRow,
    pub recipient: RecipientRow,
}

/// The children of a match to load.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "one for each child without children of its own")]
pub struct MatchInclude {
    pub organization: Option<OrganizationInclude>,
    pub award: bool,
    pub covered_by: bool,
    pub appeals: bool,
    pub has_matched_order: bool,
}

impl MatchInclude {
    /// The union of two selections.
    #[must_use]
    pub fn merge_with(self, other: Self) -> Self {
        Self {
            organization: merge(self.organization, other.organization, OrganizationInclude::merge),
            award: self.award || other.award,
            covered_by: self.covered_by || other.covered_by,
            appeals: self.appeals || other.appeals,
            has_matched_order: self.has_matched_order || other.has_matched_order,
        }
    }
}

/// A match with the requested children.
#[derive(Clone, Debug)]
pub struct LoadedMatch {
    pub award_match: AwardMatch,
    pub organization: Preloaded<Option<Organization>>,
    pub award: Preloaded<Option<AwardWithRecipient>>,
    pub covered_by: Preloaded<Option<FiledDisclosure>>,
    pub appeals: Preloaded<Vec<ConfirmationAppeal>>,
    /// Whether the award is a vehicle of which an order counts for the same firm; none for a viewer who
    /// may not see all matches.
    pub has_matched_order: Preloaded<Option<bool>>,
}

/// Loads the requested children that the viewer may see, with one statement for each kind.
async fn load_children(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    matches: Vec<AwardMatch>,
    include: MatchInclude,
) -> Result<Vec<LoadedMatch>> {
    let organizations = match include.organization {
        Some(inner) => {
            let ids = matches.iter().map(|found| found.organization_id.uuid()).collect();
            organization::service::load_visible_survivors(db, viewer, ids, inner).await?
        }
        None => HashMap::new(),
    };
    let awards = if include.award {
        let ids = matches.iter().map(|found| found.award_id.uuid()).collect();
        load_visible_awards(db, viewer, ids).await?
    } else {
        HashMap::new()
    };
    let filed = if include.covered_by {
        let coverages = matches.iter().filter_map(|found| found.state.coverage());
        let ids = coverages.map(|coverage| coverage.disclosure_id.uuid()).collect();
        disclosure::service::load_visible_by_ids(db, viewer, ids).await?
    } else {
        HashMap::new()
    };
    let mut appeals = if include.appeals {
        store::matches::list_appeals(db, matches.iter().map(|found| found.id.uuid()).collect())
            .await?
    } else {
        HashMap::new()
    };
    let with_order = if include.has_matched_order && viewer.can_read_all() {
        let ids = matches.iter().map(|found| found.id.uuid()).collect();
        Some(store::matches::list_matched_orders(db, ids).await?)
    } else {
        None
    };
    let loaded = matches.into_iter().map(|found| LoadedMatch {
        organization: Preloaded::if_requested(include.organization.is_some(), || {
            organizations.get(&found.organization_id).cloned()
        }),
        award: Preloaded::if_requested(include.award, || awards.get(&found.award_id).cloned()),
        covered_by: Preloaded::if_requested(include.covered_by, || {
            found.state.coverage().and_then(|it| filed.get(&it.disclosure_id).cloned())
        }),
        appeals: Preloaded::from_map(include.appeals, &mut appeals, &found.id),
        has_matched_order: Preloaded::if_requested(include.has_matched_order, || {
            with_order.as_ref().map(|it| it.contains_key(&found.id))
        }),
        award_match: found,
    });
    Ok(loaded.collect())
}

/// The match, if the viewer may see it.
#[tracing::instrument(skip_all, fields(id = %id))]
pub async fn find_match(
    db: &Database,
    viewer: &Viewer,
    id: MatchId,
    include: MatchInclude,
) -> Result<Option<LoadedMatch>> {
    let found = store::matches::find(&db.read, viewer, id).await?;
    Ok(load_children(&db.read, viewer, found.into_iter().collect(), include).await?.pop())
}

/// Those of the given matches that the viewer may see, by id.
#[tracing::instrument(skip_all)]
pub async fn load_visible_matches(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    ids: Vec<Uuid>,
    include: MatchInclude,
) -> Result<HashMap<MatchId, LoadedMatch>> {
    let found = store::matches::list_visible_by_ids(db, viewer, ids).await?;
    let loaded = load_children(db, viewer, found, include).await?;
    Ok(loaded.into_iter().map(|loaded| (loaded.award_match.id, loaded)).collect())
}

/// A page of the matches that the viewer may see, oldest first, with the total if requested.
///
/// # Errors
/// `Forbidden` unless the viewer reads all or is a bidder, `Invalid` for a cursor of another list and for too
/// many values.
#[tracing::instrument(skip_all)]
pub async fn list_matches(
    db: &Database,
    viewer: &Viewer,
    filter: &MatchFilter,
    request: ListRequest<'_, MatchInclude>,
) -> Result<(Page<LoadedMatch>, Option<u64>)> {
    if !viewer.can_read_all() && !viewer.has_role(Role::Bidder) {
        return Err(Fault::Forbidden(
            "only the Bureau of Contract Administration and firms that received notice may see matches",
        ));
    }
    let (path, mut errors) = (FieldPath::argument("filter"), InputErrors::default());
    validate_list_length(filter.status.len(), &path.at("status"), &mut errors);
    validate_list_length(filter.component.len(), &path.at("component"), &mut errors);
    errors.finish()?;
    let ListRequest { arguments, includes_total, include } = request;
    let (page, total) =
        store::matches::list_page(&db.read, viewer, filter, arguments, includes_total).await?;
    let found = page.rows.iter().map(|(_, found)| found.clone()).collect();
    let loaded = load_children(&db.read, viewer, found, include).await?;
    Ok((page.replace(|_| loaded), total))
}

/// Loads the match as the viewer sees it, then commits.
pub(super) async fn commit_and_load(
    tx: Tx,
    viewer: &Viewer,
    id: MatchId,
    include: MatchInclude,
) -> Result<LoadedMatch> {
    let found = load_visible_matches(&*tx, viewer, vec![id.uuid()], include).await?.remove(&id);
    let found = found.ok_or(Fault::NotFound)?;
    tx.commit().await?;
    Ok(found)
}

/// Those of the given awards that the viewer may see, with their recipients, by id.
async fn load_visible_awards(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    ids: Vec<Uuid>,
) -> Result<HashMap<AwardId, AwardWithRecipient>> {
    load_recipients_of(db, store::awards::list_visible_by_ids(db, viewer, ids).await?).await
}

/// Adds the recipients to awards.
pub(super) async fn load_recipients_of(
    db: &impl ConnectionTrait,
    rows: Vec<AwardRow>,
) -> Result<HashMap<AwardId, AwardWithRecipient>> {
    let recipients = rows.iter().map(|row| row.recipient_id.uuid()).collect();
    let recipients = store::recipients::list_by_ids(db, recipients).await?;
    let recipients: HashMap<_, _> = recipients.into_iter().map(|row| (row.id, row)).collect();
    let awards = rows.into_iter().filter_map(|row| {
        let recipient = recipients.get(&row.recipient_id)?.clone();
        Some((row.id, AwardWithRecipient { row, recipient }))
    });
    Ok(awards.collect())
}

/// The award, if the viewer may see it.
#[tracing::instrument(skip_all, fields(id = %id))]
pub async fn find_award(
    db: &Database,
    viewer: &Viewer,
    id: AwardId,
) -> Result<Option<AwardWithRecipient>> {
    Ok(load_visible_awards(&db.read, viewer, vec![id.uuid()]).await?.remove(&id))
}
