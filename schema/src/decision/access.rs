//! The findings of decisions, as subqueries for statements of screening. They read the rows that are
//! derived from each stored decision.
use sea_orm::sea_query::SelectStatement;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait};

use super::entity::finding::{Column, Entity};
use crate::gate::RuleCode;

/// Returns a subquery of the decisions that have a finding with one of these codes.
#[must_use]
pub fn select_decisions_with_findings(codes: &[RuleCode]) -> SelectStatement {
    let codes = codes.iter().map(|code| code.as_str());
    let select = Entity::find().select_only().column(Column::DecisionId);
    select.filter(Column::Code.is_in(codes)).into_query()
}

/// Returns a subquery of each distinct code of a decision's findings, as `value`, with the decision,
/// as `owner`.
#[must_use]
pub fn select_finding_codes() -> SelectStatement {
    Entity::find()
        .select_only()
        .distinct()
        .column_as(Column::DecisionId, "owner")
        .column_as(Column::Code, "value")
        .into_query()
}
