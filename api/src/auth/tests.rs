//! Tests of token verification.
use std::os::unix::fs::PermissionsExt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use candor_schema::organization::model::{EmailAddress, Role};
use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, EncodingKey, Header, crypto};
use serde_json::{Value, json};

use super::{
    Authenticator, Claims, DEFAULT_AUDIENCE, DEVELOPMENT_ISSUER, DevelopmentKey, KeySetError,
    TokenError,
};

const SECRET: &[u8] = b"0123456789abcdef0123456789abcdef";

fn noon() -> DateTime<Utc> {
    DateTime::from_timestamp(1_772_366_400, 0).expect("March 1, 2026")
}

fn at(seconds: i64) -> i64 {
    (noon() + TimeDelta::seconds(seconds)).timestamp()
}

fn claims() -> Claims {
    Claims {
        sub: "person-1".into(),
        iss: DEVELOPMENT_ISSUER.into(),
        aud: vec![DEFAULT_AUDIENCE.into()],
        exp: at(60),
        nbf: None,
        iat: None,
        email: Some("a@example.com".into()),
        email_verified: true,
        name: None,
        roles: vec!["bidder".into(), "bca_reviewer".into(), "emperor".into(), "BIDDER".into()],
    }
}

fn authenticator(keys: &Value) -> Result<Authenticator, KeySetError> {
    let keys: JwkSet = serde_json::from_value(json!({ "keys": keys })).expect("a key set");
    Authenticator::new(DEVELOPMENT_ISSUER.into(), DEFAULT_AUDIENCE.into(), keys)
}

fn secret(alg: &str, kid: &str, bytes: &[u8]) -> Value {
    json!({ "kty": "oct", "alg": alg, "kid": kid, "k": BASE64.encode(bytes) })
}

/// A token with the header and claims as they are given, signed with the secret.
fn token(header: &Value, claims: &Value) -> String {
    let part = |value: &Value| BASE64.encode(value.to_string());
    let message = format!("{}.{}", part(header), part(claims));
    let key = EncodingKey::from_secret(SECRET);
    let signature = crypto::sign(message.as_bytes(), &key, Algorithm::HS256).expect("a key");
    format!("{message}.{signature}")
}

fn with(changes: Value) -> Value {
    let mut all = serde_json::to_value(claims()).expect("claims are JSON");
    let (Value::Object(all_members), Value::Object(changes)) = (&mut all, changes) else {
        panic!("objects")
    };
    for (name, value) in changes {
        if value.is_null() {
            all_members.remove(&name)
        } else {
            all_members.insert(name, value)
        };
    }
    all
}

#[test]
fn a_name_never_refuses_a_token() {
    let name = |name: Value| {
        let claims: Claims = serde_json::from_value(with(json!({ "name": name }))).expect("claims");
        let who = claims.sign_in().expect("a person");
        who.name.map(|name| name.as_str().to_owned())
    };
    assert_eq!(name(json!(" First  Reviewer ")).as_deref(), Some("First Reviewer"));
    for ignored in
        [json!(7), json!(["Some"]), json!(""), json!("A\u{202E}"), json!("n".repeat(201))]
    {
        assert_eq!(name(ignored.clone()), None, "{ignored}");
    }
}

#[test]
fn a_token_of_the_development_key_is_accepted() {
    let key = DevelopmentKey::generate().expect("randomness");
    let authenticator =
        Authenticator::new(DEVELOPMENT_ISSUER.into(), DEFAULT_AUDIENCE.into(), key.jwks())
            .expect("one");
    let token = key.sign(&claims()).expect("claims");
    let verified = authenticator.verify(&token, noon()).expect("it counts");
    assert_eq!(verified, claims());
    let who = verified.sign_in().expect("a person");
    assert_eq!(who.roles, [Role::Bidder, Role::BcaReviewer].into());
    assert_eq!(who.email.as_ref().map(EmailAddress::as_str), Some("a@example.com"));
    let unverified = Claims { email_verified: false, ..claims() };
    assert_eq!(unverified.sign_in().map(|who| who.email), Ok(None));
    let look_alike = Claims { email: Some("\u{212A}@example.com".into()), ..claims() };
    assert_eq!(look_alike.sign_in().map(|who| who.email), Ok(None));
    assert_eq!(who.name, None);

    let other = DevelopmentKey::generate().expect("randomness").sign(&claims()).expect("claims");
    assert_eq!(authenticator.verify(&other, noon()), Err(TokenError::UnknownKey));
    let (message, _) = token.rsplit_once('.').expect("three parts");
    let swapped = format!("{message}.{}", other.rsplit_once('.').expect("three parts").1);
    assert_eq!(authenticator.verify(&swapped, noon()), Err(TokenError::WrongSignature));
    for broken in ["", "x", "a.b", "a.b.c", "a.b.c.d", &format!("{token}."), &token[1..]] {
        let refused = authenticator.verify(broken, noon());
        assert!(matches!(refused, Err(TokenError::Malformed(_))), "{broken}: {refused:?}");
    }
}

