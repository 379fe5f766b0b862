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

#[test]
fn the_ones_unused_for_longest_go_and_used_ones_stay() {
    let python = testing::host_interpreter().expect("a Python 3").path;
    let (cache, overlays) = filled(100, &["a", "b", "c"]);
    // The name under which this interpreter's NumPy would lie is learnt from a first try, whatever comes of it.
    let _ = overlays.numpy(&python, "0.0.0");
    let locks = std::fs::read_dir(cache.path().join("numpys-1")).expect("there").flatten();
    let names = locks.map(|entry| entry.file_name().to_string_lossy().into_owned());
    let key =
        names.filter_map(|name| name.strip_suffix(".lock").map(str::to_owned)).find(|name| name.contains("0.0.0"));
    std::fs::create_dir(cache.path().join("numpys-1").join(key.expect("it was looked for"))).expect("made");
    let used = Overlays::at(cache.path(), 2).numpy(&python, "0.0.0").expect("it is there now");
    let there = |key: &str| cache.path().join("numpys-1").join(key).is_dir();
    assert_eq!((there("a"), there("b"), there("c")), (false, false, true));
    let _ = Overlays::at(cache.path(), 0).numpy(&python, "0.0.0").expect("it is used");
    assert!(used.folder().is_dir() && !there("c"));
}
