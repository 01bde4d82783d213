//! Bids by what they and their disclosures are.
use chrono::{DateTime, Utc};
use sea_orm::sea_query::Condition;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, DbErr, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait, Select,
};

use super::disclosure_criteria::{is_one_of, disclosure_condition};

use crate::bidding::model::{BidId, OrderDirection};
use crate::deadline::settled_by;
use crate::decision::index as finding;
use crate::decision::model::DecisionId;
use crate::fault::Result;
use crate::organization::model::{DepartmentId, OrganizationId, Viewer};
use crate::page::{PageArguments, Key, Order, Page, count};
use crate::screening::entity::screened_bid::{Column, Entity, Model};
use crate::screening::model::{BidFilter, ScreenOrder, ScreenOrderField};
use crate::screening::rules::ValidBidFilter;

/// Bids that are open to the viewer: of every department to who reads all, of their own to contract
/// officers. Of a sealed solicitation's there is nothing before the instant after its due time.
fn visible(viewer: &Viewer) -> Select<Entity> {
    let select = Entity::find().filter(Column::OpensAt.lte(settled_by(viewer.now)));
    if viewer.reads_all() {
        return select;
    }
    select.filter(Column::DepartmentId.is_in(viewer.own_departments().to_vec()))
}

/// The bids that a filter leaves.
pub fn select_bids(engine: DbBackend, viewer: &Viewer, checked: &ValidBidFilter) -> Select<Entity> {
    let BidFilter {
        solicitation_id,
        department_id,
        organization_id,
        status,
        outcome,
        review,
        reviewer,
        taken,
        submitted_from,
        submitted_before,
        ..
    } = &checked.filter;
    let mut all = Condition::all()
        .add_option(solicitation_id.map(|id| Column::SolicitationId.eq(id)))
        .add_option(department_id.map(|id| Column::DepartmentId.eq(id)))
        .add_option(organization_id.map(|id| Column::OrganizationId.eq(id)))
        .add_option(is_one_of(Column::Status, status))
        .add_option(is_one_of(Column::Outcome, outcome))
        .add_option(is_one_of(Column::Review, review))
        .add_option(
            reviewer.as_ref().map(|name| Column::Reviewer.is_in(viewer.subject.named(name))),
        )
        .add_option(submitted_from.map(|from: DateTime<Utc>| Column::SubmittedAt.gte(from)))
        .add_option(submitted_before.map(|before: DateTime<Utc>| Column::SubmittedAt.lt(before)));
    if let Some(taken) = taken {
        let reviewer = Column::Reviewer;
        all = all.add(if *taken { reviewer.is_not_null() } else { reviewer.is_null() });
    }
    if !checked.findings.is_empty() {
        let codes = checked.findings.iter().map(|code| code.as_str());
        let found = finding::Entity::find()
            .select_only()
            .column(finding::Column::DecisionId)
            .filter(finding::Column::Code.is_in(codes));
        all = all.add(Column::DecisionId.in_subquery(found.into_query()));
    }
    let (disclosure, organization) = (Column::DisclosureId, Column::OrganizationId);
    all = all.add(disclosure_condition(engine, disclosure, organization, &checked.disclosing));
    visible(viewer).filter(all)
}

/// A page of the bids that a filter leaves, and their number if it is asked for.
pub async fn list_bids(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    checked: &ValidBidFilter,
    order: ScreenOrder,
    arguments: &PageArguments,
    counted: bool,
) -> Result<(Page<Model>, Option<u64>)> {
    let order = Order::<Entity> {
        name: format!("SCREEN {} {}", order.field.word(), order.direction.word()),
        column: match order.field {
            ScreenOrderField::SubmittedAt => Column::SubmittedAt,
            ScreenOrderField::DecidedAt => Column::DecidedAt,
            ScreenOrderField::Amount => Column::AmountCents,
        },
        id: Column::Id,
        descending: order.direction == OrderDirection::Desc,
        key: |row, column| {
            let key = match column {
                Column::AmountCents => Key::Int(row.amount_cents),
                Column::DecidedAt => Key::Time(row.decided_at),
                _ => Key::Time(row.submitted_at),
            };
            (key, row.id.uuid())
        },
    };
    let select = select_bids(db.get_database_backend(), viewer, checked);
    let sheet = order.page(db, select.clone(), arguments).await?;
    let total = if counted { Some(count(db, select).await?) } else { None };
    Ok((sheet, total))
}

/// A bid that was decided on: its identifier, its last decision's, its department's, its bidder's.
pub type DecidedBid = (BidId, DecisionId, DepartmentId, OrganizationId);

/// The bids that a filter leaves, at most so many, in the order of their identifiers.
pub async fn list_decided_bids(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    checked: &ValidBidFilter,
    most: u64,
) -> Result<Vec<DecidedBid>, DbErr> {
    let select = select_bids(db.get_database_backend(), viewer, checked).select_only().columns([
        Column::Id,
        Column::DecisionId,
        Column::DepartmentId,
        Column::OrganizationId,
    ]);
    select.order_by_asc(Column::Id).limit(most).into_tuple().all(db).await
}
