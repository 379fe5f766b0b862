//! Starts what the user asked to run, asks the user's installers what they would install, imports modules in
//! processes of their own, and changes environments so that it can be taken back. No other crate starts processes.

pub mod change;
pub mod command;
pub mod installer;
pub mod overlay;
pub mod probe;
