//! Candor beside the GraphQL servers that a team would write instead, on one PostgreSQL and in one run:
//! a list of 50 firms with their newest filing and its five agreements, and one firm.
//!
//! `cargo bench -p candor-tests --bench peers`
//!
//! It needs Node with npm, and wrk (Debian's packages `nodejs`, `npm` and `wrk`). The peers come from
//! npm; their tables have the same numbers of rows as Candor's, and their requests ask for the same
//! number of fields; one of them is also asked on Candor's tables. The servers are asked in turn, and the
//! median of the rounds counts. Each uses all processors that it gets: Candor in one process, the peers in
//! two. Beside them pgbench asks PostgreSQL Candor's statements alone, as text that the server reads each time
//! and one after the other, so that they are a little slower than they could be.
//!
//! `CANDOR_BENCH_PROGRAM` names a program of Candor, such as the one that is shipped, to be measured
//! instead of this benchmark's own build. `CANDOR_BENCH_FIRMS`, `CANDOR_BENCH_ROUNDS` and
//! `CANDOR_BENCH_SECONDS` set the numbers of firms and of rounds, and the seconds of each.
mod candor_data;
mod generated_schema;
mod generator;
mod peer_data;
mod plot;
mod report;
mod servers;
mod statements;

use candor_tests::process::serve_until_killed;
use candor_tests::{Engine, TestApp, run_story};
use uuid::Uuid;

use crate::candor_data::CandorData;
use crate::generator::{Load, Requests};
use crate::peer_data::page_starts;
use crate::plot::plot;
use crate::report::Report;
use crate::servers::{Node, PeerKind, Server};
use crate::statements::Statements;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The name of the requests for a page of firms with their newest filings.
const LIST: &str = "list";
/// The name of the requests for one firm.
const ONE: &str = "one firm";
/// The numbers of connections.
const CONNECTIONS: [usize; 2] = [16, 1];

fn main() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    // In the process that is measured, this does not return.
    runtime.block_on(serve_until_killed());
    runtime.block_on(run_story(Engine::Postgres, measure));
}

fn number(variable: &str, default: usize) -> usize {
    let set = std::env::var(variable).ok();
    set.map_or(default, |text| text.parse().expect(variable))
}

async fn measure(app: TestApp) {
    let is_trial = cfg!(debug_assertions);
    let firms = number("CANDOR_BENCH_FIRMS", if is_trial { 200 } else { 10_000 });
    let rounds = number("CANDOR_BENCH_ROUNDS", if is_trial { 1 } else { 5 });
    let seconds = number("CANDOR_BENCH_SECONDS", if is_trial { 1 } else { 5 });
    let Some(node) = Node::install() else { return };
    let data = CandorData::write(&app, firms).await;
    peer_data::write(&app, firms).await;
    // Before another process asks the server too.
    let statements =
        [Statements::record(&app, LIST, &data).await, Statements::record(&app, ONE, &data).await];
    let candor = Server::start_candor(&app).await;
    let peers = node.start_peers(&app).await;
    // The peers that verify a token read it as Candor does.
    let tokens = vec![candor_data::reader_token(&app, 0)];
    let (own, stored) = (peer_data::ids(firms), candor_data::stored_ids(&app).await);

    let mut loads = Vec::new();
    for (what, candor_requests) in [(LIST, data.list(&app)), (ONE, data.single(&app))] {
        loads.push(Load { what, server: &candor, requests: candor_requests });
        for peer in &peers {
            let bodies = match (peer.kind, what) {
                (PeerKind::OwnTables, LIST) => peer_data::list(&page_starts("0", &own)),
                (PeerKind::OwnTables, _) => peer_data::single(&own),
                (PeerKind::TablesOfCandor, LIST) => {
                    peer_data::list(&page_starts(&Uuid::nil().to_string(), &stored))
                }
                (PeerKind::TablesOfCandor, _) => peer_data::single(&stored),
                (PeerKind::GeneratedSchema, LIST) => {
                    generated_schema::list(&peer.server, firms).await
                }
                (PeerKind::GeneratedSchema, _) => generated_schema::single(&own),
            };
            let requests = Requests::new(bodies, tokens.clone());
            loads.push(Load { what, server: &peer.server, requests });
        }
    }
    loads.push(Load { what: "one firm as a bidder", server: &candor, requests: data.own() });

    let mut report = Report::default();
    for round in 0..rounds {
        for connections in CONNECTIONS {
            for load in &loads {
                report.add(load, connections, load.run(connections, seconds, round).await);
            }
            for statements in &statements {
                let speed = statements.run(connections, seconds);
                report.add_statements(statements.what, connections, speed);
            }
        }
    }
    report.print(&candor.name);
    println!("plotted: {}", plot(&report.ratios(&candor.name)).display());
}
