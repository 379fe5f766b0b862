//! NumPys put in front of real interpreters by the installers of this machine. Each test wants one small download at most.

use std::path::Path;
use std::time::{Duration, SystemTime};

use numpact_runner::overlay::{OverlayError, Overlays};
use numpact_runner::probe::{Probe, probe};

/// Where tests keep NumPys: with everything else that they fetch.
fn overlays() -> Overlays {
    Overlays::at(&testing::cache().join("probe"), 100)
}

#[test]
fn a_numpy_is_installed_once_and_is_the_one_imported() {
    let python = testing::interpreter("3.11");
    let first = overlays().numpy(&python, "1.26.4").expect("NumPy 1.26.4");
    let second = overlays().numpy(&python, "1.26.4").expect("NumPy 1.26.4");
    assert_eq!((first.folder(), second.is_fresh()), (second.folder(), false));
    let request = Probe { overlay: Some(first.folder().to_path_buf()), ..Probe::new(&python, "numpy") };
    let probed = probe(&request).expect("the interpreter runs");
    let seen = probed.numpy.as_ref().expect("it was imported");
    assert!(probed.succeeded(), "{probed:?}");
    assert_eq!(seen.version.as_deref(), Some("1.26.4"));
    assert!(seen.file.as_ref().is_some_and(|file| file.starts_with(first.folder())), "{seen:?}");
}

#[test]
fn a_python_without_such_a_wheel_is_told_so() {
    let error = overlays().numpy(&testing::interpreter("3.13"), "1.26.4").expect_err("there is none");
    assert!(matches!(error, OverlayError::NoWheel { .. }), "{error}");
    assert!(error.to_string().starts_with("there is no wheel of NumPy 1.26.4 for CPython 3.13 on "), "{error}");
    assert!(matches!(overlays().numpy(Path::new("/bin/false"), "1.26.4"), Err(OverlayError::Interpreter { .. })));
}

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
