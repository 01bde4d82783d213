//! Solicitations and bids.
mod entity;
pub mod graphql;
pub mod model;
mod rules;
pub mod service;
mod store;
