//! NumPy's releases and what they provide. Written by `cargo xtask generate` from `data/numpy-releases.toml` and
//! `data/numpy-contracts.toml`: do not edit.

use crate::table::{Contract, Row};

/// The day on which the list of releases was last brought up to date.
pub const KNOWLEDGE_DATE: &str = "2026-11-21";

static FROM_1_7_0: Contract = Contract {
    abi: 0x01000009,
    feature: 0x7,
    types: &[("bool_", 24), ("broadcast", 560), ("character", 16), ("complexfloating", 16), ("datetime64", 32), ("dtype", 88), ("flatiter", 2632), ("flexible", 16), ("floating", 16), ("generic", 16), ("inexact", 16), ("integer", 16), ("ndarray", 80), ("nditer", 160), ("number", 16), ("signedinteger", 16), ("timedelta64", 32), ("ufunc", 176), ("unsignedinteger", 16), ("void", 56)],
    null_slots: &[],
};

static FROM_1_8_0: Contract = Contract {
    abi: 0x01000009,
    feature: 0x9,
    types: &[("bool_", 24), ("broadcast", 560), ("character", 16), ("complexfloating", 16), ("datetime64", 32), ("dtype", 88), ("flatiter", 2632), ("flexible", 16), ("floating", 16), ("generic", 16), ("inexact", 16), ("integer", 16), ("ndarray", 80), ("nditer", 160), ("number", 16), ("signedinteger", 16), ("timedelta64", 32), ("ufunc", 192), ("unsignedinteger", 16), ("void", 56)],
    null_slots: &[],
};

static FROM_1_9_0: Contract = Contract {
    abi: 0x01000009,
    feature: 0x9,
    types: &[("bool_", 24), ("broadcast", 560), ("character", 16), ("complexfloating", 16), ("datetime64", 32), ("dtype", 88), ("flatiter", 2632), ("flexible", 16), ("floating", 16), ("generic", 16), ("inexact", 16), ("integer", 16), ("ndarray", 80), ("nditer", 160), ("number", 16), ("signedinteger", 16), ("timedelta64", 32), ("ufunc", 192), ("unsignedinteger", 16), ("void", 56)],
    null_slots: &[],
};

static FROM_1_10_0: Contract = Contract {
    abi: 0x01000009,
    feature: 0xa,
    types: &[("bool_", 24), ("broadcast", 560), ("character", 16), ("complexfloating", 16), ("datetime64", 32), ("dtype", 96), ("flatiter", 2632), ("flexible", 16), ("floating", 16), ("generic", 16), ("inexact", 16), ("integer", 16), ("ndarray", 80), ("nditer", 160), ("number", 16), ("signedinteger", 16), ("timedelta64", 32), ("ufunc", 192), ("unsignedinteger", 16), ("void", 56)],
    null_slots: &[],
};

static FROM_1_11_0: Contract = Contract {
    abi: 0x01000009,
    feature: 0xa,
    types: &[("bool_", 24), ("broadcast", 560), ("character", 16), ("complexfloating", 16), ("datetime64", 32), ("dtype", 96), ("flatiter", 2632), ("flexible", 16), ("floating", 16), ("generic", 16), ("inexact", 16), ("integer", 16), ("ndarray", 80), ("nditer", 160), ("number", 16), ("signedinteger", 16), ("timedelta64", 32), ("ufunc", 192), ("unsignedinteger", 16), ("void", 56)],
    null_slots: &[],
};

static FROM_1_12_0: Contract = Contract {
    abi: 0x01000009,
    feature: 0xa,
    types: &[("bool_", 24), ("broadcast", 560), ("character", 16), ("complexfloating", 16), ("datetime64", 32), ("dtype", 96), ("flatiter", 2632), ("flexible", 16), ("floating", 16), ("generic", 16), ("inexact", 16), ("integer", 16), ("ndarray", 80), ("nditer", 160), ("number", 16), ("signedinteger", 16), ("timedelta64", 32), ("ufunc", 192), ("unsignedinteger", 16), ("void", 56)],
    null_slots: &[],
};

static FROM_1_13_0: Contract = Contract {
    abi: 0x01000009,
    feature: 0xb,
    types: &[("bool_", 24), ("broadcast", 560), ("character", 16), ("complexfloating", 16), ("datetime64", 32), ("dtype", 96), ("flatiter", 2632), ("flexible", 16), ("floating", 16), ("generic", 16), ("inexact", 16), ("integer", 16), ("ndarray", 80), ("nditer", 160), ("number", 16), ("signedinteger", 16), ("timedelta64", 32), ("ufunc", 192), ("unsignedinteger", 16), ("void", 56)],
    null_slots: &[],
};

static FROM_1_14_0: Contract = Contract {
    abi: 0x01000009,
    feature: 0xc,
    types: &[("bool_", 24), ("broadcast", 560), ("character", 16), ("complexfloating", 16), ("datetime64", 32), ("dtype", 96), ("flatiter", 2632), ("flexible", 16), ("floating", 16), ("generic", 16), ("inexact", 16), ("integer", 16), ("ndarray", 80), ("nditer", 160), ("number", 16), ("signedinteger", 16), ("timedelta64", 32), ("ufunc", 192), ("unsignedinteger", 16), ("void", 56)],
    null_slots: &[],
};

