//! Lists the review queue, with the children that each item requests.
use std::collections::HashMap;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::item_objects::{ItemIds, ItemInclude, ItemObjects, PageObjects};
use crate::contracting;
use crate::contracting::model::RenewalId;
use crate::contracting::service::{Renewal, RenewalInclude};
use crate::database::Database;
use crate::deadline::has_settled;
use crate::disclosure;
use crate::disclosure::model::{AppealId, RejectionAppeal};
use crate::fault::{FieldPath, InputErrors, Result};
use crate::filter::validate_list_length;
use crate::organization;
use crate::organization::model::{IdentifierDisputeId, OrganizationId, Viewer};
use crate::organization::service::{IdentifierDispute, Organization, OrganizationInclude};
use crate::page::{CountedPage, ListRequest};
use crate::policy::service::load_timeline;
use crate::preloaded::{Preloaded, merge};
use crate::screening::entity::review_item;
use crate::screening::model::{QueueFilter, ReviewItemKind};
use crate::screening::{rules, store};
use crate::waiver;
use crate::waiver::model::{ExemptionId, Waiver, WaiverId};
use crate::waiver::service::Exemption;

/// The requested children of a review item.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct QueueInclude {
    pub objects: ItemInclude,
    pub appeal: bool,
    /// The requested children of each organization that claims a disputed identifier.
    pub dispute: Option<OrganizationInclude>,
    pub waiver: bool,
    pub exemption: bool,
    pub renewal: Option<RenewalInclude>,
    /// The requested children of each organization of a merge proposal.
    pub organizations: Option<OrganizationInclude>,
}

impl QueueInclude {
    /// Returns the union of two requests.
    #[must_use]
    pub fn merge(self, other: Self) -> Self {
        Self {
            objects: self.objects.merge(other.objects),
            appeal: self.appeal || other.appeal,
            dispute: merge(self.dispute, other.dispute, OrganizationInclude::merge),
            waiver: self.waiver || other.waiver,
            exemption: self.exemption || other.exemption,
            renewal: merge(self.renewal, other.renewal, RenewalInclude::merge),
            organizations: merge(
                self.organizations,
                other.organizations,
                OrganizationInclude::merge,
            ),
        }
    }
}

/// An item of the review queue with the requested children.
#[derive(Clone, Debug)]
pub struct QueueItem {
    pub row: review_item::Model,
    /// Whether the firm missed a deadline.
    pub is_overdue: bool,
    pub objects: ItemObjects,
    pub appeal: Preloaded<Option<RejectionAppeal>>,
    pub dispute: Preloaded<Option<IdentifierDispute>>,
    pub waiver: Preloaded<Option<Waiver>>,
    pub exemption: Preloaded<Option<Exemption>>,
    pub renewal: Preloaded<Option<Renewal>>,
    pub organizations: Preloaded<Vec<Organization>>,
}

/// Whether the firm missed a deadline: of a question, or of the disclosure after an exemption. No
/// deadline applies to the other kinds, and a held bid can still be cured.
fn is_overdue(row: &review_item::Model, now: DateTime<Utc>) -> bool {
    match row.kind {
        ReviewItemKind::QuestionOverdue | ReviewItemKind::FollowUpOverdue => true,
        ReviewItemKind::BidHeld => has_settled(row.question_due_at, now),
        _ => false,
    }
}

