//! Source distributions, read as far as they tell what building them requires: streamed, with nothing unpacked to disk and
//! bounded however they were made.

use std::io::{self, Read};
use std::path::{Component, Path};

use flate2::read::MultiGzDecoder;

use super::{Project, SourceTree};
use crate::wheel::{Budget, Cursor, Limits, SharedBytes, Wheel, headers};

/// What a source distribution may ask for, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SdistLimits {
    /// What is inflated in all.
    pub inflated: u64,
    /// One text file.
    pub text: u64,
    /// Entries that are looked at.
    pub entries: usize,
}

impl Default for SdistLimits {
    fn default() -> Self {
        Self { inflated: 1 << 30, text: 4 << 20, entries: 500_000 }
    }
}

/// The two files that tell, and the one that an old project has in their place.
#[derive(Default)]
struct Found {
    pyproject: Option<String>,
    metadata: Option<String>,
    setup: Option<String>,
}

impl Found {
    fn is_complete(&self) -> bool {
        self.pyproject.is_some() && self.metadata.is_some()
    }

    /// Where a file of this path goes: they lie in the folder that the archive unpacks to.
    fn slot(&mut self, path: &Path) -> Option<&mut Option<String>> {
        let mut parts = path.components().filter(|part| *part != Component::CurDir);
        let (Some(Component::Normal(_)), Some(Component::Normal(name)), None) =
            (parts.next(), parts.next(), parts.next())
        else {
            return None;
        };
        match name.to_str()? {
            "pyproject.toml" => Some(&mut self.pyproject),
            "PKG-INFO" => Some(&mut self.metadata),
            "setup.py" => Some(&mut self.setup),
            _ => None,
        }
    }
}

/// Opens a source distribution on disk.
///
/// # Errors
/// When it cannot be opened.
pub fn open_sdist(path: &Path) -> io::Result<SharedBytes> {
    Ok(std::sync::Arc::new(crate::FileSource::open(path)?))
}

/// How names of source distributions end, by format.
const TAR: [&str; 2] = [".tar.gz", ".tgz"];
const ZIP: [&str; 1] = [".zip"];

/// Whether a file is a source distribution of a format that is read, by its name.
pub fn is_sdist(file_name: &str) -> bool {
    ends_with(file_name, &TAR) || ends_with(file_name, &ZIP)
}

fn ends_with(file_name: &str, endings: &[&str]) -> bool {
    let lower = file_name.to_ascii_lowercase();
    endings.iter().any(|ending| lower.ends_with(ending))
}

/// Reads a source distribution; its name tells the format. Stops as soon as it has seen what it looks for.
///
/// # Errors
/// Why it cannot be read.
pub fn read_sdist(bytes: SharedBytes, file_name: &str, limits: SdistLimits) -> Result<SourceTree, String> {
    let found = if ends_with(file_name, &TAR) {
        read_tar(MultiGzDecoder::new(Cursor::new(bytes)), limits).map_err(|error| error.to_string())?
    } else if ends_with(file_name, &ZIP) {
        read_zip(bytes, file_name)?
    } else {
        return Err(format!("`{file_name}` is neither a `.tar.gz` nor a `.zip`"));
    };
    if found.pyproject.is_none() && found.metadata.is_none() && found.setup.is_none() {
        return Err("no source distribution: it holds no `pyproject.toml`, `PKG-INFO` or `setup.py`".to_owned());
    }
    let mut project = found.pyproject.as_deref().map(Project::parse).transpose()?.unwrap_or_default();
    let Some(metadata) = found.metadata else { return Ok(SourceTree { project, requires_dist: None }) };
    let metadata = headers(metadata.as_bytes()).unwrap_or_default();
    project.name = project.name.or_else(|| fields(&metadata, "Name").next().cloned());
    project.version = project.version.or_else(|| fields(&metadata, "Version").next().cloned());
    Ok(SourceTree { project, requires_dist: requires_dist(&metadata) })
}

fn read_tar(unpacked: impl Read, limits: SdistLimits) -> io::Result<Found> {
    let mut found = Found::default();
    let mut archive = tar::Archive::new(Bounded { inner: unpacked, left: limits.inflated });
    // Raw entries: a header that announces a name of gigabytes is passed over, not believed.
    for (count, entry) in archive.entries()?.raw(true).enumerate() {
        let entry = entry?;
        if count >= limits.entries {
            return Err(io::Error::other(format!("it has more than {} entries", limits.entries)));
        }
        let path = entry.path()?.into_owned();
        let regular = entry.header().entry_type().is_file();
        let Some(slot) = found.slot(&path).filter(|slot| regular && slot.is_none()) else { continue };
        *slot = Some(text(entry, limits.text)?);
        if found.is_complete() {
            break;
        }
    }
    Ok(found)
}

fn text(entry: impl Read, limit: u64) -> io::Result<String> {
    let mut bytes = Vec::new();
    entry.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(io::Error::other(format!("a text file in it is larger than {limit} bytes")));
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Fails when more is inflated than may be.
struct Bounded<R> {
    inner: R,
    left: u64,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(out)?;
        match self.left.checked_sub(count as u64) {
            Some(left) => self.left = left,
            None => return Err(io::Error::other("it inflates to more than is read of a source distribution")),
        }
        Ok(count)
    }
}

fn read_zip(bytes: SharedBytes, file_name: &str) -> Result<Found, String> {
    let limits = Limits::default();
    let archive =
        Wheel::from_bytes(bytes, file_name, limits, &Budget::new(limits.resident)).map_err(|e| e.to_string())?;
    let mut found = Found::default();
    for member in archive.members() {
        if let Some(slot) = found.slot(Path::new(&member.path)) {
            let text = archive.text(member).map_err(|obstacle| obstacle.detail)?;
            *slot = Some(String::from_utf8_lossy(&text).into_owned());
        }
    }
    Ok(found)
}

/// The values of a field of `PKG-INFO`, in order.
fn fields<'m>(metadata: &'m [(String, String)], name: &'m str) -> impl Iterator<Item = &'m String> {
    metadata.iter().filter(move |(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

/// The requirements in `PKG-INFO`, where a build is bound to them: from version 2.2 of the metadata on, unless they are
/// said to be dynamic.
fn requires_dist(metadata: &[(String, String)]) -> Option<Vec<String>> {
    let version = fields(metadata, "Metadata-Version").next()?;
    let version: Vec<u32> = version.split('.').filter_map(|part| part.trim().parse().ok()).collect();
    let dynamic = fields(metadata, "Dynamic").any(|field| field.trim().eq_ignore_ascii_case("requires-dist"));
    (version.as_slice() >= [2, 2].as_slice() && !dynamic).then(|| fields(metadata, "Requires-Dist").cloned().collect())
}
