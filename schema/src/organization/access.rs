//! Access of City staff to an organization through what it submitted.
use sea_orm::sea_query::{Expr, ExprTrait, SelectStatement, SimpleExpr};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait};

use crate::database::Lookup;
use crate::deadline::settled_by;
use crate::search::{Index, has_words};

pub use super::entity::subject_access::Column;
use super::entity::subject_access::Entity;
use super::entity::{organization, organization_group};
use super::model::{OrganizationId, Viewer};

/// Returns a subquery without columns of the rows of `subject_access` that the viewer may see now: every
/// department for City-wide readers, their own for contract officers, none for others. Sealed bids are
/// left out until their due time has settled.
#[must_use]
pub fn select_accessible(viewer: &Viewer) -> SelectStatement {
    let select = Entity::find().select_only();
    let select = select.filter(Column::OpensAt.lte(settled_by(viewer.now)));
    if viewer.can_read_all() {
        return select.into_query();
    }
    select.filter(Column::DepartmentId.is_in(viewer.own_departments().to_vec())).into_query()
}

/// The condition that a row of `subject_access` that the viewer may see has the id in column `id` as its
/// `access_column`. It is looked up for each row, because a subquery of everything accessible would read every
/// submission: the statement needs an order or another condition that limits its rows.
#[must_use]
pub fn is_accessible<C: ColumnTrait>(viewer: &Viewer, id: C, access_column: Column) -> SimpleExpr {
    Expr::exists(select_accessible_of(viewer, id, access_column))
}

/// As [`is_accessible`], in a list whose conditions are written for `lookup`.
#[must_use]
pub fn is_accessible_in_list<C: ColumnTrait>(
    lookup: Lookup,
    viewer: &Viewer,
    id: C,
    access_column: Column,
) -> SimpleExpr {
    lookup.exists(select_accessible_of(viewer, id, access_column))
}

/// A subquery of the rows of [`select_accessible`] that have the id in column `id` as their `access_column`.
fn select_accessible_of<C: ColumnTrait>(
    viewer: &Viewer,
    id: C,
    access_column: Column,
) -> SelectStatement {
    let mut rows = select_accessible(viewer);
    let access_column = Expr::col(access_column.as_column_ref());
    rows.expr(Expr::val(1)).and_where(access_column.eq(Expr::col(id.as_column_ref())));
    rows
}

/// Returns a subquery of the organizations that are one firm with an organization: it, the organizations
/// that were merged into it, and the one that it was merged into.
#[must_use]
pub fn select_firm(organization: OrganizationId) -> SelectStatement {
    use organization_group::{Column, Entity};
    let survivor = Entity::find().select_only().column(Column::SurvivorId);
    let survivor = survivor.filter(Column::OrganizationId.eq(organization)).into_query();
    let firm = Entity::find().select_only().column(Column::OrganizationId);
    firm.filter(Column::SurvivorId.in_subquery(survivor)).into_query()
}

/// The condition that the organization in a column, or the one that it was merged into, has a name with a word that
/// begins with `word`: lists show a merged firm by the name of the survivor.
#[must_use]
pub fn has_name_word<C: ColumnTrait>(lookup: Lookup, column: C, word: &str) -> SimpleExpr {
    let merged_into = organization::Column::MergedInto;
    // Few organizations are merged, so that they are looked for once and not for each row.
    let merged = organization::Entity::find()
        .select_only()
        .column(organization::Column::Id)
        .filter(merged_into.is_not_null())
        .filter(has_words(lookup, merged_into, Index::Organization, [word]))
        .into_query();
    has_words(lookup, column, Index::Organization, [word])
        .or(Expr::col(column.as_column_ref()).in_subquery(merged))
}
