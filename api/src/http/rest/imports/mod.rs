//! `/v1/imports`: lists of awards, contracts and vendors, as the commands `candor import` read them. A file
//! is streamed to disk and imported afterwards; its address says how far that is.
mod body;
mod upload;

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use candor_schema::fault::Fault;
use candor_schema::import_job::model::{ImportJobId, ImportKind, NewImportJob};
use candor_schema::import_job::service::{
    MAX_LISTED_LINES, ReportRange, check_import, create_import_job, find_import_job,
    list_report_lines,
};
use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::IntoParams;

use super::request::{Label, Opened, Received, malformed, path_text};
use super::run::{run_change, run_query};
use super::{NoQuery, OnceKey};
use crate::http::App;
use crate::http::idempotency;
use crate::http::problem::Problem;
use crate::import::{FileName, HeldFile, Spool, parse_day_span};
use body::{ImportJobBody, ReportBody};

/// The number of lines of a report in an answer, if the request does not say.
const DEFAULT_LINES: u64 = 100;

/// The query string of a list of contracts or vendors.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::http) struct ListQuery {
    /// The name of the file, in messages and in the ledger; otherwise that of the list, such as
    /// `vendors.csv`.
    #[param(
        required = false,
        nullable = false,
        min_length = 1,
        max_length = 100,
        example = "vendors-2026-08.csv"
    )]
    file: Option<String>,
    /// Whether nothing is stored: the counts and the report say what the import would do.
    #[serde(default)]
    #[param(required = false, default = false, value_type = bool)]
    dry_run: bool,
}

/// The query string of award files.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::http) struct AwardsQuery {
    /// The name of the file, in messages and in the ledger; otherwise `awards.csv`.
    #[param(
        required = false,
        nullable = false,
        min_length = 1,
        max_length = 100,
        example = "FY2025_070_Contracts_Full.zip"
    )]
    file: Option<String>,
    /// Whether the awards of every agency are imported, not only those of the Department of Homeland
    /// Security.
    #[serde(default)]
    #[param(required = false, default = false, value_type = bool)]
    every_agency: bool,
    /// The first and the last of the days in which the file has every transaction of its awards: transactions
    /// that it does not have are removed.
    #[param(
        required = false,
        nullable = false,
        pattern = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}\.\.[0-9]{4}-[0-9]{2}-[0-9]{2}$",
        example = "2024-10-01..2025-09-30"
    )]
    complete: Option<String>,
}

/// The query string of a report.
#[derive(Clone, Copy, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::http) struct ReportQuery {
    /// The number of the last line that you have.
    #[serde(default)]
    #[param(required = false, default = 0, value_type = u64, minimum = 0)]
    after: u64,
    /// The most lines of the answer.
    #[param(required = false, nullable = false, default = 100, value_type = Option<u64>, minimum = 1, maximum = 1000)]
    limit: Option<u64>,
}

/// What a request says about its file.
struct Asked {
    kind: ImportKind,
    file: FileName,
    is_dry_run: bool,
    is_every_agency: bool,
    complete: Option<(NaiveDate, NaiveDate)>,
}

impl Asked {
    fn of_list(query: ListQuery, kind: ImportKind, default: &str) -> Result<Self, Problem> {
        let ListQuery { file, dry_run: is_dry_run } = query;
        let file = parse_name(file.as_deref().unwrap_or(default))?;
        Ok(Self { kind, file, is_dry_run, is_every_agency: false, complete: None })
    }

    fn of_vendors(query: ListQuery) -> Result<Self, Problem> {
        Self::of_list(query, ImportKind::Vendors, "vendors.csv")
    }

    fn of_contracts(query: ListQuery) -> Result<Self, Problem> {
        Self::of_list(query, ImportKind::Contracts, "contracts.csv")
    }

    fn of_awards(query: AwardsQuery) -> Result<Self, Problem> {
        let AwardsQuery { file, every_agency: is_every_agency, complete } = query;
        let file = parse_name(file.as_deref().unwrap_or("awards.csv"))?;
        let complete = complete.as_deref().map(parse_day_span).transpose();
        let complete = complete.map_err(|error| malformed(&format!("complete: {error}")))?;
        Ok(Self { kind: ImportKind::Awards, file, is_dry_run: false, is_every_agency, complete })
    }
}

fn parse_name(text: &str) -> Result<FileName, Problem> {
    FileName::parse(text).ok_or_else(|| {
        malformed(
            "file: send the name of a file, without a folder, of 1 to 100 visible characters, such as \
             vendors.csv",
        )
    })
}

