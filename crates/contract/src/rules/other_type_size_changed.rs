//! A type of another distribution than NumPy has not the size with which a module was compiled: the same check that
//! guards NumPy's types, and not NumPy's doing.

use crate::compare::refuses;
use crate::judge::{DefinedType, DistributionInput, extension_name, for_python};
use crate::message::size_changed;
use crate::report::DistributionReport;
use crate::rules::{Case, Rule, words};
use crate::{Evidence, Finding, Severity, TypeCheck};

pub(super) const META: Rule = Rule {
    id: "other-type-size-changed",
    severity: Severity::Error,
    summary: "a type of another distribution than NumPy has not the size that a module was compiled for",
};

pub(super) fn check(case: &Case<'_>) -> Vec<Finding> {
    let types = &case.input.surroundings.types;
    let checked = case.distributions().filter_map(|(report, input)| {
        let (path, check, defined) = first_broken(case, input, types)?;
        finding(report, path, check, defined)
    });
    checked.collect()
}

/// The first check that fails, in the order of paths.
fn first_broken<'a>(
    case: &Case<'_>,
    input: &'a DistributionInput<'_>,
    types: &'a [DefinedType],
) -> Option<(&'a str, &'a TypeCheck, &'a DefinedType)> {
    let python = case.report.python.as_ref();
    let loaded = input.files.iter().filter(|file| extension_name(&file.path).is_some_and(|n| for_python(&n, python)));
    let mut broken: Vec<_> = loaded
        .flat_map(|file| file.facts.iter().flat_map(|facts| &facts.requirement.types).map(move |check| (file, check)))
        .filter_map(|(file, check)| {
            let defined = types.iter().find(|defined| is_of(defined, check))?;
            refuses(check, defined.size).then_some((file.path.as_str(), check, defined))
        })
        .collect();
    broken.sort_by_key(|(path, check, _)| (*path, &check.class));
    broken.into_iter().next()
}

fn is_of(defined: &DefinedType, check: &TypeCheck) -> bool {
    let class = defined.name.strip_prefix(check.module.as_str()).and_then(|rest| rest.strip_prefix('.'));
    class == Some(check.class.as_str())
}

fn finding(report: &DistributionReport, path: &str, check: &TypeCheck, defined: &DefinedType) -> Option<Finding> {
    let binary = report.binaries.iter().find(|binary| binary.path == path)?;
    let message = format!(
        "{} was compiled with another release of {}, whose `{}` has {} bytes now: `{path}` fails at import with `{}`; \
         NumPy is not the cause",
        words::named(report),
        defined.distribution,
        defined.name,
        defined.size,
        size_changed(check, defined.size).exception
    );
    let mut finding = words::about(&META, Severity::Error, report, binary, message);
    let seen = format!("{} bytes in `{}`", defined.size, defined.path);
    let asked: Vec<Evidence> = check.evidence.clone();
    finding.evidence = asked.into_iter().chain([words::observed(&defined.name, &seen)]).collect();
    finding.help = Some(format!(
        "install releases of `{}` and {} that were made for each other",
        report.name, defined.distribution
    ));
    Some(finding)
}
