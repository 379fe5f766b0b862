//! NumPy's own version check: the body of `_import_array`, which its headers compile into every module that calls
//! `import_array()`. Each copy is read by itself, since one file can hold several.
//!
//! The numbers are immediates. They are read where the module would print them, as the argument that follows the
//! format of its error message, and held against the comparison that guards it. Measured on 1,525 checks of real
//! wheels: this reads all of them, while a search for byte patterns misses a sixth.

use std::collections::BTreeSet;

use contract::{Consumer, ConsumerKind, Generation, OnFailure, Reach, Requirement, Undetermined, VersionCheck};

use super::Strings;
use crate::Depth;
use crate::analysis::Analysis;
use crate::code::flow::{Call, Callee, Trace, Value};
use crate::consumers::failure::consequences;

/// `NPY_VERSION` of 1.x and 2.x headers (`numpyconfig.h`).
const ABI_1: u32 = 0x0100_0009;
const ABI_2: u32 = 0x0200_0000;
/// Feature levels that can occur: 1.4's to far beyond today's.
const FEATURES: std::ops::RangeInclusive<u64> = 4..=0xff;
/// Where `PyArray_GetNDArrayCFeatureVersion` lies in the table: slot 211, eight bytes each.
const FEATURE_SLOT: i64 = 211 * 8;

/// One number and the call that shows it.
struct Shown {
    number: u32,
    at: u64,
    format: u64,
}

pub(super) fn read(analysis: &Analysis<'_, '_>, strings: &Strings, depth: Depth, requirement: &mut Requirement) {
    let messages = strings.versions();
    let mut checking = BTreeSet::new();
    let mut doubtful = Vec::new();
    for &bounds in analysis.functions_referring(&messages).values() {
        match check_in(analysis, strings, bounds) {
            Ok(Some(check)) => {
                let (reach, on_failure) = consequences(analysis, bounds, &messages, depth);
                requirement.checks.push(VersionCheck { reach, on_failure, ..check });
                checking.insert(bounds.0);
            }
            Ok(None) => {}
            Err(why) => doubtful.push((bounds, why)),
        }
    }
    doubtful.retain(|(bounds, _)| !is_split_off(analysis, *bounds, &checking));
    requirement.undetermined.extend(doubtful.into_iter().map(|(_, why)| why));
    if let Some(check) = requirement.checks.first() {
        let generation = oldest(&requirement.checks);
        requirement.consumers.push(Consumer {
            kind: ConsumerKind::ImportArray,
            generation: Some(generation),
            version: None,
            reads_old_layout: None,
            evidence: check.evidence.clone(),
        });
    }
}

/// Whether a function with a message but without numbers only raises what others check: compilers make functions of what
/// seldom runs.
fn is_split_off(analysis: &Analysis<'_, '_>, bounds: (u64, u64), checking: &BTreeSet<u64>) -> bool {
    let callers = if checking.is_empty() { Vec::new() } else { analysis.graph().callers(analysis.image, bounds) };
    !callers.is_empty() && callers.iter().all(|edge| checking.contains(&analysis.function_around(edge.at).0))
}

fn oldest(checks: &[VersionCheck]) -> Generation {
    checks.iter().map(VersionCheck::generation).min().unwrap_or(Generation::One)
}

/// The check in one function; none where the function turns out not to use the strings.
fn check_in(
    analysis: &Analysis<'_, '_>,
    strings: &Strings,
    bounds: (u64, u64),
) -> Result<Option<VersionCheck>, Undetermined> {
    let trace = analysis.trace(bounds);
    let abis = shown(analysis, &trace, &strings.abi, |n| n == u64::from(ABI_1) || n == u64::from(ABI_2));
    let ones = shown(analysis, &trace, &strings.api_1, |n| FEATURES.contains(&n));
    let twos = shown(analysis, &trace, &strings.api_2, |n| FEATURES.contains(&n));
    let compared = compared_feature(&trace);
    let feature = ones.iter().chain(&twos).max_by_key(|s| s.number);
    let abi = abis.iter().map(|s| s.number).min().or_else(|| {
        let by_message = if twos.is_empty() { ABI_1 } else { ABI_2 };
        (!ones.is_empty() || !twos.is_empty()).then_some(by_message)
    });
    let messages = strings.versions();
    let mentioned = trace.anchored.iter().any(|taking| messages.contains(&taking.anchor));
    let Some(abi) = abi else {
        return if mentioned { Err(unresolved(bounds)) } else { Ok(None) };
    };
    if let (Some(shown), Some(compared)) = (feature, compared)
        && shown.number != compared
    {
        return Err(disagreement(shown, compared));
    }
    let level = feature.map(|s| s.number).or(compared);
    if level.is_none() && !(strings.api_1.is_empty() && strings.api_2.is_empty()) {
        return Err(unresolved(bounds));
    }
    Ok(Some(assemble(analysis, strings, abi, level, &abis, feature)))
}

