//! Pages of the disclosures that a viewer may see, the latest filing first.
use std::collections::{BTreeSet, HashMap};

use sea_orm::sea_query::Condition;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, Select};

use super::{FiledDisclosure, attach_filings, select_visible_in_list};
use crate::database::{Lookup, is_one_of};
use crate::disclosure::entity::disclosure::{Column, Entity, Model};
use crate::disclosure::entity::filing_export;
use crate::disclosure::model::{DisclosureId, ValidDisclosureFilter};
use crate::export::load_batch_with;
use crate::fault::{Fault, Result};
use crate::organization::access;
use crate::organization::model::Viewer;
use crate::page::{CountedPage, Key, Order, PageArguments};
use crate::search::{Index, each_word, has_words};

/// Returns a page of the matching disclosures that the viewer may see, and their number if
/// `includes_total`.
pub(in crate::disclosure) async fn list_visible(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    filter: &ValidDisclosureFilter,
    arguments: &PageArguments,
    includes_total: bool,
) -> Result<CountedPage<FiledDisclosure>> {
    let order = Order::<Entity> {
        name: "DISCLOSURES".into(),
        column: Column::FiledAt,
        id: Column::Id,
        descending: true,
        key: |row, _| (Key::Time(row.filed_at), row.id.uuid()),
    };
    let lookup = Lookup::row_by_row(db);
    let words = filter.words.as_ref().filter(|_| !lookup.for_words().checks_each_row());
    // PostgreSQL finds the rows with words by their index even for a list in which each row is checked: only those
    // are then checked.
    let rows = Entity::find()
        .filter(Condition::all().add_option(words.map(|words| has_each_word(lookup, words))));
    let select = |lookup| select_matching(lookup, viewer, filter);
    let (page, total) = order.matching_page(db, rows, select, arguments, includes_total).await?;
    let rows = page.rows.iter().map(|(_, row)| row.clone()).collect();
    let filed = attach_filings(db, rows).await?;
    let filed: HashMap<_, _> = filed.into_iter().map(|it| (it.record.id, it)).collect();
    let attach = |row: Model| {
        let missing = || Fault::Internal(format!("{} has no filing", row.id).into());
        filed.get(&row.id).cloned().ok_or_else(missing)
    };
    Ok((page.try_map(attach)?, total))
}

/// Selects the matching disclosures that the viewer may see.
fn select_matching(
    lookup: Lookup,
    viewer: &Viewer,
    filter: &ValidDisclosureFilter,
) -> Select<Entity> {
    let ValidDisclosureFilter { organization, department, statuses, reviews, filed, words } =
        filter;
    let mut condition = Condition::all()
        .add_option(
            organization.map(|id| Column::OrganizationId.in_subquery(access::select_firm(id))),
        )
        .add_option(is_one_of(Column::Status, statuses))
        .add_option(is_one_of(Column::Review, reviews))
        .add_option(filed.from.map(|at| Column::FiledAt.gte(at)))
        .add_option(filed.before.map(|at| Column::FiledAt.lt(at)));
    if let Some(department) = department {
        let mut opened = access::select_accessible(viewer);
        opened.and_where(access::Column::DepartmentId.eq(*department));
        let key = access::Column::DisclosureId;
        condition = condition.add(lookup.is_among([Column::Id], opened, [key]));
    }
    if let Some(words) = words {
        condition = condition.add(has_each_word(lookup, words));
    }
    select_visible_in_list(lookup, viewer).filter(condition)
}

/// The condition that the disclosure or the name of its organization has each of the words.
fn has_each_word(lookup: Lookup, words: &BTreeSet<String>) -> Condition {
    each_word(words, |word| {
        [
            has_words(lookup, Column::Id, Index::Filing, [word]),
            access::has_name_word(lookup, Column::OrganizationId, word),
        ]
    })
}

/// Returns up to `size` matching disclosures after an id, in the order of their ids, with what an export
/// shows.
pub(in crate::disclosure) async fn export(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    filter: &ValidDisclosureFilter,
    after: Option<DisclosureId>,
    size: u64,
) -> Result<Vec<(Model, filing_export::Model)>, DbErr> {
    let select = select_matching(Lookup::matches_first(db), viewer, filter);
    let (view_id, after) = (filing_export::Column::DisclosureId, after.map(DisclosureId::uuid));
    load_batch_with::<Entity, filing_export::Entity>(db, select, Column::Id, view_id, after, size)
        .await
}
