//! Wrong usage and wrong configuration: status 2, nothing on standard output, and a sentence that says what to do.

mod support;

use std::path::Path;

use support::{bottleneck, ended, numpact, numpy};

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

/// Runs with these arguments in `folder`, expects status 2 and silence on standard output, and gives standard error.
fn refused(folder: &Path, arguments: &[&str]) -> String {
    let (status, out, err) = ended(numpact(folder).args(arguments));
    assert_eq!((status, out.as_str()), (Some(2), ""), "{arguments:?}: {err}");
    err
}

#[test]
fn wrong_arguments_are_refused() {
    let folder = folder();
    assert!(refused(folder.path(), &["--nonsense"]).contains("--nonsense"));
    assert!(refused(folder.path(), &["--output-format", "xml"]).contains("[possible values: text"));
    assert!(refused(folder.path(), &["-q", "-v"]).contains("cannot be used with"));
    assert!(refused(folder.path(), &["--numpy", "9.9", "."]).contains("NumPy `9.9` is not known"));
    assert!(refused(folder.path(), &["--platform", "amiga-68k", "."]).contains("`amiga-68k` is no platform"));
    assert!(refused(folder.path(), &["--numpy", "2.0.0", "check", "."]).contains("put it behind"));
    assert!(refused(folder.path(), &["--python", "3.99"]).contains("no `python3.99` is on PATH"));
}

#[test]
fn targets_that_are_none_are_refused() {
    let folder = folder();
    assert!(refused(folder.path(), &["missing/"]).contains("cannot open `missing/`"));
    std::fs::write(folder.path().join("fake.so"), "no ELF").expect("written");
    assert!(refused(folder.path(), &["fake.so"]).contains("no ELF, Mach-O or PE"));
    assert!(refused(folder.path(), &["inspect", "fake.so"]).contains("no ELF, Mach-O or PE"));
    assert!(refused(folder.path(), &["inspect", "missing.so"]).contains("cannot open `missing.so`"));
    assert!(refused(folder.path(), &["."]).contains("is no Python environment"));
}

/// They were taken for interpreters, and the distributions of the system's Python were judged.
#[test]
fn a_text_that_is_no_requirements_file_is_not_taken_for_an_interpreter() {
    let folder = folder();
    for name in ["notes", "notes.in", "numpy"] {
        std::fs::write(folder.path().join(name), "numpy==1.26.4\nremember to update\n").expect("written");
        let told = refused(folder.path(), &[name]);
        assert!(told.contains(&format!("`{name}` is neither an interpreter nor")), "{told}");
        assert!(told.contains(&format!("line 2 of `{name}` is no requirement: `remember to update`")), "{told}");
    }
    assert!(refused(folder.path(), &["numpy"]).contains("is checked by `numpact check 'numpy>=0'`"));
    assert!(refused(folder.path(), &["--python", "notes"]).contains("is no Python environment"));
    // A program of the system, whose folders hold the system's Python, too.
    assert!(refused(folder.path(), &["/bin/ls"]).contains("it is no interpreter by its name"));
}

/// They were passed over.
#[test]
fn groups_and_extras_are_refused_of_what_has_none() {
    let folder = folder();
    std::fs::write(folder.path().join("uv.lock"), "version = 1\n").expect("written");
    std::fs::write(folder.path().join("requirements.txt"), "numpy\n").expect("written");
    let told = refused(folder.path(), &["uv.lock", "--group", "test", "--python", "3.11"]);
    assert!(told.contains("`uv.lock`: it has no group `test`; it tells of none"), "{told}");
    for words in [&["requirements.txt", "--extra", "all"][..], &["numpy>=2", "--group", "test"], &["--extra", "all"]] {
        assert!(
            refused(folder.path(), words).contains("are about a `pyproject.toml` or a lock file, and none was named"),
            "{words:?}"
        );
    }
}

/// An installer would be asked for a distribution of that name.
#[test]
fn a_mistyped_command_is_not_taken_for_a_distribution() {
    let folder = folder();
    for (word, command) in [("chekc", "check"), ("explian", "explain"), ("prob", "probe"), ("rnu", "run")] {
        let told = refused(folder.path(), &[word]);
        assert!(told.contains(&format!("there is no command `{word}`; did you mean `{command}`?")), "{told}");
        assert!(told.contains(&format!("`numpact check {word}`")), "{told}");
    }
}

