//! Being built.
pub mod explain;
