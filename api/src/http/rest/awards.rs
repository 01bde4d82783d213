//! `/v1/gate/awards`.
use axum::extract::{Request, State};
use axum::response::Response;
use candor_schema::bidding::service::GateMode;
use candor_schema::contracting::service::{PortalAward, gate_award};
use candor_schema::database::Database;
use candor_schema::decision::model::SubcontractorInput;
use candor_schema::fault::Fault;
use candor_schema::gate::{AwardMethod, Outcome};
use candor_schema::money::MoneyText;
use candor_schema::organization::model::Viewer;
use candor_schema::scalar::Date;
use serde::Deserialize;
use utoipa::ToSchema;

use super::OnceKey;
use super::gate::{
    self, GateQuery, GateRequest, GateResponse, GateResult, MoneyBody, OneOrMany, SubcontractorBody,
};
use super::request::Label;
use super::words;
use crate::http::App;
use crate::http::problem::Problem;

/// An award of a contract: of the vendor's bid on a solicitation, or by a method that needs no bid.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct AwardRequest {
    /// The number of the contract, unique within the department.
    #[schema(example = "LIB-C-1042", max_length = 60)]
    contract: String,
    /// The code of the department; with a solicitation required only if several departments have its number.
    #[schema(example = "LIB", max_length = 300, nullable = false)]
    department: Option<String>,
    /// The number of the solicitation on which the vendor has bid.
    #[schema(example = "LIB-26-030", max_length = 300, nullable = false)]
    solicitation: Option<String>,
    /// The vendor number of the contractor.
    #[schema(example = "V-10045", max_length = 50)]
    vendor: String,
    /// The award method; required without a solicitation, and only then.
    #[serde(default)]
    #[schema(schema_with = words::award_method, required = false)]
    method: Option<AwardMethod>,
    /// Whether this is a public work; only without a solicitation.
    #[serde(default)]
    #[schema(required = false)]
    public_works: bool,
    /// The subcontractors, at most 500; only without a solicitation.
    #[serde(default)]
    #[schema(required = false, max_items = 500)]
    subcontractors: Vec<SubcontractorBody>,
    /// The title; by default that of the solicitation.
    #[schema(example = "Shelving, three branches", max_length = 300, nullable = false)]
    title: Option<String>,
    /// The value; by default the amount of the bid.
    #[schema(nullable = false)]
    value: Option<MoneyBody>,
    /// The first day.
    #[schema(value_type = String, format = Date, example = "2026-10-01")]
    start_date: Date,
    /// The last day.
    #[schema(value_type = String, format = Date, example = "2028-09-30")]
    end_date: Date,
    /// The number of options to extend the contract.
    #[serde(default)]
    #[schema(required = false, minimum = 0, maximum = 100)]
    options_left: i32,
    /// The version of the disclosure clause that the contract carries.
    #[schema(example = 1, minimum = 1, nullable = false)]
    clause_version: Option<i32>,
    /// The day of the award: today by default, or later.
    #[serde(default)]
    #[schema(value_type = String, format = Date, required = false)]
    awarded_on: Option<Date>,
}

impl GateRequest for AwardRequest {
    const NAMES: &'static [(&'static str, &'static str)] = &[
        ("number", "contract"),
        ("bidId", "solicitation"),
        ("departmentId", "department"),
        ("organizationId", "vendor"),
        ("identifier", "vendor"),
        ("id", ""),
    ];
    const LABEL: Label = Label::Route;

    async fn decide(
        self,
        db: &Database,
        viewer: &Viewer,
        mode: GateMode,
    ) -> Result<GateResult, Fault> {
        let subcontractors = self.subcontractors.into_iter().map(SubcontractorInput::from);
        let award = PortalAward {
            contract: self.contract,
            department: self.department,
            solicitation: self.solicitation,
            vendor: self.vendor,
            method: self.method,
            public_works: self.public_works,
            subcontractors: subcontractors.collect(),
            title: self.title,
            value: self.value.map(MoneyText::from),
            start_date: self.start_date,
            end_date: self.end_date,
            options_left: self.options_left,
            clause_version: self.clause_version,
            awarded_on: self.awarded_on,
        };
        let decided = gate_award(db, viewer, &award, mode).await?;
        let is_admitted = decided.report.as_ref().is_none_or(|it| it.outcome == Outcome::Admit);
        Ok(GateResult {
            subject: decided.contract.map(|id| id.to_string()),
            is_carried_out: is_admitted,
            report: decided.report,
            vendor: Some(decided.vendor),
        })
    }
}

/// Decides awards and stores the contracts that are admitted.
///
/// Only the decision `ADMIT` makes the contract, or an award that the policy does not gate. Keep the
/// reference: `PUT /v1/contracts/{number}` asks for it. An award that was not admitted is sent again once
/// what the letter names is done.
#[utoipa::path(
    post,
    path = "/v1/gate/awards",
    operation_id = "gateAwards",
    tag = "gate",
    params(GateQuery, OnceKey),
    request_body(
        content = OneOrMany<AwardRequest>,
        content_type = "application/json",
        example = json!({
            "contract": "LIB-C-1042", "department": "LIB", "solicitation": "LIB-26-030",
            "vendor": "V-10045", "startDate": "2026-10-01", "endDate": "2028-09-30",
            "clauseVersion": 1,
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
    Box::pin(gate::answer::<AwardRequest>(app, request)).await
}
