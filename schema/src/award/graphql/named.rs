//! How clients see what a name may be.
use async_graphql::Object;

use super::FederalAward;
use crate::award::model::{EvidenceItem, round_to_thousandths};
use crate::award::service::Named;
use crate::fault::Result;
use crate::gate::{DhsComponent, EntityScope, MatchBand};
use crate::money::{Money, MoneyText};
use crate::scalar::Date;

/// A firm among the recipients of federal awards that a name may be.
pub struct NameMatch(Named);

impl From<Named> for NameMatch {
    fn from(named: Named) -> Self {
        Self(named)
    }
}

/// A firm among the recipients of federal awards that a name may be. It is no finding: it says
/// which award data to look at, how sure that is, and why.
#[Object(crate = "crate::budget")]
impl NameMatch {
    /// The name that matches best.
    async fn name(&self) -> &str {
        &self.0.name
    }
    /// Every name that the award data has for the firm.
    async fn names(&self) -> &[String] {
        &self.0.names
    }
    /// Its Unique Entity Identifier, if the award data has one.
    async fn uei(&self) -> Option<&str> {
        self.0.uei.as_deref()
    }
    /// How likely it is, from 0 to 1.
    async fn score(&self) -> f64 {
        round_to_thousandths(self.0.score)
    }
    /// How sure that is; null if nothing speaks for it.
    async fn band(&self) -> Option<MatchBand> {
        self.0.band
    }
    /// What it is to the one asked for: `SELF` if it is the same firm.
    async fn relation(&self) -> EntityScope {
        self.0.relation
    }
    /// What speaks for and against it, in the order in which it was weighed.
    async fn reasons(&self) -> &[EvidenceItem] {
        &self.0.reasons.0
    }
    /// The components of the Department of Homeland Security that its awards are with.
    async fn components(&self) -> Vec<DhsComponent> {
        self.0.components.iter().copied().collect()
    }
    /// How many awards it has with the department, under all of its names.
    async fn awards(&self) -> i64 {
        self.0.count
    }
    /// What was committed under them.
    async fn total_amount(&self) -> MoneyText {
        Money { cents: self.0.obligated, currency: "USD".to_owned() }.into()
    }
    /// The first day on which anything was done about them, as far as it is known.
    async fn first_date(&self) -> Option<Date> {
        self.0.days.0.map(Date::from)
    }
    /// The last day.
    async fn last_date(&self) -> Option<Date> {
        self.0.days.1.map(Date::from)
    }
    /// The awards themselves, the earliest signed first.
    async fn federal_awards(&self) -> Result<Vec<FederalAward>> {
        Ok(self.0.awards.get()?.iter().cloned().map(FederalAward::from).collect())
    }
}
