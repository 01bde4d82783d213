//! Matches and awards as clients see them, each with what was asked for.
use std::collections::HashMap;

use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::store;
use crate::award::entity::appeal::Model as AppealRow;
use crate::award::entity::award::Model as AwardRow;
use crate::award::entity::found::Model as MatchRow;
use crate::award::entity::recipient::Model as RecipientRow;
use crate::award::model::{AwardId, MatchFilter, MatchId};
use crate::database::{Database, Tx};
use crate::disclosure;
use crate::disclosure::model::DisclosureId;
use crate::disclosure::service::FiledDisclosure;
use crate::fault::{Fault, Result};
use crate::organization;
use crate::organization::model::{Role, Viewer};
use crate::organization::service::{Include as OrganizationInclude, Organization};
use crate::page::{PageArguments, Page};
use crate::preloaded::{Preloaded, merge};

/// A federal award and who receives it.
#[derive(Clone, Debug)]
pub struct Award {
    pub row: AwardRow,
    pub recipient: RecipientRow,
}

/// Which children of a match a reader asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Include {
    pub organization: Option<OrganizationInclude>,
    pub award: bool,
    pub covered_by: bool,
    pub appeals: bool,
}

impl Include {
    /// What either asks for.
    #[must_use]
    pub fn both(self, other: Self) -> Self {
        Self {
            organization: merge(self.organization, other.organization, OrganizationInclude::both),
            award: self.award || other.award,
            covered_by: self.covered_by || other.covered_by,
            appeals: self.appeals || other.appeals,
        }
    }
}

/// A match with those of its children that were asked for.
#[derive(Clone, Debug)]
pub struct Found {
    pub row: MatchRow,
    pub organization: Preloaded<Option<Organization>>,
    pub award: Preloaded<Option<Award>>,
    pub covered_by: Preloaded<Option<FiledDisclosure>>,
    pub appeals: Preloaded<Vec<AppealRow>>,
}

/// Reads the children asked for that the viewer may see, one statement a kind.
async fn include(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    rows: Vec<MatchRow>,
    include: Include,
) -> Result<Vec<Found>> {
    let organizations = match include.organization {
        Some(inner) => {
            let ids = rows.iter().map(|row| row.organization_id.uuid()).collect();
            organization::service::visible_by_ids(db, viewer, ids, inner).await?
        }
        None => HashMap::new(),
    };
    let awards = if include.award {
        let ids = rows.iter().map(|row| row.award_id.uuid()).collect();
        visible_awards_by_ids(db, viewer, ids).await?
    } else {
        HashMap::new()
    };
    let filed = if include.covered_by {
        let ids = rows.iter().filter_map(|row| row.covered_by.map(DisclosureId::uuid)).collect();
        disclosure::service::load_visible_by_ids(db, viewer, ids).await?
    } else {
        HashMap::new()
    };
    let mut appeals = if include.appeals {
        store::matches::list_appeals(db, rows.iter().map(|row| row.id.uuid()).collect()).await?
    } else {
        HashMap::new()
    };
    let found = rows.into_iter().map(|row| Found {
        organization: Preloaded::if_requested(include.organization.is_some(), || {
            organizations.get(&row.organization_id).cloned()
        }),
        award: Preloaded::if_requested(include.award, || awards.get(&row.award_id).cloned()),
        covered_by: Preloaded::if_requested(include.covered_by, || {
            row.covered_by.and_then(|id| filed.get(&id).cloned())
        }),
        appeals: Preloaded::from_map(include.appeals, &mut appeals, &row.id),
        row,
    });
    Ok(found.collect())
}

/// The match, if `viewer` may see it.
///
/// # Errors
/// `Internal` if the database fails.
pub async fn find(
    db: &Database,
    viewer: &Viewer,
    id: MatchId,
    asked: Include,
) -> Result<Option<Found>> {
    let row = store::matches::find(&db.read, viewer, id).await?;
    Ok(include(&db.read, viewer, row.into_iter().collect(), asked).await?.pop())
}

/// Those of some matches that `viewer` may see, by id.
///
/// # Errors
/// `Internal` if the database fails.
pub async fn visible_found_by_ids(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    ids: Vec<Uuid>,
    asked: Include,
) -> Result<HashMap<MatchId, Found>> {
    let rows = store::matches::list_visible_by_ids(db, viewer, ids).await?;
    let found = include(db, viewer, rows, asked).await?;
    Ok(found.into_iter().map(|found| (found.row.id, found)).collect())
}

/// A page of the matches that `viewer` may see, the earliest found first, and their number if it is
/// asked for.
///
/// # Errors
/// `Forbidden` to all but who reads all and bidders, `Invalid` for arguments of another list.
pub async fn page(
    db: &Database,
    viewer: &Viewer,
    filter: &MatchFilter,
    arguments: &PageArguments,
    (counted, asked): (bool, Include),
) -> Result<(Page<Found>, Option<u64>)> {
    if !viewer.reads_all() && !viewer.is(Role::Bidder) {
        return Err(Fault::Forbidden(
            "only the Bureau of Contract Administration, and who the awards are put to, see them",
        ));
    }
    let (sheet, total) = store::matches::list_page(&db.read, viewer, filter, arguments, counted).await?;
    let rows = sheet.rows.iter().map(|(_, row)| row.clone()).collect();
    let rows = include(&db.read, viewer, rows, asked).await?;
    Ok((sheet.replace(|_| rows), total))
}

/// Commits, and returns the match as `viewer` sees it then.
pub(super) async fn shown(tx: Tx, viewer: &Viewer, id: MatchId, asked: Include) -> Result<Found> {
    let found = visible_found_by_ids(&*tx, viewer, vec![id.uuid()], asked).await?.remove(&id);
    let found = found.ok_or(Fault::NotFound)?;
    tx.commit().await?;
    Ok(found)
}

/// Those of some awards that `viewer` may see, with who receives them, by id: public data, for every
/// one of the City's staff, and for a firm once it was put to it.
///
/// # Errors
/// `Internal` if the database fails.
async fn visible_awards_by_ids(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    ids: Vec<Uuid>,
) -> Result<HashMap<AwardId, Award>> {
    with_recipients(db, store::awards::visible_by_ids(db, viewer, ids).await?).await
}

/// Awards with who receives them.
pub(super) async fn with_recipients(
    db: &impl ConnectionTrait,
    rows: Vec<AwardRow>,
) -> Result<HashMap<AwardId, Award>> {
    let recipients = rows.iter().map(|row| row.recipient_id.uuid()).collect();
    let recipients = store::recipients::list_by_ids(db, recipients).await?;
    let recipients: HashMap<_, _> = recipients.into_iter().map(|row| (row.id, row)).collect();
    let awards = rows.into_iter().filter_map(|row| {
        let recipient = recipients.get(&row.recipient_id)?.clone();
        Some((row.id, Award { row, recipient }))
    });
    Ok(awards.collect())
}

/// The award, if `viewer` may see it.
///
/// # Errors
/// `Internal` if the database fails.
pub async fn award_by_id(db: &Database, viewer: &Viewer, id: AwardId) -> Result<Option<Award>> {
    Ok(visible_awards_by_ids(&db.read, viewer, vec![id.uuid()]).await?.remove(&id))
}
