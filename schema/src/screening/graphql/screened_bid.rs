//! How clients see screened bids.
use async_graphql::{Lookahead, Object, SimpleObject};

use crate::bidding::graphql::{Bid, bid_include};
use crate::bidding::model::BidId;
use crate::decision::graphql::{Finding, findings};
use crate::disclosure::model::{Difference, DisclosureId};
use crate::fault::Result;
use crate::gate::{DhsComponent, NatureOfWork, ReviewState};
use crate::money::MoneyText;
use crate::principal::Principal;
use crate::screening::service::{ScreenedBidInclude, ScreenedBid, ComponentTotal, CompensationTotal};
use crate::waiver::graphql::Waiver;

/// Which of a screened bid's children stand in a selection.
#[must_use]
pub fn screened_bid_include(selection: &Lookahead<'_>) -> ScreenedBidInclude {
    let bid = selection.field("bid");
    let asks = |names: &[&str]| names.iter().any(|name| selection.field(name).exists());
    ScreenedBidInclude {
        bid: bid.exists().then(|| bid_include(&bid)),
        disclosed: asks(&["components", "compensation"]),
        findings: asks(&["findings"]),
        disclosure: asks(&["disclosureVersion", "paper"]),
        changes: asks(&["changedSinceLastFiling"]),
        waivers: asks(&["waivers"]),
    }
}

/// A bid with what a reviewer decides by.
#[derive(Clone, Debug)]
pub struct ScreenedBid(ScreenedBid);

impl From<ScreenedBid> for ScreenedBid {
    fn from(screened: ScreenedBid) -> Self {
        Self(screened)
    }
}

/// A bid with what a reviewer decides by, in one row.
#[Object(crate = "crate::budget")]
impl ScreenedBid {
    /// The bid's identifier.
    async fn id(&self) -> BidId {
        self.0.row.id
    }
    /// The bid.
    async fn bid(&self) -> Result<Option<Bid>> {
        Ok(self.0.bid.get()?.clone().map(Bid::from))
    }
    /// With which components of the Department of Homeland Security the bidder disclosed
    /// agreements, what the work is and what they come to, one entry a component.
    async fn components(&self) -> Result<Vec<ComponentDisclosed>> {
        let told = self.0.components.get()?;
        Ok(told.iter().cloned().map(ComponentDisclosed::from).collect())
    }
    /// What all disclosed agreements come to together.
    async fn compensation(&self) -> Result<CompensationDisclosed> {
        Ok(self.0.worth.get()?.clone().into())
    }
    /// What the last decision found, the worst first.
    async fn findings(&self) -> Result<Vec<Finding>> {
        let kept = self.0.decision.get()?;
        Ok(kept.iter().flat_map(|kept| findings(&kept.decision, &kept.policy)).collect())
    }
    /// The disclosure that the bid rests on; null if there is none.
    async fn disclosure_id(&self) -> Option<DisclosureId> {
        self.0.row.disclosure_id
    }
    /// Its version, from 1 in each organization.
    async fn disclosure_version(&self) -> Result<Option<i64>> {
        Ok(self.0.disclosure.get()?.as_ref().map(|filed| filed.row.version))
    }
    /// It was entered by staff from a signed paper form.
    async fn paper(&self) -> Result<bool> {
        let Some(filed) = self.0.disclosure.get()? else { return Ok(false) };
        let signed = crate::disclosure::service::attestation(&filed.filing)?;
        Ok(signed.paper.is_some())
    }
    /// What it says that the organization's filing before it did not; null if it is the first, and
    /// to contract officers, who do not see what was filed before.
    async fn changed_since_last_filing(&self) -> Option<&Difference> {
        self.0.changed.as_ref()
    }
    /// The waivers that were asked for the organization on the solicitation, whatever became of
    /// them.
    async fn waivers(&self) -> Result<Vec<Waiver>> {
        Ok(self.0.waivers.get()?.iter().cloned().map(Waiver::from).collect())
    }
    /// What reviewers have made of it.
    async fn review(&self) -> Option<ReviewState> {
        self.0.row.review
    }
    /// The reviewer who is on it: the subject of the token.
    async fn reviewer(&self) -> Option<&str> {
        self.0.row.reviewer.as_ref().map(Principal::subject)
    }
}

/// Disclosed agreements with one component.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct ComponentDisclosed {
    /// The component; null if it is withheld.
    component: Option<DhsComponent>,
    /// The component's name; of an `OTHER` as the bidder wrote it.
    name: Option<String>,
    /// The number of agreements.
    agreements: usize,
    /// What the work is, by category.
    nature_of_work: Vec<NatureOfWork>,
    /// What they come to.
    compensation: CompensationDisclosed,
}

impl From<ComponentTotal> for ComponentDisclosed {
    fn from(told: ComponentTotal) -> Self {
        let label = || told.component.map(|component| component.label().to_owned());
        Self {
            name: told.name.clone().or_else(label),
            component: told.component,
            agreements: told.agreements,
            nature_of_work: told.natures,
            compensation: told.compensation.into(),
        }
    }
}

/// What disclosed agreements come to. What is not told is counted, never taken for nothing.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct CompensationDisclosed {
    /// The known amounts, one sum a currency.
    known: Vec<MoneyText>,
    /// The number of agreements whose amount is unknown or withheld.
    unknown: usize,
    /// The number of agreements in the short form, which asks for no amount.
    not_asked: usize,
}

impl From<CompensationTotal> for CompensationDisclosed {
    fn from(worth: CompensationTotal) -> Self {
        let known = worth.known.into_iter().map(MoneyText::from).collect();
        Self { known, unknown: worth.unknown, not_asked: worth.not_asked }
    }
}
