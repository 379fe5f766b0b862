//! Which wheel of a release to measure, and its contents on disk.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use contract::Version;

use crate::data::MeasuredWheel;
use crate::index::{self, File, WheelName};
use crate::{paths, python};

/// The wheel of a release for one Python (or the newest that there is) on one platform. Of several that fit, the last by
/// name: it is the one for the wider Unicode build of Python 2.
pub(crate) fn choose(
    files: &[File],
    version: &Version,
    minor: Option<(u8, u8)>,
    platform: Option<&str>,
) -> Option<MeasuredWheel> {
    // An interpreter that is not there takes long to look for, so that question comes last.
    let has_python =
        |python| minor.map_or_else(|| platform.is_some() || python::find(python).is_some(), |m| m == python);
    let mut fitting: Vec<((u8, u8), &File)> = Vec::new();
    for file in files {
        let Some(name) = WheelName::parse(&file.filename).filter(WheelName::is_ordinary) else { continue };
        let Some(&python) = name.pythons.first() else { continue };
        if name.version == *version && on_platform(&name, platform) && has_python(python) {
            fitting.push((python, file));
        }
    }
    fitting.sort_by(|a, b| (a.0, &a.1.filename).cmp(&(b.0, &b.1.filename)));
    let (_, file) = fitting.pop()?;
    Some(MeasuredWheel { wheel: file.filename.clone(), sha256: file.sha256.clone()? })
}

fn on_platform(name: &WheelName, platform: Option<&str>) -> bool {
    match platform {
        Some(platform) => name.platforms.iter().any(|tag| tag == platform),
        None => runs_here(name),
    }
}

/// Whether a wheel's platform tags fit this machine. Linux with another C library than glibc is not looked for.
pub(crate) fn runs_here(name: &WheelName) -> bool {
    name.platforms.iter().any(|tag| match std::env::consts::OS {
        "linux" => tag.starts_with("manylinux") && tag.ends_with(&format!("_{}", std::env::consts::ARCH)),
        "macos" => tag.starts_with("macosx") && (tag.ends_with(machine()) || tag.ends_with("universal2")),
        "windows" => tag == if std::env::consts::ARCH == "aarch64" { "win_arm64" } else { "win_amd64" },
        _ => false,
    })
}

/// The machine as macOS names it in wheels.
fn machine() -> &'static str {
    if std::env::consts::ARCH == "aarch64" { "arm64" } else { "x86_64" }
}

/// The wheel's path in the cache, downloaded where it is not there.
///
/// # Errors
/// When it cannot be had.
pub(crate) fn file(wheel: &MeasuredWheel) -> Result<PathBuf> {
    index::download(&wheel.wheel, &wheel.sha256)
}

/// Unpacks a wheel into a folder of the cache that lasts as long as the value returned.
///
/// # Errors
/// When the wheel cannot be read or the folder not be written.
pub(crate) fn unpack(wheel: &Path) -> Result<tempfile::TempDir> {
    let parent = paths::cache().join("unpacked");
    std::fs::create_dir_all(&parent).with_context(|| format!("cannot create `{}`", parent.display()))?;
    let folder = tempfile::tempdir_in(&parent)?;
    let mut archive = zip::ZipArchive::new(std::fs::File::open(wheel)?)?;
    archive.extract(folder.path()).with_context(|| format!("cannot unpack `{}`", wheel.display()))?;
    Ok(folder)
}
