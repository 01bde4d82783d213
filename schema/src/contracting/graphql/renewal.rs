//! How clients see what carries contracts on.
use async_graphql::{Lookahead, Object};
use chrono::{DateTime, Utc};

use crate::contracting::model::{Basis, ContractId, RenewalId, RenewalStatus};
use crate::contracting::service::{self, RenewalInclude};
use crate::decision::graphql::Decision;
use crate::disclosure::graphql::Disclosure;
use crate::fault::Result;
use crate::gate::Action;
use crate::money::{Money, MoneyText};
use crate::organization::graphql::{Organization, organization_include};
use crate::organization::model::OrganizationId;
use crate::principal::Principal;
use crate::scalar::Date;

/// Which of a renewal's children stand in a selection.
#[must_use]
pub fn renewal_include(selection: &Lookahead<'_>) -> RenewalInclude {
    let organization = selection.field("organization");
    RenewalInclude {
        organization: organization.exists().then(|| organization_include(&organization)),
        decision: selection.field("decision").exists(),
        decisions: selection.field("decisions").exists(),
        disclosure: selection.field("disclosure").exists(),
    }
}

/// Something that carries a contract on.
#[derive(Clone, Debug)]
pub struct Renewal(service::Renewal);

impl From<service::Renewal> for Renewal {
    fn from(renewal: service::Renewal) -> Self {
        Self(renewal)
    }
}

impl Renewal {
    /// The identifier of the organization whose disclosure counts.
    #[must_use]
    pub const fn organization_id(&self) -> OrganizationId {
        self.0.row.organization_id
    }
}

/// Something that carries a contract on, in any form: a renewal, an option, an extension, a
/// holdover, an assignment, an amendment, a task order.
#[Object(crate = "crate::budget")]
impl Renewal {
    /// Its identifier.
    pub async fn id(&self) -> RenewalId {
        self.0.row.id
    }
    /// The contract's identifier.
    async fn contract_id(&self) -> ContractId {
        self.0.row.contract_id
    }
    /// How it carries the contract on.
    async fn action(&self) -> Action {
        self.0.row.action
    }
    /// Where it is in its life.
    async fn status(&self) -> RenewalStatus {
        self.0.row.status
    }
    /// Whose disclosure counts: who holds the contract, or of an assignment the assignee.
    async fn organization(&self) -> Result<Option<Organization>> {
        Ok(self.0.organization.get()?.clone().map(Organization::from))
    }
    /// The number of an amendment or a task order.
    async fn number(&self) -> Option<&str> {
        self.0.row.number.as_deref()
    }
    /// The first day.
    async fn start_date(&self) -> Date {
        self.0.row.start_date.into()
    }
    /// The last day.
    async fn end_date(&self) -> Date {
        self.0.row.end_date.into()
    }
    /// What it adds, or what the order comes to.
    async fn value(&self) -> MoneyText {
        Money { cents: self.0.row.value_cents, currency: self.0.row.currency.clone() }.into()
    }
    /// By what right it was executed; null until then.
    async fn basis(&self) -> Option<Basis> {
        self.0.row.basis
    }
    /// The decision that admitted it.
    async fn decision(&self) -> Result<Option<Decision>> {
        Ok(self.0.decision.get()?.clone().map(Decision::from))
    }
    /// Every decision on it, the earliest first: those that did not admit it too.
    async fn decisions(&self) -> Result<Vec<Decision>> {
        Ok(self.0.decisions.get()?.iter().cloned().map(Decision::from).collect())
    }
    /// The disclosure that it rests on; null until it is executed, and if it rests on none.
    async fn disclosure(&self) -> Result<Option<Disclosure>> {
        Ok(self.0.disclosure.get()?.clone().map(Disclosure::from))
    }
    /// When it was proposed (UTC).
    async fn proposed_at(&self) -> DateTime<Utc> {
        self.0.row.proposed_at
    }
    /// Who proposed it: the subject of the token.
    async fn proposed_by(&self) -> &str {
        self.0.row.proposed_by.subject()
    }
    /// When it was executed (UTC).
    async fn executed_at(&self) -> Option<DateTime<Utc>> {
        self.0.row.executed_at
    }
    /// Who executed it: the subject of the token.
    async fn executed_by(&self) -> Option<&str> {
        self.0.row.executed_by.as_ref().map(Principal::subject)
    }
}
