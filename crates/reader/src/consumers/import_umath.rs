//! The import of the ufunc API's table: the body of `_import_umath`, which `import_umath()` and `import_ufunc()` compile
//! in. It compares no version; which module it asks for the table tells the headers, and decides where it fails.

use contract::{Consumer, ConsumerKind, Generation, Requirement, UfuncImport};

use super::Strings;
use super::failure::consequences;
use crate::Depth;
use crate::analysis::{Analysis, read_evidence};
use crate::code::flow::Trace;

/// Where headers look for the table, with their generation: 2.x, 1.16 to 1.26, before. The first one that a function
/// names counts, since 2.x headers fall back on the second.
const PLACES: [(&str, Generation); 3] = [
    ("numpy._core._multiarray_umath", Generation::Two),
    ("numpy.core._multiarray_umath", Generation::One),
    ("numpy.core.umath", Generation::One),
];

/// What the macro's `ImportError` says, by header.
const ERRORS: [&[u8]; 3] = [
    b"numpy._core.umath failed to import",
    b"numpy.core.umath failed to import",
    b"numpy.core._multiarray_umath failed to import",
];

pub(super) fn read(analysis: &Analysis<'_, '_>, strings: &Strings, depth: Depth, requirement: &mut Requirement) {
    let functions = analysis.functions_referring(&strings.ufunc);
    let found: Vec<(UfuncImport, Generation)> =
        functions.values().filter_map(|&bounds| import_in(analysis, strings, depth, bounds)).collect();
    let Some(generation) = found.iter().map(|(_, generation)| *generation).min() else { return };
    let evidence = found.first().map(|(import, _)| import.evidence.clone()).unwrap_or_default();
    requirement.consumers.push(Consumer {
        kind: ConsumerKind::ImportUmath,
        generation: Some(generation),
        version: None,
        reads_old_layout: None,
        evidence,
    });
    requirement.ufunc_imports.extend(found.into_iter().map(|(import, _)| import));
}

/// The import in one function; none where the function names no module of NumPy.
fn import_in(
    analysis: &Analysis<'_, '_>,
    strings: &Strings,
    depth: Depth,
    bounds: (u64, u64),
) -> Option<(UfuncImport, Generation)> {
    let trace = analysis.trace(bounds);
    let (place, generation) = PLACES.into_iter().find(|(name, _)| names(analysis, &trace, name))?;
    let image = analysis.image;
    let error = ERRORS.iter().find(|text| image.has(text));
    let (reach, on_failure) = consequences(analysis, bounds, &strings.ufunc, depth);
    let evidence = strings.ufunc.first().map(|&at| read_evidence(image, "import of the ufunc table", at));
    let import = UfuncImport {
        imports: place.to_owned(),
        reach,
        on_failure,
        import_error: error.map(|text| String::from_utf8_lossy(text).into_owned()),
        evidence: evidence.into_iter().collect(),
    };
    Some((import, generation))
}

/// Whether a function hands this text to a call.
fn names(analysis: &Analysis<'_, '_>, trace: &Trace, text: &str) -> bool {
    let arguments = trace.calls.iter().flat_map(|call| call.registers);
    arguments.into_iter().any(|argument| analysis.text(argument) == Some(text))
}
