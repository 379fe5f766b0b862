//! Whole texts, from the message to the remedy.

use super::diagnosis::{Direction, Effect, RemedyClass, Subject, Sureness};
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

/// Every command that is offered.
fn commands(diagnosis: &Diagnosis) -> Vec<&str> {
    diagnosis.remedies.iter().flat_map(|remedy| &remedy.commands).map(String::as_str).collect()
}

fn ids(messages: &[super::message::Message]) -> Vec<&str> {
    messages.iter().map(|message| message.id).collect()
}

#[test]
fn the_last_line_alone_names_the_numpys_by_a_short_range() {
    let text = "ValueError: numpy.dtype size changed, may indicate binary incompatibility. Expected 96 from C header, got \
                88 from PyObject";
    let facts = diagnose(text).facts;
    assert_eq!((facts.numpy_range.as_deref(), facts.numpy_needed.as_deref()), (Some(">=2"), Some(">=1.10,<2")));
}

/// SciPy's words when NumPy is not the one it was made for.
fn range_warning(found: &str) -> String {
    format!(
        "/v/lib/python3.11/site-packages/scipy/__init__.py:132: UserWarning: A NumPy version >=1.21.6 and <1.28.0 is \
         required for this version of SciPy (detected version {found})\n  warnings.warn(f\"A NumPy version\n"
    )
}

#[test]
fn a_warning_about_versions_stops_no_import_and_clears_nobody() {
    for (found, command) in [
        ("2.2.6", "python -m pip install --upgrade scipy"),
        ("1.20.3", "python -m pip install 'numpy>=1.21.6,<1.28.0'"),
    ] {
        let diagnosis = diagnose(&range_warning(found));
        assert_eq!((diagnosis.effect, diagnosis.facts.numpy.as_deref()), (Effect::Warns, Some(found)));
        assert_eq!(diagnosis.remedies.first().map(|remedy| remedy.class), Some(RemedyClass::ReadOn));
        assert_eq!((commands(&diagnosis), ids(&diagnosis.ruled_out)), (vec![command], Vec::new()));
    }
}

#[test]
fn an_error_after_a_warning_about_versions_is_what_counts() {
    for error in ["ImportError: libGL.so.1: cannot open shared object file: No such file", "_ARRAY_API not found"] {
        let diagnosis = diagnose(&(range_warning("2.2.6") + error));
        assert_ne!(diagnosis.family, Some("declared-range-warning"), "{error}");
        assert!(diagnosis.also.contains(&"declared-range-warning"), "{error}");
    }
}

#[test]
fn a_library_that_a_wheel_brought_is_brought_back_by_the_wheel() {
    let text = "IMPORTANT: PLEASE READ THIS FOR ADVICE ON HOW TO SOLVE THIS ISSUE! The NumPy version is: \"2.0.2\"\nOriginal error was: \
                libscipy_openblas64_-99b71e71.so: cannot open shared object file: No such file or directory\n";
    let numpy = diagnose(text);
    assert_eq!(numpy.cause.as_ref().map(|cause| cause.id), Some("cause-bundled-library"));
    assert_eq!(commands(&numpy), ["python -m pip install --force-reinstall --no-cache-dir numpy==2.0.2"]);
    let text = "scipy==1.13.1\nFile \"/v/lib/python3.9/site-packages/scipy/linalg/__init__.py\", line 1, in <module>\n\
                ImportError: libgfortran-040039e1.so.5.0.0: cannot open shared object file: No such file\n";
    let scipy = diagnose(text);
    assert_eq!(scipy.cause.as_ref().map(|cause| cause.id), Some("cause-bundled-library"));
    assert_eq!(commands(&scipy), ["python -m pip install --force-reinstall --no-cache-dir scipy==1.13.1"]);
    assert_eq!(
        scipy.remedies.iter().map(|remedy| remedy.class.as_str()).collect::<Vec<_>>(),
        ["reinstall-distribution"]
    );
}

