//! Which match counts if several organizations of one firm were matched with the same award.
use std::collections::HashMap;

use chrono::{DateTime, Utc};

use crate::award::model::{AwardId, AwardMatch, MatchStatus};
use crate::organization::model::OrganizationId;

/// The matches of one firm: those that count, one for each award, and those that do not.
#[derive(Clone, Debug, Default)]
pub struct FirmMatches {
    pub counting: Vec<AwardMatch>,
    pub others: Vec<AwardMatch>,
}

/// Selects the match that counts for each award: one that a person decided, the latest decision first;
/// else one that the matcher has not withdrawn; else the survivor's own.
#[must_use]
pub fn select_counting(matches: Vec<AwardMatch>, survivor: OrganizationId) -> FirmMatches {
    let mut by_award = HashMap::<AwardId, AwardMatch>::new();
    let mut others = Vec::new();
    for found in matches {
        match by_award.remove(&found.award_id) {
            None => drop(by_award.insert(found.award_id, found)),
            Some(other) => {
                let counts = precedence(&found, survivor) > precedence(&other, survivor);
                let (best, rest) = if counts { (found, other) } else { (other, found) };
                by_award.insert(best.award_id, best);
                others.push(rest);
            }
        }
    }
    let mut counting: Vec<AwardMatch> = by_award.into_values().collect();
    counting.sort_unstable_by_key(|found| found.id);
    FirmMatches { counting, others }
}

/// The weight of a match among those of one firm with one award; the greatest counts.
fn precedence(
    found: &AwardMatch,
    survivor: OrganizationId,
) -> (bool, Option<DateTime<Utc>>, bool, bool) {
    let confirmed_at = found.state.confirmation().map(|it| it.at);
    let dismissal = found.state.dismissal();
    let dismissed_at = dismissal.filter(|it| !it.by.is_service()).map(|it| it.at);
    let decided_at = confirmed_at.max(dismissed_at);
    let is_decided = decided_at.is_some() || found.link.is_some();
    let is_withdrawn = found.status() == MatchStatus::Dismissed;
    (is_decided, decided_at, !is_withdrawn, found.organization_id == survivor)
}
