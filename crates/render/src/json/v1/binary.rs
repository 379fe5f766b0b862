//! Distributions and compiled files in the JSON report.

use contract::report::{BinaryReport, DistributionReport};
use contract::{Evidence as InnerEvidence, OnFailure, Reach, Requirement, TypeCheck, VersionCheck};
use serde::Serialize;

use super::{Evidence, abi, api};

/// One distribution.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Distribution {
    /// Its name, as its metadata spells it; `(no distribution)` for files that nobody owns.
    pub name: String,
    /// Its version; empty where the metadata is unreadable.
    pub version: String,
    /// The tool that installed it, where it says.
    pub installer: Option<String>,
    /// `compatible`, `incompatible`, `at-risk`, `undetermined` or `not-applicable`.
    pub verdict: String,
    /// When an incompatible one fails: `import` or `use`.
    pub fails: Option<String>,
    /// The NumPy releases that it works with, by its bytes and by its metadata.
    pub numpy: Ranges,
    /// How it would be built, where there is no wheel of it; null where there are compiled files.
    pub build: Option<Build>,
    /// Its compiled files, by path.
    pub binaries: Vec<Binary>,
}

/// How a distribution would be built.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Build {
    /// What would be built: a file name, or a folder.
    pub source: String,
    /// What its build requirements say of NumPy.
    pub requires: Vec<String>,
    /// The NumPy whose headers an isolated build would compile against today; null where that is not known.
    pub numpy: Option<String>,
    /// The NumPy releases that code compiled so works with, as PEP 440 specifiers.
    pub gives: Option<String>,
}

/// Two sets of NumPy releases as PEP 440 specifiers; an empty text is any release.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Ranges {
    /// What the compiled files allow; null where they do not use NumPy's C API, or it could not be told.
    pub binary: Option<String>,
    /// What the metadata asks for; null where it does not name NumPy.
    pub declared: Option<String>,
}

/// One compiled file, or one slice of it.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Binary {
    /// Its path relative to the folder its distribution is installed in, with `/`.
    pub path: String,
    /// The importable name, where it is an extension module.
    pub module: Option<String>,
    /// `elf`, `mach-o` or `pe`; null where the file could not be read at all.
    pub format: Option<String>,
    /// The machine: `x86_64`, `aarch64`.
    pub architecture: Option<String>,
    /// `compatible`, `incompatible`, `at-risk`, `undetermined` or `not-applicable`.
    pub verdict: String,
    /// When an incompatible one fails: `import` or `use`.
    pub fails: Option<String>,
    /// The message that it would die with, predicted.
    pub error: Option<String>,
    /// What it would print on standard error before that, the deciding line.
    pub printed: Option<String>,
    /// The other file that the failure comes from, where it is not its own.
    pub through: Option<String>,
    /// Whether an import of the distribution loads it: `always`, `submodule`, `conditional`, `tests` or `unknown`; null
    /// where it made no difference.
    pub loaded: Option<String>,
    /// The module whose import loads it.
    pub loaded_by: Option<String>,
    /// What it demands of NumPy; null where the file could not be read at all.
    pub requires: Option<Requires>,
    /// The NumPy releases that it works with, as PEP 440 specifiers; empty for any. Null where it does not use NumPy's
    /// C API, or it could not be told.
    pub numpy: Option<String>,
    /// Where its demands were read.
    pub evidence: Vec<Evidence>,
    /// What could not be told, and why.
    pub undetermined: Vec<Reason>,
}

/// What a file demands of NumPy.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Requires {
    /// The kinds of code that use NumPy's C API in it: `import-array`, `cython`, `pybind11`.
    pub consumers: Vec<String>,
    /// The ABI that it was compiled for, the lowest where there are several: `0x01000009`.
    pub abi: Option<String>,
    /// The API version (feature level) that it asks for, the highest where there are several: `0x10`.
    pub api: Option<String>,
    /// The generation of NumPy's headers: `1.x` (runs on 1.x alone) or `2.x` (runs on both).
    pub headers: Option<String>,
    /// The sizes of NumPy's types that it checks.
    pub types: Vec<TypeSize>,
    /// Every copy of NumPy's version check in it.
    pub checks: Vec<Check>,
}

/// A check of a type's size.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct TypeSize {
    /// The type: `numpy.dtype`.
    pub name: String,
    /// Its size in the headers, in bytes.
    pub size: u64,
    /// What happens when the running type is larger: `error`, `warn`, `ignore` or `unknown`.
    pub check: String,
}

/// One copy of NumPy's version check.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Check {
    /// The ABI compiled in: `0x01000009`.
    pub abi: String,
    /// The API version compiled in: `0x10`.
    pub api: Option<String>,
    /// Whether importing the module runs it: `import`, `later` or `unknown`.
    pub reach: String,
    /// What its failure does: `raises`, `swallows` or `unknown`.
    pub on_failure: String,
}

