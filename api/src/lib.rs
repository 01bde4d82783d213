//! Candor's interface to the outside: the command line, configuration, authentication and HTTP.
//! Rules and SQL are in `candor-schema`.
pub mod auth;
pub mod command;
pub mod config;
mod csv_output;
pub mod export;
pub mod http;
pub mod import;
pub mod log;
pub mod traces;
