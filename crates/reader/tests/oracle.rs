//! Another reader of object files, goblin, on real files of every format: it must see the same modules, libraries and
//! sections, and a call at each address that a number was read at.
#![allow(clippy::disallowed_methods, clippy::disallowed_types)] // Tests open files.

mod support;

use std::collections::BTreeSet;

use contract::{Architecture, BinaryFacts, Certainty};
use goblin::Object;
use goblin::mach::{Mach, MachO};
use numpact_reader as reader;
use support::file;

const FILES: [(&str, &str); 7] = [
    ("pycocotools-2.0.7-cp311-cp311-manylinux_2_17_x86_64", "pycocotools/_mask.cpython"),
    ("pycocotools-2.0.7-cp311-cp311-manylinux_2_17_aarch64", "pycocotools/_mask.cpython"),
    ("pycocotools-2.0.7-cp311-cp311-macosx_10_9_universal2", "pycocotools/_mask.cpython"),
    ("pycocotools-2.0.7-cp311-cp311-win_amd64", "pycocotools/_mask.cp311"),
    ("numpy-2.2.6-cp311-cp311-manylinux_2_17_x86_64", "random/mtrand.cpython"),
    ("numpy-2.2.6-cp311-cp311-macosx_11_0_arm64", "random/mtrand.cpython"),
    ("numpy-2.2.6-cp311-cp311-win_amd64", "random/mtrand.cp311-win_amd64.pyd"),
];

/// What goblin sees of one slice.
struct Seen {
    module: Option<String>,
    needed: BTreeSet<String>,
    /// Name, address, offset in the slice, size, all of what the file holds.
    sections: Vec<(String, u64, u64, u64)>,
    /// Where the slice begins in the file.
    begin: usize,
}

fn module<'n>(mut names: impl Iterator<Item = &'n str>) -> Option<String> {
    names.find_map(|name| name.trim_start_matches('_').strip_prefix("PyInit_")).map(str::to_owned)
}

fn base(name: &str) -> String {
    name.rsplit('/').next().unwrap_or(name).to_owned()
}

fn of_macho(macho: &MachO<'_>, begin: usize) -> Seen {
    let exports = macho.exports().expect("exports");
    let mut sections = Vec::new();
    for segment in &macho.segments {
        for (section, _) in segment.sections().expect("sections") {
            let name = section.name().expect("a name").to_owned();
            sections.push((name, section.addr, u64::from(section.offset), section.size));
        }
    }
    // The first of goblin's libraries is the file itself.
    let needed = macho.libs.iter().skip(1).map(|name| base(name)).collect();
    Seen { module: module(exports.iter().map(|export| export.name.as_str())), needed, sections, begin }
}

fn seen(bytes: &[u8]) -> Vec<Seen> {
    match Object::parse(bytes).expect("an object file") {
        Object::Elf(elf) => {
            let symbols = elf.dynsyms.iter().filter_map(|symbol| elf.dynstrtab.get_at(symbol.st_name));
            let named = |s: &goblin::elf::SectionHeader| elf.shdr_strtab.get_at(s.sh_name).map(str::to_owned);
            let section = |s| Some((named(s)?, s.sh_addr, s.sh_offset, s.sh_size));
            let needed = elf.libraries.iter().map(|name| base(name)).collect();
            let sections = elf.section_headers.iter().filter_map(section).collect();
            vec![Seen { module: module(symbols), needed, sections, begin: 0 }]
        }
        Object::PE(pe) => {
            let exports = pe.exports.iter().filter_map(|export| export.name);
            let section = |s: &goblin::pe::section_table::SectionTable| {
                let address = pe.image_base + u64::from(s.virtual_address);
                let size = u64::from(s.size_of_raw_data.min(s.virtual_size));
                Some((s.name().ok()?.to_owned(), address, u64::from(s.pointer_to_raw_data), size))
            };
            let needed = pe.libraries.iter().map(|name| base(name)).collect();
            let sections = pe.sections.iter().filter_map(section).collect();
            vec![Seen { module: module(exports), needed, sections, begin: 0 }]
        }
        Object::Mach(Mach::Binary(macho)) => vec![of_macho(&macho, 0)],
        Object::Mach(Mach::Fat(fat)) => {
            let arches = fat.iter_arches().map(|arch| arch.expect("a slice"));
            let slice = |arch: goblin::mach::fat::FatArch| {
                let macho = MachO::parse(arch.slice(bytes), 0).expect("a slice");
                of_macho(&macho, arch.offset as usize)
            };
            arches.map(slice).collect()
        }
        _ => panic!("no object file"),
    }
}

/// Whether the bytes begin with a call: `call rel32`, `call [rip + x]` or a call through a register on x86-64, also with a
/// prefix; `bl` or `blr` on AArch64. A call at the end of a function is a jump: `jmp`, `b`.
fn is_call(architecture: Architecture, bytes: &[u8]) -> bool {
    match (architecture, bytes) {
        (Architecture::X86_64, [0xe8 | 0xe9, ..] | [0xff, ..] | [0x40..=0x4f | 0xf2, 0xff, ..]) => true,
        (Architecture::Aarch64, &[a, b, c, d, ..]) => {
            let word = u32::from_le_bytes([a, b, c, d]);
            matches!(word >> 26, 0b10_0101 | 0b00_0101) || matches!(word & 0xffff_fc1f, 0xd63f_0000 | 0xd61f_0000)
        }
        _ => false,
    }
}

fn holds_calls(name: &str, bytes: &[u8], facts: &BinaryFacts, seen: &Seen) -> usize {
    let checks = facts.requirement.checks.iter().flat_map(|check| &check.evidence);
    let types = facts.requirement.types.iter().flat_map(|check| &check.evidence);
    let decoded = checks.chain(types).filter(|evidence| evidence.certainty == Certainty::Decoded);
    let mut count = 0;
    for evidence in decoded {
        let (Some(section), Some(address)) = (&evidence.section, evidence.address) else { panic!("{name}: no place") };
        let home =
            seen.sections.iter().find(|(_, from, _, size)| address.checked_sub(*from).is_some_and(|d| d < *size));
        let (found, from, offset, _) = home.unwrap_or_else(|| panic!("{name}: nothing at {address:#x}"));
        assert_eq!(found, section.trim_end_matches('\0'), "{name}: {address:#x}");
        let at = seen.begin + usize::try_from(address - from + offset).expect("an offset");
        assert!(is_call(facts.architecture, &bytes[at..]), "{name}: no call at {address:#x}: {}", evidence.text);
        count += 1;
    }
    count
}

#[test]
fn another_reader_sees_the_same() {
    for (wheel, part) in FILES {
        let bytes = file(wheel, part);
        let (facts, seen) = (reader::read(&bytes), seen(&bytes));
        assert_eq!(facts.len(), seen.len(), "{wheel}");
        for (facts, seen) in facts.iter().zip(&seen) {
            let needed: BTreeSet<String> = facts.needed.iter().map(|name| base(name)).collect();
            assert_eq!((&facts.module, &needed), (&seen.module, &seen.needed), "{wheel}");
            assert!(holds_calls(wheel, &bytes, facts, seen) > 0, "{wheel}: no number was read");
        }
    }
}
