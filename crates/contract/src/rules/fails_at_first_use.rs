//! Files whose check runs after the import, or whose failing check is swallowed.

use crate::rules::misfit::{Cause, findings};
use crate::rules::{Case, Rule};
use crate::{Finding, Severity};

pub(super) const META: Rule = Rule {
    id: "fails-at-first-use",
    severity: Severity::Error,
    summary: "a distribution imports well and fails at the first call that needs NumPy",
};

pub(super) fn check(case: &Case<'_>) -> Vec<Finding> {
    findings(case, &META, Cause::AtUse)
}
