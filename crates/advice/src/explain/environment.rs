//! What an environment's own judgement adds to a text: versions, the files that do not fit, and who else does not.

use std::collections::BTreeSet;

use contract::report::{BinaryReport, DistributionReport, TargetReport};
use contract::{Fails, Verdict, Version};

use super::Beside;
use super::clean::Flat;
use super::diagnosis::{Culprit, Facts, Subject, Sureness};
use super::families::{Family, SILENT};
use super::message::{self, Message};
use super::names::{distributions_of, normalized};

/// What came of looking at an environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Looked {
    /// There was none.
    Nowhere,
    /// It agrees with what the text says.
    Same,
    /// Somebody named it, and it is not as the text says.
    Differs(Difference),
    /// It happens to be active, and is not the one of the text.
    Other(Difference),
    /// Nothing in it is wrong with whom the text names.
    Fits(String),
    /// It has no compiled files of whom the text names.
    Lacks(String),
}

/// Where the text and an environment disagree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Difference {
    path: String,
    said: String,
    there: String,
}

impl Looked {
    /// Whether the environment says something about the text.
    pub(super) fn counts(&self) -> bool {
        !matches!(self, Self::Nowhere | Self::Other(_))
    }

    /// What remains unknown by it.
    pub(super) fn unknown(&self) -> Option<&'static str> {
        match self {
            Self::Nowhere => Some(message::UNKNOWN_ENVIRONMENT),
            Self::Same => None,
            Self::Differs(_) => Some(message::UNKNOWN_ENVIRONMENT_DIFFERS),
            Self::Other(_) => Some(message::UNKNOWN_OTHER_ENVIRONMENT),
            Self::Fits(_) => Some(message::UNKNOWN_ENVIRONMENT_FITS),
            Self::Lacks(_) => Some(message::UNKNOWN_ENVIRONMENT_LACKS),
        }
    }

    /// Fills the gaps of what [`Looked::unknown`] says.
    pub(super) fn fill(&self, message: Message) -> Message {
        match self {
            Self::Nowhere | Self::Same => message,
            Self::Fits(path) | Self::Lacks(path) => message.with("path", path),
            Self::Differs(Difference { path, said, there }) | Self::Other(Difference { path, said, there }) => {
                message.with("path", path).with("said", said).with("there", there)
            }
        }
    }
}

/// Holds an environment against what the text says of its own.
pub(super) fn look(facts: &Facts, beside: Option<&Beside<'_>>) -> Looked {
    let Some(beside) = beside else { return Looked::Nowhere };
    match difference(facts, beside.report) {
        None => Looked::Same,
        Some(difference) if beside.named => Looked::Differs(difference),
        Some(difference) => Looked::Other(difference),
    }
}

/// The first thing in which they disagree: the system, the Python, the NumPy.
fn difference(facts: &Facts, report: &TargetReport) -> Option<Difference> {
    let numpy = report.numpy.as_ref().and_then(|numpy| numpy.provision.version.as_ref()).map(ToString::to_string);
    let python = report.python.as_ref();
    let system = python.and_then(|python| python.platform.split('-').next());
    let minor = |version: &str| version.split('.').take(2).collect::<Vec<_>>().join(".");
    let pairs = [
        ("", facts.system.clone(), system.map(str::to_owned)),
        ("Python ", facts.python.as_deref().map(minor), python.map(|python| minor(&python.version))),
        ("NumPy ", facts.numpy.clone(), numpy),
    ];
    let (what, said, there) = pairs.into_iter().find_map(|(what, said, there)| {
        let (said, there) = said.zip(there)?;
        (said != there).then_some((what, said, there))
    })?;
    Some(Difference { path: report.path.clone(), said: format!("{what}{said}"), there: format!("{what}{there}") })
}

