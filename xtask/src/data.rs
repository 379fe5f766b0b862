//! The data under `crates/knowledge/data`, as it stands in its TOML files.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use contract::Version;
use serde::Deserialize;

use crate::paths;

/// `numpy-releases.toml`: written whole by `cargo xtask refresh releases`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Releases {
    /// The day on which the index was read, as `2026-11-21`.
    pub(crate) date: String,
    /// Every final release from 1.7.0 on, in ascending order.
    pub(crate) release: Vec<ReleaseRow>,
}

/// One release.
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct ReleaseRow {
    /// Its version.
    pub(crate) version: Version,
    /// The CPython minor versions that it has wheels for on any platform, as `3.11`.
    pub(crate) pythons: Vec<Version>,
    /// Whether it was withdrawn from the index.
    #[serde(default)]
    pub(crate) yanked: bool,
}

/// `numpy-contracts.toml`: what releases provide.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Contracts {
    /// Where each kind of figure comes from, in words.
    #[allow(dead_code, reason = "it is there for people; reading it makes sure that it stays there")]
    pub(crate) source: BTreeMap<String, String>,
    /// In ascending order.
    pub(crate) contract: Vec<ContractRow>,
}

/// What a NumPy provides from one release on, up to the next row.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct ContractRow {
    /// The first release that provides this: X.Y.0, or a later one where a line changed in the middle.
    pub(crate) from: Version,
    /// What slot 0 of `_ARRAY_API` returns.
    pub(crate) abi: u32,
    /// What slot 211 returns.
    pub(crate) feature: u32,
    /// `tp_basicsize` in bytes, by the name of the type.
    pub(crate) types: BTreeMap<String, u64>,
    /// The slots of `PyArray_API` that are NULL, sorted.
    pub(crate) null_slots: Vec<u16>,
    /// The wheels in which this was measured.
    pub(crate) measured: Vec<MeasuredWheel>,
}

impl ContractRow {
    /// Whether two rows say the same of what is provided, wherever they begin and were measured.
    pub(crate) fn provides_the_same_as(&self, other: &Self) -> bool {
        (self.abi, self.feature, &self.types, &self.null_slots)
            == (other.abi, other.feature, &other.types, &other.null_slots)
    }
}

/// A wheel that was imported and asked.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MeasuredWheel {
    /// Its file name.
    pub(crate) wheel: String,
    /// Its SHA-256 in hexadecimal.
    pub(crate) sha256: String,
}

/// The path of a file of data.
pub(crate) fn path(name: &str) -> PathBuf {
    paths::repository().join("crates/knowledge/data").join(name)
}

/// The releases.
///
/// # Errors
/// When the file cannot be read or does not hold what it should.
pub(crate) fn releases() -> Result<Releases> {
    toml::from_str(&read("numpy-releases.toml")?).context("`numpy-releases.toml` does not hold what it should")
}

/// The contracts.
///
/// # Errors
/// When the file cannot be read or does not hold what it should.
pub(crate) fn contracts() -> Result<Contracts> {
    toml::from_str(&read("numpy-contracts.toml")?).context("`numpy-contracts.toml` does not hold what it should")
}

fn read(name: &str) -> Result<String> {
    let path = path(name);
    std::fs::read_to_string(&path).with_context(|| format!("cannot read `{}`", path.display()))
}
