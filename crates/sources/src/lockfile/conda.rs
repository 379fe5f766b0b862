//! `pixi.lock` and `conda-lock.yml`: the packages that pip would install. Conda's own packages are no wheels; they are
//! counted, and said not to be read. Of two of them the version is all that is needed: Python and NumPy.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Locked, LockedEnvironment, LockedFile, LockedPackage};
use crate::wheel::WheelName;

/// The versions of pixi's format that are known.
const VERSIONS: std::ops::RangeInclusive<u32> = 4..=7;

#[derive(Deserialize)]
struct Pixi {
    version: u32,
    /// Platforms with names of their own, since version 7.
    #[serde(default)]
    platforms: Vec<PixiPlatform>,
    #[serde(default)]
    environments: BTreeMap<String, PixiEnvironment>,
    #[serde(default)]
    packages: Vec<PixiPackage>,
}

#[derive(Deserialize)]
struct PixiPlatform {
    name: String,
    subdir: Option<String>,
}

#[derive(Deserialize)]
struct PixiEnvironment {
    #[serde(default)]
    packages: BTreeMap<String, Vec<BTreeMap<String, serde_json::Value>>>,
}

#[derive(Deserialize)]
struct PixiPackage {
    /// The address, under `pypi` since version 6 of the format, under `url` or `path` before.
    pypi: Option<String>,
    url: Option<String>,
    path: Option<String>,
    name: Option<String>,
    version: Option<serde_json::Value>,
    index: Option<String>,
    sha256: Option<String>,
}

pub(super) fn parse_pixi(text: &str) -> Result<Locked, String> {
    let file: Pixi = serde_saphyr::from_str(text).map_err(|error| error.to_string())?;
    if !VERSIONS.contains(&file.version) {
        return Err(format!("`version` is {}, known are {} to {}", file.version, VERSIONS.start(), VERSIONS.end()));
    }
    let address = |p: &PixiPackage| p.pypi.clone().or(p.url.clone()).or(p.path.clone());
    let details: BTreeMap<String, &PixiPackage> = file.packages.iter().filter_map(|p| Some((address(p)?, p))).collect();
    let subdirs = file.platforms.iter().filter_map(|p| Some((p.name.as_str(), p.subdir.as_deref()?)));
    let subdirs: BTreeMap<&str, &str> = subdirs.collect();
    let mut locked = Locked::default();
    for (name, environment) in &file.environments {
        for (platform, list) in &environment.packages {
            let mut found = LockedEnvironment {
                name: name.clone(),
                platform: Some((*subdirs.get(platform.as_str()).unwrap_or(&platform.as_str())).to_owned()),
                ..LockedEnvironment::default()
            };
            let mut conda = Conda::default();
            for entry in list {
                let of = |kind: &str| entry.get(kind).and_then(|url| url.as_str());
                match (of("pypi"), of("conda")) {
                    (Some(url), _) => found.packages.push(pixi_package(url, details.get(url).copied())),
                    (None, url) => conda.add(url.and_then(name_and_version)),
                }
            }
            conda.tell(&mut found);
            locked.environments.push(found);
        }
    }
    Ok(locked)
}

/// What conda would install of one environment.
#[derive(Default)]
struct Conda<'a> {
    count: usize,
    python: Option<&'a str>,
    numpy: Option<&'a str>,
}

impl<'a> Conda<'a> {
    fn add(&mut self, named: Option<(&'a str, &'a str)>) {
        self.count += 1;
        match named {
            Some(("python", version)) => self.python = Some(version),
            Some(("numpy", version)) => self.numpy = Some(version),
            _ => {}
        }
    }

    /// The environment's Python, the NumPy that its wheels will meet, and a note of what is not read.
    fn tell(self, environment: &mut LockedEnvironment) {
        let mut parts = self.python.unwrap_or_default().split('.').map(str::parse);
        if let (Some(Ok(major)), Some(Ok(minor))) = (parts.next(), parts.next()) {
            environment.python = Some((major, minor));
        }
        environment.packages.extend(self.numpy.map(|version| LockedPackage {
            name: "numpy".to_owned(),
            version: Some(version.to_owned()),
            source_tree: Some("conda".to_owned()),
            ..LockedPackage::default()
        }));
        environment.notes.extend(match self.count {
            0 => None,
            1 => Some("1 package of it is conda's, and is not read".to_owned()),
            count => Some(format!("{count} packages of it are conda's, and are not read")),
        });
    }
}

/// `("numpy", "2.2.4")` of `.../linux-64/numpy-2.2.4-py312h72c5963_0.conda`.
fn name_and_version(url: &str) -> Option<(&str, &str)> {
    let mut parts = url.rsplit('/').next()?.rsplitn(3, '-');
    let (_build, version, name) = (parts.next()?, parts.next()?, parts.next()?);
    Some((name, version))
}

fn pixi_package(url: &str, details: Option<&PixiPackage>) -> LockedPackage {
    // A file that was asked for by its address has a mark before it.
    let file =
        LockedFile::at(url.strip_prefix("direct+").unwrap_or(url), details.and_then(|d| d.sha256.as_deref()), None);
    let wheel = WheelName::parse(&file.filename);
    let version = details.and_then(|d| d.version.as_ref()).map(plain);
    let mut package = LockedPackage {
        name: details.and_then(|d| d.name.clone()).or(wheel.as_ref().map(|w| w.name.clone())).unwrap_or_default(),
        version: version.or(wheel.map(|w| w.version)),
        index: details.and_then(|d| d.index.clone()),
        ..LockedPackage::default()
    };
    if url.starts_with("git+") {
        package.source_tree = Some("git".to_owned());
    } else if url.contains("://") || super::is_archive(url) {
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
    let mut by_platform: BTreeMap<&str, Vec<&CondaPackage>> = BTreeMap::new();
    for package in &file.package {
        by_platform.entry(&package.platform).or_default().push(package);
    }
    let environments = by_platform.into_iter().map(|(platform, all)| conda_lock_environment(platform, &all));
    Ok(Locked { environments: environments.collect(), notes: Vec::new() })
}

fn conda_lock_environment(platform: &str, all: &[&CondaPackage]) -> LockedEnvironment {
    let (pip, others): (Vec<&CondaPackage>, Vec<&CondaPackage>) = all.iter().partition(|p| p.manager == "pip");
    let mut found = LockedEnvironment {
        name: "default".to_owned(),
        platform: Some(platform.to_owned()),
        packages: pip.into_iter().map(conda_lock_package).collect(),
        ..LockedEnvironment::default()
    };
    let versions: Vec<(&str, String)> = others.iter().map(|p| (p.name.as_str(), plain(&p.version))).collect();
    let mut conda = Conda::default();
    versions.iter().for_each(|(name, version)| conda.add(Some((name, version))));
    conda.tell(&mut found);
    found
}

fn conda_lock_package(from: &CondaPackage) -> LockedPackage {
    let mut package =
        LockedPackage { name: from.name.clone(), version: Some(plain(&from.version)), ..LockedPackage::default() };
    let sha256 = from.hash.get("sha256").map(String::as_str);
    super::sort_files(&mut package, [LockedFile::at(&from.url, sha256, None)]);
    package
}
