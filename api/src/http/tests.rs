//! Tests of the HTTP interface, with valid and malformed requests.
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use axum::routing::get;
use candor_migrations::Migrator;
use candor_schema::clock::Clock;
use candor_schema::database::Database;
use chrono::{DateTime, Utc};
use sea_orm_migration::MigratorTrait;
use serde_json::{Value, json};
use tower::ServiceExt;

use super::{App, MAX_BODY_BYTES, router};
use crate::auth::{
    Authenticator, Claims, DEFAULT_AUDIENCE, DEVELOPMENT_ISSUER, DevelopmentKey, IssuerSettings,
};
use crate::command::{migrate, serve};

const RESPONSE: &str = "application/graphql-response+json";

struct Service {
    router: Router,
    app: App,
    token: String,
    file: std::path::PathBuf,
}

impl Drop for Service {
    fn drop(&mut self) {
        for end in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(format!("{}{end}", self.file.display()));
        }
    }
}

struct Answered {
    status: StatusCode,
    headers: HeaderMap,
    text: String,
}

impl Answered {
    fn json(&self) -> Value {
        serde_json::from_str(&self.text).expect("JSON")
    }

    fn header(&self, name: header::HeaderName) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("ASCII"))
    }

    fn code(&self) -> Value {
        self.json()["errors"][0]["extensions"]["code"].clone()
    }
}

fn noon() -> DateTime<Utc> {
    DateTime::from_timestamp(1_772_366_400, 0).expect("March 1, 2026")
}

fn claims() -> Claims {
    Claims {
        sub: "reviewer-1".into(),
        iss: DEVELOPMENT_ISSUER.into(),
        aud: vec![DEFAULT_AUDIENCE.into()],
        exp: noon().timestamp() + 60,
        nbf: None,
        iat: None,
        email: None,
        email_verified: false,
        name: None,
        roles: vec!["bca_reviewer".into()],
    }
}

impl Service {
    async fn bare(name: &str) -> (Database, Self) {
        let file = std::env::temp_dir().join(format!("candor-{name}-{}.db", std::process::id()));
        let database = Database::open(&format!("sqlite://{}", file.display())).await;
        let database = database.expect("a file");
        let key = DevelopmentKey::generate().expect("randomness");
        let token = key.sign(&claims()).expect("claims");
        let authenticator =
            Authenticator::new(DEVELOPMENT_ISSUER.into(), DEFAULT_AUDIENCE.into(), key.jwks());
        let app = App::new(database.clone(), Clock::new(noon), authenticator.expect("one key"));
        (database, Self { router: router(app.clone()), app, token, file })
    }

    async fn new(name: &str) -> Self {
        let (database, service) = Self::bare(name).await;
        migrate::up(&database).await.expect("it migrates");
        service
    }

    async fn send(&self, request: Request<Body>) -> Answered {
        let answer = self.router.clone().oneshot(request).await.expect("an answer");
        let (parts, body) = answer.into_parts();
        let text = to_bytes(body, usize::MAX).await.expect("a body").to_vec();
        let text = String::from_utf8(text).expect("UTF-8");
        Answered { status: parts.status, headers: parts.headers, text }
    }

    async fn get(&self, path: &str, accept: &str) -> Answered {
        let request = Request::get(path).header(header::ACCEPT, accept).body(Body::empty());
        self.send(request.expect("a request")).await
    }

    async fn post(
        &self,
        body: impl Into<Body>,
        headers: &[(header::HeaderName, &str)],
    ) -> Answered {
        let mut request = Request::post("/graphql");
        for (name, value) in headers {
            request = request.header(name, *value);
        }
        self.send(request.body(body.into()).expect("a request")).await
    }

    /// Asks as the reviewer.
    async fn ask(&self, body: &Value, accept: &str) -> Answered {
        self.raw(body.to_string(), accept).await
    }

    async fn raw(&self, body: impl Into<Body>, accept: &str) -> Answered {
        let bearer = format!("Bearer {}", self.token);
        let headers = [
            (header::AUTHORIZATION, bearer.as_str()),
            (header::CONTENT_TYPE, "application/json"),
            (header::ACCEPT, accept),
        ];
        self.post(body, &headers).await
    }
}

