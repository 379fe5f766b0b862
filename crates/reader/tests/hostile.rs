//! Truncated, damaged and lying files: an answer each, never a panic, and never a number that the whole file does not hold.
#![allow(clippy::disallowed_methods, clippy::disallowed_types)] // Tests open files.

mod support;

use std::process::Command;

use contract::BinaryFacts;
use numpact_reader as reader;
use support::file;

/// A file of each format.
const WHEELS: [&str; 4] = [
    "pycocotools-2.0.7-cp311-cp311-manylinux_2_17_x86_64",
    "pycocotools-2.0.7-cp311-cp311-manylinux_2_17_aarch64",
    "pycocotools-2.0.7-cp311-cp311-macosx_10_9_universal2",
    "pycocotools-2.0.7-cp311-cp311-win_amd64",
];

/// A generator of numbers that is the same in every run (Knuth's multiplier).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits") % below
    }
}

fn numbers(facts: &[BinaryFacts]) -> Vec<(u32, Option<u32>)> {
    facts.iter().flat_map(|f| &f.requirement.checks).map(|c| (c.abi, c.feature)).collect()
}

#[test]
fn a_file_that_was_cut_is_undetermined_or_read_rightly() {
    for wheel in WHEELS {
        let whole = file(wheel, "pycocotools/_mask");
        let expected = numbers(&reader::read(&whole));
        for part in 1..14 {
            let cut = whole[..whole.len() * part / 14].to_vec();
            let facts = reader::read(&cut);
            let told = facts.iter().any(|f| !f.requirement.undetermined.is_empty());
            assert!(told || facts.is_empty() || numbers(&facts) == expected, "{wheel}: cut to {} bytes", cut.len());
        }
    }
}

#[test]
fn damaged_files_give_no_wrong_number() {
    for wheel in WHEELS {
        let whole = file(wheel, "pycocotools/_mask");
        let expected = numbers(&reader::read(&whole));
        let mut random = Numbers(42);
        for _ in 0..20 {
            let mut damaged = whole.clone();
            for _ in 0..20 {
                let at = random.next(damaged.len());
                damaged[at] ^= 1 << random.next(8);
            }
            let found = numbers(&reader::read(&damaged));
            assert!(found.iter().all(|n| expected.contains(n)), "{wheel}: {found:x?} of {expected:x?}");
        }
    }
}

#[test]
fn damaged_headers_never_panic() {
    for wheel in WHEELS {
        let whole = file(wheel, "pycocotools/_mask");
        let mut random = Numbers(7);
        for _ in 0..50 {
            let mut damaged = whole.clone();
            for _ in 0..4 {
                let at = random.next(2048);
                damaged[at] = u8::try_from(random.next(256)).expect("a byte");
            }
            let _ = (reader::read(&damaged), reader::provisions(&damaged));
        }
    }
}

/// In `.eh_frame_hdr`, four bytes from the fourth on say how far off `.eh_frame` is.
#[test]
fn a_table_of_functions_that_points_before_its_section_is_no_panic() {
    let mut damaged = file(WHEELS[0], "pycocotools/_mask");
    let elf = goblin::elf::Elf::parse(&damaged).expect("an ELF file");
    let named = elf.section_headers.iter().find(|s| elf.shdr_strtab.get_at(s.sh_name) == Some(".eh_frame_hdr"));
    let at = usize::try_from(named.expect("the table").sh_offset).expect("an offset") + 4;
    damaged[at..at + 4].copy_from_slice(&i32::MAX.to_le_bytes());
    assert!(!reader::read(&damaged).is_empty());
}

/// An initialiser of 340,000 blocks, before which more is stored than is followed, and a function that calls it 150,000
/// times: following all of it took minutes and gigabytes.
const HARD: &str = r#"
.section .rodata
format: .asciz "%.200s.%.200s size changed, may indicate binary incompatibility. Expected %zd from C header, got %zd"
.text
.globl PyInit_m
.type PyInit_m,@function
PyInit_m:
.cfi_startproc
.set number,0
.rept 155
movq $number, -8*number-8(%rsp)
.set number,number+1
.endr
.rept 340000
je 1f
1:
.endr
lea format(%rip),%rsi
call PyErr_Format@PLT
ret
.cfi_endproc
.type many,@function
many:
.cfi_startproc
.rept 150000
call PyInit_m
.endr
ret
.cfi_endproc
"#;

#[test]
fn a_file_that_is_made_to_be_hard_to_follow_is_given_up() {
    let folder = tempfile::tempdir().expect("a folder");
    let (source, object) = (folder.path().join("hard.s"), folder.path().join("hard.so"));
    std::fs::write(&source, HARD).expect("the source");
    let gcc = Command::new("gcc").args(["-shared", "-nostdlib", "-o"]).arg(&object).arg(&source).status();
    assert!(gcc.expect("gcc starts").success(), "gcc could not assemble");
    let facts = reader::read(&std::fs::read(&object).expect("what gcc wrote"));
    let [facts] = facts.as_slice() else { panic!("not one image") };
    let [doubt] = facts.requirement.undetermined.as_slice() else { panic!("{:?}", facts.requirement) };
    assert_eq!(doubt.reason, "too-much-code");
}

#[test]
fn what_is_no_compiled_file_has_no_facts() {
    let texts: [&[u8]; 5] =
        [b"", b"\x7fELF", b"MZ", b"import numpy\n", b"\xca\xfe\xba\xbe\x00\x00\x00\x34 a Java class"];
    for text in texts {
        let facts = reader::read(&text.to_vec());
        assert!(facts.iter().all(|f| !f.requirement.undetermined.is_empty()), "{text:?}");
    }
}
