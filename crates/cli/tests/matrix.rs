//! `numpact matrix`: every kind of target under every NumPy release that exists for its Python.

mod support;

use serde_json::Value;
use support::{bottleneck, ended, numpact};

#[test]
fn an_environment_under_every_release_for_its_python() {
    let environment = bottleneck();
    let (status, out, err) = ended(numpact(&environment).args(["matrix", ".", "--numpy", ">=1.21,<2.1"]));
    assert_eq!((status, err.as_str()), (Some(0), ""), "{out}");
    let python = testing::try_interpreter("3.11").expect("CPython 3.11");
    let out = out.replace(&python.version, "3.11.7");
    let expected = "\
., Python 3.11.7 on linux-x86_64

NumPy             1.23  1.24  1.25  1.26  2.0
Bottleneck 1.3.7  ok    ok    ok    ok    import

Suits every distribution, by its bytes and by its metadata: NumPy 1.23.2 to 1.26.4

ok works, import fails at import, use fails when what needs NumPy is first used, risk imports and may go wrong, ? could not
be told, - does not use NumPy's C API, (...) the metadata forbids it, * the NumPy at hand
";
    assert_eq!(out, expected);
}

#[test]
fn a_wheel_of_another_platform_for_programs() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let wheel = testing::wheel("contourpy-1.2.0-cp311-cp311-manylinux_2_17_x86_64");
    let mut command = numpact(folder.path());
    let (status, out, err) = ended(command.arg("matrix").arg(wheel).args(["--output-format", "json"]));
    assert_eq!(status, Some(0), "{err}");
    let value: Value = serde_json::from_str(&out).expect("JSON");
    let target = &value["targets"][0];
    assert_eq!((&value["schema"], &target["target"]["kind"]), (&"numpact.matrix/1".into(), &"wheel".into()));
    let cells = target["distributions"][0]["cells"].as_array().expect("cells");
    let of = |version: &str| cells.iter().find(|cell| cell["numpy"] == version).expect("a known release");
    assert_eq!((&of("1.26.4")["verdict"], &of("1.26.4")["allowed"]), (&"compatible".into(), &true.into()));
    assert_eq!((&of("2.0.2")["verdict"], &of("2.0.2")["allowed"]), (&"at-risk".into(), &false.into()));
    assert!(cells.iter().all(|cell| cell["numpy"] != "1.22.4"), "no wheel of it for Python 3.11");
    assert!(cells.iter().all(|cell| cell["numpy"] != "2.5.2"), "no wheel of it for Python 3.11");
}

#[test]
fn what_has_nothing_to_show_says_so() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (status, _, err) = ended(numpact(folder.path()).args(["matrix", "--numpy", ">=99", "."]));
    assert_eq!(status, Some(2));
    assert!(err.contains("`--numpy >=99` contains no known release"), "{err}");
    let environment = bottleneck();
    let (status, _, err) = ended(numpact(&environment).args(["matrix", "--numpy", "<1.10", "."]));
    assert_eq!(status, Some(2));
    assert!(err.contains("no NumPy release that was asked for exists for Python 3.11"), "{err}");
}
