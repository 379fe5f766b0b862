//! Modules of `fixtures/src`, compiled here and now: what follows when their check fails.
#![allow(clippy::disallowed_methods, clippy::disallowed_types)] // Tests start the compiler and open files.

use std::path::{Path, PathBuf};
use std::process::Command;

use contract::{OnFailure, Reach, Requirement};
use numpact_reader as reader;

/// Levels of optimisation: the check is a function of its own, or part of another one. (Without any, what a module keeps in
/// a variable is not followed.)
const LEVELS: [&str; 3] = ["-O1", "-O2", "-Os"];

fn repository() -> PathBuf {
    testing::repository()
}

fn include_of_python() -> String {
    let python = testing::interpreter("3.11");
    let asked =
        Command::new(&python).args(["-c", "import sysconfig; print(sysconfig.get_paths()['include'])"]).output();
    let answer = asked.unwrap_or_else(|error| panic!("`{}` did not start: {error}", python.display()));
    String::from_utf8(answer.stdout).expect("a path").trim().to_owned()
}

/// Compiles one source against NumPy 1.26.4 and reads it.
fn requirement(source: &str, level: &str, folder: &Path) -> Requirement {
    let numpy = testing::overlay(&["numpy-1.26.4-cp311-cp311-manylinux_2_17_x86_64"]);
    let sources = repository().join("fixtures/src");
    let output = folder.join(format!("{source}{level}.so"));
    let compiler = if source.ends_with(".cpp") { "g++" } else { "gcc" };
    let mut gcc = Command::new(compiler);
    gcc.args(["-shared", "-fPIC", "-w", "-DMODULE=m", level, "-I", &include_of_python(), "-I"]).arg(&sources);
    gcc.arg("-I").arg(numpy.join("numpy/core/include")).arg(sources.join(source)).arg("-o").arg(&output);
    let status = gcc.status().expect("the compiler starts");
    assert!(status.success(), "{compiler} could not compile `{source}`");
    let bytes = std::fs::read(output).expect("what the compiler wrote");
    reader::read(&bytes).remove(0).requirement
}

fn outcomes(source: &str) -> Vec<(Reach, OnFailure)> {
    let folder = tempfile::tempdir().expect("a folder");
    let read = LEVELS.iter().flat_map(|level| requirement(source, level, folder.path()).checks);
    read.map(|check| (check.reach, check.on_failure)).collect()
}

#[test]
fn a_failure_that_is_printed_and_then_ignored_does_not_end_the_import() {
    assert_eq!(outcomes("c_swallow.c"), [(Reach::Import, OnFailure::Swallows); 3]);
}

#[test]
fn the_failure_of_import_array_ends_the_import() {
    assert_eq!(outcomes("c_plain.c"), [(Reach::Import, OnFailure::Raises); 3]);
}

/// scipy's `_distance_pybind` does: the throw lies in a part of the function that gcc puts elsewhere.
#[test]
fn a_failure_that_is_thrown_in_cpp_ends_the_import() {
    assert_eq!(outcomes("cpp_throws.cpp"), [(Reach::Import, OnFailure::Raises); 3]);
}

/// scipy's `_bglu_dense` for macOS: the function with the error about the ABI counted as a check without numbers.
#[test]
fn an_error_that_is_raised_in_a_function_of_its_own_belongs_to_its_check() {
    let folder = tempfile::tempdir().expect("a folder");
    for level in LEVELS {
        let read = requirement("c_split.c", level, folder.path());
        assert!(read.undetermined.is_empty(), "{level}: {:?}", read.undetermined);
        let [check] = read.checks.as_slice() else { panic!("{level}: {:?}", read.checks) };
        assert_eq!((check.reach, check.on_failure), (Reach::Import, OnFailure::Raises), "{level}");
    }
}

/// Modules of pybind11 3 were said to check at first use.
#[test]
fn an_initialiser_that_no_table_names_may_run_any_check() {
    assert_eq!(outcomes("c_hidden.c"), [(Reach::Unknown, OnFailure::Raises); 3]);
}

#[test]
fn a_check_that_the_first_call_runs_comes_later_and_raises() {
    assert_eq!(outcomes("c_lazy.c"), [(Reach::Later, OnFailure::Raises); 3]);
}

/// As `ml_dtypes` 0.3 does.
#[test]
fn a_module_that_ignores_its_check_dies_of_the_ufunc_table() {
    let folder = tempfile::tempdir().expect("a folder");
    for level in LEVELS {
        let read = requirement("c_umath_alone.c", level, folder.path());
        let [check] = read.checks.as_slice() else { panic!("{level}: {:?}", read.checks) };
        assert_eq!((check.reach, check.on_failure), (Reach::Import, OnFailure::Swallows), "{level}");
        let [import] = read.ufunc_imports.as_slice() else { panic!("{level}: {:?}", read.ufunc_imports) };
        assert_eq!((import.reach, import.on_failure), (Reach::Import, OnFailure::Raises), "{level}");
        assert_eq!(import.imports, "numpy.core._multiarray_umath", "{level}");
        let error = |version: &str| {
            let release = knowledge::release(&version.parse().expect("a version")).expect("a known release");
            contract::compare(&read, &release.provision).error.map(|error| error.exception)
        };
        assert_eq!(error("2.2.6").as_deref(), Some("ImportError: numpy.core.umath failed to import"), "{level}");
        assert_eq!(error("1.26.4"), None, "{level}");
    }
}
