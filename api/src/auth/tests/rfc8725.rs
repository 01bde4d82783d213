//! JSON Web Token Best Current Practices (RFC 8725), a test for each of its sections.
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use jsonwebtoken::{Algorithm, EncodingKey, crypto};
use serde_json::{Value, json};

use super::test_key::TestKey;
use super::{
    Authenticator, ISSUER, KeySetError, Profile, TokenError, at, authenticator, claims, noon,
    settings, trusted, verify, verify_with, with,
};

/// A token signed with `secret` by HMAC.
fn hmac_token(header: &Value, secret: &[u8]) -> String {
    let message =
        format!("{}.{}", BASE64.encode(header.to_string()), BASE64.encode(claims().to_string()));
    let key = EncodingKey::from_secret(secret);
    let signature = crypto::sign(message.as_bytes(), &key, Algorithm::HS256).expect("a key");
    format!("{message}.{signature}")
}

fn refused_set(key: &Value) -> String {
    match authenticator(Profile::Strict, &[key]) {
        Err(error @ KeySetError::NoVerificationKey(_)) => error.to_string(),
        other => panic!("{key}: {other:?}"),
    }
}

#[test]
fn section_3_1_the_key_determines_the_algorithm() {
    let keys = TestKey::of_each_algorithm();
    let set = keys.iter().map(|key| &key.jwk).collect::<Vec<_>>();
    let authenticator = authenticator(Profile::Strict, &set).expect("four keys");
    for key in &keys {
        let verified = authenticator.verify(&key.token(&claims()), noon());
        assert_eq!(verified.map(|claims| claims.sub), Ok("person-1".into()), "{}", key.jwk);
        for alg in ["none", "None", "HS256", "RS512", "ES384", "", "rs256", "EdDSA", "PS256"] {
            if alg == key.jwk["alg"] {
                continue;
            }
            let mut header = key.header();
            header["alg"] = json!(alg);
            let token = key.sign(&header, &claims().to_string());
            let refused = authenticator.verify(&token, noon());
            assert_eq!(refused, Err(TokenError::WrongAlgorithm), "{} {alg}", key.jwk);
            let (unsigned, _) = token.rsplit_once('.').expect("three parts");
            let refused = authenticator.verify(&format!("{unsigned}."), noon());
            assert_eq!(refused, Err(TokenError::WrongAlgorithm), "{} {alg}", key.jwk);
        }
        // Another key's signature, under this key's name.
        for other in &keys {
            let token = other.sign(&key.header(), &claims().to_string());
            let verified = authenticator.verify(&token, noon()).map(drop);
            let is_same = other.jwk["alg"] == key.jwk["alg"];
            assert_eq!(verified, if is_same { Ok(()) } else { Err(TokenError::WrongSignature) });
        }
        // The public key as a shared secret.
        for part in ["n", "x"] {
            if let Some(part) = key.jwk[part].as_str() {
                let public = BASE64.decode(part).expect("Base64url");
                let header = json!({ "alg": "HS256", "kid": key.jwk["kid"], "typ": "at+jwt" });
                let refused = authenticator.verify(&hmac_token(&header, &public), noon());
                assert_eq!(refused, Err(TokenError::WrongAlgorithm));
            }
        }
    }
}

#[test]
fn section_3_2_only_four_algorithms_are_used() {
    let changed = |mut key: Value, alg: &str| {
        key["alg"] = json!(alg);
        key
    };
    let [rs, ps, es, ed] = TestKey::of_each_algorithm().map(|key| key.jwk);
    for alg in ["RS384", "RS512", "PS384", "ES256", "EdDSA", "RSA1_5", "RSA-OAEP-256", "none"] {
        refused_set(&changed(rs.clone(), alg));
        refused_set(&changed(ps.clone(), alg));
    }
    for alg in ["ES384", "ES512", "ES256K", "ECDH-ES", "RS256"] {
        refused_set(&changed(es.clone(), alg));
    }
    refused_set(&changed(ed, "ES256"));
    let message = refused_set(&json!({ "kty": "AKP", "alg": "ML-DSA-44", "kid": "k", "pub": "x" }));
    assert!(message.contains("key \"k\""), "{message}");
    // A key without an algorithm has the usual one of its type.
    let mut plain = rs;
    plain.as_object_mut().expect("an object").remove("alg");
    let key = TestKey::rs256("rs");
    let authenticator = authenticator(Profile::Strict, &[&plain]).expect("RS256");
    assert!(authenticator.verify(&key.token(&claims()), noon()).is_ok());
    let pss = TestKey::ps256("rs");
    let refused = authenticator.verify(&pss.token(&claims()), noon());
    assert_eq!(refused, Err(TokenError::WrongAlgorithm));
}

