//! Loads contracts and contract actions with related objects, with one statement for each kind.
use std::collections::{HashMap, HashSet};

use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::{ContractRow, store};
use crate::bidding::model::BidId;
use crate::bidding::service::list_visible_bid_ids;
use crate::contracting::model::{ContractId, RenewalRecord};
use crate::decision::model::{DecisionId, PartyOwner, Subcontractor, Substitution};
use crate::decision::service::{
    StoredDecision, find_visible_by_ids as visible_decisions, list_subcontractors,
    list_substitutions, list_visible_by_subject as visible_decisions_of,
};
use crate::disclosure::model::DisclosureId;
use crate::disclosure::service::{
    Amendment, FiledDisclosure, load_amendments, load_visible_by_ids as visible_disclosures,
};
use crate::fault::Result;
use crate::organization::model::{OrganizationId, Viewer};
use crate::organization::service::{
    Department, Organization, OrganizationInclude, load_departments,
    load_visible_survivors as visible_organizations,
};
use crate::preloaded::{Preloaded, merge};
use crate::waiver::model::Waiver;
use crate::waiver::service::Exemption;

/// The related objects of a contract to load.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[expect(clippy::struct_excessive_bools, reason = "one for each child of the schema")]
pub struct ContractInclude {
    pub department: bool,
    pub organization: Option<OrganizationInclude>,
    /// The identifier of the bid to which the contract was awarded.
    pub bid: bool,
    pub decisions: bool,
    pub disclosure: bool,
    /// The filings of the holder after the one that the contract depends on.
    pub amendments: bool,
    pub renewals: Option<RenewalInclude>,
    pub orders: bool,
    pub subcontractors: bool,
    pub substitutions: bool,
    pub waivers_and_exemptions: bool,
}

impl ContractInclude {
    /// The union of both requests.
    #[must_use]
    pub fn merge(self, other: Self) -> Self {
        Self {
            department: self.department || other.department,
            organization: merge(self.organization, other.organization, OrganizationInclude::merge),
            bid: self.bid || other.bid,
            decisions: self.decisions || other.decisions,
            disclosure: self.disclosure || other.disclosure,
            amendments: self.amendments || other.amendments,
            renewals: merge(self.renewals, other.renewals, RenewalInclude::merge),
            orders: self.orders || other.orders,
            subcontractors: self.subcontractors || other.subcontractors,
            substitutions: self.substitutions || other.substitutions,
            waivers_and_exemptions: self.waivers_and_exemptions || other.waivers_and_exemptions,
        }
    }
}

/// A contract with the related objects that were requested.
#[derive(Clone, Debug)]
pub struct Contract {
    pub row: ContractRow,
    pub department: Preloaded<Option<Department>>,
    pub organization: Preloaded<Option<Organization>>,
    pub bid: Preloaded<Option<BidId>>,
    /// The decisions on the award, the earliest first.
    pub decisions: Preloaded<Vec<StoredDecision>>,
    pub disclosure: Preloaded<Option<FiledDisclosure>>,
    pub amendments: Preloaded<Vec<Amendment>>,
    pub renewals: Preloaded<Vec<Renewal>>,
    pub orders: Preloaded<Vec<ContractRow>>,
    pub subcontractors: Preloaded<Vec<Subcontractor>>,
    /// The earliest first.
    pub substitutions: Preloaded<Vec<Substitution>>,
    pub waivers: Preloaded<Vec<Waiver>>,
    pub exemptions: Preloaded<Vec<Exemption>>,
}

/// The related objects of a contract action to load.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct RenewalInclude {
    pub organization: Option<OrganizationInclude>,
    pub decision: bool,
    pub decisions: bool,
    pub disclosure: bool,
}

impl RenewalInclude {
    /// The union of both requests.
    #[must_use]
    pub fn merge(self, other: Self) -> Self {
        Self {
            organization: merge(self.organization, other.organization, OrganizationInclude::merge),
            decision: self.decision || other.decision,
            decisions: self.decisions || other.decisions,
            disclosure: self.disclosure || other.disclosure,
        }
    }
}

/// A contract action with the related objects that were requested.
#[derive(Clone, Debug)]
pub struct Renewal {
    pub record: RenewalRecord,
    pub organization: Preloaded<Option<Organization>>,
    pub decision: Preloaded<Option<StoredDecision>>,
    /// All decisions on the action, the earliest first.
    pub decisions: Preloaded<Vec<StoredDecision>>,
    pub disclosure: Preloaded<Option<FiledDisclosure>>,
}

