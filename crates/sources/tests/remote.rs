//! Wheels behind HTTP, from servers that do it right and from servers that do not.

mod support;

use std::io::Write;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use contract::judge::FileInput;
use numpact_sources::index::{
    CachedPython, CachedWheel, Client, Expected, FactsCache, HttpSettings, RemoteError, RemoteWheel,
};
use numpact_sources::wheel::Budget;
use reader::ByteSource;
use support::server::{Manner, Server};
use support::{Maker, noise};

const SO: &str = "demo/_core.cpython-311-x86_64-linux-gnu.so";

fn settings() -> HttpSettings {
    // An empty netrc file keeps the machine's own out of the tests.
    let netrc = std::env::temp_dir().join(format!("numpact-test-netrc-{}", std::process::id()));
    std::fs::write(&netrc, "").expect("the temporary folder can be written");
    HttpSettings { first_pause: Duration::from_millis(1), netrc: Some(netrc), ..HttpSettings::default() }
}

/// A wheel whose interesting member lies before much else.
fn wheel_bytes() -> Vec<u8> {
    let mut maker = Maker::default();
    maker.add("demo/data.bin", &noise(900_000));
    maker.build()
}

fn open_with(server: &Server, settings: HttpSettings, credentials: &str) -> Result<RemoteWheel, RemoteError> {
    let client = Client::new(settings).expect("a client without certificates of its own");
    RemoteWheel::open(&client, &server.url(credentials), Expected::default(), &Budget::new(1 << 30))
}

fn open(manner: Manner) -> (Server, Result<RemoteWheel, RemoteError>) {
    let server = Server::start(wheel_bytes(), manner);
    let outcome = open_with(&server, settings(), "");
    (server, outcome)
}

fn member(remote: &RemoteWheel) -> Result<Vec<u8>, String> {
    let wheel = remote.wheel();
    let member = wheel.member(SO).expect("the member is listed");
    let source = wheel.source(member).map_err(|u| u.detail)?;
    let mut all = vec![0; member.size as usize];
    source.read_at(0, &mut all).map_err(|e| e.cause)?;
    assert_eq!(source.verified(), Some(true));
    Ok(all)
}

fn failure(manner: Manner) -> String {
    match open(manner).1 {
        Err(error) => error.to_string(),
        Ok(remote) => member(&remote).expect_err("the server misbehaves"),
    }
}

#[test]
fn a_member_costs_its_own_bytes_and_the_directory() {
    let (_server, remote) = open(Manner::Right);
    let remote = remote.expect("opens");
    assert_eq!(remote.wheel().distribution().name, "demo");
    assert!(remote.bytes_read() <= 68 << 10, "{}", remote.bytes_read());
    assert_eq!(remote.requests(), 3, "the end, and the two metadata files that lie elsewhere");
    assert_eq!(member(&remote).expect("readable"), noise(200_000));
    assert!(remote.bytes_read() < 330_000, "{}", remote.bytes_read());
    assert!(remote.bytes_total() > 1_000_000);
    assert_eq!(remote.note(), None);
}

#[test]
fn one_connection_serves_all_parts_of_a_file() {
    let (server, remote) = open(Manner::Right);
    member(&remote.expect("opens")).expect("readable");
    assert!(server.requests() > 4, "{}", server.requests());
    assert_eq!(server.connections(), 1);
}

#[test]
fn a_member_that_is_dropped_early_costs_little() {
    let (_server, remote) = open(Manner::Right);
    let remote = remote.expect("opens");
    let before = remote.bytes_read();
    let source = remote.wheel().source(remote.wheel().member(SO).expect("listed")).expect("readable");
    source.read_at(0, &mut [0; 64]).expect("readable");
    assert!(remote.bytes_read() - before < 140_000, "{}", remote.bytes_read() - before);
}

