//! Compiled for NumPy 1.x, running on 2.x, and the generic endings of a failed `import_array`.

use std::sync::LazyLock;

use regex::Regex;

use super::{Family, Place, Reading, Site, nothing_more};
use crate::explain::diagnosis::{Effect, Subject};
use crate::explain::pattern::ascii;

pub(super) const FAMILIES: &[Family] = &[
    Family {
        id: "numpy-1-module-on-numpy-2",
        rank: 10,
        subject: Subject::NumpyAbi,
        effect: Effect::Unknown,
        place: Place::After,
        markers: &["compiled using NumPy 1.x cannot be run in"],
        read: read_major,
        source: "numpy/core/_multiarray_umath.py of NumPy 2.0 to 2.5",
    },
    Family {
        id: "array-api-not-found",
        rank: 30,
        subject: Subject::NumpyAbi,
        effect: Effect::FailsAtImport,
        place: Place::Before,
        markers: &["_ARRAY_API not found"],
        read: nothing_more,
        source: "__multiarray_api.h of NumPy 1.5 to 1.26.1",
    },
    Family {
        id: "ufunc-api-not-found",
        rank: 31,
        subject: Subject::NumpyAbi,
        effect: Effect::FailsAtImport,
        place: Place::Before,
        markers: &["_UFUNC_API not found", "numpy.core.umath failed to import", "numpy._core.umath failed to import"],
        read: read_failed_import,
        source: "__ufunc_api.h of NumPy 1.5 to 2.5",
    },
    Family {
        id: "multiarray-failed-to-import",
        rank: 40,
        subject: Subject::NumpyAbi,
        effect: Effect::FailsAtImport,
        place: Place::Before,
        markers: &[
            "numpy.core.multiarray failed to import",
            "numpy._core.multiarray failed to import",
            "_multiarray_umath failed to import",
        ],
        read: read_failed_import,
        source: "import_array and import_umath in NumPy's headers, Cython's NumpyImportArray.c and NumPy's __init__.pxd",
    },
    Family {
        id: "numpy-1-only-build",
        rank: 18,
        subject: Subject::NumpyAbi,
        effect: Effect::FailsAtUse,
        place: Place::Before,
        markers: &["PYBIND11_NUMPY_1_ONLY defined", "requires API < 00000012", "requires API < 0x00000012"],
        read: |_| Some(Reading { headers_2: Some(false), ..Reading::default() }),
        source: "pybind11/numpy.h of 2.12, npyffi/array.rs of rust-numpy 0.22",
    },
];

static RUNNING: LazyLock<Regex> = LazyLock::new(|| ascii(r"(?i)cannot be run in NumPy (\d+\.[\w.]*\w)"));

fn read_major(site: &Site<'_>) -> Option<Reading> {
    let numpy = RUNNING.captures(site.at(160)).and_then(|found| found.get(1)).map(|found| found.as_str().to_owned());
    Some(Reading { numpy, headers_2: Some(false), ..Reading::default() })
}

/// `numpy._core` in the ending betrays 2.x headers; `numpy.core` says nothing of a Cython module's headers.
fn read_failed_import(site: &Site<'_>) -> Option<Reading> {
    let headers_2 = site.at(12).to_lowercase().starts_with("numpy._core").then_some(true);
    Some(Reading { headers_2, ..Reading::default() })
}
