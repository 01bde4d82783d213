//! `/v1/gate/bids`.
use axum::extract::{Request, State};
use axum::response::Response;
use candor_schema::bidding::model::BidId;
use candor_schema::bidding::service::{GateMode, PortalBid, gate_bid};
use candor_schema::database::Database;
use candor_schema::decision::model::SubcontractorInput;
use candor_schema::fault::Fault;
use candor_schema::gate::Outcome;
use candor_schema::money::MoneyText;
use candor_schema::organization::model::Viewer;
use serde::Deserialize;
use utoipa::ToSchema;

use super::OnceKey;
use super::gate::{
    self, GateQuery, GateRequest, GateResponse, GateResult, MoneyBody, OneOrMany, SubcontractorBody,
};
use super::request::Label;
use crate::http::App;
use crate::http::problem::Problem;

/// A bid of a vendor on a solicitation.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct BidRequest {
    /// The number of the solicitation.
    #[schema(example = "LIB-26-030", max_length = 300)]
    solicitation: String,
    /// The code of its department; required only if several departments have the number.
    #[schema(example = "LIB", max_length = 300, nullable = false)]
    department: Option<String>,
    /// The vendor number of the firm that bids.
    #[schema(example = "V-10045", max_length = 50)]
    vendor: String,
    /// The total amount; required unless the solicitation asks for proposals.
    #[schema(nullable = false)]
    amount: Option<MoneyBody>,
    /// The subcontractors, at most 500.
    #[serde(default)]
    #[schema(required = false, max_items = 500)]
    subcontractors: Vec<SubcontractorBody>,
    /// The firm's open bid, by its `subject` in an earlier answer, which this one replaces.
    #[schema(value_type = Option<String>, example = "bid_01kb00000000000000000000ab", nullable = false)]
    replaces: Option<BidId>,
}

impl GateRequest for BidRequest {
    const NAMES: &'static [(&'static str, &'static str)] = &[
        ("solicitationId", "solicitation"),
        ("organizationId", "vendor"),
        ("identifier", "vendor"),
        ("id", ""),
    ];
    const LABEL: Label = Label::AboutBids;

    async fn decide(
        self,
        db: &Database,
        viewer: &Viewer,
        mode: GateMode,
    ) -> Result<GateResult, Fault> {
        let subcontractors = self.subcontractors.into_iter().map(SubcontractorInput::from);
        let bid = PortalBid {
            solicitation: self.solicitation,
            department: self.department,
            vendor: self.vendor,
            amount: self.amount.map(MoneyText::from),
            subcontractors: subcontractors.collect(),
            replaces: self.replaces,
        };
        let decided = gate_bid(db, viewer, &bid, mode).await?;
        Ok(GateResult {
            subject: decided.bid.map(|id| id.to_string()),
            is_carried_out: decided.report.outcome != Outcome::Block,
            report: Some(decided.report),
            vendor: Some(decided.vendor),
        })
    }
}

/// Decides bids of vendors and stores them.
///
/// Call it before the portal confirms the bid to the firm: the time that counts is Candor's, when the whole
/// request has arrived. Before bids are due nobody but the key that submitted a bid learns of it. A bid with
/// the decision `BLOCK` is not taken; its decision is stored.
#[utoipa::path(
    post,
    path = "/v1/gate/bids",
    operation_id = "gateBids",
    tag = "gate",
    params(GateQuery, OnceKey),
    request_body(
        content = OneOrMany<BidRequest>,
        content_type = "application/json",
        example = json!({
            "solicitation": "LIB-26-030", "department": "LIB", "vendor": "V-10045",
            "amount": { "amount": "125000.00", "currency": "USD" },
        }),
    ),
    responses((
        status = OK,
        description = "The decision; of an array, a status and an answer or problem for each object.",
        body = GateResponse,
    )),
    security(("bearer" = [])),
)]
pub(super) async fn post(State(app): State<App>, request: Request) -> Result<Response, Problem> {
    Box::pin(gate::answer::<BidRequest>(app, request)).await
}
