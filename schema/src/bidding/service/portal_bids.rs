//! Bids that a procurement portal submits for the firms that are signed in there, by the City's numbers.
use super::{BidInclude, SolicitationInclude, look_up_solicitation, store};
use super::{evaluate_bid, submit_bid};
use crate::bidding::model::{
    BidId, BidInput, SolicitationId, SolicitationRecord, SolicitationState,
};
use crate::database::Database;
use crate::decision;
use crate::decision::model::{DecisionId, SubcontractorInput};
use crate::decision::service::{DecisionReport, StoredDecision};
use crate::fault::{Fault, FieldPath, Result};
use crate::gate::SubjectKind;
use crate::money::MoneyText;
use crate::organization::model::{Lookup, Viewer};
use crate::organization::service::{
    VerifiedVendor, parse_number, rename_number, require_verified_vendor,
};
use crate::user_message::UserMessage;

/// Whether a portal's request is carried out or only decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GateMode {
    /// The decision is stored, and what it admits is done.
    Commit,
    /// It is decided as it would be now, and nothing is written.
    Preview,
}

/// A bid as a portal submits it.
#[derive(Clone, Debug)]
pub struct PortalBid {
    /// The number of the solicitation.
    pub solicitation: String,
    /// The code of its department; required only if several departments have the number.
    pub department: Option<String>,
    /// The vendor number of the firm that bids.
    pub vendor: String,
    /// The total amount. It may be left out where the solicitation asks for proposals.
    pub amount: Option<MoneyText>,
    pub subcontractors: Vec<SubcontractorInput>,
    /// The firm's open bid that this one replaces.
    pub replaces: Option<BidId>,
}

/// What became of a portal's bid.
#[derive(Clone, Debug)]
pub struct PortalBidResult {
    pub vendor: VerifiedVendor,
    /// The bid; none if it was blocked or only previewed.
    pub bid: Option<BidId>,
    pub report: DecisionReport,
}

/// Decides a bid that a portal submits for a firm, and stores it unless the mode is a preview. The time is
/// that of the service: a portal calls before it confirms the bid to the firm.
///
/// # Errors
/// `Forbidden` except to the procurement system; `Conflict` if the City has verified the vendor number for
/// no firm, with what to do; `Invalid` and others as [`submit_bid`].
#[tracing::instrument(skip_all)]
pub async fn gate_bid(
    db: &Database,
    viewer: &Viewer,
    portal_bid: &PortalBid,
    mode: GateMode,
) -> Result<PortalBidResult> {
    viewer.require_procurement_system("only the procurement system submits bids for vendors")?;
    let path = FieldPath::argument("vendor");
    let vendor = require_verified_vendor(&db.read, &portal_bid.vendor, &path).await?;
    let (number, department) = (&portal_bid.solicitation, portal_bid.department.as_deref());
    let solicitation = require_solicitation(db, viewer, number, department).await?;
    if solicitation.state == SolicitationState::Draft {
        let path = FieldPath::argument("solicitation");
        return Err(Fault::invalid(&path, UserMessage::SolicitationNotPublished));
    }
    let input = BidInput {
        solicitation_id: solicitation.id,
        organization_id: vendor.organization,
        amount: portal_bid.amount.clone(),
        subcontractors: portal_bid.subcontractors.clone(),
        replaces: portal_bid.replaces,
    };
    let firm = viewer.acting_for_firm(vendor.organization);
    match mode {
        GateMode::Preview => {
            let evaluation = evaluate_bid(db, &firm, &input).await?;
            let report = DecisionReport::of_evaluation(&evaluation);
            Ok(PortalBidResult { vendor, bid: None, report })
        }
        GateMode::Commit => {
            let submitted = submit_bid(db, &firm, &input, BidInclude::default()).await?;
            let report = DecisionReport::of_stored(&submitted.decision, viewer.now);
            Ok(PortalBidResult { vendor, bid: submitted.bid.map(|bid| bid.record.id), report })
        }
    }
}

/// Finds the solicitation that a portal names by its number.
///
/// # Errors
/// `Invalid` if there is none, or several that the department would tell apart.
#[tracing::instrument(skip_all)]
pub async fn require_solicitation(
    db: &Database,
    viewer: &Viewer,
    number: &str,
    department: Option<&str>,
) -> Result<SolicitationRecord> {
    let field = "solicitation";
    let lookup = parse_number::<SolicitationId>(&db.read, number, department, field).await?;
    let (lookup, include) = (Lookup::Number(lookup), SolicitationInclude::default());
    let found = look_up_solicitation(db, &viewer.reading_for_portal(), &lookup, include).await;
    let found = found.map_err(|fault| rename_number(fault, field))?;
    found.map(|it| it.record).ok_or_else(|| {
        let given = number.to_owned();
        Fault::invalid(&FieldPath::argument(field), UserMessage::SolicitationUnknown { given })
    })
}

/// Finds a decision that a portal shows to a viewer: one that the viewer may see, for the procurement system
/// any about an award or a contract action and about opened bids; and one about a sealed bid, to the service
/// account that has submitted it.
#[tracing::instrument(skip_all, fields(id = %id))]
pub async fn find_shown_decision(
    db: &Database,
    viewer: &Viewer,
    id: DecisionId,
) -> Result<Option<StoredDecision>> {
    let found = decision::service::find(db, &viewer.reading_for_portal(), id).await?;
    if found.is_some() || !viewer.is_service_account() {
        return Ok(found);
    }
    let Some(subject) = decision::service::find_subject(&db.read, id).await? else {
        return Ok(None);
    };
    if subject.kind != SubjectKind::BidSubmission {
        return Ok(None);
    }
    let bid = store::load_bid(&db.read, BidId::from_uuid(subject.id)).await?;
    if bid.is_none_or(|bid| bid.submitted_by != viewer.subject) {
        return Ok(None);
    }
    decision::service::find(db, &viewer.acting_for_firm(subject.organization), id).await
}
