//! Federal awards: imports public award data, matches recipients with organizations, and finds
//! the awards that no disclosed agreement covers.
mod component;
mod entity;
pub mod graphql;
pub mod model;
mod rules;
pub mod service;
mod store;

pub use component::dhs_component;
