//! A remote file as bytes by offset. Every answer is held against the first: a file that changes, a server that sends
//! other bytes than asked for, a size that differs are errors, never silently mixed bytes.

use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use reader::{ByteSource, ReadError};
use ureq::Body;
use ureq::http::Response;

use super::client::{Address, Client, Failure, HttpError, Progress};
use super::{Expected, Transfer, whole};
use crate::FileSource;

/// How much of the end is fetched at first: what a search for the end of the directory may look at (a comment has up to
/// 64 KiB), and with it the directory and the metadata of most wheels.
const TAIL: u64 = 66 << 10;
/// A file of up to this size is fetched whole, if it may hold compiled files: in parts it would cost more.
const SMALL: u64 = 512 << 10;

/// How much of the end of a file of this size is fetched at first.
fn first_part(size: u64, expected: Expected) -> u64 {
    if size <= SMALL && !expected.pure { size } else { TAIL }
}

/// A remote file.
pub(super) struct Ranged {
    client: Client,
    address: Arc<Address>,
    size: u64,
    same: Same,
    tail_start: u64,
    tail: Vec<u8>,
    transfer: Arc<Transfer>,
}

/// What identifies a state of a remote file.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Same {
    etag: Option<String>,
    modified: Option<String>,
}

/// How a file can be read.
pub(super) enum Start {
    /// In parts.
    Ranged(Box<Ranged>),
    /// It was fetched whole.
    Whole(FileSource),
}

/// `bytes 0-99/1234`.
struct ContentRange {
    start: u64,
    end: u64,
    total: u64,
}

impl ContentRange {
    fn of(response: &Response<Body>) -> Option<Self> {
        let text = response.headers().get("Content-Range")?.to_str().ok()?.strip_prefix("bytes ")?;
        let (range, total) = text.split_once('/')?;
        let (start, end) = range.split_once('-')?;
        let range = Self { start: start.parse().ok()?, end: end.parse().ok()?, total: total.parse().ok()? };
        (range.start <= range.end && range.end < range.total).then_some(range)
    }
}

impl Same {
    fn of(response: &Response<Body>) -> Self {
        let header = |name| response.headers().get(name).and_then(|v| v.to_str().ok()).map(str::to_owned);
        Self { etag: header("ETag"), modified: header("Last-Modified") }
    }
}

impl Ranged {
    /// Fetches the end of the file, which tells its size and whether the server serves parts at all.
    pub(super) fn open(
        client: &Client,
        address: &Arc<Address>,
        expected: Expected,
        transfer: &Arc<Transfer>,
    ) -> Result<Start, HttpError> {
        let start = client.persist(|| Self::begin(client, address, expected, transfer));
        start.map_err(|cause| address.failed(cause))
    }

    fn begin(
        client: &Client,
        address: &Arc<Address>,
        expected: Expected,
        transfer: &Arc<Transfer>,
    ) -> Result<Start, Failure> {
        let first = match expected.size {
            Some(size) => {
                format!("bytes={}-{}", size.saturating_sub(first_part(size, expected)), size.saturating_sub(1))
            }
            None => format!("bytes=-{TAIL}"),
        };
        let mut response = request(client, address, &first, transfer)?;
        if matches!(response.status().as_u16(), 400 | 405 | 416 | 501) {
            // Some servers know ranges, but not counted from the end: ask for the size first.
            let size = size_by_first_byte(client, address, transfer)?;
            let range = format!("bytes={}-{}", size.saturating_sub(TAIL), size.saturating_sub(1));
            response = request(client, address, &range, transfer)?;
        }
        match response.status().as_u16() {
            206 => Self::from_tail(client, address, response, expected, transfer)
                .map(|ranged| Start::Ranged(Box::new(ranged))),
            200 => whole::fetch(client, address, response, expected, transfer).map(Start::Whole),
            _ => Err(Failure::last(format!("the server answered {}", response.status()))),
        }
    }

    fn from_tail(
        client: &Client,
        address: &Arc<Address>,
        mut response: Response<Body>,
        expected: Expected,
        transfer: &Arc<Transfer>,
    ) -> Result<Self, Failure> {
        let range = ContentRange::of(&response).ok_or_else(|| Failure::last(no_range()))?;
        check_size(range.total, expected)?;
        let same = Same::of(&response);
        let length = (range.end - range.start).saturating_add(1).min(range.total);
        if range.end.checked_add(1) != Some(range.total) || length > first_part(range.total, expected).max(1) {
            return Err(Failure::last("the server sent another part than the end that it was asked for".to_owned()));
        }
        let mut tail = vec![0; usize::try_from(length).unwrap_or(0)];
        let (filled, outcome) = fill(&mut response, &mut tail);
        count(client, address, transfer, filled);
        outcome?;
        let mut ranged = Self {
            client: client.clone(),
            address: Arc::clone(address),
            size: range.total,
            same,
            tail_start: range.start,
            tail,
            transfer: Arc::clone(transfer),
        };
        if first_part(range.total, expected) == range.total {
            ranged.complete().map_err(Failure::last)?;
        }
        Ok(ranged)
    }

    /// Fetches what is missing of a small file whose size was not known beforehand.
    fn complete(&mut self) -> Result<(), String> {
        if self.tail_start == 0 {
            return Ok(());
        }
        let mut front = vec![0; usize::try_from(self.tail_start).unwrap_or(0)];
        self.fetch(0, &mut front)?;
        front.append(&mut self.tail);
        (self.tail, self.tail_start) = (front, 0);
        Ok(())
    }

