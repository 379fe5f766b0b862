//! Which instructions refer to given addresses, found without decoding everything: x86-64 instructions with a
//! displacement relative to the instruction pointer, and AArch64 `adr` and `adrp`.

use contract::Architecture;

use crate::image::{Image, Section};

/// A place in code that (probably) forms the address of a target. The dataflow confirms it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Reference {
    /// The address of the instruction, or of its displacement.
    pub(crate) at: u64,
    /// The target; on AArch64 its page may be all that is known.
    pub(crate) target: u64,
}

/// Finds references to `targets` (sorted) in all code of the image, in address order.
pub(crate) fn references(image: &Image<'_>, targets: &[u64]) -> Vec<Reference> {
    let mut found = Vec::new();
    if targets.is_empty() {
        return found;
    }
    for section in image.sections.iter().filter(|s| s.executable) {
        match image.architecture {
            Architecture::X86_64 => x86_64(section, image.bytes(section), targets, &mut found),
            Architecture::Aarch64 => aarch64(section, image.bytes(section), targets, &mut found),
            _ => {}
        }
    }
    found
}

/// `lea` and `mov` with an instruction-pointer-relative operand: opcode, a ModRM byte with mod 0 and rm 5, four bytes of
/// displacement, and at most four bytes of immediate, which none of these opcodes has.
fn x86_64(section: &Section, bytes: &[u8], targets: &[u64], found: &mut Vec<Reference>) {
    const LEA: u8 = 0x8d;
    const LOAD: u8 = 0x8b;
    let (Some(&lowest), Some(&highest)) = (targets.first(), targets.last()) else { return };
    for opcode in memchr::memchr2_iter(LEA, LOAD, bytes) {
        let Some(&[_, modrm, a, b, c, d]) = bytes.get(opcode..opcode.saturating_add(6)) else { continue };
        if modrm & 0xc7 != 0x05 {
            continue;
        }
        let displacement = i64::from(i32::from_le_bytes([a, b, c, d]));
        let at = section.address.saturating_add(opcode as u64);
        let target = at.wrapping_add(6).wrapping_add(displacement.cast_unsigned());
        if (lowest..=highest).contains(&target) && targets.binary_search(&target).is_ok() {
            found.push(Reference { at, target });
        }
    }
}

/// `adrp` to the page of a target, and `adr` to the target itself.
fn aarch64(section: &Section, bytes: &[u8], targets: &[u64], found: &mut Vec<Reference>) {
    let pages: Vec<u64> = targets.iter().map(|t| t & !0xfff).collect();
    for (index, word) in bytes.chunks_exact(4).enumerate() {
        let word = u32::from_le_bytes(word.try_into().unwrap_or_default());
        if word & 0x1f00_0000 != 0x1000_0000 {
            continue;
        }
        let at = section.address.saturating_add((index as u64).saturating_mul(4));
        let immediate = i64::from(((word >> 5) & 0x7_ffff) << 2 | (word >> 29) & 3);
        let immediate = (immediate << 43) >> 43;
        if word >> 31 == 1 {
            let page = (at & !0xfff).wrapping_add((immediate << 12).cast_unsigned());
            let from = pages.partition_point(|p| *p < page);
            let to = pages.partition_point(|p| *p <= page);
            found.extend(targets.get(from..to).unwrap_or_default().iter().map(|&target| Reference { at, target }));
        } else {
            let target = at.wrapping_add(immediate.cast_unsigned());
            found.extend(targets.binary_search(&target).ok().map(|_| Reference { at, target }));
        }
    }
}
