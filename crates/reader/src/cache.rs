//! Hands lazily read bytes to the `object` crate: every range is read once and kept until the file is done.

use object::read::{ReadCache, ReadCacheOps, ReadCacheRange, ReadRef};

use crate::ByteSource;

/// How many bytes may be read of one file, over all ranges, beside its own size: a lying file can make a parser ask for
/// the same bytes at many offsets.
const SLACK: u64 = 64 << 20;

/// Bytes of one file, or of one slice of it, read on demand and kept.
pub(crate) type Data<'d> = ReadCacheRange<'d, Budgeted<'d>>;

/// What holds on to the bytes that were read.
pub(crate) type Cache<'s> = ReadCache<Budgeted<'s>>;

/// A source with a position, as `object` wants it, and a limit on how much may be read.
pub(crate) struct Budgeted<'s> {
    source: &'s dyn ByteSource,
    position: u64,
    left: u64,
}

/// Wraps a source for parsing.
pub(crate) fn cached(source: &dyn ByteSource) -> Cache<'_> {
    let left = source.size().saturating_mul(2).saturating_add(SLACK);
    ReadCache::new(Budgeted { source, position: 0, left })
}

/// The whole file.
pub(crate) fn whole<'d>(cache: &'d Cache<'d>) -> Data<'d> {
    cache.range(0, cache.len().unwrap_or(0))
}

impl ReadCacheOps for Budgeted<'_> {
    fn len(&mut self) -> Result<u64, ()> {
        Ok(self.source.size())
    }

    fn seek(&mut self, position: u64) -> Result<u64, ()> {
        self.position = position;
        Ok(position)
    }

    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, ()> {
        let rest = self.source.size().saturating_sub(self.position);
        let wanted = buffer.len().min(usize::try_from(rest).unwrap_or(usize::MAX));
        self.read_exact(buffer.get_mut(..wanted).ok_or(())?)?;
        Ok(wanted)
    }

    fn read_exact(&mut self, buffer: &mut [u8]) -> Result<(), ()> {
        let length = buffer.len() as u64;
        self.left = self.left.checked_sub(length).ok_or(())?;
        self.source.read_at(self.position, buffer).map_err(|_| ())?;
        self.position = self.position.checked_add(length).ok_or(())?;
        Ok(())
    }
}
