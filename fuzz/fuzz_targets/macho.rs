//! Mach-O files, thin and fat: all that the reader can be asked about them.
#![no_main]

mod compiled;

/// What the file begins with: the mutated bytes follow it, so that none is spent on the magic number.
const THIN: &[u8] = &[0xcf, 0xfa, 0xed, 0xfe];
const FAT: &[u8] = &[0xca, 0xfe, 0xba, 0xbe];

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let fat = bytes.first() == FAT.first();
    compiled::read_all(if fat { FAT } else { THIN }, bytes);
});
