//! Key sets that are read again: rotated, away, and answers that are no key sets.
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use chrono::TimeDelta;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::super::key_source::{client, read_key_set};
use super::super::key_store::Reason;
use super::test_key::TestKey;
use super::{
    Authenticator, IssuerSettings, KeyLocation, KeySetError, Profile, TokenError, authenticator,
    claims, noon, settings, with,
};

/// What the issuer answers, and the delay before it.
#[derive(Clone)]
struct Answer {
    status: StatusCode,
    headers: Vec<(header::HeaderName, String)>,
    body: String,
    delay: Duration,
}

impl Answer {
    #[expect(clippy::needless_pass_by_value, reason = "a literal reads better than its reference")]
    fn json(body: impl ToString) -> Self {
        let headers = vec![(header::CONTENT_TYPE, "application/json".to_owned())];
        Self { status: StatusCode::OK, headers, body: body.to_string(), delay: Duration::ZERO }
    }

    fn keys(keys: &[&TestKey]) -> Self {
        let keys = keys.iter().map(|key| &key.jwk).collect::<Vec<_>>();
        Self::json(json!({ "keys": keys }))
    }

    fn status(status: StatusCode) -> Self {
        Self { status, ..Self::json("{}") }
    }
}

/// An issuer on a loopback address.
#[derive(Clone)]
struct Issuer {
    address: String,
    answer: Arc<Mutex<Answer>>,
    requests: Arc<AtomicUsize>,
}

impl Issuer {
    async fn start(answer: Answer) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let issuer = Self {
            address: format!("http://{}/keys", listener.local_addr().expect("a port")),
            answer: Arc::new(Mutex::new(answer)),
            requests: Arc::default(),
        };
        let routes = Router::new().route("/keys", get(serve_keys)).with_state(issuer.clone());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        issuer
    }

    fn answer(&self, answer: Answer) {
        *self.answer.lock().expect("an unpoisoned lock") = answer;
    }

    fn requests(&self) -> usize {
        self.requests.load(SeqCst)
    }

    fn location(&self) -> KeyLocation {
        KeyLocation::parse(&self.address, None).expect("a loopback address")
    }

    fn authenticator(&self) -> Authenticator {
        let settings = IssuerSettings { keys: self.location(), ..settings(Profile::Strict) };
        Authenticator::of_issuers(vec![settings], noon()).expect("a client")
    }
}

async fn serve_keys(State(issuer): State<Issuer>) -> Response {
    issuer.requests.fetch_add(1, SeqCst);
    let answer = issuer.answer.lock().expect("an unpoisoned lock").clone();
    tokio::time::sleep(answer.delay).await;
    let mut response = (answer.status, answer.body).into_response();
    response.headers_mut().remove(header::CONTENT_TYPE);
    for (name, value) in answer.headers {
        response.headers_mut().insert(name, value.parse().expect("a header"));
    }
    response
}

/// Verifies a token that is valid for days, `after` noon.
async fn sign_in(
    authenticator: &Authenticator,
    key: &TestKey,
    after: TimeDelta,
) -> Result<(), TokenError> {
    let long = with(json!({ "exp": (noon() + TimeDelta::days(9)).timestamp() }));
    authenticator.authenticate(&key.token(&long), noon() + after).await.map(drop)
}

fn seconds(seconds: i64) -> TimeDelta {
    TimeDelta::seconds(seconds)
}

#[tokio::test]
async fn a_rotated_key_works_without_a_restart() {
    let [old, new] = [TestKey::eddsa("old"), TestKey::es256("new")];
    let issuer = Issuer::start(Answer::keys(&[&old])).await;
    let authenticator = issuer.authenticator();
    // Nothing is read at the start: an issuer that is away must not prevent it.
    assert_eq!((issuer.requests(), authenticator.key_generation()), (0, 0));
    assert_eq!(sign_in(&authenticator, &old, seconds(0)).await, Ok(()));
    assert_eq!((issuer.requests(), authenticator.key_generation()), (1, 1));
    issuer.answer(Answer::keys(&[&old, &new]));
    // The set was just read.
    assert_eq!(sign_in(&authenticator, &new, seconds(29)).await, Err(TokenError::UnknownKey));
    assert_eq!(issuer.requests(), 1);
    assert_eq!(sign_in(&authenticator, &new, seconds(30)).await, Ok(()));
    assert_eq!(sign_in(&authenticator, &old, seconds(30)).await, Ok(()));
    assert_eq!((issuer.requests(), authenticator.key_generation()), (2, 2));
    // A withdrawn key ceases to count when its set is five minutes old.
    issuer.answer(Answer::keys(&[&new]));
    let keys = &authenticator.issuers[0].keys;
    keys.refresh(Reason::Age, noon() + seconds(329)).await;
    assert_eq!(sign_in(&authenticator, &old, seconds(329)).await, Ok(()));
    keys.refresh(Reason::Age, noon() + seconds(330)).await;
    assert_eq!((issuer.requests(), authenticator.key_generation()), (3, 3));
    assert_eq!(sign_in(&authenticator, &old, seconds(331)).await, Err(TokenError::UnknownKey));
    assert_eq!(sign_in(&authenticator, &new, seconds(331)).await, Ok(()));
    // Read again, and nothing has changed.
    keys.refresh(Reason::Age, noon() + seconds(700)).await;
    assert_eq!((issuer.requests(), authenticator.key_generation()), (4, 3));
}