/// Takes over what the environment knows and the text does not, and how distributions are installed there.
pub(super) fn add_facts(facts: &mut Facts, beside: Option<&Beside<'_>>) {
    let Some(beside) = beside else { return };
    let judged = beside.report.numpy.as_ref().and_then(|numpy| numpy.provision.version.as_ref());
    facts.numpy = facts.numpy.take().or(judged.map(ToString::to_string));
    if let Some(python) = &beside.report.python {
        facts.python = facts.python.take().or(Some(python.version.clone()));
        let (system, machine) = python.platform.split_once('-').unwrap_or((python.platform.as_str(), ""));
        facts.system = facts.system.take().or(Some(system.to_owned()));
        facts.machine = facts.machine.take().or((!machine.is_empty()).then(|| machine.to_owned()));
    }
    if let Some(tool) = &beside.tool {
        facts.installer = Some(tool.installer);
        facts.place.clone_from(&tool.place);
        facts.outside.clone_from(&tool.outside);
    }
}

/// The names of the facts that the text does not give.
pub(super) fn beyond(of_text: &Facts, facts: &Facts) -> Vec<&'static str> {
    let pairs = [
        ("numpy", of_text.numpy == facts.numpy, facts.numpy.is_some()),
        ("numpy_needed", of_text.numpy_needed == facts.numpy_needed, facts.numpy_needed.is_some()),
        ("python", of_text.python == facts.python, facts.python.is_some()),
        ("system", of_text.system == facts.system, facts.system.is_some()),
        ("machine", of_text.machine == facts.machine, facts.machine.is_some()),
        ("installer", of_text.installer == facts.installer, facts.installer.is_some()),
    ];
    pairs.into_iter().filter(|(_, same, known)| *known && !same).map(|(name, ..)| name).collect()
}

/// Names the files; where the text names nobody, every distribution that does not fit stands in. Says so where the one
/// that the text names is not at fault there, or is not there at all.
pub(super) fn add_verdicts(
    culprits: &mut Vec<Culprit>,
    environment: Option<&TargetReport>,
    family: &Family,
    flat: &Flat,
) -> Option<Looked> {
    let environment = environment?;
    let of_numpy = family.subject == Subject::NumpyAbi;
    let named = !culprits.is_empty();
    let (mut fits, mut found) = (false, false);
    name_owners(culprits, environment);
    for culprit in culprits.iter_mut() {
        if let Some(there) = environment.distributions.iter().find(|d| is(d, &culprit.distribution)) {
            confirm(culprit, there, family.subject, &flat.text);
            // What a module looks at by itself is in no verdict.
            fits |= there.verdict == Verdict::Compatible && of_numpy && family.id != SILENT;
        }
        found |= environment.distributions.iter().any(|d| is(d, &culprit.distribution) || provides(d, &culprit.module));
    }
    if culprits.is_empty() && family.subject == Subject::NumpyAbi {
        culprits.extend(stand_ins(environment, flat));
    }
    culprits.sort_by_key(|culprit| std::cmp::Reverse(culprit.sureness));
    if named && of_numpy && !found {
        return Some(Looked::Lacks(environment.path.clone()));
    }
    fits.then(|| Looked::Fits(environment.path.clone()))
}

/// Calls each culprit by the distribution that holds its module there: several may install a module of one name, and the
/// command for another than the one that is there would lay its files over these.
fn name_owners(culprits: &mut Vec<Culprit>, environment: &TargetReport) {
    for culprit in culprits.iter_mut() {
        if let Some(owner) = owner(culprit, environment) {
            culprit.distribution.clone_from(&owner.name);
        }
    }
    let mut seen = BTreeSet::new();
    culprits.retain(|culprit| seen.insert(normalized(&culprit.distribution)));
}

/// The distribution that holds a culprit's module, where the one that the name suggests is not there, or fits while
/// another one of this module does not.
fn owner<'r>(culprit: &Culprit, environment: &'r TargetReport) -> Option<&'r DistributionReport> {
    let all = || environment.distributions.iter();
    let names = distributions_of(&culprit.module);
    let by_name = || all().filter(|d| names.iter().any(|name| is(d, name)));
    let broken = |d: &&DistributionReport| d.verdict == Verdict::Incompatible;
    match all().find(|d| is(d, &culprit.distribution)) {
        Some(there) if broken(&there) => None,
        Some(_) => by_name().find(broken),
        None => all().find(|d| provides(d, &culprit.module)).or_else(|| by_name().next()),
    }
}

