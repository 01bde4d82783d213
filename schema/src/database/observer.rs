//! Observers of the statements that run through a database handle.
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use sea_orm::Statement;

/// The functions that are called with each statement of a database handle.
#[derive(Clone)]
pub(super) struct Observer(Arc<dyn Fn(&Statement) + Send + Sync>);

impl Observer {
    /// Returns an observer that calls `earlier`, if there is one, and then `observe`.
    pub(super) fn new(
        earlier: Option<Self>,
        observe: impl Fn(&Statement) + Send + Sync + 'static,
    ) -> Self {
        let Some(Self(earlier)) = earlier else { return Self(Arc::new(observe)) };
        Self(Arc::new(move |statement| {
            earlier(statement);
            observe(statement);
        }))
    }

    pub(super) fn call(&self, statement: &Statement) {
        (self.0)(statement);
    }
}

impl fmt::Debug for Observer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Observer")
    }
}

/// A number of statements, such as those of one request. Clones share the number.
#[derive(Clone, Debug, Default)]
pub struct StatementCount(Arc<AtomicU64>);

impl StatementCount {
    /// Returns the number of statements that have ended so far, including those that failed. The
    /// beginning and end of a transaction are not statements.
    #[must_use]
    pub fn get(&self) -> u64 {
        self.0.load(Relaxed)
    }

    pub(super) fn increment(&self) {
        self.0.fetch_add(1, Relaxed);
    }
}
