//! Reads a compiled file: what it demands of NumPy ([`read`]), or, for NumPy's own binary, what it provides
//! ([`provisions`]). Bytes come in through [`ByteSource`], plain values go out; nothing here panics on hostile bytes.

mod bytes;
pub mod python;

pub use bytes::{ByteSource, ReadError};

use contract::{Architecture, BinaryFacts, Provision, Undetermined};

/// Reads every slice of a compiled file. Empty when the file is no compiled file at all.
pub fn read(_source: &dyn ByteSource) -> Vec<BinaryFacts> {
    Vec::new()
}

/// Reads what NumPy's own `_multiarray_umath` provides, a slice each. The version is not in it.
pub fn provisions(_source: &dyn ByteSource) -> Vec<(Architecture, Result<Provision, Undetermined>)> {
    Vec::new()
}