/// The NumPys that the files of the culprits allow together, as a specifier set; `None` where none of them is known to
/// fail there, or nothing is left.
pub(super) fn needed(culprits: &[Culprit], environment: &TargetReport) -> Option<String> {
    let known: Vec<Version> = knowledge::releases().iter().map(|release| release.version.clone()).collect();
    let failing = environment.distributions.iter().filter(|d| d.verdict == Verdict::Incompatible);
    let named = failing.filter(|d| culprits.iter().any(|culprit| is(d, &culprit.distribution)));
    let all = named
        .filter_map(|d| d.numpy_binary.clone())
        .reduce(|all, set| all.intersection(&set, &known))
        .filter(|all| !all.is_everything() && known.iter().any(|release| all.contains(release)))?;
    Some(all.to_specifiers())
}

/// Whether one of its compiled files lies in the package of a module.
fn provides(report: &DistributionReport, module: &str) -> bool {
    let top = module.split('.').next();
    report.binaries.iter().filter_map(|binary| binary.module.as_deref()).any(|own| own.split('.').next() == top)
}

/// The distributions that do not fit: those that die with the very message of the text, or else all.
fn stand_ins(environment: &TargetReport, flat: &Flat) -> Vec<Culprit> {
    let broken: Vec<_> = environment.distributions.iter().filter(|d| d.verdict == Verdict::Incompatible).collect();
    let says_so = |report: &&&DistributionReport| {
        let errors = report.binaries.iter().filter_map(|binary| binary.assessment.error.as_ref());
        errors.into_iter().any(|error| flat.text.contains(&error.exception))
    };
    let same: Vec<_> = broken.iter().filter(says_so).map(|report| from_report(report, &flat.text)).collect();
    let all = || broken.iter().map(|report| from_report(report, &flat.text)).collect();
    if same.is_empty() { all() } else { same }
}

fn is(report: &DistributionReport, name: &str) -> bool {
    normalized(&report.name) == normalized(name)
}

/// What does not fit is at fault for a message about NumPy, and the likeliest for a crash.
fn confirm(culprit: &mut Culprit, report: &DistributionReport, subject: Subject, text: &str) {
    culprit.version = Some(report.version.clone());
    if let Some(binary) = worst(report, text) {
        culprit.file = Some(binary.path.clone());
        culprit.sureness = if subject == Subject::NumpyAbi { Sureness::Certain } else { Sureness::Likely };
    }
}

/// The file that fails: of several the one that the text imports, else one that an import dies of, else the first.
fn worst<'r>(report: &'r DistributionReport, text: &str) -> Option<&'r BinaryReport> {
    let bad = report.binaries.iter().filter(|b| b.assessment.verdict == Verdict::Incompatible);
    // Of equals the first one counts: `max_by_key` would take the last.
    bad.rev().max_by_key(|binary| (is_imported(binary, text), binary.assessment.fails == Some(Fails::Import)))
}

/// Whether a line of the text imports the file's module: `from .move import ...`, `import bottleneck.move`.
fn is_imported(binary: &BinaryReport, text: &str) -> bool {
    let Some(module) = binary.module.as_deref() else { return false };
    let last = module.rsplit('.').next().unwrap_or(module);
    let forms = [format!("from .{last} import"), format!("from {module} import"), format!("import {module}")];
    forms.iter().any(|form| text.contains(form.as_str()))
}

fn from_report(report: &DistributionReport, text: &str) -> Culprit {
    Culprit {
        distribution: report.name.clone(),
        module: report.name.clone(),
        version: Some(report.version.clone()),
        file: worst(report, text).map(|binary| binary.path.clone()),
        sureness: Sureness::Likely,
        line: 0,
        imported_by: Vec::new(),
        history: None,
    }
}

