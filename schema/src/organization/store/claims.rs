//! SQL of claims to identifiers and of disputes about them.
use std::collections::HashSet;

use sea_orm::sea_query::{Condition, Expr, ExprTrait, OnConflict, SelectStatement};
use sea_orm::{ActiveModelTrait, DbBackend, QueryFilter, QuerySelect, QueryTrait};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel};
use uuid::Uuid;

use crate::database::{self, Tx, in_ids};
use crate::organization::entity::identifier::{Column, Entity, Model};
use crate::organization::entity::identifier_dispute;
use crate::organization::model::{
    Identifier, IdentifierDisputeId, IdentifierState, OrganizationId,
};

/// Lists every claim of an organization, including disputed ones.
pub async fn list_claims_of(
    db: &impl ConnectionTrait,
    organization: OrganizationId,
) -> Result<Vec<Model>, DbErr> {
    Entity::find().filter(Column::OrganizationId.eq(organization)).all(db).await
}

/// Lists every organization's claims to the given identifiers, including disputed ones.
pub async fn list_claims_for(
    db: &impl ConnectionTrait,
    identifiers: &[Identifier],
) -> Result<Vec<Model>, DbErr> {
    if identifiers.is_empty() {
        return Ok(Vec::new());
    }
    let values: HashSet<&str> = identifiers.iter().map(|it| it.id.as_str()).collect();
    let requested: HashSet<&Identifier> = identifiers.iter().collect();
    let mut claims = Entity::find().filter(Column::Value.is_in(values)).all(db).await?;
    // The same value can occur in several schemes.
    claims.retain(|claim| {
        let claimed = Identifier { scheme: claim.scheme, id: claim.value.clone() };
        requested.contains(&claimed)
    });
    Ok(claims)
}

/// Lists every claim of organizations, including disputed ones.
pub async fn list_claims_of_all(
    db: &impl ConnectionTrait,
    organizations: Vec<Uuid>,
) -> Result<Vec<Model>, DbErr> {
    Entity::find().filter(in_ids(db, Column::OrganizationId, organizations)).all(db).await
}

/// Lists the undisputed claims of organizations.
pub async fn list_undisputed_claims_of(
    db: &impl ConnectionTrait,
    organizations: Vec<Uuid>,
) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(in_ids(db, Column::OrganizationId, organizations))
        .filter(Column::State.ne(IdentifierState::Disputed))
        .all(db)
        .await
}

/// Selects the organizations that claim an identifier, including disputed claims.
pub fn select_claimants(identifier: &Identifier) -> SelectStatement {
    let same = Column::Scheme.eq(identifier.scheme).and(Column::Value.eq(&*identifier.id));
    Entity::find().select_only().column(Column::OrganizationId).filter(same).into_query()
}

/// Selects the organizations that claim a number beginning with a text, in upper case.
pub fn select_bearers_of_numbers_beginning(engine: DbBackend, text: &str) -> SelectStatement {
    // Byte order, as in the index: a locale's order does not keep the numbers with one beginning together.
    let collated = match engine {
        DbBackend::Postgres => "$1 COLLATE \"C\"",
        _ => "? COLLATE BINARY",
    };
    let value = || Expr::cust_with_expr(collated, Expr::col(Column::Value));
    let select = Entity::find().select_only().column(Column::OrganizationId);
    let end = format!("{text}{}", char::MAX);
    select.filter(value().gte(text)).filter(value().lt(end)).into_query()
}

/// Inserts claims in a fixed order, so that two transactions cannot deadlock.
pub async fn insert_claims(tx: &Tx, mut claims: Vec<Model>) -> Result<(), DbErr> {
    claims.sort_unstable_by(|left, right| {
        (left.scheme, &left.value).cmp(&(right.scheme, &right.value))
    });
    database::insert_all_recorded::<Entity, _>(tx, claims).await
}

/// Stores a changed claim.
pub async fn update_claim(tx: &Tx, claim: Model) -> Result<(), DbErr> {
    database::update(tx, claim).await.map(drop)
}

/// Finds the dispute about an identifier.
pub async fn find_dispute(
    tx: &Tx,
    identifier: &Identifier,
) -> Result<Option<identifier_dispute::Model>, DbErr> {
    use identifier_dispute::{Column, Entity};
    let same = Column::Scheme.eq(identifier.scheme).and(Column::Value.eq(&*identifier.id));
    Entity::find().filter(same).one(&**tx).await
}

