//! Metadata that forbids the NumPy at hand although the compiled files fit it. A note only: a distribution can have reasons of
//! its own for a bound. numba's Python code has, and a compiled file of numba 0.56 goes through the methods of
//! `numpy.ufunc` and refuses those of NumPy 1.24, which no check of NumPy's tells (measured: `SystemError: initialization
//! of _internal failed without raising an exception`).

use crate::judge::is_numpy;
use crate::report::{DistributionReport, TargetKind};
use crate::rules::{Case, Rule, metadata_allows_broken_numpy, words};
use crate::{Finding, Severity, Verdict};

pub(super) const META: Rule = Rule {
    id: "metadata-forbids-working-numpy",
    severity: Severity::Note,
    summary: "a distribution's metadata forbids the NumPy at hand, which its compiled files fit",
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
        "the metadata of {} asks for `numpy{declared}`, and by their bytes its compiled files fit NumPy {running}",
        words::named(distribution)
    );
    let mut finding = words::general(&META, META.severity, Some(&distribution.name), message);
    let try_it = match case.report.kind {
        TargetKind::Environment => format!(", or try it: `numpact probe {}`", distribution.name),
        _ => String::new(),
    };
    finding.help = Some(format!(
        "its Python code, or what its compiled code does beside NumPy's checks, may still need what the metadata asks for; see \
         its release notes{try_it}"
    ));
    finding.evidence = metadata_allows_broken_numpy::evidence(distribution);
    Some(finding)
}
