//! A wheel whose bytes do not work with every release that whoever builds it promises, or sources that a build would make
//! such a wheel of. Asked for, not found: it takes the promise.

use crate::judge::is_numpy;
use crate::report::{BinaryReport, DistributionReport, Loaded, TargetReport};
use crate::rules::build_against_newest_numpy::Built;
use crate::rules::metadata_allows_broken_numpy::evidence;
use crate::rules::{Rule, words};
use crate::{Build, Finding, NumpySet, Release, Verdict, Version};

pub(super) const META: Rule = Rule {
    id: "expectation-not-met",
    severity: crate::Severity::Error,
    summary: "the compiled files do not work with every NumPy release that they are expected to work with",
};

/// Holds what the bytes of a target's distributions allow against `expected` (`>=1.23,<3`): every known release in it
/// for which the target's Python has wheels, pre-releases aside, must be allowed; with `later`, those of later Pythons
/// too, which a wheel of the stable ABI is for. What could not be told does not meet an expectation, and one without any
/// such release is met by nobody. Distributions that do not use NumPy's C API meet every one.
pub fn expectation(report: &TargetReport, expected: &str, later: bool, releases: &[Release]) -> Vec<Finding> {
    let mut wanted = words::installable_for(report, later, releases);
    wanted.retain(|version| !version.is_prerelease() && version.satisfies(expected).unwrap_or(false));
    let others = report.distributions.iter().filter(|distribution| !is_numpy(&distribution.name));
    let promise = Promise { report, expected, wanted, releases };
    others.filter_map(|distribution| promise.finding(distribution)).collect()
}

struct Promise<'r> {
    report: &'r TargetReport,
    expected: &'r str,
    /// The releases that must be allowed, in ascending order.
    wanted: Vec<&'r Version>,
    /// Every known release.
    releases: &'r [Release],
}

impl Promise<'_> {
    fn finding(&self, distribution: &DistributionReport) -> Option<Finding> {
        if let Some(build) = &distribution.build {
            return self.about_build(distribution, build);
        }
        let (name, expected) = (words::named(distribution), self.expected);
        let (message, culprit) = if let Some(why) = untold(distribution) {
            (format!("that {name} works with `numpy{expected}` could not be told: {why}"), None)
        } else {
            let range = distribution.numpy_binary.as_ref()?;
            if self.wanted.is_empty() {
                (format!("nothing can be held against `numpy{expected}` for {name}: {}", self.emptiness()), None)
            } else {
                self.broken(distribution, range)?
            }
        };
        let mut finding = match culprit {
            Some(file) => words::about(&META, META.severity, distribution, file, message),
            None => words::general(&META, META.severity, Some(&distribution.name), message),
        };
        let range = distribution.numpy_binary.as_ref();
        finding.help = range.map(|range| format!("what its compiled files allow is `numpy{range}`"));
        finding.evidence = evidence(distribution);
        Some(finding)
    }

    /// Holds what an isolated build would give against the promise. Sources that are built without NumPy promise nothing.
    fn about_build(&self, distribution: &DistributionReport, build: &Build) -> Option<Finding> {
        let (name, expected) = (words::named(distribution), self.expected);
        let requires = (!build.requires.is_empty()).then(|| build.requires.join(", "))?;
        let message = match Built::of(self.releases, distribution) {
            None => {
                format!(
                    "that {name} works with `numpy{expected}` could not be told: which NumPy `{requires}` comes to is not known"
                )
            }
            Some(_) if self.wanted.is_empty() => {
                format!("nothing can be held against `numpy{expected}` for {name}: {}", self.emptiness())
            }
            Some(Built { headers, range, .. }) => {
                let broken = words::stretches(&self.wanted, |version| !range.contains(version))?;
                format!(
                    "{name} is expected to work with `numpy{expected}`, and built against NumPy {} (`{requires}`) it does not with \
                     {broken}",
                    headers.version
                )
            }
        };
        let mut finding = words::general(&META, META.severity, Some(&distribution.name), message);
        finding.help =
            Some("let `[build-system] requires` take a NumPy whose headers give code for all of them".to_owned());
        Some(finding)
    }

    fn emptiness(&self) -> String {
        let python = self.report.python.as_ref().map(|python| format!("Python {}", python.version));
        format!("no known release in it has wheels for {}", python.unwrap_or_else(|| "its Python".to_owned()))
    }

    /// Which releases are not allowed, and by which file first.
    fn broken<'d>(
        &self,
        distribution: &'d DistributionReport,
        range: &NumpySet,
    ) -> Option<(String, Option<&'d BinaryReport>)> {
        let broken = words::stretches(&self.wanted, |version| !range.contains(version))?;
        let refuses = |file: &&BinaryReport| {
            let lacks =
                |set: &NumpySet| self.wanted.iter().any(|version| !range.contains(version) && !set.contains(version));
            file.loaded != Some(Loaded::Tests) && file.numpy.as_ref().is_some_and(lacks)
        };
        let culprits: Vec<&BinaryReport> = distribution.binaries.iter().filter(refuses).collect();
        let files = match culprits.as_slice() {
            [] => String::new(),
            [only] => format!(": `{}`", only.path),
            [first, others @ ..] => format!(": `{}` and {} more", first.path, words::files(others.len())),
        };
        let (name, expected) = (words::named(distribution), self.expected);
        let message = format!(
            "the compiled files of {name} are expected to work with `numpy{expected}`, and do not with {broken}{files}"
        );
        Some((message, culprits.first().copied()))
    }
}

fn untold(distribution: &DistributionReport) -> Option<&str> {
    let untold = distribution.binaries.iter().find(|b| b.assessment.verdict == Verdict::Undetermined);
    let reason = untold.map(|file| file.assessment.undetermined.first());
    let ranged = distribution.binaries.iter().any(|file| file.numpy.is_some());
    match (reason, &distribution.numpy_binary) {
        (Some(reason), _) => Some(reason.map_or("no reason is known", |reason| &reason.detail)),
        (None, None) if ranged => {
            Some("its compiled files are for different NumPys, and which of them an import takes is not known")
        }
        _ => None,
    }
}
