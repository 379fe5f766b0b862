//! Files compiled with headers of NumPy 1.x, under NumPy 2.

use crate::rules::misfit::{Cause, findings};
use crate::rules::{Case, Rule};
use crate::{Finding, Severity};

pub(super) const META: Rule = Rule {
    id: "numpy-major-mismatch",
    severity: Severity::Error,
    summary: "a distribution compiled for NumPy 1.x alone is used with NumPy 2",
};

pub(super) fn check(case: &Case<'_>) -> Vec<Finding> {
    findings(case, &META, Cause::Major)
}
