//! The text files of a wheel's `.dist-info` folder: `METADATA`, `WHEEL`, `RECORD`.

use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

use pep508_rs::{MarkerEnvironment, Requirement, VerbatimUrl, VersionOrUrl};

use super::name::{Tag, expand, normalized};
use super::target::{Platform, Target};

/// What a wheel says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Distribution {
    /// Its name, as `METADATA` spells it.
    pub name: String,
    /// Its version; empty where the metadata is unreadable.
    pub version: String,
    /// Every `Requires-Dist` line that names NumPy, as it stands there.
    pub requires_numpy: Vec<String>,
    /// `Requires-Python`, as it stands there.
    pub requires_python: Option<String>,
    /// The tags of `WHEEL`, or of the file name where `WHEEL` has none.
    pub tags: Vec<Tag>,
}

impl Distribution {
    /// What the metadata asks of NumPy on a target, without extras: specifiers joined by commas, empty for any
    /// version; `None` where no requirement applies. Without a target, the wheel's own tags serve.
    pub fn declared_numpy(&self, target: Option<&Target>) -> Option<String> {
        let target = target.copied().or_else(|| self.own_target());
        let markers = target.and_then(|target| target.markers());
        let mut specifiers = BTreeSet::new();
        let mut named = false;
        for line in &self.requires_numpy {
            let Ok(requirement) = Requirement::<VerbatimUrl>::from_str(line) else {
                continue;
            };
            if !applies(&requirement, markers.as_ref()) {
                continue;
            }
            named = true;
            if let Some(VersionOrUrl::VersionSpecifier(all)) = &requirement.version_or_url {
                specifiers.extend(all.iter().map(|one| one.to_string().replace(' ', "")));
            }
        }
        named.then(|| specifiers.into_iter().collect::<Vec<_>>().join(","))
    }

    /// The Python and the platform that the first tag names; a stable-ABI wheel names its oldest Python.
    pub fn own_target(&self) -> Option<Target> {
        self.tags.iter().find_map(|tag| {
            let digits = tag.python.strip_prefix("cp")?;
            let (major, minor) = digits.split_at_checked(1)?;
            let python = (major.parse().ok()?, minor.parse().ok()?);
            let platform = Platform::from_str(&tag.platform).or_else(|_| generic_platform(&tag.platform)).ok()?;
            Some(Target { python, platform })
        })
    }
}

/// Tags that name no single machine, or an old spelling.
fn generic_platform(tag: &str) -> Result<Platform, super::target::PlatformError> {
    let machine = ["x86_64", "aarch64", "i686", "ppc64le", "s390x"].into_iter().find(|machine| tag.ends_with(machine));
    match machine {
        _ if tag.ends_with("universal2") => "macos-arm64".parse(),
        Some(machine) if tag.starts_with("linux_") || tag.starts_with("manylinux") => {
            format!("linux-{machine}").parse()
        }
        _ => tag.parse(),
    }
}

fn applies(requirement: &Requirement<VerbatimUrl>, markers: Option<&MarkerEnvironment>) -> bool {
    match markers {
        Some(markers) => requirement.marker.evaluate(markers, &[]),
        // Nothing is known of the target: a requirement that some target without extras may have counts.
        None => requirement.marker.evaluate_optional_environment(None, &[]),
    }
}

/// Headers of an RFC 822 file, in order; repeated ones repeat.
pub(crate) fn headers(text: &[u8]) -> Result<Vec<(String, String)>, String> {
    let (headers, _) = mailparse::parse_headers(text).map_err(|error| error.to_string())?;
    Ok(headers
        .iter()
        .map(|header| (header.get_key(), header.get_value_utf8().unwrap_or_else(|_| header.get_value())))
        .collect())
}

/// Reads `METADATA`.
pub(crate) fn read_metadata(text: &[u8], out: &mut Distribution) -> Result<(), String> {
    for (key, value) in headers(text)? {
        match key.to_ascii_lowercase().as_str() {
            "name" if out.name.is_empty() => out.name = value,
            "version" if out.version.is_empty() => out.version = value,
            "requires-python" => out.requires_python = Some(value),
            "requires-dist" if names_numpy(&value) => out.requires_numpy.push(value),
            _ => {}
        }
    }
    let missing = [("Name", &out.name), ("Version", &out.version)].into_iter().find(|(_, value)| value.is_empty());
    missing.map_or(Ok(()), |(key, _)| Err(format!("it has no `{key}`")))
}

fn names_numpy(requirement: &str) -> bool {
    let end = requirement.find(|c: char| !(c.is_alphanumeric() || "-_.".contains(c))).unwrap_or(requirement.len());
    requirement.get(..end).is_some_and(|name| normalized(name) == "numpy")
}

/// Reads the tags of `WHEEL`.
pub(crate) fn read_wheel(text: &[u8]) -> Result<Vec<Tag>, String> {
    let tags = headers(text)?.into_iter().filter(|(key, _)| key.eq_ignore_ascii_case("tag"));
    let mut tags: Vec<Tag> = tags.flat_map(|(_, value)| parse_tag(&value)).collect();
    tags.sort();
    tags.dedup();
    Ok(tags)
}

fn parse_tag(text: &str) -> Vec<Tag> {
    let mut parts = text.trim().splitn(3, '-');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(python), Some(abi), Some(platform)) => expand(python, abi, platform),
        _ => Vec::new(),
    }
}

/// Reads `RECORD`: the size of each file where it is given.
pub(crate) fn read_record(text: &[u8]) -> Result<BTreeMap<String, Option<u64>>, String> {
    let mut rows = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text);
    let mut files = BTreeMap::new();
    for row in rows.records() {
        let row = row.map_err(|error| error.to_string())?;
        let path = row.get(0).unwrap_or_default().replace('\\', "/");
        let size = row.get(2).and_then(|size| size.parse().ok());
        files.insert(path, size);
    }
    Ok(files)
}