fn assemble(
    analysis: &Analysis<'_, '_>,
    strings: &Strings,
    abi: u32,
    level: Option<u32>,
    abis: &[Shown],
    feature: Option<&Shown>,
) -> VersionCheck {
    let image = analysis.image;
    let describe = |shown: &Shown, what: &str| {
        let format = image.text_at(shown.format).unwrap_or_default();
        let format: String = format.chars().take(48).collect();
        let detail = format!("argument 0x{:x} of \"{format}...\"", shown.number);
        analysis.decoded(format!("{what} 0x{:x}", shown.number), shown.at, &detail)
    };
    let mut evidence: Vec<_> = abis.iter().take(1).map(|s| describe(s, "ABI")).collect();
    evidence.extend(feature.map(|s| describe(s, "feature level")));
    let generation = if abi >= ABI_2 { Generation::Two } else { Generation::One };
    let (import_error, auto_inserted) = import_error(analysis, generation);
    let messages = if generation == Generation::Two { &strings.api_2 } else { &strings.api_1 };
    let message = feature.map(|s| s.format).or_else(|| messages.first().copied());
    VersionCheck {
        abi,
        feature: level,
        reach: Reach::Unknown,
        on_failure: OnFailure::Unknown,
        auto_inserted,
        import_error,
        imports: imported_module(analysis, generation).to_owned(),
        feature_message: message.and_then(|at| image.text_at(at)).map(str::to_owned),
        evidence,
    }
}

/// Numbers that calls print with one of `formats`.
fn shown(analysis: &Analysis<'_, '_>, trace: &Trace, formats: &[u64], valid: impl Fn(u64) -> bool) -> Vec<Shown> {
    let relevant = trace.anchored.iter().filter(|taking| formats.contains(&taking.anchor));
    relevant
        .filter_map(|taking| {
            let number = number_after(analysis, &taking.call, taking.anchor).filter(|n| valid(*n))?;
            Some(Shown { number: u32::try_from(number).ok()?, at: taking.call.at, format: taking.anchor })
        })
        .collect()
}

/// The first variadic argument of a call that takes `format`.
fn number_after(analysis: &Analysis<'_, '_>, call: &Call, format: u64) -> Option<u64> {
    let convention = analysis.image.convention?;
    let position = call.registers.iter().position(|v| *v == Some(Value::Constant(format)))?;
    match call.variadic(convention, position).first()? {
        Some(Value::Constant(number)) => Some(number & 0xffff_ffff),
        _ => None,
    }
}

/// The feature level that the result of slot 211 is compared with: `< F` or `>= F` name F, `<= F` and `> F` name F - 1.
fn compared_feature(trace: &Trace) -> Option<u32> {
    let by_slot = |call: u64| {
        trace.calls.iter().any(|c| c.at == call && matches!(c.callee, Callee::Entry { offset: FEATURE_SLOT, .. }))
    };
    trace.comparisons.iter().find_map(|comparison| {
        let Some(Value::Result(call)) = comparison.value else { return None };
        if !by_slot(call) {
            return None;
        }
        let level = match comparison.condition {
            condition if condition.bounds_below() => comparison.constant,
            condition if condition.bounds_above() => comparison.constant.checked_add(1)?,
            _ => return None,
        };
        u32::try_from(level).ok().filter(|l| FEATURES.contains(&u64::from(*l)))
    })
}

/// The text of the `ImportError` that `import_array()` raises, and whether Cython 3 inserted that call by itself.
fn import_error(analysis: &Analysis<'_, '_>, generation: Generation) -> (Option<String>, bool) {
    let image = analysis.image;
    let text = |needle: &[u8]| image.find(needle).first().and_then(|&at| image.text_at(at)).map(str::to_owned);
    if let Some(inserted) = text(b"numpy.core.multiarray failed to import (auto-generated because") {
        return (Some(inserted), true);
    }
    if let Some(inserted) = text(b"numpy._core.multiarray failed to import (auto-generated because") {
        return (Some(inserted), true);
    }
    let new = b"numpy._core.multiarray failed to import".as_slice();
    let old = b"numpy.core.multiarray failed to import".as_slice();
    let found = match generation {
        Generation::Two => [new, old],
        Generation::One => [old, new],
    };
    let holds = found.iter().find(|needle| image.has(needle));
    (holds.map(|needle| String::from_utf8_lossy(needle).into_owned()), false)
}

/// The module that the headers of a generation import to reach the API.
fn imported_module(analysis: &Analysis<'_, '_>, generation: Generation) -> &'static str {
    match generation {
        Generation::Two => "numpy._core._multiarray_umath",
        Generation::One if analysis.image.has(b"numpy.core._multiarray_umath") => "numpy.core._multiarray_umath",
        Generation::One => "numpy.core.multiarray",
    }
}

fn unresolved(bounds: (u64, u64)) -> Undetermined {
    Undetermined {
        reason: "unresolved-check".to_owned(),
        detail: format!(
            "the function at 0x{:x} checks NumPy's version, but with numbers that could not be read",
            bounds.0
        ),
    }
}

fn disagreement(shown: &Shown, compared: u32) -> Undetermined {
    Undetermined {
        reason: "contradicting-check".to_owned(),
        detail: format!(
            "the check at 0x{:x} prints feature level 0x{:x} but compares with 0x{compared:x}",
            shown.at, shown.number
        ),
    }
}
