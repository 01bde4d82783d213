//! Each claim missing, doubled and of another type.
use serde_json::{Value, json};

use super::test_key::TestKey;
use super::{Profile, TokenError, at, claims, verify, verify_with, with};
use crate::auth::Authenticator;

/// A value of each JSON type.
fn values() -> [Value; 7] {
    [json!(null), json!(true), json!(7), json!(1.5), json!("word"), json!([7]), json!({ "a": 1 })]
}

/// The JSON types that a claim may have, as their first letters.
fn types_of(value: &Value) -> char {
    match value {
        Value::Null => '0',
        Value::Bool(_) => 'b',
        Value::Number(_) => 'n',
        Value::String(_) => 's',
        Value::Array(_) => 'a',
        Value::Object(_) => 'o',
    }
}

fn is_named(refused: &Result<(), TokenError>, claim: &str) -> bool {
    matches!(refused, Err(TokenError::InvalidClaim(name, _)) if name == claim)
}

/// Verifies a token with one claim replaced, also by null.
fn replaced(profile: Profile, claim: &str, value: &Value) -> Result<(), TokenError> {
    let mut all = with(json!({ "scope": "openid" }));
    all[claim] = value.clone();
    let key = TestKey::eddsa("k");
    let typ = if profile == Profile::Strict { "at+jwt" } else { "JWT" };
    let header = json!({ "alg": "EdDSA", "kid": "k", "typ": typ });
    verify_with(profile, &key, &header, &all.to_string())
}

#[test]
fn a_missing_claim_is_named() {
    for claim in ["sub", "aud", "exp", "iss"] {
        for profile in [Profile::Strict, Profile::Relaxed] {
            let refused = verify(profile, json!({ claim: null }));
            assert!(is_named(&refused, claim), "{claim}: {refused:?}");
            let message = refused.expect_err("refused").to_string();
            assert!(message.contains("is missing"), "{message}");
        }
    }
    for claim in ["client_id", "iat", "jti"] {
        let refused = verify(Profile::Strict, json!({ claim: null }));
        assert!(is_named(&refused, claim), "{claim}: {refused:?}");
        assert_eq!(verify(Profile::Relaxed, json!({ claim: null, "scope": "openid" })), Ok(()));
    }
    for claim in ["nbf", "roles", "email", "email_verified", "name"] {
        assert_eq!(verify(Profile::Strict, json!({ claim: null })), Ok(()), "{claim}");
    }
}

#[test]
fn a_claim_of_another_type_is_refused() {
    // The claim, and the types that it may have in each profile.
    for (claim, strict, relaxed) in [
        ("iss", "", ""),
        ("sub", "s", "s"),
        ("aud", "", ""),
        ("exp", "", ""),
        ("nbf", "n", "n"),
        ("iat", "n", "n"),
        ("jti", "s", "0bnsao"),
        ("client_id", "s", "0bnsao"),
        ("roles", "s", "s"),
        ("email", "s", "s"),
        ("email_verified", "b", "b"),
        ("name", "0bnsao", "0bnsao"),
    ] {
        for (profile, accepted) in [(Profile::Strict, strict), (Profile::Relaxed, relaxed)] {
            for value in values() {
                let verified = replaced(profile, claim, &value);
                let is_accepted = accepted.contains(types_of(&value));
                assert_eq!(
                    verified.is_ok(),
                    is_accepted,
                    "{profile:?} {claim} {value}: {verified:?}"
                );
            }
        }
    }
    // Times that are numbers and no times.
    for value in [json!(1e300), json!(i64::MAX), json!(i64::MIN), json!(u64::MAX), json!(-1e300)] {
        for claim in ["exp", "nbf", "iat"] {
            let refused = replaced(Profile::Strict, claim, &value);
            assert!(
                matches!(refused, Err(TokenError::Malformed(_))),
                "{claim} {value}: {refused:?}"
            );
        }
    }
    for value in [json!(["candor", 7]), json!(["candor", null]), json!([["candor"]])] {
        assert!(is_named(&replaced(Profile::Strict, "aud", &value), "aud"), "{value}");
        assert!(is_named(&replaced(Profile::Strict, "roles", &value), "roles"), "{value}");
    }
}