#[tokio::test]
async fn a_query_is_answered_in_both_media_types() {
    let service = Service::new("forms").await;
    let query = json!({ "query": "{ __typename }", "extensions": null, "x": 1 });
    for (accept, content_type) in [
        ("*/*", "application/json; charset=utf-8"),
        (RESPONSE, "application/graphql-response+json; charset=utf-8"),
    ] {
        for _ in 0..2 {
            let answer = service.ask(&query, accept).await;
            assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
            assert_eq!(answer.json(), json!({ "data": { "__typename": "Query" } }));
            assert_eq!(answer.header(header::CONTENT_TYPE), content_type);
            assert_eq!(answer.header(header::CACHE_CONTROL), "no-store");
            assert_eq!(answer.header(header::X_CONTENT_TYPE_OPTIONS), "nosniff");
        }
    }
    for invalid in ["{ nothing }", "{ __typename", "query ($v: Int!) { __typename }", "{ ...a }"] {
        for (accept, status) in [("*/*", StatusCode::OK), (RESPONSE, StatusCode::BAD_REQUEST)] {
            let answer = service.ask(&json!({ "query": invalid }), accept).await;
            assert_eq!((answer.status, answer.code()), (status, "BAD_USER_INPUT".into()));
            assert!(answer.json().get("data").is_none(), "{}", answer.text);
        }
    }
    assert_eq!(service.ask(&query, "text/html").await.status, StatusCode::NOT_ACCEPTABLE);
}

#[tokio::test]
async fn anonymous_requests_are_not_executed() {
    let service = Service::new("anonymous").await;
    let json = (header::CONTENT_TYPE, "application/json");
    let basic = format!("Basic {}", service.token);
    let forged = format!("Bearer {}x", service.token);
    for (authorization, challenge) in [
        (None, "Bearer"),
        (Some(""), "Bearer"),
        (Some("Bearer"), "Bearer"),
        (Some(basic.as_str()), "Bearer"),
        (Some("Bearer "), "Bearer error=\"invalid_token\""),
        (Some(forged.as_str()), "Bearer error=\"invalid_token\""),
    ] {
        // Introspection and malformed bodies get the same response.
        for body in [r#"{"query":"{ __schema { types { name } } }"}"#, "{", ""] {
            let mut headers = vec![json.clone()];
            headers.extend(authorization.map(|it| (header::AUTHORIZATION, it)));
            let answer = service.post(body, &headers).await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{authorization:?} {body}");
            assert_eq!(answer.code(), "UNAUTHENTICATED");
            assert_eq!(answer.header(header::WWW_AUTHENTICATE), challenge);
        }
    }
    let bearer = format!("Bearer {}", service.token);
    let twice = [json, (header::AUTHORIZATION, &bearer), (header::AUTHORIZATION, &bearer)];
    assert_eq!(service.post("{}", &twice).await.status, StatusCode::UNAUTHORIZED);
}

