//! What compiled code asks for by default, by the headers it was built with. Written by `cargo xtask generate` from
//! `data/numpy-headers.toml`: do not edit.

/// The first release with such headers, `NPY_VERSION` and the default of `NPY_FEATURE_VERSION`, in ascending order.
pub(crate) static HEADERS: &[(&[u64], u32, u32)] = &[
    (&[1, 7, 0], 0x01000009, 0x7),
    (&[1, 8, 0], 0x01000009, 0x9),
    (&[1, 10, 0], 0x01000009, 0xa),
    (&[1, 13, 0], 0x01000009, 0xb),
    (&[1, 14, 0], 0x01000009, 0xc),
    (&[1, 16, 0], 0x01000009, 0xd),
    (&[1, 20, 0], 0x01000009, 0xe),
    (&[1, 22, 0], 0x01000009, 0xf),
    (&[1, 23, 0], 0x01000009, 0x10),
    (&[1, 25, 0], 0x01000009, 0xd),
    (&[2, 0, 0], 0x02000000, 0xd),
    (&[2, 1, 0], 0x02000000, 0xe),
    (&[2, 3, 0], 0x02000000, 0x10),
    (&[2, 5, 0], 0x02000000, 0x11),
];
