//! An issuer whose tokens are accepted, with its keys.
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use super::key_store::KeyStore;
use super::unverified_token::UnverifiedToken;
use super::{Claims, IssuerSettings, Profile, TokenError};

/// The claims that RFC 9068 (section 2.2) requires beside `exp` and `aud`, which every token needs.
const STRICT_CLAIMS: [&str; 5] = ["iss", "sub", "client_id", "iat", "jti"];
/// Claims that only ID tokens (OpenID Connect Core 1.0, sections 2 and 3) and logout tokens have.
const ID_TOKEN_CLAIMS: [&str; 5] = ["nonce", "at_hash", "c_hash", "s_hash", "events"];
/// Claims that only access tokens have: who asked for it and for what, under the names of RFC 9068, of
/// Okta and of Entra.
const ACCESS_TOKEN_CLAIMS: [&str; 5] = ["client_id", "scope", "cid", "scp", "appid"];

/// An issuer whose tokens are accepted.
#[derive(Debug)]
pub(super) struct TrustedIssuer {
    pub(super) settings: IssuerSettings,
    pub(super) keys: Arc<KeyStore>,
}

impl TrustedIssuer {
    /// Verifies a token of this issuer.
    ///
    /// # Errors
    /// Why it is not accepted. The signature comes first: nothing is said about the content of a
    /// token that somebody else wrote.
    pub(super) fn verify(
        &self,
        token: &UnverifiedToken<'_>,
        claims: &Map<String, Value>,
        now: DateTime<Utc>,
    ) -> Result<Claims, TokenError> {
        self.keys.current(now).ok_or(TokenError::KeysUnavailable)?.verify(token)?;
        check_type(self.settings.profile, token.header.typ.as_deref(), claims)?;
        let IssuerSettings { claims: mapping, roles, role_names, audiences, .. } = &self.settings;
        let read = mapping.read(claims, roles, role_names)?;
        if !read.aud.iter().any(|audience| audiences.contains(audience)) {
            return Err(TokenError::WrongAudience);
        }
        read.validate_times(now)?;
        // The ledger names the person, so the name must be readable.
        read.principal()?;
        Ok(read)
    }
}

/// Checks that a token is an access token, and no other token that the issuer signs with the same key
/// (RFC 8725, sections 3.11 and 3.12).
fn check_type(
    profile: Profile,
    typ: Option<&str>,
    claims: &Map<String, Value>,
) -> Result<(), TokenError> {
    let typ = typ.map(str::to_ascii_lowercase);
    match (typ.as_deref(), profile) {
        (Some("at+jwt" | "application/at+jwt"), Profile::Relaxed) => Ok(()),
        (Some("at+jwt" | "application/at+jwt"), Profile::Strict) => {
            STRICT_CLAIMS.iter().try_for_each(|name| match claims.get(*name) {
                None => Err(TokenError::InvalidClaim((*name).to_owned(), "is missing")),
                Some(Value::String(text)) if !text.is_empty() => Ok(()),
                Some(Value::Number(_)) if *name == "iat" => Ok(()),
                Some(_) => Err(TokenError::InvalidClaim(
                    (*name).to_owned(),
                    "has another type than it must",
                )),
            })
        }
        (None | Some("jwt" | "application/jwt"), Profile::Relaxed) => {
            check_untyped(claims).map_err(TokenError::NotAnAccessToken)
        }
        (_, Profile::Strict) => {
            Err(TokenError::NotAnAccessToken("its type (typ) is not at+jwt (RFC 9068)"))
        }
        (Some(_), Profile::Relaxed) => {
            Err(TokenError::NotAnAccessToken("its type (typ) is neither at+jwt nor JWT"))
        }
    }
}

/// Checks by its claims that a token without a type of its own is an access token.
fn check_untyped(claims: &Map<String, Value>) -> Result<(), &'static str> {
    // Keycloak (`typ`) and Cognito (`token_use`) state the kind in a claim.
    for (name, expected) in [("typ", "bearer"), ("token_use", "access")] {
        match claims.get(name) {
            None => {}
            Some(Value::String(kind)) if kind.eq_ignore_ascii_case(expected) => return Ok(()),
            Some(_) => return Err("it says that it is of another kind"),
        }
    }
    if ID_TOKEN_CLAIMS.iter().any(|name| claims.contains_key(*name)) {
        return Err("it is an ID token; send the access token that came with it");
    }
    if !ACCESS_TOKEN_CLAIMS.iter().any(|name| claims.contains_key(*name)) {
        return Err("it names neither a scope nor the client that asked for it");
    }
    Ok(())
}
