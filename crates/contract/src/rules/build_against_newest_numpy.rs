//! A build that compiles against the newest NumPy there is, and so gives code that older ones refuse.

use crate::report::DistributionReport;
use crate::rules::no_numpy_satisfies_both::exclude_each_other;
use crate::rules::{Case, Rule, words};
use crate::{Build, Evidence, Finding, Headers, NumpySet, Release, Severity, Version};

pub(super) const META: Rule = Rule {
    id: "build-against-newest-numpy",
    severity: Severity::Warning,
    summary: "an isolated build compiles against a newer NumPy than the ones it is to run with allow",
};

pub(super) fn check(case: &Case<'_>) -> Vec<Finding> {
    too_new(case, &META, |least, old| least.is_some_and(|least| least.contains(old)))
}

/// Findings about builds that older NumPys would refuse. `mine`: whether the gravest of these NumPys is this rule's, by
/// what the headers that ask for the least would allow.
pub(super) fn too_new(case: &Case<'_>, rule: &Rule, mine: fn(Option<&NumpySet>, &Version) -> bool) -> Vec<Finding> {
    let of = |distribution: &DistributionReport| {
        let built = Built::of(case.releases, distribution)?;
        let floor = case.releases.iter().map(|release| &release.version).find(|v| built.range.contains(v))?;
        let refused: Vec<&Version> = built.refused(case, distribution).into_iter().filter(|v| *v < floor).collect();
        let least = built.build.least.as_ref().and_then(|headers| headers.works_with(case.releases));
        let oldest = refused.first().filter(|oldest| mine(least.as_ref(), oldest))?;
        Some(finding(rule, distribution, &built, oldest, &refused))
    };
    case.report.distributions.iter().filter_map(of).collect()
}

fn finding(
    rule: &Rule,
    distribution: &DistributionReport,
    built: &Built<'_>,
    oldest: &Version,
    all: &[&Version],
) -> Finding {
    let last = all.last().filter(|last| **last != oldest).map(|last| format!(" to {last}")).unwrap_or_default();
    let message = format!("{}; it may have to run with NumPy {oldest}{last}", built.says(distribution));
    let mut finding = words::general(rule, rule.severity, Some(&distribution.name), message);
    finding.help = Some(if rule.id == META.id {
        "build against an older NumPy, or define `NPY_TARGET_VERSION`, or ask for a newer NumPy in `dependencies`"
            .to_owned()
    } else {
        "lower the pin of NumPy in `[build-system] requires`, or ask for a newer NumPy in `dependencies`".to_owned()
    });
    finding.evidence = built.evidence();
    finding
}

/// A build whose headers are known, and what its outcome works with.
pub(super) struct Built<'a> {
    pub(super) build: &'a Build,
    pub(super) headers: &'a Headers,
    pub(super) range: NumpySet,
}

impl<'a> Built<'a> {
    pub(super) fn of(releases: &[Release], distribution: &'a DistributionReport) -> Option<Self> {
        let build = distribution.build.as_ref()?;
        let headers = build.headers.as_ref()?;
        Some(Self { build, headers, range: headers.works_with(releases)? })
    }

    /// The releases that it would be run with, by what judges the target or else by its metadata, and that it would not
    /// work with; in ascending order.
    pub(super) fn refused<'r>(&self, case: &Case<'r>, distribution: &DistributionReport) -> Vec<&'r Version> {
        let run_with = match words::numpy_version(case) {
            Some(version) => vec![version],
            None if !self.build.runtime_known || self.suits_none(case, distribution) => Vec::new(),
            None => words::installable(case)
                .into_iter()
                .filter(|v| !v.is_prerelease() && asked_for(distribution, v))
                .collect(),
        };
        run_with.into_iter().filter(|version| !self.range.contains(version)).collect()
    }

    /// Whether its metadata and what comes of the build exclude each other, where no NumPy is at hand to judge by.
    pub(super) fn suits_none(&self, case: &Case<'_>, distribution: &DistributionReport) -> bool {
        let declared = distribution.numpy_declared.as_deref().filter(|_| self.build.runtime_known);
        let excluded = declared.is_some_and(|declared| exclude_each_other(case, declared, &self.range));
        words::numpy_version(case).is_none() && excluded
    }

    /// What would come of the build, in words.
    pub(super) fn says(&self, distribution: &DistributionReport) -> String {
        format!(
            "`{}` of {} would be compiled with the headers of NumPy {}, and then works with `numpy{}`",
            self.build.source,
            words::named(distribution),
            self.headers.version,
            self.range.to_specifiers()
        )
    }

    pub(super) fn evidence(&self) -> Vec<Evidence> {
        let requires = words::observed("`[build-system] requires`", &self.build.requires.join(", "));
        let Headers { version, abi, target } = self.headers;
        let headers = format!("NumPy {version}: ABI {abi:#010x}, feature level {target:#x}");
        vec![requires, words::observed("default of the headers", &headers)]
    }
}

fn asked_for(distribution: &DistributionReport, version: &Version) -> bool {
    distribution.numpy_declared.as_deref().is_none_or(|declared| version.satisfies(declared).unwrap_or(false))
}
