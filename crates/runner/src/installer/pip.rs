//! `pip install --dry-run --report`, with the platform's tags and wheels alone.

use std::ffi::OsString;

use super::{Asked, InstallerError, Request, file_arguments};

/// The ways to start pip, the surest first.
const STARTS: [(&str, &[&str]); 3] = [("python3", &["-m", "pip"]), ("python", &["-m", "pip"]), ("pip", &[])];

/// `None` when there is no pip.
pub(super) fn ask(request: &Request) -> Result<Option<String>, InstallerError> {
    for (program, words) in STARTS {
        let mut all: Vec<OsString> = words.iter().map(OsString::from).collect();
        all.extend(arguments(request));
        let asked = Asked { program, arguments: all, environment: Vec::new(), input: None };
        match asked.run() {
            Ok(None) => {}
            Err(InstallerError::Refused { complaint, .. }) if complaint.contains("No module named pip") => {}
            outcome => return outcome,
        }
    }
    Ok(None)
}

fn arguments(request: &Request) -> Vec<OsString> {
    let (major, minor) = request.python;
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
        "--implementation=cp",
        "--disable-pip-version-check",
        "--no-input",
    ];
    let mut arguments: Vec<OsString> = words.iter().map(OsString::from).collect();
    arguments.push(format!("--python-version={major}.{minor}").into());
    arguments.extend(request.platform_tags.iter().map(|tag| OsString::from(format!("--platform={tag}"))));
    arguments.extend(request.no_dependencies.then(|| OsString::from("--no-deps")));
    arguments.extend(request.offline.then(|| OsString::from("--no-index")));
    arguments.extend(file_arguments(&request.files));
    arguments.push("--".into());
    arguments.extend(request.requirements.iter().map(OsString::from));
    arguments
}
