//! `uv.lock`: a universal lock. Markers stand on the edges, so what a target installs is what its edges reach.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::Deserialize;

use super::conflicts::{Item, Selection, selections};
use super::{Locked, LockedDependency, LockedEnvironment, LockedFile, LockedPackage, marker_of_groups};

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct File {
    version: u32,
    requires_python: Option<String>,
    #[serde(default)]
    supported_markers: Vec<String>,
    #[serde(default)]
    conflicts: Vec<Vec<Item>>,
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
    /// The groups that are installed where nothing is said of groups.
    #[serde(default)]
    default_groups: Vec<String>,
}

#[derive(Deserialize)]
struct Artifact {
    url: Option<String>,
    path: Option<String>,
    filename: Option<String>,
    hash: Option<String>,
    size: Option<u64>,
}

#[derive(Clone, Deserialize)]
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
    let is_default = |item: &Item| {
        let group = |package: &Package| item.group.as_ref().is_some_and(|group| package.default_groups.contains(group));
        file.package.iter().any(|package| package.name == item.package && group(package))
    };
    let (selections, note) = selections(&file.conflicts, is_default);
    let environment = |Selection { name, items: selected }: Selection<'_>| {
        let out: BTreeSet<&Item> = file.conflicts.iter().flatten().filter(|item| !selected.contains(item)).collect();
        let packages = file.package.iter().filter(|from| !out.contains(&from.whole()));
        let names = |table: fn(&Package) -> &BTreeMap<String, Vec<Dependency>>, item: fn(&str, &str) -> Item| {
            let projects = file.package.iter().filter(|project| own.contains(&project.name));
            let all = projects.flat_map(|project| table(project).keys().map(move |name| (project, name)));
            let there = all.filter(|(project, name)| !out.contains(&item(&project.name, name)));
            there.map(|(_, name)| name.clone()).collect::<BTreeSet<_>>().into_iter().collect()
        };
        let groups: Vec<String> = names(|project| &project.dev_dependencies, Item::group);
        let by_default = |group: &String| file.package.iter().any(|package| package.default_groups.contains(group));
        let (always, groups) = groups.into_iter().partition(by_default);
        LockedEnvironment {
            name,
            requires_python: file.requires_python.iter().cloned().collect(),
            markers: file.supported_markers.clone(),
            selected: selected.into_iter().map(Item::selected).collect(),
            extras: names(|project| &project.optional_dependencies, Item::extra),
            groups,
            always,
            packages: packages.map(|from| package(from, &own, &out)).collect(),
            ..LockedEnvironment::default()
        }
    };
    Ok(Locked { environments: selections.into_iter().map(environment).collect(), notes: note.into_iter().collect() })
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

    /// It as a whole, which may conflict with others.
    fn whole(&self) -> Item {
        Item { package: self.name.clone(), extra: None, group: None }
    }

    /// The folder of a project, which may be the one that the lock is of.
    fn path_of_project(&self) -> Option<&str> {
        self.source("editable").or_else(|| self.source("virtual"))
    }
}

/// A package without the extras and groups that are left `out`.
fn package(from: &Package, own: &BTreeSet<String>, out: &BTreeSet<&Item>) -> LockedPackage {
    let tree = ["editable", "virtual", "directory", "git"].into_iter().find(|kind| from.source.contains_key(*kind));
    let mut package = LockedPackage {
        name: from.name.clone(),
        version: from.version.clone(),
        marker: any_of(&from.resolution_markers),
        index: from.source("registry").map(str::to_owned),
        source_tree: tree.map(str::to_owned),
        folder: ["editable", "directory"].into_iter().find_map(|kind| from.source(kind)).map(str::to_owned),
        root: from.path_of_project().is_some() && own.contains(&from.name),
        dependencies: edges(from, out),
        ..LockedPackage::default()
    };
    super::sort_files(&mut package, files(from));
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

/// What a package requires, for itself, for its extras, and for its groups: those have markers that ask for them.
fn edges(from: &Package, out: &BTreeSet<&Item>) -> Vec<LockedDependency> {
    let groups = from.dev_dependencies.iter().filter(|(name, _)| !out.contains(&Item::group(&from.name, name)));
    let of_groups = groups.flat_map(|(name, all)| all.iter().map(|dependency| for_group(name, dependency)));
    let plain = from.dependencies.iter().map(|dependency| edge(dependency, None)).chain(of_groups);
    let extras = from.optional_dependencies.iter().filter(|(name, _)| !out.contains(&Item::extra(&from.name, name)));
    let optional = extras.flat_map(|(name, all)| all.iter().map(|dependency| edge(dependency, Some(name.clone()))));
    plain.chain(optional).collect()
}

fn for_group(group: &str, from: &Dependency) -> LockedDependency {
    let plain = edge(from, None);
    LockedDependency { marker: marker_of_groups([(group, plain.marker.as_deref())]), ..plain }
}

fn edge(from: &Dependency, of_extra: Option<String>) -> LockedDependency {
    let Dependency { name, version, marker, extra } = from.clone();
    LockedDependency { name, version, marker, of_extra, extras: extra }
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
