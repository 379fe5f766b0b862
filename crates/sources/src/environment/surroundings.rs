//! What the process was started with, as far as it decides which environment is active and what is searched.

use std::env;
use std::ffi::OsString;
use std::path::PathBuf;

/// The variables and folders that Python and its tools look at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Surroundings {
    /// `VIRTUAL_ENV`.
    pub virtual_env: Option<PathBuf>,
    /// `CONDA_PREFIX`.
    pub conda_prefix: Option<PathBuf>,
    /// The folders of `PATH`.
    pub path: Vec<PathBuf>,
    /// The user's home (`HOME`, `USERPROFILE` on Windows).
    pub home: Option<PathBuf>,
    /// `APPDATA`, which holds the user site on Windows.
    pub appdata: Option<PathBuf>,
    /// The folders of `PYTHONPATH`.
    pub pythonpath: Vec<PathBuf>,
    /// Whether `PYTHONNOUSERSITE` is set to anything.
    pub pythonnousersite: bool,
    /// `PYTHONUSERBASE`.
    pub pythonuserbase: Option<PathBuf>,
    /// `PYENV_VERSION`, which decides what pyenv's `python3` on `PATH` stands for.
    pub pyenv_version: Option<String>,
    /// The current folder.
    pub folder: PathBuf,
}

impl Surroundings {
    /// Reads them from this process.
    pub fn from_process() -> Self {
        Self {
            virtual_env: folder("VIRTUAL_ENV"),
            conda_prefix: folder("CONDA_PREFIX"),
            path: folders("PATH"),
            home: env::home_dir(),
            appdata: folder("APPDATA"),
            pythonpath: folders("PYTHONPATH"),
            pythonnousersite: variable("PYTHONNOUSERSITE").is_some(),
            pythonuserbase: folder("PYTHONUSERBASE"),
            pyenv_version: variable("PYENV_VERSION").and_then(|value| value.into_string().ok()),
            folder: env::current_dir().unwrap_or_default(),
        }
    }
}

/// A variable that is set and not empty; Python takes an empty one for one that is not set.
fn variable(name: &str) -> Option<OsString> {
    env::var_os(name).filter(|value| !value.is_empty())
}

fn folder(name: &str) -> Option<PathBuf> {
    variable(name).map(PathBuf::from)
}

fn folders(name: &str) -> Vec<PathBuf> {
    let split = |value: OsString| env::split_paths(&value).filter(|path| !path.as_os_str().is_empty()).collect();
    variable(name).map(split).unwrap_or_default()
}
