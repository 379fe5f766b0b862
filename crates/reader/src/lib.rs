//! Reads a compiled file: what it demands of NumPy ([`read`]), or, for NumPy's own binary, what it provides
//! ([`provisions`]). Bytes come in through [`ByteSource`], plain values go out; nothing here panics on hostile bytes.

mod analysis;
mod bytes;
mod cache;
mod code;
mod consumers;
mod image;
mod numpy_itself;
pub mod python;
mod types_defined;

pub use bytes::{ByteSource, ReadError};

use std::collections::BTreeMap;

use contract::{Architecture, BinaryFacts, Provision, Requirement, Undetermined};
use image::{Image, Unopened};

/// Which facts this reader gives. Whoever keeps facts keeps this number with them, and reads a file again where it
/// differs. Raise it with every change that makes [`read`] give other facts for some file: a consumer that is newly
/// known, a check that is decoded or timed otherwise, a fact more or less in [`BinaryFacts`].
pub const REVISION: u32 = 11;

/// How much of a file is worked out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Depth {
    /// What it demands: enough to see that a NumPy satisfies all of it.
    Numbers,
    /// Also when each check runs and what follows when it fails, which needs all of the code.
    Everything,
}

/// Reads every slice of a compiled file. Empty when the file is no compiled file at all.
pub fn read(source: &dyn ByteSource) -> Vec<BinaryFacts> {
    read_to(source, Depth::Everything)
}

/// Reads every slice, but leaves open whether an import reaches the checks and what their failure does. A file that a
/// NumPy satisfies by these facts, it satisfies by all; for another, [`read`] tells how and when it fails.
pub fn read_numbers(source: &dyn ByteSource) -> Vec<BinaryFacts> {
    read_to(source, Depth::Numbers)
}

fn read_to(source: &dyn ByteSource, depth: Depth) -> Vec<BinaryFacts> {
    let cache = cache::cached(source);
    let slices = image::open(source, &cache).into_iter();
    slices.map(|opened| opened.map_or_else(unopened, |image| facts(&image, depth))).collect()
}

/// Reads what NumPy's own `_multiarray_umath` provides, a slice each. The version is not in it.
pub fn provisions(source: &dyn ByteSource) -> Vec<(Architecture, Result<Provision, Undetermined>)> {
    let cache = cache::cached(source);
    let images = image::open(source, &cache).into_iter();
    let read = images.map(|opened| match opened {
        Ok(image) => (image.architecture, numpy_itself::provision(&image)),
        Err(unopened) => (unopened.architecture, Err(unopened.why)),
    });
    read.collect()
}

/// The sizes, in bytes, of those extension types of `names` that a module defines: full names such as
/// `cymem.cymem.Pool`. A type is left out where slices of a fat file, or two objects of its name, do not agree.
pub fn type_sizes(source: &dyn ByteSource, names: &[String]) -> BTreeMap<String, u64> {
    let cache = cache::cached(source);
    let slices = image::open(source, &cache).into_iter().flatten().map(|image| types_defined::sizes(&image, names));
    let agreed = |mine: BTreeMap<String, u64>, theirs: BTreeMap<String, u64>| {
        mine.into_iter().filter(|(name, size)| theirs.get(name) == Some(size)).collect()
    };
    slices.reduce(agreed).unwrap_or_default()
}

fn facts(image: &Image<'_>, depth: Depth) -> BinaryFacts {
    let requirement = if image.truncated { consumers::of_a_part(image) } else { consumers::requirement(image, depth) };
    BinaryFacts {
        format: image.format,
        architecture: image.architecture,
        module: image.module.clone(),
        needed: image.needed(),
        requirement,
    }
}

fn unopened(unopened: Unopened) -> BinaryFacts {
    BinaryFacts {
        format: unopened.format,
        architecture: unopened.architecture,
        module: None,
        needed: Vec::new(),
        requirement: Requirement { undetermined: vec![unopened.why], ..Requirement::default() },
    }
}
