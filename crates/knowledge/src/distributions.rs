//! From which release on the wheels of distributions that people ask about work with NumPy 2, by platform.
//!
//! The table is generated from `data/distributions.toml`, which `cargo xtask refresh distributions` writes after reading
//! the wheels themselves.

use crate::generated_distributions::DISTRIBUTIONS;

/// One distribution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DistributionHistory {
    /// Its normalised name.
    pub name: &'static str,
    /// The day on which its wheels were read: `2026-11-21`.
    pub date: &'static str,
    /// Its newest final release on that day, with wheels or without.
    pub newest: &'static str,
    /// Whether that release can be built from a source distribution.
    pub sdist: bool,
    /// Its wheels on every platform for which one was read.
    pub platforms: &'static [PlatformHistory],
}

/// One distribution's wheels on one platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlatformHistory {
    /// `linux-x86_64`, `macos-x86_64`, `macos-arm64`, `windows-x86_64`.
    pub platform: &'static str,
    /// The newest release that has a wheel for the platform, whatever it needs.
    pub newest: &'static str,
    /// The last release whose wheel does not work with NumPy 2.
    pub last_for_numpy_1: Option<&'static str>,
    /// What that wheel's metadata says of NumPy: specifiers. `None` where it does not name NumPy.
    pub declared: Option<&'static str>,
    /// The first release whose wheel works with NumPy 2: the next one that has a wheel.
    pub first_for_numpy_2: Option<&'static str>,
    /// The file that was read of the last release for NumPy 1.x.
    pub last_wheel: Option<&'static str>,
    /// The file that was read of the first release for NumPy 2.
    pub first_wheel: Option<&'static str>,
}

impl DistributionHistory {
    /// What is known for a platform.
    pub fn on(&self, platform: &str) -> Option<&'static PlatformHistory> {
        self.platforms.iter().find(|one| one.platform == platform)
    }
}

impl PlatformHistory {
    /// Whether the platform's newest wheel is one that does not work with NumPy 2: there is nothing to upgrade to.
    pub fn is_frozen(&self) -> bool {
        self.first_for_numpy_2.is_none() && Some(self.newest) == self.last_for_numpy_1
    }

    /// Whether the metadata of the last release for NumPy 1.x lets an installer put NumPy 2 beside it.
    pub fn is_silent(&self) -> bool {
        let second = contract::Version::from_release(&[2, 2, 6]);
        let allowed = |declared: &str| second.satisfies(declared).unwrap_or(false);
        self.last_for_numpy_1.is_some() && self.declared.is_none_or(allowed)
    }
}

/// What is known of a distribution, under any spelling of its name; `None` for one that was not looked at.
pub fn distribution(name: &str) -> Option<&'static DistributionHistory> {
    let normal = name.to_lowercase().replace(['_', '.'], "-");
    DISTRIBUTIONS.iter().find(|one| one.name == normal)
}

/// Every distribution that was looked at, by name.
pub fn distributions() -> &'static [DistributionHistory] {
    DISTRIBUTIONS
}
