//! Starts what the user asked to run, asks the user's installers what they would install, imports modules in
//! processes of their own, and changes environments so that it can be taken back. No other crate starts processes.

pub mod change;
pub mod command;
pub mod installer;
pub mod overlay;
pub mod probe;
pub mod signals;

/// The variable that keeps uv from fetching and installing a Python where it finds none of the version asked for. To
/// resolve for a Python it needs none; older releases of uv, which have no such variable, pass it over.
const NO_DOWNLOADS: (&str, &str) = ("UV_PYTHON_DOWNLOADS", "never");
