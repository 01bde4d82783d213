//! The GraphQL types of a contract.
use async_graphql::{Context, Lookahead, Object};
use chrono::{DateTime, Utc};

use super::renewal::{Renewal, renewal_include};
use crate::bidding::model::BidId;
use crate::contracting::model::{Basis, ContractId};
use crate::contracting::service::{self, ContractInclude, ContractRow};
use crate::decision::graphql::{Decision, Subcontractor, Substitution};
use crate::disclosure::graphql::Disclosure;
use crate::disclosure::model::{DisclosureId, LateChange};
use crate::disclosure::service::Amendment;
use crate::fault::Result;
use crate::gate::{AwardMethod, Outcome};
use crate::graphql::connection::{Connection, connection, requests_total_count};
use crate::graphql::context::request_context;
use crate::graphql::lookahead::node_lookahead;
use crate::money::{Money, MoneyText};
use crate::organization::graphql::{Department, Organization, organization_include};
use crate::organization::model::DepartmentId;
use crate::page::{ListRequest, PageArguments};
use crate::scalar::Date;
use crate::waiver::graphql::{Exemption, Waiver};

/// The related objects of a contract that a selection includes.
#[must_use]
pub fn contract_include(selection: &Lookahead<'_>) -> ContractInclude {
    let organization = selection.field("organization");
    let renewals = selection.field("renewals");
    let has_any = |names: &[&str]| names.iter().any(|name| selection.field(name).exists());
    ContractInclude {
        department: has_any(&["department"]),
        organization: organization.exists().then(|| organization_include(&organization)),
        bid: has_any(&["bidId"]),
        decisions: has_any(&["decisions", "decision"]),
        disclosure: has_any(&["disclosure"]),
        amendments: has_any(&["amendments"]),
        renewals: renewals.exists().then(|| renewal_include(&renewals)),
        orders: has_any(&["orders"]),
        subcontractors: has_any(&["subcontractors"]),
        substitutions: has_any(&["substitutions"]),
        waivers_and_exemptions: has_any(&["waivers", "exemptions"]),
    }
}

/// A page of the contracts that the caller's own organizations hold, the last recorded first.
///
/// # Errors
/// `Unauthenticated` for an anonymous caller, `Invalid` for invalid page arguments.
pub async fn list_own_contracts(
    ctx: &Context<'_>,
    arguments: PageArguments,
) -> Result<Connection<Contract>> {
    let (db, viewer) = request_context(ctx)?;
    let include = node_lookahead(ctx, contract_include, ContractInclude::merge);
    let includes_total = requests_total_count(ctx);
    let request = ListRequest { arguments: &arguments, includes_total, include };
    let (page, total) = service::list_own_contracts(db, viewer, request).await?;
    Ok(connection(page, total))
}

/// A contract of the City.
#[derive(Clone, Debug)]
pub struct Contract(service::Contract);

impl From<service::Contract> for Contract {
    fn from(contract: service::Contract) -> Self {
        Self(contract)
    }
}

impl Contract {
    /// The identifier of the contracting department.
    #[must_use]
    pub const fn department_id(&self) -> DepartmentId {
        self.0.row.department_id
    }
}

