//! Which of a distribution's files an import loads: always, by a public submodule, under a condition, only in tests.

use crate::judge::files::JudgedFile;
use crate::judge::importer::{Flow, Importer, World};
use crate::judge::modules::{FileId, Module, Modules, Origin, is_for_tests, is_public};
use crate::judge::survey::{Fate, Reach, Survey};
use crate::report::Loaded;

/// How a file is loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Weight {
    pub(super) loaded: Loaded,
    /// The module whose import loads it, for [`Loaded::Always`] and [`Loaded::Submodule`].
    pub(super) start: Option<String>,
}

impl Weight {
    fn of(loaded: Loaded, start: Option<&String>) -> Self {
        Self { loaded, start: start.cloned() }
    }
}

/// Weighs all files of the only distribution in `world`. `None` for files that fit and of which it was not worth
/// finding out.
pub(super) fn weigh(world: &World<'_>, files: &[JudgedFile]) -> Vec<Option<Weight>> {
    let mut weights = vec![None; files.len()];
    // Whatever is found below, these are walked.
    world.prepare(world.modules.tops().into_iter().chain(public_sources(world.modules)));
    settle(&mut weights, files, &top_level(world));
    if open(&weights, files) {
        settle(&mut weights, files, &unavoidable(world, files));
    }
    settle(&mut weights, files, &submodules(world));
    if open(&weights, files) {
        settle(&mut weights, files, &possible(world));
    }
    lend_to_libraries(&mut weights, files);
    if open(&weights, files) {
        settle(&mut weights, files, &orphans(world, files));
        settle(&mut weights, files, &tests(world, files));
    }
    lend_to_libraries(&mut weights, files);
    for (weight, file) in weights.iter_mut().zip(files) {
        if weight.is_none() && file.misfits() {
            *weight = Some(Weight::of(Loaded::Unknown, None));
        }
    }
    weights
}

/// The first answer for a file stands: the passes go from the gravest to the least.
fn settle(weights: &mut [Option<Weight>], files: &[JudgedFile], found: &[(FileId, Weight)]) {
    for ((_, index), weight) in found {
        let Some(known) = weights.get_mut(*index) else { continue };
        if known.is_none() && files.get(*index).is_some() {
            *known = Some(weight.clone());
        }
    }
}

fn open(weights: &[Option<Weight>], files: &[JudgedFile]) -> bool {
    weights.iter().zip(files).any(|(weight, file)| weight.is_none() && file.misfits())
}

fn top_level(world: &World<'_>) -> Vec<(FileId, Weight)> {
    let mut survey = Survey::new(world, Reach::Sure);
    world.modules.tops().into_iter().for_each(|name| survey.begin(name));
    fatal(&survey, Loaded::Always)
}

fn submodules(world: &World<'_>) -> Vec<(FileId, Weight)> {
    let mut survey = Survey::new(world, Reach::Sure);
    public_sources(world.modules).for_each(|name| survey.begin(name));
    fatal(&survey, Loaded::Submodule)
}

/// Files that a top-level import comes to and fails with whichever way it takes: the last of several builds to choose from.
fn unavoidable(world: &World<'_>, files: &[JudgedFile]) -> Vec<(FileId, Weight)> {
    let failing = |name: &str| {
        let Flow::Raised(failure) = Importer::trying_every_way(world).import(name) else { return None };
        let index = files.iter().position(|file| file.slices.iter().any(|slice| slice.path == failure.path))?;
        Some(((0, index), Weight::of(Loaded::Always, Some(&name.to_owned()))))
    };
    world.modules.tops().into_iter().filter_map(failing).collect()
}

/// Files whose failure would be fatal.
fn fatal(survey: &Survey<'_>, loaded: Loaded) -> Vec<(FileId, Weight)> {
    let fatal = survey.files.iter().filter(|(_, (fate, _))| *fate == Fate::Fatal);
    fatal.map(|(id, (_, start))| (*id, Weight::of(loaded, Some(start)))).collect()
}

