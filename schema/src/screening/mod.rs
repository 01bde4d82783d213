//! Screening: what staff ask across bids and disclosures. It reads, and writes nothing.
mod entity;
pub mod graphql;
pub mod model;
mod rules;
pub mod service;
mod store;
