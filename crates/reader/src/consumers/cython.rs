//! Cython's check of the size of every extension type that a module cimports (`__Pyx_ImportType`), NumPy's among them.
//!
//! Where the compiler kept the helper as a function, its callers pass module, name, size and mode as constants. Where it
//! was inlined (MSVC, Apple's clang), the same constants are arguments of the error message. Where all types come from one
//! module, the compiler may have put its name into the helper.

use std::collections::BTreeMap;

use contract::{CheckMode, Consumer, ConsumerKind, Generation, Requirement, TypeCheck, Undetermined};

use super::Strings;
use crate::analysis::Analysis;
use crate::code::Condition;
use crate::code::flow::{Call, Callee, Trace, Value};

/// Sizes that a type's structure can have, in bytes: a bare object to something enormous.
const SIZES: std::ops::RangeInclusive<u64> = 16..=100_000;
/// How often a part of the helper that was split off is followed to the part that jumps to it.
const MOST_PARTS: usize = 3;

/// What is there wherever a module cimports NumPy's types, and hardly elsewhere together.
const NAMES: [&[u8]; 2] = [b"\0numpy\0", b"\0flatiter\0"];

/// The types that NumPy's `__init__.pxd` declares with their structures, in all its versions; copies of it leave out `ufunc`.
const TOGETHER: [&str; 4] = ["dtype", "flatiter", "broadcast", "ndarray"];

/// A type check as one call shows it.
struct Seen {
    module: String,
    class: String,
    size: u64,
    at: u64,
    mode: CheckMode,
}

pub(super) fn read(analysis: &Analysis<'_, '_>, strings: &Strings, requirement: &mut Requirement) {
    if strings.sizes.is_empty() {
        return;
    }
    let holders = analysis.functions_referring(&strings.sizes);
    let mut seen = Vec::new();
    let mut unread = Vec::new();
    let may_be_numpy = NAMES.iter().all(|name| analysis.image.has(name));
    for &bounds in holders.values() {
        let trace = analysis.trace(bounds);
        let before = seen.len();
        inlined(analysis, strings, &trace, &mut seen);
        called(analysis, strings, bounds, &mut seen);
        let checks = trace.anchored.iter().any(|taking| strings.sizes.contains(&taking.anchor));
        if checks && seen.len() == before && may_be_numpy {
            unread.push(bounds);
        }
    }
    // Where the compiler put the helper into its callers, it may leave behind the function that nobody calls any more.
    unread.retain(|&bounds| seen.is_empty() || !analysis.is_unreachable(bounds));
    requirement.types = merge(analysis, strings, seen);
    if unread.is_empty() && is_part(&requirement.types) {
        unread.extend(holders.values().next());
    }
    requirement.undetermined.extend(unread.into_iter().map(unresolved));
    requirement.cimports = cimports(&requirement.types);
    let version = version(analysis);
    if requirement.numpy_types().next().is_some() {
        requirement.consumers.push(Consumer {
            kind: ConsumerKind::Cython,
            generation: generation(&requirement.types),
            version,
            reads_old_layout: None,
            evidence: requirement.numpy_types().take(1).flat_map(|t| t.evidence.clone()).collect(),
        });
    }
}

fn unresolved(bounds: (u64, u64)) -> Undetermined {
    let detail = format!(
        "the function at 0x{:x} checks the size of a type, which may be NumPy's, but with values that could not be read",
        bounds.0
    );
    Undetermined { reason: "unresolved-check".to_owned(), detail }
}

/// Whether some of the types were read that NumPy's own declarations bring together, and not all of them. A declaration of
/// another project names `ndarray` alone, or with `dtype`.
fn is_part(types: &[TypeCheck]) -> bool {
    let has = |class: &&str| types.iter().any(|one| one.module == "numpy" && one.class == **class);
    ["flatiter", "broadcast", "ufunc"].iter().any(&has) && !TOGETHER.iter().all(has)
}

