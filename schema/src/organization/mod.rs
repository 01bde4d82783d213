//! Organizations that bid, departments that buy, and the members of both.
pub mod access;
mod entity;
pub mod graphql;
pub mod model;
mod rules;
pub mod service;
mod store;
