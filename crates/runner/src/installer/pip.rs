//! `pip install --dry-run --report`, with the platform's tags and wheels alone.

use std::ffi::OsString;
use std::path::Path;

use contract::judge::python_line;
use tempfile::NamedTempFile;

use super::{Asked, InstallerError, Request, constraints_file, file_arguments, list_file};

/// The ways to start pip, the surest first. An interpreter of the line that is resolved for judges its markers rightly.
fn starts(request: &Request) -> Vec<(String, Vec<OsString>)> {
    let (major, minor) = request.python;
    let own = format!("python{major}.{minor}");
    let module = || ["-m", "pip"].map(OsString::from).to_vec();
    let pythons = [own.as_str(), "python3", "python"].map(|python| (python.to_owned(), module()));
    pythons.into_iter().chain([("pip".to_owned(), Vec::new())]).collect()
}

/// `None` when there is no pip.
pub(super) fn ask(request: &Request) -> Result<Option<String>, InstallerError> {
    let constraints = constraints_file(request)?;
    let lines = list_file("requirements-", &request.lines)?;
    let mut arguments = arguments(request, constraints.as_ref().map(NamedTempFile::path));
    // Options, `-r` too, end at the `--` in front of the requirements.
    let behind = arguments.iter().position(|word| word == "--").unwrap_or(arguments.len());
    let own = lines.iter().flat_map(|file| ["-r".into(), file.path().as_os_str().to_owned()]);
    arguments.splice(behind..behind, own);
    run(request, &arguments)
}

/// The line of Python that the pip to be asked runs on.
pub(super) fn python(request: &Request) -> Option<(u8, u8)> {
    let told = run(request, &["--version".into()]).ok()??;
    // `pip 23.2.1 from /usr/lib/python3/dist-packages/pip (python 3.11)`
    python_line(told.trim().rsplit_once("(python ")?.1.trim_end_matches(')'))
}

/// What pip prints of a distribution's releases; `None` when there is no pip.
pub(super) fn ask_for_versions(name: &str, request: &Request) -> Result<Option<String>, InstallerError> {
    let mut arguments: Vec<OsString> = ["index", "versions", "--only-binary=:all:"].map(OsString::from).to_vec();
    arguments.extend(["--disable-pip-version-check", "--no-input"].map(OsString::from));
    arguments.extend(target(request));
    arguments.extend(request.offline.then(|| OsString::from("--no-index")));
    arguments.extend(["--".into(), OsString::from(name)]);
    run(request, &arguments)
}

/// Starts pip in each way until one of them is pip.
fn run(request: &Request, arguments: &[OsString]) -> Result<Option<String>, InstallerError> {
    for (program, mut words) in starts(request) {
        words.extend_from_slice(arguments);
        let asked = Asked { program, arguments: words, environment: Vec::new(), input: None };
        match asked.run() {
            Ok(None) => {}
            // An interpreter without pip, or a version manager's stand-in for an interpreter that is not chosen.
            Err(InstallerError::Refused { complaint, .. })
                if complaint.contains("No module named pip") || complaint.contains("command not found") => {}
            outcome => return outcome,
        }
    }
    Ok(None)
}

fn arguments(request: &Request, constraints: Option<&Path>) -> Vec<OsString> {
    // pip insists on a target folder when it resolves for another Python; a dry run leaves it alone.
    let words = [
        "install",
        "--dry-run",
        "--quiet",
        "--quiet",
        "--report",
        "-",
        "--ignore-installed",
        "--only-binary=:all:",
        "--target=numpact-dry-run",
        "--disable-pip-version-check",
        "--no-input",
    ];
    let mut arguments: Vec<OsString> = words.iter().map(OsString::from).collect();
    arguments.extend(target(request));
    arguments.extend(constraints.into_iter().flat_map(|file| [OsString::from("--constraint"), file.into()]));
    arguments.extend(request.no_dependencies.then(|| OsString::from("--no-deps")));
    arguments.extend(request.offline.then(|| OsString::from("--no-index")));
    arguments.extend(file_arguments(&request.files));
    arguments.push("--".into());
    arguments.extend(request.requirements.iter().map(OsString::from));
    arguments
}

/// Whom to choose wheels for.
fn target(request: &Request) -> Vec<OsString> {
    let (major, minor) = request.python;
    let python = ["--implementation=cp".to_owned(), format!("--python-version={major}.{minor}")];
    let platforms = request.platform_tags.iter().map(|tag| format!("--platform={tag}"));
    python.into_iter().chain(platforms).map(OsString::from).collect()
}