/// Receives a file and answers with its import.
async fn take(opened: Opened, request: Request, asked: Asked) -> Result<Response, Problem> {
    let Some(spool) = opened.app.imports.clone() else {
        let detail = "This service takes no files, because it cannot write them. Operator: see the log, and \
                      check the permissions of the data directory.";
        return Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, detail));
    };
    // What can be refused is refused before the file is sent.
    idempotency::key_of(&opened.headers).map_err(Problem::of_refusal)?;
    upload::check_headers(&opened.headers, asked.kind, spool.limits())?;
    let viewer = opened.viewer().await?;
    run_query(check_import(&opened.app.database, &viewer, spool.process())).await?;
    let Ok(_place) = Arc::clone(spool.uploads()).try_acquire_owned() else {
        let detail = format!(
            "{} files are being received, which is the most at one time. Try again in a minute.",
            spool.limits().uploads
        );
        let problem = Problem::new(StatusCode::TOO_MANY_REQUESTS, detail);
        return Err(problem
            .with_code("LIMIT_EXCEEDED")
            .with_retry_after(upload::RETRY_AFTER_SECONDS));
    };
    let id = ImportJobId::generate();
    let file = spool.begin(id, &asked.file).map_err(|error| upload::disk_failed(&error))?;
    let (held, sha256) = upload::receive(request, file, spool.limits()).await?;
    // With an idempotency key, the digest stands for the body.
    let received = opened.arrived(sha256.clone().into()).await?;
    let job = NewImportJob {
        id,
        kind: asked.kind,
        file: asked.file.as_str().to_owned(),
        bytes: held.bytes(),
        sha256,
        is_dry_run: asked.is_dry_run,
        is_every_agency: asked.is_every_agency,
        complete: asked.complete,
        process: spool.process(),
    };
    received.answer_once(|received| store(received, spool, held, job)).await
}

async fn store(
    received: Received,
    spool: Arc<Spool>,
    held: HeldFile,
    job: NewImportJob,
) -> Result<Response, Problem> {
    let database = received.database();
    let Received { app, viewer, .. } = received;
    let db = database.clone();
    let change = async move {
        let stored = create_import_job(&db, &viewer, job).await?;
        spool.keep(stored.id, held);
        Ok(stored)
    };
    let stored = run_change(&app, &database, change).await?;
    let stored = stored.map_err(|fault| Problem::of_fault(fault, &[]))?;
    let body = ImportJobBody::new(stored);
    let location = [(header::LOCATION, body.address())];
    Ok((StatusCode::ACCEPTED, location, Json(body)).into_response())
}

/// Declares the handler of one kind of file with its entry in the OpenAPI document.
macro_rules! import_route {
    ($name:ident, $query:ident, $asked:expr, $path:literal, $operation:literal, $summary:literal, $example:literal) => {
        #[doc = $summary]
        ///
        /// The file is streamed to disk and imported afterwards, one at a time: the answer has the address of the
        /// import. Sending the same file again imports no row twice.
        #[utoipa::path(
            post,
            path = $path,
            operation_id = $operation,
            tag = "imports",
            params($query, OnceKey),
            request_body(content(
                (String = "text/csv", example = json!($example)),
                (String = "application/octet-stream", example = json!($example)),
            )),
            responses(
                (status = ACCEPTED, description = "The whole file has arrived and waits for its turn.",
                    body = ImportJobBody,
                    headers(("Location" = String, description = "The address of the import."))),
                (status = REQUEST_TIMEOUT, description = "The file arrived too slowly, and was deleted.",
                    body = Problem, content_type = "application/problem+json",
                    example = json!({"type": "about:blank", "title": "Request Timeout", "status": 408,
                        "detail": "The file arrived too slowly, and was deleted. A pause may take 30 seconds, \
                                   and the whole file 3600 seconds; send it again.",
                        "code": "BAD_USER_INPUT"})),
                (status = PAYLOAD_TOO_LARGE, description = "The file is larger than 512 MiB.",
                    body = Problem, content_type = "application/problem+json",
                    example = json!({"type": "about:blank", "title": "Payload Too Large", "status": 413,
                        "detail": "The file is larger than 512 MiB; nothing of it was kept. Send it in \
                                   several files.",
                        "code": "LIMIT_EXCEEDED"})),
                (status = UNSUPPORTED_MEDIA_TYPE, description = "The body is not a table, or is compressed.",
                    body = Problem, content_type = "application/problem+json",
                    example = json!({"type": "about:blank", "title": "Unsupported Media Type",
                        "status": 415,
                        "detail": "Send the table as text/csv, with --data-binary of curl; award files also as \
                                   application/zip.",
                        "code": "BAD_USER_INPUT"})),
                (status = TOO_MANY_REQUESTS, description = "Too many imports wait, or too many files are \
                        being received.",
                    body = Problem, content_type = "application/problem+json",
                    example = json!({"type": "about:blank", "title": "Too Many Requests", "status": 429,
                        "detail": "8 imports wait for their turn, which is the most; try again later",
                        "code": "LIMIT_EXCEEDED", "retryAfterSeconds": 60})),
            ),
            security(("bearer" = [])),
        )]
        pub(in crate::http) async fn $name(
            State(app): State<App>,
            request: Request,
        ) -> Result<Response, Problem> {
            let opened = Opened::open(app, &request, Label::Route).await?;
            let query: $query = opened.query()?;
            let asked = $asked(query)?;
            Box::pin(take(opened, request, asked)).await
        }
    };
}

