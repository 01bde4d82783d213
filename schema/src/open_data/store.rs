//! All SQL of open data. Only what is public is selected.
use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect,
};
use uuid::Uuid;

use super::entity::{
    addendum, amendment, bid, component, contract, disclosure, party, process, tender,
};
use super::model::ProcessKind;
use crate::database::in_ids;
use crate::deadline::settled_by;
use crate::disclosure::model::{DisclosureId, DisclosureStatus};
use crate::organization::model::OrganizationId;

/// Lists up to `size` processes after an id, in the order of their ids.
pub async fn list_processes(
    db: &impl ConnectionTrait,
    after: Option<Uuid>,
    size: u64,
) -> Result<Vec<process::Model>, DbErr> {
    let id = process::Column::ProcessId;
    let mut select = process::Entity::find();
    if let Some(after) = after {
        select = select.filter(id.gt(after));
    }
    select.order_by_asc(id).limit(size).all(db).await
}

/// The rows of some processes.
#[derive(Debug, Default)]
pub struct ProcessRows {
    pub tenders: Vec<tender::Model>,
    pub addenda: Vec<addendum::Model>,
    pub bids: Vec<bid::Model>,
    pub contracts: Vec<contract::Model>,
    pub amendments: Vec<amendment::Model>,
    pub disclosures: Vec<disclosure::Model>,
    pub components: Vec<component::Model>,
    pub parties: BTreeMap<OrganizationId, party::Model>,
}

/// Loads the rows of processes, with one statement for each kind: bids only once their due time has
/// settled, whether or not they were sealed.
pub async fn load_processes(
    db: &impl ConnectionTrait,
    processes: &[process::Model],
    now: DateTime<Utc>,
) -> Result<ProcessRows, DbErr> {
    let of = |kind: ProcessKind| {
        let of_kind = processes.iter().filter(move |it| it.kind == kind);
        of_kind.map(|it| it.process_id).collect::<Vec<_>>()
    };
    let (solicitations, direct) = (of(ProcessKind::Solicitation), of(ProcessKind::Contract));
    let id = tender::Column::SolicitationId;
    let tenders =
        tender::Entity::find().filter(in_ids(db, id, solicitations.clone())).all(db).await?;
    let addenda = addendum::Entity::find()
        .filter(in_ids(db, addendum::Column::SolicitationId, solicitations.clone()))
        .order_by_asc(addendum::Column::SolicitationId)
        .order_by_asc(addendum::Column::Number)
        .all(db)
        .await?;
    let bids = bid::Entity::find()
        .filter(in_ids(db, bid::Column::SolicitationId, solicitations.clone()))
        .filter(bid::Column::DueAt.lte(settled_by(now)))
        .order_by_asc(bid::Column::BidId)
        .all(db)
        .await?;
    let is_of_process = Condition::any()
        .add(in_ids(db, contract::Column::SolicitationId, solicitations))
        .add(in_ids(db, contract::Column::ContractId, direct));
    let contracts = contract::Entity::find()
        .filter(is_of_process)
        .order_by_asc(contract::Column::ContractId)
        .all(db)
        .await?;
    let ids = contracts.iter().map(|contract| contract.contract_id.uuid()).collect();
    let amendments = amendment::Entity::find()
        .filter(in_ids(db, amendment::Column::ContractId, ids))
        .order_by_asc(amendment::Column::RenewalId)
        .all(db)
        .await?;
    let of_bids = bids.iter().filter_map(|bid| bid.disclosure_id);
    let of_contracts =
        contracts.iter().flat_map(|it| [it.award_disclosure_id, it.disclosure_id]).flatten();
    let ids: BTreeSet<Uuid> = of_bids.chain(of_contracts).map(DisclosureId::uuid).collect();
    let ids: Vec<Uuid> = ids.into_iter().collect();
    let disclosures = disclosure::Entity::find()
        .filter(in_ids(db, disclosure::Column::DisclosureId, ids.clone()))
        .order_by_asc(disclosure::Column::DisclosureId)
        .all(db)
        .await?;
    let components = component::Entity::find()
        .filter(in_ids(db, component::Column::DisclosureId, ids))
        .order_by_asc(component::Column::Component)
        .all(db)
        .await?;
    let bidders = bids.iter().map(|bid| bid.organization_id);
    let holders = contracts.iter().flat_map(|it| [it.awarded_to, it.organization_id]);
    let filers = disclosures.iter().map(|it| it.organization_id);
    let ids: BTreeSet<Uuid> =
        bidders.chain(holders).chain(filers).map(OrganizationId::uuid).collect();
    let parties = load_parties(db, ids.into_iter().collect()).await?;
    Ok(ProcessRows {
        tenders,
        addenda,
        bids,
        contracts,
        amendments,
        disclosures,
        components,
        parties,
    })
}

/// Loads organizations by id.
pub async fn load_parties(
    db: &impl ConnectionTrait,
    ids: Vec<Uuid>,
) -> Result<BTreeMap<OrganizationId, party::Model>, DbErr> {
    let select = party::Entity::find().filter(in_ids(db, party::Column::OrganizationId, ids));
    Ok(select.all(db).await?.into_iter().map(|row| (row.organization_id, row)).collect())
}

/// Lists up to `size` disclosures on file after an id, in the order of their ids.
pub async fn list_on_file(
    db: &impl ConnectionTrait,
    after: Option<DisclosureId>,
    size: u64,
) -> Result<Vec<disclosure::Model>, DbErr> {
    let id = disclosure::Column::DisclosureId;
    let mut select =
        disclosure::Entity::find().filter(disclosure::Column::Status.eq(DisclosureStatus::Filed));
    if let Some(after) = after {
        select = select.filter(id.gt(after.uuid()));
    }
    select.order_by_asc(id).limit(size).all(db).await
}
