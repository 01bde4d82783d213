//! Tests of each connection limit, with short times. A test waits until the connection is closed, and
//! checks that it was not closed too early.
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroUsize;
use std::process::Command;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::routing::{get, post};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::{Notify, oneshot};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};
use tower_http::limit::RequestBodyLimitLayer;

use super::{ConnectionLimits, TransferRate, serve_on_threads};
use crate::http::{MAX_BODY_BYTES, body, problem};

/// The longest that a test waits for what must happen.
const TEST_TIMEOUT: Duration = Duration::from_secs(20);
/// So long that it does not pass in a test.
const NEVER: Duration = Duration::from_hours(1);
/// The bytes of the large answer: more than the buffers of both ends hold.
const LARGE_BYTES: usize = 16 * 1024 * 1024;
const QUICK: &str = "GET /quick HTTP/1.1\r\nhost: x\r\n\r\n";
const SLOW: &str = "GET /slow HTTP/1.1\r\nhost: x\r\n\r\n";
const STALLED: &str = "GET /large HTTP/1.1\r\nhost: x\r\n\r\n";

/// Limits that no test reaches.
fn wide() -> ConnectionLimits {
    let rate = TransferRate { grace: NEVER, bytes_per_second: 500 };
    ConnectionLimits {
        head: NEVER,
        keep_alive: NEVER,
        body: rate,
        answer: rate,
        stalled_answer: NEVER,
        refused_body: Duration::from_millis(300),
        refused_body_bytes: 256 * 1024,
        max_connections: 100,
        max_per_address: None,
        shutdown_grace: NEVER,
    }
}

struct Server {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<std::io::Result<()>>,
    /// Notified when the slow request begins to be answered.
    begun: Arc<Notify>,
}

impl Server {
    async fn start(limits: ConnectionLimits) -> Self {
        let begun = Arc::new(Notify::new());
        let begins = Arc::clone(&begun);
        let router = Router::new()
            .route("/quick", get(async || "quick"))
            .route("/large", get(async || vec![b'x'; LARGE_BYTES]))
            .route("/refuse", post(async || StatusCode::UNAUTHORIZED))
            .route(
                "/slow",
                get(async move || {
                    begins.notify_one();
                    sleep(Duration::from_millis(300)).await;
                    "done"
                }),
            )
            .route(
                "/length",
                post(async |request: Request| match body::read_body(request).await {
                    Ok(body) => (StatusCode::OK, format!("{} bytes", body.len())),
                    Err(status) => (status, problem::default_detail(status).to_owned()),
                }),
            )
            .layer(RequestBodyLimitLayer::new(MAX_BODY_BYTES));
        let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, 0)).await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let (stop, stopped) = oneshot::channel();
        let shutdown = async {
            let _ = stopped.await;
        };
        let routers = vec![router.clone(), router];
        let serving = tokio::spawn(serve_on_threads(listener, routers, limits, shutdown));
        Self { address: (Ipv4Addr::LOCALHOST, port).into(), stop, serving, begun }
    }

    async fn connect(&self) -> TcpStream {
        self.connect_from(Ipv4Addr::LOCALHOST).await
    }

    async fn connect_from(&self, source: Ipv4Addr) -> TcpStream {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.bind((source, 0).into()).expect("a loopback address");
        socket.connect(self.address).await.expect("it listens")
    }

    /// A connection whose slow request is being answered.
    async fn begin_slow(&self, mut stream: TcpStream) -> TcpStream {
        send(&mut stream, SLOW).await;
        timeout(TEST_TIMEOUT, self.begun.notified()).await.expect("it begins");
        stream
    }

    /// Stops the service and waits for its end.
    async fn stop(self) {
        self.stop.send(()).expect("it serves");
        let served = timeout(TEST_TIMEOUT, self.serving).await.expect("it ends");
        served.expect("without a panic").expect("without an error");
    }
}

