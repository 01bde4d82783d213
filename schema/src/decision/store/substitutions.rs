//! Statements on substitutions of subcontractors.
use std::collections::HashMap;

use sea_orm::{ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use crate::database::{self, Tx, in_ids};
use crate::decision::entity::substitution::{Column, Entity, Model};
use crate::decision::model::PartyOwner;

/// Lists the substitutions of subjects, the earliest first. Subjects without any have no entry.
pub async fn list_substitutions(
    db: &impl ConnectionTrait,
    owner: PartyOwner,
    subjects: Vec<Uuid>,
) -> Result<HashMap<Uuid, Vec<Model>>, DbErr> {
    let subject = match owner {
        PartyOwner::Bid => Column::BidId,
        PartyOwner::Contract => Column::ContractId,
    };
    let select = Entity::find().filter(in_ids(db, subject, subjects));
    let rows = select.order_by_asc(subject).order_by_asc(Column::Sequence).all(db).await?;
    let mut substitutions = HashMap::<Uuid, Vec<Model>>::new();
    for row in rows {
        if let Some(subject) = row.bid_id.or(row.contract_id) {
            substitutions.entry(subject).or_default().push(row);
        }
    }
    Ok(substitutions)
}

pub async fn insert_substitution(tx: &Tx, row: Model) -> Result<(), DbErr> {
    database::insert(tx, row).await?;
    Ok(())
}