#[test]
fn the_claims_are_validated() {
    let authenticator = authenticator(&json!([secret("HS256", "k", SECRET)])).expect("one");
    let verify = |changes: Value| {
        let token = token(&json!({ "alg": "HS256", "kid": "k" }), &with(changes));
        authenticator.verify(&token, noon()).map(|_| ())
    };
    let time = |seconds: i64| DateTime::from_timestamp(at(seconds), 0).expect("a time");
    assert_eq!(verify(json!({})), Ok(()));
    assert_eq!(verify(json!({ "exp": at(-29) })), Ok(()));
    assert_eq!(verify(json!({ "exp": at(-30) })), Err(TokenError::Expired(time(-30))));
    assert_eq!(verify(json!({ "nbf": at(30) })), Ok(()));
    assert_eq!(verify(json!({ "nbf": at(31) })), Err(TokenError::NotYetValid(time(31))));
    assert_eq!(verify(json!({ "exp": 1_772_366_460.5 })), Ok(()));
    assert_eq!(verify(json!({ "aud": ["other", "candor"] })), Ok(()));
    assert_eq!(verify(json!({ "aud": "candor" })), Ok(()));
    assert_eq!(verify(json!({ "aud": ["other"] })), Err(TokenError::WrongAudience));
    assert_eq!(verify(json!({ "iss": "candor-development/" })), Err(TokenError::WrongIssuer));
    for invalid in [
        json!({ "exp": null }),
        json!({ "exp": "soon" }),
        json!({ "exp": 1e300 }),
        json!({ "exp": i64::MAX }),
        json!({ "nbf": i64::MIN }),
        json!({ "iss": null }),
        json!({ "aud": null }),
        json!({ "sub": null }),
        json!({ "sub": "" }),
        json!({ "sub": "a\u{7}" }),
        json!({ "sub": "x".repeat(256) }),
        json!({ "roles": "admin" }),
        json!({ "email_verified": "true" }),
    ] {
        let refused = verify(invalid.clone());
        assert!(matches!(refused, Err(TokenError::Malformed(_))), "{invalid}: {refused:?}");
    }
    let message = verify(json!({ "exp": at(-60) })).expect_err("it expired").to_string();
    assert_eq!(message, "the token expired at 2026-03-01T11:59:00Z; sign in again");
}

#[test]
fn the_key_determines_the_algorithm() {
    let one = authenticator(&json!([secret("HS256", "k", SECRET)])).expect("one");
    let two = authenticator(&json!([
        secret("HS256", "k", SECRET),
        secret("HS512", "l", &SECRET.repeat(2))
    ]))
    .expect("two");
    let verify = |by: &Authenticator, header: Value| {
        by.verify(&token(&header, &with(json!({}))), noon()).map(|_| ())
    };
    for typ in ["JWT", "jwt", "at+jwt"] {
        assert_eq!(verify(&one, json!({ "alg": "HS256", "kid": "k", "typ": typ })), Ok(()));
    }
    assert_eq!(verify(&one, json!({ "alg": "HS256" })), Ok(()));
    assert_eq!(verify(&two, json!({ "alg": "HS256" })), Err(TokenError::UnknownKey));
    assert_eq!(verify(&one, json!({ "alg": "HS256", "kid": "K" })), Err(TokenError::UnknownKey));
    assert_eq!(
        verify(&two, json!({ "alg": "HS256", "kid": "l" })),
        Err(TokenError::WrongAlgorithm)
    );
    for alg in ["none", "None", "HS512", "EdDSA", "RS256", ""] {
        assert_eq!(
            verify(&one, json!({ "alg": alg, "kid": "k" })),
            Err(TokenError::WrongAlgorithm)
        );
    }
    for invalid in [
        json!({ "alg": "HS256", "kid": "k", "crit": [] }),
        json!({ "alg": "HS256", "kid": "k", "crit": null }),
        json!({ "alg": "HS256", "kid": "k", "crit": ["b64"], "b64": false }),
        json!({ "alg": "HS256", "kid": "k", "typ": "dpop+jwt" }),
        json!({ "kid": "k" }),
        json!([]),
    ] {
        let refused = verify(&one, invalid.clone());
        assert!(matches!(refused, Err(TokenError::Malformed(_))), "{invalid}: {refused:?}");
    }
    let unsigned = |header: &Value| {
        let part = |value: &Value| BASE64.encode(value.to_string());
        format!("{}.{}.", part(header), part(&with(json!({}))))
    };
    let none = unsigned(&json!({ "alg": "none" }));
    assert_eq!(one.verify(&none, noon()), Err(TokenError::WrongAlgorithm));
    let empty = unsigned(&json!({ "alg": "HS256", "kid": "k" }));
    assert_eq!(one.verify(&empty, noon()), Err(TokenError::WrongSignature));
}

