//! The message that a failing module would die with, predicted from what was compiled into it.
//!
//! Texts and their order come from NumPy's generated `__multiarray_api.h` (1.4 to 2.5), from
//! `numpy/core/_multiarray_umath.py` (2.x) and from Cython's `ImportExport.c`, confirmed by runs (`docs/accuracy.md`).

use serde::{Deserialize, Serialize};

use crate::{Evidence, Provision, TypeCheck, UfuncImport, VersionCheck};

/// Which part of the contract is violated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ErrorKind {
    /// Compiled for NumPy 1.x, running on 2.x.
    NumpyMajor,
    /// The running NumPy's feature level is below what was compiled in.
    FeatureLevel,
    /// A type is smaller than the header said, or differs where the check is strict.
    TypeSize,
    /// Code that checks nothing reads NumPy 1.x structures on 2.x.
    OldLayout,
    /// The code calls a slot of the API table that the running NumPy left empty.
    RemovedSlot,
}

/// A predicted failure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PredictedError {
    /// Which part of the contract is violated.
    pub kind: ErrorKind,
    /// The exception as Python prints it: `ValueError: numpy.dtype size changed, ...`. What goes wrong, in words,
    /// where no exception is raised.
    pub exception: String,
    /// What is printed on standard error before it, where something is; the deciding line of it.
    pub printed: Option<String>,
    /// Where the violated demand was read.
    pub evidence: Vec<Evidence>,
}

/// The failure of a version check whose ABI is older than the running NumPy's.
pub(crate) fn abi_mismatch(check: &VersionCheck, provision: &Provision) -> PredictedError {
    let printed = if check.imports == "numpy.core.multiarray" {
        format!(
            "RuntimeError: module compiled against ABI version 0x{:x} but this version of numpy is 0x{:x}",
            check.abi, provision.abi
        )
    } else {
        cannot_be_run(provision)
    };
    let exception = import_error(check, "ImportError: numpy.core.multiarray failed to import");
    PredictedError { kind: ErrorKind::NumpyMajor, exception, printed: Some(printed), evidence: check.evidence.clone() }
}

/// What NumPy 2 prints before it refuses a table to a module made for 1.x.
fn cannot_be_run(provision: &Provision) -> String {
    let running = provision.version.as_ref().map_or_else(|| "2.x".to_owned(), ToString::to_string);
    format!("A module that was compiled using NumPy 1.x cannot be run in NumPy {running} as it may crash.")
}

/// The failure of an import of the ufunc table that NumPy 2 refuses.
pub(crate) fn ufunc_table_refused(import: &UfuncImport, provision: &Provision) -> PredictedError {
    let (kind, printed) = (ErrorKind::NumpyMajor, Some(cannot_be_run(provision)));
    PredictedError { kind, exception: umath_error(import), printed, evidence: import.evidence.clone() }
}

/// The failure of an import of the ufunc table from a module that NumPy has since 1.16.
pub(crate) fn ufunc_module_missing(import: &UfuncImport) -> PredictedError {
    let printed = Some("ModuleNotFoundError: No module named 'numpy.core._multiarray_umath'".to_owned());
    let kind = ErrorKind::FeatureLevel;
    PredictedError { kind, exception: umath_error(import), printed, evidence: import.evidence.clone() }
}

fn umath_error(import: &UfuncImport) -> String {
    format!("ImportError: {}", import.import_error.as_deref().unwrap_or("numpy.core.umath failed to import"))
}

/// The failure of a version check whose feature level is above the running NumPy's.
pub(crate) fn feature_too_new(check: &VersionCheck, wanted: u32, provision: &Provision) -> PredictedError {
    let pattern = check
        .feature_message
        .as_deref()
        .unwrap_or("module compiled against API version 0x%x but this version of numpy is 0x%x");
    let printed = format!("RuntimeError: {}", fill_hexadecimal(pattern, &[wanted, provision.feature]));
    let fallback = match check.generation() {
        crate::Generation::One => "ImportError: numpy.core.multiarray failed to import",
        crate::Generation::Two => "ImportError: numpy._core.multiarray failed to import",
    };
    PredictedError {
        kind: ErrorKind::FeatureLevel,
        exception: import_error(check, fallback),
        printed: Some(printed),
        evidence: check.evidence.clone(),
    }
}

/// The failure of a module whose headers import `numpy.core._multiarray_umath`, which NumPy has since 1.16.
pub(crate) fn module_missing(check: &VersionCheck) -> PredictedError {
    PredictedError {
        kind: ErrorKind::FeatureLevel,
        exception: import_error(check, "ImportError: numpy.core.multiarray failed to import"),
        printed: Some("ModuleNotFoundError: No module named 'numpy.core._multiarray_umath'".to_owned()),
        evidence: check.evidence.clone(),
    }
}

/// The failure of a type's size check. `running` is `tp_basicsize` of the running type, in bytes.
pub(crate) fn size_changed(check: &TypeCheck, running: u64) -> PredictedError {
    let TypeCheck { module, class, size, .. } = check;
    let exception = if check.old_message {
        format!("ValueError: {module}.{class} has the wrong size, try recompiling. Expected {running}, got {size}")
    } else {
        format!(
            "ValueError: {module}.{class} size changed, may indicate binary incompatibility. \
             Expected {size} from C header, got {running} from PyObject"
        )
    };
    PredictedError { kind: ErrorKind::TypeSize, exception, printed: None, evidence: check.evidence.clone() }
}

fn import_error(check: &VersionCheck, fallback: &str) -> String {
    check.import_error.as_ref().map_or_else(|| fallback.to_owned(), |text| format!("ImportError: {text}"))
}

/// Puts numbers in the place of `%x`, in order, as C's `printf` does.
fn fill_hexadecimal(pattern: &str, numbers: &[u32]) -> String {
    let mut pieces = pattern.split("%x");
    let mut out = pieces.next().unwrap_or_default().to_owned();
    let mut numbers = numbers.iter();
    for piece in pieces {
        match numbers.next() {
            Some(number) => out.push_str(&format!("{number:x}")),
            None => out.push_str("%x"),
        }
        out.push_str(piece);
    }
    out
}

#[cfg(test)]
mod tests {
    #[test]
    fn fills_numbers_in_order() {
        assert_eq!(super::fill_hexadecimal("a 0x%x b 0x%x.", &[16, 15]), "a 0x10 b 0xf.");
    }
}
