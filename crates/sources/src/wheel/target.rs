//! The Python and the platform that wheels are chosen for: their tags in the order of preference, and their markers.
//!
//! The order is the one that the packaging standards' own library gives; a test holds it against that library.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use contract::Architecture;
use pep508_rs::{MarkerEnvironment, MarkerEnvironmentBuilder};

use super::glibc;
use super::name::Tag;

/// The oldest glibc minor version that a manylinux tag names, on x86 and elsewhere.
const OLDEST_GLIBC: (u16, u16) = (5, 17);

/// An operating system, as far as wheel tags tell systems apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum System {
    /// Linux with glibc 2.MINOR.
    Glibc(u16),
    /// Linux with musl 1.MINOR.
    Musl(u16),
    /// macOS MAJOR.MINOR.
    Macos(u16, u16),
    /// Windows.
    Windows,
}

/// A system and a machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Platform {
    /// The system.
    pub system: System,
    /// The machine.
    pub architecture: Architecture,
}

/// A version of CPython on a platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Target {
    /// `(3, 11)`.
    pub python: (u8, u8),
    /// Where it runs.
    pub platform: Platform,
}

/// The text names no platform that wheels exist for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{text}` is no platform; give one such as `linux-x86_64`, `linux-aarch64`, `musllinux-x86_64`, `macos-x86_64`, \
     `macos-arm64`, `windows-x86_64`, or a wheel's platform tag such as `manylinux_2_28_x86_64`"
)]
pub struct PlatformError {
    /// The text as it was given.
    pub text: String,
}

impl FromStr for Platform {
    type Err = PlatformError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        from_word(text).or_else(|| from_tag(text)).ok_or_else(|| PlatformError { text: text.to_owned() })
    }
}

/// `linux-x86_64`: with the newest common baseline of each system.
fn from_word(text: &str) -> Option<Platform> {
    let (system, machine) = text.split_once('-')?;
    let system = match system {
        "linux" | "manylinux" => System::Glibc(28),
        "musllinux" => System::Musl(2),
        "macos" => System::Macos(14, 0),
        "windows" => System::Windows,
        _ => return None,
    };
    Some(Platform { system, architecture: architecture(machine)? })
}

/// `manylinux_2_28_x86_64`.
fn from_tag(text: &str) -> Option<Platform> {
    let windows = |architecture| Some(Platform { system: System::Windows, architecture });
    match text {
        "win_amd64" => return windows(Architecture::X86_64),
        "win_arm64" => return windows(Architecture::Aarch64),
        "win32" => return windows(Architecture::I686),
        _ => {}
    }
    if let Some(machine) = text.strip_prefix("manylinux2014_") {
        return Some(Platform { system: System::Glibc(17), architecture: architecture(machine)? });
    }
    let mut parts = text.splitn(4, '_');
    let (family, major, minor) = (parts.next()?, number(parts.next()?)?, number(parts.next()?)?);
    let architecture = architecture(parts.next()?)?;
    let system = match (family, major) {
        ("manylinux", 2) => System::Glibc(minor),
        ("musllinux", 1) => System::Musl(minor),
        ("macosx", _) => System::Macos(major, minor),
        _ => return None,
    };
    Some(Platform { system, architecture })
}

fn number(text: &str) -> Option<u16> {
    // No system's version comes near; a bound keeps the tag list short whatever is asked for.
    text.parse().ok().filter(|number| *number < 200)
}

fn architecture(text: &str) -> Option<Architecture> {
    Some(match text {
        "x86_64" | "amd64" => Architecture::X86_64,
        "aarch64" | "arm64" => Architecture::Aarch64,
        "i686" | "x86" => Architecture::I686,
        "armv7l" => Architecture::Armv7l,
        "ppc64le" => Architecture::Ppc64le,
        "s390x" => Architecture::S390x,
        "riscv64" => Architecture::Riscv64,
        "loongarch64" => Architecture::Loongarch64,
        _ => return None,
    })
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let system = match self.system {
            System::Glibc(_) => "linux",
            System::Musl(_) => "musllinux",
            System::Macos(..) => "macos",
            System::Windows => "windows",
        };
        write!(f, "{system}-{}", self.machine())
    }
}

impl Platform {
    /// The platform that numpact itself runs on, with its own glibc; `None` where wheels have no name for it.
    pub fn current() -> Option<Self> {
        let system = match std::env::consts::OS {
            "linux" if cfg!(target_env = "musl") => "musllinux",
            os => os,
        };
        let platform = from_word(&format!("{system}-{}", std::env::consts::ARCH))?;
        match (platform.system, glibc::minor()) {
            (System::Glibc(_), Some(minor)) => Some(Self { system: System::Glibc(minor), ..platform }),
            _ => Some(platform),
        }
    }

