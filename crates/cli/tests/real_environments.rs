//! Real wheels under real NumPys: who breaks, when, with which message, and under which NumPys it works. Each expectation is
//! what the interpreter itself did when the wheel was imported (see `fixtures/truth/observed.jsonl`).

mod support;

use std::path::{Path, PathBuf};

use serde_json::Value;
use support::{ended, numpact, numpy};

/// The JSON report of an environment, with its exit status. `paths` goes to `PYTHONPATH`.
fn report(environment: &Path, paths: &[PathBuf], arguments: &[&str]) -> (Option<i32>, Value) {
    let joined = std::env::join_paths(paths).expect("paths without separators");
    let mut command = numpact(environment);
    command.args(["check", ".", "--output-format", "json"]).args(arguments).env("PYTHONPATH", joined);
    let (status, out, err) = ended(&mut command);
    let report = serde_json::from_str(&out).unwrap_or_else(|e| panic!("no JSON ({e}): {out}{err}"));
    (status, report)
}

/// A distribution of the report.
fn distribution<'r>(report: &'r Value, name: &str) -> &'r Value {
    let all = report["targets"][0]["distributions"].as_array().expect("distributions");
    all.iter().find(|d| d["name"] == name).unwrap_or_else(|| panic!("{name} is not in {report:#}"))
}

/// The first incompatible file of a distribution whose path contains `part`.
fn broken<'r>(distribution: &'r Value, part: &str) -> &'r Value {
    let files = distribution["binaries"].as_array().expect("binaries");
    let found =
        files.iter().find(|b| b["verdict"] == "incompatible" && b["path"].as_str().unwrap_or("").contains(part));
    found.unwrap_or_else(|| panic!("no incompatible `{part}` in {distribution:#}"))
}

const DTYPE: &str = "ValueError: numpy.dtype size changed, may indicate binary incompatibility. \
                     Expected 96 from C header, got 88 from PyObject";

#[test]
fn pycocotools_2_0_7_dies_of_its_type_check_on_numpy_2() {
    let environment = testing::environment("pycocotools-2.0.7");
    let (status, report) = report(&environment, &[numpy("2.2.6")], &[]);
    assert_eq!(status, Some(1));
    let pycocotools = distribution(&report, "pycocotools");
    assert_eq!(pycocotools["verdict"], "incompatible");
    let mask = broken(pycocotools, "_mask");
    assert_eq!(mask["module"], "pycocotools._mask");
    assert_eq!(mask["fails"], "import");
    assert_eq!(mask["error"], DTYPE);
    assert!(mask["numpy"].as_str().is_some_and(|range| range.ends_with("<2")), "{mask:#}");
    assert!(mask["evidence"].as_array().is_some_and(|e| !e.is_empty()), "{mask:#}");
}

#[test]
fn pycocotools_2_0_8_works_on_both_and_2_0_7_on_numpy_1() {
    let (status, _) = report(&testing::environment("pycocotools-2.0.8"), &[numpy("2.2.6")], &[]);
    assert_eq!(status, Some(0));
    let (status, _) = report(&testing::environment("pycocotools-2.0.7"), &[numpy("2.2.6")], &["--numpy", "1.26.4"]);
    assert_eq!(status, Some(0));
}

#[test]
fn each_of_a_mixture_is_named_with_its_own_kind_of_error() {
    let numpy = numpy("2.0.2");
    let one = |name: &str| report(&testing::environment(name), std::slice::from_ref(&numpy), &[]).1;
    let opencv = one("opencv-4.9.0.80");
    let cv2 = broken(distribution(&opencv, "opencv-python-headless"), "cv2");
    assert_eq!(cv2["error"], "ImportError: numpy.core.multiarray failed to import");
    let pandas = one("pandas-2.1.4");
    assert_eq!(distribution(&pandas, "pandas")["fails"], "import");
    assert_eq!(broken(distribution(&pandas, "pandas"), "interval")["error"], DTYPE);
    let h5py = one("h5py-3.10.0");
    assert_eq!(broken(distribution(&h5py, "h5py"), "h5r")["error"], DTYPE);
    assert_eq!(distribution(&h5py, "h5py")["numpy"]["declared"], ">=1.17.3");
    let matplotlib = one("matplotlib-3.8.2");
    let path = broken(distribution(&matplotlib, "matplotlib"), "_path");
    assert_eq!(path["error"], "ImportError: numpy.core.multiarray failed to import");
    let gensim = one("gensim-4.3.2");
    assert_eq!(distribution(&gensim, "gensim")["verdict"], "incompatible");
}

#[test]
fn cyvcf2_is_refused_for_its_feature_level_and_below_that_for_a_type() {
    let environment = testing::environment("cyvcf2-0.30.16-py310");
    let (status, refused) = report(&environment, &[], &["--numpy", "1.22.4"]);
    assert_eq!(status, Some(1));
    let file = broken(distribution(&refused, "cyvcf2"), "cyvcf2");
    assert_eq!(file["error"], "ImportError: numpy.core.multiarray failed to import");
    assert_eq!(file["requires"]["api"], "0x10");
    let (_, smaller) = report(&environment, &[], &["--numpy", "1.21.6"]);
    let file = broken(distribution(&smaller, "cyvcf2"), "cyvcf2");
    assert!(file["error"].as_str().is_some_and(|e| e.contains("numpy.ndarray size changed")), "{file:#}");
    assert_eq!(report(&environment, &[], &["--numpy", "1.23.5"]).0, Some(0));
}

#[test]
fn a_second_numpy_behind_the_first_is_told() {
    let environment = testing::environment("bottleneck-1.3.7");
    let (_, report) = report(&environment, &[numpy("1.26.4"), numpy("2.2.6")], &[]);
    let findings = report["targets"][0]["findings"].as_array().expect("findings");
    assert!(findings.iter().any(|f| f["rule"] == "several-numpys"), "{findings:#?}");
    assert_eq!(report["targets"][0]["numpy"]["version"], "1.26.4");
}
