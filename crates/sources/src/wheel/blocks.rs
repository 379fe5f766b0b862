//! Bytes in blocks that are kept for a while. The Python modules of a wheel are many, small and lie side by side: one by
//! one they would cost a request each.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use reader::{ByteSource, ReadError};

use super::SharedBytes;

/// The size of a block, in bytes.
const BLOCK: u64 = 256 << 10;
/// How many blocks are kept.
const KEPT: usize = 96;

/// Shared bytes, read by the block.
pub(crate) struct Blocks {
    inner: SharedBytes,
    kept: Mutex<BTreeMap<u64, Arc<Vec<u8>>>>,
}

impl Blocks {
    /// Nothing is read yet.
    pub(crate) fn new(inner: SharedBytes) -> Self {
        Self { inner, kept: Mutex::default() }
    }

    fn block(&self, number: u64) -> Result<Arc<Vec<u8>>, ReadError> {
        // Held while fetching: two modules of one block must not fetch it twice.
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(block) = kept.get(&number) {
            return Ok(Arc::clone(block));
        }
        let start = number.saturating_mul(BLOCK);
        let length = BLOCK.min(self.inner.size().saturating_sub(start));
        let mut bytes = vec![0; usize::try_from(length).unwrap_or(0)];
        self.inner.read_at(start, &mut bytes)?;
        let block = Arc::new(bytes);
        kept.insert(number, Arc::clone(&block));
        if kept.len() > KEPT {
            kept.pop_first();
        }
        Ok(block)
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

    use super::{BLOCK, Blocks};

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
