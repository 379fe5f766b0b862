//! pip's installation report: what it would install, with addresses and hashes.

use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

use pep508_rs::pep440_rs::Version;
use pep508_rs::{ExtraName, MarkerTree, Requirement, VerbatimUrl, VersionOrUrl};
use serde::Deserialize;

use super::{Locked, LockedFile, LockedPackage, single};
use crate::wheel::{Target, normalized};

#[derive(Deserialize)]
struct Report {
    version: String,
    install: Vec<Item>,
}

#[derive(Deserialize)]
struct Item {
    download_info: Download,
    metadata: Metadata,
    requested_extras: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct Download {
    url: String,
    archive_info: Option<Archive>,
    dir_info: Option<serde_json::Value>,
    vcs_info: Option<serde_json::Value>,
}

#[derive(Deserialize)]
struct Archive {
    #[serde(default)]
    hashes: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Metadata {
    name: String,
    version: String,
    #[serde(default)]
    requires_dist: Vec<String>,
}

pub(super) fn parse(text: &str) -> Result<Locked, String> {
    Ok(single(read(text)?.install.into_iter().map(package).collect()).into())
}

fn read(text: &str) -> Result<Report, String> {
    let report: Report = serde_json::from_str(text).map_err(|error| error.to_string())?;
    if report.version != "1" {
        return Err(format!("`version` is `{}`, known is `1`", report.version));
    }
    Ok(report)
}

/// What distributions require on a target, level by level, and what is known of it so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Required {
    /// Requirement specifiers without markers.
    pub lines: BTreeSet<String>,
    /// The extras that somebody asked for, by normalized name. pip tells those of one mention alone.
    pub extras: BTreeMap<String, BTreeSet<String>>,
    /// Distributions that are required at an address of their own, and left out: pip would go where it points, with
    /// variables of this machine's environment in it, and build what lies there.
    pub left_out: BTreeSet<String>,
}

impl Required {
    /// The lines of `named` that hold on a target, without their markers; what has none, or is no requirement specifier, stays
    /// as it is.
    pub fn named(&mut self, named: &[String], target: &Target) -> Vec<String> {
        let markers = target.markers();
        let holding = named.iter().filter_map(|line| {
            let Ok(requirement) = Requirement::<VerbatimUrl>::from_str(line) else { return Some(line.clone()) };
            let holds = markers.as_ref().is_none_or(|markers| requirement.marker.evaluate(markers, &[]));
            self.ask_for_extras(&requirement);
            if requirement.marker.is_true() {
                return Some(line.clone());
            }
            holds.then(|| Requirement { marker: MarkerTree::TRUE, ..requirement }.to_string())
        });
        holding.collect()
    }

    /// What the distributions of a report require: pip itself judges their markers by the machine that it runs on.
    ///
    /// # Errors
    /// When the report, or a requirement in it, cannot be read; a sentence.
    pub fn next(&self, report: &str, target: &Target) -> Result<Self, String> {
        let markers = target.markers().ok_or("no markers are known for the target")?;
        let mut next = Self { extras: self.extras.clone(), ..Self::default() };
        for Item { metadata, requested_extras, .. } in read(report)?.install {
            let name = normalized(&metadata.name);
            next.ask_for(&name, requested_extras.unwrap_or_default());
            let extras = next.extras.get(&name).into_iter().flatten();
            let extras: Vec<ExtraName> = extras.filter_map(|extra| ExtraName::from_str(extra).ok()).collect();
            for line in metadata.requires_dist {
                let requirement =
                    Requirement::<VerbatimUrl>::from_str(&line).map_err(|error| format!("`{line}`: {error}"))?;
                if requirement.marker.evaluate(&markers, &extras) {
                    next.add(requirement);
                }
            }
        }
        Ok(next)
    }

    /// Whether a report, which came of `before`, has all that is required, in versions that are, and nothing that was
    /// required before alone.
    pub fn is_met_by(&self, report: &str, before: &Self) -> bool {
        if self.extras != before.extras || !before.lines.is_subset(&self.lines) {
            return false;
        }
        let Ok(Report { install, .. }) = read(report) else { return false };
        let version = |item: &Item| Some((normalized(&item.metadata.name), item.metadata.version.parse().ok()?));
        let there: BTreeMap<String, Version> = install.iter().filter_map(version).collect();
        self.lines.iter().all(|line| {
            let Ok(requirement) = Requirement::<VerbatimUrl>::from_str(line) else { return false };
            let version = there.get(&normalized(requirement.name.as_ref()));
            version.is_some_and(|version| match &requirement.version_or_url {
                Some(VersionOrUrl::VersionSpecifier(wanted)) => wanted.contains(version),
                Some(VersionOrUrl::Url(_)) => false,
                None => true,
            })
        })
    }

    fn add(&mut self, requirement: Requirement) {
        if let Some(VersionOrUrl::Url(_)) = requirement.version_or_url {
            self.left_out.insert(requirement.name.to_string());
            return;
        }
        self.ask_for_extras(&requirement);
        self.lines.insert(Requirement { marker: MarkerTree::TRUE, ..requirement }.to_string());
    }

    fn ask_for_extras(&mut self, requirement: &Requirement) {
        let extras = requirement.extras.iter().map(ToString::to_string).collect();
        self.ask_for(&normalized(requirement.name.as_ref()), extras);
    }

    fn ask_for(&mut self, name: &str, extras: Vec<String>) {
        if !extras.is_empty() {
            self.extras.entry(name.to_owned()).or_default().extend(extras);
        }
    }
}

fn package(item: Item) -> LockedPackage {
    let Download { url, archive_info, dir_info, vcs_info } = item.download_info;
    let folder = dir_info.as_ref().filter(|_| vcs_info.is_none()).map(|_| url.clone());
    let tree = vcs_info.map(|_| "version control").or(dir_info.map(|_| "directory"));
    let mut package = LockedPackage {
        name: item.metadata.name,
        version: Some(item.metadata.version),
        source_tree: tree.map(str::to_owned),
        folder,
        ..LockedPackage::default()
    };
    let sha256 = archive_info.as_ref().and_then(|info| info.hashes.get("sha256")).map(String::as_str);
    super::sort_files(&mut package, [LockedFile::at(&url, sha256, None)]);
    package
}
