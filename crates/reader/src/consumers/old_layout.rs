//! Reads of the item size where NumPy 1.x keeps it: from an array its `dtype`, and from that an `int`.
//!
//! In 1.x `PyArrayObject_fields` has `descr` at 0x38 and `PyArray_Descr` an `int elsize` at 0x20 (`ndarraytypes.h`); in 2.x
//! flags lie there, 0 for plain types, and the size is a `Py_ssize_t` at 0x28. pybind11 before 2.12 reads it so in
//! `array::itemsize` and `array::nbytes`. Among 41 files for x86-64 made with it, those 13 hold the pair of loads that ask
//! for item sizes (builds of scipy's `_distance_pybind`, onnxruntime's module, the fixture); none of 14 others does.

use contract::Evidence;

use crate::analysis::evidence_of_code;
use crate::code::{Action, Listing, Operand, Place, REGISTERS, SP};
use crate::image::Image;

/// Where an array's `dtype` lies in it, in bytes.
const DESCR: i64 = 0x38;
/// Where NumPy 1.x keeps the item size in a `dtype`, in bytes.
const ELSIZE: i64 = 0x20;
/// How many instructions may lie between the two loads: counting references, no more.
const BETWEEN: usize = 12;
/// How much code is decoded at a time, and at most, in bytes.
const PIECE: usize = 1 << 20;
const MOST: usize = 64 << 20;

/// The first place where the item size is read as NumPy 1.x keeps it.
pub(super) fn read(image: &Image<'_>) -> Option<Evidence> {
    let mut left = MOST;
    for section in image.sections.iter().filter(|section| section.executable) {
        for (index, piece) in image.bytes(section).chunks(PIECE).enumerate() {
            left = left.checked_sub(piece.len())?;
            let address = section.address.saturating_add((index as u64).saturating_mul(PIECE as u64));
            if let Some(at) = first(&Listing::decode(image.architecture, piece, address)) {
                let detail = "the item size, where NumPy 1.x keeps it";
                return Some(evidence_of_code(image, "reads the 1.x layout".to_owned(), at, detail));
            }
        }
    }
    None
}

/// The address of the second load.
fn first(code: &Listing) -> Option<u64> {
    // When each register was given something that may be a `dtype`: the number of that instruction.
    let mut given: [Option<usize>; REGISTERS] = [None; REGISTERS];
    for (number, instruction) in code.instructions.iter().enumerate() {
        for action in code.actions(instruction) {
            match *action {
                Action::Assign { to, from } => {
                    let is_recent = |at: &usize| number.saturating_sub(*at) <= BETWEEN;
                    let of = |base: u8| given.get(usize::from(base)).copied().flatten().filter(is_recent);
                    let now = match from {
                        Operand::Memory { place: Place::Based { base, offset: DESCR }, wide: true } => {
                            (base != SP).then_some(number)
                        }
                        Operand::Signed(Place::Based { base, offset: ELSIZE }) if of(base).is_some() => {
                            return Some(instruction.address);
                        }
                        Operand::Register(other) => of(other),
                        _ => None,
                    };
                    if let Some(slot) = given.get_mut(usize::from(to)) {
                        *slot = now;
                    }
                }
                Action::Call(_) | Action::Jump(_) | Action::Return => given = [None; REGISTERS],
                _ => {}
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use contract::Architecture;

    use super::first;
    use crate::code::Listing;

    fn found(architecture: Architecture, code: &[u8]) -> Option<u64> {
        first(&Listing::decode(architecture, code, 0x1000))
    }

    #[test]
    fn an_int_out_of_what_lies_where_an_array_has_its_dtype_is_an_item_size() {
        // mov rax, [rdi+0x38]; inc qword [rax]; movsxd r15, dword [rax+0x20]
        let code = [0x48, 0x8b, 0x47, 0x38, 0x48, 0xff, 0x00, 0x4c, 0x63, 0x78, 0x20];
        assert_eq!(found(Architecture::X86_64, &code), Some(0x1007));
        // ldr x8, [x0, #0x38]; ldrsw x9, [x8, #0x20]
        let code = [0x08, 0x1c, 0x40, 0xf9, 0x09, 0x21, 0x80, 0xb9];
        assert_eq!(found(Architecture::Aarch64, &code), Some(0x1004));
    }

    #[test]
    fn other_loads_are_none() {
        // mov rax, [rdi+0x38]; mov rcx, [rax+0x28]: the item size of NumPy 2
        let code = [0x48, 0x8b, 0x47, 0x38, 0x48, 0x8b, 0x48, 0x28];
        assert_eq!(found(Architecture::X86_64, &code), None);
        // mov rax, [rdi+0x38]; mov rax, [rax]; movsxd r15, dword [rax+0x20]
        let code = [0x48, 0x8b, 0x47, 0x38, 0x48, 0x8b, 0x00, 0x4c, 0x63, 0x78, 0x20];
        assert_eq!(found(Architecture::X86_64, &code), None);
        // mov rax, [rsp+0x38]; movsxd r15, dword [rax+0x20]
        let code = [0x48, 0x8b, 0x44, 0x24, 0x38, 0x4c, 0x63, 0x78, 0x20];
        assert_eq!(found(Architecture::X86_64, &code), None);
    }
}
