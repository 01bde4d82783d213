//! Organizations that bid, departments that buy, and the people of both.
pub mod model;
