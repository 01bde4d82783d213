//! Federal awards: which component of the Department of Homeland Security one belongs to, and which
//! names are one firm's.
mod component;
pub mod matcher;

pub use component::component;
