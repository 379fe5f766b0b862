//! Metadata and compiled files of a distribution that no NumPy release satisfies together, or metadata and what a build
//! would come to.

use crate::judge::is_numpy;
use crate::report::{DistributionReport, TargetKind};
use crate::rules::build_against_newest_numpy::Built;
use crate::rules::{Case, Rule, metadata_allows_broken_numpy, words};
use crate::{Finding, NumpySet, Severity, Version};

pub(super) const META: Rule = Rule {
    id: "no-numpy-satisfies-both",
    severity: Severity::Error,
    summary: "no NumPy release satisfies both the metadata and the compiled files of a distribution",
};

pub(super) fn check(case: &Case<'_>) -> Vec<Finding> {
    let of = |distribution: &DistributionReport| match Built::of(case.releases, distribution) {
        Some(built) => of_build(case, distribution, &built),
        None => of_files(case, distribution),
    };
    case.report.distributions.iter().filter_map(of).collect()
}

fn of_files(case: &Case<'_>, distribution: &DistributionReport) -> Option<Finding> {
    let range = distribution.numpy_binary.as_ref()?;
    let declared = distribution.numpy_declared.as_deref()?;
    if !exclude_each_other(case, declared, range) || is_numpy(&distribution.name) {
        return None;
    }
    let message = format!(
        "no NumPy release suits {}: its metadata asks for `numpy{declared}`, its compiled files for `numpy{range}`",
        words::named(distribution)
    );
    let mut finding = words::general(&META, META.severity, Some(&distribution.name), message);
    finding.help = Some(match case.report.kind {
        TargetKind::Wheel => "build it against a NumPy that its `dependencies` allow, or change those".to_owned(),
        _ => format!("install another build of `{}`", distribution.name),
    });
    finding.evidence = metadata_allows_broken_numpy::evidence(distribution);
    Some(finding)
}

/// Only a warning: whether the sources use NumPy's C API is seen when they are built.
fn of_build(case: &Case<'_>, distribution: &DistributionReport, built: &Built<'_>) -> Option<Finding> {
    if !built.suits_none(case, distribution) {
        return None;
    }
    let declared = distribution.numpy_declared.as_deref()?;
    let message = format!("{}; its metadata asks for `numpy{declared}`", built.says(distribution));
    let mut finding = words::general(&META, Severity::Warning, Some(&distribution.name), message);
    finding.help = Some(
        "let `[build-system] requires` allow a NumPy that `dependencies` allow; headers of NumPy 2 give code for 1.x and 2.x"
            .to_owned(),
    );
    finding.evidence = built.evidence();
    Some(finding)
}

/// Whether no known release is in both. Either side alone may ask for a release that is newer than what is known here.
pub(super) fn exclude_each_other(case: &Case<'_>, declared: &str, range: &NumpySet) -> bool {
    let versions = || case.releases.iter().map(|release| &release.version);
    let by_metadata = |version: &Version| version.satisfies(declared).unwrap_or(false);
    let both_known = versions().any(by_metadata) && versions().any(|version| range.contains(version));
    !declared.is_empty() && both_known && !versions().any(|version| by_metadata(version) && range.contains(version))
}
