//! `/v1/solicitations/{number}` and its status.
use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse, Response};
use candor_schema::bidding::model::{BidStatus, SolicitationStatus};
use candor_schema::bidding::service::{
    PortalSolicitation, PutOutcome, ShownBid, Solicitation, SolicitationStatusPage,
    find_solicitation_record, find_solicitation_status, put_solicitation,
};
use candor_schema::clock::to_microseconds;
use candor_schema::database::Database;
use candor_schema::fault::Result as FaultResult;
use candor_schema::gate::AwardMethod;
use candor_schema::organization::model::Viewer;
use candor_schema::precondition::Precondition;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::gate::MoneyBody;
use super::put::{self, PutRequest, StoredRecord};
use super::request::{Label, Received, entity_tag, path_text};
use super::run::run_query;
use super::{DepartmentQuery, IfMatch, OnceKey, words};
use crate::http::App;
use crate::http::problem::Problem;

/// A solicitation of a department.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct SolicitationRequest {
    /// The code of the department that buys.
    #[schema(example = "LIB", max_length = 300)]
    department: String,
    /// The title. It does not change once it is published.
    #[schema(example = "Shelving, three branches", max_length = 300)]
    title: String,
    /// What the City buys. It does not change once it is published.
    #[serde(default)]
    #[schema(required = false, max_length = 20000)]
    description: String,
    /// How the contract will be awarded. It does not change.
    #[schema(schema_with = words::award_method)]
    method: AwardMethod,
    /// Whether this is a public work. It does not change.
    #[serde(default)]
    #[schema(required = false)]
    public_works: bool,
    /// When bids are due (inclusive).
    #[schema(value_type = String, format = DateTime, example = "2026-08-24T21:00:00Z")]
    due_at: DateTime<Utc>,
    /// Whether it is published and takes bids. A published one stays so.
    published: bool,
    /// The text of an addendum, which alone changes a published solicitation. It is required if the due time
    /// changes. The text of the last addendum issues no other.
    #[schema(example = "Bids are due a week later.", max_length = 20000, nullable = false)]
    addendum: Option<String>,
}

/// An addendum.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct AddendumBody {
    /// From 1.
    number: i64,
    /// What it says.
    text: String,
    /// The due time from then on (UTC).
    #[schema(value_type = String, format = DateTime)]
    due_at: DateTime<Utc>,
    /// When it was issued (UTC).
    #[schema(value_type = String, format = DateTime)]
    issued_at: DateTime<Utc>,
}

/// A solicitation as it is stored.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct SolicitationBody {
    /// The identifier in Candor.
    #[schema(example = "sol_01kb00000000000000000000ab")]
    id: String,
    /// The number.
    #[schema(example = "LIB-26-030")]
    number: String,
    /// The code of the department.
    #[schema(example = "LIB")]
    department: Option<String>,
    /// The title.
    title: String,
    /// What the City buys.
    description: String,
    /// How the contract will be awarded.
    #[schema(schema_with = words::award_method)]
    method: AwardMethod,
    /// Whether this is a public work.
    public_works: bool,
    /// When bids are due (UTC, inclusive).
    #[schema(value_type = String, format = DateTime)]
    due_at: DateTime<Utc>,
    /// `DRAFT`, `PUBLISHED` or `CANCELED`.
    #[schema(schema_with = words::solicitation_status)]
    status: SolicitationStatus,
    /// Whether bids stay sealed until they are due; null for a draft.
    sealed: Option<bool>,
    /// The version of the policy that decides its bids and its award; null for a draft.
    policy_version: Option<i64>,
    /// The addenda, the earliest first.
    addenda: Vec<AddendumBody>,
}

impl SolicitationBody {
    fn new(solicitation: &Solicitation) -> FaultResult<Self> {
        let record = &solicitation.record;
        let publication = record.state.publication();
        let addenda = solicitation.addenda.get()?.iter().map(|it| AddendumBody {
            number: it.addendum.number,
            text: it.addendum.text.clone(),
            due_at: it.addendum.due_at,
            issued_at: it.addendum.issued_at,
        });
        Ok(Self {
            id: record.id.to_string(),
            number: record.number.clone(),
            department: solicitation.department.get()?.as_ref().map(|it| it.code.clone()),
            title: record.title.clone(),
            description: record.description.clone(),
            method: record.method,
            public_works: record.public_works,
            due_at: record.due_at,
            status: record.state.status(),
            sealed: publication.map(|it| it.sealed),
            policy_version: publication.map(|it| it.policy_version),
            addenda: addenda.collect(),
        })
    }
}

/// A bid on the page of a solicitation.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ShownBidBody {
    /// The bid's identifier.
    #[schema(example = "bid_01kb00000000000000000000ab")]
    id: String,
    /// The vendor number of the firm; null if it has none that is verified.
    #[schema(example = "V-10045")]
    vendor: Option<String>,
    /// The bid's status.
    #[schema(schema_with = words::bid_status)]
    status: BidStatus,
    /// The amount; null if it has none.
    amount: Option<MoneyBody>,
    /// When it was received (UTC).
    #[schema(value_type = String, format = DateTime)]
    submitted_at: DateTime<Utc>,
    /// The last decision about it.
    #[schema(example = "dec_01kb00000000000000000000ab")]
    reference: String,
    /// The deadline to cure its findings (UTC, exclusive); null if none is held to be cured.
    #[schema(value_type = Option<String>, format = DateTime)]
    cure_by: Option<DateTime<Utc>>,
}

