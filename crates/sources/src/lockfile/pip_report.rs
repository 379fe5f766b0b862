//! pip's installation report: what it would install, with addresses and hashes.

use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

use pep508_rs::{ExtraName, MarkerTree, Requirement, VerbatimUrl, VersionOrUrl};
use serde::Deserialize;

use super::{Locked, LockedFile, LockedPackage, single};
use crate::wheel::Target;

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
    Ok(single(read(text)?.install.into_iter().map(package).collect()))
}

fn read(text: &str) -> Result<Report, String> {
    let report: Report = serde_json::from_str(text).map_err(|error| error.to_string())?;
    if report.version != "1" {
        return Err(format!("`version` is `{}`, known is `1`", report.version));
    }
    Ok(report)
}

/// What the distributions of a report require on a target, without markers: pip itself judges these by the machine that it
/// runs on. Addresses are left out: pip would go where they point, and build what lies there.
///
/// # Errors
/// When the report, or a requirement in it, cannot be read; a sentence.
pub fn required(text: &str, target: &Target) -> Result<BTreeSet<String>, String> {
    let markers = target.markers().ok_or("no markers are known for the target")?;
    let mut found = BTreeSet::new();
    for item in read(text)?.install {
        let extras = item.requested_extras.unwrap_or_default();
        let extras: Vec<ExtraName> = extras.iter().filter_map(|extra| ExtraName::from_str(extra).ok()).collect();
        for line in item.metadata.requires_dist {
            let requirement =
                Requirement::<VerbatimUrl>::from_str(&line).map_err(|error| format!("`{line}`: {error}"))?;
            let by_name = !matches!(requirement.version_or_url, Some(VersionOrUrl::Url(_)));
            if by_name && requirement.marker.evaluate(&markers, &extras) {
                found.insert(Requirement { marker: MarkerTree::TRUE, ..requirement }.to_string());
            }
        }
    }
    Ok(found)
}

fn package(item: Item) -> LockedPackage {
    let Download { url, archive_info, dir_info, vcs_info } = item.download_info;
    let tree = vcs_info.map(|_| "version control").or(dir_info.map(|_| "directory"));
    let mut package = LockedPackage {
        name: item.metadata.name,
        version: Some(item.metadata.version),
        source_tree: tree.map(str::to_owned),
        ..LockedPackage::default()
    };
    let sha256 = archive_info.as_ref().and_then(|info| info.hashes.get("sha256")).map(String::as_str);
    super::sort_files(&mut package, [LockedFile::at(&url, sha256, None)]);
    package
}
