//! Waivers, which lower one rule to a note for one subject, and exemptions, which defer the
//! disclosure or remove the duty to file one.
mod entity;
pub mod graphql;
pub mod model;
mod rules;
pub mod service;
mod store;
