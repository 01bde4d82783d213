//! Who sends a request: the bearer token of a person, or the API key of another system.
use std::sync::Arc;

use axum::http::{HeaderMap, header};
use candor_schema::fault::Fault;
use candor_schema::organization::model::Viewer;
use candor_schema::organization::service::{sign_in, sign_in_again};
use candor_schema::service_account::model::ValidApiKey;
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

/// Why it is unknown who sends a request, in words for the sender.
#[derive(Clone, Debug)]
pub(super) enum CallerRefusal {
    /// It has no token. Says where to get one.
    MissingToken(String),
    /// Its token or key is not accepted.
    InvalidToken(String),
    /// The keys of the token's issuer cannot be read now.
    KeysUnavailable(String),
    /// Signing in failed.
    Fault(Fault),
}

impl CallerRefusal {
    /// Returns the value of the `WWW-Authenticate` header (RFC 6750, section 3); none without one.
    pub(super) const fn challenge(&self) -> Option<&'static str> {
        match self {
            Self::MissingToken(_) => Some("Bearer"),
            Self::InvalidToken(_) => Some("Bearer error=\"invalid_token\""),
            Self::KeysUnavailable(_) | Self::Fault(_) => None,
        }
    }
}

impl Caller {
    /// Returns who sends a request by its headers. Reads no body.
    pub(super) async fn authenticate(
        app: &App,
        headers: &HeaderMap,
    ) -> Result<Self, CallerRefusal> {
        let Some(token) = bearer_token(headers) else {
            let place = app.authenticator.where_to_sign_in();
            return Err(CallerRefusal::MissingToken(format!(
                "send a bearer token, as in: Authorization: Bearer eyJ…. {place}"
            )));
        };
        if is_api_key(token) {
            return Self::by_api_key(app, token).await;
        }
        match app.authenticator.authenticate(token, app.clock.now()).await {
            Ok(token) => Ok(Self::Person(token)),
            Err(TokenError::KeysUnavailable) => {
                Err(CallerRefusal::KeysUnavailable(TokenError::KeysUnavailable.to_string()))
            }
            Err(refusal) => {
                let place = app.authenticator.where_to_sign_in();
                Err(CallerRefusal::InvalidToken(format!("{refusal}. {place}")))
            }
        }
    }

    /// Returns the system with an API key.
    pub(super) async fn by_api_key(app: &App, key: &str) -> Result<Self, CallerRefusal> {
        match authenticate_api_key(&app.database, key, app.clock.now()).await {
            Ok(Ok(key)) => Ok(Self::ServiceAccount(key)),
            Ok(Err(refusal)) => Err(CallerRefusal::InvalidToken(refusal.to_string())),
            Err(fault) => Err(CallerRefusal::Fault(fault)),
        }
    }

    /// Returns the viewer of a request that had arrived at `now`, and signs a person in.
    pub(super) async fn viewer(
        &self,
        app: &App,
        now: DateTime<Utc>,
    ) -> Result<Viewer, CallerRefusal> {
        match self {
            Self::ServiceAccount(key) => {
                key.viewer(now).map_err(|refusal| CallerRefusal::InvalidToken(refusal.to_string()))
            }
            Self::Person(token) => {
                sign_in_person(app, token, now).await.map_err(CallerRefusal::Fault)
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
    let viewer = sign_in(&app.database, &token.person, now).await?;
    token.remember_sign_in();
    Ok(viewer)
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