static FROM_1_15_0: Contract = Contract {
    abi: 0x01000009,
    feature: 0xc,
    types: &[("bool_", 24), ("broadcast", 560), ("character", 16), ("complexfloating", 16), ("datetime64", 32), ("dtype", 96), ("flatiter", 2632), ("flexible", 16), ("floating", 16), ("generic", 16), ("inexact", 16), ("integer", 16), ("ndarray", 80), ("nditer", 160), ("number", 16), ("signedinteger", 16), ("timedelta64", 32), ("ufunc", 192), ("unsignedinteger", 16), ("void", 56)],
    null_slots: &[],
};

static FROM_1_16_0: Contract = Contract {
    abi: 0x01000009,
    feature: 0xd,
    types: &[("bool_", 24), ("broadcast", 560), ("character", 16), ("complexfloating", 16), ("datetime64", 32), ("dtype", 96), ("flatiter", 2632), ("flexible", 16), ("floating", 16), ("generic", 16), ("inexact", 16), ("integer", 16), ("ndarray", 80), ("nditer", 160), ("number", 16), ("signedinteger", 16), ("timedelta64", 32), ("ufunc", 216), ("unsignedinteger", 16), ("void", 56)],
    null_slots: &[],
};

static FROM_1_17_0: Contract = Contract {
    abi: 0x01000009,
    feature: 0xd,
    types: &[("bool_", 24), ("broadcast", 560), ("character", 16), ("complexfloating", 16), ("datetime64", 32), ("dtype", 96), ("flatiter", 2632), ("flexible", 16), ("floating", 16), ("generic", 16), ("inexact", 16), ("integer", 16), ("ndarray", 80), ("nditer", 160), ("number", 16), ("signedinteger", 16), ("timedelta64", 32), ("ufunc", 216), ("unsignedinteger", 16), ("void", 56)],
    null_slots: &[],
};

static FROM_1_18_0: Contract = Contract {
    abi: 0x01000009,
    feature: 0xd,
    types: &[("bool_", 24), ("broadcast", 560), ("character", 16), ("complexfloating", 16), ("datetime64", 32), ("dtype", 96), ("flatiter", 2632), ("flexible", 16), ("floating", 16), ("generic", 16), ("inexact", 16), ("integer", 16), ("ndarray", 80), ("nditer", 160), ("number", 16), ("signedinteger", 16), ("timedelta64", 32), ("ufunc", 216), ("unsignedinteger", 16), ("void", 56)],
    null_slots: &[],
};

static FROM_1_19_0: Contract = Contract {
    abi: 0x01000009,
    feature: 0xd,
    types: &[("bool_", 24), ("broadcast", 560), ("character", 16), ("complexfloating", 16), ("datetime64", 32), ("dtype", 96), ("flatiter", 2632), ("flexible", 16), ("floating", 16), ("generic", 16), ("inexact", 16), ("integer", 16), ("ndarray", 80), ("nditer", 160), ("number", 16), ("signedinteger", 16), ("timedelta64", 32), ("ufunc", 216), ("unsignedinteger", 16), ("void", 56)],
    null_slots: &[],
};

static FROM_1_20_0: Contract = Contract {
    abi: 0x01000009,
    feature: 0xe,
    types: &[("bool_", 24), ("broadcast", 560), ("character", 16), ("complexfloating", 16), ("datetime64", 32), ("dtype", 96), ("flatiter", 2632), ("flexible", 16), ("floating", 16), ("generic", 16), ("inexact", 16), ("integer", 16), ("ndarray", 88), ("nditer", 160), ("number", 16), ("signedinteger", 16), ("timedelta64", 32), ("ufunc", 216), ("unsignedinteger", 16), ("void", 64)],
    null_slots: &[],
};

static FROM_1_21_0: Contract = Contract {
    abi: 0x01000009,
    feature: 0xe,
    types: &[("bool_", 24), ("broadcast", 560), ("character", 16), ("complexfloating", 16), ("datetime64", 32), ("dtype", 96), ("flatiter", 2632), ("flexible", 16), ("floating", 16), ("generic", 16), ("inexact", 16), ("integer", 16), ("ndarray", 88), ("nditer", 160), ("number", 16), ("signedinteger", 16), ("timedelta64", 32), ("ufunc", 216), ("unsignedinteger", 16), ("void", 64)],
    null_slots: &[],
};

static FROM_1_22_0: Contract = Contract {
    abi: 0x01000009,
    feature: 0xf,
    types: &[("bool_", 24), ("broadcast", 560), ("character", 16), ("complexfloating", 16), ("datetime64", 32), ("dtype", 96), ("flatiter", 2632), ("flexible", 16), ("floating", 16), ("generic", 16), ("inexact", 16), ("integer", 16), ("ndarray", 96), ("nditer", 160), ("number", 16), ("signedinteger", 16), ("timedelta64", 32), ("ufunc", 232), ("unsignedinteger", 16), ("void", 64)],
    null_slots: &[],
};

