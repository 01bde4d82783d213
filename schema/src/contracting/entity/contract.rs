//! The table of contracts.
use sea_orm::entity::prelude::*;

use crate::bidding::model::BidId;
use crate::contracting::model::{Basis, ContractId, ContractTerms};
use crate::decision::model::DecisionId;
use crate::disclosure::model::DisclosureId;
use crate::gate::{AwardMethod, Outcome};
use crate::organization::model::{DepartmentId, OrganizationId};
use crate::principal::Principal;

/// Leaves out the generated columns `award_disclosure_in_use` and `disclosure_in_use`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "contract")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ContractId,
    pub department_id: DepartmentId,
    /// Unique within the department.
    pub number: String,
    pub title: String,
    /// The current holder.
    pub organization_id: OrganizationId,
    pub method: Option<AwardMethod>,
    pub public_works: bool,
    /// The total value so far, in hundredths of the currency's unit.
    pub value_cents: i64,
    pub currency: String,
    /// Days in City time.
    pub signed_on: Date,
    pub start_date: Date,
    /// The last day.
    pub end_date: Date,
    pub options_left: i64,
    /// The version of the disclosure clause that the contract carries.
    pub clause_version: Option<i64>,
    pub clause_inserted_on: Option<Date>,
    /// The master contract, if this is an order under one.
    pub master_id: Option<ContractId>,
    pub basis: Basis,
    /// The organization to which the contract was awarded.
    pub awarded_to: OrganizationId,
    pub bid_id: Option<BidId>,
    /// The decision that admitted the award.
    pub decision_id: Option<DecisionId>,
    pub decision_outcome: Option<Outcome>,
    /// The applicable filing of the award's decision.
    pub award_disclosure_id: Option<DisclosureId>,
    /// The applicable filing of the award or of the latest gated action.
    pub disclosure_id: Option<DisclosureId>,
    pub recorded_at: DateTimeUtc,
    pub recorded_by: Principal,
    /// The file and line from which the contract was imported, as `file:line`.
    pub recorded_from: Option<String>,
    /// The cached contract status: the outcome if it were carried on now, and on the day after its last
    /// one if nothing more were filed; the first day (City time) on which the holder's disclosure on file
    /// is stale; the code and first day of noncompliance, and when the status must be computed again
    /// (UTC).
    pub readiness: Outcome,
    pub readiness_at_end: Outcome,
    pub disclosure_lapses_on: Option<Date>,
    pub noncompliance_code: Option<String>,
    pub noncompliant_since: Option<Date>,
    pub status_expires_at: Option<DateTimeUtc>,
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
    derived: [
        Readiness, ReadinessAtEnd, DisclosureLapsesOn, NoncomplianceCode, NoncompliantSince,
        StatusExpiresAt,
    ],
}

impl From<&Model> for ContractTerms {
    fn from(row: &Model) -> Self {
        Self {
            holder: row.organization_id,
            start_date: row.start_date,
            end_date: row.end_date,
            options_left: row.options_left,
            currency: row.currency.clone(),
        }
    }
}
