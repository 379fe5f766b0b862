//! Bytes in blocks that are kept for a while. The Python modules of a wheel are many, small and lie side by side: one by
//! one they would cost a request each.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use reader::{ByteSource, ReadError};

use super::SharedBytes;

/// The size of a block, in bytes.
const BLOCK: u64 = 256 << 10;
/// How many blocks are kept.
const KEPT: usize = 96;
/// How many blocks that lie side by side are read at once.
const SIDE_BY_SIDE: usize = 4;
/// How many stretches are read at the same time.
const AT_ONCE: usize = 8;

type Block = Arc<Vec<u8>>;

/// Shared bytes, read by the block.
pub(crate) struct Blocks {
    inner: SharedBytes,
    kept: Mutex<BTreeMap<u64, Block>>,
}

impl Blocks {
    /// Nothing is read yet.
    pub(crate) fn new(inner: SharedBytes) -> Self {
        Self { inner, kept: Mutex::default() }
    }

    /// Reads the blocks that these ranges lie in, several at the same time, as many as are kept. What cannot be read fails
    /// when somebody asks for it.
    pub(crate) fn prepare(&self, ranges: &[Range<u64>]) {
        let size = self.inner.size();
        let blocks = |range: &Range<u64>| range.start / BLOCK..range.end.min(size).div_ceil(BLOCK);
        let numbers: BTreeSet<u64> = ranges.iter().flat_map(blocks).collect();
        let missing: Vec<u64> = {
            let kept = self.lock();
            numbers.into_iter().take(KEPT).filter(|number| !kept.contains_key(number)).collect()
        };
        let next = |a: &u64, b: &u64| a.checked_add(1) == Some(*b);
        let stretches: Vec<&[u64]> =
            missing.chunk_by(next).flat_map(|together| together.chunks(SIDE_BY_SIDE)).collect();
        let each = stretches.len().div_ceil(AT_ONCE).max(1);
        std::thread::scope(|scope| {
            for some in stretches.chunks(each) {
                scope.spawn(move || some.iter().filter_map(|numbers| self.read(numbers).ok()).count());
            }
        });
    }

    fn read(&self, numbers: &[u64]) -> Result<(), ReadError> {
        let blocks = self.fetch(numbers.first().copied().unwrap_or(0), numbers.len())?;
        self.lock().extend(numbers.iter().copied().zip(blocks));
        Ok(())
    }

    fn block(&self, number: u64) -> Result<Block, ReadError> {
        // Held while fetching: two modules of one block must not fetch it twice.
        let mut kept = self.lock();
        if let Some(block) = kept.get(&number) {
            return Ok(Arc::clone(block));
        }
        let block = self.fetch(number, 1)?.pop().unwrap_or_default();
        kept.insert(number, Arc::clone(&block));
        if kept.len() > KEPT {
            kept.pop_first();
        }
        Ok(block)
    }

    /// So many blocks from the first on, in one read.
    fn fetch(&self, first: u64, count: usize) -> Result<Vec<Block>, ReadError> {
        let start = first.saturating_mul(BLOCK);
        let length = BLOCK.saturating_mul(count as u64).min(self.inner.size().saturating_sub(start));
        let mut bytes = vec![0; usize::try_from(length).unwrap_or(0)];
        self.inner.read_at(start, &mut bytes)?;
        let block = usize::try_from(BLOCK).unwrap_or(usize::MAX);
        Ok(bytes.chunks(block).map(|block| Arc::new(block.to_vec())).collect())
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<u64, Block>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ByteSource for Blocks {
    fn size(&self) -> u64 {
        self.inner.size()
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<(), ReadError> {
        let length = buffer.len() as u64;
        let outside = || ReadError { offset, length, cause: "outside the file".to_owned() };
        let mut done = 0;
        while done < buffer.len() {
            let at = offset.checked_add(done as u64).ok_or_else(outside)?;
            let block = self.block(at / BLOCK)?;
            let from = usize::try_from(at % BLOCK).unwrap_or(0);
            let bytes = block.get(from..).filter(|bytes| !bytes.is_empty()).ok_or_else(outside)?;
            let count = bytes.len().min(buffer.len().saturating_sub(done));
            if let (Some(to), Some(bytes)) = (buffer.get_mut(done..done.saturating_add(count)), bytes.get(..count)) {
                to.copy_from_slice(bytes);
            }
            done = done.saturating_add(count);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use reader::ByteSource;
    use testing::Counted;

    use super::{BLOCK, Blocks};

    #[test]
    fn what_was_prepared_is_read_in_few_parts_and_no_second_time() {
        let all: Vec<u8> = (0..BLOCK * 7 + 10).map(|i| (i % 251) as u8).collect();
        let counted = Arc::new(Counted::new(all.clone()));
        let blocks = Blocks::new(counted.clone());
        let ranges = [10..20, BLOCK - 5..BLOCK + 5, BLOCK * 3..BLOCK * 4, BLOCK * 7..BLOCK * 7 + 10];
        blocks.prepare(&ranges);
        assert_eq!((counted.requests(), counted.bytes()), (3, BLOCK * 3 + 10));
        for range in ranges {
            let mut some = vec![0; (range.end - range.start) as usize];
            blocks.read_at(range.start, &mut some).expect("inside");
            assert_eq!(some, all[range.start as usize..range.end as usize]);
        }
        let many = (0..1000).map(|at| at..at + 1);
        let beyond = [BLOCK * 5..u64::MAX, BLOCK * 20..BLOCK * 21];
        blocks.prepare(&many.chain(beyond).collect::<Vec<_>>());
        assert_eq!(counted.bytes(), BLOCK * 5 + 10);
    }

    #[test]
    fn reads_over_borders_and_not_beyond_the_end() {
        let all: Vec<u8> = (0..BLOCK * 2 + 10).map(|i| (i % 251) as u8).collect();
        let blocks = Blocks::new(Arc::new(all.clone()));
        let mut some = vec![0; BLOCK as usize];
        blocks.read_at(BLOCK / 2, &mut some).expect("inside");
        assert_eq!(some, all[(BLOCK / 2) as usize..(BLOCK / 2 + BLOCK) as usize]);
        assert!(blocks.read_at(BLOCK * 2 + 5, &mut [0; 6]).is_err());
        assert!(blocks.read_at(u64::MAX, &mut [0; 6]).is_err());
    }
}
