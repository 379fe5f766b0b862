//! The rules: each looks at a judged target and says what is wrong, under an id that names the problem.

mod build_against_newest_numpy;
mod build_pin_too_new;
mod conda_pip_mix;
mod expectation_not_met;
mod fails_at_first_use;
mod foreign_binary;
mod half_installed_numpy;
mod metadata_allows_broken_numpy;
mod metadata_forbids_working_numpy;
mod misfit;
mod mixed_builds;
mod no_numpy_satisfies_both;
mod not_in_a_virtual_environment;
mod numpy_major_mismatch;
mod numpy_too_old;
mod other_type_size_changed;
mod several_numpys;
mod type_size_changed;
mod unchecked_numpy_access;
mod undetermined_binary;
mod words;

pub use expectation_not_met::expectation;
pub use mixed_builds::mixed_wheels;

use crate::judge::{DistributionInput, FirstFailure, TargetInput};
use crate::report::{DistributionReport, TargetReport};
use crate::{Finding, Release, Severity};

/// A rule: what `numpact rule` lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// A kebab-case noun for the problem. Never changes once released.
    pub id: &'static str,
    /// How much its findings matter at most; a single finding may matter less.
    pub severity: Severity,
    /// The problem in one sentence without a full stop.
    pub summary: &'static str,
}

/// A judged target, as a rule sees it.
pub(crate) struct Case<'a> {
    pub(crate) input: &'a TargetInput<'a>,
    pub(crate) report: &'a TargetReport,
    /// How a user meets the failure of each distribution of the report, in its order.
    pub(crate) failures: &'a [Option<FirstFailure>],
    pub(crate) releases: &'a [Release],
}

impl<'a> Case<'a> {
    /// The distributions with what they were judged from.
    fn distributions(&self) -> impl Iterator<Item = (&'a DistributionReport, &'a DistributionInput<'a>)> {
        let inputs = &self.input.distributions;
        self.report.distributions.iter().filter_map(move |report| {
            let same = |input: &&DistributionInput| input.name == report.name && input.version == report.version;
            Some((report, inputs.iter().find(same)?))
        })
    }
}

type Check = fn(&Case<'_>) -> Vec<Finding>;

/// Every rule with its check, in the order in which findings of equal severity are listed.
const ALL: &[(Rule, Check)] = &[
    (numpy_major_mismatch::META, numpy_major_mismatch::check),
    (numpy_too_old::META, numpy_too_old::check),
    (type_size_changed::META, type_size_changed::check),
    (other_type_size_changed::META, other_type_size_changed::check),
    (fails_at_first_use::META, fails_at_first_use::check),
    (unchecked_numpy_access::META, unchecked_numpy_access::check),
    (no_numpy_satisfies_both::META, no_numpy_satisfies_both::check),
    (half_installed_numpy::META, half_installed_numpy::check),
    (several_numpys::META, several_numpys::check),
    (foreign_binary::META, foreign_binary::check),
    (conda_pip_mix::META, conda_pip_mix::check),
    (metadata_allows_broken_numpy::META, metadata_allows_broken_numpy::check),
    (metadata_forbids_working_numpy::META, metadata_forbids_working_numpy::check),
    (build_against_newest_numpy::META, build_against_newest_numpy::check),
    (build_pin_too_new::META, build_pin_too_new::check),
    (mixed_builds::META, mixed_builds::check),
    (undetermined_binary::META, undetermined_binary::check),
];

/// Every rule, by id.
pub fn rules() -> Vec<Rule> {
    let mut rules: Vec<Rule> = ALL.iter().map(|(rule, _)| *rule).collect();
    rules.push(not_in_a_virtual_environment::META);
    rules.push(expectation_not_met::META);
    rules.sort_by_key(|rule| rule.id);
    rules
}

/// What the rules find in a judged target, most severe first.
pub(crate) fn findings(
    input: &TargetInput<'_>,
    report: &TargetReport,
    failures: &[Option<FirstFailure>],
    releases: &[Release],
) -> Vec<Finding> {
    let case = Case { input, report, failures, releases };
    let mut findings: Vec<Finding> = ALL.iter().flat_map(|(_, check)| check(&case)).collect();
    findings.extend(not_in_a_virtual_environment::check(&case, &findings));
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    findings
}

#[cfg(test)]
mod tests;
