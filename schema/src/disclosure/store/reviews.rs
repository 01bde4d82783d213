//! Queries and writes of clarifications, verdicts and appeals. Whoever may see a disclosure may see
//! these.
use std::collections::HashMap;

use sea_orm::sea_query::{Expr, SimpleExpr};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, ExprTrait};
use sea_orm::{QueryFilter, QueryOrder, QuerySelect, QueryTrait};
use uuid::Uuid;

use crate::database::{self, Tx, in_ids, lock_for_change};
use crate::disclosure::entity::{appeal, clarification, disclosure, review};
use crate::disclosure::model::{
    AppealId, ClarificationId, ClarificationStatus, DisclosureId, DisclosureRecord,
    RejectionAppeal, Verdict,
};
use crate::organization::model::Viewer;
use crate::principal::Principal;

/// The condition that the viewer may see the disclosure whose id is in column `about`.
fn is_about_visible(viewer: &Viewer, about: impl ColumnTrait) -> SimpleExpr {
    let mut rows =
        super::select_visible(viewer).select_only().column(disclosure::Column::Id).into_query();
    rows.and_where(Expr::col(disclosure::Column::Id.as_column_ref()).equals(about.as_column_ref()));
    Expr::exists(rows)
}

/// Locks and returns a disclosure.
pub async fn lock_disclosure(tx: &Tx, id: DisclosureId) -> Result<Option<DisclosureRecord>, DbErr> {
    let row = lock_for_change(disclosure::Entity::find_by_id(id)).one(&**tx).await?;
    row.map(DisclosureRecord::try_from).transpose()
}

/// The questions about each disclosure, in the order they were asked.
pub async fn list_clarifications(
    db: &impl ConnectionTrait,
    disclosures: Vec<Uuid>,
) -> Result<HashMap<DisclosureId, Vec<clarification::Model>>, DbErr> {
    use clarification::Column;
    let select = clarification::Entity::find()
        .filter(in_ids(db, Column::DisclosureId, disclosures))
        .order_by_asc(Column::AskedAt)
        .order_by_asc(Column::Id);
    let mut rows = HashMap::<_, Vec<_>>::new();
    for row in select.all(db).await? {
        rows.entry(row.disclosure_id).or_default().push(row);
    }
    Ok(rows)
}

/// The open question of each disclosure that has one.
pub async fn find_open_clarifications(
    db: &impl ConnectionTrait,
    disclosures: Vec<Uuid>,
) -> Result<HashMap<DisclosureId, clarification::Model>, DbErr> {
    use clarification::Column;
    let select = clarification::Entity::find()
        .filter(in_ids(db, Column::DisclosureId, disclosures))
        .filter(Column::Status.eq(ClarificationStatus::Open));
    Ok(select.all(db).await?.into_iter().map(|row| (row.disclosure_id, row)).collect())
}

pub async fn find_clarification(
    db: &impl ConnectionTrait,
    id: ClarificationId,
) -> Result<Option<clarification::Model>, DbErr> {
    clarification::Entity::find_by_id(id).one(db).await
}

/// The questions of `ids` whose disclosures the viewer may see.
pub async fn list_visible_clarifications(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    ids: Vec<Uuid>,
) -> Result<Vec<clarification::Model>, DbErr> {
    use clarification::Column;
    clarification::Entity::find()
        .filter(in_ids(db, Column::Id, ids))
        .filter(is_about_visible(viewer, Column::DisclosureId))
        .all(db)
        .await
}

pub async fn insert_clarification(
    tx: &Tx,
    row: clarification::Model,
) -> Result<clarification::Model, DbErr> {
    database::insert(tx, row).await
}

pub async fn update_clarification(
    tx: &Tx,
    row: clarification::Model,
) -> Result<clarification::Model, DbErr> {
    database::update(tx, row).await
}

/// The acceptances and rejections of each disclosure, earliest first.
pub async fn list_reviews(
    db: &impl ConnectionTrait,
    disclosures: Vec<Uuid>,
) -> Result<HashMap<DisclosureId, Vec<review::Model>>, DbErr> {
    use review::Column;
    let select = review::Entity::find()
        .filter(in_ids(db, Column::DisclosureId, disclosures))
        .order_by_asc(Column::DecidedAt)
        .order_by_asc(Column::Id);
    let mut rows = HashMap::<_, Vec<_>>::new();
    for row in select.all(db).await? {
        rows.entry(row.disclosure_id).or_default().push(row);
    }
    Ok(rows)
}

/// The acceptance or rejection of a disclosure that is in effect: not reopened.
pub async fn find_review_in_effect(
    db: &impl ConnectionTrait,
    disclosure: DisclosureId,
) -> Result<Option<review::Model>, DbErr> {
    use review::Column;
    let select = review::Entity::find().filter(Column::DisclosureId.eq(disclosure));
    select.filter(Column::ReopenedAt.is_null()).one(db).await
}

