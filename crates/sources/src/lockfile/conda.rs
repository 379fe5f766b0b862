//! `pixi.lock` and `conda-lock.yml`: the packages that pip would install. Conda's own packages are no wheels; they are
//! counted, and said not to be read.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Locked, LockedEnvironment, LockedFile, LockedPackage};
use crate::wheel::WheelName;

#[derive(Deserialize)]
struct Pixi {
    version: u32,
    #[serde(default)]
    environments: BTreeMap<String, PixiEnvironment>,
    #[serde(default)]
    packages: Vec<PixiPackage>,
}

#[derive(Deserialize)]
struct PixiEnvironment {
    #[serde(default)]
    packages: BTreeMap<String, Vec<BTreeMap<String, serde_json::Value>>>,
}

#[derive(Deserialize)]
struct PixiPackage {
    /// The address, under `pypi` since version 6 of the format and under `url` before.
    pypi: Option<String>,
    url: Option<String>,
    name: Option<String>,
    version: Option<serde_json::Value>,
    sha256: Option<String>,
}

pub(super) fn parse_pixi(text: &str) -> Result<Locked, String> {
    let file: Pixi = serde_saphyr::from_str(text).map_err(|error| error.to_string())?;
    if !(4..=6).contains(&file.version) {
        return Err(format!("`version` is {}, known are 4 to 6", file.version));
    }
    let details: BTreeMap<&str, &PixiPackage> =
        file.packages.iter().filter_map(|p| Some((p.pypi.as_deref().or(p.url.as_deref())?, p))).collect();
    let mut locked = Locked::default();
    let mut conda = 0;
    for (name, environment) in &file.environments {
        for (platform, list) in &environment.packages {
            let addresses = list.iter().filter_map(|entry| entry.get("pypi")).filter_map(|url| url.as_str());
            let packages: Vec<_> = addresses.map(|url| pixi_package(url, details.get(url).copied())).collect();
            conda += list.len().saturating_sub(packages.len());
            locked.environments.push(LockedEnvironment {
                name: name.clone(),
                platform: Some(platform.clone()),
                packages,
            });
        }
    }
    locked.notes.extend(conda_note(conda));
    Ok(locked)
}

fn conda_note(count: usize) -> Option<String> {
    (count > 0).then(|| format!("{count} entries are conda packages, which are not read"))
}

fn pixi_package(url: &str, details: Option<&PixiPackage>) -> LockedPackage {
    let file = LockedFile::at(url, details.and_then(|d| d.sha256.as_deref()), None);
    let wheel = WheelName::parse(&file.filename);
    let version = details.and_then(|d| d.version.as_ref()).map(plain);
    let mut package = LockedPackage {
        name: details.and_then(|d| d.name.clone()).or(wheel.as_ref().map(|w| w.name.clone())).unwrap_or_default(),
        version: version.or(wheel.map(|w| w.version)),
        ..LockedPackage::default()
    };
    if url.contains("://") {
        super::sort_files(&mut package, [file]);
    } else {
        package.source_tree = Some("directory".to_owned());
    }
    package
}

/// A version that YAML may have taken for a number.
fn plain(value: &serde_json::Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[derive(Deserialize)]
struct CondaLock {
    #[serde(default)]
    package: Vec<CondaPackage>,
}

#[derive(Deserialize)]
struct CondaPackage {
    name: String,
    version: serde_json::Value,
    manager: String,
    platform: String,
    url: String,
    #[serde(default)]
    hash: BTreeMap<String, String>,
}

pub(super) fn parse_conda_lock(text: &str) -> Result<Locked, String> {
    let file: CondaLock = serde_saphyr::from_str(text).map_err(|error| error.to_string())?;
    let mut by_platform: BTreeMap<String, Vec<LockedPackage>> = BTreeMap::new();
    let mut conda = 0;
    for from in file.package {
        let packages = by_platform.entry(from.platform.clone()).or_default();
        if from.manager == "pip" {
            packages.push(conda_lock_package(&from));
        } else {
            conda += 1;
        }
    }
    let environment =
        |(platform, packages)| LockedEnvironment { name: "default".to_owned(), platform: Some(platform), packages };
    Ok(Locked {
        environments: by_platform.into_iter().map(environment).collect(),
        notes: conda_note(conda).into_iter().collect(),
    })
}

fn conda_lock_package(from: &CondaPackage) -> LockedPackage {
    let mut package =
        LockedPackage { name: from.name.clone(), version: Some(plain(&from.version)), ..LockedPackage::default() };
    let sha256 = from.hash.get("sha256").map(String::as_str);
    super::sort_files(&mut package, [LockedFile::at(&from.url, sha256, None)]);
    package
}
