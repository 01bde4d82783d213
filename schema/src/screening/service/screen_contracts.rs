//! Screening contracts: what is due, what is behind each, what would happen if it were carried on.
use std::collections::{BTreeMap, HashMap};

use chrono::Datelike;
use uuid::Uuid;

use super::worth::{WithComponent, Worth, by_component, worth};
use super::{STAFF, WHO};
use crate::contracting;
use crate::contracting::model::ContractId;
use crate::contracting::service::{Contract, Include, Ready};
use crate::database::Database;
use crate::disclosure::model::DisclosureId;
use crate::fault::Result;
use crate::gate::Outcome;
use crate::organization::model::Viewer;
use crate::page::{Arguments, Sheet};
use crate::preloaded::{Preloaded, either};
use crate::screening::entity::screened_contract;
use crate::screening::model::{ContractFilter, ContractOrder};
use crate::screening::rules::{self, CheckedContracts};
use crate::screening::store;
use crate::waiver;
use crate::waiver::service::{Exemption, Waiver};

/// Which children of a screened contract a reader asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct ContractScreenInclude {
    pub contract: Option<Include>,
    /// Components and compensation.
    pub disclosed: bool,
    /// Waivers and exemptions.
    pub relief: bool,
    /// What would happen if it were carried on now.
    pub ready: bool,
}

impl ContractScreenInclude {
    /// What either asks for.
    #[must_use]
    pub fn both(self, other: Self) -> Self {
        Self {
            contract: either(self.contract, other.contract, Include::both),
            disclosed: self.disclosed || other.disclosed,
            relief: self.relief || other.relief,
            ready: self.ready || other.ready,
        }
    }
}

/// A contract with what staff decide by, as far as it was asked for.
#[derive(Clone, Debug)]
pub struct ScreenedContract {
    pub row: screened_contract::Model,
    pub contract: Preloaded<Option<Contract>>,
    pub components: Preloaded<Vec<WithComponent>>,
    pub worth: Preloaded<Worth>,
    pub waivers: Preloaded<Vec<Waiver>>,
    pub exemptions: Preloaded<Vec<Exemption>>,
    pub ready: Preloaded<Option<Ready>>,
}

/// Reads a filter.
///
/// # Errors
/// `Forbidden` to who is no member of staff, `Invalid` with everything that is unknown or
/// contradicts itself.
pub fn checked_contracts(viewer: &Viewer, filter: ContractFilter) -> Result<CheckedContracts> {
    viewer.requires(&STAFF, WHO)?;
    rules::contracts(filter)
}

/// A page of the contracts that a filter leaves and that are open to the viewer, and their number
/// if it is asked for.
///
/// # Errors
/// `Invalid` for arguments of another list.
pub async fn screen_contracts(
    db: &Database,
    viewer: &Viewer,
    checked: &CheckedContracts,
    order: ContractOrder,
    arguments: &Arguments,
    (counted, include): (bool, ContractScreenInclude),
) -> Result<(Sheet<ScreenedContract>, Option<u64>)> {
    let page = store::screen_contracts(&db.read, viewer, checked, order, arguments, counted);
    let (sheet, total) = page.await?;
    let rows = sheet.rows.iter().map(|(_, row)| row.clone()).collect();
    let rows = included(db, viewer, rows, include).await?;
    Ok((sheet.replace(|_| rows), total))
}

/// How many of the contracts that a filter leaves end in each month, by what the gate would say if
/// they were carried on now: each behind the month's first day.
///
/// # Errors
/// `Unavailable` if it takes too long.
pub async fn due_counts(
    db: &Database,
    viewer: &Viewer,
    checked: &CheckedContracts,
) -> Result<BTreeMap<(chrono::NaiveDate, Outcome), i64>> {
    let mut counts = BTreeMap::new();
    for ((day, readiness), number) in store::ending(&db.read, viewer, checked).await? {
        let month = day.with_day(1).unwrap_or(day);
        *counts.entry((month, readiness)).or_default() += number;
    }
    Ok(counts)
}

async fn included(
    db: &Database,
    viewer: &Viewer,
    rows: Vec<screened_contract::Model>,
    include: ContractScreenInclude,
) -> Result<Vec<ScreenedContract>> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id.uuid()).collect();
    let mut contracts: HashMap<ContractId, Contract> =
        if include.contract.is_some() || include.ready {
            let inner = include.contract.unwrap_or_default();
            contracting::service::visible_by_ids(db, viewer, ids.clone(), inner).await?
        } else {
            HashMap::new()
        };
    let mut ready = HashMap::new();
    if include.ready {
        let found: Vec<_> = contracts.values().map(|contract| contract.row.clone()).collect();
        let told = contracting::service::ready(&db.read, &found, viewer.now).await?;
        ready.extend(found.into_iter().map(|row| row.id).zip(told));
    }
    let disclosures: Vec<Uuid> =
        rows.iter().filter_map(|row| row.disclosure_id).map(DisclosureId::uuid).collect();
    let agreements = if include.disclosed {
        store::agreements(&db.read, disclosures).await?
    } else {
        HashMap::new()
    };
    let (mut waivers, mut exemptions) = if include.relief {
        waiver::service::visible_of_contracts(&db.read, viewer, ids).await?
    } else {
        (HashMap::new(), HashMap::new())
    };
    let rows = rows.into_iter().map(|row| {
        let told = row.disclosure_id.and_then(|id| agreements.get(&id));
        let id = row.id.uuid();
        ScreenedContract {
            contract: Preloaded::if_asked(include.contract.is_some(), || contracts.remove(&row.id)),
            components: Preloaded::if_asked(include.disclosed, || {
                told.map(by_component).unwrap_or_default()
            }),
            worth: Preloaded::if_asked(include.disclosed, || {
                told.map(|told| worth(told.iter())).unwrap_or_default()
            }),
            waivers: Preloaded::taken(include.relief, &mut waivers, &id),
            exemptions: Preloaded::taken(include.relief, &mut exemptions, &id),
            ready: Preloaded::if_asked(include.ready, || ready.remove(&row.id)),
            row,
        }
    });
    Ok(rows.collect())
}