/// The public key of an asymmetric pair must not verify what was signed with it as a secret.
#[test]
fn a_public_key_is_not_used_as_a_shared_secret() {
    let key = DevelopmentKey::generate().expect("randomness");
    let jwks = key.jwks();
    let kid = jwks.keys[0].common.key_id.clone();
    let public = serde_json::to_value(&jwks.keys[0]).expect("a key is JSON");
    let x = BASE64.decode(public["x"].as_str().expect("it has x")).expect("it is Base64url");
    let authenticator =
        Authenticator::new(DEVELOPMENT_ISSUER.into(), DEFAULT_AUDIENCE.into(), jwks).expect("one");
    let header = Header { kid, ..Header::new(Algorithm::HS256) };
    let forged = jsonwebtoken::encode(&header, &claims(), &EncodingKey::from_secret(&x));
    let refused = authenticator.verify(&forged.expect("a token"), noon());
    assert_eq!(refused, Err(TokenError::WrongAlgorithm));
}

#[test]
fn unusable_keys_are_rejected() {
    let weak = |alg, bytes| authenticator(&json!([secret(alg, "k", &SECRET.repeat(4)[..bytes])]));
    for (alg, bytes) in [("HS256", 32), ("HS384", 48), ("HS512", 64)] {
        weak(alg, bytes).expect("as long as the hash");
        assert!(matches!(weak(alg, bytes - 1), Err(KeySetError::InvalidKey(..))));
    }
    let changed = |name: &str, value: Value| {
        let mut key = secret("HS256", "k", SECRET);
        key[name] = value;
        authenticator(&json!([key])).map(|_| ())
    };
    assert_eq!(changed("use", json!("sig")), Ok(()));
    assert_eq!(changed("key_ops", json!(["sign", "verify"])), Ok(()));
    assert_eq!(changed("use", json!("enc")), Err(KeySetError::NoVerificationKey));
    assert_eq!(changed("key_ops", json!(["sign"])), Err(KeySetError::NoVerificationKey));
    assert_eq!(changed("alg", json!("A128KW")), Err(KeySetError::NoVerificationKey));
    assert!(matches!(changed("alg", json!("RS256")), Err(KeySetError::InvalidKey(..))));
    let twice = authenticator(&json!([secret("HS256", "k", SECRET), secret("HS256", "k", SECRET)]));
    assert_eq!(twice.map(|_| ()), Err(KeySetError::DuplicateKeyId("k".into())));
    assert_eq!(authenticator(&json!([])).map(|_| ()), Err(KeySetError::NoVerificationKey));
    let later = json!({ "kty": "AKP", "alg": "ML-DSA-44", "kid": "k", "pub": "x" });
    assert_eq!(authenticator(&json!([later])).map(|_| ()), Err(KeySetError::NoVerificationKey));
}

#[test]
fn only_its_owner_may_read_the_development_key() {
    let directory = std::env::temp_dir().join(format!("candor-key-{}", std::process::id()));
    let first = DevelopmentKey::open_or_create(&directory).expect("a directory");
    let again = DevelopmentKey::open_or_create(&directory).expect("it is there");
    assert_eq!(first.jwks(), again.jwks());
    let path = directory.join("development-key.p8");
    let mode = |mode| std::fs::set_permissions(&path, PermissionsExt::from_mode(mode));
    let metadata = std::fs::metadata(&path).expect("it is there");
    assert_eq!(metadata.permissions().mode() & 0o777, 0o600);
    mode(0o644).expect("it is ours");
    let message =
        DevelopmentKey::open_or_create(&directory).expect_err("others read it").to_string();
    assert!(message.contains("chmod 600"), "{message}");
    std::fs::remove_dir_all(&directory).expect("it is ours");
}
