//! A set of NumPy releases, written as PEP 440 version specifiers.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Version;

/// A set of NumPy releases: `>=1.23,<2`. Built from a verdict for each known release, so its ends lie where the verdict
/// changes; beyond the newest known release it goes on as the newest known one does.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String")]
#[serde(from = "String")]
pub struct NumpySet {
    specifiers: Vec<String>,
}

impl NumpySet {
    /// The specifiers that contain exactly the releases marked `true`. `verdicts` must be in ascending order.
    pub fn from_releases<'a>(verdicts: impl IntoIterator<Item = (&'a Version, bool)>) -> Self {
        let verdicts: Vec<_> = verdicts.into_iter().collect();
        let Some(first) = verdicts.iter().position(|(_, good)| *good) else {
            return Self::nothing(verdicts.last().map(|(version, _)| *version));
        };
        let last = verdicts.iter().rposition(|(_, good)| *good).unwrap_or(first);
        let mut specifiers = Vec::new();
        if first > 0 {
            specifiers.push(format!(">={}", boundary(&verdicts, first)));
        }
        if last + 1 < verdicts.len() {
            specifiers.push(format!("<{}", boundary(&verdicts, last + 1)));
        }
        let between = verdicts.get(first..=last).unwrap_or_default();
        specifiers.extend(excluded(between));
        Self { specifiers }
    }

    /// No known release: what asks for a feature level above the newest, or contradicts itself.
    fn nothing(newest: Option<&Version>) -> Self {
        Self { specifiers: newest.map(|version| format!(">{version}")).into_iter().collect() }
    }

    /// The specifiers as PEP 440 writes them, joined by commas; empty for "every release".
    pub fn to_specifiers(&self) -> String {
        self.specifiers.join(",")
    }

    /// Whether every release is in it.
    pub fn is_everything(&self) -> bool {
        self.specifiers.is_empty()
    }

    /// Whether `version` is in it.
    pub fn contains(&self, version: &Version) -> bool {
        self.is_everything() || version.satisfies(&self.to_specifiers()).unwrap_or(false)
    }

    /// The releases that are in both.
    pub fn intersection(&self, other: &Self, releases: &[Version]) -> Self {
        Self::from_releases(releases.iter().map(|v| (v, self.contains(v) && other.contains(v))))
    }
}

impl From<NumpySet> for String {
    fn from(set: NumpySet) -> Self {
        set.to_specifiers()
    }
}

impl From<String> for NumpySet {
    fn from(text: String) -> Self {
        Self { specifiers: text.split(',').filter(|s| !s.is_empty()).map(str::to_owned).collect() }
    }
}

impl fmt::Display for NumpySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_everything() { f.write_str("any version") } else { f.write_str(&self.to_specifiers()) }
    }
}

/// The shortest version that lies between release `index` and the one before it: `2` for 2.0.0, `1.23` for 1.23.0,
/// `1.26.2` where the line changed in the middle.
fn boundary(verdicts: &[(&Version, bool)], index: usize) -> Version {
    let Some((version, _)) = verdicts.get(index) else { return Version::from_release(&[0]) };
    let before = index.checked_sub(1).and_then(|i| verdicts.get(i)).map(|(v, _)| v.line());
    if before.as_ref() == Some(&version.line()) {
        (*version).clone()
    } else if version.minor() == 0 {
        Version::from_release(&[version.major()])
    } else {
        version.line()
    }
}

/// `!=` specifiers for the releases in the middle that are not in the set: a whole line where all of it is out.
fn excluded(between: &[(&Version, bool)]) -> Vec<String> {
    let mut out = Vec::new();
    for (version, good) in between {
        if *good {
            continue;
        }
        let line = version.line();
        let whole = between.iter().filter(|(v, _)| v.line() == line).all(|(_, good)| !good);
        let text = if whole { format!("!={line}.*") } else { format!("!={version}") };
        if !out.contains(&text) {
            out.push(text);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::NumpySet;
    use crate::Version;

    fn set(verdicts: &[(&str, bool)]) -> String {
        let versions: Vec<(Version, bool)> =
            verdicts.iter().map(|(v, good)| (v.parse().expect("a version"), *good)).collect();
        NumpySet::from_releases(versions.iter().map(|(v, good)| (v, *good))).to_specifiers()
    }

    #[test]
    fn ends_lie_at_the_shortest_version_between() {
        assert_eq!(set(&[("1.22.4", false), ("1.23.0", true), ("1.26.4", true), ("2.0.0", false)]), ">=1.23,<2");
        assert_eq!(set(&[("1.26.1", false), ("1.26.2", true)]), ">=1.26.2");
        assert_eq!(set(&[("1.26.4", true), ("2.0.0", true)]), "");
    }

    #[test]
    fn a_gap_is_excluded_by_line() {
        assert_eq!(set(&[("1.19.5", true), ("1.20.0", false), ("1.20.3", false), ("1.21.0", true)]), "!=1.20.*");
    }

    #[test]
    fn nothing_known_is_above_the_newest() {
        assert_eq!(set(&[("1.26.4", false), ("2.5.2", false)]), ">2.5.2");
    }
}
