//! Bytes that say how much, and how often, was read of them.

use std::sync::atomic::{AtomicU64, Ordering};

use reader::{ByteSource, ReadError};

/// Bytes, and a count of what is asked for.
#[derive(Debug)]
pub struct Counted {
    all: Vec<u8>,
    bytes: AtomicU64,
    requests: AtomicU64,
}

impl Counted {
    /// Nothing was asked for yet.
    pub fn new(all: Vec<u8>) -> Self {
        Self { all, bytes: AtomicU64::new(0), requests: AtomicU64::new(0) }
    }

    /// How many bytes were asked for.
    pub fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// How often bytes were asked for.
    pub fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }
}

impl ByteSource for Counted {
    fn size(&self) -> u64 {
        self.all.size()
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<(), ReadError> {
        self.bytes.fetch_add(buffer.len() as u64, Ordering::Relaxed);
        self.requests.fetch_add(1, Ordering::Relaxed);
        self.all.read_at(offset, buffer)
    }
}
