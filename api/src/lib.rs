//! Candor's outside: the command line, the environment, tokens, HTTP. What the service knows is in
//! `candor-schema`.
pub mod auth;
pub mod command;
pub mod config;
pub mod http;