async fn send(stream: &mut TcpStream, text: &str) {
    stream.write_all(text.as_bytes()).await.expect("it takes bytes");
}

/// One answer whose body has no more than 64 KiB; the connection stays open.
async fn answer(stream: &mut TcpStream) -> String {
    let read = async {
        let (mut text, mut buffer) = (String::new(), [0; 1024]);
        loop {
            let count = stream.read(&mut buffer).await.expect("an answer");
            assert!(count > 0, "closed after {text:?}");
            text += std::str::from_utf8(&buffer[..count]).expect("ASCII");
            let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            let length: usize = length.expect("a length").parse().expect("a number");
            if body.len() == length {
                return text;
            }
        }
    };
    timeout(TEST_TIMEOUT, read).await.expect("an answer in time")
}

/// Waits until the service has closed a connection; returns what it sent before.
async fn closed(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    // A reset closes it as well.
    let _ = timeout(TEST_TIMEOUT, stream.read_to_end(&mut bytes)).await.expect("it is closed");
    String::from_utf8(bytes).expect("ASCII")
}

async fn ask(stream: &mut TcpStream, request: &str) -> String {
    send(stream, request).await;
    answer(stream).await
}

/// Each of the threads serves as many connections, and ends with the service.
#[tokio::test]
async fn connections_are_spread_over_the_threads() {
    let routers = ["first", "second", "third"].map(|name| {
        Router::new()
            .route("/quick", get(async move || format!("{name} {:?}", thread::current().id())))
    });
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let (stop, stopped) = oneshot::channel();
    let serving = tokio::spawn(serve_on_threads(listener, routers.into(), wide(), async {
        let _ = stopped.await;
    }));
    let mut connections = Vec::new();
    let mut served = BTreeMap::<String, usize>::new();
    for _ in 0..9 {
        let mut stream = TcpStream::connect(address).await.expect("it listens");
        let answered = ask(&mut stream, QUICK).await;
        let by = answered.lines().last().expect("a body").to_owned();
        // A connection stays on its thread.
        assert!(ask(&mut stream, QUICK).await.ends_with(&by));
        *served.entry(by).or_default() += 1;
        connections.push(stream);
    }
    assert_eq!(served.values().copied().collect::<Vec<_>>(), [3, 3, 3], "{served:?}");
    let threads = served.keys().filter_map(|by| by.split_once(' ')).map(|(_, thread)| thread);
    assert_eq!(threads.collect::<BTreeSet<_>>().len(), 3, "{served:?}");
    stop.send(()).expect("it serves");
    let ended = timeout(TEST_TIMEOUT, serving).await.expect("it ends");
    ended.expect("without a panic").expect("without an error");
}

#[tokio::test]
async fn a_slow_head_is_closed() {
    let head = Duration::from_millis(200);
    let server = Server::start(ConnectionLimits { head, ..wide() }).await;
    let start = Instant::now();
    let mut silent = server.connect().await;
    let mut half = server.connect().await;
    send(&mut half, "GET /quick HTTP/1.1\r\nho").await;
    let (mut trickle, mut writing) = server.connect().await.into_split();
    let trickling = tokio::spawn(async move {
        let line = "GET /quick HTTP/1.1\r\nhost: ".bytes().chain(std::iter::repeat(b'x'));
        for byte in line {
            if writing.write_all(&[byte]).await.is_err() {
                break;
            }
            sleep(Duration::from_millis(10)).await;
        }
    });
    for stream in [&mut silent, &mut half] {
        assert_eq!(closed(stream).await, "");
    }
    let mut bytes = Vec::new();
    let _ = timeout(TEST_TIMEOUT, trickle.read_to_end(&mut bytes)).await.expect("it is closed");
    trickling.await.expect("it ends with its connection");
    assert!(start.elapsed() >= head);
}

