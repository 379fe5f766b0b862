//! The folder of NumPys: which ones stay. That they are installed and imported is held by the tests of `numpact probe`.

use std::path::Path;
use std::time::{Duration, SystemTime};

use numpact_runner::overlay::{OverlayError, Overlays};

/// Makes folders that stand for NumPys installed before.
fn filled(limit: usize, keys: &[&str]) -> (tempfile::TempDir, Overlays) {
    let cache = tempfile::tempdir().expect("a temporary folder");
    for (age, key) in keys.iter().enumerate() {
        let lock = cache.path().join("numpys-1").join(format!("{key}.lock"));
        std::fs::create_dir_all(cache.path().join("numpys-1").join(key)).expect("made");
        let used = SystemTime::UNIX_EPOCH + Duration::from_secs(age as u64);
        std::fs::File::create(lock).and_then(|file| file.set_modified(used)).expect("made");
    }
    let overlays = Overlays::at(cache.path(), limit);
    (cache, overlays)
}

#[test]
fn what_is_no_interpreter_gets_none() {
    let (_cache, overlays) = filled(2, &[]);
    let none = overlays.numpy(Path::new("/bin/false"), "1.26.4").expect_err("it is no interpreter");
    assert!(matches!(none, OverlayError::Interpreter { .. }), "{none}");
}

/// The name under which this interpreter's NumPy would lie: it is learnt from a first try, whatever comes of it.
fn key_of(cache: &Path, overlays: &Overlays, python: &Path) -> String {
    let _ = overlays.numpy(python, "0.0.0");
    let locks = std::fs::read_dir(cache.join("numpys-1")).expect("there").flatten();
    let names = locks.map(|entry| entry.file_name().to_string_lossy().into_owned());
    let mut keys = names.filter_map(|name| name.strip_suffix(".lock").map(str::to_owned));
    keys.find(|name| name.contains("0.0.0")).expect("it was looked for")
}

/// It lay there for a day, and as often as somebody was killed.
#[test]
fn what_somebody_left_who_was_killed_goes_with_the_next_try() {
    let python = testing::host_interpreter().expect("a Python 3").path;
    let (cache, overlays) = filled(100, &["a"]);
    let key = key_of(cache.path(), &overlays, &python);
    let folder = cache.path().join("numpys-1");
    let left = [format!(".unfinished-{key}-abc"), ".unfinished-a-abc".to_owned(), ".unfinished-b-abc".to_owned()];
    for name in &left {
        std::fs::create_dir(folder.join(name)).expect("made");
    }
    // Somebody is at work at the last.
    let lock = std::fs::File::create(folder.join("b.lock")).expect("made");
    lock.lock().expect("locked");
    let _ = overlays.numpy(&python, "0.0.0");
    assert!(!folder.join(&left[0]).exists(), "the one that is made anew");
    std::fs::create_dir(folder.join(key)).expect("made");
    let _used = overlays.numpy(&python, "0.0.0").expect("it is there now");
    let there = left.map(|name| folder.join(name).exists());
    assert_eq!(there, [false, false, true]);
}

#[test]
fn the_ones_unused_for_longest_go_and_used_ones_stay() {
    let python = testing::host_interpreter().expect("a Python 3").path;
    let (cache, overlays) = filled(100, &["a", "b", "c"]);
    let key = key_of(cache.path(), &overlays, &python);
    std::fs::create_dir(cache.path().join("numpys-1").join(key)).expect("made");
    let used = Overlays::at(cache.path(), 2).numpy(&python, "0.0.0").expect("it is there now");
    let there = |key: &str| cache.path().join("numpys-1").join(key).is_dir();
    assert_eq!((there("a"), there("b"), there("c")), (false, false, true));
    let _ = Overlays::at(cache.path(), 0).numpy(&python, "0.0.0").expect("it is used");
    assert!(used.folder().is_dir() && !there("c"));
}
