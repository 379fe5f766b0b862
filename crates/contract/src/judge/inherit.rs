//! What travels between the files of one distribution: along needed libraries, and along modules whose types are
//! imported.

use std::collections::BTreeMap;

use crate::judge::files::JudgedFile;
use crate::report::BinaryReport;
use crate::{Assessment, BinaryFacts, ConsumerKind, Fails, NumpySet, OnFailure, Requirement, Verdict, Version};

/// Lets each file inherit what the files that it needs fail with, and narrows its range by theirs. Repeats until
/// nothing changes, since libraries need libraries.
pub(super) fn inherit(files: &mut [JudgedFile], known: &[Version]) {
    let by_name = libraries(files);
    let by_module = modules(files);
    for _ in 0..files.len() {
        let mut changed = false;
        for index in 0..files.len() {
            let sources = sources_of(files, index, &by_name, &by_module);
            for (source, way) in sources {
                changed |= take_over(files, index, source, way, known);
            }
        }
        if !changed {
            return;
        }
    }
}

/// The way on which a failure travels.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    /// The file needs the library: the loader loads it.
    Library,
    /// The file imports types or functions of the module when it is initialised.
    Module,
}

fn libraries(files: &[JudgedFile]) -> BTreeMap<String, usize> {
    let names = files.iter().enumerate().filter_map(|(index, file)| {
        let path = &file.slices.first()?.path;
        Some((base_name(path).to_owned(), index))
    });
    names.collect()
}

fn modules(files: &[JudgedFile]) -> BTreeMap<String, usize> {
    let named = |(index, file): (usize, &JudgedFile)| Some((file.name.as_ref()?.module.clone(), index));
    files.iter().enumerate().filter_map(named).collect()
}

fn base_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

fn sources_of(
    files: &[JudgedFile],
    index: usize,
    by_name: &BTreeMap<String, usize>,
    by_module: &BTreeMap<String, usize>,
) -> Vec<(usize, Way)> {
    let Some(facts) = files.get(index).and_then(|file| file.worst()).and_then(|slice| slice.facts.as_ref()) else {
        return Vec::new();
    };
    let needed = facts.needed.iter().filter_map(|name| by_name.get(base_name(name))).map(|i| (*i, Way::Library));
    let types = facts.requirement.types.iter().map(|check| &check.module);
    let imported = types.chain(&facts.requirement.cimports).filter_map(|name| by_module.get(name));
    let mut sources: Vec<(usize, Way)> = needed.chain(imported.map(|i| (*i, Way::Module))).collect();
    sources.retain(|(source, _)| *source != index);
    sources.dedup();
    sources
}

/// What a file hands on to those that need it.
struct Gift {
    path: String,
    assessment: Assessment,
    numpy: Option<NumpySet>,
    /// Whether it holds a version check whose failure becomes an exception.
    checks: bool,
}

fn gift(file: &JudgedFile) -> Option<Gift> {
    let worst = file.worst()?;
    let facts = worst.facts.as_ref()?;
    let checks = facts.requirement.checks.iter().any(|check| check.on_failure != OnFailure::Swallows);
    let path = worst.through.clone().unwrap_or_else(|| worst.path.clone());
    Some(Gift { path, assessment: worst.assessment.clone(), numpy: worst.numpy.clone(), checks })
}

/// Whether anything changed.
fn take_over(files: &mut [JudgedFile], index: usize, source: usize, way: Way, known: &[Version]) -> bool {
    let Some(gift) = files.get(source).and_then(gift) else { return false };
    let Some(taker) = files.get_mut(index) else { return false };
    let is_module = taker.name.is_some();
    let mut changed = false;
    for (slice, relevant) in taker.slices.iter_mut().zip(&taker.relevant) {
        if *relevant {
            changed |= inherit_verdict(slice, &gift, way, is_module);
            changed |= narrow(slice, &gift, way, known);
        }
    }
    changed
}

/// A worse verdict is taken over, and the file that it comes from is named.
fn inherit_verdict(slice: &mut BinaryReport, gift: &Gift, way: Way, is_module: bool) -> bool {
    let Some(inherited) = inherited(slice, gift, way, is_module) else { return false };
    let rank = |a: &Assessment| (a.verdict, a.fails);
    if rank(&inherited) <= rank(&slice.assessment) {
        return false;
    }
    slice.assessment = inherited;
    slice.through = Some(gift.path.clone());
    true
}

fn inherited(slice: &BinaryReport, gift: &Gift, way: Way, is_module: bool) -> Option<Assessment> {
    let fails = match (gift.assessment.verdict, way) {
        (Verdict::AtRisk, Way::Library) => None,
        (Verdict::Incompatible, Way::Module) if gift.assessment.fails == Some(Fails::Import) => Some(Fails::Import),
        (Verdict::Incompatible, Way::Library) if is_module && relies_on(slice.facts.as_ref()?, gift) => {
            Some(Fails::Import)
        }
        (Verdict::Incompatible, Way::Library) => Some(Fails::Use),
        _ => return None,
    };
    Some(Assessment { fails, ..gift.assessment.clone() })
}

/// Whether a module's own initialiser must make the library set up NumPy's API. Inferred, not read: a Cython module (it
/// checks the sizes of types) that needs the library and never imports the API by itself leaves that to the library
/// when it is imported, as `pyarrow/lib` does with `libarrow_python`; so do modules that need Boost's NumPy library.
fn relies_on(user: &BinaryFacts, library: &Gift) -> bool {
    let demands = &user.requirement;
    let uses_boost = has(demands, ConsumerKind::BoostNumpy);
    library.checks && demands.checks.is_empty() && (uses_boost || !demands.types.is_empty())
}

fn has(requirement: &Requirement, kind: ConsumerKind) -> bool {
    requirement.consumers.iter().any(|consumer| consumer.kind == kind)
}

/// The releases under which a file works are at most those under which what it needs works.
fn narrow(slice: &mut BinaryReport, gift: &Gift, way: Way, known: &[Version]) -> bool {
    let Some(theirs) = &gift.numpy else { return false };
    let passes = way == Way::Module || slice.facts.as_ref().is_some_and(|facts| relies_on(facts, gift));
    if !passes || slice.numpy.as_ref() == Some(theirs) {
        return false;
    }
    let both = match &slice.numpy {
        Some(own) => own.intersection(theirs, known),
        None => theirs.clone(),
    };
    let changed = slice.numpy.as_ref() != Some(&both);
    slice.numpy = Some(both);
    changed
}
