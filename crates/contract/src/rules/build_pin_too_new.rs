//! A build whose requirements allow no NumPy old enough for what its outcome is to run with.

use crate::rules::build_against_newest_numpy::too_new;
use crate::rules::{Case, Rule};
use crate::{Finding, Severity};

pub(super) const META: Rule = Rule {
    id: "build-pin-too-new",
    severity: Severity::Warning,
    summary: "the build requirements allow no NumPy that is old enough for the ones it is to run with",
};

pub(super) fn check(case: &Case<'_>) -> Vec<Finding> {
    too_new(case, &META, |least, old| !least.is_some_and(|least| least.contains(old)))
}
