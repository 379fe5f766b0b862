//! A NumPy that was not installed or removed to the end: files missing, two generations of its core, two records.

use crate::judge::FoundNumpy;
use crate::rules::{Case, Rule, words};
use crate::{Finding, Severity};

pub(super) const META: Rule = Rule {
    id: "half-installed-numpy",
    severity: Severity::Error,
    summary: "a NumPy was installed or removed only in part",
};

pub(super) fn check(case: &Case<'_>) -> Vec<Finding> {
    let numpys = case.input.surroundings.numpys.iter();
    numpys.filter_map(|numpy| symptom(numpy).map(|symptom| finding(numpy, symptom))).collect()
}

struct Symptom {
    severity: Severity,
    text: String,
    seen: String,
}

/// The gravest sign of it.
fn symptom(numpy: &FoundNumpy) -> Option<Symptom> {
    let mut cores = numpy.core_generations.clone();
    cores.sort();
    let (severity, text, seen) = match cores.as_slice() {
        [] => (Severity::Error, "it has no compiled core".to_owned(), "neither `core` nor `_core`".to_owned()),
        [_, _, ..] => {
            let text = "compiled files of NumPy 1.x and of 2.x lie in it side by side";
            (Severity::Error, text.to_owned(), cores.join(", "))
        }
        [_] if numpy.metadata_folders.len() > 1 => {
            let seen = numpy.metadata_folders.join(", ");
            (Severity::Warning, format!("{} metadata folders claim it", numpy.metadata_folders.len()), seen)
        }
        [_] if numpy.missing_files > 0 => {
            let count = words::files(numpy.missing_files);
            (Severity::Warning, format!("{count} that its `RECORD` lists are not there"), count)
        }
        [_] => return None,
    };
    Some(Symptom { severity: severity_of(numpy, severity), text, seen })
}

/// A broken copy that no import gets is no more than a note.
fn severity_of(numpy: &FoundNumpy, severity: Severity) -> Severity {
    if numpy.wins { severity } else { Severity::Note }
}

fn finding(numpy: &FoundNumpy, symptom: Symptom) -> Finding {
    let message = format!("the NumPy in `{}` is not whole: {}", numpy.path, symptom.text);
    let mut finding = words::general(&META, symptom.severity, Some("numpy"), message);
    finding.help = Some(format!("remove `numpy`, delete what is left of `{}`, and install it anew", numpy.path));
    finding.evidence = vec![words::observed(&symptom.text, &symptom.seen)];
    finding
}
