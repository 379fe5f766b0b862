//! pybind11's `numpy.h`. It fetches the table itself, checks nothing but a floor of NumPy 1.7, and does so at first use.
//!
//! Since 2.12 it asks `numpy.lib.NumpyVersion` which generation runs and carries both layouts of `dtype`; before, it
//! reads the 1.x layout whatever runs. Measured: modules of 2.9 and 2.11 import well on NumPy 2 and read array data
//! rightly, while `itemsize`, `nbytes` and the strides of new arrays come out as 0.

use contract::{Consumer, ConsumerKind, Generation};

use super::old_layout;
use crate::Depth;
use crate::analysis::read_evidence;
use crate::image::Image;

/// The message of its only version check, in all releases that have `numpy.h`.
const FLOOR: &[u8] = b"pybind11 numpy support requires numpy >= 1.7.0";

/// `depth`: whether to look for code that reads the layout of NumPy 1.x.
pub(super) fn find(image: &Image<'_>, depth: Depth) -> Option<Consumer> {
    let at = *image.find(FLOOR).first()?;
    let both = image.has(b"NumpyVersion") && !image.has(b"PYBIND11_NUMPY_1_ONLY");
    let read = if both || depth == Depth::Numbers { None } else { old_layout::read(image) };
    Some(Consumer {
        kind: ConsumerKind::Pybind11,
        generation: Some(if both { Generation::Two } else { Generation::One }),
        version: internals(image),
        reads_old_layout: read.as_ref().map(|_| true),
        evidence: [read_evidence(image, "pybind11's numpy.h", at)].into_iter().chain(read).collect(),
    })
}

/// The version of pybind11's internals (`v4` for 2.5 to 2.13, `v11` for 3.0): it bounds the release, no more.
fn internals(image: &Image<'_>) -> Option<String> {
    let at = *image.find(b"__pybind11_internals_v").first()?;
    let rest = image.text_at(at)?.strip_prefix("__pybind11_internals_v")?;
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    (!digits.is_empty()).then(|| format!("internals v{digits}"))
}
