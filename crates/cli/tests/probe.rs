//! `numpact probe` and `check --confirm`: real modules under real NumPys, which pip takes from pinned wheels.
#![cfg(unix)]

mod support;

use std::path::{Path, PathBuf};
use std::time::Duration;

use assert_cmd::Command;
use serde_json::Value;
use support::{bottleneck, ended, numpact, numpy};

/// A folder of pinned NumPys for pip to find: two for Python 3.11, one for 3.13.
fn wheels() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (version, python) in [("1.26.4", "3.11"), ("2.2.6", "3.11"), ("2.2.6", "3.13")] {
        let pin = testing::find_host_pin("numpy", version, python).expect("a pinned NumPy for this machine");
        let wheel = testing::fetch_pin(&pin).expect("it can be fetched");
        let name = wheel.file_name().expect("a file").to_owned();
        std::fs::hard_link(&wheel, folder.path().join(&name))
            .or_else(|_| std::fs::copy(&wheel, folder.path().join(name)).map(drop))
            .expect("a wheel beside the others");
    }
    folder
}

/// `numpact` where pip finds these wheels and nothing else, and uv is not on PATH.
fn program(folder: &Path, wheels: &Path) -> Command {
    let mut command = numpact(folder);
    command.env("PATH", scripts("3.11")).env("PIP_NO_INDEX", "1").env("PIP_FIND_LINKS", wheels);
    command.env("NUMPACT_CACHE_DIR", testing::cache().join("probe"));
    command
}

/// The folder that holds `python3` of a version and its pip.
fn scripts(version: &str) -> PathBuf {
    let mut python = std::process::Command::new(testing::interpreter(version));
    let output = python.args(["-c", "import sys; print(sys.executable)"]).output().expect("it runs");
    let path = PathBuf::from(String::from_utf8_lossy(&output.stdout).trim());
    path.parent().expect("it lies in a folder").to_path_buf()
}

fn probed(python: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let (wheels, folder) = (wheels(), tempfile::tempdir().expect("a temporary folder"));
    let (status, out, err) =
        ended(program(folder.path(), wheels.path()).args(["probe", "--python"]).arg(python).args(arguments));
    // Which NumPys had to be fetched depends on what was there before.
    let told = err.lines().filter(|line| !line.starts_with("note: fetched NumPy ")).map(|line| format!("{line}\n"));
    (status, out, told.collect())
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// The words of the steps of every experiment: NumPy, module, step, read, seen, agreement.
fn steps(report: &Value) -> Vec<[String; 6]> {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let word = |value: &Value| value.as_str().unwrap_or("null").to_owned();
    let mut found = Vec::new();
    for numpy in list(&report["numpys"]) {
        for experiment in list(&numpy["experiments"]) {
            for step in list(&experiment["steps"]) {
                let of_step = ["step", "read", "seen", "agreement"].map(|key| word(&step[key]));
                let [name, read, seen, agreement] = of_step;
                found.push([word(&numpy["version"]), word(&experiment["module"]), name, read, seen, agreement]);
            }
        }
    }
    found
}

#[test]
fn reading_and_experiment_agree_under_both_numpys_and_the_environment_stays_as_it_was() {
    let environment = bottleneck();
    let before = listing(&environment);
    let arguments = ["--numpy", "1.26.4,2.2.6", "--output-format", "json"];
    let (status, out, err) = probed(&environment, &arguments);
    assert_eq!((status, err.as_str()), (Some(1), ""), "{out}");
    let report = json(&out);
    let expected = [
        ["1.26.4", "bottleneck", "import", "works", "works", "agrees"],
        ["1.26.4", "bottleneck", "use", "works", "works", "agrees"],
        ["2.2.6", "bottleneck", "import", "fails", "fails", "agrees"],
    ];
    assert_eq!(steps(&report), expected.map(|row| row.map(str::to_owned)), "{out}");
    let failing = &report["numpys"][1]["experiments"][0];
    assert_eq!(failing["steps"][0]["about"], "numpy-abi");
    assert_eq!(failing["distribution"], "Bottleneck");
    assert_eq!(failing["numpy"], "2.2.6");
    assert!(failing["stderr"].as_array().is_some_and(|lines| !lines.is_empty()), "NumPy prints its reason: {failing}");
    assert_eq!(listing(&environment), before);
}

/// Every file of an environment, with its size.
fn listing(folder: &Path) -> Vec<(PathBuf, u64)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("readable").flatten() {
        let meta = entry.path().symlink_metadata().expect("readable");
        found.push((entry.path(), meta.len()));
        if meta.is_dir() {
            found.extend(listing(&entry.path()));
        }
    }
    found.sort();
    found
}

#[test]
fn what_works_ends_with_0_and_names_may_be_modules() {
    let (status, out, err) = probed(&bottleneck(), &["bottleneck.reduce", "--numpy", "1.26.4"]);
    assert_eq!((status, err.as_str()), (Some(0), ""), "{out}");
    assert!(out.contains("\nNumPy 1.26.4, put in front of the environment\n"), "{out}");
    assert!(out.contains("  bottleneck.reduce  works         works       they agree, "), "{out}");
    let summary = "1 import under 1 NumPy: 1 worked, 0 failed; 1 as the bytes say, 0 against them\n";
    assert!(out.ends_with(summary), "{out}");
    let (_, out, _) = probed(&bottleneck(), &["bottleneck.reduce", "--numpy", "1.26.4", "-q"]);
    assert_eq!(out, summary);
}

