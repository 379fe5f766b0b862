//! A file on disk, read by offset without a shared position, so that several members can be inflated side by side.

use std::fs::File;
use std::io;
use std::path::Path;

use reader::{ByteSource, ReadError};

/// An open file and its size when it was opened.
#[derive(Debug)]
pub(crate) struct Disk {
    file: File,
    size: u64,
}

impl Disk {
    /// Opens a regular file.
    ///
    /// # Errors
    /// When the file cannot be opened, or is no regular file.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        Self::from_file(file)
    }

    /// Takes a file that is open already.
    ///
    /// # Errors
    /// When its size cannot be asked for, or it is no regular file.
    pub(crate) fn from_file(file: File) -> io::Result<Self> {
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
        }
        Ok(Self { file, size: metadata.len() })
    }

    #[cfg(unix)]
    fn fill(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        std::os::unix::fs::FileExt::read_exact_at(&self.file, buffer, offset)
    }

    #[cfg(windows)]
    fn fill(&self, mut offset: u64, mut buffer: &mut [u8]) -> io::Result<()> {
        while !buffer.is_empty() {
            let count = std::os::windows::fs::FileExt::seek_read(&self.file, buffer, offset)?;
            let Some(rest) = buffer.get_mut(count..).filter(|_| count > 0) else {
                return Err(io::ErrorKind::UnexpectedEof.into());
            };
            buffer = rest;
            offset = offset.saturating_add(count as u64);
        }
        Ok(())
    }
}

impl ByteSource for Disk {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<(), ReadError> {
        let length = buffer.len() as u64;
        self.fill(offset, buffer).map_err(|error| ReadError { offset, length, cause: error.to_string() })
    }
}
