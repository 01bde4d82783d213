//! What has changed and is not yet looked at again: noted in the transaction of the change, taken
//! up after its commit. Who notes knows nothing of what hangs on the change.
mod entity;
pub mod model;
pub mod service;
mod store;
