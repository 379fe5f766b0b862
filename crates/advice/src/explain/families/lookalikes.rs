//! What looks like a compiled-code mismatch and is something else, so that nobody rebuilds for nothing.

use std::sync::LazyLock;

use regex::Regex;

use super::installation::last_package;
use super::{Family, Place, Reading, Site, nothing_more};
use crate::explain::bundled::{self, Library};
use crate::explain::diagnosis::{Effect, Subject};
use crate::explain::pattern::ascii;

pub(super) const FAMILIES: &[Family] = &[
    Family {
        id: "python-level-cap",
        rank: 50,
        subject: Subject::NotNumpyAbi,
        effect: Effect::FailsAtImport,
        place: Place::Nobody,
        markers: &["Numba needs NumPy", "this version of pandas is incompatible with numpy"],
        read: read_cap,
        source: "numba/__init__.py, pandas/compat/numpy/__init__.py",
    },
    Family {
        id: "declared-range-warning",
        // Below everything else: what goes wrong after it counts.
        rank: 95,
        subject: Subject::NotNumpyAbi,
        effect: Effect::Warns,
        place: Place::Nobody,
        markers: &["is required for this version of SciPy"],
        read: read_range,
        source: "scipy/__init__.py of SciPy 1.5 to 1.17",
    },
    Family {
        id: "python-api-removed",
        rank: 51,
        subject: Subject::NotNumpyAbi,
        effect: Effect::FailsAtUse,
        place: Place::Before,
        markers: &[
            "was removed in the NumPy 2.0 release",
            "was a deprecated alias for the builtin",
            "module 'numpy' has no attribute",
            "Unable to avoid copy while creating an array as requested",
            "No module named 'numpy.distutils'",
            "No module named 'numpy.core.umath_tests'",
        ],
        read: read_removed,
        source: "numpy/__init__.py and numpy/_expired_attrs_2_0.py of NumPy 1.24 to 2.5",
    },
    Family {
        id: "wrong-python-or-machine",
        // Above NumPy's own failure to import, which such a file causes.
        rank: 24,
        subject: Subject::NotNumpyAbi,
        effect: Effect::FailsAtImport,
        place: Place::Before,
        markers: &[
            "is not a supported wheel on this platform",
            "Python version mismatch: module was compiled for",
            "incompatible architecture (have",
            "invalid ELF header",
            "wrong ELF class",
            "compiled module files exist, but seem incompatible",
            "is not a valid Win32 application",
        ],
        read: nothing_more,
        source: "pip's messages, Cython's CheckBinaryVersion, dynamic linkers, numpy/_core/__init__.py",
    },
    Family {
        id: "resolver-conflict",
        rank: 54,
        subject: Subject::NotNumpyAbi,
        effect: Effect::Unknown,
        place: Place::Nobody,
        markers: &[
            "dependency resolver does not currently take into account",
            "ResolutionImpossible",
            "No solution found when resolving dependencies",
            "have conflicting dependencies",
            "which is incompatible.",
        ],
        read: nothing_more,
        source: "messages of pip and uv",
    },
    Family {
        id: "dll-load-failed",
        rank: 80,
        subject: Subject::NotNumpyAbi,
        effect: Effect::FailsAtImport,
        place: Place::Before,
        markers: &["DLL load failed"],
        read: read_dll,
        source: "CPython's dynload_win.c",
    },
    Family {
        id: "unresolved-symbol",
        rank: 81,
        subject: Subject::NotNumpyAbi,
        effect: Effect::FailsAtImport,
        place: Place::Before,
        markers: &[
            "undefined symbol:",
            "symbol not found in flat namespace",
            "Symbol not found:",
            "cannot open shared object file",
            "image not found",
            "Library not loaded:",
        ],
        read: read_symbol,
        source: "dynamic linkers of Linux and macOS",
    },
];

/// The family that a size message falls into when the type is not NumPy's; it has no markers of its own.
pub(super) static OTHER_TYPE: Family = Family {
    id: "other-type-size-changed",
    rank: 85,
    subject: Subject::NotNumpyAbi,
    effect: Effect::FailsAtImport,
    place: Place::Before,
    markers: &[],
    read: |_| None,
    source: "Cython/Utility/ImportExport.c of Cython 0.17 to 3.3",
};

static CAP: LazyLock<Regex> =
    LazyLock::new(|| ascii(r"(?i)Numba needs NumPy ([\d.]*\d)(?: or less|)|incompatible with numpy < ([\d.]*\d)"));
static REMOVED: LazyLock<Regex> = LazyLock::new(|| {
    ascii(r"(?:`?np\.(\w+)`?|numpy' has no attribute '(\w+)'|(numpy\.distutils|numpy\.core\.umath_tests))")
});
static LOADED: LazyLock<Regex> = LazyLock::new(|| ascii(r"(?i)^DLL load failed(?: while importing (\w+))?"));
static SYMBOL: LazyLock<Regex> =
    LazyLock::new(|| ascii(r"(?:symbol:|namespace|not found:|not loaded:) ?'?([\w@./+-]+)"));

fn named(pattern: &Regex, text: &str) -> Option<String> {
    let found = pattern.captures(text)?;
    (1..found.len()).find_map(|group| found.get(group)).map(|name| name.as_str().to_owned())
}

fn read_cap(site: &Site<'_>) -> Option<Reading> {
    let floor = named(&CAP, site.at(80));
    let text = site.at(60).to_lowercase();
    let name = ["numba", "pandas", "scipy"].into_iter().find(|name| text.contains(name)).map(str::to_owned);
    Some(Reading { floor, name, ..Reading::default() })
}

static RANGE: LazyLock<Regex> =
    LazyLock::new(|| ascii(r"(?i)NumPy version >=? ?(\d[\d.]*) and <(=?) ?(\d[\d.]*) is required for"));
static DETECTED: LazyLock<Regex> = LazyLock::new(|| ascii(r"(?i)\(detected version (\d[\w.+]*)"));

fn read_range(site: &Site<'_>) -> Option<Reading> {
    let text = site.flat.after(site.start.saturating_sub(60), 200);
    let found = RANGE.captures(text)?;
    let part = |group| found.get(group).map_or("", |part| part.as_str());
    let (range, floor) = (format!(">={},<{}{}", part(1), part(2), part(3)), part(1).to_owned());
    let numpy = named(&DETECTED, text);
    Some(Reading { range: Some(range), floor: Some(floor), numpy, ..Reading::default() })
}

fn read_removed(site: &Site<'_>) -> Option<Reading> {
    let name = named(&REMOVED, site.flat.after(site.start.saturating_sub(24), 120));
    Some(Reading { name, ..Reading::default() })
}

fn read_dll(site: &Site<'_>) -> Option<Reading> {
    Some(Reading { name: named(&LOADED, site.at(80)), ..Reading::default() })
}

fn read_symbol(site: &Site<'_>) -> Option<Reading> {
    let text = site.flat.after(site.start.saturating_sub(REACH), 200 + REACH);
    let missing = || bundled::file(text).map(str::to_owned);
    let of_wheel = bundled::missing(text).map(|library| {
        let package = || last_package(site.before(6000)).map(str::to_owned);
        Library { distribution: library.distribution.clone().or_else(package), ..library }
    });
    Some(Reading { name: named(&SYMBOL, site.at(200)).or_else(missing), bundled: of_wheel, ..Reading::default() })
}

/// How far before the words of the loader the name of a file can begin.
const REACH: usize = 160;
