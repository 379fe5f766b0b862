//! Where interpreters of each kind keep their standard library and their site folders.

use std::path::{Path, PathBuf};

/// A folder `lib/python3.11`, or what stands for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Library {
    /// The folder.
    pub folder: PathBuf,
    /// `lib` or `lib64`, the first part of the folder below the prefix; `Lib` on Windows.
    pub parent: String,
    /// `python3.11`, `python3.13t`, `pypy3.10`; empty on Windows, whose layout has no such part.
    pub name: String,
}

impl Library {
    /// `3.11` of `python3.11` or `python3.13t`.
    pub(super) fn version(&self) -> Option<String> {
        version_in(&self.name)
    }
}

/// The first `X.Y` in a name: `3.11` in `python3.11`, `pypy3.10`, `3.11.7`.
pub(super) fn version_in(name: &str) -> Option<String> {
    let digits = name.trim_start_matches(|c: char| !c.is_ascii_digit());
    let (major, rest) = digits.split_once('.')?;
    let minor: String = rest.chars().take_while(char::is_ascii_digit).collect();
    let all_digits = !major.is_empty() && major.chars().all(|c| c.is_ascii_digit());
    (all_digits && !minor.is_empty()).then(|| format!("{major}.{minor}"))
}

/// Folders named as standard libraries are, below `lib` and `lib64` of a prefix, newest version first.
fn libraries(prefix: &Path) -> Vec<Library> {
    let mut found: Vec<Library> = ["lib64", "lib"].iter().flat_map(|parent| libraries_in(prefix, parent)).collect();
    found.sort_by_key(|library| std::cmp::Reverse(version_key(library)));
    found
}

fn libraries_in(prefix: &Path, parent: &str) -> Vec<Library> {
    let Ok(entries) = std::fs::read_dir(prefix.join(parent)) else { return Vec::new() };
    let named = |name: String| Library { folder: prefix.join(parent).join(&name), parent: parent.to_owned(), name };
    entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| (name.starts_with("python") || name.starts_with("pypy")) && version_in(name).is_some())
        .map(named)
        .collect()
}

fn version_key(library: &Library) -> (Vec<u64>, String) {
    let version = library.version().unwrap_or_default();
    (version.split('.').filter_map(|part| part.parse().ok()).collect(), library.parent.clone())
}

/// The standard library of the interpreter installed in `prefix`: the folder that holds `os.py`. `hint` is the
/// interpreter's name or its version, and decides between several.
pub(super) fn library(prefix: &Path, hint: &str) -> Option<Library> {
    let mut with_os: Vec<Library> = libraries(prefix);
    with_os.retain(|library| library.folder.join("os.py").is_file());
    if let Some(version) = version_in(hint) {
        let threaded = hint.ends_with('t');
        with_os.retain(|library| library.version().as_deref() == Some(&version));
        with_os.sort_by_key(|library| library.name.ends_with('t') != threaded);
    }
    with_os.into_iter().next().or_else(|| windows_library(prefix))
}

fn windows_library(prefix: &Path) -> Option<Library> {
    let folder = prefix.join("Lib");
    let found = folder.join("os.py").is_file();
    found.then(|| Library { folder, parent: "Lib".to_owned(), name: String::new() })
}

/// The library folder that a site folder belongs to: `lib/python3.11` of `lib/python3.11/site-packages`.
pub(super) fn library_by_path(prefix: &Path, site: &Path) -> Option<Library> {
    libraries(prefix).into_iter().find(|library| site.starts_with(&library.folder)).or_else(|| windows_library(prefix))
}

/// Every site folder that exists below a prefix, whatever the interpreter's version.
pub(super) fn site_folders_of(prefix: &Path) -> impl Iterator<Item = PathBuf> {
    let mut folders: Vec<PathBuf> = vec![prefix.join("Lib/site-packages"), prefix.join("lib/python3/dist-packages")];
    for library in libraries(prefix) {
        folders.extend(["site-packages", "dist-packages"].map(|name| library.folder.join(name)));
    }
    folders.into_iter().filter(|folder| folder.is_dir())
}

/// Whether any site folder lies below the prefix.
pub(super) fn has_site_folder(prefix: &Path) -> bool {
    site_folders_of(prefix).next().is_some()
}

/// The library folder of a venv, which holds no `os.py`: the one that fits its version, else the only one.
pub(super) fn venv_library(root: &Path, hint: &str) -> Option<Library> {
    let version = version_in(hint);
    let mut found = libraries(root);
    found.retain(|library| version.is_none() || library.version() == version);
    found.into_iter().next()
}

/// The site folders that `site.getsitepackages()` names for a prefix, in its order, existing or not.
///
/// `base` is the library of the interpreter that would look; `own` says that `prefix` is that interpreter's own.
pub(super) fn site_folders(prefix: &Path, base: Option<&Library>, name: &str, own: bool) -> Vec<PathBuf> {
    if name.is_empty() {
        return vec![prefix.join("Lib/site-packages")];
    }
    if base.is_some_and(is_debian) {
        return debian_folders(prefix, name, own);
    }
    let parents: &[&str] = if base.is_some_and(|base| base.parent == "lib64") { &["lib64", "lib"] } else { &["lib"] };
    let mut folders: Vec<PathBuf> =
        parents.iter().map(|parent| prefix.join(parent).join(name).join("site-packages")).collect();
    folders.extend(framework_folder(prefix, name, own));
    folders
}

/// Debian's interpreter keeps distributions of its packages in `/usr/lib/python3/dist-packages`.
fn is_debian(base: &Library) -> bool {
    base.parent == "lib" && base.folder.parent().is_some_and(|lib| lib.join("python3/dist-packages").is_dir())
}

fn debian_folders(prefix: &Path, name: &str, own: bool) -> Vec<PathBuf> {
    let mut folders = vec![
        prefix.join("local/lib").join(name).join("dist-packages"),
        prefix.join("lib/python3/dist-packages"),
        prefix.join("lib").join(name).join("dist-packages"),
    ];
    if !own {
        folders.insert(0, prefix.join("lib").join(name).join("site-packages"));
    }
    folders
}

/// Framework builds on macOS look below `/Library/Python`, too.
fn framework_folder(prefix: &Path, name: &str, own: bool) -> Option<PathBuf> {
    let framework = own && is_framework(prefix);
    framework.then(|| Path::new("/Library/Python").join(name.trim_start_matches("python")).join("site-packages"))
}

/// Whether a prefix lies in a macOS framework.
pub(super) fn is_framework(prefix: &Path) -> bool {
    prefix.components().any(|part| part.as_os_str().to_string_lossy().ends_with(".framework"))
}
