//! Tokens in the shapes of providers, with keys of our own, accepted by configuration alone.
use std::path::Path;

use candor_schema::organization::model::{EmailAddress, PersonName, Role};
use serde_json::{Value, json};

use super::super::{Authenticator, IssuerSettings, Profile};
use super::test_key::TestKey;
use super::{TokenError, noon, trusted};

const ISSUERS: &str = include_str!("issuers.toml");

fn shape(text: &str) -> (Value, Value) {
    let shape: Value = serde_json::from_str(text).expect("JSON");
    (shape["header"].clone(), shape["claims"].clone())
}

fn city() -> (Authenticator, TestKey, TestKey) {
    let [rs, es] = [TestKey::rs256("rs"), TestKey::es256("es")];
    // Entra publishes keys without an algorithm, and each publishes keys for encryption.
    let mut plain = rs.jwk.clone();
    plain.as_object_mut().expect("an object").remove("alg");
    let encryption = json!({ "kty": "RSA", "use": "enc", "alg": "RSA-OAEP", "kid": "enc",
        "n": rs.jwk["n"], "e": "AQAB" });
    let issuers = IssuerSettings::parse_file(ISSUERS, Path::new("")).expect("five issuers");
    let issuers =
        issuers.into_iter().map(|settings| trusted(settings, &[&plain, &es.jwk, &encryption]));
    let issuers = issuers.collect::<Result<_, _>>().expect("keys");
    (Authenticator::trusting(issuers), rs, es)
}

/// The issuer's token, its person's subject, verified address, name and roles.
type Expected =
    (&'static str, &'static str, Option<&'static str>, Option<&'static str>, &'static [Role]);

#[test]
fn tokens_of_each_provider_are_accepted() {
    let (authenticator, rs, es) = city();
    let expected: [Expected; 5] = [
        (
            include_str!("keycloak.json"),
            "f3b1f0a2-6c0e-4d1b-9e0a-2f6d2f1c7b10",
            Some("rosa@city.example"),
            Some("Rosa Reviewer"),
            &[Role::BcaReviewer],
        ),
        (
            include_str!("entra.json"),
            "HKZpfaHyWadeOouYlitjrI-KffTm222X5rrV3xDqfKQ",
            Some("omar@works.city.example"),
            Some("Omar Officer"),
            &[Role::ContractOfficer],
        ),
        (include_str!("okta.json"), "avery@city.example", None, None, &[Role::Auditor]),
        (
            include_str!("auth0.json"),
            "auth0|5f7c8ec7c33c6c004bbafe82",
            Some("olga@port.example"),
            Some("Olga Officer"),
            &[Role::ContractOfficer],
        ),
        (
            include_str!("citizens.json"),
            "c-7731-0042",
            Some("paul@paving.example"),
            Some("Paul Paver"),
            // It claims more, and its issuer may grant no more.
            &[Role::Bidder],
        ),
    ];
    for (text, subject, email, name, roles) in expected {
        let (header, claims) = shape(text);
        let key = if header["alg"] == "ES256" { &es } else { &rs };
        let verified = authenticator.verify(&key.sign(&header, &claims.to_string()), noon());
        let person = verified.expect(subject).sign_in().expect(subject);
        assert_eq!(person.subject.subject(), subject);
        assert_eq!(Some(person.subject.issuer().expect("a person")), claims["iss"].as_str());
        assert_eq!(person.email.as_ref().map(EmailAddress::as_str), email, "{subject}");
        assert_eq!(person.name.as_ref().map(PersonName::as_str), name, "{subject}");
        assert_eq!(person.roles, roles.iter().copied().collect(), "{subject}");
        // No role from the issuer means none.
        let mut claims = claims;
        for claim in ["realm_access", "groups", "https://city.example/roles", "permissions"] {
            claims.as_object_mut().expect("an object").remove(claim);
        }
        let verified = authenticator.verify(&key.sign(&header, &claims.to_string()), noon());
        assert_eq!(verified.expect(subject).roles, Vec::<String>::new());
    }
}

#[test]
fn id_tokens_of_the_providers_are_refused() {
    let (authenticator, rs, _) = city();
    for text in [include_str!("keycloak-id-token.json"), include_str!("entra-id-token.json")] {
        let (header, claims) = shape(text);
        let refused = authenticator.verify(&rs.sign(&header, &claims.to_string()), noon());
        assert!(matches!(refused, Err(TokenError::NotAnAccessToken(_))), "{text}: {refused:?}");
    }
}

/// One issuer's settings do not hold for another's tokens.
#[test]
fn each_issuer_has_its_own_profile_audience_and_mapping() {
    let (authenticator, rs, es) = city();
    let (header, mut claims) = shape(include_str!("auth0.json"));
    let verify = |header: &Value, claims: &Value| {
        authenticator.verify(&rs.sign(header, &claims.to_string()), noon()).map(|it| it.roles)
    };
    assert_eq!(verify(&header, &claims), Ok(vec!["contract_officer".to_owned()]));
    let untyped = verify(&json!({ "alg": "RS256", "kid": "rs", "typ": "JWT" }), &claims);
    assert!(matches!(untyped, Err(TokenError::NotAnAccessToken(_))), "{untyped:?}");
    claims["realm_access"] = json!({ "roles": ["admin"] });
    claims["roles"] = json!(["admin"]);
    assert_eq!(verify(&header, &claims), Ok(vec!["contract_officer".to_owned()]));
    claims["aud"] = json!(["candor"]);
    assert_eq!(verify(&header, &claims), Err(TokenError::WrongAudience));
    // Where names of groups are mapped, names of roles are not.
    let (header, mut claims) = shape(include_str!("okta.json"));
    claims["groups"] = json!(["auditor", "bca_reviewer", "candor auditors"]);
    assert_eq!(verify(&header, &claims), Ok(vec![]));
    let (header, mut claims) = shape(include_str!("citizens.json"));
    for (text, roles) in
        [("", 0), ("bidder", 1), (" bidder, bidder ", 1), ("Bidder", 0), ("bidders", 0), (",", 0)]
    {
        claims["permissions"] = json!(text);
        let verified = authenticator.verify(&es.sign(&header, &claims.to_string()), noon());
        assert_eq!(verified.expect(text).roles.len(), roles, "{text:?}");
    }
    for (text, expected) in
        [("true", Some(true)), ("false", Some(false)), ("yes", None), ("", None)]
    {
        claims["email_verified"] = json!(text);
        let verified = authenticator.verify(&es.sign(&header, &claims.to_string()), noon());
        assert_eq!(verified.ok().map(|claims| claims.email_verified), expected, "{text:?}");
    }
}

#[test]
fn the_answer_without_a_token_names_every_issuer() {
    let (authenticator, ..) = city();
    let place = authenticator.where_to_sign_in();
    for name in [
        "City staff (https://sso.city.example/realms/staff)",
        "State account (https://account.state.example/sign-in)",
        "https://city.okta.example/oauth2/aus1abcd2efGHIJKL3m4",
    ] {
        assert!(place.contains(name), "{place}");
    }
    assert!(!place.contains("candor token"), "{place}");
    let issuers = IssuerSettings::parse_file(ISSUERS, Path::new("")).expect("five issuers");
    let profiles = issuers.iter().map(|issuer| issuer.profile).collect::<Vec<_>>();
    let (relaxed, strict) = (Profile::Relaxed, Profile::Strict);
    assert_eq!(profiles, [relaxed, relaxed, relaxed, strict, strict]);
}
