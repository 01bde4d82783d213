//! Completes the OpenAPI document: the problems that every operation can answer with, and an example of
//! every body.
use serde_json::{Value, json};
use utoipa::Modify;
use utoipa::openapi::path::Operation;
use utoipa::openapi::schema::{ArrayBuilder, OneOfBuilder};
use utoipa::openapi::{Content, OpenApi, Ref, RefOr, Response};

use crate::http::rest::MAX_ITEMS;

/// Adds problems and examples.
pub(super) struct Examples;

/// The problems of every operation under `/v1`.
const PORTAL_STATUSES: [u16; 10] = [400, 401, 403, 404, 408, 413, 422, 429, 500, 503];
/// The further problems of operations with a body.
const BODY_STATUSES: [u16; 2] = [409, 415];
/// The further problem of operations with a condition.
const CONDITION_STATUSES: [u16; 1] = [412];
/// The problem of every other operation: no request may have a larger body.
const OTHER_STATUSES: [u16; 1] = [413];

impl Modify for Examples {
    fn modify(&self, document: &mut OpenApi) {
        refer_to_items(document);
        for (path, item) in &mut document.paths.paths {
            let is_portal = path.starts_with("/v1/");
            if let Some(operation) = &mut item.get {
                let statuses: &[u16] = if is_portal { &PORTAL_STATUSES } else { &OTHER_STATUSES };
                complete(operation, &[statuses]);
            }
            if let Some(operation) = &mut item.post {
                let statuses: &[&[u16]] =
                    if is_portal { &[&PORTAL_STATUSES, &BODY_STATUSES] } else { &[] };
                complete(operation, statuses);
            }
            if let Some(operation) = &mut item.put {
                complete(operation, &[&PORTAL_STATUSES, &BODY_STATUSES, &CONDITION_STATUSES]);
            }
        }
    }
}

/// The beginning of the name of a body that is one object or an array of them.
const ONE_OR_MANY: &str = "OneOrMany_";

/// Has the bodies of the gate's doors name the schema of their objects, and bounds the arrays.
fn refer_to_items(document: &mut OpenApi) {
    let Some(components) = &mut document.components else { return };
    for (name, schema) in &mut components.schemas {
        let Some(item) = name.strip_prefix(ONE_OR_MANY) else { continue };
        let many = ArrayBuilder::new().items(Ref::from_schema_name(item));
        let many = many.max_items(Some(MAX_ITEMS)).description(Some("Each is decided by itself."));
        let both = OneOfBuilder::new().item(Ref::from_schema_name(item)).item(many);
        *schema = both.description(Some("One object or an array of at most 500.")).into();
    }
}

fn complete(operation: &mut Operation, statuses: &[&[u16]]) {
    let responses = &mut operation.responses.responses;
    for status in statuses.iter().copied().flatten() {
        responses.entry(status.to_string()).or_insert_with(|| problem_response(*status).into());
    }
    let id = operation.operation_id.clone().unwrap_or_default();
    for (status, response) in responses {
        let RefOr::T(response) = response else { continue };
        for (media, content) in &mut response.content {
            let RefOr::T(content) = content else { continue };
            if content.example.is_none() && content.examples.is_empty() {
                content.example = example(&id, status, media);
            }
        }
    }
    if let Some(RefOr::T(body)) = &mut operation.request_body {
        for content in body.content.values_mut() {
            let RefOr::T(content) = content else { continue };
            if content.example.is_none() {
                content.example = request_example(&id);
            }
        }
    }
}

