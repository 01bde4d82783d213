//! Clients in a child process that hold as many connections as they can without sending complete
//! requests or reading responses.
use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, SocketAddr};
use std::process::Child;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use std::{env, io, thread};

use candor::http::raise_open_file_limit;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::process::{exit_with_parent, spawn_piped, test_command};

/// Environment variables of the child process: the service's address, the number of connections and
/// a token.
const SERVICE_VARIABLE: &str = "CANDOR_TEST_SERVICE";
const CONNECTIONS_VARIABLE: &str = "CANDOR_TEST_CONNECTIONS";
const TOKEN_VARIABLE: &str = "CANDOR_TEST_TOKEN";
/// Number of file descriptors reserved for other uses than connections.
const RESERVED_FILES: u64 = 300;
/// Number of connections opened concurrently.
const MAX_CONCURRENT_CONNECTS: usize = 100;
/// Delay before a disconnected client reconnects.
const RECONNECT_DELAY: Duration = Duration::from_secs(1);
/// Time limit for all connections to open. It is shorter than the minute for which the service keeps a
/// connection whose request was answered.
const OPEN_TIMEOUT: Duration = Duration::from_secs(50);

/// Number of connections opened so far and held now.
#[derive(Debug, Default)]
struct Counts {
    opened: AtomicUsize,
    held: AtomicUsize,
}

/// The child process with the clients. It is killed when dropped.
#[derive(Debug)]
pub struct IdleClients {
    child: Mutex<Child>,
    counts: Arc<Counts>,
    /// Number of connections that the clients try to hold.
    pub target: usize,
}

impl IdleClients {
    /// Starts this test binary again to run only the ignored `test`, which calls
    /// [`hold_connections`]. Where the system limits open files, fewer connections are used and a
    /// line on stdout says so.
    #[must_use]
    pub fn start(test: &str, service: &str, token: &str, connections: usize) -> Self {
        let files = raise_open_file_limit().saturating_sub(RESERVED_FILES);
        let target = connections.min(usize::try_from(files).unwrap_or(usize::MAX));
        if target < connections {
            println!("{target} connections instead of {connections}: files are limited here");
        }
        let service = service.trim_start_matches("http://").split('/').next().expect("an address");
        let mut command = test_command(test);
        command
            .env(SERVICE_VARIABLE, service)
            .env(TOKEN_VARIABLE, token)
            .env(CONNECTIONS_VARIABLE, target.to_string());
        let mut child = spawn_piped(command);
        let output = child.stdout.take().expect("what it prints");
        let counts = Arc::new(Counts::default());
        let read = Arc::clone(&counts);
        thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                let Some((opened, held)) = line.split_once(" opened, held ") else { continue };
                let number = |text: &str| text.parse().expect("a number");
                read.opened.store(number(opened), SeqCst);
                read.held.store(number(held), SeqCst);
            }
        });
        Self { child: Mutex::new(child), counts, target }
    }

    /// Returns the number of connections held now.
    #[must_use]
    pub fn held(&self) -> usize {
        self.counts.held.load(SeqCst)
    }

    /// Returns the number of clients whose request was answered. The service keeps their connections
    /// for a minute, and the others only for seconds: where opening all takes longer, some of the
    /// others are closed before the last is open.
    #[must_use]
    pub fn answered(&self) -> usize {
        let answered =
            |number: &usize| matches!(ClientBehavior::of(*number), ClientBehavior::Answered);
        (0..self.target).filter(answered).count()
    }

    /// Waits until each connection has been open once, even if it was closed since.
    pub async fn wait_until_all_opened(&self) {
        let opened = async {
            while self.counts.opened.load(SeqCst) < self.target {
                sleep(Duration::from_millis(50)).await;
            }
        };
        timeout(OPEN_TIMEOUT, opened).await.expect("connections that are open in time");
    }
}

impl Drop for IdleClients {
    fn drop(&mut self) {
        // Killing fails only if it has exited already.
        let child = self.child.get_mut().unwrap_or_else(PoisonError::into_inner);
        let _ = child.kill();
        let _ = child.wait();
    }
}

