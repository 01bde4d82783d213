//! Pure rules on statements: validation for filing, the gate's facts, comparison, the duty to
//! amend. No clock and no database.
mod agreement;
mod amendment_duty;
mod arrangement;
mod compare;
mod compensation;
mod consequences;
mod evidence;
mod field_checker;
mod part_path;
mod questions;
#[cfg(test)]
mod samples;
mod statement;
mod statement_facts;
mod withheld;

pub use amendment_duty::late_changes;
pub use compare::compare_statements;
pub use consequences::{gap_consequence, list_answers};
pub use evidence::validate_paper_form;
pub use part_path::validate_part_path;
pub use questions::{
    last_day_of_older_answers, question_changes, render_question_changes, render_refiling,
};
pub use statement::validate_statement;
pub use statement_facts::statement_facts;
