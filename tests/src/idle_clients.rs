//! Clients in a process of their own, which hold as many connections as they can and ask nothing
//! that can be answered, or do not read the answer.
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

use crate::process::{exit_with_parent, test_command, spawn_piped};

/// What such a process is told: whom to connect to, how often, with whose token.
const SERVICE: &str = "CANDOR_TEST_SERVICE";
const CONNECTIONS: &str = "CANDOR_TEST_CONNECTIONS";
const TOKEN: &str = "CANDOR_TEST_TOKEN";
/// The files that are left for anything but connections.
const OTHER_FILES: u64 = 300;
/// How many connections are opened at once.
const AT_ONCE: usize = 100;
/// How long a client waits before it connects again after it was cut off.
const PAUSE: Duration = Duration::from_secs(1);
/// The longest that the connections may take to be open.
const AT_MOST: Duration = Duration::from_mins(1);

/// How many connections the clients have opened so far, and hold now.
#[derive(Debug, Default)]
struct Counts {
    opened: AtomicUsize,
    held: AtomicUsize,
}

/// The process with the clients. It is killed when it is dropped.
#[derive(Debug)]
pub struct IdleClients {
    child: Mutex<Child>,
    counts: Arc<Counts>,
    /// How many connections they try to hold.
    pub wanted: usize,
}

impl IdleClients {
    /// Starts them: this test's binary once more, which runs nothing but the ignored `test` there,
    /// and that calls [`hold_connections`]. Where the system lets a process open fewer files, there
    /// are fewer, and the output says so.
    #[must_use]
    pub fn start(test: &str, service: &str, token: &str, connections: usize) -> Self {
        let files = raise_open_file_limit().saturating_sub(OTHER_FILES);
        let wanted = connections.min(usize::try_from(files).unwrap_or(usize::MAX));
        if wanted < connections {
            println!("{wanted} connections instead of {connections}: files are limited here");
        }
        let service = service.trim_start_matches("http://").split('/').next().expect("an address");
        let mut command = test_command(test);
        command.env(SERVICE, service).env(TOKEN, token).env(CONNECTIONS, wanted.to_string());
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
        Self { child: Mutex::new(child), counts, wanted }
    }

    /// How many connections they hold now.
    #[must_use]
    pub fn held(&self) -> usize {
        self.counts.held.load(SeqCst)
    }

    /// Waits until each has been open once, whether it is still held or not.
    pub async fn all_opened(&self) {
        let opened = async {
            while self.counts.opened.load(SeqCst) < self.wanted {
                sleep(Duration::from_millis(50)).await;
            }
        };
        timeout(AT_MOST, opened).await.expect("connections that are open in time");
    }
}

impl Drop for IdleClients {
    fn drop(&mut self) {
        // Killing fails only where it is gone already.
        let child = self.child.get_mut().unwrap_or_else(PoisonError::into_inner);
        let _ = child.kill();
        let _ = child.wait();
    }
}

/// What a client does once it is connected.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Silent,
    HalfHead,
    HalfBody,
    TricklingBody,
    Answered,
    UnreadAnswer,
}

impl Kind {
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

    /// Holds a connection, as long as the service lets it.
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
                sleep(PAUSE).await;
                stream.write_all(b"x").await?;
            },
            Self::UnreadAnswer => loop {
                sleep(PAUSE).await;
                // A byte of another request: it fails once the service has closed.
                stream.write_all(b"G").await?;
            },
            _ => stream.read_to_end(&mut Vec::new()).await.map(drop),
        }
    }
}

/// Holds connections until this process is killed, in one that [`IdleClients::start`] started; in
/// any other, does nothing.
pub async fn hold_connections() {
    let told = [SERVICE, TOKEN, CONNECTIONS].map(env::var);
    let [Ok(service), Ok(token), Ok(connections)] = told else { return };
    exit_with_parent();
    raise_open_file_limit();
    let service: SocketAddr = service.parse().expect("an address");
    let connections: usize = connections.parse().expect("a number");
    let (token, counts) = (Arc::<str>::from(token), Arc::new(Counts::default()));
    let turns = Arc::new(Semaphore::new(AT_ONCE));
    let mut clients = JoinSet::new();
    for number in 0..connections {
        let (token, counts, turns) = (Arc::clone(&token), Arc::clone(&counts), Arc::clone(&turns));
        clients.spawn(async move {
            loop {
                let turn = turns.acquire().await.expect("it is never closed");
                let connected = connected(number, service).await;
                drop(turn);
                if let Ok(mut stream) = connected {
                    counts.opened.fetch_add(1, SeqCst);
                    counts.held.fetch_add(1, SeqCst);
                    // However it ends, it was cut off.
                    let _ = Kind::of(number).hold(&mut stream, &token).await;
                    counts.held.fetch_sub(1, SeqCst);
                }
                sleep(PAUSE).await;
            }
        });
    }
    loop {
        sleep(Duration::from_millis(100)).await;
        let (opened, held) = (counts.opened.load(SeqCst), counts.held.load(SeqCst));
        println!("{opened} opened, held {held}");
    }
}

/// A connection from one of ten loopback addresses, so that no address runs out of ports.
async fn connected(number: usize, service: SocketAddr) -> io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    let last = u8::try_from(number % 10).expect("a digit") + 2;
    socket.bind((Ipv4Addr::new(127, 0, 0, last), 0).into())?;
    if let Kind::UnreadAnswer = Kind::of(number) {
        socket.set_recv_buffer_size(4096)?;
    }
    socket.connect(service).await
}
