//! The end of a deflated stream, inflated without what comes before it. The tables that tell most of a library lie at its
//! end, and a stream can otherwise be inflated from its beginning alone.
//!
//! A deflated stream is a chain of blocks, each of which may repeat any of the 32 KiB before it. So a place is looked for
//! at which a block can begin and from which the chain leads to the very end of the stream. From there it is inflated twice,
//! after two pasts that have no byte in common: what comes out alike does not hang on the past, and is known. What does is
//! not, and holes are left where repetitions of it, and of those, lie.

use std::ops::Range;

use flate2::{Decompress, FlushDecompress, Status};

/// How far back a block may look, in bytes.
const WINDOW: usize = 32 << 10;
/// How much is inflated to see whether a block begins at a place, in bytes: most places are none, and little shows it.
const TRIED: [usize; 2] = [1 << 10, 64 << 10];
/// How much comes out at a time, in bytes.
const STEP: usize = 256 << 10;
/// Where the first place is looked for, in compressed bytes: more than the largest blocks that compressors make.
const SEARCHED: usize = 1 << 20;
/// How many places are tried: bytes that were made to mislead must not cost without end.
const PLACES: usize = 16 << 10;
/// From how many places of one stream everything is inflated in vain before it is held to be made to mislead.
pub(super) const MISLED: usize = 8;

/// How much four lengths of codes, of three bits each, use up of the 128 patterns that the longest can have.
const USED: [u16; 1 << 12] = used();

const fn used() -> [u16; 1 << 12] {
    let mut table = [0; 1 << 12];
    let mut four = 0;
    while four < table.len() {
        let mut index = 0;
        while index < 4 {
            let length = four >> (3 * index) & 7;
            table[four] += if length > 0 { 128 >> length } else { 0 };
            index += 1;
        }
        four += 1;
    }
    table
}

/// The last bytes of a stream: what they are after one past, and after another.
#[derive(Default)]
pub(super) struct Tail {
    one: Vec<u8>,
    /// Ends where the past no longer matters: all that follows is the same.
    other: Vec<u8>,
}

impl Tail {
    /// How many bytes it spans, known or not.
    pub(super) fn len(&self) -> usize {
        self.one.len()
    }

    /// How many bytes of memory it takes.
    pub(super) fn held(&self) -> u64 {
        (self.one.len() as u64).saturating_add(self.other.len() as u64)
    }

    /// Whether nothing that is known says otherwise than `bytes`, which stand from `at` on, counted from its beginning.
    pub(super) fn agrees(&self, at: usize, bytes: &[u8]) -> bool {
        let [one, other] = [&self.one, &self.other].map(|version| version.get(at..).unwrap_or_default());
        let (unsure, sure) = bytes.split_at(other.len().min(bytes.len()));
        let same = one.get(unsure.len()..).unwrap_or_default();
        unsure.iter().zip(one).zip(other).all(|((byte, one), other)| one != other || one == byte)
            && (same.starts_with(sure) || sure.starts_with(same))
    }

    /// Whether all that is known of a shorter one is known here, and the same.
    pub(super) fn confirms(&self, shorter: &Self) -> bool {
        let Some(skip) = self.len().checked_sub(shorter.len()) else { return false };
        shorter.agrees(0, self.one.get(skip..).unwrap_or_default())
            && shorter.agrees(0, self.other.get(skip..).unwrap_or_default())
    }

    /// The bytes of a range, which counts from the tail's beginning; `None` where one of them is not known.
    pub(super) fn known(&self, range: Range<usize>) -> Option<&[u8]> {
        let bytes = self.one.get(range.clone())?;
        let unsure = self.other.get(range.start..range.end.min(self.other.len())).unwrap_or_default();
        bytes.starts_with(unsure).then_some(bytes)
    }
}

/// The last bytes of a stream, inflated from the first block that begins in the first `new` bytes of `end`, its last
/// compressed bytes; `most` is the most that may come out of them. `None` where no block begins there. `vain` counts the
/// places of this stream that promised much and led nowhere; [`MISLED`] of them are enough.
pub(super) fn inflate_end(end: &[u8], new: usize, most: usize, vain: &mut usize) -> Option<Tail> {
    let pasts = [past(0x00), past(0xff)];
    let mut state = Decompress::new(false);
    let places = (0..end.len().min(new).min(SEARCHED)).flat_map(|byte| beginnings(end, byte)).take(PLACES);
    for (byte, bit) in places {
        let Some((&first, rest)) = end.get(byte..).and_then(<[u8]>::split_first) else { break };
        let lead = lead_to(bit, first);
        let begins = |&length: &usize| goes_on(&mut state, &pasts[0], &lead, rest.get(..length).unwrap_or(rest));
        if *vain >= MISLED || !TRIED.iter().all(begins) {
            continue;
        }
        let mut after = |past: &[u8], like: &[u8]| inflated(&mut state, past, &lead, rest, most, like);
        if let Some(one) = after(&pasts[0], &[])
            && let Some(other) = after(&pasts[1], &one)
        {
            return Some(Tail { one, other });
        }
        *vain = vain.saturating_add(1);
    }
    None
}

