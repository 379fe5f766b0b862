//! Being built.

pub mod command;
pub mod installer;
