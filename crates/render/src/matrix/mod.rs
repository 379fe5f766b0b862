//! Targets under many releases of NumPy: a row for each distribution, a column for each release.

mod json;
mod text;

use contract::Version;
use contract::judge::Matrix;
use contract::report::{Python, TargetKind};

pub use json::to_json;
pub use text::to_text;

/// One target under many NumPys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sheet {
    /// What it is.
    pub kind: TargetKind,
    /// Where it is, as the user would name it.
    pub path: String,
    /// The Python it is for, where that is known.
    pub python: Option<Python>,
    /// The NumPy that is there, or would be installed.
    pub numpy: Option<Version>,
    /// Who works with what.
    pub matrix: Matrix,
    /// Things that went wrong while looking, a sentence each.
    pub problems: Vec<String>,
    /// What was left out on purpose, a sentence each.
    pub left_out: Vec<String>,
}

#[cfg(test)]
mod tests;
