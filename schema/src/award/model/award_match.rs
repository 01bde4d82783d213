//! The match of a federal award with an organization: its states, coverage and evidence.
use async_graphql::SimpleObject;
use sea_orm::FromJsonQueryResult;
use serde::{Deserialize, Serialize};

use candor_matcher::Reason;

string_enum! {
    /// The status of a match.
    pub enum MatchStatus {
        /// Not reviewed, and no disclosed agreement covers the award.
        Open,
        /// A reviewer confirmed it, and the firm received notice.
        Confirmed,
        /// The award is not the firm's, or does not have to be disclosed.
        Dismissed,
        /// A disclosed agreement covers the award.
        Covered,
    }

    /// How a disclosed agreement covers an award.
    pub enum CoverageKind {
        /// The agreement names the award's number.
        Number,
        /// The agreement names the award's vehicle and the same component.
        Vehicle,
        /// The agreement names the same component, its dates overlap the award's, and the amounts are
        /// compatible.
        Terms,
        /// A reviewer linked the agreement to the award.
        Linked,
    }
}

/// A transition that the current status does not allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidTransition;

impl MatchStatus {
    /// Confirms an open match.
    ///
    /// # Errors
    /// Any other status. A dismissed match must be linked first.
    pub fn confirm(self) -> Result<Self, InvalidTransition> {
        match self {
            Self::Open => Ok(Self::Confirmed),
            Self::Dismissed | Self::Confirmed | Self::Covered => Err(InvalidTransition),
        }
    }

    /// Dismisses a match.
    ///
    /// # Errors
    /// A match that is already dismissed.
    pub fn dismiss(self) -> Result<Self, InvalidTransition> {
        if self == Self::Dismissed { Err(InvalidTransition) } else { Ok(Self::Dismissed) }
    }

    /// Reopens a dismissed match after its evidence changed.
    ///
    /// # Errors
    /// A match that is not dismissed.
    pub fn reopen(self) -> Result<Self, InvalidTransition> {
        if self == Self::Dismissed { Ok(Self::Open) } else { Err(InvalidTransition) }
    }

    /// The status after comparing the award with the disclosed agreements. A match whose coverage
    /// ended returns to `Confirmed` if a reviewer had confirmed it, else to `Open`. A dismissed
    /// match stays dismissed.
    #[must_use]
    pub const fn with_coverage(self, covered: bool, confirmed: bool) -> Self {
        match (self, covered, confirmed) {
            (Self::Dismissed, _, _) => Self::Dismissed,
            (_, true, _) => Self::Covered,
            (_, false, true) => Self::Confirmed,
            (_, false, false) => Self::Open,
        }
    }
}

/// One piece of evidence for or against a match.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, SimpleObject)]
#[graphql(crate = "crate::budget")]
#[graphql(name = "MatchReason")]
pub struct EvidenceItem {
    /// The kind of evidence in a few words, such as `same UEI` or `word`.
    pub reason: String,
    /// The words or the identifier that were compared, as written.
    pub words: String,
    /// Its weight in log-odds; a positive weight supports the match. Null for the firm, which
    /// sees the evidence but no score.
    pub weight: Option<f64>,
}

/// A score or weight rounded to three decimals, for display.
#[must_use]
pub fn round_to_thousandths(number: f32) -> f64 {
    (f64::from(number) * 1_000.0).round() / 1_000.0
}

/// The evidence for and against a match, in the order in which the matcher weighed it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct Evidence(pub Vec<EvidenceItem>);

impl From<&[Reason]> for Evidence {
    fn from(reasons: &[Reason]) -> Self {
        let items = reasons.iter().map(|reason| EvidenceItem {
            reason: reason.kind.phrase().to_owned(),
            words: reason.words.clone(),
            weight: Some(round_to_thousandths(reason.weight)),
        });
        Self(items.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::MatchStatus::{Confirmed, Covered, Dismissed, Open};

    #[test]
    fn coverage_changes_the_status_of_undismissed_matches_only() {
        assert_eq!(Open.with_coverage(true, false), Covered);
        assert_eq!(Covered.with_coverage(false, false), Open);
        assert_eq!(Covered.with_coverage(false, true), Confirmed);
        assert_eq!(Dismissed.with_coverage(true, true), Dismissed);
    }

    #[test]
    fn an_invalid_transition_is_refused() {
        assert!(Covered.confirm().is_err() && Confirmed.confirm().is_err());
        assert!(Dismissed.dismiss().is_err() && Open.reopen().is_err());
        assert!(Dismissed.confirm().is_err());
        assert_eq!(Open.confirm(), Ok(Confirmed));
    }
}
