//! Loads solicitations and bids with related objects, with one statement for each kind.
use std::collections::HashMap;

use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::receipts::render_receipts;
use super::store;
use crate::bidding::model::{Addendum, BidRecord, SolicitationId, SolicitationRecord};
use crate::bidding::rules;
use crate::decision;
use crate::decision::model::{PartyOwner, Subcontractor, Substitution};
use crate::decision::service::StoredDecision;
use crate::disclosure;
use crate::disclosure::model::DisclosureId;
use crate::disclosure::service::FiledDisclosure;
use crate::fault::Result;
use crate::organization::model::Viewer;
use crate::organization::service::{
    Department, Organization, OrganizationInclude, load_departments,
    load_visible_survivors as visible_organizations,
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
    pub record: SolicitationRecord,
    pub department: Preloaded<Option<Department>>,
    pub addenda: Preloaded<Vec<IssuedAddendum>>,
    /// The notice to bidders, from the pinned policy.
    pub notice: Preloaded<Option<String>>,
}

/// An addendum, and how it changed the due time, in the City's time and in words; none if it did not.
#[derive(Clone, Debug)]
pub struct IssuedAddendum {
    pub addendum: Addendum,
    pub due_time_change: Option<String>,
}

/// Loads the requested related objects of solicitations, with one statement for each kind.
pub(super) async fn include_solicitations(
    db: &impl ConnectionTrait,
    records: Vec<SolicitationRecord>,
    include: SolicitationInclude,
) -> Result<Vec<Solicitation>> {
    let departments = if include.department {
        let ids = records.iter().map(|record| record.department_id.uuid()).collect();
        load_departments(db, ids).await?
    } else {
        HashMap::new()
    };
    let mut addenda = HashMap::<SolicitationId, Vec<Addendum>>::new();
    if include.addenda {
        let ids = records.iter().map(|record| record.id.uuid()).collect();
        for addendum in store::list_addenda(db, ids).await? {
            addenda.entry(addendum.solicitation_id).or_default().push(addendum);
        }
    }
    let policies = if include.notice || include.addenda {
        let versions = records
            .iter()
            .filter_map(|record| record.state.publication())
            .map(|publication| publication.policy_version)
            .collect();
        policy::service::load_versions(db, versions).await?
    } else {
        HashMap::new()
    };
    let records = records.into_iter().map(|record| {
        let publication = record.state.publication();
        let pinned = publication.and_then(|it| policies.get(&it.policy_version));
        let issued = |addendum: Addendum| IssuedAddendum {
            due_time_change: pinned.zip(addendum.previous_due_at).map(|(policy, previous)| {
                rules::describe_due_time_change(previous, addendum.due_at, policy.calendar())
            }),
            addendum,
        };
        Solicitation {
            department: Preloaded::if_requested(include.department, || {
                departments.get(&record.department_id).cloned()
            }),
            addenda: Preloaded::if_requested(include.addenda, || {
                addenda.remove(&record.id).unwrap_or_default().into_iter().map(issued).collect()
            }),
            notice: Preloaded::if_requested(include.notice, || {
                pinned.map(|policy| policy.notice().with_draft_notice())
            }),
            record,
        }
    });
    Ok(records.collect())
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
    pub substitutions: bool,
    pub receipt: bool,
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
            substitutions: self.substitutions || other.substitutions,
            receipt: self.receipt || other.receipt,
        }
    }
}

/// A bid with the related objects that were requested.
#[derive(Clone, Debug)]
pub struct Bid {
    pub record: BidRecord,
    pub organization: Preloaded<Option<Organization>>,
    pub solicitation: Preloaded<Option<Solicitation>>,
    pub disclosure: Preloaded<Option<FiledDisclosure>>,
    pub decision: Preloaded<Option<StoredDecision>>,
    /// All decisions on the bid, the earliest first.
    pub decisions: Preloaded<Vec<StoredDecision>>,
    pub subcontractors: Preloaded<Vec<Subcontractor>>,
    /// The earliest first.
    pub substitutions: Preloaded<Vec<Substitution>>,
    pub receipt: Preloaded<Option<String>>,
}

/// Loads the requested related objects of bids that the viewer may see, with one statement for each kind.
pub(super) async fn include_bids(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    records: Vec<BidRecord>,
    include: BidInclude,
) -> Result<Vec<Bid>> {
    let ids =
        |of: fn(&BidRecord) -> Option<Uuid>| records.iter().filter_map(of).collect::<Vec<_>>();
    let organizations = match include.organization {
        Some(inner) => {
            let ids = ids(|record| Some(record.organization_id.uuid()));
            visible_organizations(db, viewer, ids, inner).await?
        }
        None => HashMap::new(),
    };
    let solicitations: HashMap<SolicitationId, _> = match include.solicitation {
        Some(inner) => {
            let ids = ids(|record| Some(record.solicitation_id.uuid()));
            let records = store::list_visible_by_ids(db, viewer, ids).await?;
            let solicitations = include_solicitations(db, records, inner).await?;
            solicitations.into_iter().map(|it| (it.record.id, it)).collect()
        }
        None => HashMap::new(),
    };
    let disclosures = if include.disclosure {
        let ids = ids(|record| record.decision.disclosure_id.map(DisclosureId::uuid));
        disclosure::service::load_visible_by_ids(db, viewer, ids).await?
    } else {
        HashMap::new()
    };
    let mut decisions = if include.decision {
        let ids = ids(|record| Some(record.decision.id.uuid()));
        decision::service::find_visible_by_ids(db, viewer, ids).await?
    } else {
        HashMap::new()
    };
    let mut all_decisions = if include.decisions {
        let ids = ids(|record| Some(record.id.uuid()));
        decision::service::list_visible_by_subject(db, viewer, ids).await?
    } else {
        HashMap::new()
    };
    let mut subcontractors = if include.subcontractors {
        let ids = ids(|record| Some(record.id.uuid()));
        decision::service::list_subcontractors(db, PartyOwner::Bid, ids).await?
    } else {
        HashMap::new()
    };
    let mut substitutions = if include.substitutions {
        let ids = ids(|record| Some(record.id.uuid()));
        decision::service::list_substitutions(db, viewer, PartyOwner::Bid, ids).await?
    } else {
        HashMap::new()
    };
    let mut receipts =
        if include.receipt { render_receipts(db, &records).await? } else { HashMap::new() };
    let bids = records.into_iter().map(|record| Bid {
        organization: Preloaded::if_requested(include.organization.is_some(), || {
            organizations.get(&record.organization_id).cloned()
        }),
        solicitation: Preloaded::if_requested(include.solicitation.is_some(), || {
            solicitations.get(&record.solicitation_id).cloned()
        }),
        disclosure: Preloaded::if_requested(include.disclosure, || {
            record.decision.disclosure_id.and_then(|id| disclosures.get(&id).cloned())
        }),
        decision: Preloaded::if_requested(include.decision, || {
            decisions.remove(&record.decision.id)
        }),
        decisions: Preloaded::from_map(include.decisions, &mut all_decisions, &record.id.uuid()),
        subcontractors: Preloaded::from_map(
            include.subcontractors,
            &mut subcontractors,
            &record.id.uuid(),
        ),
        substitutions: Preloaded::from_map(
            include.substitutions,
            &mut substitutions,
            &record.id.uuid(),
        ),
        receipt: Preloaded::if_requested(include.receipt, || receipts.remove(&record.id)),
        record,
    });
    Ok(bids.collect())
}
