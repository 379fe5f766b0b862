//! How far the wheels of distributions that people ask about go with which NumPy, by platform.
//!
//! `data/distributions.toml` is written by `cargo xtask distributions`, which reads the wheels themselves.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use contract::Version;
use serde::Deserialize;

/// One distribution's wheels on every platform that was looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct DistributionHistory {
    /// What was found by platform: `linux-x86_64`, `macos-x86_64`, `macos-arm64`, `windows-x86_64`.
    pub platforms: BTreeMap<String, PlatformHistory>,
}

/// One distribution's wheels on one platform.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlatformHistory {
    /// The newest release of those read whose wheel does not work with NumPy 2.
    pub last_for_numpy_1: Option<Version>,
    /// What that release's metadata says of NumPy: specifiers, empty for "any". `None` where it does not name NumPy.
    pub declared: Option<String>,
    /// The oldest release of those read whose wheel works with NumPy 2.
    pub first_for_numpy_2: Option<Version>,
    /// The newest release that has a wheel for the platform, whatever it needs.
    pub newest: Option<Version>,
}

impl PlatformHistory {
    /// Whether the platform's newest wheel is one that does not work with NumPy 2: there is nothing to upgrade to.
    pub fn is_frozen(&self) -> bool {
        self.first_for_numpy_2.is_none() && self.newest.is_some() && self.newest == self.last_for_numpy_1
    }
}

static ALL: LazyLock<BTreeMap<String, DistributionHistory>> =
    LazyLock::new(|| toml::from_str(include_str!("../data/distributions.toml")).unwrap_or_default());

/// What is known of a distribution, under any spelling of its name; `None` for one that was not looked at.
pub fn distribution(name: &str) -> Option<&'static DistributionHistory> {
    let normal = name.to_lowercase().replace(['_', '.'], "-");
    ALL.get(&normal)
}

/// Every distribution that was looked at, by name.
pub fn distributions() -> impl Iterator<Item = (&'static str, &'static DistributionHistory)> {
    ALL.iter().map(|(name, history)| (name.as_str(), history))
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_data_is_well_formed() {
        let text = include_str!("../data/distributions.toml");
        let parsed: Result<std::collections::BTreeMap<String, super::DistributionHistory>, _> = toml::from_str(text);
        assert!(parsed.is_ok(), "{parsed:?}");
    }
}