impl From<ShownBid> for ShownBidBody {
    fn from(ShownBid { record, vendor }: ShownBid) -> Self {
        Self {
            id: record.id.to_string(),
            vendor,
            status: record.status(),
            submitted_at: record.submitted_at,
            reference: record.decision.id.to_string(),
            cure_by: record.state.cure_by(),
            amount: record
                .amount
                .map(|amount| candor_schema::money::MoneyText::from(amount).into()),
        }
    }
}

/// A solicitation as a portal's page shows it.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct SolicitationStatusBody {
    /// The solicitation.
    solicitation: SolicitationBody,
    /// Whether it takes bids now.
    takes_bids: bool,
    /// Whether its bids are opened: they are not sealed, or the due time is over.
    bids_opened: bool,
    /// The text about disclosures that belongs into its documents; null for a draft.
    notice: Option<String>,
    /// The bids that you may see, the earliest first, at most 500. Before bids are opened, only those that
    /// you have submitted.
    bids: Vec<ShownBidBody>,
    /// Whether there are more bids that you may see.
    has_more_bids: bool,
}

impl PutRequest for SolicitationRequest {
    type Body = SolicitationBody;

    async fn put(
        self,
        db: &Database,
        viewer: &Viewer,
        number: String,
        precondition: &Precondition,
    ) -> FaultResult<StoredRecord<SolicitationBody>> {
        let sent = PortalSolicitation {
            department: self.department,
            number,
            title: self.title,
            description: self.description,
            method: self.method,
            public_works: self.public_works,
            due_at: to_microseconds(self.due_at),
            is_published: self.published,
            addendum: self.addendum,
        };
        let stored = put_solicitation(db, viewer, &sent, precondition).await?;
        Ok(StoredRecord {
            body: SolicitationBody::new(&stored.solicitation)?,
            version: stored.version,
            is_new: stored.outcome == PutOutcome::Created,
        })
    }
}

/// Reads a solicitation.
#[utoipa::path(
    get,
    path = "/v1/solicitations/{number}",
    operation_id = "readSolicitation",
    tag = "portal",
    params(("number" = String, Path, description = "The number of the solicitation.", example = "LIB-26-030"), DepartmentQuery),
    responses(
        (status = OK, description = "The solicitation.", body = SolicitationBody, headers(("ETag" = String, description = "Its version, for If-Match."))),
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
    let read =
        find_solicitation_record(&database, &received.viewer, &number, department.as_deref());
    let (found, version) = run_query(read).await?;
    let body = SolicitationBody::new(&found);
    let body = body.map_err(|fault| Problem::of_fault(fault, &[]))?;
    Ok((entity_tag(&version), Json(body)).into_response())
}

/// Stores a solicitation: drafts and publishes it, changes a draft, or issues an addendum.
///
/// Sending the same solicitation again changes nothing. A published one changes only by an addendum.
#[utoipa::path(
    put,
    path = "/v1/solicitations/{number}",
    operation_id = "putSolicitation",
    tag = "records",
    params(
        ("number" = String, Path, description = "The number of the solicitation.", example = "LIB-26-030"),
        IfMatch,
        OnceKey,
    ),
    request_body(
        content = SolicitationRequest,
        content_type = "application/json",
        example = json!({
            "department": "LIB", "title": "Shelving, three branches", "method": "BIDS",
            "dueAt": "2026-08-24T21:00:00Z", "published": true,
        }),
    ),
    responses(
        (status = OK, description = "The solicitation, changed or as it was.", body = SolicitationBody, headers(("ETag" = String, description = "Its version, for If-Match."))),
        (status = CREATED, description = "The solicitation is new.", body = SolicitationBody, headers(("ETag" = String, description = "Its version, for If-Match."))),
    ),
    security(("bearer" = [])),
)]
pub(super) async fn put(
    State(app): State<App>,
    path: Result<Path<String>, PathRejection>,
    request: Request,
) -> Result<Response, Problem> {
    put::answer::<SolicitationRequest>(app, path, request).await
}

/// Reads a solicitation with the bids that you may see.
///
/// Before bids are due, a key sees the bids that it has submitted, and nothing of any other.
#[utoipa::path(
    get,
    path = "/v1/solicitations/{number}/status",
    operation_id = "readSolicitationStatus",
    tag = "portal",
    params(("number" = String, Path, description = "The number of the solicitation.", example = "LIB-26-030"), DepartmentQuery),
    responses(
        (status = OK, description = "The solicitation as a portal's page shows it.", body = SolicitationStatusBody),
        (status = NOT_FOUND, description = "There is none that you may see.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
pub(super) async fn status(
    State(app): State<App>,
    path: Result<Path<String>, PathRejection>,
    request: Request,
) -> Result<Response, Problem> {
    let received = Received::receive(app, request, Label::AboutBids).await?;
    let DepartmentQuery { department } = received.query()?;
    let (number, database) = (path_text(path)?, received.database());
    let read =
        find_solicitation_status(&database, &received.viewer, &number, department.as_deref());
    let page = run_query(read).await?;
    status_body(page)
        .map(|body| Json(body).into_response())
        .map_err(|fault| Problem::of_fault(fault, &[]))
}

fn status_body(page: SolicitationStatusPage) -> FaultResult<SolicitationStatusBody> {
    Ok(SolicitationStatusBody {
        solicitation: SolicitationBody::new(&page.solicitation)?,
        takes_bids: page.takes_bids,
        bids_opened: page.are_bids_opened,
        notice: page.solicitation.notice.get()?.clone(),
        bids: page.bids.into_iter().map(ShownBidBody::from).collect(),
        has_more_bids: page.has_more_bids,
    })
}
