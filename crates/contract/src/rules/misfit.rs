//! What the rules about files that fail have in common: one finding a distribution, about its most telling file.

use crate::judge::FirstFailure;
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
    let failures = case.failures.iter().map(Option::as_ref).chain(std::iter::repeat(None));
    let failing = |(distribution, first): (&DistributionReport, Option<&FirstFailure>)| {
        let worst = first.and_then(|first| failing_first(distribution, first)).or_else(|| gravest(distribution))?;
        (cause_of(case, worst) == Some(cause))
            .then(|| finding(case, rule, cause, &Misfit { distribution, worst, first }))
    };
    case.report.distributions.iter().zip(failures).filter_map(failing).collect()
}

/// A distribution, the file of it that tells most, and how a user meets its failure.
struct Misfit<'a> {
    distribution: &'a DistributionReport,
    worst: &'a BinaryReport,
    first: Option<&'a FirstFailure>,
}

fn failing_first<'a>(distribution: &'a DistributionReport, first: &FirstFailure) -> Option<&'a BinaryReport> {
    distribution.binaries.iter().find(|binary| fails(binary) && binary.path == first.path)
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

fn finding(case: &Case<'_>, rule: &Rule, cause: Cause, misfit: &Misfit<'_>) -> Finding {
    let Misfit { distribution, worst, .. } = misfit;
    let severity = severity(worst.loaded);
    let message = if severity == Severity::Error { condemns(case, cause, misfit) } else { hurts(case, cause, misfit) };
    let mut finding = words::about(rule, severity, distribution, worst, message);
    finding.help = Some(words::remedy(case, distribution, worst));
    let removed = worst.assessment.further.iter().filter(|error| error.kind == ErrorKind::RemovedSlot);
    finding.evidence.extend(removed.map(|error| words::observed("functions that are gone", &error.exception)));
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

/// A file that imports surely load: the distribution does not work.
fn condemns(case: &Case<'_>, cause: Cause, misfit: &Misfit<'_>) -> String {
    let Misfit { distribution, worst, first } = misfit;
    let import = first.map(|first| first.import.as_str()).filter(|_| worst.assessment.fails == Some(Fails::Import));
    let place = match import {
        Some(import) => format!("`import {import}` fails in `{}`", worst.path),
        None => format!("`{}` fails", worst.path),
    };
    let (named, numpy) = (words::named(distribution), words::numpy(case));
    format!("{named} {} under {numpy}: {place} with `{}`{}", reason(cause), error(worst), others(distribution))
}

/// A file that may or may not be loaded: only that file does not work.
fn hurts(case: &Case<'_>, cause: Cause, misfit: &Misfit<'_>) -> String {
    let Misfit { distribution, worst, .. } = misfit;
    let loaded = match worst.loaded {
        Some(Loaded::Conditional) => "the rest of it may go on without",
        Some(Loaded::Tests) => "only tests import it",
        _ => "nothing shows what imports it",
    };
    let (named, numpy) = (words::named(distribution), words::numpy(case));
    let (reason, error, others) = (reason(cause), error(worst), others(distribution));
    format!("`{}` of {named} {reason} under {numpy}; {loaded}: it fails with `{error}`{others}", worst.path)
}

fn error(binary: &BinaryReport) -> &str {
    binary.assessment.error.as_ref().map(|error| error.exception.as_str()).unwrap_or_default()
}

/// How many more files fail.
fn others(distribution: &DistributionReport) -> String {
    match distribution.binaries.iter().filter(|binary| fails(binary)).count() {
        0 | 1 => String::new(),
        2 => ", and 1 more file of it fails".to_owned(),
        count => format!(", and {} more files of it fail", count - 1),
    }
}
