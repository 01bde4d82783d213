//! What a row of an award file says: read by whoever reads the file, kept by the service.
use chrono::NaiveDate;

use crate::award::component;
use crate::award::matcher::Record;
use crate::gate::DhsComponent;

vocabulary! {
    /// What kind of federal award it is.
    pub enum AwardKind {
        /// A contract that stands alone: definitive contract, purchase order.
        Contract,
        /// An order or a call under a vehicle.
        Order,
        /// An indefinite-delivery contract, a blanket purchase agreement: it carries no money of
        /// its own, its orders do.
        Vehicle,
        /// A grant, a cooperative agreement, a loan or other assistance.
        Assistance,
        /// A subcontract or subgrant of the first tier, as the prime reported it.
        Subaward,
    }
}

/// How much of an award a row tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowScope {
    /// All of it: its amounts are the award's.
    Summary,
    /// One transaction, by a key that tells it from the award's others: the award is their sum.
    Transaction(String),
}

/// One row of an award file. Texts are trimmed, and none where the file says nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AwardFileRow {
    /// The row's first line in its file, from 1.
    pub line: u64,
    /// How much of the award the row tells.
    pub scope: RowScope,
    /// It is the award's base action, or tells that too: without it a sum may be of later changes
    /// alone.
    pub is_base_action: bool,
    /// USAspending's key of the award, in capitals: `CONT_AWD_…`, `CONT_IDV_…`, `ASST_…`. Of a
    /// subaward, which has none, `SUB_`, the prime's key, and what tells it from the prime's others.
    pub key: String,
    /// What kind of award it is.
    pub kind: AwardKind,
    /// Its number (PIID, FAIN; of a subaward the prime's number for it), as given.
    pub award_id: String,
    /// The number of the award that it stands under (of a subaward, the prime award's).
    pub parent_award_id: Option<String>,
    /// Who has the prime award, of a subaward.
    pub prime: Option<String>,
    /// Who receives it.
    pub recipient: Recipient,
    /// Who made the award.
    pub awarding: Agency,
    /// Whose money it is.
    pub funding: Agency,
    /// The day of its base action; of a transaction, its own day.
    pub signed_on: Option<NaiveDate>,
    /// The first day of its period of performance.
    pub starts_on: Option<NaiveDate>,
    /// The last day of its period of performance, without options that are not exercised; of a
    /// vehicle, the last day on which orders may be placed.
    pub ends_on: Option<NaiveDate>,
    /// The day of its latest action.
    pub latest_on: Option<NaiveDate>,
    /// What was committed, in cents of the dollar; of a transaction, by it alone. May be negative.
    pub obligated_cents: Option<i64>,
    /// What it is worth now, with the options that were exercised, in cents of the dollar.
    pub current_cents: Option<i64>,
    /// What it may come to with every option, in cents of the dollar.
    pub ceiling_cents: Option<i64>,
    /// The industry, six digits.
    pub naics: Option<String>,
    /// The product or service code, four characters.
    pub psc: Option<String>,
    /// What it is for, in the agency's words.
    pub description: Option<String>,
}

/// An agency and its sub-agency, by USAspending's codes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Agency {
    /// Such as `070`, the Department of Homeland Security.
    pub code: Option<String>,
    /// Such as `7012`.
    pub sub_code: Option<String>,
    /// The sub-agency's name.
    pub sub_name: Option<String>,
}

/// Who receives an award, as the award data writes it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recipient {
    /// The name in the federal register of recipients.
    pub name: String,
    /// The name as the award itself has it.
    pub raw_name: Option<String>,
    /// A name that it does business under.
    pub doing_business_as: Option<String>,
    /// The Unique Entity Identifier, or a placeholder for one.
    pub uei: Option<String>,
    /// The DUNS number that came before the UEI.
    pub duns: Option<String>,
    /// The CAGE code.
    pub cage: Option<String>,
    /// The name of the firm that owns it.
    pub parent: Option<String>,
    /// The UEI of the firm that owns it.
    pub parent_uei: Option<String>,
    /// The first line of its address.
    pub address: Option<String>,
    /// The city of its seat.
    pub city: Option<String>,
    /// The state of its seat, two letters.
    pub state: Option<String>,
}

/// The department's code among federal agencies.
const DHS: &str = "070";

impl AwardFileRow {
    /// The component of the Department of Homeland Security that it is with; none if neither who
    /// made it nor whose money it is belongs to the department. `OTHER` if only the department
    /// itself is told, by a sub-agency's code that is not known here.
    #[must_use]
    pub fn component(&self) -> Option<DhsComponent> {
        let sub_code = |agency: &Agency| agency.sub_code.clone().unwrap_or_default();
        let known = dhs_component(&sub_code(&self.awarding), &sub_code(&self.funding));
        let agencies = [&self.awarding, &self.funding];
        let of_department = || agencies.iter().any(|it| it.code.as_deref() == Some(DHS));
        known.or_else(|| of_department().then_some(DhsComponent::Other))
    }
}

impl Recipient {
    /// The same as the matcher reads it.
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