/// A contract of the City: awarded in this service, or made elsewhere and recorded here.
#[Object(crate = "crate::budget")]
impl Contract {
    /// The identifier.
    pub async fn id(&self) -> ContractId {
        self.0.row.id
    }
    /// The contracting department.
    async fn department(&self) -> Result<Option<Department>> {
        self.0.department.get_as()
    }
    /// The number, unique within the department.
    async fn number(&self) -> &str {
        &self.0.row.number
    }
    /// The title.
    async fn title(&self) -> &str {
        &self.0.row.title
    }
    /// The current holder; after an assignment, the assignee.
    async fn organization(&self) -> Result<Option<Organization>> {
        self.0.organization.get_as()
    }
    /// The award method; null if unknown.
    async fn method(&self) -> Option<AwardMethod> {
        self.0.row.method
    }
    /// Whether this is a public work; a lower amount then applies to subcontractors.
    async fn public_works(&self) -> bool {
        self.0.row.public_works
    }
    /// The total value so far.
    async fn value(&self) -> MoneyText {
        value(&self.0.row)
    }
    /// The date of signature (City time).
    async fn signed_on(&self) -> Date {
        self.0.row.signed_on.into()
    }
    /// The first day (City time).
    async fn start_date(&self) -> Date {
        self.0.row.start_date.into()
    }
    /// The current last day (City time).
    async fn end_date(&self) -> Date {
        self.0.row.end_date.into()
    }
    /// The number of options left to extend the contract.
    async fn options_left(&self) -> i64 {
        self.0.row.options_left
    }
    /// The version of the disclosure clause that the contract carries; null if it carries none.
    async fn clause_version(&self) -> Option<i64> {
        self.0.row.clause_version
    }
    /// The date on which the clause was inserted; null if there is none.
    async fn clause_inserted_on(&self) -> Option<Date> {
        self.0.row.clause_inserted_on.map(Date::from)
    }
    /// The basis on which the contract was recorded.
    async fn basis(&self) -> Basis {
        self.0.row.basis
    }
    /// The bid to which the contract was awarded; null if there was none or you may not see it.
    async fn bid_id(&self) -> Result<Option<BidId>> {
        Ok(*self.0.bid.get()?)
    }
    /// The decision that admitted the award; null if the gate did not decide on the award or you may
    /// not see the decision, which concerns the firm to which the contract was awarded.
    async fn decision(&self) -> Result<Option<Decision>> {
        let admitted = self.0.row.decision_id;
        let mut decisions = self.0.decisions.get()?.iter();
        let decision = decisions.find(|decision| Some(decision.row.id) == admitted);
        Ok(decision.cloned().map(Decision::from))
    }
    /// The decisions on the award that you may see, the earliest first. Bidders see those on their own
    /// firm.
    async fn decisions(&self) -> Result<Vec<Decision>> {
        Ok(self.0.decisions.get()?.iter().cloned().map(Decision::from).collect())
    }
    /// The disclosure on which the award or the latest gated contract action was based; null if there
    /// was none.
    async fn disclosure(&self) -> Result<Option<Disclosure>> {
        self.0.disclosure.get_as()
    }
    /// The filings of the holder that superseded `disclosure` and that you may see, the earliest first.
    async fn amendments(&self) -> Result<Vec<DisclosureAmendment>> {
        Ok(self.0.amendments.get()?.iter().cloned().map(DisclosureAmendment).collect())
    }
    /// The contract actions that you may see, executed or proposed, the earliest proposed first. Bidders
    /// see those for which their own firm's disclosure is checked; for an assignment, the assignee.
    async fn renewals(&self) -> Result<Vec<Renewal>> {
        Ok(self.0.renewals.get()?.iter().cloned().map(Renewal::from).collect())
    }
    /// The contracts recorded as orders under this one that you may see, by number. Task orders executed
    /// in this service are listed in `renewals`.
    async fn orders(&self) -> Result<Vec<OrderUnderMaster>> {
        Ok(self.0.orders.get()?.iter().cloned().map(OrderUnderMaster).collect())
    }
    /// The subcontractors, in the order given.
    async fn subcontractors(&self) -> Result<Vec<Subcontractor>> {
        let subcontractors = self.0.subcontractors.get()?.iter().cloned();
        Ok(subcontractors.map(Subcontractor::from).collect())
    }
    /// The substitutions of subcontractors since the award, the earliest first. Those before it are with
    /// the bid. Bidders see those made while their own firm held the contract.
    async fn substitutions(&self) -> Result<Vec<Substitution>> {
        let substitutions = self.0.substitutions.get()?.iter().cloned();
        Ok(substitutions.map(Substitution::from).collect())
    }
    /// The waivers requested for the contract, its actions and its bid, in any status. Empty for
    /// bidders.
    async fn waivers(&self) -> Result<Vec<Waiver>> {
        Ok(self.0.waivers.get()?.iter().cloned().map(Waiver::from).collect())
    }
    /// The exemptions claimed for the contract, its actions and its bid. Empty for bidders.
    async fn exemptions(&self) -> Result<Vec<Exemption>> {
        Ok(self.0.exemptions.get()?.iter().cloned().map(Exemption::from).collect())
    }
    /// The outcome if the contract were carried on today, with today as the reference date: by its open
    /// proposal or, without one, by an option, if one is left, or a renewal.
    async fn readiness(&self) -> Outcome {
        self.0.row.readiness
    }
    /// The outcome if the contract were carried on at its end, on the day after the last one, and nothing
    /// more were filed until then; from then on the same as `readiness`.
    async fn readiness_at_end(&self) -> Outcome {
        self.0.row.readiness_at_end
    }
    /// The first day (City time) on which the holder's disclosure on file is stale, or answers questions
    /// of an older policy for too long; in the past if it is already. Null without a disclosure.
    async fn disclosure_lapses_on(&self) -> Option<Date> {
        self.0.row.disclosure_lapses_on.map(Date::from)
    }
    /// The code of the rule under which the contract is out of compliance with the duty to keep a
    /// current disclosure; null if it is in compliance or has no such duty.
    async fn out_of_compliance_for(&self) -> Option<&str> {
        self.0.row.noncompliance_code.as_deref()
    }
    /// The first day of noncompliance (City time); null if the contract is in compliance.
    async fn out_of_compliance_since(&self) -> Option<Date> {
        self.0.row.noncompliant_since.map(Date::from)
    }
    /// When the contract was awarded or recorded in this service (UTC).
    async fn recorded_at(&self) -> DateTime<Utc> {
        self.0.row.recorded_at
    }
    /// The file and line from which the contract was imported, as `file:line`; null if it was not.
    async fn recorded_from(&self) -> Option<&str> {
        self.0.row.recorded_from.as_deref()
    }
}

