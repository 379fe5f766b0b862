//! Files of one distribution that were compiled for different generations of NumPy: two builds were mixed.

use crate::judge::extension_name;
use crate::report::{BinaryReport, DistributionReport, UNOWNED};
use crate::rules::{Case, Rule, words};
use crate::{Finding, Generation, Severity};

pub(super) const META: Rule = Rule {
    id: "mixed-builds",
    severity: Severity::Note,
    summary: "files of one distribution were compiled for different generations of NumPy",
};

pub(super) fn check(case: &Case<'_>) -> Vec<Finding> {
    case.report.distributions.iter().filter(|d| d.name != UNOWNED).filter_map(finding).collect()
}

fn finding(distribution: &DistributionReport) -> Option<Finding> {
    let of = |wanted| distribution.binaries.iter().filter(move |binary| generation(binary) == Some(wanted));
    let pair = |one| Some((one, of(Generation::Two).find(|two| side_by_side(one, two))?));
    let (one, two) = of(Generation::One).find_map(pair)?;
    let message = format!(
        "{} mixes two builds: `{}` was compiled for NumPy 1.x, `{}` for 1.x and 2.x",
        words::named(distribution),
        one.path,
        two.path
    );
    let mut finding = words::about(&META, META.severity, distribution, one, message);
    finding.help = Some(format!("remove `{}` and install it anew", distribution.name));
    finding.evidence = [one, two].into_iter().flat_map(check_evidence).collect();
    Some(finding)
}

/// Whether one Python could load both: files for another Python or machine are builds of their own by right.
fn side_by_side(a: &BinaryReport, b: &BinaryReport) -> bool {
    let machine = |binary: &BinaryReport| binary.facts.as_ref().map(|facts| facts.architecture);
    let python = |binary: &BinaryReport| extension_name(&binary.path).and_then(|name| name.python);
    let pythons = python(a).zip(python(b));
    machine(a) == machine(b) && pythons.is_none_or(|(a, b)| a == b)
}

/// The generation of a file's own version checks, where they agree.
fn generation(binary: &BinaryReport) -> Option<Generation> {
    let checks = &binary.facts.as_ref()?.requirement.checks;
    let first = checks.first()?.generation();
    checks.iter().all(|check| check.generation() == first).then_some(first)
}

fn check_evidence(binary: &BinaryReport) -> Vec<crate::Evidence> {
    let first = binary.facts.as_ref().and_then(|facts| facts.requirement.checks.first());
    first.map(|check| check.evidence.clone()).unwrap_or_default()
}
