//! Turns of phrase that formats share.

use std::collections::BTreeSet;

use contract::report::{BinaryReport, DistributionReport, JudgedNumpy, NumpySource, Report, Summary, TargetReport};
use contract::{Finding, NumpySet, Severity, Verdict};

use crate::page::Ignored;

/// `1 file`, `12 files`.
pub(crate) fn count(number: usize, one: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {one}{plural}")
}

/// The last line of every format: everything that was looked at.
pub(crate) fn summary(report: &Report, ignored: &[Ignored]) -> String {
    counted(&report.targets, ignored.len())
}

/// The same of one target of several, which is named; `index`: its position in the report.
pub(crate) fn summary_of(target: &TargetReport, index: usize, ignored: &[Ignored]) -> String {
    let ignored = ignored.iter().filter(|ignored| ignored.target == index).count();
    format!("{}: {}", target.path, counted(std::slice::from_ref(target), ignored))
}

fn counted(targets: &[TargetReport], ignored: usize) -> String {
    let counts = Summary::of(targets);
    let besides = match ignored {
        0 => errors(targets),
        number => format!("{}; {} ignored by the configuration", errors(targets), count(number, "finding")),
    };
    if targets.iter().all(|target| target.numpy.is_none()) && !targets.is_empty() {
        return format!("{}{besides}", unjudged(&counts));
    }
    let unjudged = match counts.unjudged {
        0 => String::new(),
        number => format!(", {number} judged against no NumPy"),
    };
    format!(
        "{}{}: {} incompatible{}, {} at risk, {} undetermined, {} compatible{unjudged}, {} that do not use NumPy's C API{besides}",
        looked_at(&counts),
        against(targets),
        counts.incompatible,
        spared(targets),
        counts.at_risk,
        counts.undetermined,
        counts.compatible,
        counts.not_applicable,
    )
}

/// Why files fail and no distribution does, where it is so: distributions are what a check fails for.
fn spared(targets: &[TargetReport]) -> &'static str {
    let distributions = || targets.iter().flat_map(|target| &target.distributions);
    let failing = |one: &BinaryReport| one.assessment.verdict == Verdict::Incompatible;
    let files = distributions().any(|distribution| distribution.binaries.iter().any(failing));
    let whole = distributions().any(|distribution| distribution.verdict == Verdict::Incompatible);
    if files && !whole { " (which no import is sure to load)" } else { "" }
}

/// Errors that no verdict tells of, by their rules: they too make a check fail.
fn errors(targets: &[TargetReport]) -> String {
    let about = |target: &TargetReport, finding: &Finding| {
        let named = target.distributions.iter().find(|one| finding.distribution.as_ref() == Some(&one.name));
        named.is_some_and(|one| one.verdict == Verdict::Incompatible)
    };
    let all = targets.iter().flat_map(|target| target.findings.iter().map(move |finding| (target, finding)));
    let errors = all.filter(|(target, finding)| finding.severity == Severity::Error && !about(target, finding));
    let rules: Vec<&str> = errors.map(|(_, finding)| finding.rule.as_str()).collect();
    let names: Vec<&str> = rules.iter().copied().collect::<BTreeSet<_>>().into_iter().collect();
    if names.is_empty() {
        return String::new();
    }
    format!("; {}: {}", count(rules.len(), "error"), names.join(", "))
}

/// `2 distributions with 23 compiled files, 1 distribution of which none was read`.
fn looked_at(counts: &Summary) -> String {
    let read = counts.distributions.saturating_sub(counts.unread);
    let with_files = format!("{} with {}", count(read, "distribution"), count(counts.binaries, "compiled file"));
    let unread = format!("{} of which no compiled file was read", count(counts.unread, "distribution"));
    match (read, counts.unread) {
        (_, 0) => with_files,
        (0, _) => unread,
        _ => format!("{with_files}, {unread}"),
    }
}

/// Without a NumPy, a file that uses its C API is neither fine nor broken.
fn unjudged(counts: &Summary) -> String {
    format!(
        "{}, judged against no NumPy: {} that use NumPy's C API, {} undetermined, {} that do not use it",
        looked_at(counts),
        counts.unjudged + counts.at_risk + counts.incompatible,
        counts.undetermined,
        counts.not_applicable,
    )
}

