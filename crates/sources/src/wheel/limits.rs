//! Limits for archives that nobody vouches for, and the memory that inflated members may hold together.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// What an archive may ask for. Sizes are in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Entries of the directory.
    pub entries: usize,
    /// Inflated size of one compiled member.
    pub member: u64,
    /// Inflated size of one text member: `METADATA`, `RECORD`, a Python module.
    pub text: u64,
    /// How many times larger than its compressed bytes a member of more than [`Limits::ratio_from`] may be.
    pub ratio: u64,
    /// Members smaller than this are not judged by their ratio.
    pub ratio_from: u64,
    /// Inflated bytes held at one time, over all members of all wheels that share a [`Budget`].
    pub resident: u64,
}

impl Default for Limits {
    fn default() -> Self {
        // The largest library of a published wheel that was seen is 1.4 GB, the highest ratio of a real one 40.
        const MIB: u64 = 1 << 20;
        Self {
            entries: 200_000,
            member: 2048 * MIB,
            text: 32 * MIB,
            ratio: 400,
            ratio_from: 8 * MIB,
            resident: 3072 * MIB,
        }
    }
}

/// A count of the inflated bytes that are held, shared by everything that inflates.
#[derive(Clone, Debug)]
pub struct Budget {
    held: Arc<AtomicU64>,
    limit: u64,
}

impl Budget {
    /// A budget of `limit` bytes, none of them used.
    pub fn new(limit: u64) -> Self {
        Self { held: Arc::default(), limit }
    }

    /// Bytes held now.
    pub fn held(&self) -> u64 {
        self.held.load(Ordering::Relaxed)
    }

    /// Takes `bytes`; `false` when they do not fit any more.
    pub(crate) fn take(&self, bytes: u64) -> bool {
        let fits = |held: u64| held.checked_add(bytes).filter(|sum| *sum <= self.limit);
        self.held.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fits).is_ok()
    }

    /// Gives `bytes` back.
    pub(crate) fn give_back(&self, bytes: u64) {
        self.held.fetch_sub(bytes, Ordering::Relaxed);
    }

    /// The most that may be held.
    pub(crate) fn limit(&self) -> u64 {
        self.limit
    }
}
