//! `Pipfile.lock`: versions and hashes, without file names.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Locked, LockedEnvironment, LockedFile, LockedPackage, marker_of_groups, sha256_of, single};

#[derive(Deserialize)]
struct File {
    #[serde(rename = "_meta", default)]
    meta: Meta,
    #[serde(default)]
    default: BTreeMap<String, Package>,
    /// What is installed on demand: `develop`, and categories with names of the project's choice.
    #[serde(flatten)]
    others: BTreeMap<String, BTreeMap<String, Package>>,
}

#[derive(Default, Deserialize)]
struct Meta {
    #[serde(default)]
    sources: Vec<Source>,
    #[serde(default)]
    requires: Requires,
}

/// The Python that pipenv makes the environment with.
#[derive(Default, Deserialize)]
struct Requires {
    python_version: Option<String>,
    python_full_version: Option<String>,
}

#[derive(Deserialize)]
struct Source {
    name: Option<String>,
    url: Option<String>,
}

#[derive(Deserialize)]
struct Package {
    version: Option<String>,
    #[serde(default)]
    hashes: Vec<String>,
    markers: Option<String>,
    index: Option<String>,
    file: Option<String>,
    git: Option<String>,
    path: Option<String>,
}

pub(super) fn parse(text: &str) -> Result<Locked, String> {
    let file: File = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let sources = &file.meta.sources;
    let groups: Vec<String> = file.others.keys().cloned().collect();
    let mut packages: BTreeMap<String, LockedPackage> = BTreeMap::new();
    for (group, others) in file.others {
        for (name, from) in others {
            let mut package = package(name.clone(), from, sources);
            package.marker = marker_of_groups([(group.as_str(), package.marker.as_deref())]);
            packages.entry(name).or_insert(package);
        }
    }
    // What is in several is installed once, in the version of the default section.
    packages.extend(file.default.into_iter().map(|(name, from)| (name.clone(), package(name, from, sources))));
    let Requires { python_version, python_full_version } = file.meta.requires;
    let python = python_version.or(python_full_version).as_deref().and_then(contract::judge::python_line);
    Ok(LockedEnvironment { python, groups, ..single(packages.into_values().collect()) }.into())
}

fn package(name: String, from: Package, sources: &[Source]) -> LockedPackage {
    let index = from.index.and_then(|name| sources.iter().find(|s| s.name.as_deref() == Some(&name)));
    let (archive, folder) = from.path.into_iter().partition::<Vec<String>, _>(|path| super::is_archive(path));
    let tree = from.git.map(|_| "git").or(folder.first().map(|_| "directory"));
    let address = from.file.or(archive.into_iter().next());
    let mut package = LockedPackage {
        name,
        version: from.version.map(|version| version.trim_start_matches("==").to_owned()),
        marker: from.markers,
        index: index.and_then(|source| source.url.clone()),
        hashes: from.hashes.iter().filter_map(|hash| sha256_of(hash)).collect(),
        source_tree: tree.map(str::to_owned),
        folder: folder.into_iter().next(),
        ..LockedPackage::default()
    };
    super::sort_files(&mut package, address.map(|url| LockedFile::at(&url, None, None)));
    package
}
