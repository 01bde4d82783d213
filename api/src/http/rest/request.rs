//! What every REST handler does with a request: its sender, its body, its query, its conditions and its
//! idempotency key.
use axum::body::Bytes;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Query, Request};
use axum::http::{HeaderMap, HeaderName, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use candor_schema::database::Database;
use candor_schema::idempotency::KeyedRequest;
use candor_schema::organization::model::Viewer;
use candor_schema::precondition::{ObjectVersion, Precondition};
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_path_to_error::Segment;

use crate::auth::unique_json::UniqueJson;
use crate::http::caller::Caller;
use crate::http::media_type::is_json;
use crate::http::problem::{FieldProblem, Problem};
use crate::http::request_log::RequestRecord;
use crate::http::{App, body, idempotency, problem};

/// The longest part of a parser's message in a response, in characters. It quotes the input.
const MAX_QUOTED_CHARS: usize = 200;
/// The most versions that a condition may name.
const MAX_VERSIONS: usize = 20;

/// A request whose sender is known and whose body has arrived.
#[derive(Debug)]
pub(super) struct Received {
    pub(super) app: App,
    pub(super) viewer: Viewer,
    method: Method,
    pub(super) uri: Uri,
    pub(super) headers: HeaderMap,
    body: Bytes,
}

/// A request whose sender is known and whose body has not been read.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) app: App,
    caller: Caller,
    method: Method,
    pub(super) uri: Uri,
    pub(super) headers: HeaderMap,
}

impl Opened {
    /// Authenticates the sender. The future does not borrow the request, whose body no two threads may read.
    pub(super) fn open(
        mut app: App,
        request: &Request,
        label: Label,
    ) -> impl Future<Output = Result<Self, Problem>> + Send + use<> {
        let record = RequestRecord::of(request);
        if label == Label::AboutBids {
            record.set_root_field("bids".to_owned());
        }
        app.database = app.database.with_statement_count(record.statements());
        let (method, uri) = (request.method().clone(), request.uri().clone());
        let headers = request.headers().clone();
        async move {
            let caller = Caller::authenticate(&app, &headers).await;
            let caller = caller.map_err(|refusal| Problem::of_caller(&app, &refusal))?;
            Ok(Self { app, caller, method, uri, headers })
        }
    }

    /// The sender, at this time.
    pub(super) async fn viewer(&self) -> Result<Viewer, Problem> {
        let now = self.app.clock.now();
        self.app.database.observe_clock(now);
        let viewer = self.caller.sign_in(&self.app, now).await;
        viewer.map_err(|refusal| Problem::of_caller(&self.app, &refusal))
    }

    /// Parses the query string; a parameter that the address does not have is refused.
    pub(super) fn query<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        parse_query(&self.uri)
    }

    /// Returns the request once its body has arrived, or a digest of one that is not held in memory. Its
    /// one time is now.
    pub(super) async fn arrived(self, body: Bytes) -> Result<Received, Problem> {
        let viewer = self.viewer().await?;
        let Self { app, caller: _, method, uri, headers } = self;
        Ok(Received { app, viewer, method, uri, headers, body })
    }
}

fn parse_query<T: DeserializeOwned>(uri: &Uri) -> Result<T, Problem> {
    let parsed = Query::<T>::try_from_uri(uri);
    parsed.map(|Query(parsed)| parsed).map_err(|refusal| malformed(&refusal.body_text()))
}

/// The label of requests in the metrics. Those about bids share one, because their numbers would show how
/// many bids there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Label {
    Route,
    AboutBids,
}

impl Received {
    /// Authenticates the sender, then reads the body. The request's one time is when its whole body has
    /// arrived.
    pub(super) async fn receive(app: App, request: Request, label: Label) -> Result<Self, Problem> {
        let opened = Opened::open(app, &request, label).await?;
        let body = body::read_body(request).await;
        let body = body.map_err(|status| {
            Problem::new(status, problem::default_detail(status)).with_code("BAD_USER_INPUT")
        })?;
        opened.arrived(body).await
    }

    /// Answers a request that changes something: with an `Idempotency-Key`, once.
    pub(super) async fn answer_once<F>(
        self,
        answer: impl FnOnce(Self) -> F + Send + 'static,
    ) -> Result<Response, Problem>
    where
        F: Future<Output = Result<Response, Problem>> + Send + 'static,
    {
        let Some(key) = idempotency::key_of(&self.headers).map_err(Problem::of_refusal)? else {
            return answer(self).await;
        };
        let address = self.uri.path_and_query().map_or("/", |address| address.as_str());
        let parts = [self.method.as_str().as_bytes(), address.as_bytes(), &self.body];
        let request = KeyedRequest::new(&self.viewer.subject, key, &parts);
        let app = self.app.clone();
        let refuse = |refusal| Problem::of_refusal(refusal).into_response();
        let execute = move |app: App| async move {
            answer(Self { app, ..self }).await.unwrap_or_else(IntoResponse::into_response)
        };
        Ok(idempotency::run_once(&app, request, refuse, execute).await)
    }

