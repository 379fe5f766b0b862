//! Extension modules that the Python at hand cannot load, whatever the NumPy: another version's, another machine's.

use std::collections::BTreeSet;

use crate::judge::{DistributionInput, ExtensionName, FileInput, extension_name, for_platform, for_python};
use crate::report::{DistributionReport, Python};
use crate::rules::{Case, Rule, words};
use crate::{Finding, Severity};

pub(super) const META: Rule = Rule {
    id: "foreign-binary",
    severity: Severity::Error,
    summary: "a distribution's compiled files are for another Python or another machine",
};

pub(super) fn check(case: &Case<'_>) -> Vec<Finding> {
    let Some(python) = case.report.python.as_ref() else { return Vec::new() };
    case.distributions().filter_map(|(report, input)| finding(report, input, python)).collect()
}

fn finding(report: &DistributionReport, input: &DistributionInput<'_>, python: &Python) -> Option<Finding> {
    let modules: Vec<(&FileInput, ExtensionName)> = input.files.iter().filter_map(module).collect();
    let (own, foreign): (Vec<_>, Vec<_>) = modules.into_iter().partition(|(file, name)| fits(file, name, python));
    let there: BTreeSet<&str> = own.iter().map(|(_, name)| name.module.as_str()).collect();
    // Wheels may bring a file for each of several Pythons; only a module that has none for this one is missing.
    let mut lost = foreign.iter().filter(|(_, name)| !there.contains(name.module.as_str()));
    let (file, name) = lost.next()?;
    // Where others of the distribution load, this one was meant for elsewhere.
    let severity = if own.is_empty() { Severity::Error } else { Severity::Note };
    let why = why(file, name, python);
    let message = format!(
        "{} cannot be imported by Python {} on {}: `{}` is {why}; NumPy is not the cause",
        if own.is_empty() { words::named(report) } else { format!("`{}` of {}", name.module, words::named(report)) },
        python.version,
        python.platform,
        file.path
    );
    let binary = report.binaries.iter().find(|binary| binary.path == file.path)?;
    let mut finding = words::about(&META, severity, report, binary, message);
    finding.evidence = vec![words::observed("file", &file.path), words::observed("it is", &why)];
    finding.help = Some(format!("install a build of `{}` for this Python and machine", report.name));
    Some(finding)
}

/// Extension modules by name and by initialiser; libraries and data files are none.
fn module(file: &FileInput) -> Option<(&FileInput, ExtensionName)> {
    let initialised = file.facts.iter().any(|facts| facts.module.is_some());
    Some((file, extension_name(&file.path).filter(|_| initialised)?))
}

fn fits(file: &FileInput, name: &ExtensionName, python: &Python) -> bool {
    for_python(name, Some(python)) && file.facts.iter().any(|facts| for_platform(facts, Some(python)))
}

fn why(file: &FileInput, name: &ExtensionName, python: &Python) -> String {
    match name.python {
        Some((0, 0)) => "for another implementation of Python".to_owned(),
        Some((major, minor)) if !for_python(name, Some(python)) => format!("for Python {major}.{minor}"),
        _ => {
            let slices = file.facts.iter().map(|f| format!("{} {}", f.format.as_str(), f.architecture.as_str()));
            format!("for another machine ({})", slices.collect::<Vec<_>>().join(", "))
        }
    }
}
