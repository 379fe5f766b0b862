//! Version 1 of the JSON report, `numpact.report/1`. Others build on it: it changes only by addition.
//! `docs/schema/report-1.json` is its JSON Schema.

use contract::report::{JudgedNumpy, Report, Summary as Counts, TargetReport};
use contract::{Certainty, Finding as InnerFinding};
use serde::Serialize;

use crate::probe::Experiment;
use crate::{Page, Tool as InnerTool};

mod binary;
pub use binary::{Binary, Build, Check, Distribution, Ranges, Reason, Requires, TypeSize};

/// A whole report.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Document {
    /// Always `numpact.report/1`.
    pub schema: String,
    /// The program that wrote it.
    pub tool: Tool,
    /// One entry a target, in the order asked for.
    pub targets: Vec<Target>,
    /// Counts over all targets.
    pub summary: Summary,
}

/// The program that wrote a report.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Tool {
    /// Its version.
    pub version: String,
    /// The date of its tables of NumPy releases: `2026-11-21`.
    pub knowledge: String,
}

/// One checked target.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Target {
    /// What was checked, and where.
    pub target: Place,
    /// The Python it is for, where that is known.
    pub python: Option<Python>,
    /// The NumPy it was judged against, where there is one.
    pub numpy: Option<Numpy>,
    /// Its distributions with compiled files, by name.
    pub distributions: Vec<Distribution>,
    /// What the rules found, most severe first.
    pub findings: Vec<Finding>,
    /// Findings that the configuration takes out of the report.
    pub ignored: Vec<Ignored>,
    /// Things that went wrong while looking, a sentence each.
    pub problems: Vec<String>,
    /// What was left out on purpose, a sentence each.
    pub left_out: Vec<String>,
    /// Imports that were tried to confirm the report (`--confirm`).
    pub experiments: Vec<Experiment>,
    /// What was fetched for it; null where nothing lies behind an address.
    pub fetched: Option<Fetched>,
}

/// How much of remote files was read.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Fetched {
    /// Bytes that came over the network.
    pub bytes: u64,
    /// The sizes of the files together in bytes, as far as they are known.
    pub of: u64,
}

/// What was checked, and where.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Place {
    /// `environment`, `wheel`, `requirements`, `lockfile`, `binary` or `source-tree`.
    pub kind: String,
    /// Where it is, as the user would name it.
    pub path: String,
}

/// The interpreter of a target.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Python {
    /// Its version, as far as it is known: `3.11` or `3.11.7`.
    pub version: String,
    /// Its platform: `linux-x86_64`, `macos-arm64`, `windows-x86_64`.
    pub platform: String,
}

/// The NumPy that a target was judged against.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Numpy {
    /// Its version, where it is known.
    pub version: Option<String>,
    /// What its C API reports as ABI: `0x02000000`.
    pub abi: String,
    /// What its C API reports as API version (feature level): `0x12`.
    pub api: String,
    /// Its folder, where it was found on disk.
    pub path: Option<String>,
    /// Where `abi` and `api` come from: `binary` (its own bytes), `table` (by the version found) or `requested`.
    pub source: String,
}

/// A problem that a rule found.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Finding {
    /// The rule's id: `numpy-major-mismatch`.
    pub rule: String,
    /// `error`, `warning` or `note`.
    pub severity: String,
    /// The distribution concerned; null for the target as a whole.
    pub distribution: Option<String>,
    /// The file concerned.
    pub binary: Option<String>,
    /// What is wrong.
    pub message: String,
    /// What to do next, where something is known to help.
    pub help: Option<String>,
    /// Where it was seen.
    pub evidence: Vec<Evidence>,
}

/// A finding that the configuration takes out of the report.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Ignored {
    /// What was found.
    pub finding: Finding,
    /// The reason that the configuration gives.
    pub reason: String,
}

/// One observation in one file.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Evidence {
    /// What it shows, in words.
    pub fact: String,
    /// The section that holds it, where the file names its sections.
    pub section: Option<String>,
    /// Its virtual address as `objdump` prints it, with `0x`.
    pub address: Option<String>,
    /// The string, bytes or instruction found there.
    pub text: String,
    /// `read` (from a table or string), `decoded` (from code) or `inferred`.
    pub certainty: String,
}

