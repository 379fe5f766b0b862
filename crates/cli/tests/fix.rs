//! `numpact fix`, on a real environment that is really broken, with pip and a folder of wheels as its only index.

mod support;

use std::path::Path;

use assert_cmd::Command;
use support::broken::{Broken, SERVED, broken};
use support::{ended, really, script};

#[test]
fn plans_are_proved_and_the_nearest_release_that_fits_is_found() {
    let broken = broken(&SERVED);
    broken.serve_source("Bottleneck", "1.3.7");
    let (status, out, err) = ended(&mut broken.numpact(&["fix", "env", "--output-format", "json"]));
    assert_eq!(status, Some(1), "{out}{err}");
    let json: serde_json::Value = serde_json::from_str(&out).expect("JSON");
    let changes: Vec<String> = json["plans"]
        .as_array()
        .expect("plans")
        .iter()
        .map(|plan| plan["changes"].as_array().expect("changes"))
        .map(|changes| changes.iter().map(|c| format!("{} {}", c["distribution"], c["to"]).replace('"', "")).collect())
        .collect();
    // 1.3.8 was compiled for NumPy 1.x as well, and its metadata does not say so. The last plan is to build 1.3.7 anew.
    assert_eq!(changes, ["Bottleneck 1.4.0", "numpy 1.26.4", "Bottleneck 1.3.7"]);
    assert_eq!(json["plans"][1]["keep"][0], "numpy>=1.23,<2");
    assert_eq!(json["plans"][0]["proof"]["resolver"], "pip");
}

/// What was to be kept were the releases that all bytes allow: numba has no compiled file that refuses NumPy 1.26, asks for
/// less than 1.24, and failed after the line for a Dockerfile was followed.
#[test]
fn what_is_to_be_kept_meets_what_others_ask_for() {
    let broken = broken(&SERVED);
    let site = broken.env().join("lib/python3.11/site-packages");
    let info = site.join("strict-1.0.dist-info");
    std::fs::create_dir(&info).expect("made");
    let metadata = "Metadata-Version: 2.1\nName: strict\nVersion: 1.0\nRequires-Dist: numpy>=1.25\n";
    std::fs::write(info.join("METADATA"), metadata).expect("written");
    std::fs::write(info.join("RECORD"), "strict-1.0.dist-info/METADATA,,\nstrict-1.0.dist-info/RECORD,,\n")
        .expect("written");
    let (status, out, err) = ended(&mut broken.numpact(&["fix", "env", "--output-format", "json"]));
    assert_eq!(status, Some(1), "{out}{err}");
    let json: serde_json::Value = serde_json::from_str(&out).expect("JSON");
    let plans = json["plans"].as_array().expect("plans");
    let older = plans.iter().find(|plan| plan["changes"][0]["distribution"] == "numpy").expect("an older NumPy");
    assert_eq!((&older["changes"][0]["to"], &older["keep"][0]), (&"1.26.4".into(), &"numpy>=1.25,<2".into()));
}

#[test]
fn a_plan_is_applied_and_taken_back() {
    let broken = broken(&SERVED);
    let (before, files) = (broken.freeze(), broken.files());
    assert!(!broken.imports(), "it is really broken");
    let (status, out, err) = ended(&mut broken.numpact(&["fix", "env", "--apply", "--yes"]));
    assert_eq!(status, Some(0), "{out}{err}");
    assert!(out.contains("  import bottleneck: works ("), "{out}");
    assert!(out.contains("env: mended (Bottleneck 1.3.7 -> 1.4.0); what was there is kept in"), "{out}");
    assert!(broken.imports());
    let list =
        std::fs::read_to_string(broken.env().join(".numpact/undo/freeze.txt")).expect("a list of what was there");
    let known = |(line, name): (&str, &str)| line.starts_with(&format!("{name} @ file://")) && line.ends_with(" # pip");
    assert!(list.lines().count() == 2 && list.lines().zip(["Bottleneck", "numpy"]).all(known), "{list}");
    let (status, out, err) = ended(&mut broken.numpact(&["fix", "env"]));
    assert_eq!(status, Some(0), "{out}{err}");
    assert!(out.contains("there is nothing to mend"), "{out}");
    let (status, out, err) = ended(&mut broken.numpact(&["fix", "env", "--undo"]));
    assert_eq!(status, Some(0), "{out}{err}");
    assert_eq!(broken.freeze(), before);
    assert_eq!(broken.files(), files);
    let (status, _, err) = ended(&mut broken.numpact(&["fix", "env", "--undo"]));
    assert_eq!(status, Some(2));
    assert!(err.contains("so there is nothing to put back"), "{err}");
}

#[test]
fn what_cannot_be_had_is_proved() {
    let broken = broken(&[("numpy", "2.2.6"), ("Bottleneck", "1.3.7"), ("Bottleneck", "1.3.8")]);
    let (status, out, err) = ended(&mut broken.numpact(&["fix", "env"]));
    assert_eq!(status, Some(1), "{out}{err}");
    assert!(out.contains("No other release mends it:"), "{out}");
    assert!(out.contains("1.3.8 was read, and its bytes work with `numpy>=1.23,<2`"), "{out}");
}

