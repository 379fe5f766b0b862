//! What tests and development tasks share: real wheels pinned by hash ([`wheel`]), environments made of them
//! ([`environment`]), folders of unpacked wheels to put on `PYTHONPATH` ([`overlay`]), the machine's interpreters
//! ([`interpreter`]), and bytes that count what is read of them ([`Counted`]).
//!
//! Everything fetched or made lies under the folder named by `NUMPACT_CACHE`, or `.cache` of the repository. A thing
//! that the machine lacks is an error that names it; nothing is skipped silently. The short functions panic with that
//! error, as a test wants it; the `try_` ones return it, as a task wants it.

mod counted;
mod environment;
mod error;
mod fetch;
mod index;
mod interpreter;
mod pin;
mod place;

use std::path::PathBuf;

pub use counted::Counted;
pub use environment::{
    Recipe, install_into, make_environment, overlay_of, recipe, recipes, try_environment, try_overlay,
};
pub use error::Problem;
pub use fetch::{fetch_pin, sha256_of, try_wheel};
pub use index::Index;
pub use interpreter::{Interpreter, host_interpreter, try_interpreter};
pub use pin::{Pin, WheelTags, find_host_pin, find_pin, parse_pins, pins, read_pins};
pub use place::{cache, repository};

/// The wheel whose pinned file name is `name` or begins with it, fetched on first use and verified on every use.
///
/// # Panics
/// When no pin or several pins match, or the wheel cannot be fetched.
pub fn wheel(name: &str) -> PathBuf {
    try_wheel(name).unwrap_or_else(|problem| panic!("{problem}"))
}

/// The folder of a virtual environment made from `fixtures/environments/NAME.txt`, made on first use.
///
/// # Panics
/// When there is no such file, its interpreter is missing, or its wheels cannot be fetched or installed.
pub fn environment(name: &str) -> PathBuf {
    try_environment(name).unwrap_or_else(|problem| panic!("{problem}"))
}

/// A folder into which the wheels of these names are unpacked as pip would, to be put on `PYTHONPATH`.
///
/// # Panics
/// When a wheel cannot be fetched or unpacked.
pub fn overlay(names: &[&str]) -> PathBuf {
    try_overlay(names).unwrap_or_else(|problem| panic!("{problem}"))
}

/// The interpreter of a minor version such as `3.8`.
///
/// # Panics
/// When the machine has none.
pub fn interpreter(version: &str) -> PathBuf {
    try_interpreter(version).unwrap_or_else(|problem| panic!("{problem}")).path
}
