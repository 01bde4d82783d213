//! Statements on who claims which identifier, and on the claims that are disputed.
use std::collections::HashSet;

use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveModelTrait, QueryFilter};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel};
use uuid::Uuid;

use crate::database::{self, Tx, in_ids};
use crate::organization::entity::identifier::{Column, Entity, Model};
use crate::organization::entity::identifier_dispute;
use crate::organization::model::{
    Identifier, IdentifierDisputeId, IdentifierState, OrganizationId,
};

/// Every claim of an organization, those that are disputed among them.
pub async fn list_claims_of(
    db: &impl ConnectionTrait,
    organization: OrganizationId,
) -> Result<Vec<Model>, DbErr> {
    Entity::find().filter(Column::OrganizationId.eq(organization)).all(db).await
}

/// Every claim of some identifiers, whoever makes it, those that are disputed among them.
pub async fn list_claims_for(
    db: &impl ConnectionTrait,
    identifiers: &[Identifier],
) -> Result<Vec<Model>, DbErr> {
    if identifiers.is_empty() {
        return Ok(Vec::new());
    }
    let values: HashSet<&str> = identifiers.iter().map(|sought| sought.id.as_str()).collect();
    let sought: HashSet<&Identifier> = identifiers.iter().collect();
    let mut claims = Entity::find().filter(Column::Value.is_in(values)).all(db).await?;
    // One value may be a number of several schemes.
    claims.retain(|claim| {
        let claimed = Identifier { scheme: claim.scheme, id: claim.value.clone() };
        sought.contains(&claimed)
    });
    Ok(claims)
}

/// The claims by which organizations are found: one an identifier.
pub async fn list_undisputed_claims(
    db: &impl ConnectionTrait,
    identifiers: &[Identifier],
) -> Result<Vec<Model>, DbErr> {
    let mut claims = list_claims_for(db, identifiers).await?;
    claims.retain(|claim| claim.state != IdentifierState::Disputed);
    Ok(claims)
}

/// Writes new claims, in one order, so that two who claim the same never wait for each other in a
/// circle.
pub async fn insert_claims(tx: &Tx, mut claims: Vec<Model>) -> Result<(), DbErr> {
    claims
        .sort_unstable_by(|one, other| (one.scheme, &one.value).cmp(&(other.scheme, &other.value)));
    database::insert_all_recorded::<Entity, _>(tx, claims).await
}

/// Removes claims of one organization, and the disputes that have no claim left.
pub async fn remove_claims(
    tx: &Tx,
    organization: OrganizationId,
    claims: Vec<Model>,
) -> Result<Vec<identifier_dispute::Model>, DbErr> {
    if claims.is_empty() {
        return Ok(Vec::new());
    }
    for claim in &claims {
        database::note_removal(tx, claim);
    }
    let values: Vec<&str> = claims.iter().map(|claim| claim.value.as_str()).collect();
    let schemes: HashSet<_> = claims.iter().map(|claim| claim.scheme).collect();
    for scheme in schemes {
        let of_scheme = claims.iter().zip(&values).filter(|(claim, _)| claim.scheme == scheme);
        Entity::delete_many()
            .filter(Column::OrganizationId.eq(organization))
            .filter(Column::Scheme.eq(scheme))
            .filter(Column::Value.is_in(of_scheme.map(|(_, value)| *value)))
            .exec(&**tx)
            .await?;
    }
    let disputes: Vec<Uuid> =
        claims.iter().filter_map(|claim| claim.dispute_id).map(IdentifierDisputeId::uuid).collect();
    if disputes.is_empty() {
        return Ok(Vec::new());
    }
    let left = Entity::find().filter(in_ids(&**tx, Column::DisputeId, disputes.clone()));
    let left = left.all(&**tx).await?;
    let left: HashSet<_> = left.into_iter().filter_map(|claim| claim.dispute_id).collect();
    let mut over = load_disputes(&**tx, disputes).await?;
    over.retain(|dispute| !left.contains(&dispute.id));
    for dispute in &over {
        database::note_removal(tx, dispute);
    }
    let ids = over.iter().map(|dispute| dispute.id.uuid()).collect();
    identifier_dispute::Entity::delete_many()
        .filter(in_ids(&**tx, identifier_dispute::Column::Id, ids))
        .exec(&**tx)
        .await?;
    Ok(over)
}

/// The disputes about the identifiers of `fresh`: those that were open, and else the fresh ones.
pub async fn find_or_insert_disputes(
    tx: &Tx,
    mut fresh: Vec<identifier_dispute::Model>,
) -> Result<Vec<identifier_dispute::Model>, DbErr> {
    use identifier_dispute::{Column, Entity};
    fresh
        .sort_unstable_by(|one, other| (one.scheme, &one.value).cmp(&(other.scheme, &other.value)));
    let sought: HashSet<_> = fresh.iter().map(|it| (it.scheme, it.value.clone())).collect();
    let values: Vec<String> = fresh.iter().map(|it| it.value.clone()).collect();
    let ids: HashSet<_> = fresh.iter().map(|it| it.id).collect();
    let rows = fresh.into_iter().map(|row| row.into_active_model().reset_all());
    let once = OnConflict::columns([Column::Scheme, Column::Value]).do_nothing().to_owned();
    Entity::insert_many(rows).on_conflict(once).exec_without_returning(&**tx).await?;
    let mut open = Entity::find().filter(Column::Value.is_in(values)).all(&**tx).await?;
    open.retain(|it| sought.contains(&(it.scheme, it.value.clone())));
    for row in open.iter().filter(|row| ids.contains(&row.id)) {
        database::note_row(tx, row);
    }
    Ok(open)
}

/// Disputes by id.
pub async fn load_disputes(
    db: &impl ConnectionTrait,
    ids: Vec<Uuid>,
) -> Result<Vec<identifier_dispute::Model>, DbErr> {
    let select = identifier_dispute::Entity::find();
    select.filter(in_ids(db, identifier_dispute::Column::Id, ids)).all(db).await
}

/// Every claim of the identifiers that some disputes are about, the earliest first.
pub async fn list_disputed_claims(
    db: &impl ConnectionTrait,
    disputes: &[identifier_dispute::Model],
) -> Result<Vec<Model>, DbErr> {
    let identifiers: Vec<Identifier> =
        disputes.iter().map(|it| Identifier { scheme: it.scheme, id: it.value.clone() }).collect();
    let mut claims = list_claims_for(db, &identifiers).await?;
    claims.sort_unstable_by_key(|claim| (claim.claimed_at, claim.organization_id));
    Ok(claims)
}
