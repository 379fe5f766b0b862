//! What an environment's own judgement adds to a text: versions, the files that do not fit, and who else does not.

use contract::report::{BinaryReport, DistributionReport, TargetReport};
use contract::{Fails, Verdict, Version};
use knowledge::DistributionHistory;

use super::diagnosis::{Culprit, Facts, History, Subject, Sureness};
use super::families::Family;
use super::names::normalized;

/// Takes over what the environment knows and the text does not.
pub(super) fn add_facts(facts: &mut Facts, environment: Option<&TargetReport>) {
    let Some(environment) = environment else { return };
    let judged = environment.numpy.as_ref().and_then(|numpy| numpy.provision.version.as_ref());
    facts.numpy = facts.numpy.take().or(judged.map(ToString::to_string));
    if let Some(python) = &environment.python {
        facts.python = facts.python.take().or(Some(python.version.clone()));
        let (system, machine) = python.platform.split_once('-').unwrap_or((python.platform.as_str(), ""));
        facts.system = facts.system.take().or(Some(system.to_owned()));
        facts.machine = facts.machine.take().or((!machine.is_empty()).then(|| machine.to_owned()));
    }
}

/// Names the files; where the text names nobody, every distribution that does not fit stands in.
pub(super) fn add_verdicts(culprits: &mut Vec<Culprit>, environment: Option<&TargetReport>, family: &Family) {
    let Some(environment) = environment else { return };
    for culprit in culprits.iter_mut() {
        if let Some(found) = environment.distributions.iter().find(|d| is(d, &culprit.distribution)) {
            confirm(culprit, found);
        }
    }
    if culprits.is_empty() && family.subject == Subject::NumpyAbi {
        culprits
            .extend(environment.distributions.iter().filter(|d| d.verdict == Verdict::Incompatible).map(from_report));
    }
    culprits.sort_by_key(|culprit| std::cmp::Reverse(culprit.sureness));
}

fn is(report: &DistributionReport, name: &str) -> bool {
    normalized(&report.name) == normalized(name)
}

fn confirm(culprit: &mut Culprit, report: &DistributionReport) {
    culprit.version = Some(report.version.clone());
    if let Some(binary) = worst(report) {
        culprit.file = Some(binary.path.clone());
        culprit.sureness = Sureness::Certain;
    }
}

fn worst(report: &DistributionReport) -> Option<&BinaryReport> {
    let bad = report.binaries.iter().filter(|b| b.assessment.verdict == Verdict::Incompatible);
    bad.max_by_key(|binary| binary.assessment.fails == Some(Fails::Import))
}

fn from_report(report: &DistributionReport) -> Culprit {
    Culprit {
        distribution: report.name.clone(),
        module: report.name.clone(),
        version: Some(report.version.clone()),
        file: worst(report).map(|binary| binary.path.clone()),
        sureness: Sureness::Likely,
        line: 0,
        imported_by: Vec::new(),
        history: None,
    }
}

/// What the table of distributions says of a culprit on the platform of the text.
pub(super) fn history(culprit: &Culprit, facts: &Facts) -> Option<History> {
    let known = knowledge::distribution(&culprit.distribution)?;
    let platform = platform(facts).or_else(|| intel_mac(known, culprit, facts))?;
    let here = known.platforms.get(&platform)?;
    let text = |version: &Option<Version>| version.as_ref().map(ToString::to_string);
    Some(History {
        last_for_numpy_1: text(&here.last_for_numpy_1),
        first_for_numpy_2: text(&here.first_for_numpy_2),
        newest: text(&here.newest),
        frozen: here.is_frozen(),
        platform,
    })
}

/// The platform in the table's words; `None` for a Mac whose processor the text does not tell.
fn platform(facts: &Facts) -> Option<String> {
    let system = facts.system.as_deref()?;
    let machine = match (system, facts.machine.as_deref()) {
        ("macos", Some("aarch64")) => "arm64",
        ("macos", None) => return None,
        ("linux", Some("arm64")) => "aarch64",
        (_, Some(machine)) => machine,
        (_, None) => "x86_64",
    };
    Some(format!("{system}-{machine}"))
}

/// A Mac that has exactly the last version made for Intel Macs, long behind the others, is one.
fn intel_mac(known: &DistributionHistory, culprit: &Culprit, facts: &Facts) -> Option<String> {
    let intel = known.platforms.get("macos-x86_64")?;
    let newest = intel.newest.as_ref()?;
    let has_it = culprit.version.as_deref().is_some_and(|version| version == newest.to_string());
    let is_mac = facts.system.as_deref() == Some("macos");
    (is_mac && has_it && intel.is_frozen()).then(|| "macos-x86_64".to_owned())
}

#[cfg(test)]
mod tests {
    use contract::report::{BinaryReport, DistributionReport, TargetKind, TargetReport};
    use contract::{Assessment, Verdict};

    use crate::explain::diagnosis::Sureness;
    use crate::explain::{Context, explain};

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
        }
    }

    fn culprit(text: &str) -> (String, Option<String>, Option<String>, Sureness) {
        let environment = environment();
        let diagnosis = explain(text, &Context { environment: Some(&environment), ..Context::default() });
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
    fn where_the_text_names_nobody_the_verdicts_do() {
        let found = culprit("ValueError: numpy.ndarray has the wrong size, try recompiling. Expected 80, got 88");
        assert_eq!((found.0.as_str(), found.3), ("mcd", Sureness::Likely));
    }
}
