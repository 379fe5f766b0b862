//! Version numbers in the sense of PEP 440. The only module that knows which library orders them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A version of a distribution, ordered as PEP 440 orders.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Version(pep440_rs::Version);

/// The text is not a version that PEP 440 allows.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a version number that PEP 440 allows")]
pub struct VersionError {
    /// The text as it was given.
    pub text: String,
}

impl Version {
    /// A version made of release numbers alone, such as `[2, 0]` for `2.0`.
    pub fn from_release(numbers: &[u64]) -> Self {
        Self(pep440_rs::Version::new(numbers.iter().copied()))
    }

    /// The first release number (`1` of `1.26.4`).
    pub fn major(&self) -> u64 {
        self.0.release().first().copied().unwrap_or(0)
    }

    /// The second release number (`26` of `1.26.4`); 0 where there is none.
    pub fn minor(&self) -> u64 {
        self.0.release().get(1).copied().unwrap_or(0)
    }

    /// The minor line this version belongs to: `1.26` for `1.26.4`.
    pub fn line(&self) -> Self {
        Self::from_release(&[self.major(), self.minor()])
    }

    /// Whether it is a pre-release or a development release.
    pub fn is_prerelease(&self) -> bool {
        self.0.any_prerelease()
    }

    /// Whether a set of specifiers such as `>=1.23,<2` contains it. Pre-releases are judged like any other version.
    ///
    /// # Errors
    /// When `specifiers` is not a valid set of version specifiers.
    pub fn satisfies(&self, specifiers: &str) -> Result<bool, VersionError> {
        let set = pep440_rs::VersionSpecifiers::from_str(specifiers)
            .map_err(|_| VersionError { text: specifiers.to_owned() })?;
        Ok(set.contains(&self.0))
    }
}

impl FromStr for Version {
    type Err = VersionError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        pep440_rs::Version::from_str(text.trim()).map(Self).map_err(|_| VersionError { text: text.to_owned() })
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl TryFrom<String> for Version {
    type Error = VersionError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Version> for String {
    fn from(version: Version) -> Self {
        version.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::Version;

    #[test]
    fn orders_as_pep_440_does_and_knows_its_line() {
        let v = |text: &str| text.parse::<Version>().expect("a valid version");
        assert!(v("1.9.3") < v("1.10.0"));
        assert!(v("2.0.0rc1") < v("2.0.0"));
        assert_eq!(v("1.26.4").line(), v("1.26"));
        assert!(v("1.26.4").satisfies(">=1.23,<2").expect("valid specifiers"));
        assert!(v("1.26.4").satisfies("nonsense").is_err());
    }
}
