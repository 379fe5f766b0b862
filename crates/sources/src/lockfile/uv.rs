//! `uv.lock`: a universal lock. Markers stand on the edges, so what a target installs is what its edges reach.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::Deserialize;

use super::{Locked, LockedDependency, LockedFile, LockedPackage, single_for};

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct File {
    version: u32,
    requires_python: Option<String>,
    #[serde(default)]
    manifest: Manifest,
    #[serde(default)]
    package: Vec<Package>,
}

#[derive(Default, Deserialize)]
struct Manifest {
    /// The projects of a workspace, by name.
    #[serde(default)]
    members: BTreeSet<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Package {
    name: String,
    version: Option<String>,
    #[serde(default)]
    source: BTreeMap<String, toml::Value>,
    #[serde(default)]
    resolution_markers: Vec<String>,
    #[serde(default)]
    wheels: Vec<Artifact>,
    sdist: Option<Artifact>,
    #[serde(default)]
    dependencies: Vec<Dependency>,
    #[serde(default)]
    optional_dependencies: BTreeMap<String, Vec<Dependency>>,
    #[serde(default)]
    dev_dependencies: BTreeMap<String, Vec<Dependency>>,
}

#[derive(Deserialize)]
struct Artifact {
    url: Option<String>,
    path: Option<String>,
    filename: Option<String>,
    hash: Option<String>,
    size: Option<u64>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    version: Option<String>,
    marker: Option<String>,
    #[serde(default)]
    extra: Vec<String>,
}

pub(super) fn parse(text: &str) -> Result<Locked, String> {
    let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
    if file.version != 1 {
        return Err(format!("`version` is {}, known is 1", file.version));
    }
    let own = own_projects(&file);
    let packages = file.package.into_iter().map(|from| package(from, &own));
    Ok(single_for(file.requires_python, packages.collect()))
}

/// The projects that the lock is of, by name: the one beside it and the members of its workspace. What else lies on disk is
/// what these require; a lock that tells neither is of all that lie there.
fn own_projects(file: &File) -> BTreeSet<String> {
    let on_disk = || file.package.iter().filter(|package| package.path_of_project().is_some());
    let beside = |package: &&Package| package.path_of_project().is_some_and(|path| [".", "./", ""].contains(&path));
    let own = on_disk().filter(|package| beside(package) || file.manifest.members.contains(&package.name));
    let own: BTreeSet<String> = own.map(|package| package.name.clone()).collect();
    if own.is_empty() { on_disk().map(|package| package.name.clone()).collect() } else { own }
}

impl Package {
    fn source(&self, kind: &str) -> Option<&str> {
        self.source.get(kind)?.as_str()
    }

    /// The folder of a project, which may be the one that the lock is of.
    fn path_of_project(&self) -> Option<&str> {
        self.source("editable").or_else(|| self.source("virtual"))
    }
}

fn package(from: Package, own: &BTreeSet<String>) -> LockedPackage {
    let tree = ["editable", "virtual", "directory", "git"].into_iter().find(|kind| from.source.contains_key(*kind));
    let index = from.source("registry").map(str::to_owned);
    let root = from.path_of_project().is_some() && own.contains(&from.name);
    let files = files(&from);
    let mut package = LockedPackage {
        name: from.name,
        version: from.version,
        marker: any_of(&from.resolution_markers),
        index,
        source_tree: tree.map(str::to_owned),
        root,
        dependencies: edges(from.dependencies, from.optional_dependencies, from.dev_dependencies),
        ..LockedPackage::default()
    };
    super::sort_files(&mut package, files);
    package
}

/// A package's files. Of one that was asked for by its address, or by its path, the source is the only file, and what stands
/// beside it tells its hash. Paths of files that lie in a folder are relative to that folder.
fn files(from: &Package) -> Vec<LockedFile> {
    let artifacts = || from.wheels.iter().chain(&from.sdist);
    if let Some(address) = from.source("url").or_else(|| from.source("path")) {
        let (hash, size) = artifacts().next().map(|one| (one.hash.as_deref(), one.size)).unwrap_or_default();
        return vec![LockedFile::at(address, hash, size)];
    }
    let folder = from.source("registry").filter(|registry| !registry.starts_with("http"));
    artifacts().filter_map(|artifact| locked_file(artifact, folder)).collect()
}

/// The project's own groups count like its dependencies: they are what its developers install.
fn edges(
    plain: Vec<Dependency>,
    optional: BTreeMap<String, Vec<Dependency>>,
    groups: BTreeMap<String, Vec<Dependency>>,
) -> Vec<LockedDependency> {
    let plain = plain.into_iter().chain(groups.into_values().flatten()).map(|dependency| edge(dependency, None));
    let optional = optional
        .into_iter()
        .flat_map(|(extra, all)| all.into_iter().map(move |dependency| edge(dependency, Some(extra.clone()))));
    plain.chain(optional).collect()
}

fn edge(from: Dependency, of_extra: Option<String>) -> LockedDependency {
    LockedDependency { name: from.name, version: from.version, marker: from.marker, of_extra, extras: from.extra }
}

fn any_of(markers: &[String]) -> Option<String> {
    (!markers.is_empty()).then(|| markers.iter().map(|marker| format!("({marker})")).collect::<Vec<_>>().join(" or "))
}

fn locked_file(from: &Artifact, folder: Option<&str>) -> Option<LockedFile> {
    let hash = from.hash.as_deref();
    let lies_at = |path: &String| match folder {
        Some(folder) if folder.contains("://") => format!("{}/{path}", folder.trim_end_matches('/')),
        Some(folder) => Path::new(folder).join(path).to_string_lossy().into_owned(),
        None => path.clone(),
    };
    match (from.url.clone().or(from.path.as_ref().map(lies_at)), &from.filename) {
        (Some(address), _) => Some(LockedFile::at(&address, hash, from.size)),
        (None, Some(name)) => Some(LockedFile::named(name, hash)),
        (None, None) => None,
    }
}
