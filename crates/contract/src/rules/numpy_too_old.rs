//! Files that ask for a feature level above the running NumPy's.

use crate::rules::misfit::{Cause, findings};
use crate::rules::{Case, Rule};
use crate::{Finding, Severity};

pub(super) const META: Rule = Rule {
    id: "numpy-too-old",
    severity: Severity::Error,
    summary: "a distribution was compiled for a newer NumPy than the one it is used with",
};

pub(super) fn check(case: &Case<'_>) -> Vec<Finding> {
    findings(case, &META, Cause::TooOld)
}
