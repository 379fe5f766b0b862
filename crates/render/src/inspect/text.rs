//! One file's facts for people.

use contract::{Architecture, BinaryFacts, Evidence, Provision, Requirement, UfuncImport, Undetermined, VersionCheck};

use super::Inspection;
use crate::text::observation;
use crate::{Colour, words};

/// The facts in lines. Ends with a line break.
pub fn to_text(inspection: &Inspection, colour: Colour) -> String {
    let mut out = format!("{}, {} bytes\n", colour.bold(&inspection.path), inspection.size);
    inspection.facts.iter().for_each(|facts| out.push_str(&slice(facts, colour)));
    inspection.provisions.iter().for_each(|provision| out.push_str(&provides(provision)));
    out
}

fn slice(facts: &BinaryFacts, colour: Colour) -> String {
    let requirement = &facts.requirement;
    let mut lines = vec![match &facts.module {
        Some(module) => format!("extension module `{module}`"),
        // What is missing from the file may export one.
        None if !requirement.undetermined.is_empty() => "no `PyInit_` function was seen".to_owned(),
        None => "no extension module: it exports no `PyInit_` function".to_owned(),
    }];
    if !facts.needed.is_empty() {
        lines.push(format!("needs {}", facts.needed.join(", ")));
    }
    lines.extend(consumers(requirement));
    requirement.checks.iter().for_each(|check| lines.extend(version_check(check)));
    requirement.ufunc_imports.iter().for_each(|import| lines.extend(ufunc_import(import)));
    lines.extend(types(requirement));
    lines.extend(rest(requirement));
    lines.push(range(requirement));
    let head = format!("{} {}", facts.format.as_str(), facts.architecture.as_str());
    format!("\n{}\n  {}\n", colour.bold(&head), lines.join("\n  "))
}

fn consumers(requirement: &Requirement) -> Vec<String> {
    let mut lines = Vec::new();
    for consumer in &requirement.consumers {
        let version = consumer.version.as_ref().map(|version| format!(" {version}")).unwrap_or_default();
        let generation = consumer.generation.map(|g| format!(", written for NumPy {}", g.as_str())).unwrap_or_default();
        lines.push(format!("uses NumPy by {}{version}{generation}", consumer.kind.as_str()));
        lines.extend(seen(&consumer.evidence));
    }
    lines
}

fn version_check(check: &VersionCheck) -> Vec<String> {
    let asked = check.feature.map(|feature| format!(", API level {}", words::level(feature))).unwrap_or_default();
    let inserted = if check.auto_inserted { ", inserted by Cython" } else { "" };
    let mut lines = vec![
        format!("checks NumPy: ABI {}{asked}{inserted}", words::abi(check.abi)),
        format!("  {}; {}", reach(check.reach), on_failure(check.on_failure)),
    ];
    lines.extend(seen(&check.evidence));
    lines
}

fn ufunc_import(import: &UfuncImport) -> Vec<String> {
    let mut lines = vec![
        format!("imports the ufunc table from `{}`", import.imports),
        format!("  {}; {}", reach(import.reach), on_failure(import.on_failure)),
    ];
    lines.extend(seen(&import.evidence));
    lines
}

fn reach(reach: contract::Reach) -> &'static str {
    match reach {
        contract::Reach::Import => "importing the module runs it",
        contract::Reach::Later => "importing the module does not run it: a later call does, or none",
        contract::Reach::Unknown => "whether importing the module runs it could not be told",
    }
}

fn on_failure(on_failure: contract::OnFailure) -> &'static str {
    match on_failure {
        contract::OnFailure::Raises => "its failure is raised",
        contract::OnFailure::Swallows => "its failure is printed or dropped",
        contract::OnFailure::Unknown => "what its failure does could not be told",
    }
}

fn types(requirement: &Requirement) -> Vec<String> {
    let mut lines = Vec::new();
    for check in &requirement.types {
        let larger = match check.mode {
            contract::CheckMode::Error => "a larger one is an error",
            contract::CheckMode::Warn => "a larger one is warned of",
            contract::CheckMode::Ignore => "a larger one is let pass",
            contract::CheckMode::Unknown => "what a larger one does could not be told",
        };
        lines.push(format!("expects `{}.{}` of {} bytes; {larger}", check.module, check.class, check.size));
        lines.extend(seen(&check.evidence));
    }
    lines
}

fn rest(requirement: &Requirement) -> Vec<String> {
    let mut lines = Vec::new();
    if !requirement.slots.is_empty() {
        let slots: Vec<String> = requirement.slots.iter().map(ToString::to_string).collect();
        lines.push(format!("calls at least these slots of `PyArray_API`: {}", slots.join(", ")));
    }
    if !requirement.cimports.is_empty() {
        lines.push(format!("cimports {}", requirement.cimports.join(", ")));
    }
    let untold = |reason: &Undetermined| format!("could not be told: {} ({})", reason.detail, reason.reason);
    lines.extend(requirement.undetermined.iter().map(untold));
    lines
}

fn range(requirement: &Requirement) -> String {
    if !requirement.uses_numpy() && requirement.undetermined.is_empty() {
        return "does not use NumPy's C API".to_owned();
    }
    match contract::allowed(requirement, knowledge::releases()) {
        Some(set) => format!("works with {}", words::range(&set)),
        None => "which NumPy releases it works with could not be told".to_owned(),
    }
}

fn seen(evidence: &[Evidence]) -> impl Iterator<Item = String> {
    evidence.iter().map(|evidence| format!("  {}", observation(evidence)))
}

fn provides((architecture, provision): &(Architecture, Result<Provision, Undetermined>)) -> String {
    let text = match provision {
        Ok(provision) => {
            let sizes: Vec<String> = provision.types.iter().map(|(name, size)| format!("{name} {size}")).collect();
            format!(
                "provides ABI {}, API level {}; {} empty slots\n  sizes in bytes: {}",
                words::abi(provision.abi),
                words::level(provision.feature),
                provision.null_slots.len(),
                sizes.join(", ")
            )
        }
        Err(reason) => format!("what it provides could not be told: {} ({})", reason.detail, reason.reason),
    };
    format!("\nNumPy itself, {}\n  {text}\n", architecture.as_str())
}
