//! From a target to its judgement: find its files, read them in parallel, judge.

pub(crate) mod access;
pub(crate) mod binary;
pub(crate) mod environment;
pub(crate) mod fix;
pub(crate) mod ignored;
pub(crate) mod locks;
mod numpy;
mod read;
pub(crate) mod requirements;
pub(crate) mod trials;
pub(crate) mod wheels;

use contract::experiment::Trial;
use contract::report::{TargetKind, TargetReport};
use render::TargetHint;

/// A judged target, how distributions are installed there, and what was fetched for it.
pub(crate) struct Checked {
    pub(crate) report: TargetReport,
    pub(crate) hint: TargetHint,
    /// `None` where nothing lies behind an address.
    pub(crate) transfer: Option<Transfer>,
    /// Imports that were tried to confirm the judgement.
    pub(crate) trials: Vec<Trial>,
}

/// How much of remote files was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Transfer {
    /// Bytes that were fetched.
    pub(crate) read: u64,
    /// The sizes of the files together, as far as they are known.
    pub(crate) total: u64,
}

/// Whether something in an environment uses NumPy's C API, and there was no NumPy to judge it against.
pub(crate) fn lacks_numpy(target: &TargetReport) -> bool {
    let facts = target.distributions.iter().flat_map(|d| &d.binaries).filter_map(|binary| binary.facts.as_ref());
    target.kind == TargetKind::Environment
        && target.numpy.is_none()
        && facts.into_iter().any(|facts| facts.requirement.uses_numpy())
}
