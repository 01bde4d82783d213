//! Loads solicitations and bids with related objects, with one statement for each kind.
use std::collections::HashMap;

use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::{Addendum, BidRow, SolicitationRow, store};
use crate::bidding::model::SolicitationId;
use crate::decision;
use crate::decision::service::StoredDecision;
use crate::disclosure;
use crate::disclosure::model::DisclosureId;
use crate::disclosure::service::FiledDisclosure;
use crate::fault::Result;
use crate::money::Money;
use crate::organization::model::{ResolvedParty, Viewer};
use crate::organization::service::{
    Department, Organization, OrganizationInclude, load_departments,
    load_visible_organizations as visible_organizations,
};
use crate::policy;
use crate::preloaded::{Preloaded, merge};

/// The related objects of a solicitation to load.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct SolicitationInclude {
    pub department: bool,
    pub addenda: bool,
    pub notice: bool,
}

impl SolicitationInclude {
    /// The union of both requests.
    #[must_use]
    pub fn merge(self, other: Self) -> Self {
        Self {
            department: self.department || other.department,
            addenda: self.addenda || other.addenda,
            notice: self.notice || other.notice,
        }
    }
}

/// A solicitation with the related objects that were requested.
#[derive(Clone, Debug)]
pub struct Solicitation {
    pub row: SolicitationRow,
    pub department: Preloaded<Option<Department>>,
    pub addenda: Preloaded<Vec<Addendum>>,
    /// The notice to bidders, from the pinned policy.
    pub notice: Preloaded<Option<String>>,
}

/// Loads the requested related objects of solicitations, with one statement for each kind.
pub(super) async fn include_solicitations(
    db: &impl ConnectionTrait,
    rows: Vec<SolicitationRow>,
    include: SolicitationInclude,
) -> Result<Vec<Solicitation>> {
    let departments = if include.department {
        let ids = rows.iter().map(|row| row.department_id.uuid()).collect();
        load_departments(db, ids).await?
    } else {
        HashMap::new()
    };
    let mut addenda = HashMap::<SolicitationId, Vec<Addendum>>::new();
    if include.addenda {
        for row in store::list_addenda(db, rows.iter().map(|row| row.id.uuid()).collect()).await? {
            addenda.entry(row.solicitation_id).or_default().push(row);
        }
    }
    let policies = if include.notice {
        let versions = rows.iter().filter_map(|row| row.policy_version).collect();
        policy::service::load_versions(db, versions).await?
    } else {
        HashMap::new()
    };
    let rows = rows.into_iter().map(|row| Solicitation {
        department: Preloaded::if_requested(include.department, || {
            departments.get(&row.department_id).cloned()
        }),
        addenda: Preloaded::from_map(include.addenda, &mut addenda, &row.id),
        notice: Preloaded::if_requested(include.notice, || {
            let pinned = row.policy_version.and_then(|version| policies.get(&version));
            pinned.map(|policy| policy.notice().with_draft_notice())
        }),
        row,
    });
    Ok(rows.collect())
}

/// The related objects of a bid to load.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[expect(clippy::struct_excessive_bools, reason = "one for each child of the schema")]
pub struct BidInclude {
    pub organization: Option<OrganizationInclude>,
    pub solicitation: Option<SolicitationInclude>,
    pub disclosure: bool,
    pub decision: bool,
    pub decisions: bool,
    pub subcontractors: bool,
}

impl BidInclude {
    /// The union of both requests.
    #[must_use]
    pub fn merge(self, other: Self) -> Self {
        Self {
            organization: merge(self.organization, other.organization, OrganizationInclude::merge),
            solicitation: merge(self.solicitation, other.solicitation, SolicitationInclude::merge),
            disclosure: self.disclosure || other.disclosure,
            decision: self.decision || other.decision,
            decisions: self.decisions || other.decisions,
            subcontractors: self.subcontractors || other.subcontractors,
        }
    }
}

/// A bid with the related objects that were requested.
#[derive(Clone, Debug)]
pub struct Bid {
    pub row: BidRow,
    pub organization: Preloaded<Option<Organization>>,
    pub solicitation: Preloaded<Option<Solicitation>>,
    pub disclosure: Preloaded<Option<FiledDisclosure>>,
    pub decision: Preloaded<Option<StoredDecision>>,
    /// All decisions on the bid, the earliest first.
    pub decisions: Preloaded<Vec<StoredDecision>>,
    pub subcontractors: Preloaded<Vec<(ResolvedParty, Money)>>,
}

/// Loads the requested related objects of bids that the viewer may see, with one statement for each kind.
pub(super) async fn include_bids(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    rows: Vec<BidRow>,
    include: BidInclude,
) -> Result<Vec<Bid>> {
    let ids = |of: fn(&BidRow) -> Option<Uuid>| rows.iter().filter_map(of).collect::<Vec<_>>();
    let organizations = match include.organization {
        Some(inner) => {
            let ids = ids(|row| Some(row.organization_id.uuid()));
            visible_organizations(db, viewer, ids, inner).await?
        }
        None => HashMap::new(),
    };
    let solicitations: HashMap<SolicitationId, _> = match include.solicitation {
        Some(inner) => {
            let ids = ids(|row| Some(row.solicitation_id.uuid()));
            let rows = store::list_visible_by_ids(db, viewer, ids).await?;
            let solicitations = include_solicitations(db, rows, inner).await?;
            solicitations.into_iter().map(|it| (it.row.id, it)).collect()
        }
        None => HashMap::new(),
    };
    let disclosures = if include.disclosure {
        let ids = ids(|row| row.disclosure_id.map(DisclosureId::uuid));
        disclosure::service::load_visible_by_ids(db, viewer, ids).await?
    } else {
        HashMap::new()
    };
    let mut decisions = if include.decision {
        let ids = ids(|row| Some(row.decision_id.uuid()));
        decision::service::find_visible_by_ids(db, viewer, ids).await?
    } else {
        HashMap::new()
    };
    let mut all_decisions = if include.decisions {
        let ids = ids(|row| Some(row.id.uuid()));
        decision::service::list_visible_by_subject(db, viewer, ids).await?
    } else {
        HashMap::new()
    };
    let mut subcontractors = if include.subcontractors {
        store::list_subcontractors(db, ids(|row| Some(row.id.uuid()))).await?
    } else {
        HashMap::new()
    };
    let bids = rows.into_iter().map(|row| Bid {
        organization: Preloaded::if_requested(include.organization.is_some(), || {
            organizations.get(&row.organization_id).cloned()
        }),
        solicitation: Preloaded::if_requested(include.solicitation.is_some(), || {
            solicitations.get(&row.solicitation_id).cloned()
        }),
        disclosure: Preloaded::if_requested(include.disclosure, || {
            row.disclosure_id.and_then(|id| disclosures.get(&id).cloned())
        }),
        decision: Preloaded::if_requested(include.decision, || decisions.remove(&row.decision_id)),
        decisions: Preloaded::from_map(include.decisions, &mut all_decisions, &row.id.uuid()),
        subcontractors: Preloaded::from_map(include.subcontractors, &mut subcontractors, &row.id),
        row,
    });
    Ok(bids.collect())
}
