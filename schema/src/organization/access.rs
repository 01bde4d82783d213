//! What the City's staff may know of an organization because it handed something in.
use sea_orm::sea_query::{Expr, ExprTrait, SelectStatement, SimpleExpr};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait};

use crate::deadline::settled_by;

pub use super::entity::subject_access::Column;
use super::entity::subject_access::Entity;
use super::model::Viewer;

/// One column of what is open to a member of staff now: of every department to who reads all, of
/// their own to contract officers, of none to others. Sealed bids are not in it before the instant
/// after their due time.
#[must_use]
pub fn open_to(viewer: &Viewer, column: Column) -> SelectStatement {
    let select = Entity::find().select_only().column(column);
    let select = select.filter(Column::OpensAt.lte(settled_by(viewer.now)));
    if viewer.reads_all() {
        return select.into_query();
    }
    select.filter(Column::DepartmentId.is_in(viewer.own_departments().to_vec())).into_query()
}

/// A condition: what [`open_to`] selects includes the value of `outer`, a column of the table that
/// is filtered. It looks up each row in the indexes, so it is for statements that read few rows.
#[must_use]
pub fn is_open_to(viewer: &Viewer, column: Column, outer: impl ColumnTrait) -> SimpleExpr {
    let mut rows = open_to(viewer, column);
    rows.and_where(Expr::col(column.as_column_ref()).equals(outer.as_column_ref()));
    Expr::exists(rows)
}
