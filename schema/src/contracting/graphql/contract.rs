//! How clients see contracts.
use async_graphql::{Lookahead, Object};
use chrono::{DateTime, Utc};

use super::renewal::{Renewal, renewal_include};
use crate::bidding::model::BidId;
use crate::contracting::model::{Basis, ContractId};
use crate::contracting::service::{self, ContractRow, Include};
use crate::decision::graphql::Decision;
use crate::disclosure::graphql::Disclosure;
use crate::disclosure::model::{DisclosureId, LateChange};
use crate::disclosure::service::Amendment;
use crate::fault::Result;
use crate::gate::{Method, Outcome};
use crate::money::{Money, MoneyText};
use crate::organization::graphql::{Department, Organization, organization_include};
use crate::organization::model::{DepartmentId, Party};
use crate::scalar::Date;
use crate::waiver::graphql::{Exemption, Waiver};

/// Which of a contract's children stand in a selection.
#[must_use]
pub fn contract_include(selection: &Lookahead<'_>) -> Include {
    let organization = selection.field("organization");
    let renewals = selection.field("renewals");
    let asks = |names: &[&str]| names.iter().any(|name| selection.field(name).exists());
    Include {
        department: asks(&["department"]),
        organization: organization.exists().then(|| organization_include(&organization)),
        bid: asks(&["bidId"]),
        decisions: asks(&["decisions", "decision"]),
        disclosure: asks(&["disclosure"]),
        amendments: asks(&["amendments"]),
        renewals: renewals.exists().then(|| renewal_include(&renewals)),
        orders: asks(&["orders"]),
        subcontractors: asks(&["subcontractors"]),
        relief: asks(&["waivers", "exemptions"]),
    }
}

/// A contract of the City's.
#[derive(Clone, Debug)]
pub struct Contract(service::Contract);

impl From<service::Contract> for Contract {
    fn from(contract: service::Contract) -> Self {
        Self(contract)
    }
}

impl Contract {
    /// The identifier of the department whose contract it is.
    #[must_use]
    pub const fn department_id(&self) -> DepartmentId {
        self.0.row.department_id
    }
}

/// A contract of the City's: awarded here, or recorded as it was made elsewhere.
#[Object(crate = "crate::budget")]
impl Contract {
    /// Its identifier.
    pub async fn id(&self) -> ContractId {
        self.0.row.id
    }
    /// The department whose contract it is.
    async fn department(&self) -> Result<Option<Department>> {
        Ok(self.0.department.get()?.clone().map(Department::from))
    }
    /// Its number, one of a kind in the department.
    async fn number(&self) -> &str {
        &self.0.row.number
    }
    /// Its title.
    async fn title(&self) -> &str {
        &self.0.row.title
    }
    /// Who holds it now: of one that was assigned, the assignee.
    async fn organization(&self) -> Result<Option<Organization>> {
        Ok(self.0.organization.get()?.clone().map(Organization::from))
    }
    /// How it was awarded; null if that is not known.
    async fn method(&self) -> Option<Method> {
        self.0.row.method
    }
    /// It is a public work, whose subcontractors count from a lower amount.
    async fn public_works(&self) -> bool {
        self.0.row.public_works
    }
    /// All that it comes to so far.
    async fn value(&self) -> MoneyText {
        value(&self.0.row)
    }
    /// The local day on which it was signed.
    async fn signed_on(&self) -> Date {
        self.0.row.signed_on.into()
    }
    /// Its first day.
    async fn start_date(&self) -> Date {
        self.0.row.start_date.into()
    }
    /// Its last day so far.
    async fn end_date(&self) -> Date {
        self.0.row.end_date.into()
    }
    /// How many options to carry it on are left.
    async fn options_left(&self) -> i64 {
        self.0.row.options_left
    }
    /// The version of the disclosure clause that it carries; null if it carries none.
    async fn clause_version(&self) -> Option<i64> {
        self.0.row.clause_version
    }
    /// The day on which the clause was put in.
    async fn clause_inserted_on(&self) -> Option<Date> {
        self.0.row.clause_inserted_on.map(Date::from)
    }
    /// By what right it stands in the record.
    async fn basis(&self) -> Basis {
        self.0.row.basis
    }
    /// The bid that it was awarded to; null if it was awarded to none, or if the bid is not yours to
    /// see.
    async fn bid_id(&self) -> Result<Option<BidId>> {
        Ok(*self.0.bid.get()?)
    }
    /// The decision that admitted its award; null if the gate did not decide on it, or if it is not
    /// yours to see: it is of the firm that the contract was awarded to.
    async fn decision(&self) -> Result<Option<Decision>> {
        let admitted = self.0.row.decision_id;
        let mut decisions = self.0.decisions.get()?.iter();
        let decision = decisions.find(|kept| Some(kept.row.id) == admitted);
        Ok(decision.cloned().map(Decision::from))
    }
    /// The decisions on its award that you may see, the earliest first: to bidders, those on their
    /// own firm.
    async fn decisions(&self) -> Result<Vec<Decision>> {
        Ok(self.0.decisions.get()?.iter().cloned().map(Decision::from).collect())
    }
    /// The disclosure that it rests on: that of its award, or of what carried it on last; null if
    /// it rests on none.
    async fn disclosure(&self) -> Result<Option<Disclosure>> {
        Ok(self.0.disclosure.get()?.clone().map(Disclosure::from))
    }
    /// What its holder has filed since the disclosure that it rests on and you may see, the earliest
    /// first: it rests on a superseded one if there is anything.
    async fn amendments(&self) -> Result<Vec<DisclosureAmendment>> {
        Ok(self.0.amendments.get()?.iter().cloned().map(DisclosureAmendment).collect())
    }
    /// What carried it on, or was proposed to, and you may see, the earliest proposed first: to
    /// bidders, what rests on their own firm's disclosure. An assignment is the assignee's.
    async fn renewals(&self) -> Result<Vec<Renewal>> {
        Ok(self.0.renewals.get()?.iter().cloned().map(Renewal::from).collect())
    }
    /// The contracts that are orders under it and you may see, by their numbers. Task orders that
    /// are executed here are among its renewals.
    async fn orders(&self) -> Result<Vec<UnderMaster>> {
        Ok(self.0.orders.get()?.iter().cloned().map(UnderMaster).collect())
    }
    /// The subcontractors that it names, in the order given.
    async fn subcontractors(&self) -> Result<Vec<ContractSubcontractor>> {
        let named = self.0.subcontractors.get()?.iter().cloned();
        let named = named.map(|(named, amount)| (named.party, amount));
        Ok(named.map(|(party, amount)| ContractSubcontractor { party, amount }).collect())
    }
    /// The waivers that were requested for it, for its renewals and for the bid that it comes of,
    /// whatever became of them; to the City's staff, empty to bidders.
    async fn waivers(&self) -> Result<Vec<Waiver>> {
        Ok(self.0.waivers.get()?.iter().cloned().map(Waiver::from).collect())
    }
    /// The exemptions that were claimed for it, for its renewals and for the bid that it comes of; to
    /// the City's staff, empty to bidders.
    async fn exemptions(&self) -> Result<Vec<Exemption>> {
        Ok(self.0.exemptions.get()?.iter().cloned().map(Exemption::from).collect())
    }
    /// What the gate would say if it were carried on now: by what waits to be executed, or else by
    /// a renewal when it ends.
    async fn readiness(&self) -> Outcome {
        self.0.row.readiness
    }
    /// The rule for which it is out of compliance with the duty to keep a current disclosure, by
    /// its code; null while it is in compliance or under no duty.
    async fn out_of_compliance_for(&self) -> Option<&str> {
        self.0.row.lapsed_for.as_deref()
    }
    /// The first local day on which it was out of compliance.
    async fn out_of_compliance_since(&self) -> Option<Date> {
        self.0.row.lapsed_since.map(Date::from)
    }
    /// When it was awarded or recorded here (UTC).
    async fn recorded_at(&self) -> DateTime<Utc> {
        self.0.row.recorded_at
    }
    /// The file and the line that it was imported from; null if it was not.
    async fn recorded_from(&self) -> Option<&str> {
        self.0.row.recorded_from.as_deref()
    }
}

