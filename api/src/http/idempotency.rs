//! `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header): a change that is sent again with its
//! key is made once, and answered as the first time.
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::http::response::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use candor_schema::database::SavedChange;
use candor_schema::fault::Fault;
use candor_schema::idempotency::{
    self, Claim, IdempotencyKey, KeyedRequest, MAX_KEY_BYTES, MAX_STORED_BYTES, Reservation,
    StoredAnswer,
};
use tokio::time::{Instant, sleep};
use tracing::Instrument;

use super::App;

/// The header with the key.
const HEADER: HeaderName = HeaderName::from_static("idempotency-key");
/// The header of an answer that was stored, with the value `true`.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
/// The headers that are replayed beside the content type: they name what the answer is about.
const REPLAYED_HEADERS: [HeaderName; 2] = [header::ETAG, header::LOCATION];
/// How long a duplicate waits for the first execution.
const MAX_WAIT: Duration = Duration::from_secs(25);
/// The first pause of a duplicate between two looks at the database; each pause is longer.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_millis(500);
/// The seconds after which a client tries again while the first execution still runs.
const RETRY_AFTER_SECONDS: &str = "30";

/// Why a request with a key is not executed. Each interface writes it in its own form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    /// Stable, for programs.
    pub(super) code: &'static str,
    /// What is wrong, and what to do.
    pub(super) message: String,
}

