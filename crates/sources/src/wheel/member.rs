//! One member of an archive, inflated as far as somebody reads and no further.

use std::fmt;
use std::io::{Seek, SeekFrom};
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use contract::Undetermined;
use reader::{ByteSource, ReadError};
use zip::CompressionMethod;
use zip::ZipReadOptions;
use zip::read::OwnedZipFileEntry;

use super::SharedBytes;
use super::cursor::Cursor;
use super::ending::Ending;
use super::inflating::{Inflating, Stretch};
use super::limits::{Budget, Limits};

/// What a local header takes before the name, in bytes.
const HEADER: u64 = 30;
/// What it takes beside the name: its extra fields are short.
const HEADER_ROOM: u64 = 512;

/// A file inside a wheel.
#[derive(Clone)]
pub struct Member {
    /// Its name in the archive, with `/`.
    pub path: String,
    /// Its path once installed, relative to the folder that the distribution is installed in.
    pub installed: String,
    /// Its size in bytes, as the directory says.
    pub size: u64,
    /// The bytes that it takes in the archive.
    pub compressed: u64,
    /// Why it is not read, where it is not: encrypted, too large, a name that leaves the archive, ...
    pub obstacle: Option<Undetermined>,
    pub(crate) entry: Arc<OwnedZipFileEntry>,
}

impl fmt::Debug for Member {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Member")
            .field("path", &self.path)
            .field("size", &self.size)
            .field("compressed", &self.compressed)
            .field("obstacle", &self.obstacle)
            .finish_non_exhaustive()
    }
}

impl Member {
    /// Describes a directory entry; `None` for a folder.
    pub(crate) fn new(entry: OwnedZipFileEntry, limits: &Limits) -> Option<Self> {
        let path = entry
            .name()
            .map_or_else(|_| String::from_utf8_lossy(entry.name_raw()).into_owned(), std::borrow::Cow::into_owned);
        if path.ends_with('/') {
            return None;
        }
        let obstacle = obstacle(&path, &entry, limits);
        let installed = installed(&path).to_owned();
        let (size, compressed) = (entry.size(), entry.compressed_size());
        Some(Self { path, installed, size, compressed, obstacle, entry: Arc::new(entry) })
    }

    /// Where about it lies in the archive: its local header may be some bytes longer.
    pub(super) fn range(&self) -> Range<u64> {
        let start = self.entry.header_start();
        start
            ..start
                .saturating_add(HEADER)
                .saturating_add(self.entry.name_raw().len() as u64)
                .saturating_add(self.compressed)
    }

    /// Whether a file of this name can be compiled code that Python or the loader loads.
    pub fn can_be_compiled(&self) -> bool {
        let name = self.path.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
        [".so", ".pyd", ".dylib", ".dll"].iter().any(|end| name.ends_with(end)) || name.contains(".so.")
    }
}

/// The path after installation: the `platlib` and `purelib` schemes of a `.data` folder are merged into the root.
fn installed(path: &str) -> &str {
    let mut parts = path.splitn(3, '/');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(first), Some("platlib" | "purelib"), Some(rest)) if first.ends_with(".data") => rest,
        _ => path,
    }
}

fn obstacle(path: &str, entry: &OwnedZipFileEntry, limits: &Limits) -> Option<Undetermined> {
    let because = |reason: &str, detail: String| Some(Undetermined { reason: reason.to_owned(), detail });
    if !stays_inside(path) {
        return because("path-leaves-archive", "its name leaves the folder it would be installed in".to_owned());
    }
    if entry.encrypted() {
        return because("encrypted", "it is encrypted".to_owned());
    }
    if entry.is_symlink() {
        return because("symbolic-link", "it is a symbolic link, which installers do not create".to_owned());
    }
    if !matches!(entry.compression(), CompressionMethod::Stored | CompressionMethod::Deflated) {
        return because(
            "compression-unknown",
            format!("it is compressed by {:?}, not by deflate", entry.compression()),
        );
    }
    let (size, compressed) = (entry.size(), entry.compressed_size());
    if size > limits.member {
        return because("member-too-large", format!("it has {size} bytes, more than the limit of {}", limits.member));
    }
    if size > limits.ratio_from && size / compressed.max(1) > limits.ratio {
        return because("suspicious-compression", format!("it inflates {compressed} bytes to {size}"));
    }
    if entry.compression() == CompressionMethod::Stored && size != compressed {
        return because("sizes-disagree", format!("it is stored as it is, yet {size} bytes take {compressed}"));
    }
    None
}

/// Whether a name stays below the folder that it is unpacked in, on every platform.
fn stays_inside(path: &str) -> bool {
    let drive = path.chars().nth(1) == Some(':');
    let odd = path.contains(['\\', '\0']);
    !drive && !odd && path.split('/').all(|part| !matches!(part, "" | "." | ".."))
}

/// How much of a member somebody is going to read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wanted {
    All,
    /// Perhaps little.
    Some,
}

/// A member as bytes that the reader can ask for. What is inflated once is kept, so going back costs nothing.
pub struct MemberSource {
    path: String,
    size: u64,
    content: Content,
}

