//! `/v1/contracts/{number}`.
use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse, Response};
use candor_schema::bidding::service::PutOutcome;
use candor_schema::contracting::model::Basis;
use candor_schema::contracting::service::{
    ContractRecord, PortalContract, find_contract_record, put_contract,
};
use candor_schema::database::Database;
use candor_schema::decision::model::DecisionId;
use candor_schema::fault::Result as FaultResult;
use candor_schema::gate::AwardMethod;
use candor_schema::organization::model::Viewer;
use candor_schema::precondition::Precondition;
use candor_schema::scalar::Date;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::gate::MoneyBody;
use super::put::{self, PutRequest, StoredRecord};
use super::request::{Label, Received, entity_tag, path_text};
use super::run::run_query;
use super::{DepartmentQuery, IfMatch, OnceKey, words};
use crate::http::App;
use crate::http::problem::Problem;

/// A contract of a department.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ContractRequest {
    /// The code of the department.
    #[schema(example = "LIB", max_length = 300)]
    department: String,
    /// The vendor number of the contractor.
    #[schema(example = "V-10045", max_length = 50)]
    vendor: String,
    /// The title.
    #[schema(example = "Shelving, three branches", max_length = 300)]
    title: String,
    /// The value.
    value: MoneyBody,
    /// The award method, if known.
    #[serde(default)]
    #[schema(schema_with = words::award_method, required = false)]
    method: Option<AwardMethod>,
    /// Whether this is a public work.
    #[schema(nullable = false)]
    public_works: Option<bool>,
    /// The day of signature; by default the first day.
    #[serde(default)]
    #[schema(value_type = String, format = Date, required = false, example = "2019-06-20")]
    signed_on: Option<Date>,
    /// The first day.
    #[schema(value_type = String, format = Date, example = "2019-07-01")]
    start_date: Date,
    /// The last day.
    #[schema(value_type = String, format = Date, example = "2027-06-30")]
    end_date: Date,
    /// The number of options left to extend the contract.
    #[schema(minimum = 0, maximum = 100, nullable = false)]
    options_left: Option<i32>,
    /// The version of the disclosure clause that the contract carries.
    #[schema(minimum = 1, nullable = false)]
    clause_version: Option<i32>,
    /// The number of the master contract of the department, if this is an order under one.
    #[schema(max_length = 60, nullable = false)]
    master: Option<String>,
    /// The reference of the award that the gate has admitted; required for such a contract, and only then.
    #[schema(value_type = Option<String>, example = "dec_01kb00000000000000000000ab", nullable = false)]
    reference: Option<DecisionId>,
}

/// A contract as it is stored.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ContractBody {
    /// The identifier in Candor.
    #[schema(example = "con_01kb00000000000000000000ab")]
    id: String,
    /// The number.
    #[schema(example = "LIB-C-0007")]
    number: String,
    /// The code of the department.
    #[schema(example = "LIB")]
    department: String,
    /// The contractor's identifier in Candor.
    #[schema(example = "org_01kb00000000000000000000ab")]
    organization_id: String,
    /// The contractor's vendor number; null if it has none that is verified.
    #[schema(example = "V-10045")]
    vendor: Option<String>,
    /// The title.
    title: String,
    /// The value, with what contract actions have added.
    value: MoneyBody,
    /// The award method; null if it is not known.
    #[schema(schema_with = words::optional_award_method)]
    method: Option<AwardMethod>,
    /// Whether this is a public work.
    public_works: bool,
    /// The day of signature.
    #[schema(value_type = String, format = Date)]
    signed_on: NaiveDate,
    /// The first day.
    #[schema(value_type = String, format = Date)]
    start_date: NaiveDate,
    /// The last day.
    #[schema(value_type = String, format = Date)]
    end_date: NaiveDate,
    /// The number of options left.
    options_left: i64,
    /// The version of the disclosure clause; null if it carries none.
    clause_version: Option<i64>,
    /// `GATED` (the gate has admitted its award), `UNGATED` or `RECORDED` (without a decision).
    #[schema(schema_with = words::basis)]
    basis: Basis,
    /// The decision that admitted its award; null without one.
    #[schema(example = "dec_01kb00000000000000000000ab")]
    reference: Option<String>,
}

