//! `uv.lock`: a universal lock. Markers stand on the edges, so what a target installs is what its edges reach.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Locked, LockedDependency, LockedFile, LockedPackage, single_for};

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct File {
    version: u32,
    requires_python: Option<String>,
    #[serde(default)]
    package: Vec<Package>,
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
    Ok(single_for(file.requires_python, file.package.into_iter().map(package).collect()))
}

fn package(from: Package) -> LockedPackage {
    let tree = ["editable", "virtual", "directory", "git"].into_iter().find(|kind| from.source.contains_key(*kind));
    let index = from.source.get("registry").and_then(|value| value.as_str()).map(str::to_owned);
    let root = from.source.contains_key("editable") || from.source.contains_key("virtual");
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
    super::sort_files(&mut package, from.wheels.into_iter().chain(from.sdist).filter_map(locked_file));
    package
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

fn locked_file(from: Artifact) -> Option<LockedFile> {
    let hash = from.hash.as_deref();
    let address = from.url.or(from.path);
    match (address, from.filename) {
        (Some(address), _) => Some(LockedFile::at(&address, hash, from.size)),
        (None, Some(name)) => Some(LockedFile::named(&name, hash)),
        (None, None) => None,
    }
}
