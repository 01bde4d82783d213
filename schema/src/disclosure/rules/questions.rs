//! What a policy asks that an older one did not. Pure.
use crate::gate::Questions;

/// What differs between the questions that were answered and those that are asked now, each in
/// words; empty if the old answers still answer everything.
#[must_use]
pub fn news(answered: &Questions, asked: &Questions) -> Vec<&'static str> {
    let differences = [
        (answered.entity_scope != asked.entity_scope, "whose agreements are listed"),
        (
            answered.look_back_months != asked.look_back_months,
            "how long ago an agreement may have ended and still be listed",
        ),
        (answered.ask_proposed != asked.ask_proposed, "whether proposed agreements are listed"),
        (
            answered.program_participation != asked.program_participation,
            "how much is told of an enrolment in a program",
        ),
        (answered.include_subawards != asked.include_subawards, "whether subawards are listed"),
        (answered.must_be_named != asked.must_be_named, "which recipients of data must be named"),
    ];
    differences.into_iter().filter_map(|(differs, what)| differs.then_some(what)).collect()
}
