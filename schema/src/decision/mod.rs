//! Decisions: what the gate said of a subject, and from what; the one place that asks it.
mod entity;
pub mod graphql;
pub mod index;
pub mod model;
pub(crate) mod party_tables;
pub mod service;
mod store;
