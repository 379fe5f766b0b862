//! Real files of every format: what they demand, and what NumPy's own binaries provide.
#![allow(clippy::disallowed_methods, clippy::disallowed_types)] // Tests open files.

mod support;

use contract::{Architecture, BinaryFacts, CheckMode, ConsumerKind, Format, Generation, Reach};
use numpact_reader as reader;
use support::file;
use testing::Counted;

/// The wheels of one release of pycocotools for CPython 3.11, with the slices that each holds.
const PYCOCOTOOLS: [(&str, &[(Format, Architecture)]); 4] = [
    ("pycocotools-2.0.7-cp311-cp311-manylinux_2_17_x86_64", &[(Format::Elf, Architecture::X86_64)]),
    ("pycocotools-2.0.7-cp311-cp311-manylinux_2_17_aarch64", &[(Format::Elf, Architecture::Aarch64)]),
    (
        "pycocotools-2.0.7-cp311-cp311-macosx_10_9_universal2",
        &[(Format::MachO, Architecture::X86_64), (Format::MachO, Architecture::Aarch64)],
    ),
    ("pycocotools-2.0.7-cp311-cp311-win_amd64", &[(Format::Pe, Architecture::X86_64)]),
];

/// NumPy 2.2.6 for CPython 3.11 on five platforms.
const NUMPY: [&str; 5] = [
    "numpy-2.2.6-cp311-cp311-manylinux_2_17_x86_64",
    "numpy-2.2.6-cp311-cp311-manylinux_2_17_aarch64",
    "numpy-2.2.6-cp311-cp311-macosx_10_9_x86_64",
    "numpy-2.2.6-cp311-cp311-macosx_11_0_arm64",
    "numpy-2.2.6-cp311-cp311-win_amd64",
];

fn size(facts: &BinaryFacts, class: &str) -> Option<(u64, CheckMode)> {
    facts.requirement.numpy_types().find(|t| t.class == class).map(|t| (t.size, t.mode))
}

#[test]
fn one_release_demands_the_same_on_every_platform() {
    for (wheel, slices) in PYCOCOTOOLS {
        let facts = reader::read(&file(wheel, "pycocotools/_mask"));
        let found: Vec<_> = facts.iter().map(|f| (f.format, f.architecture)).collect();
        assert_eq!(found, slices, "{wheel}");
        for facts in &facts {
            assert_eq!(facts.module.as_deref(), Some("_mask"), "{wheel}");
            assert!(facts.requirement.undetermined.is_empty(), "{wheel}: {:?}", facts.requirement.undetermined);
            let [check] = facts.requirement.checks.as_slice() else { panic!("{wheel}: not one check") };
            assert_eq!(
                (check.abi, check.generation(), check.reach),
                (0x0100_0009, Generation::One, Reach::Import),
                "{wheel}"
            );
            assert!(!check.evidence.is_empty(), "{wheel}");
            assert_eq!(size(facts, "dtype"), Some((96, CheckMode::Ignore)), "{wheel}");
            assert_eq!(size(facts, "flatiter").map(|(size, _)| size), Some(2632), "{wheel}");
            assert_eq!(size(facts, "broadcast").map(|(size, _)| size), Some(560), "{wheel}");
        }
    }
}

/// Tools that bundle DLLs give them new names, and write these where there is room: in another section than the other
/// names. shapely's `lib` needs such a library first of all, and was taken for a module without imports.
#[test]
fn a_windows_module_whose_bundled_library_was_renamed_is_a_consumer() {
    let facts = reader::read(&file("shapely-2.0.2-cp311-cp311-win_amd64", "shapely/lib.cp311"));
    let [facts] = facts.as_slice() else { panic!("not one image") };
    assert!(facts.needed.iter().any(|library| library == "python311.dll"), "{:?}", facts.needed);
    let [check] = facts.requirement.checks.as_slice() else { panic!("{:?}", facts.requirement) };
    assert_eq!((check.abi, check.feature, check.reach), (0x0100_0009, Some(0x10), Reach::Import));
}

