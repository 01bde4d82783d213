//! Access of City staff to an organization through what it submitted.
use sea_orm::sea_query::{SelectStatement, SimpleExpr};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait};

use crate::deadline::settled_by;

use super::entity::organization_group;
pub use super::entity::subject_access::Column;
use super::entity::subject_access::Entity;
use super::model::{OrganizationId, Viewer};

/// Returns a subquery of one column of `subject_access`, limited to what the viewer may see now: every
/// department for City-wide readers, their own for contract officers, none for others. Sealed bids are
/// left out until their due time has settled.
///
/// `among` restricts that column when few rows are read; without it `SQLite` scans every submission.
#[must_use]
pub fn select_accessible(
    viewer: &Viewer,
    column: Column,
    among: Option<SimpleExpr>,
) -> SelectStatement {
    let select = Entity::find().select_only().column(column);
    let mut select = select.filter(Column::OpensAt.lte(settled_by(viewer.now)));
    if let Some(among) = among {
        select = select.filter(among);
    }
    if viewer.can_read_all() {
        return select.into_query();
    }
    select.filter(Column::DepartmentId.is_in(viewer.own_departments().to_vec())).into_query()
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
