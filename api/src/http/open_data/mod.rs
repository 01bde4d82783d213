//! Open data: `/v1/ocds/…` in the Open Contracting Data Standard (OCDS 1.1), `/v1/bods/statements` in the
//! Beneficial Ownership Data Standard (BODS 0.4).
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use candor_schema::database::Database;
use candor_schema::open_data::service::{
    OpenDataPage, OpenDataRequest, list_records, list_releases, list_statements,
};
use candor_schema::organization::model::Viewer;
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};

use super::App;
use super::caller::{Caller, CallerRefusal};
use super::origin::origin;
use super::problem::{Problem, fault_response};
use super::query_string::Parameters;
use super::request_log::RequestRecord;

/// The bids extension that releases use.
const BIDS_EXTENSION: &str = "https://raw.githubusercontent.com/open-contracting-extensions/\
                              ocds_bid_extension/v1.1.5/extension.json";

/// The files of the disclosures extension, with their media types.
const EXTENSION_FILES: [(&str, &str, &str); 4] = [
    ("extension.json", "application/json", include_str!("../../../../openapi/ocds/extension.json")),
    (
        "release-schema.json",
        "application/schema+json",
        include_str!("../../../../openapi/ocds/release-schema.json"),
    ),
    (
        "disclosureStatus.csv",
        "text/csv; charset=utf-8",
        include_str!("../../../../openapi/ocds/disclosureStatus.csv"),
    ),
    (
        "disclosureComponent.csv",
        "text/csv; charset=utf-8",
        include_str!("../../../../openapi/ocds/disclosureComponent.csv"),
    ),
];

/// A request for a page, by somebody known.
struct PageRequest {
    database: Database,
    viewer: Viewer,
    page: OpenDataRequest,
    /// The page's own address, without its parameters.
    address: String,
    /// The address of the service.
    origin: String,
    now: DateTime<Utc>,
}

impl PageRequest {
    async fn new(app: App, request: Request) -> Result<Self, Response> {
        let record = RequestRecord::of(&request);
        // Its body is not read, and not shared between threads while this waits.
        let (request, _) = request.into_parts();
        let database = app.database.with_statement_count(record.statements());
        let app = App { database, ..app };
        let headers: &HeaderMap = &request.headers;
        let refused = |refusal: CallerRefusal| Problem::of_caller(&app, &refusal).into_response();
        let caller = Caller::authenticate(&app, headers).await.map_err(refused)?;
        let query = request.uri.query().unwrap_or_default().as_bytes();
        let mut parameters =
            Parameters::parse(query, &["after", "limit"]).map_err(IntoResponse::into_response)?;
        let limit = parameters.take("limit").map(|limit| limit.parse::<u64>()).transpose();
        let limit = limit.map_err(|_| {
            let message = "limit: send a whole number from 1 to 100.";
            Problem::new(StatusCode::BAD_REQUEST, message).into_response()
        })?;
        let page = OpenDataRequest { after: parameters.take("after"), limit };
        let now = app.clock.now();
        let viewer = caller.sign_in(&app, now).await.map_err(refused)?;
        let origin = origin(headers);
        let address = format!("{origin}{}", request.uri.path());
        Ok(Self { database: app.database, viewer, page, address, origin, now })
    }

    /// Returns the address of the page after this one.
    fn next_address(&self, next: &str) -> String {
        let limit = self.page.limit.map(|limit| format!("&limit={limit}"));
        format!("{}?after={next}{}", self.address, limit.unwrap_or_default())
    }

    /// Returns an OCDS package with the items of a page.
    fn package(&self, name: &str, page: OpenDataPage) -> Value {
        let mut package = json!({
            "uri": match &self.page.after {
                Some(after) => self.next_address(after),
                None => self.address.clone(),
            },
            "version": "1.1",
            "extensions": [
                BIDS_EXTENSION,
                format!("{}/v1/ocds/extension/extension.json", self.origin),
            ],
            "publishedDate": self.now.to_rfc3339_opts(SecondsFormat::Secs, true),
            "publisher": { "name": "Candor" },
        });
        package[name] = Value::Array(page.items);
        if let Some(next) = page.next {
            package["links"] = json!({ "next": self.next_address(&next) });
        }
        package
    }
}

fn json_response(value: &Value) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], value.to_string()).into_response()
}

/// Declares the handler of a page with its entry in the OpenAPI document.
macro_rules! page_route {
    ($name:ident, $answer:ident, $path:literal, $operation:literal, $summary:literal,
        $description:literal, $example:tt) => {
        #[doc = $summary]
        #[utoipa::path(
            get,
            path = $path,
            operation_id = $operation,
            tag = "open data",
            params(
                ("after" = Option<String>, Query, description = "Where the page begins, as the page \
                    before says."),
                ("limit" = Option<u32>, Query, description = "The number of items, 1 to 100; 20 if left \
                    out.", example = 20),
            ),
            responses(
                (status = OK, description = $description, body = Value,
                    content_type = "application/json", example = json!($example)),
                (status = BAD_REQUEST, description = "A parameter is unknown or malformed.",
                    body = Problem, content_type = "application/problem+json",
                    example = json!({"type": "about:blank", "title": "Bad Request", "status": 400,
                        "detail": "limit: send a whole number from 1 to 100.",
                        "code": "BAD_USER_INPUT"})),
            ),
            security(("bearer" = [])),
        )]
        pub(super) async fn $name(State(app): State<App>, request: Request) -> Response {
            $answer(app, request).await.unwrap_or_else(|refusal| refusal)
        }
    };
}

