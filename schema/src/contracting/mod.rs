//! Contracts: how they come to be, what carries them on, and whether they stand as the ordinance
//! asks.
mod entity;
pub mod graphql;
pub mod model;
mod rules;
pub mod service;
mod store;