/// The rejection in effect of each disclosure that has one.
pub async fn find_rejections_in_effect(
    db: &impl ConnectionTrait,
    disclosures: Vec<Uuid>,
) -> Result<HashMap<DisclosureId, review::Model>, DbErr> {
    use review::Column;
    let select = review::Entity::find()
        .filter(in_ids(db, Column::DisclosureId, disclosures))
        .filter(Column::Verdict.eq(Verdict::Rejected))
        .filter(Column::ReopenedAt.is_null());
    Ok(select.all(db).await?.into_iter().map(|row| (row.disclosure_id, row)).collect())
}

pub async fn insert_review(tx: &Tx, row: review::Model) -> Result<review::Model, DbErr> {
    database::insert(tx, row).await
}

pub async fn update_review(tx: &Tx, row: review::Model) -> Result<review::Model, DbErr> {
    database::update(tx, row).await
}

/// The appeals against rejections of each disclosure, earliest first.
pub async fn list_appeals(
    db: &impl ConnectionTrait,
    disclosures: Vec<Uuid>,
) -> Result<HashMap<DisclosureId, Vec<RejectionAppeal>>, DbErr> {
    use appeal::Column;
    let select = appeal::Entity::find()
        .filter(in_ids(db, Column::DisclosureId, disclosures))
        .order_by_asc(Column::FiledAt)
        .order_by_asc(Column::Id);
    let mut appeals = HashMap::<_, Vec<_>>::new();
    for row in select.all(db).await? {
        appeals.entry(row.disclosure_id).or_default().push(row.into());
    }
    Ok(appeals)
}

/// Those of these disclosures that have an undecided appeal.
pub async fn list_under_appeal(
    db: &impl ConnectionTrait,
    disclosures: Vec<Uuid>,
) -> Result<Vec<DisclosureId>, DbErr> {
    use appeal::Column;
    let select = appeal::Entity::find()
        .filter(in_ids(db, Column::DisclosureId, disclosures))
        .filter(Column::Outcome.is_null());
    Ok(select.all(db).await?.into_iter().map(|row| row.disclosure_id).collect())
}

pub async fn find_appeal(
    db: &impl ConnectionTrait,
    id: AppealId,
) -> Result<Option<RejectionAppeal>, DbErr> {
    Ok(appeal::Entity::find_by_id(id).one(db).await?.map(RejectionAppeal::from))
}

/// The appeals of `ids` whose disclosures the viewer may see.
pub async fn list_visible_appeals(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    ids: Vec<Uuid>,
) -> Result<Vec<RejectionAppeal>, DbErr> {
    use appeal::Column;
    let rows = appeal::Entity::find()
        .filter(in_ids(db, Column::Id, ids))
        .filter(is_about_visible(viewer, Column::DisclosureId))
        .all(db)
        .await?;
    Ok(rows.into_iter().map(RejectionAppeal::from).collect())
}

pub async fn insert_appeal(tx: &Tx, appeal: RejectionAppeal) -> Result<RejectionAppeal, DbErr> {
    Ok(database::insert(tx, appeal::Model::from(appeal)).await?.into())
}

pub async fn update_appeal(tx: &Tx, appeal: RejectionAppeal) -> Result<RejectionAppeal, DbErr> {
    Ok(database::update(tx, appeal::Model::from(appeal)).await?.into())
}

/// Whether a person took part in the review of a disclosure: asked, accepted, rejected or reopened.
pub async fn has_taken_part(
    db: &impl ConnectionTrait,
    disclosure: DisclosureId,
    person: &Principal,
) -> Result<bool, DbErr> {
    let asked = clarification::Entity::find()
        .filter(clarification::Column::DisclosureId.eq(disclosure))
        .filter(clarification::Column::AskedBy.eq(person.clone()));
    if asked.one(db).await?.is_some() {
        return Ok(true);
    }
    let decided = review::Column::DecidedBy.eq(person.clone());
    let decided = decided.or(review::Column::ReopenedBy.eq(person.clone()));
    let decided =
        review::Entity::find().filter(review::Column::DisclosureId.eq(disclosure)).filter(decided);
    Ok(decided.one(db).await?.is_some())
}

/// Whether the review in effect is a rejection that was upheld on appeal.
pub async fn is_upheld_on_appeal(
    db: &impl ConnectionTrait,
    row: &review::Model,
) -> Result<bool, DbErr> {
    if row.verdict != Verdict::Rejected {
        return Ok(false);
    }
    let decided = appeal::Entity::find()
        .filter(appeal::Column::ReviewId.eq(row.id))
        .filter(appeal::Column::Outcome.is_not_null());
    Ok(decided.one(db).await?.is_some())
}
