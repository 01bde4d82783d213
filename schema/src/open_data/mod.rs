//! Open data: contracting processes in the Open Contracting Data Standard (OCDS 1.1) and owners in the
//! Beneficial Ownership Data Standard (BODS 0.4). It only reads.
mod entity;
pub mod model;
pub mod service;
mod store;
