//! A Python that everybody shares: what is changed there to mend one thing may break another. Told only where there is
//! something to mend.

use crate::rules::{Case, Rule, words};
use crate::{Finding, Severity};

pub(super) const META: Rule = Rule {
    id: "not-in-a-virtual-environment",
    severity: Severity::Note,
    summary: "the distributions to be mended belong to a Python that others share",
};

/// Looks at what the other rules found.
pub(super) fn check(case: &Case<'_>, found: &[Finding]) -> Option<Finding> {
    let shared = case.input.surroundings.isolated == Some(false);
    if !shared || !found.iter().any(|finding| finding.severity >= Severity::Warning) {
        return None;
    }
    let path = &case.report.path;
    let message = format!("`{path}` is no virtual environment: what is changed there changes for all that use it");
    let mut finding = words::general(&META, META.severity, None, message);
    finding.help =
        Some("make a virtual environment (`python -m venv .venv`) and install what is needed in it".to_owned());
    finding.evidence = vec![words::observed("no `pyvenv.cfg` and no `conda-meta`", path)];
    Some(finding)
}