/// Returns a page of the review queue, and the number of items if requested. Contract officers have
/// only their departments' items in it that are for officers, and nobody else has those.
///
/// # Errors
/// `Forbidden` unless the viewer is City staff; `Invalid` for malformed arguments or a cursor of
/// another list.
#[tracing::instrument(skip_all)]
pub async fn review_queue(
    db: &Database,
    viewer: &Viewer,
    filter: &QueueFilter,
    request: ListRequest<'_, QueueInclude>,
) -> Result<CountedPage<QueueItem>> {
    viewer.require_staff("only City staff has this queue")?;
    let mut errors = InputErrors::default();
    rules::validate_reviewer(
        filter.reviewer.as_deref(),
        &FieldPath::argument("reviewer"),
        &mut errors,
    );
    validate_list_length(filter.kinds.len(), &FieldPath::argument("kinds"), &mut errors);
    errors.finish()?;
    let ListRequest { arguments, includes_total, include } = request;
    let today = load_timeline(&db.read).await?.local_date(viewer.now);
    let (page, total) =
        store::list_queue(&db.read, viewer, filter, today, arguments, includes_total).await?;
    let (page, rows) = page.split();
    let ids = |of: fn(&review_item::Model) -> Option<Uuid>| -> Vec<Uuid> {
        rows.iter().filter_map(of).collect()
    };
    let item_ids: Vec<ItemIds> = rows.iter().map(ItemIds::from).collect();
    let objects = PageObjects::load(db, viewer, &item_ids, include.objects).await?;
    let mut appeals = if include.appeal {
        let ids = ids(|row| row.appeal_id.map(AppealId::uuid));
        disclosure::service::load_visible_appeals(&db.read, viewer, ids).await?
    } else {
        HashMap::new()
    };
    let mut disputes = match include.dispute {
        Some(inner) => {
            let ids = ids(|row| row.dispute_id.map(IdentifierDisputeId::uuid));
            organization::service::load_disputes(db, viewer, ids, inner).await?
        }
        None => HashMap::new(),
    };
    let waivers = if include.waiver {
        let ids = ids(|row| row.waiver_id.map(WaiverId::uuid));
        waiver::service::load_visible_waivers(&db.read, viewer, ids).await?
    } else {
        HashMap::new()
    };
    let exemptions = if include.exemption {
        let ids = ids(|row| row.exemption_id.map(ExemptionId::uuid));
        waiver::service::load_visible_exemptions(&db.read, viewer, ids).await?
    } else {
        HashMap::new()
    };
    let renewals = match include.renewal {
        Some(inner) => {
            let ids = ids(|row| row.renewal_id.map(RenewalId::uuid));
            contracting::service::load_visible_renewals(db, viewer, ids, inner).await?
        }
        None => HashMap::new(),
    };
    let organizations = match include.organizations {
        Some(inner) => {
            let ids = rows.iter().flat_map(proposed_organizations).map(OrganizationId::uuid);
            let ids = ids.collect();
            organization::service::load_visible_organizations(&db.read, viewer, ids, inner).await?
        }
        None => HashMap::new(),
    };
    let rows = rows.into_iter().map(|row| QueueItem {
        is_overdue: is_overdue(&row, viewer.now),
        objects: objects.of((&row).into()),
        appeal: Preloaded::if_requested(include.appeal, || {
            row.appeal_id.and_then(|id| appeals.remove(&id))
        }),
        dispute: Preloaded::if_requested(include.dispute.is_some(), || {
            row.dispute_id.and_then(|id| disputes.remove(&id))
        }),
        waiver: Preloaded::if_requested(include.waiver, || {
            row.waiver_id.and_then(|id| waivers.get(&id).cloned())
        }),
        exemption: Preloaded::if_requested(include.exemption, || {
            row.exemption_id.and_then(|id| exemptions.get(&id).cloned())
        }),
        renewal: Preloaded::if_requested(include.renewal.is_some(), || {
            row.renewal_id.and_then(|id| renewals.get(&id).cloned())
        }),
        organizations: Preloaded::if_requested(include.organizations.is_some(), || {
            let ids = proposed_organizations(&row);
            ids.filter_map(|id| organizations.get(&id).cloned()).collect()
        }),
        row,
    });
    let rows: Vec<_> = rows.collect();
    Ok((page.replace(|_| rows), total))
}

/// The organizations of a merge proposal; none of other items.
fn proposed_organizations(
    row: &review_item::Model,
) -> impl Iterator<Item = OrganizationId> + use<> {
    let pair = row.proposal_id.and(row.organization_id.zip(row.other_id));
    pair.into_iter().flat_map(|(one, other)| [one, other])
}
