//! NumPy's own binary, read for what it provides: the two version numbers, the sizes of its types, and which slots of
//! its function table are empty.
//!
//! A static type object holds its name, its size and its item size in three words in a row on every CPython; only the
//! words before them differ (free-threaded builds have a longer head). Slots 2 and 3 of the function table point to the
//! types of `ndarray` and `dtype`, which is how the table is found; slots 0 and 211 are functions that return constants.

use std::collections::BTreeMap;

use contract::{Provision, Undetermined};

use crate::code::flow::constant_result;
use crate::image::Image;

/// Where `tp_name` lies in a type object: after `ob_refcnt`, `ob_type` and `ob_size`, or after the longer head of
/// free-threaded builds.
const NAME_OFFSETS: [u64; 2] = [24, 40];
/// Sizes that one of NumPy's types can have, in bytes.
const SIZES: std::ops::RangeInclusive<u64> = 8..=4096;
/// Item sizes are small; anything else shows that the words are no type object.
const MOST_ITEM: u64 = 64;
/// `PyArray_GetNDArrayCVersion` and `PyArray_GetNDArrayCFeatureVersion` in the table.
const ABI_SLOT: u64 = 0;
const FEATURE_SLOT: u64 = 211;
/// Slots 2 and 3: `PyArray_Type`, `PyArrayDescr_Type`.
const ARRAY_SLOT: u64 = 2;
/// The slots that exist in every release since 1.7, so that an empty one was removed; later ones are partly reserved.
const OLD_SLOTS: u16 = 304;

/// Reads what a `_multiarray_umath` provides.
///
/// # Errors
/// When its types or its function table are not found, or the versions are not constants.
pub(crate) fn provision(image: &Image<'_>) -> Result<Provision, Undetermined> {
    let slots = slots_by_target(image);
    let found = types(image, &slots);
    let fail = |what: &str| Undetermined {
        reason: "no-provision".to_owned(),
        detail: format!("NumPy's own binary was not recognised: {what}"),
    };
    let table = table(image, &slots, &found).ok_or_else(|| fail("its function table was not found"))?;
    let number = |slot: u64| {
        let function = image.pointer(table.checked_add(slot.checked_mul(8)?)?)?;
        u32::try_from(constant_result(image, function)?).ok()
    };
    let abi = number(ABI_SLOT).ok_or_else(|| fail("its ABI version is no constant"))?;
    let feature = number(FEATURE_SLOT).ok_or_else(|| fail("its feature level is no constant"))?;
    let types = found.into_iter().filter_map(|(name, places)| Some((name, places.first()?.size))).collect();
    Ok(Provision { version: None, abi, feature, types, null_slots: null_slots(image, table) })
}

/// Slots in data by the address that each points to.
type Slots = BTreeMap<u64, Vec<u64>>;

/// A type object: where its name's pointer lies, and its size in bytes.
struct TypeObject {
    name_at: u64,
    size: u64,
}

/// Static type objects whose name is `numpy.` and one word, by that word.
fn types(image: &Image<'_>, slots: &Slots) -> BTreeMap<String, Vec<TypeObject>> {
    let mut found: BTreeMap<String, Vec<TypeObject>> = BTreeMap::new();
    for at in image.find(b"numpy.") {
        let Some(name) = image.text_at(at).and_then(|text| text.strip_prefix("numpy.")) else { continue };
        if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
            continue;
        }
        let objects = slots.get(&at).into_iter().flatten().filter_map(|&name_at| type_object(image, name_at));
        let objects: Vec<TypeObject> = objects.collect();
        if !objects.is_empty() {
            found.entry(name.to_owned()).or_default().extend(objects);
        }
    }
    found
}

fn type_object(image: &Image<'_>, name_at: u64) -> Option<TypeObject> {
    let size = image.u64_at(name_at.checked_add(8)?)?;
    let item = image.u64_at(name_at.checked_add(16)?)?;
    (SIZES.contains(&size) && item < MOST_ITEM).then_some(TypeObject { name_at, size })
}

/// The address of the function table: where pointers to the types of `ndarray` and `dtype` stand side by side.
fn table(image: &Image<'_>, slots: &Slots, types: &BTreeMap<String, Vec<TypeObject>>) -> Option<u64> {
    let begins = |name: &str, offset: u64| -> Vec<u64> {
        let objects = types.get(name).into_iter().flatten();
        objects.filter_map(|object| object.name_at.checked_sub(offset)).collect()
    };
    NAME_OFFSETS.iter().find_map(|&offset| {
        let descriptors = begins("dtype", offset);
        begins("ndarray", offset).iter().flat_map(|array| slots.get(array)).flatten().find_map(|&slot| {
            let next = image.pointer(slot.checked_add(8)?)?;
            let table = slot.checked_sub(ARRAY_SLOT * 8)?;
            let versioned = image.pointer(table.checked_add(FEATURE_SLOT * 8)?).is_some();
            (descriptors.contains(&next) && versioned).then_some(table)
        })
    })
}

fn null_slots(image: &Image<'_>, table: u64) -> Vec<u16> {
    let empty = |slot: &u16| {
        let at = table.saturating_add(u64::from(*slot).saturating_mul(8));
        image.pointer(at).is_none() && image.u64_at(at) == Some(0)
    };
    (0..=OLD_SLOTS).filter(empty).collect()
}

fn slots_by_target(image: &Image<'_>) -> Slots {
    let mut slots = Slots::new();
    for (&slot, &target) in &image.links().pointers {
        slots.entry(target).or_default().push(slot);
    }
    slots
}
