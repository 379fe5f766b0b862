//! The judgement of a distribution's files one by one, before anything travels between them.

use crate::judge::module_name::{ExtensionName, extension_name, python_line};
use crate::judge::{DistributionInput, FileInput};
use crate::report::{BinaryReport, Python};
use crate::{
    Architecture, Assessment, BinaryFacts, Fails, Format, Provision, Release, Requirement, Undetermined, Verdict,
    allowed, compare,
};

/// What the files of a target are judged against.
pub(super) struct Against<'a> {
    /// The NumPy; `None` where there is none.
    pub(super) provision: Option<&'a Provision>,
    /// The Python, where it is known.
    pub(super) python: Option<&'a Python>,
    /// Every known release, in ascending order.
    pub(super) releases: &'a [Release],
}

/// One file and the judgement of its slices.
pub(super) struct JudgedFile {
    /// Its importable name, where it is an extension module that the Python at hand would find.
    pub(super) name: Option<ExtensionName>,
    /// A report a slice.
    pub(super) slices: Vec<BinaryReport>,
    /// Whether the Python at hand would load each slice; true for all where the Python is not known.
    pub(super) relevant: Vec<bool>,
}

impl JudgedFile {
    /// The slices that the Python at hand would load.
    pub(super) fn loadable(&self) -> impl Iterator<Item = &BinaryReport> {
        self.slices.iter().zip(&self.relevant).filter_map(|(slice, relevant)| relevant.then_some(slice))
    }

    /// The slice that needs the most attention.
    pub(super) fn worst(&self) -> Option<&BinaryReport> {
        self.loadable().max_by_key(|slice| (slice.assessment.verdict, slice.assessment.fails))
    }

    /// The verdict of that slice; files for another Python or machine do not count.
    pub(super) fn verdict(&self) -> Verdict {
        self.worst().map_or(Verdict::NotApplicable, |slice| slice.assessment.verdict)
    }

    /// Whether it fits neither surely nor presumably.
    pub(super) fn misfits(&self) -> bool {
        self.verdict() >= Verdict::AtRisk
    }
}

/// Judges each file of a distribution by itself, in the order of their paths.
pub(super) fn judge_files(distribution: &DistributionInput, against: &Against) -> Vec<JudgedFile> {
    let numpy_itself = is_numpy(&distribution.name);
    let mut files: Vec<&FileInput> = distribution.files.iter().collect();
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files.into_iter().map(|file| judge_file(file, numpy_itself, against)).collect()
}

/// Whether a distribution is NumPy, which provides what the others demand.
pub fn is_numpy(name: &str) -> bool {
    name.eq_ignore_ascii_case("numpy")
}

fn judge_file(file: &FileInput, numpy_itself: bool, against: &Against) -> JudgedFile {
    let name = importable(file, against.python);
    let mut slices: Vec<BinaryReport> =
        file.facts.iter().map(|facts| judge_slice(file, facts, name.as_ref(), numpy_itself, against)).collect();
    let foreign_python = name.as_ref().is_some_and(|name| !for_python(name, against.python));
    let mut relevant: Vec<bool> =
        file.facts.iter().map(|facts| !foreign_python && for_platform(facts, against.python)).collect();
    if let Some(reason) = &file.unreadable {
        slices.iter_mut().for_each(|slice| doubt(slice, reason));
        // What the Python at hand would load may be what could not be read.
        if !relevant.contains(&true) {
            slices.push(unread(file, name.as_ref(), reason));
            relevant.push(!foreign_python);
        }
    }
    JudgedFile { name: name.filter(|_| !foreign_python), slices, relevant }
}

/// A slice of which a part could not be read may demand more than was seen: what was seen can break it, and nothing can
/// clear it.
fn doubt(slice: &mut BinaryReport, reason: &Undetermined) {
    slice.numpy = None;
    if slice.assessment.verdict <= Verdict::Undetermined {
        let mut undetermined = std::mem::take(&mut slice.assessment.undetermined);
        // It is the cause, and what the reader met is what came of it.
        undetermined.insert(0, reason.clone());
        slice.assessment = Assessment { undetermined, ..Assessment::plain(Verdict::Undetermined) };
    }
}

/// A file of which nothing is known.
fn unread(file: &FileInput, name: Option<&ExtensionName>, reason: &Undetermined) -> BinaryReport {
    let undetermined = vec![reason.clone()];
    BinaryReport {
        path: file.path.clone(),
        module: name.map(|name| name.module.clone()),
        loaded: None,
        loaded_by: None,
        facts: None,
        assessment: Assessment { undetermined, ..Assessment::plain(Verdict::Undetermined) },
        numpy: None,
        through: None,
    }
}

/// An extension module has an importable path and an initialiser; an unreadable file may have one.
fn importable(file: &FileInput, _python: Option<&Python>) -> Option<ExtensionName> {
    let initialised = file.facts.is_empty() || file.facts.iter().any(|facts| facts.module.is_some());
    extension_name(&file.path).filter(|_| initialised)
}

fn judge_slice(
    file: &FileInput,
    facts: &BinaryFacts,
    name: Option<&ExtensionName>,
    numpy_itself: bool,
    against: &Against,
) -> BinaryReport {
    let assessment = match against.provision {
        _ if numpy_itself => Assessment::plain(Verdict::NotApplicable),
        Some(provision) => library_fails_late(compare(&facts.requirement, provision), name),
        None => without_numpy(&facts.requirement),
    };
    BinaryReport {
        path: file.path.clone(),
        module: name.map(|name| name.module.clone()),
        loaded: None,
        loaded_by: None,
        numpy: if numpy_itself { None } else { allowed(&facts.requirement, against.releases) },
        facts: Some(facts.clone()),
        assessment,
        through: None,
    }
}

/// A library is not imported: what it checks is checked when a module that uses it calls it.
fn library_fails_late(mut assessment: Assessment, name: Option<&ExtensionName>) -> Assessment {
    if name.is_none() && assessment.fails == Some(Fails::Import) {
        assessment.fails = Some(Fails::Use);
    }
    assessment
}

/// Without a NumPy nothing can be said to fail; only whether it could be told what is demanded.
fn without_numpy(requirement: &Requirement) -> Assessment {
    if !requirement.undetermined.is_empty() {
        let undetermined = requirement.undetermined.clone();
        return Assessment { undetermined, ..Assessment::plain(Verdict::Undetermined) };
    }
    Assessment::plain(if requirement.uses_numpy() { Verdict::Compatible } else { Verdict::NotApplicable })
}

/// Whether the suffix of a module's file name allows this Python.
pub(crate) fn for_python(name: &ExtensionName, python: Option<&Python>) -> bool {
    let running = python.and_then(|python| python_line(&python.version));
    name.python.is_none() || running.is_none() || name.python == running
}

/// Whether a binary's container and machine are those of the Python's platform.
pub(crate) fn for_platform(facts: &BinaryFacts, python: Option<&Python>) -> bool {
    let Some((system, machine)) = python.and_then(|python| python.platform.split_once('-')) else { return true };
    let container = match system {
        "linux" | "musllinux" | "manylinux" => facts.format == Format::Elf,
        "macos" => facts.format == Format::MachO,
        "windows" => facts.format == Format::Pe,
        _ => true,
    };
    container && (facts.architecture == Architecture::Other || machine_name(machine) == facts.architecture.as_str())
}

fn machine_name(machine: &str) -> &str {
    match machine {
        "arm64" => "aarch64",
        "amd64" | "AMD64" => "x86_64",
        "x86" | "win32" => "i686",
        other => other,
    }
}