/// scipy's `_dop` has a message of NumPy's check at the beginning of a page, and functions that load other things from that
/// page: they were taken for checks whose numbers could not be read.
#[test]
fn a_page_that_begins_with_a_message_is_no_reference_to_it() {
    let [facts] = &reader::read(&file("scipy-1.11.4-cp311-cp311-manylinux_2_17_aarch64", "scipy/integrate/_dop."))[..]
    else {
        panic!("not one image")
    };
    assert!(facts.requirement.undetermined.is_empty(), "{:?}", facts.requirement.undetermined);
    let [check] = facts.requirement.checks.as_slice() else { panic!("{:?}", facts.requirement.checks) };
    assert_eq!((check.abi, check.feature, check.reach), (0x0100_0009, Some(0x10), Reach::Import));
}

/// A frame of more than a page is made with a call that Windows wants and `sub rsp, rax`: the strictness of scipy's checks,
/// an argument on the stack, was not found there any more.
#[test]
fn arguments_on_the_stack_of_a_large_windows_frame_are_read() {
    let [facts] = &reader::read(&file(
        "scipy-1.15.2-cp311-cp311-win_amd64",
        "scipy/sparse/_csparsetools.cp311-win_amd64.pyd",
    ))[..] else {
        panic!("not one image")
    };
    assert_eq!(size(facts, "dtype"), Some((32, CheckMode::Ignore)));
    assert_eq!(size(facts, "generic"), Some((16, CheckMode::Warn)));
}

/// Apple's clang inlined Cython's helper for the first types, let their failures share one end, and put the call that never
/// comes back before code that is jumped to: `dtype` was not seen in blis, and "any NumPy" was said of it.
#[test]
fn types_whose_inlined_checks_share_an_end_are_read() {
    let [facts] = &reader::read(&file("blis-0.7.9-cp310-cp310-macosx_11_0_arm64", "blis/py."))[..] else {
        panic!("not one image")
    };
    let sizes = ["dtype", "flatiter", "broadcast", "ndarray"].map(|class| size(facts, class).map(|(size, _)| size));
    assert_eq!(sizes, [Some(96), Some(2632), Some(560), Some(88)]);
}

/// Of the five types whose failures end together in cftime two were read, and NumPy 2 was said to suit it. Their values come
/// from two blocks back.
#[test]
fn types_whose_inlined_checks_join_twice_are_read() {
    let [facts] = &reader::read(&file("cftime-1.6.2-cp311-cp311-macosx_11_0_arm64", "cftime/_cftime."))[..] else {
        panic!("not one image")
    };
    let sizes = ["dtype", "flatiter", "broadcast", "ndarray", "ufunc"];
    let sizes = sizes.map(|class| size(facts, class).map(|(size, _)| size));
    assert_eq!(sizes, [Some(96), Some(2632), Some(560), Some(16), Some(232)]);
}

/// A message lies at the beginning of a page, which stands in a register for everything else in it: a function that calls
/// for another purpose was held to check a size that could not be read.
#[test]
fn the_beginning_of_a_page_is_a_text_only_where_a_text_is_taken() {
    let wheel = "h5py-3.8.0-cp310-cp310-manylinux_2_17_aarch64";
    let [facts] = &reader::read(&file(wheel, "h5py/_selector."))[..] else { panic!("not one image") };
    assert_eq!(facts.requirement.undetermined, []);
}

