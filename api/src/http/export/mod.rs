//! `GET /v1/exports/…`: bids, contracts and disclosures as CSV or JSON Lines.
mod format;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream::try_unfold;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::Instant;

use super::App;
use super::caller::Caller;
use super::problem::{Problem, fault_response};
use super::query_string::Parameters;
use super::request_log::RequestRecord;
use crate::export::{ExportArguments, ExportError, ExportFormat, ExportKind, Exporter};

/// The most exports at one time in one process.
pub(super) const MAX_EXPORTS: usize = 4;
/// The longest time of one export. It can be continued.
const MAX_EXPORT_TIME: Duration = Duration::from_hours(1);
/// The parameters of an export.
const PARAMETERS: [&str; 5] = ["format", "filter", "after", "from", "to"];

/// An export over HTTP, with its place among the concurrent ones.
struct Download {
    exporter: Exporter,
    first: Option<Vec<u8>>,
    until: Instant,
    _permit: OwnedSemaphorePermit,
}

impl Download {
    /// Returns the next lines. A transfer that fails ends without its last chunk, so that the client
    /// knows that lines are missing.
    async fn next(mut self) -> io::Result<Option<(Bytes, Self)>> {
        if let Some(first) = self.first.take() {
            return Ok(Some((first.into(), self)));
        }
        if Instant::now() > self.until {
            return Err(io::Error::other("the export took longer than an hour"));
        }
        match self.exporter.next().await {
            Ok(lines) => Ok(lines.map(|lines| (lines.into(), self))),
            Err(fault) => {
                tracing::warn!(?fault, "an export ended early");
                Err(io::Error::other("the database did not answer"))
            }
        }
    }
}

async fn export(mut app: App, kind: ExportKind, request: Request) -> Response {
    let record = RequestRecord::of(&request);
    app.database = app.database.with_statement_count(record.statements());
    let caller = match Caller::authenticate(&app, request.headers()).await {
        Ok(caller) => caller,
        Err(refusal) => return Problem::of_caller(&app, &refusal).into_response(),
    };
    let query = request.uri().query().unwrap_or_default().as_bytes();
    let mut parameters = match Parameters::parse(query, &PARAMETERS) {
        Ok(parameters) => parameters,
        Err(problem) => return problem.into_response(),
    };
    let format =
        match format::negotiate_format(parameters.take("format").as_deref(), request.headers()) {
            Ok(format) => format,
            Err(problem) => return problem.into_response(),
        };
    let now = app.clock.now();
    let viewer = match caller.sign_in(&app, now).await {
        Ok(viewer) => viewer,
        Err(refusal) => return Problem::of_caller(&app, &refusal).into_response(),
    };
    let arguments = ExportArguments {
        filter: parameters.take("filter"),
        from: parameters.take("from"),
        to: parameters.take("to"),
        after: parameters.take("after"),
    };
    let exports = Arc::clone(&app.exports);
    let exporter = Exporter::new(app.database, viewer, kind, (format, false), arguments).await;
    let mut exporter = match exporter {
        Ok(exporter) => exporter,
        Err(ExportError::Malformed(message)) => {
            return Problem::new(StatusCode::BAD_REQUEST, message).into_response();
        }
        Err(ExportError::Fault(fault)) => return fault_response(fault),
    };
    let Ok(permit) = exports.try_acquire_owned() else {
        return busy();
    };
    // Read before the answer begins, so that a failure has its status.
    let first = match exporter.next().await {
        Ok(first) => first,
        Err(fault) => return fault_response(fault),
    };
    let until = Instant::now() + MAX_EXPORT_TIME;
    let download = Download { exporter, first, until, _permit: permit };
    let (content_type, extension) = match format {
        ExportFormat::Csv => ("text/csv; charset=utf-8; header=present", "csv"),
        ExportFormat::Jsonl => ("application/jsonl; charset=utf-8", "jsonl"),
    };
    let disposition = format!("attachment; filename=\"{}.{extension}\"", kind.name());
    let headers = [
        (header::CONTENT_TYPE, content_type.to_owned()),
        (header::CONTENT_DISPOSITION, disposition),
    ];
    let body = Body::from_stream(try_unfold(download, Download::next));
    (headers, body).into_response()
}

/// Returns the response to an export above the bound.
fn busy() -> Response {
    let message = format!(
        "{MAX_EXPORTS} exports are running, which is the most at one time. Try again in a minute."
    );
    let problem = Problem::new(StatusCode::TOO_MANY_REQUESTS, message);
    ([(header::RETRY_AFTER, "60")], problem).into_response()
}

