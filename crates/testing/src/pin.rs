//! Pins: lines `name==version --hash=sha256:HEX # FILE.whl` in `fixtures/wheels/*.txt` and `fixtures/environments/*.txt`.
//! pip reads them as a requirement file; the file name in the comment says which of a release's wheels is meant.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::{Problem, repository};

/// One pinned wheel.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pin {
    /// The file name of the wheel.
    pub file: String,
    /// The distribution's name as the requirement spells it.
    pub name: String,
    /// The version.
    pub version: String,
    /// SHA-256 of the file, lower-case hexadecimal.
    pub sha256: String,
}

/// The tags at the end of a wheel's file name; compressed sets (`py2.py3`) are split.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WheelTags {
    /// `cp311`, `py3`.
    pub python: Vec<String>,
    /// `cp311`, `abi3`, `none`.
    pub abi: Vec<String>,
    /// `manylinux2014_x86_64`, `any`.
    pub platform: Vec<String>,
}

impl Pin {
    /// The tags in the file name.
    pub fn tags(&self) -> WheelTags {
        let stem = self.file.strip_suffix(".whl").unwrap_or(&self.file);
        let mut ends = stem.rsplit('-').map(|part| part.split('.').map(str::to_owned).collect::<Vec<_>>());
        let platform = ends.next().unwrap_or_default();
        let abi = ends.next().unwrap_or_default();
        WheelTags { python: ends.next().unwrap_or_default(), abi, platform }
    }

    /// The line of a requirement file that makes pip take this wheel only.
    pub fn requirement(&self) -> String {
        format!("{}=={} --hash=sha256:{}", self.name, self.version, self.sha256)
    }

    /// The line of a pin file.
    pub fn line(&self) -> String {
        format!("{} # {}", self.requirement(), self.file)
    }
}

impl WheelTags {
    /// The version for pip's `--python-version`: `3.11` for `cp311`, `3` for `py2.py3`.
    pub fn python_version(&self) -> String {
        let newest = self.python.last().map(String::as_str).unwrap_or("py3");
        let digits: String = newest.chars().filter(char::is_ascii_digit).collect();
        match digits.split_at_checked(1) {
            Some((major, minor)) if !minor.is_empty() => format!("{major}.{minor}"),
            _ => digits,
        }
    }

    /// Whether CPython 3.`minor` on a machine of this kind (`linux`, `x86_64`) would load it.
    pub fn fits(&self, minor: u8, system: &str, machine: &str) -> bool {
        let exact = format!("cp3{minor}");
        let python = self.python.iter().any(|tag| *tag == exact || tag == "py3" || self.is_stable_abi(tag, minor));
        python && self.platform.iter().any(|tag| platform_fits(tag, system, machine))
    }

    fn is_stable_abi(&self, tag: &str, minor: u8) -> bool {
        let lowest = tag.strip_prefix("cp3").and_then(|digits| digits.parse::<u8>().ok());
        self.abi.iter().any(|abi| abi == "abi3") && lowest.is_some_and(|lowest| lowest <= minor)
    }
}

fn platform_fits(tag: &str, system: &str, machine: &str) -> bool {
    let prefix = match system {
        "macos" => "macosx",
        "windows" => "win",
        _ => "manylinux",
    };
    let machine = if system == "macos" && machine == "aarch64" { "arm64" } else { machine };
    let universal = system == "macos" && tag.ends_with("universal2");
    let windows = system == "windows" && machine == "x86_64" && tag == "win_amd64";
    tag == "any" || windows || (tag.starts_with(prefix) && (tag.ends_with(machine) || universal))
}

/// Every pin of the repository, by file name.
///
/// # Errors
/// When a pin file cannot be read, or a line of one is not a pin.
pub fn pins() -> Result<BTreeMap<String, Pin>, Problem> {
    let mut all = BTreeMap::new();
    for folder in ["wheels", "environments"] {
        for file in pin_files(&repository().join("fixtures").join(folder))? {
            all.extend(read_pins(&file)?.into_iter().map(|pin| (pin.file.clone(), pin)));
        }
    }
    Ok(all)
}

fn pin_files(folder: &Path) -> Result<Vec<PathBuf>, Problem> {
    let entries = std::fs::read_dir(folder).map_err(Problem::io(folder))?;
    let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "txt"));
    files.sort();
    Ok(files)
}

/// The pins of one file, in its order.
///
/// # Errors
/// When the file cannot be read, or a line of it is not a pin.
pub fn read_pins(file: &Path) -> Result<Vec<Pin>, Problem> {
    let text = std::fs::read_to_string(file).map_err(Problem::io(file))?;
    parse_pins(file, &text)
}

