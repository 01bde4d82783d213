//! The table of contracts.
use sea_orm::entity::prelude::*;

use crate::bidding::model::BidId;
use crate::contracting::model::{Basis, ContractId};
use crate::decision::model::DecisionId;
use crate::disclosure::model::DisclosureId;
use crate::gate::{Method, Outcome};
use crate::organization::model::{DepartmentId, OrganizationId};
use crate::principal::Principal;

/// Without `rests` and `rests_now`, which the database generates.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "contract")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ContractId,
    pub department_id: DepartmentId,
    /// One of a kind in the department.
    pub number: String,
    pub title: String,
    /// Who holds it now.
    pub organization_id: OrganizationId,
    pub method: Option<Method>,
    pub public_works: bool,
    /// Hundredths of the currency's unit: all of it so far.
    pub value_cents: i64,
    pub currency: String,
    /// Local days.
    pub signed_on: Date,
    pub start_date: Date,
    /// The last day.
    pub end_date: Date,
    pub options_left: i64,
    /// The version of the disclosure clause that it carries.
    pub clause_version: Option<i64>,
    pub clause_inserted_on: Option<Date>,
    /// The master contract that it is an order under.
    pub master_id: Option<ContractId>,
    pub basis: Basis,
    /// To whom it was awarded.
    pub awarded_to: OrganizationId,
    pub bid_id: Option<BidId>,
    /// The decision that admitted the award.
    pub decision_id: Option<DecisionId>,
    pub decision_outcome: Option<Outcome>,
    /// What the award rested on.
    pub award_disclosure_id: Option<DisclosureId>,
    /// What it rests on now: what the award did, or the last renewal.
    pub disclosure_id: Option<DisclosureId>,
    pub recorded_at: DateTimeUtc,
    pub recorded_by: Principal,
    /// The file and the line that it was imported from.
    pub recorded_from: Option<String>,
    /// What the gate would say of its renewal; what it lapsed for and since which local day; and
    /// until when (UTC) the time alone changes neither.
    pub readiness: Outcome,
    pub lapsed_for: Option<String>,
    pub lapsed_since: Option<Date>,
    pub standing_until: Option<DateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}

crate::database::recorded! {
    subject: [Id],
    value: [
        Id, DepartmentId, Number, Title, OrganizationId, Method, PublicWorks, ValueCents, Currency,
        SignedOn, StartDate, EndDate, OptionsLeft, ClauseVersion, ClauseInsertedOn, MasterId,
        Basis, AwardedTo, BidId, DecisionId, DecisionOutcome, AwardDisclosureId, DisclosureId,
        RecordedAt, RecordedBy, RecordedFrom,
    ],
    derived: [Readiness, LapsedFor, LapsedSince, StandingUntil],
}
