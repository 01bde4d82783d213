//! Policies: the ordinance as versioned data.
mod entity;
pub mod graphql;
pub mod model;
mod rules;
pub mod service;
mod store;
