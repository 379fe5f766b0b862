//! The plan to build from source: a distribution that was built against another NumPy than the one that runs, and of which
//! no index has a wheel that fits. pip, a compiler and a folder of pinned build tools are real.

mod support;

use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use support::broken::{Broken, broken};
use support::ended;

/// A module that uses NumPy's C API.
const MODULE: &str = r#"#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <numpy/arrayobject.h>
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "smallest", NULL, -1, NULL};
PyMODINIT_FUNC PyInit_smallest(void)
{
    import_array();
    return PyModule_Create(&module);
}
"#;

const SETUP: &str = "import numpy
from setuptools import Extension, setup
setup(name='smallest', version='1.0', ext_modules=[Extension('smallest', ['smallest.c'], include_dirs=[numpy.get_include()])])
";

/// A wheel that a build or a resolution finds.
fn serve(index: &Path, name: &str, version: &str) {
    let pin = testing::find_host_pin(name, version, "3.11").expect("a pinned wheel for this machine");
    let wheel = testing::fetch_pin(&pin).expect("fetched");
    fs::copy(&wheel, index.join(wheel.file_name().expect("a name"))).expect("copied");
}

/// NumPy 2.2.6 and `smallest`, built against NumPy 1.26; its sources, the build tools and NumPy 2.2.6 are what an index has.
fn built_against_another_numpy() -> Broken {
    let broken = broken(&[("numpy", "2.2.6")]);
    let source = broken.folder.path().join("smallest-1.0");
    fs::create_dir(&source).expect("made");
    let requires =
        "[build-system]\nrequires = [\"setuptools\", \"numpy\"]\nbuild-backend = \"setuptools.build_meta\"\n";
    let info = "Metadata-Version: 2.1\nName: smallest\nVersion: 1.0\n";
    for (name, text) in [("pyproject.toml", requires), ("setup.py", SETUP), ("smallest.c", MODULE), ("PKG-INFO", info)]
    {
        fs::write(source.join(name), text).expect("written");
    }
    serve(&broken.index, "setuptools", "80.9.0");
    let old = broken.folder.path().join("old");
    fs::create_dir(&old).expect("made");
    serve(&old, "numpy", "1.26.4");
    serve(&old, "setuptools", "80.9.0");
    pip(
        &broken,
        &["wheel", "--no-deps", "--no-index", "--find-links", "old", "--wheel-dir", "built", "./smallest-1.0"],
    );
    let wheels: Vec<PathBuf> =
        fs::read_dir(broken.folder.path().join("built")).expect("built").flatten().map(|e| e.path()).collect();
    pip(&broken, &["--python", "env/bin/python", "uninstall", "--yes", "Bottleneck"]);
    testing::install_into(&broken.env(), &wheels).expect("installed");
    // Object files of the first build would be taken for those of the next.
    fs::remove_dir_all(source.join("build")).expect("removed");
    broken
}

/// Makes the index offer sources with this `setup.py`.
fn offer(broken: &Broken, setup: &str) {
    fs::write(broken.folder.path().join("smallest-1.0/setup.py"), setup).expect("written");
    let mut tar = Command::new("tar");
    tar.current_dir(broken.folder.path()).args(["-czf", "index/smallest-1.0.tar.gz", "smallest-1.0"]);
    let (status, _, err) = ended(&mut tar);
    assert_eq!(status, Some(0), "{err}");
}

fn pip(broken: &Broken, words: &[&str]) {
    let mut command = broken.set_up(Command::new(testing::host_interpreter().expect("CPython with pip").path));
    command.env_remove("PIP_FIND_LINKS");
    let (status, out, err) = ended(command.args(["-m", "pip"]).args(words));
    assert_eq!(status, Some(0), "{out}{err}");
}

fn imports(broken: &Broken) -> bool {
    ended(Command::new(broken.env().join("bin/python")).args(["-c", "import smallest"])).0 == Some(0)
}

#[test]
fn what_was_built_against_another_numpy_is_built_again() {
    let broken = built_against_another_numpy();
    assert!(!imports(&broken), "it is really broken");
    let files = broken.files();
    a_build_that_fails_changes_nothing_and_says_why(&broken);
    assert_eq!(broken.files(), files);
    offer(&broken, SETUP);
    let (status, out, err) = ended(&mut broken.numpact(&["fix", "env", "--apply", "--yes"]));
    assert_eq!(status, Some(0), "{out}{err}");
    assert!(out.contains("  import smallest: works (") && out.contains("mended (smallest 1.0 built again)"), "{out}");
    assert!(imports(&broken));
    let (status, out, err) = ended(&mut broken.numpact(&["fix", "env", "--undo"]));
    assert_eq!(status, Some(0), "{out}{err}");
    assert_eq!(broken.files(), files);
    the_commands_that_are_shown_do_the_same(&broken);
}

fn a_build_that_fails_changes_nothing_and_says_why(broken: &Broken) {
    offer(broken, "raise SystemExit('there is no compiler for Esperanto')\n");
    let (status, out, err) = ended(&mut broken.numpact(&["fix", "env", "--apply", "--yes", "--output-format", "json"]));
    assert_eq!(status, Some(1), "{out}{err}");
    let json: serde_json::Value = serde_json::from_str(&out).expect("JSON");
    let applied = &json["applied"];
    assert_eq!((&applied["stays"], &applied["taken_back"]), (&false.into(), &serde_json::Value::Null), "{out}");
    let why = applied["not_tried"].as_str().expect("a reason");
    assert!(why.starts_with("building `smallest 1.0` failed; its last lines:\n"), "{why}");
    assert!(why.contains("there is no compiler for Esperanto"), "{why}");
    assert!(json["refused"].as_array().is_some_and(|refused| !refused.is_empty()), "{out}");
}

fn the_commands_that_are_shown_do_the_same(broken: &Broken) {
    let (status, out, err) = ended(&mut broken.numpact(&["fix", "env"]));
    assert_eq!(status, Some(1), "{out}{err}");
    assert!(out.contains("Plan 1: smallest 1.0 built again"), "{out}");
    let lines: Vec<&str> = out.lines().filter_map(|line| line.strip_prefix("  run    ")).collect();
    assert_eq!(lines.first(), Some(&"echo 'numpy>=2,<=2.2.6' > build-constraints.txt"), "{out}");
    let (status, _, err) = ended(broken.set_up(Command::new("sh")).args(["-c", &lines.join(" && ")]));
    assert_eq!(status, Some(0), "{err}");
    assert!(imports(broken));
}
