//! Contracts and renewals with those of their children that were asked for, one statement a kind.
use std::collections::HashMap;

use sea_orm::{ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use crate::contracting::entity::{contract, renewal};
use crate::contracting::model::ContractId;
use crate::database::one_of;
use crate::decision::model::DecisionId;
use crate::decision::service::{Kept, by_ids as decisions_by_ids, of_subjects};
use crate::disclosure::model::DisclosureId;
use crate::disclosure::service::{Amendment, Filed, amendments, by_ids as disclosures_by_ids};
use crate::fault::Result;
use crate::money::Money;
use crate::organization::model::{OrganizationId, ResolvedParty};
use crate::organization::service::{
    Department, Include as OrganizationInclude, Organization, by_ids as organizations_by_ids,
    departments_by_ids,
};
use crate::preloaded::{Preloaded, either};
use crate::waiver::service::{Exemption, Waiver};

/// Which children of a contract a reader asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[expect(clippy::struct_excessive_bools, reason = "one for each child of the schema")]
pub struct Include {
    pub department: bool,
    pub organization: Option<OrganizationInclude>,
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
            organization: either(self.organization, other.organization, OrganizationInclude::both),
            decisions: self.decisions || other.decisions,
            disclosure: self.disclosure || other.disclosure,
            amendments: self.amendments || other.amendments,
            renewals: either(self.renewals, other.renewals, RenewalInclude::both),
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
    /// Every decision on its award, the earliest first.
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
            organization: either(self.organization, other.organization, OrganizationInclude::both),
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
    /// Every decision on it, the earliest first.
    pub decisions: Preloaded<Vec<Kept>>,
    pub disclosure: Preloaded<Option<Filed>>,
}

/// Reads the children of contracts that were asked for.
pub async fn include(
    db: &impl ConnectionTrait,
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
            organizations_by_ids(db, ids(|row| Some(row.organization_id.uuid())), inner).await?
        }
        None => HashMap::new(),
    };
    let mut decisions =
        if include.decisions { of_subjects(db, own.clone()).await? } else { HashMap::new() };
    let disclosures = if include.disclosure {
        disclosures_by_ids(db, ids(|row| row.disclosure_id.map(DisclosureId::uuid))).await?
    } else {
        HashMap::new()
    };
    let amendments = if include.amendments {
        amendments(db, ids(|row| row.disclosure_id.map(DisclosureId::uuid))).await?
    } else {
        HashMap::new()
    };
    let mut renewals = HashMap::<ContractId, Vec<Renewal>>::new();
    if let Some(inner) = include.renewals {
        let found = super::of_contracts(db, own.clone()).await?;
        let rows = found.into_values().flatten().collect();
        for renewal in include_renewals(db, rows, inner).await? {
            renewals.entry(renewal.row.contract_id).or_default().push(renewal);
        }
    }
    let mut orders = HashMap::<ContractId, Vec<contract::Model>>::new();
    if include.orders {
        let under = contract::Entity::find()
            .filter(one_of(db, contract::Column::MasterId, own.clone()))
            .order_by_asc(contract::Column::Number);
        for row in under.all(db).await? {
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
        crate::waiver::service::of_contracts(db, own).await?
    } else {
        (HashMap::new(), HashMap::new())
    };
    let contracts = rows.into_iter().map(|row| Contract {
        department: Preloaded::if_asked(include.department, || {
            departments.get(&row.department_id).cloned()
        }),
        organization: Preloaded::if_asked(include.organization.is_some(), || {
            organizations.get(&row.organization_id).cloned()
        }),
        decisions: Preloaded::taken(include.decisions, &mut decisions, &row.id.uuid()),
        disclosure: Preloaded::if_asked(include.disclosure, || {
            row.disclosure_id.and_then(|id| disclosures.get(&id).cloned())
        }),
        amendments: Preloaded::if_asked(include.amendments, || {
            let since = row.disclosure_id.and_then(|id| amendments.get(&id));
            since.cloned().unwrap_or_default()
        }),
        renewals: Preloaded::taken(include.renewals.is_some(), &mut renewals, &row.id),
        orders: Preloaded::taken(include.orders, &mut orders, &row.id),
        subcontractors: Preloaded::taken(include.subcontractors, &mut named, &row.id),
        waivers: Preloaded::taken(include.relief, &mut waivers, &row.id.uuid()),
        exemptions: Preloaded::taken(include.relief, &mut exemptions, &row.id.uuid()),
        row,
    });
    Ok(contracts.collect())
}

/// Reads the children of renewals that were asked for.
pub async fn include_renewals(
    db: &impl ConnectionTrait,
    rows: Vec<renewal::Model>,
    include: RenewalInclude,
) -> Result<Vec<Renewal>> {
    let ids =
        |of: fn(&renewal::Model) -> Option<Uuid>| rows.iter().filter_map(of).collect::<Vec<Uuid>>();
    let organizations: HashMap<OrganizationId, Organization> = match include.organization {
        Some(inner) => {
            organizations_by_ids(db, ids(|row| Some(row.organization_id.uuid())), inner).await?
        }
        None => HashMap::new(),
    };
    let mut decision: HashMap<DecisionId, Kept> = if include.decision {
        decisions_by_ids(db, ids(|row| row.decision_id.map(DecisionId::uuid))).await?
    } else {
        HashMap::new()
    };
    let mut decisions = if include.decisions {
        of_subjects(db, ids(|row| Some(row.id.uuid()))).await?
    } else {
        HashMap::new()
    };
    let disclosures = if include.disclosure {
        disclosures_by_ids(db, ids(|row| row.disclosure_id.map(DisclosureId::uuid))).await?
    } else {
        HashMap::new()
    };
    let renewals = rows.into_iter().map(|row| Renewal {
        organization: Preloaded::if_asked(include.organization.is_some(), || {
            organizations.get(&row.organization_id).cloned()
        }),
        decision: Preloaded::if_asked(include.decision, || {
            row.decision_id.and_then(|id| decision.remove(&id))
        }),
        decisions: Preloaded::taken(include.decisions, &mut decisions, &row.id.uuid()),
        disclosure: Preloaded::if_asked(include.disclosure, || {
            row.disclosure_id.and_then(|id| disclosures.get(&id).cloned())
        }),
        row,
    });
    Ok(renewals.collect())
}
