//! Who sends a request: a person by a token, or another system by an API key.
use std::sync::Arc;

use axum::http::{HeaderMap, StatusCode, header};
use candor_schema::fault::Fault;
use candor_schema::organization::model::Viewer;
use candor_schema::organization::service::{sign_in, sign_in_again};
use candor_schema::service_account::model::{ApiKeyRefusal, ValidApiKey};
use candor_schema::service_account::service::authenticate_api_key;
use chrono::{DateTime, Utc};

use super::App;
use crate::auth::api_key::is_api_key;
use crate::auth::{AcceptedToken, TokenError};

/// Who sends a request.
#[derive(Clone, Debug)]
pub(super) enum Caller {
    /// A person, by a token of an issuer.
    Person(Arc<AcceptedToken>),
    /// Another system, by an API key.
    ServiceAccount(ValidApiKey),
}

/// Why the sender of a request is not accepted.
#[derive(Clone, Debug)]
pub(super) enum CallerRefusal {
    /// The request has no bearer token.
    MissingToken,
    /// The token is not accepted; says why.
    InvalidToken(TokenError),
    /// The API key is not accepted; says why.
    InvalidKey(ApiKeyRefusal),
    /// The issuer of the token does not answer.
    KeysUnavailable,
    /// The person could not be signed in.
    Failed(Fault),
}

/// The `WWW-Authenticate` header of a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Challenge {
    Bearer,
    InvalidToken,
}

impl Challenge {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Bearer => "Bearer",
            Self::InvalidToken => "Bearer error=\"invalid_token\"",
        }
    }
}

impl CallerRefusal {
    /// The status of the response.
    pub(super) fn status(&self) -> StatusCode {
        match self {
            Self::MissingToken | Self::InvalidToken(_) | Self::InvalidKey(_) => {
                StatusCode::UNAUTHORIZED
            }
            Self::KeysUnavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::Failed(fault) => status_of_failure(fault),
        }
    }

    /// The `WWW-Authenticate` header of the response, if it has one.
    pub(super) const fn challenge(&self) -> Option<Challenge> {
        match self {
            Self::MissingToken => Some(Challenge::Bearer),
            Self::InvalidToken(_) | Self::InvalidKey(_) => Some(Challenge::InvalidToken),
            Self::KeysUnavailable | Self::Failed(_) => None,
        }
    }

    /// The message of the response. It says where to get a token.
    pub(super) fn message(&self, app: &App) -> String {
        let place = || app.authenticator.where_to_sign_in();
        match self {
            Self::MissingToken => {
                format!("send a bearer token, as in: Authorization: Bearer eyJ…. {}", place())
            }
            Self::InvalidToken(refusal) => format!("{refusal}. {}", place()),
            Self::InvalidKey(refusal) => refusal.to_string(),
            Self::KeysUnavailable => TokenError::KeysUnavailable.to_string(),
            Self::Failed(fault) => async_graphql::Error::from(fault.clone()).message,
        }
    }
}

/// Returns the status of a response to a failed sign-in.
pub(super) const fn status_of_failure(fault: &Fault) -> StatusCode {
    match fault {
        Fault::Unauthenticated => StatusCode::UNAUTHORIZED,
        Fault::Forbidden(_) => StatusCode::FORBIDDEN,
        Fault::Unavailable(_) | Fault::Conflict(_) => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

impl Caller {
    /// Authenticates the sender by the headers of the request, whose body is not read before.
    pub(super) async fn authenticate(
        app: &App,
        headers: &HeaderMap,
    ) -> Result<Self, CallerRefusal> {
        match bearer_token(headers) {
            None => Err(CallerRefusal::MissingToken),
            Some(key) if is_api_key(key) => Self::by_api_key(app, key).await,
            Some(token) => match app.authenticator.authenticate(token, app.clock.now()).await {
                Ok(token) => Ok(Self::Person(token)),
                Err(TokenError::KeysUnavailable) => Err(CallerRefusal::KeysUnavailable),
                Err(refusal) => Err(CallerRefusal::InvalidToken(refusal)),
            },
        }
    }

    /// Returns the system that has an API key.
    pub(super) async fn by_api_key(app: &App, key: &str) -> Result<Self, CallerRefusal> {
        let found = authenticate_api_key(&app.database, key, app.clock.now()).await;
        let found = found.map_err(CallerRefusal::Failed)?;
        found.map(Self::ServiceAccount).map_err(CallerRefusal::InvalidKey)
    }

    /// Returns the viewer of a request at its time. The token or key must be valid then too: the body may have
    /// taken long to arrive.
    pub(super) async fn sign_in(
        &self,
        app: &App,
        now: DateTime<Utc>,
    ) -> Result<Viewer, CallerRefusal> {
        match self {
            Self::ServiceAccount(key) => key.viewer(now).map_err(CallerRefusal::InvalidKey),
            Self::Person(token) => {
                token.validate_times(now).map_err(CallerRefusal::InvalidToken)?;
                sign_in_person(app, token, now).await.map_err(CallerRefusal::Failed)
            }
        }
    }
}

/// Signs the person of a token in.
async fn sign_in_person(
    app: &App,
    token: &AcceptedToken,
    now: DateTime<Utc>,
) -> Result<Viewer, Fault> {
    if token.has_signed_in() {
        return sign_in_again(&app.database, &token.person, now).await;
    }
    let signed_in = sign_in(&app.database, &token.person, now).await?;
    if !signed_in.has_open_invitation {
        token.remember_sign_in();
    }
    Ok(signed_in.viewer)
}

/// Returns the token of the only `Authorization: Bearer …` header.
fn bearer_token(headers: &HeaderMap) -> Option<&str> {
    let mut all = headers.get_all(header::AUTHORIZATION).iter();
    let (Some(only), None) = (all.next(), all.next()) else {
        return None;
    };
    let (scheme, token) = only.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