#[test]
fn section_3_3_every_signature_is_verified() {
    for key in TestKey::of_each_algorithm() {
        let authenticator = authenticator(Profile::Strict, &[&key.jwk]).expect("a key");
        let token = key.token(&claims());
        let (message, signature) = token.rsplit_once('.').expect("three parts");
        let mut bytes = BASE64.decode(signature).expect("Base64url");
        let verify = |signature: &str| {
            authenticator.verify(&format!("{message}.{signature}"), noon()).map(drop)
        };
        assert_eq!(verify(signature), Ok(()));
        for changed in [String::new(), "AA".to_owned(), BASE64.encode(vec![0; bytes.len()])] {
            assert_eq!(verify(&changed), Err(TokenError::WrongSignature), "{}", key.jwk);
        }
        assert_eq!(verify(&format!("{signature}AAAA")), Err(TokenError::WrongSignature));
        for index in 0..bytes.len() {
            bytes[index] ^= 1;
            assert_eq!(verify(&BASE64.encode(&bytes)), Err(TokenError::WrongSignature));
            bytes[index] ^= 1;
        }
        // Claims that were exchanged.
        let other = key.token(&with(json!({ "sub": "person-2" })));
        let payload = other.split('.').nth(1).expect("three parts");
        let header = token.split('.').next().expect("three parts");
        let refused = authenticator.verify(&format!("{header}.{payload}.{signature}"), noon());
        assert_eq!(refused, Err(TokenError::WrongSignature));
    }
}

#[test]
fn section_3_4_invalid_public_keys_verify_nothing() {
    let key = TestKey::es256("k");
    // Points that are not on the curve, the point at infinity, and coordinates of another length.
    for (x, y) in
        [(vec![1; 32], vec![1; 32]), (vec![0; 32], vec![0; 32]), (vec![1; 31], vec![1; 8])]
    {
        let mut jwk = key.jwk.clone();
        jwk["x"] = json!(BASE64.encode(x));
        jwk["y"] = json!(BASE64.encode(y));
        if let Ok(authenticator) = authenticator(Profile::Strict, &[&jwk]) {
            let refused = authenticator.verify(&key.token(&claims()), noon());
            assert_eq!(refused, Err(TokenError::WrongSignature), "{jwk}");
        }
    }
    // An exponent of 1 makes every padded hash its own signature.
    let key = TestKey::rs256("k");
    for exponent in [vec![1], vec![0], vec![2], vec![]] {
        let mut jwk = key.jwk.clone();
        jwk["e"] = json!(BASE64.encode(&exponent));
        if let Ok(authenticator) = authenticator(Profile::Strict, &[&jwk]) {
            let refused = authenticator.verify(&key.token(&claims()), noon());
            assert_eq!(refused, Err(TokenError::WrongSignature), "{exponent:?}");
        }
    }
}

#[test]
fn section_3_5_weak_keys_are_not_used() {
    for bytes in [1, 16, 32, 64] {
        let secret = vec![7; bytes];
        let jwk = json!({ "kty": "oct", "alg": "HS256", "kid": "k", "k": BASE64.encode(&secret) });
        let message = refused_set(&jwk);
        assert!(message.contains("shared secret"), "{message}");
    }
    for bits in [512, 1024, 2040] {
        let mut modulus = vec![0x80; bits / 8];
        // Leading zeros do not make it longer.
        modulus.splice(0..0, [0; 300]);
        let mut jwk = TestKey::rs256("k").jwk;
        jwk["n"] = json!(BASE64.encode(modulus));
        let message = refused_set(&jwk);
        assert!(message.contains("2048"), "{bits}: {message}");
    }
    let mut published = TestKey::eddsa("k").jwk;
    published["d"] = json!(BASE64.encode([7; 32]));
    assert!(refused_set(&published).contains("private part"));
}

