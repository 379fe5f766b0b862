//! Wheels that lie behind HTTP: the directory at the end is fetched first, then of each member what the reader asks
//! for. What was read once is remembered by the wheel's hash ([`FactsCache`]).

mod cache;
mod client;
mod credentials;
mod hosts;
mod ranged;
mod whole;

use std::sync::Arc;

pub use cache::{CachedPython, CachedWheel, FactsCache, cache_folder};
pub use client::{AT_ONCE, Client, HttpError, HttpSettings, OnProgress, Progress};

pub use credentials::Credential;

use crate::wheel::{Budget, Limits, SharedBytes, Wheel, WheelError};
use client::Address;
use ranged::{Ranged, Start};

/// A wheel behind HTTP.
pub struct RemoteWheel {
    wheel: Wheel,
    transfer: Arc<Transfer>,
    total: u64,
    note: Option<String>,
}

/// How much one wheel cost.
#[derive(Debug, Default)]
pub(crate) struct Transfer {
    pub(crate) bytes: std::sync::atomic::AtomicU64,
    pub(crate) requests: std::sync::atomic::AtomicU64,
}

/// A remote wheel could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum RemoteError {
    /// The server or the way to it.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// The bytes that it sent.
    #[error("`{url}`: {cause}")]
    Wheel {
        /// Where, without credentials.
        url: String,
        /// What is wrong with them.
        cause: WheelError,
    },
}

/// What is known of a remote file beforehand, to be held against what the server says.
#[derive(Clone, Copy, Debug, Default)]
pub struct Expected {
    /// Its size in bytes.
    pub size: Option<u64>,
    /// Whether it is for any platform, so that it hardly holds compiled files and its end tells enough.
    pub pure: bool,
}

/// A remote file as bytes that are fetched as they are read; whole, where the server cannot serve parts.
///
/// # Errors
/// When the server cannot be reached or refuses, or its answers contradict each other or `expected`.
pub fn open_remote(client: &Client, url: &str, expected: Expected) -> Result<SharedBytes, HttpError> {
    let address = Arc::new(Address::parse(url, client)?);
    Ok(open_bytes(client, &address, expected, &Arc::default())?.0)
}

/// The bytes, and what a user should know of how they are fetched.
fn open_bytes(
    client: &Client,
    address: &Arc<Address>,
    expected: Expected,
    transfer: &Arc<Transfer>,
) -> Result<(SharedBytes, Option<String>), HttpError> {
    Ok(match Ranged::open(client, address, expected, transfer)? {
        Start::Ranged(ranged) => (Arc::new(*ranged), None),
        Start::Whole(disk) => {
            let total = reader::ByteSource::size(&disk);
            let note = format!("{} does not serve parts of files, so all {total} bytes were fetched", address.host());
            (Arc::new(disk), Some(note))
        }
    })
}

impl RemoteWheel {
    /// Fetches a wheel's directory and metadata. A server that cannot serve ranges makes the whole file be fetched to a
    /// temporary file, which [`RemoteWheel::note`] says.
    ///
    /// # Errors
    /// When the server cannot be reached or refuses, its answers contradict each other or `expected`, or the file is
    /// no zip archive.
    pub fn open(client: &Client, url: &str, expected: Expected, budget: &Budget) -> Result<Self, RemoteError> {
        let address = Arc::new(Address::parse(url, client)?);
        let transfer = Arc::new(Transfer::default());
        let (bytes, note) = open_bytes(client, &address, expected, &transfer)?;
        let total = bytes.size();
        let wheel = Wheel::from_bytes(bytes, address.shown(), Limits::default(), budget)
            .map_err(|cause| RemoteError::Wheel { url: address.shown().to_owned(), cause })?;
        Ok(Self { wheel, transfer, total, note })
    }

    /// The wheel; its members are fetched as they are read.
    pub fn wheel(&self) -> &Wheel {
        &self.wheel
    }

    /// Bytes of the file that were fetched so far.
    pub fn bytes_read(&self) -> u64 {
        self.transfer.bytes.load(std::sync::atomic::Ordering::Relaxed)
    }

    /// Requests that were made so far.
    pub fn requests(&self) -> u64 {
        self.transfer.requests.load(std::sync::atomic::Ordering::Relaxed)
    }

    /// The size of the file in bytes.
    pub fn bytes_total(&self) -> u64 {
        self.total
    }

    /// What a user should know of how it was fetched.
    pub fn note(&self) -> Option<&str> {
        self.note.as_deref()
    }
}
