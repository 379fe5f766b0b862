//! A deflated member while it is read: inflated from its beginning as far as somebody reads, and at its end by itself where
//! that saves much of what lies between.

use std::io::Read;
use std::sync::Arc;

use flate2::read::DeflateDecoder;

use super::cursor::Cursor;
use super::ending::Ending;
use super::limits::Budget;
use super::tail::inflate_end;

/// How many bytes are inflated at a time: at first few, since headers alone tell enough of many a library.
const FIRST_STEP: usize = 4 << 10;
const STEP: usize = 64 << 10;
/// An end is read by itself where this many compressed bytes need not be read for it.
const WORTH: u64 = 128 << 10;
/// What is read of an end at first beside what its size lets expect: room for a block to be found in.
const ROOM: u64 = 48 << 10;
/// The first try for an end reads no more than this beside that room.
const FIRST: u64 = 208 << 10;
/// How many times better an end may be compressed than the whole: an end that would cost more than what lies ahead even
/// then is not tried.
const BETTER: u64 = 8;
/// The longest tail, in compressed bytes, that counts as near.
const NEAR: u64 = 2 << 20;
/// By how much more than asked for may come out of an end, three times of that aside.
const SPARE: usize = 32 << 20;

/// Where a deflated member lies.
pub(super) struct Stretch {
    /// The archive.
    pub(super) bytes: Arc<Ending>,
    /// The first compressed byte.
    pub(super) start: u64,
    /// How many there are.
    pub(super) compressed: u64,
    /// What they inflate to, as the directory says.
    pub(super) size: usize,
    /// The checksum of that.
    pub(super) checksum: u32,
}

/// A deflated member, as far as it was inflated.
pub(super) struct Inflating {
    stretch: Stretch,
    decoder: DeflateDecoder<Cursor>,
    prefix: Vec<u8>,
    /// The last bytes, as far as they are known.
    tail: Vec<u8>,
    /// How many compressed bytes of the end are kept.
    kept: u64,
    /// Whether there is no memory for a longer tail.
    no_longer: bool,
    checksum: crc32fast::Hasher,
    budget: Budget,
    verified: Option<bool>,
    failed: Option<String>,
}

impl Inflating {
    /// Nothing is inflated yet. `cursor` stands at the first compressed byte.
    pub(super) fn new(stretch: Stretch, cursor: Cursor, budget: &Budget) -> Self {
        Self {
            stretch,
            decoder: DeflateDecoder::new(cursor),
            prefix: Vec::new(),
            tail: Vec::new(),
            kept: 0,
            no_longer: false,
            checksum: crc32fast::Hasher::new(),
            budget: budget.clone(),
            verified: None,
            failed: None,
        }
    }

    /// Whether the checksum was right; `None` while the end was not reached.
    pub(super) fn verified(&self) -> Option<bool> {
        self.verified
    }

    /// Why bytes could not be had.
    pub(super) fn failed(&self) -> Option<String> {
        self.failed.clone()
    }

    /// How many bytes were inflated from the beginning.
    pub(super) fn inflated(&self) -> u64 {
        self.prefix.len() as u64
    }

    /// Copies the inflated bytes from `offset` to `end`, which lies inside the member.
    pub(super) fn copy(&mut self, offset: u64, end: u64, buffer: &mut [u8]) -> Result<(), String> {
        let too_large = |_| "too large for this machine".to_owned();
        let (from, to) = (usize::try_from(offset).map_err(too_large)?, usize::try_from(end).map_err(too_large)?);
        if from > self.prefix.len() && self.reaches(from, to, u64::MAX) {
            let bytes = from.checked_sub(self.tail_start()).and_then(|from| self.tail.get(from..));
            let bytes = bytes.and_then(|bytes| bytes.get(..buffer.len())).ok_or("outside what was inflated")?;
            buffer.copy_from_slice(bytes);
            return Ok(());
        }
        self.advance(to)?;
        let bytes = self.prefix.get(from..to).ok_or("outside what was inflated")?;
        buffer.copy_from_slice(bytes);
        Ok(())
    }

    /// Inflates the whole of it, which verifies its checksum.
    pub(super) fn finish(&mut self) -> Result<(), String> {
        self.advance(self.stretch.size)
    }

    fn tail_start(&self) -> usize {
        self.stretch.size.saturating_sub(self.tail.len())
    }

    /// Whether the bytes from `offset` to `end` cost little: they are known, follow shortly, or lie in a short tail.
    pub(super) fn is_near(&mut self, offset: u64, end: u64) -> bool {
        let position = |at: u64| usize::try_from(at).unwrap_or(usize::MAX).min(self.stretch.size);
        let (from, to) = (position(offset), position(end));
        let usual = self.expected(self.stretch.size.saturating_sub(from)).saturating_add(FIRST).saturating_add(ROOM);
        self.ahead(to) <= WORTH || self.reaches(from, to, usual.min(NEAR))
    }