/// Counts over a report.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Summary {
    /// Distributions with compiled files.
    pub distributions: usize,
    /// Distributions of which no file was read: their wheel could not be, or they are still to be built. Something stands
    /// among their `binaries` all the same, to say why.
    pub unread: usize,
    /// Compiled files that were read.
    pub binaries: usize,
    /// Files that work.
    pub compatible: usize,
    /// Files that use NumPy's C API where there was no NumPy to judge against.
    pub unjudged: usize,
    /// Files that may go wrong.
    pub at_risk: usize,
    /// Files that fail.
    pub incompatible: usize,
    /// Files, and distributions of which none was read, of which it could not be told.
    pub undetermined: usize,
    /// Files that do not use NumPy's C API.
    pub not_applicable: usize,
}

impl Document {
    /// The report of a page, with the findings that are ignored in it and the imports that were tried.
    pub fn new(page: &Page<'_>) -> Self {
        let mut document = Self { tool: page.tool.into(), ..Self::from(page.report) };
        for ignored in page.ignored {
            if let Some(target) = document.targets.get_mut(ignored.target) {
                let finding = (&ignored.finding).into();
                target.ignored.push(Ignored { finding, reason: ignored.reason.clone() });
            }
        }
        for (target, trials) in document.targets.iter_mut().zip(page.trials) {
            target.experiments = trials.iter().map(Experiment::from).collect();
        }
        document
    }
}

impl From<&Report> for Document {
    fn from(report: &Report) -> Self {
        Self {
            schema: "numpact.report/1".to_owned(),
            tool: Tool {
                version: env!("CARGO_PKG_VERSION").to_owned(),
                knowledge: knowledge::KNOWLEDGE_DATE.to_owned(),
            },
            targets: report.targets.iter().map(Target::from).collect(),
            summary: report.summary().into(),
        }
    }
}

impl From<InnerTool> for Tool {
    fn from(tool: InnerTool) -> Self {
        Self { version: tool.version.to_owned(), knowledge: tool.knowledge.to_owned() }
    }
}

impl From<&TargetReport> for Target {
    fn from(target: &TargetReport) -> Self {
        let python = |python: &contract::report::Python| Python {
            version: python.version.clone(),
            platform: python.platform.clone(),
        };
        Self {
            target: Place { kind: target.kind.as_str().to_owned(), path: target.path.clone() },
            python: target.python.as_ref().map(python),
            numpy: target.numpy.as_ref().map(Numpy::from),
            distributions: target.distributions.iter().map(Distribution::from).collect(),
            findings: target.findings.iter().map(Finding::from).collect(),
            ignored: Vec::new(),
            problems: target.problems.clone(),
            left_out: target.left_out.clone(),
            experiments: Vec::new(),
            fetched: target.fetched.map(|fetched| Fetched { bytes: fetched.bytes, of: fetched.of }),
        }
    }
}

impl From<&JudgedNumpy> for Numpy {
    fn from(numpy: &JudgedNumpy) -> Self {
        Self {
            version: numpy.provision.version.as_ref().map(ToString::to_string),
            abi: abi(numpy.provision.abi),
            api: api(numpy.provision.feature),
            path: numpy.path.clone(),
            source: numpy.source.as_str().to_owned(),
        }
    }
}

impl From<&InnerFinding> for Finding {
    fn from(finding: &InnerFinding) -> Self {
        Self {
            rule: finding.rule.clone(),
            severity: finding.severity.as_str().to_owned(),
            distribution: finding.distribution.clone(),
            binary: finding.binary.clone(),
            message: finding.message.clone(),
            help: finding.help.clone(),
            evidence: finding.evidence.iter().map(Evidence::from).collect(),
        }
    }
}

impl From<&contract::Evidence> for Evidence {
    fn from(evidence: &contract::Evidence) -> Self {
        Self {
            fact: evidence.fact.clone(),
            section: evidence.section.clone(),
            address: evidence.address.map(|address| format!("{address:#x}")),
            text: evidence.text.clone(),
            certainty: certainty(evidence.certainty).to_owned(),
        }
    }
}

impl From<Counts> for Summary {
    fn from(counts: Counts) -> Self {
        Self {
            distributions: counts.distributions,
            unread: counts.unread,
            binaries: counts.binaries,
            compatible: counts.compatible,
            unjudged: counts.unjudged,
            at_risk: counts.at_risk,
            incompatible: counts.incompatible,
            undetermined: counts.undetermined,
            not_applicable: counts.not_applicable,
        }
    }
}

/// The word for how sure a fact is.
pub(crate) fn certainty(certainty: Certainty) -> &'static str {
    match certainty {
        Certainty::Read => "read",
        Certainty::Decoded => "decoded",
        Certainty::Inferred => "inferred",
    }
}

fn abi(abi: u32) -> String {
    format!("{abi:#010x}")
}

fn api(api: u32) -> String {
    format!("{api:#x}")
}
