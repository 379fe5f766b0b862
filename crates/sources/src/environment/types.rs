//! The values that describe an environment.

use std::path::PathBuf;

use contract::report::Python;

/// Which environment to look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// The one in use: `VIRTUAL_ENV`, then `CONDA_PREFIX`, then `python3` or `python` on `PATH`.
    Active,
    /// A venv folder, an interpreter, a site-packages folder, a conda prefix, or a project folder with a `.venv`.
    Path(PathBuf),
}

/// There is no environment to look at.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DiscoverError {
    /// No variable names one and no interpreter is on `PATH`.
    #[error(
        "no environment is active: `VIRTUAL_ENV` and `CONDA_PREFIX` are not set, and there is no `python3` or `python` \
         on `PATH`; name a venv, an interpreter or a site-packages folder"
    )]
    NothingActive,
    /// The path does not exist, or cannot be reached.
    #[error("cannot open `{}`: {cause}", path.display())]
    Unreachable {
        /// The path as it was given.
        path: PathBuf,
        /// The operating system's words.
        cause: String,
    },
    /// The path exists and is something else.
    #[error(
        "`{}` is no Python environment: {why}; name a venv, an interpreter, a conda prefix or a site-packages folder",
        path.display()
    )]
    NotAnEnvironment {
        /// The path as it was given.
        path: PathBuf,
        /// What was looked for and not found.
        why: String,
    },
}

/// How an environment was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EnvironmentKind {
    /// A virtual environment (`pyvenv.cfg`).
    Venv,
    /// A conda prefix (`conda-meta`).
    Conda,
    /// An interpreter's own installation.
    System,
    /// A folder of distributions, with no interpreter known.
    SitePackages,
}

/// An interpreter and what it would import from.
#[derive(Clone, Debug)]
pub struct Environment {
    /// The folder that the environment is known by: the venv, the conda prefix, the installation's prefix.
    pub root: PathBuf,
    /// The interpreter, where one was found. It is never started.
    pub interpreter: Option<PathBuf>,
    /// Its version and platform, as far as the layout tells.
    pub python: Option<Python>,
    /// The folders that distributions are imported from, in import order: `PYTHONPATH`, site folders, user site, with
    /// what `.pth` files add. The standard library, and folders that do not exist, are left out.
    pub search_path: Vec<PathBuf>,
    /// Every distribution, in the order of the search path, then by name.
    pub distributions: Vec<Distribution>,
    /// Compiled files on the search path that no distribution owns, by path.
    pub unowned: Vec<CompiledFile>,
    /// Every `numpy` folder on the search path, in its order.
    pub numpys: Vec<FoundNumpy>,
    /// What went wrong while looking, a sentence each.
    pub problems: Vec<String>,
    /// How it was made.
    pub kind: EnvironmentKind,
    /// Whether an `EXTERNALLY-MANAGED` file asks installers to leave it alone.
    pub externally_managed: bool,
}

/// Which kind of record names a distribution's files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Recorded {
    /// A `.dist-info` folder.
    DistInfo,
    /// An `.egg-info` folder or file, or an `.egg` folder.
    EggInfo,
    /// A `conda-meta` file.
    Conda,
}

/// One installed distribution.
#[derive(Clone, Debug)]
pub struct Distribution {
    /// Its name, as its metadata spells it.
    pub name: String,
    /// Its version; empty where nothing tells it.
    pub version: String,
    /// The tool that installed it (`INSTALLER`; `conda` where conda recorded it).
    pub installer: Option<String>,
    /// Whether the user asked for it (`REQUESTED`), not another distribution.
    pub requested: bool,
    /// The folder of the search path that it is installed in.
    pub site: PathBuf,
    /// Its `.dist-info` or `.egg-info`, or the `conda-meta` file.
    pub metadata_dir: PathBuf,
    /// Which kind of record names its files. A distribution with a `.dist-info` that conda installed is `Conda`.
    pub recorded_by: Recorded,
    /// The `Requires-Dist` lines, as they stand.
    pub requires: Vec<String>,
    /// The version specifiers of the requirements on NumPy whose markers hold, with no extra asked for. `None` where
    /// NumPy is not named, empty for any version.
    pub requires_numpy: Option<String>,
    /// `Requires-Python`, as it stands.
    pub requires_python: Option<String>,
    /// The tags of the wheel that it came from (`cp311-cp311-manylinux_2_17_x86_64`).
    pub wheel_tags: Vec<String>,
    /// Its compiled files that exist, by path.
    pub compiled: Vec<CompiledFile>,
    /// Its `.py` files that exist, relative to [`Self::site`], with `/`, sorted.
    pub python_files: Vec<String>,
    /// How many files its record names inside the site folder that are not on disk, byte-compiled ones aside.
    pub missing_files: usize,
    /// Whether a distribution of the same name comes earlier on the search path.
    pub shadowed: bool,
}

/// One compiled file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CompiledFile {
    /// Its path relative to the folder of the search path that holds it, with `/`.
    pub path: String,
    /// Where it is.
    pub absolute: PathBuf,
    /// Its size in bytes.
    pub size: u64,
}

/// One NumPy on the search path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundNumpy {
    /// Its version, by its own `version.py`, else by its metadata.
    pub version: Option<String>,
    /// The `numpy` folder.
    pub folder: PathBuf,
    /// Its compiled core (`_core` or `core`, `_multiarray_umath`), where there is one.
    pub binary: Option<PathBuf>,
    /// Whether `import numpy` gets this one.
    pub wins: bool,
    /// Why it wins, or what stands before it.
    pub why: String,
    /// Those of `core` and `_core` that hold compiled files.
    pub core_generations: Vec<String>,
}