/// Only in development does the answer say how to make a token.
#[tokio::test]
async fn an_answer_without_a_token_says_where_to_sign_in() {
    let mut service = Service::new("sign-in").await;
    let json = (header::CONTENT_TYPE, "application/json");
    let message = |answer: &Answered| answer.json()["errors"][0]["message"].to_string();
    let answer = service.post("{}", std::slice::from_ref(&json)).await;
    assert!(message(&answer).contains("`candor token` makes a token"), "{}", answer.text);
    // Nobody listens there.
    let file = "[[issuer]]\nissuer = \"https://sso.city.example\"\nname = \"City staff\"\n\
                audience = \"candor\"\njwks = \"http://127.0.0.1:9/keys\"\nroles = [\"auditor\"]\n";
    let issuers = IssuerSettings::parse_file(file, std::path::Path::new("")).expect("an issuer");
    let authenticator = Authenticator::of_issuers(issuers, noon()).expect("a client");
    Arc::make_mut(&mut service.app.state).authenticator = Arc::new(authenticator);
    service.router = router(service.app.clone());
    let answer = service.post("{}", std::slice::from_ref(&json)).await;
    assert_eq!(
        (answer.status, answer.code()),
        (StatusCode::UNAUTHORIZED, "UNAUTHENTICATED".into())
    );
    let text = message(&answer);
    assert!(text.contains("Sign in at City staff (https://sso.city.example)."), "{text}");
    assert!(!text.contains("candor token"), "{text}");
    // A token of the development key is of no issuer here.
    let answer = service.raw("{}", "*/*").await;
    let text = message(&answer);
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert!(text.contains("another issuer. Sign in at City staff"), "{text}");
    // {"alg":"EdDSA"} and {"iss":"https://sso.city.example"}: its keys cannot be read.
    let token = "Bearer eyJhbGciOiJFZERTQSJ9.eyJpc3MiOiJodHRwczovL3Nzby5jaXR5LmV4YW1wbGUifQ.AAAA";
    let answer = service.post("{}", &[json, (header::AUTHORIZATION, token)]).await;
    let expected = (StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE".into());
    assert_eq!((answer.status, answer.code()), expected);
    assert!(message(&answer).contains("its issuer does not answer"), "{}", answer.text);
}

#[tokio::test]
async fn malformed_requests_are_rejected() {
    let service = Service::new("malformed").await;
    for body in [
        "",
        "   ",
        "{",
        "nonsense",
        "null",
        "\"{ __typename }\"",
        "{}",
        "[]",
        r#"[{"query":"{ __typename }"}]"#,
        r#"["{ __typename }"]"#,
        r#"{"query":1}"#,
        r#"{"query":"{ __typename }","variables":[]}"#,
        r#"{"query":"{ __typename }","variables":"x"}"#,
        r#"{"query":"{ __typename }","operationName":{}}"#,
        r#"{"query":"{ __typename }","extensions":1}"#,
        r#"{"query":"{ __typename }","query":"{ x }"}"#,
        r#"{"query":"{ __typename }","variables":{"a":1e400}}"#,
        "{\"query\":\"{ __typename }\u{0}\"}",
    ] {
        let answer = service.raw(body, "*/*").await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{body}: {}", answer.text);
        assert_eq!(answer.code(), "BAD_USER_INPUT");
        assert!(answer.text.len() < 500, "{}", answer.text);
    }
    let not_utf_8 = service.raw(vec![b'{', b'"', 0xff, b'"', b'}'], "*/*").await;
    assert_eq!(not_utf_8.status, StatusCode::BAD_REQUEST);
    let long = json!({ "query": "{ __typename }", "variables": "x".repeat(500_000) });
    let answer = service.ask(&long, "*/*").await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert!(answer.text.len() < 500, "{} bytes", answer.text.len());
    let nested = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
    let body = format!(r#"{{"query":"{{ __typename }}","variables":{{"a":{nested}}}}}"#);
    assert_eq!(service.raw(body, "*/*").await.status, StatusCode::BAD_REQUEST);

    let bearer = format!("Bearer {}", service.token);
    for content_type in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"] {
        let headers =
            [(header::AUTHORIZATION, bearer.as_str()), (header::CONTENT_TYPE, content_type)];
        let answer = service.post(r#"{"query":"{ __typename }"}"#, &headers).await;
        assert_eq!(answer.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
        assert_eq!(answer.code(), "BAD_USER_INPUT");
    }
}

#[tokio::test]
async fn oversized_requests_are_rejected() {
    let service = Service::new("limits").await;
    let large = "x".repeat(MAX_BODY_BYTES);
    let response = service.raw(large.clone(), "*/*").await;
    assert_eq!(response.status, StatusCode::BAD_REQUEST, "at the limit it is read");
    let stream = |text: String| {
        let parts = [Ok::<_, std::io::Error>(text), Ok("x".to_owned())];
        Body::from_stream(async_graphql::futures_util::stream::iter(parts))
    };
    for body in [Body::from(format!("{large}x")), stream(large)] {
        let answer = service.raw(body, "*/*").await;
        assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE, "{}", answer.text);
        assert_eq!(answer.code(), "LIMIT_EXCEEDED");
    }
    let unknown = (0..4_000).map(|name| format!("x{name}")).collect::<Vec<_>>().join(" ");
    let response =
        service.ask(&json!({ "query": format!("{{ viewer {{ {unknown} }} }}") }), "*/*").await;
    assert_eq!(response.json()["errors"].as_array().map(Vec::len), Some(20));
    let spreads = |level: usize| format!("...f{level} ").repeat(20);
    let fragments =
        (0..6).map(|level| format!("fragment f{level} on Query {{ {} }} ", spreads(level + 1)));
    let bomb = format!(
        "{{ ...f0 }} {} fragment f6 on Query {{ __typename }}",
        fragments.collect::<String>()
    );
    let nested = format!("{{ node(id: {}) {{ id }} }}", "[".repeat(50_000));
    for query in [bomb, nested] {
        let start = Instant::now();
        let answer = service.ask(&json!({ "query": query }), RESPONSE).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
        assert_eq!(answer.code(), "LIMIT_EXCEEDED");
        assert!(start.elapsed() < Duration::from_secs(1));
    }
}

#[tokio::test]
async fn get_executes_nothing() {
    let service = Service::new("get").await;
    let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
    let page = service.get("/graphql?query=%7B__typename%7D", browser).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.header(header::CONTENT_TYPE).starts_with("text/html"));
    assert!(page.text.contains("GraphiQL"));
    let policy = |answer: &Answered| answer.header(header::CONTENT_SECURITY_POLICY).to_owned();
    assert!(policy(&page).contains("script-src 'self';"), "{}", policy(&page));
    assert!(policy(&page).contains("frame-ancestors 'none'"), "{}", policy(&page));
    for (file, kind, is_kept) in [
        ("graphiql-4.1.2.min.js", "text/javascript", true),
        ("graphiql-4.1.2.min.css", "text/css", true),
        ("page.js", "text/javascript", false),
    ] {
        let asset = service.get(&format!("/graphiql/{file}"), "*/*").await;
        assert_eq!(asset.status, StatusCode::OK, "{file}");
        assert!(asset.header(header::CONTENT_TYPE).starts_with(kind), "{file}");
        assert_eq!(asset.header(header::CACHE_CONTROL).contains("immutable"), is_kept, "{file}");
        assert_eq!(policy(&asset), "default-src 'none'; frame-ancestors 'none'");
    }
    let nothing = service.get("/graphiql/..%2Findex.html", "*/*").await;
    assert_eq!(nothing.status, StatusCode::NOT_FOUND);
    assert_eq!(nothing.header(header::CACHE_CONTROL), "no-store");
    let program = service.get("/graphql?query=%7B__typename%7D", "application/json").await;
    assert_eq!(program.status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(program.header(header::ALLOW), "POST");
    assert_eq!(program.code(), "BAD_USER_INPUT");
    let put = Request::put("/graphql").body(Body::empty()).expect("a request");
    assert_eq!(service.send(put).await.status, StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn errors_outside_graphql_are_problem_documents() {
    let (database, service) = Service::bare("problems").await;
    assert_eq!(service.get("/healthz", "*/*").await.json(), json!({ "status": "alive" }));
    let unchecked = service.get("/readyz", "*/*").await;
    assert_eq!(unchecked.status, StatusCode::SERVICE_UNAVAILABLE);
    service.app.check_health().await;
    let unready = service.get("/readyz", "*/*").await;
    assert_eq!(unready.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(
        unready.json()["detail"].as_str().is_some_and(|response| response.contains("migrated"))
    );
    let all = Migrator::migrations().len();
    assert_eq!(migrate::up(&database).await.expect("all of them"), all);
    assert_eq!(migrate::up(&database).await.expect("again"), 0);
    service.app.check_health().await;
    let ready = service.get("/readyz", "*/*").await;
    let expected = json!({ "status": "ready", "policy": "none" });
    assert_eq!((ready.status, ready.json()), (StatusCode::OK, expected));
    let contract = service.get("/openapi.json", "*/*").await;
    assert_eq!(contract.json()["openapi"], "3.1.0");
    for (method, path, status) in [
        (Method::GET, "/nothing", StatusCode::NOT_FOUND),
        (Method::GET, "/v1/x", StatusCode::NOT_FOUND),
        (Method::POST, "/healthz", StatusCode::METHOD_NOT_ALLOWED),
        (Method::DELETE, "/openapi.json", StatusCode::METHOD_NOT_ALLOWED),
    ] {
        let request = Request::builder().method(method).uri(path).body(Body::empty());
        let answer = service.send(request.expect("a request")).await;
        assert_eq!(answer.status, status);
        assert_eq!(answer.header(header::CONTENT_TYPE), "application/problem+json");
        assert_eq!(answer.json()["status"], status.as_u16());
        let allows = answer.header(header::ALLOW);
        assert_eq!(allows, if status == StatusCode::NOT_FOUND { "" } else { "GET,HEAD" });
    }
}

#[tokio::test]
async fn a_plain_request_id_is_preserved() {
    let service = Service::new("identifiers").await;
    let longest = "a".repeat(64);
    let longer = "a".repeat(65);
    for (given, kept) in
        [("a-1_B.c", true), (&longest, true), (&longer, false), ("a b", false), ("", false)]
    {
        let request = Request::get("/healthz").header("x-request-id", given).body(Body::empty());
        let answer = service.send(request.expect("a request")).await;
        let id = answer.header("x-request-id".parse().expect("a name"));
        assert_eq!(id == given, kept, "{given}: {id}");
        assert!(!id.is_empty());
    }
}

#[tokio::test]
async fn a_panic_gives_an_internal_error() {
    let failing = Router::new()
        .route("/x", get(async || -> &'static str { panic!("a secret") }))
        .layer(super::CatchPanicLayer::custom(super::problem::panic_response))
        .layer(axum::middleware::from_fn(super::problem::describe_errors));
    let request = Request::get("/x").body(Body::empty()).expect("a request");
    let answer = failing.oneshot(request).await.expect("an answer");
    assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
    let body = to_bytes(answer.into_body(), usize::MAX).await.expect("a body");
    let problem: Value = serde_json::from_slice(&body).expect("a problem");
    assert_eq!(problem["title"], "Internal Server Error");
    assert!(!problem.to_string().contains("secret"));
}

/// Starting publishes nothing but the files that the operator names, and a draft only as a draft.
#[tokio::test]
async fn only_named_policies_are_published() {
    const VERSION_1: &str = include_str!("../../../policies/version-1.toml");
    let (database, service) = Service::bare("policy").await;
    let clock = Clock::new(noon);
    let named = |name: &str, text: &str, as_draft| serve::PolicyFiles {
        files: vec![(name.to_owned(), text.to_owned())],
        as_draft,
    };
    let policy = async || {
        service.app.check_health().await;
        service.get("/readyz", "*/*").await.json()["policy"].take()
    };
    let nothing = serve::PolicyFiles::default();
    serve::prepare_database(&database, &nothing, &clock).await.expect("a service without a policy");
    assert_eq!(policy().await, "none");
    let begun = VERSION_1.replace("value = \"2026-07-01\"", "value = \"2020-07-01\"");
    let first = named("version-1.toml", &begun, false);
    let refused = serve::prepare_database(&database, &first, &clock).await.expect_err("a draft");
    assert!(refused.to_string().contains("--draft"), "{refused}");
    assert_eq!(policy().await, "none");
    let first = named("version-1.toml", &begun, true);
    serve::prepare_database(&database, &first, &clock).await.expect("it is published");
    assert_eq!(policy().await, "version 1 (draft)");
    let again = named("version-1.toml", &begun.replace("form = 1\n", ""), false);
    serve::prepare_database(&database, &again, &clock).await.expect("it stays published");
    serve::prepare_database(&database, &nothing, &clock).await.expect("it stays published");
    assert_eq!(policy().await, "version 1 (draft)");
    for (text, expected) in [
        ("version = 2\nnonsense = 1\n", "line 2: nonsense: this name is not known here"),
        (&*begun.replace("value = 365", "value = 364"), "already published with different content"),
        (
            &*begun.replace("\nversion = 1\ntitle", "\nversion = 3\ntitle"),
            "The next policy version is 2",
        ),
        (
            &*begun.replace("\nversion = 1\ntitle", "\nversion = 2\ntitle"),
            "which has begun already",
        ),
    ] {
        let other = named("mine.toml", text, true);
        let refused = serve::prepare_database(&database, &other, &clock).await;
        let refused = refused.expect_err("no policy").to_string();
        assert!(refused.starts_with("cannot publish mine.toml:"), "{refused}");
        assert!(refused.contains(expected), "{refused}");
    }
    // Two people publish what follows the first version.
    let next = begun.replace("\nversion = 1\ntitle", "\nversion = 2\ntitle");
    let next = next.replace("value = \"2020-07-01\"", "value = \"2999-07-01\"");
    let next = named("version-2.toml", &next, true);
    serve::prepare_database(&database, &next, &clock).await.expect("it is proposed");
    serve::prepare_database(&database, &next, &clock).await.expect("it stays proposed");
    for (table, expected) in [("policy", 1), ("policy_proposal", 1)] {
        let count = format!("SELECT COUNT(*) FROM {table}");
        let count = sea_orm::Statement::from_string(sea_orm::DbBackend::Sqlite, count);
        let row = sea_orm::ConnectionTrait::query_one_raw(&database.read, count).await;
        let row = row.expect("a count").expect("a row");
        assert_eq!(row.try_get_by_index::<i64>(0).expect("a number"), expected, "{table}");
    }
}

/// Requests in progress are finished, and no connection is accepted afterwards.
#[tokio::test]
async fn shutdown_finishes_requests_in_progress() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let slow = Router::new().route(
        "/slow",
        get(async || {
            tokio::time::sleep(Duration::from_millis(300)).await;
            "done"
        }),
    );
    let address = listener.local_addr().expect("an address");
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let shutdown = async {
        let _ = stopped.await;
    };
    let serving = tokio::spawn(super::serve(listener, slow, shutdown));
    let asking = tokio::spawn(async move {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let mut stream = tokio::net::TcpStream::connect(address).await.expect("it listens");
        stream.write_all(b"GET /slow HTTP/1.1\r\nhost: x\r\n\r\n").await.expect("it reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("it answers, then closes");
        answer
    });
    tokio::time::sleep(Duration::from_millis(100)).await;
    stop.send(()).expect("it waits");
    assert!(asking.await.expect("an answer").ends_with("done"));
    serving.await.expect("it ends").expect("well");
    tokio::net::TcpStream::connect(address).await.expect_err("the port is closed");
}
