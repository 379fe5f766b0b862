//! Metadata that forbids the NumPy at hand although the compiled files work with it. A note only: a distribution's
//! Python code can have reasons of its own for a bound, as numba's has.

use crate::judge::is_numpy;
use crate::report::DistributionReport;
use crate::rules::{Case, Rule, metadata_allows_broken_numpy, words};
use crate::{Finding, Severity, Verdict};

pub(super) const META: Rule = Rule {
    id: "metadata-forbids-working-numpy",
    severity: Severity::Note,
    summary: "a distribution's metadata forbids the NumPy at hand, with which its compiled files work",
};

pub(super) fn check(case: &Case<'_>) -> Vec<Finding> {
    case.report.distributions.iter().filter_map(|distribution| finding(case, distribution)).collect()
}

fn finding(case: &Case<'_>, distribution: &DistributionReport) -> Option<Finding> {
    let running = words::numpy_version(case)?;
    let declared = distribution.numpy_declared.as_deref()?;
    // A requirement that cannot be read forbids nothing.
    let forbidden = running.satisfies(declared).is_ok_and(|allowed| !allowed);
    if !forbidden || distribution.verdict != Verdict::Compatible || is_numpy(&distribution.name) {
        return None;
    }
    let message = format!(
        "the metadata of {} asks for `numpy{declared}`, and its compiled files work with NumPy {running}",
        words::named(distribution)
    );
    let mut finding = words::general(&META, META.severity, Some(&distribution.name), message);
    finding.help = Some("its Python code may still need what the metadata asks for; see its release notes".to_owned());
    finding.evidence = metadata_allows_broken_numpy::evidence(distribution);
    Some(finding)
}
