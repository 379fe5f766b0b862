//! Metadata that lets an installer choose a NumPy under which the compiled files fail.
//!
//! In an environment this is told only of distributions that are broken, since it explains why no installer objected;
//! of a wheel it is told for all releases, since whoever ships it can still mend it.

use crate::judge::is_numpy;
use crate::report::{DistributionReport, TargetKind};
use crate::rules::build_against_newest_numpy::Built;
use crate::rules::{Case, Rule, words};
use crate::{Evidence, Finding, NumpySet, Severity, Verdict, Version};

pub(super) const META: Rule = Rule {
    id: "metadata-allows-broken-numpy",
    severity: Severity::Warning,
    summary: "a distribution's metadata allows NumPy releases under which its compiled files fail",
};

pub(super) fn check(case: &Case<'_>) -> Vec<Finding> {
    let of = |distribution: &DistributionReport| {
        if is_numpy(&distribution.name) {
            return None;
        }
        if distribution.build.is_some() {
            return of_build(case, distribution);
        }
        match case.report.kind {
            TargetKind::Wheel => of_wheel(case, distribution),
            TargetKind::Binary => None,
            _ => of_installed(case, distribution),
        }
    };
    case.report.distributions.iter().filter_map(of).collect()
}

fn of_installed(case: &Case<'_>, distribution: &DistributionReport) -> Option<Finding> {
    let running = words::numpy_version(case)?;
    let declared = distribution.numpy_declared.as_deref();
    let allowed = declared.is_none_or(|declared| allows(declared, running));
    if distribution.verdict != Verdict::Incompatible || !allowed {
        return None;
    }
    let message = format!(
        "no installer objects to {} beside NumPy {running}: its metadata {}",
        words::named(distribution),
        says(declared)
    );
    Some(finding(distribution, Severity::Note, message, distribution.numpy_binary.as_ref()))
}

fn of_wheel(case: &Case<'_>, distribution: &DistributionReport) -> Option<Finding> {
    let range = distribution.numpy_binary.as_ref()?;
    let declared = distribution.numpy_declared.as_deref();
    let mut choosable = words::installable(case);
    choosable.retain(|version| !version.is_prerelease() && declared.is_none_or(|declared| allows(declared, version)));
    let releases = words::stretches(&choosable, |version| !range.contains(version))?;
    let message = format!(
        "the metadata of {} {}, which allows releases that its compiled files do not work with ({releases})",
        words::named(distribution),
        says(declared)
    );
    Some(finding(distribution, META.severity, message, Some(range)))
}

/// What a build with headers of NumPy 1.x comes to, where NumPy 2 may be what it runs with.
fn of_build(case: &Case<'_>, distribution: &DistributionReport) -> Option<Finding> {
    let built = Built::of(case.releases, distribution)?;
    let refused = built.refused(case, distribution);
    let first = refused.into_iter().find(|version| version.major() >= 2 && built.headers.version.major() < 2)?;
    let message = format!("{}; nothing keeps NumPy {first} from it", built.says(distribution));
    let mut finding = words::general(&META, META.severity, Some(&distribution.name), message);
    finding.help =
        Some("build against NumPy 2, whose headers give code for 1.x and 2.x, or ask for `numpy<2`".to_owned());
    finding.evidence = built.evidence();
    Some(finding)
}

fn allows(declared: &str, version: &Version) -> bool {
    version.satisfies(declared).unwrap_or(false)
}

fn says(declared: Option<&str>) -> String {
    match declared {
        None => "does not name NumPy".to_owned(),
        Some("") => "asks for any NumPy".to_owned(),
        Some(declared) => format!("asks for `numpy{declared}`"),
    }
}

fn finding(
    distribution: &DistributionReport,
    severity: Severity,
    message: String,
    range: Option<&NumpySet>,
) -> Finding {
    let mut finding = words::general(&META, severity, Some(&distribution.name), message);
    finding.help = range.map(|range| format!("what its compiled files allow is `numpy{range}`"));
    finding.evidence = evidence(distribution);
    finding
}

/// The requirement as it stands, and the range that the bytes give.
pub(super) fn evidence(distribution: &DistributionReport) -> Vec<Evidence> {
    let declared =
        distribution.numpy_declared.as_ref().map_or("no requirement on NumPy".to_owned(), |d| format!("numpy{d}"));
    let read =
        distribution.numpy_binary.as_ref().map(|range| words::observed("compiled files allow", &range.to_string()));
    std::iter::once(words::observed("metadata asks for", &declared)).chain(read).collect()
}
