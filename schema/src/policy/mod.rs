//! The ordinance as versioned policies: publication, suspension, and the version in force.
mod entity;
pub mod graphql;
pub mod model;
mod rules;
pub mod service;
mod store;
