//! `pip install --dry-run --report`, with the platform's tags and wheels alone.

use std::ffi::OsString;
use std::path::Path;

use contract::judge::python_line;

use super::{Asked, InstallerError, Request, answers, constraints_file, file_arguments, list_file, log_file};
use crate::change::ELSEWHERE;
use crate::signals::Minded;

/// The ways to start the pip that is to be asked, the surest first.
fn starts(request: &Request) -> Vec<Vec<String>> {
    request.pip.as_ref().map_or_else(|| on_path(request.python), |pip| vec![pip.words.clone()])
}

/// The ways to start a pip of PATH. An interpreter of the line that is resolved for judges its markers rightly, and its pip
/// is one that this line can run.
fn on_path((major, minor): (u8, u8)) -> Vec<Vec<String>> {
    let own = format!("python{major}.{minor}");
    let pythons = [own.as_str(), "python3", "python"].map(|python| [python, "-m", "pip"].map(str::to_owned).to_vec());
    pythons.into_iter().chain([vec!["pip".to_owned()]]).collect()
}

pub(super) fn from_outside(interpreter: &Path, python: (u8, u8)) -> Option<Vec<String>> {
    let there = ["--python".to_owned(), interpreter.display().to_string(), "--version".to_owned()];
    on_path(python).into_iter().find(|words| answers(&[words.as_slice(), &there].concat()))
}

/// Variables for pip. One that does not run in the environment that is resolved for looks at that environment's configuration
/// too, unless the user names another.
fn environment(request: &Request) -> Vec<(&'static str, OsString)> {
    const NAME: &str = "PIP_CONFIG_FILE";
    if request.pip.is_some() {
        // Not every environment is a virtual one, and a dry run changes none.
        return vec![("PIP_REQUIRE_VIRTUALENV", "0".into())];
    }
    let root = request.environment.as_ref().filter(|_| std::env::var_os(NAME).is_none());
    let file = root.map(|root| root.join(if cfg!(windows) { "pip.ini" } else { "pip.conf" }));
    file.filter(|file| file.is_file()).map(|file| (NAME, file.into_os_string())).into_iter().collect()
}

/// `None` when there is no pip.
pub(super) fn ask(request: &Request) -> Result<Option<String>, InstallerError> {
    let constraints = constraints_file(request)?;
    let lines = list_file("requirements-", &request.lines)?;
    let mut arguments = arguments(request, constraints.as_ref().map(Minded::path));
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

/// In which form a release is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Wheel,
    Source,
}

/// What pip prints of a distribution's releases; `None` when there is no pip.
pub(super) fn ask_for_versions(name: &str, form: Form, request: &Request) -> Result<Option<String>, InstallerError> {
    let mut arguments: Vec<OsString> = ["index", "versions"].map(OsString::from).to_vec();
    arguments.extend(["--disable-pip-version-check", "--no-input"].map(OsString::from));
    match form {
        Form::Wheel => {
            arguments.push("--only-binary=:all:".into());
            arguments.extend(target(request));
        }
        // pip 23 lists wheels all the same, so that it is asked for a platform that no compiled wheel is for.
        Form::Source => {
            arguments.extend(["--no-binary=:all:", "--pre", "--platform=none"].map(OsString::from));
            arguments
                .extend(target(request).into_iter().filter(|word| !word.to_string_lossy().starts_with("--platform")));
        }
    }
    arguments.extend(request.offline.then(|| OsString::from("--no-index")));
    arguments.extend(["--".into(), OsString::from(name)]);
    run(request, &arguments)
}

/// Starts pip in each way until one of them is pip.
fn run(request: &Request, arguments: &[OsString]) -> Result<Option<String>, InstallerError> {
    // What sends an installation elsewhere is taken away from the installation itself as well.
    let without: &[&str] = if request.pip.is_some() { &ELSEWHERE } else { &[] };
    let log = log_file()?;
    // One that keeps a log draws its progress on standard output, however quiet it is told to be.
    let logging = [("PIP_LOG", log.path().into()), ("PIP_PROGRESS_BAR", OsString::from("off"))];
    let mut too_old = None;
    for words in starts(request) {
        let Some((program, words)) = words.split_first() else { continue };
        let own = words.iter().map(OsString::from);
        let asked = Asked {
            program: program.clone(),
            arguments: own.chain(arguments.iter().cloned()).collect(),
            environment: environment(request).into_iter().chain(logging.clone()).collect(),
            without,
            input: None,
            log: Some(log.path().to_owned()),
        };
        match asked.run() {
            Ok(None) => {}
            // An interpreter without pip, or a version manager's stand-in for an interpreter that is not chosen.
            Err(InstallerError::Refused { complaint, .. })
                if complaint.contains("No module named pip") || complaint.contains("command not found") => {}
            Err(error @ InstallerError::Refused { .. }) if is_too_old(&error.to_string()) => {
                too_old.get_or_insert(error);
            }
            outcome => return outcome,
        }
    }
    too_old.map_or(Ok(None), Err)
}

/// Whether a pip does not know what it is asked for.
fn is_too_old(complaint: &str) -> bool {
    ["no such option: --", "unknown command"].iter().any(|words| complaint.contains(words))
}

fn arguments(request: &Request, constraints: Option<&Path>) -> Vec<OsString> {
    let words = [
        "install",
        "--dry-run",
        "--quiet",
        "--quiet",
        "--report",
        "-",
        "--ignore-installed",
        "--only-binary=:all:",
        "--disable-pip-version-check",
        "--no-input",
    ];
    let mut arguments: Vec<OsString> = words.iter().map(OsString::from).collect();
    // pip insists on a target folder when it resolves for another Python; a dry run leaves it alone.
    arguments.extend(request.pip.is_none().then(|| OsString::from("--target=numpact-dry-run")));
    arguments.extend(target(request));
    arguments.extend(constraints.into_iter().flat_map(|file| [OsString::from("--constraint"), file.into()]));
    arguments.extend(request.no_dependencies.then(|| OsString::from("--no-deps")));
    arguments.extend(request.offline.then(|| OsString::from("--no-index")));
    arguments.extend(file_arguments(&request.files));
    arguments.push("--".into());
    arguments.extend(request.requirements.iter().map(OsString::from));
    arguments
}

/// Whom to choose wheels for. A pip of the environment knows.
fn target(request: &Request) -> Vec<OsString> {
    if request.pip.is_some() {
        return Vec::new();
    }
    let python = ["--implementation=cp".to_owned(), format!("--python-version={}", request.python_version())];
    let platforms = request.platform_tags.iter().map(|tag| format!("--platform={tag}"));
    python.into_iter().chain(platforms).map(OsString::from).collect()
}
