//! Screens contracts for City staff: those that end soon, the disclosures of their holders, and
//! the outcome of carrying each on today and at its end.
use std::collections::HashMap;

use uuid::Uuid;

use super::SCREENING_IS_FOR_STAFF;
use super::compensation::{
    CompensationTotal, ComponentTotal, total_compensation, totals_by_component,
};
use crate::contracting;
use crate::contracting::model::ContractId;
use crate::contracting::service::{Contract, ContractInclude, RenewalReadiness};
use crate::database::Database;
use crate::disclosure;
use crate::disclosure::model::DisclosureId;
use crate::fault::Result;
use crate::organization::model::Viewer;
use crate::page::{ListRequest, Page};
use crate::preloaded::{Preloaded, merge};
use crate::screening::entity::screened_contract;
use crate::screening::model::{ContractFilter, ContractOrder, ValidContractFilter};
use crate::screening::{rules, store};
use crate::waiver;
use crate::waiver::model::Waiver;
use crate::waiver::service::Exemption;

/// The requested children of a screened contract.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct ScreenedContractInclude {
    pub contract: Option<ContractInclude>,
    /// The disclosed components and their compensation.
    pub disclosed: bool,
    pub waivers_and_exemptions: bool,
    /// What would happen if it were carried on today and at its end.
    pub readiness: bool,
}

impl ScreenedContractInclude {
    /// Returns the union of two requests.
    #[must_use]
    pub fn merge(self, other: Self) -> Self {
        Self {
            contract: merge(self.contract, other.contract, ContractInclude::merge),
            disclosed: self.disclosed || other.disclosed,
            waivers_and_exemptions: self.waivers_and_exemptions || other.waivers_and_exemptions,
            readiness: self.readiness || other.readiness,
        }
    }
}

/// A contract with the requested children.
#[derive(Clone, Debug)]
pub struct ScreenedContract {
    pub row: screened_contract::Model,
    pub contract: Preloaded<Option<Contract>>,
    pub components: Preloaded<Vec<ComponentTotal>>,
    pub compensation: Preloaded<CompensationTotal>,
    pub waivers: Preloaded<Vec<Waiver>>,
    pub exemptions: Preloaded<Vec<Exemption>>,
    pub readiness: Preloaded<Option<RenewalReadiness>>,
}

/// Validates a filter of contracts.
///
/// # Errors
/// `Forbidden` unless the viewer is City staff, `Invalid` with one error for each unknown,
/// malformed or contradictory value.
pub fn validate_contract_filter(
    viewer: &Viewer,
    filter: ContractFilter,
) -> Result<ValidContractFilter> {
    viewer.require_staff(SCREENING_IS_FOR_STAFF)?;
    rules::validate_contract_filter(filter)
}

/// Returns a page of the matching contracts that the viewer may see, and their number if
/// requested.
///
/// # Errors
/// `Invalid` for malformed page arguments or a cursor of another list.
#[tracing::instrument(skip_all)]
pub async fn screen_contracts(
    db: &Database,
    viewer: &Viewer,
    filter: &ValidContractFilter,
    order: ContractOrder,
    request: ListRequest<'_, ScreenedContractInclude>,
) -> Result<(Page<ScreenedContract>, Option<u64>)> {
    let ListRequest { arguments, includes_total, include } = request;
    let page = store::list_contracts(&db.read, viewer, filter, order, arguments, includes_total);
    let (page, total) = page.await?;
    let (page, rows) = page.split();
    let rows = load_children(db, viewer, rows, include).await?;
    Ok((page.replace(|_| rows), total))
}

/// Loads the requested children of screened contracts, with one statement for each kind.
async fn load_children(
    db: &Database,
    viewer: &Viewer,
    rows: Vec<screened_contract::Model>,
    include: ScreenedContractInclude,
) -> Result<Vec<ScreenedContract>> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id.uuid()).collect();
    let mut contracts: HashMap<ContractId, Contract> =
        if include.contract.is_some() || include.readiness {
            let inner = include.contract.unwrap_or_default();
            contracting::service::load_visible_contracts(db, viewer, ids.clone(), inner).await?
        } else {
            HashMap::new()
        };
    let mut readiness = HashMap::new();
    if include.readiness {
        let rows: Vec<_> = contracts.values().map(|contract| contract.row.clone()).collect();
        let evaluated =
            contracting::service::evaluate_readiness(&db.read, &rows, viewer.now).await?;
        readiness.extend(rows.into_iter().map(|row| row.id).zip(evaluated));
    }
    let disclosures: Vec<Uuid> =
        rows.iter().filter_map(|row| row.disclosure_id).map(DisclosureId::uuid).collect();
    let agreements = if include.disclosed {
        disclosure::service::load_disclosed_agreements(&db.read, disclosures).await?
    } else {
        HashMap::new()
    };
    let (mut waivers, mut exemptions) = if include.waivers_and_exemptions {
        waiver::service::load_visible_by_contract(&db.read, viewer, ids).await?
    } else {
        (HashMap::new(), HashMap::new())
    };
    let rows = rows.into_iter().map(|row| {
        let disclosed = row.disclosure_id.and_then(|id| agreements.get(&id));
        let id = row.id.uuid();
        ScreenedContract {
            contract: Preloaded::if_requested(include.contract.is_some(), || {
                contracts.remove(&row.id)
            }),
            components: Preloaded::if_requested(include.disclosed, || {
                disclosed.map(|disclosed| totals_by_component(disclosed)).unwrap_or_default()
            }),
            compensation: Preloaded::if_requested(include.disclosed, || {
                disclosed.map(|disclosed| total_compensation(disclosed.iter())).unwrap_or_default()
            }),
            waivers: Preloaded::from_map(include.waivers_and_exemptions, &mut waivers, &id),
            exemptions: Preloaded::from_map(include.waivers_and_exemptions, &mut exemptions, &id),
            readiness: Preloaded::if_requested(include.readiness, || readiness.remove(&row.id)),
            row,
        }
    });
    Ok(rows.collect())
}
