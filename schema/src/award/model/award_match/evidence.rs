//! The evidence for and against a match.
use async_graphql::SimpleObject;
use candor_matcher::Reason;
use sea_orm::FromJsonQueryResult;
use serde::{Deserialize, Serialize};

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
