//! Modules of `fixtures/src`, compiled here and now: what follows when their check fails.
#![allow(clippy::disallowed_methods, clippy::disallowed_types)] // Tests start the compiler and open files.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use contract::{ConsumerKind, OnFailure, Reach, Requirement};
use numpact_reader as reader;
use reader::{ByteSource, ReadError};

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

/// Code that reaches its strings by offsets from a table: what it refers to is not followed, and it was said not to use
/// NumPy at all.
#[test]
#[cfg(target_arch = "x86_64")]
fn code_whose_references_are_not_followed_is_undetermined() {
    let folder = tempfile::tempdir().expect("a folder");
    let read = requirement("c_plain.c", "-mcmodel=large", folder.path());
    let reasons: Vec<&str> = read.undetermined.iter().map(|why| why.reason.as_str()).collect();
    assert_eq!((read.consumers.len(), reasons), (0, vec!["unknown-use"]));
}

/// Compiles one source against NumPy 1.26.4 and reads it.
fn requirement(source: &str, flags: &str, folder: &Path) -> Requirement {
    reader::read(&compiled(source, flags, folder)).remove(0).requirement
}

fn compiled(source: &str, flags: &str, folder: &Path) -> Vec<u8> {
    let numpy = testing::overlay(&["numpy-1.26.4-cp311-cp311-manylinux_2_17_x86_64"]);
    let sources = repository().join("fixtures/src");
    let output = folder.join(format!("{source}{flags}.so"));
    let compiler = if source.ends_with(".cpp") { "g++" } else { "gcc" };
    let mut gcc = Command::new(compiler);
    gcc.args(["-shared", "-fPIC", "-w", "-DMODULE=m"]).args(flags.split(' '));
    gcc.args(["-I", &include_of_python(), "-I"]).arg(&sources);
    gcc.arg("-I").arg(numpy.join("numpy/core/include")).arg(sources.join(source)).arg("-o").arg(&output);
    let status = gcc.status().expect("the compiler starts");
    assert!(status.success(), "{compiler} could not compile `{source}`");
    std::fs::read(output).expect("what the compiler wrote")
}

/// A file of which only the bytes from some offset on are near, as the end of a compressed one.
struct Far(Vec<u8>, u64);

impl ByteSource for Far {
    fn size(&self) -> u64 {
        self.0.size()
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<(), ReadError> {
        self.0.read_at(offset, buffer)
    }

    fn is_near(&self, offset: u64, _length: u64, _within: u64) -> bool {
        offset >= self.1
    }
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

/// onnxruntime 1.12 to 1.16 were said to die at import; they print the failure, and crash when they are used.
#[test]
fn a_failure_that_nobody_looks_at_does_not_end_the_import() {
    let folder = tempfile::tempdir().expect("a folder");
    for flags in LEVELS.iter().flat_map(|level| [(*level).to_owned(), format!("{level} -DAPART")]) {
        let checks = requirement("c_ignored.c", &flags, folder.path()).checks;
        let seen: Vec<_> = checks.iter().map(|check| (check.reach, check.on_failure)).collect();
        assert!(
            !seen.is_empty() && seen.iter().all(|s| *s == (Reach::Import, OnFailure::Swallows)),
            "{flags}: {seen:?}"
        );
    }
}

/// imagecodecs links a library written in Rust: its modules were taken for ones of PyO3's numpy crate, of NumPy 1.x.
#[test]
fn an_extension_with_rust_linked_in_is_still_what_it_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let kinds: Vec<_> =
        requirement("c_beside_rust.c", "-O2", folder.path()).consumers.iter().map(|consumer| consumer.kind).collect();
    assert_eq!(kinds, [ConsumerKind::ImportArray]);
}

/// Old modules for Windows were undetermined for a function that their own code no longer calls. (With -O2, what the checks
/// have in common was forgotten for instructions that only fill up the space before one of them.)
#[test]
fn a_check_that_nothing_leads_to_says_nothing_of_the_others() {
    let folder = tempfile::tempdir().expect("a folder");
    for level in LEVELS {
        let read = requirement("c_left_behind.c", level, folder.path());
        let sizes: BTreeSet<u64> = read.numpy_types().map(|one| one.size).collect();
        assert_eq!((sizes, read.undetermined), (BTreeSet::from([88, 96, 232, 560, 2632]), vec![]), "{level}");
    }
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

#[test]
fn a_module_that_is_far_away_is_read_like_a_near_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let near = compiled("c_plain.c", "-O2", folder.path());
    for from in [u64::MAX, near.size() - 4096] {
        assert_eq!(reader::read(&Far(near.clone(), from)), reader::read(&near));
    }
}

#[test]
fn a_library_that_calls_no_python_tells_what_it_needs_also_from_far_away() {
    let folder = tempfile::tempdir().expect("a folder");
    let library = folder.path().join("libdemo.so.1");
    let mut gcc = Command::new("gcc");
    gcc.args(["-shared", "-fPIC", "-x", "c", "-", "-Wl,--no-as-needed", "-lm", "-Wl,-soname,libdemo.so.1", "-o"]);
    gcc.arg(&library).stdin(std::process::Stdio::null());
    assert!(gcc.status().expect("the compiler starts").success());
    let near = std::fs::read(library).expect("what the compiler wrote");
    let needed = |source: &dyn ByteSource| {
        let found = reader::read(source).into_iter().flat_map(|facts| facts.needed);
        found.collect::<BTreeSet<String>>().into_iter().collect::<Vec<_>>()
    };
    assert_eq!(needed(&near), ["libc.so.6", "libm.so.6"]);
    assert_eq!(needed(&Far(near.clone(), u64::MAX)), ["libc.so.6", "libm.so.6"]);
    // Only the table of sections is near: the names of libraries are told, its own among them.
    let table = near.size() - 2048;
    assert_eq!(needed(&Far(near, table)), ["libc.so.6", "libdemo.so.1", "libm.so.6"]);
}
