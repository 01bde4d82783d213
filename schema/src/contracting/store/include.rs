//! Contracts and renewals with those of their children that were asked for, one statement a kind.
use std::collections::{HashMap, HashSet};

use sea_orm::ConnectionTrait;
use uuid::Uuid;

use crate::bidding::model::BidId;
use crate::bidding::service::visible_bid_ids;
use crate::contracting::entity::{contract, renewal};
use crate::contracting::model::ContractId;
use crate::decision::model::DecisionId;
use crate::decision::service::{
    Kept, visible_by_ids as visible_decisions, visible_of_subjects as visible_decisions_of,
};
use crate::disclosure::model::DisclosureId;
use crate::disclosure::service::{
    Amendment, Filed, amendments, visible_by_ids as visible_disclosures,
};
use crate::fault::Result;
use crate::money::Money;
use crate::organization::model::{OrganizationId, ResolvedParty, Viewer};
use crate::organization::service::{
    Department, Include as OrganizationInclude, Organization, departments_by_ids,
    visible_by_ids as visible_organizations,
};
use crate::preloaded::{Preloaded, merge};
use crate::waiver::service::{Exemption, Waiver};

/// Which children of a contract a reader asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[expect(clippy::struct_excessive_bools, reason = "one for each child of the schema")]
pub struct Include {
    pub department: bool,
    pub organization: Option<OrganizationInclude>,
    /// The bid that it was awarded to.
    pub bid: bool,
    pub decisions: bool,
    pub disclosure: bool,
    /// What its holder filed since.
    pub amendments: bool,
    pub renewals: Option<RenewalInclude>,
    pub orders: bool,
    pub subcontractors: bool,
    /// Waivers and exemptions.
    pub relief: bool,
}

impl Include {
    /// What either asks for.
    #[must_use]
    pub fn both(self, other: Self) -> Self {
        Self {
            department: self.department || other.department,
            organization: merge(self.organization, other.organization, OrganizationInclude::both),
            bid: self.bid || other.bid,
            decisions: self.decisions || other.decisions,
            disclosure: self.disclosure || other.disclosure,
            amendments: self.amendments || other.amendments,
            renewals: merge(self.renewals, other.renewals, RenewalInclude::both),
            orders: self.orders || other.orders,
            subcontractors: self.subcontractors || other.subcontractors,
            relief: self.relief || other.relief,
        }
    }
}

/// A contract and those of its children that were asked for.
#[derive(Clone, Debug)]
pub struct Contract {
    pub row: contract::Model,
    pub department: Preloaded<Option<Department>>,
    pub organization: Preloaded<Option<Organization>>,
    pub bid: Preloaded<Option<BidId>>,
    /// The decisions on its award, the earliest first.
    pub decisions: Preloaded<Vec<Kept>>,
    pub disclosure: Preloaded<Option<Filed>>,
    pub amendments: Preloaded<Vec<Amendment>>,
    pub renewals: Preloaded<Vec<Renewal>>,
    pub orders: Preloaded<Vec<contract::Model>>,
    pub subcontractors: Preloaded<Vec<(ResolvedParty, Money)>>,
    pub waivers: Preloaded<Vec<Waiver>>,
    pub exemptions: Preloaded<Vec<Exemption>>,
}

/// Which children of a renewal a reader asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct RenewalInclude {
    pub organization: Option<OrganizationInclude>,
    pub decision: bool,
    pub decisions: bool,
    pub disclosure: bool,
}

impl RenewalInclude {
    /// What either asks for.
    #[must_use]
    pub fn both(self, other: Self) -> Self {
        Self {
            organization: merge(self.organization, other.organization, OrganizationInclude::both),
            decision: self.decision || other.decision,
            decisions: self.decisions || other.decisions,
            disclosure: self.disclosure || other.disclosure,
        }
    }
}

/// A renewal and those of its children that were asked for.
#[derive(Clone, Debug)]
pub struct Renewal {
    pub row: renewal::Model,
    pub organization: Preloaded<Option<Organization>>,
    pub decision: Preloaded<Option<Kept>>,
    /// The decisions on it, the earliest first.
    pub decisions: Preloaded<Vec<Kept>>,
    pub disclosure: Preloaded<Option<Filed>>,
}

