//! What the rules about files that fail have in common: one finding a distribution, about its most telling file.

use crate::report::{BinaryReport, DistributionReport, Loaded};
use crate::rules::{Case, Rule, words};
use crate::{Assessment, ErrorKind, Fails, Finding, NumpySet, Severity, Verdict};

/// The cause of a failure, in a user's eyes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cause {
    /// Compiled for NumPy 1.x alone, running on 2.x.
    Major,
    /// The running NumPy is too old.
    TooOld,
    /// A type's size differs.
    Size,
    /// It imports, and the first call fails.
    AtUse,
}

/// The findings of one cause: one for each distribution whose gravest failing file fails by it.
pub(super) fn findings(case: &Case<'_>, rule: &Rule, cause: Cause) -> Vec<Finding> {
    let failing = |distribution: &DistributionReport| {
        let worst = gravest(distribution)?;
        (cause_of(case, worst) == Some(cause)).then(|| finding(case, rule, cause, distribution, worst))
    };
    case.report.distributions.iter().filter_map(failing).collect()
}

/// The failing file that weighs most.
fn gravest(distribution: &DistributionReport) -> Option<&BinaryReport> {
    let failing = distribution.binaries.iter().filter(|binary| fails(binary));
    // Of equals the first one counts: `max_by_key` would take the last.
    failing.rev().max_by_key(|binary| (weight(binary.loaded), binary.through.is_none(), binary.assessment.fails))
}

/// Files for another machine or Python carry no weight and are no failure of this target.
fn fails(binary: &BinaryReport) -> bool {
    binary.assessment.verdict == Verdict::Incompatible && binary.loaded.is_some()
}

fn weight(loaded: Option<Loaded>) -> u8 {
    match loaded {
        Some(Loaded::Always) => 4,
        Some(Loaded::Submodule) => 3,
        Some(Loaded::Conditional) => 2,
        Some(Loaded::Unknown) => 1,
        Some(Loaded::Tests) | None => 0,
    }
}

fn cause_of(case: &Case<'_>, binary: &BinaryReport) -> Option<Cause> {
    let Assessment { error, fails, .. } = &binary.assessment;
    if *fails == Some(Fails::Use) {
        return Some(Cause::AtUse);
    }
    let running_two = words::numpy_version(case).is_some_and(|version| version.major() >= 2);
    if running_two && binary.numpy.as_ref().is_some_and(|range| is_one_only(case, range)) {
        return Some(Cause::Major);
    }
    Some(match error.as_ref()?.kind {
        ErrorKind::NumpyMajor => Cause::Major,
        ErrorKind::FeatureLevel => Cause::TooOld,
        ErrorKind::TypeSize => Cause::Size,
        ErrorKind::OldLayout | ErrorKind::RemovedSlot => Cause::AtUse,
    })
}

fn is_one_only(case: &Case<'_>, range: &NumpySet) -> bool {
    let mut releases = case.releases.iter().map(|release| &release.version);
    releases.clone().any(|version| version.major() < 2 && range.contains(version))
        && !releases.any(|version| version.major() >= 2 && range.contains(version))
}

fn finding(
    case: &Case<'_>,
    rule: &Rule,
    cause: Cause,
    distribution: &DistributionReport,
    worst: &BinaryReport,
) -> Finding {
    let message = format!(
        "{} {} under {}: {}",
        words::named(distribution),
        reason(cause),
        words::numpy(case),
        extent(distribution, worst)
    );
    let mut finding = words::about(rule, severity(worst.loaded), distribution, worst, message);
    finding.help = Some(words::remedy(case, distribution, worst.numpy.as_ref()));
    finding
}

fn severity(loaded: Option<Loaded>) -> Severity {
    match loaded {
        Some(Loaded::Always | Loaded::Submodule) => Severity::Error,
        Some(Loaded::Conditional) => Severity::Warning,
        Some(Loaded::Unknown | Loaded::Tests) | None => Severity::Note,
    }
}

fn reason(cause: Cause) -> &'static str {
    match cause {
        Cause::Major => "was compiled for NumPy 1.x and does not work",
        Cause::TooOld => "was compiled for a newer NumPy and does not work",
        Cause::Size => "was compiled for types of another size and does not work",
        Cause::AtUse => "imports, but does not work where it uses NumPy",
    }
}

/// What fails when, and the message that it dies with.
fn extent(distribution: &DistributionReport, worst: &BinaryReport) -> String {
    let count = distribution.binaries.iter().filter(|binary| fails(binary)).count();
    let others = if count > 1 { format!(" and {} more", words::files(count - 1)) } else { String::new() };
    let error = worst.assessment.error.as_ref().map(|error| error.exception.as_str()).unwrap_or_default();
    let path = &worst.path;
    match (worst.loaded, &worst.loaded_by) {
        (Some(Loaded::Always | Loaded::Submodule), Some(start)) if worst.assessment.fails == Some(Fails::Import) => {
            format!("`import {start}` fails in `{path}`{others} with `{error}`")
        }
        (Some(Loaded::Conditional), _) => {
            format!("`{path}`{others} fails, which an import may survive, with `{error}`")
        }
        (Some(Loaded::Tests), _) => format!("`{path}`{others}, which only tests import, fails with `{error}`"),
        (Some(Loaded::Unknown), _) => {
            format!("`{path}`{others} fails with `{error}`; what loads it could not be told")
        }
        _ => format!("`{path}`{others} fails with `{error}`"),
    }
}
