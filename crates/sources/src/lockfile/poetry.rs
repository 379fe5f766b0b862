//! `poetry.lock` and `pdm.lock`: packages with the names and hashes of their files, mostly without addresses.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Locked, LockedFile, LockedPackage, asked_for, is_archive, single_for};
use crate::poetry::alternatives;

#[derive(Deserialize)]
struct File {
    #[serde(default)]
    package: Vec<Package>,
    #[serde(default)]
    metadata: Metadata,
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

pub(super) fn parse_poetry(text: &str) -> Result<Locked, String> {
    let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
    let Metadata { files: old_files, python_versions, targets } = file.metadata;
    let pythons = match python_versions {
        Some(words) => alternatives(&words),
        // One target without a bound is for all.
        None => targets.into_iter().map(|target| target.requires_python).collect::<Option<_>>().unwrap_or_default(),
    };
    let packages = file.package.into_iter().map(|from| {
        let old = old_files.get(&from.name).cloned().unwrap_or_default();
        package(from, old)
    });
    Ok(single_for(pythons, packages.collect()))
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
    let mut package = LockedPackage {
        name: from.name,
        version: from.version,
        marker: from.marker.or(from.markers.map(one_marker)),
        index,
        source_tree: tree.map(str::to_owned),
        folder,
        ..LockedPackage::default()
    };
    super::sort_files(&mut package, files);
    package
}

fn one_marker(markers: Markers) -> String {
    match markers {
        Markers::One(marker) => marker,
        Markers::ByGroup(groups) => groups.values().map(|m| format!("({m})")).collect::<Vec<_>>().join(" or "),
    }
}

fn locked_file(from: &Artifact) -> Option<LockedFile> {
    let hash = from.hash.as_deref();
    match (&from.url, &from.file) {
        (Some(url), _) => Some(LockedFile::at(url, hash, None)),
        (None, Some(name)) => Some(LockedFile::named(name, hash)),
        (None, None) => None,
    }
}