/// Reads the children of contracts that were asked for and that the viewer may see: who holds a
/// contract now sees nothing of who held it before.
pub async fn include(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    rows: Vec<contract::Model>,
    include: Include,
) -> Result<Vec<Contract>> {
    let ids = |of: fn(&contract::Model) -> Option<Uuid>| {
        rows.iter().filter_map(of).collect::<Vec<Uuid>>()
    };
    let own = ids(|row| Some(row.id.uuid()));
    let departments = if include.department {
        departments_by_ids(db, ids(|row| Some(row.department_id.uuid()))).await?
    } else {
        HashMap::new()
    };
    let organizations = match include.organization {
        Some(inner) => {
            let ids = ids(|row| Some(row.organization_id.uuid()));
            visible_organizations(db, viewer, ids, inner).await?
        }
        None => HashMap::new(),
    };
    let bids = if include.bid {
        visible_bid_ids(db, viewer, ids(|row| row.bid_id.map(BidId::uuid))).await?
    } else {
        HashSet::new()
    };
    let mut decisions = if include.decisions {
        visible_decisions_of(db, viewer, own.clone()).await?
    } else {
        HashMap::new()
    };
    let disclosures = if include.disclosure {
        let ids = ids(|row| row.disclosure_id.map(DisclosureId::uuid));
        visible_disclosures(db, viewer, ids).await?
    } else {
        HashMap::new()
    };
    let amendments = if include.amendments {
        let ids = ids(|row| row.disclosure_id.map(DisclosureId::uuid));
        amendments(db, viewer, ids).await?
    } else {
        HashMap::new()
    };
    let mut renewals = HashMap::<ContractId, Vec<Renewal>>::new();
    if let Some(inner) = include.renewals {
        let found = super::visible_renewals_of(db, viewer, own.clone()).await?;
        let rows = found.into_values().flatten().collect();
        for renewal in include_renewals(db, viewer, rows, inner).await? {
            renewals.entry(renewal.row.contract_id).or_default().push(renewal);
        }
    }
    let mut orders = HashMap::<ContractId, Vec<contract::Model>>::new();
    if include.orders {
        for row in super::visible_orders_under(db, viewer, own.clone()).await? {
            if let Some(master) = row.master_id {
                orders.entry(master).or_default().push(row);
            }
        }
    }
    let mut named = if include.subcontractors {
        super::subcontractors(db, own.clone()).await?
    } else {
        HashMap::new()
    };
    let (mut waivers, mut exemptions) = if include.relief {
        crate::waiver::service::visible_of_contracts(db, viewer, own).await?
    } else {
        (HashMap::new(), HashMap::new())
    };
    let contracts = rows.into_iter().map(|row| Contract {
        department: Preloaded::if_requested(include.department, || {
            departments.get(&row.department_id).cloned()
        }),
        organization: Preloaded::if_requested(include.organization.is_some(), || {
            organizations.get(&row.organization_id).cloned()
        }),
        bid: Preloaded::if_requested(include.bid, || row.bid_id.filter(|id| bids.contains(id))),
        decisions: Preloaded::from_map(include.decisions, &mut decisions, &row.id.uuid()),
        disclosure: Preloaded::if_requested(include.disclosure, || {
            row.disclosure_id.and_then(|id| disclosures.get(&id).cloned())
        }),
        amendments: Preloaded::if_requested(include.amendments, || {
            let since = row.disclosure_id.and_then(|id| amendments.get(&id));
            since.cloned().unwrap_or_default()
        }),
        renewals: Preloaded::from_map(include.renewals.is_some(), &mut renewals, &row.id),
        orders: Preloaded::from_map(include.orders, &mut orders, &row.id),
        subcontractors: Preloaded::from_map(include.subcontractors, &mut named, &row.id),
        waivers: Preloaded::from_map(include.relief, &mut waivers, &row.id.uuid()),
        exemptions: Preloaded::from_map(include.relief, &mut exemptions, &row.id.uuid()),
        row,
    });
    Ok(contracts.collect())
}

/// Reads the children of renewals that were asked for and that the viewer may see.
pub async fn include_renewals(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    rows: Vec<renewal::Model>,
    include: RenewalInclude,
) -> Result<Vec<Renewal>> {
    let ids =
        |of: fn(&renewal::Model) -> Option<Uuid>| rows.iter().filter_map(of).collect::<Vec<Uuid>>();
    let organizations: HashMap<OrganizationId, Organization> = match include.organization {
        Some(inner) => {
            let ids = ids(|row| Some(row.organization_id.uuid()));
            visible_organizations(db, viewer, ids, inner).await?
        }
        None => HashMap::new(),
    };
    let mut decision: HashMap<DecisionId, Kept> = if include.decision {
        let ids = ids(|row| row.decision_id.map(DecisionId::uuid));
        visible_decisions(db, viewer, ids).await?
    } else {
        HashMap::new()
    };
    let mut decisions = if include.decisions {
        visible_decisions_of(db, viewer, ids(|row| Some(row.id.uuid()))).await?
    } else {
        HashMap::new()
    };
    let disclosures = if include.disclosure {
        let ids = ids(|row| row.disclosure_id.map(DisclosureId::uuid));
        visible_disclosures(db, viewer, ids).await?
    } else {
        HashMap::new()
    };
    let renewals = rows.into_iter().map(|row| Renewal {
        organization: Preloaded::if_requested(include.organization.is_some(), || {
            organizations.get(&row.organization_id).cloned()
        }),
        decision: Preloaded::if_requested(include.decision, || {
            row.decision_id.and_then(|id| decision.remove(&id))
        }),
        decisions: Preloaded::from_map(include.decisions, &mut decisions, &row.id.uuid()),
        disclosure: Preloaded::if_requested(include.disclosure, || {
            row.disclosure_id.and_then(|id| disclosures.get(&id).cloned())
        }),
        row,
    });
    Ok(renewals.collect())
}
