//! Every statement on federal awards, their recipients and their matches; each read of a client's
//! carries the viewer's row filter.
pub mod awards;
pub mod matches;
pub mod recipients;
pub mod waiting;