fn value(row: &ContractRow) -> MoneyText {
    Money { cents: row.value_cents, currency: row.currency.clone() }.into()
}

/// A contract that is an order under a master contract.
struct OrderUnderMaster(ContractRow);

/// A contract that is an order under a master contract.
#[Object(crate = "crate::budget", name = "OrderUnderMaster")]
impl OrderUnderMaster {
    /// The identifier.
    async fn id(&self) -> ContractId {
        self.0.id
    }
    /// The number.
    async fn number(&self) -> &str {
        &self.0.number
    }
    /// The title.
    async fn title(&self) -> &str {
        &self.0.title
    }
    /// The total value so far.
    async fn value(&self) -> MoneyText {
        value(&self.0)
    }
    /// The first day (City time).
    async fn start_date(&self) -> Date {
        self.0.start_date.into()
    }
    /// The current last day (City time).
    async fn end_date(&self) -> Date {
        self.0.end_date.into()
    }
}

/// A filing that superseded the disclosure on which a contract was based.
struct DisclosureAmendment(Amendment);

/// A filing that superseded the disclosure on which a contract was based.
#[Object(crate = "crate::budget")]
impl DisclosureAmendment {
    /// The identifier of the disclosure.
    async fn disclosure_id(&self) -> DisclosureId {
        self.0.filed.record.id
    }
    /// The version, from 1 for each organization.
    async fn version(&self) -> i64 {
        self.0.filed.record.version
    }
    /// When the disclosure was filed (UTC).
    async fn filed_at(&self) -> DateTime<Utc> {
        self.0.filed.filing.filed_at
    }
    /// The items that are new in this filing and began longer ago than the time that the policy gives
    /// to amend a disclosure.
    async fn late(&self) -> &[LateChange] {
        &self.0.late_changes
    }
}
