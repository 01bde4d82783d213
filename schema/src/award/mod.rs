//! Federal awards: which component of the Department of Homeland Security one belongs to, which
//! names are one firm's, and which awards no disclosure covers.
mod component;
mod entity;
pub mod graphql;
pub mod matcher;
pub mod model;
mod rules;
pub mod service;
mod store;

pub use component::dhs_component;
