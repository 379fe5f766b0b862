//! Lock files, as far as they say which files would be installed. Nothing is resolved here: a package whose file a
//! lock file does not name by address keeps its name, version and hashes, for the user's installer to look up.

mod choose;
mod conda;
mod conflicts;
mod pip_report;
mod pipfile;
mod poetry;
mod pylock;
mod uv;
mod wanted;

use std::path::Path;

use contract::Version;
use serde::{Deserialize, Serialize};

pub use choose::{Choice, Chosen, choose};
pub use pip_report::Required;
pub use wanted::Wanted;

use crate::wheel::{Target, normalized};

/// What a lock file, or a resolver, says would be installed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Locked {
    /// One entry an environment; most formats have one alone.
    pub environments: Vec<LockedEnvironment>,
    /// What was left out, a sentence each.
    pub notes: Vec<String>,
}

/// One set of packages that are installed together.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LockedEnvironment {
    /// Its name in the file; `default` where the format has no names.
    pub name: String,
    /// The platform that it is for, in the file's own words (`linux-64`); `None` where markers decide.
    pub platform: Option<String>,
    /// The line of Python that it locks, where it locks one: `(3, 11)`.
    pub python: Option<(u8, u8)>,
    /// The Pythons that it is for, as version specifiers of which one must be met; empty where the file does not say.
    pub requires_python: Vec<String>,
    /// The Pythons and platforms that it is for, as environment markers of which one must hold; empty where the file does not
    /// say.
    pub markers: Vec<String>,
    /// The extras and groups that were selected among those that exclude each other.
    pub selected: Vec<Selected>,
    /// The extras that are installed: all that the file tells of, less what is excluded.
    pub extras: Vec<String>,
    /// The groups that are installed beside those of `always`, likewise.
    pub groups: Vec<String>,
    /// The groups that are installed whatever is asked for, where the format counts these as groups.
    pub always: Vec<String>,
    /// Its packages, in the file's order.
    pub packages: Vec<LockedPackage>,
    /// What was left out of it, a sentence each.
    pub notes: Vec<String>,
}

/// An extra or a group that was selected among those that exclude each other.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Selected {
    /// The extra, where it is one.
    pub extra: Option<String>,
    /// The group, where it is one.
    pub group: Option<String>,
    /// The extra by which the file's markers ask for it.
    pub marker: String,
}

impl LockedEnvironment {
    /// Whether some release of a line of Python is one that this is for.
    pub fn is_for(&self, (major, minor): (u8, u8)) -> bool {
        let releases: Vec<Version> =
            (0..PATCHES).filter_map(|patch| format!("{major}.{minor}.{patch}").parse().ok()).collect();
        // What cannot be read shuts nothing out.
        let meets = |text: &String| releases.iter().any(|release| release.satisfies(text).unwrap_or(true));
        self.requires_python.is_empty() || self.requires_python.iter().any(meets)
    }

    /// Whether one of the environments that this is for has some release of a target's Python.
    pub fn is_for_platform(&self, target: &Target) -> bool {
        self.markers.is_empty() || self.markers.iter().any(|marker| choose::may_hold(marker, target))
    }
}

/// More releases than a line of Python has: 3.9 ended with its 25th.
const PATCHES: u8 = 60;

/// One package of an environment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LockedPackage {
    /// Its name, as the file spells it.
    pub name: String,
    /// Its version; `None` for a source tree whose version is worked out when it is built.
    pub version: Option<String>,
    /// When it is installed, as an environment marker; `None` for always.
    pub marker: Option<String>,
    /// The index that it comes from, where the file names it.
    pub index: Option<String>,
    /// Its wheels.
    pub wheels: Vec<LockedFile>,
    /// Its source distribution.
    pub sdist: Option<LockedFile>,
    /// Hashes of files that the format does not name, as lower-case SHA-256.
    pub hashes: Vec<String>,
    /// What it is instead of files of an index: `directory`, `git`, `conda`; `None` for an ordinary package.
    pub source_tree: Option<String>,
    /// Where a source tree on disk lies: a path relative to the lock file, or an address.
    pub folder: Option<String>,
    /// What it needs. Empty where the format lists what is installed without saying for whose sake.
    pub dependencies: Vec<LockedDependency>,
    /// Whether everything starts here: the project itself.
    pub root: bool,
}

