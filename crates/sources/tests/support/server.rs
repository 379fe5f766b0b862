//! A server on the loopback that serves one file in many ways, most of them wrong.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How the server misbehaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// Not at all.
    Right,
    /// Answers every request with the whole file.
    NoRanges,
    /// The same, and without saying how long the file is.
    NoRangesNoLength,
    /// Refuses ranges that are counted from the end.
    NoSuffix,
    /// Closes the connection in the middle of every second answer.
    Cuts,
    /// Closes the connection before every answer.
    AlwaysCuts,
    /// Answers 503 to the first two requests.
    BusyAtFirst,
    /// Answers 500 always.
    Broken,
    /// Has another version of the file after the first request.
    Changes,
    /// Sends a part that begins a byte later than asked for.
    Shifted,
    /// Says that the file is longer than it is, after the first request.
    Grows,
    /// Sends parts without saying which.
    NoContentRange,
    /// Wants a name and a password.
    Private,
    /// Sends everybody elsewhere first.
    Redirects,
    /// Has no such file.
    Missing,
}

/// A running server. It ends with the process.
pub struct Server {
    port: u16,
    requests: Arc<AtomicUsize>,
    connections: Arc<AtomicUsize>,
}

impl Server {
    pub fn start(content: Vec<u8>, manner: Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("the loopback can be listened on");
        let port = listener.local_addr().expect("a bound socket has an address").port();
        let requests = Arc::new(AtomicUsize::new(0));
        let connections = Arc::new(AtomicUsize::new(0));
        let (content, count, made) = (Arc::new(content), Arc::clone(&requests), Arc::clone(&connections));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                made.fetch_add(1, Ordering::SeqCst);
                let (content, count) = (Arc::clone(&content), Arc::clone(&count));
                std::thread::spawn(move || serve(&stream, &content, manner, &count));
            }
        });
        Self { port, requests, connections }
    }

    pub fn url(&self, credentials: &str) -> String {
        format!("http://{credentials}127.0.0.1:{}/files/{}?signature=secret", self.port, super::NAME)
    }

    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    pub fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }
}

struct Request {
    path: String,
    range: Option<String>,
    authorization: Option<String>,
}

fn serve(stream: &TcpStream, content: &[u8], manner: Manner, count: &AtomicUsize) {
    let mut input = BufReader::new(stream);
    while let Some(request) = read_request(&mut input) {
        let number = count.fetch_add(1, Ordering::SeqCst);
        let (head, body, cut) = answer(&request, content, manner, number);
        let sent = if cut { &body[..body.len() / 2] } else { &body[..] };
        let mut out = stream;
        if out.write_all(head.as_bytes()).and_then(|()| out.write_all(sent)).is_err() || cut {
            let _ = stream.shutdown(std::net::Shutdown::Both);
            return;
        }
        if !head.contains("Content-Length") {
            let _ = stream.shutdown(std::net::Shutdown::Both);
            return;
        }
    }
}

fn read_request(input: &mut impl BufRead) -> Option<Request> {
    let mut first = String::new();
    input.read_line(&mut first).ok().filter(|count| *count > 0)?;
    let mut request = Request { path: first.split(' ').nth(1)?.to_owned(), range: None, authorization: None };
    loop {
        let mut line = String::new();
        input.read_line(&mut line).ok()?;
        match line.trim().split_once(": ") {
            None => return Some(request),
            Some((name, value)) if name.eq_ignore_ascii_case("range") => request.range = Some(value.to_owned()),
            Some((name, value)) if name.eq_ignore_ascii_case("authorization") => {
                request.authorization = Some(value.to_owned());
            }
            Some(_) => {}
        }
    }
}

fn plain(status: &str, extra: &str) -> (String, Vec<u8>, bool) {
    (format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\n{extra}\r\n"), Vec::new(), false)
}

fn answer(request: &Request, content: &[u8], manner: Manner, number: usize) -> (String, Vec<u8>, bool) {
    let suffix = request.range.as_ref().is_some_and(|range| range.starts_with("bytes=-"));
    // `demo:geheim`, as basic authentication writes it.
    let known = request.authorization.as_deref() == Some("Basic ZGVtbzpnZWhlaW0=");
    match manner {
        Manner::Missing => return plain("404 Not Found", ""),
        Manner::Broken => return plain("500 Internal Server Error", ""),
        Manner::BusyAtFirst if number < 2 => return plain("503 Service Unavailable", "Retry-After: 0\r\n"),
        Manner::Private if !known => return plain("401 Unauthorized", "WWW-Authenticate: Basic\r\n"),
        Manner::NoSuffix if suffix => return plain("416 Range Not Satisfiable", ""),
        Manner::Redirects if !request.path.starts_with("/moved") => {
            return plain("302 Found", &format!("Location: /moved{}\r\n", request.path));
        }
        _ => {}
    }
    let range = request.range.as_ref().filter(|_| !matches!(manner, Manner::NoRanges | Manner::NoRangesNoLength));
    let Some((mut start, mut end)) = range.and_then(|range| parse_range(range, content.len())) else {
        let length = format!("Content-Length: {}\r\n", content.len());
        let length = if manner == Manner::NoRangesNoLength { "Connection: close\r\n".to_owned() } else { length };
        return (format!("HTTP/1.1 200 OK\r\n{length}\r\n"), content.to_vec(), false);
    };
    if manner == Manner::Shifted && number > 0 {
        (start, end) = (start + 1, (end + 1).min(content.len() - 1));
    }
    let total = if manner == Manner::Grows && number > 0 { content.len() + 1 } else { content.len() };
    let etag = if manner == Manner::Changes && number > 0 { "two" } else { "one" };
    let which = match manner {
        Manner::NoContentRange => String::new(),
        _ => format!("Content-Range: bytes {start}-{end}/{total}\r\n"),
    };
    let body = content[start..=end].to_vec();
    let head =
        format!("HTTP/1.1 206 Partial Content\r\nContent-Length: {}\r\nETag: \"{etag}\"\r\n{which}\r\n", body.len());
    let cut = manner == Manner::AlwaysCuts || (manner == Manner::Cuts && number % 2 == 1);
    (head, if manner == Manner::AlwaysCuts { Vec::new() } else { body }, cut)
}

fn parse_range(range: &str, length: usize) -> Option<(usize, usize)> {
    let (start, end) = range.strip_prefix("bytes=")?.split_once('-')?;
    if start.is_empty() {
        return Some((length.saturating_sub(end.parse().ok()?), length - 1));
    }
    Some((start.parse().ok()?, end.parse::<usize>().ok()?.min(length - 1)))
}
