//! Running Python: the scripts under `xtask/python`, and interpreters of other versions.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context as _, Result, bail};

use crate::paths;

/// The interpreter whose pip is asked about the index.
pub(crate) const PYTHON: &str = "python3";

/// The path of a script under `xtask/python`.
pub(crate) fn script(name: &str) -> PathBuf {
    paths::repository().join("xtask/python").join(name)
}

/// Runs a command and gives what it wrote to stdout; its stderr goes to ours.
///
/// # Errors
/// When it cannot be started, or ends with another status than 0.
pub(crate) fn output(command: &mut Command) -> Result<Vec<u8>> {
    let done = command
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("cannot start `{}`", command.get_program().to_string_lossy()))?;
    if !done.status.success() {
        bail!("`{}` ended with {}", shown(command), done.status);
    }
    Ok(done.stdout)
}

fn shown(command: &Command) -> String {
    let words: Vec<_> = std::iter::once(command.get_program()).chain(command.get_args()).collect();
    words.iter().map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

/// Finds CPython `minor` on this machine: one that pyenv installed, or else `pythonX.Y` on the search path (where pyenv's
/// shims may stand, which are slow). Each version is looked for once.
pub(crate) fn find(minor: (u8, u8)) -> Option<PathBuf> {
    static FOUND: Mutex<BTreeMap<(u8, u8), Option<PathBuf>>> = Mutex::new(BTreeMap::new());
    let mut found = FOUND.lock().unwrap_or_else(PoisonError::into_inner);
    found.entry(minor).or_insert_with(|| look_for(minor)).clone()
}

fn look_for(minor: (u8, u8)) -> Option<PathBuf> {
    let name = PathBuf::from(format!("python{}.{}", minor.0, minor.1));
    pyenv(minor).into_iter().chain([name]).find(|python| answers(python, minor))
}

/// Whether a program is a CPython of that minor version (a pyenv shim may stand there for one that is not active).
fn answers(python: &Path, minor: (u8, u8)) -> bool {
    let code = "import sys; sys.stdout.write('%s %d.%d' % ((sys.version.find('PyPy') < 0,) + sys.version_info[:2]))";
    let done = Command::new(python).args(["-E", "-c", code]).stderr(Stdio::null()).output();
    done.is_ok_and(|done| done.stdout == format!("True {}.{}", minor.0, minor.1).into_bytes())
}

/// The interpreters of that minor version among pyenv's, newest last name first.
fn pyenv(minor: (u8, u8)) -> Vec<PathBuf> {
    let root = std::env::var_os("PYENV_ROOT").map(PathBuf::from).or_else(|| Some(std::env::home_dir()?.join(".pyenv")));
    let Some(Ok(entries)) = root.map(|root| root.join("versions").read_dir()) else { return Vec::new() };
    let prefix = format!("{}.{}.", minor.0, minor.1);
    let mut found: Vec<PathBuf> = entries
        .flatten()
        .filter(|entry| entry.file_name().to_string_lossy().starts_with(&prefix))
        .map(|entry| entry.path().join("bin/python"))
        .collect();
    found.sort();
    found.reverse();
    found
}