#[tokio::test]
async fn an_idle_connection_is_closed() {
    let (head, keep_alive) = (Duration::from_millis(150), Duration::from_millis(400));
    let server = Server::start(ConnectionLimits { head, keep_alive, ..wide() }).await;
    let (mut idle, mut half) = (server.connect().await, server.connect().await);
    for stream in [&mut idle, &mut half] {
        for _ in 0..2 {
            assert!(ask(stream, QUICK).await.ends_with("quick"));
        }
    }
    let start = Instant::now();
    // Later than a new connection's head may take: this one has until its first byte.
    sleep(head + Duration::from_millis(50)).await;
    send(&mut half, "GET /quick").await;
    assert_eq!(closed(&mut half).await, "");
    assert!(start.elapsed() >= head * 2);
    assert_eq!(closed(&mut idle).await, "");
    assert!(start.elapsed() + Duration::from_millis(20) >= keep_alive);
}

#[tokio::test]
async fn a_slow_body_is_answered_and_closed() {
    let grace = Duration::from_millis(200);
    let body = TransferRate { grace, bytes_per_second: 1_000 };
    let server = Server::start(ConnectionLimits { body, ..wide() }).await;
    let head = "POST /length HTTP/1.1\r\nhost: x\r\ncontent-length: 2000\r\n\r\n";
    let start = Instant::now();
    let mut stalled = server.connect().await;
    send(&mut stalled, &format!("{head}{{")).await;
    let (mut reading, mut writing) = server.connect().await.into_split();
    let trickling = tokio::spawn(async move {
        writing.write_all(head.as_bytes()).await.expect("a head");
        while writing.write_all(b"x").await.is_ok() {
            sleep(Duration::from_millis(10)).await;
        }
    });
    let response = closed(&mut stalled).await;
    let mut trickle = Vec::new();
    let _ = timeout(TEST_TIMEOUT, reading.read_to_end(&mut trickle)).await.expect("it is closed");
    trickling.await.expect("it ends with its connection");
    for response in [response, String::from_utf8(trickle).expect("ASCII")] {
        assert!(response.starts_with("HTTP/1.1 408 "), "{response}");
        assert!(
            response.contains("connection: close") && response.contains("too slowly"),
            "{response}"
        );
    }
    assert!(start.elapsed() >= grace);

    // A steady client has far longer than the grace.
    let mut steady = server.connect().await;
    send(&mut steady, head).await;
    for _ in 0..20 {
        sleep(Duration::from_millis(20)).await;
        send(&mut steady, &"x".repeat(100)).await;
    }
    assert!(answer(&mut steady).await.ends_with("2000 bytes"));
    assert!(ask(&mut steady, QUICK).await.ends_with("quick"), "the connection is kept");
}

#[tokio::test]
async fn a_client_that_still_sends_gets_the_refusal() {
    let server = Server::start(wide()).await;
    for (path, length, chunked, status) in [
        ("/length", 5 << 20, false, "413"),
        ("/length", 5 << 20, true, "413"),
        ("/refuse", MAX_BODY_BYTES, false, "401"),
        ("/refuse", 200 << 10, false, "401"),
        ("/nowhere", 200 << 10, false, "404"),
    ] {
        let (mut reading, mut writing) = server.connect().await.into_split();
        let sending = tokio::spawn(async move {
            let framing = if chunked {
                "transfer-encoding: chunked".to_owned()
            } else {
                format!("content-length: {length}")
            };
            let chunk = if chunked { format!("{length:x}\r\n") } else { String::new() };
            let head = format!("POST {path} HTTP/1.1\r\nhost: x\r\n{framing}\r\n\r\n");
            let bytes = [head, chunk, "x".repeat(length)].concat();
            // It is cut off, unless all is small.
            let _ = writing.write_all(bytes.as_bytes()).await;
            writing
        });
        let mut answer = Vec::new();
        let _ =
            timeout(TEST_TIMEOUT, reading.read_to_end(&mut answer)).await.expect("it is closed");
        let answer = String::from_utf8(answer).expect("ASCII");
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{path} {length}: {answer:?}");
        assert!(answer.contains("connection: close"), "{answer}");
        timeout(TEST_TIMEOUT, sending).await.expect("it is not kept sending").expect("no panic");
    }
    // With a content-length, the response does not wait for the body.
    let mut early = server.connect().await;
    let head = format!(
        "POST /length HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n\r\n",
        MAX_BODY_BYTES + 1
    );
    assert!(ask(&mut early, &head).await.starts_with("HTTP/1.1 413 "));
}

