//! SQL of matches and their appeals.
use std::collections::HashMap;

use sea_orm::sea_query::{Condition, Expr, SelectStatement};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait};
use sea_orm::{QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select};
use uuid::Uuid;

use crate::award::entity::appeal;
use crate::award::entity::award;
use crate::award::entity::award_match::{Column, Entity, Model};
use crate::award::entity::vehicle_with_order;
use crate::award::model::{AwardMatch, ConfirmationAppeal, MatchFilter, MatchId, MatchStatus};
use crate::database::{self, Tx, in_ids, lock_for_change};
use crate::disclosure::model::AppealId;
use crate::fault::Result;
use crate::gate::MatchBand;
use crate::organization::access;
use crate::organization::model::{OrganizationId, Viewer};
use crate::page::{Key, Order, Page, PageArguments, count};

/// Selects the matches that the viewer may see: those who read all see every match, members of the
/// organization those of which the firm received notice.
fn visible(viewer: &Viewer) -> Select<Entity> {
    if viewer.can_read_all() {
        return Entity::find();
    }
    let own = Column::OrganizationId.is_in(viewer.own_organizations());
    Entity::find().filter(own).filter(Column::ConfirmedAt.is_not_null())
}

pub async fn find(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    id: MatchId,
) -> Result<Option<AwardMatch>, DbErr> {
    visible(viewer).filter(Column::Id.eq(id)).one(db).await?.map(AwardMatch::try_from).transpose()
}

fn into_matches(rows: Vec<Model>) -> Result<Vec<AwardMatch>, DbErr> {
    rows.into_iter().map(AwardMatch::try_from).collect()
}

/// A subquery of the ids of awards whose matches the viewer may see.
pub fn visible_award_ids(viewer: &Viewer) -> SelectStatement {
    visible(viewer).select_only().column(Column::AwardId).into_query()
}

/// Those of the given matches that the viewer may see.
pub async fn list_visible_by_ids(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    ids: Vec<Uuid>,
) -> Result<Vec<AwardMatch>, DbErr> {
    into_matches(visible(viewer).filter(in_ids(db, Column::Id, ids)).all(db).await?)
}

/// The matches of the given organizations, in order of organization and id.
pub async fn list_by_organizations(
    db: &impl ConnectionTrait,
    organizations: Vec<Uuid>,
) -> Result<Vec<AwardMatch>, DbErr> {
    let select = Entity::find().filter(in_ids(db, Column::OrganizationId, organizations));
    let select = select.order_by_asc(Column::OrganizationId).order_by_asc(Column::Id);
    into_matches(select.all(db).await?)
}

/// The organizations that have a match with one of the awards that is not dismissed.
pub async fn list_matched_organizations(
    db: &impl ConnectionTrait,
    awards: Vec<Uuid>,
) -> Result<Vec<OrganizationId>, DbErr> {
    let select = Entity::find()
        .select_only()
        .column(Column::OrganizationId)
        .distinct()
        .filter(in_ids(db, Column::AwardId, awards))
        .filter(Column::Status.ne(MatchStatus::Dismissed))
        .order_by_asc(Column::OrganizationId);
    select.into_tuple().all(db).await
}

