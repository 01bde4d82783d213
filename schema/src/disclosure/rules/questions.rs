//! Compares the questions of two policy versions.
use crate::gate::Questions;

/// The differences between the questions that a filing answered and those asked now, each in
/// words; empty if the filing answers all of them.
#[must_use]
pub fn question_changes(answered: &Questions, asked: &Questions) -> Vec<&'static str> {
    let Questions {
        entity_scope,
        look_back_months,
        ask_proposed,
        program_participation,
        include_subawards,
        must_be_named,
    } = answered;
    let differences = [
        (*entity_scope != asked.entity_scope, "whose agreements are listed"),
        (
            *look_back_months != asked.look_back_months,
            "how long ago an agreement may have ended and still be listed",
        ),
        (*ask_proposed != asked.ask_proposed, "whether proposed agreements are listed"),
        (
            *program_participation != asked.program_participation,
            "which form an enrollment in a program uses",
        ),
        (*include_subawards != asked.include_subawards, "whether subawards are listed"),
        (*must_be_named != asked.must_be_named, "which recipients of data must be named"),
    ];
    differences.into_iter().filter_map(|(differs, what)| differs.then_some(what)).collect()
}