#[tokio::test]
async fn the_longest_waiting_connection_is_closed_for_a_new_one() {
    let server = Server::start(ConnectionLimits { max_connections: 3, ..wide() }).await;
    let mut first = server.connect().await;
    assert!(ask(&mut first, QUICK).await.ends_with("quick"));
    let mut second = server.connect().await;
    assert!(ask(&mut second, QUICK).await.ends_with("quick"));
    let mut body = server.connect().await;
    // It is accepted for certain before the first asks again.
    assert!(ask(&mut body, QUICK).await.ends_with("quick"));
    send(&mut body, "POST /length HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\nhalf").await;
    // The first asks again, and is now the last in line.
    assert!(ask(&mut first, QUICK).await.ends_with("quick"));
    let mut fourth = server.connect().await;
    assert!(ask(&mut fourth, QUICK).await.ends_with("quick"));
    assert_eq!(closed(&mut second).await, "");
    let mut fifth = server.connect().await;
    assert!(ask(&mut fifth, QUICK).await.ends_with("quick"));
    assert_eq!(closed(&mut body).await, "", "half a body is no request");
    assert!(ask(&mut first, QUICK).await.ends_with("quick"));
}

#[tokio::test]
async fn an_answering_connection_is_not_closed() {
    let server = Server::start(ConnectionLimits { max_connections: 2, ..wide() }).await;
    let mut first = server.begin_slow(server.connect().await).await;
    let mut second = server.begin_slow(server.connect().await).await;
    // There is no place for it until one of them is answered.
    let mut third = server.connect().await;
    send(&mut third, SLOW).await;
    for stream in [&mut first, &mut second, &mut third] {
        assert!(answer(stream).await.ends_with("done"));
    }
}

#[tokio::test]
async fn connections_per_address_are_limited() {
    let max_per_address = NonZeroUsize::new(2);
    let server = Server::start(ConnectionLimits { max_per_address, ..wide() }).await;
    let other = Ipv4Addr::new(127, 0, 0, 2);
    let mut others = server.connect_from(other).await;
    let mut ours = Vec::new();
    for _ in 0..3 {
        let mut stream = server.connect().await;
        assert!(ask(&mut stream, QUICK).await.ends_with("quick"));
        ours.push(stream);
    }
    assert_eq!(closed(&mut ours[0]).await, "", "its own, not another's");
    assert!(ask(&mut others, QUICK).await.ends_with("quick"));
    let (second, third) = (ours.remove(1), ours.remove(1));
    let (mut second, mut third) = (server.begin_slow(second).await, server.begin_slow(third).await);
    assert_eq!(closed(&mut server.connect().await).await, "", "no room in its share");
    for stream in [&mut second, &mut third] {
        assert!(answer(stream).await.ends_with("done"));
    }
}

#[tokio::test]
async fn an_unread_response_is_closed() {
    let answer = TransferRate { grace: Duration::from_millis(200), bytes_per_second: 100_000_000 };
    let server = Server::start(ConnectionLimits { answer, ..wide() }).await;
    let mut stream = server.connect().await;
    send(&mut stream, STALLED).await;
    // The head has come, so it is being written; stopping waits for it, however long it takes.
    let mut start = [0; 12];
    stream.read_exact(&mut start).await.expect("a head");
    assert_eq!(&start, b"HTTP/1.1 200");
    server.stop().await;
    let mut rest = Vec::new();
    let _ = timeout(TEST_TIMEOUT, stream.read_to_end(&mut rest)).await.expect("it was closed");
    assert!(rest.len() < LARGE_BYTES, "it was cut off");
}