#[tokio::test]
async fn unknown_keys_are_looked_for_at_a_bounded_rate() {
    let [known, unknown] = [TestKey::eddsa("known"), TestKey::eddsa("unknown")];
    let issuer = Issuer::start(Answer::keys(&[&known])).await;
    let authenticator = Arc::new(issuer.authenticator());
    for round in 0..3_u8 {
        let unknown = unknown.token(&claims());
        let attempts = (0..50).map(|_| {
            let (authenticator, token) = (Arc::clone(&authenticator), unknown.clone());
            let now = noon() + seconds(31 * i64::from(round));
            async move { authenticator.authenticate(&token, now).await.map(drop) }
        });
        for refused in futures_util::future::join_all(attempts).await {
            assert_eq!(refused, Err(TokenError::UnknownKey));
        }
        assert_eq!(issuer.requests(), usize::from(round) + 1);
    }
    // What cannot be of this issuer, or is malformed, looks for nothing.
    for claims in [with(json!({ "iss": "https://elsewhere.example" })), with(json!({ "iss": 7 }))] {
        let token = unknown.token(&claims);
        assert!(authenticator.authenticate(&token, noon() + seconds(500)).await.is_err());
    }
    assert_eq!(issuer.requests(), 3);
}

#[tokio::test]
async fn hanging_up_does_not_keep_new_keys_out() {
    let key = TestKey::eddsa("k");
    let slow = Answer { delay: Duration::from_millis(200), ..Answer::keys(&[&key]) };
    let issuer = Issuer::start(slow).await;
    let authenticator = issuer.authenticator();
    let token = key.token(&claims());
    let hurried = authenticator.authenticate(&token, noon());
    assert!(tokio::time::timeout(Duration::from_millis(50), hurried).await.is_err());
    let begun = Instant::now();
    while authenticator.verify(&token, noon()).is_err() {
        assert!(begun.elapsed() < Duration::from_secs(10), "the keys were not read");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(issuer.requests(), 1);
}

#[tokio::test]
async fn keys_count_for_a_day_while_the_issuer_is_away() {
    let key = TestKey::eddsa("k");
    let issuer = Issuer::start(Answer::keys(&[&key])).await;
    let authenticator = issuer.authenticator();
    assert_eq!(sign_in(&authenticator, &key, seconds(0)).await, Ok(()));
    issuer.answer(Answer::status(StatusCode::BAD_GATEWAY));
    let keys = &authenticator.issuers[0].keys;
    let day = 24 * 60 * 60;
    for after in (300..day).step_by(3600) {
        keys.refresh(Reason::Age, noon() + seconds(after)).await;
        assert_eq!(sign_in(&authenticator, &key, seconds(after)).await, Ok(()), "{after}");
    }
    assert!(issuer.requests() > 20);
    assert_eq!(sign_in(&authenticator, &key, seconds(day - 1)).await, Ok(()));
    assert_eq!(authenticator.key_generation(), 1);
    let refused = sign_in(&authenticator, &key, seconds(day)).await;
    assert_eq!(refused, Err(TokenError::KeysUnavailable));
    // Whoever remembers verified tokens forgets them.
    keys.refresh(Reason::Age, noon() + seconds(day + 60)).await;
    assert_eq!(authenticator.key_generation(), 2);
    let message = refused.expect_err("refused").to_string();
    assert!(message.contains("its issuer does not answer"), "{message}");
    issuer.answer(Answer::keys(&[&key]));
    assert_eq!(sign_in(&authenticator, &key, seconds(day + 120)).await, Ok(()));
}

/// Answers that are no key set, with the words that the operator reads.
fn bad_answers() -> Vec<(Answer, &'static str)> {
    let key = TestKey::rs256("k").jwk;
    let with = |name: &str, value: Value| {
        let mut key = key.clone();
        key[name] = value;
        Answer::json(json!({ "keys": [key] }))
    };
    let page = "<!DOCTYPE html><title>Sign in</title>";
    let html = vec![(header::CONTENT_TYPE, "text/html; charset=utf-8".to_owned())];
    let to = vec![(header::LOCATION, "https://evil.example/keys".to_owned())];
    let twice = [&key, &key];
    let many = (0..101).map(|it| json!({ "kty": "RSA", "kid": it.to_string() }));
    let padding = json!({ "keys": [key], "padding": "x".repeat(256 * 1024) });
    vec![
        (Answer::json(""), "not valid JSON"),
        (Answer::json("{"), "not valid JSON"),
        (Answer::json(page), "not valid JSON"),
        (Answer::json("[]"), "has no member `keys`"),
        (Answer::json("null"), "has no member `keys`"),
        (Answer::json(json!({ "issuer": "x", "jwks_uri": "y" })), "jwks_uri"),
        (Answer::json(json!({ "keys": {} })), "is not a list"),
        (Answer::json(r#"{"keys":[],"keys":[]}"#), "two members of the same name"),
        (Answer::json(json!({ "keys": [] })), "has no key at all"),
        (Answer::json(json!({ "keys": ["k", 7, null] })), "no key that can verify"),
        (Answer::json(json!({ "keys": twice })), "two keys with the id"),
        (Answer::json(json!({ "keys": many.collect::<Vec<_>>() })), "has 101 keys"),
        (Answer::json(padding), "larger than 262144 bytes"),
        (with("use", json!("enc")), "not for signatures"),
        (with("key_ops", json!(["encrypt", "wrapKey"])), "not for verifying"),
        (with("alg", json!("RSA-OAEP")), "not supported"),
        (with("n", json!("AQAB")), "2048"),
        (with("n", json!("not base64!")), "malformed"),
        (with("kty", json!("oct")), "shared secret"),
        (
            Answer { headers: html, ..Answer::json(page) },
            "serves text/html; charset=utf-8, not JSON",
        ),
        (
            Answer { status: StatusCode::FOUND, headers: to, ..Answer::json("") },
            "redirects to https://evil.example/keys",
        ),
        (Answer::status(StatusCode::NOT_FOUND), "404"),
        (Answer::status(StatusCode::INTERNAL_SERVER_ERROR), "500"),
        (Answer::status(StatusCode::NOT_MODIFIED), "redirects"),
    ]
}

#[tokio::test]
async fn what_is_no_key_set_changes_nothing_and_says_why() {
    let key = TestKey::eddsa("good");
    let issuer = Issuer::start(Answer::keys(&[&key])).await;
    let authenticator = issuer.authenticator();
    assert_eq!(sign_in(&authenticator, &key, seconds(0)).await, Ok(()));
    let stranger = TestKey::rs256("k");
    for (index, (answer, words)) in bad_answers().into_iter().enumerate() {
        issuer.answer(answer);
        let client = client(&issuer.location()).expect("a client");
        let error = read_key_set(&issuer.location(), &client).await.expect_err(words);
        let error = format!("{error:#}");
        assert!(error.contains(words), "{words}: {error}");
        assert!(error.len() < 1_500, "{error}");
        // A service that has keys keeps them; one that has none lets nobody in.
        let after = seconds(60 * (1 + i64::try_from(index).expect("a few")));
        let before = issuer.requests();
        assert_eq!(sign_in(&authenticator, &stranger, after).await, Err(TokenError::UnknownKey));
        assert_eq!(issuer.requests(), before + 1, "{words}");
        assert_eq!(sign_in(&authenticator, &key, after).await, Ok(()), "{words}");
        let fresh = issuer.authenticator();
        let refused = sign_in(&fresh, &stranger, seconds(0)).await;
        assert_eq!(refused, Err(TokenError::KeysUnavailable), "{words}");
    }
}

#[tokio::test]
async fn a_slow_issuer_is_given_up() {
    // One byte a second, and no end.
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = format!("http://{}/keys", listener.local_addr().expect("a port"));
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.expect("a connection");
        let mut request = [0; 1024];
        assert_ne!(stream.read(&mut request).await.expect("a request"), 0);
        let head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n{";
        stream.write_all(head).await.expect("a client");
        while stream.write_all(b" ").await.is_ok() {
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    });
    let location = KeyLocation::parse(&address, None).expect("a loopback address");
    let begun = Instant::now();
    let client = client(&location).expect("a client");
    let error = read_key_set(&location, &client).await.expect_err("no end").to_string();
    assert!(error.contains("did not answer within 5 seconds"), "{error}");
    assert!(begun.elapsed() < Duration::from_secs(8), "{:?}", begun.elapsed());
    // Nobody listens any more.
    let closed = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = format!("http://{}/keys", closed.local_addr().expect("a port"));
    drop(closed);
    let location = KeyLocation::parse(&address, None).expect("a loopback address");
    let error = read_key_set(&location, &client).await.expect_err("closed");
    assert!(format!("{error:#}").contains("onnect"), "{error:#}");
}

fn file(name: &str) -> PathBuf {
    std::env::temp_dir().join(format!("candor-keys-{name}-{}.json", std::process::id()))
}

fn write(path: &Path, keys: &[&TestKey]) {
    let keys = keys.iter().map(|key| &key.jwk).collect::<Vec<_>>();
    std::fs::write(path, json!({ "keys": keys }).to_string()).expect("a file");
}

#[tokio::test]
async fn a_changed_file_is_read_without_a_restart() {
    let [old, new] = [TestKey::eddsa("old"), TestKey::eddsa("new")];
    let path = file("changed");
    write(&path, &[&old]);
    let settings =
        IssuerSettings { keys: KeyLocation::File(path.clone()), ..settings(Profile::Strict) };
    let authenticator = Authenticator::of_issuers(vec![settings.clone()], noon()).expect("a file");
    assert_eq!(sign_in(&authenticator, &old, seconds(0)).await, Ok(()));
    write(&path, &[&new]);
    authenticator.issuers[0].keys.refresh(Reason::Age, noon() + seconds(10)).await;
    assert_eq!(sign_in(&authenticator, &old, seconds(10)).await, Err(TokenError::UnknownKey));
    assert_eq!(sign_in(&authenticator, &new, seconds(10)).await, Ok(()));
    // A file that is being replaced, or was removed, changes nothing for a day.
    std::fs::write(&path, "{").expect("a file");
    authenticator.issuers[0].keys.refresh(Reason::Age, noon() + seconds(30)).await;
    std::fs::remove_file(&path).expect("a file");
    authenticator.issuers[0].keys.refresh(Reason::Age, noon() + seconds(60)).await;
    assert_eq!(sign_in(&authenticator, &new, seconds(60)).await, Ok(()));
    let refused = sign_in(&authenticator, &new, TimeDelta::hours(25)).await;
    assert_eq!(refused, Err(TokenError::KeysUnavailable));
    // At the start, such a file ends the command.
    for text in [None, Some(""), Some("{\"keys\":[]}")] {
        if let Some(text) = text {
            std::fs::write(&path, text).expect("a file");
        }
        let error = Authenticator::of_issuers(vec![settings.clone()], noon()).expect_err("no keys");
        let error = format!("{error:#}");
        assert!(error.contains("https://id.city.example"), "{error}");
        assert!(error.contains(path.to_str().expect("UTF-8")), "{error}");
    }
    std::fs::remove_file(&path).expect("a file");
}

#[test]
fn a_token_without_a_key_id_needs_a_set_of_one_key() {
    let [one, two] = [TestKey::eddsa("one"), TestKey::eddsa("two")];
    let header = json!({ "alg": "EdDSA", "typ": "at+jwt" });
    let token = one.sign(&header, &claims().to_string());
    let only = authenticator(Profile::Strict, &[&one.jwk]).expect("a key");
    assert!(only.verify(&token, noon()).is_ok());
    let both = authenticator(Profile::Strict, &[&one.jwk, &two.jwk]).expect("two keys");
    assert_eq!(both.verify(&token, noon()), Err(TokenError::UnknownKey));
}

#[test]
fn unusable_keys_beside_a_usable_one_are_skipped() {
    let key = TestKey::eddsa("k");
    let encryption = json!({ "kty": "RSA", "use": "enc", "kid": "e", "n": "AQAB", "e": "AQAB" });
    let later = json!({ "kty": "AKP", "alg": "ML-DSA-44", "kid": "l", "pub": "x" });
    let incomplete = json!({ "kty": "EC", "crv": "P-256", "kid": "i" });
    let set = [&encryption, &later, &incomplete, &json!({}), &key.jwk];
    let authenticator = super::authenticator(Profile::Strict, &set).expect("one usable key");
    assert!(authenticator.verify(&key.token(&claims()), noon()).is_ok());
    let only = super::authenticator(Profile::Strict, &[&encryption]);
    assert!(matches!(only, Err(KeySetError::NoVerificationKey(reasons)) if reasons.len() == 1));
}