/// An edge of the dependency graph.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LockedDependency {
    /// The name of the package needed.
    pub name: String,
    /// Its version, where more than one is locked.
    pub version: Option<String>,
    /// When it is needed.
    pub marker: Option<String>,
    /// The extra of the needing package that it belongs to.
    pub of_extra: Option<String>,
    /// The extras asked of the package needed.
    pub extras: Vec<String>,
}

/// One file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LockedFile {
    /// Its file name.
    pub filename: String,
    /// Its address: an URL, or a path relative to the lock file; `None` where the file does not say.
    pub url: Option<String>,
    /// Its SHA-256 in lower-case hexadecimal.
    pub sha256: Option<String>,
    /// Its size in bytes.
    pub size: Option<u64>,
}

/// A lock file could not be read.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// The file cannot be opened.
    #[error("cannot read `{path}`: {cause}")]
    Read {
        /// The file.
        path: String,
        /// What the system says.
        cause: std::io::Error,
    },
    /// It is not written as its name promises.
    #[error("`{path}` cannot be understood: {cause}")]
    Parse {
        /// The file.
        path: String,
        /// Where it goes wrong, as the parser says.
        cause: String,
    },
    /// Its name is that of no format known.
    #[error(
        "`{path}` is no lock file known by its name; known are `pylock.toml`, `pylock.NAME.toml`, `uv.lock`, `poetry.lock`, `pdm.lock`, \
         `Pipfile.lock`, `pixi.lock` and `conda-lock.yml`"
    )]
    Unknown {
        /// The file.
        path: String,
    },
}

/// The formats, told apart by file name as their own tools do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LockKind {
    /// `pylock.toml` (PEP 751).
    Pylock,
    /// `uv.lock`.
    Uv,
    /// `poetry.lock`.
    Poetry,
    /// `pdm.lock`.
    Pdm,
    /// `Pipfile.lock`.
    Pipfile,
    /// `pixi.lock`.
    Pixi,
    /// `conda-lock.yml`.
    CondaLock,
    /// What `pip install --dry-run --report -` prints; no file is taken for one by its name.
    PipReport,
}

impl LockKind {
    /// The format that a file of this name has.
    pub fn of(file_name: &str) -> Option<Self> {
        Some(match file_name {
            "uv.lock" => Self::Uv,
            "poetry.lock" => Self::Poetry,
            "pdm.lock" => Self::Pdm,
            "Pipfile.lock" => Self::Pipfile,
            "pixi.lock" => Self::Pixi,
            name if name.starts_with("pylock.") && name.ends_with(".toml") => Self::Pylock,
            name if name.ends_with("conda-lock.yml") || name.ends_with("conda-lock.yaml") => Self::CondaLock,
            _ => return None,
        })
    }
}

/// The largest lock file that is read, in bytes: ten times the largest seen.
const LARGEST: u64 = 200 << 20;

/// Reads a lock file; its name tells the format.
///
/// # Errors
/// When it cannot be read, or is not of the format that its name promises.
pub fn read(path: &Path) -> Result<Locked, LockError> {
    let shown = path.display().to_string();
    let file_name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let kind = LockKind::of(&file_name).ok_or_else(|| LockError::Unknown { path: shown.clone() })?;
    let text = read_bounded(path).map_err(|cause| LockError::Read { path: shown.clone(), cause })?;
    parse(kind, &text).map_err(|cause| LockError::Parse { path: shown, cause })
}

fn read_bounded(path: &Path) -> std::io::Result<String> {
    let mut text = String::new();
    let file = std::fs::File::open(path)?;
    std::io::Read::read_to_string(&mut std::io::Read::take(file, LARGEST), &mut text)?;
    Ok(text)
}

/// Reads the text of a lock file.
///
/// # Errors
/// Where the text goes wrong, in the words of its parser.
pub fn parse(kind: LockKind, text: &str) -> Result<Locked, String> {
    match kind {
        LockKind::Pylock => pylock::parse(text),
        LockKind::Uv => uv::parse(text),
        LockKind::Poetry => poetry::parse_poetry(text),
        LockKind::Pdm => poetry::parse_pdm(text),
        LockKind::Pipfile => pipfile::parse(text),
        LockKind::Pixi => conda::parse_pixi(text),
        LockKind::CondaLock => conda::parse_conda_lock(text),
        LockKind::PipReport => pip_report::parse(text),
    }
}

