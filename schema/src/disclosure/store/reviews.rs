//! Statements on questions, acceptances and rejections, and appeals. Who may see a disclosure may
//! see them.
use std::collections::HashMap;

use sea_orm::sea_query::{Expr, SimpleExpr};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, ExprTrait};
use sea_orm::{QueryFilter, QueryOrder, QuerySelect, QueryTrait};
use uuid::Uuid;

use crate::database::{self, Tx, lock_for_change, in_ids};
use crate::disclosure::entity::{appeal, clarification, disclosure, review};
use crate::disclosure::model::{
    AppealId, ClarificationId, ClarificationStatus, DisclosureId, Verdict,
};
use crate::organization::model::Viewer;
use crate::principal::Principal;

/// A condition: the disclosure that a column names is one that the viewer may see.
fn is_about_visible(viewer: &Viewer, about: impl ColumnTrait) -> SimpleExpr {
    let mut rows =
        super::visible(viewer, None).select_only().column(disclosure::Column::Id).into_query();
    rows.and_where(Expr::col(disclosure::Column::Id.as_column_ref()).equals(about.as_column_ref()));
    Expr::exists(rows)
}

/// The disclosure under its lock.
pub async fn lock(tx: &Tx, id: DisclosureId) -> Result<Option<disclosure::Model>, DbErr> {
    lock_for_change(disclosure::Entity::find_by_id(id)).one(&**tx).await
}

/// The questions about some disclosures, in the order in which they were asked.
pub async fn clarifications(
    db: &impl ConnectionTrait,
    disclosures: Vec<Uuid>,
) -> Result<HashMap<DisclosureId, Vec<clarification::Model>>, DbErr> {
    use clarification::Column;
    let select = clarification::Entity::find()
        .filter(in_ids(db, Column::DisclosureId, disclosures))
        .order_by_asc(Column::AskedAt)
        .order_by_asc(Column::Id);
    let mut found = HashMap::<_, Vec<_>>::new();
    for row in select.all(db).await? {
        found.entry(row.disclosure_id).or_default().push(row);
    }
    Ok(found)
}

/// The open questions about some disclosures: one each.
pub async fn open_clarifications(
    db: &impl ConnectionTrait,
    disclosures: Vec<Uuid>,
) -> Result<HashMap<DisclosureId, clarification::Model>, DbErr> {
    use clarification::Column;
    let select = clarification::Entity::find()
        .filter(in_ids(db, Column::DisclosureId, disclosures))
        .filter(Column::Status.eq(ClarificationStatus::Open));
    Ok(select.all(db).await?.into_iter().map(|row| (row.disclosure_id, row)).collect())
}

pub async fn clarification(
    db: &impl ConnectionTrait,
    id: ClarificationId,
) -> Result<Option<clarification::Model>, DbErr> {
    clarification::Entity::find_by_id(id).one(db).await
}

/// Those of some questions that are about disclosures that the viewer may see.
pub async fn visible_clarifications_by_ids(
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

/// The acceptances and rejections of some disclosures, the earliest first.
pub async fn reviews(
    db: &impl ConnectionTrait,
    disclosures: Vec<Uuid>,
) -> Result<HashMap<DisclosureId, Vec<review::Model>>, DbErr> {
    use review::Column;
    let select = review::Entity::find()
        .filter(in_ids(db, Column::DisclosureId, disclosures))
        .order_by_asc(Column::DecidedAt)
        .order_by_asc(Column::Id);
    let mut found = HashMap::<_, Vec<_>>::new();
    for row in select.all(db).await? {
        found.entry(row.disclosure_id).or_default().push(row);
    }
    Ok(found)
}

/// The acceptance or rejection of a disclosure that stands.
pub async fn standing_review(
    db: &impl ConnectionTrait,
    disclosure: DisclosureId,
) -> Result<Option<review::Model>, DbErr> {
    use review::Column;
    let select = review::Entity::find().filter(Column::DisclosureId.eq(disclosure));
    select.filter(Column::ReopenedAt.is_null()).one(db).await
}

/// The rejections of some disclosures that stand: one each.
pub async fn standing_rejections(
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

/// The appeals against rejections of some disclosures, the earliest first.
pub async fn appeals(
    db: &impl ConnectionTrait,
    disclosures: Vec<Uuid>,
) -> Result<HashMap<DisclosureId, Vec<appeal::Model>>, DbErr> {
    use appeal::Column;
    let select = appeal::Entity::find()
        .filter(in_ids(db, Column::DisclosureId, disclosures))
        .order_by_asc(Column::FiledAt)
        .order_by_asc(Column::Id);
    let mut found = HashMap::<_, Vec<_>>::new();
    for row in select.all(db).await? {
        found.entry(row.disclosure_id).or_default().push(row);
    }
    Ok(found)
}

/// Which of some disclosures stand rejected with an appeal that is not decided.
pub async fn under_appeal(
    db: &impl ConnectionTrait,
    disclosures: Vec<Uuid>,
) -> Result<Vec<DisclosureId>, DbErr> {
    use appeal::Column;
    let select = appeal::Entity::find()
        .filter(in_ids(db, Column::DisclosureId, disclosures))
        .filter(Column::Outcome.is_null());
    Ok(select.all(db).await?.into_iter().map(|row| row.disclosure_id).collect())
}

pub async fn appeal(
    db: &impl ConnectionTrait,
    id: AppealId,
) -> Result<Option<appeal::Model>, DbErr> {
    appeal::Entity::find_by_id(id).one(db).await
}

/// Those of some appeals that are about disclosures that the viewer may see.
pub async fn visible_appeals_by_ids(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    ids: Vec<Uuid>,
) -> Result<Vec<appeal::Model>, DbErr> {
    use appeal::Column;
    appeal::Entity::find()
        .filter(in_ids(db, Column::Id, ids))
        .filter(is_about_visible(viewer, Column::DisclosureId))
        .all(db)
        .await
}

pub async fn insert_appeal(tx: &Tx, row: appeal::Model) -> Result<appeal::Model, DbErr> {
    database::insert(tx, row).await
}

pub async fn update_appeal(tx: &Tx, row: appeal::Model) -> Result<appeal::Model, DbErr> {
    database::update(tx, row).await
}

/// Whether somebody took part in what was made of a disclosure: asked, accepted, rejected or
/// reopened.
pub async fn took_part(
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

/// Whether the rejection that stands was appealed and upheld.
pub async fn upheld(db: &impl ConnectionTrait, row: &review::Model) -> Result<bool, DbErr> {
    if row.verdict != Verdict::Rejected {
        return Ok(false);
    }
    let decided = appeal::Entity::find()
        .filter(appeal::Column::ReviewId.eq(row.id))
        .filter(appeal::Column::Outcome.is_not_null());
    Ok(decided.one(db).await?.is_some())
}