/// Lines that are broken in the text and then by the terminal are hard to read.
#[test]
fn help_fits_eighty_columns() {
    let folder = folder();
    let (_, out, _) = ended(numpact(folder.path()).arg("-h"));
    let listed = out.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let commands: Vec<&str> = listed.filter_map(|line| line.split_whitespace().next()).collect();
    assert!(commands.contains(&"fix") && commands.contains(&"probe"), "{out}");
    for command in commands {
        let (_, out, _) = ended(numpact(folder.path()).args([command, "--help"]).env("COLUMNS", "80"));
        let examples = out.lines().skip_while(|line| !line.starts_with("Example")).skip(1);
        for line in examples.take_while(|line| !line.is_empty()) {
            assert!(line.len() <= 80 && line.starts_with("  "), "`{command} --help`: {line}");
        }
    }
}

#[test]
fn an_unknown_rule_is_refused_with_a_guess() {
    let told = refused(folder().path(), &["rule", "numpy-mayor-mismatch"]);
    assert!(told.contains("did you mean `numpy-major-mismatch`?"), "{told}");
}

#[test]
fn every_rule_and_every_shell_has_something_to_say() {
    let folder = folder();
    let (status, out, _) = ended(numpact(folder.path()).arg("rule"));
    assert_eq!(status, Some(0));
    for line in out.lines() {
        let id = line.split(' ').next().expect("an id");
        let (status, page, _) = ended(numpact(folder.path()).args(["rule", id]));
        assert_eq!(status, Some(0));
        assert!(page.starts_with(&format!("# {id}\n")), "{page}");
    }
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let (status, script, _) = ended(numpact(folder.path()).args(["completions", shell]));
        assert_eq!(status, Some(0));
        assert!(script.contains("numpact") && script.contains("inspect"), "{shell}");
    }
}

#[test]
fn wrong_configuration_is_refused_with_file_and_line() {
    let folder = folder();
    std::fs::write(folder.path().join("pyproject.toml"), "[tool.numpact]\nfail_on = 'at-risk'\n").expect("written");
    let told = refused(folder.path(), &["."]);
    assert!(told.contains("pyproject.toml`: line 2: unknown key `fail_on`; did you mean `fail-on`?"), "{told}");
    std::fs::write(folder.path().join("numpact.toml"), "fail-on = 3\n").expect("written");
    let told = refused(folder.path(), &["."]);
    assert!(told.contains("numpact.toml`: line 1: `fail-on` takes one of \"incompatible\", "), "{told}");
}

#[test]
fn an_ignored_finding_names_its_reason_and_one_that_matches_nothing_warns() {
    let folder = folder();
    let text = "[[ignore]]\nrule = 'numpy-major-mismatch'\nsubject = 'bottleneck'\nreason = 'never imported here'\n\
                [[ignore]]\nrule = 'mixed-builds'\nsubject = 'nobody'\nreason = 'long ago'\n";
    std::fs::write(folder.path().join("numpact.toml"), text).expect("written");
    let mut command = numpact(folder.path());
    command.arg(bottleneck()).args(["--output-format", "json"]).env("PYTHONPATH", numpy("2.2.6"));
    let (status, out, err) = ended(&mut command);
    assert_eq!(status, Some(0), "{err}");
    assert!(err.contains("`ignore` of `mixed-builds` for `nobody` matches no finding"), "{err}");
    let report: serde_json::Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!(report["targets"][0]["ignored"][0]["reason"], "never imported here");
    let mut command = numpact(folder.path());
    let (status, out, _) = ended(command.arg(bottleneck()).env("PYTHONPATH", numpy("2.2.6")));
    assert_eq!(status, Some(0), "{out}");
    assert!(
        out.contains("incompatible, its import fails, ignored by the configuration: never imported here\n"),
        "{out}"
    );
}

#[test]
fn an_index_out_of_reach_is_not_taken_for_an_empty_one() {
    let folder = folder();
    let mut command = numpact(folder.path());
    command
        .args(["check", "kiwisolver==1.4.5", "--python", "3.11"])
        .env("PIP_RETRIES", "1")
        .env("UV_HTTP_RETRIES", "0");
    for variable in ["PIP_INDEX_URL", "UV_INDEX_URL", "UV_DEFAULT_INDEX"] {
        command.env(variable, "https://index.invalid/simple");
    }
    // Nothing listens on the port of the discard service.
    command.env("https_proxy", "http://127.0.0.1:9").env("no_proxy", "");
    let (status, out, err) = ended(&mut command);
    assert_eq!((status, out.as_str()), (Some(2), ""), "{err}");
    assert!(err.contains("did not reach the package index"), "{err}");
}