/// Something that could not be told.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Reason {
    /// A short word for it: `truncated`.
    pub reason: String,
    /// The same in a sentence.
    pub detail: String,
}

impl From<&DistributionReport> for Distribution {
    fn from(distribution: &DistributionReport) -> Self {
        Self {
            name: distribution.name.clone(),
            version: distribution.version.clone(),
            installer: distribution.installer.clone(),
            verdict: distribution.verdict.as_str().to_owned(),
            fails: distribution.fails.map(|fails| fails.as_str().to_owned()),
            numpy: Ranges {
                binary: distribution.numpy_binary.as_ref().map(|set| set.to_specifiers()),
                declared: distribution.numpy_declared.clone(),
            },
            build: distribution.build.as_ref().map(Build::from),
            binaries: distribution.binaries.iter().map(Binary::from).collect(),
        }
    }
}

impl From<&contract::Build> for Build {
    fn from(build: &contract::Build) -> Self {
        let works_with = |headers: &contract::Headers| headers.works_with(knowledge::releases());
        Self {
            source: build.source.clone(),
            requires: build.requires.clone(),
            numpy: build.headers.as_ref().map(|headers| headers.version.to_string()),
            gives: build.headers.as_ref().and_then(works_with).map(|set| set.to_specifiers()),
        }
    }
}

impl From<&BinaryReport> for Binary {
    fn from(binary: &BinaryReport) -> Self {
        let assessment = &binary.assessment;
        let error = assessment.error.as_ref();
        let requirement = binary.facts.as_ref().map(|facts| &facts.requirement);
        Self {
            path: binary.path.clone(),
            module: binary.module.clone(),
            format: binary.facts.as_ref().map(|facts| facts.format.as_str().to_owned()),
            architecture: binary.facts.as_ref().map(|facts| facts.architecture.as_str().to_owned()),
            verdict: assessment.verdict.as_str().to_owned(),
            fails: assessment.fails.map(|fails| fails.as_str().to_owned()),
            error: error.map(|error| error.exception.clone()),
            printed: error.and_then(|error| error.printed.clone()),
            through: binary.through.clone(),
            loaded: binary.loaded.map(|loaded| loaded.as_str().to_owned()),
            loaded_by: binary.loaded_by.clone(),
            requires: requirement.map(Requires::from),
            numpy: binary.numpy.as_ref().map(|set| set.to_specifiers()),
            evidence: requirement.into_iter().flat_map(evidence).map(Evidence::from).collect(),
            undetermined: assessment.undetermined.iter().map(Reason::from).collect(),
        }
    }
}

/// Everything that was seen of a file's demands, in the order in which they are listed.
fn evidence(requirement: &Requirement) -> impl Iterator<Item = &InnerEvidence> {
    let consumers = requirement.consumers.iter().flat_map(|consumer| &consumer.evidence);
    let checks = requirement.checks.iter().flat_map(|check| &check.evidence);
    consumers.chain(checks).chain(requirement.numpy_types().flat_map(|check| &check.evidence))
}

impl From<&Requirement> for Requires {
    fn from(requirement: &Requirement) -> Self {
        let generations = requirement.checks.iter().map(VersionCheck::generation);
        let told = requirement.consumers.iter().filter_map(|consumer| consumer.generation);
        Self {
            consumers: requirement.consumers.iter().map(|consumer| consumer.kind.as_str().to_owned()).collect(),
            abi: requirement.checks.iter().map(|check| check.abi).min().map(abi),
            api: requirement.checks.iter().filter_map(|check| check.feature).max().map(api),
            headers: generations.chain(told).min().map(|generation| generation.as_str().to_owned()),
            types: requirement.numpy_types().map(TypeSize::from).collect(),
            checks: requirement.checks.iter().map(Check::from).collect(),
        }
    }
}

impl From<&TypeCheck> for TypeSize {
    fn from(check: &TypeCheck) -> Self {
        let name = format!("{}.{}", check.module, check.class);
        Self { name, size: check.size, check: check.mode.as_str().to_owned() }
    }
}

impl From<&VersionCheck> for Check {
    fn from(check: &VersionCheck) -> Self {
        Self {
            abi: abi(check.abi),
            api: check.feature.map(api),
            reach: reach(check.reach).to_owned(),
            on_failure: on_failure(check.on_failure).to_owned(),
        }
    }
}

impl From<&contract::Undetermined> for Reason {
    fn from(reason: &contract::Undetermined) -> Self {
        Self { reason: reason.reason.clone(), detail: reason.detail.clone() }
    }
}

fn reach(reach: Reach) -> &'static str {
    match reach {
        Reach::Import => "import",
        Reach::Later => "later",
        Reach::Unknown => "unknown",
    }
}

fn on_failure(on_failure: OnFailure) -> &'static str {
    match on_failure {
        OnFailure::Raises => "raises",
        OnFailure::Swallows => "swallows",
        OnFailure::Unknown => "unknown",
    }
}