/// ` against NumPy 2.2.4` where one NumPy judged everything.
fn against(targets: &[TargetReport]) -> String {
    match targets {
        [one] => one.numpy.as_ref().map(|numpy| format!(" against {}", numpy_name(numpy))).unwrap_or_default(),
        _ => String::new(),
    }
}

/// `NumPy 2.2.4`.
pub(crate) fn numpy_name(numpy: &JudgedNumpy) -> String {
    match &numpy.provision.version {
        Some(version) => format!("NumPy {version}"),
        None => "a NumPy of unknown version".to_owned(),
    }
}

/// The verdict as a table says it: without a NumPy, nothing is compatible.
pub(crate) fn verdict(verdict: Verdict, judged: bool) -> &'static str {
    match verdict {
        Verdict::Compatible if !judged => "uses NumPy",
        other => other.as_str(),
    }
}

/// `this NumPy`, by its version where there is one.
pub(crate) fn this_numpy(target: &TargetReport) -> String {
    target.numpy.as_ref().map_or_else(|| "this NumPy".to_owned(), numpy_name)
}

/// Where the provision that judged a target comes from, in words.
pub(crate) fn source(source: NumpySource) -> &'static str {
    match source {
        NumpySource::Binary => "read from its own binary",
        NumpySource::Table => "known by its version",
        NumpySource::Requested => "asked for",
    }
}

/// A feature level with the releases that have it: `0x10 (NumPy 1.23 and 1.24)`.
pub(crate) fn level(feature: u32) -> String {
    match knowledge::feature_in_words(feature) {
        Some(releases) => format!("{feature:#x} ({releases})"),
        None => format!("{feature:#x} (no known release)"),
    }
}

/// An ABI number with the NumPys that it stands for: `0x01000009 (NumPy 1.x)`.
pub(crate) fn abi(abi: u32) -> String {
    let generation = if abi >= 0x0200_0000 { "2.x" } else { "1.x" };
    format!("{abi:#010x} (NumPy {generation})")
}

/// The range that the bytes allow: `numpy>=1.23,<2`, or `any NumPy`.
pub(crate) fn range(set: &NumpySet) -> String {
    if set.is_everything() { "any NumPy".to_owned() } else { format!("numpy{}", set.to_specifiers()) }
}

/// What metadata says of NumPy.
pub(crate) fn declared(specifiers: Option<&str>) -> String {
    match specifiers {
        None => "nothing about NumPy".to_owned(),
        Some("") => "any NumPy".to_owned(),
        Some(specifiers) => format!("numpy{specifiers}"),
    }
}

/// What a distribution's metadata says of NumPy; `None` where only a build would tell.
pub(crate) fn declared_by(distribution: &DistributionReport) -> Option<String> {
    let known = distribution.build.as_ref().is_none_or(|build| build.runtime_known);
    known.then(|| declared(distribution.numpy_declared.as_deref()))
}

/// The subject of a finding for people: the file, the distribution, or the target.
pub(crate) fn subject<'a>(finding: &'a Finding, target: &'a TargetReport) -> &'a str {
    finding.binary.as_deref().or(finding.distribution.as_deref()).unwrap_or(&target.path)
}

#[cfg(test)]
mod tests {
    use contract::Verdict;

    use crate::sample;

    /// imagecodecs 2022.2.22 had 39 incompatible files and nothing at risk, and the check ended well.
    #[test]
    fn incompatible_files_that_condemn_no_distribution_are_explained() {
        let mut report = sample::broken();
        assert_eq!(super::summary(&report, &[]), sample::BROKEN_SUMMARY);
        for distribution in &mut report.targets[0].distributions {
            distribution.verdict = distribution.verdict.min(Verdict::AtRisk);
        }
        let told = super::summary(&report, &[]);
        assert!(told.contains(": 2 incompatible (which no import is sure to load), 0 at risk,"), "{told}");
    }
}