impl Refusal {
    fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into() }
    }

    /// The refusal of a mutation that does not have one root field.
    pub(super) fn several_root_fields() -> Self {
        let message = "A mutation with an Idempotency-Key has one root field, because the key stands \
                       for one change. Send each change as a request of its own, with its own key.";
        Self::new(StatusCode::BAD_REQUEST, "BAD_USER_INPUT", message)
    }

    fn mismatch() -> Self {
        let message = "This Idempotency-Key was sent before with another request. Nothing was \
                       done. Send a new key with a new request, and the old request unchanged with \
                       its key.";
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "IDEMPOTENCY_MISMATCH", message)
    }

    fn still_running() -> Self {
        let message = "The first request with this Idempotency-Key is still running. Send the same \
                       request with the same key again in half a minute.";
        Self::new(StatusCode::CONFLICT, "IDEMPOTENCY_RUNNING", message)
    }

    fn answer_lost(saved: &[SavedChange]) -> Self {
        let message = format!(
            "The change of this request was made once, but its answer was lost, and it is not made \
             again. {}",
            where_to_look(saved)
        );
        Self::new(StatusCode::CONFLICT, "IDEMPOTENCY_ANSWER_LOST", message)
    }

    fn answer_too_large(saved: &[SavedChange]) -> Self {
        let message = format!(
            "The change of this request was made once. Its answer was larger than {} MiB, so it was \
             not kept. {}",
            MAX_STORED_BYTES / (1024 * 1024),
            where_to_look(saved)
        );
        Self::new(StatusCode::CONFLICT, "IDEMPOTENCY_ANSWER_LOST", message)
    }

    fn answer_with_secret(saved: &[SavedChange]) -> Self {
        let message = format!(
            "The change of this request was made once. Its answer had a secret, which is shown once \
             and kept nowhere. {} If you did not get the secret, revoke it and create another.",
            where_to_look(saved)
        );
        Self::new(StatusCode::CONFLICT, "IDEMPOTENCY_ANSWER_LOST", message)
    }

    fn from_fault(fault: Fault) -> Self {
        let (status, code) = match fault {
            Fault::Unavailable(_) | Fault::Conflict(_) => {
                (StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE")
            }
            _ => (StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL"),
        };
        Self::new(status, code, async_graphql::Error::from(fault).message)
    }
}

/// Returns in words where a change can be found.
fn where_to_look(saved: &[SavedChange]) -> String {
    if saved.is_empty() {
        return "Read what it changed before you send another request.".to_owned();
    }
    let list = saved.iter().map(|change| format!("{} ({})", change.subject, change.action));
    let list = list.collect::<Vec<_>>().join(", ");
    format!("It saved: {list}. Read that before you send another request.")
}

/// Returns the key of a request; `None` if it has none.
///
/// # Errors
/// A refusal if there are several, or the key is malformed.
pub(super) fn key_of(headers: &HeaderMap) -> Result<Option<IdempotencyKey>, Refusal> {
    let mut all = headers.get_all(HEADER).iter();
    let (first, second) = (all.next(), all.next());
    let Some(first) = first else { return Ok(None) };
    let key = first.to_str().ok().filter(|_| second.is_none()).and_then(IdempotencyKey::parse);
    key.map(Some).ok_or_else(|| {
        let message = format!(
            "Send one Idempotency-Key of 1 to {MAX_KEY_BYTES} visible ASCII characters without \
             quotes inside, such as a UUID."
        );
        Refusal::new(StatusCode::BAD_REQUEST, "BAD_USER_INPUT", message)
    })
}

/// Executes a request once, or returns the stored answer of its first execution. `execute` gets a handle
/// of the service whose first change holds the key; it runs to its end even if the client disconnects.
/// `refuse` writes a refusal.
pub(super) async fn run_once<F>(
    app: &App,
    request: KeyedRequest,
    refuse: impl Fn(Refusal) -> Response + Send + 'static,
    execute: impl FnOnce(App) -> F + Send + 'static,
) -> Response
where
    F: Future<Output = Response> + Send + 'static,
{
    let claim = match claim(app, &request).await {
        Ok(Ok(claim)) => Arc::new(claim),
        Ok(Err(answer)) => return replay(answer),
        Err(refusal) => {
            let is_running = refusal.code == "IDEMPOTENCY_RUNNING";
            let mut response = refuse(refusal);
            if is_running {
                let wait = HeaderValue::from_static(RETRY_AFTER_SECONDS);
                response.headers_mut().insert(header::RETRY_AFTER, wait);
            }
            return response;
        }
    };
    let app = app.clone();
    let task = async move {
        let database = app.database.clone();
        let claimed = App { database: database.with_claim(Arc::clone(&claim)), ..app };
        let response = execute(claimed).await;
        let (parts, body) = response.into_parts();
        let Ok(body) = to_bytes(body, usize::MAX).await else {
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        };
        let stored = match String::from_utf8(body.to_vec()) {
            _ if claim.has_secret() => {
                stored_refusal(refuse(Refusal::answer_with_secret(&claim.saved()))).await
            }
            Ok(body) if body.len() <= MAX_STORED_BYTES => stored_answer(&parts, body),
            _ => stored_refusal(refuse(Refusal::answer_too_large(&claim.saved()))).await,
        };
        if let Err(fault) = idempotency::finish(&database, &claim, stored).await {
            tracing::warn!(
                ?fault,
                "the answer of a request with an idempotency key was not stored"
            );
        }
        Response::from_parts(parts, Body::from(body))
    };
    match tokio::spawn(task.in_current_span()).await {
        Ok(response) => response,
        Err(error) => {
            tracing::error!(%error, "a request with an idempotency key panicked");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// Claims the key of a request, or returns its stored answer. Waits for another execution with pauses,
/// in which it holds no connection.
async fn claim(app: &App, request: &KeyedRequest) -> Result<Result<Claim, StoredAnswer>, Refusal> {
    let (until, mut pause) = (Instant::now() + MAX_WAIT, FIRST_PAUSE);
    loop {
        let reserved = idempotency::reserve(&app.database, request, app.clock.now()).await;
        match reserved.map_err(Refusal::from_fault)? {
            Reservation::Claimed(claim) => return Ok(Ok(claim)),
            Reservation::Answered(answer) => return Ok(Err(answer)),
            Reservation::Mismatch => return Err(Refusal::mismatch()),
            Reservation::AnswerLost(saved) => return Err(Refusal::answer_lost(&saved)),
            Reservation::Running if Instant::now() + pause > until => {
                return Err(Refusal::still_running());
            }
            Reservation::Running => {
                sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        }
    }
}

/// Returns a refusal as it is stored.
async fn stored_refusal(response: Response) -> StoredAnswer {
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, MAX_STORED_BYTES).await.unwrap_or_default();
    stored_answer(&parts, String::from_utf8_lossy(&body).into_owned())
}

/// Returns an answer as it is stored.
fn stored_answer(parts: &Parts, body: String) -> StoredAnswer {
    let text = |name: &HeaderName| parts.headers.get(name)?.to_str().ok().map(str::to_owned);
    let headers = REPLAYED_HEADERS.iter();
    let headers = headers.filter_map(|name| Some((name.as_str().to_owned(), text(name)?)));
    StoredAnswer {
        status: parts.status.as_u16(),
        content_type: text(&header::CONTENT_TYPE),
        body,
        headers: headers.collect(),
    }
}

/// Returns a stored answer.
fn replay(answer: StoredAnswer) -> Response {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (status, answer.body).into_response();
    let headers = response.headers_mut();
    headers.remove(header::CONTENT_TYPE);
    let content_type = answer.content_type.and_then(|it| HeaderValue::try_from(it).ok());
    if let Some(content_type) = content_type {
        headers.insert(header::CONTENT_TYPE, content_type);
    }
    for name in REPLAYED_HEADERS {
        let value = answer.headers.get(name.as_str());
        if let Some(value) = value.and_then(|value| HeaderValue::try_from(value).ok()) {
            headers.insert(name, value);
        }
    }
    headers.insert(REPLAYED, HeaderValue::from_static("true"));
    response
}