static FROM_1_23_0: Contract = Contract {
    abi: 0x01000009,
    feature: 0x10,
    types: &[("bool_", 24), ("broadcast", 560), ("character", 16), ("complexfloating", 16), ("datetime64", 32), ("dtype", 96), ("flatiter", 2632), ("flexible", 16), ("floating", 16), ("generic", 16), ("inexact", 16), ("integer", 16), ("ndarray", 96), ("nditer", 160), ("number", 16), ("signedinteger", 16), ("timedelta64", 32), ("ufunc", 232), ("unsignedinteger", 16), ("void", 64)],
    null_slots: &[],
};

static FROM_1_24_0: Contract = Contract {
    abi: 0x01000009,
    feature: 0x10,
    types: &[("bool_", 24), ("broadcast", 560), ("character", 16), ("complexfloating", 16), ("datetime64", 32), ("dtype", 96), ("flatiter", 2632), ("flexible", 16), ("floating", 16), ("generic", 16), ("inexact", 16), ("integer", 16), ("ndarray", 96), ("nditer", 160), ("number", 16), ("signedinteger", 16), ("timedelta64", 32), ("ufunc", 232), ("unsignedinteger", 16), ("void", 64)],
    null_slots: &[],
};

static FROM_1_25_0: Contract = Contract {
    abi: 0x01000009,
    feature: 0x11,
    types: &[("bool_", 24), ("broadcast", 560), ("character", 16), ("complexfloating", 16), ("datetime64", 32), ("dtype", 96), ("flatiter", 2632), ("flexible", 16), ("floating", 16), ("generic", 16), ("inexact", 16), ("integer", 16), ("ndarray", 96), ("nditer", 160), ("number", 16), ("signedinteger", 16), ("timedelta64", 32), ("ufunc", 232), ("unsignedinteger", 16), ("void", 64)],
    null_slots: &[],
};

static FROM_1_26_0: Contract = Contract {
    abi: 0x01000009,
    feature: 0x11,
    types: &[("bool_", 24), ("broadcast", 560), ("character", 16), ("complexfloating", 16), ("datetime64", 32), ("dtype", 96), ("flatiter", 2632), ("flexible", 16), ("floating", 16), ("generic", 16), ("inexact", 16), ("integer", 16), ("ndarray", 96), ("nditer", 160), ("number", 16), ("signedinteger", 16), ("timedelta64", 32), ("ufunc", 232), ("unsignedinteger", 16), ("void", 64)],
    null_slots: &[],
};

static FROM_2_0_0: Contract = Contract {
    abi: 0x02000000,
    feature: 0x12,
    types: &[("bool_", 24), ("broadcast", 816), ("character", 16), ("complexfloating", 16), ("datetime64", 32), ("dtype", 88), ("flatiter", 2632), ("flexible", 16), ("floating", 16), ("generic", 16), ("inexact", 16), ("integer", 16), ("ndarray", 96), ("nditer", 224), ("number", 16), ("signedinteger", 16), ("timedelta64", 32), ("ufunc", 232), ("unsignedinteger", 16), ("void", 64)],
    null_slots: &[1, 4, 40, 41, 66, 67, 68, 81, 82, 83, 103, 115, 117, 122, 163, 164, 171, 173, 197, 201, 202, 208, 219, 220, 221, 222, 223, 278, 291, 293, 294, 295, 301, 360],
};

static FROM_2_1_0: Contract = Contract {
    abi: 0x02000000,
    feature: 0x13,
    types: &[("bool_", 24), ("broadcast", 816), ("character", 16), ("complexfloating", 16), ("datetime64", 32), ("dtype", 88), ("flatiter", 2632), ("flexible", 16), ("floating", 16), ("generic", 16), ("inexact", 16), ("integer", 16), ("ndarray", 96), ("nditer", 224), ("number", 16), ("signedinteger", 16), ("timedelta64", 32), ("ufunc", 240), ("unsignedinteger", 16), ("void", 64)],
    null_slots: &[1, 4, 40, 41, 66, 67, 68, 81, 82, 83, 103, 115, 117, 122, 163, 164, 171, 173, 197, 201, 202, 208, 219, 220, 221, 222, 223, 278, 291, 293, 294, 295, 301, 360],
};

static FROM_2_2_0: Contract = Contract {
    abi: 0x02000000,
    feature: 0x13,
    types: &[("bool_", 24), ("broadcast", 816), ("character", 16), ("complexfloating", 16), ("datetime64", 32), ("dtype", 88), ("flatiter", 2632), ("flexible", 16), ("floating", 16), ("generic", 16), ("inexact", 16), ("integer", 16), ("ndarray", 96), ("nditer", 224), ("number", 16), ("signedinteger", 16), ("timedelta64", 32), ("ufunc", 240), ("unsignedinteger", 16), ("void", 64)],
    null_slots: &[1, 4, 40, 41, 66, 67, 68, 81, 82, 83, 103, 115, 117, 122, 163, 164, 171, 173, 197, 201, 202, 208, 219, 220, 221, 222, 223, 278, 291, 293, 294, 295, 301, 360],
};