#[test]
fn a_missing_library_of_the_system_is_named_and_no_numpy_is_installed_for_it() {
    let text = "IMPORTANT: PLEASE READ THIS FOR ADVICE ON HOW TO SOLVE THIS ISSUE!\nOriginal error was: libopenblas.so.0: cannot open shared object \
                file: No such file or directory\n";
    let diagnosis = diagnose(text);
    assert_eq!(diagnosis.remedies.iter().map(|remedy| remedy.class).collect::<Vec<_>>(), [RemedyClass::SystemLibrary]);
    let bare = diagnose("ImportError: libopenblas.so.0: cannot open shared object file: No such file or directory");
    let name = bare.cause.as_ref().and_then(|cause| cause.args.get("name"));
    assert_eq!(name.map(String::as_str), Some("libopenblas.so.0"));
}

#[test]
fn a_level_that_no_release_has_is_said_to_be_unknown_and_no_numpy_is_chosen_for_it() {
    let text = "RuntimeError: module compiled against API version 0x99 but this version of numpy is 0x10";
    let diagnosis = diagnose(text);
    assert_eq!(diagnosis.cause.as_ref().map(|cause| cause.id), Some("cause-feature-unknown"));
    assert_eq!(commands(&diagnosis), ["numpact check"]);
}

#[test]
fn no_numpy_is_put_in_another_ones_place_where_none_is_known() {
    for text in ["ImportError: numpy.core.multiarray failed to import", "RuntimeError: Numpy is not available"] {
        let unknown = diagnose(text);
        assert_eq!(commands(&unknown), ["numpact check", "python -m pip install 'numpy<2'"], "{text}");
        assert_eq!(unknown.remedies.last().map(|remedy| remedy.why.id), Some("remedy-downgrade-perhaps"), "{text}");
    }
    let known = diagnose("numpy==2.3.1\nRuntimeError: Numpy is not available");
    assert!(commands(&known).iter().all(|command| !command.ends_with(" numpy")), "{:?}", commands(&known));
}

#[test]
fn torch_is_not_said_to_be_named_where_only_its_words_are() {
    let sureness = |text: &str| diagnose(text).culprits.first().map(|culprit| culprit.sureness);
    assert_eq!(sureness("RuntimeError: Numpy is not available"), Some(Sureness::Likely));
    let named = "File \"/v/site-packages/torch/_tensor.py\", line 1030\nRuntimeError: Numpy is not available";
    assert_eq!(sureness(named), Some(Sureness::Certain));
}

#[test]
fn a_module_that_gives_no_reason_is_numbas_and_has_two_ways_out() {
    let text = "  File \"/v/lib/python3.10/site-packages/numba/np/ufunc/decorators.py\", line 3, in <module>\n    from \
                numba.np.ufunc import _internal\nSystemError: initialization of _internal failed without raising an \
                exception\n";
    let numba = diagnose(text);
    assert_eq!((numba.family, numba.effect), (Some("init-failed-silently"), Effect::FailsAtImport));
    let culprit = numba.culprits.first().expect("a culprit");
    assert_eq!((culprit.distribution.as_str(), culprit.sureness), ("numba", Sureness::Certain));
    assert_eq!(commands(&numba), ["python -m pip install --upgrade numba", "numpact check"]);
    let other = diagnose(&text.replace("numba", "wordle").replace("_internal", "_fast").replace("/np/", "/numpy_ext/"));
    let culprit = other.culprits.first().expect("a culprit");
    assert_eq!((culprit.distribution.as_str(), culprit.sureness), ("wordle", Sureness::Likely));
    let bare = diagnose("SystemError: initialization of _internal failed without raising an exception");
    assert_eq!(bare.culprits.first().map(|culprit| culprit.sureness), Some(Sureness::Likely));
    let unrelated = "SystemError: initialization of _fast failed without raising an exception";
    assert_eq!(diagnose(unrelated).family, None);
}

#[test]
fn a_path_that_was_torn_once_still_names_the_package() {
    let text = "Traceback (most recent call last):\n  File \"C:\\Program Files\\Blender Foundation\\Blender 4.2\\4.2\\python\\lib\\\
                site-pac\nkages\\scipy\\sparse\\_csr.py\", line 11, in <module>\nAttributeError: _ARRAY_API not found\n";
    let culprits = diagnose(text).culprits;
    assert_eq!(culprits.first().map(|culprit| culprit.distribution.as_str()), Some("scipy"));
}

