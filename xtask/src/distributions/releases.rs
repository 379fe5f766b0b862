//! The releases of a distribution on the index, and which wheel of each stands for a platform.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use contract::Version;
use sources::wheel::{Platform as WheelPlatform, Target, WheelName, normalized};

use crate::data::MeasuredWheel;
use crate::index::File;

/// A platform that is looked at.
#[derive(Clone, Copy, Debug)]
pub(super) struct Platform {
    name: &'static str,
    /// The newest system of it, as a wheel's tag, so that no release is missed for asking a newer one.
    tag: &'static str,
}

impl Platform {
    /// Those that people write from, the cheapest to read first.
    pub(super) const ALL: [Self; 4] = [
        Self { name: "windows-x86_64", tag: "win_amd64" },
        Self { name: "macos-arm64", tag: "macosx_26_0_arm64" },
        Self { name: "linux-x86_64", tag: "manylinux_2_39_x86_64" },
        Self { name: "macos-x86_64", tag: "macosx_26_0_x86_64" },
    ];

    /// `macos-x86_64`.
    pub(super) fn name(self) -> &'static str {
        self.name
    }

    /// `macosx_26_0_x86_64`.
    pub(super) fn tag(self) -> &'static str {
        self.tag
    }
}

/// The Pythons whose wheels are read, the most wanted first. Later ones never had a NumPy 1.x.
const PYTHONS: [(u8, u8); 7] = [(3, 11), (3, 10), (3, 12), (3, 9), (3, 8), (3, 13), (3, 14)];

/// A release, and the wheel that stands for it on some platform.
pub(super) type Candidate = (Version, Wheel);

/// A wheel to read.
#[derive(Clone, Debug)]
pub(super) struct Wheel {
    pub(super) file: File,
    pub(super) python: (u8, u8),
}

impl Wheel {
    /// As the data name it.
    pub(super) fn measured(&self) -> MeasuredWheel {
        MeasuredWheel { wheel: self.file.filename.clone(), sha256: self.file.sha256.clone().unwrap_or_default() }
    }
}

/// The final releases of a distribution that were not withdrawn.
pub(super) struct Releases {
    wheels: BTreeMap<Version, Vec<(WheelName, File)>>,
    /// The newest, wheels or not.
    pub(super) newest: Version,
    /// Whether the newest can be built from a source distribution.
    pub(super) has_sdist: bool,
}

impl Releases {
    /// Sorts the files of the index.
    ///
    /// # Errors
    /// When no release is among them.
    pub(super) fn of(name: &str, files: &[File]) -> Result<Self> {
        let mut wheels: BTreeMap<Version, Vec<(WheelName, File)>> = BTreeMap::new();
        let mut sdists = Vec::new();
        for file in files.iter().filter(|file| !file.yanked) {
            match WheelName::parse(&file.filename) {
                Some(wheel) => {
                    let Some(version) = version(&wheel.version) else { continue };
                    wheels.entry(version).or_default().push((wheel, file.clone()));
                }
                None => sdists.extend(sdist(name, &file.filename)),
            }
        }
        let newest = sdists.iter().chain(wheels.keys()).max().cloned().context("the index has no release of it")?;
        let has_sdist = sdists.contains(&newest);
        Ok(Self { wheels, newest, has_sdist })
    }

    /// The position of the first release that also has a wheel for a Python that never had a NumPy 1.x, else of the
    /// last: a good place to begin.
    pub(super) fn surely_new(&self, wheels: &[Candidate]) -> usize {
        let is_new = |version: &Version| {
            let names = self.wheels.get(version).into_iter().flatten().flat_map(|(name, _)| &name.tags);
            names.into_iter().any(|tag| tag.python == "cp313")
        };
        let last = wheels.len().saturating_sub(1);
        wheels.iter().position(|(version, _)| is_new(version)).unwrap_or(last)
    }

    /// The releases with a wheel for the platform, in ascending order.
    pub(super) fn wheels(&self, platform: Platform) -> Vec<Candidate> {
        let Ok(parsed) = platform.tag.parse::<WheelPlatform>() else { return Vec::new() };
        let rankings = PYTHONS.map(|python| (python, Target { python, platform: parsed }.ranking()));
        let choose = |wheels: &Vec<(WheelName, File)>| {
            rankings.iter().find_map(|(python, ranking)| {
                let ranked = wheels.iter().filter_map(|(name, file)| Some((ranking.rank(&name.tags)?, file)));
                let (_, file) = ranked.min_by_key(|(rank, file)| (*rank, file.filename.clone()))?;
                Some(Wheel { file: file.clone(), python: *python })
            })
        };
        self.wheels.iter().filter_map(|(version, wheels)| Some((version.clone(), choose(wheels)?))).collect()
    }
}

/// A final release's version.
fn version(text: &str) -> Option<Version> {
    text.parse::<Version>().ok().filter(|version| !version.is_prerelease())
}

/// The version in a source distribution's name.
fn sdist(name: &str, filename: &str) -> Option<Version> {
    let stem = filename.strip_suffix(".tar.gz").or_else(|| filename.strip_suffix(".zip"))?;
    let (own, number) = stem.rsplit_once('-')?;
    (normalized(own) == normalized(name)).then(|| version(number)).flatten()
}

#[cfg(test)]
mod tests {
    use super::{Platform, Releases};
    use crate::index::File;

    fn file(filename: &str, yanked: bool) -> File {
        File { filename: filename.to_owned(), url: String::new(), sha256: None, yanked }
    }

    #[test]
    fn a_release_without_a_wheel_for_the_platform_is_none_there() {
        let files = [
            file("torch-2.2.2-cp311-none-macosx_10_9_x86_64.whl", false),
            file("torch-2.2.2-cp311-none-macosx_11_0_arm64.whl", false),
            file("torch-2.3.0-cp311-none-macosx_11_0_arm64.whl", false),
            file("torch-2.4.0-cp311-none-macosx_11_0_arm64.whl", true),
            file("torch-2.5.0rc1-cp311-none-macosx_11_0_arm64.whl", false),
            file("torch-2.6.0.tar.gz", false),
        ];
        let releases = Releases::of("torch", &files).expect("releases");
        let versions = |at: usize| -> Vec<String> {
            releases.wheels(Platform::ALL[at]).iter().map(|(version, _)| version.to_string()).collect()
        };
        assert_eq!(versions(3), ["2.2.2"]);
        assert_eq!(versions(1), ["2.2.2", "2.3.0"]);
        assert_eq!((releases.newest.to_string().as_str(), releases.has_sdist), ("2.6.0", true));
    }
}
