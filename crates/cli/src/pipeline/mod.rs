//! From a target to its judgement: find its files, read them in parallel, judge.

pub(crate) mod access;
pub(crate) mod binary;
mod builds;
pub(crate) mod environment;
pub(crate) mod fix;
pub(crate) mod ignored;
mod levels;
pub(crate) mod locks;
mod lookup;
mod matrix;
mod means;
mod numpy;
pub(crate) mod project;
mod read;
pub(crate) mod requirements;
pub(crate) mod trials;
mod wheelless;
pub(crate) mod wheels;

use contract::experiment::Trial;
use contract::judge::Matrix;
use contract::report::{TargetKind, TargetReport};
use render::TargetHint;

/// A judged target, and how distributions are installed there.
pub(crate) struct Checked {
    pub(crate) report: TargetReport,
    /// The same under many releases, where that was asked for.
    pub(crate) matrix: Option<Matrix>,
    pub(crate) hint: TargetHint,
    /// Imports that were tried to confirm the judgement.
    pub(crate) trials: Vec<Trial>,
}

/// Whether something in an environment uses NumPy's C API, and there was no NumPy to judge it against.
pub(crate) fn lacks_numpy(target: &TargetReport) -> bool {
    let facts = target.distributions.iter().flat_map(|d| &d.binaries).filter_map(|binary| binary.facts.as_ref());
    target.kind == TargetKind::Environment
        && target.numpy.is_none()
        && facts.into_iter().any(|facts| facts.requirement.uses_numpy())
}
