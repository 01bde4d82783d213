//! The ledger: who did what, when, to which subject; chained per subject, so that nobody can
//! quietly change what was written.
mod action;
mod entity;
pub mod graphql;
pub mod model;
mod readers;
mod salt;
pub mod service;
mod store;
mod trail;
