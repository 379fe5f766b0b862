//! Bytes of which the end of a stretch was fetched out of turn: who reads on to there fetches it no second time.

use std::sync::{Mutex, MutexGuard, PoisonError};

use reader::{ByteSource, ReadError};

use super::SharedBytes;

/// Shared bytes, and what is kept of them.
pub(super) struct Ending {
    bytes: SharedBytes,
    kept: Mutex<Kept>,
}

/// A piece of the bytes, by where it begins.
#[derive(Default)]
struct Kept {
    start: u64,
    piece: Vec<u8>,
}

impl Ending {
    /// Nothing is kept yet.
    pub(super) fn new(bytes: SharedBytes) -> Self {
        Self { bytes, kept: Mutex::default() }
    }

    /// Runs `on` over the bytes from `start` to `end`, which stay kept. The end is the same each time.
    pub(super) fn with<T>(&self, start: u64, end: u64, on: impl FnOnce(&[u8]) -> T) -> Result<T, ReadError> {
        let mut kept = self.lock();
        let known = if kept.piece.is_empty() { end } else { kept.start };
        if start < known {
            let missing = known.saturating_sub(start);
            let mut piece = vec![0; usize::try_from(missing).unwrap_or(0)];
            self.bytes.read_at(start, &mut piece)?;
            piece.append(&mut kept.piece);
            *kept = Kept { start, piece };
        }
        let from = usize::try_from(start.saturating_sub(kept.start)).unwrap_or(usize::MAX);
        Ok(on(kept.piece.get(from..).unwrap_or_default()))
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ByteSource for Ending {
    fn size(&self) -> u64 {
        self.bytes.size()
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<(), ReadError> {
        let kept = self.lock();
        let kept_end = kept.start.saturating_add(kept.piece.len() as u64);
        let end = offset.saturating_add(buffer.len() as u64);
        if kept.piece.is_empty() || end <= kept.start || end > kept_end {
            return self.bytes.read_at(offset, buffer);
        }
        let before = usize::try_from(kept.start.saturating_sub(offset)).unwrap_or(usize::MAX).min(buffer.len());
        let (front, back) = buffer.split_at_mut(before);
        if !front.is_empty() {
            self.bytes.read_at(offset, front)?;
        }
        let from = usize::try_from(offset.saturating_sub(kept.start)).unwrap_or(usize::MAX);
        let there = from.checked_add(back.len()).and_then(|to| kept.piece.get(from..to));
        let length = back.len() as u64;
        let outside = || ReadError { offset, length, cause: "outside what is kept".to_owned() };
        back.copy_from_slice(there.ok_or_else(outside)?);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use reader::ByteSource;
    use testing::Counted;

    use super::Ending;

    #[test]
    fn nothing_is_fetched_twice() {
        let all: Vec<u8> = (0..1000_u32).map(|i| (i % 251) as u8).collect();
        let counted = Arc::new(Counted::new(all.clone()));
        let ending = Ending::new(counted.clone());
        assert!(ending.with(800, 900, |bytes| bytes == &all[800..900]).expect("inside"));
        assert!(ending.with(700, 900, |bytes| bytes == &all[700..900]).expect("inside"));
        assert!(ending.with(850, 900, |bytes| bytes == &all[850..900]).expect("inside"));
        for (from, to) in [(0, 100), (650, 750), (720, 880), (860, 950), (0, 1000)] {
            let mut some = vec![0; to - from];
            ending.read_at(from as u64, &mut some).expect("inside");
            assert_eq!(some, all[from..to], "{from} to {to}");
        }
        assert_eq!(counted.bytes(), 200 + 100 + 50 + 90 + 1000);
    }
}