/// A block of 32 KiB that stands as it is: the same byte again and again.
fn past(byte: u8) -> Vec<u8> {
    let mut block = vec![0, 0x00, 0x80, 0xff, 0x7f];
    block.resize(block.len().saturating_add(WINDOW), byte);
    block
}

/// Blocks that end before the given bit of a byte, and that byte. So all that follows keeps its place within its bytes: a
/// block that stands as it is begins at a whole one.
fn lead_to(bit: usize, byte: u8) -> Vec<u8> {
    // With the fixed codes of RFC 1951, 3.2.6: a block without content has 10 bits; one that copies three bytes from five
    // bytes before has 23, an odd number.
    const EMPTY: u64 = 0b010;
    const COPY: u64 = 0b010 | 0x40 << 3 | 0b00100 << 10;
    let (mut blocks, mut bits) = if bit.is_multiple_of(2) { (0, 0) } else { (COPY, 23) };
    while bits % 8 != bit {
        blocks |= EMPTY << bits;
        bits += 10;
    }
    let mut lead = blocks.to_le_bytes().get(..=bits / 8).unwrap_or_default().to_vec();
    if let Some(last) = lead.last_mut() {
        *last |= byte & (0xff << bit);
    }
    lead
}

/// A byte, with each of its bits at which a block may begin.
fn beginnings(bytes: &[u8], byte: usize) -> impl Iterator<Item = (usize, usize)> {
    let there = bytes.get(byte..).unwrap_or_default();
    let window = there.first_chunk().copied().unwrap_or_else(|| {
        let mut last = [0; 16];
        last.iter_mut().zip(there).for_each(|(to, from)| *to = *from);
        last
    });
    let bits = u128::from_le_bytes(window);
    (0..8).filter(move |bit| may_begin(bits >> bit)).map(move |bit| (byte, bit))
}

/// Whether the lowest bits can be the header of a block with its own codes (RFC 1951, 3.2.7): the lengths of the first code
/// leave no bit pattern without a meaning.
fn may_begin(bits: u128) -> bool {
    let low = u32::try_from(bits & 0xffff).unwrap_or(0);
    let field = |from: u32, width: u32| (low >> from) & ((1 << width) - 1);
    // The lowest bit marks the last block of a stream.
    if field(1, 2) != 0b10 || field(3, 5) > 29 || field(8, 5) > 29 {
        return false;
    }
    let count = u32::try_from(bits >> 13 & 0xf).unwrap_or(0) + 4;
    let lengths = u64::try_from(bits >> 17 & ((1 << 57) - 1)).unwrap_or(0);
    let there = lengths & ((1 << (3 * count)) - 1);
    let part = |from: u32| usize::try_from(there >> from & 0xfff).ok().and_then(|four| USED.get(four)).copied();
    [0, 12, 24, 36, 48].into_iter().filter_map(part).sum::<u16>() == 128
}

/// Whether inflating them one after the other meets no error soon.
fn goes_on(state: &mut Decompress, past: &[u8], lead: &[u8], rest: &[u8]) -> bool {
    state.reset(false);
    let mut out = Vec::with_capacity(WINDOW.saturating_add(rest.len()));
    [past, lead, rest].iter().all(|input| state.decompress_vec(input, &mut out, FlushDecompress::None).is_ok())
}

