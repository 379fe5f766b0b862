//! `numpact check` on environments of real wheels: exit statuses, formats, colour, and where the output goes.

mod support;

use std::process::Stdio;

use support::{bottleneck, ended, numpact, numpy};

#[test]
fn a_distribution_for_numpy_1_breaks_under_2_and_works_under_1() {
    let environment = bottleneck();
    let (status, out, err) = ended(numpact(&environment).arg(".").env("PYTHONPATH", numpy("2.2.6")));
    assert_eq!((status, err.as_str()), (Some(1), ""), "{out}");
    assert!(out.contains("NumPy 2.2.6 (read from its own binary)"), "{out}");
    assert!(out.contains("\nBottleneck 1.3.7: incompatible, its import fails\n"), "{out}");
    assert!(out.contains("  message  ImportError: numpy.core.multiarray failed to import\n"), "{out}");
    assert!(out.contains(" install 'numpy>="), "{out}");
    let (status, out, _) = ended(numpact(&environment).arg(".").env("PYTHONPATH", numpy("1.26.4")));
    assert_eq!(status, Some(0), "{out}");
    assert!(out.contains("Nothing incompatible was found"), "{out}");
}

#[test]
fn what_if_needs_no_numpy_and_without_one_there_is_no_verdict() {
    let environment = bottleneck();
    let run = |arguments: &[&str]| ended(numpact(&environment).arg(".").args(arguments));
    assert_eq!(run(&["--numpy", "1.26.4"]).0, Some(0));
    assert_eq!(run(&["--numpy", "2.2.6"]).0, Some(1));
    assert_eq!(run(&["--numpy", "2.2.6", "--exit-zero"]).0, Some(0));
    let (status, out, err) = run(&[]);
    assert_eq!(status, Some(2), "{out}");
    assert!(err.contains("name one with `--numpy VERSION`"), "{err}");
    assert!(!out.contains("compatible,"), "{out}");
}

#[test]
fn risks_fail_only_where_asked() {
    let environment = testing::environment("contourpy-1.2.0");
    let run = |arguments: &[&str]| ended(numpact(&environment).args([".", "--numpy", "2.2.6"]).args(arguments)).0;
    assert_eq!(run(&[]), Some(0));
    assert_eq!(run(&["--fail-on", "at-risk"]), Some(1));
    assert_eq!(run(&["--fail-on", "undetermined"]), Some(1));
}

#[test]
fn nothing_compiled_has_a_status_of_its_own() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let python = testing::host_interpreter().expect("a Python 3");
    let mut venv = std::process::Command::new(&python.path);
    let made = venv.args(["-m", "venv", "--without-pip"]).arg(folder.path()).status().expect("started");
    assert!(made.success(), "an empty environment");
    let (status, out, err) = ended(numpact(folder.path()).arg("."));
    assert_eq!(status, Some(3), "{out}{err}");
}

#[test]
fn every_format_ends_with_the_counts() {
    let environment = bottleneck();
    let numpy = numpy("2.2.6");
    for format in ["text", "concise", "github", "json", "sarif"] {
        let mut command = numpact(&environment);
        command.args([".", "--output-format", format]).env("PYTHONPATH", &numpy);
        let (status, out, err) = ended(&mut command);
        assert_eq!((status, err.as_str()), (Some(1), ""), "{format}");
        let end: String = out.chars().rev().take(1200).collect::<String>().chars().rev().collect();
        assert!(end.contains("undetermined"), "{format}: {end}");
    }
}

#[test]
fn colour_comes_only_when_wanted() {
    let environment = bottleneck();
    let coloured = |arguments: &[&str], variable: Option<&str>| {
        let mut command = numpact(&environment);
        command.args(arguments).args([".", "--numpy", "2.2.6"]);
        variable.iter().for_each(|name| {
            command.env(name, "1");
        });
        ended(&mut command).1.contains('\u{1b}')
    };
    assert!(!coloured(&["check"], None), "no terminal, no colour");
    assert!(!coloured(&["check"], Some("NO_COLOR")));
    assert!(coloured(&["check", "--color", "always"], Some("NO_COLOR")), "a flag says it more clearly than a variable");
    assert!(coloured(&["--color", "always", "check"], None), "flags may stand before the command");
    assert!(!coloured(&["--color", "never"], None));
}

#[test]
fn quiet_is_one_line() {
    let (_, out, _) = ended(numpact(&bottleneck()).args([".", "-q", "--numpy", "2.2.6"]));
    assert_eq!(out.lines().count(), 1, "{out}");
}

#[test]
fn the_output_goes_to_the_file_or_the_failure_is_told() {
    let environment = bottleneck();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("report.json");
    let mut command = numpact(&environment);
    command.args([".", "--numpy", "2.2.6", "--output-format", "json", "--output-file"]).arg(&file);
    let (status, out, err) = ended(&mut command);
    assert_eq!((status, out.as_str(), err.as_str()), (Some(1), "", ""));
    let text = std::fs::read_to_string(&file).expect("the report");
    assert!(serde_json::from_str::<serde_json::Value>(&text).is_ok(), "{text}");
    let mut command = numpact(&environment);
    command.args([".", "--numpy", "2.2.6", "--output-file"]).arg(folder.path().join("no/such/folder"));
    let (status, _, err) = ended(&mut command);
    assert_eq!(status, Some(2));
    assert!(err.contains("cannot write `"), "{err}");
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let environment = bottleneck();
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let mut command = std::process::Command::new(numpact(&environment).get_program());
    command.args([".", "--numpy", "2.2.6", "-v"]).current_dir(&environment).stdout(writer).stderr(Stdio::piped());
    let output = command.output().expect("started");
    assert_eq!(output.status.code(), Some(1), "the verdict, not a failure");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[test]
fn one_file_by_itself() {
    let environment = bottleneck();
    let python = environment.join("lib/python3.11/site-packages/bottleneck");
    let entries = std::fs::read_dir(&python).expect("the package's folder").flatten();
    let mut files: Vec<_> = entries.map(|e| e.path()).filter(|p| p.extension().is_some_and(|e| e == "so")).collect();
    files.sort();
    let file = files.first().expect("a compiled file");
    let (status, out, err) = ended(numpact(&environment).arg(file));
    assert_eq!((status, err.as_str()), (Some(0), ""), "{out}");
    assert!(out.contains(",<2"), "its range is told: {out}");
    assert_eq!(ended(numpact(&environment).arg(file).args(["--numpy", "2.2.6"])).0, Some(1));
    let (status, out, _) = ended(numpact(&environment).arg("inspect").arg(file));
    assert_eq!(status, Some(0));
    assert!(out.contains("checks NumPy: ABI 0x01000009 (NumPy 1.x)"), "{out}");
    assert!(out.contains("(decoded at "), "with evidence: {out}");
    let (_, out, _) = ended(numpact(&environment).arg("inspect").arg(file).args(["--output-format", "json"]));
    let read: serde_json::Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!(read["schema"], "numpact.inspect/1");
    assert_eq!(read["slices"][0]["requires"]["headers"], "1.x");
}
