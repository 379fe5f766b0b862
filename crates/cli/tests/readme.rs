//! The examples printed in README.md and docs/configuration.md, run: each `$ numpact ...` line in a block that begins with ```console must print
//! exactly what stands below it.

mod support;

use std::path::Path;

use support::{ended, numpact};

/// Where the examples say that they were run.
const HOME: &str = "/home/me";

/// The folder that the examples speak of: `env`, with NumPy 2.2.6 and pycocotools 2.0.7.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let python = testing::interpreter("3.11");
    let pins: Vec<_> = [("numpy", "2.2.6"), ("pycocotools", "2.0.7")]
        .iter()
        .map(|(name, version)| testing::find_host_pin(name, version, "3.11").expect("a pinned wheel for this machine"))
        .collect();
    let env = folder.path().join("env");
    testing::make_environment(&python, &pins, &env).expect("an environment");
    // As users have it: commands are given for the environment's own pip.
    let (status, _, err) = ended(assert_cmd::Command::new(env.join("bin/python")).args(["-m", "ensurepip"]));
    assert_eq!(status, Some(0), "{err}");
    folder
}

/// Commands and what they print, in the order of the text.
fn examples(text: &str) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = Vec::new();
    for block in text.split("```console\n").skip(1) {
        let block = block.split("```").next().unwrap_or_default();
        for line in block.lines() {
            match (line.strip_prefix("$ "), found.last_mut()) {
                (Some(command), _) => found.push((command.to_owned(), String::new())),
                (None, Some((_, output))) => *output += &format!("{line}\n"),
                (None, None) => panic!("a block begins without a command: {line}"),
            }
        }
    }
    found
}

/// A text of the project.
fn page(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(name);
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Runs every example of a text in `folder`, each of which must end with one of these statuses.
fn run(text: &str, folder: &Path, statuses: &[i32]) {
    let python = testing::try_interpreter("3.11").expect("CPython 3.11");
    let version = format!("Python {}", python.version);
    let examples = examples(text);
    assert!(!examples.is_empty(), "there is no example");
    for (command, expected) in examples {
        let arguments = command.strip_prefix("numpact ").expect("examples run numpact").split(' ');
        let (status, out, err) = ended(numpact(folder).args(arguments));
        let out = out.replace(&folder.display().to_string(), HOME).replace(&version, "Python 3.11.7");
        assert_eq!(out, expected, "`{command}` prints something else; standard error: {err}");
        assert!(status.is_some_and(|status| statuses.contains(&status)), "`{command}` ends with {status:?}: {err}");
    }
}

#[test]
fn the_examples_print_what_the_readme_says() {
    run(&page("README.md"), folder().path(), &[0, 1]);
}

/// Both ways to write a configuration down, each by itself.
#[test]
fn the_examples_of_a_configuration_do_what_the_page_says() {
    let page = page("docs/configuration.md");
    let folder = folder();
    for name in ["pyproject.toml", "numpact.toml"] {
        let (_, rest) = page.split_once(&format!("In `{name}`:\n\n```toml\n")).expect("an example of it");
        let (text, _) = rest.split_once("```").expect("its end");
        let file = folder.path().join(name);
        std::fs::write(&file, text).expect("written");
        run(&page, folder.path(), &[0]);
        std::fs::remove_file(&file).expect("removed");
    }
}
