//! From a target to its judgement: find its files, read them in parallel, judge.

pub(crate) mod binary;
pub(crate) mod environment;
pub(crate) mod ignored;
mod numpy;
mod read;

use contract::report::{TargetKind, TargetReport};
use render::TargetHint;

/// A judged target, and how distributions are installed there.
pub(crate) struct Checked {
    pub(crate) report: TargetReport,
    pub(crate) hint: TargetHint,
}

/// Whether something in an environment uses NumPy's C API, and there was no NumPy to judge it against.
pub(crate) fn lacks_numpy(target: &TargetReport) -> bool {
    let facts = target.distributions.iter().flat_map(|d| &d.binaries).filter_map(|binary| binary.facts.as_ref());
    target.kind == TargetKind::Environment
        && target.numpy.is_none()
        && facts.into_iter().any(|facts| facts.requirement.uses_numpy())
}