/// Stores a changed dispute.
pub async fn update_dispute(tx: &Tx, dispute: identifier_dispute::Model) -> Result<(), DbErr> {
    database::update(tx, dispute).await.map(drop)
}

/// Removes a dispute that has no claim left.
pub async fn remove_dispute(tx: &Tx, dispute: identifier_dispute::Model) -> Result<(), DbErr> {
    database::note_removal(tx, &dispute);
    identifier_dispute::Entity::delete_by_id(dispute.id).exec(&**tx).await.map(drop)
}

/// Removes claims and the disputes that have no claim left. Returns those
/// disputes.
pub async fn remove_claims(
    tx: &Tx,
    claims: Vec<Model>,
) -> Result<Vec<identifier_dispute::Model>, DbErr> {
    let disputes: Vec<Uuid> =
        claims.iter().filter_map(|claim| claim.dispute_id).map(IdentifierDisputeId::uuid).collect();
    delete_claims(tx, &claims).await?;
    delete_disputes_without_claims(tx, disputes).await
}

/// Deletes claims of one organization; their disputes stay.
pub async fn delete_claims(tx: &Tx, claims: &[Model]) -> Result<(), DbErr> {
    if claims.is_empty() {
        return Ok(());
    }
    let mut any = Condition::any();
    for claim in claims {
        database::note_removal(tx, claim);
        let one = Condition::all()
            .add(Column::OrganizationId.eq(claim.organization_id))
            .add(Column::Scheme.eq(claim.scheme))
            .add(Column::Value.eq(claim.value.as_str()));
        any = any.add(one);
    }
    Entity::delete_many().filter(any).exec(&**tx).await?;
    Ok(())
}

/// Deletes those of the disputes that no claim refers to any more, and returns them.
pub async fn delete_disputes_without_claims(
    tx: &Tx,
    disputes: Vec<Uuid>,
) -> Result<Vec<identifier_dispute::Model>, DbErr> {
    if disputes.is_empty() {
        return Ok(Vec::new());
    }
    let claims = Entity::find().filter(in_ids(&**tx, Column::DisputeId, disputes.clone()));
    let claims = claims.all(&**tx).await?;
    let open: HashSet<_> = claims.into_iter().filter_map(|claim| claim.dispute_id).collect();
    let mut closed = load_disputes(&**tx, disputes).await?;
    closed.retain(|dispute| !open.contains(&dispute.id));
    for dispute in &closed {
        database::note_removal(tx, dispute);
    }
    let ids = closed.iter().map(|dispute| dispute.id.uuid()).collect();
    identifier_dispute::Entity::delete_many()
        .filter(in_ids(&**tx, identifier_dispute::Column::Id, ids))
        .exec(&**tx)
        .await?;
    Ok(closed)
}

/// Inserts those of `candidates` whose identifiers have no dispute yet, and returns the dispute of each
/// identifier.
pub async fn find_or_insert_disputes(
    tx: &Tx,
    mut candidates: Vec<identifier_dispute::Model>,
) -> Result<Vec<identifier_dispute::Model>, DbErr> {
    use identifier_dispute::{Column, Entity};
    candidates.sort_unstable_by(|left, right| {
        (left.scheme, &left.value).cmp(&(right.scheme, &right.value))
    });
    let requested: HashSet<_> = candidates.iter().map(|it| (it.scheme, it.value.clone())).collect();
    let values: Vec<String> = candidates.iter().map(|it| it.value.clone()).collect();
    let ids: HashSet<_> = candidates.iter().map(|it| it.id).collect();
    let rows = candidates.into_iter().map(|row| row.into_active_model().reset_all());
    let skip_existing =
        OnConflict::columns([Column::Scheme, Column::Value]).do_nothing().to_owned();
    Entity::insert_many(rows).on_conflict(skip_existing).exec_without_returning(&**tx).await?;
    let mut open = Entity::find().filter(Column::Value.is_in(values)).all(&**tx).await?;
    open.retain(|it| requested.contains(&(it.scheme, it.value.clone())));
    for row in open.iter().filter(|row| ids.contains(&row.id)) {
        database::note_row(tx, row);
    }
    Ok(open)
}

/// Loads disputes by id.
pub async fn load_disputes(
    db: &impl ConnectionTrait,
    ids: Vec<Uuid>,
) -> Result<Vec<identifier_dispute::Model>, DbErr> {
    let select = identifier_dispute::Entity::find();
    select.filter(in_ids(db, identifier_dispute::Column::Id, ids)).all(db).await
}

/// Lists every claim to the disputed identifiers, earliest first.
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
