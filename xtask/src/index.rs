//! What the user's own package index holds, and the wheels to be had from it.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result, bail, ensure};
use contract::Version;
use serde::Deserialize;

use crate::{paths, python};

/// One file of a project, as `index.py` prints it.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct File {
    /// Its name.
    pub(crate) filename: String,
    /// Where it lies.
    pub(crate) url: String,
    /// The SHA-256 that the index promises, in hexadecimal.
    pub(crate) sha256: Option<String>,
    /// Whether it was withdrawn.
    pub(crate) yanked: bool,
}

/// The name of a wheel taken apart: `numpy-2.0.2-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct WheelName {
    /// The version.
    pub(crate) version: Version,
    /// The CPython minor versions in its Python tag; empty for one that is not CPython's.
    pub(crate) pythons: Vec<(u8, u8)>,
    /// The ABI tag: `cp311`, `cp27mu`, `cp313t`.
    pub(crate) abi: String,
    /// The platform tags.
    pub(crate) platforms: Vec<String>,
}

impl WheelName {
    /// Takes a file name apart; `None` when it is no wheel's.
    pub(crate) fn parse(filename: &str) -> Option<Self> {
        let parts: Vec<&str> = filename.strip_suffix(".whl")?.split('-').collect();
        let &[_, version, .., tag, abi, platforms] = parts.as_slice() else { return None };
        Some(Self {
            version: version.parse().ok()?,
            pythons: tag.split('.').filter_map(cpython).collect(),
            abi: abi.to_owned(),
            platforms: platforms.split('.').map(str::to_owned).collect(),
        })
    }

    /// Whether it is a wheel for an ordinary CPython: with an interpreter lock.
    pub(crate) fn is_ordinary(&self) -> bool {
        !self.pythons.is_empty() && self.abi.starts_with("cp") && !self.abi.ends_with('t')
    }
}

/// `cp311` -> (3, 11).
fn cpython(tag: &str) -> Option<(u8, u8)> {
    let digits = tag.strip_prefix("cp")?;
    let (major, minor) = digits.split_at_checked(1)?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

/// Every file that the index holds for a project.
///
/// # Errors
/// When Python or the index does not answer.
pub(crate) fn files(project: &str) -> Result<Vec<File>> {
    let json = python::output(Command::new(python::PYTHON).arg(python::script("index.py")).arg(project))?;
    serde_json::from_slice(&json).context("`index.py` printed something else than the list of files")
}

/// Today in UTC, as `2026-11-21`.
///
/// # Errors
/// When Python does not answer.
pub(crate) fn today() -> Result<String> {
    let code = "import datetime; print(datetime.datetime.now(datetime.timezone.utc).date().isoformat(), end='')";
    Ok(String::from_utf8(python::output(Command::new(python::PYTHON).args(["-c", code]))?)?)
}

/// The wheel of that name in the cache, downloaded by pip when it is not there yet. pip holds it against the digest.
///
/// # Errors
/// When pip cannot download it, or its digest is another one.
pub(crate) fn download(filename: &str, sha256: &str) -> Result<PathBuf> {
    let folder = paths::cache().join("wheels");
    let wheel = folder.join(filename);
    if !wheel.is_file() {
        std::fs::create_dir_all(&folder).with_context(|| format!("cannot create `{}`", folder.display()))?;
        pip_download(filename, sha256, &folder)?;
        ensure!(wheel.is_file(), "pip downloaded another file than `{filename}` to `{}`", folder.display());
    }
    Ok(wheel)
}

/// Has pip download exactly one wheel: the tags in its name leave no other choice, and the digest no other content.
fn pip_download(filename: &str, sha256: &str, folder: &std::path::Path) -> Result<()> {
    let (Some(name), Some(project)) = (WheelName::parse(filename), filename.split('-').next()) else {
        bail!("`{filename}` is not the name of a wheel");
    };
    let Some(&(major, minor)) = name.pythons.first() else { bail!("`{filename}` is not for CPython") };
    let pinned = folder.join(format!("{filename}.txt"));
    std::fs::write(&pinned, format!("{project}=={} --hash=sha256:{sha256}\n", name.version))?;
    let mut pip = Command::new(python::PYTHON);
    pip.args(["-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:", "--require-hashes"]);
    pip.args(["--implementation", "cp", "--abi", &name.abi, "--python-version", &format!("{major}.{minor}")]);
    pip.args(name.platforms.iter().flat_map(|platform| ["--platform", platform]));
    pip.arg("--dest").arg(folder).arg("--requirement").arg(&pinned);
    let outcome = python::output(&mut pip).with_context(|| format!("cannot download `{filename}`"));
    std::fs::remove_file(&pinned)?;
    outcome.map(drop)
}

#[cfg(test)]
mod tests {
    use super::WheelName;

    #[test]
    fn takes_the_name_of_a_wheel_apart() {
        let wheel = WheelName::parse("numpy-2.0.2-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl");
        let wheel = wheel.expect("a wheel's name");
        assert_eq!((wheel.version.to_string().as_str(), wheel.pythons.as_slice()), ("2.0.2", [(3, 11)].as_slice()));
        assert_eq!(wheel.platforms, ["manylinux_2_17_x86_64", "manylinux2014_x86_64"]);
        assert!(wheel.is_ordinary());
    }

    #[test]
    fn knows_wheels_for_other_interpreters() {
        let ordinary = |name: &str| WheelName::parse(name).is_some_and(|wheel| wheel.is_ordinary());
        assert!(ordinary("numpy-1.7.0-cp27-cp27mu-manylinux1_x86_64.whl"));
        assert!(!ordinary("numpy-2.3.0-cp313-cp313t-win_amd64.whl"));
        assert!(!ordinary("numpy-2.3.0-pp311-pypy311_pp73-win_amd64.whl"));
        assert!(!ordinary("numpy-2.3.0.tar.gz"));
    }
}
