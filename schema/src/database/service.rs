//! The database of a service that answers requests on several threads.
use std::num::NonZeroU32;

use sea_orm::DbErr;

use super::pools::{Pool, PoolUsage, Purpose, is_sqlite};
use super::{Database, MAX_REQUEST_CONNECTIONS, POSTGRES_POOL_SIZE, Reads, SIGN_IN_POOL_SIZE};

/// The least number of connections to PostgreSQL of a thread that answers requests, so that a few slow
/// statements do not stop the other requests of the thread.
const MIN_CONNECTIONS_OF_A_THREAD: u32 = 4;
/// The number of connections to PostgreSQL with which the service checks its database and counts.
const OWN_POOL_SIZE: u32 = 2;

/// The handles to one database of a service. They share what is cached in memory.
#[derive(Clone, Debug)]
pub struct ServiceDatabase {
    /// The handle of the service itself, which checks the database and counts.
    pub own: Database,
    /// The handle of each thread that answers requests; at least one.
    pub requests: Vec<Database>,
    /// The handles that have pools of their own.
    distinct: Vec<Database>,
}

impl ServiceDatabase {
    /// Opens a database for requests that are answered on at most `threads` threads, each with a runtime of
    /// its own; `connections` as of [`Database::open_with_connections`].
    ///
    /// On PostgreSQL each thread has pools of its own, because the reply to a statement wakes the runtime
    /// that opened its connection. There is one thread for each four of the connections, but at least one.
    ///
    /// # Errors
    /// If the server does not answer or the file cannot be opened.
    pub async fn open(
        url: &str,
        connections: Option<NonZeroU32>,
        threads: NonZeroU32,
    ) -> Result<Self, DbErr> {
        if is_sqlite(url) {
            // Each of its connections is a thread, which wakes any runtime.
            let own = Database::open_with_connections(url, connections).await?;
            let requests = (0..threads.get()).map(|_| own.clone()).collect();
            return Ok(Self { distinct: vec![own.clone()], own, requests });
        }
        let connections = connections.map_or(POSTGRES_POOL_SIZE, NonZeroU32::get);
        let connections = connections.min(MAX_REQUEST_CONNECTIONS);
        let threads = threads.get().min(connections / MIN_CONNECTIONS_OF_A_THREAD).max(1);
        let own = Database::open_with_connections(url, NonZeroU32::new(OWN_POOL_SIZE)).await?;
        let mut requests = Vec::new();
        for _ in 0..threads {
            let pool =
                Pool { purpose: Purpose::Requests, size: connections / threads, writes: true };
            let write = pool.open(url).await?;
            let sign_in = Pool { size: SIGN_IN_POOL_SIZE.div_ceil(threads), ..pool };
            let (read, sign_in) = (Reads::new(write.clone()), Reads::new(sign_in.open(url).await?));
            requests.push(Database { write, read, sign_in, ..own.clone() });
        }
        let distinct = std::iter::once(&own).chain(&requests).cloned().collect();
        Ok(Self { own, requests, distinct })
    }

    /// Returns the use of the pools of all handles, for metrics: a sum for each name.
    #[must_use]
    pub fn pool_usage(&self) -> Vec<PoolUsage> {
        let mut sums = Vec::<PoolUsage>::new();
        for usage in self.distinct.iter().flat_map(Database::pool_usage) {
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
        let only = vec![database.clone()];
        Self { own: database, requests: only.clone(), distinct: only }
    }
}