    /// The database, for this request.
    pub(super) fn database(&self) -> Database {
        self.app.database.for_request(self.app.clock.clone())
    }

    /// Parses the query string; a parameter that the address does not have is refused.
    pub(super) fn query<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        parse_query(&self.uri)
    }

    /// Parses the body as JSON in which no object has a member twice.
    pub(super) fn json(&self) -> Result<Value, Problem> {
        if !is_json(&self.headers) {
            let detail = "Send the request as application/json, in UTF-8.";
            return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail));
        }
        let parsed = serde_json::from_slice::<UniqueJson>(&self.body);
        parsed
            .map(UniqueJson::into_value)
            .map_err(|error| malformed(&format!("The body is not JSON: {error}")))
    }

    /// The version that the request requires.
    pub(super) fn precondition(&self) -> Result<Precondition, Problem> {
        let if_match = only_header(&self.headers, &header::IF_MATCH)?;
        let if_none_match = only_header(&self.headers, &header::IF_NONE_MATCH)?;
        match (if_match, if_none_match) {
            (None, None) => Ok(Precondition::None),
            (Some(_), Some(_)) => Err(malformed("Send If-Match or If-None-Match, not both.")),
            (None, Some("*")) => Ok(Precondition::Absent),
            (None, Some(_)) => {
                Err(malformed("If-None-Match can only be *: store it if there is none yet."))
            }
            (Some("*"), None) => Ok(Precondition::Present),
            (Some(tags), None) => parse_versions(tags),
        }
    }
}

pub(super) fn only_header<'a>(
    headers: &'a HeaderMap,
    name: &HeaderName,
) -> Result<Option<&'a str>, Problem> {
    let mut all = headers.get_all(name).iter();
    let (first, None) = (all.next(), all.next()) else {
        return Err(malformed(&format!("Send the header {name} once.")));
    };
    let text = first.map(|first| first.to_str().map(str::trim)).transpose();
    text.map_err(|_| malformed(&format!("The header {name} is not in ASCII.")))
}

/// Parses the entity tags of `If-Match`. A weak one matches nothing (RFC 9110, section 13.1.1).
fn parse_versions(tags: &str) -> Result<Precondition, Problem> {
    let wrong = || malformed("If-Match has the ETag of an answer, with its quotation marks, or *.");
    let tags: Vec<&str> = tags.split(',').map(str::trim).collect();
    if tags.len() > MAX_VERSIONS {
        return Err(wrong());
    }
    let mut versions = std::collections::BTreeSet::new();
    for tag in tags {
        let (is_weak, tag) = tag.strip_prefix("W/").map_or((false, tag), |tag| (true, tag));
        let inner = tag.strip_prefix('"').and_then(|tag| tag.strip_suffix('"'));
        let inner = inner.filter(|it| !it.contains('"')).ok_or_else(wrong)?;
        if !is_weak {
            versions.insert(ObjectVersion::named(inner));
        }
    }
    Ok(Precondition::Versions(versions))
}

/// The value of the `ETag` header of a version.
pub(super) fn entity_tag(version: &ObjectVersion) -> [(HeaderName, String); 1] {
    [(header::ETAG, format!("\"{}\"", version.as_str()))]
}

/// Parses the number in a path.
pub(super) fn path_text(path: Result<Path<String>, PathRejection>) -> Result<String, Problem> {
    path.map(|Path(text)| text).map_err(|_| {
        malformed("The address is not in UTF-8; percent-encode the number in it as UTF-8.")
    })
}

/// Parses the fields of an object.
pub(super) fn parse<T: DeserializeOwned>(value: Value) -> Result<T, Problem> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let path = error.path().iter().filter_map(|segment| match segment {
            Segment::Seq { index } => Some(index.to_string()),
            Segment::Map { key } => Some(key.clone()),
            Segment::Enum { variant } => Some(variant.clone()),
            Segment::Unknown => None,
        });
        let path = path.collect();
        let message = shorten(&error.inner().to_string());
        Problem::of_fields(vec![FieldProblem { path, code: "invalid", message }])
    })
}

/// The problem of a request that cannot be read.
pub(super) fn malformed(detail: &str) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, shorten(detail))
}

fn shorten(text: &str) -> String {
    let mut short: String = text.chars().take(MAX_QUOTED_CHARS).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}
