//! Lists the review queue, with the children that each item requests.
use std::collections::HashMap;

use uuid::Uuid;

use super::ListRequest;
use crate::award;
use crate::award::model::MatchId;
use crate::award::service::LoadedMatch;
use crate::bidding;
use crate::bidding::model::BidId;
use crate::bidding::service::{Bid, BidInclude};
use crate::database::Database;
use crate::disclosure;
use crate::disclosure::model::{AppealId, ClarificationId, DisclosureId};
use crate::disclosure::service::{Appeal, Clarification, FiledDisclosure};
use crate::fault::{FieldPath, InputErrors, Result};
use crate::organization;
use crate::organization::model::{IdentifierDisputeId, Viewer};
use crate::organization::service::IdentifierDispute;
use crate::page::Page;
use crate::preloaded::{Preloaded, merge};
use crate::screening::entity::review_item;
use crate::screening::model::{QueueFilter, ReviewItemKind};
use crate::screening::{rules, store};

/// The requested children of a review item.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct QueueInclude {
    pub bid: Option<BidInclude>,
    pub disclosure: bool,
    pub clarification: bool,
    pub appeal: bool,
    pub award_match: Option<award::service::MatchInclude>,
    /// The requested children of each organization that claims a disputed identifier.
    pub dispute: Option<organization::service::OrganizationInclude>,
}

impl QueueInclude {
    /// Returns the union of two requests.
    #[must_use]
    pub fn merge(self, other: Self) -> Self {
        Self {
            bid: merge(self.bid, other.bid, BidInclude::both),
            disclosure: self.disclosure || other.disclosure,
            clarification: self.clarification || other.clarification,
            appeal: self.appeal || other.appeal,
            award_match: merge(
                self.award_match,
                other.award_match,
                award::service::MatchInclude::merge_with,
            ),
            dispute: merge(
                self.dispute,
                other.dispute,
                organization::service::OrganizationInclude::merge,
            ),
        }
    }
}

/// An item of the review queue with the requested children.
#[derive(Clone, Debug)]
pub struct QueueItem {
    pub row: review_item::Model,
    pub bid: Preloaded<Option<Bid>>,
    pub disclosure: Preloaded<Option<FiledDisclosure>>,
    pub clarification: Preloaded<Option<Clarification>>,
    pub appeal: Preloaded<Option<Appeal>>,
    pub award_match: Preloaded<Option<LoadedMatch>>,
    pub dispute: Preloaded<Option<IdentifierDispute>>,
}

impl QueueItem {
    /// Whether the firm missed a deadline. Only an unanswered question is overdue: no deadline
    /// applies to answers, appeals, matches and disputes, and a held bid can still be cured.
    #[must_use]
    pub fn is_overdue(&self) -> bool {
        self.row.kind == ReviewItemKind::QuestionOverdue
    }
}

/// Returns a page of the review queue, the earliest due first, and the number of items if requested.
///
/// # Errors
/// `Forbidden` unless the viewer is a reviewer, supervisor, analyst, auditor or administrator;
/// `Invalid` for malformed arguments or a cursor of another list.
#[tracing::instrument(skip_all)]
pub async fn review_queue(
    db: &Database,
    viewer: &Viewer,
    filter: &QueueFilter,
    request: ListRequest<'_, QueueInclude>,
) -> Result<(Page<QueueItem>, Option<u64>)> {
    viewer.require_reader("only the Bureau of Contract Administration has this queue")?;
    let mut errors = InputErrors::default();
    rules::validate_reviewer(
        filter.reviewer.as_deref(),
        &FieldPath::argument("reviewer"),
        &mut errors,
    );
    errors.finish()?;
    let ListRequest { arguments, with_total, include } = request;
    let (page, total) = store::list_queue(&db.read, viewer, filter, arguments, with_total).await?;
    let rows: Vec<_> = page.rows.iter().map(|(_, row)| row.clone()).collect();
    let ids = |of: fn(&review_item::Model) -> Option<Uuid>| -> Vec<Uuid> {
        rows.iter().filter_map(of).collect()
    };
    let mut bids = match include.bid {
        Some(inner) => {
            let ids = ids(|row| row.bid_id.map(BidId::uuid));
            bidding::service::load_visible_bids(db, viewer, ids, inner).await?
        }
        None => HashMap::new(),
    };
    let filed = if include.disclosure {
        let ids = ids(|row| row.disclosure_id.map(DisclosureId::uuid));
        disclosure::service::load_visible_by_ids(&db.read, viewer, ids).await?
    } else {
        HashMap::new()
    };
    let mut clarifications = if include.clarification {
        let ids = ids(|row| row.clarification_id.map(ClarificationId::uuid));
        disclosure::service::load_visible_clarifications(&db.read, viewer, ids).await?
    } else {
        HashMap::new()
    };
    let mut appeals = if include.appeal {
        let ids = ids(|row| row.appeal_id.map(AppealId::uuid));
        disclosure::service::load_visible_appeals(&db.read, viewer, ids).await?
    } else {
        HashMap::new()
    };
    let matches = match include.award_match {
        Some(inner) => {
            let ids = ids(|row| row.match_id.map(MatchId::uuid));
            award::service::load_visible_matches(&db.read, viewer, ids, inner).await?
        }
        None => HashMap::new(),
    };
    let mut disputes = match include.dispute {
        Some(inner) => {
            let ids = ids(|row| row.dispute_id.map(IdentifierDisputeId::uuid));
            organization::service::load_disputes(db, viewer, ids, inner).await?
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
        // Two items may have the same match: a response to it, and an appeal about it.
        award_match: Preloaded::if_requested(include.award_match.is_some(), || {
            row.match_id.and_then(|id| matches.get(&id).cloned())
        }),
        dispute: Preloaded::if_requested(include.dispute.is_some(), || {
            row.dispute_id.and_then(|id| disputes.remove(&id))
        }),
        row,
    });
    let rows: Vec<_> = rows.collect();
    Ok((page.replace(|_| rows), total))
}
