//! A distribution that is still to be built: what an isolated build would compile against, and what follows from that.

use serde::{Deserialize, Serialize};

use crate::{NumpySet, OnFailure, Reach, Release, Requirement, Version, VersionCheck, allowed};

/// How a distribution would be built that has no wheel.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Build {
    /// What would be built: a file name, or a folder.
    pub source: String,
    /// What its `[build-system] requires` says of NumPy for the target; empty where it does not name it.
    pub requires: Vec<String>,
    /// The headers that an isolated build would compile against today; `None` where that is not known.
    pub headers: Option<Headers>,
    /// The headers that ask for the least among those that `requires` allows.
    pub least: Option<Headers>,
    /// Whether what it requires of NumPy when it runs is known before it is built.
    pub runtime_known: bool,
}

/// The headers of a NumPy release, and what code asks for that is compiled with them and sets no target of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Headers {
    /// The release.
    pub version: Version,
    /// `NPY_VERSION`.
    pub abi: u32,
    /// The default of `NPY_FEATURE_VERSION`.
    pub target: u32,
}

impl Headers {
    /// The releases that code compiled with them works with, as far as NumPy's own check decides.
    pub fn works_with(&self, releases: &[Release]) -> Option<NumpySet> {
        let two = self.abi >= 0x0200_0000;
        let imports = if two { "numpy._core._multiarray_umath" } else { "numpy.core._multiarray_umath" };
        let check = VersionCheck {
            abi: self.abi,
            feature: Some(self.target),
            reach: Reach::Import,
            on_failure: OnFailure::Raises,
            auto_inserted: false,
            import_error: None,
            imports: imports.to_owned(),
            feature_message: None,
            evidence: Vec::new(),
        };
        allowed(&Requirement { checks: vec![check], ..Requirement::default() }, releases)
    }
}
