//! What tests of deflated streams deflate.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::DeflateEncoder;

/// Letters without order, and now and then some of them again: at least `size` of them.
pub(super) fn text(size: usize, seed: u64) -> Vec<u8> {
    let mut state = seed;
    let mut letter = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 57) as u8
    };
    let mut out: Vec<u8> = Vec::new();
    while out.len() < size {
        out.extend(std::iter::repeat_with(&mut letter).take(40));
        if letter() == 0 {
            let again = out.len().saturating_sub(500);
            out.extend_from_within(again..out.len().min(again + 12));
        }
    }
    out
}

/// A deflated stream of these bytes.
pub(super) fn deflated(bytes: &[u8], level: u32) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::new(level));
    encoder.write_all(bytes).expect("memory takes everything");
    encoder.finish().expect("memory takes everything")
}