#[test]
fn servers_without_ranges_send_the_whole_file_and_that_is_said() {
    for manner in [Manner::NoRanges, Manner::NoRangesNoLength] {
        let (server, remote) = open(manner);
        let remote = remote.expect("opens");
        assert_eq!(member(&remote).expect("readable"), noise(200_000));
        assert_eq!(remote.bytes_read(), remote.bytes_total());
        assert_eq!(server.requests(), 1);
        let note = remote.note().expect("it is said");
        assert!(note.starts_with("127.0.0.1 does not serve parts of files, so all"), "{note}");
    }
    let server = Server::start(wheel_bytes(), Manner::NoRanges);
    let error = open_with(&server, HttpSettings { whole_limit: 1000, ..settings() }, "").err().expect("too large");
    assert!(error.to_string().contains("larger than the limit of 1000 bytes"), "{error}");
}

#[test]
fn what_can_be_mended_is_mended() {
    for manner in [Manner::NoSuffix, Manner::Cuts, Manner::BusyAtFirst, Manner::Redirects] {
        let (_server, remote) = open(manner);
        let remote = remote.unwrap_or_else(|error| panic!("{manner:?}: {error}"));
        assert_eq!(member(&remote).unwrap_or_else(|error| panic!("{manner:?}: {error}")), noise(200_000), "{manner:?}");
    }
}

#[test]
fn what_cannot_be_mended_is_named() {
    let cases = [
        (Manner::Changes, "the file changed while it was read"),
        (Manner::Grows, "the file changed while it was read"),
        (Manner::Shifted, "the server sent bytes"),
        (Manner::NoContentRange, "without saying which"),
        (Manner::Missing, "404 Not Found"),
        (Manner::Broken, "500 Internal Server Error (5 attempts)"),
        (Manner::AlwaysCuts, "(5 attempts)"),
    ];
    for (manner, words) in cases {
        let message = failure(manner);
        assert!(message.contains(words), "{manner:?}: {message}");
        assert!(!message.contains("signature"), "a query may carry a secret: {message}");
    }
}

#[test]
fn a_file_of_another_size_than_expected_is_refused() {
    let server = Server::start(wheel_bytes(), Manner::Right);
    let client = Client::new(settings()).expect("a client");
    let expected = Expected { size: Some(wheel_bytes().len() as u64 - 1), ..Expected::default() };
    let outcome = RemoteWheel::open(&client, &server.url(""), expected, &Budget::new(1 << 30));
    assert!(outcome.err().expect("refused").to_string().contains("were expected"));
}

#[test]
fn credentials_come_from_the_address_or_from_netrc_and_are_never_shown() {
    let server = Server::start(wheel_bytes(), Manner::Private);
    let error = open_with(&server, settings(), "").err().expect("refused").to_string();
    assert!(error.contains("give a name and a password"), "{error}");
    let error = open_with(&server, settings(), "demo:falsch@").err().expect("refused").to_string();
    assert!(error.contains("to the name and password it was given") && !error.contains("falsch"), "{error}");
    let remote = open_with(&server, settings(), "demo:geheim@").expect("let in");
    assert!(!remote.wheel().path().contains("geheim"), "{}", remote.wheel().path());
    let mut netrc = tempfile::NamedTempFile::new().expect("a temporary file");
    netrc.write_all(b"machine 127.0.0.1 login demo password geheim\n").expect("written");
    let settings = HttpSettings { netrc: Some(netrc.path().to_path_buf()), ..settings() };
    assert!(open_with(&server, settings, "").is_ok());
}

#[test]
fn offline_makes_no_request() {
    let server = Server::start(wheel_bytes(), Manner::Right);
    let outcome = open_with(&server, HttpSettings { offline: true, ..settings() }, "");
    assert!(outcome.err().expect("refused").to_string().contains("`--offline` was given"));
    assert_eq!(server.requests(), 0);
}

#[test]
fn progress_adds_up() {
    let server = Server::start(wheel_bytes(), Manner::Right);
    let told = Arc::new(AtomicU64::new(0));
    let sum = Arc::clone(&told);
    let client = Client::new(settings()).expect("a client").with_progress(Arc::new(move |progress| {
        sum.fetch_add(progress.bytes, Ordering::SeqCst);
    }));
    let remote =
        RemoteWheel::open(&client, &server.url(""), Expected::default(), &Budget::new(1 << 30)).expect("opens");
    member(&remote).expect("readable");
    assert_eq!(told.load(Ordering::SeqCst), remote.bytes_read());
}

