//! From what the user named to the folders that make an environment: the interpreter, the prefix, the base.

use std::path::{Path, PathBuf};

use super::cfg::{self, VenvSettings};
use super::command::is_named_like_python;
use super::layout::{self, Library};
use super::paths::absolute;
use super::{DiscoverError, EnvironmentKind, Place, Surroundings, files};

/// An environment's place, before its site folders are known.
#[derive(Clone, Debug)]
pub(super) struct Located {
    /// How it was made.
    pub kind: EnvironmentKind,
    /// `sys.prefix`, or the site folder itself.
    pub root: PathBuf,
    /// The interpreter's file.
    pub interpreter: Option<PathBuf>,
    /// What `pyvenv.cfg` says, for a venv.
    pub venv: Option<VenvSettings>,
    /// `sys.base_prefix`, where it could be found.
    pub base: Option<PathBuf>,
    /// The folder of the base's standard library.
    pub library: Option<Library>,
}

impl Located {
    /// Whether installers are asked to leave it alone (PEP 668); never true of a venv.
    pub(super) fn is_externally_managed(&self) -> bool {
        self.venv.is_none()
            && self.library.as_ref().is_some_and(|library| library.folder.join("EXTERNALLY-MANAGED").exists())
    }
}

/// Finds the environment that is meant.
pub(super) fn locate(place: &Place, surroundings: &Surroundings) -> Result<Located, DiscoverError> {
    match place {
        Place::Path(path) => locate_path(path, surroundings),
        Place::Active => locate_active(surroundings),
    }
}

fn locate_active(surroundings: &Surroundings) -> Result<Located, DiscoverError> {
    let named = surroundings.virtual_env.as_ref().or(surroundings.conda_prefix.as_ref());
    if let Some(folder) = named {
        return locate_path(folder, surroundings);
    }
    let interpreter = on_path(&surroundings.path).ok_or(DiscoverError::NothingActive)?;
    from_interpreter(&interpreter, surroundings)
}

/// The first `python3`, else `python`, of `PATH`.
fn on_path(folders: &[PathBuf]) -> Option<PathBuf> {
    let names: &[&str] =
        if cfg!(windows) { &["python3.exe", "python.exe", "python.bat"] } else { &["python3", "python"] };
    names.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name))).find(|file| file.is_file())
}

fn locate_path(path: &Path, surroundings: &Surroundings) -> Result<Located, DiscoverError> {
    let absolute_path = absolute(&surroundings.folder, path);
    let metadata = std::fs::metadata(&absolute_path)
        .map_err(|error| DiscoverError::Unreachable { path: path.to_owned(), cause: error.to_string() })?;
    if metadata.is_dir() {
        return from_folder(&absolute_path, surroundings);
    }
    match absolute_path.parent() {
        Some(folder) if absolute_path.ends_with("pyvenv.cfg") => from_folder(folder, surroundings),
        _ => from_interpreter(&absolute_path, surroundings),
    }
}

fn from_folder(folder: &Path, surroundings: &Surroundings) -> Result<Located, DiscoverError> {
    if let Some(settings) = cfg::read(folder) {
        return Ok(venv(folder, settings, None));
    }
    if is_site_folder(folder) {
        return Ok(site_packages(folder));
    }
    if folder.join("conda-meta").is_dir() || layout::has_site_folder(folder) {
        return Ok(installation(folder, None));
    }
    let dot_venv = folder.join(".venv");
    if let Some(settings) = cfg::read(&dot_venv) {
        return Ok(venv(&dot_venv, settings, None));
    }
    if folder.join("python3").is_file() || folder.join("python.exe").is_file() {
        return from_interpreter(&folder.join("python3"), surroundings);
    }
    let why = "it has no `pyvenv.cfg`, no `conda-meta`, no site-packages folder and no installed distribution";
    Err(DiscoverError::NotAnEnvironment { path: folder.to_owned(), why: why.to_owned() })
}

/// Whether distributions are installed right in this folder, or its name says that they would be.
fn is_site_folder(folder: &Path) -> bool {
    if folder.ends_with("site-packages") || folder.ends_with("dist-packages") {
        return true;
    }
    let Ok(entries) = std::fs::read_dir(folder) else { return false };
    entries.filter_map(Result::ok).any(|entry| {
        let path = entry.path();
        path.extension().is_some_and(|end| end == "dist-info") && path.is_dir()
    })
}

/// The file that an interpreter's name stands for: pyenv's shims are scripts that name no interpreter themselves.
fn from_interpreter(file: &Path, surroundings: &Surroundings) -> Result<Located, DiscoverError> {
    let file = if is_script(file) { behind_shim(file, surroundings)? } else { file.to_owned() };
    let folders = [file.parent(), file.parent().and_then(Path::parent)];
    for folder in folders.into_iter().flatten() {
        if let Some(settings) = cfg::read(folder) {
            return Ok(venv(folder, settings, Some(file.clone())));
        }
    }
    let real = std::fs::canonicalize(&file)
        .map_err(|error| DiscoverError::Unreachable { path: file.clone(), cause: error.to_string() })?;
    // Every program of the system lies above the standard library of the system's Python.
    if ![&file, &real].into_iter().any(|file| is_named_like_python(file)) {
        let why = "it is no interpreter by its name, and in no virtual environment".to_owned();
        return Err(DiscoverError::NotAnEnvironment { path: file, why });
    }
    let folder = real.ancestors().skip(1).find(|folder| layout::library(folder, name_of(&real)).is_some());
    let why = "it is a file with no standard library beside it";
    let folder = folder.ok_or_else(|| DiscoverError::NotAnEnvironment { path: file.clone(), why: why.to_owned() })?;
    Ok(installation(folder, Some(file)))
}

