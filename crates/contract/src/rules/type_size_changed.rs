//! Files whose size checks of NumPy's types fail, within one generation of NumPy.

use crate::rules::misfit::{Cause, findings};
use crate::rules::{Case, Rule};
use crate::{Finding, Severity};

pub(super) const META: Rule = Rule {
    id: "type-size-changed",
    severity: Severity::Error,
    summary: "a type of NumPy has another size than the distribution was compiled for",
};

pub(super) fn check(case: &Case<'_>) -> Vec<Finding> {
    findings(case, &META, Cause::Size)
}
