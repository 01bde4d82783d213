//! Use cases of waivers and exemptions.
mod enqueue;
mod exemptions;
mod lists;
mod relief;
mod repetition;
mod search_index;
mod verification;
mod waivers;

pub use exemptions::{approve_exemption, claim_exemption, decline_exemption, validate_claim};
pub use lists::{list_exemptions, list_waivers};
pub use relief::{Relief, load_relief};
pub use search_index::{fill_empty_search_index, verify_search_index};
pub use verification::recorded_tables;
pub use waivers::{
    approve_waiver, request_waiver, require_requester, revoke_waiver, validate_request,
};

use std::collections::HashMap;

use sea_orm::ConnectionTrait;
use serde_json::json;
use uuid::Uuid;

use super::model::{AwardedContract, ExemptionId, Waiver, WaiverId};
use super::store;
use crate::database::{Database, Tx};
use crate::fault::Result;
use crate::ledger::model::{Actor, LedgerAction};
use crate::ledger::service::append;
use crate::organization::model::{OrganizationId, Viewer};

pub use super::entity::exemption::Model as Exemption;

/// Links the waivers and exemptions that named a bid, or a contract number before its award, to the
/// awarded contract.
pub async fn link_to_contract(
    tx: &Tx,
    actor: Actor<'_>,
    awarded: AwardedContract<'_>,
) -> Result<()> {
    let data = json!({ "contract": awarded.contract.to_string() });
    for row in store::waivers::link_to_contract(tx, awarded).await? {
        append(tx, actor, row.id, LedgerAction::WaiverAttached, &data).await?;
    }
    for row in store::exemptions::link_to_contract(tx, awarded).await? {
        append(tx, actor, row.id, LedgerAction::ExemptionAttached, &data).await?;
    }
    Ok(())
}

/// The waivers and the exemptions of some contracts, by contract.
pub type ReliefByContract = (HashMap<Uuid, Vec<Waiver>>, HashMap<Uuid, Vec<Exemption>>);

/// Loads the waivers and exemptions of contracts that `viewer` may see, by the contract's bare UUID,
/// earliest first. Only City staff see them, because their grounds are internal.
#[tracing::instrument(skip_all)]
pub async fn load_visible_by_contract(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    contracts: Vec<Uuid>,
) -> Result<ReliefByContract> {
    let (mut waivers, mut exemptions) = (HashMap::new(), HashMap::new());
    for waiver in store::waivers::list_visible(db, viewer, Vec::new(), contracts.clone()).await? {
        if let Some(contract) = waiver.subject.contract {
            waivers.entry(contract).or_insert_with(Vec::new).push(waiver);
        }
    }
    for row in store::exemptions::list_visible(db, viewer, Vec::new(), contracts).await? {
        if let Some(contract) = row.contract_id {
            exemptions.entry(contract).or_insert_with(Vec::new).push(row);
        }
    }
    Ok((waivers, exemptions))
}

/// Loads the waivers on solicitations that `viewer` may see, by the solicitation's bare UUID and the
/// bidding organization, earliest first.
#[tracing::instrument(skip_all)]
pub async fn load_visible_by_solicitation(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    solicitations: Vec<Uuid>,
) -> Result<HashMap<(Uuid, OrganizationId), Vec<Waiver>>> {
    let mut waivers = HashMap::new();
    for waiver in store::waivers::list_visible(db, viewer, solicitations, Vec::new()).await? {
        if let Some(bid) = waiver.subject.solicitation.zip(waiver.subject.organization) {
            waivers.entry(bid).or_insert_with(Vec::new).push(waiver);
        }
    }
    Ok(waivers)
}

/// Loads those waivers in `ids` that `viewer` may see, by id.
#[tracing::instrument(skip_all)]
pub async fn load_visible_waivers(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    ids: Vec<Uuid>,
) -> Result<HashMap<WaiverId, Waiver>> {
    let waivers = store::waivers::list_visible_by_ids(db, viewer, ids).await?;
    Ok(waivers.into_iter().map(|waiver| (waiver.id, waiver)).collect())
}

/// Loads those exemptions in `ids` that `viewer` may see, by id.
#[tracing::instrument(skip_all)]
pub async fn load_visible_exemptions(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    ids: Vec<Uuid>,
) -> Result<HashMap<ExemptionId, Exemption>> {
    let rows = store::exemptions::list_visible_by_ids(db, viewer, ids).await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// Finds a waiver that `viewer` may see.
#[tracing::instrument(skip_all, fields(id = %id))]
pub async fn find_waiver(db: &Database, viewer: &Viewer, id: WaiverId) -> Result<Option<Waiver>> {
    Ok(store::waivers::find(&db.read, viewer, id).await?)
}

/// Finds an exemption that `viewer` may see.
#[tracing::instrument(skip_all, fields(id = %id))]
pub async fn find_exemption(
    db: &Database,
    viewer: &Viewer,
    id: ExemptionId,
) -> Result<Option<Exemption>> {
    Ok(store::exemptions::find(&db.read, viewer, id).await?)
}
