//! Tests of token verification.
mod bad_claims;
mod development;
mod key_sets;
mod providers;
mod rfc8725;
mod settings;
mod test_key;
mod wycheproof;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use candor_schema::organization::model::Role;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::key_store::KeyStore;
use super::keys::KeySet;
use super::trusted_issuer::TrustedIssuer;
use super::{
    Authenticator, ClaimMapping, IssuerSettings, KeyLocation, KeySetError, Profile, TokenError,
};
use test_key::TestKey;

const ISSUER: &str = "https://id.city.example";
const AUDIENCE: &str = "candor";

fn noon() -> DateTime<Utc> {
    DateTime::from_timestamp(1_772_366_400, 0).expect("March 1, 2026")
}

fn at(seconds: i64) -> i64 {
    (noon() + TimeDelta::seconds(seconds)).timestamp()
}

/// The claims of a token as RFC 9068 defines it.
fn claims() -> Value {
    json!({
        "iss": ISSUER,
        "sub": "person-1",
        "aud": AUDIENCE,
        "exp": at(60),
        "iat": at(-60),
        "jti": "token-1",
        "client_id": "candor-web",
        "roles": ["bidder", "bca_reviewer"],
    })
}

/// The claims with members replaced, or removed where the change is null.
fn with(changes: Value) -> Value {
    let (Value::Object(mut all), Value::Object(changes)) = (claims(), changes) else {
        panic!("objects")
    };
    for (name, value) in changes {
        if value.is_null() {
            all.remove(&name)
        } else {
            all.insert(name, value)
        };
    }
    Value::Object(all)
}

fn settings(profile: Profile) -> IssuerSettings {
    IssuerSettings {
        issuer: ISSUER.to_owned(),
        name: None,
        sign_in: None,
        audiences: vec![AUDIENCE.to_owned()],
        keys: KeyLocation::File(PathBuf::new()),
        profile,
        roles: Role::ALL.iter().copied().collect(),
        role_names: BTreeMap::new(),
        claims: ClaimMapping::default(),
    }
}

fn trusted(settings: IssuerSettings, keys: &[&Value]) -> Result<TrustedIssuer, KeySetError> {
    let keys = KeySet::parse(json!({ "keys": keys }).to_string().as_bytes())?;
    let keys = Arc::new(KeyStore::fixed(settings.issuer.clone(), keys));
    Ok(TrustedIssuer { settings, keys })
}

/// A verifier of one issuer's tokens.
fn authenticator(profile: Profile, keys: &[&Value]) -> Result<Authenticator, KeySetError> {
    Ok(Authenticator::trusting(vec![trusted(settings(profile), keys)?]))
}

/// Verifies a token of `key` at noon, with the header and claims as they are given.
fn verify_with(
    profile: Profile,
    key: &TestKey,
    header: &Value,
    claims: &str,
) -> Result<(), TokenError> {
    let authenticator = authenticator(profile, &[&key.jwk]).expect("a key");
    authenticator.verify(&key.sign(header, claims), noon()).map(drop)
}

/// Verifies a token with these changes of its claims.
fn verify(profile: Profile, changes: Value) -> Result<(), TokenError> {
    let key = TestKey::eddsa("k");
    let header = match profile {
        Profile::Strict => json!({ "alg": "EdDSA", "kid": "k", "typ": "at+jwt" }),
        Profile::Relaxed => json!({ "alg": "EdDSA", "kid": "k", "typ": "JWT" }),
    };
    verify_with(profile, &key, &header, &with(changes).to_string())
}
