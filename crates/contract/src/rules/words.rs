//! Turns of phrase that rules share.

use crate::judge::python_line;
use crate::report::{Advised, BinaryReport, DistributionReport, TargetReport};
use crate::rules::{Case, Rule};
use crate::{Certainty, Evidence, Finding, Release, Severity, Version};

/// `NumPy 2.2.4`, or `this NumPy` where the version is not known.
pub(super) fn numpy(case: &Case<'_>) -> String {
    numpy_version(case).map_or_else(|| "this NumPy".to_owned(), |version| format!("NumPy {version}"))
}

/// The version of the NumPy that the target was judged against.
pub(super) fn numpy_version<'a>(case: &Case<'a>) -> Option<&'a Version> {
    case.report.numpy.as_ref()?.provision.version.as_ref()
}

/// `` `pandas` 2.1.4 ``.
pub(super) fn named(distribution: &DistributionReport) -> String {
    let DistributionReport { name, version, .. } = distribution;
    if version.is_empty() { format!("`{name}`") } else { format!("`{name}` {version}") }
}

/// `1 file`, `12 files`.
pub(super) fn files(count: usize) -> String {
    if count == 1 { "1 file".to_owned() } else { format!("{count} files") }
}

/// A finding about a file of a distribution, with the evidence of its judgement.
pub(super) fn about(
    rule: &Rule,
    severity: Severity,
    distribution: &DistributionReport,
    binary: &BinaryReport,
    message: String,
) -> Finding {
    Finding {
        rule: rule.id.to_owned(),
        severity,
        distribution: Some(distribution.name.clone()),
        binary: Some(binary.path.clone()),
        message,
        help: None,
        evidence: evidence(binary),
    }
}

/// A finding about a distribution or, with `None`, about the environment as a whole.
pub(super) fn general(rule: &Rule, severity: Severity, distribution: Option<&str>, message: String) -> Finding {
    Finding {
        rule: rule.id.to_owned(),
        severity,
        distribution: distribution.map(str::to_owned),
        binary: None,
        message,
        help: None,
        evidence: Vec::new(),
    }
}

/// Something that was seen in the layout of files rather than in their bytes.
pub(super) fn observed(fact: &str, text: &str) -> Evidence {
    Evidence { fact: fact.to_owned(), section: None, address: None, text: text.to_owned(), certainty: Certainty::Read }
}

fn evidence(binary: &BinaryReport) -> Vec<Evidence> {
    let read = binary.assessment.error.as_ref().map(|error| error.evidence.clone()).unwrap_or_default();
    if !read.is_empty() {
        return read;
    }
    let certainty = Certainty::Inferred;
    let text = binary.through.clone().unwrap_or_else(|| binary.path.clone());
    vec![Evidence { fact: "judged from the demands of".to_owned(), section: None, address: None, text, certainty }]
}

/// The known releases that the target's Python can have: all, where the Python or a release's wheels are not known.
pub(super) fn installable<'a>(case: &Case<'a>) -> Vec<&'a Version> {
    installable_for(case.report, false, case.releases)
}

/// [`installable`], of a report by itself; `later`: or that a later Python of the same major version can have.
pub(super) fn installable_for<'a>(report: &TargetReport, later: bool, releases: &'a [Release]) -> Vec<&'a Version> {
    let line = report.python.as_ref().and_then(|python| python_line(&python.version));
    let serves = |line: (u8, u8), python: &(u8, u8)| *python == line || later && python.0 == line.0 && *python > line;
    let fits = |pythons: &[(u8, u8)]| {
        line.is_none_or(|line| pythons.is_empty() || pythons.iter().any(|python| serves(line, python)))
    };
    releases.iter().filter(|release| fits(&release.pythons)).map(|release| &release.version).collect()
}

/// The releases of `among`, in ascending order, that `told` picks, each stretch of neighbours by its ends: `NumPy 1.21.0 to
/// 1.21.6 and 2.0.0`; `None` where it picks none.
pub(super) fn stretches(among: &[&Version], told: impl Fn(&Version) -> bool) -> Option<String> {
    let groups = among.chunk_by(|one, other| told(one) == told(other));
    let named = groups.filter_map(|group| match group {
        [only] if told(only) => Some(only.to_string()),
        [first, .., last] if told(first) => Some(format!("{first} to {last}")),
        _ => None,
    });
    let named: Vec<String> = named.collect();
    let (last, others) = named.split_last()?;
    Some(if others.is_empty() { format!("NumPy {last}") } else { format!("NumPy {} and {last}", others.join(", ")) })
}

/// What helps a distribution of which `worst` does not fit.
pub(super) fn remedy(case: &Case<'_>, distribution: &DistributionReport, worst: &BinaryReport) -> String {
    let name = &distribution.name;
    let Some(range) = &worst.numpy else { return format!("install another build of `{name}`") };
    let python =
        case.report.python.as_ref().map_or_else(|| "this Python".to_owned(), |p| format!("Python {}", p.version));
    let reachable = installable(case);
    if !reachable.iter().any(|version| range.contains(version)) {
        return format!("install another release of `{name}`: no NumPy that it works with has wheels for {python}");
    }
    let known: Vec<Version> = case.releases.iter().map(|release| release.version.clone()).collect();
    match case.report.advised(distribution, worst, &known, |version| reachable.contains(&version)) {
        Advised::Install(set) => {
            format!("install NumPy `{set}`, or a release of `{name}` that works with {}", numpy(case))
        }
        Advised::BreaksOthers(set) => {
            let others = hindering(case, distribution, |version| set.contains(version) && reachable.contains(&version));
            format!("install another release of `{name}`: no NumPy that it works with suits {others}, too")
        }
        Advised::Nothing => {
            format!("install another release of `{name}`: no NumPy for {python} suits all of its files")
        }
    }
}

/// The distributions that would lose something under each of the releases that suit this one.
fn hindering(case: &Case<'_>, distribution: &DistributionReport, suits: impl Fn(&Version) -> bool) -> String {
    let Some(now) = numpy_version(case) else { return "everything else".to_owned() };
    let suiting: Vec<&Version> = case.releases.iter().map(|release| &release.version).filter(|v| suits(v)).collect();
    let loses = |other: &&DistributionReport| suiting.iter().all(|version| !other.survives(now, version));
    let others = case.report.distributions.iter().filter(|other| other.name != distribution.name).filter(loses);
    let names: Vec<String> = others.map(|other| format!("`{}`", other.name)).collect();
    if names.is_empty() { "everything else".to_owned() } else { names.join(", ") }
}