#[cfg(test)]
mod tests {
    use contract::report::{BinaryReport, DistributionReport, TargetKind, TargetReport};
    use contract::{Assessment, Verdict};

    use crate::explain::diagnosis::Sureness;
    use crate::explain::{Beside, Context, explain};

    fn environment() -> TargetReport {
        let binary = BinaryReport {
            path: "mcd/metrics_fast.so".to_owned(),
            module: None,
            loaded: None,
            loaded_by: None,
            facts: None,
            assessment: Assessment::plain(Verdict::Incompatible),
            numpy: None,
            through: None,
        };
        let distribution = DistributionReport {
            name: "mcd".to_owned(),
            version: "0.4".to_owned(),
            installer: None,
            verdict: Verdict::Incompatible,
            fails: None,
            numpy_binary: None,
            numpy_declared: None,
            build: None,
            binaries: vec![binary],
        };
        TargetReport {
            kind: TargetKind::Environment,
            path: "venv".to_owned(),
            python: None,
            numpy: None,
            distributions: vec![distribution],
            findings: Vec::new(),
            problems: Vec::new(),
            left_out: Vec::new(),
            fetched: None,
        }
    }

    fn culprit(text: &str) -> (String, Option<String>, Option<String>, Sureness) {
        let environment = environment();
        let beside = Beside { report: &environment, tool: None, named: true };
        let diagnosis = explain(text, &Context { environment: Some(beside), ..Context::default() });
        let culprit = diagnosis.culprits.first().expect("a culprit").clone();
        (culprit.distribution, culprit.version, culprit.file, culprit.sureness)
    }

    #[test]
    fn a_verdict_names_the_file_of_whom_the_text_names() {
        let text = "File \"__init__.pxd\", line 178, in init mcd.metrics_fast\nValueError: numpy.ndarray has the wrong \
                    size, try recompiling";
        let file = Some("mcd/metrics_fast.so".to_owned());
        assert_eq!(culprit(text), ("mcd".to_owned(), Some("0.4".to_owned()), file, Sureness::Certain));
    }

    #[test]
    fn the_distribution_that_is_there_is_named_and_not_the_most_used_one_of_its_module() {
        let mut environment = environment();
        for distribution in &mut environment.distributions {
            distribution.name = "opencv-python-headless".to_owned();
            distribution.version = "4.9.0.80".to_owned();
        }
        let beside = Beside { report: &environment, tool: None, named: true };
        let text = "A module that was compiled using NumPy 1.x cannot be run in NumPy 2.0.0\nFile \
                    \"/v/lib/python3.11/site-packages/cv2/__init__.py\", line 8\nAttributeError: _ARRAY_API not found";
        let found = explain(text, &Context { environment: Some(beside), ..Context::default() });
        let culprit = found.culprits.first().expect("a culprit");
        let named = (culprit.distribution.as_str(), culprit.version.as_deref());
        assert_eq!(named, ("opencv-python-headless", Some("4.9.0.80")));
        let commands: Vec<&String> = found.remedies.iter().flat_map(|remedy| &remedy.commands).collect();
        assert!(commands.iter().all(|command| !command.contains("opencv-python>")), "{commands:?}");
        let alone = explain(text, &Context::default());
        let ids = |found: &crate::explain::Diagnosis| found.unknown.iter().map(|one| one.id).collect::<Vec<_>>();
        assert!(ids(&alone).contains(&"unknown-distribution"), "{:?}", ids(&alone));
        assert!(!ids(&found).contains(&"unknown-distribution"), "{:?}", ids(&found));
    }

    #[test]
    fn where_the_text_names_nobody_the_verdicts_do() {
        let found = culprit("ValueError: numpy.ndarray has the wrong size, try recompiling. Expected 80, got 88");
        assert_eq!((found.0.as_str(), found.3), ("mcd", Sureness::Likely));
    }
}
