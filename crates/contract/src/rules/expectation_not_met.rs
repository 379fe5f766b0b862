//! A wheel whose bytes do not work with every release that whoever builds it promises. Asked for, not found: it takes
//! the promise.

use crate::judge::is_numpy;
use crate::report::{DistributionReport, TargetReport};
use crate::rules::metadata_allows_broken_numpy::evidence;
use crate::rules::{Rule, words};
use crate::{Finding, NumpySet, Release, Verdict, Version};

pub(super) const META: Rule = Rule {
    id: "expectation-not-met",
    severity: crate::Severity::Error,
    summary: "the compiled files do not work with every NumPy release that they are expected to work with",
};

/// Holds what the bytes of a target's distributions allow against `expected` (`>=1.23,<3`): every known release in it
/// for which the target's Python has wheels, pre-releases aside, must be allowed. What could not be told does not meet
/// an expectation. Distributions that do not use NumPy's C API meet every one.
pub fn expectation(report: &TargetReport, expected: &str, releases: &[Release]) -> Vec<Finding> {
    let wanted: Vec<&Version> = words::installable_for(report, releases)
        .into_iter()
        .filter(|version| !version.is_prerelease() && version.satisfies(expected).unwrap_or(false))
        .collect();
    let others = report.distributions.iter().filter(|distribution| !is_numpy(&distribution.name));
    others.filter_map(|distribution| finding(distribution, expected, &wanted)).collect()
}

fn finding(distribution: &DistributionReport, expected: &str, wanted: &[&Version]) -> Option<Finding> {
    let name = words::named(distribution);
    let message = if let Some(why) = untold(distribution) {
        format!("that {name} works with `numpy{expected}` could not be told: {why}")
    } else {
        let broken = broken(distribution.numpy_binary.as_ref()?, wanted)?;
        format!("the compiled files of {name} are expected to work with `numpy{expected}`, and do not with {broken}")
    };
    let mut finding = words::general(&META, META.severity, Some(&distribution.name), message);
    let range = distribution.numpy_binary.as_ref();
    finding.help = range.map(|range| format!("what its compiled files allow is `numpy{range}`"));
    finding.evidence = evidence(distribution);
    Some(finding)
}

fn untold(distribution: &DistributionReport) -> Option<&str> {
    let untold = distribution.binaries.iter().find(|b| b.assessment.verdict == Verdict::Undetermined)?;
    Some(untold.assessment.undetermined.first().map_or("no reason is known", |reason| &reason.detail))
}

/// The releases that are not allowed: `NumPy 2.0.0 to 2.4.6, 28 releases`.
fn broken(range: &NumpySet, wanted: &[&Version]) -> Option<String> {
    let broken: Vec<_> = wanted.iter().filter(|version| !range.contains(version)).collect();
    Some(match broken.as_slice() {
        [] => return None,
        [only] => format!("NumPy {only}"),
        [first, .., last] => format!("{} releases from NumPy {first} to {last}", broken.len()),
    })
}
