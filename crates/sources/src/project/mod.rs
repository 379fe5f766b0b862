//! Projects as their sources tell of them: `pyproject.toml` in a folder or in a source distribution. Nothing is built and
//! nothing of it is executed, so what only a build works out stays unknown.

mod poetry;
mod pyproject;
mod sdist;

use std::path::Path;
use std::str::FromStr;

use pep508_rs::{Requirement, VerbatimUrl, VersionOrUrl};

pub use pyproject::Project;
pub use sdist::{SdistLimits, is_sdist, open_sdist, read_sdist};

use crate::wheel::{Distribution, Target, normalized};

/// What a project's sources say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SourceTree {
    /// Its `pyproject.toml`, where it has one; empty where it has none.
    pub project: Project,
    /// The `Requires-Dist` lines of a source distribution, where its metadata says that a build does not change them.
    pub requires_dist: Option<Vec<String>>,
}

/// The sources of a project cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ProjectError {
    /// A file cannot be opened or read.
    #[error("cannot read `{path}`: {cause}")]
    Read {
        /// The file.
        path: String,
        /// What is wrong.
        cause: String,
    },
    /// `pyproject.toml` is not written as it should.
    #[error("`{path}` cannot be understood: {cause}")]
    Parse {
        /// The file.
        path: String,
        /// What is wrong.
        cause: String,
    },
}

/// The largest `pyproject.toml` that is read, in bytes.
const LARGEST: u64 = 4 << 20;

/// Whether a folder holds a project's sources.
pub fn is_source_tree(folder: &Path) -> bool {
    ["pyproject.toml", "setup.py"].iter().any(|name| folder.join(name).is_file())
}

/// Reads a folder with a project's sources. One without a `pyproject.toml` is built as one that says nothing.
///
/// # Errors
/// When its `pyproject.toml` cannot be read or understood.
pub fn read_folder(folder: &Path) -> Result<SourceTree, ProjectError> {
    let path = folder.join("pyproject.toml");
    let project = if path.is_file() { read_pyproject(&path)? } else { Project::default() };
    Ok(SourceTree { project, requires_dist: None })
}

/// Reads a `pyproject.toml`.
///
/// # Errors
/// When it cannot be read or understood.
pub fn read_pyproject(path: &Path) -> Result<Project, ProjectError> {
    let shown = || path.display().to_string();
    let mut text = String::new();
    let file = std::fs::File::open(path);
    let read = file.and_then(|file| std::io::Read::read_to_string(&mut std::io::Read::take(file, LARGEST), &mut text));
    read.map_err(|error| ProjectError::Read { path: shown(), cause: error.to_string() })?;
    Project::parse(&text).map_err(|cause| ProjectError::Parse { path: shown(), cause })
}

impl SourceTree {
    /// What it requires by name when it runs; `None` where only a build would tell. Addresses, and lines that are no
    /// requirements, are left out: an installer would go where they point.
    pub fn requires(&self) -> Option<Vec<String>> {
        let parsed = self.lines()?.iter().filter_map(|line| Requirement::<VerbatimUrl>::from_str(line).ok());
        let by_name = parsed.filter(|requirement| !matches!(requirement.version_or_url, Some(VersionOrUrl::Url(_))));
        Some(by_name.map(|requirement| requirement.to_string()).collect())
    }

    fn lines(&self) -> Option<&Vec<String>> {
        self.requires_dist.as_ref().or(self.project.dependencies.as_ref())
    }

    /// What it requires of NumPy when it runs: specifiers joined by commas, `Some(None)` where it does not name NumPy;
    /// `None` where only a build would tell.
    pub fn runtime_numpy(&self, target: &Target) -> Option<Option<String>> {
        let requires_numpy = named(self.lines()?, "numpy", target).map(|(line, _)| line.clone()).collect();
        Some(Distribution { requires_numpy, ..Distribution::default() }.declared_numpy(Some(target)))
    }

    /// The build requirements that bring a NumPy, for a target: `numpy` itself, and the distribution that stands for the
    /// oldest one.
    pub fn build_numpy(&self, target: &Target) -> Vec<String> {
        let lines = &self.project.build_requires;
        let both = named(lines, "numpy", target).chain(named(lines, "oldest-supported-numpy", target));
        both.map(|(_, plain)| plain).collect()
    }
}

/// The requirements of that name that hold for a target, as they stand and without their markers.
fn named<'a>(lines: &'a [String], name: &'a str, target: &Target) -> impl Iterator<Item = (&'a String, String)> {
    let markers = target.markers();
    lines.iter().filter_map(move |line| {
        let requirement = Requirement::<VerbatimUrl>::from_str(line).ok()?;
        let holds = markers.as_ref().is_none_or(|markers| requirement.marker.evaluate(markers, &[]));
        let plain = line.split(';').next().unwrap_or(line).trim().to_owned();
        (normalized(requirement.name.as_ref()) == name && holds).then_some((line, plain))
    })
}
