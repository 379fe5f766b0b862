//! A deflated member while it is read: inflated from its beginning as far as somebody reads, and at its end by itself where
//! that saves much of what lies between.

use std::io::Read;
use std::sync::Arc;

use flate2::read::DeflateDecoder;

use super::cursor::Cursor;
use super::ending::Ending;
use super::limits::Budget;
use super::tail::{MISLED, Tail, inflate_end};

/// How many bytes are inflated at a time: at first few, since headers alone tell enough of many a library.
const FIRST_STEP: usize = 4 << 10;
const STEP: usize = 64 << 10;
/// An end is read by itself where this many compressed bytes need not be read for it, and a fourth of them all.
const WORTH: u64 = 64 << 10;
/// What is read of an end at first beside what its size lets expect: room for a block to be found in.
const ROOM: u64 = 24 << 10;
/// The first try for an end reads no more than this beside that room.
const FIRST: u64 = 208 << 10;
/// How many times better an end may be compressed than the whole: an end that would cost more than what lies ahead even
/// then is not tried.
const BETTER: u64 = 8;
/// By how many compressed bytes a tail that reaches far enough, and yet does not know the bytes in question, is made
/// longer: some bytes, most of all zeros, are repetitions of repetitions up to the beginning of the file.
const IN_VAIN: u64 = 1 << 20;
/// By how much more than asked for may come out of an end, three times of that aside.
const SPARE: usize = 32 << 20;
/// A stream can be made so that another one can be found at its end.
const TWO_WAYS: &str = "its end can be inflated in two ways";

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
    tail: Tail,
    /// How many compressed bytes of the end are kept.
    kept: u64,
    /// The longest tail to try, in compressed bytes.
    longest: u64,
    /// From how many places the end was inflated in vain.
    vain: usize,
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
            tail: Tail::default(),
            kept: 0,
            longest: u64::MAX,
            vain: 0,
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
        if from > self.prefix.len() {
            self.lengthen_to(from, to, u64::MAX);
            if self.failed.is_none()
                && let Some(bytes) = self.known(from, to)
            {
                buffer.copy_from_slice(bytes);
                return Ok(());
            }
        }
        self.advance(to)?;
        let bytes = self.prefix.get(from..to).ok_or("outside what was inflated")?;
        buffer.copy_from_slice(bytes);
        Ok(())
    }

    /// Inflates the rest of it, which verifies its checksum, and that its end is what was given for it before: why bytes
    /// could not be had, or are wrong.
    pub(super) fn finish(mut self) -> Option<String> {
        if self.failed.is_none() {
            self.failed = self.verify_rest().err();
        }
        self.failed.take()
    }

    fn verify_rest(&mut self) -> Result<(), String> {
        let (mut at, begin) = (self.prefix.len(), self.tail_start());
        let mut agrees = self.tail.agrees(0, self.prefix.get(begin..).unwrap_or_default());
        self.decoder.get_mut().aim(u64::MAX);
        let mut piece = vec![0; STEP];
        while at < self.stretch.size {
            let part = piece.get_mut(..self.stretch.size.saturating_sub(at).min(STEP)).unwrap_or_default();
            self.decoder.read_exact(part).map_err(|error| inflate_cause(&error))?;
            self.checksum.update(part);
            let in_tail = part.get(begin.saturating_sub(at)..).unwrap_or_default();
            agrees &= self.tail.agrees(at.saturating_sub(begin), in_tail);
            at = at.saturating_add(part.len());
        }
        if !agrees {
            return Err(TWO_WAYS.to_owned());
        }
        if self.verified.is_none() { self.verify() } else { Ok(()) }
    }

    fn tail_start(&self) -> usize {
        self.stretch.size.saturating_sub(self.tail.len())
    }

    /// The bytes from `from` to `to`, if the tail knows all of them.
    fn known(&self, from: usize, to: usize) -> Option<&[u8]> {
        let begin = self.tail_start();
        self.tail.known(from.checked_sub(begin)?..to.checked_sub(begin)?)
    }

    /// Whether the bytes from `offset` to `end` can be known with no more than about `within` compressed ones. Tries it
    /// where they lie at the end.
    pub(super) fn is_near(&mut self, offset: u64, end: u64, within: u64) -> bool {
        let position = |at: u64| usize::try_from(at).unwrap_or(usize::MAX).min(self.stretch.size);
        let (from, to) = (position(offset), position(end));
        if self.ahead(to) <= within.min(WORTH) {
            return true;
        }
        self.lengthen_to(from, to, within);
        self.known(from, to).is_some()
    }

    /// How many compressed bytes are still to be read before those up to `to` are known, if nothing is read out of turn.
    fn ahead(&self, to: usize) -> u64 {
        self.expected(to).saturating_sub(self.expected(self.prefix.len()))
    }

    /// Makes the tail longer until it knows the bytes from `from` to `to`, as far as that spares reading what lies before,
    /// and to no more than `most` compressed bytes. Begins small, since tables of names are compressed far better than the
    /// code before them.
    fn lengthen_to(&mut self, from: usize, to: usize, most: u64) {
        let (behind, ahead) = (self.stretch.size.saturating_sub(from), self.ahead(to));
        if self.expected(behind) / BETTER > ahead {
            return;
        }
        let most = most.min(ahead.saturating_sub(WORTH.max(ahead / 4)));
        let mut wanted = self.expected(behind).min(FIRST).saturating_add(ROOM).max(self.next(behind));
        while self.known(from, to).is_none() && wanted <= most.min(self.longest) {
            self.lengthen(wanted, behind);
            if self.tail.len() >= behind && self.known(from, to).is_none() {
                self.longest = self.longest.min(self.kept.saturating_add(IN_VAIN));
            }
            wanted = self.next(behind);
        }
    }

    /// How many compressed bytes to try next for a tail of `behind` bytes: as many as the last try lets expect, but not
    /// more than three times its number.
    fn next(&self, behind: usize) -> u64 {
        if self.tail.len() == 0 {
            return self.kept.saturating_add(self.kept / 2);
        }
        let scaled = u128::from(self.kept).saturating_mul(behind as u128) / self.tail.len() as u128;
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
            // There is no memory for it.
            self.longest = 0;
            return;
        }
        // What was there before is not searched again.
        let new = usize::try_from(more).unwrap_or(usize::MAX);
        let vain = &mut self.vain;
        let search = |bytes: &[u8]| inflate_end(bytes, new, most, vain);
        let Ok(inflated) = bytes.with(end.saturating_sub(wanted), end, search) else {
            // The failure shows again, and is told, where the member is read from its beginning.
            self.longest = 0;
            self.budget.give_back(held.saturating_add(more));
            return;
        };
        self.kept = self.kept.max(wanted);
        let before = self.tail.held();
        if let Some(longer) = inflated {
            if !longer.confirms(&self.tail) {
                self.failed = Some(TWO_WAYS.to_owned());
            }
            self.tail = longer;
        }
        if self.vain >= MISLED {
            self.longest = 0;
        }
        self.budget.give_back(before.saturating_add(held).saturating_sub(self.tail.held()));
    }

    fn advance(&mut self, end: usize) -> Result<(), String> {
        let ahead = self.ahead(end);
        self.decoder.get_mut().aim(ahead.saturating_add(ahead / 4));
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
        let prefix = self.prefix.len() as u64;
        self.budget.give_back(prefix.saturating_add(self.tail.held()).saturating_add(self.kept));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use flate2::{Compress, Compression, FlushCompress};

    use super::super::SharedBytes;
    use super::super::samples::{deflated, text};
    use super::{Cursor, Ending, Inflating, Stretch};
    use crate::wheel::Budget;

    /// Bytes as they are, in blocks that are not the last.
    fn stored(bytes: &[u8]) -> Vec<u8> {
        let block = |piece: &[u8]| {
            let length = u16::try_from(piece.len()).expect("short");
            [&[0], &length.to_le_bytes()[..], &(!length).to_le_bytes(), piece].concat()
        };
        bytes.chunks(60_000).flat_map(block).collect()
    }

    fn member(stream: Vec<u8>, all: &[u8]) -> Inflating {
        let (compressed, bytes): (u64, SharedBytes) = (stream.len() as u64, Arc::new(stream));
        let ending = Arc::new(Ending::new(bytes));
        let shared: SharedBytes = ending.clone();
        let checksum = crc32fast::hash(all);
        let stretch = Stretch { bytes: ending, start: 0, compressed, size: all.len(), checksum };
        Inflating::new(stretch, Cursor::new(shared), &Budget::new(1 << 30))
    }

    /// A block that stands as it is holds the beginning of another stream, which goes on with the blocks after it.
    #[test]
    fn an_end_that_can_be_inflated_in_two_ways_is_told() {
        let (front, hidden, rest) = (text(600_000, 1), text(40_000, 2), text(60_000, 3));
        let mut flushed = Vec::with_capacity(200_000);
        let mut compressor = Compress::new(Compression::best(), false);
        compressor.compress_vec(&hidden, &mut flushed, FlushCompress::Sync).expect("memory takes everything");
        let end = deflated(&rest, 9);
        for (middle, trap) in [(text(flushed.len(), 4), false), (flushed, true)] {
            let all = [front.as_slice(), &middle, &rest].concat();
            let mut member = member([stored(&front), stored(&middle), end.clone()].concat(), &all);
            let from = all.len() - rest.len() - 1000;
            let mut some = [0; 500];
            member.copy(from as u64, from as u64 + 500, &mut some).expect("inside");
            assert_eq!(some != all[from..from + 500], trap, "the other way was gone");
            assert_eq!(member.finish().as_deref(), trap.then_some(super::TWO_WAYS));
        }
    }

    /// What was given before was the other way, and the whole would agree with the longer end.
    #[test]
    fn a_longer_end_that_says_otherwise_than_a_shorter_one_is_told() {
        let mut flushed = Vec::with_capacity(200_000);
        let mut compressor = Compress::new(Compression::best(), false);
        compressor.compress_vec(&text(40_000, 2), &mut flushed, FlushCompress::Sync).expect("memory takes everything");
        let (front, middle, rest) = (text(600_000, 1), text(300_000, 3), text(60_000, 4));
        let mut before = Vec::with_capacity(400_000);
        let mut compressor = Compress::new(Compression::best(), false);
        compressor.compress_vec(&middle, &mut before, FlushCompress::Full).expect("memory takes everything");
        let all = [front.as_slice(), &middle, &flushed, &rest].concat();
        let mut member = member([stored(&front), before, stored(&flushed), deflated(&rest, 9)].concat(), &all);
        let mut some = [0; 20];
        let hidden = all.len() - rest.len() - 1000;
        member.copy(hidden as u64, hidden as u64 + 20, &mut some).expect("inside");
        assert_ne!(some, all[hidden..hidden + 20], "the other way was gone");
        let before = (front.len() + middle.len() - 50_000) as u64;
        assert!(member.copy(before, before + 20, &mut some).is_err());
        assert_eq!(member.finish().as_deref(), Some(super::TWO_WAYS));
    }

    /// Other streams stand in blocks as they are, and their ends lead nowhere.
    #[test]
    fn an_end_that_was_made_to_mislead_is_not_looked_for_again() {
        let decoys: Vec<u8> =
            (1..12).flat_map(|seed| [deflated(&text(140_000, seed), 9), vec![0; 64]].concat()).collect();
        let (front, rest) = (text(1 << 20, 50), text(60_000, 51));
        let all = [front.as_slice(), &decoys, &rest].concat();
        let mut member = member([stored(&front), stored(&decoys), deflated(&rest, 9)].concat(), &all);
        let from = all.len() - rest.len() - 100;
        let mut some = [0; 50];
        member.copy(from as u64, from as u64 + 50, &mut some).expect("inside");
        assert_eq!(some, all[from..from + 50]);
        assert_eq!(member.longest, 0);
    }

    #[test]
    fn an_end_that_was_read_by_itself_agrees_with_the_whole() {
        let all = [text(900_000, 1), text(900_000, 1)].concat();
        let mut member = member(deflated(&all, 9), &all);
        let mut some = [0; 100];
        member.copy(all.len() as u64 - 100, all.len() as u64, &mut some).expect("inside");
        assert_eq!(some, all[all.len() - 100..]);
        assert!(member.tail.len() > 0 && member.prefix.is_empty(), "it was read by itself");
        member.copy(0, 100, &mut some).expect("inside");
        assert_eq!(member.finish(), None);
    }
}
