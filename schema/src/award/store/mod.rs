//! All SQL of federal awards, their recipients and their matches. Every read on behalf of a client
//! applies the viewer's row filter.
pub mod awards;
pub mod backlog;
pub mod matches;
pub mod recipients;
