//! One parsed row of an award file: the command line parses it, the service imports it.
use chrono::NaiveDate;

use super::dhs_component;
use crate::gate::DhsComponent;
use candor_matcher::Record;

string_enum! {
    /// The kind of a federal award.
    pub enum AwardKind {
        /// A contract outside any vehicle: a definitive contract or a purchase order.
        Contract,
        /// A task order, delivery order or call under a vehicle.
        Order,
        /// An indefinite-delivery contract or blanket purchase agreement. It obligates no money
        /// itself; its orders do.
        Vehicle,
        /// A grant, cooperative agreement, loan or other assistance.
        Assistance,
        /// A first-tier subcontract or subgrant, as the prime recipient reported it.
        Subaward,
    }
}

/// Whether a row describes a whole award or one transaction of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowScope {
    /// The whole award: the row's amounts are the award's.
    Summary,
    /// One transaction, with a key that is unique within the award. The award's obligation is the
    /// sum of its transactions.
    Transaction(String),
}

/// One row of an award file. Texts are trimmed; a blank cell is `None`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AwardFileRow {
    /// The row's first line in its file, from 1.
    pub line: u64,
    /// Whether the row is a summary of the award or one transaction.
    pub scope: RowScope,
    /// Whether the row includes the award's base action. Without the base action, the sum of the
    /// transactions may consist of later modifications only.
    pub is_base_action: bool,
    /// USAspending's unique key of the award, in capitals: `CONT_AWD_…`, `CONT_IDV_…`, `ASST_…`.
    /// USAspending has no key for a subaward; its key is `SUB_`, the prime award's key, and a part
    /// that is unique within the prime award.
    pub key: String,
    /// The kind of the award.
    pub kind: AwardKind,
    /// The award number (PIID or FAIN; for a subaward, the prime recipient's number for it), as
    /// published.
    pub award_id: String,
    /// The number of the parent award: the vehicle, or for a subaward the prime award.
    pub parent_award_id: Option<String>,
    /// For a subaward, the name of the prime award's recipient.
    pub prime: Option<String>,
    /// The recipient.
    pub recipient: Recipient,
    /// The awarding agency.
    pub awarding: Agency,
    /// The funding agency.
    pub funding: Agency,
    /// The day of the base action; for a transaction, the transaction's day.
    pub signed_on: Option<NaiveDate>,
    /// The first day of the period of performance.
    pub starts_on: Option<NaiveDate>,
    /// The last day of the period of performance, without unexercised options; for a vehicle, the
    /// last day for placing orders.
    pub ends_on: Option<NaiveDate>,
    /// The day of the latest action.
    pub latest_on: Option<NaiveDate>,
    /// The day on which the row was last modified at its source.
    pub modified_on: Option<NaiveDate>,
    /// The obligated amount in US cents; for a transaction, its own obligation. May be negative.
    pub obligated_cents: Option<i64>,
    /// The current value with exercised options, in US cents.
    pub current_cents: Option<i64>,
    /// The potential value with all options, in US cents.
    pub ceiling_cents: Option<i64>,
    /// The NAICS industry code, six digits.
    pub naics: Option<String>,
    /// The product or service code (PSC), four characters.
    pub psc: Option<String>,
    /// The agency's description of the award.
    pub description: Option<String>,
}

/// An agency and its sub-agency with USAspending's codes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Agency {
    /// The agency's code; `070` is the Department of Homeland Security.
    pub code: Option<String>,
    /// The sub-agency's code, such as `7012`.
    pub sub_code: Option<String>,
    /// The sub-agency's name.
    pub sub_name: Option<String>,
}

/// The recipient of an award, as published.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recipient {
    /// The name in the federal register of recipients.
    pub name: String,
    /// The name as written on the award itself.
    pub raw_name: Option<String>,
    /// A name under which the recipient does business.
    pub doing_business_as: Option<String>,
    /// The Unique Entity Identifier (UEI), or a placeholder.
    pub uei: Option<String>,
    /// The DUNS number, which the UEI replaced.
    pub duns: Option<String>,
    /// The CAGE code.
    pub cage: Option<String>,
    /// The parent firm's name.
    pub parent: Option<String>,
    /// The parent firm's UEI.
    pub parent_uei: Option<String>,
    /// The first line of the address.
    pub address: Option<String>,
    /// The city.
    pub city: Option<String>,
    /// The state, two letters.
    pub state: Option<String>,
}

/// USAspending's agency code of the Department of Homeland Security.
const DHS_AGENCY_CODE: &str = "070";

impl AwardFileRow {
    /// Returns the component of the Department of Homeland Security that the award belongs to.
    /// `None` if neither the awarding nor the funding agency is the department; `Other` if the
    /// agency is the department but its sub-agency code is unknown.
    #[must_use]
    pub fn component(&self) -> Option<DhsComponent> {
        let sub_code = |agency: &Agency| agency.sub_code.clone().unwrap_or_default();
        let known = dhs_component(&sub_code(&self.awarding), &sub_code(&self.funding));
        let agencies = [&self.awarding, &self.funding];
        let of_department =
            || agencies.iter().any(|it| it.code.as_deref() == Some(DHS_AGENCY_CODE));
        known.or_else(|| of_department().then_some(DhsComponent::Other))
    }
}

impl Recipient {
    /// Converts the recipient to the matcher's input.
    #[must_use]
    pub fn record(&self) -> Record {
        let others = [&self.raw_name, &self.doing_business_as];
        let others = others.into_iter().flatten().filter(|other| **other != self.name);
        Record {
            name: self.name.clone(),
            aliases: others.cloned().collect(),
            uei: self.uei.clone(),
            duns: self.duns.clone(),
            cage: self.cage.clone(),
            city: self.city.clone(),
            state: self.state.clone(),
            address: self.address.clone(),
            parent: self.parent.clone(),
            parent_uei: self.parent_uei.clone(),
        }
    }
}
