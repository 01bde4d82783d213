//! What the City's staff may know of an organization because it handed something in.
use sea_orm::sea_query::{SelectStatement, SimpleExpr};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait};

use crate::deadline::settled_by;

pub use super::entity::subject_access::Column;
use super::entity::subject_access::Entity;
use super::model::Viewer;

/// One column of what is open to a member of staff now: of every department to who reads all, of
/// their own to contract officers, of none to others. Sealed bids are not in it before the instant
/// after their due time.
///
/// `among` is a condition on that column where few rows are read, so that only those are looked up:
/// `SQLite` would otherwise go through everything that was ever handed in.
#[must_use]
pub fn open_to(viewer: &Viewer, column: Column, among: Option<SimpleExpr>) -> SelectStatement {
    let select = Entity::find().select_only().column(column);
    let mut select = select.filter(Column::OpensAt.lte(settled_by(viewer.now)));
    if let Some(among) = among {
        select = select.filter(among);
    }
    if viewer.reads_all() {
        return select.into_query();
    }
    select.filter(Column::DepartmentId.is_in(viewer.own_departments().to_vec())).into_query()
}
