//! Everything read from one compiled file, with the evidence for it.

mod json;
mod text;

use contract::{Architecture, BinaryFacts, Provision, Undetermined};

pub use json::to_json;
pub use text::to_text;

/// What was read from one file.
#[derive(Clone, Debug)]
pub struct Inspection {
    /// The file, as the user named it.
    pub path: String,
    /// Its size in bytes.
    pub size: u64,
    /// What each of its slices demands.
    pub facts: Vec<BinaryFacts>,
    /// What each of its slices provides, where it is NumPy's own `_multiarray_umath`.
    pub provisions: Vec<(Architecture, Result<Provision, Undetermined>)>,
}
