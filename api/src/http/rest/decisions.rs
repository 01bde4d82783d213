//! `/v1/decisions/{reference}`.
use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse, Response};
use candor_schema::bidding::service::find_shown_decision;
use candor_schema::decision::model::DecisionId;
use candor_schema::decision::service::DecisionReport;
use candor_schema::fault::Fault;
use candor_schema::gate::{Outcome, SubjectKind};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::gate::FindingBody;
use super::request::{Label, Received, path_text};
use super::run::run_query;
use super::{NoQuery, words};
use crate::http::App;
use crate::http::problem::Problem;

/// A stored decision, read now.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct DecisionBody {
    /// The decision's identifier.
    #[schema(example = "dec_01kb00000000000000000000ab")]
    reference: String,
    /// `ADMIT`, `REVIEW` (waits for a review or a cure) or `BLOCK`.
    #[schema(schema_with = words::outcome)]
    decision: Outcome,
    /// The kind of subject.
    #[schema(schema_with = words::subject_kind)]
    subject_kind: SubjectKind,
    /// The identifier of the bid, contract or contract action.
    #[schema(example = "bid_01kb00000000000000000000ab")]
    subject: Option<String>,
    /// The earliest deadline to cure a finding (UTC, exclusive); null if none can be cured.
    #[schema(value_type = Option<String>, format = DateTime)]
    cure_by: Option<DateTime<Utc>>,
    /// The version of the policy that was applied.
    policy_version: i64,
    /// The time of the decision (UTC).
    #[schema(value_type = String, format = DateTime)]
    decided_at: DateTime<Utc>,
    /// The later decision about the same subject that replaced this one; null if this is the last.
    replaced_by: Option<String>,
    /// The findings, the most severe first. Each remedy is what can be done now.
    findings: Vec<FindingBody>,
    /// The letter to the firm, as it is read now.
    letter: String,
}

/// Reads a decision as it stands now.
///
/// A decision about a sealed bid is shown to the key that submitted the bid and to the firm alone; to anyone
/// else it is not found.
#[utoipa::path(
    get,
    path = "/v1/decisions/{reference}",
    operation_id = "readDecision",
    tag = "portal",
    params(("reference" = String, Path, description = "The decision's `dec_` identifier.", example = "dec_01kb00000000000000000000ab")),
    responses(
        (status = OK, description = "The decision.", body = DecisionBody),
        (status = NOT_FOUND, description = "There is none, or it is not yours to see.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
pub(super) async fn get(
    State(app): State<App>,
    path: Result<Path<String>, PathRejection>,
    request: Request,
) -> Result<Response, Problem> {
    let received = Received::receive(app, request, Label::AboutBids).await?;
    let NoQuery {} = received.query()?;
    let reference = path_text(path)?;
    // A text that is no reference names nothing.
    let id = reference.parse::<DecisionId>();
    let id = id.map_err(|_| Problem::of_fault(Fault::NotFound, &[]))?;
    let (database, now) = (received.database(), received.viewer.now);
    let found = run_query(find_shown_decision(&database, &received.viewer, id)).await?;
    let found = found.ok_or_else(|| Problem::of_fault(Fault::NotFound, &[]))?;
    let report = DecisionReport::of_stored(&found, now);
    let body = DecisionBody {
        reference: id.to_string(),
        decision: report.outcome,
        subject_kind: report.kind,
        subject: report.subject,
        cure_by: report.cure_by,
        policy_version: report.policy_version,
        decided_at: report.decided_at,
        replaced_by: report.replaced_by,
        findings: report.findings.into_iter().map(FindingBody::from).collect(),
        letter: report.letter,
    };
    Ok(Json(body).into_response())
}
