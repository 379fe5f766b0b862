//! Metadata and compiled files of a distribution that no NumPy release satisfies together.

use crate::judge::is_numpy;
use crate::report::{DistributionReport, TargetKind};
use crate::rules::{Case, Rule, metadata_allows_broken_numpy, words};
use crate::{Finding, Severity};

pub(super) const META: Rule = Rule {
    id: "no-numpy-satisfies-both",
    severity: Severity::Error,
    summary: "no NumPy release satisfies both the metadata and the compiled files of a distribution",
};

pub(super) fn check(case: &Case<'_>) -> Vec<Finding> {
    case.report.distributions.iter().filter_map(|distribution| finding(case, distribution)).collect()
}

fn finding(case: &Case<'_>, distribution: &DistributionReport) -> Option<Finding> {
    let range = distribution.numpy_binary.as_ref()?;
    let declared = distribution.numpy_declared.as_deref().filter(|declared| !declared.is_empty())?;
    let versions = || case.releases.iter().map(|release| &release.version);
    let by_metadata = |version: &crate::Version| version.satisfies(declared).unwrap_or(false);
    // Either side alone may ask for a release that is newer than what is known here.
    let both_known = versions().any(by_metadata) && versions().any(|version| range.contains(version));
    let met = versions().any(|version| by_metadata(version) && range.contains(version));
    if !both_known || met || is_numpy(&distribution.name) {
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
