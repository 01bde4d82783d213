//! The GraphQL type of a contract action, called a renewal.
use async_graphql::{Context, Lookahead, Object};
use chrono::{DateTime, Utc};

use crate::contracting::model::{Basis, ContractId, Execution, RenewalId, RenewalStatus};
use crate::contracting::service::{self, RenewalInclude};
use crate::decision::graphql::Decision;
use crate::disclosure::graphql::Disclosure;
use crate::fault::Result;
use crate::gate::ContractAction;
use crate::money::MoneyText;
use crate::organization::graphql::{Organization, organization_include, person_name};
use crate::organization::model::OrganizationId;
use crate::scalar::Date;

/// The related objects of a contract action that a selection includes.
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

/// A contract action.
#[derive(Clone, Debug)]
pub struct Renewal(service::Renewal);

impl From<service::Renewal> for Renewal {
    fn from(renewal: service::Renewal) -> Self {
        Self(renewal)
    }
}

impl Renewal {
    /// The identifier of the organization whose disclosure is checked.
    #[must_use]
    pub const fn organization_id(&self) -> OrganizationId {
        self.0.record.organization_id
    }
}

/// A contract action: a renewal, an option, an extension, a holdover, an assignment, an amendment or a
/// task order.
#[Object(crate = "crate::budget")]
impl Renewal {
    /// The identifier.
    pub async fn id(&self) -> RenewalId {
        self.0.record.id
    }
    /// The identifier of the contract.
    async fn contract_id(&self) -> ContractId {
        self.0.record.contract_id
    }
    /// The kind of action.
    async fn action(&self) -> ContractAction {
        self.0.record.action
    }
    /// The status.
    async fn status(&self) -> RenewalStatus {
        self.0.record.state.status()
    }
    /// The organization whose disclosure is checked: the holder, or the assignee of an assignment.
    async fn organization(&self) -> Result<Option<Organization>> {
        self.0.organization.get_as()
    }
    /// The number of the amendment or task order; null for other actions.
    async fn number(&self) -> Option<&str> {
        self.0.record.number.as_deref()
    }
    /// The first day (City time).
    async fn start_date(&self) -> Date {
        self.0.record.start_date.into()
    }
    /// The last day (City time).
    async fn end_date(&self) -> Date {
        self.0.record.end_date.into()
    }
    /// The value added to the contract, or the value of the task order.
    async fn value(&self) -> MoneyText {
        self.0.record.value.clone().into()
    }
    /// The basis on which the action was executed; null until then.
    async fn basis(&self) -> Option<Basis> {
        self.0.record.state.execution().map(Execution::basis)
    }
    /// The decision that admitted the action; null if there is none.
    async fn decision(&self) -> Result<Option<Decision>> {
        self.0.decision.get_as()
    }
    /// All decisions on the action, the earliest first, including those that did not admit it.
    async fn decisions(&self) -> Result<Vec<Decision>> {
        Ok(self.0.decisions.get()?.iter().cloned().map(Decision::from).collect())
    }
    /// The disclosure on which the decision was based; null until execution or if there was none.
    async fn disclosure(&self) -> Result<Option<Disclosure>> {
        self.0.disclosure.get_as()
    }
    /// When the action was proposed (UTC).
    async fn proposed_at(&self) -> DateTime<Utc> {
        self.0.record.proposed_at
    }
    /// The person who proposed the action, as the subject of the token.
    async fn proposed_by(&self) -> &str {
        self.0.record.proposed_by.subject()
    }
    /// The name of that person, as the token gave it at the last sign-in; null if it gave none.
    async fn proposed_by_name(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        person_name(ctx, Some(&self.0.record.proposed_by)).await
    }
    /// When the action was executed (UTC); null until then.
    async fn executed_at(&self) -> Option<DateTime<Utc>> {
        self.0.record.state.execution().map(|it| it.at)
    }
    /// The person who executed the action, as the subject of the token.
    async fn executed_by(&self) -> Option<&str> {
        self.0.record.state.execution().map(|it| it.by.subject())
    }
    /// The name of that person, as the token gave it at the last sign-in; null if it gave none.
    async fn executed_by_name(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        person_name(ctx, self.0.record.state.execution().map(|it| &it.by)).await
    }
}
