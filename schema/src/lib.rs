//! What Candor knows: the disclosure rules, the gate, and the GraphQL schema over them.
#[macro_use]
mod vocabulary;
#[macro_use]
mod id;
pub mod canonical;
pub mod clock;
pub mod database;
pub mod fault;
pub mod money;
pub mod scalar;
pub mod text;

pub use id::WrongId;
pub mod organization;
