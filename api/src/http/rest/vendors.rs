//! `/v1/vendors/{number}` and its status.
use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse, Response};
use candor_schema::database::Database;
use candor_schema::disclosure::model::DisclosureStanding;
use candor_schema::disclosure::service::find_vendor_status;
use candor_schema::fault::Result as FaultResult;
use candor_schema::organization::model::{IdentifierScheme, IdentifierState, Viewer};
use candor_schema::organization::service::{
    VendorRecord, VendorRecordInput, find_vendor_record, put_vendor,
};
use candor_schema::precondition::Precondition;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::gate::VendorName;
use super::put::{self, PutRequest, StoredRecord};
use super::request::{Label, Received, entity_tag, path_text};
use super::run::run_query;
use super::{IfMatch, NoQuery, OnceKey, words};
use crate::http::App;
use crate::http::problem::Problem;

/// A vendor of the City.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct VendorRequest {
    /// The legal name.
    #[schema(example = "Prime Paving Inc", max_length = 300)]
    legal_name: String,
    /// The City's tax registration number.
    #[serde(default)]
    #[schema(required = false, example = "0003127744", max_length = 50)]
    tax_number: String,
    /// The UEI.
    #[serde(default)]
    #[schema(required = false, example = "ZQGGHJH74DW7", max_length = 50)]
    uei: String,
    /// The city of its address, which tells firms of one name apart.
    #[serde(default)]
    #[schema(required = false, example = "Los Angeles", max_length = 300)]
    city: String,
    /// The state of its address.
    #[serde(default)]
    #[schema(required = false, example = "CA", max_length = 300)]
    state: String,
    /// The e-mail address of its first signatory, who is invited if nobody acts for the firm yet.
    #[serde(default)]
    #[schema(required = false, example = "signer@primepaving.example", max_length = 254)]
    email: String,
}

/// A number of a vendor.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct VendorIdentifier {
    /// The issuer.
    #[schema(schema_with = words::identifier_scheme)]
    scheme: IdentifierScheme,
    /// The number in upper case.
    #[schema(example = "V-10045")]
    id: String,
    /// The state of the vendor's claim to it.
    #[schema(schema_with = words::identifier_state)]
    state: IdentifierState,
}

/// A vendor as it is stored.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct VendorBody {
    /// The City's vendor number, which is verified.
    #[schema(example = "V-10045")]
    number: String,
    /// The firm's identifier in Candor.
    #[schema(example = "org_01kb00000000000000000000ab")]
    organization_id: String,
    /// The legal name as the firm has stated it.
    #[schema(example = "Prime Paving Inc")]
    legal_name: String,
    /// Its numbers.
    identifiers: Vec<VendorIdentifier>,
    /// The city of its address, if known.
    city: Option<String>,
    /// The state of its address, if known.
    state: Option<String>,
    /// What a person should look at; empty when it is read.
    warnings: Vec<String>,
}

impl VendorBody {
    fn new(record: VendorRecord, warnings: Vec<String>) -> Self {
        let identifiers = record.identifiers.into_iter();
        Self {
            number: record.number,
            organization_id: record.organization_id.to_string(),
            legal_name: record.legal_name,
            identifiers: identifiers
                .map(|(scheme, id, state)| VendorIdentifier { scheme, id, state })
                .collect(),
            city: record.city,
            state: record.state,
            warnings,
        }
    }
}

/// How a vendor's disclosure stands today.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct VendorStatusBody {
    /// The vendor.
    vendor: VendorName,
    /// `CURRENT`, `MISSING`, `LAPSED` or `REJECTED`.
    #[schema(schema_with = words::disclosure_standing)]
    disclosure: DisclosureStanding,
    /// The day on which the disclosure on file was filed; null without one.
    #[schema(value_type = Option<String>, format = Date)]
    filed_on: Option<NaiveDate>,
    /// The first day on which it is stale or outdated; null if nothing lapses.
    #[schema(value_type = Option<String>, format = Date)]
    lapses_on: Option<NaiveDate>,
    /// The same in words, for the portal's page.
    message: String,
}

