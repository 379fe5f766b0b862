//! Small reads with a limit, so that no file of an environment can fill the memory.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// The limit for settings and other files of a few lines, in bytes.
pub(super) const SMALL: u64 = 1 << 20;
/// The limit for metadata, in bytes.
pub(super) const METADATA: u64 = 16 << 20;
/// The limit for lists of files, in bytes. The longest known lists have some ten thousand lines.
pub(super) const LIST: u64 = 256 << 20;

/// Reads a regular file that is no longer than `limit` bytes.
///
/// # Errors
/// When it cannot be read, is no regular file, or is longer.
pub(super) fn read_limited(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let file = File::open(path)?;
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
    }
    let too_long = || io::Error::new(io::ErrorKind::FileTooLarge, format!("longer than {limit} bytes"));
    if metadata.len() > limit {
        return Err(too_long());
    }
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or(0).saturating_add(1));
    file.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit { Err(too_long()) } else { Ok(bytes) }
}

/// Reads a small file that may be missing, as text; bytes that are no UTF-8 are replaced.
pub(super) fn text(path: &Path) -> Option<String> {
    let bytes = read_limited(path, SMALL).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}