/// Files that may be loaded: on a path that may be taken or not, inside a `try`, or when a function is called.
fn possible(world: &World<'_>) -> Vec<(FileId, Weight)> {
    let mut survey = Survey::new(world, Reach::Deferred);
    world.modules.tops().into_iter().for_each(|name| survey.begin(name));
    public_sources(world.modules).for_each(|name| survey.begin(name));
    let loaded = |fate| if fate == Fate::Perhaps { Loaded::Unknown } else { Loaded::Conditional };
    survey.files.iter().map(|(id, (fate, _))| (*id, Weight::of(loaded(*fate), None))).collect()
}

fn public_sources(modules: &Modules) -> impl Iterator<Item = &str> {
    modules.names().filter(|(name, module)| is_public(name) && is_source(module)).map(|(name, _)| name)
}

fn is_source(module: &Module) -> bool {
    matches!(module.origin, Origin::Source(..))
}

/// Files for tests by their name, and files that tests alone import.
fn tests(world: &World<'_>, files: &[JudgedFile]) -> Vec<(FileId, Weight)> {
    let named = |file: &JudgedFile| file.name.as_ref().is_some_and(|name| is_for_tests(&name.module));
    let by_name = files.iter().enumerate().filter(|(_, file)| named(file)).map(|(index, _)| (0, index));
    let mut found: Vec<(FileId, Weight)> = by_name.map(|id| (id, Weight::of(Loaded::Tests, None))).collect();
    let mut survey = Survey::new(world, Reach::Deferred);
    let all = world.modules.names().filter(|(name, module)| is_for_tests(name) && is_source(module));
    all.for_each(|(name, _)| survey.begin(name));
    found.extend(survey.files.keys().map(|id| (*id, Weight::of(Loaded::Tests, None))));
    found
}

/// Public extension modules that no source imports, tests aside: users import them themselves.
fn orphans(world: &World<'_>, files: &[JudgedFile]) -> Vec<(FileId, Weight)> {
    let mut survey = Survey::new(world, Reach::Deferred);
    let all = world.modules.names().filter(|(name, module)| is_source(module) && !is_for_tests(name));
    all.for_each(|(name, _)| survey.begin(name));
    let alone = |(index, file): (usize, &JudgedFile)| {
        let name = &file.name.as_ref()?.module;
        let orphan = is_public(name) && !survey.files.contains_key(&(0, index));
        orphan.then(|| ((0, index), Weight::of(Loaded::Submodule, Some(name))))
    };
    files.iter().enumerate().filter_map(alone).collect()
}

/// A library is loaded with the files that need it.
fn lend_to_libraries(weights: &mut [Option<Weight>], files: &[JudgedFile]) {
    for _ in 0..files.len() {
        let mut changed = false;
        for index in 0..files.len() {
            let lent = files.get(index).filter(|file| file.name.is_none()).and_then(|file| {
                let name = file.slices.first()?.path.rsplit('/').next()?;
                heaviest_user(weights, files, name)
            });
            if let (Some(lent), Some(own)) = (lent, weights.get_mut(index)) {
                changed |= own.is_none();
                own.get_or_insert(lent);
            }
        }
        if !changed {
            return;
        }
    }
}

fn heaviest_user(weights: &[Option<Weight>], files: &[JudgedFile], library: &str) -> Option<Weight> {
    let needs = |file: &JudgedFile| {
        let facts = file.worst().and_then(|slice| slice.facts.as_ref());
        facts.is_some_and(|facts| facts.needed.iter().any(|name| name.rsplit('/').next() == Some(library)))
    };
    let users = files.iter().zip(weights).filter(|(file, _)| needs(file)).filter_map(|(_, weight)| weight.as_ref());
    users.max_by_key(|weight| rank(weight.loaded)).cloned()
}

fn rank(loaded: Loaded) -> u8 {
    match loaded {
        Loaded::Always => 4,
        Loaded::Submodule => 3,
        Loaded::Unknown => 2,
        Loaded::Conditional => 1,
        Loaded::Tests => 0,
    }
}
