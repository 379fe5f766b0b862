//! `poetry.lock` and `pdm.lock`: packages with the names and hashes of their files, mostly without addresses.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::{
    Locked, LockedEnvironment, LockedFile, LockedPackage, asked_for, is_archive, marker_of_groups, single_for,
};
use crate::poetry::alternatives;

#[derive(Deserialize)]
struct File {
    #[serde(default)]
    package: Vec<Package>,
    #[serde(default)]
    metadata: Metadata,
    /// Poetry's extras, and the packages that they add.
    #[serde(default)]
    extras: BTreeMap<String, toml::Value>,
}

#[derive(Default, Deserialize)]
struct Metadata {
    /// Where Poetry before 1.5 kept the files, by package name.
    #[serde(default)]
    files: BTreeMap<String, Vec<Artifact>>,
    /// Poetry's bound on Python, in its own words: `^3.9`.
    #[serde(rename = "python-versions")]
    python_versions: Option<String>,
    /// PDM's targets, each with its own.
    #[serde(default)]
    targets: Vec<PdmTarget>,
}

#[derive(Deserialize)]
struct PdmTarget {
    requires_python: Option<String>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    version: Option<String>,
    /// Poetry: one marker, or one for each group of dependencies.
    markers: Option<Markers>,
    /// PDM's word for the same.
    marker: Option<String>,
    /// The groups that it is installed for. PDM counts extras among them.
    #[serde(default)]
    groups: Vec<String>,
    source: Option<Source>,
    #[serde(default)]
    files: Vec<Artifact>,
    git: Option<String>,
    path: Option<String>,
    url: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Markers {
    One(String),
    ByGroup(BTreeMap<String, String>),
}

#[derive(Default, Deserialize)]
struct Source {
    r#type: Option<String>,
    url: Option<String>,
}

#[derive(Clone, Deserialize)]
struct Artifact {
    file: Option<String>,
    url: Option<String>,
    hash: Option<String>,
}

/// The groups of what a project requires outside all groups: Poetry's word, and PDM's.
const OWN: [&str; 2] = ["main", "default"];

pub(super) fn parse_poetry(text: &str) -> Result<Locked, String> {
    let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
    let Metadata { files: old_files, python_versions, targets } = file.metadata;
    let pythons = match python_versions {
        Some(words) => alternatives(&words),
        // One target without a bound is for all.
        None => targets.into_iter().map(|target| target.requires_python).collect::<Option<_>>().unwrap_or_default(),
    };
    let all: BTreeSet<String> = file.package.iter().flat_map(|package| &package.groups).cloned().collect();
    let (always, groups): (Vec<_>, Vec<_>) = all.into_iter().partition(|group| OWN.contains(&group.as_str()));
    let extras: Vec<String> = file.extras.into_keys().collect();
    let packages = file.package.into_iter().map(|from| {
        let old = old_files.get(&from.name).cloned().unwrap_or_default();
        package(from, old)
    });
    let environment = LockedEnvironment { extras, groups, always, ..single_for(pythons, packages.collect()) };
    Ok(environment.into())
}

pub(super) fn parse_pdm(text: &str) -> Result<Locked, String> {
    // The names that differ do not collide.
    parse_poetry(text)
}

fn package(from: Package, old_files: Vec<Artifact>) -> LockedPackage {
    let source = from.source.unwrap_or_default();
    let kind = source.r#type.as_deref().unwrap_or_default();
    // Poetry's address of a file stands in its source, PDM's beside the name.
    let (tree, folder, address) = match kind {
        "git" => (Some("git"), None, None),
        "directory" => (Some("directory"), source.url.clone(), None),
        "file" | "url" => (None, None, source.url.clone()),
        _ if from.git.is_some() => (Some("git"), None, None),
        _ => match from.path {
            Some(path) if is_archive(&path) => (None, None, Some(path)),
            Some(path) => (Some("directory"), Some(path), None),
            None => (None, None, from.url),
        },
    };
    let index = source.url.filter(|_| tree.is_none() && address.is_none());
    let files: Vec<LockedFile> = from.files.iter().chain(&old_files).filter_map(locked_file).collect();
    let files = match &address {
        Some(address) => vec![asked_for(address, &files)],
        None => files,
    };
    let (one_for_all, by_group) = match from.markers {
        Some(Markers::One(marker)) => (Some(marker), BTreeMap::new()),
        Some(Markers::ByGroup(groups)) => (None, groups),
        None => (None, BTreeMap::new()),
    };
    let mut package = LockedPackage {
        name: from.name,
        version: from.version,
        marker: marker(&from.groups, from.marker.or(one_for_all), &by_group),
        index,
        source_tree: tree.map(str::to_owned),
        folder,
        ..LockedPackage::default()
    };
    super::sort_files(&mut package, files);
    package
}

/// When a package is installed: for one of its groups. A group has a marker of its own, that of all, or none.
fn marker(groups: &[String], of_all: Option<String>, by_group: &BTreeMap<String, String>) -> Option<String> {
    let of_group = |group: &'_ String| by_group.get(group).or(of_all.as_ref()).map(String::as_str);
    marker_of_groups(groups.iter().map(|group| (group.as_str(), of_group(group)))).or(of_all)
}

fn locked_file(from: &Artifact) -> Option<LockedFile> {
    let hash = from.hash.as_deref();
    match (&from.url, &from.file) {
        (Some(url), _) => Some(LockedFile::at(url, hash, None)),
        (None, Some(name)) => Some(LockedFile::named(name, hash)),
        (None, None) => None,
    }
}
