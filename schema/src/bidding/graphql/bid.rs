//! The GraphQL type of a bid.
use async_graphql::{Context, Lookahead, Object};
use chrono::{DateTime, Utc};

use super::solicitation::{Solicitation, solicitation_include};
use crate::bidding::model::{BidId, BidStatus};
use crate::bidding::service::{self, BidInclude};
use crate::decision::graphql::{Decision, Subcontractor, Substitution};
use crate::disclosure::graphql::Disclosure;
use crate::fault::Result;
use crate::graphql::connection::{Connection, connection, requests_total_count};
use crate::graphql::context::request_context;
use crate::graphql::lookahead::node_lookahead;
use crate::money::MoneyText;
use crate::organization::graphql::{Organization, organization_include};
use crate::organization::model::OrganizationId;
use crate::page::{ListRequest, PageArguments};

/// The related objects of a bid that a selection includes.
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
        substitutions: selection.field("substitutions").exists(),
        receipt: selection.field("receipt").exists(),
    }
}

/// A page of the bids of the caller's own organizations, the last submitted first.
///
/// # Errors
/// `Unauthenticated` for an anonymous caller, `Invalid` for invalid page arguments.
pub async fn list_own_bids(ctx: &Context<'_>, arguments: PageArguments) -> Result<Connection<Bid>> {
    let (db, viewer) = request_context(ctx)?;
    let include = node_lookahead(ctx, bid_include, BidInclude::merge);
    let includes_total = requests_total_count(ctx);
    let request = ListRequest { arguments: &arguments, includes_total, include };
    let (page, total) = service::list_own_bids(db, viewer, request).await?;
    Ok(connection(page, total))
}

/// A bid, submitted or refused.
#[derive(Clone, Debug)]
pub struct Bid(service::Bid);

impl From<service::Bid> for Bid {
    fn from(bid: service::Bid) -> Self {
        Self(bid)
    }
}

impl Bid {
    /// The identifier of the bidding organization.
    #[must_use]
    pub const fn organization_id(&self) -> OrganizationId {
        self.0.record.organization_id
    }
}

/// A bid, submitted or refused.
#[Object(crate = "crate::budget")]
impl Bid {
    /// The identifier.
    pub async fn id(&self) -> BidId {
        self.0.record.id
    }
    /// The status.
    async fn status(&self) -> BidStatus {
        self.0.record.status()
    }
    /// The bidding organization.
    async fn organization(&self) -> Result<Option<Organization>> {
        self.0.organization.get_as()
    }
    /// The solicitation.
    async fn solicitation(&self) -> Result<Option<Solicitation>> {
        self.0.solicitation.get_as()
    }
    /// The total amount of the bid; null if a bid on a solicitation for proposals has none.
    async fn amount(&self) -> Option<MoneyText> {
        self.0.record.amount.clone().map(MoneyText::from)
    }
    /// The subcontractors, in the order of the bid.
    async fn subcontractors(&self) -> Result<Vec<Subcontractor>> {
        let subcontractors = self.0.subcontractors.get()?.iter().cloned();
        Ok(subcontractors.map(Subcontractor::from).collect())
    }
    /// The substitutions of subcontractors after bids were due, the earliest first.
    async fn substitutions(&self) -> Result<Vec<Substitution>> {
        let substitutions = self.0.substitutions.get()?.iter().cloned();
        Ok(substitutions.map(Substitution::from).collect())
    }
    /// The disclosure on which the latest decision was based; null if there was none.
    async fn disclosure(&self) -> Result<Option<Disclosure>> {
        self.0.disclosure.get_as()
    }
    /// The latest decision, which determines the status, with its findings.
    async fn decision(&self) -> Result<Option<Decision>> {
        self.0.decision.get_as()
    }
    /// All decisions on the bid, the earliest first. The bid is decided again when something that it
    /// depends on changes.
    async fn decisions(&self) -> Result<Vec<Decision>> {
        Ok(self.0.decisions.get()?.iter().cloned().map(Decision::from).collect())
    }
    /// When the latest decision was made (UTC).
    async fn decided_at(&self) -> DateTime<Utc> {
        self.0.record.decision.at
    }
    /// The deadline to cure the findings that hold the bid (UTC, exclusive: a midnight in the City);
    /// null if nothing can be cured.
    async fn cure_by(&self) -> Option<DateTime<Utc>> {
        self.0.record.state.cure_by()
    }
    /// When the bid was received (UTC).
    async fn submitted_at(&self) -> DateTime<Utc> {
        self.0.record.submitted_at
    }
    /// The receipt, as plain text: what was received from which firm and when, in the City's time, with
    /// the solicitation, when bids are due, and a digest of what was submitted.
    async fn receipt(&self) -> Result<Option<&str>> {
        Ok(self.0.receipt.get()?.as_deref())
    }
    /// When the bid was withdrawn (UTC).
    async fn withdrawn_at(&self) -> Option<DateTime<Utc>> {
        self.0.record.state.withdrawn_at()
    }
}
