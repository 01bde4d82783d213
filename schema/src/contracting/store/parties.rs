//! Statements on the members and subcontractors that contracts name, and their resolution.
use std::collections::HashMap;

use sea_orm::sea_query::{Condition, Expr, ExprTrait};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};

use crate::contracting::entity::{member, subcontractor};
use crate::contracting::model::ContractId;
use crate::database::Tx;
use crate::decision::model::{NewlyResolved, Parties};
use crate::decision::party_tables::party_tables;
use crate::money::Money;
use crate::organization::model::{Identifier, OrganizationId, PartyColumns, ResolvedParty};

party_tables!(ContractId, ContractId, contract_id);

/// Replaces the members of the joint venture that holds a contract, after an assignment.
pub async fn replace_members(
    tx: &Tx,
    contract: ContractId,
    members: &[ResolvedParty],
) -> Result<(), sea_orm::DbErr> {
    let old = member::Column::ContractId.eq(contract);
    for row in member::Entity::find().filter(old.clone()).all(&**tx).await? {
        crate::database::note_removal(tx, &row);
    }
    member::Entity::delete_many().filter(old).exec(&**tx).await?;
    insert_members(tx, contract, members).await
}
