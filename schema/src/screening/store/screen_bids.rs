//! Screened bids, filtered by their own columns, findings and disclosures.
use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Condition, ExprTrait};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select,
};

use crate::bidding::model::{BidId, OrderDirection};
use crate::database::{Lookup, is_one_of};
use crate::deadline::settled_by;
use crate::decision::access::has_finding;
use crate::decision::model::DecisionId;
use crate::disclosure::access::{CriteriaColumns, disclosure_condition};
use crate::export::load_batch_with;
use crate::fault::Result;
use crate::organization::access;
use crate::organization::model::{DepartmentId, OrganizationId, Viewer};
use crate::page::{CountedPage, Key, Order, PageArguments};
use crate::screening::entity::bid_export;
use crate::screening::entity::screened_bid::{Column, Entity, Model};
use crate::screening::model::{ScreenOrder, ScreenOrderField, ValidBidFilter};
use crate::search::Index;

/// Selects the bids that are not sealed: those on a sealed solicitation are left out until its due time has
/// settled.
fn opened(viewer: &Viewer) -> Select<Entity> {
    Entity::find().filter(Column::OpensAt.lte(settled_by(viewer.now)))
}

/// Selects the opened bids that the viewer may see: a contract officer those of the officer's departments,
/// other staff all.
fn visible(lookup: Lookup, viewer: &Viewer) -> Select<Entity> {
    if viewer.can_read_all() {
        return opened(viewer);
    }
    let department = lookup.unindexed(Column::DepartmentId);
    opened(viewer).filter(department.is_in(viewer.own_departments().to_vec()))
}

/// Selects the matching bids that the viewer may see.
pub fn select_bids(lookup: Lookup, viewer: &Viewer, filter: &ValidBidFilter) -> Select<Entity> {
    let ValidBidFilter {
        solicitation,
        department,
        organization,
        statuses,
        outcomes,
        findings,
        reviews,
        reviewer,
        assigned,
        submitted_from,
        submitted_before,
        disclosure,
    } = filter;
    let mut condition = Condition::all()
        .add_option(solicitation.map(|id| Column::SolicitationId.eq(id)))
        .add_option(department.map(|id| lookup.unindexed(Column::DepartmentId).eq(id)))
        .add_option(
            organization.map(|id| Column::OrganizationId.in_subquery(access::select_firm(id))),
        )
        .add_option(is_one_of(Column::Status, statuses))
        .add_option(is_one_of(Column::Outcome, outcomes))
        .add_option(is_one_of(Column::Review, reviews))
        .add_option(
            reviewer.as_ref().map(|name| Column::Reviewer.is_in(viewer.subject.named(name))),
        )
        .add_option(submitted_from.map(|from: DateTime<Utc>| Column::SubmittedAt.gte(from)))
        .add_option(submitted_before.map(|before: DateTime<Utc>| Column::SubmittedAt.lt(before)));
    if let Some(assigned) = assigned {
        let reviewer = Column::Reviewer;
        condition =
            condition.add(if *assigned { reviewer.is_not_null() } else { reviewer.is_null() });
    }
    if !findings.is_empty() {
        condition = condition.add(has_finding(lookup, Column::DecisionId, findings));
    }
    let columns = CriteriaColumns {
        disclosure: Column::DisclosureId,
        organization: Column::OrganizationId,
        subject: (Column::SolicitationId, Index::Solicitation),
    };
    condition = condition.add(disclosure_condition(lookup, columns, disclosure));
    visible(lookup, viewer).filter(condition)
}

/// Returns a page of the matching bids, and their number if `includes_total`.
pub async fn list_bids(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    filter: &ValidBidFilter,
    order: ScreenOrder,
    arguments: &PageArguments,
    includes_total: bool,
) -> Result<CountedPage<Model>> {
    let order = Order::<Entity> {
        name: format!("SCREEN {} {}", order.field.as_str(), order.direction.as_str()).into(),
        column: match order.field {
            ScreenOrderField::SubmittedAt => Column::SubmittedAt,
            ScreenOrderField::DecidedAt => Column::DecidedAt,
            ScreenOrderField::Amount if order.direction == OrderDirection::Desc => {
                Column::AmountDescending
            }
            ScreenOrderField::Amount => Column::AmountAscending,
        },
        id: Column::Id,
        descending: order.direction == OrderDirection::Desc,
        key: |row, column| {
            let key = match column {
                Column::AmountAscending => Key::Int(row.amount_ascending),
                Column::AmountDescending => Key::Int(row.amount_descending),
                Column::DecidedAt => Key::Time(row.decided_at),
                _ => Key::Time(row.submitted_at),
            };
            (key, row.id.uuid())
        },
    };
    let select = |lookup| select_bids(lookup, viewer, filter);
    order.matching_page(db, opened(viewer), select, arguments, includes_total).await
}

/// Returns up to `size` matching bids after an id, in the order of their ids, with what an export shows.
pub async fn export_bids(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    filter: &ValidBidFilter,
    after: Option<BidId>,
    size: u64,
) -> Result<Vec<(Model, bid_export::Model)>, DbErr> {
    let select = select_bids(Lookup::matches_first(db), viewer, filter);
    let (view_id, after) = (bid_export::Column::BidId, after.map(BidId::uuid));
    load_batch_with::<Entity, bid_export::Entity>(db, select, Column::Id, view_id, after, size)
        .await
}

/// A decided bid: its id and those of its last decision, its department and its bidder.
pub type DecidedBid = (BidId, DecisionId, DepartmentId, OrganizationId);

/// Lists the matching bids by id, at most `limit`.
pub async fn list_decided_bids(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    filter: &ValidBidFilter,
    limit: u64,
) -> Result<Vec<DecidedBid>, DbErr> {
    let select = select_bids(Lookup::matches_first(db), viewer, filter).select_only().columns([
        Column::Id,
        Column::DecisionId,
        Column::DepartmentId,
        Column::OrganizationId,
    ]);
    select.order_by_asc(Column::Id).limit(limit).into_tuple().all(db).await
}
