//! The file name of a wheel: name, version and the tags that say where it can be installed.

use std::fmt;

/// What a tag says: interpreter, ABI, platform.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tag {
    /// `cp311`, `py3`.
    pub python: String,
    /// `cp311`, `abi3`, `none`.
    pub abi: String,
    /// `manylinux_2_17_x86_64`, `any`.
    pub platform: String,
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}-{}", self.python, self.abi, self.platform)
    }
}

/// The parts of a wheel's file name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WheelName {
    /// The distribution, as the file name spells it.
    pub name: String,
    /// Its version, as the file name spells it.
    pub version: String,
    /// Its build tag, number and rest; of two wheels that are alike otherwise the higher one is installed.
    pub build: Option<(u64, String)>,
    /// Every tag that the file name's compressed sets stand for, sorted.
    pub tags: Vec<Tag>,
}

impl WheelName {
    /// Takes a file name apart; `None` when it is not `NAME-VERSION[-BUILD]-PYTHON-ABI-PLATFORM.whl`.
    pub fn parse(file_name: &str) -> Option<Self> {
        let parts: Vec<&str> = file_name.strip_suffix(".whl")?.split('-').collect();
        let (name, version, build, [python, abi, platform]) = match *parts.as_slice() {
            [name, version, python, abi, platform] => (name, version, None, [python, abi, platform]),
            [name, version, build, python, abi, platform] => {
                (name, version, Some(build_tag(build)?), [python, abi, platform])
            }
            _ => return None,
        };
        let tags = expand(python, abi, platform);
        (!name.is_empty() && !version.is_empty()).then(|| Self {
            name: name.to_owned(),
            version: version.to_owned(),
            build,
            tags,
        })
    }

    /// Whether it is for any platform, and so hardly holds compiled files.
    pub fn is_pure(&self) -> bool {
        self.tags.iter().all(|tag| tag.platform == "any")
    }
}

/// `(10, "rc")` of `10rc`; `None` where there is no number in front. One that is too large is as large as can be.
fn build_tag(text: &str) -> Option<(u64, String)> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    (!digits.is_empty()).then(|| (digits.parse().unwrap_or(u64::MAX), rest.to_owned()))
}

/// Every tag of a compressed set such as `py2.py3-none-any`.
pub(crate) fn expand(python: &str, abi: &str, platform: &str) -> Vec<Tag> {
    let mut tags = Vec::new();
    for python in python.split('.') {
        for abi in abi.split('.') {
            tags.extend(platform.split('.').map(|platform| Tag {
                python: python.to_owned(),
                abi: abi.to_owned(),
                platform: platform.to_owned(),
            }));
        }
    }
    tags.sort();
    tags
}

/// The name of a distribution as PEP 503 compares names: lower case, runs of `-`, `_`, `.` as one `-`.
pub fn normalized(name: &str) -> String {
    let pieces = name.split(['-', '_', '.']).filter(|piece| !piece.is_empty());
    pieces.collect::<Vec<_>>().join("-").to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::{WheelName, normalized};

    #[test]
    fn takes_names_apart() {
        let name = WheelName::parse("torch-2.2.2-cp311-none-macosx_10_9_x86_64.whl").expect("a wheel's name");
        assert_eq!((name.name.as_str(), name.version.as_str()), ("torch", "2.2.2"));
        let name = WheelName::parse("six-1.16.0-1-py2.py3-none-any.whl").expect("a wheel's name with a build number");
        let tags: Vec<String> = name.tags.iter().map(ToString::to_string).collect();
        assert_eq!(tags, ["py2-none-any", "py3-none-any"]);
        assert_eq!(name.build, Some((1, String::new())));
        assert!(WheelName::parse("six-1.16.0-x1-py2.py3-none-any.whl").is_none(), "a build tag begins with a digit");
        assert!(WheelName::parse("numpy-1.26.4.tar.gz").is_none());
        assert!(WheelName::parse("a-b-c.whl").is_none());
    }

    #[test]
    fn names_compare_as_the_index_compares_them() {
        assert_eq!(normalized("Foo._-Bar"), "foo-bar");
    }
}
