//! For servers that cannot serve parts: the whole file, bounded, in a temporary file that is gone with the process.

use std::io::{Read, Write};
use std::sync::atomic::Ordering;

use ureq::Body;
use ureq::http::Response;

use super::client::{Address, Client, Failure, Progress};
use super::ranged::check_size;
use super::{Expected, Transfer};
use crate::FileSource;

/// How many bytes are moved at a time.
const PIECE: usize = 256 << 10;

pub(super) fn fetch(
    client: &Client,
    address: &Address,
    mut response: Response<Body>,
    expected: Expected,
    transfer: &Transfer,
) -> Result<FileSource, Failure> {
    let promised = response.body().content_length();
    let limit = client.settings().whole_limit;
    if let Some(size) = promised {
        check_size(size, expected)?;
    }
    if promised.is_some_and(|size| size > limit) {
        return Err(too_large(limit));
    }
    let broken = |error: std::io::Error| Failure::last(format!("cannot write a temporary file: {error}"));
    let mut file = tempfile::tempfile().map_err(broken)?;
    let mut body = response.body_mut().with_config().limit(u64::MAX).reader();
    let mut piece = vec![0; PIECE];
    let mut total: u64 = 0;
    loop {
        let got = body.read(&mut piece).map_err(|error| Failure::on_the_way(error.to_string()))?;
        if got == 0 {
            break;
        }
        total = total.saturating_add(got as u64);
        if total > limit {
            return Err(too_large(limit));
        }
        transfer.bytes.fetch_add(got as u64, Ordering::Relaxed);
        client.tell(Progress { url: address.shown(), bytes: got as u64 });
        file.write_all(piece.get(..got).unwrap_or_default()).map_err(broken)?;
    }
    if promised.is_some_and(|size| size != total) {
        return Err(Failure::on_the_way(format!("the connection ended after {total} bytes")));
    }
    check_size(total, expected)?;
    FileSource::from_file(file).map_err(broken)
}

fn too_large(limit: u64) -> Failure {
    Failure::last(format!(
        "the server does not serve parts of files, and the whole is larger than the limit of {limit} bytes"
    ))
}
