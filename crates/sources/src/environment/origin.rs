//! What an installed distribution says of itself that only a change of it needs to know: what it requires, where it
//! was installed from, and every file that it put on disk.

use std::path::{Path, PathBuf};

use contract::report::Python;

use super::{Distribution, Recorded, files, metadata, paths};

/// What one distribution requires of another on this Python, with no extra asked for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Need {
    /// The name of the distribution needed, in the form that compares equal however it is spelled.
    pub name: String,
    /// The versions that will do, as specifiers; empty for any.
    pub specifiers: String,
}

/// Where a distribution was installed from, where that is no index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirectUrl {
    /// The address, as `direct_url.json` has it.
    pub url: String,
    /// Whether its source folder is used in place.
    pub editable: bool,
    /// Whether the address is that of an archive (a wheel, a source distribution), not of a folder or a repository.
    pub archive: bool,
}

impl Distribution {
    /// The requirements whose markers hold. Lines that cannot be read are left out.
    pub fn needs(&self, python: Option<&Python>) -> Vec<Need> {
        metadata::needs(&self.requires, python)
    }

    /// By `direct_url.json`; `None` for what an index served.
    pub fn direct_url(&self) -> Option<DirectUrl> {
        direct_url(&self.metadata_dir)
    }

    /// Every file that its `RECORD` names, with its metadata and its scripts, whether it is on disk or not; sorted.
    /// `None` where no such list can be read, so that its files are not surely known.
    pub fn recorded_files(&self) -> Option<Vec<PathBuf>> {
        if self.recorded_by != Recorded::DistInfo {
            return None;
        }
        let bytes = files::read_limited(&self.metadata_dir.join("RECORD"), files::LIST).ok()?;
        let mut rows = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(bytes.as_slice());
        let mut found = Vec::new();
        for row in rows.byte_records() {
            let row = row.ok()?;
            let path = paths::from_bytes(row.get(0).unwrap_or_default())?;
            found.push(paths::absolute(&self.site, &path));
        }
        found.sort();
        found.dedup();
        Some(found)
    }
}

/// What the `direct_url.json` of a metadata folder says, where there is one.
pub(super) fn direct_url(folder: &Path) -> Option<DirectUrl> {
    let bytes = files::read_limited(&folder.join("direct_url.json"), files::SMALL).ok()?;
    let value: serde_json::Value = serde_json::from_slice(&bytes).ok()?;
    let url = value.get("url")?.as_str()?.to_owned();
    let editable = value.pointer("/dir_info/editable").and_then(serde_json::Value::as_bool) == Some(true);
    let archive = value.get("dir_info").is_none() && value.get("vcs_info").is_none();
    Some(DirectUrl { url, editable, archive })
}
