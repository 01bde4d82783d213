//! Waivers, which lower one rule for one subject, and exemptions, which put the disclosure off.
mod entity;
pub mod graphql;
pub mod index;
pub mod model;
mod rules;
pub mod service;
mod store;