    /// The platform of an environment on this machine, from what [`Self`] is displayed as: this machine's own, where it is
    /// of that name.
    ///
    /// # Errors
    /// When the text names no platform.
    pub fn of_environment(text: &str) -> Result<Self, PlatformError> {
        Self::current().filter(|platform| platform.to_string() == text).map_or_else(|| text.parse(), Ok)
    }

    /// Whether environment markers are the same there: whatever the version of the system.
    pub fn is_like(&self, other: &Self) -> bool {
        self.to_string() == other.to_string()
    }

    /// The platform with the oldest glibc that is newer than this one's, of those that wheels are for by their platform
    /// tags, and its tag.
    pub fn with_newer_glibc<'a>(&self, tags: impl IntoIterator<Item = &'a str>) -> Option<(Self, &'a str)> {
        let System::Glibc(own) = self.system else { return None };
        let newer = tags.into_iter().filter_map(|tag| Some((from_tag(tag)?, tag)));
        let newer = newer.filter_map(|(platform, tag)| match platform.system {
            System::Glibc(minor) if minor > own && platform.architecture == self.architecture => {
                Some((minor, platform, tag))
            }
            _ => None,
        });
        newer.min_by_key(|(minor, ..)| *minor).map(|(_, platform, tag)| (platform, tag))
    }

    /// The machine's name in numpact's words: Apple and Windows say `arm64`, Linux says `aarch64`.
    fn machine(&self) -> &'static str {
        match (self.system, self.architecture) {
            (System::Macos(..) | System::Windows, Architecture::Aarch64) => "arm64",
            (_, architecture) => architecture.as_str(),
        }
    }

    /// The platform tags that install here, most wanted first, without `any`.
    pub fn tags(&self) -> Vec<String> {
        match self.system {
            System::Glibc(minor) => manylinux_tags(minor, self.architecture),
            System::Musl(minor) => musllinux_tags(minor, self.architecture),
            System::Macos(major, minor) => macos_tags(major, minor, self.architecture),
            System::Windows => vec![self.windows_tag().to_owned()],
        }
    }

    /// The platform in the words of `uv pip compile --python-platform`; `None` where it has none.
    pub fn uv_name(&self) -> Option<String> {
        let machine = match self.architecture {
            Architecture::X86_64 | Architecture::Aarch64 | Architecture::Riscv64 => self.architecture.as_str(),
            _ => return None,
        };
        Some(match self.system {
            // The baselines that uv knows by name.
            System::Glibc(minor @ (17 | 28 | 31..=40)) => format!("{machine}-manylinux_2_{minor}"),
            System::Glibc(_) => return None,
            System::Musl(_) => format!("{machine}-unknown-linux-musl"),
            System::Macos(..) => format!("{machine}-apple-darwin"),
            System::Windows => format!("{machine}-pc-windows-msvc"),
        })
    }

    /// The version of macOS, as its tools write it; `None` elsewhere.
    pub fn macos_version(&self) -> Option<String> {
        match self.system {
            System::Macos(major, minor) => Some(format!("{major}.{minor}")),
            _ => None,
        }
    }

    fn windows_tag(&self) -> &'static str {
        match self.architecture {
            Architecture::Aarch64 => "win_arm64",
            Architecture::I686 => "win32",
            _ => "win_amd64",
        }
    }

    /// What the platform answers to `sys_platform`, `os_name`, `platform_system`, `platform_machine`.
    fn marker_words(&self) -> [&'static str; 4] {
        match self.system {
            System::Glibc(_) | System::Musl(_) => ["linux", "posix", "Linux", self.machine()],
            System::Macos(..) => ["darwin", "posix", "Darwin", self.machine()],
            System::Windows => ["win32", "nt", "Windows", self.windows_machine()],
        }
    }

    fn windows_machine(&self) -> &'static str {
        match self.architecture {
            Architecture::Aarch64 => "ARM64",
            Architecture::I686 => "x86",
            _ => "AMD64",
        }
    }
}

fn manylinux_tags(minor: u16, architecture: Architecture) -> Vec<String> {
    let machine = architecture.as_str();
    let x86 = matches!(architecture, Architecture::X86_64 | Architecture::I686);
    let oldest = if x86 { OLDEST_GLIBC.0 } else { OLDEST_GLIBC.1 };
    let mut tags = Vec::new();
    for minor in (oldest..=minor).rev() {
        tags.push(format!("manylinux_2_{minor}_{machine}"));
        let legacy = match minor {
            17 => Some("manylinux2014"),
            12 => Some("manylinux2010"),
            5 => Some("manylinux1"),
            _ => None,
        };
        tags.extend(legacy.map(|name| format!("{name}_{machine}")));
    }
    tags.push(format!("linux_{machine}"));
    tags
}

