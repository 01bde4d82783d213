//! Federal awards: which component of the Department of Homeland Security one belongs to, and which
//! names are one firm's.
mod component;
pub mod matcher;
pub mod model;

pub use component::component;
