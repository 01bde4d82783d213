//! The database of a service that answers requests on several threads.
use std::num::NonZeroU32;

use sea_orm::DbErr;

use super::pools::{PoolUsage, Purpose, is_sqlite};
use super::{Database, MAX_REQUEST_CONNECTIONS, POSTGRES_POOL_SIZE, SIGN_IN_POOL_SIZE};

/// The least number of connections to PostgreSQL of a thread that answers requests. One more than the mutations
/// that one person may run at once, so that they cannot hold all connections of a thread.
const MIN_CONNECTIONS_PER_THREAD: u32 = 5;
/// The most connections to PostgreSQL for requests that are opened without being configured: a server accepts
/// 100 by default, and several processes may share it.
const MAX_DEFAULT_CONNECTIONS: u32 = 20;
/// The number of connections to PostgreSQL with which the service checks its database and counts.
const SERVICE_POOL_SIZE: u32 = 2;

/// The handles to one database of a service. They share what is cached in memory.
#[derive(Clone, Debug)]
pub struct ServiceDatabase {
    /// The handle of the service itself, which checks the database and counts.
    pub service: Database,
    /// The handle of each thread that answers requests; at least one.
    pub requests: Vec<Database>,
    /// Whether the threads use the pools of the service.
    shares_pools: bool,
}

impl ServiceDatabase {
    /// Opens a database for requests that are answered on at most `threads` threads, each with a runtime of
    /// its own, with at most `connections` connections for them, up to [`MAX_REQUEST_CONNECTIONS`].
    ///
    /// On PostgreSQL each thread has pools of its own, because the reply to a statement wakes the runtime
    /// that opened its connection. There are at most as many threads as each has five connections, but at least
    /// one; `None` opens five for each thread, from 10 to 20 in all. On SQLite, whose connections are threads
    /// themselves, they share the connections for reads, which are 4 for `None`.
    ///
    /// # Errors
    /// If the server does not answer or the file cannot be opened.
    pub async fn open(
        url: &str,
        connections: Option<NonZeroU32>,
        threads: NonZeroU32,
    ) -> Result<Self, DbErr> {
        if is_sqlite(url) {
            let service = Database::open_with_connections(url, connections).await?;
            let requests = (0..threads.get()).map(|_| service.clone()).collect();
            return Ok(Self { service, requests, shares_pools: true });
        }
        let default = threads.get().saturating_mul(MIN_CONNECTIONS_PER_THREAD);
        let default = default.clamp(POSTGRES_POOL_SIZE, MAX_DEFAULT_CONNECTIONS);
        let connections = connections.map_or(default, NonZeroU32::get).min(MAX_REQUEST_CONNECTIONS);
        let threads = threads.get().min(connections / MIN_CONNECTIONS_PER_THREAD).max(1);
        let purpose = Purpose::Requests;
        let service = Database::open_pools(url, purpose, SERVICE_POOL_SIZE, None).await?;
        service.write.ping().await?;
        let mut requests = Vec::new();
        for _ in 0..threads {
            let sign_in = Some(SIGN_IN_POOL_SIZE.div_ceil(threads));
            let Database { write, read, sign_in, .. } =
                Database::open_pools(url, purpose, connections / threads, sign_in).await?;
            requests.push(Database { write, read, sign_in, ..service.clone() });
        }
        Ok(Self { service, requests, shares_pools: false })
    }

    /// Returns the use of all pools, for metrics: those of the threads as a sum for each name, and that of the
    /// service itself as `service`.
    #[must_use]
    pub fn pool_usage(&self) -> Vec<PoolUsage> {
        if self.shares_pools {
            return self.service.pool_usage();
        }
        let mut sums = vec![self.service.read.usage("service")];
        for usage in self.requests.iter().flat_map(Database::pool_usage) {
            match sums.iter_mut().find(|sum| sum.name == usage.name) {
                Some(sum) => sum.add(usage),
                None => sums.push(usage),
            }
        }
        sums
    }
}

impl From<Database> for ServiceDatabase {
    /// One handle for everything, where one runtime answers all requests.
    fn from(database: Database) -> Self {
        Self { requests: vec![database.clone()], service: database, shares_pools: true }
    }
}
