//! Starts what the user asked to run, asks the user's installers what they would install, and imports modules in
//! processes of their own. No other crate starts processes.

pub mod command;
pub mod installer;
pub mod overlay;
pub mod probe;
