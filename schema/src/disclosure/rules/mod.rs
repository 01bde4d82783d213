//! What a statement must say to be filed, and what the gate needs to know of a filed one. Pure:
//! no clock, no database.
mod agreement;
mod arrangement;
mod compare;
mod compensation;
mod disclosed;
mod duty;
mod evidence;
mod file;
mod part;
mod place;
mod questions;
#[cfg(test)]
mod samples;
mod withheld;

pub use compare::compare;
pub use disclosed::disclosed;
pub use duty::late;
pub use evidence::paper;
pub use file::file;
pub use part::names_a_part;
pub use questions::news;
