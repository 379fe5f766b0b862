//! Which functions of NumPy's table a module uses: loads at constant offsets from the table's pointer.
//!
//! A lower bound. Compilers for AArch64 often reach the pointer in ways that are not followed here, and code that loads
//! a slot need not call it: 2.x headers ask for the running version first. So no verdict follows from a newer slot.

use std::collections::BTreeSet;

use contract::Requirement;

use crate::analysis::Analysis;
use crate::code::flow::{Table, Value};
use crate::code::references::references;

/// Slots that the version check itself loads: without them the variable is not NumPy's table.
const OWN: [u16; 2] = [0, 211];
/// Slots beyond this would lie outside any release's table.
const MOST_SLOTS: i64 = 512;
/// Functions that are followed; a binding of a large library has many thousands.
const MOST_FUNCTIONS: usize = 4000;

pub(super) fn read(analysis: &Analysis<'_, '_>, anchors: &[u64], requirement: &mut Requirement) {
    let tables = tables(analysis, anchors);
    if tables.is_empty() {
        return;
    }
    let image = analysis.image;
    let slots = image.links().pointers.iter().filter(|(_, target)| tables.contains(target)).map(|(&slot, _)| slot);
    let targets: BTreeSet<u64> = tables.iter().copied().chain(slots).collect();
    let found = references(image, &targets.into_iter().collect::<Vec<u64>>());
    let functions: BTreeSet<(u64, u64)> = found.iter().map(|r| analysis.function_around(r.at)).collect();
    let mut used = BTreeSet::new();
    for bounds in functions.into_iter().take(MOST_FUNCTIONS) {
        let trace = analysis.trace(bounds);
        let entries =
            trace.entries.iter().filter(|(table, _)| matches!(table, Table::Global(at) if tables.contains(at)));
        used.extend(entries.filter_map(|&(_, offset)| slot(offset)));
    }
    if OWN.iter().all(|own| used.contains(own)) {
        requirement.slots = used.into_iter().collect();
    }
}

fn slot(offset: i64) -> Option<u16> {
    let aligned = offset % 8 == 0 && (0..MOST_SLOTS * 8).contains(&offset);
    if aligned { u16::try_from(offset / 8).ok() } else { None }
}

/// The variables that the version checks put the table's address into.
fn tables(analysis: &Analysis<'_, '_>, anchors: &[u64]) -> BTreeSet<u64> {
    let mut tables = BTreeSet::new();
    for &bounds in analysis.functions_referring(anchors).values() {
        let trace = analysis.trace(bounds);
        let fetched = |value: Option<Value>| {
            let Some(Value::Result(at)) = value else { return false };
            let call = trace.call_at(at);
            call.is_some_and(|call| analysis.image.import(call.callee) == Some("PyCapsule_GetPointer"))
        };
        tables.extend(trace.stores.iter().filter(|store| fetched(store.value)).filter_map(|store| match store.table {
            Table::Global(at) => Some(at),
            _ => None,
        }));
    }
    tables
}
