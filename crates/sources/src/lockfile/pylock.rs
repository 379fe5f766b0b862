//! `pylock.toml`, as the packaging standards define it; also what resolvers print when asked.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Locked, LockedEnvironment, LockedFile, LockedPackage, group_as_extra, single_for};
use crate::wheel::normalized;

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct File {
    lock_version: String,
    requires_python: Option<String>,
    #[serde(default)]
    environments: Vec<String>,
    #[serde(default)]
    extras: Vec<String>,
    #[serde(default)]
    dependency_groups: Vec<String>,
    /// The groups that are installed where nothing is asked for.
    #[serde(default)]
    default_groups: Vec<String>,
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
    let File { environments: markers, extras, dependency_groups: mut groups, default_groups: always, .. } = file;
    groups.retain(|group| !always.contains(group));
    let packages = file.packages.into_iter().map(package).collect();
    Ok(LockedEnvironment { markers, extras, groups, always, ..single_for(file.requires_python, packages) }.into())
}

/// A marker of a lock file in the words of those that requirements have, which know neither sets of extras nor groups:
/// `'plot' in extras` is `extra == 'plot'`.
fn without_sets(marker: &str) -> String {
    let mut out = String::new();
    let mut rest = marker;
    while let Some(start) = rest.find(['\'', '"']) {
        let (before, quoted) = rest.split_at(start);
        let mut parts = quoted.splitn(3, quoted.get(..1).unwrap_or_default()).skip(1);
        let (Some(word), Some(after)) = (parts.next(), parts.next()) else { break };
        out.push_str(before);
        rest = match in_a_set(word, after) {
            Some((asks, left)) => {
                out.push_str(&asks);
                left
            }
            None => {
                let length = quoted.len().saturating_sub(after.len());
                out.push_str(quoted.get(..length).unwrap_or_default());
                after
            }
        };
    }
    out + rest
}

/// What `word` followed by `in extras` and the like asks for, and what is left after that.
fn in_a_set<'a>(word: &str, after: &'a str) -> Option<(String, &'a str)> {
    let next = |text: &'a str, word: &str| text.trim_start().strip_prefix(word).filter(|rest| !goes_on(rest));
    let (compares, after) = match next(after, "not") {
        Some(after) => ("!=", next(after, "in")?),
        None => ("==", next(after, "in")?),
    };
    let extra = |after| (format!("extra {compares} '{}'", normalized(word)), after);
    let group = |after| (format!("extra {compares} '{}'", group_as_extra(word)), after);
    next(after, "extras").map(extra).or_else(|| next(after, "dependency_groups").map(group))
}

/// Whether a word goes on.
fn goes_on(rest: &str) -> bool {
    rest.starts_with(|letter: char| letter.is_alphanumeric() || letter == '_')
}

fn package(from: Package) -> LockedPackage {
    let source_tree = from.vcs.as_ref().map(|_| "version control").or(from.directory.as_ref().map(|_| "directory"));
    let folder = from.directory.as_ref().and_then(|directory| directory.get("path")?.as_str());
    let mut package = LockedPackage {
        folder: folder.map(str::to_owned),
        name: from.name,
        version: from.version,
        marker: from.marker.as_deref().map(without_sets),
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