page_route!(
    releases,
    release_package,
    "/v1/ocds/releases",
    "ocdsReleases",
    "Returns contracting processes as OCDS 1.1 releases. Bids appear once they were due.",
    "A release package. `links.next` is the address of the next page.",
    {"uri": "https://candor.city.example/v1/ocds/releases", "version": "1.1",
     "publishedDate": "2026-11-29T20:00:00Z", "publisher": {"name": "Candor"}, "releases": []}
);
page_route!(
    records,
    record_package,
    "/v1/ocds/records",
    "ocdsRecords",
    "Returns contracting processes as OCDS 1.1 records.",
    "A record package. `links.next` is the address of the next page.",
    {"uri": "https://candor.city.example/v1/ocds/records", "version": "1.1",
     "publishedDate": "2026-11-29T20:00:00Z", "publisher": {"name": "Candor"}, "records": []}
);
page_route!(
    statements,
    statement_list,
    "/v1/bods/statements",
    "bodsStatements",
    "Returns the owners of firms as BODS 0.4 statements. A firm's disclosure on file is the declaration.",
    "A list of statements. The Link header has the address of the next page (`rel=next`).",
    [{"statementId": "0f0c3d2f6a0e4b1f9c7a5d3e1b2c4d6f0f0c3d2f6a0e4b1f9c7a5d3e1b2c4d6f",
      "recordId": "org_01kb0000000000000000000000", "recordType": "entity"}]
);

async fn release_package(app: App, request: Request) -> Result<Response, Response> {
    let of = PageRequest::new(app, request).await?;
    let page = list_releases(&of.database, &of.viewer, &of.page).await;
    Ok(json_response(&of.package("releases", page.map_err(fault_response)?)))
}

async fn record_package(app: App, request: Request) -> Result<Response, Response> {
    let of = PageRequest::new(app, request).await?;
    let page = list_records(&of.database, &of.viewer, &of.page).await;
    Ok(json_response(&of.package("records", page.map_err(fault_response)?)))
}

async fn statement_list(app: App, request: Request) -> Result<Response, Response> {
    let of = PageRequest::new(app, request).await?;
    let page = list_statements(&of.database, &of.viewer, &of.page).await;
    let OpenDataPage { items, next } = page.map_err(fault_response)?;
    let response = json_response(&Value::Array(items));
    Ok(match next {
        Some(next) => {
            let link = format!("<{}>; rel=\"next\"", of.next_address(&next));
            ([(header::LINK, link)], response).into_response()
        }
        None => response,
    })
}

/// Returns a file of the disclosures extension of OCDS. Anybody may read it, as tools do.
#[utoipa::path(
    get,
    path = "/v1/ocds/extension/{file}",
    operation_id = "ocdsExtension",
    tag = "open data",
    security(()),
    params(("file" = String, Path, description = "The name of the file.", example = "extension.json")),
    responses(
        (status = OK, description = "The file.", content(
            (Object = "application/json", example = json!({"name": {"en": "Disclosures"}})),
            (Object = "application/schema+json", example = json!({"properties": {}})),
            (String = "text/csv", example = "Code,Title,Description\n"),
        )),
        (status = NOT_FOUND, description = "There is no such file.", body = Problem,
            content_type = "application/problem+json",
            example = json!({"type": "about:blank", "title": "Not Found", "status": 404,
                "detail": "The files are extension.json, release-schema.json, disclosureStatus.csv, \
                           disclosureComponent.csv.", "code": "BAD_USER_INPUT"})),
    ),
)]
pub(super) async fn extension(Path(file): Path<String>) -> Response {
    let found = EXTENSION_FILES.iter().find(|(name, ..)| *name == file);
    if let Some((_, media_type, text)) = found {
        return ([(header::CONTENT_TYPE, *media_type)], *text).into_response();
    }
    let names = EXTENSION_FILES.map(|(name, ..)| name).join(", ");
    let message = format!("The files are {names}.");
    Problem::new(StatusCode::NOT_FOUND, message).into_response()
}

#[cfg(test)]
mod tests {
    use candor_schema::gate::DhsComponent;

    use super::EXTENSION_FILES;

    fn codes(file: &str) -> Vec<String> {
        let (_, _, text) = EXTENSION_FILES.iter().find(|(name, ..)| *name == file).expect("a file");
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        assert_eq!(reader.headers().expect("a header"), vec!["Code", "Title", "Description"]);
        reader.records().map(|row| row.expect("a row")[0].to_owned()).collect()
    }

    #[test]
    fn the_codelists_have_what_releases_may_say() {
        let components: Vec<&str> = DhsComponent::ALL.iter().map(|it| it.as_str()).collect();
        assert_eq!(codes("disclosureComponent.csv"), components);
        let (_, _, schema) = EXTENSION_FILES[1];
        let schema: serde_json::Value = serde_json::from_str(schema).expect("JSON");
        let statuses = &schema["definitions"]["Disclosure"]["properties"]["status"]["enum"];
        assert_eq!(*statuses, serde_json::json!(codes("disclosureStatus.csv")));
    }
}