impl From<ContractRecord> for ContractBody {
    fn from(record: ContractRecord) -> Self {
        Self {
            id: record.id.to_string(),
            number: record.number,
            department: record.department,
            organization_id: record.organization_id.to_string(),
            vendor: record.vendor,
            title: record.title,
            value: record.value.into(),
            method: record.method,
            public_works: record.public_works,
            signed_on: record.signed_on,
            start_date: record.start_date,
            end_date: record.end_date,
            options_left: record.options_left,
            clause_version: record.clause_version,
            basis: record.basis,
            reference: record.reference.map(|id| id.to_string()),
        }
    }
}

impl PutRequest for ContractRequest {
    type Body = ContractBody;
    const NAMES: &'static [(&'static str, &'static str)] =
        &[("departmentId", "department"), ("organizationId", "vendor"), ("masterId", "master")];

    async fn put(
        self,
        db: &Database,
        viewer: &Viewer,
        number: String,
        precondition: &Precondition,
    ) -> FaultResult<StoredRecord<ContractBody>> {
        let sent = PortalContract {
            department: self.department,
            number,
            vendor: self.vendor,
            title: self.title,
            value: self.value.into(),
            method: self.method,
            public_works: self.public_works,
            signed_on: self.signed_on,
            start_date: self.start_date,
            end_date: self.end_date,
            options_left: self.options_left,
            clause_version: self.clause_version,
            master: self.master,
            reference: self.reference,
        };
        let stored = put_contract(db, viewer, &sent, precondition).await?;
        Ok(StoredRecord {
            body: ContractBody::from(stored.record),
            version: stored.version,
            is_new: stored.outcome == PutOutcome::Created,
        })
    }
}

/// Reads a contract.
#[utoipa::path(
    get,
    path = "/v1/contracts/{number}",
    operation_id = "readContract",
    tag = "portal",
    params(("number" = String, Path, description = "The number of the contract.", example = "LIB-C-0007"), DepartmentQuery),
    responses(
        (status = OK, description = "The contract.", body = ContractBody, headers(("ETag" = String, description = "Its version, for If-Match."))),
        (status = NOT_FOUND, description = "There is none that you may see.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
pub(super) async fn get(
    State(app): State<App>,
    path: Result<Path<String>, PathRejection>,
    request: Request,
) -> Result<Response, Problem> {
    let received = Received::receive(app, request, Label::Route).await?;
    let DepartmentQuery { department } = received.query()?;
    let (number, database) = (path_text(path)?, received.database());
    let read = find_contract_record(&database, &received.viewer, &number, department.as_deref());
    let (record, version) = run_query(read).await?;
    Ok((entity_tag(&version), Json(ContractBody::from(record))).into_response())
}

/// Stores a contract that the gate does not decide, or confirms one that it has admitted.
///
/// A new contract is one of a method that the policy does not gate, or one that was signed before the first
/// policy took effect. Any other is made by `POST /v1/gate/awards` and confirmed here with the reference of
/// that decision. End, value and holder change only by `POST /v1/gate/renewals`. Sending the same contract
/// again changes nothing.
#[utoipa::path(
    put,
    path = "/v1/contracts/{number}",
    operation_id = "putContract",
    tag = "records",
    params(
        ("number" = String, Path, description = "The number of the contract.", example = "LIB-C-0007"),
        IfMatch,
        OnceKey,
    ),
    request_body(
        content = ContractRequest,
        content_type = "application/json",
        example = json!({
            "department": "LIB", "vendor": "V-10045", "title": "Shelving, three branches",
            "value": { "amount": "125000.00", "currency": "USD" }, "signedOn": "2019-06-20",
            "startDate": "2019-07-01", "endDate": "2027-06-30",
        }),
    ),
    responses(
        (status = OK, description = "The contract, as it was or with a later clause.", body = ContractBody, headers(("ETag" = String, description = "Its version, for If-Match."))),
        (status = CREATED, description = "The contract is new.", body = ContractBody, headers(("ETag" = String, description = "Its version, for If-Match."))),
    ),
    security(("bearer" = [])),
)]
pub(super) async fn put(
    State(app): State<App>,
    path: Result<Path<String>, PathRejection>,
    request: Request,
) -> Result<Response, Problem> {
    put::answer::<ContractRequest>(app, path, request).await
}