#[test]
fn a_numpy_that_python_cannot_have_is_told_and_the_others_are_tried() {
    let python = testing::interpreter("3.13");
    let (status, out, err) = probed(&python, &["json", "--numpy", "1.26.4,2.2.6"]);
    assert_eq!((status, err.as_str()), (Some(0), ""), "{out}");
    assert!(
        out.contains("NumPy 1.26.4: nothing was tried, there is no wheel of NumPy 1.26.4 for CPython 3.13 on "),
        "{out}"
    );
    assert!(out.ends_with("; 1 NumPy could not be had\n"), "{out}");
    let (status, _, err) = probed(&python, &["json", "--numpy", "1.26.4"]);
    assert_eq!((status, err.as_str()), (Some(2), "error: not one of the NumPys asked for could be had\n"));
}

#[test]
fn what_is_asked_wrongly_is_refused() {
    let refused = |arguments: &[&str]| {
        let (status, out, err) = probed(&bottleneck(), arguments);
        assert_eq!((status, out.as_str()), (Some(2), ""), "{err}");
        err
    };
    assert!(refused(&["--numpy", "9.9"]).contains("NumPy `9.9` is not known"));
    assert!(refused(&[]).contains("there is no NumPy in this environment"));
    assert!(refused(&["no-such", "--numpy", "1.26.4"]).contains("`no-such` is neither a distribution"));
    let told = refused(&["bottle-neck", "--numpy", "1.26.4"]);
    assert!(told.contains("`bottle-neck` is neither") && told.contains("; did you mean `Bottleneck`?"), "{told}");
    assert!(refused(&["--timeout", "0"]).contains("--timeout"));
}

/// An environment of its own with Bottleneck and NumPy 2.2.6, and a file that replaces its package's initialiser.
fn disguised(initialiser: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let pins: Vec<_> = [("numpy", "2.2.6"), ("Bottleneck", "1.3.7")]
        .iter()
        .map(|(name, version)| testing::find_host_pin(name, version, "3.11").expect("a pinned wheel for this machine"))
        .collect();
    testing::make_environment(&testing::interpreter("3.11"), &pins, folder.path()).expect("an environment");
    let package = folder.path().join("lib/python3.11/site-packages/bottleneck/__init__.py");
    std::fs::write(package, initialiser).expect("written");
    folder
}

#[test]
fn a_contradiction_is_called_a_bug_of_ours() {
    // No reader of sources follows this: the name of the import is made while it runs.
    let folder = disguised("import sys\nsys.modules['bottleneck.reduce'] = sys\nfrom .reduce import path\n");
    let (status, out, err) = probed(folder.path(), &["bottleneck"]);
    assert_eq!((status, err.as_str()), (Some(1), ""), "{out}");
    assert!(out.contains("fails         works       they disagree"), "{out}");
    assert!(out.contains("Reading and experiment disagree about `bottleneck`: that is a bug of numpact"), "{out}");
    let (_, out, _) = ended(numpact(folder.path()).args(["check", "--confirm", "."]));
    assert!(out.contains("  tried    refuted: `import bottleneck` works\n"), "{out}");
    let (_, out, err) = ended(numpact(folder.path()).args(["check", "--confirm", "--output-format", "concise", "."]));
    assert!(!out.contains("bug of numpact") && err.contains("that is a bug of numpact"), "{out}{err}");
}

#[test]
fn a_hang_fails_and_says_which_limit() {
    let folder = disguised("import time\ntime.sleep(600)\n");
    let (status, out, _) = probed(folder.path(), &["bottleneck", "--timeout", "2"]);
    assert_eq!(status, Some(1), "{out}");
    assert!(out.contains("unanswered  the reading was not tested"), "{out}");
    assert!(out.contains("`--timeout` raises it"), "{out}");
}

#[test]
fn a_check_is_confirmed_by_imports() {
    let environment = bottleneck();
    let run = |arguments: &[&str]| {
        ended(numpact(&environment).args(["check", "."]).args(arguments).env("PYTHONPATH", numpy("2.2.6")))
    };
    let (status, out, err) = run(&["--confirm"]);
    assert_eq!((status, err.as_str()), (Some(1), ""), "{out}");
    assert!(out.contains("  tried    confirmed: `import bottleneck` fails: ImportError: "), "{out}");
    assert!(!run(&[]).1.contains("tried"), "nothing is imported unless it is asked for");
    let report = json(&run(&["--confirm", "--output-format", "json"]).1);
    let step = &report["targets"][0]["experiments"][0]["steps"][0];
    assert_eq!((step["read"].as_str(), step["agreement"].as_str()), (Some("fails"), Some("agrees")), "{report}");
    let (status, _, err) = ended(numpact(&environment).args(["check", "numpy==2.2.6", "--confirm", "--offline"]));
    assert_eq!(status, Some(2), "{err}");
}

#[test]
fn an_interrupted_probe_leaves_nothing_running() {
    let place = tempfile::tempdir().expect("a temporary folder");
    let file = place.path().join("alive");
    let text = format!(
        "import time\nwhile True:\n    open({:?}, 'a').write('x')\n    time.sleep(0.02)\n",
        file.display().to_string()
    );
    let folder = disguised(&text);
    let mut command = std::process::Command::new(assert_cmd::cargo::cargo_bin!("numpact"));
    command.args(["probe", "-q", "bottleneck", "--python"]).arg(folder.path()).current_dir(place.path());
    let mut running = command.spawn().expect("started");
    let size = || std::fs::metadata(&file).map_or(0, |meta| meta.len());
    while size() == 0 {
        assert!(running.try_wait().expect("it can be waited for").is_none(), "it imports for ever");
        std::thread::sleep(Duration::from_millis(50));
    }
    let id = running.id().to_string();
    assert!(std::process::Command::new("kill").args(["-INT", &id]).status().expect("there is a kill").success());
    let status = running.wait().expect("it ends");
    assert!(!status.success());
    let before = size();
    std::thread::sleep(Duration::from_millis(500));
    assert_eq!(size(), before, "the module goes on");
}