import_route!(
    vendors,
    ListQuery,
    Asked::of_vendors,
    "/v1/imports/vendors",
    "importVendors",
    "Imports the City's vendor list: verifies and registers firms.",
    "number,name,city,state\nV-10045,Prime Paving Inc,Los Angeles,CA\n"
);
import_route!(
    contracts,
    ListQuery,
    Asked::of_contracts,
    "/v1/imports/contracts",
    "importContracts",
    "Imports contracts that were made outside Candor.",
    "number,department,vendor,title,value,start_date,end_date\nLIB-C-0007,LIB,Prime Paving Inc,Shelving,125000.00,2019-07-01,2027-06-30\n"
);
import_route!(
    awards,
    AwardsQuery,
    Asked::of_awards,
    "/v1/imports/awards",
    "importAwards",
    "Imports federal awards from a file of USAspending, which may be its zip archive.",
    "contract_award_unique_key,award_id_piid,…\n"
);

/// Parses the identifier of an import in a path. A text that is none names nothing.
fn parse_id(path: Result<Path<String>, PathRejection>) -> Result<ImportJobId, Problem> {
    path_text(path)?.parse().map_err(|_| Problem::of_fault(Fault::NotFound, &[]))
}

/// Reads how far an import is.
///
/// An import is shown to who sent its file and to administrators, for 30 days after its end.
#[utoipa::path(
    get,
    path = "/v1/imports/{id}",
    operation_id = "readImport",
    tag = "imports",
    params(("id" = String, Path, description = "The import's `job_` identifier.", example = "job_01kb00000000000000000000ab")),
    responses((status = OK, description = "The import.", body = ImportJobBody)),
    security(("bearer" = [])),
)]
pub(in crate::http) async fn get(
    State(app): State<App>,
    path: Result<Path<String>, PathRejection>,
    request: Request,
) -> Result<Response, Problem> {
    let received = Received::receive(app, request, Label::Route).await?;
    let NoQuery {} = received.query()?;
    let (id, database) = (parse_id(path)?, received.database());
    let job = run_query(find_import_job(&database, &received.viewer, id)).await?;
    Ok(Json(ImportJobBody::new(job)).into_response())
}

/// Reads an import's report: what is wrong in which line of its file.
///
/// The lines are in the order in which the import met them. Send the last line's `number` as `after` for the
/// next ones. At most the first 10,000 are kept.
#[utoipa::path(
    get,
    path = "/v1/imports/{id}/report",
    operation_id = "readImportReport",
    tag = "imports",
    params(("id" = String, Path, description = "The import's `job_` identifier.", example = "job_01kb00000000000000000000ab"), ReportQuery),
    responses((status = OK, description = "A page of the report.", body = ReportBody)),
    security(("bearer" = [])),
)]
pub(in crate::http) async fn report(
    State(app): State<App>,
    path: Result<Path<String>, PathRejection>,
    request: Request,
) -> Result<Response, Problem> {
    let received = Received::receive(app, request, Label::Route).await?;
    let ReportQuery { after, limit } = received.query()?;
    let limit = limit.unwrap_or(DEFAULT_LINES);
    if !(1..=MAX_LISTED_LINES).contains(&limit) {
        return Err(malformed(&format!("limit: send a number from 1 to {MAX_LISTED_LINES}")));
    }
    let (id, database) = (parse_id(path)?, received.database());
    let range = ReportRange { after, limit };
    let page = run_query(list_report_lines(&database, &received.viewer, id, range)).await?;
    Ok(Json(ReportBody::from(page)).into_response())
}
