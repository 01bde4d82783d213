//! Compares the questions of two policy versions.
use crate::gate::Questions;

/// The differences between the questions that a filing answered and those asked now, each in
/// words; empty if the filing answers all of them.
#[must_use]
pub fn question_changes(answered: &Questions, asked: &Questions) -> Vec<&'static str> {
    let differences = [
        (answered.entity_scope != asked.entity_scope, "whose agreements are listed"),
        (
            answered.look_back_months != asked.look_back_months,
            "how long ago an agreement may have ended and still be listed",
        ),
        (answered.ask_proposed != asked.ask_proposed, "whether proposed agreements are listed"),
        (
            answered.program_participation != asked.program_participation,
            "which form an enrollment in a program uses",
        ),
        (answered.include_subawards != asked.include_subawards, "whether subawards are listed"),
        (answered.must_be_named != asked.must_be_named, "which recipients of data must be named"),
    ];
    differences.into_iter().filter_map(|(differs, what)| differs.then_some(what)).collect()
}
