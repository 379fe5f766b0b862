//! Files that reach NumPy's API without any check, compiled for the other generation: wrong results, or none.

use crate::report::{BinaryReport, DistributionReport, Loaded};
use crate::rules::{Case, Rule, words};
use crate::{Finding, Severity, Verdict};

pub(super) const META: Rule = Rule {
    id: "unchecked-numpy-access",
    severity: Severity::Warning,
    summary: "a distribution uses NumPy without checking its version, and may give wrong results",
};

pub(super) fn check(case: &Case<'_>) -> Vec<Finding> {
    let at_risk = |distribution: &DistributionReport| {
        let first = distribution.binaries.iter().find(|binary| is_at_risk(binary))?;
        Some(finding(case, distribution, first))
    };
    case.report.distributions.iter().filter_map(at_risk).collect()
}

fn is_at_risk(binary: &BinaryReport) -> bool {
    binary.assessment.verdict == Verdict::AtRisk && binary.loaded.is_some_and(|loaded| loaded != Loaded::Tests)
}

fn finding(case: &Case<'_>, distribution: &DistributionReport, binary: &BinaryReport) -> Finding {
    let risk = binary.assessment.error.as_ref().map(|error| error.exception.as_str()).unwrap_or_default();
    let message = format!(
        "{} imports under {}, and `{}` may give wrong results: {risk}",
        words::named(distribution),
        words::numpy(case),
        binary.path
    );
    let mut finding = words::about(&META, META.severity, distribution, binary, message);
    finding.help = Some(words::remedy(case, distribution, binary));
    finding
}
