//! PyO3's `numpy` crate. It fetches the table at first use and checks nothing before 0.22, which knows both generations.
//!
//! Rust's string literals lie side by side without terminators, so only substrings can be looked for.

use contract::{Certainty, Consumer, ConsumerKind, Evidence, Generation};

use crate::image::Image;

/// What every Rust binary holds: the standard library's own source paths, as its builders on every system write them.
const RUST: [&[u8]; 3] = [b"library/std/src/", b"library/core/src/", b"/rustc/"];
/// The crate's own words where it fails, from all its versions: what is left where the name of the capsule was made part of
/// the code.
pub(super) const FAILED: [&[u8]; 3] =
    [b"Failed to import NumPy module", b"Failed to import numpy module", b"Failed to access NumPy array API capsule"];
/// What the crate looks up in NumPy.
const MODULES: [&[u8]; 2] = [b"numpy.core.multiarray", b"numpy._core"];

/// Whether the name of the capsule lies right behind other words, as Rust's literals do. One that begins behind a zero is C's:
/// code in Rust may be linked into an extension of another kind.
fn is_unbounded(image: &Image<'_>, at: u64) -> bool {
    at.checked_sub(1).and_then(|before| image.range(before, 1)).is_some_and(|before| before != [0])
}

pub(super) fn find(image: &Image<'_>) -> Option<Consumer> {
    let is_rust = RUST.iter().any(|mark| image.has(mark));
    let module = MODULES.iter().find_map(|name| image.find(name).first().copied())?;
    let fails = FAILED.iter().any(|words| image.has(words));
    if !is_rust || !(fails || image.find(b"_ARRAY_API").into_iter().any(|at| is_unbounded(image, at))) {
        return None;
    }
    let both = image.has(b"NumpyVersion") && image.has(b"numpy._core");
    Some(Consumer {
        kind: ConsumerKind::RustNumpy,
        generation: Some(if both { Generation::Two } else { Generation::One }),
        version: None,
        reads_old_layout: None,
        evidence: vec![Evidence {
            fact: "PyO3's numpy crate".to_owned(),
            section: image.section_at(module).map(|s| s.name.clone()),
            address: Some(module),
            text: if both { "numpy._core, NumpyVersion" } else { "numpy.core.multiarray" }.to_owned(),
            certainty: Certainty::Read,
        }],
    })
}