fn value(row: &ContractRow) -> MoneyText {
    Money { cents: row.value_cents, currency: row.currency.clone() }.into()
}

/// A subcontractor that a contract names.
struct ContractSubcontractor {
    party: Party,
    amount: Money,
}

/// A subcontractor that a contract names.
#[Object(crate = "crate::budget")]
impl ContractSubcontractor {
    /// Who is named.
    async fn party(&self) -> &Party {
        &self.party
    }
    /// What its part of the work comes to.
    async fn amount(&self) -> MoneyText {
        self.amount.clone().into()
    }
}

/// A contract that is an order under a master.
struct UnderMaster(ContractRow);

/// A contract that is an order under a master contract.
#[Object(crate = "crate::budget", name = "OrderUnderMaster")]
impl UnderMaster {
    /// Its identifier.
    async fn id(&self) -> ContractId {
        self.0.id
    }
    /// Its number.
    async fn number(&self) -> &str {
        &self.0.number
    }
    /// Its title.
    async fn title(&self) -> &str {
        &self.0.title
    }
    /// All that it comes to so far.
    async fn value(&self) -> MoneyText {
        value(&self.0)
    }
    /// Its first day.
    async fn start_date(&self) -> Date {
        self.0.start_date.into()
    }
    /// Its last day so far.
    async fn end_date(&self) -> Date {
        self.0.end_date.into()
    }
}

/// A filing that took the place of the one that a contract rests on.
struct DisclosureAmendment(Amendment);

/// A filing that took the place of the one that a contract rests on.
#[Object(crate = "crate::budget")]
impl DisclosureAmendment {
    /// The disclosure's identifier.
    async fn disclosure_id(&self) -> DisclosureId {
        self.0.filed.row.id
    }
    /// Its version, from 1 in each organization.
    async fn version(&self) -> i64 {
        self.0.filed.row.version
    }
    /// When it was filed (UTC).
    async fn filed_at(&self) -> DateTime<Utc> {
        self.0.filed.filing.filed_at
    }
    /// What it has that the one before it did not, and that began longer ago than the policy gives
    /// to amend.
    async fn late(&self) -> &[LateChange] {
        &self.0.late
    }
}
