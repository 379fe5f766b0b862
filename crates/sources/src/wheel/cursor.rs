//! `Read + Seek` over bytes that are read by offset, with a read-ahead that grows while reading goes straight on:
//! small at first, so that a member that is dropped early costs little, then large, so that a long one over a network
//! costs few requests.

use std::io::{self, Read, Seek, SeekFrom};

use super::SharedBytes;

/// The first read-ahead, in bytes.
const FIRST_WINDOW: u64 = 16 << 10;
/// A stretch of this length is read at once: in parts it would cost more time than the bytes are worth.
const SHORT: u64 = 64 << 10;
/// The largest read-ahead, in bytes.
const LAST_WINDOW: u64 = 2 << 20;

/// A position in shared bytes.
#[derive(Clone)]
pub(crate) struct Cursor {
    bytes: SharedBytes,
    position: u64,
    /// Nothing is read at or after this offset, not even ahead.
    end: u64,
    buffer: Vec<u8>,
    buffer_start: u64,
    window: u64,
    /// Up to where somebody is known to read on; nothing much is read ahead after it.
    aim: u64,
    /// Up to where everything is going to be read.
    sure: u64,
}

impl Cursor {
    /// A cursor over everything.
    pub(crate) fn new(bytes: SharedBytes) -> Self {
        let end = bytes.size();
        Self::within(bytes, 0, end)
    }

    /// A cursor over `start..end` that stands at `start`.
    pub(crate) fn within(bytes: SharedBytes, start: u64, end: u64) -> Self {
        let end = end.min(bytes.size());
        let (buffer, buffer_start, window) = (Vec::new(), 0, FIRST_WINDOW);
        Self { bytes, position: start, end, buffer, buffer_start, window, aim: u64::MAX, sure: 0 }
    }

    /// The same cursor, keeping what it read ahead, with another end.
    pub(crate) fn ending_at(mut self, end: u64) -> Self {
        self.end = end.min(self.bytes.size());
        let keep = usize::try_from(self.end.saturating_sub(self.buffer_start)).unwrap_or(usize::MAX);
        self.buffer.truncate(keep);
        self
    }

    /// Says that about `length` bytes are going to be read from where the cursor stands, and perhaps no more.
    pub(crate) fn aim(&mut self, length: u64) {
        self.aim = self.position.saturating_add(length);
    }

    /// The same cursor, which reads up to its end in few parts, once somebody reads straight on or from its beginning:
    /// nothing of that is going to be left out.
    pub(crate) fn reading_to_its_end(mut self) -> Self {
        self.sure = self.end;
        self
    }

    /// Bytes of the buffer from the position on; empty when the position lies outside it.
    fn buffered(&self) -> &[u8] {
        let skip = self.position.checked_sub(self.buffer_start).and_then(|skip| usize::try_from(skip).ok());
        skip.and_then(|skip| self.buffer.get(skip..)).unwrap_or_default()
    }

    fn refill(&mut self) -> io::Result<()> {
        if self.position >= self.aim {
            // What was expected is over, and nobody knows how much follows.
            (self.aim, self.window) = (u64::MAX, FIRST_WINDOW);
        }
        let goes_on = self.buffer_start.saturating_add(self.buffer.len() as u64) == self.position;
        self.window = if goes_on { (self.window * 4).min(LAST_WINDOW) } else { FIRST_WINDOW };
        let rest = self.end.saturating_sub(self.position);
        let aimed = self.aim.saturating_sub(self.position).max(FIRST_WINDOW);
        // Who looks for something from the back leaves the buffer each time, and wants little.
        let straight = goes_on || self.buffer.is_empty();
        let sure = if straight { self.sure.saturating_sub(self.position).min(LAST_WINDOW) } else { 0 };
        let length = if rest <= SHORT { rest } else { self.window.min(aimed).max(sure).min(rest) };
        self.buffer.clear();
        self.buffer.resize(usize::try_from(length).unwrap_or(0), 0);
        self.buffer_start = self.position;
        let outcome = self.bytes.read_at(self.position, &mut self.buffer);
        if outcome.is_err() {
            self.buffer.clear();
        }
        outcome.map_err(io::Error::other)
    }
}

impl Read for Cursor {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.buffered().is_empty() && self.position < self.end && !out.is_empty() {
            self.refill()?;
        }
        let available = self.buffered();
        let count = available.len().min(out.len());
        if let (Some(to), Some(from)) = (out.get_mut(..count), available.get(..count)) {
            to.copy_from_slice(from);
        }
        self.position = self.position.saturating_add(count as u64);
        Ok(count)
    }
}

impl Seek for Cursor {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let target = match to {
            SeekFrom::Start(offset) => Some(offset),
            SeekFrom::End(delta) => self.bytes.size().checked_add_signed(delta),
            SeekFrom::Current(delta) => self.position.checked_add_signed(delta),
        };
        let before = || io::Error::new(io::ErrorKind::InvalidInput, "a position before the beginning");
        self.position = target.ok_or_else(before)?;
        Ok(self.position)
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Seek, SeekFrom};
    use std::sync::Arc;

    use testing::Counted;

    use super::Cursor;

    #[test]
    fn reads_what_lies_there_over_window_borders() {
        let all: Vec<u8> = (0..300_000_u32).map(|i| (i % 251) as u8).collect();
        let mut cursor = Cursor::new(Arc::new(all.clone()));
        let mut out = Vec::new();
        cursor.read_to_end(&mut out).expect("a vector can be read");
        assert_eq!(out, all);
        cursor.seek(SeekFrom::End(-5)).expect("inside");
        out.clear();
        cursor.read_to_end(&mut out).expect("a vector can be read");
        assert_eq!(out, all[299_995..]);
        assert!(cursor.seek(SeekFrom::Current(-300_001)).is_err());
    }

    #[test]
    fn what_goes_on_beyond_what_was_expected_is_read_in_growing_parts() {
        let asked = Arc::new(Counted::new(vec![7; 8 << 20]));
        let mut cursor = Cursor::new(asked.clone());
        cursor.aim(100_000);
        let mut out = Vec::new();
        cursor.read_to_end(&mut out).expect("a vector can be read");
        assert_eq!(out.len(), 8 << 20);
        let requests = asked.requests();
        assert!(requests < 20, "{requests}");
    }

    #[test]
    fn what_is_read_in_whole_is_asked_for_at_once() {
        let asked = Arc::new(Counted::new(vec![7; 1 << 20]));
        let mut cursor = Cursor::within(asked.clone(), 1000, 1 << 20).reading_to_its_end();
        cursor.read_to_end(&mut Vec::new()).expect("a vector can be read");
        assert_eq!((asked.requests(), asked.bytes()), (1, (1 << 20) - 1000));
    }

    #[test]
    fn who_looks_from_the_back_for_what_is_not_there_is_not_given_all_that_follows() {
        let asked = Arc::new(Counted::new(vec![7; 8 << 20]));
        let mut cursor = Cursor::new(asked.clone()).reading_to_its_end();
        for back in 1..100 {
            cursor.seek(SeekFrom::End(-back * 2048)).expect("inside");
            cursor.read_exact(&mut [0; 2048]).expect("inside");
        }
        assert!(asked.bytes() < 100 * (64 << 10), "{}", asked.bytes());
    }

    #[test]
    fn stays_inside_its_bounds() {
        let mut cursor = Cursor::within(Arc::new(vec![7_u8; 100]), 10, 20);
        let mut out = Vec::new();
        cursor.read_to_end(&mut out).expect("a vector can be read");
        assert_eq!(out.len(), 10);
    }
}
