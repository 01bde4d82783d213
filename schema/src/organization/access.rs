//! Access of City staff to an organization through what it submitted.
use sea_orm::sea_query::{Expr, ExprTrait, SelectStatement, SimpleExpr};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait};

use crate::deadline::settled_by;

use super::entity::organization_group;
pub use super::entity::subject_access::Column;
use super::entity::subject_access::Entity;
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

/// The condition that what `column` names, as `named_as`, is accessible to the viewer. It is looked up for each
/// row: a subquery of everything accessible would read every submission.
#[must_use]
pub fn is_accessible<C: ColumnTrait>(viewer: &Viewer, column: C, named_as: Column) -> SimpleExpr {
    let named_as = Expr::col(named_as.as_column_ref());
    let mut named = select_accessible(viewer);
    named.expr(Expr::val(1)).and_where(named_as.eq(Expr::col(column.as_column_ref())));
    Expr::exists(named)
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
