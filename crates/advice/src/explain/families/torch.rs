//! torch catches the failure, warns, and fails at the first conversion.

use super::{Family, Place, nothing_more};
use crate::explain::diagnosis::{Effect, Subject};

pub(super) const FAMILIES: &[Family] = &[Family {
    id: "torch-without-numpy",
    rank: 35,
    subject: Subject::NumpyAbi,
    effect: Effect::FailsAtUse,
    place: Place::Torch,
    markers: &["Failed to initialize NumPy", "RuntimeError: Numpy is not available", "NumPy initialization failed"],
    read: nothing_more,
    source: "torch/csrc/utils/tensor_numpy.cpp",
}];