/// Old libraries for macOS have a slice for i386, which no Python loads: their wheels were undetermined.
#[test]
fn a_slice_of_32_bits_beside_others_is_passed_over() {
    let [thin] = [file("cftime-1.6.2-cp311-cp311-macosx_11_0_arm64", "cftime/_cftime.")];
    let slices: [(u32, &[u8]); 2] = [(7, &[0; 64]), (0x0100_000c, &thin)];
    let mut fat: Vec<u8> = [0xcafe_babe, 2].iter().flat_map(|word: &u32| word.to_be_bytes()).collect();
    let mut offset = 0x1000;
    for (kind, bytes) in slices {
        let length = u32::try_from(bytes.len()).expect("small");
        fat.extend([kind, 0, offset, length, 12].iter().flat_map(|word: &u32| word.to_be_bytes()));
        offset += length.next_multiple_of(0x1000);
    }
    for (_, bytes) in slices {
        fat.resize(fat.len().next_multiple_of(0x1000), 0);
        fat.extend(bytes);
    }
    let read = reader::read(&fat);
    assert_eq!(read.len(), 1);
    assert_eq!(read, reader::read(&thin));
}

/// Clang's outliner makes functions of the instructions that store the arguments.
#[test]
fn arguments_that_an_outlined_function_stores_are_read() {
    for facts in &reader::read(&file("pycocotools-2.0.11-cp311-cp311-macosx_10_9_universal2", "pycocotools/_mask")) {
        let sizes = ["dtype", "flatiter", "broadcast", "ndarray"].map(|class| size(facts, class).map(|(size, _)| size));
        assert_eq!(sizes, [Some(32), Some(2632), Some(304), Some(96)], "{:?}", facts.architecture);
    }
}

/// All its types are NumPy's, and gcc put that name into the helper: none was seen.
#[test]
fn types_of_a_helper_that_knows_its_module_are_read() {
    let [facts] =
        &reader::read(&file("pyregion-2.3.0-cp311-cp311-manylinux_2_17_x86_64", "pyregion/_region_filter.cpython"))[..]
    else {
        panic!("not one image")
    };
    let sizes = ["dtype", "flatiter", "broadcast", "ndarray"].map(|class| size(facts, class).map(|(size, _)| size));
    assert_eq!(sizes, [Some(32), Some(2632), Some(304), Some(88)]);
    assert_eq!(facts.requirement.undetermined, [], "its own declarations have no `ufunc`");
}

/// On x86-64 the name of the capsule became part of the code, and on Windows the paths of the standard library are written
/// with `\\`: both were held not to use NumPy.
#[test]
fn rust_modules_are_known_on_every_platform() {
    for (wheel, part) in [
        ("rustworkx-0.12.1-cp310-cp310-manylinux_2_17_x86_64", "rustworkx/rustworkx."),
        ("tokenizers-0.13.3-cp310-cp310-win_amd64", "tokenizers/tokenizers."),
    ] {
        let [facts] = &reader::read(&file(wheel, part))[..] else { panic!("not one image") };
        let kinds: Vec<_> = facts.requirement.consumers.iter().map(|c| (c.kind, c.generation)).collect();
        assert_eq!(kinds, [(ConsumerKind::RustNumpy, Some(Generation::One))], "{wheel}");
    }
}

#[test]
fn numbers_alone_are_what_the_whole_reading_finds() {
    for (wheel, _) in PYCOCOTOOLS {
        let bytes = file(wheel, "pycocotools/_mask");
        for (quick, whole) in reader::read_numbers(&bytes).iter().zip(reader::read(&bytes)) {
            let numbers = |facts: &BinaryFacts| -> Vec<_> {
                facts.requirement.checks.iter().map(|c| (c.abi, c.feature)).collect()
            };
            assert_eq!(numbers(quick), numbers(&whole), "{wheel}");
            assert_eq!(quick.requirement.types, whole.requirement.types, "{wheel}");
        }
    }
}

