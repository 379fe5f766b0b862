//! The sizes of extension types that a module defines: what others that import them are held against.
//!
//! A type is a `PyTypeObject` in the module's data, or a `PyType_Spec` that one is made from (`Include/cpython/object.h`,
//! `Include/object.h`). In both, the pointer to the type's full name is followed by its basic size: eight bytes in the
//! one, four bytes and then the item size in the other.

use std::collections::BTreeMap;

use crate::image::Image;

/// Larger than any type's structure; what is above is no size. In bytes.
const LARGEST: u64 = 1 << 20;

/// The sizes, in bytes, of those types of `names` that the image defines. `names` are full names: `cymem.cymem.Pool`.
pub(crate) fn sizes(image: &Image<'_>, names: &[String]) -> BTreeMap<String, u64> {
    names.iter().filter_map(|name| Some((name.clone(), size(image, name)?))).collect()
}

/// The one size that everything named like this agrees on.
fn size(image: &Image<'_>, name: &str) -> Option<u64> {
    // A pointer may lead into the middle of a longer literal that ends alike; where it leads says what is named.
    let addresses = image.find(&[name.as_bytes(), b"\0"].concat());
    let slots = image.links().pointers.iter().filter(|(_, target)| addresses.contains(target));
    let mut sizes: Vec<u64> = slots.filter_map(|(&slot, _)| size_after(image, slot)).collect();
    sizes.sort_unstable();
    sizes.dedup();
    match sizes.as_slice() {
        [one] => Some(*one),
        _ => None,
    }
}

/// The basic size behind the pointer in `slot`.
fn size_after(image: &Image<'_>, slot: u64) -> Option<u64> {
    /// `sizeof(PyObject)`: no instance is smaller.
    const SMALLEST: u64 = 16;
    let after = slot.checked_add(8)?;
    // A slot that the loader fills is the next pointer of a table, not a size.
    if image.pointer(after).is_some() {
        return None;
    }
    let size = u64::from(image.u32_at(after)?);
    (SMALLEST..=LARGEST).contains(&size).then_some(size)
}