/// The generation of the headers, from the size of `dtype`: 96 in 1.10 to 1.26, 32 (opaque) or 88 in 2.x.
fn generation(types: &[TypeCheck]) -> Option<Generation> {
    let dtype = types.iter().find(|t| t.module == "numpy" && t.class == "dtype")?;
    match dtype.size {
        96 => Some(Generation::One),
        32 => Some(Generation::Two),
        _ => None,
    }
}

/// Checks whose helper was inlined: the error message's own arguments.
fn inlined(analysis: &Analysis<'_, '_>, strings: &Strings, trace: &Trace, seen: &mut Vec<Seen>) {
    for taking in trace.anchored.iter().filter(|taking| strings.sizes.contains(&taking.anchor)) {
        let call = &taking.call;
        let arguments = variadic(analysis, call, taking.anchor);
        let Some((module, class, size, _)) = named_sizes(analysis, &arguments).next() else { continue };
        let warns = matches!(
            analysis.image.import(call.callee),
            Some("PyOS_snprintf" | "snprintf" | "__snprintf_chk" | "PyErr_WarnFormat")
        );
        let mode = if warns { CheckMode::Warn } else { guard(trace, size) };
        seen.push(Seen { module, class, size, at: call.at, mode });
    }
}

fn variadic(analysis: &Analysis<'_, '_>, call: &Call, format: u64) -> Vec<Option<Value>> {
    let position = call.registers.iter().position(|v| *v == Some(Value::Constant(format)));
    match (analysis.image.convention, position) {
        (Some(convention), Some(position)) => call.variadic(convention, position),
        _ => Vec::new(),
    }
}

/// The mode that the comparison with `size` in an inlined helper shows: clang writes `size < 80` as a comparison
/// with 79.
fn guard(trace: &Trace, size: u64) -> CheckMode {
    let conditions: Vec<Condition> = trace
        .comparisons
        .iter()
        .filter(|c| c.constant == size || (c.constant.checked_add(1) == Some(size) && !is_equality(c.condition)))
        .map(|c| c.condition)
        .collect();
    if conditions.iter().any(|c| is_equality(*c)) {
        CheckMode::Error
    } else if conditions.is_empty() {
        CheckMode::Unknown
    } else {
        CheckMode::Ignore
    }
}

fn is_equality(condition: Condition) -> bool {
    matches!(condition, Condition::Equal | Condition::NotEqual)
}

/// The function that checks sizes for its callers.
struct Helper<'d> {
    bounds: (u64, u64),
    /// The module that it is made for, where it is made for one alone.
    module: Option<&'d str>,
}

/// Checks by callers of the helper in `bounds`.
fn called<'d>(analysis: &Analysis<'_, 'd>, strings: &Strings, bounds: (u64, u64), seen: &mut Vec<Seen>) {
    let trace = analysis.trace(bounds);
    let messages = trace.anchored.iter().filter(|taking| strings.sizes.contains(&taking.anchor));
    let arguments: Vec<_> = messages.map(|taking| variadic(analysis, &taking.call, taking.anchor)).collect();
    let name = |arguments: &Vec<Option<Value>>, place: usize| -> Option<&'d str> {
        analysis.text(arguments.get(place).copied().flatten()).filter(|text| is_dotted_name(text))
    };
    // A function that names the types too checks them itself, and what its callers pass is something else.
    let is_helper = arguments.iter().all(|arguments| name(arguments, 1).is_none());
    let module = arguments.iter().find_map(|arguments| name(arguments, 0)).filter(|_| is_helper);
    let helper = Helper { bounds, module };
    let sites = analysis.calls_to(bounds.0);
    if sites.is_empty() && analysis.image.functions().are_known() {
        return called_through_parts(analysis, strings, &helper, seen);
    }
    seen.extend(sites.into_iter().filter_map(|at| at_site(analysis, strings, &helper, at)));
}

