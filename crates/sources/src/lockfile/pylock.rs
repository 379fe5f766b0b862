//! `pylock.toml`, as the packaging standards define it; also what resolvers print when asked.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Locked, LockedFile, LockedPackage, single_for};

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct File {
    lock_version: String,
    requires_python: Option<String>,
    #[serde(default)]
    environments: Vec<String>,
    #[serde(default)]
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    version: Option<String>,
    marker: Option<String>,
    index: Option<String>,
    #[serde(default)]
    wheels: Vec<Artifact>,
    sdist: Option<Artifact>,
    archive: Option<Artifact>,
    vcs: Option<toml::Table>,
    directory: Option<toml::Table>,
}

#[derive(Deserialize)]
struct Artifact {
    name: Option<String>,
    url: Option<String>,
    path: Option<String>,
    size: Option<u64>,
    #[serde(default)]
    hashes: BTreeMap<String, String>,
}

pub(super) fn parse(text: &str) -> Result<Locked, String> {
    let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
    if !file.lock_version.starts_with("1.") {
        return Err(format!("`lock-version` is `{}`, known is `1.0`", file.lock_version));
    }
    let mut locked = single_for(file.requires_python, file.packages.into_iter().map(package).collect());
    locked.environments.iter_mut().for_each(|one| one.markers.clone_from(&file.environments));
    Ok(locked)
}

fn package(from: Package) -> LockedPackage {
    let source_tree = from.vcs.as_ref().map(|_| "version control").or(from.directory.as_ref().map(|_| "directory"));
    let folder = from.directory.as_ref().and_then(|directory| directory.get("path")?.as_str());
    let mut package = LockedPackage {
        folder: folder.map(str::to_owned),
        name: from.name,
        version: from.version,
        marker: from.marker,
        index: from.index,
        source_tree: source_tree.map(str::to_owned),
        ..LockedPackage::default()
    };
    let files = from.wheels.into_iter().chain(from.sdist).chain(from.archive).filter_map(locked_file);
    super::sort_files(&mut package, files);
    package
}

fn locked_file(from: Artifact) -> Option<LockedFile> {
    let sha256 = from.hashes.get("sha256").map(String::as_str);
    let address = from.url.or(from.path);
    let mut file = match (&address, &from.name) {
        (Some(address), _) => LockedFile::at(address, sha256, from.size),
        (None, Some(name)) => LockedFile::named(name, sha256),
        (None, None) => return None,
    };
    if let Some(name) = from.name {
        file.filename = name;
    }
    Some(file)
}
