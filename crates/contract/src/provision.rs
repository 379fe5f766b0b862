//! What one NumPy build provides to compiled code.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Version;

/// What one NumPy build offers, whether read from its own binary or taken from the table of releases.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provision {
    /// The version, where it is known.
    pub version: Option<Version>,
    /// What slot 0 of `_ARRAY_API` returns: 0x01000009 for 1.x, 0x02000000 for 2.x.
    pub abi: u32,
    /// What slot 211 of `_ARRAY_API` returns (`NPY_API_VERSION`); 0 before NumPy 1.4, which has no such slot.
    pub feature: u32,
    /// `tp_basicsize` in bytes of the types that NumPy exports, by name without the module: `dtype` -> 88.
    pub types: BTreeMap<String, u64>,
    /// Slots of `PyArray_API` that are NULL: functions that this NumPy no longer has. Sorted.
    pub null_slots: Vec<u16>,
}

/// A NumPy release and what its builds provide (64-bit, GIL builds).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Release {
    /// The release.
    pub version: Version,
    /// What it provides.
    pub provision: Provision,
    /// Minor versions of CPython that it has wheels for, such as `(3, 11)`; sorted.
    pub pythons: Vec<(u8, u8)>,
}
