//! One file's facts for programs: `numpact.inspect/1`. Others build on it, so it changes only by addition.

use std::collections::BTreeMap;

use contract::{Architecture, BinaryFacts, Consumer, Provision, UfuncImport, Undetermined};
use serde::Serialize;

use super::Inspection;
use crate::json::v1::{Evidence, Reason, Requires};

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    path: &'a str,
    size: u64,
    slices: Vec<Slice<'a>>,
    provides: Vec<Provides<'a>>,
}

#[derive(Serialize)]
struct Slice<'a> {
    format: &'static str,
    architecture: &'static str,
    module: Option<&'a str>,
    needed: &'a [String],
    requires: Requires,
    /// Releases as PEP 440 specifiers; empty for any.
    numpy: Option<String>,
    consumers: Vec<Used<'a>>,
    checks: Vec<Seen>,
    ufunc_imports: Vec<UfuncTable<'a>>,
    types: Vec<Seen>,
    slots: &'a [u16],
    cimports: &'a [String],
    undetermined: Vec<Reason>,
}

#[derive(Serialize)]
struct Used<'a> {
    kind: &'static str,
    generation: Option<&'static str>,
    version: Option<&'a str>,
    reads_old_layout: Option<bool>,
    evidence: Vec<Evidence>,
}

/// The evidence of the check or the type at the same place in `requires`; types of other modules follow NumPy's.
#[derive(Serialize)]
struct Seen {
    name: String,
    evidence: Vec<Evidence>,
}

/// An import of the ufunc table.
#[derive(Serialize)]
struct UfuncTable<'a> {
    imports: &'a str,
    reach: contract::Reach,
    on_failure: contract::OnFailure,
    evidence: Vec<Evidence>,
}

#[derive(Serialize)]
struct Provides<'a> {
    architecture: &'static str,
    abi: Option<String>,
    api: Option<String>,
    types: BTreeMap<&'a str, u64>,
    null_slots: &'a [u16],
    undetermined: Option<Reason>,
}

/// The facts as one JSON object that ends with a line break.
///
/// # Errors
/// None that its values can cause; the serialiser's signature has one.
pub fn to_json(inspection: &Inspection) -> Result<String, serde_json::Error> {
    let document = Document {
        schema: "numpact.inspect/1",
        path: &inspection.path,
        size: inspection.size,
        slices: inspection.facts.iter().map(slice).collect(),
        provides: inspection.provisions.iter().map(provides).collect(),
    };
    let mut text = serde_json::to_string_pretty(&document)?;
    text.push('\n');
    Ok(text)
}

fn slice(facts: &BinaryFacts) -> Slice<'_> {
    let requirement = &facts.requirement;
    let (own, others): (Vec<_>, Vec<_>) = requirement.types.iter().partition(|check| check.module == "numpy");
    let types = own.into_iter().chain(others);
    Slice {
        format: facts.format.as_str(),
        architecture: facts.architecture.as_str(),
        module: facts.module.as_deref(),
        needed: &facts.needed,
        requires: requirement.into(),
        numpy: contract::allowed(requirement, knowledge::releases()).map(|set| set.to_specifiers()),
        consumers: requirement.consumers.iter().map(used).collect(),
        checks: requirement.checks.iter().map(|check| seen(&check.imports, &check.evidence)).collect(),
        ufunc_imports: requirement.ufunc_imports.iter().map(ufunc_table).collect(),
        types: types.map(|check| seen(&format!("{}.{}", check.module, check.class), &check.evidence)).collect(),
        slots: &requirement.slots,
        cimports: &requirement.cimports,
        undetermined: requirement.undetermined.iter().map(Reason::from).collect(),
    }
}

fn seen(name: &str, evidence: &[contract::Evidence]) -> Seen {
    Seen { name: name.to_owned(), evidence: evidence.iter().map(Evidence::from).collect() }
}

fn ufunc_table(import: &UfuncImport) -> UfuncTable<'_> {
    UfuncTable {
        imports: &import.imports,
        reach: import.reach,
        on_failure: import.on_failure,
        evidence: import.evidence.iter().map(Evidence::from).collect(),
    }
}

fn used(consumer: &Consumer) -> Used<'_> {
    Used {
        kind: consumer.kind.as_str(),
        generation: consumer.generation.map(|generation| generation.as_str()),
        version: consumer.version.as_deref(),
        reads_old_layout: consumer.reads_old_layout,
        evidence: consumer.evidence.iter().map(Evidence::from).collect(),
    }
}

fn provides((architecture, provision): &(Architecture, Result<Provision, Undetermined>)) -> Provides<'_> {
    let known = provision.as_ref().ok();
    Provides {
        architecture: architecture.as_str(),
        abi: known.map(|provision| format!("{:#010x}", provision.abi)),
        api: known.map(|provision| format!("{:#x}", provision.feature)),
        types: known.iter().flat_map(|p| &p.types).map(|(name, size)| (name.as_str(), *size)).collect(),
        null_slots: known.map(|provision| provision.null_slots.as_slice()).unwrap_or_default(),
        undetermined: provision.as_ref().err().map(Reason::from),
    }
}
