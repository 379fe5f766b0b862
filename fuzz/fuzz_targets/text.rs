//! Texts that people paste, and lock files: `explain` and every lock parser.
#![no_main]

use std::hint::black_box;

use advice::explain::{Context, explain};
use sources::lockfile::{LockKind, parse};

const LOCKS: [LockKind; 7] = [
    LockKind::Pylock,
    LockKind::Uv,
    LockKind::Poetry,
    LockKind::Pdm,
    LockKind::Pipfile,
    LockKind::Pixi,
    LockKind::CondaLock,
];

libfuzzer_sys::fuzz_target!(|text: &str| {
    black_box(explain(text, &Context::default()));
    for kind in LOCKS {
        let _ = black_box(parse(kind, text));
    }
});