/// A wheel from a colleague was offered to be built again, and only the attempt found that no index has its source.
#[test]
fn what_no_index_has_as_source_is_not_offered_to_be_built() {
    let broken = broken(&[("numpy", "2.2.6"), ("Bottleneck", "1.3.7")]);
    let plans = |tools: &[&str]| {
        let mut command = broken.numpact(&["fix", "env"]);
        let (status, out, err) = ended(command.env("PATH", broken.path_of(tools)));
        assert_eq!(status, Some(1), "{out}{err}");
        (out.contains("Bottleneck 1.3.7 built again"), out.contains("No other release mends it:"))
    };
    for (record, tools) in [("pip", &["python3"][..]), ("uv", &["uv", "python3"])] {
        broken.record(record);
        assert_eq!(plans(tools), (false, true), "{record}");
    }
    // The source of another release is not its own.
    broken.serve_source("Bottleneck", "1.3.6");
    assert_eq!(plans(&["uv", "python3"]), (false, true));
    broken.serve_source("Bottleneck", "1.3.7");
    for (record, tools) in [("pip", &["python3"][..]), ("uv", &["uv", "python3"])] {
        broken.record(record);
        assert_eq!(plans(tools), (true, true), "{record}");
    }
}

/// pip that may not try again says "no matching distribution" where it reached no index; a build was all that was offered.
#[test]
fn an_index_that_cannot_be_reached_is_no_index_without_releases() {
    let broken = broken(&[]);
    let mut command = broken.numpact(&["fix", "env"]);
    command.env_remove("PIP_NO_INDEX").env_remove("PIP_FIND_LINKS").env("PIP_INDEX_URL", "http://127.0.0.1:9/simple");
    let (status, out, err) = ended(command.env("PIP_RETRIES", "0").env("NO_PROXY", "127.0.0.1"));
    assert_eq!(status, Some(2), "{out}{err}");
    assert!(out.ends_with(": Bottleneck 1.3.7 does not work\n"), "{out}");
    assert!(err.contains("did not reach the package index") && err.contains("127.0.0.1"), "{err}");
}

#[test]
fn what_is_not_fetched_is_not_said_not_to_be() {
    let broken = broken(&[("numpy", "2.2.6")]);
    broken.serve_source("Bottleneck", "1.3.7");
    let (status, out, err) = ended(&mut broken.numpact(&["fix", "env", "--offline"]));
    assert_eq!(status, Some(1), "{out}{err}");
    assert!(!out.contains("Plan 1") && !out.contains("No other release"), "{out}");
    assert!(
        out.contains("Nothing was fetched (`--offline`), and no release that this machine holds mends it:"),
        "{out}"
    );
}

/// pip fails in the middle: its wheel is cut off after the plan was made.
#[test]
fn a_failing_installer_leaves_what_was_there() {
    let broken = broken(&SERVED);
    let (before, files) = (broken.freeze(), broken.files());
    let shim = broken.folder.path().join("shim");
    std::fs::create_dir(&shim).expect("made");
    let real = really(&testing::host_interpreter().expect("CPython with pip").path);
    script(
        &shim.join("python3.11"),
        &format!(
            "#!/bin/sh\ncase \"$*\" in *--no-deps*) rm -rf {}/lib/python3.11/site-packages/[Bb]ottleneck; exit 1;; esac\nexec {} \"$@\"\n",
            broken.env().display(),
            real.display()
        ),
    );
    let mut command = broken.numpact(&["fix", "env", "--apply", "--yes"]);
    let path = std::env::var("PATH").expect("a PATH");
    let (status, out, err) = ended(command.env("PATH", format!("{}:{path}", shim.display())));
    assert_eq!(status, Some(1), "{out}{err}");
    assert!(out.contains("was tried and taken back: the installer failed"), "{out}");
    assert_eq!(broken.freeze(), before);
    assert_eq!(broken.files(), files);
}

#[test]
fn constraints_name_the_file_that_makes_them_true() {
    let broken = broken(&[("numpy", "2.2.6")]);
    let (status, out, err) = ended(&mut broken.numpact(&["constraints", "env"]));
    assert_eq!(status, Some(0), "{err}");
    let line = out.lines().find(|line| !line.starts_with('#')).expect("a line that is no comment");
    assert!(line.starts_with("numpy>=1.23,<2  # Bottleneck 1.3.7: `bottleneck/"), "{out}");
    assert!(line.ends_with(".so` and 3 more (its metadata asks for any NumPy)"), "{out}");
    let file = broken.folder.path().join("constraints.txt");
    std::fs::write(&file, &out).expect("written");
    assert_eq!(pip_takes_numpy_2(&broken, None), Some(0), "without them pip has what it wants");
    assert_eq!(pip_takes_numpy_2(&broken, Some(&file)), Some(1), "with them it has not");
    let (_, out, _) = ended(&mut broken.numpact(&["constraints", "env", "--format", "conda"]));
    assert!(out.ends_with("\nnumpy >=1.23,<2\n"), "{out}");
    let (_, out, _) = ended(&mut broken.numpact(&["constraints", "env", "--format", "uv"]));
    assert!(out.ends_with("\nnumpy>=1.23,<2\n"), "{out}");
}

/// How pip ends that is asked for NumPy 2 under constraints.
fn pip_takes_numpy_2(broken: &Broken, constraints: Option<&Path>) -> Option<i32> {
    let mut pip = Command::new(testing::host_interpreter().expect("CPython with pip").path);
    pip.args(["-m", "pip", "install", "--dry-run", "--ignore-installed", "--target", "unused", "--no-deps"]);
    pip.args(["--python-version", "3.11", "--only-binary", ":all:", "--no-index", "--find-links"]).arg(&broken.index);
    pip.args(constraints.into_iter().flat_map(|file| [Path::new("--constraint"), file]));
    ended(pip.current_dir(broken.folder.path()).arg("numpy>=2")).0
}
