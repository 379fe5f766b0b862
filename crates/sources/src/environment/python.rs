//! The version of an environment's Python, from what lies on disk.

use std::path::Path;

use contract::report::Python;

use super::layout::{self, Library};
use super::locate::Located;
use super::{EnvironmentKind, files};

/// The version; the platform is filled in once compiled files are known. `None` where no version is told.
pub(super) fn python_of(located: &Located) -> Option<Python> {
    let version = from_settings(located)
        .or_else(|| from_conda(located))
        .or_else(|| located.library.as_ref().and_then(from_library))
        .or_else(|| located.base.as_deref().and_then(windows_version))
        .or_else(|| from_venv_layout(located))?;
    Some(Python { version, platform: String::new() })
}

fn from_settings(located: &Located) -> Option<String> {
    located.venv.as_ref()?.version.clone()
}

/// `python-3.11.7-h955ad1f_0.json` of a conda prefix.
fn from_conda(located: &Located) -> Option<String> {
    if located.kind != EnvironmentKind::Conda {
        return None;
    }
    let entries = std::fs::read_dir(located.root.join("conda-meta")).ok()?;
    let mut names: Vec<String> = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect();
    names.sort();
    names.iter().find_map(|name| {
        let (version, _build) = name.strip_prefix("python-")?.split_once('-')?;
        version.starts_with(|c: char| c.is_ascii_digit()).then(|| version.to_owned())
    })
}

/// The header that every development installation has names all three numbers; the layout alone names two.
fn from_library(library: &Library) -> Option<String> {
    let version = library.version()?;
    let prefix = library.folder.parent().and_then(Path::parent)?;
    let header = files::text(&prefix.join("include").join(&library.name).join("patchlevel.h"));
    let full = header.as_deref().and_then(from_header).filter(|full| full.starts_with(&format!("{version}.")));
    Some(full.unwrap_or(version))
}

fn from_header(text: &str) -> Option<String> {
    let line = text.lines().find_map(|line| line.strip_prefix("#define PY_VERSION "))?;
    Some(line.trim().trim_matches('"').trim_end_matches('+').to_owned())
}

/// `3.11` of `python311.dll`, beside the interpreter.
pub(super) fn windows_version(prefix: &Path) -> Option<String> {
    let entries = std::fs::read_dir(prefix).ok()?;
    entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).find_map(|name| {
        let digits = name.to_ascii_lowercase().strip_prefix("python3")?.strip_suffix(".dll")?.to_owned();
        (!digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit())).then(|| format!("3.{digits}"))
    })
}

fn from_venv_layout(located: &Located) -> Option<String> {
    located.venv.as_ref()?;
    layout::venv_library(&located.root, "")?.version()
}
