//! API keys of service accounts: other systems of the City that call Candor without a person.
mod entity;
pub mod graphql;
pub mod model;
mod rules;
pub mod service;
mod store;