#[test]
fn numpy_s_own_binary_provides_what_the_table_says_on_every_platform() {
    let release = knowledge::release(&"2.2.6".parse().expect("a version")).expect("a known release");
    for wheel in NUMPY {
        for (architecture, provision) in reader::provisions(&file(wheel, "/_multiarray_umath.")) {
            let provision = provision.unwrap_or_else(|why| panic!("{wheel}, {architecture:?}: {}", why.detail));
            assert_eq!((provision.abi, provision.feature), (0x0200_0000, 0x13), "{wheel}");
            for class in ["ndarray", "dtype", "flatiter", "broadcast", "ufunc", "generic", "void"] {
                assert_eq!(provision.types.get(class), release.provision.types.get(class), "{wheel}: {class}");
            }
            let old = |slots: &[u16]| slots.iter().copied().filter(|s| *s <= 304).collect::<Vec<_>>();
            assert_eq!(old(&provision.null_slots), old(&release.provision.null_slots), "{wheel}");
        }
    }
}

#[test]
fn numpy_s_own_modules_list_the_slots_they_load() {
    let facts = reader::read(&file("pycocotools-2.0.7-cp311-cp311-manylinux_2_17_x86_64", "pycocotools/_mask"));
    let slots: Vec<u16> = facts.iter().flat_map(|f| f.requirement.slots.clone()).collect();
    assert!(slots.contains(&0) && slots.contains(&211), "{slots:?}");
}

/// What `__basicsize__` of the running types says on Linux; the structures hold pointers and such alone.
#[test]
fn the_sizes_of_a_module_s_own_types_are_read() {
    let sizes = [("BitGenerator", 96), ("SeedSequence", 64)];
    let names: Vec<String> = sizes.iter().map(|(class, _)| format!("numpy.random.bit_generator.{class}")).collect();
    for wheel in NUMPY {
        let end = if wheel.contains("win") { "cp311-win_amd64.pyd" } else { "cpython" };
        let found = reader::type_sizes(&file(wheel, &format!("random/bit_generator.{end}")), &names);
        let expected = names.iter().cloned().zip(sizes.map(|(_, size)| size)).collect();
        assert_eq!(found, expected, "{wheel}");
    }
    let others = ["numpy.random.bit_generator.Bit".to_owned(), "generator.BitGenerator".to_owned()];
    assert!(reader::type_sizes(&file(NUMPY[0], "random/bit_generator.cp"), &others).is_empty());
}

/// clang that saves bytes passes a small constant as `push 2` and `pop r9`; the mode of every size check was lost, and so each
/// was taken for one that allows no other size.
#[test]
fn constants_that_go_over_the_stack_are_not_lost() {
    let facts = reader::read(&file("cftime-1.6.6.1-cp311-abi3-macosx_10_9_x86_64", "cftime/_cftime.abi3"));
    let [facts] = facts.as_slice() else { panic!("one slice") };
    assert_eq!(size(facts, "flatiter"), Some((2632, CheckMode::Ignore)));
    assert_eq!(size(facts, "broadcast"), Some((304, CheckMode::Ignore)));
    assert_eq!(size(facts, "dtype"), Some((32, CheckMode::Ignore)), "its size goes over the stack too");
    let range = contract::allowed(&facts.requirement, knowledge::releases()).expect("it uses NumPy");
    assert_eq!(range.to_specifiers(), ">=1.23");
}

/// The symbols that lie before the names are full of zeros, which cannot be had out of a compressed member's end alone.
#[test]
fn of_a_mac_library_that_calls_no_python_the_header_and_the_names_alone_are_read() {
    let library = file("numpy-2.2.6-cp311-cp311-macosx_10_9_x86_64", "numpy/.dylibs/libquadmath");
    let (size, counted) = (library.len(), Counted::new(library));
    let facts = reader::read(&counted);
    let [facts] = facts.as_slice() else { panic!("not one slice") };
    assert!(facts.needed.iter().any(|name| name == "libSystem.B.dylib"), "{:?}", facts.needed);
    assert!(facts.requirement.consumers.is_empty());
    // The header and its commands take 1,456 bytes, the names 1,432, and the symbols 2,256.
    let read = counted.bytes();
    assert!(read < 3_200, "{read} of {size} bytes");
}
