//! Being built.

pub mod command;
