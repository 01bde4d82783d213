//! Decisions and their findings, as conditions and subqueries for statements of screening. Findings are
//! the rows that are derived from each stored decision.
use sea_orm::sea_query::{Expr, ExprTrait, SelectStatement, SimpleExpr};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait};

use super::entity::decision;
use super::entity::finding::{Column, Entity};
use crate::database::Lookup;
use crate::gate::{Outcome, RuleCode};

/// The condition that the decision in a column has a finding with one of these codes.
#[must_use]
pub fn has_finding<C: ColumnTrait>(lookup: Lookup, decision: C, codes: &[RuleCode]) -> SimpleExpr {
    let codes = codes.iter().map(|code| code.as_str());
    let matching = Entity::find().select_only().filter(Column::Code.is_in(codes));
    lookup.is_among([decision], matching.into_query(), [Column::DecisionId])
}

/// The condition that any decision on the subject whose id is in a column had this outcome.
#[must_use]
pub fn has_decision<C: ColumnTrait>(subject: C, outcome: Outcome) -> SimpleExpr {
    let same =
        Expr::col(decision::Column::SubjectId.as_column_ref()).equals(subject.as_column_ref());
    let decisions = decision::Entity::find().select_only().expr(Expr::val(1)).filter(same);
    Expr::exists(decisions.filter(decision::Column::Outcome.eq(outcome)).into_query())
}

/// Returns a subquery of each finding's code, as `value`, with its decision, as `owner`. A decision may have a code
/// several times.
#[must_use]
pub fn select_finding_codes() -> SelectStatement {
    Entity::find()
        .select_only()
        .column_as(Column::DecisionId, "owner")
        .column_as(Column::Code, "value")
        .into_query()
}