/// What comes of `rest` after the others, up to where it goes on as `like` does, if it comes to that: what comes out
/// hangs on the stream and on the last [`WINDOW`] bytes. `None` where it is no chain of blocks that ends where it ends.
fn inflated(
    state: &mut Decompress,
    past: &[u8],
    lead: &[u8],
    rest: &[u8],
    most: usize,
    like: &[u8],
) -> Option<Vec<u8>> {
    state.reset(false);
    let mut piece = vec![0; STEP];
    for input in [past, lead] {
        state.decompress(input, &mut piece, FlushDecompress::None).ok()?;
    }
    let (begin, skipped) = (state.total_in(), state.total_out());
    let mut out: Vec<u8> = Vec::with_capacity(like.len());
    let mut taken = 0;
    loop {
        let status = state.decompress(rest.get(taken..)?, &mut piece, FlushDecompress::None).ok()?;
        let before = (taken, out.len());
        taken = usize::try_from(state.total_in().checked_sub(begin)?).ok()?;
        let come = usize::try_from(state.total_out().checked_sub(skipped)?).ok()?;
        out.extend_from_slice(piece.get(..come.checked_sub(out.len())?)?);
        if status == Status::StreamEnd {
            return (taken == rest.len() && out.len() <= most).then_some(out);
        }
        if goes_on_as(&out, like) {
            return Some(out);
        }
        let stands_still = before == (taken, out.len());
        if stands_still || out.len() > most {
            return None;
        }
    }
}

/// Whether the last [`WINDOW`] bytes of `out` are those that stand there in `like`.
fn goes_on_as(out: &[u8], like: &[u8]) -> bool {
    let last = out.len().checked_sub(WINDOW).map(|from| from..out.len());
    last.is_some_and(|last| like.get(last.clone()).is_some_and(|there| Some(there) == out.get(last)))
}

#[cfg(test)]
mod tests {
    use flate2::{Compress, Compression, FlushCompress};

    use super::super::samples::{deflated, text};
    use super::{Tail, inflate_end};

    /// Asserts that what is known of a tail is what ends there; how many bytes that are.
    fn known(tail: &Tail, all: &[u8]) -> usize {
        let begin = all.len() - tail.len();
        let known: Vec<usize> = (0..tail.len()).filter(|&at| tail.known(at..at + 1).is_some()).collect();
        assert!(known.iter().all(|&at| tail.known(at..at + 1) == Some(&all[begin + at..=begin + at])));
        known.len()
    }

    #[test]
    fn what_comes_out_is_the_end_of_what_went_in() {
        let all = text(1 << 20, 1);
        // The fastest levels of this encoder use the fixed code alone, which no wheel that was seen does.
        for level in [6, 9] {
            let stream = deflated(&all, level);
            for from in [stream.len() / 2, stream.len() * 3 / 4 + 1] {
                let end = inflate_end(&stream[from..], stream.len(), all.len(), &mut 0).expect("enough of it");
                assert!(known(&end, &all) > 10_000, "level {level}");
            }
        }
    }

    /// Such blocks begin at a whole byte, wherever the block before them ends.
    #[test]
    fn a_block_that_stands_as_it_is_does_not_hide_the_end() {
        let all = text(1 << 20, 1);
        let mut compressor = Compress::new(Compression::best(), false);
        let mut stream = Vec::with_capacity(all.len());
        for piece in all.chunks(10_000) {
            // An empty one stands after each piece.
            compressor.compress_vec(piece, &mut stream, FlushCompress::Sync).expect("memory takes everything");
        }
        compressor.compress_vec(&[], &mut stream, FlushCompress::Finish).expect("memory takes everything");
        let half = &stream[stream.len() / 2..];
        let mut vain = 0;
        let end = inflate_end(half, half.len(), all.len(), &mut vain).expect("enough of it");
        assert!(known(&end, &all) > 400_000);
        assert_eq!(vain, 0);
    }

    #[test]
    fn what_hangs_on_the_past_is_a_hole() {
        // Every other kilobyte is the same one again and again.
        let piece = text(1000, 1);
        let all: Vec<u8> = text(1 << 20, 1).chunks(1000).flat_map(|new| [new, &piece].concat()).collect();
        let stream = deflated(&all, 9);
        let end = inflate_end(&stream[stream.len() / 2..], stream.len(), all.len(), &mut 0).expect("enough of it");
        let known = known(&end, &all);
        assert!(known > end.len() / 3 && known < end.len() * 2 / 3, "{known} of {}", end.len());
        assert!(end.known(0..end.len()).is_none());
        assert!(end.known(end.len()..end.len() + 1).is_none(), "outside");
    }

    #[test]
    fn a_stream_that_is_none_or_too_long_has_no_end() {
        let all = text(1 << 20, 1);
        let stream = deflated(&all, 6);
        let half = &stream[stream.len() / 2..];
        assert!(inflate_end(&half[..half.len() - 100], half.len(), all.len(), &mut 0).is_none(), "cut off");
        assert!(inflate_end(half, half.len(), 1000, &mut 0).is_none(), "more than may come out");
        assert!(inflate_end(&[0; 5000], 5000, all.len(), &mut 0).is_none());
        assert!(inflate_end(&[], 0, all.len(), &mut 0).is_none());
    }
}