/// The same where the helper was split: the part with the messages is entered by jumps from the part that is called.
fn called_through_parts(analysis: &Analysis<'_, '_>, strings: &Strings, helper: &Helper<'_>, seen: &mut Vec<Seen>) {
    let mut parts = vec![helper.bounds];
    let mut index = 0;
    while let Some(&part) = parts.get(index) {
        index += 1;
        for edge in analysis.graph().callers(analysis.image, part) {
            seen.extend(at_site(analysis, strings, &Helper { bounds: part, module: helper.module }, edge.at));
            let caller = analysis.function_around(edge.at);
            if !edge.is_call && parts.len() <= MOST_PARTS && !parts.contains(&caller) {
                parts.push(caller);
            }
        }
    }
}

/// The check that the call at `at` makes.
fn at_site(analysis: &Analysis<'_, '_>, strings: &Strings, helper: &Helper<'_>, at: u64) -> Option<Seen> {
    let trace = analysis.trace(analysis.function_around(at));
    let call = trace.call_at(at).filter(|call| calls_into(call, helper.bounds))?;
    direct(analysis, strings, call, helper.module)
}

fn calls_into(call: &Call, (begin, end): (u64, u64)) -> bool {
    matches!(call.callee, Callee::Local(target) if (begin..end).contains(&target))
}

fn direct(analysis: &Analysis<'_, '_>, strings: &Strings, call: &Call, only: Option<&str>) -> Option<Seen> {
    let arguments = call.arguments(analysis.image.convention?);
    let named = named_sizes(analysis, &arguments).next();
    let (module, class, size, position, passed) = match (named, only) {
        (Some((module, class, size, position)), _) => (module, class, size, position, 3),
        (None, Some(module)) => {
            let (class, size, position) = sizes_of_one(analysis, &arguments)?;
            (module.to_owned(), class, size, position, 2)
        }
        (None, None) => return None,
    };
    let rest = arguments.iter().skip(position.saturating_add(passed));
    let rest: Vec<Option<u64>> = rest.map(|v| constant(*v)).take(2).collect();
    let mode = mode(analysis, strings, position, &rest);
    Some(Seen { module, class, size, at: call.at, mode })
}

/// Where two arguments in a row are a type's name and a size.
fn sizes_of_one(analysis: &Analysis<'_, '_>, arguments: &[Option<Value>]) -> Option<(String, u64, usize)> {
    arguments.windows(2).enumerate().find_map(|(position, window)| {
        let &[class, size] = window else { return None };
        let class = analysis.text(class).filter(|text| is_dotted_name(text))?;
        Some((class.to_owned(), constant(size).filter(|size| SIZES.contains(size))?, position))
    })
}

/// Where three arguments in a row are a module's name, a type's name and a size.
fn named_sizes(
    analysis: &Analysis<'_, '_>,
    arguments: &[Option<Value>],
) -> impl Iterator<Item = (String, String, u64, usize)> {
    let found: Vec<_> = arguments
        .windows(3)
        .enumerate()
        .filter_map(|(position, window)| {
            let &[module, class, size] = window else { return None };
            let module = analysis.text(module).filter(|t| is_dotted_name(t))?;
            let class = analysis.text(class).filter(|t| is_dotted_name(t))?;
            let size = constant(size).filter(|s| SIZES.contains(s))?;
            Some((module.to_owned(), class.to_owned(), size, position))
        })
        .collect();
    found.into_iter()
}

fn is_dotted_name(text: &str) -> bool {
    let word = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    !text.is_empty() && text.split('.').all(word)
}

fn constant(value: Option<Value>) -> Option<u64> {
    match value {
        Some(Value::Constant(number)) => Some(number),
        _ => None,
    }
}

