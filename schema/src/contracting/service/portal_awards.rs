//! Awards that a procurement portal makes, by the City's numbers.
use super::award::award_contract;
use super::{AwardResult, ContractInclude};
use crate::bidding::service::{GateMode, find_bid_to_award, require_solicitation};
use crate::contracting::model::{AwardInput, ContractId};
use crate::database::Database;
use crate::decision::model::SubcontractorInput;
use crate::decision::service::DecisionReport;
use crate::fault::{FieldPath, InputErrors, Result};
use crate::gate::AwardMethod;
use crate::money::MoneyText;
use crate::organization::model::Viewer;
use crate::organization::service::{VerifiedVendor, require_department, require_verified_vendor};
use crate::scalar::Date;
use crate::user_message::UserMessage;

/// An award as a portal sends it: of the vendor's bid on a solicitation, or by a method that needs no bid.
#[derive(Clone, Debug)]
pub struct PortalAward {
    /// The number of the contract, unique within the department.
    pub contract: String,
    /// The code of the department; with a solicitation required only if several departments have its number.
    pub department: Option<String>,
    /// The number of the solicitation on which the vendor has bid.
    pub solicitation: Option<String>,
    /// The vendor number of the contractor.
    pub vendor: String,
    /// The award method; only without a solicitation.
    pub method: Option<AwardMethod>,
    /// Whether this is a public work; only without a solicitation.
    pub public_works: bool,
    /// Only without a solicitation: those of a bid are taken from it.
    pub subcontractors: Vec<SubcontractorInput>,
    /// By default the title of the solicitation.
    pub title: Option<String>,
    /// By default the amount of the bid.
    pub value: Option<MoneyText>,
    pub start_date: Date,
    pub end_date: Date,
    pub options_left: i32,
    pub clause_version: Option<i32>,
    /// Today by default, or later.
    pub awarded_on: Option<Date>,
}

/// What became of a portal's award.
#[derive(Clone, Debug)]
pub struct PortalAwardResult {
    pub vendor: VerifiedVendor,
    /// The contract; none if the award was not admitted or is only previewed.
    pub contract: Option<ContractId>,
    /// The decision; none if the award is not subject to the gate.
    pub report: Option<DecisionReport>,
}

/// Decides an award that a portal makes, and stores it unless the mode is a preview: see [`award_contract`].
///
/// # Errors
/// `Forbidden` except to the procurement system; `Conflict` if the City has verified the vendor number for
/// no firm, before bids are due, whether or not the vendor has bid, and if it has not; `Invalid` and others
/// as [`award_contract`].
#[tracing::instrument(skip_all)]
pub async fn gate_award(
    db: &Database,
    viewer: &Viewer,
    portal_award: &PortalAward,
    mode: GateMode,
) -> Result<PortalAwardResult> {
    viewer.require_procurement_system("only the procurement system sends awards")?;
    let path = FieldPath::argument("vendor");
    let vendor = require_verified_vendor(&db.read, &portal_award.vendor, &path).await?;
    let given = portal_award.department.as_deref();
    let (bid_id, department) = if let Some(number) = &portal_award.solicitation {
        require_taken_from_bid(portal_award)?;
        let solicitation = require_solicitation(db, viewer, number, given).await?;
        let firm = vendor.organization;
        let bid = find_bid_to_award(&db.read, viewer.now, &solicitation, firm).await?;
        (Some(bid), solicitation.department_id)
    } else {
        let path = FieldPath::argument("department");
        let department = given.unwrap_or_default();
        (None, require_department(&db.read, department, &path).await?)
    };
    let is_from_bid = bid_id.is_some();
    let input = AwardInput {
        bid_id,
        department_id: (!is_from_bid).then_some(department),
        organization_id: (!is_from_bid).then_some(vendor.organization),
        method: portal_award.method,
        public_works: portal_award.public_works,
        subcontractors: portal_award.subcontractors.clone(),
        number: portal_award.contract.clone(),
        title: portal_award.title.clone(),
        value: portal_award.value.clone(),
        start_date: portal_award.start_date.clone(),
        end_date: portal_award.end_date.clone(),
        options_left: portal_award.options_left,
        clause_version: portal_award.clause_version,
        awarded_on: portal_award.awarded_on.clone(),
    };
    let officer = viewer.acting_for_department(department);
    let include = ContractInclude::default();
    let (contract, report) = match mode {
        GateMode::Commit => {
            let AwardResult { contract, decision } =
                award_contract(db, &officer, &input, include).await?;
            let report = decision.map(|it| DecisionReport::of_stored(&it, viewer.now));
            (contract.map(|contract| contract.row.id), report)
        }
        GateMode::Preview => {
            let db = db.for_dry_run();
            let AwardResult { decision, .. } =
                award_contract(&db, &officer, &input, include).await?;
            (None, decision.map(|it| DecisionReport::of_dry_run(&it)))
        }
    };
    Ok(PortalAwardResult { vendor, contract, report })
}

/// Requires that an award of a bid leaves out what is taken from the bid.
fn require_taken_from_bid(award: &PortalAward) -> Result<()> {
    let (path, mut errors) = (FieldPath::argument("input"), InputErrors::default());
    for (name, is_given) in [
        ("method", award.method.is_some()),
        ("publicWorks", award.public_works),
        ("subcontractors", !award.subcontractors.is_empty()),
    ] {
        if is_given {
            errors.add(&path.at(name), UserMessage::TakenFromBid);
        }
    }
    errors.finish()
}
