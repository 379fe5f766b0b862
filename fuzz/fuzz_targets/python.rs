//! Python sources: their imports.
#![no_main]

libfuzzer_sys::fuzz_target!(|source: &str| {
    std::hint::black_box(reader::python::imports(source));
});
