//! One finding type for every rule and every output format.

use serde::{Deserialize, Serialize};

use crate::Evidence;

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Good to know.
    Note,
    /// May hurt.
    Warning,
    /// Breaks.
    Error,
}

impl Severity {
    /// The word used in every output format.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// A problem that a rule found, with the evidence for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The rule's id, a kebab-case noun: `numpy-major-mismatch`.
    pub rule: String,
    /// How much it matters.
    pub severity: Severity,
    /// The distribution concerned, by its name; `None` for the environment as a whole.
    pub distribution: Option<String>,
    /// The file concerned, as its distribution names it.
    pub binary: Option<String>,
    /// What is wrong, in one sentence without a full stop.
    pub message: String,
    /// What to do next, where something is known to help.
    pub help: Option<String>,
    /// Where it was seen. Never empty for a finding about a binary.
    pub evidence: Vec<Evidence>,
}