#[tokio::test]
async fn a_stalled_connection_is_closed_for_a_new_one() {
    let stalled_answer = Duration::from_millis(50);
    let limits = ConnectionLimits { max_connections: 1, stalled_answer, ..wide() };
    let server = Server::start(limits).await;
    let mut stalled = server.connect().await;
    send(&mut stalled, STALLED).await;
    let mut other = server.connect().await;
    assert!(ask(&mut other, QUICK).await.ends_with("quick"));
}

#[tokio::test]
async fn a_slow_reader_gets_the_whole_response() {
    let answer = TransferRate { grace: Duration::from_secs(1), bytes_per_second: 100_000 };
    let stalled_answer = Duration::from_millis(5);
    let limits = ConnectionLimits { answer, stalled_answer, ..wide() };
    let server = Server::start(limits).await;
    let mut stream = server.connect().await;
    send(&mut stream, STALLED).await;
    let (mut total, mut buffer) = (0, vec![0; 128 * 1024]);
    let start = Instant::now();
    while total < LARGE_BYTES {
        sleep(Duration::from_millis(10)).await;
        let read = timeout(TEST_TIMEOUT, stream.read(&mut buffer)).await.expect("more of it");
        let count = read.expect("it is not cut off");
        assert!(count > 0, "cut off after {total} bytes");
        total += count;
    }
    assert!(start.elapsed() >= answer.grace, "slower than the grace alone would let it");
}

#[tokio::test]
async fn shutdown_waits_only_for_requests() {
    let server = Server::start(ConnectionLimits { head: NEVER, ..wide() }).await;
    let (mut idle, mut silent) = (server.connect().await, server.connect().await);
    assert!(ask(&mut idle, QUICK).await.ends_with("quick"));
    let mut slow = server.begin_slow(server.connect().await).await;
    let asking = tokio::spawn(async move { closed(&mut slow).await });
    server.stop().await;
    assert!(asking.await.expect("an answer").ends_with("done"));
    assert_eq!(closed(&mut idle).await + &closed(&mut silent).await, "");
}

/// Runs in a process of its own, which has few files.
#[tokio::test]
#[ignore = "another test starts it, in a process of its own"]
async fn few_files() {
    let maximum = getrlimit(Resource::Nofile).maximum;
    setrlimit(Resource::Nofile, Rlimit { current: Some(128), maximum }).expect("fewer files");
    let server = Server::start(ConnectionLimits { max_connections: 10_000, ..wide() }).await;
    let mut idle = Vec::new();
    for _ in 0..20 {
        let mut stream = server.connect().await;
        assert!(ask(&mut stream, QUICK).await.ends_with("quick"));
        idle.push(stream);
    }
    let mut files = Vec::new();
    while let Ok(file) = File::open("/dev/null") {
        files.push(file);
    }
    // The only file left is the client's, so none is left for the service.
    files.pop();
    let mut stream = server.connect().await;
    assert!(ask(&mut stream, QUICK).await.ends_with("quick"));
    assert_eq!(closed(&mut idle[0]).await, "", "the longest idle has given up its file");
    assert!(ask(&mut idle[19], QUICK).await.ends_with("quick"));
    println!("{SERVED}");
}

/// What the process above prints at its end.
const SERVED: &str = "served without a free file";

#[test]
fn the_server_survives_a_lack_of_files() {
    let mut command = Command::new(std::env::current_exe().expect("this test's binary"));
    command.args(["http::server::tests::few_files", "--exact", "--ignored", "--nocapture"]);
    let output = command.output().expect("a process");
    let response = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && response.contains(SERVED), "{response}");
}
