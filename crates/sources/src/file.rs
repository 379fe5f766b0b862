//! A file on disk as the bytes that the reader asks for, by positional reads.
//!
//! No memory map: a file that shrinks while it is mapped kills the process, and for many small reads a map is not faster.

use std::fs::File;
use std::io;
use std::path::Path;

use reader::{ByteSource, ReadError};

/// An open file. Reads do not move a shared position, so several threads may read at once.
#[derive(Debug)]
pub struct FileSource {
    file: File,
    size: u64,
}

impl FileSource {
    /// Opens a regular file for reading.
    ///
    /// # Errors
    /// When it cannot be opened, or is no regular file (a folder, a pipe).
    pub fn open(path: &Path) -> io::Result<Self> {
        Self::from_file(File::open(path)?)
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
    fn read_exact_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        std::os::unix::fs::FileExt::read_exact_at(&self.file, buffer, offset)
    }

    #[cfg(windows)]
    fn read_exact_at(&self, mut offset: u64, mut buffer: &mut [u8]) -> io::Result<()> {
        while !buffer.is_empty() {
            let count = std::os::windows::fs::FileExt::seek_read(&self.file, buffer, offset)?;
            if count == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            buffer = buffer.get_mut(count..).unwrap_or_default();
            offset = offset.saturating_add(count as u64);
        }
        Ok(())
    }
}

impl ByteSource for FileSource {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<(), ReadError> {
        let length = buffer.len() as u64;
        let refuse = |cause: String| ReadError { offset, length, cause };
        match offset.checked_add(length) {
            Some(end) if end <= self.size => {}
            _ => return Err(refuse("outside the file".to_owned())),
        }
        self.read_exact_at(offset, buffer).map_err(|error| refuse(error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use reader::ByteSource;

    use super::FileSource;

    #[test]
    fn reads_what_lies_inside_and_refuses_the_rest() {
        let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
        file.write_all(b"0123456789").expect("written");
        let source = FileSource::open(file.path()).expect("opened");
        let mut buffer = [0; 4];
        source.read_at(6, &mut buffer).expect("the last four bytes");
        assert_eq!((source.size(), &buffer), (10, b"6789"));
        assert_eq!(source.read_at(7, &mut buffer).expect_err("one byte too many").cause, "outside the file");
        assert!(source.read_at(u64::MAX, &mut buffer).is_err(), "an offset that overflows");
        file.as_file().set_len(5).expect("shrunk while open");
        assert!(source.read_at(6, &mut buffer).is_err(), "bytes that are gone");
    }

    #[test]
    fn refuses_a_folder() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        assert!(FileSource::open(folder.path()).is_err());
    }
}
