//! The end of a deflated member, inflated by itself: whatever the stream was made to look like, what was given for it is what
//! the whole inflates to, or verifying the whole tells that it is not.
#![no_main]

use std::sync::Arc;

use flate2::{Compress, Compression, FlushCompress};
use reader::ByteSource as _;
use sources::wheel::{Budget, Limits, Wheel};

/// The name of the only member.
const NAME: &str = "a.so";
/// What stands at the beginning, so that reading the end by itself is worth it, in bytes.
const FRONT: usize = 300 << 10;
/// The most that a stream inflates to, in bytes.
const MOST: usize = 1 << 20;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Some((questions, program)) = bytes.split_first_chunk::<8>() else { return };
    let stream = Stream::of(program);
    let limits = Limits::default();
    let budget = Budget::new(limits.resident);
    let archive = archive(&stream);
    let wheel = Wheel::from_bytes(Arc::new(archive), "a.whl", limits, &budget).expect("it is an archive");
    let [member] = wheel.compiled() else { panic!("it has one member") };
    let source = wheel.source(member).expect("nothing is wrong with it");
    let (mut agrees, mut told) = (true, false);
    for question in questions.chunks_exact(2) {
        // Where it begins, from the end; how long it is.
        let from = stream.all.len() - usize::from(question[0]) * 1024 - 1;
        let to = (from + usize::from(question[1]) * 256 + 1).min(stream.all.len());
        let mut there = vec![0; to - from];
        match source.read_at(from as u64, &mut there) {
            Ok(()) => agrees &= there == stream.all[from..to],
            Err(_) => told = true,
        }
    }
    let wrong = source.finish();
    assert!(!told || wrong.is_some(), "it was told, and is forgotten");
    assert!(agrees || wrong.is_some(), "what was given is wrong, and nobody tells");
    assert!(wrong.is_none() || stream.misleads, "nothing is wrong: {wrong:?}");
    assert_eq!(budget.held(), 0);
});

/// A stream, and what it inflates to.
struct Stream {
    compressor: Compress,
    deflated: Vec<u8>,
    all: Vec<u8>,
    /// Whether blocks stand in it as they are, which can hold the blocks of another stream.
    misleads: bool,
}

impl Stream {
    /// Makes a stream of pieces: each is a number that tells its kind, one that tells how long it is, and its bytes.
    fn of(mut program: &[u8]) -> Self {
        let compressor = Compress::new(Compression::new(6), false);
        let mut stream = Self { compressor, deflated: Vec::new(), all: Vec::new(), misleads: false };
        stream.deflate(&noise(FRONT, 0));
        while let Some((&[kind, length], rest)) = program.split_first_chunk::<2>() {
            let (own, rest) = rest.split_at(rest.len().min(usize::from(length)));
            let much = usize::from(length) * 512;
            match kind % 6 {
                0 => stream.deflate(own),
                1 => stream.deflate(&noise(much, kind)),
                2 => stream.deflate(&own.repeat(64)),
                3 => stream.again(usize::from(kind) * 1024, much),
                4 => stream.store(own),
                _ => stream.store(&deflated_alone(&noise(much, kind))),
            }
            program = rest;
            if stream.all.len() > MOST {
                break;
            }
        }
        stream.put(&[], FlushCompress::Finish);
        stream
    }

    fn deflate(&mut self, piece: &[u8]) {
        self.put(piece, FlushCompress::None);
        self.all.extend_from_slice(piece);
    }

    /// Repeats what stood there `back` bytes before.
    fn again(&mut self, back: usize, length: usize) {
        let from = self.all.len() - back.clamp(1, self.all.len());
        let piece: Vec<u8> = self.all[from..].iter().copied().take(length).collect();
        self.deflate(&piece);
    }

    /// Puts a piece into a block as it is. Nothing after it repeats what is before it.
    fn store(&mut self, piece: &[u8]) {
        self.put(&[], FlushCompress::Full);
        for piece in piece.chunks(usize::from(u16::MAX)) {
            let length = u16::try_from(piece.len()).expect("chunks are short");
            self.deflated.extend([&[0], &length.to_le_bytes()[..], &(!length).to_le_bytes(), piece].concat());
        }
        self.all.extend_from_slice(piece);
        self.misleads = true;
    }

    fn put(&mut self, piece: &[u8], flush: FlushCompress) {
        self.deflated.reserve(piece.len() + (1 << 20));
        self.compressor.compress_vec(piece, &mut self.deflated, flush).expect("there is room");
    }
}

fn deflated_alone(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() + 1024);
    let mut compressor = Compress::new(Compression::new(6), false);
    compressor.compress_vec(bytes, &mut out, FlushCompress::Sync).expect("there is room");
    out
}

/// Letters without order.
fn noise(length: usize, seed: u8) -> Vec<u8> {
    let mut state = u64::from(seed);
    let letter = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 58) as u8
    };
    std::iter::repeat_with(letter).take(length).collect()
}

/// A zip archive of the stream alone.
fn archive(stream: &Stream) -> Vec<u8> {
    let number = |n: usize| u32::try_from(n).expect("streams are short").to_le_bytes();
    // Needed version, flags, method, time and date; then the checksum and the sizes.
    let about = [&[20, 0, 0, 0, 8, 0, 0, 0, 0x21, 0][..], &crc32fast::hash(&stream.all).to_le_bytes()].concat();
    let about =
        [&about[..], &number(stream.deflated.len()), &number(stream.all.len()), &[NAME.len() as u8, 0, 0, 0]].concat();
    let mut out = [b"PK\x03\x04", &about[..], NAME.as_bytes(), &stream.deflated].concat();
    let directory = out.len();
    out.extend([b"PK\x01\x02\x14\x00", &about[..], &[0; 14], NAME.as_bytes()].concat());
    let length = number(out.len() - directory);
    out.extend([b"PK\x05\x06\0\0\0\0\x01\0\x01\0", &length[..], &number(directory), &[0, 0]].concat());
    out
}
