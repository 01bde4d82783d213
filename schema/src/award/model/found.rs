//! A match of a federal award with an organization, and its life.
use async_graphql::SimpleObject;
use sea_orm::FromJsonQueryResult;
use serde::{Deserialize, Serialize};

use crate::award::matcher::Reason;

vocabulary! {
    /// Where a match is in its life.
    pub enum MatchStatus {
        /// Nobody has looked at it, and no disclosed agreement covers the award.
        Open,
        /// A reviewer confirmed it and put it to the firm.
        Confirmed,
        /// It is not the firm's award, or need not be disclosed.
        Dismissed,
        /// A disclosed agreement covers the award.
        Covered,
    }

    /// By what a disclosed agreement covers an award.
    pub enum CoverageKind {
        /// It names the award's number.
        Number,
        /// It names the vehicle that the award was placed under, and the same component.
        Vehicle,
        /// It names the same component, its dates overlap the award's, and the amounts are
        /// compatible.
        Terms,
        /// A reviewer said which agreement it is.
        Linked,
    }
}

/// A step that the present status does not allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidTransition;

/// The life of a match: each step takes the status and gives the next.
impl MatchStatus {
    /// # Errors
    /// Unless nobody has decided on it. One that was dismissed is linked first.
    pub fn confirm(self) -> Result<Self, InvalidTransition> {
        match self {
            Self::Open => Ok(Self::Confirmed),
            Self::Dismissed | Self::Confirmed | Self::Covered => Err(InvalidTransition),
        }
    }

    /// # Errors
    /// If it was dismissed already.
    pub fn dismiss(self) -> Result<Self, InvalidTransition> {
        if self == Self::Dismissed { Err(InvalidTransition) } else { Ok(Self::Dismissed) }
    }

    /// Something changed on one of its sides, or nobody stands by the dismissal any more.
    ///
    /// # Errors
    /// Unless it was dismissed.
    pub fn reopen(self) -> Result<Self, InvalidTransition> {
        if self == Self::Dismissed { Ok(Self::Open) } else { Err(InvalidTransition) }
    }

    /// What the disclosed agreements make of it: covered, or as it was before; `confirmed` tells
    /// that it was put to the firm.
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

/// One thing that speaks for or against a match.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, SimpleObject)]
#[graphql(crate = "crate::budget")]
#[graphql(name = "MatchReason")]
pub struct EvidenceItem {
    /// What it rests on, in a few words, such as `same UEI` or `word`.
    pub reason: String,
    /// The words or the identifier that it rests on, as they are written.
    pub words: String,
    /// What it adds, in log-odds: positive speaks for the match. Null to the firm: it sees the
    /// evidence, never the score.
    pub weight: Option<f64>,
}

/// A score or a weight as people read it: to the third decimal.
#[must_use]
pub fn round_to_thousandths(number: f32) -> f64 {
    (f64::from(number) * 1_000.0).round() / 1_000.0
}

/// All that speaks for or against a match, in the order in which it was weighed.
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
    fn what_is_disclosed_moves_a_match_to_and_fro() {
        assert_eq!(Open.with_coverage(true, false), Covered);
        assert_eq!(Covered.with_coverage(false, false), Open);
        assert_eq!(Covered.with_coverage(false, true), Confirmed);
        assert_eq!(Dismissed.with_coverage(true, true), Dismissed);
    }

    #[test]
    fn a_wrong_step_is_refused() {
        assert!(Covered.confirm().is_err() && Confirmed.confirm().is_err());
        assert!(Dismissed.dismiss().is_err() && Open.reopen().is_err());
        assert!(Dismissed.confirm().is_err());
        assert_eq!(Open.confirm(), Ok(Confirmed));
    }
}