static FROM_2_3_0: Contract = Contract {
    abi: 0x02000000,
    feature: 0x14,
    types: &[("bool_", 24), ("broadcast", 816), ("character", 16), ("complexfloating", 16), ("datetime64", 32), ("dtype", 88), ("flatiter", 2632), ("flexible", 16), ("floating", 16), ("generic", 16), ("inexact", 16), ("integer", 16), ("ndarray", 96), ("nditer", 104), ("number", 16), ("signedinteger", 16), ("timedelta64", 32), ("ufunc", 240), ("unsignedinteger", 16), ("void", 64)],
    null_slots: &[1, 4, 40, 41, 66, 67, 68, 81, 82, 83, 103, 115, 117, 122, 163, 164, 171, 173, 197, 201, 202, 208, 219, 220, 221, 222, 278, 291, 293, 294, 295, 301, 360],
};

static FROM_2_4_0: Contract = Contract {
    abi: 0x02000000,
    feature: 0x15,
    types: &[("bool_", 24), ("broadcast", 816), ("character", 16), ("complexfloating", 16), ("datetime64", 32), ("dtype", 88), ("flatiter", 2632), ("flexible", 16), ("floating", 16), ("generic", 16), ("inexact", 16), ("integer", 16), ("ndarray", 96), ("nditer", 104), ("number", 16), ("signedinteger", 16), ("timedelta64", 32), ("ufunc", 240), ("unsignedinteger", 16), ("void", 64)],
    null_slots: &[1, 4, 40, 41, 66, 67, 68, 81, 82, 83, 103, 115, 117, 122, 163, 164, 171, 173, 197, 201, 202, 208, 219, 220, 221, 222, 278, 291, 293, 294, 295, 301, 360],
};

static FROM_2_5_0: Contract = Contract {
    abi: 0x02000000,
    feature: 0x16,
    types: &[("bool_", 24), ("broadcast", 816), ("character", 16), ("complexfloating", 16), ("datetime64", 32), ("dtype", 88), ("flatiter", 2632), ("flexible", 16), ("floating", 16), ("generic", 16), ("inexact", 16), ("integer", 16), ("ndarray", 96), ("nditer", 104), ("number", 16), ("signedinteger", 16), ("timedelta64", 32), ("ufunc", 240), ("unsignedinteger", 16), ("void", 64)],
    null_slots: &[1, 4, 40, 41, 66, 67, 68, 81, 82, 83, 103, 115, 117, 122, 163, 164, 171, 173, 197, 201, 202, 208, 219, 220, 221, 222, 278, 291, 293, 294, 295, 301, 360],
};

