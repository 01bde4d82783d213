//! The review queue.
use chrono::NaiveDate;
use sea_orm::sea_query::{Alias, Condition, Expr, ExprTrait, SimpleExpr};
use sea_orm::{ColumnTrait, ConnectionTrait, DbBackend, EntityTrait};
use sea_orm::{QueryFilter, QuerySelect, QueryTrait, Select};

use crate::deadline::settled_by;
use crate::fault::Result;
use crate::organization::model::Viewer;
use crate::page::{CountedPage, Key, Order, PageArguments, count};
use crate::screening::entity::resting_bid;
use crate::screening::entity::review_item::{Column, Entity, Model};
use crate::screening::model::{QueueFilter, QueueSort, ReviewItemKind};

/// Returns a page of the review queue and the number of items if `includes_total`. `today` is the
/// local day. Items of sealed solicitations and questions that are not yet overdue are left out.
pub async fn list_queue(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    filter: &QueueFilter,
    today: NaiveDate,
    arguments: &PageArguments,
    includes_total: bool,
) -> Result<CountedPage<Model>> {
    let (name, column) = match filter.sort {
        QueueSort::DueAt => ("REVIEW QUEUE", Column::DueAt),
        QueueSort::CureDeadline => ("REVIEW QUEUE BY CURE DEADLINE", Column::CureDeadline),
    };
    let order = Order::<Entity> {
        name: name.into(),
        column,
        id: Column::Id,
        descending: false,
        key: |row, column| {
            let key = match column {
                Column::CureDeadline => row.cure_deadline,
                _ => row.due_at,
            };
            (Key::Time(key), row.id)
        },
    };
    let select = Entity::find().filter(condition(viewer, filter, today));
    let page = match db.get_database_backend() {
        DbBackend::Postgres => {
            order.page_of_parts(db, split_by_view(viewer, filter, &select), arguments).await?
        }
        // SQLite reads the parts of a view in order by itself.
        _ => order.page(db, select.clone(), arguments).await?,
    };
    let total = if includes_total { Some(count(db, select).await?) } else { None };
    Ok((page, total))
}

/// The kinds of which there may be many, each with the view of its items alone, which a migration creates.
const VIEWS_OF_KINDS: [(ReviewItemKind, &str); 2] =
    [(ReviewItemKind::BidHeld, "held_bid_item"), (ReviewItemKind::MatchFound, "found_match_item")];

/// Splits the items of `select` into those of each of [`VIEWS_OF_KINDS`] and all others.
fn split_by_view(
    viewer: &Viewer,
    filter: &QueueFilter,
    select: &Select<Entity>,
) -> Vec<Select<Entity>> {
    let is_requested = |kind| filter.kinds.is_empty() || filter.kinds.contains(&kind);
    // None of them is for contract officers.
    let kinds =
        VIEWS_OF_KINDS.iter().filter(|(kind, _)| viewer.can_read_all() && is_requested(*kind));
    let parts = kinds.map(|(_, view)| {
        let mut part = select.clone();
        QuerySelect::query(&mut part).from_clear().from_as(Alias::new(*view), Entity);
        part
    });
    let others = Column::Kind.is_not_in(VIEWS_OF_KINDS.map(|(kind, _)| kind));
    parts.chain([select.clone().filter(others)]).collect()
}

fn condition(viewer: &Viewer, filter: &QueueFilter, today: NaiveDate) -> Condition {
    let QueueFilter { kinds, reviewer, assigned, sort: _ } = filter;
    let settled = settled_by(viewer.now);
    let mut condition = Condition::all()
        .add(readable(viewer))
        .add(Column::OpensAt.lte(settled))
        .add(Column::ClosesAt.gt(settled))
        .add(Condition::any().add(Column::EndsOn.is_null()).add(Column::EndsOn.gte(today)))
        .add_option(
            reviewer.as_ref().map(|name| Column::Reviewer.is_in(viewer.subject.named(name))),
        );
    if kinds.is_empty() {
        condition = condition.add(Column::Kind.ne(ReviewItemKind::FilingUnreviewed));
    } else {
        condition = condition.add(Column::Kind.is_in(kinds.clone()));
    }
    if let Some(assigned) = assigned {
        let reviewer = Column::Reviewer;
        condition =
            condition.add(if *assigned { reviewer.is_not_null() } else { reviewer.is_null() });
    }
    // Whether a bid counts is decided here and not in the view, because a sealed one must not show by
    // an item that is missing.
    let opened = resting_bid::Column::OpensAt.lte(settled);
    let is_other = Column::Kind.ne(ReviewItemKind::FilingUnreviewed);
    condition =
        condition.add(Condition::any().add(is_other).add(rests_on_it(opened.clone()).not()));
    if kinds.is_empty() || kinds.contains(&ReviewItemKind::BidHeld) {
        let is_other = Column::Kind
            .is_not_in([ReviewItemKind::AnswerReceived, ReviewItemKind::QuestionOverdue]);
        let awaits = opened.and(resting_bid::Column::AwaitsVerdict.eq(true));
        condition = condition.add(Condition::any().add(is_other).add(rests_on_it(awaits).not()));
    }
    condition
}

/// The items that the viewer may have in its queue: those of the Bureau for whoever reads everything,
/// and those of contract officers for the officers of the department.
fn readable(viewer: &Viewer) -> Condition {
    let of_officers = Column::Kind.is_in(ReviewItemKind::OF_OFFICERS);
    let own = Column::DepartmentId.is_in(viewer.own_departments().to_vec());
    let mut any = Condition::any().add(of_officers.and(own));
    if viewer.can_read_all() {
        any = any.add(Column::Kind.is_not_in(ReviewItemKind::OF_OFFICERS));
    }
    any
}

/// Whether a live bid that meets a condition rests on the disclosure of the item.
fn rests_on_it(bid: SimpleExpr) -> SimpleExpr {
    let same = Expr::col(resting_bid::Column::DisclosureId.as_column_ref())
        .equals(Column::DisclosureId.as_column_ref());
    let bids = resting_bid::Entity::find().select_only().column(resting_bid::Column::Id);
    Expr::exists(bids.filter(same).filter(bid).into_query())
}
