//! What the compiled files of distributions demand of NumPy and their metadata leaves out.

use contract::report::{BinaryReport, DistributionReport, Loaded, TargetReport};
use contract::{NumpySet, Version};

/// A distribution whose bytes allow less than its metadata says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Truth {
    /// The distribution.
    pub name: String,
    /// Its version.
    pub version: String,
    /// What its bytes allow.
    pub allowed: NumpySet,
    /// What its metadata says: specifiers, empty for any; `None` where it does not name NumPy.
    pub declared: Option<String>,
    /// The file that makes it so, as the distribution names it.
    pub file: String,
    /// How many others demand the same.
    pub others: usize,
}

/// The truths of a target, by name. `releases`: every known NumPy, in ascending order.
pub fn truths(report: &TargetReport, releases: &[Version]) -> Vec<Truth> {
    let mut found: Vec<Truth> = report.distributions.iter().filter_map(|d| truth(d, releases)).collect();
    found.sort_by_key(|truth| (truth.name.to_ascii_lowercase(), truth.version.clone()));
    found
}

/// What all of them allow together.
pub fn together(truths: &[Truth], releases: &[Version]) -> NumpySet {
    truths.iter().fold(NumpySet::default(), |all, truth| all.intersection(&truth.allowed, releases))
}

fn truth(distribution: &DistributionReport, releases: &[Version]) -> Option<Truth> {
    let allowed = distribution.numpy_binary.as_ref()?;
    let declared = distribution.numpy_declared.as_deref();
    let admits = |release: &&Version| {
        declared.filter(|declared| !declared.is_empty()).is_none_or(|d| release.satisfies(d).unwrap_or(true))
    };
    let left_out = releases.iter().filter(admits).any(|release| !allowed.contains(release));
    let counts =
        |binary: &&BinaryReport| !matches!(binary.loaded, Some(Loaded::Tests | Loaded::Conditional | Loaded::Unknown));
    let size = |binary: &BinaryReport| {
        let set = binary.numpy.as_ref()?;
        Some(releases.iter().filter(|release| set.contains(release)).count())
    };
    let counting = distribution.binaries.iter().filter(counts).filter_map(|binary| Some((size(binary)?, &binary.path)));
    let (least, file) = counting.clone().min()?;
    left_out.then(|| Truth {
        name: distribution.name.clone(),
        version: distribution.version.clone(),
        allowed: allowed.clone(),
        declared: distribution.numpy_declared.clone(),
        file: file.clone(),
        others: counting.filter(|(size, _)| *size == least).count().saturating_sub(1),
    })
}