/// Loads the requested related objects of contracts that the viewer may see. The current holder does
/// not see those of a former holder.
#[expect(clippy::too_many_lines, reason = "one load for each kind of child")]
pub(super) async fn include_contracts(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    rows: Vec<ContractRow>,
    include: ContractInclude,
) -> Result<Vec<Contract>> {
    let ids =
        |of: fn(&ContractRow) -> Option<Uuid>| rows.iter().filter_map(of).collect::<Vec<Uuid>>();
    let contract_ids = ids(|row| Some(row.id.uuid()));
    let departments = if include.department {
        load_departments(db, ids(|row| Some(row.department_id.uuid()))).await?
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
        list_visible_bid_ids(db, viewer, ids(|row| row.bid_id.map(BidId::uuid))).await?
    } else {
        HashSet::new()
    };
    let mut decisions = if include.decisions {
        visible_decisions_of(db, viewer, contract_ids.clone()).await?
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
        load_amendments(db, viewer, ids).await?
    } else {
        HashMap::new()
    };
    let mut renewals = HashMap::<ContractId, Vec<Renewal>>::new();
    if let Some(inner) = include.renewals {
        let by_contract = store::list_visible_renewals(db, viewer, contract_ids.clone()).await?;
        let rows = by_contract.into_values().flatten().collect();
        for renewal in include_renewals(db, viewer, rows, inner).await? {
            renewals.entry(renewal.record.contract_id).or_default().push(renewal);
        }
    }
    let mut orders = HashMap::<ContractId, Vec<ContractRow>>::new();
    if include.orders {
        for row in store::list_visible_orders(db, viewer, contract_ids.clone()).await? {
            if let Some(master) = row.master_id {
                orders.entry(master).or_default().push(row);
            }
        }
    }
    let mut subcontractors = if include.subcontractors {
        list_subcontractors(db, PartyOwner::Contract, contract_ids.clone()).await?
    } else {
        HashMap::new()
    };
    let mut substitutions = if include.substitutions {
        list_substitutions(db, viewer, PartyOwner::Contract, contract_ids.clone()).await?
    } else {
        HashMap::new()
    };
    let (mut waivers, mut exemptions) = if include.waivers_and_exemptions {
        crate::waiver::service::load_visible_by_contract(db, viewer, contract_ids).await?
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
            let later_filings = row.disclosure_id.and_then(|id| amendments.get(&id));
            later_filings.cloned().unwrap_or_default()
        }),
        renewals: Preloaded::from_map(include.renewals.is_some(), &mut renewals, &row.id),
        orders: Preloaded::from_map(include.orders, &mut orders, &row.id),
        subcontractors: Preloaded::from_map(
            include.subcontractors,
            &mut subcontractors,
            &row.id.uuid(),
        ),
        substitutions: Preloaded::from_map(
            include.substitutions,
            &mut substitutions,
            &row.id.uuid(),
        ),
        waivers: Preloaded::from_map(include.waivers_and_exemptions, &mut waivers, &row.id.uuid()),
        exemptions: Preloaded::from_map(
            include.waivers_and_exemptions,
            &mut exemptions,
            &row.id.uuid(),
        ),
        row,
    });
    Ok(contracts.collect())
}

/// Loads the requested related objects of contract actions that the viewer may see.
pub(super) async fn include_renewals(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    records: Vec<RenewalRecord>,
    include: RenewalInclude,
) -> Result<Vec<Renewal>> {
    let ids = |of: fn(&RenewalRecord) -> Option<Uuid>| {
        records.iter().filter_map(of).collect::<Vec<Uuid>>()
    };
    let organizations: HashMap<OrganizationId, Organization> = match include.organization {
        Some(inner) => {
            let ids = ids(|record| Some(record.organization_id.uuid()));
            visible_organizations(db, viewer, ids, inner).await?
        }
        None => HashMap::new(),
    };
    let mut admitting_decisions: HashMap<DecisionId, StoredDecision> = if include.decision {
        let ids = ids(|record| record.state.admission().map(|it| it.decision_id.uuid()));
        visible_decisions(db, viewer, ids).await?
    } else {
        HashMap::new()
    };
    let mut decisions = if include.decisions {
        visible_decisions_of(db, viewer, ids(|record| Some(record.id.uuid()))).await?
    } else {
        HashMap::new()
    };
    let disclosures = if include.disclosure {
        let ids = ids(|record| {
            let admission = record.state.admission();
            admission.and_then(|it| it.disclosure_id).map(DisclosureId::uuid)
        });
        visible_disclosures(db, viewer, ids).await?
    } else {
        HashMap::new()
    };
    let renewals = records.into_iter().map(|record| Renewal {
        organization: Preloaded::if_requested(include.organization.is_some(), || {
            organizations.get(&record.organization_id).cloned()
        }),
        decision: Preloaded::if_requested(include.decision, || {
            let admission = record.state.admission();
            admission.and_then(|it| admitting_decisions.remove(&it.decision_id))
        }),
        decisions: Preloaded::from_map(include.decisions, &mut decisions, &record.id.uuid()),
        disclosure: Preloaded::if_requested(include.disclosure, || {
            let disclosure = record.state.admission().and_then(|it| it.disclosure_id);
            disclosure.and_then(|id| disclosures.get(&id).cloned())
        }),
        record,
    });
    Ok(renewals.collect())
}
