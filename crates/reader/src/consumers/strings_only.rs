//! What strings tell without any code: that a file checks NumPy, and for which generation its headers were made.
//!
//! A string can be dead, so this is used only where code cannot be decoded, and such a file stays undetermined.

use contract::{Consumer, ConsumerKind, Generation};

use crate::analysis::read_evidence;
use crate::image::Image;

/// The messages of NumPy's check by generation, and Cython's.
const MARKS: [(&[u8], ConsumerKind, Option<Generation>); 3] = [
    (b"module was compiled against NumPy C-API version", ConsumerKind::ImportArray, Some(Generation::Two)),
    (b"module compiled against API version", ConsumerKind::ImportArray, Some(Generation::One)),
    (b"size changed, may indicate binary incompatibility", ConsumerKind::Cython, None),
];

pub(super) fn find(image: &Image<'_>) -> Vec<Consumer> {
    let mark = |(text, kind, generation): &(&[u8], ConsumerKind, Option<Generation>)| {
        let at = *image.find(text).first()?;
        Some(Consumer {
            kind: *kind,
            generation: *generation,
            version: None,
            reads_old_layout: None,
            evidence: vec![read_evidence(image, "a check's message", at)],
        })
    };
    MARKS.iter().filter_map(mark).collect()
}
