//! Compiled modules that look at NumPy by themselves and give up without an exception.

use std::sync::LazyLock;

use regex::Regex;

use super::{Family, Place, Reading, Site};
use crate::explain::diagnosis::{Effect, Subject};
use crate::explain::pattern::ascii;

/// The family of modules that give no reason.
pub(in crate::explain) const SILENT: &str = "init-failed-silently";

pub(super) const FAMILIES: &[Family] = &[Family {
    id: SILENT,
    rank: 43,
    subject: Subject::NumpyAbi,
    effect: Effect::FailsAtImport,
    place: Place::Before,
    markers: &["failed without raising an exception"],
    read: read_silent,
    source: "CPython's Objects/moduleobject.c and Python/importdl.c; numba/np/ufunc/_internal.c",
}];

static MODULE: LazyLock<Regex> = LazyLock::new(|| ascii(r"(?i)initialization of ([A-Za-z_][\w.]*) $"));

/// Modules that are known to do so, as CPython names them: by the last part alone.
const REFUSERS: &[(&str, &str)] = &[("_internal", "numba")];

/// The package whose module this is, where its name alone tells.
pub(in crate::explain) fn refuser(module: &str) -> Option<&'static str> {
    REFUSERS.iter().find(|(name, _)| *name == module).map(|(_, package)| *package)
}

/// How far before the message a word on NumPy or numba counts.
const NEAR: usize = 6000;

/// Any module's initialiser may forget its exception: only one near NumPy counts.
fn read_silent(site: &Site<'_>) -> Option<Reading> {
    let name = MODULE.captures(site.before(120))?.get(1)?.as_str().to_owned();
    let near = site.before(NEAR).to_lowercase();
    let counts = near.contains("numba") || near.contains("numpy") || refuser(&name).is_some();
    counts.then(|| Reading { name: Some(name), ..Reading::default() })
}
