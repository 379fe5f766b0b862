//! The judgement of one distribution: its files' judgements, weighed by what loads them.

use crate::judge::DistributionInput;
use crate::judge::files::{Against, JudgedFile, judge_files};
use crate::judge::importer::{Flow, Importer, World};
use crate::judge::inherit::inherit;
use crate::judge::modules::Modules;
use crate::judge::weigh::{Weight, weigh};
use crate::report::{BinaryReport, DistributionReport, Loaded};
use crate::{Fails, NumpySet, Verdict, Version};

/// The import with which a user meets the failure of a distribution, and the file that it fails in first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FirstFailure {
    pub(crate) import: String,
    pub(crate) path: String,
}

/// Judges a distribution. `thorough`: also where everything fits but the files' ranges differ, work out which files
/// count, which costs parsing its Python sources.
pub(super) fn judge_distribution(
    distribution: &DistributionInput,
    against: &Against,
    thorough: bool,
) -> (DistributionReport, Option<FirstFailure>) {
    let known: Vec<Version> = against.releases.iter().map(|release| release.version.clone()).collect();
    let mut files = judged_files(distribution, against, &known);
    let worth = files.iter().any(JudgedFile::misfits) || (thorough && ranges_differ(&files));
    let (weights, first) = if worth { weigh_files(distribution, &files) } else { (vec![None; files.len()], None) };
    let (verdict, fails) = overall(&files, &weights);
    let numpy_binary = overall_range(&files, &weights, &known);
    write_down(&mut files, weights);
    let report = DistributionReport {
        name: distribution.name.clone(),
        version: distribution.version.clone(),
        installer: distribution.installer.clone(),
        verdict,
        fails,
        numpy_binary,
        numpy_declared: distribution.declared_numpy.clone(),
        build: distribution.build.clone(),
        binaries: reports(files),
    };
    (report, first)
}

/// The files of a distribution, judged by themselves and by what they need.
pub(super) fn judged_files(distribution: &DistributionInput, against: &Against, known: &[Version]) -> Vec<JudgedFile> {
    let mut files = judge_files(distribution, against);
    inherit(&mut files, known);
    files
}

fn weigh_files(distribution: &DistributionInput, files: &[JudgedFile]) -> (Vec<Option<Weight>>, Option<FirstFailure>) {
    let pairs = [(distribution, files)];
    let modules = Modules::of(&pairs);
    let world = World::new(&pairs, &modules);
    let weights = weigh(&world, files);
    let first = first_failure(&world, files, &weights);
    (weights, first)
}

/// Tries the imports that are known to load a failing file: top-level ones before submodules, short names first.
fn first_failure(world: &World<'_>, files: &[JudgedFile], weights: &[Option<Weight>]) -> Option<FirstFailure> {
    let failing = files.iter().zip(weights).filter(|(file, _)| file.verdict() == Verdict::Incompatible);
    let starts = failing.filter_map(|(_, weight)| {
        let Weight { loaded, start } = weight.as_ref()?;
        let start = start.as_deref()?;
        Some((*loaded != Loaded::Always, start.matches('.').count(), start))
    });
    let starts: std::collections::BTreeSet<_> = starts.collect();
    starts.into_iter().find_map(|(_, _, start)| match Importer::new(world).import(start) {
        Flow::Raised(failure) => Some(FirstFailure { import: start.to_owned(), path: failure.path }),
        Flow::Done | Flow::Left => None,
    })
}

fn ranges_differ(files: &[JudgedFile]) -> bool {
    let mut ranges = files.iter().filter_map(|file| file.worst()?.numpy.as_ref());
    let first = ranges.next();
    ranges.any(|range| Some(range) != first)
}

/// The gravest of what each file means for the whole.
fn overall(files: &[JudgedFile], weights: &[Option<Weight>]) -> (Verdict, Option<Fails>) {
    let parts = files.iter().zip(weights).filter_map(|(file, weight)| {
        let worst = file.worst()?;
        Some(contribution(worst, weight.as_ref().map(|weight| weight.loaded)))
    });
    parts.max().unwrap_or((Verdict::NotApplicable, None))
}

/// What a file's verdict means for its distribution, given what loads it. One that may or may not be loaded condemns
/// nobody.
fn contribution(file: &BinaryReport, loaded: Option<Loaded>) -> (Verdict, Option<Fails>) {
    let assessment = &file.assessment;
    match (assessment.verdict, loaded) {
        (Verdict::Incompatible | Verdict::AtRisk, Some(Loaded::Tests)) => (Verdict::Compatible, None),
        (Verdict::Incompatible, Some(Loaded::Always) | None) => (Verdict::Incompatible, assessment.fails),
        (Verdict::Incompatible, Some(Loaded::Submodule)) => (Verdict::Incompatible, Some(Fails::Use)),
        (Verdict::Incompatible, Some(Loaded::Conditional | Loaded::Unknown)) => (Verdict::AtRisk, None),
        (verdict, _) => (verdict, None),
    }
}

/// The releases under which every file works that an import surely loads; every file, where none is known to be. `None`
/// also where those exclude each other.
fn overall_range(files: &[JudgedFile], weights: &[Option<Weight>], known: &[Version]) -> Option<NumpySet> {
    let sure = |weight: &Option<Weight>| {
        weight.as_ref().is_some_and(|weight| matches!(weight.loaded, Loaded::Always | Loaded::Submodule))
    };
    let all: Vec<(&NumpySet, bool)> = files
        .iter()
        .zip(weights)
        .filter_map(|(file, weight)| Some((file.worst()?.numpy.as_ref()?, sure(weight))))
        .collect();
    let any_sure = all.iter().any(|(_, sure)| *sure);
    let counting = || all.iter().filter(|(_, sure)| *sure || !any_sure).map(|(range, _)| *range);
    let whole = counting().fold(None, |whole: Option<NumpySet>, range| match whole {
        Some(whole) if whole == *range => Some(whole),
        Some(whole) => Some(whole.intersection(range, known)),
        None => Some(range.clone()),
    });
    let suits_some = |range: &NumpySet| known.iter().any(|version| range.contains(version));
    // Builds for one NumPy and another, of which an import takes the one that fits: what suits all of them suits nobody.
    let alternatives = !any_sure && counting().all(suits_some);
    whole.filter(|whole| !alternatives || suits_some(whole))
}

/// Whoever names a file loads it: its own verdict counts, whatever a distribution might do with it.
pub(super) fn take_at_its_word(distribution: &mut DistributionReport) {
    let worst = distribution.binaries.iter().map(|binary| &binary.assessment);
    if let Some(worst) = worst.max_by_key(|assessment| (assessment.verdict, assessment.fails)) {
        distribution.verdict = worst.verdict;
        distribution.fails = worst.fails;
    }
}

fn write_down(files: &mut [JudgedFile], weights: Vec<Option<Weight>>) {
    for (file, weight) in files.iter_mut().zip(weights) {
        let Some(weight) = weight else { continue };
        for slice in &mut file.slices {
            slice.loaded = Some(weight.loaded);
            slice.loaded_by.clone_from(&weight.start);
        }
    }
}

fn reports(files: Vec<JudgedFile>) -> Vec<BinaryReport> {
    files.into_iter().flat_map(|file| file.slices).collect()
}
