//! What waits for a reviewer.
use std::collections::HashMap;

use uuid::Uuid;

use crate::award;
use crate::award::model::MatchId;
use crate::award::service::Found;
use crate::bidding;
use crate::bidding::model::BidId;
use crate::bidding::service::{Bid, BidInclude};
use crate::database::Database;
use crate::disclosure;
use crate::disclosure::model::{AppealId, ClarificationId, DisclosureId};
use crate::disclosure::service::{Appeal, Clarification, Filed};
use crate::fault::{FieldPath, InputErrors, Result};
use crate::organization;
use crate::organization::model::{IdentifierDisputeId, Role, Viewer};
use crate::organization::service::IdentifierDispute;
use crate::page::{PageArguments, Page};
use crate::preloaded::{Preloaded, merge};
use crate::screening::entity::review_item;
use crate::screening::model::{QueueFilter, ReviewItemKind};
use crate::screening::{rules, store};

/// Which children of what waits a reader asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct QueueInclude {
    pub bid: Option<BidInclude>,
    pub disclosure: bool,
    pub clarification: bool,
    pub appeal: bool,
    pub award_match: Option<award::service::Include>,
    /// What of each claimant of an identifier in dispute.
    pub dispute: Option<organization::service::Include>,
}

impl QueueInclude {
    /// What either asks for.
    #[must_use]
    pub fn merge(self, other: Self) -> Self {
        Self {
            bid: merge(self.bid, other.bid, BidInclude::both),
            disclosure: self.disclosure || other.disclosure,
            clarification: self.clarification || other.clarification,
            appeal: self.appeal || other.appeal,
            award_match: merge(self.award_match, other.award_match, award::service::Include::both),
            dispute: merge(self.dispute, other.dispute, organization::service::Include::both),
        }
    }
}

/// Something that waits for a reviewer.
#[derive(Clone, Debug)]
pub struct QueueItem {
    pub row: review_item::Model,
    pub bid: Preloaded<Option<Bid>>,
    pub disclosure: Preloaded<Option<Filed>>,
    pub clarification: Preloaded<Option<Clarification>>,
    pub appeal: Preloaded<Option<Appeal>>,
    pub award_match: Preloaded<Option<Found>>,
    pub dispute: Preloaded<Option<IdentifierDispute>>,
}

impl QueueItem {
    /// Whether somebody let a time pass that was given: of what came, and of a bid that can still
    /// be mended, nobody did.
    #[must_use]
    pub fn is_overdue(&self) -> bool {
        self.row.kind == ReviewItemKind::QuestionOverdue
    }
}

/// A page of what waits for a reviewer, the earliest due first, and its number if it is asked for.
///
/// # Errors
/// `Forbidden` to all but reviewers, supervisors and who reads all; `Invalid` for arguments of
/// another list.
pub async fn review_queue(
    db: &Database,
    viewer: &Viewer,
    filter: &QueueFilter,
    arguments: &PageArguments,
    (counted, include): (bool, QueueInclude),
) -> Result<(Page<QueueItem>, Option<u64>)> {
    let readers =
        [Role::BcaReviewer, Role::BcaSupervisor, Role::CaoAnalyst, Role::Auditor, Role::Admin];
    viewer.requires(&readers, "only the Bureau of Contract Administration has this queue")?;
    let mut problems = InputErrors::default();
    rules::validate_reviewer(filter.reviewer.as_deref(), &FieldPath::argument("reviewer"), &mut problems);
    problems.finish()?;
    let (sheet, total) = store::list_queue(&db.read, viewer, filter, arguments, counted).await?;
    let rows: Vec<_> = sheet.rows.iter().map(|(_, row)| row.clone()).collect();
    let ids = |of: fn(&review_item::Model) -> Option<Uuid>| -> Vec<Uuid> {
        rows.iter().filter_map(of).collect()
    };
    let mut bids = match include.bid {
        Some(inner) => {
            let ids = ids(|row| row.bid_id.map(BidId::uuid));
            bidding::service::visible_bids_by_ids(db, viewer, ids, inner).await?
        }
        None => HashMap::new(),
    };
    let filed = if include.disclosure {
        let ids = ids(|row| row.disclosure_id.map(DisclosureId::uuid));
        disclosure::service::visible_by_ids(&db.read, viewer, ids).await?
    } else {
        HashMap::new()
    };
    let mut clarifications = if include.clarification {
        let ids = ids(|row| row.clarification_id.map(ClarificationId::uuid));
        disclosure::service::visible_clarifications_by_ids(&db.read, viewer, ids).await?
    } else {
        HashMap::new()
    };
    let mut appeals = if include.appeal {
        let ids = ids(|row| row.appeal_id.map(AppealId::uuid));
        disclosure::service::visible_appeals_by_ids(&db.read, viewer, ids).await?
    } else {
        HashMap::new()
    };
    let found = match include.award_match {
        Some(inner) => {
            let ids = ids(|row| row.match_id.map(MatchId::uuid));
            award::service::visible_found_by_ids(&db.read, viewer, ids, inner).await?
        }
        None => HashMap::new(),
    };
    let mut disputes = match include.dispute {
        Some(inner) => {
            let ids = ids(|row| row.dispute_id.map(IdentifierDisputeId::uuid));
            organization::service::disputes_by_ids(db, viewer, ids, inner).await?
        }
        None => HashMap::new(),
    };
    let rows = rows.into_iter().map(|row| QueueItem {
        bid: Preloaded::if_requested(include.bid.is_some(), || {
            row.bid_id.and_then(|id| bids.remove(&id))
        }),
        disclosure: Preloaded::if_requested(include.disclosure, || {
            row.disclosure_id.and_then(|id| filed.get(&id).cloned())
        }),
        clarification: Preloaded::if_requested(include.clarification, || {
            row.clarification_id.and_then(|id| clarifications.remove(&id))
        }),
        appeal: Preloaded::if_requested(include.appeal, || {
            row.appeal_id.and_then(|id| appeals.remove(&id))
        }),
        // One match may wait twice: answered, and appealed about.
        award_match: Preloaded::if_requested(include.award_match.is_some(), || {
            row.match_id.and_then(|id| found.get(&id).cloned())
        }),
        dispute: Preloaded::if_requested(include.dispute.is_some(), || {
            row.dispute_id.and_then(|id| disputes.remove(&id))
        }),
        row,
    });
    let rows: Vec<_> = rows.collect();
    Ok((sheet.replace(|_| rows), total))
}