impl LockedFile {
    /// A file known by its address; the name is the address's last part.
    pub fn at(url: &str, sha256: Option<&str>, size: Option<u64>) -> Self {
        let plain = url.split(['#', '?']).next().unwrap_or(url);
        let last = plain.rsplit(['/', '\\']).next().unwrap_or(plain);
        let filename = percent_encoding::percent_decode_str(last).decode_utf8_lossy().into_owned();
        Self { filename, url: Some(url.to_owned()), sha256: sha256.and_then(sha256_of), size }
    }

    /// A file known by its name alone.
    pub fn named(filename: &str, sha256: Option<&str>) -> Self {
        Self { filename: filename.to_owned(), url: None, sha256: sha256.and_then(sha256_of), size: None }
    }

    /// Whether it is a wheel, by its name.
    pub fn is_wheel(&self) -> bool {
        self.filename.ends_with(".whl")
    }
}

/// The digits of `sha256:...`, or of a bare hexadecimal SHA-256; `None` for another algorithm.
fn sha256_of(text: &str) -> Option<String> {
    let digits = text.strip_prefix("sha256:").unwrap_or(text);
    let right = digits.len() == 64 && digits.bytes().all(|b| b.is_ascii_hexdigit());
    right.then(|| digits.to_ascii_lowercase())
}

/// Whether a path or an address is that of a file that installers take, and not of a folder.
fn is_archive(address: &str) -> bool {
    let plain = address.split(['#', '?']).next().unwrap_or(address).to_ascii_lowercase();
    let endings = [".whl", ".tar.gz", ".tgz", ".zip", ".tar.bz2", ".tar.xz", ".tar"];
    endings.iter().any(|ending| plain.ends_with(ending))
}

/// The file at an address that was asked for, with the hash that stands beside its name.
fn asked_for(address: &str, locked: &[LockedFile]) -> LockedFile {
    let file = LockedFile::at(address, None, None);
    let same = locked.iter().find(|other| other.filename == file.filename);
    let sha256 = same.or(locked.first().filter(|_| locked.len() == 1)).and_then(|other| other.sha256.clone());
    LockedFile { sha256, ..file }
}

/// Sorts files into wheels and the source distribution.
fn sort_files(package: &mut LockedPackage, files: impl IntoIterator<Item = LockedFile>) {
    for file in files {
        if file.is_wheel() {
            package.wheels.push(file);
        } else if package.sdist.is_none() {
            package.sdist = Some(file);
        }
    }
}

/// The extra that stands for a group in a marker: markers know no groups.
fn group_as_extra(group: &str) -> String {
    format!("in-group-{}", normalized(group))
}

/// The marker of what is installed for some groups, for each of them where a marker holds, if it has one; `None` without
/// groups.
fn marker_of_groups<'a>(groups: impl IntoIterator<Item = (&'a str, Option<&'a str>)>) -> Option<String> {
    let one = |(group, marker): (&str, Option<&str>)| {
        let asks = format!("extra == '{}'", group_as_extra(group));
        marker.map_or_else(|| asks.clone(), |marker| format!("({asks} and ({marker}))"))
    };
    let all: Vec<String> = groups.into_iter().map(one).collect();
    (!all.is_empty()).then(|| all.join(" or "))
}

/// The environment of a lock that has one, for the Pythons that meet one of these specifiers.
fn single_for(requires_python: impl IntoIterator<Item = String>, packages: Vec<LockedPackage>) -> LockedEnvironment {
    LockedEnvironment { requires_python: requires_python.into_iter().collect(), ..single(packages) }
}

/// The environment of a lock that has one.
fn single(packages: Vec<LockedPackage>) -> LockedEnvironment {
    LockedEnvironment { name: "default".to_owned(), packages, ..LockedEnvironment::default() }
}

impl From<LockedEnvironment> for Locked {
    fn from(only: LockedEnvironment) -> Self {
        Self { environments: vec![only], notes: Vec::new() }
    }
}