/// What a client does after it connects.
#[derive(Clone, Copy, Debug)]
enum ClientBehavior {
    Silent,
    HalfHead,
    HalfBody,
    TricklingBody,
    Answered,
    UnreadAnswer,
}

impl ClientBehavior {
    const fn of(number: usize) -> Self {
        match number % 20 {
            0..4 => Self::Silent,
            4..8 => Self::HalfHead,
            8..12 => Self::HalfBody,
            12..14 => Self::TricklingBody,
            14..19 => Self::Answered,
            _ => Self::UnreadAnswer,
        }
    }

    /// Holds a connection until the service closes it.
    async fn hold(self, stream: &mut TcpStream, token: &str) -> io::Result<()> {
        let body = format!(
            "POST /graphql HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n\
             content-type: application/json\r\ncontent-length: 10000\r\n\r\n{{\"query\": \""
        );
        let sent = match self {
            Self::Silent => "",
            Self::HalfHead => "POST /graphql HTTP/1.1\r\nhost: x\r\nauthoriz",
            Self::HalfBody | Self::TricklingBody => &body,
            Self::Answered => "GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n",
            Self::UnreadAnswer => "GET /graphiql/graphiql-4.1.2.min.js HTTP/1.1\r\nhost: x\r\n\r\n",
        };
        stream.write_all(sent.as_bytes()).await?;
        match self {
            Self::TricklingBody => loop {
                sleep(RECONNECT_DELAY).await;
                stream.write_all(b"x").await?;
            },
            Self::UnreadAnswer => loop {
                sleep(RECONNECT_DELAY).await;
                // Writing fails once the service has closed the connection.
                stream.write_all(b"G").await?;
            },
            _ => stream.read_to_end(&mut Vec::new()).await.map(drop),
        }
    }
}

/// Holds connections until this process is killed, in a process that [`IdleClients::start`]
/// started; in any other process it does nothing.
pub async fn hold_connections() {
    let variables = [SERVICE_VARIABLE, TOKEN_VARIABLE, CONNECTIONS_VARIABLE].map(env::var);
    let [Ok(service), Ok(token), Ok(connections)] = variables else { return };
    exit_with_parent();
    raise_open_file_limit();
    let service: SocketAddr = service.parse().expect("an address");
    let connections: usize = connections.parse().expect("a number");
    let (token, counts) = (Arc::<str>::from(token), Arc::new(Counts::default()));
    let turns = Arc::new(Semaphore::new(MAX_CONCURRENT_CONNECTS));
    let mut clients = JoinSet::new();
    for number in 0..connections {
        let (token, counts, turns) = (Arc::clone(&token), Arc::clone(&counts), Arc::clone(&turns));
        clients.spawn(async move {
            loop {
                let turn = turns.acquire().await.expect("it is never closed");
                let connect = connect(number, service).await;
                drop(turn);
                if let Ok(mut stream) = connect {
                    counts.opened.fetch_add(1, SeqCst);
                    counts.held.fetch_add(1, SeqCst);
                    // Any result means that the service closed the connection.
                    let _ = ClientBehavior::of(number).hold(&mut stream, &token).await;
                    counts.held.fetch_sub(1, SeqCst);
                }
                sleep(RECONNECT_DELAY).await;
            }
        });
    }
    loop {
        sleep(Duration::from_millis(100)).await;
        let (opened, held) = (counts.opened.load(SeqCst), counts.held.load(SeqCst));
        println!("{opened} opened, held {held}");
    }
}

/// Connects from one of ten loopback addresses, so that none runs out of ports.
async fn connect(number: usize, service: SocketAddr) -> io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    let last = u8::try_from(number % 10).expect("a digit") + 2;
    socket.bind((Ipv4Addr::new(127, 0, 0, last), 0).into())?;
    if let ClientBehavior::UnreadAnswer = ClientBehavior::of(number) {
        socket.set_recv_buffer_size(4096)?;
    }
    socket.connect(service).await
}