/// Status, title, code, and what it says.
const PROBLEMS: [(u16, &str, &str, &str, &str); 14] = [
    (
        400,
        "Bad Request",
        "BAD_USER_INPUT",
        "The request cannot be read.",
        "The body is not JSON: expected `,` or `}` at line 1 column 21",
    ),
    (
        401,
        "Unauthorized",
        "UNAUTHENTICATED",
        "No valid API key or token.",
        "the API key is not known here; ask an administrator for a new one",
    ),
    (
        403,
        "Forbidden",
        "FORBIDDEN",
        "The sender may not do this.",
        "only the procurement system sends awards",
    ),
    (
        404,
        "Not Found",
        "NOT_FOUND",
        "There is none, or it is not yours to see.",
        "there is none, or it is not yours to see",
    ),
    (
        408,
        "Request Timeout",
        "BAD_USER_INPUT",
        "The body arrived too slowly.",
        "The body arrived too slowly. It may take 20 seconds plus one second for each 500 bytes; send the \
         request again.",
    ),
    (
        409,
        "Conflict",
        "CONFLICT",
        "The state does not allow it, or the vendor is unknown or ambiguous; says what to do.",
        "no firm here has the vendor number V-10045; send the vendor's record with its number and legal name \
         first, then send this again",
    ),
    (
        412,
        "Precondition Failed",
        "PRECONDITION_FAILED",
        "It is not in the version that the request requires.",
        "it has changed since the version that you name, and nothing was changed; read it again and decide \
         again",
    ),
    (
        413,
        "Payload Too Large",
        "LIMIT_EXCEEDED",
        "The body is larger than 1 MiB.",
        "The body is larger than 1 MiB. Send less in one request, and link to documents.",
    ),
    (
        415,
        "Unsupported Media Type",
        "BAD_USER_INPUT",
        "The body is not JSON.",
        "Send the request as application/json, in UTF-8.",
    ),
    (
        422,
        "Unprocessable Entity",
        "BAD_USER_INPUT",
        "The input has errors; all of them.",
        "Enter the amount of the bid. Only a solicitation for proposals takes a bid without one.",
    ),
    (
        429,
        "Too Many Requests",
        "LIMIT_EXCEEDED",
        "Too much was asked within some time; try again after the seconds in Retry-After.",
        "Too many requests at once; try again in a minute.",
    ),
    (
        500,
        "Internal Server Error",
        "INTERNAL",
        "Something failed on our side.",
        "something failed on our side; nothing was saved",
    ),
    (
        503,
        "Service Unavailable",
        "UNAVAILABLE",
        "Busy; try again shortly.",
        "The service is busy. Nothing was saved; try again shortly.",
    ),
    (
        406,
        "Not Acceptable",
        "BAD_USER_INPUT",
        "No supported media type is accepted.",
        "Responses are application/json or application/graphql-response+json; accept one.",
    ),
];

fn problem_response(status: u16) -> Response {
    let words = PROBLEMS.iter().find(|(it, ..)| *it == status).map_or("", |it| it.3);
    let mut response = Response::new(words);
    let schema = Ref::from_schema_name("Problem");
    let content = Content::new(Some(schema));
    response.content.insert("application/problem+json".to_owned(), content.into());
    response
}

/// The example of a response.
fn example(operation: &str, status: &str, media: &str) -> Option<Value> {
    let number = status.parse::<u16>().ok()?;
    if number >= 400 {
        let (_, title, code, _, detail) = PROBLEMS.iter().find(|(it, ..)| *it == number)?;
        if media != "application/problem+json" {
            let error = json!({ "message": detail, "extensions": { "code": code } });
            return Some(json!({ "errors": [error] }));
        }
        let mut problem = json!({
            "type": "about:blank", "title": title, "status": number, "detail": detail, "code": code,
        });
        if number == 422 {
            let error = json!({ "path": ["amount"], "code": "required", "message": detail });
            problem["errors"] = json!([error]);
        }
        if number == 429 {
            problem["retryAfterSeconds"] = json!(60);
        }
        return Some(problem);
    }
    Some(match operation {
        "gateBids" => gate_answer("bid_01kb00000000000000000000ab", &vendor()),
        "gateAwards" => gate_answer("con_01kb00000000000000000000ab", &vendor()),
        "gateRenewals" => gate_answer("ren_01kb00000000000000000000ab", &Value::Null),
        "readDecision" => decision(),
        "readVendor" | "putVendor" => json!({
            "number": "V-10045", "organizationId": "org_01kb00000000000000000000ab",
            "legalName": "Prime Paving Inc",
            "identifiers": [{ "scheme": "CITY_VENDOR", "id": "V-10045", "state": "VERIFIED" }],
            "city": "Los Angeles", "state": "CA", "warnings": [],
        }),
        "readVendorStatus" => json!({
            "vendor": vendor(), "disclosure": "CURRENT", "filedOn": "2026-08-03",
            "lapsesOn": "2027-08-04",
            "message": "The firm's disclosure is current. It lapses on Wednesday, August 4, 2027; the firm \
                        files a new one before.",
        }),
        "readSolicitation" | "putSolicitation" => solicitation(),
        "readSolicitationStatus" => json!({
            "solicitation": solicitation(), "takesBids": true, "bidsOpened": false,
            "notice": "The City asks every bidder to state in writing …",
            "bids": [{
                "id": "bid_01kb00000000000000000000ab", "vendor": "V-10045", "status": "ADMITTED",
                "amount": { "amount": "125000.00", "currency": "USD" },
                "submittedAt": "2026-08-20T17:03:00Z",
                "reference": "dec_01kb00000000000000000000ab", "cureBy": null,
            }],
            "hasMoreBids": false,
        }),
        "readContract" | "putContract" => json!({
            "id": "con_01kb00000000000000000000ab", "number": "LIB-C-0007", "department": "LIB",
            "organizationId": "org_01kb00000000000000000000ab", "vendor": "V-10045",
            "title": "Shelving, three branches",
            "value": { "amount": "125000.00", "currency": "USD" }, "method": null,
            "publicWorks": false, "signedOn": "2019-06-20", "startDate": "2019-07-01",
            "endDate": "2027-06-30", "optionsLeft": 0, "clauseVersion": null, "basis": "RECORDED",
            "reference": null,
        }),
        "importAwards" | "importContracts" | "importVendors" => import_job("RECEIVED"),
        "readImport" => import_job("DONE"),
        "readImportReport" => json!({
            "lines": [{
                "number": 1, "kind": "REFUSED", "line": 17, "field": "number",
                "message": "V-10045 occurs twice in the file, first on line 3; remove one of the rows",
            }],
            "next": null,
        }),
        "graphql" => json!({ "data": { "viewer": { "roles": ["AUDITOR"] } } }),
        "graphiqlFile" => json!("/* the file */"),
        "health" => json!({ "status": "alive" }),
        "readiness" => json!({ "status": "ready" }),
        "contract" => json!({ "openapi": "3.1.0", "info": { "title": "Candor" } }),
        "landing" => json!({
            "name": "Candor", "version": "0.1.0",
            "description": "Candor records what the City's contractors disclose …",
            "documents": [{
                "name": "openapi", "href": "/openapi.json", "description": "the REST interface",
            }],
        }),
        _ => return None,
    })
}