#[test]
fn certificates_that_cannot_be_used_are_named() {
    let file = tempfile::NamedTempFile::new().expect("a temporary file");
    let settings = HttpSettings { certificates: Some(file.path().to_path_buf()), ..settings() };
    let error = Client::new(settings).err().expect("refused").to_string();
    assert!(error.contains("it holds no certificate"), "{error}");
}

fn entry(filename: &str) -> CachedWheel {
    let file = FileInput { path: "demo/a.so".to_owned(), facts: Vec::new(), unreadable: None };
    CachedWheel {
        filename: filename.to_owned(),
        address: "https://files.example.org/demo.whl".to_owned(),
        name: "demo".to_owned(),
        version: "1.0".to_owned(),
        requires_numpy: vec!["numpy>=1.22".to_owned()],
        files: vec![file],
        problems: Vec::new(),
        python: CachedPython::default(),
    }
}

#[test]
fn the_cache_gives_back_what_was_put_in_and_only_that() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let cache = FactsCache::at(folder.path(), "reader-1", 1 << 20);
    let (one, two) = ("a".repeat(64), "b".repeat(64));
    assert_eq!(cache.get(&one, "demo.whl"), None);
    cache.put(&one, &entry("demo.whl")).expect("written");
    assert_eq!(cache.get(&one, "demo.whl"), Some(entry("demo.whl")));
    assert_eq!(cache.get(&one, "other.whl"), None, "one hash, another file");
    assert_eq!(cache.get(&two, "demo.whl"), None);
    assert_eq!(FactsCache::at(folder.path(), "reader-2", 1 << 20).get(&one, "demo.whl"), None, "another reader");
    assert!(cache.put("../../etc/passwd", &entry("demo.whl")).is_err());
}

#[test]
fn the_cache_stays_below_its_limit_and_survives_damage() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let cache = FactsCache::at(folder.path(), "reader-1", 1);
    cache.put(&"a".repeat(64), &entry("demo.whl")).expect("written");
    assert_eq!(cache.get(&"a".repeat(64), "demo.whl"), None, "it did not fit");
    let cache = FactsCache::at(folder.path(), "reader-1", 1 << 20);
    cache.put(&"a".repeat(64), &entry("demo.whl")).expect("written");
    let path = folder.path().join("facts-3/reader-1").join(format!("{}.json.gz", "a".repeat(64)));
    std::fs::write(path, b"\x1f\x8bdamaged").expect("written");
    assert_eq!(cache.get(&"a".repeat(64), "demo.whl"), None);
}

/// Libraries for a GPU hold hundreds of megabytes between the names of their symbols and the table that says what they need.
#[test]
fn of_a_library_that_calls_no_python_the_ends_alone_are_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name);
    let assembly = format!(".data\n.incbin \"{0}\"\n.section .rodata\n.incbin \"{0}\"\n", path("noise").display());
    std::fs::write(path("noise"), noise(8 << 20)).expect("the folder can be written");
    std::fs::write(path("big.s"), assembly).expect("the folder can be written");
    let mut gcc = Command::new("gcc");
    gcc.args(["-shared", "-Wl,--no-as-needed", "-lm", "-o"]).args([path("libbig.so"), path("big.s")]);
    assert!(gcc.status().expect("the compiler starts").success());
    let library = std::fs::read(path("libbig.so")).expect("what the compiler wrote");

    let mut maker = Maker::default();
    maker.add("demo.libs/libbig.so", &library);
    let remote = open_with(&Server::start(maker.build(), Manner::Right), settings(), "").expect("opens");
    let (wheel, before) = (remote.wheel(), remote.bytes_read());
    let facts = reader::read(&wheel.source(wheel.member("demo.libs/libbig.so").expect("listed")).expect("readable"));
    let read = remote.bytes_read() - before;
    assert!(read < 1 << 20, "{read} of {}", library.len());
    assert_eq!(facts.len(), 1);
    assert!(!facts[0].requirement.uses_numpy());
    assert!(facts[0].needed.contains(&"libm.so.6".to_owned()), "{:?}", facts[0].needed);
}