impl PutRequest for VendorRequest {
    type Body = VendorBody;

    async fn put(
        self,
        db: &Database,
        viewer: &Viewer,
        number: String,
        precondition: &Precondition,
    ) -> FaultResult<StoredRecord<VendorBody>> {
        let Self { legal_name, tax_number, uei, city, state, email } = self;
        let input = VendorRecordInput { number, legal_name, tax_number, uei, city, state, email };
        let stored = put_vendor(db, viewer, input, precondition).await?;
        let body = VendorBody::new(stored.record, stored.warnings);
        Ok(StoredRecord { body, version: stored.version, is_new: stored.is_new })
    }
}

/// Reads a vendor.
#[utoipa::path(
    get,
    path = "/v1/vendors/{number}",
    operation_id = "readVendor",
    tag = "portal",
    params(("number" = String, Path, description = "The City's vendor number.", example = "V-10045")),
    responses(
        (status = OK, description = "The vendor.", body = VendorBody, headers(("ETag" = String, description = "Its version, for If-Match."))),
        (status = NOT_FOUND, description = "The City has verified the number for no firm.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
pub(super) async fn get(
    State(app): State<App>,
    path: Result<Path<String>, PathRejection>,
    request: Request,
) -> Result<Response, Problem> {
    let received = Received::receive(app, request, Label::Route).await?;
    let NoQuery {} = received.query()?;
    let (number, database) = (path_text(path)?, received.database());
    let found = run_query(find_vendor_record(&database, &received.viewer, &number)).await?;
    let (record, version) = found;
    let body = Json(VendorBody::new(record, Vec::new()));
    Ok((entity_tag(&version), body).into_response())
}

/// Stores a vendor, whose number is verified from then on.
///
/// Sending the same vendor again changes nothing. A firm that is registered keeps the name that it has
/// stated; a warning says so.
#[utoipa::path(
    put,
    path = "/v1/vendors/{number}",
    operation_id = "putVendor",
    tag = "records",
    params(
        ("number" = String, Path, description = "The City's vendor number.", example = "V-10045"),
        IfMatch,
        OnceKey,
    ),
    request_body(
        content = VendorRequest,
        content_type = "application/json",
        example = json!({ "legalName": "Prime Paving Inc", "city": "Los Angeles", "state": "CA" }),
    ),
    responses(
        (status = OK, description = "The vendor was stored before, or its number was verified for a registered firm.", body = VendorBody, headers(("ETag" = String, description = "Its version, for If-Match."))),
        (status = CREATED, description = "A new firm was registered.", body = VendorBody, headers(("ETag" = String, description = "Its version, for If-Match."))),
    ),
    security(("bearer" = [])),
)]
pub(super) async fn put(
    State(app): State<App>,
    path: Result<Path<String>, PathRejection>,
    request: Request,
) -> Result<Response, Problem> {
    put::answer::<VendorRequest>(app, path, request).await
}

/// Reads whether a vendor has a current disclosure.
#[utoipa::path(
    get,
    path = "/v1/vendors/{number}/status",
    operation_id = "readVendorStatus",
    tag = "portal",
    params(("number" = String, Path, description = "The City's vendor number.", example = "V-10045")),
    responses(
        (status = OK, description = "How the vendor's disclosure stands today, without its content.", body = VendorStatusBody),
        (status = NOT_FOUND, description = "The City has verified the number for no firm, or it is not yours to see.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
pub(super) async fn status(
    State(app): State<App>,
    path: Result<Path<String>, PathRejection>,
    request: Request,
) -> Result<Response, Problem> {
    let received = Received::receive(app, request, Label::Route).await?;
    let NoQuery {} = received.query()?;
    let (number, database) = (path_text(path)?, received.database());
    let found = run_query(find_vendor_status(&database, &received.viewer, &number)).await?;
    let body = VendorStatusBody {
        vendor: found.vendor.into(),
        disclosure: found.standing,
        filed_on: found.filed_on,
        lapses_on: found.lapses_on,
        message: found.message,
    };
    Ok(Json(body).into_response())
}
