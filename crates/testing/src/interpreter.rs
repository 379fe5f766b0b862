//! Finds CPython interpreters: on PATH, in `~/.pyenv/versions`, and where uv keeps its own.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Problem;

/// An interpreter of the machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interpreter {
    /// The executable.
    pub path: PathBuf,
    /// Its full version: `3.11.7`.
    pub version: String,
}

impl Interpreter {
    /// The minor version: 11 for 3.11.7.
    pub fn minor(&self) -> u8 {
        self.version.split('.').nth(1).and_then(|minor| minor.parse().ok()).unwrap_or(0)
    }
}

const ASK: &str = "import platform; print(platform.python_implementation(), platform.python_version())";

/// The interpreter of a minor version such as `3.8`.
///
/// # Errors
/// When the machine has none.
pub fn try_interpreter(version: &str) -> Result<Interpreter, Problem> {
    candidates(version)
        .into_iter()
        .filter_map(ask)
        .find(|found| found.version == version || found.version.starts_with(&format!("{version}.")))
        .ok_or_else(|| Problem::NoInterpreter(version.to_owned()))
}

/// The `python3` (or `python`) of PATH, whatever its version.
///
/// # Errors
/// When the machine has none.
pub fn host_interpreter() -> Result<Interpreter, Problem> {
    let names = ["python3", "python"].map(PathBuf::from);
    let found = names.into_iter().filter_map(ask).find(|python| python.version.starts_with('3'));
    found.ok_or_else(|| Problem::NoInterpreter("3".to_owned()))
}

/// The executable whose pip fetches and installs.
pub(crate) fn host_python() -> Result<PathBuf, Problem> {
    Ok(host_interpreter()?.path)
}

fn candidates(version: &str) -> Vec<PathBuf> {
    let mut paths = vec![format!("python{version}").into(), "python3".into(), "python".into()];
    if let Some(home) = std::env::home_dir() {
        paths.extend(executables(&home.join(".pyenv/versions")));
        paths.extend(executables(&home.join(".local/share/uv/python")));
    }
    paths
}

fn executables(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> = entries.map(|entry| entry.path().join("bin/python")).collect();
    found.sort();
    found
}

/// Asks an executable what it is. A launcher for a version that is not there (pyenv leaves such) answers with an error.
fn ask(path: PathBuf) -> Option<Interpreter> {
    let output = Command::new(&path).args(["-c", ASK]).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let version = text.trim().strip_prefix("CPython ")?.to_owned();
    Some(Interpreter { path, version })
}
