//! GraphQL type `NameMatch`.
use async_graphql::Object;

use super::FederalAward;
use crate::award::model::{EvidenceItem, round_to_thousandths};
use crate::award::service::ScreenedFirm;
use crate::fault::Result;
use crate::gate::{DhsComponent, EntityScope, MatchBand};
use crate::money::{Money, MoneyText};
use crate::scalar::Date;

/// A firm among the recipients of federal awards that a name may belong to.
pub struct NameMatch(ScreenedFirm);

impl From<ScreenedFirm> for NameMatch {
    fn from(named: ScreenedFirm) -> Self {
        Self(named)
    }
}

/// A firm among the recipients of federal awards that a name may belong to. It is not a finding: it
/// shows which award data to review, with score and evidence.
#[Object(crate = "crate::budget")]
impl NameMatch {
    /// The best matching name.
    async fn name(&self) -> &str {
        &self.0.name
    }
    /// All of the firm's names in the award data.
    async fn names(&self) -> &[String] {
        &self.0.names
    }
    /// The firm's Unique Entity Identifier (UEI), if published.
    async fn uei(&self) -> Option<&str> {
        self.0.uei.as_deref()
    }
    /// The score, from 0 to 1.
    async fn score(&self) -> f64 {
        round_to_thousandths(self.0.score)
    }
    /// How certain the match is; null for a score below 0.5.
    async fn band(&self) -> Option<MatchBand> {
        self.0.band
    }
    /// The firm's relation to the named one: `SELF` if it is the same firm.
    async fn relation(&self) -> EntityScope {
        self.0.relation
    }
    /// The evidence for and against the match, in the order in which the matcher weighed it.
    async fn reasons(&self) -> &[EvidenceItem] {
        &self.0.reasons.0
    }
    /// The components of the Department of Homeland Security that awarded to the firm.
    async fn components(&self) -> Vec<DhsComponent> {
        self.0.components.iter().copied().collect()
    }
    /// The number of the firm's awards with the department, under all names.
    async fn awards(&self) -> i64 {
        self.0.award_count
    }
    /// The obligated total of these awards.
    async fn total_amount(&self) -> MoneyText {
        Money { cents: self.0.obligated_cents, currency: "USD".to_owned() }.into()
    }
    /// The day of the first known action on these awards.
    async fn first_date(&self) -> Option<Date> {
        self.0.first_on.map(Date::from)
    }
    /// The day of the last known action on these awards.
    async fn last_date(&self) -> Option<Date> {
        self.0.last_on.map(Date::from)
    }
    /// The awards, earliest signed first.
    async fn federal_awards(&self) -> Result<Vec<FederalAward>> {
        Ok(self.0.awards.get()?.iter().cloned().map(FederalAward::from).collect())
    }
}
