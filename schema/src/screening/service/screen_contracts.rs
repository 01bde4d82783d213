//! Screening contracts: what is due, what is behind each, what would happen if it were carried on.
use std::collections::{BTreeMap, HashMap};

use chrono::Datelike;
use uuid::Uuid;

use super::compensation::{ComponentTotal, CompensationTotal, totals_by_component, total_compensation};
use super::{SCREENING_ROLES, SCREENING_IS_FOR_STAFF};
use crate::contracting;
use crate::contracting::model::ContractId;
use crate::contracting::service::{Contract, Include, Ready};
use crate::database::Database;
use crate::disclosure::model::DisclosureId;
use crate::fault::Result;
use crate::gate::Outcome;
use crate::organization::model::Viewer;
use crate::page::{PageArguments, Page};
use crate::preloaded::{Preloaded, merge};
use crate::screening::entity::screened_contract;
use crate::screening::model::{ContractFilter, ContractOrder};
use crate::screening::rules::{self, ValidContractFilter};
use crate::screening::store;
use crate::waiver;
use crate::waiver::service::{Exemption, Waiver};

/// Which children of a screened contract a reader asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct ScreenedContractInclude {
    pub contract: Option<Include>,
    /// Components and compensation.
    pub disclosed: bool,
    /// Waivers and exemptions.
    pub waivers_and_exemptions: bool,
    /// What would happen if it were carried on now.
    pub readiness: bool,
}

impl ScreenedContractInclude {
    /// What either asks for.
    #[must_use]
    pub fn merge(self, other: Self) -> Self {
        Self {
            contract: merge(self.contract, other.contract, Include::both),
            disclosed: self.disclosed || other.disclosed,
            waivers_and_exemptions: self.waivers_and_exemptions || other.waivers_and_exemptions,
            readiness: self.readiness || other.readiness,
        }
    }
}

/// A contract with what staff decide by, as far as it was asked for.
#[derive(Clone, Debug)]
pub struct ScreenedContract {
    pub row: screened_contract::Model,
    pub contract: Preloaded<Option<Contract>>,
    pub components: Preloaded<Vec<ComponentTotal>>,
    pub compensation: Preloaded<CompensationTotal>,
    pub waivers: Preloaded<Vec<Waiver>>,
    pub exemptions: Preloaded<Vec<Exemption>>,
    pub readiness: Preloaded<Option<Ready>>,
}

/// Reads a filter.
///
/// # Errors
/// `Forbidden` to who is no member of staff, `Invalid` with everything that is unknown or
/// contradicts itself.
pub fn validate_contract_filter(viewer: &Viewer, filter: ContractFilter) -> Result<ValidContractFilter> {
    viewer.requires(&SCREENING_ROLES, SCREENING_IS_FOR_STAFF)?;
    rules::validate_contract_filter(filter)
}

/// A page of the contracts that a filter leaves and that are open to the viewer, and their number
/// if it is asked for.
///
/// # Errors
/// `Invalid` for arguments of another list.
pub async fn screen_contracts(
    db: &Database,
    viewer: &Viewer,
    checked: &ValidContractFilter,
    order: ContractOrder,
    arguments: &PageArguments,
    (counted, include): (bool, ScreenedContractInclude),
) -> Result<(Page<ScreenedContract>, Option<u64>)> {
    let page = store::list_contracts(&db.read, viewer, checked, order, arguments, counted);
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
pub async fn count_due_by_month(
    db: &Database,
    viewer: &Viewer,
    checked: &ValidContractFilter,
) -> Result<BTreeMap<(chrono::NaiveDate, Outcome), i64>> {
    let mut counts = BTreeMap::new();
    for ((day, readiness), number) in store::count_by_end_date(&db.read, viewer, checked).await? {
        let month = day.with_day(1).unwrap_or(day);
        *counts.entry((month, readiness)).or_default() += number;
    }
    Ok(counts)
}

async fn included(
    db: &Database,
    viewer: &Viewer,
    rows: Vec<screened_contract::Model>,
    include: ScreenedContractInclude,
) -> Result<Vec<ScreenedContract>> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id.uuid()).collect();
    let mut contracts: HashMap<ContractId, Contract> =
        if include.contract.is_some() || include.readiness {
            let inner = include.contract.unwrap_or_default();
            contracting::service::visible_by_ids(db, viewer, ids.clone(), inner).await?
        } else {
            HashMap::new()
        };
    let mut ready = HashMap::new();
    if include.readiness {
        let found: Vec<_> = contracts.values().map(|contract| contract.row.clone()).collect();
        let told = contracting::service::ready(&db.read, &found, viewer.now).await?;
        ready.extend(found.into_iter().map(|row| row.id).zip(told));
    }
    let disclosures: Vec<Uuid> =
        rows.iter().filter_map(|row| row.disclosure_id).map(DisclosureId::uuid).collect();
    let agreements = if include.disclosed {
        store::load_agreements(&db.read, disclosures).await?
    } else {
        HashMap::new()
    };
    let (mut waivers, mut exemptions) = if include.waivers_and_exemptions {
        waiver::service::load_visible_by_contract(&db.read, viewer, ids).await?
    } else {
        (HashMap::new(), HashMap::new())
    };
    let rows = rows.into_iter().map(|row| {
        let told = row.disclosure_id.and_then(|id| agreements.get(&id));
        let id = row.id.uuid();
        ScreenedContract {
            contract: Preloaded::if_requested(include.contract.is_some(), || contracts.remove(&row.id)),
            components: Preloaded::if_requested(include.disclosed, || {
                told.map(totals_by_component).unwrap_or_default()
            }),
            compensation: Preloaded::if_requested(include.disclosed, || {
                told.map(|told| total_compensation(told.iter())).unwrap_or_default()
            }),
            waivers: Preloaded::from_map(include.waivers_and_exemptions, &mut waivers, &id),
            exemptions: Preloaded::from_map(include.waivers_and_exemptions, &mut exemptions, &id),
            readiness: Preloaded::if_requested(include.readiness, || ready.remove(&row.id)),
            row,
        }
    });
    Ok(rows.collect())
}
