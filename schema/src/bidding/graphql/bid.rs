//! How clients see bids.
use async_graphql::{Lookahead, Object};
use chrono::{DateTime, Utc};

use super::solicitation::{Solicitation, solicitation_include};
use crate::bidding::model::{BidId, BidStatus};
use crate::bidding::service::{self, BidInclude};
use crate::decision::graphql::Decision;
use crate::disclosure::graphql::Disclosure;
use crate::fault::Result;
use crate::money::{Money, MoneyText};
use crate::organization::graphql::{Organization, organization_include};
use crate::organization::model::{OrganizationId, Party};

/// Which of a bid's children stand in a selection.
#[must_use]
pub fn bid_include(selection: &Lookahead<'_>) -> BidInclude {
    let organization = selection.field("organization");
    let solicitation = selection.field("solicitation");
    BidInclude {
        organization: organization.exists().then(|| organization_include(&organization)),
        solicitation: solicitation.exists().then(|| solicitation_include(&solicitation)),
        disclosure: selection.field("disclosure").exists(),
        decision: selection.field("decision").exists(),
        decisions: selection.field("decisions").exists(),
        subcontractors: selection.field("subcontractors").exists(),
    }
}

/// A bid, or a refused attempt at one.
#[derive(Clone, Debug)]
pub struct Bid(service::Bid);

impl From<service::Bid> for Bid {
    fn from(bid: service::Bid) -> Self {
        Self(bid)
    }
}

impl Bid {
    /// The identifier of the organization that bids.
    #[must_use]
    pub const fn organization_id(&self) -> OrganizationId {
        self.0.row.organization_id
    }
}

/// A bid, or a refused attempt at one.
#[Object(crate = "crate::budget")]
impl Bid {
    /// Its identifier.
    pub async fn id(&self) -> BidId {
        self.0.row.id
    }
    /// Where it is in its life.
    async fn status(&self) -> BidStatus {
        self.0.row.status
    }
    /// The organization that bids.
    async fn organization(&self) -> Result<Option<Organization>> {
        Ok(self.0.organization.get()?.clone().map(Organization::from))
    }
    /// The solicitation bid on.
    async fn solicitation(&self) -> Result<Option<Solicitation>> {
        Ok(self.0.solicitation.get()?.clone().map(Solicitation::from))
    }
    /// The whole of the bid.
    async fn amount(&self) -> MoneyText {
        Money { cents: self.0.row.amount_cents, currency: self.0.row.currency.clone() }.into()
    }
    /// The subcontractors it names, in the order given.
    async fn subcontractors(&self) -> Result<Vec<Subcontractor>> {
        let named = self.0.subcontractors.get()?.iter().cloned();
        Ok(named.map(|(named, amount)| Subcontractor((named.party, amount))).collect())
    }
    /// The disclosure that it rests on; null if there is none.
    async fn disclosure(&self) -> Result<Option<Disclosure>> {
        Ok(self.0.disclosure.get()?.clone().map(Disclosure::from))
    }
    /// The decision that made the status what it is, with its findings.
    async fn decision(&self) -> Result<Option<Decision>> {
        Ok(self.0.decision.get()?.clone().map(Decision::from))
    }
    /// Every decision on it, the earliest first: it is decided anew when something that it rests on
    /// changes.
    async fn decisions(&self) -> Result<Vec<Decision>> {
        Ok(self.0.decisions.get()?.iter().cloned().map(Decision::from).collect())
    }
    /// When it was last decided on (UTC).
    async fn decided_at(&self) -> DateTime<Utc> {
        self.0.row.decided_at
    }
    /// Until when what holds it can be mended, exclusive (UTC, a local midnight).
    async fn cure_by(&self) -> Option<DateTime<Utc>> {
        self.0.row.cure_by
    }
    /// When it arrived (UTC).
    async fn submitted_at(&self) -> DateTime<Utc> {
        self.0.row.submitted_at
    }
    /// When it was taken back (UTC).
    async fn withdrawn_at(&self) -> Option<DateTime<Utc>> {
        self.0.row.withdrawn_at
    }
}

/// A subcontractor that a bid names.
#[derive(Clone, Debug)]
pub struct Subcontractor((Party, Money));

/// A subcontractor that a bid names.
#[Object(crate = "crate::budget")]
impl Subcontractor {
    /// Who it is, as the bid names it.
    async fn party(&self) -> &Party {
        &self.0.0
    }
    /// What its part of the work comes to.
    async fn amount(&self) -> MoneyText {
        self.0.1.clone().into()
    }
}
