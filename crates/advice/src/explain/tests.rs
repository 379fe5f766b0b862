//! Whole texts, from the message to the remedy.

use super::diagnosis::{Direction, Effect, RemedyClass, Subject};
use super::{Context, Diagnosis, explain};

fn diagnose(text: &str) -> Diagnosis {
    explain(text, &Context::default())
}

const MAJOR: &str = "A module that was compiled using NumPy 1.x cannot be run in\nNumPy 2.0.0 as it may crash.\n";

#[test]
fn the_last_frame_under_the_message_names_the_culprit() {
    let text = format!(
        "{MAJOR}Traceback (most recent call last):  File \"run.py\", line 4, in <module>\n    import pandas\n  File \
         \"/v/lib/python3.11/site-packages/pandas/__init__.py\", line 26\n  File \
         \"/v/lib/python3.11/site-packages/numexpr/__init__.py\", line 24, in <module>\n    from numexpr.interpreter \
         import MAX_THREADS\nAttributeError: _ARRAY_API not found\n"
    );
    let diagnosis = diagnose(&text);
    assert_eq!(diagnosis.family, Some("numpy-1-module-on-numpy-2"));
    assert_eq!(diagnosis.direction, Some(Direction::NumpyTooNew));
    assert_eq!(diagnosis.facts.numpy.as_deref(), Some("2.0.0"));
    let culprit = diagnosis.culprits.first().expect("a culprit");
    assert_eq!((culprit.distribution.as_str(), culprit.line), ("numexpr", 6));
    assert_eq!(culprit.imported_by, ["pandas"]);
    assert_eq!(diagnosis.remedies.first().map(|r| r.class), Some(RemedyClass::UpgradeDistribution));
}

#[test]
fn several_blocks_have_several_culprits() {
    let block = |module: &str| {
        format!(
            "{MAJOR}  File \"/v/site-packages/{module}/__init__.py\", line 1\nAttributeError: _ARRAY_API not found\n"
        )
    };
    let diagnosis = diagnose(&(block("numexpr") + &block("bottleneck")));
    let names: Vec<_> = diagnosis.culprits.iter().map(|culprit| culprit.distribution.as_str()).collect();
    assert_eq!(names, ["numexpr", "Bottleneck"]);
}

#[test]
fn squashing_changes_nothing() {
    let text = "RuntimeError: module compiled against API version 0xf but this version of numpy is 0xe\nTraceback (most \
                recent call last):\n  File \"/v/site-packages/Pyfhel/__init__.py\", line 1, in <module>\n";
    let squashed = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let (one, other) = (diagnose(text), diagnose(&squashed));
    assert_eq!((one.family, &one.direction, &one.remedies), (other.family, &other.direction, &other.remedies));
    assert_eq!(one.facts.numpy_needed.as_deref(), Some(">=1.22,<2"));
}

#[test]
fn growth_is_harmless_only_as_a_warning() {
    let message = "numpy.ufunc size changed, may indicate binary incompatibility. Expected 192 from C header, got 216 \
                   from PyObject";
    let warning = diagnose(&format!("x.py:9: RuntimeWarning: {message}\n"));
    assert!(warning.is_harmless());
    assert_eq!(warning.remedies.first().map(|r| r.class), Some(RemedyClass::Ignore));
    let error = diagnose(&format!("ValueError: {message}\n"));
    assert_eq!(error.effect, Effect::FailsAtImport);
}

#[test]
fn a_type_of_somebody_else_is_not_numpy() {
    let text = "ValueError: spacy.tokens.span.Span size changed, may indicate binary incompatibility. Expected 72 from \
                C header, got 80 from PyObject";
    assert_eq!(diagnose(text).subject, Some(Subject::NotNumpyAbi));
}

#[test]
fn python_without_numpy_1_is_not_told_to_go_back() {
    let text = format!("Python 3.13.0 on linux\n{MAJOR}");
    let classes: Vec<_> = diagnose(&text).remedies.iter().map(|remedy| remedy.class).collect();
    assert!(!classes.contains(&RemedyClass::DowngradeNumpy), "{classes:?}");
}

#[test]
fn a_running_notebook_needs_a_restart() {
    let text = "/usr/local/lib/python3.11/dist-packages/numpy/_core/strings.py in <module>\nImportError: cannot import \
                name '_center' from 'numpy._core.umath' (/usr/local/lib/python3.11/dist-packages/numpy/_core/umath.py)\n\
                <ipython-input-3-ce>\n";
    let diagnosis = diagnose(text);
    assert_eq!(diagnosis.family, Some("numpy-installation-mixed"));
    assert_eq!(diagnosis.remedies.first().map(|r| r.class), Some(RemedyClass::RestartProcess));
}

#[test]
fn nothing_is_found_in_nothing() {
    for text in ["", "\0\0", "Traceback (most recent call last):\n  File \"a.py\", line 1\nKeyError: 'numpy'\n"] {
        assert_eq!(diagnose(text).family, None, "{text:?}");
    }
}
