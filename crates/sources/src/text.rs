//! A text file of any length, piece by piece.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};

/// The file could not be read.
#[derive(Debug, thiserror::Error)]
#[error("`{}` cannot be read", path.display())]
pub struct TextError {
    /// The file.
    pub path: PathBuf,
    /// What the system says.
    #[source]
    pub source: io::Error,
}

/// Hands every piece of a file to `take`, in order.
///
/// # Errors
/// When the file cannot be opened or read to its end.
pub fn pieces(path: &Path, take: impl FnMut(&[u8])) -> Result<(), TextError> {
    let failed = |source| TextError { path: path.to_owned(), source };
    let file = File::open(path).map_err(failed)?;
    pieces_of(file, take).map_err(|source| TextError { path: path.to_owned(), source })
}

/// Hands every piece of a stream, such as standard input, to `take`, in order.
///
/// # Errors
/// When the stream cannot be read to its end.
pub fn pieces_of(mut stream: impl Read, mut take: impl FnMut(&[u8])) -> io::Result<()> {
    let mut buffer = vec![0; 64 * 1024];
    loop {
        match stream.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(length) => take(buffer.get(..length).unwrap_or_default()),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    #[test]
    fn every_byte_comes_once() {
        let mut length = 0;
        super::pieces_of(std::io::repeat(b'x').take(200_000), |piece| length += piece.len()).expect("it can be read");
        assert_eq!(length, 200_000);
    }

    #[test]
    fn a_file_that_is_not_there_is_named() {
        let error = super::pieces("/no/such/file".as_ref(), |_| {}).expect_err("it is not there");
        assert_eq!(error.to_string(), "`/no/such/file` cannot be read");
    }
}