/// Declares the handler of one kind of export with its entry in the OpenAPI document.
macro_rules! export_route {
    ($name:ident, $kind:expr, $path:literal, $operation:literal, $summary:literal, $filter:literal,
        $csv:literal, $jsonl:literal) => {
        #[doc = $summary]
        #[utoipa::path(
            get,
            path = $path,
            operation_id = $operation,
            tag = "exports",
            description = "The lines are in the order of their ids. To continue an export that was cut \
                           off, send the id of the last complete line as `after`; a CSV has its header \
                           again. An answer that ended without its last chunk is incomplete. In a CSV, a \
                           text that a spreadsheet would run as a formula has a leading `'`.",
            params(
                ("format" = Option<String>, Query, description = "`csv` or `jsonl`; otherwise as the \
                    `Accept` header says, and CSV without one.", example = "csv"),
                ("filter" = Option<String>, Query, description = $filter,
                    example = "{}"),
                ("after" = Option<String>, Query, description = "The id of the last line that you have."),
                ("from" = Option<String>, Query, description = "The first day of the window; required \
                    for renewals due, and only there.", example = "2026-07-01"),
                ("to" = Option<String>, Query, description = "The last day of the window; required for \
                    renewals due, and only there.", example = "2026-09-30"),
            ),
            responses(
                (status = OK, description = "The lines.", content(
                    (String = "text/csv", example = $csv),
                    (String = "application/jsonl", example = $jsonl),
                )),
                (status = BAD_REQUEST, description = "A parameter is unknown or malformed.",
                    body = Problem, content_type = "application/problem+json",
                    example = json!({"type": "about:blank", "title": "Bad Request", "status": 400,
                        "detail": "filter: it is not a JSON object; send a JSON object with the names of \
                                   the GraphQL filter, as in {\"status\": [\"HELD\"]}.",
                        "code": "BAD_USER_INPUT"})),
                (status = NOT_ACCEPTABLE, description = "Neither CSV nor JSON Lines is accepted.",
                    body = Problem, content_type = "application/problem+json",
                    example = json!({"type": "about:blank", "title": "Not Acceptable", "status": 406,
                        "detail": "Exports are text/csv or application/jsonl; accept one, or send \
                                   format=csv or format=jsonl.",
                        "code": "BAD_USER_INPUT"})),
                (status = TOO_MANY_REQUESTS, description = "Too many exports run at this time.",
                    body = Problem, content_type = "application/problem+json",
                    example = json!({"type": "about:blank", "title": "Too Many Requests", "status": 429,
                        "detail": "4 exports are running, which is the most at one time. Try again in a \
                                   minute.",
                        "code": "LIMIT_EXCEEDED"})),
            ),
            security(("bearer" = [])),
        )]
        pub(super) async fn $name(State(app): State<App>, request: Request) -> Response {
            export(app, $kind, request).await
        }
    };
}

export_route!(
    bids,
    ExportKind::Bids,
    "/v1/exports/bids",
    "exportBids",
    "Exports bids. Bids on a sealed solicitation are left out until they are due.",
    "A JSON object with the conditions of GraphQL's `BidFilter`.",
    "id,solicitationId,solicitationNumber,solicitationTitle,dueAt,departmentId,departmentCode,departmentName,organizationId,organizationName,status,outcome,amount,currency,submittedAt,decidedAt,cureBy,disclosureId,disclosureVersion,review\n",
    "{\"id\":\"bid_01kb0000000000000000000000\",\"solicitationNumber\":\"RFP-2026-014\",\"status\":\"HELD\"}\n"
);
export_route!(
    contracts,
    ExportKind::Contracts,
    "/v1/exports/contracts",
    "exportContracts",
    "Exports contracts, with the outcome of carrying each on today and at its end.",
    "A JSON object with the conditions of GraphQL's `ContractFilter`.",
    "id,number,title,departmentId,departmentCode,departmentName,organizationId,organizationName,value,currency,signedOn,startDate,endDate,optionsLeft,clauseVersion,readiness,readinessAtEnd,disclosureId,disclosureLapsesOn,noncomplianceCode,noncompliantSince\n",
    "{\"id\":\"con_01kb0000000000000000000000\",\"number\":\"C-140912\",\"readiness\":\"ADMIT\"}\n"
);
export_route!(
    disclosures,
    ExportKind::Disclosures,
    "/v1/exports/disclosures",
    "exportDisclosures",
    "Exports filed disclosures: what each is, not its statement.",
    "A JSON object with the conditions of GraphQL's `DisclosureFilter`.",
    "id,organizationId,organizationName,version,kind,status,review,filedAt,withdrawnAt,policyVersion,sha256,withheld,paper,agreements,arrangements\n",
    "{\"id\":\"disc_01kb0000000000000000000000\",\"version\":2,\"status\":\"FILED\"}\n"
);
export_route!(
    renewals_due,
    ExportKind::RenewalsDue,
    "/v1/exports/renewals-due",
    "exportRenewalsDue",
    "Exports the contracts that end in a window.",
    "A JSON object with the conditions of GraphQL's `ContractFilter`, without those on the end.",
    "id,number,title,departmentId,departmentCode,departmentName,organizationId,organizationName,value,currency,signedOn,startDate,endDate,optionsLeft,clauseVersion,readiness,readinessAtEnd,disclosureId,disclosureLapsesOn,noncomplianceCode,noncompliantSince\n",
    "{\"id\":\"con_01kb0000000000000000000000\",\"number\":\"C-140912\",\"endDate\":\"2026-07-31\"}\n"
);