#[test]
fn section_3_6_encrypted_and_compressed_tokens_are_refused() {
    let key = TestKey::eddsa("k");
    let authenticator = authenticator(Profile::Strict, &[&key.jwk]).expect("a key");
    let header = BASE64.encode(r#"{"alg":"dir","enc":"A256GCM","zip":"DEF"}"#);
    let encrypted = format!("{header}..AAAA.AAAA.AAAA");
    let refused = authenticator.verify(&encrypted, noon());
    assert_eq!(refused, Err(TokenError::Malformed("it does not have three parts")));
}

#[test]
fn section_3_7_claims_and_header_are_utf_8() {
    let key = TestKey::eddsa("k");
    let authenticator = authenticator(Profile::Strict, &[&key.jwk]).expect("a key");
    let text = with(json!({ "sub": "Zoë" })).to_string();
    assert!(authenticator.verify(&key.sign(&key.header(), &text), noon()).is_ok());
    // The same text in Latin-1 and in UTF-16, under a valid signature.
    let latin = text.chars().map(|it| u8::try_from(u32::from(it)).expect("Latin-1"));
    let utf_16 = text.encode_utf16().flat_map(u16::to_le_bytes);
    for bytes in [latin.collect::<Vec<_>>(), utf_16.collect()] {
        let token = key.sign_bytes(&key.header(), &bytes);
        let refused = authenticator.verify(&token, noon());
        assert!(matches!(refused, Err(TokenError::Malformed(_))), "{refused:?}");
    }
}

#[test]
fn section_3_8_issuer_and_subject_are_validated() {
    let [ours, theirs] = [TestKey::eddsa("k"), TestKey::eddsa("k")];
    let mut other = settings(Profile::Strict);
    other.issuer = "https://citizens.example".to_owned();
    let issuers = vec![
        trusted(settings(Profile::Strict), &[&ours.jwk]).expect("a key"),
        trusted(other, &[&theirs.jwk]).expect("a key"),
    ];
    let authenticator = Authenticator::trusting(issuers);
    let verify = |key: &TestKey, issuer: &str| {
        authenticator.verify(&key.token(&with(json!({ "iss": issuer }))), noon()).map(drop)
    };
    assert_eq!(verify(&ours, ISSUER), Ok(()));
    assert_eq!(verify(&theirs, "https://citizens.example"), Ok(()));
    // A key is of one issuer, whatever its id is.
    assert_eq!(verify(&theirs, ISSUER), Err(TokenError::WrongSignature));
    assert_eq!(verify(&ours, "https://citizens.example"), Err(TokenError::WrongSignature));
    for issuer in ["https://id.city.example/", "HTTPS://id.city.example", "", "https://id.city"] {
        assert_eq!(verify(&ours, issuer), Err(TokenError::WrongIssuer), "{issuer}");
    }
    for subject in ["", " ", "a\u{7}", "candor", &"x".repeat(256)] {
        let refused = super::verify(Profile::Strict, json!({ "sub": subject }));
        assert!(
            matches!(refused, Err(TokenError::Malformed(_) | TokenError::InvalidClaim(..))),
            "{subject:?}: {refused:?}"
        );
    }
}

#[test]
fn section_3_9_the_audience_is_validated() {
    for profile in [Profile::Strict, Profile::Relaxed] {
        let scope = |aud: Value| verify(profile, json!({ "aud": aud, "scope": "openid" }));
        assert_eq!(scope(json!("candor")), Ok(()));
        assert_eq!(scope(json!(["account", "candor"])), Ok(()));
        for other in [json!("Candor"), json!("candor/"), json!(["account"]), json!([]), json!("")] {
            assert_eq!(scope(other.clone()), Err(TokenError::WrongAudience), "{other}");
        }
        let missing = verify(profile, json!({ "aud": null }));
        assert_eq!(missing, Err(TokenError::InvalidClaim("aud".into(), "is missing")));
    }
}

#[test]
fn section_3_10_received_claims_are_not_trusted() {
    let [ours, theirs] = [TestKey::eddsa("k"), TestKey::eddsa("x")];
    let verify = |changes: Value| {
        let mut header = json!({ "alg": "EdDSA", "typ": "at+jwt" });
        for (name, value) in changes.as_object().expect("an object") {
            header[name] = value.clone();
        }
        verify_with(Profile::Strict, &ours, &header, &claims().to_string())
    };
    for kid in ["../../etc/passwd", "' OR 1=1 --", "k\0", "http://127.0.0.1/", ""] {
        assert_eq!(verify(json!({ "kid": kid })), Err(TokenError::UnknownKey), "{kid:?}");
    }
    let malformed = Err(TokenError::Malformed("its header is not valid JSON"));
    assert_eq!(verify(json!({ "kid": 7 })), malformed);
    assert_eq!(verify(json!({ "kid": ["k"] })), malformed);
    // Keys that the token brings, or points to, are ignored.
    let brought = json!({ "alg": "EdDSA", "kid": "k", "typ": "at+jwt", "jwk": theirs.jwk,
        "jku": "https://evil.example/keys", "x5u": "https://evil.example/x", "x5c": ["AAAA"] });
    let authenticator = authenticator(Profile::Strict, &[&ours.jwk]).expect("a key");
    let refused = authenticator.verify(&theirs.sign(&brought, &claims().to_string()), noon());
    assert_eq!(refused, Err(TokenError::WrongSignature));
    for crit in [json!([]), json!(null), json!(["b64"]), json!(["exp"]), json!("b64")] {
        let refused = verify(json!({ "kid": "k", "crit": crit, "b64": false }));
        assert!(matches!(refused, Err(TokenError::Malformed(why)) if why.contains("crit")));
    }
}

#[test]
fn section_3_11_tokens_are_explicitly_typed() {
    let key = TestKey::eddsa("k");
    let verify = |profile: Profile, typ: Value| {
        let mut header = json!({ "alg": "EdDSA", "kid": "k" });
        if !typ.is_null() {
            header["typ"] = typ;
        }
        verify_with(profile, &key, &header, &claims().to_string())
    };
    for typ in ["at+jwt", "AT+JWT", "application/at+jwt"] {
        assert_eq!(verify(Profile::Strict, json!(typ)), Ok(()));
        assert_eq!(verify(Profile::Relaxed, json!(typ)), Ok(()));
    }
    for typ in [json!(null), json!("JWT"), json!("jwt")] {
        let refused = verify(Profile::Strict, typ.clone());
        assert!(matches!(refused, Err(TokenError::NotAnAccessToken(_))), "{typ}: {refused:?}");
        assert_eq!(verify(Profile::Relaxed, typ), Ok(()));
    }
    for typ in ["dpop+jwt", "logout+jwt", "secevent+jwt", "JOSE", "", "at+jwt "] {
        for profile in [Profile::Strict, Profile::Relaxed] {
            let refused = verify(profile, json!(typ));
            assert!(matches!(refused, Err(TokenError::NotAnAccessToken(_))), "{typ}: {refused:?}");
        }
    }
}

#[test]
fn section_3_12_other_tokens_of_the_issuer_are_refused() {
    let relaxed = |changes: Value| {
        let mut all = json!({ "client_id": null, "jti": null });
        for (name, value) in changes.as_object().expect("an object") {
            all[name] = value.clone();
        }
        verify(Profile::Relaxed, all)
    };
    for access in [
        json!({ "scope": "openid" }),
        json!({ "scp": ["openid"] }),
        json!({ "client_id": "web" }),
        json!({ "cid": "web" }),
        json!({ "appid": "web" }),
        json!({ "typ": "Bearer", "nonce": "n" }),
        json!({ "token_use": "access" }),
    ] {
        assert_eq!(relaxed(access.clone()), Ok(()), "{access}");
    }
    for other in [
        json!({}),
        json!({ "azp": "web" }),
        json!({ "nonce": "n", "scope": "openid" }),
        json!({ "at_hash": "h", "azp": "web" }),
        json!({ "c_hash": "h", "client_id": "web" }),
        json!({ "typ": "ID", "scope": "openid" }),
        json!({ "typ": "Refresh", "scope": "openid" }),
        json!({ "typ": "Logout" }),
        json!({ "typ": 7, "scope": "openid" }),
        json!({ "token_use": "id", "client_id": "web" }),
        json!({ "events": {}, "client_id": "web" }),
    ] {
        let refused = relaxed(other.clone());
        assert!(matches!(refused, Err(TokenError::NotAnAccessToken(_))), "{other}: {refused:?}");
    }
}

#[test]
fn the_times_have_at_most_a_minute_of_leeway() {
    let time = |seconds: i64| chrono::DateTime::from_timestamp(at(seconds), 0).expect("a time");
    let verify = |changes: Value| verify(Profile::Strict, changes);
    assert_eq!(verify(json!({ "exp": at(-29) })), Ok(()));
    assert_eq!(verify(json!({ "exp": at(-30) })), Err(TokenError::Expired(time(-30))));
    assert_eq!(verify(json!({ "exp": at(-60) })), Err(TokenError::Expired(time(-60))));
    assert_eq!(verify(json!({ "nbf": at(30) })), Ok(()));
    assert_eq!(verify(json!({ "nbf": at(31) })), Err(TokenError::NotYetValid(time(31))));
    assert_eq!(verify(json!({ "exp": 1_772_366_460.5 })), Ok(()));
    let message = verify(json!({ "exp": at(-60) })).expect_err("it expired").to_string();
    assert_eq!(message, "the token expired at 2026-03-01T11:59:00Z; sign in again");
}
