//! Use cases of federal awards and their matches.
mod appeal_decision;
mod digest;
mod facts;
mod firm_response;
mod import;
mod match_names;
mod matching;
mod queries;
mod recipient_index;
mod review;
mod screen_name;
mod verification;

pub use appeal_decision::{DecidedAppeal, decide_appeal};
pub use facts::{MatchedAward, load_award_data, load_matched_awards};
pub use firm_response::{answer_match, appeal_match};
pub use import::{
    ImportFile, MissingTransactions, RowOutcome, count_recipients_and_awards, find_resume_line,
    finish_imports, import_rows, remove_missing_transactions,
};
pub use match_names::{NamedRecipient, find_recipient, match_recipients};
pub use matching::{Reevaluation, match_backlog, match_organizations};
pub use queries::{
    AwardWithRecipient, LoadedMatch, MatchInclude, find_award, find_match, list_matches,
    load_visible_matches,
};
pub use recipient_index::RecipientIndex;
pub use review::{confirm_match, dismiss_match, link_match};
pub use screen_name::{NameSearch, ScreenedFirm, screen_name};
pub use verification::{AwardVerification, fill_missing_digest, recorded_tables, verify_awards};

use super::store;

/// Converts a score in [0, 1] to stored thousandths.
#[expect(clippy::cast_possible_truncation, reason = "a score is in [0, 1]")]
fn to_thousandths(score: f32) -> i64 {
    (score.clamp(0.0, 1.0) * 1_000.0).round() as i64
}
