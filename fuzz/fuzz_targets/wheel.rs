//! Wheels: the archive's directory, the metadata, and every compiled member of it.
#![no_main]

use std::hint::black_box;
use std::sync::Arc;

use sources::wheel::{Budget, Limits, Wheel};

/// Small limits, so that a bomb is a finding here long before it fills the memory.
const LIMITS: Limits =
    Limits { entries: 1000, member: 8 << 20, text: 1 << 20, ratio: 400, ratio_from: 1 << 20, resident: 16 << 20 };

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let budget = Budget::new(LIMITS.resident);
    let name = "name-1.0-cp311-cp311-manylinux_2_17_x86_64.whl";
    let Ok(wheel) = Wheel::from_bytes(Arc::new(bytes.to_vec()), name, LIMITS, &budget) else { return };
    for member in wheel.compiled() {
        if let Ok(source) = wheel.source(member) {
            black_box(reader::read_numbers(&source));
        }
    }
    black_box(wheel.problems());
    assert!(budget.held() <= LIMITS.resident, "more is held than the budget allows");
});