#[test]
fn a_doubled_claim_is_refused() {
    let key = TestKey::eddsa("k");
    let all = with(json!({ "nbf": at(-60), "email": "a@example.com", "email_verified": true,
        "name": "A", "scope": "openid", "other": { "roles": [] } }));
    let all = all.as_object().expect("an object").clone();
    for (name, value) in &all {
        for profile in [Profile::Strict, Profile::Relaxed] {
            let text = Value::Object(all.clone()).to_string();
            let doubled = format!("{},\"{name}\":{value}}}", text.trim_end_matches('}'));
            // The object `other` ends in a brace of its own.
            let doubled = doubled.replace("\"roles\":[],", "\"roles\":[]},");
            let refused = verify_with(profile, &key, &key.header(), &doubled);
            assert!(matches!(refused, Err(TokenError::Malformed(_))), "{doubled}: {refused:?}");
        }
    }
    let inner = claims().to_string().replace('{', r#"{"realm_access":{"roles":[],"roles":[]},"#);
    let refused = verify_with(Profile::Strict, &key, &key.header(), &inner);
    assert!(matches!(refused, Err(TokenError::Malformed(_))), "{refused:?}");
}

#[test]
fn a_malformed_header_is_refused() {
    let key = TestKey::eddsa("k");
    for header in [
        json!({ "kid": "k", "typ": "at+jwt" }),
        json!({ "alg": 7, "kid": "k", "typ": "at+jwt" }),
        json!({ "alg": null, "kid": "k", "typ": "at+jwt" }),
        json!({ "alg": "EdDSA", "kid": "k", "typ": 7 }),
        json!([]),
        json!("EdDSA"),
        json!(null),
    ] {
        let refused = verify_with(Profile::Strict, &key, &header, &claims().to_string());
        assert!(matches!(refused, Err(TokenError::Malformed(_))), "{header}: {refused:?}");
    }
    let authenticator = super::authenticator(Profile::Strict, &[&key.jwk]).expect("a key");
    for header in [
        "",
        "{",
        r#"{"alg":"none","alg":"EdDSA","kid":"k","typ":"at+jwt"}"#,
        r#"{"alg":"EdDSA","kid":"k","kid":"k","typ":"at+jwt"}"#,
        r#"{"alg":"EdDSA","kid":"k","typ":"at+jwt","x":{"a":1,"a":1}}"#,
    ] {
        let token = key.sign_raw(header, claims().to_string().as_bytes());
        let refused = authenticator.verify(&token, super::noon());
        assert!(matches!(refused, Err(TokenError::Malformed(_))), "{header}: {refused:?}");
    }
    for claims in ["", "{", "[]", "null", "7", "\"text\"", "{} {}"] {
        let refused = verify_with(Profile::Strict, &key, &key.header(), claims);
        assert!(matches!(refused, Err(TokenError::Malformed(_))), "{claims}: {refused:?}");
    }
}

#[test]
fn what_is_no_token_is_refused() {
    let key = TestKey::eddsa("k");
    let authenticator: Authenticator =
        super::authenticator(Profile::Strict, &[&key.jwk]).expect("a key");
    let token = key.token(&claims());
    let long = key.token(&with(json!({ "padding": "x".repeat(16 * 1024) })));
    for broken in
        ["", ".", "..", "x", "a.b", "a.b.c", "a.b.c.d", &format!("{token}."), &token[1..], &long]
    {
        let refused = authenticator.verify(broken, super::noon());
        assert!(matches!(refused, Err(TokenError::Malformed(_))), "{broken:.40}: {refused:?}");
    }
    let equals = authenticator.verify(&format!("{token}="), super::noon());
    assert_eq!(equals, Err(TokenError::WrongSignature));
}
