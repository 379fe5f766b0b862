//! pip's installation report: what it would install, with addresses and hashes.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Locked, LockedFile, LockedPackage, single};

#[derive(Deserialize)]
struct Report {
    version: String,
    install: Vec<Item>,
}

#[derive(Deserialize)]
struct Item {
    download_info: Download,
    metadata: Metadata,
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
}

pub(super) fn parse(text: &str) -> Result<Locked, String> {
    let report: Report = serde_json::from_str(text).map_err(|error| error.to_string())?;
    if report.version != "1" {
        return Err(format!("`version` is `{}`, known is `1`", report.version));
    }
    Ok(single(report.install.into_iter().map(package).collect()))
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
