//! Extension modules that the Python at hand cannot load, whatever the NumPy: another version's, another machine's, made
//! for another C library, or without a library that their wheel brought along.

use std::collections::BTreeSet;

use crate::judge::{DistributionInput, ExtensionName, FileInput, extension_name, for_platform, for_python};
use crate::report::{DistributionReport, Python, TargetKind};
use crate::rules::{Case, Rule, words};
use crate::{BinaryFacts, Finding, Severity};

pub(super) const META: Rule = Rule {
    id: "foreign-binary",
    severity: Severity::Error,
    summary: "a distribution's compiled files are for another Python or machine, or lack a library",
};

pub(super) fn check(case: &Case<'_>) -> Vec<Finding> {
    let Some(python) = case.report.python.as_ref() else { return Vec::new() };
    // The tag of a wheel may leave the C library open, and its bundled libraries lie in it; an environment has both.
    let installed = case.report.kind == TargetKind::Environment;
    let libraries = if installed { libraries(case) } else { BTreeSet::new() };
    let missing = |(report, input)| installed.then(|| missing_library(report, input, python, &libraries))?;
    let foreign = case.distributions().filter_map(|(report, input)| foreign(report, input, python, installed));
    foreign.chain(case.distributions().filter_map(missing)).collect()
}

fn foreign(
    report: &DistributionReport,
    input: &DistributionInput<'_>,
    python: &Python,
    installed: bool,
) -> Option<Finding> {
    let modules: Vec<(&FileInput, ExtensionName)> = input.files.iter().filter_map(module).collect();
    let fits = |file: &FileInput, name: &ExtensionName| {
        for_python(name, Some(python)) && slices(file, python).any(|facts| !installed || for_c_library(facts, python))
    };
    let (own, foreign): (Vec<_>, Vec<_>) = modules.into_iter().partition(|(file, name)| fits(file, name));
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

/// The slices of a file that are for the Python's machine.
fn slices<'f>(file: &'f FileInput, python: &'f Python) -> impl Iterator<Item = &'f BinaryFacts> {
    file.facts.iter().filter(|facts| for_platform(facts, Some(python)))
}

/// The C library that an ELF file was linked with, as far as the libraries that it needs tell.
fn c_library(facts: &BinaryFacts) -> Option<&'static str> {
    facts.needed.iter().find_map(|name| match name.as_str() {
        "libc.so.6" => Some("glibc"),
        "libc.so" => Some("musl"),
        name => name.starts_with("libc.musl-").then_some("musl"),
    })
}

fn for_c_library(facts: &BinaryFacts, python: &Python) -> bool {
    let running = if python.platform.starts_with("musllinux-") { "musl" } else { "glibc" };
    c_library(facts).is_none_or(|library| library == running)
}

fn why(file: &FileInput, name: &ExtensionName, python: &Python) -> String {
    match name.python {
        Some((0, 0)) => "for another implementation of Python".to_owned(),
        Some((major, minor)) if !for_python(name, Some(python)) => format!("for Python {major}.{minor}"),
        _ if slices(file, python).next().is_some() => {
            let library = slices(file, python).find_map(c_library).unwrap_or("not this one");
            format!("for another C library ({library})")
        }
        _ => {
            let slices = file.facts.iter().map(|f| format!("{} {}", f.format.as_str(), f.architecture.as_str()));
            format!("for another machine ({})", slices.collect::<Vec<_>>().join(", "))
        }
    }
}

/// File names of everything compiled that is installed.
fn libraries<'a>(case: &Case<'a>) -> BTreeSet<&'a str> {
    let files = case.input.distributions.iter().flat_map(|distribution| &distribution.files);
    files.filter_map(|file| file.path.rsplit('/').next()).collect()
}

/// A module that needs a library which its wheel brought along, and which is not there any more.
fn missing_library(
    report: &DistributionReport,
    input: &DistributionInput<'_>,
    python: &Python,
    libraries: &BTreeSet<&str>,
) -> Option<Finding> {
    let modules = input.files.iter().filter_map(module).filter(|(_, name)| for_python(name, Some(python)));
    let lacking = |file: &FileInput| {
        let needed = slices(file, python).flat_map(|facts| &facts.needed);
        needed.filter(|name| is_bundled(name)).find(|name| !libraries.contains(name.as_str())).cloned()
    };
    let (file, library) =
        modules.map(|(file, _)| (file, lacking(file))).find_map(|(file, name)| Some((file, name?)))?;
    let message = format!(
        "{} cannot be imported: `{}` needs the library `{library}`, which its wheel brought along and which is not there; \
         NumPy is not the cause",
        words::named(report),
        file.path
    );
    let binary = report.binaries.iter().find(|binary| binary.path == file.path)?;
    let mut finding = words::about(&META, Severity::Error, report, binary, message);
    finding.evidence = vec![words::observed("file", &file.path), words::observed("needs", &library)];
    finding.help = Some(format!("install `{}` again, with all of its files", report.name));
    Some(finding)
}

/// Whether a library's name holds a piece of its hash, as tools write it that put libraries into wheels: auditwheel
/// (`libgfortran-040039e1.so.5.0.0`) and delvewheel (`msvcp140-263139962577ecda4cd9469ca360a746.dll`).
fn is_bundled(name: &str) -> bool {
    let hashed = |part: &str| [8, 32].contains(&part.len()) && part.bytes().all(|b| b.is_ascii_hexdigit());
    let stem = name.split_once(".so").map(|(stem, _)| stem).or_else(|| name.strip_suffix(".dll"));
    stem.and_then(|stem| stem.rsplit_once('-')).is_some_and(|(_, part)| hashed(part))
}