/// Every final release, in ascending order.
pub(crate) static RELEASES: &[Row] = &[
    Row { version: &[1, 7, 0], contract: &FROM_1_7_0, pythons: &[(2, 6), (2, 7), (3, 3), (3, 4)], yanked: false },
    Row { version: &[1, 7, 1], contract: &FROM_1_7_0, pythons: &[(2, 6), (2, 7), (3, 2), (3, 3), (3, 4)], yanked: false },
    Row { version: &[1, 7, 2], contract: &FROM_1_7_0, pythons: &[(2, 6), (2, 7), (3, 3), (3, 4)], yanked: false },
    Row { version: &[1, 8, 0], contract: &FROM_1_8_0, pythons: &[(2, 6), (2, 7), (3, 3), (3, 4)], yanked: false },
    Row { version: &[1, 8, 1], contract: &FROM_1_8_0, pythons: &[(2, 6), (2, 7), (3, 3), (3, 4)], yanked: false },
    Row { version: &[1, 8, 2], contract: &FROM_1_8_0, pythons: &[(2, 6), (2, 7), (3, 3), (3, 4)], yanked: false },
    Row { version: &[1, 9, 0], contract: &FROM_1_9_0, pythons: &[(2, 6), (2, 7), (3, 3), (3, 4), (3, 5)], yanked: false },
    Row { version: &[1, 9, 1], contract: &FROM_1_9_0, pythons: &[(2, 6), (2, 7), (3, 3), (3, 4), (3, 5)], yanked: false },
    Row { version: &[1, 9, 2], contract: &FROM_1_9_0, pythons: &[(2, 6), (2, 7), (3, 3), (3, 4), (3, 5)], yanked: false },
    Row { version: &[1, 9, 3], contract: &FROM_1_9_0, pythons: &[(2, 6), (2, 7), (3, 3), (3, 4), (3, 5)], yanked: false },
    Row { version: &[1, 10, 0], contract: &FROM_1_10_0, pythons: &[(2, 6), (2, 7), (3, 3), (3, 4), (3, 5)], yanked: false },
    Row { version: &[1, 10, 1], contract: &FROM_1_10_0, pythons: &[(2, 6), (2, 7), (3, 3), (3, 4), (3, 5)], yanked: false },
    Row { version: &[1, 10, 2], contract: &FROM_1_10_0, pythons: &[(2, 6), (2, 7), (3, 3), (3, 4), (3, 5)], yanked: false },
    Row { version: &[1, 10, 3], contract: &FROM_1_10_0, pythons: &[(2, 6), (2, 7), (3, 3), (3, 4), (3, 5)], yanked: false },
    Row { version: &[1, 10, 4], contract: &FROM_1_10_0, pythons: &[(2, 6), (2, 7), (3, 3), (3, 4), (3, 5)], yanked: false },
    Row { version: &[1, 11, 0], contract: &FROM_1_11_0, pythons: &[(2, 7), (3, 3), (3, 4), (3, 5)], yanked: false },
    Row { version: &[1, 11, 1], contract: &FROM_1_11_0, pythons: &[(2, 7), (3, 4), (3, 5)], yanked: false },
    Row { version: &[1, 11, 2], contract: &FROM_1_11_0, pythons: &[(2, 7), (3, 4), (3, 5)], yanked: false },
    Row { version: &[1, 11, 3], contract: &FROM_1_11_0, pythons: &[(2, 7), (3, 4), (3, 5), (3, 6)], yanked: false },
    Row { version: &[1, 12, 0], contract: &FROM_1_12_0, pythons: &[(2, 7), (3, 4), (3, 5), (3, 6)], yanked: false },
    Row { version: &[1, 12, 1], contract: &FROM_1_12_0, pythons: &[(2, 7), (3, 4), (3, 5), (3, 6)], yanked: false },
    Row { version: &[1, 13, 0], contract: &FROM_1_13_0, pythons: &[(2, 7), (3, 4), (3, 5), (3, 6)], yanked: false },
    Row { version: &[1, 13, 1], contract: &FROM_1_13_0, pythons: &[(2, 7), (3, 4), (3, 5), (3, 6)], yanked: false },
    Row { version: &[1, 13, 3], contract: &FROM_1_13_0, pythons: &[(2, 7), (3, 4), (3, 5), (3, 6)], yanked: false },
    Row { version: &[1, 14, 0], contract: &FROM_1_14_0, pythons: &[(2, 7), (3, 4), (3, 5), (3, 6)], yanked: false },
    Row { version: &[1, 14, 1], contract: &FROM_1_14_0, pythons: &[(2, 7), (3, 4), (3, 5), (3, 6)], yanked: false },
    Row { version: &[1, 14, 2], contract: &FROM_1_14_0, pythons: &[(2, 7), (3, 4), (3, 5), (3, 6)], yanked: false },
    Row { version: &[1, 14, 3], contract: &FROM_1_14_0, pythons: &[(2, 7), (3, 4), (3, 5), (3, 6)], yanked: false },
    Row { version: &[1, 14, 4], contract: &FROM_1_14_0, pythons: &[(2, 7), (3, 4), (3, 5), (3, 6)], yanked: false },
    Row { version: &[1, 14, 5], contract: &FROM_1_14_0, pythons: &[(2, 7), (3, 4), (3, 5), (3, 6), (3, 7)], yanked: false },
    Row { version: &[1, 14, 6], contract: &FROM_1_14_0, pythons: &[(2, 7), (3, 4), (3, 5), (3, 6), (3, 7)], yanked: false },
    Row { version: &[1, 15, 0], contract: &FROM_1_15_0, pythons: &[(2, 7), (3, 4), (3, 5), (3, 6), (3, 7)], yanked: false },
    Row { version: &[1, 15, 1], contract: &FROM_1_15_0, pythons: &[(2, 7), (3, 4), (3, 5), (3, 6), (3, 7)], yanked: false },
    Row { version: &[1, 15, 2], contract: &FROM_1_15_0, pythons: &[(2, 7), (3, 4), (3, 5), (3, 6), (3, 7)], yanked: false },
    Row { version: &[1, 15, 3], contract: &FROM_1_15_0, pythons: &[(2, 7), (3, 4), (3, 5), (3, 6), (3, 7)], yanked: false },
    Row { version: &[1, 15, 4], contract: &FROM_1_15_0, pythons: &[(2, 7), (3, 4), (3, 5), (3, 6), (3, 7)], yanked: false },
    Row { version: &[1, 16, 0], contract: &FROM_1_16_0, pythons: &[(2, 7), (3, 5), (3, 6), (3, 7)], yanked: false },
    Row { version: &[1, 16, 1], contract: &FROM_1_16_0, pythons: &[(2, 7), (3, 5), (3, 6), (3, 7)], yanked: false },
    Row { version: &[1, 16, 2], contract: &FROM_1_16_0, pythons: &[(2, 7), (3, 5), (3, 6), (3, 7)], yanked: false },
    Row { version: &[1, 16, 3], contract: &FROM_1_16_0, pythons: &[(2, 7), (3, 5), (3, 6), (3, 7)], yanked: false },
    Row { version: &[1, 16, 4], contract: &FROM_1_16_0, pythons: &[(2, 7), (3, 5), (3, 6), (3, 7)], yanked: false },
    Row { version: &[1, 16, 5], contract: &FROM_1_16_0, pythons: &[(2, 7), (3, 5), (3, 6), (3, 7)], yanked: false },
    Row { version: &[1, 16, 6], contract: &FROM_1_16_0, pythons: &[(2, 7), (3, 5), (3, 6), (3, 7)], yanked: false },
    Row { version: &[1, 17, 0], contract: &FROM_1_17_0, pythons: &[(3, 5), (3, 6), (3, 7)], yanked: false },
    Row { version: &[1, 17, 1], contract: &FROM_1_17_0, pythons: &[(3, 5), (3, 6), (3, 7)], yanked: false },
    Row { version: &[1, 17, 2], contract: &FROM_1_17_0, pythons: &[(3, 5), (3, 6), (3, 7)], yanked: false },
    Row { version: &[1, 17, 3], contract: &FROM_1_17_0, pythons: &[(3, 5), (3, 6), (3, 7), (3, 8)], yanked: false },
    Row { version: &[1, 17, 4], contract: &FROM_1_17_0, pythons: &[(3, 5), (3, 6), (3, 7), (3, 8)], yanked: false },
    Row { version: &[1, 17, 5], contract: &FROM_1_17_0, pythons: &[(3, 5), (3, 6), (3, 7), (3, 8)], yanked: false },
    Row { version: &[1, 18, 0], contract: &FROM_1_18_0, pythons: &[(3, 5), (3, 6), (3, 7), (3, 8)], yanked: false },
    Row { version: &[1, 18, 1], contract: &FROM_1_18_0, pythons: &[(3, 5), (3, 6), (3, 7), (3, 8)], yanked: false },
    Row { version: &[1, 18, 2], contract: &FROM_1_18_0, pythons: &[(3, 5), (3, 6), (3, 7), (3, 8)], yanked: false },
    Row { version: &[1, 18, 3], contract: &FROM_1_18_0, pythons: &[(3, 5), (3, 6), (3, 7), (3, 8)], yanked: false },
    Row { version: &[1, 18, 4], contract: &FROM_1_18_0, pythons: &[(3, 5), (3, 6), (3, 7), (3, 8)], yanked: false },
    Row { version: &[1, 18, 5], contract: &FROM_1_18_0, pythons: &[(3, 5), (3, 6), (3, 7), (3, 8)], yanked: false },
    Row { version: &[1, 19, 0], contract: &FROM_1_19_0, pythons: &[(3, 6), (3, 7), (3, 8)], yanked: false },
    Row { version: &[1, 19, 1], contract: &FROM_1_19_0, pythons: &[(3, 6), (3, 7), (3, 8)], yanked: false },
    Row { version: &[1, 19, 2], contract: &FROM_1_19_0, pythons: &[(3, 6), (3, 7), (3, 8)], yanked: false },
    Row { version: &[1, 19, 3], contract: &FROM_1_19_0, pythons: &[(3, 6), (3, 7), (3, 8), (3, 9)], yanked: false },
    Row { version: &[1, 19, 4], contract: &FROM_1_19_0, pythons: &[(3, 6), (3, 7), (3, 8), (3, 9)], yanked: false },
    Row { version: &[1, 19, 5], contract: &FROM_1_19_0, pythons: &[(3, 6), (3, 7), (3, 8), (3, 9)], yanked: false },
    Row { version: &[1, 20, 0], contract: &FROM_1_20_0, pythons: &[(3, 7), (3, 8), (3, 9)], yanked: false },
    Row { version: &[1, 20, 1], contract: &FROM_1_20_0, pythons: &[(3, 7), (3, 8), (3, 9)], yanked: false },
    Row { version: &[1, 20, 2], contract: &FROM_1_20_0, pythons: &[(3, 7), (3, 8), (3, 9)], yanked: false },
    Row { version: &[1, 20, 3], contract: &FROM_1_20_0, pythons: &[(3, 7), (3, 8), (3, 9)], yanked: false },
    Row { version: &[1, 21, 0], contract: &FROM_1_21_0, pythons: &[(3, 7), (3, 8), (3, 9)], yanked: false },
    Row { version: &[1, 21, 1], contract: &FROM_1_21_0, pythons: &[(3, 7), (3, 8), (3, 9)], yanked: false },
    Row { version: &[1, 21, 2], contract: &FROM_1_21_0, pythons: &[(3, 7), (3, 8), (3, 9), (3, 10)], yanked: false },
    Row { version: &[1, 21, 3], contract: &FROM_1_21_0, pythons: &[(3, 7), (3, 8), (3, 9), (3, 10)], yanked: false },
    Row { version: &[1, 21, 4], contract: &FROM_1_21_0, pythons: &[(3, 7), (3, 8), (3, 9), (3, 10)], yanked: false },
    Row { version: &[1, 21, 5], contract: &FROM_1_21_0, pythons: &[(3, 7), (3, 8), (3, 9), (3, 10)], yanked: false },
    Row { version: &[1, 21, 6], contract: &FROM_1_21_0, pythons: &[(3, 7), (3, 8), (3, 9), (3, 10)], yanked: false },
    Row { version: &[1, 22, 0], contract: &FROM_1_22_0, pythons: &[(3, 8), (3, 9), (3, 10)], yanked: false },
    Row { version: &[1, 22, 1], contract: &FROM_1_22_0, pythons: &[(3, 8), (3, 9), (3, 10)], yanked: false },
    Row { version: &[1, 22, 2], contract: &FROM_1_22_0, pythons: &[(3, 8), (3, 9), (3, 10)], yanked: false },
    Row { version: &[1, 22, 3], contract: &FROM_1_22_0, pythons: &[(3, 8), (3, 9), (3, 10)], yanked: false },
    Row { version: &[1, 22, 4], contract: &FROM_1_22_0, pythons: &[(3, 8), (3, 9), (3, 10)], yanked: false },
    Row { version: &[1, 23, 0], contract: &FROM_1_23_0, pythons: &[(3, 8), (3, 9), (3, 10)], yanked: false },
    Row { version: &[1, 23, 1], contract: &FROM_1_23_0, pythons: &[(3, 8), (3, 9), (3, 10)], yanked: false },
    Row { version: &[1, 23, 2], contract: &FROM_1_23_0, pythons: &[(3, 8), (3, 9), (3, 10), (3, 11)], yanked: false },
    Row { version: &[1, 23, 3], contract: &FROM_1_23_0, pythons: &[(3, 8), (3, 9), (3, 10), (3, 11)], yanked: false },
    Row { version: &[1, 23, 4], contract: &FROM_1_23_0, pythons: &[(3, 8), (3, 9), (3, 10), (3, 11)], yanked: false },
    Row { version: &[1, 23, 5], contract: &FROM_1_23_0, pythons: &[(3, 8), (3, 9), (3, 10), (3, 11)], yanked: false },
    Row { version: &[1, 24, 0], contract: &FROM_1_24_0, pythons: &[(3, 8), (3, 9), (3, 10), (3, 11)], yanked: false },
    Row { version: &[1, 24, 1], contract: &FROM_1_24_0, pythons: &[(3, 8), (3, 9), (3, 10), (3, 11)], yanked: false },
    Row { version: &[1, 24, 2], contract: &FROM_1_24_0, pythons: &[(3, 8), (3, 9), (3, 10), (3, 11)], yanked: false },
    Row { version: &[1, 24, 3], contract: &FROM_1_24_0, pythons: &[(3, 8), (3, 9), (3, 10), (3, 11)], yanked: false },
    Row { version: &[1, 24, 4], contract: &FROM_1_24_0, pythons: &[(3, 8), (3, 9), (3, 10), (3, 11)], yanked: false },
    Row { version: &[1, 25, 0], contract: &FROM_1_25_0, pythons: &[(3, 9), (3, 10), (3, 11)], yanked: false },
    Row { version: &[1, 25, 1], contract: &FROM_1_25_0, pythons: &[(3, 9), (3, 10), (3, 11)], yanked: false },
    Row { version: &[1, 25, 2], contract: &FROM_1_25_0, pythons: &[(3, 9), (3, 10), (3, 11)], yanked: false },
    Row { version: &[1, 26, 0], contract: &FROM_1_26_0, pythons: &[(3, 9), (3, 10), (3, 11), (3, 12)], yanked: false },
    Row { version: &[1, 26, 1], contract: &FROM_1_26_0, pythons: &[(3, 9), (3, 10), (3, 11), (3, 12)], yanked: false },
    Row { version: &[1, 26, 2], contract: &FROM_1_26_0, pythons: &[(3, 9), (3, 10), (3, 11), (3, 12)], yanked: false },
    Row { version: &[1, 26, 3], contract: &FROM_1_26_0, pythons: &[(3, 9), (3, 10), (3, 11), (3, 12)], yanked: false },
    Row { version: &[1, 26, 4], contract: &FROM_1_26_0, pythons: &[(3, 9), (3, 10), (3, 11), (3, 12)], yanked: false },
    Row { version: &[2, 0, 0], contract: &FROM_2_0_0, pythons: &[(3, 9), (3, 10), (3, 11), (3, 12)], yanked: false },
    Row { version: &[2, 0, 1], contract: &FROM_2_0_0, pythons: &[(3, 9), (3, 10), (3, 11), (3, 12)], yanked: false },
    Row { version: &[2, 0, 2], contract: &FROM_2_0_0, pythons: &[(3, 9), (3, 10), (3, 11), (3, 12)], yanked: false },
    Row { version: &[2, 1, 0], contract: &FROM_2_1_0, pythons: &[(3, 10), (3, 11), (3, 12), (3, 13)], yanked: false },
    Row { version: &[2, 1, 1], contract: &FROM_2_1_0, pythons: &[(3, 10), (3, 11), (3, 12), (3, 13)], yanked: false },
    Row { version: &[2, 1, 2], contract: &FROM_2_1_0, pythons: &[(3, 10), (3, 11), (3, 12), (3, 13)], yanked: false },
    Row { version: &[2, 1, 3], contract: &FROM_2_1_0, pythons: &[(3, 10), (3, 11), (3, 12), (3, 13)], yanked: false },
    Row { version: &[2, 2, 0], contract: &FROM_2_2_0, pythons: &[(3, 10), (3, 11), (3, 12), (3, 13)], yanked: false },
    Row { version: &[2, 2, 1], contract: &FROM_2_2_0, pythons: &[(3, 10), (3, 11), (3, 12), (3, 13)], yanked: false },
    Row { version: &[2, 2, 2], contract: &FROM_2_2_0, pythons: &[(3, 10), (3, 11), (3, 12), (3, 13)], yanked: false },
    Row { version: &[2, 2, 3], contract: &FROM_2_2_0, pythons: &[(3, 10), (3, 11), (3, 12), (3, 13)], yanked: false },
    Row { version: &[2, 2, 4], contract: &FROM_2_2_0, pythons: &[(3, 10), (3, 11), (3, 12), (3, 13)], yanked: false },
    Row { version: &[2, 2, 5], contract: &FROM_2_2_0, pythons: &[(3, 10), (3, 11), (3, 12), (3, 13)], yanked: false },
    Row { version: &[2, 2, 6], contract: &FROM_2_2_0, pythons: &[(3, 10), (3, 11), (3, 12), (3, 13)], yanked: false },
    Row { version: &[2, 3, 0], contract: &FROM_2_3_0, pythons: &[(3, 11), (3, 12), (3, 13)], yanked: false },
    Row { version: &[2, 3, 1], contract: &FROM_2_3_0, pythons: &[(3, 11), (3, 12), (3, 13)], yanked: false },
    Row { version: &[2, 3, 2], contract: &FROM_2_3_0, pythons: &[(3, 11), (3, 12), (3, 13), (3, 14)], yanked: false },
    Row { version: &[2, 3, 3], contract: &FROM_2_3_0, pythons: &[(3, 11), (3, 12), (3, 13), (3, 14)], yanked: false },
    Row { version: &[2, 3, 4], contract: &FROM_2_3_0, pythons: &[(3, 11), (3, 12), (3, 13), (3, 14)], yanked: false },
    Row { version: &[2, 3, 5], contract: &FROM_2_3_0, pythons: &[(3, 11), (3, 12), (3, 13), (3, 14)], yanked: false },
    Row { version: &[2, 4, 0], contract: &FROM_2_4_0, pythons: &[(3, 11), (3, 12), (3, 13), (3, 14)], yanked: true },
    Row { version: &[2, 4, 1], contract: &FROM_2_4_0, pythons: &[(3, 11), (3, 12), (3, 13), (3, 14)], yanked: false },
    Row { version: &[2, 4, 2], contract: &FROM_2_4_0, pythons: &[(3, 11), (3, 12), (3, 13), (3, 14)], yanked: false },
    Row { version: &[2, 4, 3], contract: &FROM_2_4_0, pythons: &[(3, 11), (3, 12), (3, 13), (3, 14)], yanked: false },
    Row { version: &[2, 4, 4], contract: &FROM_2_4_0, pythons: &[(3, 11), (3, 12), (3, 13), (3, 14)], yanked: false },
    Row { version: &[2, 4, 5], contract: &FROM_2_4_0, pythons: &[(3, 11), (3, 12), (3, 13), (3, 14)], yanked: false },
    Row { version: &[2, 4, 6], contract: &FROM_2_4_0, pythons: &[(3, 11), (3, 12), (3, 13), (3, 14)], yanked: false },
    Row { version: &[2, 5, 0], contract: &FROM_2_5_0, pythons: &[(3, 12), (3, 13), (3, 14)], yanked: false },
    Row { version: &[2, 5, 1], contract: &FROM_2_5_0, pythons: &[(3, 12), (3, 13), (3, 14)], yanked: false },
    Row { version: &[2, 5, 2], contract: &FROM_2_5_0, pythons: &[(3, 12), (3, 13), (3, 14), (3, 15)], yanked: false },
    Row { version: &[2, 5, 3], contract: &FROM_2_5_0, pythons: &[(3, 12), (3, 13), (3, 14), (3, 15)], yanked: false },
    Row { version: &[2, 5, 4], contract: &FROM_2_5_0, pythons: &[(3, 12), (3, 13), (3, 14), (3, 15)], yanked: false },
    Row { version: &[2, 5, 5], contract: &FROM_2_5_0, pythons: &[(3, 12), (3, 13), (3, 14), (3, 15)], yanked: false },
];