/// The pins in the text of a file; `file` is named in errors.
///
/// # Errors
/// When a line is neither a pin, nor a comment, nor empty.
pub fn parse_pins(file: &Path, text: &str) -> Result<Vec<Pin>, Problem> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|(index, line)| {
            parse_pin(line).ok_or_else(|| Problem::BadPin {
                file: file.to_path_buf(),
                line: index + 1,
                text: line.to_owned(),
            })
        })
        .collect()
}

fn parse_pin(line: &str) -> Option<Pin> {
    let (requirement, file) = line.split_once(" # ")?;
    let (name_and_version, hash) = requirement.split_once(" --hash=sha256:")?;
    let (name, version) = name_and_version.split_once("==")?;
    let file = file.trim();
    let sound = file.ends_with(".whl") && hash.len() == 64 && hash.chars().all(|c| c.is_ascii_hexdigit());
    sound.then(|| Pin {
        file: file.to_owned(),
        name: name.trim().to_owned(),
        version: version.trim().to_owned(),
        sha256: hash.to_ascii_lowercase(),
    })
}

/// The pin whose file name is `name`, or the only one that begins with it.
///
/// # Errors
/// When no pin matches, or several do.
pub fn find_pin(name: &str) -> Result<Pin, Problem> {
    let all = pins()?;
    if let Some(pin) = all.get(name) {
        return Ok(pin.clone());
    }
    let mut found: Vec<&Pin> = all.values().filter(|pin| pin.file.starts_with(name)).collect();
    match (found.pop(), found.is_empty()) {
        (Some(pin), true) => Ok(pin.clone()),
        (None, _) => Err(Problem::NotPinned(name.to_owned())),
        (Some(_), false) => Err(ambiguous(name, &all)),
    }
}

/// The pin of a release that CPython `python` (`3.11`) would load on this machine.
///
/// # Errors
/// When none is pinned.
pub fn find_host_pin(distribution: &str, version: &str, python: &str) -> Result<Pin, Problem> {
    let minor = python.split('.').nth(1).and_then(|minor| minor.parse().ok()).unwrap_or(0);
    let fits = |pin: &&Pin| pin.tags().fits(minor, std::env::consts::OS, std::env::consts::ARCH);
    let all = pins()?;
    let mut releases = all.values().filter(|pin| pin.name.eq_ignore_ascii_case(distribution) && pin.version == version);
    let missing = || Problem::NotPinned(format!("{distribution} {version} for CPython {python} on this machine"));
    releases.find(fits).cloned().ok_or_else(missing)
}

fn ambiguous(name: &str, all: &BTreeMap<String, Pin>) -> Problem {
    let found = all.keys().filter(|file| file.starts_with(name)).cloned().collect();
    Problem::Ambiguous { name: name.to_owned(), found }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{Pin, parse_pins, pins};

    fn pin(file: &str) -> Pin {
        Pin { file: file.to_owned(), name: "a".to_owned(), version: "1".to_owned(), sha256: "0".repeat(64) }
    }

    #[test]
    fn a_pin_is_written_as_it_is_read() {
        let line = pin("a-1-cp311-cp311-win_amd64.whl").line();
        let read = parse_pins(Path::new("x.txt"), &format!("# comment\n\n{line}\n")).expect("a pin");
        assert_eq!(read, [pin("a-1-cp311-cp311-win_amd64.whl")]);
        let error = parse_pins(Path::new("x.txt"), "\na==1\n").expect_err("no hash");
        assert!(error.to_string().starts_with("`x.txt` line 2: expected"), "{error}");
    }

    #[test]
    fn tags_tell_python_and_platform() {
        let tags = pin("a-1-cp37-abi3-manylinux_2_17_x86_64.manylinux2014_x86_64.whl").tags();
        assert_eq!(tags.python_version(), "3.7");
        assert!(tags.fits(13, "linux", "x86_64"));
        assert!(!tags.fits(6, "linux", "x86_64"));
        assert!(!tags.fits(13, "linux", "aarch64"));
        assert!(!tags.fits(13, "macos", "x86_64"));
        assert_eq!(pin("a-1-py2.py3-none-any.whl").tags().python_version(), "3");
        assert!(pin("a-1-cp39-cp39-macosx_10_9_universal2.whl").tags().fits(9, "macos", "aarch64"));
        assert!(!pin("a-1-cp39-cp39-macosx_10_9_universal2.whl").tags().fits(10, "macos", "aarch64"));
    }

    #[test]
    fn every_pin_of_the_repository_can_be_read() {
        let all = pins().expect("readable pins");
        for pin in all.values() {
            assert!(!pin.tags().platform.is_empty() && !pin.tags().python_version().is_empty(), "{}", pin.file);
        }
    }
}