fn musllinux_tags(minor: u16, architecture: Architecture) -> Vec<String> {
    let machine = architecture.as_str();
    let own = (0..=minor).rev().map(|minor| format!("musllinux_1_{minor}_{machine}"));
    own.chain([format!("linux_{machine}")]).collect()
}

fn macos_tags(major: u16, minor: u16, architecture: Architecture) -> Vec<String> {
    let arm = architecture == Architecture::Aarch64;
    let formats: &[&str] =
        if arm { &["arm64", "universal2"] } else { &["x86_64", "intel", "fat64", "fat32", "universal2", "universal"] };
    let new = (11..=major).rev().map(|major| (major, 0));
    // The first macOS on Arm was 11; older universal2 wheels still install there.
    let old_formats: &[&str] = if arm { &["universal2"] } else { formats };
    let old_from = if major >= 11 { 16 } else { minor };
    let old = (4..=old_from).rev().map(|minor| (10, minor));
    let spell = |(major, minor): (u16, u16), formats: &[&str]| {
        formats.iter().map(|format| format!("macosx_{major}_{minor}_{format}")).collect::<Vec<_>>()
    };
    new.flat_map(|version| spell(version, formats)).chain(old.flat_map(|version| spell(version, old_formats))).collect()
}

impl Target {
    /// Every tag that installs here, most wanted first.
    pub fn tags(&self) -> Vec<Tag> {
        let (major, minor) = self.python;
        let platforms = self.platform.tags();
        let own = format!("cp{major}{minor}");
        // Until 3.7 the ABI of ordinary builds carried the `m` of the small-object allocator.
        let abi = if (major, minor) < (3, 8) { format!("{own}m") } else { own.clone() };
        let generic: Vec<String> = std::iter::once(format!("py{major}{minor}"))
            .chain([format!("py{major}")])
            .chain((0..minor).rev().map(|minor| format!("py{major}{minor}")))
            .collect();
        let mut tags = Vec::new();
        let mut add = |python: &str, abi: &str, platforms: &[String]| {
            tags.extend(platforms.iter().map(|platform| Tag {
                python: python.to_owned(),
                abi: abi.to_owned(),
                platform: platform.clone(),
            }));
        };
        for abi in [abi.as_str(), "abi3", "none"] {
            add(&own, abi, &platforms);
        }
        (2..minor).rev().for_each(|minor| add(&format!("cp{major}{minor}"), "abi3", &platforms));
        let any = ["any".to_owned()];
        generic.iter().for_each(|python| add(python, "none", &platforms));
        add(&own, "none", &any);
        generic.iter().for_each(|python| add(python, "none", &any));
        tags
    }

    /// Ranks wheel tags for this target.
    pub fn ranking(&self) -> Ranking {
        let mut ranks = BTreeMap::new();
        for (rank, tag) in self.tags().into_iter().enumerate() {
            ranks.entry(tag).or_insert(rank);
        }
        Ranking { ranks }
    }

    /// What environment markers see. Releases of systems are left empty, as resolvers for other platforms leave them.
    pub fn markers(&self) -> Option<MarkerEnvironment> {
        let version = format!("{}.{}", self.python.0, self.python.1);
        let full = format!("{version}.0");
        let [sys_platform, os_name, platform_system, platform_machine] = self.platform.marker_words();
        MarkerEnvironment::try_from(MarkerEnvironmentBuilder {
            implementation_name: "cpython",
            implementation_version: &full,
            os_name,
            platform_machine,
            platform_python_implementation: "CPython",
            platform_release: "",
            platform_system,
            platform_version: "",
            python_full_version: &full,
            python_version: &version,
            sys_platform,
        })
        .ok()
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Python {}.{} on {}", self.python.0, self.python.1, self.platform)
    }
}

/// The order in which a target prefers tags.
#[derive(Clone, Debug)]
pub struct Ranking {
    ranks: BTreeMap<Tag, usize>,
}

impl Ranking {
    /// The rank of a wheel's best tag, 0 the most wanted; `None` when none of them installs there.
    pub fn rank(&self, tags: &[Tag]) -> Option<usize> {
        tags.iter().filter_map(|tag| self.ranks.get(tag)).min().copied()
    }
}
