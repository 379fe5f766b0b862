//! The one border over which bytes enter: a mapped file, a zip member, an HTTP range and a page in a browser all look
//! the same to the reader.

use std::fmt;

/// Bytes that can be read lazily, by offset. Implementations live outside this crate.
pub trait ByteSource {
    /// The number of bytes, as the container says (a zip directory, a file's metadata).
    fn size(&self) -> u64;

    /// Fills `buffer` with the bytes at `offset`.
    ///
    /// # Errors
    /// When the range does not lie inside the source, or the bytes cannot be had.
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<(), ReadError>;

    /// Whether the `length` bytes at `offset` can be had with no more than about `within` bytes fetched for them. Bytes
    /// deep inside of a compressed member cannot: who can do with other ones reads those.
    fn is_near(&self, _offset: u64, _length: u64, _within: u64) -> bool {
        true
    }
}

/// Bytes could not be had from a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadError {
    /// Where reading was to begin, in bytes from the beginning of the source.
    pub offset: u64,
    /// How many bytes were asked for.
    pub length: u64,
    /// The cause, in words, without a full stop.
    pub cause: String,
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot read {} bytes at offset {}: {}", self.length, self.offset, self.cause)
    }
}

impl std::error::Error for ReadError {}

impl ByteSource for [u8] {
    fn size(&self) -> u64 {
        self.len() as u64
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<(), ReadError> {
        let range = usize::try_from(offset).ok().and_then(|start| Some(start..start.checked_add(buffer.len())?));
        match range.and_then(|range| self.get(range)) {
            Some(bytes) => {
                buffer.copy_from_slice(bytes);
                Ok(())
            }
            None => Err(ReadError { offset, length: buffer.len() as u64, cause: "outside the file".to_owned() }),
        }
    }
}

impl ByteSource for Vec<u8> {
    fn size(&self) -> u64 {
        self.as_slice().size()
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<(), ReadError> {
        self.as_slice().read_at(offset, buffer)
    }
}