#[test]
fn a_host_application_is_mended_with_its_own_python() {
    let text = format!(
        "{MAJOR}  File \"D:\\ComfyUI_windows_portable\\python_embeded\\Lib\\site-packages\\numexpr\\__init__.py\", line \
         181\nAttributeError: _ARRAY_API not found\n"
    );
    let diagnosis = diagnose(&text);
    let python = r"D:\ComfyUI_windows_portable\python_embeded\python.exe";
    assert_eq!(diagnosis.facts.place.as_deref(), Some(python));
    assert!(commands(&diagnosis).iter().all(|command| command.starts_with(python)), "{:?}", commands(&diagnosis));
}

#[test]
fn failures_of_two_kinds_in_one_text_name_both_packages() {
    let text = format!(
        "{MAJOR}  File \"/v/lib/python3.11/site-packages/scipy/sparse/_csr.py\", line 11\nAttributeError: _ARRAY_API not \
         found\n\n  File \"/v/lib/python3.11/site-packages/pandas/_libs/__init__.py\", line 18\nValueError: numpy.dtype size \
         changed, may indicate binary incompatibility. Expected 96 from C header, got 88 from PyObject\n"
    );
    let names: Vec<String> = diagnose(&text).culprits.into_iter().map(|culprit| culprit.distribution).collect();
    assert_eq!(names, ["scipy", "pandas"]);
}

#[test]
fn a_package_that_needs_the_opposite_is_told_apart_and_not_upgraded_with_the_others() {
    let block = |module: &str, error: &str| {
        format!(
            "Traceback (most recent call last):\n  File \"/v/site-packages/{module}/__init__.py\", line 1\n{error}\n"
        )
    };
    let message = "size changed, may indicate binary incompatibility. Expected 96 from C header, got 88 from PyObject";
    let text = block("pandas", &format!("ValueError: numpy.dtype {message}"))
        + &block("cyvcf2", &format!("ValueError: numpy.ndarray {message}"));
    let diagnosis = diagnose(&text);
    let names: Vec<&str> = diagnosis.culprits.iter().map(|culprit| culprit.distribution.as_str()).collect();
    assert_eq!((diagnosis.direction, names), (Some(Direction::NumpyTooNew), vec!["pandas"]));
    let other = diagnosis.unknown.iter().find(|one| one.id == "unknown-other-side").expect("it is told");
    assert_eq!(other.args.get("others").map(String::as_str), Some("cyvcf2"));
}

#[test]
fn who_imported_it_is_read_in_its_own_traceback() {
    let block = |module: &str, error: &str| {
        format!(
            "Traceback (most recent call last):\n  File \"/v/site-packages/{module}/__init__.py\", line 1\n{error}\n"
        )
    };
    let text = block("flask", "KeyError: 'x'")
        + &block("pandas", "ValueError: numpy.dtype size changed, may indicate binary incompatibility");
    let culprits = diagnose(&text).culprits;
    let culprit = culprits.first().expect("a culprit");
    assert_eq!((culprit.distribution.as_str(), culprit.imported_by.as_slice()), ("pandas", [].as_slice()));
}

#[test]
fn a_log_that_repeats_one_failure_without_end_still_names_the_package() {
    let once = "site-packages/pandas/a.py\n".repeat(30)
        + "ValueError: numpy.dtype size changed, may indicate binary incompatibility. Expected 96 from C header, got 88 \
           from PyObject\n";
    let diagnosis = diagnose(&once.repeat(2500));
    assert_eq!(diagnosis.culprits.first().map(|culprit| culprit.distribution.as_str()), Some("pandas"));
}

#[test]
fn a_passing_log_that_only_has_the_words_misses_no_numpy() {
    let passing = "All 234 tests passed. No module named numpy mismatch was detected\n";
    assert_eq!(diagnose(passing).family, None);
    for failing in ["ImportError: No module named numpy", "x: ImportError: No module named numpy (from a.py)"] {
        assert_eq!(diagnose(failing).family, Some("numpy-absent"), "{failing}");
    }
}

#[test]
fn nothing_is_found_in_nothing() {
    for text in ["", "\0\0", "Traceback (most recent call last):\n  File \"a.py\", line 1\nKeyError: 'numpy'\n"] {
        assert_eq!(diagnose(text).family, None, "{text:?}");
    }
}
