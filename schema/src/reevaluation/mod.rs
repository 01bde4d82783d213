//! The queue of pending re-evaluations. A change inserts an item in its own transaction; after the
//! commit, the request or a worker re-evaluates the bids and contracts that depend on it. Callers
//! that enqueue an item know nothing about its dependents.
mod entity;
pub mod model;
pub mod service;
mod store;