    fn in_tail(&self, offset: u64, length: usize) -> Option<&[u8]> {
        let from = usize::try_from(offset.checked_sub(self.tail_start)?).ok()?;
        self.tail.get(from..from.checked_add(length)?)
    }

    /// Fetches a part, going on where a connection broke.
    fn fetch(&self, offset: u64, buffer: &mut [u8]) -> Result<(), String> {
        let mut done = 0;
        while done < buffer.len() {
            let rest = buffer.get_mut(done..).unwrap_or_default();
            let from = offset.saturating_add(done as u64);
            let before = done;
            done = self.client.persist(|| match self.attempt(from, rest) {
                (0, Err(failure)) => Err(failure),
                // What came counts; the loop asks for what is missing.
                (got, Err(failure)) if failure.again => Ok(before.saturating_add(got)),
                (_, Err(failure)) => Err(failure),
                (got, Ok(())) => Ok(before.saturating_add(got)),
            })?;
        }
        Ok(())
    }

    fn attempt(&self, offset: u64, buffer: &mut [u8]) -> (usize, Result<(), Failure>) {
        let last = offset.saturating_add(buffer.len() as u64).saturating_sub(1);
        let asked = format!("bytes={offset}-{last}");
        let response = request(&self.client, &self.address, &asked, &self.transfer);
        let mut response = match response.and_then(|response| self.check(response, offset, last)) {
            Ok(response) => response,
            Err(failure) => return (0, Err(failure)),
        };
        let (filled, outcome) = fill(&mut response, buffer);
        count(&self.client, &self.address, &self.transfer, filled);
        (filled, outcome)
    }

    fn check(&self, response: Response<Body>, offset: u64, last: u64) -> Result<Response<Body>, Failure> {
        let changed = || Failure::last("the file changed while it was read".to_owned());
        match response.status().as_u16() {
            206 => {}
            200 | 412 | 416 => return Err(changed()),
            _ => return Err(Failure::last(format!("the server answered {}", response.status()))),
        }
        let range = ContentRange::of(&response).ok_or_else(|| Failure::last(no_range()))?;
        if range.total != self.size || Same::of(&response) != self.same {
            return Err(changed());
        }
        if range.start != offset || range.end != last {
            return Err(Failure::last(format!(
                "the server sent bytes {}-{} when {offset}-{last} were asked for",
                range.start, range.end
            )));
        }
        Ok(response)
    }
}

fn request(client: &Client, address: &Address, range: &str, transfer: &Transfer) -> Result<Response<Body>, Failure> {
    transfer.requests.fetch_add(1, Ordering::Relaxed);
    client.get(address, Some(range))
}

fn size_by_first_byte(client: &Client, address: &Address, transfer: &Transfer) -> Result<u64, Failure> {
    let response = request(client, address, "bytes=0-0", transfer)?;
    let range = ContentRange::of(&response).filter(|_| response.status().as_u16() == 206);
    range
        .map(|range| range.total)
        .ok_or_else(|| Failure::last(format!("the server answered {} and told no size of the file", response.status())))
}

fn no_range() -> String {
    "the server sent a part of the file without saying which".to_owned()
}

/// Holds a size against what was known beforehand.
pub(super) fn check_size(size: u64, expected: Expected) -> Result<(), Failure> {
    match expected.size {
        Some(wanted) if wanted != size => {
            Err(Failure::last(format!("the file has {size} bytes, {wanted} were expected")))
        }
        _ => Ok(()),
    }
}

fn fill(response: &mut Response<Body>, buffer: &mut [u8]) -> (usize, Result<(), Failure>) {
    let mut body = response.body_mut().as_reader();
    let mut filled = 0;
    while filled < buffer.len() {
        match body.read(buffer.get_mut(filled..).unwrap_or_default()) {
            Ok(0) => return (filled, Err(Failure::on_the_way("the connection ended too early".to_owned()))),
            Ok(got) => filled = filled.saturating_add(got),
            Err(error) => return (filled, Err(Failure::on_the_way(error.to_string()))),
        }
    }
    // A connection is used again only after its answer was read to the end.
    let _ = body.read(&mut [0]);
    (filled, Ok(()))
}

fn count(client: &Client, address: &Address, transfer: &Transfer, bytes: usize) {
    transfer.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
    client.tell(Progress { url: address.shown(), bytes: bytes as u64 });
}

impl ByteSource for Ranged {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<(), ReadError> {
        let length = buffer.len() as u64;
        let failed = |cause: String| ReadError { offset, length, cause };
        if offset.checked_add(length).is_none_or(|end| end > self.size) {
            return Err(failed("outside the file".to_owned()));
        }
        if let Some(bytes) = self.in_tail(offset, buffer.len()) {
            buffer.copy_from_slice(bytes);
            return Ok(());
        }
        // What is known of the end already is not fetched again.
        let missing = usize::try_from(self.tail_start.saturating_sub(offset)).unwrap_or(usize::MAX).min(buffer.len());
        let (front, back) = buffer.split_at_mut(missing);
        let known = self.tail.get(..back.len()).ok_or_else(|| failed("outside the file".to_owned()))?;
        back.copy_from_slice(known);
        self.fetch(offset, front).map_err(failed)
    }
}
