//! Files of one distribution that were compiled for different generations of NumPy: two builds were mixed. So are the
//! wheels of one release that ask for different NumPys where a user expects them to be alike.

use crate::judge::{extension_name, python_line};
use crate::report::{BinaryReport, DistributionReport, Report, TargetKind, TargetReport, UNOWNED};
use crate::rules::{Case, Rule, words};
use crate::{Finding, Generation, Release, Severity};

pub(super) const META: Rule = Rule {
    id: "mixed-builds",
    severity: Severity::Note,
    summary: "files of one distribution were compiled for different generations of NumPy",
};

pub(super) fn check(case: &Case<'_>) -> Vec<Finding> {
    case.report.distributions.iter().filter(|d| d.name != UNOWNED).filter_map(|d| finding(case, d)).collect()
}

fn finding(case: &Case<'_>, distribution: &DistributionReport) -> Option<Finding> {
    let of = |wanted| distribution.binaries.iter().filter(move |binary| generation(binary) == Some(wanted));
    let pair = |one| Some((one, of(Generation::Two).find(|two| side_by_side(one, two))?));
    let (one, two) = of(Generation::One).find_map(pair)?;
    let message = format!(
        "{} mixes two builds: `{}` was compiled with headers of NumPy 1.x, `{}` with those of 2.x",
        words::named(distribution),
        one.path,
        two.path
    );
    let mut finding = words::about(&META, META.severity, distribution, one, message);
    finding.help = Some(match case.report.kind {
        TargetKind::Wheel => "build all of the wheel with the same headers of NumPy".to_owned(),
        _ => format!("remove `{}` and install it anew", distribution.name),
    });
    finding.evidence = [one, two].into_iter().flat_map(check_evidence).collect();
    Some(finding)
}

/// Holds the wheels of one release against each other: for each wheel that disagrees with an earlier one, its position
/// among the targets and the finding. Wheels for one Python should work with the same NumPys on every platform; those
/// for different Pythons may have different floors, and be for NumPy 1.x alone where their Python has no other.
pub fn mixed_wheels(report: &Report, releases: &[Release]) -> Vec<(usize, Finding)> {
    let wheels: Vec<(usize, Wheel<'_>)> = report.targets.iter().enumerate().flat_map(of_target).collect();
    let disagreement = |(index, (target, wheel)): (usize, &(usize, Wheel<'_>))| {
        let others = wheels.get(..index).unwrap_or_default();
        others.iter().find_map(|(_, other)| Some((*target, disagree(wheel, other, releases)?)))
    };
    wheels.iter().enumerate().filter_map(disagreement).collect()
}

/// A wheel that uses NumPy's C API.
struct Wheel<'a> {
    target: &'a TargetReport,
    distribution: &'a DistributionReport,
}

fn of_target((index, target): (usize, &TargetReport)) -> impl Iterator<Item = (usize, Wheel<'_>)> {
    let uses = target.distributions.iter().filter(|distribution| distribution.numpy_binary.is_some());
    let wheels = uses.filter(|_| target.kind == TargetKind::Wheel);
    wheels.map(move |distribution| (index, Wheel { target, distribution }))
}

fn disagree(wheel: &Wheel<'_>, other: &Wheel<'_>, releases: &[Release]) -> Option<Finding> {
    let (one, two) = (wheel.distribution, other.distribution);
    if !one.name.eq_ignore_ascii_case(&two.name) || one.version != two.version {
        return None;
    }
    let (range, others) = (one.numpy_binary.as_ref()?, two.numpy_binary.as_ref()?);
    let same_python = line(wheel).is_some() && line(wheel) == line(other);
    let differ = if same_python {
        range != others
    } else {
        let major = |wheel: &Wheel<'_>| may_have_two(wheel, releases).then(|| works_with_two(wheel, releases));
        major(wheel).zip(major(other)).is_some_and(|(one, two)| one != two)
    };
    let message = format!(
        "wheels of {} were not built alike: this one works with `numpy{range}`, `{}` with `numpy{others}`",
        words::named(one),
        other.target.path
    );
    let mut finding = words::general(&META, META.severity, Some(&one.name), message);
    finding.help = Some("build all wheels of a release with the same headers of NumPy".to_owned());
    finding.evidence = vec![words::observed("compiled files allow", &format!("numpy{range}"))];
    differ.then_some(finding)
}

fn line(wheel: &Wheel<'_>) -> Option<(u8, u8)> {
    python_line(&wheel.target.python.as_ref()?.version)
}

/// Whether the wheel's Python can have NumPy 2.
fn may_have_two(wheel: &Wheel<'_>, releases: &[Release]) -> bool {
    words::installable_for(wheel.target, false, releases).iter().any(|version| version.major() >= 2)
}

fn works_with_two(wheel: &Wheel<'_>, releases: &[Release]) -> bool {
    let works =
        |version: &crate::Version| wheel.distribution.numpy_binary.as_ref().is_some_and(|r| r.contains(version));
    releases.iter().any(|release| release.version.major() >= 2 && works(&release.version))
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