    /// How many compressed bytes are still to be read before those up to `to` are known, if nothing is read out of turn.
    fn ahead(&self, to: usize) -> u64 {
        self.expected(to).saturating_sub(self.expected(self.prefix.len()))
    }

    /// Whether the tail holds the bytes from `from` to `to`; makes it longer where that spares reading what lies before, with at
    /// most `most` compressed bytes. Begins small, since tables of names are compressed far better than the code before
    /// them.
    fn reaches(&mut self, from: usize, to: usize, most: u64) -> bool {
        let behind = self.stretch.size.saturating_sub(from);
        let hopeless = self.expected(behind) / BETTER > self.ahead(to);
        let mut wanted = self.expected(behind).min(FIRST).saturating_add(ROOM).max(self.next(behind));
        loop {
            if !self.tail.is_empty() && self.tail.len() >= behind {
                return true;
            }
            if hopeless || self.no_longer || wanted > most || wanted.saturating_add(WORTH) > self.ahead(to) {
                return false;
            }
            self.lengthen(wanted, behind);
            wanted = self.next(behind);
        }
    }

    /// How many compressed bytes to try next for a tail of `behind` bytes: as many as the last try lets expect, but not
    /// more than three times its number.
    fn next(&self, behind: usize) -> u64 {
        let scaled = u128::from(self.kept).saturating_mul(behind as u128) / self.tail.len().max(1) as u128;
        let scaled = u64::try_from(scaled).unwrap_or(u64::MAX);
        let most = self.kept.saturating_mul(3);
        scaled.saturating_add(scaled / 8).clamp(self.kept.saturating_add(self.kept / 4), most)
    }

    /// How many compressed bytes so many inflated ones come from, on the average.
    fn expected(&self, inflated: usize) -> u64 {
        let part = (inflated as u128).saturating_mul(self.stretch.compressed.into()) / self.stretch.size.max(1) as u128;
        u64::try_from(part).unwrap_or(u64::MAX)
    }

    /// Tries to know what the last `wanted` compressed bytes inflate to.
    fn lengthen(&mut self, wanted: u64, behind: usize) {
        let Stretch { bytes, start, compressed, size, .. } = &self.stretch;
        let end = start.saturating_add(*compressed);
        let most = (*size).min(behind.saturating_mul(3).saturating_add(SPARE));
        // It is inflated twice, for two pasts.
        let held = (most as u64).saturating_mul(2);
        let more = wanted.saturating_sub(self.kept);
        if !self.budget.take(held.saturating_add(more)) {
            self.no_longer = true;
            return;
        }
        // A failure to fetch it shows again, and is told, where the member is read from its beginning.
        let inflated = bytes.with(end.saturating_sub(wanted), end, |bytes| inflate_end(bytes, most));
        let had = std::mem::replace(&mut self.tail, inflated.ok().flatten().unwrap_or_default());
        self.kept = self.kept.max(wanted);
        self.budget.give_back(held.saturating_sub(self.tail.len() as u64).saturating_add(had.len() as u64));
    }

    fn advance(&mut self, end: usize) -> Result<(), String> {
        while self.prefix.len() < end {
            if let Some(cause) = &self.failed {
                return Err(cause.clone());
            }
            let outcome = self.step();
            self.failed = outcome.err();
        }
        self.failed.clone().map_or(Ok(()), Err)
    }

    fn step(&mut self) -> Result<(), String> {
        let had = self.prefix.len();
        let length = had.clamp(FIRST_STEP, STEP).min(self.stretch.size.saturating_sub(had));
        if !self.budget.take(length as u64) {
            return Err(format!("more than {} bytes would be held in memory", self.budget.limit()));
        }
        self.prefix.resize(had.saturating_add(length), 0);
        let outcome = self.decoder.read_exact(self.prefix.get_mut(had..).unwrap_or_default());
        if let Err(error) = outcome {
            self.prefix.truncate(had);
            self.budget.give_back(length as u64);
            return Err(inflate_cause(&error));
        }
        self.checksum.update(self.prefix.get(had..).unwrap_or_default());
        if self.prefix.len() == self.stretch.size { self.verify() } else { Ok(()) }
    }

    fn verify(&mut self) -> Result<(), String> {
        let longer = self.decoder.read(&mut [0_u8]).map_err(|error| inflate_cause(&error))? > 0;
        let right = self.checksum.clone().finalize() == self.stretch.checksum && !longer;
        self.verified = Some(right);
        match (longer, right) {
            (true, _) => Err("it is longer than the directory says".to_owned()),
            (false, false) => Err("its checksum is wrong".to_owned()),
            (false, true) => Ok(()),
        }
    }
}

fn inflate_cause(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::UnexpectedEof => "its bytes end too early".to_owned(),
        _ => error.to_string(),
    }
}

impl Drop for Inflating {
    fn drop(&mut self) {
        let inflated = self.prefix.len().saturating_add(self.tail.len());
        self.budget.give_back((inflated as u64).saturating_add(self.kept));
    }
}
