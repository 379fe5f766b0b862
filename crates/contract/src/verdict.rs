//! The five verdicts. "Could not tell" is never folded into "fine" or "broken", nor "may" into "does".

use serde::{Deserialize, Serialize};

/// Whether a file, or a distribution, works with a NumPy. Ordered by how much attention it needs, least first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// It does not use NumPy's C API.
    NotApplicable,
    /// Everything that it demands is provided.
    Compatible,
    /// It could not be told; the reasons stand beside it.
    Undetermined,
    /// It imports, and gives wrong results or fails on paths that may or may not be taken.
    AtRisk,
    /// It fails; [`Fails`] says when.
    Incompatible,
}

impl Verdict {
    /// The word used in every output format.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotApplicable => "not-applicable",
            Self::Compatible => "compatible",
            Self::Undetermined => "undetermined",
            Self::AtRisk => "at-risk",
            Self::Incompatible => "incompatible",
        }
    }
}

/// When an incompatible file fails. Ordered by how late, latest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Fails {
    /// It imports; the first call that needs NumPy fails.
    Use,
    /// Its import fails.
    Import,
}

impl Fails {
    /// The word used in every output format.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Use => "use",
            Self::Import => "import",
        }
    }
}
