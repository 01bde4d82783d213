//! The review queue.
use sea_orm::sea_query::Condition;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use crate::deadline::settled_by;
use crate::fault::Result;
use crate::organization::model::Viewer;
use crate::page::{Key, Order, Page, PageArguments, count};
use crate::screening::entity::review_item::{Column, Entity, Model};
use crate::screening::model::QueueFilter;

/// Returns a page of the review queue, the earliest due first, and the number of items if
/// `includes_total`. Items of sealed solicitations and questions that are not yet overdue are left out.
pub async fn list_queue(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    filter: &QueueFilter,
    arguments: &PageArguments,
    includes_total: bool,
) -> Result<(Page<Model>, Option<u64>)> {
    let QueueFilter { kinds, reviewer, assigned } = filter;
    let mut condition =
        Condition::all().add(Column::OpensAt.lte(settled_by(viewer.now))).add_option(
            reviewer.as_ref().map(|name| Column::Reviewer.is_in(viewer.subject.named(name))),
        );
    if !kinds.is_empty() {
        condition = condition.add(Column::Kind.is_in(kinds.clone()));
    }
    if let Some(assigned) = assigned {
        let reviewer = Column::Reviewer;
        condition =
            condition.add(if *assigned { reviewer.is_not_null() } else { reviewer.is_null() });
    }
    let order = Order::<Entity> {
        name: "REVIEW QUEUE".into(),
        column: Column::DueAt,
        id: Column::Id,
        descending: false,
        key: |row, _| (Key::Time(row.due_at), row.id),
    };
    let select = Entity::find().filter(condition);
    let page = order.page(db, select.clone(), arguments).await?;
    let total = if includes_total { Some(count(db, select).await?) } else { None };
    Ok((page, total))
}
