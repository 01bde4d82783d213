//! Tests of the development key and of the person that a token names.
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;

use candor_schema::organization::model::{EmailAddress, Role};
use chrono::TimeDelta;

use super::super::{Claims, DEFAULT_AUDIENCE, DEVELOPMENT_ISSUER, DevelopmentKey};
use super::{Authenticator, TokenError, at, noon};

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

#[test]
fn a_name_never_refuses_a_token() {
    let name = |name: &str| {
        let who = Claims { name: Some(name.to_owned()), ..claims() }.sign_in().expect("a person");
        who.name.map(|name| name.as_str().to_owned())
    };
    assert_eq!(name(" First  Reviewer ").as_deref(), Some("First Reviewer"));
    for ignored in ["", "A\u{202E}", &"n".repeat(201)] {
        assert_eq!(name(ignored), None, "{ignored}");
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
    let known = Claims { roles: vec!["bidder".into(), "bca_reviewer".into()], ..claims() };
    assert_eq!(verified, known);
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
    assert!(authenticator.where_to_sign_in().contains("candor token"));
}

#[tokio::test]
async fn a_remembered_token_is_valid_in_its_time_only() {
    let key = DevelopmentKey::generate().expect("randomness");
    let authenticator =
        Authenticator::new(DEVELOPMENT_ISSUER.into(), DEFAULT_AUDIENCE.into(), key.jwks())
            .expect("one");
    let token = key.sign(&Claims { nbf: Some(at(0)), ..claims() }).expect("claims");
    let accepted = authenticator.authenticate(&token, noon()).await.expect("it counts");
    assert!(!accepted.has_signed_in());
    accepted.remember_sign_in();
    let again = authenticator.authenticate(&token, noon()).await.expect("it counts");
    assert!(Arc::ptr_eq(&accepted, &again) && again.has_signed_in());
    let after = |seconds| noon() + TimeDelta::seconds(seconds);
    let refusal = async |now| authenticator.authenticate(&token, now).await.map(drop);
    assert_eq!(refusal(after(90)).await, Err(TokenError::Expired(after(60))));
    assert_eq!(refusal(after(-31)).await, Err(TokenError::NotYetValid(after(0))));
    // Nothing else is found by the digest of a token.
    let (message, _) = token.rsplit_once('.').expect("three parts");
    let unsigned = authenticator.authenticate(&format!("{message}."), noon()).await;
    assert_eq!(unsigned.map(drop), Err(TokenError::WrongSignature));
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
