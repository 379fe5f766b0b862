//! NumPy's own installation: damaged, half replaced, hidden or absent.

use std::sync::LazyLock;

use regex::Regex;

use super::versions::BEFORE_1_16;
use super::{Family, Place, Reading, Site, nothing_more};
use crate::explain::bundled::{self, Library};
use crate::explain::diagnosis::{Effect, Subject};
use crate::explain::pattern::ascii;

pub(super) const FAMILIES: &[Family] = &[
    Family {
        id: "numpy-installation-mixed",
        rank: 20,
        subject: Subject::NumpyInstallation,
        effect: Effect::FailsAtImport,
        place: Place::Nobody,
        markers: &["cannot import name", "While importing we detected an older version of numpy"],
        read: read_mixed,
        source: "numpy/core/__init__.py of NumPy 1.16 and later; CPython's import messages",
    },
    Family {
        id: "numpy-import-failed",
        rank: 25,
        subject: Subject::NumpyInstallation,
        effect: Effect::FailsAtImport,
        place: Place::Nobody,
        markers: &[
            "IMPORTANT: PLEASE READ THIS FOR ADVICE ON HOW TO SOLVE THIS ISSUE",
            "Importing the multiarray numpy extension module failed",
            "No module named 'numpy.core._multiarray_umath'",
            "No module named 'numpy._core._multiarray_umath'",
            "_ARRAY_API is not Py",
            "_ARRAY_API is NULL pointer",
        ],
        read: read_broken,
        source: "numpy/core/__init__.py and numpy/_core/__init__.py of NumPy 1.13 to 2.5",
    },
    Family {
        id: "numpy-core-missing",
        rank: 45,
        subject: Subject::NumpyInstallation,
        effect: Effect::FailsAtUse,
        place: Place::Nobody,
        markers: &["No module named 'numpy._core'", "No module named 'numpy._core."],
        read: |_| Some(Reading { floor: Some("1.26.1".to_owned()), ..Reading::default() }),
        source: "measured: pickles of NumPy 2 under NumPy 1.24.4 and 1.25.2",
    },
    Family {
        id: "numpy-shadowed",
        rank: 47,
        subject: Subject::NumpyInstallation,
        effect: Effect::FailsAtImport,
        place: Place::Nobody,
        markers: &[
            "partially initialized module 'numpy'",
            "you should not try to import numpy from its source directory",
        ],
        read: nothing_more,
        source: "CPython's import messages; numpy/__init__.py",
    },
    Family {
        id: "numpy-absent",
        rank: 34,
        subject: Subject::NumpyInstallation,
        effect: Effect::FailsAtImport,
        place: Place::Nobody,
        markers: &["No module named 'numpy'", "No module named numpy "],
        read: read_absent,
        source: "CPython's import messages",
    },
];

/// Without quotation marks, as Python 2 has it, the words are prose unless the name ends the line or an error begins it.
fn read_absent(site: &Site<'_>) -> Option<Reading> {
    let bare = !site.at(30).contains('\'');
    let line = site.flat.line(site.flat.line_of(site.start).saturating_sub(1));
    let ends = line.to_lowercase().ends_with("named numpy");
    let error = site.before(16).trim_end().ends_with("Error:");
    (!bare || ends || error).then(Reading::default)
}

static PRIVATE_NAME: LazyLock<Regex> = LazyLock::new(|| {
    ascii(r"(?i)^cannot import name '?(\w+)'?(?: from (?:partially initialized module )?'(numpy(?:\.[\w.]+)?)')?")
});
/// Names without an underscore that NumPy's own files import from each other.
const OWN_NAMES: &[&str] = &["ERR_IGNORE", "multiarray", "umath", "overrides"];

/// One generation of NumPy's files importing from another. The same words from anybody else's file are not.
fn read_mixed(site: &Site<'_>) -> Option<Reading> {
    if site.at(40).to_lowercase().starts_with("while importing") {
        return Some(Reading::default());
    }
    let found = PRIVATE_NAME.captures(site.at(160))?;
    let name = found.get(1)?.as_str();
    let module = found.get(2).map_or("", |module| module.as_str());
    let private = name.starts_with('_') || OWN_NAMES.contains(&name);
    let mixed = match last_package(site.before(500)) {
        Some(package) => package == "numpy" && module.starts_with("numpy"),
        None => private && module.starts_with("numpy."),
    };
    mixed.then(|| Reading { name: Some(format!("{module}.{name}")), ..Reading::default() })
}

/// The package of the last installed file that was named.
pub(super) fn last_package(before: &str) -> Option<&str> {
    let at = before.rfind("-packages")?.saturating_add("-packages".len());
    before.get(at..)?.trim_start_matches(['/', '\\']).split(['/', '\\']).next()
}

/// The family of a missing `numpy.core._multiarray_umath`: somebody else's code that looks for it in a NumPy before
/// 1.16 says afterwards that an import failed, and no file of NumPy's own is involved.
pub(super) fn of_who_misses_it(family: &'static Family, site: &Site<'_>) -> &'static Family {
    if !site.at(60).starts_with("No module named 'numpy.core._multiarray_umath'") {
        return family;
    }
    let near = site.around(NEAR);
    let own = ["Importing the ", "/numpy/core/", "\\numpy\\core\\"].iter().any(|mark| near.contains(mark));
    if !own && near.contains("failed to import") { BEFORE_1_16 } else { family }
}

/// How far on each side a failed import is told about, in bytes.
const NEAR: usize = 4000;

static ORIGINAL: LazyLock<Regex> = LazyLock::new(|| ascii(r"Original error was: (.{1,120})"));
/// What follows the original error in logs.
const FOLLOWING: &[&str] = &[" IMPORTANT", " The above", " During", ") ..."];

fn read_broken(site: &Site<'_>) -> Option<Reading> {
    let text = site.flat.after(site.start.saturating_sub(300), 2900);
    let found = ORIGINAL.captures(text).and_then(|found| found.get(1)).map(|error| error.as_str());
    let name = found.map(|error| {
        let end = FOLLOWING.iter().filter_map(|next| error.find(next)).min().unwrap_or(error.len());
        error.get(..end).unwrap_or(error).trim().to_owned()
    });
    let bundled = name.as_deref().and_then(bundled::missing);
    let own = |library: Library| Library { distribution: Some("numpy".to_owned()), ..library };
    Some(Reading { name, bundled: bundled.map(own), ..Reading::default() })
}
