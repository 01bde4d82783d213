//! Compares the questions of two policy versions, and says what a change of them costs.
use chrono::{Days, NaiveDate};

use crate::gate::wording::{format_date, pluralize};
use crate::gate::{Policy, Questions};

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

/// The last local day on which answers to older questions count under a policy.
#[must_use]
pub fn last_day_of_older_answers(policy: &Policy) -> NaiveDate {
    policy.effective_from() + Days::new(u64::from(policy.parameters().transition_days.value))
}

/// The sentences that tell a firm what a newer policy asks, until when its filing counts, and how many
/// firms have to file again.
#[must_use]
pub fn render_question_changes(policy: &Policy, questions: &[&str], firms: u64) -> String {
    let date = format_date(policy.effective_from());
    let until = format_date(last_day_of_older_answers(policy));
    let (version, questions) = (policy.version_name(), questions.join("; "));
    let have = if firms == 1 { "has" } else { "have" };
    format!(
        "From {date}, {version} of the policy asks differently: {questions}. The answers of this filing \
         count through {until}. {} {have} to file again by then.",
        pluralize(firms, "firm")
    )
}

/// The sentences that tell whoever drafts a policy what a change of its questions costs.
#[must_use]
pub fn render_refiling(policy: &Policy, questions: &[&str], filings: u64, firms: u64) -> String {
    let date = format_date(policy.effective_from());
    let until = format_date(last_day_of_older_answers(policy));
    let verb = if filings == 1 { "becomes" } else { "become" };
    let (count, have) = if filings == 1 { ("counts", "has") } else { ("count", "have") };
    format!(
        "From {date} the questions differ: {}. {} of {} on file {verb} outdated and {count} through \
         {until}; the {} {have} to file again by then.",
        questions.join("; "),
        pluralize(filings, "filing"),
        pluralize(firms, "firm"),
        if firms == 1 { "firm" } else { "firms" },
    )
}
