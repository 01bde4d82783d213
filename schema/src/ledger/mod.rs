//! The ledger: who did what to which subject, and when. Entries are hash-chained per subject, so
//! that changes to the record are detected.
mod action;
mod entity;
pub mod graphql;
pub mod model;
mod readers;
mod salt;
pub mod service;
mod store;
mod trail;