fn is_script(file: &Path) -> bool {
    let mut start = [0; 2];
    let opened = std::fs::File::open(file);
    opened.and_then(|mut opened| std::io::Read::read_exact(&mut opened, &mut start)).is_ok() && &start == b"#!"
}

/// The interpreter that pyenv would start: `PYENV_VERSION`, a `.python-version` here or above, the global `version`.
fn behind_shim(file: &Path, surroundings: &Surroundings) -> Result<PathBuf, DiscoverError> {
    let refuse = |why: &str| DiscoverError::NotAnEnvironment { path: file.to_owned(), why: why.to_owned() };
    let root = file.parent().filter(|folder| folder.ends_with("shims")).and_then(Path::parent);
    let root = root.ok_or_else(|| refuse("it is a script that starts an interpreter"))?;
    let from_files = || {
        let local = surroundings.folder.ancestors().find_map(|folder| files::text(&folder.join(".python-version")));
        local.or_else(|| files::text(&root.join("version")))
    };
    let chosen = surroundings.pyenv_version.clone().or_else(from_files);
    let name = file.file_name().unwrap_or_default();
    let named = chosen.as_deref().and_then(|text| text.split([':', '\n', ' ']).map(str::trim).find(|v| !v.is_empty()));
    let found = named.and_then(|version| {
        let folder = absolute(&root.join("versions"), Path::new(version.trim_start_matches("python-")));
        Some(folder.join("bin").join(name)).filter(|file| file.is_file())
    });
    let system = || on_path(&without(&surroundings.path, file.parent())).filter(|_| named == Some("system"));
    found.or_else(system).ok_or_else(|| refuse("it is pyenv's shim, and pyenv has no version chosen that is installed"))
}

fn without(folders: &[PathBuf], unwanted: Option<&Path>) -> Vec<PathBuf> {
    folders.iter().filter(|folder| Some(folder.as_path()) != unwanted).cloned().collect()
}

fn name_of(file: &Path) -> &str {
    file.file_name().and_then(|name| name.to_str()).unwrap_or_default()
}

fn venv(root: &Path, settings: VenvSettings, interpreter: Option<PathBuf>) -> Located {
    let interpreter = interpreter.or_else(|| interpreter_of(root));
    let hint = settings.version.clone().unwrap_or_default();
    let base = base_of(&settings, interpreter.as_deref(), &hint);
    let library = base.as_deref().and_then(|base| layout::library(base, &hint));
    Located { kind: EnvironmentKind::Venv, root: root.to_owned(), interpreter, venv: Some(settings), base, library }
}

/// `sys.base_prefix` of a venv: above its `home`, else above where its interpreter's link leads.
fn base_of(settings: &VenvSettings, interpreter: Option<&Path>, hint: &str) -> Option<PathBuf> {
    let above = |folder: &Path| folder.ancestors().find(|f| layout::library(f, hint).is_some()).map(Path::to_owned);
    let resolved = |file: &Path| std::fs::canonicalize(file).ok();
    settings
        .home
        .as_deref()
        .and_then(above)
        .or_else(|| settings.home.as_deref().and_then(resolved).and_then(|home| above(&home)))
        .or_else(|| settings.executable.as_deref().and_then(resolved).and_then(|file| above(&file)))
        .or_else(|| interpreter.and_then(resolved).and_then(|file| above(&file)))
}

/// An interpreter's own installation, or a conda prefix, which is laid out alike.
fn installation(root: &Path, interpreter: Option<PathBuf>) -> Located {
    let interpreter = interpreter.or_else(|| interpreter_of(root));
    let real = interpreter.as_deref().and_then(|file| std::fs::canonicalize(file).ok());
    let conda = root.join("conda-meta").is_dir();
    Located {
        kind: if conda { EnvironmentKind::Conda } else { EnvironmentKind::System },
        root: root.to_owned(),
        library: layout::library(root, real.as_deref().map_or("", name_of)),
        interpreter,
        venv: None,
        base: Some(root.to_owned()),
    }
}

/// A folder of distributions. When it lies in a known layout, the interpreter that belongs to it is named as well.
fn site_packages(folder: &Path) -> Located {
    let owner = folder.ancestors().skip(1).take(4).find(|above| layout::site_folders_of(above).any(|s| s == folder));
    let settings = owner.and_then(cfg::read);
    let interpreter = owner.and_then(interpreter_of);
    let library = owner.and_then(|owner| layout::library_by_path(owner, folder));
    Located {
        kind: EnvironmentKind::SitePackages,
        root: folder.to_owned(),
        interpreter,
        venv: settings,
        base: None,
        library,
    }
}

fn interpreter_of(root: &Path) -> Option<PathBuf> {
    let names = ["bin/python3", "bin/python", "bin/pypy3", "Scripts/python.exe", "python.exe"];
    names.iter().map(|name| root.join(name)).find(|file| file.is_file())
}