fn request_example(operation: &str) -> Option<Value> {
    (operation == "graphql").then(|| json!({ "query": "{ viewer { roles } }" }))
}

fn import_job(state: &str) -> Value {
    let id = "job_01kb00000000000000000000ab";
    let is_done = state == "DONE";
    let rows = |count: u64| if is_done { count } else { 0 };
    let at = |time: &str| if is_done { json!(time) } else { Value::Null };
    let counts = json!({
        "registered": 240, "verified": 12, "unchanged": 3, "rejected": 1, "invited": 200,
        "proposedMerges": 0,
    });
    json!({
        "id": id, "kind": "VENDORS", "state": state, "reason": null, "file": "vendors.csv",
        "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "dryRun": false, "everyAgency": false, "complete": null, "bytes": 20480,
        "bytesRead": rows(20_480), "rowsRead": rows(256), "rowsImported": rows(255),
        "rowsRefused": rows(1), "receivedAt": "2026-08-20T17:03:00Z",
        "startedAt": at("2026-08-20T17:03:01Z"), "endedAt": at("2026-08-20T17:03:04Z"),
        "counts": if is_done { counts } else { Value::Null },
        "report": format!("/v1/imports/{id}/report"), "reportLines": rows(1), "reportIsCut": false,
    })
}

fn vendor() -> Value {
    json!({
        "number": "V-10045", "organizationId": "org_01kb00000000000000000000ab",
        "legalName": "Prime Paving Inc",
    })
}

fn finding() -> Value {
    json!({
        "code": "disclosure.missing", "severity": "BLOCK",
        "message": "The firm has no disclosure on file.", "path": ["organization", "disclosure"],
        "remedy": "File a disclosure and submit the bid again before bids are due.",
        "citation": "Section 3(a)", "cureBy": null,
    })
}

fn gate_answer(subject: &str, vendor: &Value) -> Value {
    json!({
        "decision": "BLOCK", "reference": "dec_01kb00000000000000000000ab", "committed": true,
        "carriedOut": false, "subject": subject, "vendor": vendor, "cureBy": null,
        "policyVersion": 1, "decidedAt": "2026-08-20T17:03:00Z", "findings": [finding()],
        "letter": "To Prime Paving Inc: …",
    })
}

fn decision() -> Value {
    json!({
        "reference": "dec_01kb00000000000000000000ab", "decision": "BLOCK",
        "subjectKind": "BID_SUBMISSION", "subject": "bid_01kb00000000000000000000ab",
        "cureBy": null, "policyVersion": 1, "decidedAt": "2026-08-20T17:03:00Z",
        "replacedBy": null, "findings": [finding()], "letter": "To Prime Paving Inc: …",
    })
}

fn solicitation() -> Value {
    json!({
        "id": "sol_01kb00000000000000000000ab", "number": "LIB-26-030", "department": "LIB",
        "title": "Shelving, three branches", "description": "", "method": "BIDS",
        "publicWorks": false, "dueAt": "2026-08-24T21:00:00Z", "status": "PUBLISHED",
        "sealed": true, "policyVersion": 1, "addenda": [],
    })
}
