//! Screening: staff queries across bids, contracts and disclosures. It only reads.
mod entity;
pub mod graphql;
pub mod model;
mod rules;
pub mod service;
mod store;
