//! ELF files: all that the reader can be asked about them.
#![no_main]

mod compiled;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| compiled::read_all(b"\x7fELF", bytes));
