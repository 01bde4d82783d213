//! Decisions: gathers the facts about a subject, runs the gate, and stores the result. No other
//! feature calls the gate to decide.
pub mod access;
mod entity;
pub mod graphql;
pub mod model;
pub mod service;
mod store;
