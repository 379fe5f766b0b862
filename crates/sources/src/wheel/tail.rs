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
/// By how much room for what comes out grows, in bytes.
const STEP: usize = 1 << 20;
/// Where the first place is looked for, in compressed bytes: more than the largest blocks that compressors make.
const SEARCHED: usize = 1 << 20;
/// How many places are tried, and from how many of them everything is inflated: bytes that were made to mislead must not
/// cost without end.
const PLACES: usize = 16 << 10;
const CHAINS: usize = 16;

/// The last bytes of a stream: what they are after one past, and after another. Both have the same length.
#[derive(Default)]
pub(super) struct Tail([Vec<u8>; 2]);

impl Tail {
    /// How many bytes it spans, known or not.
    pub(super) fn len(&self) -> usize {
        let [one, _] = &self.0;
        one.len()
    }

    /// How many bytes of memory it takes.
    pub(super) fn held(&self) -> u64 {
        (self.len() as u64).saturating_mul(2)
    }

    /// Whether nothing that is known says otherwise than `bytes`, which stand from `at` on, counted from its beginning.
    pub(super) fn agrees(&self, at: usize, bytes: &[u8]) -> bool {
        let [one, other] = self.0.each_ref().map(|version| version.get(at..).unwrap_or_default());
        one.iter().zip(other).zip(bytes).all(|((one, other), byte)| one != other || one == byte)
    }

    /// The bytes of a range, which counts from the tail's beginning; `None` where one of them is not known.
    pub(super) fn known(&self, range: Range<usize>) -> Option<&[u8]> {
        let [one, other] = &self.0;
        let bytes = one.get(range.clone())?;
        (Some(bytes) == other.get(range)).then_some(bytes)
    }
}

/// The last bytes of a stream, inflated from the first block that begins in the first `new` bytes of `end`, its last
/// compressed bytes; `most` is the most that may come out of them. `None` where no block begins there.
pub(super) fn inflate_end(end: &[u8], new: usize, most: usize) -> Option<Tail> {
    let pasts = [past(0x00), past(0xff)];
    let mut state = Decompress::new(false);
    let places = (0..end.len().min(new).min(SEARCHED)).flat_map(|byte| beginnings(end, byte)).take(PLACES);
    let mut chains = 0;
    for bit in places {
        if !TRIED.iter().all(|&length| goes_on(&mut state, &pasts[0], &shifted(end, bit, length))) {
            continue;
        }
        let rest = shifted(end, bit, end.len());
        let mut after = |past: &[u8]| inflated(&mut state, past, &rest, most);
        if let Some(one) = after(&pasts[0])
            && let Some(other) = after(&pasts[1])
            && one.len() == other.len()
        {
            return Some(Tail([one, other]));
        }
        chains += 1;
        if chains == CHAINS {
            break;
        }
    }
    None
}

/// A block of 32 KiB that stands as it is: the same byte again and again.
fn past(byte: u8) -> Vec<u8> {
    let mut block = vec![0, 0x00, 0x80, 0xff, 0x7f];
    block.resize(block.len().saturating_add(WINDOW), byte);
    block
}

/// The bits of a byte at which a block may begin.
fn beginnings(bytes: &[u8], byte: usize) -> impl Iterator<Item = usize> {
    let there = bytes.get(byte..).unwrap_or_default();
    let window = there.first_chunk().copied().unwrap_or_else(|| {
        let mut last = [0; 16];
        last.iter_mut().zip(there).for_each(|(to, from)| *to = *from);
        last
    });
    let bits = u128::from_le_bytes(window);
    (0..8).filter(move |by| may_begin(bits >> by)).map(move |by| byte * 8 + by)
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
    let used: u32 = (0..count).map(|index| lengths >> (3 * index) & 7).filter(|&l| l > 0).map(|l| 128_u32 >> l).sum();
    used == 128
}

/// At most `most` bytes from a bit on.
fn shifted(bytes: &[u8], bit: usize, most: usize) -> Vec<u8> {
    let (byte, by) = (bit / 8, bit % 8);
    let there = bytes.get(byte..).unwrap_or_default();
    let next = there.get(1..).unwrap_or_default();
    let there = there.get(..most).unwrap_or(there);
    let pair = |low: &u8, high: &u8| (u16::from_le_bytes([*low, *high]) >> by).to_le_bytes()[0];
    let mut out: Vec<u8> = there.iter().zip(next).map(|(low, high)| pair(low, high)).collect();
    if out.len() < there.len() {
        out.extend(there.last().map(|last| pair(last, &0)));
    }
    out
}

/// Whether inflating from there meets no error soon.
fn goes_on(state: &mut Decompress, past: &[u8], bytes: &[u8]) -> bool {
    state.reset(false);
    let mut out = Vec::with_capacity(WINDOW.saturating_add(bytes.len()));
    let mut inflates = |input| state.decompress_vec(input, &mut out, FlushDecompress::None).is_ok();
    inflates(past) && inflates(bytes)
}

/// What comes of the bytes after a past; `None` where they are no chain of blocks that ends where they end.
fn inflated(state: &mut Decompress, past: &[u8], bytes: &[u8], most: usize) -> Option<Vec<u8>> {
    state.reset(false);
    let mut out = Vec::with_capacity(WINDOW);
    state.decompress_vec(past, &mut out, FlushDecompress::None).ok()?;
    out.clear();
    let begin = state.total_in();
    loop {
        let (before, had) = (state.total_in(), out.len());
        out.reserve(STEP);
        let rest = bytes.get(usize::try_from(before.checked_sub(begin)?).ok()?..)?;
        let status = state.decompress_vec(rest, &mut out, FlushDecompress::None).ok()?;
        if status == Status::StreamEnd {
            let left = rest.len().checked_sub(usize::try_from(state.total_in().checked_sub(before)?).ok()?)?;
            // Less than a byte is left over, which shifting may have made a whole one.
            return (left <= 1 && out.len() <= most).then_some(out);
        }
        let stands_still = state.total_in() == before && out.len() == had;
        if stands_still || out.len() > most {
            return None;
        }
    }
}

#[cfg(test)]
mod tests {
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
                let end = inflate_end(&stream[from..], stream.len(), all.len()).expect("enough of it");
                assert!(known(&end, &all) > 10_000, "level {level}");
            }
        }
    }

    #[test]
    fn what_hangs_on_the_past_is_a_hole() {
        // Every other kilobyte is the same one again and again.
        let piece = text(1000, 1);
        let all: Vec<u8> = text(1 << 20, 1).chunks(1000).flat_map(|new| [new, &piece].concat()).collect();
        let stream = deflated(&all, 9);
        let end = inflate_end(&stream[stream.len() / 2..], stream.len(), all.len()).expect("enough of it");
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
        assert!(inflate_end(&half[..half.len() - 100], half.len(), all.len()).is_none(), "cut off");
        assert!(inflate_end(half, half.len(), 1000).is_none(), "more than may come out");
        assert!(inflate_end(&[0; 5000], 5000, all.len()).is_none());
        assert!(inflate_end(&[], 0, all.len()).is_none());
    }
}
