//! The use cases of federal awards and their matches.
mod answer;
mod decide;
mod digest;
mod facts;
mod import;
mod matching;
mod names;
mod recipients;
mod review;
mod show;
mod verification;

pub use answer::{answer, appeal};
pub use decide::{Decided, decide_appeal};
pub use facts::{Matched, matched};
pub use import::{Imported, Source, counts, cut_off_at, finish, import};
pub use matching::{catch_up, match_organizations};
pub use names::{Named, screen_name};
pub use recipients::Recipients;
pub use review::{confirm, dismiss, link};
pub use show::{Award, Found, Include, award_by_id, find, page, visible_found_by_ids};
pub use verification::{CheckedAwards, recorded_tables, verify_awards};

pub use super::entity::appeal::Model as Appeal;

use super::store;

/// A score in [0, 1] as it is kept: in thousandths.
#[expect(clippy::cast_possible_truncation, reason = "a score is in [0, 1]")]
fn thousandths(score: f32) -> i64 {
    (score.clamp(0.0, 1.0) * 1_000.0).round() as i64
}