/// A page of the matches that the viewer may see, oldest first, with the total if requested.
pub async fn list_page(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    filter: &MatchFilter,
    arguments: &PageArguments,
    includes_total: bool,
) -> Result<(Page<AwardMatch>, Option<u64>)> {
    let MatchFilter { organization_id, award_id, status, at_least, component, has_matched_order } =
        filter;
    let mut condition = Condition::all()
        .add_option(
            organization_id.map(|id| Column::OrganizationId.in_subquery(access::select_firm(id))),
        )
        .add_option(award_id.map(|id| Column::AwardId.eq(id)));
    if !status.is_empty() {
        condition = condition.add(Column::Status.is_in(status.clone()));
    }
    if let Some(minimum) = at_least {
        let bands = MatchBand::ALL.iter().copied().filter(|band| band >= minimum);
        condition = condition.add(Column::Band.is_in(bands));
    }
    if !component.is_empty() {
        let of_component = award::Entity::find()
            .select_only()
            .column(award::Column::Id)
            .filter(award::Column::Component.is_in(component.clone()))
            .into_query();
        condition = condition.add(Column::AwardId.in_subquery(of_component));
    }
    if let Some(is_wanted) = has_matched_order {
        // A firm does not learn of a match of which it has no notice.
        let vehicles = vehicle_with_order::Entity::find()
            .select_only()
            .column(vehicle_with_order::Column::MatchId)
            .filter(Expr::val(viewer.can_read_all()))
            .into_query();
        condition = condition.add(if *is_wanted {
            Column::Id.in_subquery(vehicles)
        } else {
            Column::Id.not_in_subquery(vehicles)
        });
    }
    let order = Order::<Entity> {
        name: "AWARD MATCHES".into(),
        column: Column::FoundAt,
        id: Column::Id,
        descending: false,
        key: |row, _| (Key::Time(row.found_at), row.id.uuid()),
    };
    let select = visible(viewer).filter(condition);
    let page = order.page(db, select.clone(), arguments).await?;
    let total = if includes_total { Some(count(db, select).await?) } else { None };
    let matches = into_matches(page.rows.iter().map(|(_, row)| row.clone()).collect())?;
    Ok((page.replace(|_| matches), total))
}

/// Lists, for those of the given matches whose award is a contract vehicle, the matches of its orders that
/// count for the same firm.
pub async fn list_matched_orders(
    db: &impl ConnectionTrait,
    matches: Vec<Uuid>,
) -> Result<HashMap<MatchId, Vec<MatchId>>, DbErr> {
    use vehicle_with_order::{Column, Entity};
    let mut orders = HashMap::<_, Vec<_>>::new();
    for row in Entity::find().filter(in_ids(db, Column::MatchId, matches)).all(db).await? {
        orders.entry(row.match_id).or_default().push(row.order_match_id);
    }
    Ok(orders)
}

/// The match, locked for change until `tx` ends.
pub async fn lock(tx: &Tx, id: MatchId) -> Result<Option<AwardMatch>, DbErr> {
    let row = lock_for_change(Entity::find_by_id(id)).one(&**tx).await?;
    row.map(AwardMatch::try_from).transpose()
}

pub async fn insert_all(tx: &Tx, matches: Vec<AwardMatch>) -> Result<(), DbErr> {
    let rows = matches.into_iter().map(Model::from).collect();
    database::insert_all_recorded::<Entity, _>(tx, rows).await
}

pub async fn update(tx: &Tx, changed: AwardMatch) -> Result<AwardMatch, DbErr> {
    database::update(tx, Model::from(changed)).await?.try_into()
}

/// The appeals of the given matches, oldest first.
pub async fn list_appeals(
    db: &impl ConnectionTrait,
    matches: Vec<Uuid>,
) -> Result<HashMap<MatchId, Vec<ConfirmationAppeal>>, DbErr> {
    use appeal::Column;
    let select = appeal::Entity::find()
        .filter(in_ids(db, Column::MatchId, matches))
        .order_by_asc(Column::MatchId)
        .order_by_asc(Column::FiledAt)
        .order_by_asc(Column::Id);
    let mut by_match = HashMap::<_, Vec<_>>::new();
    for row in select.all(db).await? {
        by_match.entry(row.match_id).or_default().push(row.into());
    }
    Ok(by_match)
}

pub async fn find_appeal(
    db: &impl ConnectionTrait,
    id: AppealId,
) -> Result<Option<ConfirmationAppeal>, DbErr> {
    Ok(appeal::Entity::find_by_id(id).one(db).await?.map(ConfirmationAppeal::from))
}

pub async fn insert_appeal(
    tx: &Tx,
    filed: ConfirmationAppeal,
) -> Result<ConfirmationAppeal, DbErr> {
    Ok(database::insert(tx, appeal::Model::from(filed)).await?.into())
}

pub async fn update_appeal(
    tx: &Tx,
    decided: ConfirmationAppeal,
) -> Result<ConfirmationAppeal, DbErr> {
    Ok(database::update(tx, appeal::Model::from(decided)).await?.into())
}
