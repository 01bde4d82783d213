//! `/v1/gate/renewals`.
use axum::extract::{Request, State};
use axum::response::Response;
use candor_schema::bidding::service::GateMode;
use candor_schema::contracting::model::RenewalId;
use candor_schema::contracting::service::{PortalRenewal, gate_renewal};
use candor_schema::database::Database;
use candor_schema::fault::Fault;
use candor_schema::gate::ContractAction;
use candor_schema::money::MoneyText;
use candor_schema::organization::model::Viewer;
use candor_schema::scalar::Date;
use serde::Deserialize;
use utoipa::ToSchema;

use super::OnceKey;
use super::gate::{self, GateQuery, GateRequest, GateResponse, GateResult, MoneyBody, OneOrMany};
use super::request::Label;
use super::words;
use crate::http::App;
use crate::http::problem::Problem;

/// A contract action: a renewal, option, extension, holdover, assignment, amendment or task order.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct RenewalRequest {
    /// The number of the contract.
    #[schema(example = "LIB-C-1042", max_length = 300)]
    contract: String,
    /// The code of its department; required only if several departments have the number.
    #[schema(example = "LIB", max_length = 300, nullable = false)]
    department: Option<String>,
    /// The kind of action.
    #[schema(schema_with = words::contract_action)]
    action: ContractAction,
    /// The first day; by default the day after the contract ends, and today for an assignment, an amendment
    /// or a task order.
    #[serde(default)]
    #[schema(value_type = String, format = Date, required = false, example = "2028-10-01")]
    start_date: Option<Date>,
    /// The last day; by default a month later for a holdover, and the contract's last day for an assignment
    /// or an amendment. Required for the others.
    #[serde(default)]
    #[schema(value_type = String, format = Date, required = false, example = "2029-09-30")]
    end_date: Option<Date>,
    /// The value added to the contract, or the value of a task order; by default zero.
    #[schema(nullable = false)]
    value: Option<MoneyBody>,
    /// The vendor number of the firm to which the contract is assigned; for an assignment alone.
    #[schema(example = "V-20077", max_length = 50, nullable = false)]
    assignee: Option<String>,
    /// The number of the amendment or task order; required for a task order.
    #[schema(max_length = 60, nullable = false)]
    number: Option<String>,
    /// The waiting action, by its `subject` in an earlier answer, which this one replaces.
    #[schema(value_type = Option<String>, example = "ren_01kb00000000000000000000ab", nullable = false)]
    replaces: Option<RenewalId>,
}

impl GateRequest for RenewalRequest {
    const NAMES: &'static [(&'static str, &'static str)] =
        &[("contractId", "contract"), ("assigneeId", "assignee"), ("id", "contract")];
    const LABEL: Label = Label::Route;

    async fn decide(
        self,
        db: &Database,
        viewer: &Viewer,
        mode: GateMode,
    ) -> Result<GateResult, Fault> {
        let renewal = PortalRenewal {
            contract: self.contract,
            department: self.department,
            action: self.action,
            start_date: self.start_date,
            end_date: self.end_date,
            value: self.value.map(MoneyText::from),
            assignee: self.assignee,
            number: self.number,
            replaces: self.replaces,
        };
        let decided = gate_renewal(db, viewer, &renewal, mode).await?;
        Ok(GateResult {
            subject: decided.renewal.map(|id| id.to_string()),
            is_carried_out: decided.is_executed,
            report: decided.report,
            vendor: None,
        })
    }
}

/// Decides contract actions, such as renewals, and carries out those that are admitted.
///
/// An action that is not admitted waits on the contract: send the same action again once what the letter
/// names is done. End, value and holder of a contract change only here.
#[utoipa::path(
    post,
    path = "/v1/gate/renewals",
    operation_id = "gateRenewals",
    tag = "gate",
    params(GateQuery, OnceKey),
    request_body(
        content = OneOrMany<RenewalRequest>,
        content_type = "application/json",
        example = json!({
            "contract": "LIB-C-1042", "department": "LIB", "action": "RENEWAL",
            "endDate": "2029-09-30",
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
    Box::pin(gate::answer::<RenewalRequest>(app, request)).await
}
