//! Contracts, contract actions such as renewals, and compliance with the ordinance. Also processes the
//! queue of re-evaluations.
mod entity;
pub mod graphql;
pub mod model;
mod rules;
pub mod service;
mod store;