/// The mode from the arguments behind the size. Cython before 0.29 passes no module object (`position` 0) and a flag;
/// 0.29 passes the mode; 3 passes the alignment first. Compilers drop an argument that is the same in all calls.
fn mode(analysis: &Analysis<'_, '_>, strings: &Strings, position: usize, rest: &[Option<u64>]) -> CheckMode {
    let numbered = |n: u64| match n {
        0 => CheckMode::Error,
        1 => CheckMode::Warn,
        2 => CheckMode::Ignore,
        _ => CheckMode::Unknown,
    };
    match (position, rest) {
        (0, [Some(0), ..]) => CheckMode::Warn,
        (0, [Some(1), ..]) => CheckMode::Error,
        (_, [Some(4 | 8 | 16 | 32), Some(mode @ 0..=2)]) => numbered(*mode),
        (_, [Some(mode @ 0..=2), ..]) => numbered(*mode),
        (_, [_, Some(mode @ 0..=2)]) => numbered(*mode),
        _ => dropped_mode(analysis, strings),
    }
}

/// One mode for the whole module, or one that was not seen. The warning's format is there only where some call can warn;
/// where none can, all may insist or none: a file is not said to fail by what was not seen.
fn dropped_mode(analysis: &Analysis<'_, '_>, strings: &Strings) -> CheckMode {
    let warns = strings
        .sizes
        .iter()
        .any(|&at| analysis.image.text_at(at).is_some_and(|text| text.starts_with("%s.%s size changed")));
    if warns { CheckMode::Warn } else { CheckMode::Unknown }
}

/// One check a type and size, in address order; a warning seen beside an error path is a warning.
fn merge(analysis: &Analysis<'_, '_>, strings: &Strings, mut seen: Vec<Seen>) -> Vec<TypeCheck> {
    seen.sort_by_key(|s| s.at);
    let mut order: Vec<(String, String, u64)> = Vec::new();
    let mut merged: BTreeMap<(String, String, u64), (u64, CheckMode)> = BTreeMap::new();
    for one in seen {
        let key = (one.module, one.class, one.size);
        match merged.get_mut(&key) {
            Some((_, mode)) => *mode = preferred(*mode, one.mode),
            None => {
                order.push(key.clone());
                merged.insert(key, (one.at, one.mode));
            }
        }
    }
    let old_message =
        strings.sizes.iter().all(|&at| analysis.image.text_at(at).is_some_and(|text| !text.contains("from C header")));
    order
        .into_iter()
        .filter_map(|key| merged.get(&key).map(|&(at, mode)| (key, at, mode)))
        .map(|((module, class, size), at, mode)| {
            let fact = format!("sizeof {module}.{class} {size}");
            let evidence = vec![analysis.decoded(fact, at, &format!("\"{module}\", \"{class}\", {size}"))];
            TypeCheck { module, class, size, mode, old_message, evidence }
        })
        .collect()
}

fn preferred(one: CheckMode, other: CheckMode) -> CheckMode {
    let rank = |mode: CheckMode| match mode {
        CheckMode::Warn => 0,
        CheckMode::Error => 1,
        CheckMode::Ignore => 2,
        CheckMode::Unknown => 3,
    };
    if rank(one) <= rank(other) { one } else { other }
}

/// Modules that the types come from, beside NumPy and Python itself.
fn cimports(types: &[TypeCheck]) -> Vec<String> {
    let mut modules: Vec<String> = types.iter().map(|t| t.module.clone()).collect();
    modules.retain(|m| !matches!(m.as_str(), "numpy" | "builtins" | "__builtin__"));
    modules.sort();
    modules.dedup();
    modules
}

/// The version of Cython in names such as `_cython_3_0_12`.
fn version(analysis: &Analysis<'_, '_>) -> Option<String> {
    let image = analysis.image;
    image.find(b"_cython_").into_iter().find_map(|at| {
        let digits = image.text_at(at)?.strip_prefix("_cython_")?;
        let version: String = digits.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
        version.starts_with(|c: char| c.is_ascii_digit()).then(|| version.replace('_', "."))
    })
}
