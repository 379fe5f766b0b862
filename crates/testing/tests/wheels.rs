//! Fetches a real wheel (once, then from the cache), makes an overlay of it and runs it.

use std::process::Command;

#[test]
fn a_pinned_wheel_is_fetched_unpacked_and_imported() {
    let name = "numpy-1.26.4-cp311-cp311-manylinux";
    let wheel = testing::wheel(name);
    assert!(wheel.is_file());
    let overlay = testing::overlay(&[name]);
    let output = Command::new(testing::interpreter("3.11"))
        .env("PYTHONPATH", &overlay)
        .args(["-c", "import numpy; print(numpy.__version__)"])
        .output()
        .expect("the interpreter starts");
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "1.26.4", "{output:?}");
}

#[test]
fn what_is_missing_is_named() {
    let error = testing::try_wheel("no-such-wheel").expect_err("not pinned");
    assert!(error.to_string().starts_with("no wheel named `no-such-wheel` is pinned"), "{error}");
    let error = testing::try_interpreter("3.1").expect_err("no such interpreter");
    assert!(error.to_string().starts_with("no CPython 3.1 on this machine"), "{error}");
}
