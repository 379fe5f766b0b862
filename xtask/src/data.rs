//! The data under `crates/knowledge/data`, as it stands in its TOML files.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use contract::Version;
use serde::{Deserialize, Serialize};

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
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MeasuredWheel {
    /// Its file name.
    pub(crate) wheel: String,
    /// Its SHA-256 in hexadecimal.
    pub(crate) sha256: String,
}

/// `distributions.toml`: written by `cargo xtask refresh distributions`.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Distributions {
    /// Sorted by name.
    #[serde(default)]
    pub(crate) distribution: Vec<DistributionRow>,
}

/// One distribution.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct DistributionRow {
    /// Its normalised name.
    pub(crate) name: String,
    /// The day on which its wheels were read.
    pub(crate) date: String,
    /// Its newest final release, with wheels or without.
    pub(crate) newest: String,
    /// Whether that release can be built from a source distribution.
    pub(crate) sdist: bool,
    /// The platforms for which a wheel was read.
    pub(crate) platform: Vec<PlatformRow>,
}

/// A distribution on one platform.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct PlatformRow {
    /// `macos-x86_64`.
    pub(crate) name: String,
    /// The newest release with a wheel there.
    pub(crate) newest: String,
    /// The last release whose wheel does not work with NumPy 2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) last_for_numpy_1: Option<String>,
    /// What the metadata of that wheel says of NumPy, where it names it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) declared: Option<String>,
    /// The first release whose wheel works with NumPy 2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) first_for_numpy_2: Option<String>,
    /// The wheel read of the former.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) last_wheel: Option<MeasuredWheel>,
    /// The wheel read of the latter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) first_wheel: Option<MeasuredWheel>,
}

/// `numpy-headers.toml`: written whole by `xtask/python/header_targets.py`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Headers {
    /// In ascending order.
    pub(crate) headers: Vec<HeadersRow>,
}

/// What code asks for by default that is built with the headers of one release, and up to the next row.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct HeadersRow {
    /// The first release.
    pub(crate) from: Version,
    /// `NPY_VERSION`.
    pub(crate) abi: u32,
    /// The default of `NPY_FEATURE_VERSION`.
    pub(crate) target: u32,
    /// The wheels whose headers were read.
    #[allow(dead_code, reason = "it is there for people; reading it makes sure that it stays there")]
    measured: Vec<String>,
}

/// The headers.
///
/// # Errors
/// When the file cannot be read or does not hold what it should.
pub(crate) fn headers() -> Result<Headers> {
    toml::from_str(&read("numpy-headers.toml")?).context("`numpy-headers.toml` does not hold what it should")
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

/// The distributions.
///
/// # Errors
/// When the file cannot be read or does not hold what it should.
pub(crate) fn distributions() -> Result<Distributions> {
    toml::from_str(&read("distributions.toml")?).context("`distributions.toml` does not hold what it should")
}

fn read(name: &str) -> Result<String> {
    let path = path(name);
    std::fs::read_to_string(&path).with_context(|| format!("cannot read `{}`", path.display()))
}
