//! GraphQL types of screened bids.
use async_graphql::{Context, Lookahead, Object, SimpleObject};

use crate::bidding::graphql::{Bid, bid_include};
use crate::bidding::model::BidId;
use crate::decision::graphql::{Finding, stored_findings};
use crate::disclosure::model::{Difference, DisclosureId};
use crate::fault::Result;
use crate::gate::{DhsComponent, NatureOfWork, ReviewState};
use crate::graphql::context::request_context;
use crate::money::MoneyText;
use crate::organization::graphql::person_name;
use crate::principal::Principal;
use crate::screening::service::{self, CompensationTotal, ComponentTotal, ScreenedBidInclude};
use crate::waiver::graphql::Waiver;

/// The children of a screened bid that a selection requests.
#[must_use]
pub fn screened_bid_include(selection: &Lookahead<'_>) -> ScreenedBidInclude {
    let bid = selection.field("bid");
    let requests = |names: &[&str]| names.iter().any(|name| selection.field(name).exists());
    ScreenedBidInclude {
        bid: bid.exists().then(|| bid_include(&bid)),
        disclosed: requests(&["components", "compensation"]),
        findings: requests(&["findings"]),
        disclosure: requests(&["disclosureVersion", "paper"]),
        changes: requests(&["changedSinceLastFiling"]),
        waivers: requests(&["waivers"]),
    }
}

/// A screened bid.
#[derive(Clone, Debug)]
pub struct ScreenedBid(service::ScreenedBid);

impl From<service::ScreenedBid> for ScreenedBid {
    fn from(screened: service::ScreenedBid) -> Self {
        Self(screened)
    }
}

/// A bid with its last decision's findings, its disclosure and the review of it, and its waivers.
#[Object(crate = "crate::budget")]
impl ScreenedBid {
    /// The bid's identifier.
    async fn id(&self) -> BidId {
        self.0.row.id
    }
    /// The bid.
    async fn bid(&self) -> Result<Option<Bid>> {
        self.0.bid.get_as()
    }
    /// The components of the Department of Homeland Security in the bidder's disclosed agreements,
    /// one entry for each, with the nature of the work and the total compensation.
    async fn components(&self) -> Result<Vec<DisclosedComponent>> {
        let total = self.0.components.get()?;
        Ok(total.iter().cloned().map(DisclosedComponent::from).collect())
    }
    /// The total compensation of all disclosed agreements.
    async fn compensation(&self) -> Result<DisclosedCompensation> {
        Ok(self.0.compensation.get()?.clone().into())
    }
    /// The findings of the last decision, the most severe first.
    async fn findings(&self, ctx: &Context<'_>) -> Result<Vec<Finding>> {
        let (_, viewer) = request_context(ctx)?;
        let stored = self.0.decision.get()?;
        Ok(stored.iter().flat_map(|stored| stored_findings(stored, viewer.now)).collect())
    }
    /// The disclosure that the bid was decided on; null if there is none.
    async fn disclosure_id(&self) -> Option<DisclosureId> {
        self.0.row.disclosure_id
    }
    /// The version of the disclosure, from 1 for each organization.
    async fn disclosure_version(&self) -> Result<Option<i64>> {
        Ok(self.0.disclosure.get()?.as_ref().map(|filed| filed.record.version))
    }
    /// Whether staff entered the disclosure from a signed paper form.
    async fn paper(&self) -> Result<bool> {
        let Some(filed) = self.0.disclosure.get()? else { return Ok(false) };
        let signed = crate::disclosure::service::parse_attestation(&filed.filing)?;
        Ok(signed.paper.is_some())
    }
    /// The differences of the disclosure from the organization's previous filing. Null for a first
    /// filing, and for contract officers, who may not see earlier filings.
    async fn changed_since_last_filing(&self) -> Option<&Difference> {
        self.0.changes.as_ref()
    }
    /// All waivers requested for the organization on the solicitation, in any status.
    async fn waivers(&self) -> Result<Vec<Waiver>> {
        Ok(self.0.waivers.get()?.iter().cloned().map(Waiver::from).collect())
    }
    /// The review state of the disclosure.
    async fn review(&self) -> Option<ReviewState> {
        self.0.row.review
    }
    /// The reviewer assigned to the disclosure: the subject of the token.
    async fn reviewer(&self) -> Option<&str> {
        self.0.row.reviewer.as_ref().map(Principal::subject)
    }
    /// The name of that person, as the token gave it at the last sign-in; null if it gave none.
    async fn reviewer_name(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        person_name(ctx, self.0.row.reviewer.as_ref()).await
    }
}

/// Disclosed agreements with one component.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct DisclosedComponent {
    /// The component; null if it is withheld.
    component: Option<DhsComponent>,
    /// The component's name; for `OTHER`, the name that the firm filed.
    name: Option<String>,
    /// The number of agreements.
    agreements: usize,
    /// The natures of the work under those agreements.
    nature_of_work: Vec<NatureOfWork>,
    /// Their total compensation.
    compensation: DisclosedCompensation,
}

impl From<ComponentTotal> for DisclosedComponent {
    fn from(total: ComponentTotal) -> Self {
        let label = || total.component.map(|component| component.label().to_owned());
        Self {
            name: total.name.clone().or_else(label),
            component: total.component,
            agreements: total.agreements,
            nature_of_work: total.natures,
            compensation: total.compensation.into(),
        }
    }
}

/// The total compensation of disclosed agreements. Agreements without a known amount are counted,
/// not summed as zero.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct DisclosedCompensation {
    /// The sums of the known amounts, one for each currency.
    known: Vec<MoneyText>,
    /// The number of agreements whose amount is unknown or withheld.
    unknown: usize,
    /// The number of agreements in the short form, which requests for no amount.
    not_asked: usize,
}

impl From<CompensationTotal> for DisclosedCompensation {
    fn from(total: CompensationTotal) -> Self {
        let known = total.known.into_iter().map(MoneyText::from).collect();
        Self { known, unknown: total.unknown, not_asked: total.not_asked }
    }
}
