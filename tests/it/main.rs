//! Everything is one binary: each further one would link for seven seconds.
mod arrows;
mod harness_stands;