enum Content {
    /// Stored as it is: read in place. Its checksum is not verified.
    InPlace { bytes: SharedBytes, start: u64 },
    /// Deflated.
    Inflated(Box<Mutex<Inflating>>),
}

impl MemberSource {
    /// Finds the member's bytes. Reads its local header, and some of what follows, or all of it where it is `wanted`.
    pub(crate) fn open(
        member: &Member,
        bytes: &SharedBytes,
        budget: &Budget,
        wanted: Wanted,
    ) -> Result<Self, Undetermined> {
        if let Some(obstacle) = &member.obstacle {
            return Err(obstacle.clone());
        }
        let unreadable = |cause: String| Undetermined {
            reason: "member-unreadable".to_owned(),
            detail: format!("it cannot be read: {cause}"),
        };
        let ending = Arc::new(Ending::new(Arc::clone(bytes)));
        let shared: SharedBytes = ending.clone();
        let (start, cursor) = locate(member, &shared, wanted).map_err(unreadable)?;
        let content = match member.entry.compression() {
            CompressionMethod::Stored => Content::InPlace { bytes: Arc::clone(bytes), start },
            _ => {
                let size =
                    usize::try_from(member.size).map_err(|_| unreadable("too large for this machine".to_owned()))?;
                let (compressed, checksum) = (member.compressed, member.entry.crc32());
                let stretch = Stretch { bytes: ending, start, compressed, size, checksum };
                Content::Inflated(Box::new(Mutex::new(Inflating::new(stretch, cursor, budget))))
            }
        };
        Ok(Self { path: member.path.clone(), size: member.size, content })
    }

    /// Whether the checksum was right: `None` while the member was not read to its end, which leaves it unverified.
    pub fn verified(&self) -> Option<bool> {
        match &self.content {
            Content::InPlace { .. } => None,
            Content::Inflated(state) => lock(state).verified(),
        }
    }

    /// Why its bytes could not be had, once somebody asked for bytes that could not.
    pub fn broken(&self) -> Option<String> {
        match &self.content {
            Content::InPlace { .. } => None,
            Content::Inflated(state) => lock(state).failed(),
        }
    }

    /// Reads what is left of it, which verifies its checksum, and keeps nothing: why its bytes could not be had, or are
    /// wrong. Of a stored one nothing is read.
    pub fn finish(self) -> Option<String> {
        match self.content {
            Content::InPlace { .. } => None,
            Content::Inflated(state) => state.into_inner().unwrap_or_else(PoisonError::into_inner).finish(),
        }
    }

    /// How many bytes were inflated from its beginning so far.
    pub fn inflated(&self) -> u64 {
        match &self.content {
            Content::InPlace { .. } => 0,
            Content::Inflated(state) => lock(state).inflated(),
        }
    }

    /// The member's name in the archive.
    pub fn path(&self) -> &str {
        &self.path
    }
}

/// Finds where the compressed bytes lie: their start, and a cursor that stands there. The local header and the first
/// bytes after it come in one read.
fn locate(member: &Member, bytes: &SharedBytes, wanted: Wanted) -> Result<(u64, Cursor), String> {
    let begin = member.entry.header_start();
    let ahead = member.compressed.saturating_add(HEADER_ROOM).saturating_add(member.entry.name_raw().len() as u64);
    let cursor = Cursor::within(Arc::clone(bytes), begin, begin.saturating_add(ahead));
    let mut cursor = if wanted == Wanted::All { cursor.reading_to_its_end() } else { cursor };
    let entry = OwnedZipFileEntry::as_ref(&member.entry);
    let file = entry.with_reader(&mut cursor, ZipReadOptions::new()).map_err(|error| error.to_string())?;
    let start = file.data_start().ok_or("its local header names no place for its bytes")?;
    drop(file);
    let end = start.checked_add(member.compressed).filter(|end| *end <= bytes.size());
    let mut cursor = cursor.ending_at(end.ok_or("the archive ends before it does")?);
    cursor.seek(SeekFrom::Start(start)).map_err(|error| error.to_string())?;
    Ok((start, cursor))
}

fn lock(state: &Mutex<Inflating>) -> MutexGuard<'_, Inflating> {
    // A panic while inflating leaves whole bytes behind: the prefix is only ever appended to.
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

impl ByteSource for MemberSource {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<(), ReadError> {
        let length = buffer.len() as u64;
        let failed = |cause: String| ReadError { offset, length, cause };
        let end = offset.checked_add(length).filter(|end| *end <= self.size);
        let end = end.ok_or_else(|| failed("outside the file".to_owned()))?;
        match &self.content {
            Content::InPlace { bytes, start } => bytes.read_at(start.saturating_add(offset), buffer),
            Content::Inflated(state) => lock(state).copy(offset, end, buffer).map_err(failed),
        }
    }

    fn is_near(&self, offset: u64, length: u64, within: u64) -> bool {
        match &self.content {
            Content::InPlace { .. } => true,
            Content::Inflated(state) => lock(state).is_near(offset, offset.saturating_add(length), within),
        }
    }
}
