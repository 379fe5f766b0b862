//! The shape of the generated table: plain constants, so that nothing is parsed at start-up.

use contract::{Provision, Release, Version};

/// What one or more releases provide.
pub(crate) struct Contract {
    /// What slot 0 of `_ARRAY_API` returns.
    pub(crate) abi: u32,
    /// What slot 211 returns.
    pub(crate) feature: u32,
    /// `tp_basicsize` in bytes, by the name of the type.
    pub(crate) types: &'static [(&'static str, u64)],
    /// The slots of `PyArray_API` that are NULL, sorted.
    pub(crate) null_slots: &'static [u16],
}

/// One release.
pub(crate) struct Row {
    /// Its numbers.
    pub(crate) version: &'static [u64],
    /// What it provides.
    pub(crate) contract: &'static Contract,
    /// The CPython minor versions that it has wheels for, sorted.
    pub(crate) pythons: &'static [(u8, u8)],
    /// Whether it was withdrawn from the index.
    pub(crate) yanked: bool,
}

impl Row {
    /// The row as the rest of the program knows it.
    pub(crate) fn to_release(&self) -> Release {
        let version = Version::from_release(self.version);
        let types = self.contract.types.iter().map(|(name, size)| ((*name).to_owned(), *size)).collect();
        let provision = Provision {
            version: Some(version.clone()),
            abi: self.contract.abi,
            feature: self.contract.feature,
            types,
            null_slots: self.contract.null_slots.to_vec(),
        };
        Release { version, provision, pythons: self.pythons.to_vec() }
    }
}
