//! Imports that other systems and administrators ask for over HTTP: who may, how far each is, and what it
//! reports. The file is with the process that received it, which runs the import; the row is in the
//! database, so that every process answers for it.
mod entity;
pub mod model;
pub mod service;
mod store;
