//! What waits for a reviewer.
use sea_orm::sea_query::Condition;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use crate::deadline::settled_by;
use crate::fault::Result;
use crate::organization::model::Viewer;
use crate::page::{PageArguments, Key, Order, Page, count};
use crate::screening::entity::review_item::{Column, Entity, Model};
use crate::screening::model::QueueFilter;

/// A page of what waits, the earliest due first, and its number if it is asked for. What is sealed,
/// or not due yet, is not in it.
pub async fn list_queue(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    filter: &QueueFilter,
    arguments: &PageArguments,
    counted: bool,
) -> Result<(Page<Model>, Option<u64>)> {
    let QueueFilter { kinds, reviewer, taken } = filter;
    let mut all = Condition::all().add(Column::OpensAt.lte(settled_by(viewer.now))).add_option(
        reviewer.as_ref().map(|name| Column::Reviewer.is_in(viewer.subject.named(name))),
    );
    if !kinds.is_empty() {
        all = all.add(Column::Kind.is_in(kinds.clone()));
    }
    if let Some(taken) = taken {
        let reviewer = Column::Reviewer;
        all = all.add(if *taken { reviewer.is_not_null() } else { reviewer.is_null() });
    }
    let order = Order::<Entity> {
        name: "REVIEW QUEUE".into(),
        column: Column::DueAt,
        id: Column::Id,
        descending: false,
        key: |row, _| (Key::Time(row.due_at), row.id),
    };
    let select = Entity::find().filter(all);
    let sheet = order.page(db, select.clone(), arguments).await?;
    let total = if counted { Some(count(db, select).await?) } else { None };
    Ok((sheet, total))
}
