//! Crashes without an exception: what `faulthandler` prints, and which of the loaded modules are suspects.

use super::{Family, Place, Reading, Site};
use crate::explain::clean::Flat;
use crate::explain::diagnosis::{Effect, Subject};

pub(super) const FAMILIES: &[Family] = &[Family {
    id: "native-crash",
    rank: 70,
    subject: Subject::Undetermined,
    effect: Effect::Crash,
    place: Place::Nobody,
    markers: &[
        "Fatal Python error: Segmentation fault",
        "Fatal Python error: Bus error",
        "Fatal Python error: Aborted",
        "Windows fatal exception: access violation",
        "Extension modules: ",
        "Segmentation fault (core dumped)",
        "0xC0000005",
    ],
    read: read_crash,
    source: "CPython's Modules/faulthandler.c and Python/traceback.c; shells",
}];

/// A crash counts only where NumPy's own module was loaded, or the text speaks of NumPy.
fn read_crash(site: &Site<'_>) -> Option<Reading> {
    let near = site.flat.after(site.start.saturating_sub(6000), 40_000);
    let loaded = near.contains("_multiarray_umath") || near.to_lowercase().contains("numpy");
    loaded.then(Reading::default)
}

/// The modules of the last `Extension modules:` line, in the order in which they were loaded. A module that was torn
/// apart by wrapping is lost.
pub(in crate::explain) fn loaded_modules(flat: &Flat) -> Vec<&str> {
    let heading = "Extension modules: ";
    let Some(at) = flat.text.rfind(heading) else { return Vec::new() };
    let list = flat.text.get(at.saturating_add(heading.len())..).unwrap_or_default();
    let mut modules = Vec::new();
    for word in list.split(' ') {
        let name = word.trim_end_matches(',');
        if name.is_empty() || !name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '.') {
            break;
        }
        modules.push(name);
        if !word.ends_with(',') {
            break;
        }
    }
    modules
}
