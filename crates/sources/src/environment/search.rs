//! The search path: which folders the interpreter would import distributions from, in which order.
//!
//! The order is that of Python's `site` module: `PYTHONPATH`; the venv's site folders; the user site; the site folders
//! of the interpreter's own prefix, where they are searched at all. What a `.pth` file adds comes right after the site
//! folder that holds the file. `sitecustomize` and `usercustomize` could change it; they are code, and are not run.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::layout::{self, Library};
use super::locate::Located;
use super::paths::absolute;
use super::{EnvironmentKind, Surroundings, pth};

/// Why a folder is on the search path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// `PYTHONPATH`.
    PythonPath,
    /// A site folder of the environment itself.
    Site,
    /// The user site.
    UserSite,
    /// A site folder of the interpreter that a venv was made with.
    SystemSite,
    /// A line of a `.pth` file.
    Pth,
}

impl Origin {
    /// The words for it in a sentence.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::PythonPath => "`PYTHONPATH`",
            Self::Site => "the environment's site folder",
            Self::UserSite => "the user site",
            Self::SystemSite => "the base interpreter's site folder",
            Self::Pth => "a `.pth` file",
        }
    }
}

/// One folder of the search path.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    /// The folder.
    pub folder: PathBuf,
    /// Why it is searched.
    pub origin: Origin,
}

/// The folders that exist, in order.
#[derive(Clone, Debug, Default)]
pub(super) struct SearchPath {
    /// The folders.
    pub entries: Vec<Entry>,
    /// What could not be followed.
    pub problems: Vec<String>,
    known: BTreeSet<PathBuf>,
}

impl SearchPath {
    /// Adds a folder once, if it exists.
    fn add(&mut self, folder: &Path, origin: Origin) -> bool {
        let new = !self.known.contains(folder) && self.is_searchable(folder);
        if new {
            self.known.insert(folder.to_owned());
            self.entries.push(Entry { folder: folder.to_owned(), origin });
        }
        new
    }

    /// Whether it is a folder; an archive is told of, since what it holds is not looked at.
    fn is_searchable(&mut self, folder: &Path) -> bool {
        let Ok(metadata) = std::fs::metadata(folder) else { return false };
        if metadata.is_file() {
            let text = format!("`{}` on the search path is a file, which is not looked into", folder.display());
            self.problems.push(text);
        }
        metadata.is_dir()
    }

    /// Adds a site folder and what its `.pth` files name.
    fn add_site(&mut self, folder: &Path, origin: Origin) {
        if !self.add(folder, origin) {
            return;
        }
        let additions = pth::additions(folder, &mut self.problems);
        for addition in additions {
            self.add(&addition, Origin::Pth);
        }
    }
}

/// Works out the search path of a located environment.
pub(super) fn search_path(located: &Located, surroundings: &Surroundings) -> SearchPath {
    let mut path = SearchPath::default();
    if located.kind == EnvironmentKind::SitePackages {
        path.add_site(&located.root, Origin::Site);
        return path;
    }
    for folder in &surroundings.pythonpath {
        path.add(&absolute(&surroundings.folder, folder), Origin::PythonPath);
    }
    if located.venv.is_some() {
        add_venv(&mut path, located);
    }
    if located.venv.as_ref().is_none_or(|venv| venv.system_site) {
        add_system(&mut path, located, surroundings);
    }
    path
}

fn add_venv(path: &mut SearchPath, located: &Located) {
    for folder in layout::site_folders(&located.root, located.library.as_ref(), &venv_name(located), false) {
        path.add_site(&folder, Origin::Site);
    }
}

/// The `python3.11` part of a venv's layout.
fn venv_name(located: &Located) -> String {
    let hint = located.venv.as_ref().and_then(|venv| venv.version.clone()).unwrap_or_default();
    let own = layout::venv_library(&located.root, &hint).map(|library| library.name);
    own.or_else(|| located.library.as_ref().map(|library| library.name.clone())).unwrap_or_default()
}

/// The user site and the site folders of the interpreter's own prefix.
fn add_system(path: &mut SearchPath, located: &Located, surroundings: &Surroundings) {
    let (Some(base), Some(library)) = (&located.base, &located.library) else { return };
    if let Some(folder) = user_site(base, library, surroundings) {
        path.add_site(&folder, Origin::UserSite);
    }
    let origin = if located.venv.is_some() { Origin::SystemSite } else { Origin::Site };
    for folder in layout::site_folders(base, Some(library), &library.name, true) {
        path.add_site(&folder, origin);
    }
}

/// `site.getusersitepackages()`, unless `PYTHONNOUSERSITE` turns it off.
fn user_site(base: &Path, library: &Library, surroundings: &Surroundings) -> Option<PathBuf> {
    if surroundings.pythonnousersite {
        return None;
    }
    if library.name.is_empty() {
        return windows_user_site(base, surroundings);
    }
    if layout::is_framework(base) && surroundings.pythonuserbase.is_none() {
        let folder = surroundings.home.as_ref()?.join("Library/Python").join(library.version()?);
        return Some(folder.join("lib/python/site-packages"));
    }
    let local = || Some(surroundings.home.as_ref()?.join(".local"));
    let folder = surroundings.pythonuserbase.clone().or_else(local)?;
    Some(absolute(&surroundings.folder, &folder).join("lib").join(&library.name).join("site-packages"))
}

fn windows_user_site(base: &Path, surroundings: &Surroundings) -> Option<PathBuf> {
    let version = super::python::windows_version(base)?.replace('.', "");
    let folder = surroundings.pythonuserbase.clone().or_else(|| Some(surroundings.appdata.as_ref()?.join("Python")))?;
    Some(folder.join(format!("Python{version}")).join("site-packages"))
}
